"""Coding: the columns of a part whose values are few, as whole numbers from 0."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

WIDEST = 4_096
"""Values of a whole-number column that still counts as one whose values are few."""
FARTHEST = 1 << 31
"""Whole numbers beyond it are not coded."""
MOST = 1 << 17
"""Codes that are told apart at all."""

Rows = Any
"""A Polars frame, or an Arrow batch."""
Codes = tuple[np.ndarray, pl.Series]
"""The code of each row, and the value of each code; a blank is a value like another."""


class Coded:
    """Rows, as a Polars frame or as an Arrow batch, which is turned into Polars only where that is asked for."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.height: int = rows.height if isinstance(rows, pl.DataFrame) else rows.num_rows
        self._columns: dict[str, pl.Series] = {}
        self._codes: dict[str, Codes | None] = {}
        self.made: dict[Any, Any] = {}
        """What others made of the rows, by what it is, so that it is made once."""

    @property
    def frame(self) -> pl.DataFrame:
        """All columns."""
        names = self._rows.columns if isinstance(self._rows, pl.DataFrame) else self._rows.schema.names
        return self.select(names)

    def select(self, names: Sequence[str]) -> pl.DataFrame:
        """Return some columns."""
        columns = [self.column(name) for name in dict.fromkeys(names)]
        return pl.DataFrame(columns) if columns else pl.DataFrame(height=self.height)

    def column(self, name: str) -> pl.Series:
        """Return one column."""
        if isinstance(self._rows, pl.DataFrame):
            return self._rows[name]
        if name not in self._columns:
            self._columns[name] = pl.Series(name, pl.from_arrow(self._rows.column(name)))
        return self._columns[name]

    def __getitem__(self, name: str) -> Codes | None:
        """Return the codes of a column, or None where its values are many."""
        if name not in self._codes:
            if isinstance(self._rows, pl.DataFrame):
                self._codes[name] = _of_series(self._rows[name])
            else:
                self._codes[name] = _of_arrow(name, self._rows.column(name))
        return self._codes[name]


def taken(values: pl.Series, places: np.ndarray) -> pl.Series:
    """Return the values at some places. ``gather`` would plan a query for it, which takes six times as long."""
    return values[pl.Series(places, dtype=pl.UInt32)]


def _of_arrow(name: str, column: Any) -> Codes | None:
    """Return the codes of an Arrow column: those of its dictionary, or how far a number is from the least."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type) and not column.dictionary.null_count:
        values = pl.Series(name, pl.from_arrow(column.dictionary), pl.String)
        return _filled(column.indices, values.len()), values.append(pl.Series([None], dtype=pl.String))
    if pa.types.is_integer(column.type):
        import pyarrow.compute as pc

        bounds = pc.min_max(column)
        low, high = bounds["min"].as_py() or 0, bounds["max"].as_py() or 0
        if high - low >= WIDEST or not -FARTHEST <= low <= high < FARTHEST:
            return None
        whole = _filled(column, high + 1)
        values = pl.Series(name, [*range(low, high + 1), None], pl.Int64)
        return np.subtract(whole, low, dtype=np.int32, casting="unsafe"), values
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return None
    return _of_series(pl.Series(name, pl.from_arrow(column)))


def _filled(column: Any, blank: int) -> np.ndarray:
    """Return an Arrow column of whole numbers with a number for blanks."""
    valid, values = column.buffers()
    end = column.offset + len(column)
    # Arrow's own ways to NumPy load pandas, where it is installed, which takes half a second.
    whole = np.frombuffer(values, dtype=str(column.type), count=end)
    if not column.null_count:
        return whole[column.offset :]
    bits = np.unpackbits(np.frombuffer(valid, dtype=np.uint8), count=end, bitorder="little")
    whole = whole if blank <= np.iinfo(whole.dtype).max else whole.astype(np.int64)
    return np.where(bits[column.offset :].view(bool), whole[column.offset :], whole.dtype.type(blank))


def _of_series(column: pl.Series) -> Codes | None:
    categories = isinstance(column.dtype, pl.Categorical | pl.Enum)
    if not categories and not column.dtype.is_integer() and column.dtype != pl.Boolean:
        return None
    least, most = (column.min() or 0, column.max() or 0) if column.dtype.is_integer() else (0, 0)
    if not -FARTHEST <= least <= most < FARTHEST:  # type: ignore[operator]
        return None
    physical = column.to_physical().cast(pl.UInt32 if categories else pl.Int64)
    low, high = (int(bound or 0) for bound in (physical.min(), physical.max()))  # type: ignore[arg-type]
    if high - low >= (MOST if categories else WIDEST):
        return None
    places = (physical.fill_null(high + 1) if physical.null_count() else physical).to_numpy()
    places = places - low if low else places
    present = np.flatnonzero(np.bincount(places, minlength=high - low + 2))
    table = np.zeros(high - low + 2, dtype=np.int32)
    table[present] = np.arange(len(present))
    stand = pl.Series(column.name, [None if one > high - low else one + low for one in present.tolist()], pl.Int64)
    if not categories:
        return table.take(places), stand.cast(column.dtype)
    if isinstance(column.dtype, pl.Enum):
        return table.take(places), column.dtype.categories[stand.cast(pl.UInt32)].alias(column.name)
    return table.take(places), stand.cast(pl.UInt32).cat.to(column.dtype).cast(pl.String)
