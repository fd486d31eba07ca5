"""Structures: the components of a dataset, the codelist or type of each, and its role."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migstat.words.expression import Expression

Kind = Literal["record", "table"]
Role = Literal["dimension", "measure", "attribute", "identifier", "design"]
Type = Literal["code", "text", "integer", "number", "year", "date"]
FilledBy = Literal["", "source.area", "source.date", "source.kind", "source.weight", "row"]


@dataclass(frozen=True, slots=True)
class Component:
    """One variable of a structure: a concept, with a codelist or with a type and its bounds.

    It is asked only where ``applies``, which is its ``universe`` read as a condition; elsewhere it is ``_Z``.
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

    @property
    def coded(self) -> bool:
        """True where the values are codes of a codelist."""
        return self.type == "code"


@dataclass(frozen=True, slots=True)
class Structure:
    """A dataset's components in order. A record structure describes a person, crossing or permit; a table, a cell."""

    id: str
    kind: Kind
    version: str
    names: Mapping[str, str]
    description: str
    unit: str
    key: tuple[str, ...]
    components: tuple[Component, ...]
    agency: str = "MIGSTAT"

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
