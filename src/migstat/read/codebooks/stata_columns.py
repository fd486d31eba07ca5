"""Columns as Stata gives them: infix, and dictionaries of infile."""

import re

from migstat.read.codebooks.making import Making
from migstat.read.codebooks.statements import Reader, Token, column_range
from migstat.words.codebook import Variable

STORAGE = re.compile(r"str(\d*)$|byte$|int$|long$|float$|double$|strl$")
FORMAT = re.compile(r"%-?0?(\d+)(?:\.(\d+))?([a-z]*)")


def infix(reader: Reader, making: Making) -> None:
    """Read ``str name 1-20``, one after the other, to the end or to ``using``."""
    text = False
    lines = 1
    while reader:
        token = reader.take()
        if token.folded in ("\n", ",", "}"):
            continue
        if token.folded in ("using", "if", "in", "clear"):
            break
        if token.kind == "number":
            lines = _line_of(token, reader, making, lines)
            continue
        if token.folded in ("first", "firstlineoffile"):
            making.passed("first", token.line)
            reader.skip_to("\n")
            continue
        if STORAGE.fullmatch(token.folded) and reader.peek().kind == "word":
            text = token.folded.startswith("str")
            token = reader.take()
        name = token.text
        if reader.peek().kind == "number" and reader.peek(1).folded == ":":
            _line_of(reader.take(), reader, making, lines)
        found = column_range(reader)
        if token.kind != "word" or found is None:
            making.wrong(token.line, f"'{name[:40]}' has no positions that can be read", "write name 1-4", name[:40])
            reader.skip_to("\n", "using")
            continue
        label = reader.take().text if reader.peek().kind == "text" else ""
        making.add(Variable(name, label, start=found[0], width=found[1], kind="text" if text else "number"), token.line)
        text = False


def _line_of(token: Token, reader: Reader, making: Making, lines: int) -> int:
    """Read ``1:`` or ``2 lines``; a record of several lines cannot be read."""
    if reader.took(":"):
        if token.folded != "1":
            making.wrong(token.line, f"line {token.text} of a record: a record of several lines cannot be read", _JOIN)
        return lines
    if reader.took("lines") or reader.took("line"):
        if token.folded != "1":
            making.wrong(token.line, f"a record has {token.text} lines, and cannot be read", _JOIN)
        return int(float(token.text))
    making.wrong(token.line, f"the number {token.text} stands where a name should", "write name 1-4")
    return lines


_JOIN = "join the lines of a record into one, and add the lengths of the lines before to the positions"


def dictionary(reader: Reader, making: Making) -> None:
    """Read ``_column(5) int age %2f "Age"``; a column without a position begins where the one before it ends."""
    position = 1
    while reader:
        if reader.took("\n") or reader.took("}"):
            continue
        token = reader.peek()
        if token.folded in ("_column", "_skip", "_newline", "_line", "_lines", "_lrecl", "_firstlineoffile", "_first"):
            position = _directive(reader, making, position)
            continue
        words = []
        while reader and reader.peek().folded != "\n" and reader.peek().folded not in ("}", "_column"):
            words.append(reader.take())
        position = _dictionary_line(words, making, position)


def _directive(reader: Reader, making: Making, position: int) -> int:
    token = reader.take()
    number = 1
    if reader.took("("):
        found = reader.whole()
        if found is None or not reader.took(")"):
            making.wrong(token.line, f"{token.text}( ) without a whole number", f"write {token.text}(1)")
            reader.skip_to("\n")
            return position
        number = found
    elif token.folded == "_column":
        making.wrong(token.line, "_column without a number", "write _column(1)")
    match token.folded:
        case "_column":
            return number
        case "_skip":
            return position + number
        case "_lrecl":
            return position
        case "_firstlineoffile" | "_first":
            if number > 1:
                what = f"the data begin in line {number}"
                making.doubt(token.line, what, f"write header: {number - 1} under source.format")
            return position
        case _ if number > 1 or token.folded == "_newline":
            making.wrong(token.line, f"{token.text}: a record of several lines cannot be read", _JOIN)
    return position


def _dictionary_line(words: list[Token], making: Making, position: int) -> int:
    line = words[0].line
    label = words.pop().text if words[-1].kind == "text" else ""
    shown = FORMAT.fullmatch(words.pop().text) if words and words[-1].text.startswith("%") else None
    kind = words.pop(0).folded if words and STORAGE.fullmatch(words[0].folded) and len(words) > 1 else ""
    if words and len(words) > 2 and words[1].folded == ":":
        words = words[:1]
    if len(words) != 1 or words[0].kind != "word":
        said = " ".join(word.text for word in words)[:60]
        making.wrong(line, f"'{said}' cannot be read", 'write _column(5) int age %2f "Age"')
        return position
    width = int(shown[1]) if shown else None
    stored = STORAGE.fullmatch(kind)
    if width is None and stored and stored[1]:
        width = int(stored[1])
    name = words[0].text
    if width is None:
        making.wrong(line, f"{name} has no format, so that its width is not known", f"write {name} %2f", name)
        width = 1
    decimals = int(shown[2] or 0) if shown and shown[3] in ("f", "g", "e", "") else 0
    text = kind.startswith("str") or bool(shown and shown[3] == "s")
    making.add(
        Variable(name, label, start=position, width=width, decimals=decimals, kind="text" if text else "number"), line
    )
    return position + width
