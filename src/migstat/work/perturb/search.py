"""Search: which inner cells go up and which go down, so that published cells stay near their true counts."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from migstat.work.perturb.incidence import Incidence

TRIALS = 10
"""Exchanges tried for each candidate; a number of trials, so that speed does not change the result."""
LEAST_TRIALS = 20_000
WORST_POWER = 10
WORST_ROUNDS = 300
WORST_PICKS = 500
WORST_IDLE = 20
"""How long the largest differences are worked on: so many rounds in which nothing was better end it."""


@dataclass(slots=True)
class Choice:
    """Candidates, how much each loses when it goes down, who goes up, and the differences of published cells."""

    candidates: Any
    remainders: Any
    up: Any
    difference: Any
    stopped: bool = False


def search(counts: Any, candidates: Any, base: int, made: Incidence, deadline: float) -> Choice:
    """Choose down or up for each candidate, by small steps that bring the published cells nearer to their counts.

    Cells are taken in order, each to the side that makes up for those before it; then cells are turned, and pairs of
    cells exchanged, as long as the sum of squares, and at last of fourth powers, of the differences falls. The idea
    of choosing whom to round up by the totals that are published is that of Langsrud and Heldal (2018). The same input
    gives the same result, unless ``deadline`` (of ``time.monotonic``) comes first.
    """
    remainders = counts[candidates] % base
    choice = Choice(candidates, remainders, np.zeros(len(candidates), bool), np.zeros(made.count, np.int64))
    if not len(candidates):
        return choice
    d = choice.difference
    totals = [made.published[made.starts[c] : made.starts[c + 1]] for c in candidates]
    for k, (down, of) in enumerate(zip(remainders.tolist(), totals, strict=True)):
        before = d[of]
        choice.up[k] = up = ((before + (base - down)) ** 2).sum() < ((before - down) ** 2).sum()
        d[of] = before + (base - down if up else -down)
    for power in (2, 4):
        _turn(choice, totals, base, power, deadline)
        _exchange(choice, totals, base, power, deadline)
    _exchange(choice, totals, base, WORST_POWER, deadline, worst=True)
    return choice


def _turn(choice: Choice, totals: list[Any], base: int, power: int, deadline: float) -> None:
    """Turn single cells until none is better turned, at most a few rounds."""
    d, up = choice.difference, choice.up
    for _ in range(8):
        turned = 0
        for k, of in enumerate(totals):
            before = d[of]
            after = before + (-base if up[k] else base)
            if (after**power).sum() < (before**power).sum():
                d[of] = after
                up[k] = not up[k]
                turned += 1
        if choice.stopped or not turned:
            return
        choice.stopped = time.monotonic() > deadline


def _exchange(
    choice: Choice, totals: list[Any], base: int, power: int, deadline: float, *, worst: bool = False
) -> None:
    """Turn one cell and another of the same total the other way, where both together are better.

    With ``worst``, only cells of the totals with the largest differences are tried, as long as these get smaller.
    """
    d, up = choice.difference, choice.up
    together = np.concatenate(totals)
    order = np.argsort(together, kind="stable")
    owner = np.repeat(np.arange(len(totals)), [len(of) for of in totals])[order]
    ends = np.searchsorted(together[order], np.arange(len(d) + 1))
    random = np.random.default_rng(20181)
    idle = 0
    for _ in range(WORST_ROUNDS if worst else max(TRIALS, min(100, LEAST_TRIALS // len(totals)))):
        if choice.stopped or idle == WORST_IDLE:
            return
        picks = random.permutation(len(totals))
        if worst:
            largest = np.flatnonzero(abs(d) == abs(d).max())
            near = np.concatenate([owner[ends[t] : ends[t + 1]] for t in largest])
            picks = random.permutation(np.unique(near))[:WORST_PICKS]
        turned = False
        for k, (first, second) in zip(picks.tolist(), random.random((len(picks), 2)).tolist(), strict=True):
            of = totals[k]
            if worst:
                before = d[of]
                after = before + (-base if up[k] else base)
                if _sum(after, power, base) < _sum(before, power, base):
                    d[of] = after
                    up[k] = not up[k]
                    turned = True
                    continue
            shared = of[int(first * len(of))]
            start, end = ends[shared], ends[shared + 1]
            other = owner[start + int(second * (end - start))]
            if up[k] == up[other]:
                continue
            step = -base if up[k] else base
            there = totals[other]
            before = d[of]
            after = before + step
            gain = _sum(before, power, base) - _sum(after, power, base)
            d[of] = after
            before = d[there]
            after = before - step
            if gain + _sum(before, power, base) - _sum(after, power, base) > 0:
                d[there] = after
                up[k], up[other] = up[other], up[k]
                turned = True
            else:
                d[of] -= step
        idle = 0 if turned or not worst else idle + 1
        choice.stopped = time.monotonic() > deadline


def _sum(difference: Any, power: int, base: int) -> float:
    """Add up powers of differences, in units of the base, so that they stay within what a number can hold."""
    return float(((difference / base) ** power).sum())
