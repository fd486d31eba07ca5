"""Fill one component: a rule of the mapping compiled to frame expressions over source columns only."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import TypeVar, assert_never

import narwhals as nw

from migstat.words.codelist import Codelist
from migstat.words.expression import Expression, names
from migstat.words.mapping import Target
from migstat.words.mapping_rule import (
    ANY,
    BLANK,
    Band,
    Cases,
    Copy,
    DateRule,
    Fixed,
    Line,
    NotCollected,
    PatternLine,
    Patterns,
    Pseudonym,
    Recode,
    Rule,
)
from migstat.words.missing import KINDS, NOT_APPLICABLE, NOT_COLLECTED
from migstat.words.structure import Component
from migstat.work.conditions import compile_expression
from migstat.work.harmonize.dates import as_number, iso_date, where
from migstat.work.harmonize.patterns import matched

SEPARATOR = "\x1f"
L = TypeVar("L", Line, PatternLine)


@dataclass(frozen=True, slots=True)
class Filled:
    """The two expressions of a component: its value, and why it is absent (None for a coded component).

    A row whose value and kind are both null is one that no rule covers.
    """

    value: nw.Expr
    kind: nw.Expr | None = None

    def absent(self) -> nw.Expr:
        """Return the expression that is true where no rule covers the row."""
        return self.value.is_null() if self.kind is None else self.value.is_null() & self.kind.is_null()


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule needs to know of its source: the date of each row and the decimal sign."""

    date: datetime.date | None = None
    row_date: nw.Expr | None = None
    decimal: str = "."
    numbers: dict[str, tuple[str, nw.Expr]] = field(default_factory=dict)
    """The numbers that rules read: source column and expression, by the name of the column that will hold each.
    They are parsed once, before the rules."""

    def number(self, column: str, divide_by: float | None = None) -> nw.Expr:
        """Return the number that a source column holds, or null where it holds none."""
        name = f"migstat-number {column} {divide_by or ''}".rstrip()
        self.numbers[name] = column, as_number(nw.col(column), self.decimal, divide_by)
        return nw.col(name)


def fill(target: Target, component: Component, codelist: Codelist | None, context: Context) -> Filled:
    """Compile the target's rule. The expressions read source columns as text, in which a blank is null."""
    filled = _rule(target.rule, component, codelist, context)
    if target.universe is None or isinstance(target.rule, NotCollected):
        return filled
    inside = condition(target.universe, context)
    return _choose([(~inside, _constant(NOT_APPLICABLE, component))], filled)


def condition(expression: Expression, context: Context) -> nw.Expr:
    """Compile a condition over source columns, all of which are text."""
    return compile_expression(expression, dict.fromkeys(names(expression), "text"), number_of=context.number)


def _rule(rule: Rule, component: Component, codelist: Codelist | None, context: Context) -> Filled:
    if isinstance(rule, Cases):
        arms = [(condition(arm.when, context), _rule(arm.rule, component, codelist, context)) for arm in rule.arms]
        rest = Filled(_null(component), None if component.coded else nw.lit(None, nw.String))
        if rule.otherwise is not None:
            rest = _rule(rule.otherwise, component, codelist, context)
        return _choose(arms, rest)
    if isinstance(rule, NotCollected):
        return _constant(NOT_COLLECTED, component)
    if isinstance(rule, Fixed):
        return _constant(rule.value, component)
    if isinstance(rule, Copy):
        return _copy(rule, component, codelist, context)
    if isinstance(rule, Recode):
        return _recoded(rule, component, context)
    if isinstance(rule, Patterns):
        return _typed(_patterns(rule, component, codelist, context), component)
    if isinstance(rule, Band):
        return _band(rule, component, codelist, context)
    if isinstance(rule, DateRule):
        return _date(rule, component, context)
    if isinstance(rule, Pseudonym):
        raise AssertionError("the plan copies a pseudonym from where it stands")
    assert_never(rule)


def _choose(arms: Sequence[tuple[nw.Expr, Filled]], rest: Filled) -> Filled:
    value, kind = rest.value, rest.kind
    for when, filled in reversed(arms):
        value = nw.when(when).then(filled.value).otherwise(value)
        if kind is not None and filled.kind is not None:
            kind = nw.when(when).then(filled.kind).otherwise(kind)
    return Filled(value, kind)


