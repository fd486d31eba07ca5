"""Coding: the lines of a rule compiled to an expression that gives the code of the line that takes the row."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import TypeVar

import narwhals as nw

from migstat.words.mapping_rule import ANY, BLANK, Line, PatternLine
from migstat.work.harmonize.context import Context
from migstat.work.harmonize.dates import where

SEPARATOR = "\x1f"
L = TypeVar("L", Line, PatternLine)


def column_of(name: str, pad: int | None) -> nw.Expr:
    """Return a source column, filled with zeros up to a width."""
    return nw.col(name) if pad is None else nw.col(name).str.zfill(pad)


def first_of(expressions: Sequence[nw.Expr]) -> nw.Expr:
    """Return the first that is not null."""
    return nw.coalesce(*expressions) if len(expressions) > 1 else expressions[0]


def code_of(columns: Sequence[str], lines: Sequence[Line], context: Context, pad: int | None) -> nw.Expr:
    """Return the code of the line that takes the row, or null; lines of other dates are left out."""
    return by_date(lines, context, lambda group: _undated(columns, group, context, pad))


def by_date(lines: Sequence[L], context: Context, given: Callable[[Sequence[L]], nw.Expr]) -> nw.Expr:
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
        code = given(group)
        if context.row_date is not None and (start or end):
            limits = [context.row_date >= str(start)] if start else []
            limits += [context.row_date < str(end)] if end else []
            code = where(reduce(and_, limits), code)
        found.append(code)
    return first_of(found)


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
    plain = [line for line in lines if all(is_exact(value) for value in line.values)]
    found: list[nw.Expr] = []
    if plain:
        filled = [column_of(name, pad) for name in columns]
        if len(filled) == 1:
            exact = {line.values[0]: line.code for line in plain if line.values[0] != BLANK}
            key = filled[0]
        else:
            exact = {SEPARATOR.join(line.values): line.code for line in plain}
            key = nw.concat_str([nw.when(part.is_null()).then(nw.lit("")).otherwise(part) for part in filled],
                                separator=SEPARATOR)  # fmt: skip
        if exact:
            found.append(_asked(key, exact) if context.in_database else _replaced(key, exact))
        blank = [line.code for line in plain if line.values == (BLANK,)]
        if blank:
            found.append(where(nw.col(columns[0]).is_null(), nw.lit(blank[0])))
    by_code: dict[str, list[nw.Expr]] = {}
    for line in lines:
        if not all(is_exact(value) for value in line.values):
            parts = [_matches(name, value, context, pad) for name, value in zip(columns, line.values, strict=True)]
            by_code.setdefault(line.code, []).append(reduce(and_, parts))
    found += [where(reduce(or_, whens), nw.lit(code)) for code, whens in by_code.items()]
    return first_of(found)


def _replaced(key: nw.Expr, exact: Mapping[str, str]) -> nw.Expr:
    return key.replace_strict(list(exact), list(exact.values()), default=None, return_dtype=nw.String)


def _asked(key: nw.Expr, exact: Mapping[str, str]) -> nw.Expr:
    """Look codes up by CASE, a branch a code: not every database has a table of values in an expression."""
    by_code: dict[str, list[str]] = {}
    for value, code in exact.items():
        by_code.setdefault(code, []).append(value)
    return first_of([where(key.is_in(values), nw.lit(code)) for code, values in by_code.items()])


def is_exact(value: str) -> bool:
    """Say whether what a line has is one value, and no range or anything."""
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
    return column_of(name, pad) == value


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
