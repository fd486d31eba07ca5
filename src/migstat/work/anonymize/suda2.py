"""Minimal sample uniques and their scores: Elliot, Manning and Ford (2002); Manning, Haglin and Keane (2008).

A minimal sample unique (MSU) is a set of keys on which a record is alone in the file, while on none of its parts.
Found here level by level, not by the tree of the paper: the MSUs are the same. With A keys and MSUs up to size M, one
of size k scores the product of (A - i) for i from k to M, and a record the sum of its MSUs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations as subsets
from math import prod

import numpy as np
import numpy.typing as npt
import polars as pl

from migstat.work.anonymize.frequencies import COUNT, SAMPLE, frequencies

MOST_KEYS = 8


@dataclass(frozen=True, slots=True)
class Suda:
    """One score a combination, and how many combinations have an MSU of each size."""

    scores: npt.NDArray[np.float64]
    sizes: dict[int, int]


def suda(table: pl.DataFrame, keys: Sequence[str], largest: int | None = None, alpha: float = 1.0) -> Suda:
    """Score combinations of keys by their minimal sample uniques, up to a size: one less than the keys, if not given.

    Of more than eight keys, MSUs of up to three keys are looked for.
    """
    count = len(keys)
    most = min(largest or max(count - 1, 1), count) if count <= MOST_KEYS else min(largest or 3, 3)
    scores = np.zeros(table.height)
    sizes: dict[int, int] = {}
    lower: dict[tuple[str, ...], npt.NDArray[np.bool_]] = {(): np.zeros(table.height, dtype=bool)}
    for size in range(1, most + 1):
        level = {}
        having = np.zeros(table.height, dtype=bool)
        for some in subsets(keys, size):
            below = np.logical_or.reduce([lower[some[:at] + some[at + 1 :]] for at in range(size)])
            alone = frequencies(table.select(*some, COUNT, "_w"), some, alpha)[SAMPLE].to_numpy() <= 1
            minimal = alone & ~below
            scores += minimal * float(prod(count - at for at in range(size, most + 1)) or 1)
            having |= minimal
            level[some] = alone | below
        sizes[size] = int(having.sum())
        lower = level
    return Suda(scores, sizes)


def dis_suda(found: Suda, table: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Return the chance that a match with a sample unique is right, shared out among combinations by their scores.

    The file's chance is that of data intrusion simulation (Skinner and Elliot 2002): U q / (U q + P (1 - q)), with U
    uniques, P records in pairs and q the sampling fraction. A record's odds are the file's, times its score over the
    mean score of uniques. This sharing out is ours, after the idea of DIS-SUDA (Elliot 2002), whose exact form was not
    read: general knowledge, to be confirmed.
    """
    sample, scores = table[SAMPLE].to_numpy(), found.scores
    records, people = float(table[COUNT].sum()), float(table["_w"].sum())
    fraction = min(records / people, 1.0) if people > 0 else 1.0
    uniques = float(table[COUNT].to_numpy()[sample == 1].sum())
    pairs = float(table[COUNT].to_numpy()[sample == 2].sum())
    scored = scores[scores > 0]
    if not scored.size or not uniques:
        return np.zeros(table.height)
    wrong = pairs * (1 - fraction)
    odds = uniques * fraction / wrong if wrong else np.inf
    own = np.where(scores > 0, scores / scored.mean() * (odds if np.isfinite(odds) else 1.0), 0.0)
    return np.asarray(np.where((scores > 0) & ~np.isfinite(odds), 1.0, own / (1 + own)))
