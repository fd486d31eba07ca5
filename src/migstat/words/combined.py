"""The result of combining tables: one table, its sources, what was lost, and what compares with what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migstat.words.finding import Finding
from migstat.words.how_many import how_many
from migstat.words.table import Table

Verdict = Literal["comparable", "with care", "not comparable"]
VERDICTS: tuple[Verdict, ...] = ("comparable", "with care", "not comparable")

NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class TableSource:
    """One source of a combined table, as its metadata describe it. What nobody said is ``not stated``."""

    id: str
    name: str
    by: str
    kind: str
    areas: tuple[str, ...]
    periods: tuple[str, ...]
    vintage: str
    definitions: Mapping[str, str]
    """Id and text of each definition."""
    concepts: Mapping[str, str]
    """Population, birthplace, boundaries, coverage and duration."""
    cells: int
    gives: Mapping[str, int]
    """How many codes the source has in each dimension; 0 where it gives only totals."""
    absent: int = 0
    """Cells whose value is missing or suppressed."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss of detail: of which source, in which dimension, what became of which codes, and why."""

    source: str
    component: str
    what: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """What became of one dimension: how it was levelled, the codes that are left, and who gives nothing in it."""

    component: str
    how: str
    codes: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One difference between two sources, and how far it bears."""

    concept: str
    what: str
    verdict: Verdict
    stated: bool = True
    """False where nobody said, so that a difference cannot be excluded."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far two sources compare: the worst of the reasons decides. ``shared`` are cells that both have."""

    first: str
    second: str
    verdict: Verdict
    reasons: tuple[Reason, ...]
    shared: int = 0
    equal: int = 0
    ratio: float | None = None
    """Median of second to first over the shared cells that have values above 0."""

    @property
    def differ(self) -> int:
        """How many concepts are known to differ."""
        return sum(one.stated for one in self.reasons)

    @property
    def unstated(self) -> int:
        """How many concepts one of them does not state."""
        return len(self.reasons) - self.differ


@dataclass(frozen=True, slots=True)
class Combined:
    """One comparable table with its account: sources, levels, losses, comparisons, historic areas."""

    table: Table
    sources: tuple[TableSource, ...]
    levels: tuple[Level, ...]
    losses: tuple[Loss, ...]
    comparisons: tuple[Comparison, ...]
    historic: tuple[Loss, ...] = ()
    policy: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<Combined {len(self.sources)} sources: {how_many(self.table.frame.height, 'cell')}, "
            f"{how_many(len(self.losses), 'loss', 'losses')}>"
        )
