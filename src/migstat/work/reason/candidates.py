"""Candidates: a few values of a column that stand for all of them, as far as some conditions can tell."""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from migstat.words.expression import Compare, Expression, In, IsMissing, Name, Number, Range, Text
from migstat.words.missing import KINDS
from migstat.words.structure import Component, Structure

ENUMERATED = 1_000
"""Whole numbers between two bounds are all listed where they are no more than this."""
OTHER = "migstat: some other text"
"""Stands for every text that no condition names, and that is no number."""


@dataclass(frozen=True, slots=True)
class Domain:
    """What a column may hold, beside being missing: the values listed, or else anything of its kind within bounds."""

    kind: str
    values: tuple[str | float, ...] | None = None
    low: float | None = None
    high: float | None = None
    whole: bool = False

    def missing(self, value: object) -> bool:
        """Say whether a value is missing."""
        return value is None or (self.kind == "code" and value in KINDS)

    def holds(self, value: object) -> bool:
        """Say whether a value may stand in the column."""
        if self.missing(value):
            return True
        if self.values is not None:
            return (str(value) if self.kind in ("code", "text") else value) in self.values
        if self.kind == "date":
            return isinstance(value, datetime.date)
        if self.kind != "number":
            return True
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return False
        inside = (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
        return inside and (not self.whole or value == math.floor(value))

    def series(self, values: Sequence[object]) -> pl.Series:
        """Return values as a column of the kind."""
        match self.kind:
            case "number":
                return pl.Series([None if one is None else float(str(one)) for one in values], dtype=pl.Float64)
            case "date":
                return pl.Series(values, dtype=pl.Date)
        return pl.Series([None if one in (None, "") else str(one) for one in values], dtype=pl.String)

    def candidates(self, asked: Sequence[Expression]) -> pl.Series | None:
        """Return values that stand for all, missing ones first; None where no few values do."""
        if self.values is not None:
            kinds = list(KINDS) if self.kind == "code" else []
            return self.series([None, *kinds, *(one for one in self.values if one not in kinds)])
        if not all(simple(one) for one in asked):
            return None
        literals = [one for atom in asked for one in written(atom)]
        numbers = sorted({one for one in map(_number, literals) if one is not None})
        texts = sorted({one.value for one in literals if isinstance(one, Text)})
        match self.kind:
            case "number":
                return self.series([None, *_around(numbers, self.low, self.high, self.whole)])
            case "date":
                return self._dates(texts) if len(texts) == len(set(literals)) else None
            case "text" | "code":
                return self._texts(numbers, texts, any(map(_ordered, asked)), len(texts) < len(set(literals)))
        return None

    def _dates(self, texts: Sequence[str]) -> pl.Series | None:
        try:
            days = sorted(datetime.date.fromisoformat(text).toordinal() for text in texts if len(text) == 10)
        except ValueError:
            return None
        if len(days) < len(texts):
            return None
        found = _around([float(day) for day in days], 1.0, float(datetime.date.max.toordinal()), True)
        return self.series([None, *(datetime.date.fromordinal(int(day)) for day in found)])

    def _texts(self, numbers: list[float], texts: list[str], ordered: bool, numeric: bool) -> pl.Series | None:
        if ordered and numeric:
            return None
        found: list[object] = [None, *texts, OTHER]
        if ordered:
            found += ["\x01", *(text + "\x00" for text in texts)]
        if numeric:
            # The zeros make a text that no condition is likely to name.
            decimals = [f"{one!r}0000000" for one in _around(numbers, None, None, False)]
            if any("e" in one for one in decimals):
                return None
            found += decimals
        return self.series(list(dict.fromkeys(found)))


def domain_of(component: Component, structure: Structure, codes: Sequence[str]) -> Domain:
    """Return what a component may hold; ``codes`` are those of its codelist."""
    match component.type:
        case "code":
            return Domain("code" if structure.kind == "record" else "text", tuple(codes))
        case "integer" | "year":
            low, high = component.minimum, component.maximum
            if low is not None and high is not None and high - low <= ENUMERATED:
                return Domain("number", tuple(float(one) for one in range(math.ceil(low), math.floor(high) + 1)))
            return Domain("number", None, low, high, True)
        case "number":
            return Domain("number", None, component.minimum, component.maximum)
        case "date":
            return Domain("date")
        case _:
            return Domain("text")


def literal(expression: Expression) -> bool:
    """Say whether an expression is a written value."""
    return isinstance(expression, Number | Text)


def simple(expression: Expression) -> bool:
    """Say whether an atom only compares a name with written values, so that a few values stand for all."""
    match expression:
        case Compare(_, left, right):
            return (isinstance(left, Name) and literal(right)) or (isinstance(right, Name) and literal(left))
        case In(Name(), _) | IsMissing(Name()):
            return True
    return False


def written(atom: Expression) -> list[Number | Text]:
    """Return the written values of a simple atom."""
    match atom:
        case Compare(_, left, right):
            return [one for one in (left, right) if isinstance(one, Number | Text)]
        case In(_, members):
            return [
                end for one in members for end in ((one.low, one.high) if isinstance(one, Range) else (one,))
            ]  # fmt: skip
    return []


def _ordered(atom: Expression) -> bool:
    return (
        isinstance(atom, Compare)
        and atom.op not in ("=", "<>")
        and any(isinstance(one, Text) for one in (atom.left, atom.right))
    )


def _number(value: Number | Text) -> float | None:
    if isinstance(value, Number):
        return value.value
    try:
        number = float(value.value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _around(points: Sequence[float], low: float | None, high: float | None, whole: bool) -> list[float]:
    """Return the points that are allowed, and one allowed number before, between and after them."""
    ends = sorted({*points, *(one for one in (low, high) if one is not None)}) or [0.0]
    found = [math.ceil(ends[0]) - 1.0, *ends, math.floor(ends[-1]) + 1.0]
    for before, after in pairwise(ends):
        found.append(math.floor(before) + 1.0 if whole else (before + after) / 2)
    inside = Domain("number", None, low, high, whole)
    return sorted({one for one in found if inside.holds(one)})
