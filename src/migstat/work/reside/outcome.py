"""Outcomes: for each crossing whether what follows would make it a move, whatever the status of the person before.

The rule is that of Statistics New Zealand's outcomes-based migration measure (12 months in 16), for any V in W: days on
the new and on the old side are added up from the crossing on. If the new side reaches V, it is a move; if the old side
exceeds W - V, V can no longer be reached, and it is none.
"""

from dataclasses import dataclass

import numpy as np

from migstat.words.residence import ResidenceRule

MOVE, NO_MOVE, OPEN = np.int8(1), np.int8(0), np.int8(-1)
Ints = np.ndarray
Bools = np.ndarray


@dataclass(frozen=True, slots=True)
class History:
    """Crossings of many persons, person after person in order of time: days since 1970, and what follows from them.

    ``first`` and ``last`` are the rows of the first and last crossing of the person; ``stay`` the days until the next
    crossing, and after the last one until the end of what was observed, or a whole window where no end is given.
    """

    day: Ints
    arrival: Bools
    first: Ints
    last: Ints
    stay: Ints
    threshold: Ints
    slack: Ints

    @property
    def begins(self) -> Bools:
        """True at the first crossing of a person."""
        begins: Bools = self.first == np.arange(len(self.day))
        return begins


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether each crossing is ``made`` a move, none or open; decided in the stay of row ``end``, on day ``final``."""

    made: Ints
    end: Ints
    final: Ints


def history(person: Ints, day: Ints, arrival: Bools, rule: ResidenceRule, until: int | None) -> History:
    """Make a history of crossings in order; ``until`` is the day on which observation ends."""
    rows = np.arange(len(day))
    begins = np.concatenate([[True], person[1:] != person[:-1]]) if len(day) else np.zeros(0, dtype=bool)
    ends = np.concatenate([begins[1:], [True]]) if len(day) else begins
    first = np.maximum.accumulate(np.where(begins, rows, 0))
    last = np.minimum.accumulate(np.where(ends, rows, len(day))[::-1])[::-1]
    threshold, window = _spans(day, rule)
    following = np.concatenate([day[1:], [0]]) if len(day) else day
    stay = np.where(ends, window if until is None else until - day, following - day)
    return History(day, arrival, first, last, stay, threshold, window - threshold)


def _spans(day: Ints, rule: ResidenceRule) -> tuple[Ints, Ints]:
    if rule.unit == "days":
        return np.full(len(day), rule.threshold), np.full(len(day), rule.window)
    return months_later(day, rule.threshold) - day, months_later(day, rule.window) - day


def months_later(day: Ints, months: int) -> Ints:
    """Return the day so many calendar months later; the last of the month where there is no such day."""
    dates = day.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    within = (dates - month).astype(np.int64)
    then = month + np.timedelta64(months, "M")
    length = ((then + np.timedelta64(1, "M")).astype("datetime64[D]") - then.astype("datetime64[D]")).astype(np.int64)
    later: Ints = then.astype("datetime64[D]").astype(np.int64) + np.minimum(within, length - 1)
    return later


def outcomes(one: History) -> Outcome:
    """Judge every crossing by what follows it."""
    rows = len(one.day)
    made, end, final = np.full(rows, OPEN), one.last.copy(), np.zeros(rows, dtype=np.int64)
    inside = np.where(one.arrival, one.stay, 0)
    days_in, days_out = _running(inside), _running(one.stay - inside)
    for arriving, new, old in ((True, days_in, days_out), (False, days_out, days_in)):
        at = np.flatnonzero(one.arrival == arriving)
        limit = one.last[at]
        reached = np.searchsorted(new[1:], new[at] + one.threshold[at], side="left")
        exceeded = np.searchsorted(old[1:], old[at] + one.slack[at], side="right")
        moves = (reached <= limit) & (reached < exceeded)
        stays = (exceeded <= limit) & (exceeded < reached)
        made[at[moves]], made[at[stays]] = MOVE, NO_MOVE
        decided = np.minimum(reached, exceeded)
        end[at] = np.minimum(decided, limit)
        # Both have the days on the other side added that went by until then.
        by = np.minimum(decided, rows - 1)
        final[at] = one.day[at] + np.where(
            moves, one.threshold[at] + old[by] - old[at], one.slack[at] + new[by] - new[at]
        )
    return Outcome(made, end, final)


def days_inside(one: History, length: Ints) -> Ints:
    """Return the days that each person is in the country within so many days of each crossing."""
    inside = np.where(one.arrival, one.stay, 0)
    running = _running(inside)
    span = int(one.day.max() - one.day.min() + length.max() + 2) if len(one.day) else 1
    number = np.cumsum(one.begins) * span
    place = np.searchsorted(number + one.day, number + one.day + length, side="right") - 1
    place = np.minimum(place, one.last)
    until = running[place] + np.where(one.arrival[place], one.day + length - one.day[place], 0)
    days: Ints = until - running[np.arange(len(one.day))]
    return days


def _running(days: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(days)])
