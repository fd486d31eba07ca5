"""Mappings: how one national source becomes a record structure, rule by rule."""

from collections.abc import Iterable
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace

from migstat.words.confidence import Confidence
from migstat.words.expression import Expression
from migstat.words.finding import Place
from migstat.words.mapping_rule import Match, Pseudonym, Rule, columns, leaves
from migstat.words.published import Published
from migstat.words.source import Source, Wave
from migstat.words.structure import Structure

COLUMN = "column {}"
"""What a column that is made before the rules is called among the components, in findings and coverage."""


@dataclass(frozen=True, slots=True)
class Target:
    """One component of the structure with the rule that fills it, or a column that is made before the rules.

    Rows outside the ``universe`` are ``_Z``. ``match``, ``because`` and ``confidence`` speak of the whole rule.
    """

    component: str
    rule: Rule
    place: Place
    universe: Expression | None = None
    match: Match = "exact"
    because: str = ""
    blank: bool = False
    """A blank in the source stays a blank: of tables, whose attributes may be left out."""
    confidence: Confidence | None = None
    """How sure it is that the source means this; None where the mapping does not say."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Which rows belong: a column with a closed list of values, or a condition; the rest is excluded and counted."""

    place: Place
    because: str
    column: str = ""
    values: tuple[str, ...] = ()
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A made-up source row and what must come of it; ``gives`` is None where the row is excluded or a reject."""

    given: Dict[str, str]
    gives: Dict[str, str] | None
    place: Place
    wave: str = ""
    reject: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one national source becomes a record structure, or a published table one of ours (then with ``table``).

    What it does not say is kept and shown.
    """

    id: str
    version: str
    into: str
    source: Source
    targets: tuple[Target, ...]
    place: Place
    columns: tuple[Target, ...] = ()
    """Columns that are made of the source before the rules read them, each after those that it reads itself."""
    keep: tuple[Keep, ...] = ()
    examples: tuple[Example, ...] = ()
    waves: tuple[Wave, ...] = ()
    notes: str = ""
    table: Published | None = None
    files: Dict[str, str] = field(default_factory=dict)
    """Every file that was read for this mapping, by name, with its sha256."""
    structure: Structure | None = None
    """The structure, where it is an office's own."""

    def target(self, component: str) -> Target | None:
        """Return the target of one component, or None where no rule fills it."""
        return next((target for target in self.targets if target.component == component), None)

    @property
    def made(self) -> tuple[Target, ...]:
        """The columns that are made first, as they are called among the components."""
        return tuple(replace(made, component=COLUMN.format(made.component)) for made in self.columns)

    def column(self, name: str) -> Target | None:
        """Return the column of that name that is made first, or None: then it is one of the source."""
        return next((made for made in self.columns if made.component == name), None)

    def sources(self, read: Iterable[str]) -> tuple[str, ...]:
        """Return the columns of the source behind the columns that are read, each once."""
        found = dict.fromkeys(read)
        for made in reversed(self.columns):
            if made.component in found:
                del found[made.component]
                found |= dict.fromkeys(columns(made.rule))
        return tuple(found)

    @property
    def of_many_areas(self) -> bool:
        """Whether the reporting area stands in a column, as in a file of several countries."""
        target = self.target("REF_AREA")
        return target is not None and bool(columns(target.rule))

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the keys that its pseudonyms need."""
        rules = [rule for target in self.targets for rule in leaves(target.rule)]
        return tuple(dict.fromkeys(key for rule in rules if isinstance(rule, Pseudonym) for key in rule.keys))
