"""SPSS programs: DATA LIST, GET DATA, labels of variables and of values, missing values, types of record."""

import re
from collections.abc import Iterator
from pathlib import Path

from migstat.read.codebooks.making import Making, labelled, lacking, valued
from migstat.read.codebooks.spss_columns import data_list, get_data, spread
from migstat.read.codebooks.statements import Reader, Statement, Token, scan
from migstat.read.codebooks.text import codebook_text
from migstat.words.codebook import Codebook, ValueLabel

COMMANDS = (
    "add value labels", "value labels", "variable labels", "missing values", "data list", "get data", "file type",
    "record type", "end file type", "begin data", "end data", "file handle", "variable level", "save outfile",
    "get file", "do if", "end if", "select if", "add files", "match files", "variable width", "variable alignment",
    "variable role", "variable attribute", "delete variables", "rename variables", "print formats", "write formats",
    "sort cases", "split file", "dataset name", "dataset activate", "dataset close",
)  # fmt: skip
"""Commands of several words: where a line begins with one, the command above it ends, with a full stop or without."""
FIRST = {command[:3] for command in COMMANDS}
"""How their first words begin, however shortened."""
SILENT = {
    "end file type", "file handle", "variable level", "save outfile", "get file", "variable width",
    "variable alignment", "variable role", "variable attribute", "print formats", "write formats", "sort cases",
    "dataset name", "dataset activate", "dataset close", "begin data", "end data",
    "execute", "exe", "formats", "format", "frequencies", "fre", "freq", "descriptives", "save", "set", "title", "cd",
    "cache", "preserve", "restore", "output", "show", "list", "display", "subtitle", "export", "codebook", "host",
    "get", "crosstabs", "update", "dataset", "erase", "new",
}  # fmt: skip
"""Commands that neither change a value nor say what one means."""
TOKENS = re.compile(
    r"""(?P<gone>/\*.*?(?:\*/|\Z)|\s+)
    |(?P<stop>\.\s*(?:/\*.*)?\Z)
    |(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    |(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<word>(?:[^\W\d]|[@\#$])(?:[\w$@\#]|\.(?=[\w$@\#]))*)""",
    re.VERBOSE | re.DOTALL,
)


def recognised(path: Path, start: bytes) -> bool:
    """Tell whether a file is an SPSS program."""
    if path.suffix.lower() in {".sps", ".spss"}:
        return True
    begins = rb"^[^\S\n]*(?:data\s+list\s|get\s+data\s|value\s+labels\b|variable\s+labels\b)"
    told = path.suffix.lower() in {".txt", ""} and b";" not in start
    return told and re.search(begins, start, re.I | re.M) is not None


def read(path: Path) -> Codebook:
    """Read a program. Raises MigstatError where a column would be read from the wrong place."""
    making = Making(path.name)
    record = ""
    for statement in _commands(codebook_text(path, making.findings), making):
        record = _command(Reader(statement), making, record)
    return making.made()


def _commands(text: str, making: Making) -> Iterator[Statement]:
    """Yield commands: up to a full stop at the end of a line, or to the next line that begins a command."""
    command: Statement = []
    comment = data = False
    for number, line in enumerate(text.split("\n"), 1):
        plain = line.strip()
        if not plain:
            comment = False
            continue
        if data:
            data = not plain.casefold().startswith("end data")
            continue
        if plain[0] in "-+" and _begins(plain[1:].lstrip()):  # Within FILE TYPE a sign may stand before a command.
            line = line.replace(plain[0], " ", 1)
            plain = line.strip()
        begins = _begins(plain)
        if command and (begins or re.match(r"\*|comment\s", line, re.I)):
            yield command
            command = []
        if comment and begins and line[0] not in " \t*":
            comment = False
        if begins == "begin data":
            data = True
            continue
        if not command and (plain.startswith("*") or re.match(r"comment\s", plain, re.I)):
            comment = True
        if comment:
            comment = not plain.endswith(".")
            continue
        tokens, ended = _tokens(line, number, making)
        command += tokens
        if ended:
            if command:
                yield command
            command = []
    if command:
        yield command


def _tokens(line: str, number: int, making: Making) -> tuple[Statement, bool]:
    found: Statement = []
    for kind, text, _ in scan(line, TOKENS):
        if kind == "stop":
            return found, True
        if kind == "text":
            found.append(Token("text", text[1:-1].replace(text[0] * 2, text[0]), number))
        elif kind != "gone":
            if text in "'\"":
                mend = "close it, or double the quote within it"
                making.doubt(number, "a quote is opened and not closed in its line", mend)
            found.append(Token("word" if kind == "word" else "number" if kind == "number" else "sign", text, number))
    return found, False


def _begins(line: str) -> str:
    """Return the command of several words that a line begins with, however shortened, or an empty text."""
    words = re.findall(r"[a-z]+", line[:80].casefold())
    for command in COMMANDS if words and words[0][:3] in FIRST else ():
        full = command.split()
        if len(words) >= len(full) and all(
            word == whole or (len(word) >= 3 and whole.startswith(word))
            for word, whole in zip(words, full, strict=False)
        ):
            return command if re.match(r"\s+".join(words[: len(full)]) + r"\b", line.strip(), re.I) else ""
    return ""


