"""Rules of a mapping: where the values of a component come from, one kind of rule a class."""

import datetime
import re
from collections.abc import Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Literal

from migstat.words.confidence import Confidence
from migstat.words.expression import Expression, names
from migstat.words.finding import Place

Match = Literal["exact", "broader", "narrower", "residual"]

BLANK = ""
"""In a recode line: the value is absent in the source."""

ANY = "*"
"""In a recode line over several columns: whatever the value."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a recode: source values (one a column) to a code.

    A value is a text, ``a..b`` for a closed range of numbers, ``*`` for any, or empty for a blank.
    ``code`` is a code of the target's codelist or a kind of missing.
    """

    values: tuple[str, ...]
    code: str
    place: Place
    match: Match = "exact"
    because: str = ""
    label: str = ""
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    confidence: Confidence | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same value in every row."""

    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class NotCollected:
    """The source does not have this variable; every row is ``_X``."""

    because: str
    place: Place


@dataclass(frozen=True, slots=True)
class Copy:
    """The source value itself: a number, a text, or a code that already is of the target's codelist.

    ``lines`` name the values that are kinds of missing. ``top`` is the value from which the source is top-coded.
    """

    column: str
    place: Place
    lines: tuple[Line, ...] = ()
    pad: int | None = None
    top: int | None = None
    divide_by: float | None = None


@dataclass(frozen=True, slots=True)
class Recode:
    """Source values of one or more columns to codes, line by line; ``otherwise`` takes what no line names."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    place: Place
    otherwise: Line | None = None
    pad: int | None = None
    table: str = ""


@dataclass(frozen=True, slots=True)
class PatternValue:
    """What one source value must be: the text, or a regular expression.

    ``start`` and ``end``, counted from 1 and both included, say which of its characters are looked at.
    """

    text: str
    is_regex: bool = False
    start: int | None = None
    end: int | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class PatternLine:
    """One line of patterns, one a column. ``code`` may hold ``\\1`` for what the first group of an expression took."""

    values: tuple[PatternValue, ...]
    code: str
    place: Place
    match: Match = "exact"
    because: str = ""
    label: str = ""
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    confidence: Confidence | None = None


@dataclass(frozen=True, slots=True)
class Patterns:
    """Source values to codes by texts, parts of texts and regular expressions.

    Lines of whole texts come first, then the others, in the order in which they stand.
    """

    columns: tuple[str, ...]
    lines: tuple[PatternLine, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Band:
    """A number to the class of the target's codelist whose bounds hold it."""

    column: str
    codes: tuple[str, ...]
    place: Place
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class DateRule:
    """A date, from one column with a format, or from columns for year, quarter, month and day.

    ``format`` uses ``DATE_SIGNS``, or is one of ``SERIALS``; or ``days since 1970-01-01`` (also seconds, milliseconds,
    microseconds); or ``period`` for a period as SDMX writes it (2019, 2019-Q3, 2019-08, 2019-08-24), which begins at
    its first day. ``pivot`` is the first year of a two-digit century, ``months`` the names of the twelve months. A
    date-time in universal time, or with an offset, becomes the day by the clock of ``zone``. Parts that are not given
    are the first of their kind.
    """

    place: Place
    column: str = ""
    format: str = ""
    parts: Dict[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    pivot: int | None = None
    months: tuple[tuple[str, ...], ...] = ()
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """What identifies a person, as one pseudonym under a key; what identifies the person itself never leaves.

    ``keys`` names environment variables that hold the keys, applied one after another. ``dates`` says how a column
    writes dates, so that two files that write them differently agree. ``lines`` are values that identify nobody.
    """

    columns: tuple[str, ...]
    keys: tuple[str, ...]
    place: Place
    lines: tuple[Line, ...] = ()
    dates: Dict[str, DateRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One arm: where the condition is true, the rule inside fills the component."""

    when: Expression
    rule: "Rule"
    place: Place
    match: Match = "exact"
    because: str = ""
    confidence: Confidence | None = None


@dataclass(frozen=True, slots=True)
class Cases:
    """The first arm whose condition is true; ``otherwise`` for the rows that none takes."""

    arms: tuple[Case, ...]
    place: Place
    otherwise: "Rule | None" = None


Rule = Fixed | NotCollected | Copy | Recode | Patterns | Band | DateRule | Pseudonym | Cases


def bounds(value: str) -> tuple[float, float] | None:
    """Return both ends of a range such as ``1..56``, or None where the value of a line is not a range.

    >>> bounds("1..56"), bounds("1")
    ((1.0, 56.0), None)
    """
    match = _RANGE.fullmatch(value)
    return (float(match[1]), float(match[2])) if match else None


_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)")


def columns(rule: Rule) -> tuple[str, ...]:
    """Return the source columns that a rule reads, each once."""
    return tuple(dict.fromkeys(_columns(rule)))


def _columns(rule: Rule) -> Iterator[str]:
    match rule:
        case Fixed() | NotCollected():
            return
        case Copy() | Band():
            yield rule.column
        case Recode() | Patterns() | Pseudonym():
            yield from rule.columns
        case DateRule():
            yield from [rule.column] if rule.column else rule.parts.values()
        case Cases():
            for arm in rule.arms:
                yield from names(arm.when)
                yield from _columns(arm.rule)
            if rule.otherwise is not None:
                yield from _columns(rule.otherwise)


def leaves(rule: Rule) -> Iterator[Rule]:
    """Yield the rules inside ``Cases``, or the rule itself."""
    if isinstance(rule, Cases):
        for arm in rule.arms:
            yield from leaves(arm.rule)
        if rule.otherwise is not None:
            yield from leaves(rule.otherwise)
    else:
        yield rule
