"""Files of dBASE (.dbf) as extracts, as FoxPro, REDATAM and many offices write them: part by part, values as text.

Libraries that read them make numbers of codes, and ``01`` is 1 there. Layout: dBASE III and IV table file header, and
for FoxPro its "Table File Structure".
"""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl
import pyarrow as pa

from migstat.read.extracts.extract import Extract
from migstat.read.extracts.kinds import DBASE
from migstat.read.extracts.lines import as_text
from migstat.read.heads import check_columns, left_behind
from migstat.read.packed import explained, fault, unpacked
from migstat.words.codebook import Codebook, Kind, Variable
from migstat.words.finding import Finding, Place, Severity
from migstat.words.how_many import how_many
from migstat.words.source import Format

FOXPRO = (0x30, 0x31, 0x32)
"""The first byte of the tables of Visual FoxPro."""
HEAD, FIELD = 32, 32
"""Bytes of the header, and of the description of a column."""
KINDS: dict[str, Kind] = {"C": "text", "L": "text", "D": "date", **dict.fromkeys("NFIB", "number")}
"""The types that hold their values in the file itself; memos and pictures stand in another."""
CODE_PAGES = {
    0x01: 437, 0x02: 850, 0x03: 1252, 0x08: 865, 0x09: 437, 0x0A: 850, 0x0B: 437, 0x0D: 437, 0x0E: 850, 0x0F: 437,
    0x10: 850, 0x11: 437, 0x12: 850, 0x13: 932, 0x14: 850, 0x15: 437, 0x16: 850, 0x17: 865, 0x18: 437, 0x19: 437,
    0x1A: 850, 0x1B: 437, 0x1C: 863, 0x1D: 850, 0x1F: 852, 0x22: 852, 0x23: 852, 0x24: 860, 0x25: 850, 0x26: 866,
    0x37: 850, 0x40: 852, 0x4D: 936, 0x4E: 949, 0x4F: 950, 0x50: 874, 0x57: 1252, 0x58: 1252, 0x59: 1252, 0x64: 852,
    0x65: 866, 0x66: 865, 0x6A: 737, 0x6B: 857, 0x78: 950, 0x79: 949, 0x7A: 936, 0x7B: 932, 0x7C: 874, 0x7D: 1255,
    0x7E: 1256, 0x86: 737, 0x87: 852, 0x88: 857, 0xC8: 1250, 0xC9: 1251, 0xCA: 1254, 0xCB: 1253, 0xCC: 1257,
}  # fmt: skip
"""Code pages by the byte of the header that tells them, as dBASE and FoxPro number their languages."""
BINARY = {"I": "<i4", "B": "<f8"}
"""How FoxPro writes its numbers; a B of dBASE itself is a memo."""
DAY = r"^(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
BLANK, DELETED, END = 0x20, 0x2A, b"\x1a\0 \r\n"
LARGEST_WHOLE = 1e15
PART = 32 << 20
"""Bytes of a part."""
AGAIN = "ask the sender for the file again, or copy it again: its size or checksum will differ"


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: str
    at: int
    width: int
    decimals: int


@dataclass(frozen=True, slots=True)
class _Head:
    rows: int
    start: int
    """Where the first row begins."""
    length: int
    """Bytes of a row, its mark among them."""
    encoding: str
    said: bool
    """The file says its encoding."""
    fields: tuple[_Field, ...]


def read_dbase(path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str]) -> Extract:
    """Open a file of dBASE, plain or packed. Rows that are marked as deleted are left out, and counted in a finding."""
    with explained(path.name, format), unpacked(path, format, DBASE) as (file, _, _, name):
        head = _head(file, format, name, path)
    findings: list[Finding] = []
    fields = [one for one in head.fields if one.type in KINDS]
    if left := [one.name for one in head.fields if one.type not in (*KINDS, "0")]:
        what = f"{', '.join(left)} cannot be read: memos, pictures and packed values stand in no text"
        findings.append(Finding(Place(name), "", what, "export them as text", Severity.WARNING, rule="assumed"))
    columns = [one.name for one in fields]
    check_columns(columns, needed, name, 0)
    taken = [one for one in fields if one.name not in identifiers]
    if not taken:
        raise fault(name, "has no column that may leave the file", "export it as CSV")
    variables = (Variable(one.name, kind=KINDS[one.type], width=one.width, decimals=one.decimals) for one in fields)
    extract = Extract(
        name,
        tuple(one.name for one in taken),
        iter(()),
        [*findings, *left_behind(columns, needed, identifiers, name)],
        size=path.stat().st_size,
        raw=True,
        codebook=Codebook(name, tuple(variables)),
        mend=AGAIN,
    )
    extract.parts = _parts(path, format, head, taken, extract)
    return extract


