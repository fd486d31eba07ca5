"""Structures: the components of a dataset, the codelist or type of each, and its role."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from migstat.words.codelist import Codelist
from migstat.words.expression import Expression

if TYPE_CHECKING:
    from migstat.words.constraint import Constraint
    from migstat.words.reference import Reference

Kind = Literal["record", "table"]
Role = Literal["dimension", "measure", "attribute", "identifier", "design"]
Type = Literal["code", "text", "integer", "number", "year", "date"]
FilledBy = Literal["", "source.area", "source.date", "source.kind", "source.weight", "row"]
Level = Literal["observation", "group", "dataset"]

TIME_PERIOD = "TIME_PERIOD"
"""The time dimension of every table has this name, in SDMX too."""
TIME = "ObservationalTimePeriod"
"""The text type of a time dimension that takes periods of any frequency."""
FORMATS: dict[Type, str] = {
    "text": "String",
    "integer": "Integer",
    "number": "Double",
    "year": "GregorianYear",
    "date": "GregorianDay",
}
"""The text type that SDMX has for each of our types."""


OURS = "MIGSTAT"
"""The agency of what ships."""


@dataclass(frozen=True, slots=True)
class Component:
    """One variable of a structure: a concept, with a codelist or with a type and its bounds.

    It is asked only where ``applies``, which is its ``universe`` read as a condition; elsewhere it is ``_Z``.
    What SDMX says of it beside: ``format``, the exact text type, such as GregorianYear or Double; further facets; and
    of an attribute, to which dimensions it is ``attached``: None is to each observation, none at all to the whole
    dataset. An attribute that is ``required`` is mandatory. ``most`` values may stand in one cell (None: any number).
    """

    id: str
    concept: str
    role: Role
    type: Type = "code"
    codelist: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    source: str = ""
    filled_by: FilledBy = ""
    derived_from: str = ""
    universe: str = ""
    repeats: bool = False
    applies: Expression | None = None
    format: str = ""
    shortest: int | None = None
    longest: int | None = None
    pattern: str = ""
    decimals: int | None = None
    above: float | None = None
    below: float | None = None
    attached: tuple[str, ...] | None = None
    measures: tuple[str, ...] = ()
    most: int | None = 1
    scheme: str = ""
    descriptions: Mapping[str, str] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """Where the values of an attribute stand: at observations, at those that share dimensions, at the dataset."""
        if self.attached is None:
            return "observation"
        return "group" if self.attached else "dataset"

    @property
    def coded(self) -> bool:
        """True where the values are codes of a codelist."""
        return self.type == "code"


@dataclass(frozen=True, slots=True)
class Dataflow:
    """A name under which data of a structure are sent."""

    id: str
    agency: str
    version: str
    names: Mapping[str, str] = field(hash=False)
    structure: "Reference"
    descriptions: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Structure:
    """A dataset's components in order. A record structure describes a person, crossing or permit; a table, a cell.

    A structure from elsewhere brings its ``codelists``, by the names that its components give them, and the dataflows
    and constraints that were found with it; ours uses the codelists that ship.
    """

    id: str
    kind: Kind
    version: str
    names: Mapping[str, str]
    description: str
    unit: str
    key: tuple[str, ...]
    components: tuple[Component, ...]
    agency: str = OURS
    codelists: Mapping[str, Codelist] = field(default_factory=dict)
    dataflows: tuple[Dataflow, ...] = ()
    constraints: "tuple[Constraint, ...]" = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, id: str) -> Component:
        for component in self.components:
            if component.id == id:
                return component
        raise KeyError(id)

    def __contains__(self, id: object) -> bool:
        return any(component.id == id for component in self.components)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all components, in order."""
        return tuple(component.id for component in self.components)

    def with_role(self, role: Role) -> tuple[Component, ...]:
        """Return the components that play one role."""
        return tuple(component for component in self.components if component.role == role)
