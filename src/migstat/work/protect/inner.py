"""Inner cells: what of each cell is in none of its parts, so that every total is a sum of inner cells."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from migstat.work.protect.cells import INDEX, VALUE, Tree, along
from migstat.work.protect.contributions import above_of


def inner_cells(cells: pl.DataFrame, dimensions: Sequence[str], trees: Mapping[str, Sequence[Tree]]) -> pl.DataFrame:
    """Return the cells that hold something of their own, with how much, in ``_value``.

    Along each dimension in turn the parts are taken from their total; what is left of a region are the people whose
    country is not known. Of several trees over one dimension the first has the parts; groups of others hold nothing.
    """
    keys = cells.sort(dimensions).with_row_index(INDEX)
    own = keys[VALUE].to_numpy().astype(float).copy()
    for dimension, listed in trees.items():
        before = own.copy()
        for total, *parts in along(keys, dimension, dimensions, listed[0]):
            own[total] -= before[parts].sum()
        known = keys[dimension].is_in(list(listed[0])).to_numpy()
        own[~known] = 0.0
    return keys.select(*dimensions, pl.Series(VALUE, np.rint(own))).filter(pl.col(VALUE) != 0)


def closures(
    cells: pl.DataFrame, dimensions: Sequence[str], trees: Mapping[str, Sequence[Tree]]
) -> dict[str, pl.DataFrame]:
    """Return, for each dimension, pairs (code, target): each code with itself and everything above it."""
    found = {}
    for dimension in dimensions:
        pairs = [
            (code, above)
            for code in cells[dimension].unique().sort().to_list()
            for above in above_of(code, trees.get(dimension, ()))
        ]
        found[dimension] = pl.DataFrame(pairs, schema={"code": pl.String, "target": pl.String}, orient="row")
    return found
