"""A part of an extract: its rows numbered, its coded columns as whole numbers, and their combinations."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from migstat.work.coding import Coded, taken
from migstat.work.harmonize.plan import ROW

DENSE = 1_000_000
"""Combinations that are counted in an array; where more are possible, those that occur are sorted out."""


@dataclass(frozen=True, slots=True)
class Combinations:
    """The distinct combinations of some columns in a part, as text, and for each row which of them it has."""

    frame: pl.DataFrame
    position: np.ndarray


class Part:
    """One part of an extract, its rows numbered. Its coded columns are those whose distinct values are few."""

    def __init__(self, rows: Any, numbers: pl.Series) -> None:
        self._coded = Coded(rows)
        self._names = rows.columns if isinstance(rows, pl.DataFrame) else rows.schema.names
        self.numbers = numbers.alias(ROW)
        self.height = self._coded.height
        self.left_out = pl.DataFrame()
        """Of the rows that stood already, and are in no part: the weights as they were read."""

    def combinations(self, columns: Sequence[str], real: Mapping[str, str]) -> Combinations | None:
        """Return the combinations of these columns, or None where one of them is not coded or there are too many."""
        coded = {name: one for name in columns if (one := self._coded[real.get(name, name)]) is not None}
        sizes = [len(values) for _, values in coded.values()]
        if len(coded) < len(columns) or np.prod([*map(float, sizes)]) > 2**62:
            return None
        if len(coded) == 1:
            [(name, (alone, values))] = coded.items()
            few = len(values) <= max(1000, self.height // 2)
            return Combinations(pl.DataFrame({name: values}), alone) if few else None
        combined: np.ndarray = np.zeros(self.height, dtype=np.int64)
        for codes, values in coded.values():
            combined = combined * len(values) + codes
        total = int(np.prod(sizes, dtype=np.int64))
        if total <= DENSE:
            present: np.ndarray = np.flatnonzero(np.bincount(combined, minlength=total))
            lookup: np.ndarray = np.zeros(total, dtype=np.uint32)
            lookup[present] = np.arange(len(present), dtype=np.uint32)
            position: np.ndarray = lookup.take(combined)
        else:
            present, position = np.unique(combined, return_inverse=True)
        if len(present) > max(1000, self.height // 2):
            return None
        frame: dict[str, pl.Series] = {}
        rest = present
        for name, (_, values) in reversed(coded.items()):
            frame[name] = taken(values, rest % len(values))
            rest = rest // len(values)
        return Combinations(pl.DataFrame(frame), position)

    def text(self, names: Collection[str] | None = None, kept: np.ndarray | None = None) -> pl.DataFrame:
        """Return the numbers of the rows and some columns (None: all), of the rows in some places (None: all)."""
        # Named one by one: of a list, a column without a name would be given one.
        columns = {name: self._text(name, kept) for name in self._names if names is None or name in names}
        return pl.DataFrame({ROW: kept_of(self.numbers, kept), **columns})

    def _text(self, name: str, kept: np.ndarray | None) -> pl.Series:
        coded = self._coded[name]
        if coded is None:
            return kept_of(self._coded.column(name).cast(pl.String), kept)
        codes, values = coded
        return taken(values, codes if kept is None else codes[kept]).alias(name)


def kept_of(column: pl.Series, kept: np.ndarray | None) -> pl.Series:
    """Return the rows of a column that are kept, told by a flag for each row or by their places (None: all)."""
    if kept is None:
        return column
    return column.filter(pl.Series(kept)) if kept.dtype == bool else taken(column, kept)
