"""Arrange: the columns of a table in the order of its structure, its rows in the order of the codelists."""

import math
from collections.abc import Callable

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.missing import TOTAL
from migstat.words.structure import Component, Structure
from migstat.work.tabulate.columns import dimensions


def arranged(frame: pl.DataFrame, table: Structure, codelists: Callable[[str], Codelist]) -> pl.DataFrame:
    """Put the columns in the order of the structure, and the rows in the order of its codelists, totals first."""
    made = frame.with_columns(UNIT_MULT=pl.lit("0"))
    if "TIME_PERIOD" in made.columns:
        periods = made.select(pl.col("TIME_PERIOD").unique()).with_columns(_frequency().alias("FREQ"))
        made = made.with_columns(pl.col("TIME_PERIOD").replace_strict(*periods, default=None).alias("FREQ"))
    there = dimensions(table)
    made = made.with_columns(pl.lit(TOTAL).alias(id) for id in there if id not in made.columns)
    varied = made.select(pl.col(there).ne_missing(pl.col(there).first()).any()).row(0, named=True)
    ranks = pl.DataFrame([_rank(made[id], table[id], codelists) for id in there if varied[id]])
    found = made.select(id for id in table.ids if id in made.columns)
    return (found if ranks.is_empty() else found[order(ranks)]).with_columns(pl.col(pl.Enum).cast(pl.String))


def order(ranks: pl.DataFrame) -> pl.Series:
    """Return which rows come first: by the first column, then by the next; those alike stay as they come."""
    sizes = {name: most + 1 for name, most in ranks.max().row(0, named=True).items()}
    by = [pl.col(name) for name in sizes]
    if math.prod(sizes.values()) < 2**63:
        # One number is sorted faster than several columns.
        number = pl.lit(0, pl.Int64)
        for name, size in sizes.items():
            number = number * size + pl.col(name)
        by = [number]
    return ranks.select(pl.arg_sort_by(by, maintain_order=True)).to_series()


def _rank(values: pl.Series, component: Component, codelists: Callable[[str], Codelist]) -> pl.Series:
    """Return the place of each value in its codelist, the total first, and what is not listed last; of none 0."""
    kind = values.dtype if isinstance(values.dtype, pl.Enum) else pl.Enum(values.drop_nulls().unique())
    met = kind.categories
    known = dict.fromkeys((TOTAL, *(codelists(component.codelist).ids if component.coded else ())))
    others = sorted(set(met) - set(known))
    places = met.cast(pl.Enum([*known, *others])).to_physical().cast(pl.UInt32) + 1
    return places[values.cast(kind).to_physical()].fill_null(0).alias(values.name)


def _frequency() -> pl.Expr:
    """Read the frequency from how the period is written; a full date, such as a census day, is irregular."""
    period = pl.col("TIME_PERIOD").cast(pl.String)
    return (
        pl.when(period.str.contains(r"^\d{4}$"))
        .then(pl.lit("A"))
        .when(period.str.contains(r"^\d{4}-[QS]\d$"))
        .then(period.str.slice(5, 1))
        .when(period.str.contains(r"^\d{4}-\d{2}$"))
        .then(pl.lit("M"))
        .otherwise(pl.lit("I"))
    )
