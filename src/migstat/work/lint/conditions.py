"""Conditions: whether they can be judged at all, and whether an arm of cases is ever reached."""

import re
from collections.abc import Callable
from typing import Literal, assert_never

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
    Text,
    walk,
)
from migstat.words.expression_text import print_expression
from migstat.words.finding import Place
from migstat.words.mapping_rule import Cases, Compute, columns, leaves
from migstat.work.lint.check import Check
from migstat.work.lint.values import number, taken

Kind = Literal["truth", "number", "text", "date", "any"]
Fault = Callable[[str, str], None]

RETURNS: dict[str, Kind] = {
    "number": "number",
    "text": "text",
    "length": "number",
    "lower": "text",
    "trim": "text",
    "substring": "text",
    "concat": "text",
    "pad": "text",
    "matches": "truth",
    "starts_with": "truth",
    "floor": "number",
    "round": "number",
    "abs": "number",
    "same_area": "truth",
    "year": "number",
    "months_between": "number",
}
TAKES: dict[str, tuple[Kind, ...]] = {
    "length": ("text",),
    "lower": ("text",),
    "trim": ("text",),
    "substring": ("text", "number", "number"),
    "pad": ("text", "number"),
    "matches": ("text", "text"),
    "starts_with": ("text", "text"),
    "floor": ("number",),
    "round": ("number",),
    "abs": ("number",),
}
WRITTEN_OUT = {"starts_with": "text", "substring": "number", "pad": "number"}
"""Functions whose further arguments are written out in the rule, so that nothing in the data decides them."""
LONGEST = 1_000
"""Characters that a text may be cut to, or filled up to."""
_SAID = {"truth": "a condition", "number": "a number", "text": "a text", "date": "a date", "any": "a value"}


def check_condition(check: Check, component: str, expression: Expression, place: Place, role: str) -> None:
    """Check that a condition is one, and compares like with like."""

    def fault(what: str, mend: str) -> None:
        check.error(place, component, f"{role}: {what}", mend)

    _truth(expression, fault)
    _order(check, component, expression, place)


def check_value(check: Check, component: str, expression: Expression, place: Place) -> Kind:
    """Check an expression that gives a value, and return what kind of value."""

    def fault(what: str, mend: str) -> None:
        check.error(place, component, f"compute: {what}", mend)

    _order(check, component, expression, place)
    return _kind(expression, fault)


def _order(check: Check, component: str, expression: Expression, place: Place) -> None:
    """Warn where columns are put in order as texts, though they may hold numbers."""
    read: tuple[str, ...]
    for node in walk(expression):
        match node:
            case Compare("<" | "<=" | ">" | ">=", Name(left), Name(right)):
                read = (left, right)
            case Between(Name(item), Name(low), Name(high)):
                read = (item, low, high)
            case _:
                continue
        if not any(_holds_number(check, name) for name in read):
            text = print_expression(node)
            what = f"{text} puts columns in order as texts, where '10' comes before '9'"
            mend = f"write number({read[0]}) for numbers, text({read[0]}) for dates such as 2019-08-24"
            check.warn(place, component, what, mend)


def _holds_number(check: Check, name: str) -> bool:
    made = check.mapping.column(name)
    if made is None or not isinstance(made.rule, Compute):
        return False
    return _kind(made.rule.expression, lambda what, mend: None) == "number"


def _truth(expression: Expression, fault: Fault) -> None:
    kind = _kind(expression, fault)
    if kind not in {"truth", "any"} or isinstance(expression, Name):
        text = print_expression(expression)
        mend = f"compare it: {text} = 1" if isinstance(expression, Name) else "write a comparison, such as AGE >= 15"
        fault(f"{text} is {'a column' if isinstance(expression, Name) else _SAID[kind]}, not a condition", mend)


def _kind(expression: Expression, fault: Fault) -> Kind:
    """Return what an expression yields, after noting what is wrong inside it."""
    match expression:
        case Name():
            return "any"
        case Text():
            return "text"
        case Number():
            return "number"
        case Compare():
            _compare(expression, fault)
        case In(item, members):
            kind = _kind(item, fault)
            literal = {"text" if isinstance(member, Text) else "number" for member in members}
            if kind in {"number", "text"} and literal != {kind}:
                what = (
                    f"{print_expression(item)} is {_SAID[kind]}, and {_SAID[(literal - {kind}).pop()]} is in its list"
                )
                fault(what, "list values of the same kind")
            elif kind == "truth":
                fault(f"{print_expression(item)} is a condition, not a value", "write the column to look up")
        case Between(item, low, high):
            for part in (item, low, high):
                _wants("number", part, fault, "between")
            if isinstance(low, Number) and isinstance(high, Number) and low.value > high.value:
                fault(f"between {low.text} and {high.text} is never true", f"write between {high.text} and {low.text}")
        case IsMissing(item):
            _kind(item, fault)
        case Not(item):
            _truth(item, fault)
        case And(items) | Or(items):
            for item in items:
                _truth(item, fault)
        case Arithmetic(op, left, right):
            for part in (left, right):
                _wants("number", part, fault, op)
            if op == "/" and isinstance(right, Number) and right.value == 0:
                fault("a division by 0", "divide by another number")
            return "number"
        case Call():
            return _call(expression, fault)
        case _:
            assert_never(expression)
    return "truth"


