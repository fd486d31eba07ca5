"""The attacker: how small and how large each suppressed cell can be, by linear programming. The door of HiGHS."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from migstat.work.protect.cells import Cells
from migstat.work.protect.trees import FLOW, NET

POINT = 1e-6
"""An interval narrower than this, of one or of the value, is a point."""
BUDGET = 100_000_000
"""How much is worked out in one attack, in steps of the solver times cells: the same answer on a slow machine."""
ASIDE = 400
"""In a web of more hidden cells than this, solutions for one cell also count for all others, and few are asked for."""


Bounds = tuple[float, float]
"""The least and the most that a hidden cell can be, whatever the sums say."""


@dataclass(frozen=True, slots=True)
class Range:
    """Between what a cell must lie; ``exact`` is False where it is known to reach at least so far."""

    low: float
    high: float
    exact: bool = True

    @property
    def width(self) -> float:
        """How far apart the two are."""
        return self.high - self.low

    def point(self, value: float) -> bool:
        """True where the attacker knows the value."""
        return self.exact and self.width < POINT * max(1.0, self.size(value))

    def size(self, value: float) -> float:
        """Return how large the value is; where it is not known (NaN), how large the middle of the range is."""
        return abs(value) if np.isfinite(value) else abs(self.low + self.high) / 2


def ranges(
    cells: Cells,
    hidden: Collection[int],
    *,
    enough: Mapping[int, float] | None = None,
    known: Collection[int] = (),
    told: Mapping[int, Bounds] | None = None,
    going_on: Callable[[], bool] = lambda: True,
) -> dict[int, Range]:
    """Return the range of each hidden cell, given every sum and every cell that is shown.

    Counts cannot be below zero, which the attacker knows; nor between whole numbers, so their ranges are drawn in.
    ``known`` cells are what the attacker knows besides; ``told`` are bounds that the publication itself tells.
    With ``enough``, a range is asked for only until it is so wide.
    Cells for which the time was not enough are left out.
    """
    unknown = sorted(set(hidden) - set(known))
    values = cells.values[np.isfinite(cells.values)]
    below, whole = bool((values < 0).any()), bool((values == np.round(values)).all())
    found: dict[int, Range] = {}
    left = BUDGET
    for web, sums in sorted(_webs(cells, unknown), key=lambda one: len(one[0])):
        ranged, spent = _of_web(cells, web, sums, enough, below, told or {}, left, going_on)
        found |= ranged
        left -= spent
        if left <= 0 or not going_on():
            break
    return {cell: _drawn_in(one) if whole else one for cell, one in sorted(found.items())}


def _drawn_in(one: Range) -> Range:
    return Range(float(np.ceil(one.low - POINT)), float(np.floor(one.high + POINT)), one.exact)


def _webs(cells: Cells, unknown: list[int]) -> Iterator[tuple[list[int], list[tuple[int, ...]]]]:
    """Yield the hidden cells that hang together through sums, and those sums: what is said of one web is all of it."""
    hidden = set(unknown)
    first = {cell: cell for cell in unknown}

    def of(cell: int) -> int:
        while first[cell] != cell:
            first[cell] = first[first[cell]]
            cell = first[cell]
        return cell

    touched = []
    for members in cells.sums:
        inside = [cell for cell in members if cell in hidden]
        if inside:
            touched.append((inside[0], members))
            for cell in inside[1:]:
                first[of(cell)] = of(inside[0])
    webs: dict[int, tuple[list[int], list[tuple[int, ...]]]] = {}
    for cell in unknown:
        webs.setdefault(of(cell), ([], []))[0].append(cell)
    for cell, members in touched:
        webs[of(cell)][1].append(members)
    yield from webs.values()


def _of_web(
    cells: Cells,
    web: list[int],
    sums: list[tuple[int, ...]],
    enough: Mapping[int, float] | None,
    below: bool,
    told: Mapping[int, Bounds],
    budget: int,
    going_on: Callable[[], bool],
) -> tuple[dict[int, Range], int]:
    solver = _solver(cells, web, sums, below, told, going_on)
    truth = cells.values[web]
    low, high = np.nan_to_num(truth, nan=np.inf), np.nan_to_num(truth, nan=-np.inf)
    exact: dict[int, Range] = {}
    spent = 0
    wanted = np.array([np.inf if enough is None else enough.get(cell, 0.0) for cell in web])
    if enough is None and len(web) > ASIDE:
        wanted = np.nan_to_num(np.maximum(POINT, 0.5 * np.abs(truth)), nan=np.inf)

    def seen(solution: Any) -> None:
        np.minimum(low, solution, out=low)
        np.maximum(high, solution, out=high)

    for place, cell in enumerate(web):
        if high[place] - low[place] >= wanted[place] and wanted[place] < np.inf:
            continue
        if spent > budget or not going_on():
            break
        (least, down), (most, up) = (_solved(solver, place, sign, seen) for sign in (1.0, -1.0))
        spent += len(web) * (2 + down + up)
        if least is not None and most is not None:
            exact[cell] = Range(least, most)
    for place, cell in enumerate(web):
        if high[place] - low[place] >= wanted[place] and wanted[place] < np.inf:
            exact.setdefault(cell, Range(float(low[place]), float(high[place]), exact=False))
    return exact, spent


def _solver(
    cells: Cells,
    web: list[int],
    sums: list[tuple[int, ...]],
    below: bool,
    told: Mapping[int, Bounds],
    going_on: Callable[[], bool],
) -> Any:
    import highspy

    column = {cell: place for place, cell in enumerate(web)}
    starts, index, sign, known = [0], [], [], []
    for total, *parts in sums:
        rest = 0.0
        for cell, factor in ((total, 1.0), *((part, -1.0) for part in parts)):
            if cell in column:
                index.append(column[cell])
                sign.append(factor)
            else:
                rest -= factor * cells.values[cell]
        starts.append(len(index))
        known.append(rest)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(web), len(sums)
    model.col_cost_ = np.zeros(len(web))
    least = -highspy.kHighsInf if below else 0.0
    # Of flows only the net ones can be below zero.
    flows = cells.keys[FLOW].to_list() if FLOW in cells.keys.columns else []
    bounds = [told.get(cell, (0.0 if flows and flows[cell] != NET else least, np.inf)) for cell in web]
    model.col_lower_ = np.array([low for low, _ in bounds])
    model.col_upper_ = np.array([min(high, highspy.kHighsInf) for _, high in bounds])
    model.row_lower_ = model.row_upper_ = np.array(known)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.array(starts)
    model.a_matrix_.index_ = np.array(index)
    model.a_matrix_.value_ = np.array(sign)

    class Quiet(highspy.Highs):
        def enableCallbacks(self) -> Any:  # the first call of all, which would print a banner
            self.silent()
            return super().enableCallbacks()  # type: ignore[no-untyped-call]

    solver = Quiet()  # type: ignore[no-untyped-call]
    for option, setting in (("threads", 1), ("random_seed", 1), ("presolve", "off")):
        solver.setOptionValue(option, setting)
    solver.passModel(model)

    def look(event: Any) -> None:
        # One programme of a large web may take longer than all the time there is.
        if not going_on():
            event.interrupt()

    solver.cbSimplexInterrupt += look
    return solver


def _solved(solver: Any, place: int, sign: float, seen: Callable[[Any], None]) -> tuple[float | None, int]:
    """Return the least (sign 1) or most (sign -1) that a cell can be, and the steps; the next search begins there.

    None where the programme cannot be solved, which is not taken for protection.
    """
    import highspy

    status = highspy.HighsModelStatus
    solver.changeColCost(place, sign)
    try:
        for _ in range(2):
            solver.run()
            steps = max(int(solver.getInfo().simplex_iteration_count), 0)
            match solver.getModelStatus():
                case status.kOptimal:
                    seen(np.array(solver.getSolution().col_value))
                    return float(sign * solver.getInfo().objective_function_value), steps
                case status.kUnbounded | status.kUnboundedOrInfeasible:
                    # The true values are a solution, so a programme is never infeasible.
                    return float(-sign * np.inf), steps
            solver.clearSolver()
        return None, 0
    finally:
        solver.changeColCost(place, 0.0)
