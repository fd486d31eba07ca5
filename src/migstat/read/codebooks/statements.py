"""Statements of a program: words, numbers, quoted texts and signs, each with its line. Nothing of it is run."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "number", "text", "sign"]


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, quoted text or sign. ``text`` of a quoted text is without its quotes."""

    kind: Kind
    text: str
    line: int

    @property
    def folded(self) -> str:
        """A word or sign in small letters; of a quoted text nothing, so that it is never taken for a word."""
        return "" if self.kind == "text" else self.text.casefold()


Statement = list[Token]


class Reader:
    """Goes through the tokens of a statement."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self.at = 0

    def __bool__(self) -> bool:
        return self.at < len(self._tokens)

    @property
    def line(self) -> int:
        """The line of the next token, or of the last one."""
        if not self._tokens:
            return 0
        return self._tokens[min(self.at, len(self._tokens) - 1)].line

    def peek(self, ahead: int = 0) -> Token:
        """Return a token without taking it; at the end an empty one."""
        at = self.at + ahead
        return self._tokens[at] if at < len(self._tokens) else Token("sign", "", self.line)

    def take(self) -> Token:
        """Take the next token."""
        token = self.peek()
        self.at += 1
        return token

    def took(self, *words: str) -> bool:
        """Take the next tokens where they are these words or signs."""
        if all(self.peek(ahead).folded == word for ahead, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def number(self) -> str:
        """Take a number with its sign, or nothing."""
        if self.peek().kind == "number":
            return self.take().text
        if self.peek().folded in ("+", "-") and self.peek(1).kind == "number":
            sign = self.take().text
            return ("-" if sign == "-" else "") + self.take().text
        return ""

    def whole(self) -> int | None:
        """Take a whole number, or nothing."""
        token = self.peek()
        if token.kind == "number" and token.text.isdecimal() and len(token.text) < 10:
            self.at += 1
            return int(token.text)
        return None

    def skip_to(self, *words: str) -> None:
        """Leave out what comes before one of these words or signs."""
        while self and self.peek().folded not in words:
            self.at += 1

    def rest(self) -> list[Token]:
        """Take all that is left."""
        found = list(self._tokens[self.at :])
        self.at = len(self._tokens)
        return found


def scan(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, str, int]]:
    """Yield the name of the group that matches, what it matches, and its line; a sign that nothing matches alone."""
    line, at = 1, 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None or match.end() == at:
            yield "sign", text[at], line
            line += text[at] == "\n"
            at += 1
            continue
        yield match.lastgroup or "sign", match.group(), line
        line += match.group().count("\n")
        at = match.end()


def column_range(reader: Reader) -> tuple[int, int] | None:
    """Take positions such as ``7`` or ``7-9``, and return start and width; where there are none, take nothing."""
    before = reader.at
    start = reader.whole()
    if start is None:
        return None
    end = start
    if reader.took("-"):
        last = reader.whole()
        if last is None:
            reader.at = before
            return None
        end = last
    return start, end - start + 1
