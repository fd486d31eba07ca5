"""Lanes: rows and weight by group, where most rows may be of one group."""

import numpy as np

LANES = 4


class Lanes:
    """Counts so many rows by one grouping after the other.

    Each group is counted in four lanes, which are added up at the end: where nearly all rows are of one group, as are
    those born in the country, each sum would wait for the one before.
    """

    def __init__(self, rows: int) -> None:
        self._lane: np.ndarray = np.arange(rows) % LANES
        self._place = np.empty_like(self._lane)

    def counted(self, group: np.ndarray, weights: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and weight of each group.

        >>> [counts.tolist() for counts in Lanes(3).counted(np.array([1, 0, 1]), np.array([2.0, 1.0, 0.5]), 2)]
        [[1, 2], [1.0, 2.5]]
        """
        place = np.multiply(group, LANES, out=self._place, casting="unsafe")
        place += self._lane
        room = groups * LANES
        rows = np.bincount(place, minlength=room)
        sums = np.bincount(place, weights=weights, minlength=room)
        return rows.reshape(-1, LANES).sum(axis=1), sums.reshape(-1, LANES).sum(axis=1)
