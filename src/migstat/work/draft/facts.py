"""Facts about the columns of an extract: how many values, of what form, and which of them may be shown."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

MOST_VALUES = 5_000
"""Values of one column that are counted; a column with more is a number, a date, an identifier or free text."""
FEW_VALUES = 600
"""A column of answers has no more values than this: countries, with their parts and groups, are the longest list."""
LEAST_ROWS = 3
"""A value that no codebook names is shown only where so many rows have it."""
PLAIN = re.compile(r"-?\d+(?:[.,]\d+)?")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(slots=True)
class Facts:
    """What was seen of one column. ``counts`` is None where it has too many values to be one of answers."""

    name: str
    rows: int = 0
    blanks: int = 0
    numbers: int = 0
    whole: int = 0
    low: float | None = None
    high: float | None = None
    longest: int = 0
    letters: int = 0
    spaced: int = 0
    mails: int = 0
    counts: dict[str, int] | None = field(default_factory=dict)

    @property
    def filled(self) -> int:
        """Rows with a value."""
        return self.rows - self.blanks

    @property
    def numeric(self) -> bool:
        """True where all but a few values are numbers; codes for missing answers are often letters."""
        return self.filled > 0 and self.numbers >= 0.95 * self.filled

    @property
    def distinct(self) -> int:
        """How many values there are, or one more than are counted."""
        return MOST_VALUES + 1 if self.counts is None else len(self.counts)

    @property
    def identifying(self) -> bool:
        """True where nearly every row has a value of its own with letters in it, or values are mail addresses."""
        if self.filled and self.mails > 0.2 * self.filled:
            return True
        return (
            self.filled >= 20
            and self.distinct > 0.5 * min(self.filled, MOST_VALUES)
            and self.letters > 0.5 * self.filled
        )

    @property
    def free_text(self) -> bool:
        """True where values are words of people's own: long, with blanks, seldom the same."""
        return self.spaced > 0.5 * self.filled and self.distinct > max(FEW_VALUES, 0.2 * self.filled)

    def shown(self, known: frozenset[str] = frozenset()) -> dict[str, int]:
        """Return the values that may be shown, with their rows: those a codebook knows, and repeated ones of few."""
        if self.counts is None or self.identifying or self.free_text or len(self.counts) > FEW_VALUES:
            return {value: rows for value, rows in (self.counts or {}).items() if value in known}
        return {value: rows for value, rows in self.counts.items() if value in known or rows >= LEAST_ROWS}


def facts(columns: Iterable[str], parts: Iterable[pl.DataFrame]) -> dict[str, Facts]:
    """Count the values of each column, part by part; all columns are texts."""
    found = {name: Facts(name) for name in columns}
    for part in parts:
        for name, one in found.items():
            _add(one, part[name])
    return found


def _add(one: Facts, values: pl.Series) -> None:
    text = values.cast(pl.String).str.strip_chars()
    counted = text.value_counts(name="_rows").rename({text.name: "_value"}).drop_nulls().filter(pl.col("_value") != "")
    one.rows += text.len()
    one.blanks += text.len() - int(counted["_rows"].sum())
    for value, rows in counted.iter_rows():
        _count(one, value, rows)
    if one.counts is not None and len(one.counts) > MOST_VALUES:
        one.counts = None


def _count(one: Facts, value: str, rows: int) -> None:
    number = as_number(value)
    if number is not None:
        one.numbers += rows
        one.whole += rows * (number == int(number))
        one.low = number if one.low is None else min(one.low, number)
        one.high = number if one.high is None else max(one.high, number)
    elif any(sign.isalpha() for sign in value):
        one.letters += rows
        one.spaced += rows * (" " in value)
        one.mails += rows * (MAIL.search(value) is not None)
    one.longest = max(one.longest, len(value))
    if one.counts is not None:
        one.counts[value] = one.counts.get(value, 0) + rows


def as_number(value: str) -> float | None:
    """Return a value as a number, with a point or a comma before its decimals, or None."""
    return float(value.replace(",", ".")) if PLAIN.fullmatch(value) else None
