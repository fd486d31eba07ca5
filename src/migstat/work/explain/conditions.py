"""Conditions in plain English."""

from collections.abc import Iterable
from typing import assert_never

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
from migstat.words.expression_text import print_expression

_IS = {"=": "is", "<>": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}
_NOT = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def in_words(expression: Expression) -> str:
    """Say a condition as people would.

    >>> in_words(And((Compare("=", Name("P16"), Text("2")), Not(IsMissing(Name("P17"))))))
    'P16 is 2 and P17 is not blank'
    """
    match expression:
        case Name(name):
            return name
        case Text(value):
            return value or "blank"
        case Number(_, text):
            return text
        case Compare(op, left, right):
            return f"{in_words(left)} {_IS[op]} {in_words(right)}"
        case In(item, members):
            return f"{in_words(item)} is {series(_members(members))}"
        case Between(item, low, high):
            return f"{in_words(item)} is between {in_words(low)} and {in_words(high)}"
        case IsMissing(item):
            return f"{in_words(item)} is blank"
        case Not(item):
            return _negated(item)
        case And(items):
            return " and ".join(_wrapped(item) for item in items)
        case Or(items):
            return " or ".join(_wrapped(item) for item in items)
        case Arithmetic():
            return print_expression(expression)
        case Call(function, (whole, part)) if function == "starts_with":
            return f"{in_words(whole)} begins with {in_words(part)}"
        case Call(function, (whole, part)) if function == "matches":
            return f"{in_words(whole)} has the pattern {in_words(part)}"
        case Call():
            return print_expression(expression)
        case _:
            assert_never(expression)


def _negated(expression: Expression) -> str:
    match expression:
        case Compare(op, left, right):
            return in_words(Compare(_NOT[op], left, right))
        case In(item, members):
            return f"{in_words(item)} is none of {series(_members(members), 'and')}"
        case Between(item, low, high):
            return f"{in_words(item)} is not between {in_words(low)} and {in_words(high)}"
        case IsMissing(item):
            return f"{in_words(item)} is not blank"
    return f"it is not so that {_wrapped(expression)}"


def _wrapped(expression: Expression) -> str:
    return f"({in_words(expression)})" if isinstance(expression, And | Or) else in_words(expression)


def _members(members: tuple[Text | Number | Range, ...]) -> list[str]:
    said = []
    for member in members:
        match member:
            case Text(value):
                said.append(value)
            case Number(_, text):
                said.append(text)
            case Range(low, high):
                said.append(f"{low.text} to {high.text}")
    return said


def series(words: Iterable[str], last: str = "or") -> str:
    """Join words as a sentence does.

    >>> series(["1", "2", "5 to 9"])
    '1, 2 or 5 to 9'
    """
    words = list(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)
