"""Expressions as text: what the parser reads back as the same tree."""

import re

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

KEYWORDS = frozenset({"and", "or", "not", "in", "between", "is", "if", "then"})
"""Words of the grammar; a column with such a name is written in double quotes."""

_BARE = re.compile(r"[^\W\d]\w*")


def print_expression(expression: Expression) -> str:
    """Return the text of an expression; parsing it gives the same tree again.

    >>> print_expression(Compare("=", Name("born-in"), Text("NA")))
    '"born-in" = \\'NA\\''
    """
    return _print(expression, 0)


def _print(expression: Expression, around: int) -> str:
    text, binding = _printed(expression)
    return text if binding >= around else f"({text})"


def _printed(expression: Expression) -> tuple[str, int]:
    """Return the text, and how tightly it binds: 1 or, 2 and, 3 not, 4 comparison, 5 sum, 6 product, 7 value."""
    match expression:
        case Name(name):
            bare = _BARE.fullmatch(name) and name.lower() not in KEYWORDS
            return (name if bare else '"' + name.replace('"', '""') + '"'), 7
        case Text(value):
            return _text(value), 7
        case Number(_, text):
            return text, 7
        case Or(items):
            return " or ".join(_print(item, 2) for item in items), 1
        case And(items):
            return " and ".join(_print(item, 3) for item in items), 2
        case Not(IsMissing(item)):
            return f"{_print(item, 5)} is not missing", 4
        case Not(In(item, members)):
            return f"{_print(item, 5)} not in ({_members(members)})", 4
        case Not(Between(item, low, high)):
            return f"{_print(item, 5)} not between {_print(low, 5)} and {_print(high, 5)}", 4
        case Not(item):
            return f"not {_print(item, 3)}", 3
        case Compare(op, left, right):
            return f"{_print(left, 5)} {op} {_print(right, 5)}", 4
        case In(item, members):
            return f"{_print(item, 5)} in ({_members(members)})", 4
        case Between(item, low, high):
            return f"{_print(item, 5)} between {_print(low, 5)} and {_print(high, 5)}", 4
        case IsMissing(item):
            return f"{_print(item, 5)} is missing", 4
        case Arithmetic(op, left, right):
            level = 5 if op in "+-" else 6
            return f"{_print(left, level)} {op} {_print(right, level + 1)}", level
        case Call(function, arguments):
            return f"{function}({', '.join(_print(item, 0) for item in arguments)})", 7


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _members(members: tuple[Text | Number | Range, ...]) -> str:
    texts = []
    for member in members:
        match member:
            case Text(value):
                texts.append(_text(value))
            case Number(_, text):
                texts.append(text)
            case Range(low, high):
                texts.append(f"{low.text}..{high.text}")
    return ", ".join(texts)
