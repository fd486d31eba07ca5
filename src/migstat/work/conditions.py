"""Conditions: an expression tree compiled to a frame expression that knows true, false and unknown."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, eq, ge, gt, le, lt, mul, ne, or_, sub
from typing import Any, Literal, assert_never

import narwhals as nw

from migstat.words.expression import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Expression,
    In,
    IsMissing,
    Name,
    Not,
    Number,
    Or,
    Range,
    Text,
)
from migstat.words.finding import misuse
from migstat.words.missing import KINDS, NOT_COLLECTED

Kind = Literal["text", "number", "date", "code", "absent", "numeral"]
Pairs = frozenset[tuple[str, str]]

NUMBER = r"^ *[-+]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30}) *$"
MOST_DIGITS = 1e15
"""Whole numbers from here on are no longer exact, and are written as the engine writes them."""
ISO_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {"=": eq, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_SUMS: dict[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul}


def compile_expression(
    expression: Expression,
    kinds: Mapping[str, str],
    unknown_pairs: Pairs = frozenset(),
    number_of: Callable[[str], nw.Expr] | None = None,
) -> nw.Expr:
    """Compile an expression over the columns whose kinds are given; unknown is null, ``and`` and ``or`` are Kleene's.

    ``text`` is text, a blank being null; ``number`` and ``date`` are typed columns; ``numeral`` is a text of which
    ``number_of`` gives the number; ``code`` holds codes, of which the kinds of missing count as null (``text(X)`` gives
    the code itself, kinds of missing too); ``absent`` is a column that is not there, of which ``text(X)`` is ``_X``.
    Where a side is a number the comparison is numeric, and text that is no number is unknown. ``same_area`` is unknown
    for a pair of ``unknown_pairs``, in either order.

    Runs on every engine whose booleans have nulls: Polars, PyArrow, DuckDB, Ibis and Spark. A pandas frame is taken
    through Polars first, because its comparisons turn a null into false.

    >>> import polars as pl
    >>> frame = nw.from_native(pl.DataFrame({"AGE": ["34", "7", None, "x"]}))
    >>> older = compile_expression(Compare(">=", Name("AGE"), Number(15, "15")), {"AGE": "text"})
    >>> frame.select(older.alias("older"))["older"].to_list()
    [True, False, None, None]
    """
    return compile_value(expression, kinds, unknown_pairs, number_of).expr


def compile_value(
    expression: Expression,
    kinds: Mapping[str, str],
    unknown_pairs: Pairs = frozenset(),
    number_of: Callable[[str], nw.Expr] | None = None,
) -> "Value":
    """Compile an expression as ``compile_expression`` does, with its kind: it can be had as a number or as a text."""
    parsed = number_of or (lambda name: as_number(nw.col(name)))
    return _Compiler(kinds, unknown_pairs, parsed).value(expression)


def as_number(text: nw.Expr) -> nw.Expr:
    """Return the number that a text holds, or null where it holds none; never an error, on any engine."""
    return nw.when(text.str.contains(NUMBER)).then(text).str.strip_chars().cast(nw.Float64)


def floored(number: nw.Expr) -> nw.Expr:
    """Return a number rounded down; one that is too large to have a fraction stays as it is, also in Spark."""
    small = number.abs() < MOST_DIGITS
    return nw.when(small).then(nw.when(small).then(number).floor().cast(nw.Float64)).otherwise(number)


def is_whole(number: nw.Expr) -> nw.Expr:
    """Return whether a number is a whole one that is held exactly."""
    return (number == floored(number)) & (number.abs() < MOST_DIGITS)


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression gives. A condition as a number or text is 1 where it is true, 0 where not."""

    expr: nw.Expr
    kind: Literal["text", "number", "truth"]
    parsed: Callable[[], nw.Expr] | None = None

    @property
    def number(self) -> nw.Expr:
        """The number, or null where there is none."""
        if self.parsed is not None:
            return self.parsed()
        if self.kind == "truth":
            return self._either(1.0, 0.0)
        return as_number(self.expr) if self.kind == "text" else self.expr

    @property
    def text(self) -> nw.Expr:
        """The text; a whole number has no decimal sign."""
        if self.kind == "text":
            return self.expr
        if self.kind == "truth":
            return self._either("1", "0")
        whole = is_whole(self.expr)
        digits = nw.when(whole).then(self.expr).cast(nw.Int64).cast(nw.String)
        return nw.when(whole).then(digits).otherwise(self.expr.cast(nw.String))

    def _either(self, yes: float | str, no: float | str) -> nw.Expr:
        return nw.when(self.expr).then(nw.lit(yes)).otherwise(nw.when(~self.expr).then(nw.lit(no)))


