"""Demographic accounting: one birthplace's people by residence before and after, as a table of stayers and movers."""

import numpy as np

ENOUGH = 1e-12
"""Relative change at which proportional fitting has settled."""
MOST_ROUNDS = 20_000


def balanced_open(before: np.ndarray, after: np.ndarray, *, down: bool) -> tuple[np.ndarray, np.ndarray]:
    """Make the totals of each birthplace equal: the smaller raised to the larger, or (``down``) the other way.

    The difference is people who came from, or left for, somewhere outside the areas, in proportion to where they live.
    """
    sums = before.sum(axis=1), after.sum(axis=1)
    target = np.minimum(*sums) if down else np.maximum(*sums)
    made = [table * _ratio(target, total)[:, None] for table, total in zip((before, after), sums, strict=True)]
    return made[0], made[1]


def balanced_closed(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make the totals of each birthplace equal to their mean, keeping each area's share of the people at each date."""
    target = (before.sum(axis=1) + after.sum(axis=1)) / 2
    made = []
    for table in (before, after):
        columns = table.sum(axis=0)
        made.append(fitted(table, target, columns * (target.sum() / columns.sum() if columns.sum() else 0.0)))
    return made[0], made[1]


def accounted(start: np.ndarray, end: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """Return the flows of one birthplace: as many stay as can, the rest move as ``seed`` says; the diagonal is 0."""
    stay = np.minimum(start, end)
    free = seed * ~np.eye(len(start), dtype=bool)
    flows = fitted(free, start - stay, end - stay)
    np.fill_diagonal(flows, 0.0)
    return flows


def mixed(start: np.ndarray, end: np.ndarray, fewest: np.ndarray, weight: float) -> np.ndarray:
    """Return ``weight`` times the fewest moves and the rest of independence, which has the same margins."""
    total = start.sum()
    independent = np.outer(start, end) / total if total else np.zeros((len(start), len(start)))
    flows: np.ndarray = weight * fewest + (1 - weight) * independent
    np.fill_diagonal(flows, 0.0)
    return flows


def fitted(table: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Scale rows and columns in turn until both sums are met (iterative proportional fitting).

    Where the zeros of the table make the sums impossible the rows are met, as near to the columns as can be.
    """
    made = table.astype(float)
    for _ in range(MOST_ROUNDS):
        made = made * _ratio(columns, made.sum(axis=0))
        change = _ratio(rows, made.sum(axis=1))
        made = made * change[:, None]
        if np.all(np.abs(made.sum(axis=0) - columns) <= ENOUGH * max(1.0, columns.sum())):
            break
    return made


def _ratio(target: np.ndarray, total: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = np.divide(target, total, out=np.zeros_like(target, dtype=float), where=total > 0)
    return ratio
