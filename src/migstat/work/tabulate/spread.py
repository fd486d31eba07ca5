"""Spread: how the numbers of people are spread in each cell, handed out a few cells at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from migstat.work.tabulate.cells import SUMS, regroup
from migstat.work.tabulate.universe import NUMBER

OPEN = "_open"
"""Says that a number stands for a class without an end, such as 90 years and over."""
WIDTH = "_width"
"""How wide the class is that a number begins; 0 for a number that is itself."""
CELL = "_cell"
TARGET = "_target"
MOST_ROWS = 5_000_000
"""Rows of one batch; a cell that has more by itself is a batch of its own."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The numbers of the finest cells, which cells of the table each of them is part of, and what these are."""

    numbers: pl.DataFrame
    pairs: pl.DataFrame
    targets: pl.DataFrame

    def batches(self) -> Iterator[pl.DataFrame]:
        """Yield the numbers of some cells of the table at a time, in ascending order, each with its cell's number."""
        sizes = self.numbers.group_by(CELL).len("_size")
        rows = self.pairs.join(sizes, on=CELL).group_by(TARGET).agg(pl.col("_size").sum()).sort(TARGET)
        batch = ((pl.col("_size").cum_sum() - 1) // MOST_ROWS).alias("_batch")
        for part in rows.select(TARGET, batch).partition_by("_batch", include_key=False):
            wanted = self.pairs.join(part, on=TARGET, how="semi")
            yield self.numbers.join(wanted, on=CELL, maintain_order="left")


def spread(cells: pl.DataFrame, keys: Sequence[str], closures: Mapping[str, pl.DataFrame]) -> Spread:
    """Return the spread of the numbers in ``cells``, which have a row for each combination of keys and number."""
    known = cells.filter(pl.col(NUMBER).is_not_null())
    finest = known.select(keys).unique(maintain_order=True).with_row_index(CELL)
    grouped = regroup(
        known.join(finest, on=keys).select(CELL, NUMBER, WIDTH, OPEN, pl.col(SUMS)), [CELL, NUMBER, WIDTH, OPEN]
    )
    pairs = finest
    for dimension, codes in closures.items():
        lifted = pairs.join(codes, left_on=dimension, right_on="code").drop(dimension)
        pairs = lifted.rename({"target": dimension})
    targets = pairs.select(keys).unique(maintain_order=True).with_row_index(TARGET)
    return Spread(grouped.sort(NUMBER, CELL), pairs.join(targets, on=keys).select(CELL, TARGET), targets)
