"""A microdata policy: what is done to records before others see them, and what risk may be left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from migstat.words.finding import Place

Use = Literal["public", "scientific"]
MissingAs = Literal["wildcard", "category"]

AT_LEAST: Final = ("k", "l_distinct", "l_entropy", "l_recursive")
"""Measures that must not be smaller than their limit."""
AT_MOST: Final = (
    "sample_uniques",
    "individual_risk",
    "household_risk",
    "expected_share",
    "t_closeness",
    "dis_suda",
)
"""Measures that must not be larger than their limit."""
MEASURES: Final = {
    "k": "Fewest records alike",
    "sample_uniques": "Records alone, of all",
    "individual_risk": "Largest risk of a record",
    "household_risk": "Largest risk of a household",
    "expected_share": "Expected re-identifications, of all records",
    "l_distinct": "l-diversity, distinct values",
    "l_entropy": "l-diversity, entropy",
    "l_recursive": "l-diversity, recursive",
    "t_closeness": "t-closeness",
    "dis_suda": "Largest DIS-SUDA score",
}


@dataclass(frozen=True, slots=True)
class KeySet:
    """Components that somebody may know of a person from elsewhere, under a name."""

    name: str
    ids: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Recode:
    """Codes become their ancestors: at a ``level`` of the codelist, and further up until each has ``least`` records.

    ``keep`` are codes that stay; with ``home`` so does the area that the record is of. ``groups`` names the values that
    become each new value, for components without a codelist or where its tree does not serve. ``open`` is the open
    class at the top, such as Y_GE75: whatever lies in it becomes it.
    """

    component: str
    level: int | None
    least: int
    keep: tuple[str, ...]
    home: bool
    groups: Mapping[str, tuple[str, ...]]
    open: str
    place: Place


@dataclass(frozen=True, slots=True)
class Cap:
    """Top and bottom coding: values beyond a bound become the bound. A bound in per cent is a weighted quantile."""

    component: str
    bottom: float | None
    top: float | None
    bottom_percent: bool
    top_percent: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Round:
    """Numbers become multiples of a base."""

    component: str
    to: float
    place: Place


@dataclass(frozen=True, slots=True)
class Sample:
    """A simple random sample of households or records stays; weights grow accordingly."""

    share: float
    by: Literal["household", "record"]
    place: Place


@dataclass(frozen=True, slots=True)
class Swap:
    """Households at the highest risk exchange ``component`` (and ``along`` with it) with a like one elsewhere."""

    component: str
    along: tuple[str, ...]
    match: tuple[str, ...]
    rate: float
    place: Place


@dataclass(frozen=True, slots=True)
class Pram:
    """Post-randomisation: a code stays with probability ``keep``, else becomes another; totals hold if invariant."""

    component: str
    keep: float
    invariant: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Microaggregate:
    """Numbers become the mean of a group of at least ``size`` like records (MDAV), within classes of ``within``."""

    components: tuple[str, ...]
    size: int
    within: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Noise:
    """Numbers get random noise, its deviation ``share`` times theirs; correlated as they are, where asked."""

    components: tuple[str, ...]
    share: float
    correlated: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Suppress:
    """Single values are taken out until each record is like k - 1 others on every key set.

    ``importance`` names keys from the one to keep longest; others go first. ``never`` are left alone.
    """

    importance: tuple[str, ...]
    never: tuple[str, ...]
    place: Place


Step = Recode | Cap | Round | Sample | Swap | Pram | Microaggregate | Noise | Suppress
STAGES: Final[tuple[tuple[type, ...], ...]] = (
    (Recode, Cap, Round),
    (Sample,),
    (Swap, Pram, Microaggregate, Noise),
    (Suppress,),
)
"""Steps stand in this order: what is alike for all, who stays, what is random, what is taken out."""


def components(step: Step) -> tuple[str, ...]:
    """Return the components that a step changes."""
    match step:
        case Recode() | Cap() | Round() | Pram():
            return (step.component,)
        case Swap():
            return (step.component, *step.along)
        case Microaggregate() | Noise():
            return step.components
        case Sample() | Suppress():
            return ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A risk over the limit that the policy takes on: up to how much, on which key set (all, if empty), and why."""

    measure: str
    keys: str
    up_to: float
    because: str
    place: Place


@dataclass(frozen=True, slots=True)
class MicrodataPolicy:
    """What an office does to records before it lets them go, and the risk it bears."""

    id: str
    version: str
    use: Use
    structures: tuple[str, ...]
    keys: tuple[KeySet, ...]
    limits: Mapping[str, float]
    place: Place
    names: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    standing: str = "general knowledge, to be confirmed"
    notes: str = ""
    sensitive: tuple[str, ...] = ()
    c: float = 2.0
    missing: MissingAs = "wildcard"
    alpha: float = 1.0
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def k(self) -> int:
        """How many records must be alike on each key set; 1 where there is no such limit."""
        return int(self.limits.get("k", 1))

    def name(self, language: str = "en") -> str:
        """Return its name in a language, else in English, else its id."""
        return self.names.get(language) or self.names.get("en") or self.id

    def accepts(self, measure: str, keys: str) -> Accepted | None:
        """Return what the policy says of a measure over its limit on a key set."""
        return next((one for one in self.accepted if one.measure == measure and one.keys in ("", keys)), None)
