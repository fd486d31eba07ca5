"""Sets of tables: which tables are to be made of one source, and what came of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from migstat.words.expression import Expression
from migstat.words.finding import Finding, Place
from migstat.words.how_many import how_many
from migstat.words.measure import Measure
from migstat.words.table import Table

Level = int | str | tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """One table of a set: its title in all languages, and what to count."""

    id: str
    names: Mapping[str, str]
    by: tuple[str, ...]
    definitions: tuple[str, ...]
    levels: Mapping[str, Level]
    universe: Expression | None
    universe_text: str
    measures: tuple[Measure, ...]
    into: str
    totals: bool
    parents: bool
    source: str
    standing: str
    place: Place


@dataclass(frozen=True, slots=True)
class TableSet:
    """Tables that belong together, with the document they follow and how far they may be called official."""

    id: str
    version: str
    names: Mapping[str, str]
    description: str
    source: str
    standing: str
    tables: tuple[PlannedTable, ...]


@dataclass(frozen=True, slots=True)
class TabulatedSet:
    """What became of a set: each table by its id, or the reasons why the source cannot give it."""

    plan: TableSet
    tables: Mapping[str, Table]
    missing: Mapping[str, tuple[Finding, ...]]

    def __getitem__(self, id: str) -> Table:
        return self.tables[id]

    def __repr__(self) -> str:
        return (
            f"<TabulatedSet {self.plan.id}: {how_many(len(self.tables), 'table')}, {len(self.missing)} cannot be given>"
        )
