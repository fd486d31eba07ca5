"""Perturbation tables made from what is asked of the noise: of all that fit, the one of maximum entropy."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.perturbation import Chances, PerturbationTable

LARGEST_NOISE = 100
STEPS = 200
EXACT = 1e-12
"""How exactly the sum, the mean and the limits are met."""
BEST = 1e-10
"""How near to the greatest entropy; a tenth of the unit in which keys are compared."""
TIGHT = 1e-13
"""Where the steps end, if rounding has not ended them before."""


def perturbation_table(largest_noise: int, variance: float, *, no_results_up_to: int = 0) -> PerturbationTable:
    """Make the table of noise up to ``largest_noise`` either way, of this variance, with no results 1 to a number.

    In every row the expected noise is 0; of all distributions that fit, the row has the one of greatest entropy, which
    tells an intruder least (Giessing 2016; Enderle, Giessing and Tent 2018). Results further from the true count are
    never likelier than nearer ones on the same side of it. Small counts, which cannot fall below 0, may have a smaller
    variance; the largest has it exactly. Raises Misuse with all that cannot be met.

    >>> [round(p, 4) for p in perturbation_table(2, 1.0).row(2).probability]
    [0.0638, 0.2447, 0.383, 0.2447, 0.0638]
    """
    if faults := list(_faults(largest_noise, variance, no_results_up_to)):
        place = Place("perturbation_table")
        raise Misuse([Finding(place, name, what, mend) for name, what, mend in faults])
    rows = [Chances(0, (0,), (1.0,))]
    while True:
        count = len(rows)
        allowed = [v for v in range(-largest_noise, largest_noise + 1) if _possible(count + v, no_results_up_to)]
        rows.append(Chances(count, tuple(allowed), _distribution(np.array(allowed, float), variance, count)))
        if len(allowed) == 2 * largest_noise + 1:
            break
    return PerturbationTable(tuple(rows), _name(largest_noise, variance, no_results_up_to))


def _possible(result: int, no_results_up_to: int) -> bool:
    return result == 0 or result > no_results_up_to


def _name(largest_noise: int, variance: float, no_results_up_to: int) -> str:
    return f"D{largest_noise}V{variance:g}" + (f"js{no_results_up_to}" if no_results_up_to else "")


def _faults(largest_noise: int, variance: float, no_results_up_to: int) -> Iterator[tuple[str, str, str]]:
    least = max(1, no_results_up_to)
    if not 0 <= no_results_up_to < LARGEST_NOISE:
        mend = f"write 0, or a number below {LARGEST_NOISE}"
        yield "no_results_up_to", f"no results from 1 to {no_results_up_to} cannot be had", mend
        return
    if not least <= largest_noise <= LARGEST_NOISE:
        what = f"noise up to {largest_noise}"
        yield "largest_noise", what, f"write a whole number from {least} to {LARGEST_NOISE}"
        return
    # The count in the middle of the gap must jump to one of its sides, whatever the noise of others.
    lowest = max((i * (no_results_up_to + 1 - i) for i in range(1, no_results_up_to + 1)), default=0)
    highest = largest_noise * (largest_noise + 1) / 3
    if not lowest < variance < highest:
        what = f"no noise up to {largest_noise} has variance {variance:g}"
        if no_results_up_to:
            what += f" and no results from 1 to {no_results_up_to}"
        if lowest < highest:
            yield "variance", what, f"write a number above {lowest:g}, and below {highest:g}"
        else:
            yield "variance", what, "allow larger noise, or more small results"


def _distribution(noise: Any, variance: float, count: int) -> tuple[float, ...]:
    """Find the most even probabilities with mean 0, at most this variance, and one peak at noise 0.

    A primal-dual interior-point method: Newton steps towards the conditions of Karush, Kuhn and Tucker.
    """
    size = len(noise)
    equal = np.vstack([np.ones(size), noise])
    aim = np.array([1.0, 0.0])
    one_peak = [
        (k, k + 1) if noise[k + 1] <= 0 else (k + 1, k) for k in range(size - 1) if noise[k + 1] <= 0 or noise[k] >= 0
    ]
    below = np.zeros((1 + len(one_peak), size))
    below[0] = noise**2
    for row, (smaller, larger) in enumerate(one_peak, 1):
        below[row, smaller], below[row, larger] = 1, -1
    most = np.zeros(len(below))
    most[0] = variance
    p, slack = np.full(size, 1 / size), np.ones(len(below))
    y, z = np.zeros(2), np.ones(len(below))
    best = None
    for _ in range(STEPS):
        unmet, over = equal @ p - aim, below @ p + slack - most
        slope = np.log(p) + 1 + equal.T @ y + below.T @ z
        gap = slack @ z / len(z)
        if max(abs(unmet).max(), abs(over).max()) < EXACT and max(gap, abs(p * slope).max()) < BEST:
            best = p
            if gap < TIGHT:
                break
        elif best is not None:
            break
        target = 0.1 * gap
        # In units of the root of p, in which the far ends of the noise, of chance 1e-20, are no less in scale.
        root = np.sqrt(p)
        scaled_below, scaled_equal = below * root, equal * root
        inner = np.eye(size) + scaled_below.T @ np.diag(z / slack) @ scaled_below
        system = np.block([[inner, scaled_equal.T], [scaled_equal, np.zeros((2, 2))]])
        push = -slope - below.T @ ((target - z * slack + z * over) / slack)
        step = np.linalg.lstsq(system, np.concatenate([root * push, -unmet]))[0]
        dp, dy = root * step[:size], step[size:]
        ds = -over - below @ dp
        dz = (target - z * slack - z * ds) / slack
        length = min(1.0, *(0.95 * _room(x, dx) for x, dx in ((p, dp), (slack, ds), (z, dz))))
        p, slack, y, z = p + length * dp, slack + length * ds, y + length * dy, z + length * dz
    if best is not None:
        return tuple(float(x) for x in best)
    what = f"no probabilities were found for the count {count}"
    raise misuse(what, "choose a variance further from its limits", place="perturbation_table", component="variance")


def _room(x: Any, dx: Any) -> float:
    """Tell how far one can go before a number that must be positive is not."""
    falling = dx < 0
    with np.errstate(over="ignore"):
        return float((x[falling] / -dx[falling]).min()) if falling.any() else 1 / 0.95