def _wants(wanted: Kind, part: Expression, fault: Fault, by: str) -> None:
    kind = _kind(part, fault)
    if kind not in {wanted, "any"} and not (wanted == "text" and kind == "number" and not isinstance(part, Number)):
        text = print_expression(part)
        mend = f"write {text[1:-1]}" if isinstance(part, Text) and number(part.value) is not None else ""
        fault(f"{by} needs {_SAID[wanted]}, and {text} is {_SAID[kind]}", mend or f"write {_SAID[wanted]} there")


def _compare(expression: Compare, fault: Fault) -> None:
    sides = (expression.left, expression.right)
    kinds = [_kind(side, fault) for side in sides]
    text = print_expression(expression)
    if "truth" in kinds:
        fault(f"{text} compares a condition", "join conditions with and, or")
    elif set(kinds) == {"number", "text"}:
        fault(f"{text} compares a number with a text", "write both as numbers, or both as texts in single quotes")
    elif all(isinstance(side, Number | Text) for side in sides):
        fault(f"{text} compares two fixed values", "name the column; a name stands without single quotes")
    elif expression.op not in {"=", "<>"} and any(isinstance(side, Text) for side in sides):
        fault(f"{text} would put texts in order, where '10' comes before '9'", "compare with a number, without quotes")


def _call(expression: Call, fault: Fault) -> Kind:
    name, arguments = expression.function, expression.arguments
    if name == "if":
        _truth(arguments[0], fault)
        arguments = arguments[1:]
    if name in {"if", "coalesce"}:
        kinds = {_kind(argument, fault) for argument in arguments} - {"any"}
        if len(kinds) > 1:
            fault(f"{name} mixes {' and '.join(sorted(_SAID[kind] for kind in kinds))}", "give values of one kind")
        return kinds.pop() if len(kinds) == 1 else "any"
    for wanted, argument in zip(TAKES.get(name, ()), arguments, strict=False):
        _wants(wanted, argument, fault, name)
    if name not in TAKES:
        for argument in arguments:
            _kind(argument, fault)
    for argument in arguments[1:] if name in WRITTEN_OUT else ():
        _written_out(name, argument, fault)
    if name == "matches":
        _pattern(arguments[1], fault)
    return RETURNS[name]


def _written_out(name: str, argument: Expression, fault: Fault) -> None:
    what = f"{name} was given {print_expression(argument)} after the first argument"
    whole = isinstance(argument, Number) and argument.text.isdecimal() and argument.value <= LONGEST
    if WRITTEN_OUT[name] == "number" and not whole:
        fault(what, f"write a whole number, at most {LONGEST:,}")
    elif WRITTEN_OUT[name] == "text" and not isinstance(argument, Text):
        fault(what, "write a text in single quotes")


def _pattern(argument: Expression, fault: Fault) -> None:
    if not isinstance(argument, Text):
        fault("the pattern of matches is not a text", "write it in single quotes: matches(P12, '^[1-3]$')")
        return
    try:
        re.compile(argument.value)
    except re.error as error:
        fault(f"the pattern '{argument.value}' cannot be read: {error.msg}", "mend the regular expression")


def check_names(check: Check, component: str, expression: Expression, place: Place) -> None:
    """Warn where a condition seems to name a component: conditions read source columns."""
    named = [node.name for node in walk(expression) if isinstance(node, Name) and node.name in check.structure]
    if not named:
        return
    sources = {name for target in check.mapping.targets for rule in leaves(target.rule) for name in columns(rule)}
    sources |= {*check.mapping.source.key, check.mapping.source.weight}
    sources |= {alias for wave in check.mapping.waves for alias in wave.columns}
    sources |= {name for made in check.mapping.columns for name in (made.component, *columns(made.rule))}
    for name in named:
        if name not in sources:
            target = check.mapping.target(name)
            own = [column for rule in leaves(target.rule) for column in columns(rule)] if target else []
            mend = f"write {own[0]}" if own else "write the name of the source column"
            what = f"the condition reads {name}, a component: conditions see only columns of the source"
            check.warn(place, component, what, f"{mend}, unless the source has a column {name}")


def check_reach(check: Check, component: str, cases: Cases) -> None:
    """Note each arm that no row can reach because an earlier one takes all of its rows."""
    for index, arm in enumerate(cases.arms):
        mine = taken(arm.when)
        for earlier in cases.arms[:index]:
            theirs = taken(earlier.when)
            wider = (
                mine is not None
                and theirs is not None
                and all(name in mine and values.covers(mine[name]) for name, values in theirs.items())
            )
            if wider or earlier.when == arm.when:
                line = earlier.place.line
                what = f"the arm is never reached: the one in line {line} takes all of its rows"
                check.error(arm.place, component, what, f"put it before line {line}, or remove it")
                break
