"""Arrange: the columns of a table in the order of its structure, its rows in the order of the codelists."""

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
        made = made.drop("FREQ", strict=False).join(periods, on="TIME_PERIOD", how="left", maintain_order="left")
    there = dimensions(table)
    made = made.with_columns(pl.lit(TOTAL).alias(id) for id in there if id not in made.columns)
    ranks = [_rank(made[id], table[id], codelists) for id in there if made[id].n_unique() > 1]
    ordered = pl.DataFrame(ranks)
    order = ordered.select(pl.arg_sort_by(ordered.columns)).to_series() if ranks else slice(None)
    return made.select(id for id in table.ids if id in made.columns)[order]


def _rank(values: pl.Series, component: Component, codelists: Callable[[str], Codelist]) -> pl.Series:
    """Return the place of each value in its codelist, the total first, and what is not listed last."""
    listed = codelists(component.codelist).ids if component.coded else ()
    known = dict.fromkeys((TOTAL, *listed))
    others = sorted(set(values.unique().to_list()) - set(known))
    return values.cast(pl.Enum([*known, *others])).to_physical()


def _frequency() -> pl.Expr:
    """Read the frequency from how the period is written; a full date, such as a census day, is irregular."""
    period = pl.col("TIME_PERIOD")
    return (
        pl.when(period.str.contains(r"^\d{4}$"))
        .then(pl.lit("A"))
        .when(period.str.contains(r"^\d{4}-[QS]\d$"))
        .then(period.str.slice(5, 1))
        .when(period.str.contains(r"^\d{4}-\d{2}$"))
        .then(pl.lit("M"))
        .otherwise(pl.lit("I"))
    )
