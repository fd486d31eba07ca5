"""A table: cells of one table structure, with what they count and where they come from."""

from dataclasses import dataclass, field
from typing import Any

from migstat.words.finding import Finding
from migstat.words.structure import Structure


@dataclass(frozen=True, slots=True)
class Table:
    """Disaggregated cells: a Polars frame with a row a cell, the structure that names its columns, and metadata.

    ``metadata`` is plain data that JSON can hold: the text and source of each definition, notes on what was counted,
    and the provenance of the records. ``findings`` say what could not be given, such as a rate without a population.
    """

    frame: Any
    structure: Structure
    metadata: dict[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def reference(self) -> str:
        """The structure's full name, such as ``MIGSTAT:MIGRANT_STOCK(1.0)``."""
        return f"{self.structure.agency}:{self.structure.id}({self.structure.version})"

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The ids of the dimensions, in order."""
        return tuple(component.id for component in self.structure.with_role("dimension"))

    def __repr__(self) -> str:
        return f"<Table {self.reference}: {', '.join(self.dimensions)}>"
