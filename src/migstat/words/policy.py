"""A policy: an office's rules for what a published table may tell of the people in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migstat.words.perturbation import PerturbationTable

Method = Literal["suppress", "cell_key", "round"]
Zeros = Literal["publish", "secondary", "primary"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cell is at risk where fewer than ``below`` records, and at least one, stand behind it."""

    below: int

    @property
    def says(self) -> str:
        """The rule in words."""
        return f"fewer than {self.below} records"


@dataclass(frozen=True, slots=True)
class PPercent:
    """A cell is at risk where its second contributor can estimate the first to within ``p`` per cent."""

    p: float

    @property
    def says(self) -> str:
        """The rule in words."""
        return f"the largest contributor can be estimated to within {self.p:g} %"


@dataclass(frozen=True, slots=True)
class PriorPosterior:
    """As ``PPercent``, where everybody already knows each contribution to within ``q`` per cent."""

    p: float
    q: float

    @property
    def says(self) -> str:
        """The rule in words."""
        return f"what is known to within {self.q:g} % becomes known to within {self.p:g} %"


@dataclass(frozen=True, slots=True)
class Dominance:
    """A cell is at risk where its ``n`` largest contributors make up more than ``k`` per cent of it."""

    n: int
    k: float

    @property
    def says(self) -> str:
        """The rule in words."""
        largest = "the largest contributor makes" if self.n == 1 else f"the {self.n} largest contributors make"
        return f"{largest} up more than {self.k:g} %"


@dataclass(frozen=True, slots=True)
class OneCategory:
    """A cell is at risk where everybody of its row is in it: whoever is known to be in the row is known to be there."""

    dimensions: tuple[str, ...]

    @property
    def says(self) -> str:
        """The rule in words."""
        return f"everybody is in one category of {' or '.join(self.dimensions)}"


Primary = Threshold | PPercent | PriorPosterior | Dominance | OneCategory


@dataclass(frozen=True, slots=True)
class Sparse:
    """A table is refused where more than ``share`` per cent of its cells have fewer than ``below`` records."""

    below: int
    share: float


@dataclass(frozen=True, slots=True)
class Suppression:
    """How cells are suppressed.

    ``width`` is the interval, in per cent of the value, within which a cell may not be known (narrower ones are told as
    weak); ``intervals`` has those of primary cells mended. ``keep`` names codes of dimensions to publish first.
    """

    primary: tuple[Primary, ...] = ()
    zeros: Zeros = "publish"
    singletons: bool = True
    intervals: bool = False
    width: float = 50.0
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sparse: Sparse | None = None
    tell_cause: bool = True
    seconds: float = 600.0

    @property
    def small(self) -> int:
        """Below which a cell is small; 0 where no rule says so."""
        return max((rule.below for rule in self.primary if isinstance(rule, Threshold)), default=0)

    @property
    def of_rows(self) -> bool:
        """True where a rule hides whole rows, their zeros among them."""
        return any(isinstance(rule, OneCategory) for rule in self.primary)


@dataclass(frozen=True, slots=True)
class CellKey:
    """How counts are perturbed by cell keys: noise up to ``largest`` of variance ``variance``, never 1 to ``never``.

    An office's own ``table`` of noise takes the place of the one that is made from the three.
    """

    largest: int
    variance: float
    never: int = 0
    key: str = "RECORD_KEY"
    table: PerturbationTable | None = None


@dataclass(frozen=True, slots=True)
class Rounding:
    """How counts are rounded to multiples of ``base``; ``controlled`` has the totals still add up.

    What is not controlled is rounded to the nearest, or at random by the cell key, so that it is the same every time.
    """

    base: int
    controlled: bool = True
    method: Literal["nearest", "random"] = "nearest"
    key: str = "RECORD_KEY"


@dataclass(frozen=True, slots=True)
class Policy:
    """One method with its parameters; ``source`` and ``standing`` say whose rules these are, and how far to trust that.

    ``sha256`` is of the file, so that a table says exactly what it was protected by.
    """

    id: str
    version: str
    method: Suppression | CellKey | Rounding
    names: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    standing: str = "general knowledge, to be confirmed"
    sha256: str = ""

    @property
    def kind(self) -> Method:
        """The name of the method, as a policy file writes it."""
        match self.method:
            case Suppression():
                return "suppress"
            case CellKey():
                return "cell_key"
            case Rounding():
                return "round"
