"""Stata dictionaries and do-files: where columns stand, their labels, and the labels of their values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from migstat.read.codebooks.making import Making, divided, labelled, valued
from migstat.read.codebooks.stata_columns import dictionary, infix
from migstat.read.codebooks.statements import Reader, Statement, Token, scan
from migstat.read.codebooks.text import codebook_text
from migstat.words.codebook import Codebook, ValueLabel

TOKENS = re.compile(
    r"""(?P<gone>/\*.*?(?:\*/|\Z)|///[^\n]*(?:\n|\Z)|(?:(?<=\s)|^)//[^\n]*|[^\S\n]+)
    |(?P<end>\n)
    |(?P<compound>`"(?:[^"\n]|"(?!'))*"')
    |(?P<folded>`"(?:[^"`]|"(?!')|`(?!")){0,32000}+"')
    |(?P<open>`"[^\n]*)
    |(?P<text>"[^"\n]*")
    |(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<word>%-?[\d.]+\w*|(?:[^\W\d]|[_$])[\w.$]*\*?)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
"""A compound quote that runs over lines is no longer than Stata's longest label, and begins no other one within: so a
quote that is never closed costs no more than its own text."""
PREFIXES = {"quietly", "qui", "capture", "cap", "noisily", "noi", ":"}
SILENT = {
    "set", "clear", "cd", "save", "use", "exit", "compress", "sort", "log", "version", "format", "order", "describe",
    "des", "desc", "summarize", "sum", "tab", "tabulate", "list", "notes", "note", "char", "display", "di", "pause",
    "append", "erase", "more", "codebook", "numlabel", "dictionary", "svyset", "tab1", "count", "saveold", "}", "{",
}  # fmt: skip
"""Statements that neither change a value nor say what one means."""


@dataclass(slots=True)
class _Program:
    making: Making
    labels: dict[str, dict[str, ValueLabel]] = field(default_factory=dict)
    used: list[tuple[str, str, int]] = field(default_factory=list)
    scaled: list[tuple[str, int, int]] = field(default_factory=list)
    block: int = 0
    """The first column of the last infix."""


def recognised(path: Path, start: bytes) -> bool:
    """Tell whether a file is a dictionary or a do-file."""
    if path.suffix.lower() in {".dct", ".do"}:
        return True
    return bool(
        re.match(rb"(?:(?:infile|infix)\s+)?dictionary\b[^\n]*\{", start.removeprefix(b"\xef\xbb\xbf").lstrip(), re.I)
    )


def read(path: Path) -> Codebook:
    """Read a dictionary or do-file. Raises MigstatError where a column would be read from the wrong place."""
    making = Making(path.name)
    program = _Program(making)
    for statement in _statements(codebook_text(path, making.findings), making):
        _statement(statement, program)
    for name, set_name, line in program.used:
        if set_name in program.labels:
            making.say(name, line, valued(program.labels[set_name].values()), "labels of values")
        else:
            making.doubt(line, f"{name} has the labels {set_name}, which are not defined", "define them", name)
    for name, decimals, line in program.scaled:
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
        if found == "*" and (not statement or (depth and statement[-1].folded == "\n")):
            comment = True
            continue
        if ends and depth:
            statement.append(Token("sign", "\n", line))
        elif ends or (found == ";" and delimiter == ";"):
            if ends and statement and statement[0].folded == "#" and len(statement) > 1:
                if statement[1].folded.startswith("delim"):
                    delimiter = ";" if statement[-1].folded == ";" else "\n"
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
    if kind == "folded":
        return Token("text", re.sub(r"\s*\n\s*", " ", found[2:-2]).strip(), line)
    if kind == "open":
        making.doubt(line, "a compound quote is opened and not closed", "close it with \"'")
        return Token("text", found[2:], line)
    if kind == "text":
        return Token("text", found[1:-1], line)
    if found == '"':
        making.doubt(line, "a quote is opened and not closed in its line", "close it")
    return Token("word" if kind == "word" else "number" if kind == "number" else "sign", found, line)


def _statement(statement: Statement, program: _Program) -> None:
    making = program.making
    reader = Reader(statement)
    while reader.peek().folded in PREFIXES:
        reader.take()
    line, first = reader.line, reader.peek().folded
    if not first and reader.peek().kind != "text":
        return
    if any(token.folded == "dictionary" for token in statement[:4]) and any(one.folded == "{" for one in statement):
        kind = "infix" if first == "infix" else "infile"
        reader.skip_to("{")
        reader.take()
        (infix if kind == "infix" else dictionary)(reader, making)
    elif first == "infix":
        reader.take()
        program.block = len(making.columns)
        if reader.peek().folded != "using":
            infix(reader, making)
    elif first == "infile":
        reader.take()
        if reader.peek().folded != "using":
            making.passed("infile", line)
    elif len(first) >= 2 and "label".startswith(first):
        reader.take()
        _label(reader, program)
    elif first == "replace":
        _replace(statement, reader, program)
    elif first in ("drop", "keep") and _one_record(statement, program):
        return
    elif first not in SILENT:
        making.passed(reader.peek().text[:40] or "a quoted text", line)


def _label(reader: Reader, program: _Program) -> None:
    making = program.making
    line, what = reader.line, reader.take().folded
    if what and "variable".startswith(what) and len(what) >= 3:
        name = reader.take()
        if reader.peek().kind == "text":
            making.say(name.text, line, labelled(reader.take().text), "a label")
        else:
            making.doubt(line, f"the label of {name.text} cannot be read", "write it in double quotes", name.text)
    elif what in ("define", "def", "defin", "de"):
        _define(reader, program)
    elif what and "values".startswith(what) and len(what) >= 3:
        words = [token for token in reader.rest() if token.folded not in (",", "nofix", "\n")]
        if len(words) < 2 or any(token.kind != "word" for token in words):
            making.doubt(line, "label values names no column and labels", "write label values NAME LABELS")
            return
        program.used.extend((token.text, words[-1].text, line) for token in words[:-1] if words[-1].folded != ".")
    elif what == "data":
        making.label = reader.take().text
    elif what not in ("drop", "save", "dir", "list", "language"):
        making.passed(f"label {what}", line)


def _define(reader: Reader, program: _Program) -> None:
    making = program.making
    line, name = reader.line, reader.take().text
    found: list[ValueLabel] = []
    while reader and reader.peek().folded != ",":
        before = reader.at
        value = reader.number() or (reader.take().text if reader.peek().text.startswith(".") else "")
        if value and reader.peek().kind == "text":
            found.append(ValueLabel(value, reader.take().text))
        elif value.startswith(".") or (value == "" and reader.peek().folded == "."):
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
        program.labels[name] = {}
    program.labels.setdefault(name, {}).update({one.value: one for one in found})


def _one_record(statement: Statement, program: _Program) -> bool:
    """Read ``drop if rectype != "H"``, after which the columns above are those of one type of record."""
    making, texts = program.making, [token.text for token in statement]
    sign = "!=" if texts[0].casefold() == "drop" else "=="
    if len(texts) != 6 or texts[1] != "if" or "".join(texts[3:5]).replace("~", "!") != sign:
        return False
    block = making.columns[program.block :]
    column = next((one for one in block if one.name == texts[2]), None)
    if column is None or making.record_column not in ("", column.name) or any(one.record for one in block):
        return False
    making.record_column, value = column.name, texts[5].strip()
    making.record_start, making.record_width = column.start, column.width
    making.columns[program.block :] = [replace(one, record=value) for one in block]
    making.record_type(value, statement[0].line)
    return True


def _replace(statement: Statement, reader: Reader, program: _Program) -> None:
    """Read ``replace x = x / 100``: two decimals that are not written. Other changes of values are not made."""
    words = [token.text for token in reader.rest()]
    if len(words) == 6 and words[2] == "=" and words[1] == words[3] and words[4] == "/":
        power = re.fullmatch(r"10*", words[5])
        if power:
            program.scaled.append((words[1], len(words[5]) - 1, statement[0].line))
            return
    program.making.passed("replace", statement[0].line)