def _constant(code: str, component: Component) -> Filled:
    if component.coded:
        return Filled(nw.lit(code))
    if code in KINDS:
        return Filled(_null(component), nw.lit(code))
    none = nw.lit(None, nw.String)
    match component.type:
        case "integer" | "year":
            return Filled(nw.lit(int(code), nw.Int64), none)
        case "number":
            return Filled(nw.lit(float(code), nw.Float64), none)
        case "date":
            return Filled(nw.lit(datetime.date.fromisoformat(code), nw.Date), none)
        case _:
            return Filled(nw.lit(code), none)


def dtype(component: Component) -> nw.dtypes.DType:
    """Return the type of a component's column."""
    match component.type:
        case "integer" | "year":
            return nw.Int64()
        case "number":
            return nw.Float64()
        case "date":
            return nw.Date()
        case _:
            return nw.String()


def _null(component: Component) -> nw.Expr:
    return nw.lit(None, dtype(component))


def _copy(rule: Copy, component: Component, codelist: Codelist | None, context: Context) -> Filled:
    raw = _column(rule.column, rule.pad)
    kind = _lines([rule.column], rule.lines, context, rule.pad)
    if component.coded:
        codes = [code for code in (codelist.ids if codelist else ()) if not code.startswith("_")]
        value = where(raw.is_in(codes), raw)
        return Filled(_first([kind, value]))
    if component.type == "text":
        return Filled(where(kind.is_null(), raw), kind)
    value = context.number(rule.column, rule.divide_by)
    fits = [kind.is_null()]
    if component.minimum is not None:
        fits.append(value >= component.minimum)
    if component.maximum is not None:
        fits.append(value <= component.maximum)
    if component.type in {"integer", "year"}:
        fits.append(value == value.floor())
    value = where(reduce(and_, fits), value)
    return Filled(value if component.type == "number" else value.cast(nw.Int64), kind)


def _recoded(rule: Recode, component: Component, context: Context) -> Filled:
    taken = _lines(rule.columns, rule.lines, context, rule.pad)
    if rule.otherwise is not None:
        present = reduce(or_, (~nw.col(name).is_null() for name in rule.columns))
        taken = nw.when(taken.is_null() & present).then(nw.lit(rule.otherwise.code)).otherwise(taken)
    return _typed(taken, component)


def _typed(taken: nw.Expr, component: Component) -> Filled:
    """Return codes as values of the component's type, the kinds of missing beside."""
    if component.coded:
        return Filled(taken)
    missing = taken.is_in(list(KINDS))
    value = where(~missing, taken)
    if component.type == "date":
        value = value.str.to_date("%Y-%m-%d")
    elif component.type != "text":
        value = as_number(value).cast(dtype(component))
    return Filled(value, where(missing, taken))


def _patterns(rule: Patterns, component: Component, codelist: Codelist | None, context: Context) -> nw.Expr:
    """Return what the lines give; what a group took may be no code of the list, and then no line covers the row."""
    taken = _by_date(rule.lines, context, lambda lines: matched(rule, lines))
    if component.coded and codelist is not None and any("\\" in line.code for line in rule.lines):
        taken = where(taken.is_in(list(codelist.ids)), taken)
    return taken


def _band(rule: Band, component: Component, codelist: Codelist | None, context: Context) -> Filled:
    assert codelist is not None
    number = context.number(rule.column)
    kind = _lines([rule.column], rule.lines, context, None)
    value = nw.lit(None, nw.String)
    for code in rule.codes:
        bounds = codelist.bounds(code)
        assert bounds is not None
        lower, upper = bounds
        inside = number >= lower if upper is None else (number >= lower) & (number < upper + 1)
        value = nw.when(inside).then(nw.lit(code)).otherwise(value)
    return Filled(_first([kind, value]))


def _date(rule: DateRule, component: Component, context: Context) -> Filled:
    column = rule.column or next(iter(rule.parts.values()))
    kind = _lines([column], rule.lines, context, None)
    iso = iso_date(rule)
    value = iso.str.to_date("%Y-%m-%d") if component.type == "date" else iso
    return Filled(where(kind.is_null(), value), kind)


def _column(name: str, pad: int | None) -> nw.Expr:
    return nw.col(name) if pad is None else nw.col(name).str.zfill(pad)