def _command(reader: Reader, making: Making, record: str) -> str:
    """Read one command, and return the type of record that is being described."""
    line = reader.line
    words = [reader.peek(ahead).text for ahead in range(4) if reader.peek(ahead).kind == "word"]
    name = _begins(" ".join(words))
    for _ in name.split():
        reader.take()
    match name:
        case "data list":
            data_list(reader, making, record)
        case "get data":
            get_data(reader, making)
        case "variable labels":
            _variable_labels(reader, making)
        case "value labels" | "add value labels":
            _value_labels(reader, making, add=name.startswith("add"))
        case "missing values":
            _missing_values(reader, making)
        case "file type":
            _file_type(reader, making)
        case "record type":
            return _record_type(reader, making)
        case "" if reader.peek().folded not in SILENT:
            making.passed(reader.peek().text[:40], line)
        case _ if name and name not in SILENT:
            making.passed(name, line)
    return record


def _variable_labels(reader: Reader, making: Making) -> None:
    while reader:
        if reader.took("/") or reader.took(","):
            continue
        token = reader.take()
        if token.kind == "word" and reader.peek().kind == "text":
            making.say(token.text, token.line, labelled(_joined(reader)), "a label")
        else:
            making.doubt(token.line, f"'{token.text[:40]}' in VARIABLE LABELS cannot be read", "write NAME 'label'")


def _joined(reader: Reader) -> str:
    """Take a quoted text, and those that a + joins to it."""
    text = reader.take().text
    while reader.peek().folded == "+" and reader.peek(1).kind == "text":
        reader.take()
        text += reader.take().text
    return text


def _value_labels(reader: Reader, making: Making, *, add: bool) -> None:
    while reader:
        if reader.took("/"):
            continue
        names = _names(reader, making)
        line, values = reader.line, []
        while reader and reader.peek().folded != "/":
            if reader.took(","):
                continue
            before = reader.at
            value = reader.number() or (reader.take().text if reader.peek().kind == "text" else "")
            reader.took("=")
            if reader.at > before and reader.peek().kind == "text":
                values.append(ValueLabel(value.strip(), _joined(reader)))
                continue
            if reader.at == before:
                value = reader.take().text
            making.doubt(line if not reader else reader.line, f"'{value[:40]}' in VALUE LABELS has no label that can "
                         "be read", "write NAME 1 'Male' 2 'Female' /", names[0] if names else "")  # fmt: skip
        for name in names:
            making.say(name, line, valued(values, add=add), "labels of values")


def _names(reader: Reader, making: Making) -> list[str]:
    """Take names of columns, ``A TO C`` among them; a name of another record is the same name."""
    names: list[str] = []
    while reader.peek().kind == "word" or reader.peek().folded == ",":
        token = reader.take()
        if token.folded == ",":
            continue
        if reader.peek().folded == "to" and reader.peek(1).kind == "word":
            reader.take()
            names += spread(token, reader.take(), making)
        else:
            names.append(token.text)
    return names


def _missing_values(reader: Reader, making: Making) -> None:
    while reader:
        if reader.took("/") or reader.took(","):
            continue
        line, names = reader.line, _names(reader, making)
        if not names or not reader.took("("):
            said = reader.take().text[:40]
            making.doubt(line, f"'{said}' in MISSING VALUES cannot be read", "write NAME (97, 98, 99)")
            reader.skip_to("/")
            continue
        values = []
        while reader and not reader.took(")"):
            if reader.took(","):
                continue
            value = _bound(reader)
            if not value:
                said = reader.take().text[:40]
                making.doubt(reader.line, f"'{said}' in MISSING VALUES cannot be read", "write NAME (97 THRU 99)")
            elif reader.took("thru") or reader.took("through"):
                values.append(f"{value}..{_bound(reader)}")
            else:
                values.append(value)
        for name in names:
            making.say(name, line, lacking(values), "missing values")


def _bound(reader: Reader) -> str:
    """Take a value, or LO and HI, which are the ends of all numbers."""
    for words, bound in ((("lo", "lowest"), "-inf"), (("hi", "highest"), "inf")):
        if reader.peek().folded in words:
            reader.take()
            return bound
    return reader.number() or (reader.take().text.strip() if reader.peek().kind == "text" else "")


def _file_type(reader: Reader, making: Making) -> None:
    """Read where the type of a record stands: ``FILE TYPE MIXED /RECORD = RECTYPE 1-1 (A)``."""
    line = reader.line
    kind = reader.take().folded
    if kind not in ("mixed", "grouped", "nested"):
        making.doubt(line, f"FILE TYPE {kind.upper()} is not known", "write MIXED, GROUPED or NESTED")
    making.nested = kind == "nested"
    reader.skip_to("record")
    reader.take()
    reader.took("=")
    if reader.peek().kind == "word":
        making.record_column = reader.take().text
    start = reader.whole()
    end = start
    if reader.took("-"):
        end = reader.whole()
    if start is None or end is None or end < start:
        making.wrong(line, "FILE TYPE does not say where the type of a record stands", "write /RECORD = RECTYPE 1-1")
        return
    making.record_start, making.record_width = start, end - start + 1


def _record_type(reader: Reader, making: Making) -> str:
    """Read what marks a type of record; in a file of households and persons each belongs to the one above it."""
    line = reader.line
    value = reader.number() or (reader.take().text.strip() if reader.peek().kind == "text" else "")
    if not value:
        if reader.peek().folded != "other":
            making.wrong(line, "RECORD TYPE does not say what marks the record", "write RECORD TYPE 'P'")
        return ""
    if reader and reader.peek().folded == ",":
        making.passed("record type with several values", line)
    making.record_type(value, line)
    return value
