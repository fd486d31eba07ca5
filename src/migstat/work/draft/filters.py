"""Filters: of whom a follow-up is asked, told from a column that has other values where the follow-up is blank."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from migstat.words.expression import And, Compare, Expression, In, IsMissing, Name, Not, Number, Or, Text
from migstat.words.expression_text import print_expression
from migstat.work.draft.columns import Column
from migstat.work.draft.facts import FEW_VALUES, LEAST_ROWS, as_number

ROWS = 100_000
"""So many rows are looked at for what is blank beside what."""
FEW = 12
"""A column of so many values may have several where the follow-up is not asked; one of more has a single one."""
STRAY = 0.01
"""So many of the rows that are not asked may have an answer all the same."""
SILENT = 0.1
"""So many of the rows that are asked may have no answer."""
LEAST = 5
"""So many rows of either kind make a filter plain; of fewer it is no more than a candidate."""
AGES = (1, 3, 5, 6, 7, 10, 12, 14, 15, 16, 18)
"""Ages from which questions are mostly asked."""
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Filter:
    """A column that says of whom another is asked: ``asked`` are its values where it is, ``idle`` where it is not.

    The idle ones have their rows, of those that were looked at. ``silent`` rows are asked and blank; ``stray`` ones
    are not asked and have an answer. ``least`` is an age instead.
    """

    column: Column
    idle: Mapping[str, int]
    asked: tuple[str, ...]
    idle_rows: int
    asked_rows: int
    silent: int
    stray: int
    least: int | None = None

    @property
    def plain(self) -> bool:
        """True where enough rows show it."""
        return min(self.idle_rows, self.asked_rows) >= LEAST

    @property
    def off(self) -> float:
        """The share of rows that it does not explain."""
        return (self.silent + self.stray) / (self.idle_rows + self.asked_rows)

    @property
    def told(self) -> str:
        """In words where the follow-up is blank."""
        name = self.column.name
        if self.least is not None:
            where = f"{name} is under {self.least}"
        else:
            where = f"{name} is {' or '.join(value or 'blank' for value in self.idle)}"
        more = [
            f"{_many(self.stray)} of them have an answer" if self.stray else "",
            f"{_many(self.silent)} others are blank too" if self.silent else "",
        ]
        said = "; ".join(one for one in more if one)
        return f"blank where {where} ({self.idle_rows:,} rows{'; ' + said if said else ''})"

    def universe(self, detail: str) -> str:
        """Return the condition of being asked; what has an answer all the same keeps it."""
        name = Name(self.column.name)
        parts: list[Expression] = []
        if self.least is not None:
            parts.append(Compare(">=", name, Number(self.least, str(self.least))))
        else:
            members = tuple(_literal(value) for value in self.idle if value)
            parts += [Not(IsMissing(name))] if "" in self.idle else []
            parts += [Compare("<>", name, members[0]) if len(members) == 1 else Not(In(name, members))]
        asked = parts[0] if len(parts) == 1 else And(tuple(parts))
        return print_expression(Or((asked, Not(IsMissing(Name(detail))))) if self.stray else asked)


def _many(rows: int) -> str:
    """Return a number of rows; of a few, which may be known persons, it is not said."""
    return f"{rows:,}" if rows >= LEAST_ROWS else f"fewer than {LEAST_ROWS}"


def _literal(value: str) -> Number | Text:
    """Return a value as a number where it is written as numbers are, else as a text: 01 is another value than 1."""
    return Number(float(value), value) if _NUMBER.fullmatch(value) else Text(value)


def filters(detail: Column, columns: Iterable[Column], sample: pl.DataFrame) -> list[Filter]:
    """Return the columns that tell where another is blank, the one that tells it best and stands nearest first."""
    if not detail.facts.blanks or not detail.facts.filled:
        return []
    order = list(columns)
    home = next((at for at, one in enumerate(order) if one is detail), 0)
    some = sample.head(ROWS)
    answered = _text(detail.name).ne("").alias("answered")
    found = []
    for at, column in enumerate(order):
        if column is not detail and 2 <= column.facts.distinct + bool(column.facts.blanks) <= FEW_VALUES:
            made = _by_values(column, some.select(_text(column.name).alias("value"), answered))
            if made is not None:
                # Most forms ask the filter right before what follows from it.
                found.append(((not made.plain, round(made.off, 3), at > home, abs(home - at)), made))
    return [made for _, made in sorted(found, key=lambda one: one[0])]


def by_age(detail: Column, age: Column, sample: pl.DataFrame) -> Filter | None:
    """Return the age from which a column is asked, or None where no age tells where it is blank."""
    if not detail.facts.blanks or not detail.facts.filled or not age.facts.numeric or age.labels:
        return None
    some = sample.head(ROWS).select(
        _text(age.name).str.replace(",", ".").cast(pl.Float64, strict=False).alias("value"),
        _text(detail.name).ne("").alias("answered"),
    )
    counted = some.drop_nulls().group_by("value").agg(pl.len().alias("rows"), pl.col("answered").sum()).rows()
    found = []
    for least in AGES:
        idle = sum(rows for value, rows, _ in counted if value < least)
        stray = sum(filled for value, _, filled in counted if value < least)
        asked = sum(rows for value, rows, _ in counted if value >= least)
        silent = asked - sum(filled for value, _, filled in counted if value >= least)
        if idle >= LEAST and asked >= LEAST and stray <= STRAY * idle and silent <= SILENT * asked:
            found.append(Filter(age, {}, (), idle, asked, silent, stray, least))
    return min(found, key=lambda one: one.off, default=None)


def _text(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars()


def _by_values(column: Column, rows: pl.DataFrame) -> Filter | None:
    counted = rows.group_by("value").agg(pl.len().alias("rows"), pl.col("answered").sum()).sort("value").rows()
    idle = [one for one in counted if one[2] <= STRAY * one[1] and one[1] >= LEAST_ROWS]
    values = {value: rows for value, rows, _ in idle}
    asked = [one for one in counted if one[0] not in values]
    # A column that is blank in the same rows follows from the same filter, and is none itself.
    if not values.keys() - {""} or not asked or len(values) > (FEW if len(counted) <= FEW else 1):
        return None
    if all(value == "" for value, _, _ in asked) or not values.keys() - {""} <= _may_be_named(column):
        return None
    silent = sum(rows - filled for _, rows, filled in asked)
    total = sum(rows for _, rows, _ in asked)
    if silent > SILENT * total or any(filled < 0.5 * rows for _, rows, filled in asked if rows >= LEAST_ROWS):
        return None
    return Filter(
        column,
        dict(sorted(values.items(), key=lambda one: _order(one[0]))),
        tuple(sorted((value for value, _, _ in asked), key=_order)),
        sum(rows for _, rows, _ in idle),
        total,
        silent,
        sum(filled for _, _, filled in idle),
    )


def _may_be_named(column: Column) -> set[str]:
    """Return the values that a draft may show; control characters are in none."""
    return {value for value in column.facts.shown(column.known) if value.isprintable()}


def _order(value: str) -> tuple[float, str]:
    number = as_number(value)
    return (number if number is not None else float("inf"), value)
