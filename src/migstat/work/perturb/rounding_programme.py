"""The rounding programme, and this room's one door for HiGHS: the best choice of all, for tables that are not large."""

import time
from typing import Any

import numpy as np

from migstat.work.perturb.incidence import Incidence
from migstat.work.perturb.search import Choice

MOST_CANDIDATES = 200
MOST_PAIRS = 10_000
MOST_NODES = 30_000
"""The effort, as a number of nodes times candidates, so that the speed of the machine does not change the result."""


def improve(choice: Choice, base: int, made: Incidence, deadline: float) -> bool:
    """Solve the integer programme from the choice that the search found, and take what is better.

    Least is the largest difference of a published cell, times their number, plus the sum of the differences. Returns
    True where nothing can be better; else the effort or the time was not enough, and the choice is the best so far.
    """
    import highspy

    class Quiet(highspy.Highs):
        def enableCallbacks(self) -> None:  # the first call of all, which would print a banner
            self.silent()
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    candidates = choice.candidates
    rows_of = [made.published[made.starts[c] : made.starts[c + 1]] for c in candidates]
    touched, row = np.unique(np.concatenate(rows_of), return_inverse=True)
    column = np.repeat(np.arange(len(candidates)), [len(of) for of in rows_of])
    cells, totals = len(candidates), len(touched)
    # All go down: what the published cells lose then, to be made up by the cells that go up.
    lost = np.bincount(row, weights=choice.remainders[column], minlength=totals)

    programme: Any = Quiet()  # type: ignore[no-untyped-call]
    programme.setOptionValue("mip_max_nodes", MOST_NODES // cells)
    programme.setOptionValue("threads", 1)
    programme.setOptionValue("random_seed", 0)
    programme.setOptionValue("time_limit", max(0.1, deadline - time.monotonic()))
    largest = cells + totals
    programme.addVars(largest + 1, np.zeros(largest + 1), np.r_[np.ones(cells), np.full(totals + 1, highspy.kHighsInf)])
    for k in range(cells):
        programme.changeColIntegrality(k, highspy.HighsVarType.kInteger)
    for k in range(totals):
        programme.changeColCost(cells + k, 1.0)
    programme.changeColCost(largest, float(totals))
    order = np.argsort(row, kind="stable")
    ends = np.searchsorted(row[order], np.arange(totals + 1))
    for k in range(totals):
        of = column[order[ends[k] : ends[k + 1]]]
        index, values = np.r_[of, cells + k].astype(np.int32), np.full(len(of) + 1, float(base))
        for sign in (1.0, -1.0):
            values[-1] = sign
            if sign > 0:
                programme.addRow(lost[k], highspy.kHighsInf, len(index), index, values)
            else:
                programme.addRow(-highspy.kHighsInf, lost[k], len(index), index, values)
        pair = np.array([cells + k, largest], dtype=np.int32)
        programme.addRow(-highspy.kHighsInf, 0.0, 2, pair, np.array([1.0, -1.0]))
    start = abs(choice.difference[touched]).astype(float)
    solution = highspy.HighsSolution()
    solution.col_value = [*choice.up.astype(float), *start, float(start.max())]
    programme.setSolution(solution)
    programme.run()
    found = np.array(programme.getSolution().col_value)
    if len(found) == largest + 1 and programme.getInfo().primal_solution_status == 2:
        _take(choice, found[:cells] > 0.5, base, touched, row, column, lost)
    status = programme.getModelStatus()
    choice.stopped = status == highspy.HighsModelStatus.kTimeLimit
    return bool(status == highspy.HighsModelStatus.kOptimal)


def _take(choice: Choice, up: Any, base: int, touched: Any, row: Any, column: Any, lost: Any) -> None:
    """Take another choice if it is better, by the same measure, reckoned in whole numbers."""
    difference = np.bincount(row, weights=base * up[column], minlength=len(touched)) - lost
    difference = np.rint(difference).astype(np.int64)
    old = abs(choice.difference[touched])
    if len(old) * abs(difference).max() + abs(difference).sum() < len(old) * old.max() + old.sum():
        choice.up = up
        choice.difference[touched] = difference
