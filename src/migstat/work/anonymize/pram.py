"""Post-randomisation: Kooiman, Willenborg and Gouweleeuw (1997); Gouweleeuw et al. (1998), invariant.

A code i becomes j with probability P[i, j]. Where R = P Q, with Q[j, k] = t[k] P[k, j] / sum over l of t[l] P[l, j],
the expected weighted totals t are what they were: t R = t.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from migstat.words.microdata_policy import Pram
from migstat.words.missing import KINDS
from migstat.work.anonymize.secret import Secret


@dataclass(frozen=True, slots=True)
class Transition:
    """The codes, and the probability that each becomes each. It stays in the office."""

    codes: tuple[str, ...]
    matrix: npt.NDArray[np.float64]


def transition(codes: tuple[str, ...], totals: npt.NDArray[np.float64], keep: float, invariant: bool) -> Transition:
    """Make the matrix: ``keep`` on the diagonal and the rest spread evenly, or from that the invariant one."""
    count = len(codes)
    even = (1 - keep) / (count - 1) if count > 1 else 0.0
    matrix = np.full((count, count), even)
    np.fill_diagonal(matrix, keep if count > 1 else 1.0)
    if invariant and count > 1:
        back = (matrix * totals[:, None]).T
        matrix = matrix @ (back / back.sum(axis=1, keepdims=True))
    return Transition(codes, matrix)


def pram(frame: pl.DataFrame, step: Pram, weight: str | None, secret: Secret) -> tuple[pl.DataFrame, Transition]:
    """Return the frame with codes changed at random, and the matrix used. Kinds of missing stay as they are."""
    id = step.component
    known = pl.col(id).is_not_null() & ~pl.col(id).is_in(list(KINDS))
    heavy = pl.col(weight).sum() if weight else pl.len().cast(pl.Float64)
    totals = frame.filter(known).group_by(id).agg(heavy.alias("_w")).filter(pl.col("_w") > 0).sort(id)
    made = transition(tuple(totals[id]), totals["_w"].to_numpy(), step.keep, step.invariant)
    place = {code: at for at, code in enumerate(made.codes)}
    values = frame[id].to_list()
    draws = secret.stream("pram", id).random(len(values))
    reach = np.cumsum(made.matrix, axis=1)
    now = [
        made.codes[min(int(np.searchsorted(reach[place[value]], draw, side="right")), len(place) - 1)]
        if value in place
        else value
        for value, draw in zip(values, draws, strict=True)
    ]
    return frame.with_columns(pl.Series(id, now, dtype=pl.String)), made
