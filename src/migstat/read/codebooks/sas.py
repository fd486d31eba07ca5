"""SAS programs: INPUT, LABEL, ATTRIB, and the values of PROC FORMAT that a FORMAT statement gives to columns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from migstat.read.codebooks.making import Making, divided, labelled, valued
from migstat.read.codebooks.sas_formats import Used, format_name, formats, values
from migstat.read.codebooks.sas_input import input_columns, names_of
from migstat.read.codebooks.statements import Reader, Statement, Token, scan
from migstat.read.codebooks.text import codebook_text
from migstat.words.codebook import Codebook, ValueLabel

TOKENS = re.compile(
    r"""(?P<gone>/\*.*?(?:\*/|\Z)|\s+)
    |(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")n?
    |(?P<number>\d+(?:\.\d*)?|\.\d+)
    |(?P<word>[^\W\d]\w*)
    |(?P<pair>@@|<-<|<-|-<|--|\?\?)""",
    re.VERBOSE | re.DOTALL,
)
SILENT = {
    "data", "run", "quit", "libname", "filename", "options", "title", "title1", "title2", "proc", "set", "length",
    "keep", "drop", "retain", "output", "by", "end", "informat", "var", "tables", "table", "footnote", "ods", "where",
    "library", "datalines", "cards", "endsas", "goptions", "weight", "class", "id", "missing", "return", "else",
    "stop", "delete", "exclude", "select", "contents", "array",
}  # fmt: skip
"""Statements that neither change a value nor say what one means; ``proc``, and what stands in it, is not run."""
DATA = re.compile(r"^[^\S\n]*(?:datalines|cards)4?\s*;.*?(?:^[^\S\n]*;{1,4}[^\S\n]*$|\Z)", re.I | re.M | re.S)


@dataclass(slots=True)
class _Program:
    making: Making
    formats: dict[str, list[ValueLabel]] = field(default_factory=dict)
    used: list[Used] = field(default_factory=list)
    record: str = ""
    depth: int = 0
    """How many DO are open below the one that tells a type of record."""
    position: int = 1
    proc: str = ""


def recognised(path: Path, start: bytes) -> bool:
    """Tell whether a file is a SAS program."""
    if path.suffix.lower() == ".sas":
        return True
    told = path.suffix.lower() in {".txt", ".inp", ""}
    begins = rb"(?:^|;)[^\S\n]*(?:proc\s+format\b|data\s+[\w.]+\s*;|infile\s|input\s*@?\s*\w+[^;]{,2000};)"
    return told and b";" in start and re.search(begins, start, re.I | re.M) is not None


def read(path: Path) -> Codebook:
    """Read a program. Raises MigstatError where a column would be read from the wrong place."""
    making = Making(path.name)
    program = _Program(making)
    text = codebook_text(path, making.findings)
    text = DATA.sub(lambda found: "\n" * found[0].count("\n"), text)
    for statement in _statements(text, making):
        _statement(Reader(statement), statement, program)
    for name, format, line in program.used:
        if format in program.formats:
            making.say(name, line, valued(program.formats[format]), "labels of values")
        elif not re.fullmatch(STANDARD, format):
            what = f"{name} has the format {format}., which is not defined here"
            making.doubt(line, what, "put PROC FORMAT into the same file", name)
    return making.made()


STANDARD = (
    r"\$?(?:char|f|best|comma|dollar|z|e|date|mmddyy|ddmmyy|yymmdd|datetime|time|percent|hex|julian|monyy|yyq|year|"
    r"commax|numx|)\d*"
)
"""Formats of SAS itself, which label no values."""


def _statements(text: str, making: Making) -> Iterator[Statement]:
    """Yield statements, each up to its semicolon; a comment is one that begins with a star."""
    statement: Statement = []
    comment = False
    for kind, found, line in scan(text, TOKENS):
        if kind == "gone":
            continue
        if comment:
            comment = found != ";"
        elif found == ";":
            if statement:
                yield statement
            statement = []
        elif found == "*" and not statement:
            comment = True
        elif kind == "text":
            body = found.removesuffix("n")
            statement.append(Token("text", body[1:-1].replace(body[0] * 2, body[0]).replace("\n", " "), line))
        else:
            if found in "'\"":
                making.doubt(line, "a quote is opened and not closed", "close it, or double the quote within it")
            statement.append(Token("word" if kind == "word" else "number" if kind == "number" else "sign", found, line))
    if statement:
        making.doubt(
            statement[0].line, "the last statement has no semicolon", "fetch the file again: it may be cut off"
        )
        yield statement


def _statement(reader: Reader, statement: Statement, program: _Program) -> None:
    making, line, first = program.making, reader.line, reader.peek().folded
    if first == "proc":
        program.proc = reader.peek(1).folded
    elif first in ("data", "run", "quit"):
        program.proc = ""
    match first:
        case "input":
            reader.take()
            program.position = input_columns(reader, making, program.record, program.position)
        case "label":
            reader.take()
            _labels(reader, making)
        case "attrib":
            reader.take()
            _attributes(reader, making, program)
        case "value" if program.proc == "format":
            reader.take()
            values(reader, making, program.formats)
        case "format":
            reader.take()
            formats(reader, making, program.used)
        case "if" | "else" | "when":
            _condition(reader, program)
        case "end":
            if program.depth:
                program.depth -= 1
                program.record = program.record if program.depth else ""
        case "infile":
            _infile(statement, making)
        case "%":
            making.passed(f"%{reader.peek(1).text[:40]}", line)
        case _ if first in SILENT or (program.proc and program.proc != "format"):
            pass
        case _ if reader.peek(1).folded == "=":
            _assignment(statement, making)
        case _:
            making.passed(reader.peek().text[:40] or "a quoted text", line)


def _infile(statement: Statement, making: Making) -> None:
    for at, token in enumerate(statement[:-2]):
        if token.folded == "firstobs" and statement[at + 2].text.isdecimal() and int(statement[at + 2].text) > 1:
            first = int(statement[at + 2].text)
            mend = f"write header: {first - 1} under source.format"
            making.doubt(token.line, f"the data begin in line {first}", mend)


def _condition(reader: Reader, program: _Program) -> None:
    """Read ``if RECTYPE = "H" then do;`` as the type of record that is described; other conditions are not run."""
    making, line = program.making, reader.line
    said = " ".join(reader.peek(at).text for at in range(4))
    words = reader.rest()
    folded = [token.folded for token in words]
    if folded[:1] == ["else"]:
        words, folded = words[1:], folded[1:]
    opens = folded[-1:] == ["do"]
    condition = words[1 : folded.index("then")] if "then" in folded else []
    its = len(condition) == 3 and condition[1].folded in ("=", "eq") and condition[0].kind == "word"
    known = making.record_column.casefold()
    column = next((one for one in making.columns if its and one.name.casefold() == condition[0].folded), None)
    if opens and its and column is not None and column.start is not None and known in ("", column.name.casefold()):
        value = condition[2].text.strip()
        if not known:
            making.record_column = column.name
            making.record_start, making.record_width = column.start, column.width
        if all(one.value != value for one in making.records):
            making.record_type(value, line)
        program.record, program.depth, program.position = value, 1, column.start + (column.width or 1)
        return
    if opens:
        program.depth += bool(program.depth)
    after = folded[folded.index("then") + 1 :] if "then" in folded else folded
    if (after[:1] and after[0] in ("do", "output", "delete", "return", "input", "stop")) or not after:
        if after[:1] == ["input"] and len(after) > 1:
            making.wrong(line, "columns are described after a condition, without DO", "write if ... then do; input ...")
        elif after[:1] in (["delete"], ["output"]) and not its:
            making.passed(f"{said} ...", line)
        return
    making.passed("if", line)


def _labels(reader: Reader, making: Making) -> None:
    while reader:
        token = reader.take()
        if token.kind == "word" and reader.took("=") and reader.peek().kind == "text":
            making.say(token.text, token.line, labelled(reader.take().text.strip()), "a label")
        else:
            making.doubt(token.line, f"'{token.text[:40]}' in LABEL cannot be read", "write NAME = 'label'")


def _attributes(reader: Reader, making: Making, program: _Program) -> None:
    """Read ``attrib a length=3 label='Age' format=agef. b label='Sex'``."""
    names: list[str] = []
    while reader:
        token = reader.take()
        if token.folded in ("label", "length", "format", "informat", "transcode") and reader.took("="):
            if token.folded == "label" and reader.peek().kind == "text":
                label = reader.take().text.strip()
                for name in names if label else []:
                    making.say(name, token.line, labelled(label), "a label")
            elif token.folded == "format":
                format = format_name(reader)
                program.used += [(name, format, token.line) for name in names]
            elif token.folded == "length":
                reader.took("$")
                reader.take()
            else:
                format_name(reader)
            if reader and reader.peek(1).folded != "=":
                names = []
        elif token.kind == "word":
            names += names_of(token, reader, making)
        else:
            making.doubt(token.line, f"'{token.text[:40]}' in ATTRIB cannot be read", "write NAME label='...'")


def _assignment(statement: Statement, making: Making) -> None:
    """Read ``x = x / 100``: two decimals that are not written. Other changes of values are not made."""
    texts = [token.folded for token in statement]
    power = re.fullmatch(r"10*", texts[4]) if len(texts) == 5 else None
    if power and texts[0] == texts[2] and texts[3] == "/":
        making.say(statement[0].text, statement[0].line, divided(len(texts[4]) - 1), "a division")
        return
    making.passed(f"{statement[0].text[:40]} =", statement[0].line)
