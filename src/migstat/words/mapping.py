"""Mappings: how one national source becomes a record structure, rule by rule."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from migstat.words.confidence import Confidence
from migstat.words.expression import Expression
from migstat.words.finding import Place
from migstat.words.mapping_rule import Match, Rule
from migstat.words.published import Published
from migstat.words.source import Source, Wave
from migstat.words.structure import Structure


@dataclass(frozen=True, slots=True)
class Target:
    """One component of the structure with the rule that fills it.

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
