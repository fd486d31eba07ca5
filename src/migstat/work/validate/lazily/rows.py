"""Rows as the engine counts them: blanks and NaN as null, each row one, and its weight in units."""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw

from migstat.words.missing import KINDS
from migstat.work.validate.cube import N, W
from migstat.work.validate.judge import Judge
from migstat.work.validate.part import Reading
from migstat.work.validate.weighing import in_units

Frame = Any
"""A narwhals LazyFrame."""


def plain_rows(frame: Frame, reading: Reading, weight: str | None, units: float | None = None) -> Frame:
    """Return the frame with its columns as rules read them, and N and W; the weight as given where no units are."""
    made: list[nw.Expr] = []
    for name, dtype in frame.collect_schema().items():
        column = nw.col(name)
        if dtype in (nw.Categorical, nw.Enum, nw.Boolean):
            made.append(column.cast(nw.String).alias(name))
        elif dtype == nw.String and name in reading.kinds:
            made.append(nw.when(column != "").then(column).alias(name))
        elif dtype in (nw.Float64, nw.Float32):
            made.append(nw.when(~column.is_nan()).then(column).alias(name))
    return frame.with_columns(*made, nw.lit(1).alias(N), _weights(weight, units).alias(W))


def _weights(weight: str | None, units: float | None) -> nw.Expr:
    if weight is None:
        return nw.lit(1.0)
    column = nw.col(weight).cast(nw.Float64)
    column = nw.when(~column.is_null() & ~column.is_nan()).then(column).otherwise(nw.lit(0.0))
    return column if units is None else in_units(column, units).cast(nw.Float64)


def in_scope(frame: Frame, judge: Judge) -> Frame:
    """Return the rows of which the rule is to be judged."""
    if judge.when is None:
        return frame
    return frame.with_columns(judge.when.alias("migstat-when")).filter(nw.col("migstat-when"))


def any_missing(columns: Iterable[str], reading: Reading) -> nw.Expr:
    """Return whether one of the columns is missing."""
    return reduce(or_, _missings(columns, reading))


def _missings(columns: Iterable[str], reading: Reading) -> Iterator[nw.Expr]:
    for name in columns:
        column = nw.col(name)
        if name in reading.codes:
            column = nw.when(~column.is_in(list(KINDS))).then(column)
        yield column.is_null()


def only_row(frame: Frame) -> tuple[Any, ...]:
    """Return the only row of a query."""
    return tuple(value or 0 for value in next(iter(frame.collect("pyarrow").iter_rows())))
