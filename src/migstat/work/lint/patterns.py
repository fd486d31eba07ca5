"""Patterns: expressions that cannot be used, lines that take the same value, and lines that nothing can reach."""

import re
from collections.abc import Iterable, Iterator

from migstat.words.mapping_rule import PatternLine, Patterns, PatternValue
from migstat.words.structure import Component
from migstat.work.harmonize.patterns import groups, lines_met, pattern_fault
from migstat.work.lint.check import Check
from migstat.work.lint.lines import gaps, same_time

MOST = 20
ALL = {".*", ".+", "^.*$", "^.+$", "^.*", ".*$", "(.*)", "(.+)"}


def check_patterns(check: Check, component: Component, rule: Patterns, met: Iterable[tuple[str, ...]] = ()) -> None:
    """Check the lines of one rule. ``met`` are source values known beforehand, such as the codes of a codelist."""
    usable = []
    for line in rule.lines:
        before = len(check.findings)
        _expressions(check, component.id, line)
        if "\\" not in line.code:
            check.code(component, line.code, line.place)
        if len(check.findings) == before:
            usable.append(line)
    for earlier, line in _never(usable):
        what = f"{_told(line)} is never reached: {_told(earlier)} in {earlier.place} takes all of it first"
        check.error(line.place, component.id, what, "put the narrower line first, or remove it")
    _shared(check, component.id, Patterns(rule.columns, tuple(usable), rule.place), met)
    for line, end, start in gaps(usable, []):
        what = f"{_told(line)} has no line from {end} until {start}"
        check.warn(line.place, component.id, what, "close the gap, or say what the value was: _U where it is not known")


def _expressions(check: Check, component: str, line: PatternLine) -> None:
    captured = 0
    for value in line.values:
        if not value.is_regex:
            continue
        fault = pattern_fault(value.text)
        if fault:
            mend = "write it without look-around, back-references and long repetitions, or list the values"
            check.error(line.place, component, f"the expression '{value.text[:60]}' {fault}", mend)
            return
        captured = captured or groups(value.text)
    wanted = max((int(number) for number in re.findall(r"\\(\d)", line.code)), default=0)
    if wanted > captured:
        what = f"'{line.code}' asks for group {wanted}, and the expression captures {captured or 'none'}"
        check.error(line.place, component, what, "put round brackets around the part that is wanted")


def _never(lines: list[PatternLine]) -> Iterator[tuple[PatternLine, PatternLine]]:
    """Yield each line that comes after one that takes every value it takes, with that earlier one."""
    plain = [line for line in lines if all(_plain(value) for value in line.values)]
    others = [line for line in lines if not all(_plain(value) for value in line.values)]
    seen: dict[tuple[PatternValue, ...], list[PatternLine]] = {}
    catching: list[PatternLine] = []
    for line in [*plain, *others]:
        earlier = next((one for one in seen.get(line.values, ()) if same_time(one, line)), None)
        earlier = earlier or next((one for one in catching if same_time(one, line)), None)
        if earlier is not None:
            yield earlier, line
        seen.setdefault(line.values, []).append(line)
        if all(value.is_regex and value.text in ALL and not (value.start or value.end) for value in line.values):
            catching.append(line)


def _shared(check: Check, component: str, rule: Patterns, met: Iterable[tuple[str, ...]]) -> None:
    """Warn where the order alone decides which of two expressions takes a value that is known."""
    wide = [line for line in rule.lines if any(not _plain(value) for value in line.values)]
    known = list(dict.fromkeys(met))
    if len(wide) < 2 or not known:
        return
    takers = [lines_met(rule, [line], known) for line in wide]
    told = 0
    for second in range(1, len(wide)):
        for first in range(second):
            one, other = wide[first], wide[second]
            if one.code == other.code or not same_time(one, other) or one.values == other.values:
                continue
            pairs = zip(known, takers[first], takers[second], strict=True)
            both = next((row for row, (a, _), (b, _) in pairs if a >= 0 and b >= 0), None)
            catch_all = all(value.text in ALL for value in other.values)
            if both is not None and not catch_all and told < MOST:
                told += 1
                what = f"'{' '.join(both)}' is taken by {_told(other)} and, before it, by {_told(one)} in {one.place}"
                check.warn(other.place, component, what, "make the expressions narrower, or mind their order")


def _plain(value: PatternValue) -> bool:
    return not value.is_regex and value.start is None and value.end is None


def _told(line: PatternLine) -> str:
    return " ".join(
        f"/{one.text}/" if one.is_regex else f"'{one.text}'" if one.text else "a blank" for one in line.values
    )
