"""The shape of a fixed-width file: its encoding, its line ends, and how long its lines are, as its first bytes tell."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from migstat.read.extracts.lines import Block
from migstat.read.heads import SNIFFED
from migstat.read.legacy import otherwise, plainly
from migstat.read.packed import fault
from migstat.read.transcoded import codec, keeps_ascii, one_byte
from migstat.words.codebook import Codebook
from migstat.words.finding import Finding, Place, Severity
from migstat.words.how_many import how_many
from migstat.words.row_columns import Column
from migstat.words.source import Format

MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(slots=True)
class FixedShape:
    """How the lines of a file are. ``usual`` is the length of a line, or of the longest type of record."""

    encoding: str
    end: bytes
    """The line end; empty where records follow one another without any."""
    mark: int
    """Bytes of the mark of UTF-8, which stand before the first line."""
    as_bytes: bool
    usual: int
    least: int
    """The last position of the layout."""
    pad: bool
    unit: str
    layout: str
    lengths: dict[str, int] = field(default_factory=dict)
    """The length of the lines of each type of record, where there are several."""

    def misfits(self, block: Block, usual: Any = None) -> Any:
        """Return which lines of a block are too short or too long."""
        usual = self.usual if usual is None else usual
        if not self.pad:
            return block.lengths != usual
        return (block.lengths > usual) & _filled_past(block, usual) | (block.lengths == 0)

    def why(self, length: int, usual: int | None = None) -> str:
        """Say what is wrong with a line of that length."""
        usual = self.usual if usual is None else usual
        if not length:
            return "the line is empty"
        than = f"the others {usual}" if usual != self.least else f"the layout {usual}"
        return f"the line has {length} {self.unit}, {than}"


def _filled_past(block: Block, usual: Any) -> Any:
    """Return which lines have more than blanks past that position."""
    longer = block.lengths > usual
    for at in np.flatnonzero(longer).tolist():
        line = block.lines[at]
        most = usual if isinstance(usual, int) else int(usual[at])
        longer[at] = bool(line[most:].strip())
    return longer


def shape_of(
    start: bytes,
    format: Format,
    book: Codebook,
    columns: Sequence[Column],
    name: str,
    findings: list[Finding],
    whole: int | None,
) -> FixedShape:
    """Find encoding, line ends and lengths. ``whole`` is the size of a file that is not packed.

    Raises MigstatError where the file cannot be of this layout; what was assumed is added to the findings.
    """
    if not start.strip():
        raise fault(name, "the file holds nothing but white space", "ask the sender for the file again")
    mark = 3 if start.startswith(b"\xef\xbb\xbf") else 0
    encoding = encoding_of(start, format, name, findings)
    least = max((one.end for one in columns), default=1)
    if 0 < format.length < least:
        what = f"length: {format.length} is less than the layout, which ends at {least}"
        raise fault(name, what, f"write length: {least} or more under source.format, or mend the layout")
    end = _line_end(start, encoding)
    as_bytes = format.count == "bytes" and not one_byte(encoding)
    if as_bytes and not keeps_ascii(encoding):
        what = f"the positions are counted in bytes, and the encoding is {encoding}"
        raise fault(name, what, "write count: characters under source.format")
    shape = FixedShape(
        encoding, end, mark, as_bytes, format.length or least, least, format.pad,
        "bytes" if as_bytes else "characters", book.name,
    )  # fmt: skip
    if b"\0" in start and keeps_ascii(encoding) and not end:
        raise fault(name, "holds NUL bytes: it is no text, or in another encoding", "write its encoding")
    if not end:
        _without_ends(shape, start, format, name, findings, whole)
    else:
        _usual(shape, start, format, book, columns, name, findings)
    return shape


def encoding_of(start: bytes, format: Format, name: str, findings: list[Finding]) -> str:
    """Return the encoding of a file; where it plainly is not the one that the format says, a finding says so."""
    said = format.encoding
    marked = next((found for mark, found in MARKS.items() if start.startswith(mark)), "")
    if marked and codec(said) != marked and not (marked == "utf-16" and codec(said).startswith(("utf-16", "utf-32"))):
        what = f"read as {marked.upper()}: the file begins with its mark"
        findings.append(_assumed(name, what, f"write encoding: {marked} under source.format"))
        return marked
    if codec(said) != "utf-8":
        found, told = otherwise(start, said, cut=len(start) >= SNIFFED)
        if found:
            findings.append(_assumed(name, told, f"write encoding: {found} under source.format"))
        return found or said
    text = start.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= sign <= "\udcff" for sign in text) if not start.isascii() else 0
    if len(start) >= SNIFFED and broken and "\udc80" <= text[-1] <= "\udcff":
        broken -= next((n for n in (1, 2, 3) if not "\udc80" <= text[-n - 1] <= "\udcff"), 3)
    letters = sum(sign > "\x7f" for sign in text) - broken if broken else 0
    if not broken or letters > broken:
        return "utf-8"
    first = next(at for at, sign in enumerate(text) if "\udc80" <= sign <= "\udcff")
    line = text[:first].count("\n") + 1
    encoding, script = plainly(start)
    if encoding:
        mend = f"write encoding: {encoding}, or the true one, under source.format"
        findings.append(_assumed(name, f"read as {encoding}: line {line} is not UTF-8, and looks {script}", mend))
        return encoding
    try:
        start.decode("cp1252")
    except UnicodeDecodeError:
        what = f"is neither UTF-8 (see line {line}) nor cp1252"
        mend = "write the true encoding under source.format: latin-1, or cp850 or cp437 of old DOS files, say"
        raise fault(name, what, mend) from None
    mend = "write encoding: cp1252, or the true one, under source.format"
    findings.append(_assumed(name, f"read as cp1252: line {line} is not UTF-8", mend))
    return "cp1252"


def _line_end(start: bytes, encoding: str) -> bytes:
    text = start if keeps_ascii(encoding) else start.decode(encoding, "replace").encode()
    if b"\n" in text:
        return b"\n"
    return b"\r" if b"\r" in text.rstrip(b"\r") or text.endswith(b"\r") else b""


def _without_ends(
    shape: FixedShape, start: bytes, format: Format, name: str, findings: list[Finding], whole: int | None
) -> None:
    """Take the length of records that no line end parts from the format, or from the layout, and say so."""
    if len(start) <= shape.usual:  # One record without a line end is a line.
        shape.end = b"\n"
        return
    if not one_byte(shape.encoding) and not shape.as_bytes:
        if not start.isascii() or codec(shape.encoding) != "utf-8":
            what = "has no line ends, so that its records are counted in bytes, and a character may be several"
            raise fault(name, what, "write count: bytes under source.format")
        shape.as_bytes, shape.unit = True, "bytes"
    if format.length:
        return
    if whole is not None and (whole - shape.mark) % shape.usual:
        what = (
            f"has no line ends, and {how_many(whole, 'byte is', 'bytes are')} "
            f"no whole number of records of {shape.usual}"
        )
        raise fault(name, what, "write length: 120, the bytes of a record, under source.format")
    what = f"read as records of {how_many(shape.usual, 'byte')}, the length of the layout: the file has no line ends"
    findings.append(_assumed(name, what, f"write length: {shape.usual} under source.format"))


def _usual(
    shape: FixedShape,
    start: bytes,
    format: Format,
    book: Codebook,
    columns: Sequence[Column],
    name: str,
    findings: list[Finding],
) -> None:
    """Find how long the lines are: as the format says, else as most of the first ones are."""
    lines = _first_lines(shape, start, format)
    if not lines:
        return
    kinds: list[str] = [""] * len(lines)
    if book.records and book.record_start:
        at, to = book.record_start - 1, book.record_start - 1 + (book.record_width or 1)
        values = {one.value: one.name for one in book.records}
        unit: type = bytes if shape.as_bytes else str
        kinds = [values.get(_text(line[at:to], unit).strip(), "") for line in lines]
    for kind in sorted(set(kinds)):
        if book.records and not kind:
            continue
        least = max((one.end for one in columns if one.record in ("", kind)), default=1)
        if kind and not any(one.record == kind for one in columns):
            least = max((book.record_start or 1) + (book.record_width or 1) - 1, 1)
        counted = Counter(len(line) for line, of in zip(lines, kinds, strict=True) if of == kind)
        shape.lengths[kind] = _one_usual(counted, least, kind, shape, format, name, columns, findings)
    if not book.records:
        shape.usual, shape.least = shape.lengths.get("", shape.usual), shape.least
    else:
        shape.usual = max(shape.lengths.values(), default=shape.usual)


def _one_usual(
    counted: Counter[int],
    least: int,
    kind: str,
    shape: FixedShape,
    format: Format,
    name: str,
    columns: Sequence[Column],
    findings: list[Finding],
) -> int:
    if format.length:
        return format.length
    if format.pad:
        return least
    full = {length: count for length, count in counted.items() if length >= least}
    of = f" of the record {kind}" if kind else ""
    if not full:
        longest = max(counted)
        last = max((one for one in columns if one.record in ("", kind)), key=lambda one: one.end)
        what = f"the lines{of} have at most {longest} {shape.unit}, and the layout ends at {least}, with {last.name}"
        mend = f"check that {shape.layout} is of this file, or write pad: yes where blanks at line ends were cut off"
        raise fault(name, what, mend)
    usual = max(full, key=lambda length: (full[length], length))
    if usual > least:
        places = f"position {usual} is" if usual == least + 1 else f"positions {least + 1} to {usual} are"
        what = f"the lines{of} have {usual} {shape.unit}: {places} in no column of the layout"
        note = Finding(Place(name), "", what, "", Severity.NOTE, rule="assumed")
        findings.append(note)
    return usual


def _first_lines(shape: FixedShape, start: bytes, format: Format) -> list[Any]:
    """Return the lines that are whole in the first bytes, in the unit in which positions are counted."""
    data: Any = start[shape.mark :]
    cut = len(start) >= SNIFFED
    end: Any = shape.end
    if not shape.as_bytes:
        data, end = data.decode(shape.encoding, "replace").removeprefix("\ufeff"), end.decode()
    lines = data.split(end)
    if cut or not lines[-1].strip():
        lines.pop()
    sign: Any = b"\r" if shape.as_bytes else "\r"
    return [line.removesuffix(sign) for line in lines[format.header :] if line.strip()]


def _text(piece: Any, unit: type) -> str:
    return piece.decode("latin-1") if unit is bytes else str(piece)


def _assumed(name: str, what: str, mend: str) -> Finding:
    return Finding(Place(name), "", what, mend, Severity.WARNING, rule="assumed")
