"""Contributions: who makes up each cell, from the records, at the level of inner cells and of every total at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.finding import Finding, MigstatError, Place
from migstat.work.protect.cells import Tree

CONTRIBUTORS, OWNER, SUM = "CONTRIBUTORS", "OWNER", "SUM"
LARGEST = "LARGEST_{}"
"""The m largest contributions to a cell, together."""


def contributions(
    records: Any,
    dimensions: Sequence[str],
    trees: Mapping[str, Sequence[Tree]],
    *,
    value: str,
    unit: str | None = None,
    weight: str | None = None,
    largest: Sequence[int] = (1, 2),
) -> pl.DataFrame:
    """Return a row a cell: its CONTRIBUTORS, the OWNER where there is only one, its SUM, and its LARGEST_m.

    Contributions of one ``unit`` are added up first, in each cell anew; without a unit every record is its own. With a
    ``weight``, a unit of weight w stands for w equal ones: it fills w of the m places, and adds w times its value.
    ``trees`` have the parents, as for the table. Records of any engine; they are read once.
    """
    frame = nw.from_native(records).lazy()
    columns = [
        *(nw.col(name).cast(nw.String) for name in dimensions),
        nw.col(value).cast(nw.Float64).alias("_x"),
        (nw.lit(1.0) if weight is None else nw.col(weight).cast(nw.Float64)).alias("_w"),
        *([nw.col(unit).cast(nw.String).alias("_unit")] if unit else []),
    ]
    rows: pl.DataFrame = frame.select(*columns).collect("polars").to_native()
    rows = rows.with_columns(pl.col("_x", "_w").fill_nan(None))
    if infinite := rows.filter(pl.any_horizontal(pl.col("_x", "_w").is_infinite())).height:
        mend = "write a number, or leave it empty"
        raise MigstatError([Finding(Place("the records"), value, "is infinite", mend, rows=infinite)])
    if unit is None:
        rows = rows.with_row_index("_unit").with_columns(pl.col("_unit").cast(pl.String))
    inner = _by_unit(rows, dimensions)
    most = max(largest)
    if unit is None:
        # Of records that are their own units only the largest of an inner cell can be among the largest of a total.
        sums = lifted(inner.group_by(dimensions).agg(_facts()), dimensions, trees)
        top = inner.sort(pl.col("_x"), "_unit", descending=[True, False]).group_by(dimensions).head(most)
        long = lifted(top, dimensions, trees)
        facts = sums.group_by(dimensions).agg(
            pl.col(CONTRIBUTORS, SUM).sum(), pl.when(pl.len() == 1).then(pl.col(OWNER).first()).alias(OWNER)
        )
        facts = facts.with_columns(pl.when(pl.col(CONTRIBUTORS) == 1).then(OWNER).alias(OWNER))
    else:
        long = _by_unit(lifted(inner, dimensions, trees), dimensions)
        facts = long.group_by(dimensions).agg(_facts())
    places = long.sort(*dimensions, pl.col("_x").neg(), "_unit").with_columns(
        (pl.col("_w").cum_sum().over(dimensions) - pl.col("_w")).alias("_before")
    )
    together = places.group_by(dimensions).agg(
        (pl.col("_x") * pl.min_horizontal(pl.col("_w"), (m - pl.col("_before")).clip(0))).sum().alias(LARGEST.format(m))
        for m in largest
    )
    return facts.join(together, on=list(dimensions)).sort(dimensions)


def _by_unit(rows: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    return rows.group_by(*dimensions, "_unit").agg(pl.col("_x").sum(), pl.col("_w").max())


def _facts() -> list[pl.Expr]:
    only = pl.when(pl.len() == 1).then(pl.col("_unit").first())
    return [pl.len().alias(CONTRIBUTORS), only.alias(OWNER), (pl.col("_x") * pl.col("_w")).sum().alias(SUM)]


def lifted(rows: pl.DataFrame, dimensions: Sequence[str], trees: Mapping[str, Sequence[Tree]]) -> pl.DataFrame:
    """Give every row to its cell and to all totals above it."""
    for dimension in dimensions:
        pairs = [
            (code, above)
            for code in rows[dimension].unique().drop_nulls().to_list()
            for above in above_of(code, trees.get(dimension, ()))
        ]
        listed = pl.DataFrame(pairs, schema={dimension: pl.String, "_above": pl.String}, orient="row")
        rows = rows.join(listed, on=dimension).drop(dimension).rename({"_above": dimension})
    return rows


def above_of(code: str, trees: Sequence[Tree]) -> tuple[str, ...]:
    """Return a code and everything above it in any of the trees."""
    found = {code: None}
    for tree in trees:
        up = tree.get(code)
        while up is not None:
            found[up] = None
            up = tree.get(up)
    return tuple(found)
