"""Incidence: which inner cells are added up in which published cell, over margins, hierarchies and linked tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

TOTAL_ID = "_published"
INNER_ID = "_inner"


@dataclass(frozen=True, slots=True)
class Incidence:
    """Published cells as sums of inner cells: pairs of numbers, sorted by inner cell, and a frame for each table."""

    inner: Any
    published: Any
    starts: Any
    """Where the pairs of each inner cell begin; one more than there are inner cells."""
    count: int
    """How many published cells there are, a cell that stands in several tables counted once."""
    tables: tuple[pl.DataFrame, ...]
    """The codes of each table's cells, with their number in ``_published``."""

    def sums(self, inner_values: Any) -> Any:
        """Add inner values up to published ones."""
        return np.bincount(self.published, weights=inner_values[self.inner], minlength=self.count)


def incidence(cells: pl.DataFrame, tables: Sequence[Sequence[str]], closures: Mapping[str, pl.DataFrame]) -> Incidence:
    """Find the inner cells of every cell of the tables.

    Each table is a list of dimensions of ``cells``, and has all their totals and parents: ``closures`` gives for each
    dimension pairs (code, target), as for roll-up. A dimension without one has only its own codes.
    """
    dimensions = list(dict.fromkeys(d for table in tables for d in table))
    numbered = cells.select(*dimensions).with_row_index(INNER_ID)
    # A cell of two tables is one cell: the same sum of the same inner cells has one number.
    frames, pairs, known = [], [], 0
    for table in tables:
        lifted = numbered.select(INNER_ID, *table)
        for dimension in table:
            if dimension in closures:
                targets = closures[dimension].unique()
                lifted = lifted.join(targets, left_on=dimension, right_on="code").drop(dimension)
                lifted = lifted.rename({"target": dimension}).unique()
        codes = lifted.select(table).unique().sort(table).with_row_index(TOTAL_ID, known)
        pairs.append(lifted.join(codes, on=list(table)).select(INNER_ID, TOTAL_ID))
        frames.append(codes)
        known += len(codes)
    all_pairs = pl.concat(pairs)
    same = _same(all_pairs)
    all_pairs = all_pairs.join(same, on=TOTAL_ID).select(INNER_ID, pl.col("_same").alias(TOTAL_ID)).unique()
    all_pairs = all_pairs.sort(INNER_ID, TOTAL_ID)
    inner, published = all_pairs[INNER_ID].to_numpy().astype(np.int64), all_pairs[TOTAL_ID].to_numpy().astype(np.int64)
    named = [
        frame.join(same, on=TOTAL_ID, maintain_order="left").drop(TOTAL_ID).rename({"_same": TOTAL_ID})
        for frame in frames
    ]
    starts = np.searchsorted(inner, np.arange(len(cells) + 1))
    return Incidence(inner, published, starts, len(same["_same"].unique()), tuple(named))


def _same(pairs: pl.DataFrame) -> pl.DataFrame:
    """Give published cells that add up the same inner cells one number, from 0 up."""
    inner = pl.col(INNER_ID).cast(pl.Int64)
    marks = [
        pl.len().alias("_n"),
        inner.min().alias("_first"),
        inner.sum().alias("_sum"),
        pl.col(INNER_ID).hash(seed=1).bitwise_xor().alias("_hash"),
    ]
    marked = pairs.group_by(TOTAL_ID).agg(marks)
    names = ["_n", "_first", "_sum", "_hash"]
    numbers = marked.select(names).unique().sort(names).with_row_index("_same")
    return marked.join(numbers, on=names).select(TOTAL_ID, pl.col("_same").cast(pl.Int64))
