"""Lines of a structure map: what the lines of a recode and the arms of cases say of source values, in SDMX's words."""

import datetime
import re
from collections.abc import Iterable
from itertools import product

from migstat.words.mapping_rule import (
    ANY,
    BLANK,
    Cases,
    Fixed,
    Line,
    PatternValue,
    bounds,
)
from migstat.words.structure_map import (
    Annotation,
    ValueMapping,
)
from migstat.work.lint.values import Values, taken
from migstat.work.structure_maps.notes import LINE, note
from migstat.work.structure_maps.numbers import between

MOST_LINES = 500
"""Lines that the cases of one rule may become."""

ANYTHING, SOMETHING = PatternValue(".*", True), PatternValue(".+", True)


def exact_lines(lines: Iterable[Line], pad: int | None = None) -> list[ValueMapping] | None:
    """Return lines in SDMX's words, or None where one of them is a range that SDMX cannot say."""
    found = [exact_line(line, pad) for line in lines]
    said = [one for one in found if one is not None]
    return said if len(said) == len(found) else None


def exact_line(line: Line, pad: int | None = None) -> ValueMapping | None:
    """Return a line in SDMX's words, or None where a range is not one of whole numbers from 0."""
    values = []
    for value in line.values:
        ends = bounds(value)
        if value == ANY:
            values.append(ANYTHING)
        elif ends is not None:
            if ends[0] < 0 or ends[0] % 1 or ends[1] % 1:
                return None
            values.append(PatternValue(between(int(ends[0]), int(ends[1])), True))
        else:
            values.append(padded(value, pad))
    written = tuple(values) == tuple(PatternValue(value) for value in line.values)
    notes = line_note(line, () if written else line.values)
    return ValueMapping(tuple(values), (line.code,), line.place, line.valid_from, last_day(line.valid_to), notes)


def padded(value: str, pad: int | None) -> PatternValue:
    """Return what the source may hold where it is filled with zeros up to a width."""
    if not pad or len(value) != pad or not value.startswith("0"):
        return PatternValue(value)
    rest = value.lstrip("0")
    zeros = len(value) - len(rest)
    return PatternValue(f"0{{{0 if rest else 1},{zeros}}}{re.escape(rest)}", True)


def line_note(line: object, values: tuple[str, ...] = ()) -> tuple[Annotation, ...]:
    """Return the note of what a line says that SDMX has no words for, if it says any such thing."""
    said: dict[str, object] = {"values": list(values)} if values else {}
    for key, plain in (("match", "exact"), ("because", ""), ("label", ""), ("confidence", None)):
        if getattr(line, key, plain) != plain:
            said[key] = getattr(line, key)
    return (note(LINE, said),) if said else ()


def last_day(day: datetime.date | None) -> datetime.date | None:
    """Return the last day on which a line holds, of the first on which it no longer does."""
    return None if day is None else day - datetime.timedelta(days=1)


def case_columns(rule: Cases) -> tuple[str, ...]:
    """Return the columns that the conditions of the arms look at, each once."""
    return tuple(dict.fromkeys(name for arm in rule.arms for name in (taken(arm.when) or {})))


def case_lines(rule: Cases) -> list[ValueMapping] | None:
    """Return cases as lines over all columns they read, or None where SDMX cannot say them."""
    arms = [(taken(arm.when), arm) for arm in rule.arms]
    if rule.otherwise is not None and not isinstance(rule.otherwise, Fixed):
        return None
    columns = case_columns(rule)
    found: list[ValueMapping] = []
    for index, (when, arm) in enumerate(arms):
        if when is None or not isinstance(arm.rule, Fixed) or any(_meet(when, other) for other, _ in arms[:index]):
            return None
        choices = [_choices(when.get(name)) for name in columns]
        if any(choice is None for choice in choices):
            return None
        lines = list(product(*(choice for choice in choices if choice is not None)))
        if len(found) + len(lines) > MOST_LINES:
            return None
        found += [ValueMapping(values, (arm.rule.value,), arm.place, annotations=line_note(arm)) for values in lines]
    if isinstance(rule.otherwise, Fixed):
        found.append(ValueMapping((ANYTHING,) * len(columns), (rule.otherwise.value,), rule.otherwise.place))
    return found


def _meet(one: object, other: object) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return True
    return all(one[name].meets(other[name]) for name in one.keys() & other.keys())


def _choices(values: Values | None) -> list[PatternValue] | None:
    if values is None or values.any:
        return [ANYTHING]
    found = [PatternValue(text) for text in sorted(values.texts)] + ([PatternValue(BLANK)] if values.blank else [])
    for low, high in values.ranges:
        if low < 0 or low % 1 or (high % 1 if high != float("inf") else 0):
            return None
        found.append(PatternValue(between(int(low), None if high == float("inf") else int(high)), True))
    return found
