"""Estimates: figures of a sample with their precision, one line a group."""

from dataclasses import dataclass, field
from typing import Any

from migstat.words.how_many import how_many

PRECISION = ("ESTIMATE", "STD_ERROR", "CV", "CI_LOWER", "CI_UPPER", "DF", "DEFF", "N_UNWEIGHTED")
"""The columns that follow the groups: CV in per cent, DEFF the variance over that of a simple random sample."""
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Estimates:
    """A small Polars frame, a line a group, and what it says: statistic, method, confidence, notes."""

    frame: Any
    statistic: str
    of: str
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """How the variance was found."""
        return str(self.facts.get("method", ""))

    def value(self, name: str = "ESTIMATE") -> float:
        """Return one number where there is one line."""
        return float(self.frame[name].item())

    def cells(self, most: int | None = None) -> list[tuple[str, ...]]:
        """Return the lines as text to read: as many digits as a figure deserves."""
        frame = self.frame if most is None else self.frame.head(most)
        return [tuple(map(_shown, row)) for row in frame.rows()]

    def __repr__(self) -> str:
        confidence = self.facts.get("confidence", 0.95)
        head = f"{self.statistic}{f' of {self.of}' if self.of else ''}; {self.method}; intervals of {confidence:.0%}"
        rows = [tuple(self.frame.columns), *self.cells(SHOWN)]
        widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
        left = len(self.frame.columns) - sum(name in (*PRECISION, *TEST) for name in self.frame.columns)
        lines = [
            "  ".join(
                cell.ljust(width) if at < left else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        more = self.frame.height - SHOWN
        return "\n".join([head, *lines, *([f"and {how_many(more, 'more line')}"] if more > 0 else []), *self.notes])


TEST = ("DIFFERENCE", "STATISTIC", "P_VALUE", "FIRST", "SECOND", "SIGNIFICANT")


def _shown(value: object) -> str:
    if value is None:
        return "."
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return "."
        size = abs(value)
        places = 0 if size >= 100_000 else 1 if size >= 1_000 else 3 if size >= 1 else 5
        return f"{value:,.0f}" if value == round(value) and size >= 1 else f"{value:,.{places}f}"
    return str(value)
