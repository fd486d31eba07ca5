"""Sets of source values: what a list of values or a condition takes, and whether two of them meet."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from migstat.words.expression import And, Between, Compare, Expression, In, IsMissing, Name, Number, Or, Range, Text
from migstat.words.mapping_rule import ANY, BLANK, bounds

Ends = tuple[float, float]


def number(text: str) -> float | None:
    """Return the number that a text is, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Values:
    """Texts, closed ranges of numbers, and perhaps the blank; or any value at all."""

    texts: frozenset[str] = frozenset()
    ranges: tuple[Ends, ...] = ()
    blank: bool = False
    any: bool = False

    def covers(self, other: "Values") -> bool:
        """Say whether every value of the other is one of these."""
        if self.any or other.any:
            return self.any
        return (
            (self.blank or not other.blank)
            and all(text in self.texts or self._in_range(text) for text in other.texts)
            and all(any(low <= start and end <= high for low, high in self.ranges) for start, end in other.ranges)
        )

    def meets(self, other: "Values") -> bool:
        """Say whether a value can be in both."""
        if self.any or other.any:
            return True
        return (
            (self.blank and other.blank)
            or bool(self.texts & other.texts)
            or any(self._in_range(text) for text in other.texts)
            or any(other._in_range(text) for text in self.texts)
            or any(low <= end and start <= high for low, high in self.ranges for start, end in other.ranges)
        )

    def _in_range(self, text: str) -> bool:
        if not self.ranges:
            return False
        value = number(text)
        return value is not None and any(low <= value <= high for low, high in self.ranges)


def values(texts: Iterable[str]) -> Values:
    """Return the set that a list of source values names: texts, ranges, blank, any."""
    texts = tuple(texts)
    ranges = tuple(ends for text in texts if (ends := bounds(text)))
    exact = frozenset(text for text in texts if text not in {ANY, BLANK} and bounds(text) is None)
    return Values(exact, ranges, BLANK in texts, ANY in texts)


def taken(expression: Expression) -> Mapping[str, Values] | None:
    """Return the values of each column for which a condition is true; None where it is not of that simple form."""
    parts = expression.items if isinstance(expression, And) else (expression,)
    found: dict[str, Values] = {}
    for part in parts:
        one = _one(part)
        if one is None or one[0] in found:
            return None
        found[one[0]] = one[1]
    return found


def _one(expression: Expression) -> tuple[str, Values] | None:
    match expression:
        case Compare("=", Name(name), Text(value)):
            return name, Values(frozenset({value}))
        case Compare(op, Name(name), Number(value)) if op != "<>":
            return name, Values(ranges=(_ends(op, value),))
        case Between(Name(name), Number(low), Number(high)):
            return name, Values(ranges=((low, high),))
        case IsMissing(Name(name)):
            return name, Values(blank=True)
        case In(Name(name), members):
            texts = frozenset(member.value for member in members if isinstance(member, Text))
            points = [(member.value, member.value) for member in members if isinstance(member, Number)]
            spans = [(member.low.value, member.high.value) for member in members if isinstance(member, Range)]
            return name, Values(texts, (*points, *spans))
        case Or(items):
            return _either(items)
    return None


def _either(items: tuple[Expression, ...]) -> tuple[str, Values] | None:
    ones = [one for item in items if (one := _one(item)) is not None]
    if len(ones) < len(items) or len({name for name, _ in ones}) > 1:
        return None
    sets = [one for _, one in ones]
    texts = frozenset(text for one in sets for text in one.texts)
    return ones[0][0], Values(texts, tuple(ends for one in sets for ends in one.ranges), any(one.blank for one in sets))


def _ends(op: str, value: float) -> Ends:
    match op:
        case "=":
            return value, value
        case "<":
            return -math.inf, math.nextafter(value, -math.inf)
        case "<=":
            return -math.inf, value
        case ">":
            return math.nextafter(value, math.inf), math.inf
    return value, math.inf
