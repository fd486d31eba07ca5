"""Cells: records grouped once at the finest level, with weights summed exactly."""

from collections.abc import Sequence
from typing import Any, TypeVar

import narwhals as nw
import polars as pl

from migstat.words.perturbation import KEY_UNITS

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
ROWS = "_rows"
WHOLE = "_whole"
PART = "_part"
UNWEIGHTED = "_unweighted"
SUMS = (ROWS, WHOLE, PART, UNWEIGHTED)
KEY = "_key"
"""The sum of the record keys of a cell, where they were asked for: it adds up like the other sums."""
UNKEYED = "_unkeyed"

SCALE = 10**10
"""Parts of a weight: sums of integers do not depend on the order of rows, sums of floats do."""


def count(records: Any, keys: Sequence[str], weight: str | None, key: str | None = None) -> pl.DataFrame:
    """Group records of any engine by ``keys`` into a small Polars frame.

    Each cell has its number of rows, and its weight as a whole number and ten-thousand-millionths (a weight is taken
    to ten decimals), so that the same records give the same sums in any order and on any engine. A record without a
    weight weighs nothing and is counted in ``_unweighted``. With ``key``, a column of numbers from 0 up to 1, cells
    have the sum of these record keys too, and ``_unkeyed``, the number of records without one.

    >>> count(pl.DataFrame({"SEX": ["F", "F"], "WEIGHT": [0.1, 0.2]}), ["SEX"], "WEIGHT").row(0)
    ('F', 2, 0, 3000000000, 0)
    """
    frame = nw.from_native(records).lazy()
    keyed = _keyed(key) if key else ()
    adds = (KEY, UNKEYED) if key else ()
    if weight is None:
        cells = frame.select(*keys, *keyed).group_by(*keys).agg(nw.len().alias(ROWS), *(nw.col(a).sum() for a in adds))
        small = _collect(cells).with_columns(
            pl.col(ROWS).alias(WHOLE), pl.lit(0).alias(PART), pl.lit(0).alias(UNWEIGHTED)
        )
        return small.select(*keys, pl.col(*SUMS, *adds).cast(pl.Int64))
    value = nw.col(weight).cast(nw.Float64)
    known = nw.when(value.is_finite()).then(value)
    cells = (
        frame.select(*keys, known.alias(WHOLE), *keyed)
        .with_columns(
            nw.col(WHOLE).floor().cast(nw.Int64).alias(WHOLE),
            ((nw.col(WHOLE) - nw.col(WHOLE).floor()) * SCALE + 0.5).floor().cast(nw.Int64).alias(PART),
            nw.when(nw.col(WHOLE).is_null()).then(nw.lit(1, nw.Int64)).otherwise(nw.lit(0, nw.Int64)).alias(UNWEIGHTED),
        )
        .group_by(*keys)
        .agg(nw.len().alias(ROWS), *(nw.col(name).sum() for name in (WHOLE, PART, UNWEIGHTED, *adds)))
    )
    return _collect(cells).select(*keys, pl.col(*SUMS, *adds).cast(pl.Int64).fill_null(0))


def regroup(cells: Frame, keys: Sequence[str]) -> Frame:
    """Add up cells that have the same keys; sums stay exact."""
    sums = pl.col(*SUMS, *({KEY} & {*cells.collect_schema()})).sum()
    grouped = cells.group_by(keys).agg(sums) if keys else cells.select(sums)
    return grouped.with_columns(pl.col(WHOLE) + pl.col(PART) // SCALE, pl.col(PART) % SCALE)


def total() -> pl.Expr:
    """Return the expression that reads a cell's weight as the nearest number.

    It is rounded once; a sum of the whole and a rounded quotient would be rounded twice. Below 2**53 a number of parts
    is exact, and its quotient is rounded once. Of more, the part below one is cut to 39 binary places, the last of
    which is set where anything is lost (rounding to odd: Boldo and Melquiond 2008), so that adding it to the whole
    rounds as the exact sum would.
    """
    whole, part = pl.col(WHOLE), pl.col(PART)
    # A column, because of a literal Polars would take the reciprocal, and round twice.
    divisor = (whole + part) * 0 + SCALE
    shifted = part * 2 ** (39 - 10)
    places = shifted // (SCALE >> 10)
    lost = (places * (SCALE >> 10) < shifted).cast(pl.Int64)
    exact = whole.abs() < 2**53 // SCALE
    return pl.when(exact).then((whole * SCALE + part) / divisor).otherwise(whole + (places | lost) / 2**39)


def _keyed(key: str) -> tuple[nw.Expr, nw.Expr]:
    """Read a record key as a whole number of ``KEY_UNITS``; a sum of them does not depend on the order of rows."""
    number = nw.col(key).cast(nw.Float64)
    known = number.is_finite() & (number >= 0) & (number < 1)
    units = nw.when(known).then((number * KEY_UNITS + 0.5).floor().cast(nw.Int64))
    return units.alias(KEY), nw.when(known).then(nw.lit(0)).otherwise(nw.lit(1)).alias(UNKEYED)


def _collect(cells: nw.LazyFrame[Any]) -> pl.DataFrame:
    if isinstance(native := cells.to_native(), pl.LazyFrame):
        return native.collect(engine="streaming")
    frame: pl.DataFrame = cells.collect("polars").to_native()
    return frame
