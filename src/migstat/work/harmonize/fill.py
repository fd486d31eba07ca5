"""Fill one component: a rule of the mapping compiled to frame expressions over source columns only."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import assert_never

import narwhals as nw

from migstat.words.codelist import Codelist
from migstat.words.expression import Expression, names
from migstat.words.mapping import Target
from migstat.words.mapping_rule import (
    Band,
    Cases,
    Compute,
    Copy,
    DateRule,
    Fixed,
    NotCollected,
    Patterns,
    Pseudonym,
    Recode,
    Rule,
    columns,
)
from migstat.words.missing import KINDS, NOT_APPLICABLE, NOT_COLLECTED
from migstat.words.structure import Component
from migstat.work.conditions import Value, compile_value, is_whole
from migstat.work.harmonize.coding import by_date, code_of, column_of, first_of
from migstat.work.harmonize.context import Context
from migstat.work.harmonize.dates import as_number, iso_date, where
from migstat.work.harmonize.patterns import matched


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


def fill(target: Target, component: Component, codelist: Codelist | None, context: Context) -> Filled:
    """Compile the target's rule. The expressions read source columns as text, in which a blank is null."""
    filled = _rule(target.rule, component, codelist, context)
    if target.universe is None or isinstance(target.rule, NotCollected):
        return filled
    inside = condition(target.universe, context)
    return _choose([(~inside, _constant(NOT_APPLICABLE, component))], filled)


def fill_column(target: Target, context: Context) -> Filled:
    """Compile a column that is made first: its text, and where that is absent a kind, which is empty for a blank.

    A kind of missing that the rule names makes a blank too. A row whose value and kind are both null is one that the
    rule does not cover.
    """
    component = Component(target.component, target.component, "attribute", "text")
    return _rule(target.rule, component, None, replace(context, blanks=True))


def condition(expression: Expression, context: Context) -> nw.Expr:
    """Compile a condition over source columns, all of which are text."""
    return value_of(expression, context).expr


def value_of(expression: Expression, context: Context) -> Value:
    """Compile an expression over source columns, which are text, and columns made first, which may be numbers."""
    kinds = {name: "numeral" if name in context.typed else "text" for name in names(expression)}
    return compile_value(expression, kinds, number_of=context.number)


def _rule(rule: Rule, component: Component, codelist: Codelist | None, context: Context) -> Filled:
    if isinstance(rule, Cases):
        arms = [(condition(arm.when, context), _rule(arm.rule, component, codelist, context)) for arm in rule.arms]
        rest = Filled(_null(component), None if component.coded else nw.lit(None, nw.String))
        if rule.otherwise is not None:
            rest = _rule(rule.otherwise, component, codelist, context)
        return _choose(arms, rest)
    filled = _leaf(rule, component, codelist, context)
    return _blank(rule, filled) if context.blanks else filled


def _leaf(rule: Rule, component: Component, codelist: Codelist | None, context: Context) -> Filled:
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
    if isinstance(rule, Compute):
        return _computed(rule, component, codelist, context)
    if isinstance(rule, Pseudonym | Cases):
        raise AssertionError("the plan copies a pseudonym from where it stands, and cases are no leaf")
    assert_never(rule)


def _blank(rule: Rule, filled: Filled) -> Filled:
    """Give the kind of a blank to what the source leaves blank: a rule need not say what that means."""
    assert filled.kind is not None
    blank = filled.value.is_null()
    if not isinstance(rule, Copy | Compute | Fixed):
        blank = reduce(and_, (nw.col(name).is_null() for name in columns(rule)))
    return Filled(filled.value, nw.coalesce(filled.kind, where(blank, nw.lit(""))))


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
    raw = column_of(rule.column, rule.pad)
    kind = code_of([rule.column], rule.lines, context, rule.pad)
    if component.coded:
        codes = [code for code in (codelist.ids if codelist else ()) if not code.startswith("_")]
        value = where(raw.is_in(codes), raw)
        return Filled(first_of([kind, value]))
    if component.type == "text":
        return Filled(where(kind.is_null(), raw), kind)
    return _fitting(context.number(rule.column, rule.divide_by), kind, component)


def _computed(rule: Compute, component: Component, codelist: Codelist | None, context: Context) -> Filled:
    value = value_of(rule.expression, context)
    text = where(value.text != "", value.text)
    kind = code_of(columns(rule), rule.wide_lines, context, None)
    if component.coded:
        codes = [code for code in (codelist.ids if codelist else ()) if not code.startswith("_")]
        return Filled(first_of([kind, where(text.is_in(codes), text)]))
    if component.type == "text":
        return Filled(where(kind.is_null(), text), kind)
    return _fitting(value.number, kind, component)


def _fitting(value: nw.Expr, kind: nw.Expr, component: Component) -> Filled:
    """Return a number where it is one that the component can have."""
    fits = [kind.is_null()]
    if component.minimum is not None:
        fits.append(value >= component.minimum)
    if component.maximum is not None:
        fits.append(value <= component.maximum)
    if component.type in {"integer", "year"}:
        fits.append(is_whole(value))
    value = where(reduce(and_, fits), value)
    return Filled(value if component.type == "number" else value.cast(nw.Int64), kind)


def _recoded(rule: Recode, component: Component, context: Context) -> Filled:
    taken = code_of(rule.columns, rule.lines, context, rule.pad)
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
    taken = by_date(rule.lines, context, lambda lines: matched(rule, lines))
    if component.coded and codelist is not None and any("\\" in line.code for line in rule.lines):
        taken = where(taken.is_in(list(codelist.ids)), taken)
    return taken


def _band(rule: Band, component: Component, codelist: Codelist | None, context: Context) -> Filled:
    assert codelist is not None
    number = context.number(rule.column)
    kind = code_of([rule.column], rule.lines, context, None)
    value = nw.lit(None, nw.String)
    for code in rule.codes:
        bounds = codelist.bounds(code)
        assert bounds is not None
        lower, upper = bounds
        inside = number >= lower if upper is None else (number >= lower) & (number < upper + 1)
        value = nw.when(inside).then(nw.lit(code)).otherwise(value)
    return Filled(first_of([kind, value]))


def _date(rule: DateRule, component: Component, context: Context) -> Filled:
    column = rule.column or next(iter(rule.parts.values()))
    kind = code_of([column], rule.lines, context, None)
    iso = iso_date(rule)
    value = iso.str.to_date("%Y-%m-%d") if component.type == "date" else iso
    return Filled(where(kind.is_null(), value), kind)
