"""Tokens: the words, numbers, texts and signs of a condition, each with its place in the line."""

import re
from collections.abc import Callable
from typing import NamedTuple, NoReturn

_NAME = r"[^\W\d]\w*"
_QUOTED = r'"(?:[^"]|"")*"'
_TOKEN = r"""(?P<space>\s+)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>{quoted})
    |(?P<name>{name})
    |(?P<sign>\.\.|<>|<=|>=|==|!=|&&|\|\||[-=<>+*/(),])"""

PLAIN = re.compile(_TOKEN.format(quoted=_QUOTED, name=_NAME), re.VERBOSE)
"""The tokens of a condition over one row."""
DOTTED = re.compile(
    rf"(?P<dotted>{_NAME}\.(?:{_NAME}|{_QUOTED}))|" + _TOKEN.format(quoted=_QUOTED, name=_NAME),
    re.VERBOSE,
)
"""The same, and ``alias.COLUMN``."""
_FOREIGN = {"==": "=", "!=": "<>", "&&": "and", "||": "or"}

Fail = Callable[[int, str, str], NoReturn]


class Token(NamedTuple):
    """A piece of a condition: what kind it is, its text, and the character at which it begins."""

    kind: str
    text: str
    at: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"'{self.text}'"


def unquoted(text: str) -> str:
    """Return a name without the double quotes around it."""
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def tokens_of(text: str, pattern: re.Pattern[str], fail: Fail) -> list[Token]:
    """Split a condition into tokens; the last is of kind ``end``."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None:
            sign = text[at]
            if sign in "'\"":
                fail(at, f"the quote {sign} is never closed", f"close it with {sign}")
            fail(at, f"'{sign}' has no meaning here", "a column with such a sign is written in double quotes")
        kind, found = str(match.lastgroup), match.group()
        if found in _FOREIGN:
            fail(at, f"'{found}' is not in the grammar", f"write {_FOREIGN[found]}")
        touching = bool(tokens) and tokens[-1].kind == "number" and tokens[-1].at + len(tokens[-1].text) == at
        if kind in ("name", "dotted") and touching:
            wrong = tokens[-1].text + found
            mend = f"text is written '{wrong}', a column that begins with a digit \"{wrong}\""
            fail(tokens[-1].at, f"'{wrong}' is neither a number nor a name", mend)
        if kind != "space":
            tokens.append(Token(kind, found, at))
        at = match.end()
    return [*tokens, Token("end", "", len(text))]
