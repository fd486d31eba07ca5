"""Status: residence before and after each crossing, and the day on which each became final.

A crossing can change the status only if a resident leaves or a non-resident arrives. As whether it is a move does not
depend on the status (see outcome), the status after a crossing is the side of the latest crossing that was a move, and
where there is none the status at the start: no person has to be gone through crossing by crossing.
"""

from dataclasses import dataclass

import numpy as np

from migstat.work.reside.outcome import MOVE, OPEN, Bools, History, Ints, Outcome

YES, NO, UNKNOWN = np.int8(1), np.int8(0), np.int8(-1)
NEVER = np.iinfo(np.int64).min // 4


@dataclass(frozen=True, slots=True)
class Statuses:
    """For each crossing: resident before and after (yes, no, unknown), moved, and the days on which these are final.

    A day that is not known is ``NEVER``. ``can`` is true where the crossing could change the status; ``quick`` where it
    is known from an earlier one to be the way back.
    """

    before: Ints
    after: Ints
    moved: Ints
    before_final: Ints
    after_final: Ints
    moved_final: Ints
    can: Bools


def statuses(one: History, outcome: Outcome, start: Ints, since: Ints) -> Statuses:
    """Follow the status of every person. ``start`` is the status before the first crossing, final on day ``since``.

    Where that day is after the first crossing, the status is taken as inferred until the first crossing at which the
    status is final no earlier, and there it is set to what was given.
    """
    late = since > one.day[one.first]
    inferred = np.where(one.arrival[one.first], NO, YES)
    begun = np.where(late, inferred, start)
    found = _followed(one, outcome, begun, np.where(late, one.day[one.first], since), np.zeros(len(begun), dtype=bool))
    if not late.any():
        return found
    due = late & (found.before_final >= since)
    forced = due & (np.maximum.accumulate(np.where(due, np.arange(len(due)), -1)) == np.arange(len(due)))
    earlier = np.concatenate([[False], due[:-1]]) & ~one.begins
    forced &= ~_any_before(earlier, one)
    return _followed(one, outcome, begun, np.where(late, one.day[one.first], since), forced, start)


def _any_before(hit: Bools, one: History) -> Bools:
    """Tell whether there is a hit at or before a row, among the rows of its person."""
    running = np.cumsum(hit)
    before = np.concatenate([[0], running])[one.first]
    return np.asarray(running - before > 0)


def _followed(
    one: History, outcome: Outcome, start: Ints, since: Ints, forced: Bools, given: Ints | None = None
) -> Statuses:
    rows = np.arange(len(one.day))
    side = np.where(one.arrival, YES, NO)
    settled, value = _latest(one, outcome.made == MOVE, forced, side, start, given)
    opened = [_last(one, (outcome.made == OPEN) & (one.arrival == arriving)) for arriving in (False, True)]
    # A move that is open leaves the status unknown, if it would have changed it, until the next move that is none.
    open_since = np.where(value == YES, opened[0], np.where(value == NO, opened[1], -1))
    after = np.where(2 * open_since + 1 > settled, UNKNOWN, value).astype(np.int8)
    after = np.where(value == UNKNOWN, UNKNOWN, after)
    before = np.where(one.begins, start, np.concatenate([[NO], after[:-1]]) if len(rows) else after).astype(np.int8)
    if given is not None:
        before = np.where(forced, given, before).astype(np.int8)
    can = (before != UNKNOWN) & (before != side)
    known = (before != UNKNOWN) & (after != UNKNOWN)
    moved = np.where(known, before != after, UNKNOWN).astype(np.int8)
    # A move settles the status also where it was not known before.
    settling = (moved == YES) | ((before == UNKNOWN) & (after != UNKNOWN))
    before_final, after_final = _final(one, outcome, can, settling, since)
    moved_final = np.where(moved == UNKNOWN, NEVER, after_final)
    quick = _quick_returns(one, outcome, can, before_final, moved)
    hit = (quick > NEVER) & ~(can & (outcome.made == OPEN))
    moved = np.where(hit, NO, moved).astype(np.int8)
    return Statuses(
        before,
        after,
        moved,
        np.where(before == UNKNOWN, NEVER, before_final),
        np.where(after == UNKNOWN, NEVER, after_final),
        np.where(hit, quick, moved_final),
        can,
    )


def _last(one: History, hit: Bools) -> Ints:
    """Return the latest row at or before each, among those of the person, that is hit; -1 for none."""
    latest = np.maximum.accumulate(np.where(hit, np.arange(len(hit)), -1)) if len(hit) else np.zeros(0, dtype=np.int64)
    return np.where(latest >= one.first, latest, -1)


def _latest(
    one: History, moves: Bools, forced: Bools, side: Ints, start: Ints, given: Ints | None
) -> tuple[Ints, Ints]:
    """Return when the status was last settled (twice the row, and one more where by a move), and as what."""
    move, force = _last(one, moves), _last(one, forced)
    settled = np.maximum(np.where(move >= 0, 2 * move + 1, -1), np.where(force >= 0, 2 * force, -1))
    by_move = (settled >= 0) & (settled % 2 == 1)
    row = np.maximum(settled // 2, 0)
    value = np.where(by_move, side[row], start)
    if given is not None:
        value = np.where((settled >= 0) & ~by_move, given[row], value)
    return settled, value


def _final(one: History, outcome: Outcome, can: Bools, settling: Bools, since: Ints) -> tuple[Ints, Ints]:
    """Return the days on which the status before and after each crossing was final."""
    # No status is final before the one before it was, unless a move sets it anew: the latest of all days since then.
    own = np.where(can & (outcome.made != OPEN), outcome.final, one.day)
    reset = one.begins | np.concatenate([[False], settling[:-1]]) if len(settling) else settling
    begun = np.where(one.begins, since, np.concatenate([[0], outcome.final[:-1]]) if len(own) else own)
    carried = np.where(reset, begun, np.concatenate([[0], own[:-1]]) if len(own) else own)
    before = _latest_since(np.maximum(carried, one.day), reset)
    after = np.where(settling, outcome.final, np.maximum(own, before))
    return before, after


def _latest_since(days: Ints, reset: Bools) -> Ints:
    """Return the running maximum, begun anew at each reset."""
    if not len(days):
        return days
    lift = np.cumsum(reset) * (int(days.max() - days.min()) + 1)
    latest: Ints = np.maximum.accumulate(days + lift) - lift
    return latest


def _quick_returns(one: History, outcome: Outcome, can: Bools, before_final: Ints, moved: Ints) -> Ints:
    """Return the day on which a crossing is known to be the way back of an earlier one that is not decided yet.

    That is so fewer than twice W - V days after the day on which the status before that earlier one was final. The
    earliest such crossing counts.
    """
    known = np.full(len(one.day), NEVER)
    for arriving in (True, False):
        out = np.flatnonzero(can & (one.arrival == arriving))
        back = np.flatnonzero((one.arrival != arriving) & (moved != YES))
        if not len(out):
            continue
        reach = np.maximum.accumulate(outcome.end[out])
        at = np.searchsorted(reach, back, side="left")
        while len(back):
            inside = at < len(out)
            inside[inside] = (out[at[inside]] < back[inside]) & (out[at[inside]] >= one.first[back[inside]])
            back, at = back[inside], at[inside]
            source = out[at]
            soon = one.day[back] - before_final[source] < 2 * one.slack[source]
            hit = (outcome.end[source] >= back) & soon
            known[back[hit]] = np.maximum(one.day[back[hit]], before_final[source[hit]])
            back, at = back[~hit], at[~hit] + 1
    return known