def _head(file: IO[bytes], format: Format, name: str, path: Path) -> _Head:
    top = _read(file, HEAD)
    if len(top) < HEAD:
        raise fault(name, "is a dBASE file (.dbf) that ends within its header: it was cut off", AGAIN)
    rows, start, length = (int.from_bytes(top[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    rest = _read(file, start - HEAD)
    if start < HEAD or len(rest) < start - HEAD:
        raise fault(name, "is a dBASE file (.dbf) that ends within its header: it was cut off", AGAIN)
    encoding, said = _encoding(top[29], format, path)
    fields: list[_Field] = []
    at = 1
    for place in range(0, len(rest) - FIELD + 1, FIELD):
        one = rest[place : place + FIELD]
        if one[0] == 0x0D:
            break
        type, width, decimals = chr(one[11]).upper(), one[16], one[17]
        if type == "C":  # Of a long text the second byte is where others have their decimals.
            width, decimals = width + 256 * decimals, 0
        elif type == "B" and top[0] not in FOXPRO:
            type = "M"
        if type in BINARY and width != (4 if type == "I" else 8):
            type = "?"
        fields.append(_Field(one[:11].split(b"\0")[0].decode(encoding, "replace").strip(), type, at, width, decimals))
        at += width
    if at != length or any(not one.name or not one.width for one in fields):
        raise fault(name, "is a dBASE file (.dbf) that is damaged: its columns do not fill its rows", AGAIN)
    return _Head(rows, start, length, encoding, said, tuple(fields))


def _encoding(language: int, format: Format, path: Path) -> tuple[str, bool]:
    """Return the encoding: as the mapping says, or the header, or the .cpg file beside; and whether it was said."""
    if format.encoding.lower() not in ("utf-8", "utf8"):
        return format.encoding, True
    beside = path.with_suffix(".cpg")
    told = f"cp{CODE_PAGES[language]}" if language in CODE_PAGES else ""
    if not told and beside.is_file() and beside.stat().st_size < 100:
        word = beside.read_bytes().decode("ascii", "replace").strip().lower().replace(" ", "")
        told = {"utf-8": "utf-8", "utf8": "utf-8", "65001": "utf-8", "88591": "latin-1"}.get(word, f"cp{word}")
    try:
        return (codecs.lookup(told).name, True) if told else ("cp1252", False)
    except (LookupError, ValueError):
        return "cp1252", False


def _read(file: IO[bytes], size: int) -> bytes:
    """Read so many bytes, or what is left; a packed file may hand them out in pieces."""
    found = bytearray()
    while len(found) < size and (chunk := file.read(size - len(found))):
        found += chunk
    return bytes(found)


def _parts(
    path: Path, format: Format, head: _Head, taken: list[_Field], extract: Extract
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    place, done, deleted, doubtful = Place(extract.name), 0, 0, not head.said
    with explained(extract.name, format), unpacked(path, format, DBASE) as (file, extract.at, digest, _):
        _read(file, head.start)
        while done < head.rows:
            extract.limits.look()
            wanted = min(head.rows - done, max(1, min(extract.limits.rows, PART // head.length)))
            data = _read(file, wanted * head.length)
            if len(data) < wanted * head.length:
                found = done + len(data) // head.length
                what = f"ends after {found:,} of its {how_many(head.rows, 'row')}: it was cut off"
                raise fault(extract.name, what, AGAIN)
            if doubtful and not data.isascii():
                doubtful = False
                what = f"read as {head.encoding}: the file does not say in which encoding its text is"
                mend = f"write encoding: {head.encoding}, or the true one, under source.format"
                extract.findings.append(Finding(place, "", what, mend, Severity.WARNING, rule="assumed"))
            grid = np.frombuffer(data, np.uint8).reshape(wanted, head.length)
            kept = grid[:, 0] != DELETED
            deleted += wanted - int(kept.sum())
            part, bad = _part(grid, taken, head.encoding)
            unmarked = np.flatnonzero(kept & (grid[:, 0] != BLANK)).tolist()
            bad |= dict.fromkeys(unmarked, "the row begins with no blank, and with no * either")
            for row in sorted(row for row in bad if kept[row]):
                line = grid[row].tobytes().decode(head.encoding, "replace")
                extract.malformed.append((done + row + 1, bad[row], line))
                kept[row] = False
            rows = pl.Series(np.flatnonzero(kept) + (done + 1))
            if len(rows):
                yield rows, part if len(rows) == wanted else part.filter(pl.Series(kept))
            done += wanted
        if _read(file, head.length).strip(END):
            what = f"its header says {how_many(head.rows, 'row')}, and more follow"
            raise fault(extract.name, what, "open and save it again in the program that wrote it")
        hashed = digest()
        extract.sha256 = lambda: hashed
    if deleted:
        what = f"{how_many(deleted, 'row is', 'rows are')} marked as deleted, and left out"
        mend = "nothing, or recall them in the program that wrote the file"
        extract.findings.append(Finding(place, "", what, mend, Severity.WARNING, rule="deleted", rows=deleted))


def _part(grid: Any, fields: Sequence[_Field], encoding: str) -> tuple[pl.DataFrame, dict[int, str]]:
    """Return rows as text without the blanks around it, what is blank as null; and which rows are no text, and why."""
    made: list[pl.Series] = []
    bad: dict[int, str] = {}
    for one in fields:
        piece = np.ascontiguousarray(grid[:, one.at : one.at + one.width])
        if one.type in BINARY:
            made.append(_number(pl.Series(one.name, piece.view(BINARY[one.type]).ravel())))
            continue
        piece = np.where(piece == 0, BLANK, piece)  # Some programs fill up with NUL.
        fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(one.width), len(piece), [None, pa.py_buffer(piece)])
        text = as_text(pl.Series(one.name, pl.from_arrow(fixed.cast(pa.large_binary()))), encoding)
        bad |= dict.fromkeys(text.is_null().arg_true().to_list(), f"{one.name} is not {encoding}")
        value = pl.col(one.name).str.strip_chars()
        if one.type == "D":
            value = value.str.replace(DAY, "$1-$2-$3")
        made.append(text.to_frame().select(pl.when(value != "").then(value)).to_series().alias(one.name))
    return pl.DataFrame(made), bad


def _number(values: pl.Series) -> pl.Series:
    """Return numbers as text, whole ones without a point."""
    if values.dtype.is_integer():
        return values.cast(pl.String)
    value = pl.col(values.name)
    whole = pl.when((value == value.floor()) & (value.abs() < LARGEST_WHOLE)).then(value).cast(pl.Int64, strict=False)
    return values.to_frame().select(pl.coalesce(whole.cast(pl.String), value.cast(pl.String))).to_series()