@dataclass(frozen=True, slots=True)
class _Compiler:
    kinds: Mapping[str, str]
    unknown_pairs: Pairs
    number_of: Callable[[str], nw.Expr]

    def value(self, expression: Expression) -> Value:
        match expression:
            case Name(name):
                return self.column(name)
            case Text(text):
                return Value(nw.lit(text), "text")
            case Number(number):
                return Value(nw.lit(float(number)), "number")
            case Compare(op, left, right):
                return Value(_COMPARISONS[op](*self.alike(left, right)), "truth")
            case Between(item, low, high):
                value, least, most = self.alike(item, low, high)
                return Value((value >= least) & (value <= most), "truth")
            case In(item, members):
                return Value(_inside(self.value(item), members), "truth")
            case IsMissing(item):
                return Value(self.value(item).expr.is_null(), "truth")
            case Not(item):
                return Value(~self.value(item).expr, "truth")
            case And(items):
                return Value(reduce(and_, (self.value(item).expr for item in items)), "truth")
            case Or(items):
                return Value(reduce(or_, (self.value(item).expr for item in items)), "truth")
            case Arithmetic("/", left, right):
                divisor = self.value(right).number
                return Value(self.value(left).number / nw.when(divisor != 0).then(divisor), "number")
            case Arithmetic(op, left, right):
                return Value(_SUMS[op](self.value(left).number, self.value(right).number), "number")
            case Call(function, arguments):
                return self.call(function, arguments)
            case _:
                assert_never(expression)

    def column(self, name: str) -> Value:
        column = nw.col(name)
        match self.kinds.get(name):
            case "text":
                return Value(column, "text", lambda: self.number_of(name))
            case "number":
                return Value(column.cast(nw.Float64), "number")
            case "numeral":
                return Value(self.number_of(name), "number")
            case "date":
                return Value(column.cast(nw.Date).cast(nw.String), "text")
            case "code":
                code = column.cast(nw.String)
                return Value(nw.when(~code.is_in(list(KINDS))).then(code), "text")
            case "absent":
                return Value(nw.lit(None, nw.String), "text")
            case _:
                raise misuse(f"the condition reads {name}, which is no column here", "name a column", component=name)

    def alike(self, *items: Expression) -> Iterator[nw.Expr]:
        values = [self.value(item) for item in items]
        numeric = any(value.kind == "number" for value in values)
        return (value.number if numeric else value.expr for value in values)

    def call(self, function: str, arguments: tuple[Expression, ...]) -> Value:
        match function:
            case "if":
                when = self.value(arguments[0]).expr
                yes, no = self.alike(*arguments[1:])
                made = nw.when(when).then(yes).otherwise(nw.when(~when).then(no))
                return Value(made, self.kind(*arguments[1:]))
            case "coalesce":
                return Value(nw.coalesce(*self.alike(*arguments)), self.kind(*arguments))
            case "same_area":
                left, right = (self.value(argument).text for argument in arguments)
                return Value(self.same_area(left, right), "truth")
            case "months_between":
                start, end = (_Day(self.value(argument).text) for argument in arguments)
                return Value(_months(start, end), "number")
            case "year":
                return Value(_Day(self.value(arguments[0]).text).year.cast(nw.Float64), "number")
            case "text" if isinstance(arguments[0], Name) and self.kinds.get(arguments[0].name) in ("code", "absent"):
                absent = self.kinds[arguments[0].name] == "absent"
                return Value(nw.lit(NOT_COLLECTED) if absent else nw.col(arguments[0].name).cast(nw.String), "text")
            case "number" | "floor" | "round" | "abs":
                return Value(_NUMERIC[function](self.value(arguments[0]).number), "number")
            case "length":
                return Value(self.value(arguments[0]).text.str.len_chars().cast(nw.Float64), "number")
            case "matches":
                pattern = f"^(?:{_literal(arguments[1], function)})$"
                return Value(self.value(arguments[0]).text.str.contains(pattern), "truth")
            case "starts_with":
                prefix = _literal(arguments[1], function)
                return Value(self.value(arguments[0]).text.str.starts_with(prefix), "truth")
            case "substring":
                offset, *length = (int(_literal(argument, function)) for argument in arguments[1:])
                text = self.value(arguments[0]).text
                return Value(text.str.slice(max(offset, 1) - 1, length[0] if length else None), "text")
            case "concat":
                return Value(nw.concat_str([self.value(argument).text for argument in arguments]), "text")
            case "pad":
                return Value(self.value(arguments[0]).text.str.zfill(int(_literal(arguments[1], function))), "text")
            case _:
                return Value(_TEXTUAL[function](self.value(arguments[0]).text), "text")

    def kind(self, *items: Expression) -> Literal["text", "number", "truth"]:
        kinds = {self.value(item).kind for item in items}
        return "number" if "number" in kinds else "text" if "text" in kinds else "truth"

    def same_area(self, left: nw.Expr, right: nw.Expr) -> nw.Expr:
        same = left == right
        if not self.unknown_pairs:
            return same
        both = sorted({f"{one} {two}" for pair in self.unknown_pairs for one, two in (pair, pair[::-1])})
        doubtful = nw.concat_str([left, right], separator=" ").is_in(both)
        return nw.when(same | ~doubtful).then(same)


