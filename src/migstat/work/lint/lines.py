"""Lines of a recode: two that take the same value at the same date, and values that are valid with gaps."""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from migstat.words.how_many import how_many
from migstat.words.mapping_rule import ANY, BLANK, Line, PatternLine, bounds
from migstat.work.lint.check import Check
from migstat.work.lint.values import values

L = TypeVar("L", Line, PatternLine)
MOST = 20
"""Clashes told of one rule; a table pasted twice need not fill the screen."""


def check_lines(check: Check, component: str, lines: Sequence[Line], dates: Sequence[datetime.date]) -> None:
    """Check the lines of one rule. ``dates`` are those of the source; none where they stand in a column."""
    clashes = list(_clashes(lines))
    for first, second in clashes[:MOST]:
        same = first.code == second.code
        mend = "remove one of the two" if same else f"keep {first.code} or {second.code}, or give dates that part them"
        told = _told(second)
        also = "" if first.values == second.values else f" as {_told(first)}"
        what = f"{told} is already taken{also} in {first.place}, as {first.code}"
        check.error(second.place, component, what, mend)
    if len(clashes) > MOST:
        what = f"{how_many(len(clashes) - MOST, 'more line takes', 'more lines take')} a value that is already taken"
        check.error(clashes[MOST][1].place, component, what, "take the lines out that stand twice")
    for line, end, start in gaps(lines, dates):
        what = f"{_told(line)} has no line from {end} until {start}"
        check.warn(line.place, component, what, "close the gap, or say what the value was: _U where it is not known")


def _told(line: Line) -> str:
    return " ".join("a blank" if value == BLANK else f"'{value}'" for value in line.values)


def _clashes(lines: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield each line that takes a value at a date at which an earlier one takes it, with that earlier one."""
    exact: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    wide: list[Line] = []
    for line in lines:
        if all(value != ANY and bounds(value) is None for value in line.values):
            earlier = next((other for other in exact[line.values] if same_time(other, line)), None)
            exact[line.values].append(line)
            earlier = earlier or next((other for other in wide if _clash(other, line)), None)
        else:
            earlier = next((other for other in wide if _clash(other, line)), None)
            known = (other for others in exact.values() for other in others)
            earlier = earlier or next((other for other in known if _clash(other, line)), None)
            wide.append(line)
        if earlier is not None:
            yield earlier, line


def _clash(first: Line, second: Line) -> bool:
    pairs = zip(first.values, second.values, strict=True)
    return same_time(first, second) and all(values([one]).meets(values([two])) for one, two in pairs)


def same_time(first: L, second: L) -> bool:
    """Say whether both hold on some day."""
    earliest, latest = datetime.date.min, datetime.date.max
    begins_before = (first.valid_from or earliest) < (second.valid_to or latest)
    return begins_before and (second.valid_from or earliest) < (first.valid_to or latest)


def gaps(lines: Sequence[L], dates: Sequence[datetime.date]) -> Iterator[tuple[L, datetime.date, datetime.date]]:
    """Yield the values that are valid before and after a time, and not in it, where the source has a date there."""
    by_value: dict[tuple[object, ...], list[L]] = defaultdict(list)
    for line in lines:
        if line.valid_from or line.valid_to:
            by_value[line.values].append(line)
    for group in by_value.values():
        group.sort(key=lambda line: line.valid_from or datetime.date.min)
        for before, after in pairwise(group):
            end, start = before.valid_to, after.valid_from
            if end and start and end < start and (not dates or any(end <= date < start for date in dates)):
                yield after, end, start
