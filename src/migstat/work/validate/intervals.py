"""Intervals: what an aggregate may be at least and at most, and what is true whatever the missing values are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import narwhals as nw

from migstat.words.expression import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Expression,
    In,
    Not,
    Number,
    Or,
    Range,
    aggregates,
)
from migstat.words.finding import misuse


@dataclass(frozen=True, slots=True)
class Interval:
    """The least and the most a number can be; null where there is no such bound."""

    low: nw.Expr
    high: nw.Expr


@dataclass(frozen=True, slots=True)
class Bounds:
    """Compiles an expression over aggregates whose bounds stand in columns; what holds none is compiled as ever."""

    columns: Mapping[Call, tuple[str, str]]
    plain: Callable[[Expression], nw.Expr]

    def truth(self, expression: Expression) -> nw.Expr:
        """Return true, false, or null where it hangs on a missing value."""
        if not aggregates(expression):
            return self.plain(expression)
        match expression:
            case Compare(op, left, right):
                return _compare(op, self.number(left), self.number(right))
            case Between(item, low, high):
                value = self.number(item)
                return _compare(">=", value, self.number(low)) & _compare("<=", value, self.number(high))
            case In(item, members):
                return reduce(or_, (self._member(self.number(item), member) for member in members))
            case Not(item):
                return ~self.truth(item)
            case And(items):
                return reduce(and_, (self.truth(item) for item in items))
            case Or(items):
                return reduce(or_, (self.truth(item) for item in items))
        raise misuse("an aggregate stands where a condition should", "compare it: count(...) = 1")

    def number(self, expression: Expression) -> Interval:
        """Return the bounds of a number."""
        if not aggregates(expression):
            value = self.plain(Call("number", (expression,)))
            return Interval(value, value)
        match expression:
            case Call() if expression in self.columns:
                low, high = self.columns[expression]
                return Interval(nw.col(low), nw.col(high))
            case Call("abs", (item,)):
                inside = self.number(item)
                most = nw.max_horizontal(inside.low.abs(), inside.high.abs())
                least = nw.when(inside.high <= 0).then(inside.high * -1).otherwise(nw.lit(0.0))
                return _both(inside, Interval(nw.when(inside.low >= 0).then(inside.low).otherwise(least), most))
            case Call("floor", (item,)):
                inside = self.number(item)
                return Interval(inside.low.floor(), inside.high.floor())
            case Call("number", (item,)):
                return self.number(item)
            case Arithmetic("+", left, right):
                one, two = self.number(left), self.number(right)
                return Interval(one.low + two.low, one.high + two.high)
            case Arithmetic("-", left, right):
                one, two = self.number(left), self.number(right)
                return Interval(one.low - two.high, one.high - two.low)
            case Arithmetic("*", left, right):
                return _product(self.number(left), self.number(right))
            case Arithmetic("/", left, right):
                return _product(self.number(left), _inverse(self.number(right)))
        raise misuse(
            "an aggregate stands inside a function that does not take one", "use + - * /, abs, floor and comparisons"
        )

    def _member(self, value: Interval, member: Expression | Range) -> nw.Expr:
        if isinstance(member, Range):
            low, high = self.number(member.low), self.number(member.high)
            return _compare(">=", value, low) & _compare("<=", value, high)
        if not isinstance(member, Number):
            raise misuse("an aggregate is compared with a text", "compare it with numbers")
        return _compare("=", value, self.number(member))


def _compare(op: str, left: Interval, right: Interval) -> nw.Expr:
    match op:
        case "<":
            surely, never = left.high < right.low, left.low >= right.high
        case "<=":
            surely, never = left.high <= right.low, left.low > right.high
        case ">":
            surely, never = left.low > right.high, left.high <= right.low
        case ">=":
            surely, never = left.low >= right.high, left.high < right.low
        case "=":
            surely, never = _same(left, right), _apart(left, right)
        case _:
            surely, never = _apart(left, right), _same(left, right)
    no = nw.when(never).then(nw.lit(False)).otherwise(nw.lit(None, nw.Boolean))
    return nw.when(surely).then(nw.lit(True)).otherwise(no)


def _same(left: Interval, right: Interval) -> nw.Expr:
    return (left.low == left.high) & (right.low == right.high) & (left.low == right.low)


def _apart(left: Interval, right: Interval) -> nw.Expr:
    return (left.high < right.low) | (left.low > right.high)


def _both(value: Interval, made: Interval) -> Interval:
    known = ~value.low.is_null() & ~value.high.is_null()
    return Interval(nw.when(known).then(made.low), nw.when(known).then(made.high))


def _product(one: Interval, two: Interval) -> Interval:
    products = [one.low * two.low, one.low * two.high, one.high * two.low, one.high * two.high]
    made = Interval(nw.min_horizontal(*products), nw.max_horizontal(*products))
    return _both(_both(one, two), made) if one is not two else _both(one, made)


def _inverse(value: Interval) -> Interval:
    away = (value.low > 0) | (value.high < 0)
    return Interval(nw.lit(1.0) / nw.when(away).then(value.high), nw.lit(1.0) / nw.when(away).then(value.low))
