"""Expressions: conditions and small sums over columns, as a tree that is never evaluated as code.

Three-valued: a blank value makes a comparison unknown; ``and`` and ``or`` are Kleene's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Name:
    """A column or component; in a validation rule ``alias.COLUMN`` is a column that is looked up."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A literal text, such as a code: ``'_T'``."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number; ``text`` is how it was written."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right`` with op one of ``= <> < <= > >=``; numeric where a side is a number, else as text."""

    op: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class In:
    """``item in (a, b, c..d)``; each member is a literal, or a closed range of numbers."""

    item: "Expression"
    members: "tuple[Text | Number | Range, ...]"


@dataclass(frozen=True, slots=True)
class Range:
    """A closed range of numbers ``low..high``."""

    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class Between:
    """``item between low and high``, both ends included."""

    item: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True)
class IsMissing:
    """``item is missing``: true or false, never unknown."""

    item: "Expression"


@dataclass(frozen=True, slots=True)
class Not:
    """``not item``."""

    item: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    """All of the items."""

    items: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the items."""

    items: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left op right`` with op one of ``+ - * /``; on numbers."""

    op: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the closed list ``FUNCTIONS``."""

    function: str
    arguments: "tuple[Expression, ...]"


Expression = Name | Text | Number | Compare | In | Between | IsMissing | Not | And | Or | Arithmetic | Call

FUNCTIONS = {
    "number": (1, 1),
    "text": (1, 1),
    "length": (1, 1),
    "lower": (1, 1),
    "trim": (1, 1),
    "substring": (2, 3),
    "concat": (2, 9),
    "pad": (2, 2),
    "matches": (2, 2),
    "starts_with": (2, 2),
    "floor": (1, 1),
    "round": (1, 1),
    "abs": (1, 1),
    "if": (3, 3),
    "coalesce": (2, 9),
    "same_area": (2, 2),
    "year": (1, 1),
    "months_between": (2, 2),
}
"""Every function of the grammar with the least and the most arguments it takes.

``substring(text, start, length)`` counts from 1. ``pad(text, width)`` fills with zeros in front. ``same_area(a, b)`` is
unknown where one side is a former state or a region that holds the other. ``months_between`` counts completed calendar
months."""

AGGREGATES = {
    "count": (0, 1),
    "share": (1, 1),
    "sum": (1, 1),
    "mean": (1, 1),
    "median": (1, 1),
    "smallest": (1, 1),
    "largest": (1, 1),
    "distinct": (1, 1),
}
"""Functions over the rows of a group, for validation rules only. ``count`` and ``share`` take a condition."""

PREVIOUS = "previous"
"""``previous(X)`` is the value of a column in the row before, for validation rules over sequences only."""


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything inside it."""
    yield expression
    for field in fields(expression):
        value = getattr(expression, field.name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Expression):
                yield from walk(inner)


def names(expression: Expression) -> tuple[str, ...]:
    """Return the columns that an expression reads, each once, in order of appearance."""
    return tuple(dict.fromkeys(node.name for node in walk(expression) if isinstance(node, Name)))


def implies(condition: Expression, consequence: Expression) -> Expression:
    """Return ``if condition then consequence``: it does not hold, or the consequence does."""
    return Or((Not(condition), consequence))


def aggregates(expression: Expression) -> tuple[Call, ...]:
    """Return the calls of functions over groups, each once, in order of appearance."""
    found = (node for node in walk(expression) if isinstance(node, Call) and node.function in AGGREGATES)
    return tuple(dict.fromkeys(found))
