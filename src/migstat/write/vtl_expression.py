"""Conditions in VTL 2.1: the same tree in another grammar, or a reason why it cannot be said."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from migstat.words.expression import (
    AGGREGATES,
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
from migstat.words.missing import KINDS
from migstat.words.structure import Structure

KNOWN = "_KNOWN"
"""What the name of a coded variable ends in where the kinds of missing have become null."""
AREAS = "that two areas cannot be told apart where one is a former state or a region that holds the other"
IF = "that nothing follows from a condition which cannot be judged: VTL takes what stands after else"
_BARE = re.compile(r"[A-Z][A-Za-z0-9_]+")
_NUMERIC = ("number", "length", "floor", "round", "abs", "year", "months_between", *AGGREGATES)


class UnsayableError(ValueError):
    """What VTL has no words for; the message says what."""


def identifier(name: str) -> str:
    """Return a name as VTL writes it: quoted, where it could be taken for a word of the language.

    >>> identifier("AGE"), identifier("level"), identifier("AGE.RANGE")
    ('AGE', "'level'", "'AGE.RANGE'")
    """
    if "'" in name:
        raise UnsayableError(f"a name with a quote: {name}")
    return name if _BARE.fullmatch(name) else f"'{name}'"


def quoted(text: str) -> str:
    """Return a text constant. VTL knows no escape for a double quote."""
    if '"' in text:
        raise UnsayableError(f"a text with a double quote: {text}")
    return f'"{text}"'


@dataclass(slots=True)
class Translator:
    """Writes expressions over the variables of a data set, and remembers which they read and what is left unsaid.

    In records a coded variable is read as its ``_KNOWN`` twin, in which the kinds of missing are null, except inside
    ``text``. ``instead`` may give another name for a call, as for what was counted before.
    """

    structure: Structure | None = None
    instead: Callable[[Call], str | None] = lambda call: None
    read: dict[str, None] = field(default_factory=dict)
    known: dict[str, None] = field(default_factory=dict)
    limits: dict[str, None] = field(default_factory=dict)

    def text(self, expression: Expression) -> str:
        """Return an expression as VTL; raise UnsayableError where VTL has no words for it."""
        return self._text(expression, 0)

    def _text(self, expression: Expression, around: int) -> str:
        text, binding = self._printed(expression)
        return text if binding >= around else f"({text})"

    def _printed(self, expression: Expression) -> tuple[str, int]:
        """Return the text, and how tightly it binds: 1 or, 2 and, 3 not, 4 comparison, 5 sum, 6 product, 7 value."""
        match expression:
            case Name(name):
                return self._name(name), 7
            case Text(value):
                return quoted(value), 7
            case Number(_, text):
                return text, 7
            case Or(items):
                return " or ".join(self._text(item, 2) for item in items), 1
            case And(items):
                return " and ".join(self._text(item, 3) for item in items), 2
            case Not(item):
                return f"not {self._text(item, 7)}", 3
            case Compare(op, left, right):
                one, two = self._alike([left, right], 5)
                return f"{one} {op} {two}", 4
            case Between(item, low, high):
                return f"between({', '.join(self._alike([item, low, high], 0))})", 7
            case In():
                return self._inside(expression)
            case IsMissing(item):
                return f"isnull({self.text(item)})", 7
            case Arithmetic(op, left, right):
                level = 5 if op in "+-" else 6
                return f"{self._number(left, level)} {op} {self._number(right, level + 1)}", level
            case Call():
                return self._call(expression)
            case _:
                assert_never(expression)

    def _name(self, name: str, *, raw: bool = False) -> str:
        structure = self.structure
        coded = structure is not None and structure.kind == "record" and name in structure and structure[name].coded
        if coded and not raw:
            self.known[name] = None
            self.read[name + KNOWN] = None
            return identifier(name + KNOWN)
        self.read[name] = None
        return identifier(name)

    def _type(self, expression: Expression) -> str:
        """Return number, text or date, or nothing where it cannot be told."""
        match expression:
            case Number() | Arithmetic():
                return "number"
            case Text():
                return "text"
            case Call("if", (_, yes, _)):
                return self._type(yes)
            case Call("coalesce", (first, *_)):
                return self._type(first)
            case Call("previous", (column,)):
                return self._type(column)
            case Call(function):
                return "number" if function in _NUMERIC else "text"
            case Name(name) if self.structure is not None and name in self.structure:
                type = self.structure[name].type
                return "number" if type in ("integer", "number", "year") else "date" if type == "date" else "text"
        return ""

    def _is_text(self, name: str) -> bool:
        structure = self.structure
        return structure is None or name not in structure or structure[name].type in ("code", "text")

    def _alike(self, sides: list[Expression], around: int) -> list[str]:
        """Return the sides of a comparison: all as numbers where one is, dates as text beside a text."""
        types = {self._type(side) for side in sides}
        if "number" in types:
            return [self._number(side, around) for side in sides]
        if {"date", "text"} <= types:
            cast = [self._type(side) == "date" for side in sides]
            return [self.text(Call("text", (side,))) if one else self._text(side, around)
                    for side, one in zip(sides, cast, strict=True)]  # fmt: skip
        return [self._text(side, around) for side in sides]

    def _number(self, expression: Expression, around: int) -> str:
        if isinstance(expression, Text):
            if not re.fullmatch(r"-?\d+(\.\d+)?", expression.value):
                raise UnsayableError(f"the text {expression.value!r} as a number")
            return expression.value
        text = self._text(expression, around)
        return f"cast({text}, number)" if self._type(expression) in ("text", "date") else text

    def _inside(self, expression: In) -> tuple[str, int]:
        members = expression.members
        texts = [member for member in members if isinstance(member, Text)]
        numbers = [member for member in members if not isinstance(member, Text)]
        found: list[str] = []
        if texts:
            if self._type(expression.item) == "number":
                listed = ", ".join(self._number(member, 0) for member in texts)
            else:
                listed = ", ".join(quoted(member.value) for member in texts)
            found.append(f"{self._text(expression.item, 5)} in {{{listed}}}")
        if numbers:
            item = self._number(expression.item, 5)
            single = [member.text for member in numbers if isinstance(member, Number)]
            if single:
                found.append(f"{item} in {{{', '.join(single)}}}")
            for member in numbers:
                if isinstance(member, Range):
                    found.append(f"between({item}, {member.low.text}, {member.high.text})")
        return " or ".join(found), 4 if len(found) == 1 else 1

    def _call(self, call: Call) -> tuple[str, int]:
        given = self.instead(call)
        if given is not None:
            return given, 7
        arguments = call.arguments
        match call.function:
            case "if":
                self.limits[IF] = None
                yes, no = self._alike(list(arguments[1:]), 0)
                return f"if {self.text(arguments[0])} then {yes} else {no}", 0
            case "coalesce":
                texts = self._alike(list(arguments), 0)
                made = texts[-1]
                for text in reversed(texts[:-1]):
                    made = f"nvl({text}, {made})"
                return made, 7
            case "text" if isinstance(arguments[0], Name):
                name = self._name(arguments[0].name, raw=True)
                return (name if self._is_text(arguments[0].name) else f"cast({name}, string)"), 7
            case "text":
                return f"cast({self.text(arguments[0])}, string)", 7
            case "number":
                return self._number(arguments[0], 7), 7
            case "substring":
                return f"substr({self._string(arguments[0])}, {', '.join(self.text(one) for one in arguments[1:])})", 7
            case "concat":
                return " || ".join(self._string(argument) for argument in arguments), 5
            case "matches":
                return f"match_characters({self._string(arguments[0])}, {self.text(arguments[1])})", 7
            case "starts_with" if isinstance(arguments[1], Text):
                prefix = arguments[1].value
                return f"substr({self._string(arguments[0])}, 1, {len(prefix)}) = {quoted(prefix)}", 4
            case "year":
                return f"getyear({self._date(arguments[0])})", 7
            case "months_between":
                return self._months(*(self._date(argument) for argument in arguments)), 5
            case "length" | "lower" | "trim":
                return f"{call.function}({self._string(arguments[0])})", 7
            case "floor" | "round" | "abs" as function:
                return f"{function}({self._number(arguments[0], 0)})", 7
            case "same_area":
                self.limits[AREAS] = None
                return f"{self.text(arguments[0])} = {self.text(arguments[1])}", 4
            case function:
                raise UnsayableError(f"{function} in this place")

    def _string(self, expression: Expression) -> str:
        text = self.text(expression)
        return f"cast({text}, string)" if self._type(expression) in ("number", "date") else text

    def _date(self, expression: Expression) -> str:
        text = self.text(expression)
        return f"cast({text}, date)" if self._type(expression) == "text" else text

    def _months(self, start: str, end: str) -> str:
        """Return completed calendar months: a month begun on the 31st is complete on the last day of a shorter one."""
        months = f"(getyear({end}) - getyear({start})) * 12 + getmonth({end}) - getmonth({start})"
        last = f'dayofmonth(dateadd({end}, 1, "D")) = 1'
        begun = f"dayofmonth({end}) < dayofmonth({start}) and not ({last})"
        return f"{months} - (if {begun} then 1 else 0)"


def known_twins(names: list[str]) -> str:
    """Return the calc clause that makes the ``_KNOWN`` twins of coded variables.

    >>> known_twins(["SEX"])
    'SEX_KNOWN := if SEX in {"_Z", "_N", "_U", "_X"} then cast(null, string) else SEX'
    """
    kinds = ", ".join(quoted(kind) for kind in KINDS)
    return ",\n      ".join(
        f"{identifier(name + KNOWN)} := if {variable} in {{{kinds}}} then cast(null, string) else {variable}"
        for name, variable in ((name, identifier(name)) for name in names)
    )
