"""Diversity of a sensitive value among records alike: l-diversity (Machanavajjhala et al. 2007), t-closeness (Li 2007)."""

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


def diversity(rows: pl.DataFrame, keys: Sequence[str], value: str, c: float = 2.0, *, ordered: bool = False) -> Diversity:
    """Measure how different the values of a sensitive component are among records alike on the keys.

    Entropy diversity is exp of the entropy. Recursive diversity is the largest l with r1 < c (rl + ... + rm), the r
    being the counts in a class, largest first. t is the earth mover's distance to the distribution of the file: half
    the sum of differences for codes, the mean difference of cumulated shares for ordered numbers. Missing values are no
    values: a class that has only such tells nothing, and is left out.
    """
    table = combinations(rows.filter(pl.col(value).is_not_null()), keys, [value])
    if not table.height:
        return Diversity(pl.DataFrame(schema=dict.fromkeys(("distinct", "entropy", "recursive", "t"), pl.Float64)))
    every = table.group_by(value).agg(pl.col(COUNT).sum()).sort(pl.col(value).cast(pl.Float64) if ordered else value)
    rank = {one: at for at, one in enumerate(every[value])}
    whole = every[COUNT].to_numpy() / every[COUNT].sum()
    met = alike(table, keys, value).sort("_class", COUNT, descending=[False, True])
    classes = []
    for part in met.group_by("_class", maintain_order=True):
        counts = part[1][COUNT].to_numpy()
        shares = counts / counts.sum()
        here = np.zeros_like(whole)
        here[[rank[one] for one in part[1][value]]] = shares
        gap = here - whole
        t = np.abs(np.cumsum(gap))[:-1].sum() / (len(whole) - 1) if ordered and len(whole) > 1 else np.abs(gap).sum() / 2
        entropy = float(np.exp(-(shares * np.log(shares)).sum()))
        classes.append((part[0][0], float(len(counts)), entropy, float(_recursive(counts, c)), float(t)))
    return Diversity(
        pl.DataFrame(classes, schema=["_class", "distinct", "entropy", "recursive", "t"], orient="row").sort("_class")
    )


def _recursive(counts: np.ndarray, c: float) -> int:
    tails = np.cumsum(counts[::-1])[::-1]
    holding = np.flatnonzero(counts[0] < c * tails)
    return int(holding[-1]) + 1 if holding.size else 0
