"""Diversity of a sensitive value among records alike.

l-diversity: Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam (2007). t-closeness: Li, Li and Venkatasubramanian
(2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from migstat.work.anonymize.frequencies import COUNT, alike, combinations


@dataclass(frozen=True, slots=True)
class Diversity:
    """A frame with a row a combination of keys (``_class``): distinct, entropy, recursive, and t."""

    classes: pl.DataFrame

    def least(self, measure: str) -> float:
        """Return the smallest diversity of any class; 0 where no class has a known value."""
        return float(self.classes[measure].min() or 0.0)  # type: ignore[arg-type]

    @property
    def t(self) -> float:
        """The largest distance of a class from the whole file."""
        return float(self.classes["t"].max() or 0.0)  # type: ignore[arg-type]


def diversity(
    rows: pl.DataFrame, keys: Sequence[str], value: str, c: float = 2.0, *, ordered: bool = False
) -> Diversity:
    """Measure how different the values of a sensitive component are among records alike on the keys.

    Entropy diversity is exp of the entropy. Recursive diversity is the largest l with r1 < c (rl + ... + rm), the r
    being the counts in a class, largest first. t is the earth mover's distance to the distribution of the file: half
    the sum of differences for codes, the mean difference of cumulated shares for ordered numbers. Missing values are no
    values: a class that has only such tells nothing, and is left out.
    """
    table = combinations(rows.filter(pl.col(value).is_not_null()), keys, [value])
    if not table.height:
        return Diversity(pl.DataFrame(schema=dict.fromkeys(("distinct", "entropy", "recursive", "t"), pl.Float64)))
    every = table.group_by(value).agg(pl.col(COUNT).sum())
    every = every.select(value, (pl.col(COUNT) / pl.col(COUNT).sum()).alias("_share"))
    met = alike(table, keys, value).join(every, on=value).sort("_class", COUNT, value, descending=[False, True, False])
    n, total = pl.col(COUNT), pl.col(COUNT).sum().over("_class")
    tail = total - n.cum_sum().over("_class") + n
    share = n / total
    ranked = met.with_columns(
        share.alias("_here"),
        (n.first().over("_class") < c * tail).alias("_holds"),
    )
    classes = ranked.group_by("_class").agg(
        pl.len().cast(pl.Float64).alias("distinct"),
        (-(pl.col("_here") * pl.col("_here").log()).sum()).exp().alias("entropy"),
        pl.col("_holds").sum().cast(pl.Float64).alias("recursive"),
        (((pl.col("_here") - pl.col("_share")).abs().sum() + 1 - pl.col("_share").sum()) / 2).alias("t"),
    )
    if ordered and every.height > 1:
        classes = classes.drop("t").join(_ordered(ranked, every, value), on="_class")
    return Diversity(classes.sort("_class"))


def _ordered(met: pl.DataFrame, every: pl.DataFrame, value: str) -> pl.DataFrame:
    """Sum the differences of cumulated shares between a class and the file over the steps of the value."""
    order = every.sort(pl.col(value).cast(pl.Float64))
    rank = {one: at for at, one in enumerate(order[value])}
    whole = order["_share"].to_numpy()
    found = []
    for (number,), part in met.group_by("_class", maintain_order=True):
        gap = -whole
        gap[[rank[one] for one in part[value]]] += part["_here"].to_numpy()
        found.append((number, float(np.abs(np.cumsum(gap))[:-1].sum() / (len(whole) - 1))))
    return pl.DataFrame(found, schema={"_class": met.schema["_class"], "t": pl.Float64}, orient="row")
