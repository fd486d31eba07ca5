"""Stata dictionaries and do-files: where columns stand, their labels, and the labels of their values."""

import re
from collections.abc import Iterator
from pathlib import Path

from migstat.read.codebooks.making import Making, divided, labelled, valued
from migstat.read.codebooks.statements import Reader, Statement, Token, column_range, scan
from migstat.read.codebooks.text import codebook_text
from migstat.words.codebook import Codebook, ValueLabel, Variable

TOKENS = re.compile(
    r"""(?P<gone>/\*.*?(?:\*/|\Z)|///[^\n]*(?:\n|\Z)|(?:(?<=\s)|^)//[^\n]*|[^\S\n]+)
    |(?P<end>\n)
    |(?P<compound>`"(?:[^"]|"(?!'))*"')
    |(?P<text>"[^"\n]*")
    |(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<word>%-?[\d.]+\w*|(?:[^\W\d]|[_$])[\w.$]*\*?)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
TYPES = {"byte", "int", "long", "float", "double"}
PREFIXES = {"quietly", "qui", "capture", "cap", "noisily", "noi", ":"}
SILENT = {
    "set", "clear", "cd", "save", "use", "exit", "compress", "sort", "log", "version", "format", "order", "describe",
    "des", "desc", "summarize", "sum", "tab", "tabulate", "list", "notes", "note", "char", "display", "di", "pause",
    "more", "codebook", "numlabel", "dictionary", "svyset", "tab1", "count", "saveold", "}", "{",
}  # fmt: skip
"""Statements that neither change a value nor say what one means."""
STORAGE = re.compile(r"str(\d*)$|byte$|int$|long$|float$|double$|strl$")
FORMAT = re.compile(r"%-?0?(\d+)(?:\.(\d+))?([a-z]*)")


def recognised(path: Path, start: bytes) -> bool:
    """Tell whether a file is a dictionary or a do-file."""
    if path.suffix.lower() in {".dct", ".do"}:
        return True
    return bool(re.match(rb"\s*(?:infile|infix)?\s*dictionary\b[^\n]*\{", start.removeprefix(b"\xef\xbb\xbf"), re.I))


def read(path: Path) -> Codebook:
    """Read a dictionary or do-file. Raises MigstatError where a column would be read from the wrong place."""
    making = Making(path.name)
    labels: dict[str, dict[str, ValueLabel]] = {}
    used: list[tuple[str, str, int]] = []
    scaled: list[tuple[str, int, int]] = []
    for statement in _statements(codebook_text(path, making.findings), making):
        _statement(statement, making, labels, used, scaled)
    for name, set_name, line in used:
        if set_name in labels:
            making.say(name, line, valued(labels[set_name].values()), "labels of values")
        else:
            making.doubt(line, f"{name} has the labels {set_name}, which are not defined", "define them", name)
    for name, decimals, line in scaled:
        making.say(name, line, divided(decimals), "a division")
    return making.made()


def _statements(text: str, making: Making) -> Iterator[Statement]:
    """Yield statements: one a line, or up to a semicolon where #delimit says so, or up to } in a dictionary."""
    statement: Statement = []
    delimiter, depth, comment = "\n", 0, False
    for kind, found, line in scan(text, TOKENS):
        if kind == "gone":
            continue
        ends = kind == "end"
        if comment:
            comment = not (ends or (delimiter == ";" and found == ";"))
            continue
        if found == "*" and (not statement or (depth and statement[-1].text == "\n")):
            comment = True
            continue
        if ends and depth:
            statement.append(Token("sign", "\n", line))
        elif ends or (found == ";" and delimiter == ";"):
            if ends and statement and statement[0].text == "#" and len(statement) > 1:
                if statement[1].folded.startswith("delim"):
                    delimiter = ";" if statement[-1].text == ";" else "\n"
                statement = []
                continue
            if ends and delimiter == ";":
                continue
            if statement:
                yield statement
            statement = []
        else:
            if found == "{" and any(token.folded == "dictionary" for token in statement):
                depth = 1
            elif found == "}" and depth:
                depth = 0
            statement.append(_token(kind, found, line, making))
    if depth:
        making.doubt(statement[0].line, "the dictionary is not closed: there is no }", "fetch the file again")
    if statement:
        yield statement


def _token(kind: str, found: str, line: int, making: Making) -> Token:
    if kind == "compound":
        return Token("text", found[2:-2], line)
    if kind == "text":
        return Token("text", found[1:-1], line)
    if found == '"':
        making.doubt(line, "a quote is opened and not closed in its line", "close it")
    return Token("word" if kind == "word" else "number" if kind == "number" else "sign", found, line)


def _statement(
    statement: Statement,
    making: Making,
    labels: dict[str, dict[str, ValueLabel]],
    used: list[tuple[str, str, int]],
    scaled: list[tuple[str, int, int]],
) -> None:
    reader = Reader(statement)
    while reader.peek().folded in PREFIXES:
        reader.take()
    line, first = reader.line, reader.peek().folded
    if not first and reader.peek().kind != "text":
        return
    if any(token.folded == "dictionary" for token in statement[:4]) and any(one.text == "{" for one in statement):
        kind = "infix" if first == "infix" else "infile"
        reader.skip_to("{")
        reader.take()
        (_infix if kind == "infix" else _dictionary)(reader, making)
    elif first == "infix":
        reader.take()
        if reader.peek().folded != "using":
            _infix(reader, making)
    elif first == "infile":
        reader.take()
        if reader.peek().folded != "using":
            making.passed("infile", line)
    elif len(first) >= 2 and "label".startswith(first):
        reader.take()
        _label(reader, making, labels, used)
    elif first == "replace":
        _replace(statement, reader, making, scaled)
    elif first not in SILENT:
        making.passed(reader.peek().text[:40] or "a quoted text", line)


def _infix(reader: Reader, making: Making) -> None:
    """Read ``str name 1-20``, one after the other, to the end or to ``using``."""
    text = False
    lines = 1
    while reader:
        token = reader.take()
        if token.text in ("\n", ",", "}"):
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
        if reader.peek().kind == "number" and reader.peek(1).text == ":":
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
        if token.text != "1":
            making.wrong(token.line, f"line {token.text} of a record: a record of several lines cannot be read", _JOIN)
        return lines
    if reader.took("lines") or reader.took("line"):
        if token.text != "1":
            making.wrong(token.line, f"a record has {token.text} lines, and cannot be read", _JOIN)
        return int(float(token.text))
    making.wrong(token.line, f"the number {token.text} stands where a name should", "write name 1-4")
    return lines


_JOIN = "join the lines of a record into one, and add the lengths of the lines before to the positions"


def _dictionary(reader: Reader, making: Making) -> None:
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
        while reader and reader.peek().text != "\n" and reader.peek().folded not in ("}", "_column"):
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
    if words and len(words) > 2 and words[1].text == ":":
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


def _label(
    reader: Reader, making: Making, labels: dict[str, dict[str, ValueLabel]], used: list[tuple[str, str, int]]
) -> None:
    line, what = reader.line, reader.take().folded
    if what and "variable".startswith(what) and len(what) >= 3:
        name = reader.take()
        if reader.peek().kind == "text":
            making.say(name.text, line, labelled(reader.take().text), "a label")
        else:
            making.doubt(line, f"the label of {name.text} cannot be read", "write it in double quotes", name.text)
    elif what in ("define", "def", "defin", "de"):
        _define(reader, making, labels)
    elif what and "values".startswith(what) and len(what) >= 3:
        words = [token for token in reader.rest() if token.text not in (",", "nofix", "\n")]
        if len(words) < 2 or any(token.kind != "word" for token in words):
            making.doubt(line, "label values names no column and labels", "write label values NAME LABELS")
            return
        used.extend((token.text, words[-1].text, line) for token in words[:-1] if words[-1].text != ".")
    elif what == "data":
        making.label = reader.take().text
    elif what not in ("drop", "save", "dir", "list", "language"):
        making.passed(f"label {what}", line)


def _define(reader: Reader, making: Making, labels: dict[str, dict[str, ValueLabel]]) -> None:
    line, name = reader.line, reader.take().text
    found: list[ValueLabel] = []
    while reader and reader.peek().text != ",":
        before = reader.at
        value = reader.number() or (reader.take().text if reader.peek().text.startswith(".") else "")
        if value and reader.peek().kind == "text":
            found.append(ValueLabel(value, reader.take().text))
        elif value.startswith(".") or (value == "" and reader.peek().text == "."):
            reader.skip_to(",")
            making.doubt(line, f"a Stata missing value of {name} has a label: no file of text has it", "", name)
        else:
            reader.at = before
            said = reader.take().text[:40]
            mend = f'write label define {name} 1 "Male" 2 "Female"'
            making.doubt(line, f"'{said}' in the labels {name} cannot be read", mend, name)
            reader.skip_to(",")
    options = {token.folded for token in reader.rest()}
    if not options & {"add", "modify"}:
        labels[name] = {}
    labels.setdefault(name, {}).update({one.value: one for one in found})


def _replace(statement: Statement, reader: Reader, making: Making, scaled: list[tuple[str, int, int]]) -> None:
    """Read ``replace x = x / 100``: two decimals that are not written. Other changes of values are not made."""
    words = [token.text for token in reader.rest()]
    if len(words) == 6 and words[2] == "=" and words[1] == words[3] and words[4] == "/":
        power = re.fullmatch(r"10*", words[5])
        if power:
            scaled.append((words[1], len(words[5]) - 1, statement[0].line))
            return
    making.passed("replace", statement[0].line)
