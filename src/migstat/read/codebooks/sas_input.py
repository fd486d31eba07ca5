"""Columns as the INPUT statement of SAS gives them: by positions, by pointers and informats, or by order alone."""

import re

from migstat.read.codebooks.making import Making
from migstat.read.codebooks.spss_columns import JOIN, numbered
from migstat.read.codebooks.statements import Reader, Token, column_range
from migstat.words.codebook import Kind, Variable

BINARY = {"ib", "pib", "pd", "rb", "pk", "s370fpd", "s370fib", "s370fpib", "s370fzd"}
"""Informats of bytes that are no text."""
DATES = re.compile(r"date|mmddyy|ddmmyy|yymmdd|datetime|time|julian|monyy|yymmn|anydtdte", re.I)
INFORMAT = re.compile(r"([a-z_]*?)(\d*)", re.I)


def names_of(token: Token, reader: Reader, making: Making) -> list[str]:
    """Return the name in a token, or those of ``A1-A9``."""
    if reader.peek().folded == "-" and reader.peek(1).kind == "word":
        reader.take()
        return numbered(token, reader.take(), making)
    return [token.text]


def input_columns(reader: Reader, making: Making, record: str, position: int) -> int:
    """Read an INPUT statement, and return where the next one goes on: after a last @ in the same line, else at 1."""
    at = position
    while reader:
        token = reader.take()
        match token.text:
            case "@":
                if not reader:
                    return at
                at = _pointer(token, reader, making, at)
            case "@@" | "?" | "??" | "&" | ":" | "~" | ",":
                continue
            case "+":
                at += reader.whole() or 0
            case "#" | "/":
                number = reader.whole() if token.folded == "#" else 2
                if number != 1:
                    making.wrong(
                        token.line, f"line {number} of a record: a record of several lines cannot be read", JOIN
                    )
            case "(":
                at = _group(token, reader, making, record, at)
            case _ if token.kind == "word":
                at = _column(token, reader, making, record, at)
            case _:
                making.wrong(token.line, f"'{token.text[:40]}' in INPUT cannot be read", "write @1 NAME $4.")
    return 1


def _pointer(token: Token, reader: Reader, making: Making, at: int) -> int:
    number = reader.whole()
    if number is None:
        said = reader.take().text[:40]
        making.wrong(token.line, f"the place @{said} is only known when the program runs", "write @ and a number")
        return at
    return number


def _column(token: Token, reader: Reader, making: Making, record: str, at: int) -> int:
    """Read one column, or ``A1-A9``, from its positions, its informat, or without either."""
    names = names_of(token, reader, making)
    while reader.peek().folded in (":", "&", "?", "??", "~"):
        reader.take()
    found = column_range(reader) if _is_range(reader) else None
    text = reader.took("$")
    if found is None and _is_range(reader):
        found = column_range(reader)
    if found is not None:
        start, width = found
        decimals = 0
        if reader.peek().kind == "number" and reader.peek().text.startswith("."):
            decimals = int(reader.take().text[1:] or 0)
        if len(names) > 1:
            making.wrong(token.line, f"{names[0]} and others have the same positions", "write each by itself", names[0])
        if width < 1:
            making.wrong(token.line, f"{token.text} ends before it begins", "exchange the two", token.text)
        _add(making, names[0], token.line, start, width, "text" if text else "number", decimals, record)
        return start + width
    read = _informat(reader, making, text=text)
    if read is None:
        for name in names:
            making.add(Variable(name, kind="text" if text else "number", record=record), token.line)
        return at
    kind, width, decimals = read
    for name in names:
        _add(making, name, token.line, at, width, kind, decimals, record)
        at += width
    return at


def _add(making: Making, name: str, line: int, start: int, width: int, kind: Kind, decimals: int, record: str) -> None:
    making.add(Variable(name, start=start, width=width, kind=kind, decimals=decimals, record=record), line)


def _is_range(reader: Reader) -> bool:
    """Tell whether positions follow, not an informat: 5-8 or 5, and not 8. or 8.2."""
    return reader.peek().kind == "number" and reader.peek().text.isdecimal()


def _informat(reader: Reader, making: Making, *, text: bool) -> tuple[Kind, int, int] | None:
    """Take ``8.``, ``8.2``, ``$10.``, ``$CHAR10.`` or ``DATE9.``; None where none follows."""
    token = reader.peek()
    if token.kind == "number" and "." in token.text:
        reader.take()
        width, _, decimals = token.text.partition(".")
        if not width:
            making.wrong(token.line, f"the informat {token.text} has no width", "write 8.2")
        return "text" if text else "number", int(width or 1), int(decimals or 0)
    follows = reader.peek(1)
    if token.kind == "word" and (follows.folded == "." or (follows.kind == "number" and follows.text.startswith("."))):
        reader.take()
        after = reader.take()
        match = INFORMAT.fullmatch(token.text)
        name = match[1].casefold() if match else token.folded
        decimals = after.text.removeprefix(".")
        if name in BINARY:
            mend = "ask for the file as text"
            making.wrong(token.line, f"{token.text}. is of bytes that are no text, and cannot be read", mend)
        if match is None or not match[2]:
            making.wrong(token.line, f"the informat {token.text}. has no width", f"write {token.text}8.")
            return "text", 1, 0
        kind: Kind = "text" if text else "date" if DATES.fullmatch(name) else "number"
        return kind, int(match[2]), int(decimals or 0) if kind == "number" else 0
    return None


def _group(token: Token, reader: Reader, making: Making, record: str, at: int) -> int:
    """Read ``(A1-A3 B) ($1. +1)``: columns that share informats, in turn."""
    names: list[str] = []
    while reader and not reader.took(")"):
        word = reader.take()
        if word.kind == "word":
            names += names_of(word, reader, making)
        elif word.folded != ",":
            making.wrong(word.line, f"'{word.text[:40]}' in INPUT cannot be read", "write (A1-A3) ($1.)")
    steps: list[tuple[Kind, int, int] | int] = []
    if not reader.took("("):
        making.wrong(token.line, "the columns in brackets have no informats", "write (A1-A3) ($1.)")
        return at
    while reader and not reader.took(")"):
        if reader.took(","):
            continue
        if reader.took("+"):
            steps.append(reader.whole() or 0)
            continue
        times = 1
        if reader.peek(1).folded == "*":
            times = reader.whole() or 1
            reader.take()
        text = reader.took("$")
        read = _informat(reader, making, text=text)
        if read is None:
            said = reader.take().text[:40]
            making.wrong(token.line, f"the informat '{said}' cannot be read", "write (A1-A3) ($1.)")
        else:
            steps += [read] * min(times, 10_000)
    if not any(isinstance(step, tuple) for step in steps):
        making.wrong(token.line, "the columns in brackets have no informats", "write (A1-A3) ($1.)")
        return at
    turn = 0
    for name in names:
        while isinstance(step := steps[turn % len(steps)], int):
            at += step
            turn += 1
        kind, width, decimals = step
        _add(making, name, token.line, at, width, kind, decimals, record)
        at += width
        turn += 1
    return at