def _first(expressions: Sequence[nw.Expr]) -> nw.Expr:
    return nw.coalesce(*expressions) if len(expressions) > 1 else expressions[0]


def _lines(columns: Sequence[str], lines: Sequence[Line], context: Context, pad: int | None) -> nw.Expr:
    """Return the code of the line that takes the row, or null; lines of other dates are left out."""
    return _by_date(lines, context, lambda group: _undated(columns, group, context, pad))


def _by_date(lines: Sequence[L], context: Context, code_of: Callable[[Sequence[L]], nw.Expr]) -> nw.Expr:
    """Return the code that the lines give which hold at the date of the source, or of the row."""
    lines = lines_at(lines, context.date)
    if not lines:
        return nw.lit(None, nw.String)
    groups: dict[tuple[datetime.date | None, datetime.date | None], list[L]] = {}
    for line in lines:
        dated = context.row_date is not None
        groups.setdefault((line.valid_from, line.valid_to) if dated else (None, None), []).append(line)
    found: list[nw.Expr] = []
    for (start, end), group in groups.items():
        code = code_of(group)
        if context.row_date is not None and (start or end):
            limits = [context.row_date >= str(start)] if start else []
            limits += [context.row_date < str(end)] if end else []
            code = where(reduce(and_, limits), code)
        found.append(code)
    return _first(found)


def lines_at(lines: Sequence[L], date: datetime.date | None) -> list[L]:
    """Return the lines that hold at a date; all of them where the date is not one for the whole source."""
    if date is None:
        return list(lines)
    return [
        line
        for line in lines
        if (line.valid_from is None or line.valid_from <= date) and (line.valid_to is None or date < line.valid_to)
    ]


def _undated(columns: Sequence[str], lines: Sequence[Line], context: Context, pad: int | None) -> nw.Expr:
    plain = [line for line in lines if all(_is_exact(value) for value in line.values)]
    found: list[nw.Expr] = []
    if plain:
        filled = [_column(name, pad) for name in columns]
        if len(filled) == 1:
            exact = {line.values[0]: line.code for line in plain if line.values[0] != BLANK}
            key = filled[0]
        else:
            exact = {SEPARATOR.join(line.values): line.code for line in plain}
            key = nw.concat_str([nw.when(part.is_null()).then(nw.lit("")).otherwise(part) for part in filled],
                                separator=SEPARATOR)  # fmt: skip
        if exact:
            found.append(_replaced(key, exact))
        blank = [line.code for line in plain if line.values == (BLANK,)]
        if blank:
            found.append(where(nw.col(columns[0]).is_null(), nw.lit(blank[0])))
    by_code: dict[str, list[nw.Expr]] = {}
    for line in lines:
        if line not in plain:
            parts = [_matches(name, value, context, pad) for name, value in zip(columns, line.values, strict=True)]
            by_code.setdefault(line.code, []).append(reduce(and_, parts))
    found += [where(reduce(or_, whens), nw.lit(code)) for code, whens in by_code.items()]
    return _first(found)


def _replaced(key: nw.Expr, exact: Mapping[str, str]) -> nw.Expr:
    return key.replace_strict(list(exact), list(exact.values()), default=None, return_dtype=nw.String)


def _is_exact(value: str) -> bool:
    return value != ANY and ".." not in value


def _matches(name: str, value: str, context: Context, pad: int | None) -> nw.Expr:
    column = nw.col(name)
    if value == ANY:
        return column.is_null() | ~column.is_null()
    if value == BLANK:
        return column.is_null()
    if ".." in value:
        low, high = value.split("..")
        number = context.number(name)
        return (number >= float(low)) & (number <= float(high))
    return _column(name, pad) == value


def takes(line: Line, values: Sequence[str], pad: int | None) -> bool:
    """Say whether a line takes these source values; the same answer as the compiled expression, for one value."""
    return all(_takes(pattern, value, pad) for pattern, value in zip(line.values, values, strict=True))


def _takes(pattern: str, value: str, pad: int | None) -> bool:
    if pattern == ANY:
        return True
    if ".." in pattern:
        low, high = pattern.split("..")
        try:
            return float(low) <= float(value) <= float(high)
        except ValueError:
            return False
    return pattern == (value.zfill(pad) if pad and value else value)
