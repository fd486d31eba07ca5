"""Hints: what a publication tells of its hidden cells besides the sums: that they are no zeros, and why.

Where zeros are published, what is hidden is at least one. Where the cause is told, a cell that is hidden as a small one
is below the threshold, and one that is hidden for the sake of others is not: both are bounds, and an attacker has them.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from migstat.work.protect.attack import Bounds
from migstat.work.protect.cells import Cells


@dataclass(frozen=True, slots=True)
class Hints:
    """``zeros`` says that no zero is hidden; ``small`` below which a cell is told to be small, 0 where it is not told.

    >>> cells = Cells(keys=None, values=np.array([1.0, 3.0, 4.0]), counts=np.array([1, 3, 4]), shown=np.ones(3, bool),
    ...     sums=((2, 0, 1),))
    >>> Hints(zeros=True, small=3).bounds(cells, hidden=[0, 1], small=[0])
    {0: (1.0, 2.0), 1: (3.0, inf)}
    """

    zeros: bool = False
    small: int = 0

    def bounds(
        self, cells: Cells, hidden: Collection[int], small: Collection[int] = (), untold: Collection[int] = ()
    ) -> dict[int, Bounds]:
        """Return the bounds of the counts behind hidden cells, of which ``small`` are said to be so; none if not known.

        A cell that lies outside of what is told of it, as one that was hidden before may, widens its own bounds.
        """
        counts = cells.counts
        if (counts[cells.shown] < 0).any():
            return {}
        found = {}
        for cell in sorted(hidden):
            if not cells.shown[cell]:
                continue
            low, high = (1.0 if self.zeros else 0.0), np.inf
            if cell in untold:
                pass
            elif self.small and cell in small:
                low, high = 1.0, self.small - 1.0
            elif self.small and self.zeros:
                low = float(self.small)
            found[cell] = (min(low, float(counts[cell])), max(high, float(counts[cell])))
        return found
