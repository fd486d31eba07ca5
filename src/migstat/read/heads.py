"""Heads: how a text file begins, what it plainly is where its format says otherwise, and the names of its columns."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches

from migstat.read.legacy import otherwise, plainly
from migstat.read.packed import fault
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.source import Format

SNIFFED = 1 << 20
"""Bytes looked at before a file is read."""
SEARCHED = 30
"""Lines in which the header is looked for."""
MOST_FINDINGS = 5
THOUSANDS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+")
PARTED = "thousands"
"""The rule of a finding about them."""


@dataclass(slots=True)
class Head:
    """How a text file begins: its format as it is, its columns, the lines above its rows, and what was assumed."""

    format: Format
    columns: list[str]
    lines: int
    findings: list[Finding]
    said: str = ""
    """The encoding that was said, where the file begins in another one."""


def read_head(start: bytes, format: Format, needed: Sequence[str], name: str) -> Head:
    """Read the first bytes of a file.

    Where encoding or separator plainly differ from what the format says, the file is read as it is, and a warning says
    so. Raises MigstatError where it is no text, or lacks columns that are needed.
    """
    blank = fault(name, "the file holds nothing but white space", "ask the sender for the file again")
    if not start.removeprefix(b"\xef\xbb\xbf").strip():
        raise blank
    findings: list[Finding] = []
    said, format = format.encoding, _encoding(start, format, name, findings)
    text = start.decode(format.encoding, errors="replace").removeprefix("\ufeff")
    if not text.strip():
        raise blank
    if "\0" in text:
        what = f"line {_line(text, text.index(chr(0)))} holds NUL bytes: it is no text, or in another encoding"
        mend = "save it as CSV UTF-8, or write the true encoding, such as utf-16-le, under source.format"
        raise fault(name, what, mend)
    if len(start) >= SNIFFED and "\n" not in text and "\r" not in text:
        raise fault(name, "the first line is longer than 1 MB: the file is no CSV", "check that this is the right file")
    lines = list(io.StringIO(text, newline=""))
    format = _told_by_excel(lines, format, name, findings)
    format = _delimiter(lines, format, needed, name, findings)
    if format.header == 0:
        columns, count = list(format.columns), 0
    else:
        columns, count = _names(lines, format, name)
    try:
        check_columns(columns, needed, name, format.header)
    except MigstatError as error:
        raise _elsewhere(lines, format, needed, name) or error from None
    if format.decimal == ",":
        findings += _thousands(lines[count:], count, columns, format, name)
    return Head(format, columns, count, findings, said if said != format.encoding else "")


def _thousands(lines: Sequence[str], above: int, columns: Sequence[str], format: Format, name: str) -> list[Finding]:
    """Tell of each column where a point stands before three digits, though the decimal sign is a comma.

    It may part thousands. Where the column holds no numbers it says nothing: ``of_numbers`` leaves it out.
    """
    reader = csv.reader(lines, delimiter=format.delimiter, quotechar=format.quote or None)
    met: dict[str, int] = {}
    with suppress(csv.Error):  # The last line may be cut within quotes.
        for row in reader:
            for column, cell in zip(columns, row, strict=False):
                if "." in cell and column not in met and THOUSANDS.fullmatch(cell.strip()):
                    met[column] = above + reader.line_num
    what = "a number such as 1.234 is read as a fraction, though the decimal sign is a comma"
    mend = "where the point parts thousands, ask for the file without such points"
    return [Finding(Place(name, line), column, what, mend, Severity.WARNING, PARTED) for column, line in met.items()]


def nested_note(nested: Sequence[str], name: str) -> list[Finding]:
    """Return the note about columns that hold lists or objects, if there are any."""
    what = f"{', '.join(nested)} {'holds' if len(nested) == 1 else 'hold'} lists or structures, read as text"
    return [Finding(Place(name), "", what, "", Severity.NOTE, rule="assumed")] if nested else []


def of_numbers(findings: Iterable[Finding], numbers: Collection[str]) -> list[Finding]:
    """Leave out what is told of points that may part thousands, but of columns that are read as numbers."""
    return [one for one in findings if one.rule != PARTED or one.component in numbers]


def check_columns(columns: Sequence[str], needed: Sequence[str], name: str, header: int) -> None:
    """Raise MigstatError where a column is named twice, or one that is needed is not there: all of them at once.

    A line in which no name is like one that is needed may be no header, but the first row: nothing of it is told.
    """
    listed = list(columns)
    faults = [
        Finding(Place(name, header or None), column, "the header names this column twice", "rename one of the two")
        for column, times in Counter(listed).items()
        if times > 1
    ]
    folded = {column.strip().casefold(): column for column in columns}
    strange: list[str] = []
    for column in dict.fromkeys(needed):
        if column in listed:
            continue
        near = [folded[column.strip().casefold()]] if column.strip().casefold() in folded else []
        near += get_close_matches(column, listed, n=3)
        if near:
            mend = f"did you mean {' or '.join(dict.fromkeys(near))}?"
            faults.append(Finding(Place(name), column, "the extract has no such column", mend, rule="column"))
        else:
            strange.append(column)
    nameless = header > 0 and bool(strange) and len(strange) == len(set(needed))
    if nameless:
        faults.clear()
    if len(strange) > MOST_FINDINGS:
        few = f"{', '.join(strange[:MOST_FINDINGS])} and {len(strange) - MOST_FINDINGS} more"
        have = ", ".join(listed[:MOST_FINDINGS]) + (" ..." if len(listed) > MOST_FINDINGS else "")
        mend = f"check that this is the right file: its columns are {have}"
        if nameless:
            mend = f"check that this is the right file, and that its line {header} holds the names of its columns"
        faults.append(Finding(Place(name), "", f"the extract has no columns {few}", mend, rule="column"))
    else:
        mend = "check that this is the right file"
        faults += [Finding(Place(name), one, "the extract has no such column", mend, rule="column") for one in strange]
    if faults:
        raise MigstatError(faults)


def left_behind(columns: Sequence[str], needed: Sequence[str], identifiers: Sequence[str], name: str) -> list[Finding]:
    """Return a warning for each identifier that the file has not: it may be there under another name.

    Raises MigstatError where it is there in other letters, or with blanks: rejects would carry it away.
    """
    found: list[Finding] = []
    faults: list[Finding] = []
    others = [column for column in columns if column not in {*needed, *identifiers}]
    folded = {column.strip().casefold(): column for column in others}
    for column in dict.fromkeys(identifiers):
        like = folded.get(column.strip().casefold())
        if like is not None:
            what = f"the mapping keeps this identifier out, and the extract has '{like}', which rejects would hold"
            mend = f'write "{like}" under source.identifiers, in place of {column} or beside it'
            faults.append(Finding(Place(name), column, what, mend, rule="identifier"))
        elif column not in columns:
            near = get_close_matches(column, others, 1, 0.75)
            meant = f"did you mean {near[0]}? " if near else ""
            what = "the extract has no such column: what the mapping keeps out may stand under another name"
            mend = f"{meant}name it under source.identifiers; what no rule reads stands in rejects as it is"
            found.append(Finding(Place(name), column, what, mend, Severity.WARNING, rule="identifier"))
    if faults:
        raise MigstatError(faults)
    return found


def _encoding(start: bytes, format: Format, name: str, findings: list[Finding]) -> Format:
    said = format.encoding.lower().replace("_", "-")
    marked = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    if marked and not said.startswith(("utf-16", "utf-32")):
        what, mend = "read as UTF-16: the file begins with its mark", "write encoding: utf-16 under source.format"
        findings.append(_assumed(name, what, mend))
        return replace(format, encoding="utf-16")
    if said == "utf-16" and not marked and b"\0" not in start:
        what, mend = "read as UTF-8: the file has no mark of UTF-16", "write encoding: utf-8 under source.format"
        findings.append(_assumed(name, what, mend))
        format, said = replace(format, encoding="utf-8"), "utf-8"
    if said not in {"utf-8", "utf8", "utf-8-sig"}:
        found, told = otherwise(start, said, cut=len(start) >= SNIFFED)
        if not found:
            return format
        findings.append(_assumed(name, told, f"write encoding: {found} under source.format"))
        return replace(format, encoding=found)
    try:
        start.decode("utf-8")
        return format
    except UnicodeDecodeError as error:
        if error.start >= len(start) - 4 and len(start) >= SNIFFED:
            return format
        line = _line(start, error.start)
    encoding, script = plainly(start)
    if encoding:
        mend = f"write encoding: {encoding}, or the true one, under source.format"
        findings.append(_assumed(name, f"read as {encoding}: line {line} is not UTF-8, and looks {script}", mend))
        return replace(format, encoding=encoding)
    try:
        start.decode("cp1252")
    except UnicodeDecodeError as error:
        what = f"is neither UTF-8 (see line {line}) nor cp1252 (see line {_line(start, error.start)})"
        mend = "write the true encoding under source.format: latin-1, or cp850 or cp437 of old DOS files, say"
        raise fault(name, what, mend) from None
    mend = "write encoding: cp1252, or the true one, under source.format"
    findings.append(_assumed(name, f"read as cp1252: line {line} is not UTF-8", mend))
    return replace(format, encoding="cp1252")


def _told_by_excel(lines: Sequence[str], format: Format, name: str, findings: list[Finding]) -> Format:
    """Read a first line ``sep=;``, which Excel writes and hides."""
    told = re.fullmatch(r'"?sep=(.)"?\s*', lines[0], re.I | re.S) if format.header == 1 and len(lines) > 1 else None
    if told is None:
        return format
    sign = "tab" if told[1] == "\t" else f'"{told[1]}"'
    what = f"line 1 says that {'a tab' if sign == 'tab' else told[1]} is the separator: the header is line 2"
    findings.append(_assumed(name, what, f"write header: 2 and delimiter: {sign} under source.format"))
    return replace(format, header=2, delimiter=told[1])


def _delimiter(
    lines: Sequence[str], format: Format, needed: Sequence[str], name: str, findings: list[Finding]
) -> Format:
    header = lines[format.header - 1] if 0 < format.header <= len(lines) else lines[0]
    better = max(";\t|,", key=header.count)
    if format.delimiter in header or better not in header or header.strip().strip(format.quote or None) in needed:
        return format
    shown, written = ("a tab", "tab") if better == "\t" else (f"'{better}'", f'"{better}"')
    told = "tab" if format.delimiter == "\t" else f"'{format.delimiter}'"
    what = f"read with {shown} as separator: the header has no {told}"
    findings.append(_assumed(name, what, f"write delimiter: {written} under source.format"))
    return replace(format, delimiter=better)


def _names(lines: Sequence[str], format: Format, name: str) -> tuple[list[str], int]:
    """Return the names of the columns, and how many lines stand above the first row."""
    if format.header > len(lines):
        what = f"has {len(lines)} lines, and none that is line {format.header}, its header"
        raise fault(name, what, "set source.format.header to the right line")
    below = lines[format.header - 1 :]
    if format.quote:
        reader = csv.reader(below, delimiter=format.delimiter, quotechar=format.quote)
    else:
        reader = csv.reader(below, delimiter=format.delimiter, quoting=csv.QUOTE_NONE)
    try:
        names = next(reader)
    except csv.Error:
        what = f"line {format.header} cannot be read as a header: a quote is opened and never closed"
        raise fault(name, what, "close the quote, or set source.format.quote to none") from None
    if not names:
        named = next((at for at, line in enumerate(lines, 1) if at > format.header and line.strip()), None)
        mend = f"write header: {named} under source.format" if named else "ask the sender for the file again"
        raise fault(name, f"line {format.header}, which is to be the header, is blank", mend)
    columns = [column or f"unnamed_{position}" for position, column in enumerate(names, 1)]
    return columns, format.header - 1 + reader.line_num


def _elsewhere(lines: Sequence[str], format: Format, needed: Sequence[str], name: str) -> MigstatError | None:
    """Return the error for a header that stands in another line than the format says, where one of the first does."""
    for number, line in enumerate(lines[:SEARCHED], 1):
        cells = {cell.strip().strip(format.quote or None) for cell in line.split(format.delimiter)}
        if number != format.header and len(needed) > 1 and cells.issuperset(needed):
            what = f"line {format.header} is not the header: line {number} is"
            if format.header == 0:
                what = f"has a header, in line {number}, and the format says that it has none"
            return fault(name, what, f"write header: {number} under source.format")
    return None


def _line(text: bytes | str, position: int) -> int:
    before = text[:position]
    return 1 + (before.count("\n") if isinstance(before, str) else before.count(b"\n"))


def _assumed(name: str, what: str, mend: str) -> Finding:
    return Finding(Place(name), "", what, mend, Severity.WARNING, rule="assumed")