def _inside(item: Value, members: tuple[Text | Number | Range, ...]) -> nw.Expr:
    """Return whether the item is one of the members; beside a text member, text that is no number is in no range."""
    found: list[nw.Expr] = []
    texts = [member.value for member in members if isinstance(member, Text)]
    numbers = [float(member.value) for member in members if isinstance(member, Number)]
    if item.kind == "number":
        numbers += [float(text) for text in texts if _is_number(text)]
    elif texts:
        found.append(item.expr.is_in(texts))
    number = item.number
    numeric = [number.is_in(numbers)] if numbers else []
    for member in members:
        if isinstance(member, Range):
            numeric.append((number >= float(member.low.value)) & (number <= float(member.high.value)))
    if numeric:
        inside = reduce(or_, numeric)
        found.append(nw.when(~number.is_null()).then(inside).otherwise(nw.lit(False)) if found else
                     nw.when(~number.is_null()).then(inside))  # fmt: skip
    if not found:
        found.append(nw.lit(False))
    return nw.when(~item.expr.is_null()).then(reduce(or_, found))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _literal(argument: Expression, function: str) -> str:
    match argument:
        case Text(value):
            return value
        case Number(_, text):
            return text
        case _:
            raise misuse(f"{function} takes a written value, not a column, after the first", "write the value out")


class _Day:
    """Year, month and day of an ISO text; null where it is not one."""

    def __init__(self, text: nw.Expr) -> None:
        iso = nw.when(text.str.contains(ISO_DATE)).then(text)
        self.year = iso.str.slice(0, 4).cast(nw.Int64)
        self.month = iso.str.slice(5, 2).cast(nw.Int64)
        self.day = iso.str.slice(8, 2).cast(nw.Int64)

    @property
    def last_of_month(self) -> nw.Expr:
        year = self.year
        leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
        february = nw.when(leap).then(nw.lit(29)).otherwise(nw.lit(28))
        short = nw.when(self.month == 2).then(february).otherwise(nw.lit(30))
        return nw.when(self.month.is_in([2, 4, 6, 9, 11])).then(short).otherwise(nw.lit(31))


def _months(start: _Day, end: _Day) -> nw.Expr:
    """Count completed calendar months: a month begun on the 31st is complete on the last day of a shorter one."""
    months = (end.year - start.year) * 12 + (end.month - start.month)
    complete = (end.day >= start.day) | (end.day == end.last_of_month)
    return nw.when(complete).then(months).otherwise(months - 1).cast(nw.Float64)


def _rounded(number: nw.Expr) -> nw.Expr:
    """Round halves away from zero, on every engine alike."""
    away = floored(number.abs() + 0.5)
    return nw.when(number < 0).then(away * -1).otherwise(away)


_NUMERIC: dict[str, Callable[[nw.Expr], nw.Expr]] = {
    "number": lambda number: number,
    "floor": floored,
    "round": _rounded,
    "abs": lambda number: number.abs(),
}
_TEXTUAL: dict[str, Callable[[nw.Expr], nw.Expr]] = {
    "text": lambda text: text,
    "lower": lambda text: text.str.to_lowercase(),
    "trim": lambda text: text.str.strip_chars(),
}
