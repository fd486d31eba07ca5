"""Sense: conditions stand where conditions must, values where values must, and functions where they mean something."""

import re
from collections.abc import Iterator
from typing import Literal, assert_never

from migstat.words.expression import (
    AGGREGATES,
    PREVIOUS,
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
    Text,
    aggregates,
    walk,
)
from migstat.words.expression_text import print_expression

Scope = Literal["row", "group", "sequence"]
Said = Iterator[tuple[str, str]]
"""What is wrong, and its mend."""

_TRUTHS = ("matches", "starts_with", "same_area")
_WRITTEN_OUT = {"matches": 1, "starts_with": 1, "substring": 1}
"""Functions whose arguments from this one on are written out, not read from columns."""
_AROUND = ("abs", "floor", "number")
"""Functions that take an aggregate."""


def nonsense(expression: Expression, scope: Scope) -> Said:
    """Yield everything in a condition that means nothing, each with its mend.

    ``scope`` is what the condition is of: a row, a group of rows, or a row with the one before it.

    >>> list(nonsense(Name("ACTIVE"), "row"))
    [('ACTIVE is a value, not a condition', "compare it, such as ACTIVE = '1'")]
    """
    yield from _condition(expression)
    yield from _misplaced(expression, scope)
    if scope == "group":
        yield from _around_aggregates(expression)


def is_condition(expression: Expression) -> bool:
    """Say whether an expression is true or false, and not a value."""
    match expression:
        case Compare() | In() | Between() | IsMissing() | Not() | And() | Or():
            return True
        case Call("if", (_, yes, no)):
            return is_condition(yes) and is_condition(no)
        case Call("coalesce", arguments):
            return all(is_condition(argument) for argument in arguments)
        case Call(function):
            return function in _TRUTHS
    return False


def _condition(expression: Expression) -> Said:
    if not is_condition(expression):
        text = print_expression(expression)
        example = f"{text} >= 1" if isinstance(expression, Arithmetic | Call) else f"{text} = '1'"
        yield f"{text} is a value, not a condition", f"compare it, such as {example}"
        yield from _value(expression)
        return
    match expression:
        case Compare(op, left, right):
            if op in ("=", "<>") and is_condition(left) and is_condition(right):
                yield from _condition(left)
                yield from _condition(right)
            else:
                yield from _values(left, right)
        case In(item) | IsMissing(item):
            yield from _values(item)
        case Between(item, low, high):
            yield from _values(item, low, high)
        case Not(item):
            yield from _condition(item)
        case And(items) | Or(items):
            for item in items:
                yield from _condition(item)
        case Call():
            yield from _call(expression)


def _values(*expressions: Expression) -> Said:
    for expression in expressions:
        if is_condition(expression):
            text = print_expression(expression)
            yield f"{text} is a condition where a value should stand", "join conditions with and, or, not, if .. then"
            yield from _condition(expression)
        else:
            yield from _value(expression)


def _value(expression: Expression) -> Said:
    match expression:
        case Arithmetic(_, left, right):
            yield from _values(left, right)
        case Call():
            yield from _call(expression)
        case Name() | Text() | Number():
            pass
        case Compare() | In() | Between() | IsMissing() | Not() | And() | Or():
            pass
        case _:
            assert_never(expression)


def _call(call: Call) -> Said:
    match call:
        case Call("if", (condition, *either)):
            yield from _condition(condition)
            yield from _alike(call, either)
        case Call("coalesce", arguments):
            yield from _alike(call, list(arguments))
        case Call("count" | "share", arguments):
            for argument in arguments:
                yield from _condition(argument)
        case Call(_, arguments):
            yield from _values(*arguments)
    written = _WRITTEN_OUT.get(call.function, len(call.arguments))
    for argument in call.arguments[written:]:
        wanted = Number if call.function == "substring" else Text
        if not isinstance(argument, wanted) or (isinstance(argument, Number) and not argument.text.isdecimal()):
            shape = "whole numbers" if wanted is Number else "a text in single quotes"
            what = f"{call.function} was given {print_expression(argument)} after the first argument"
            yield what, f"write {shape} there"
        elif call.function == "matches" and isinstance(argument, Text) and not _compiles(argument.value):
            yield f"matches was given the pattern {print_expression(argument)}, which is none", "mend the pattern"


def _alike(call: Call, arguments: list[Expression]) -> Said:
    kinds = {is_condition(argument) for argument in arguments}
    if len(kinds) > 1:
        yield f"{print_expression(call)} gives a condition here and a value there", "give conditions, or values"
    for argument in arguments:
        yield from _condition(argument) if is_condition(argument) else _value(argument)


def _misplaced(expression: Expression, scope: Scope) -> Said:
    for call in (node for node in walk(expression) if isinstance(node, Call)):
        if call.function in AGGREGATES:
            inside = [inner for argument in call.arguments for inner in aggregates(argument)]
            if scope != "group":
                where = "in a sequence" if scope == "sequence" else "in a condition over one row"
                yield f"{call.function} counts rows, and has no meaning {where}", "make a rule of its own of it"
            elif inside:
                yield f"{inside[0].function} stands inside {call.function}", "make two rules of it"
        elif call.function == PREVIOUS:
            if scope != "sequence":
                mend = "add sequence: {by: [PERSON_ID], sort: [DATE]}"
                yield "previous has no meaning without an order of the rows", mend
            elif not isinstance(call.arguments[0], Name) or "." in call.arguments[0].name:
                yield f"previous was given {print_expression(call.arguments[0])}", "give it a column of the file"


def _around_aggregates(expression: Expression) -> Said:
    for node in walk(expression):
        match node:
            case Call(function, arguments) if function not in AGGREGATES and function not in _AROUND:
                if any(aggregates(argument) for argument in arguments):
                    yield f"{function} cannot be taken of what is counted", "compare it: count(AGE < 15) >= 1"
            case IsMissing(item) if aggregates(item):
                yield f"{print_expression(item)} is never missing", "compare it with a number"
            case In(item, members) if aggregates(item) and any(isinstance(one, Text) for one in members):
                yield f"{print_expression(item)} is a number, and compared with a text", "list numbers"
            case Compare(_, left, right) if any(isinstance(side, Text) for side in (left, right)):
                counted = [side for side in (left, right) if aggregates(side)]
                if counted:
                    yield f"{print_expression(counted[0])} is a number, and compared with a text", "write the number"


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
