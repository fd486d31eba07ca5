"""Microaggregation: numbers become the mean of a group of at least k like records.

MDAV: Domingo-Ferrer and Mateo-Sanz (2002); Domingo-Ferrer and Torra (2005).
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from migstat.words.microdata_policy import Microaggregate
from migstat.words.missing import MISSING_SUFFIX, UNKNOWN

BLOCK = 1000
"""MDAV compares all with all. Above so many records a class is first cut along its first principal component."""

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def microaggregate(frame: pl.DataFrame, step: Microaggregate) -> pl.DataFrame:
    """Return the frame with each number the mean of its group; records that lack the same numbers are grouped together.

    Where a class has fewer than ``size`` records their numbers are taken out, and said to be unknown.
    """
    ids = list(step.components)
    values = frame.select(pl.col(ids).cast(pl.Float64)).to_numpy()
    made = values.copy()
    lacking = [pl.col(id).is_null().alias(f"_no_{id}") for id in ids]
    rows = frame.with_row_index("_at").with_columns(lacking)
    for part in rows.partition_by([*step.within, *(f"_no_{id}" for id in ids)], maintain_order=True):
        at = part["_at"].to_numpy()
        there = np.flatnonzero(~np.isnan(values[at[0]]))
        if not there.size:
            continue
        own = values[np.ix_(at, there)]
        if len(at) < step.size:
            made[np.ix_(at, there)] = np.nan
            continue
        for group in groups(_standard(own), step.size):
            made[np.ix_(at[group], there)] = own[group].mean(axis=0)
    return frame.with_columns(column for place, id in enumerate(ids) for column in _columns(frame, id, made[:, place]))


def _columns(frame: pl.DataFrame, id: str, values: Floats) -> list[pl.Series]:
    """Return a component as it is now, and where values were taken out the column that says why they are missing."""
    now = pl.Series(id, values).fill_nan(None)
    now = now.round().cast(frame.schema[id]) if frame.schema[id].is_integer() else now
    gone = now.is_null() & frame[id].is_not_null()
    if not gone.any():
        return [now]
    beside = f"{id}{MISSING_SUFFIX}"
    why = frame[beside] if beside in frame.columns else pl.Series(beside, [None] * frame.height, dtype=pl.String)
    return [now, why.set(gone, UNKNOWN)]


def groups(points: Floats, size: int) -> list[Places]:
    """Return groups of at least ``size`` points that are near one another, and fewer than twice as many.

    A class with fewer points than that is one group. Of one variable, neighbours in order are grouped.
    """
    count = len(points)
    if count < 2 * size:
        return [np.arange(count)] if count else []
    order = np.argsort(_along(points), kind="stable")
    if points.shape[1] == 1:
        cuts = [*range(0, count - 2 * size + 1, size), count - (count % size + size)]
        edges = sorted({*cuts, count})
        return [order[start:end] for start, end in pairwise(edges)]
    blocks = np.array_split(order, -(-count // max(BLOCK, 2 * size)))
    return [block[group] for block in blocks for group in _mdav(points[block], size)]


def _mdav(points: Floats, size: int) -> list[Places]:
    left = np.arange(len(points))
    found: list[Places] = []

    def take(start: Floats) -> None:
        nonlocal left
        near = np.argsort(((points[left] - start) ** 2).sum(axis=1), kind="stable")[:size]
        found.append(left[near])
        left = np.delete(left, near)

    def farthest(point: Floats) -> Floats:
        return np.asarray(points[left][int(np.argmax(((points[left] - point) ** 2).sum(axis=1)))])

    while len(left) >= 3 * size:
        first = farthest(points[left].mean(axis=0))
        opposite = farthest(first)
        take(first)
        take(opposite)
    if len(left) >= 2 * size:
        take(farthest(points[left].mean(axis=0)))
    if len(left):
        found.append(left)
    return found


def _standard(values: Floats) -> Floats:
    deviation = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0))


def _along(points: Floats) -> Floats:
    if points.shape[1] == 1:
        return np.asarray(points[:, 0])
    _, _, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    axis = axes[0] * np.sign(axes[0][np.argmax(np.abs(axes[0]))])
    return np.asarray(points @ axis)
