"""Files of fixed width: columns by position, as a codebook says; a line that is none is told, with its place."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from migstat.read.extracts.extract import Extract, Numbers
from migstat.read.extracts.fixed_columns import cut
from migstat.read.extracts.fixed_shape import FixedShape, shape_of
from migstat.read.extracts.lines import Block, as_text, line_blocks
from migstat.read.extracts.records_above import RecordsAbove
from migstat.read.heads import SNIFFED, check_columns, left_behind
from migstat.read.packed import explained, fault, foreign, unpacked
from migstat.read.transcoded import Transcoded, keeps_ascii, one_byte
from migstat.words.codebook import Codebook
from migstat.words.finding import Finding, Place, Severity
from migstat.words.row_columns import Column, columns_of
from migstat.words.source import Format

MOST_MALFORMED = 1_000_000
SMALLEST, LARGEST = 1 << 20, 64 << 20
"""Bytes of a block, whatever the length of a line."""
MEND = "mend the lines, or check layout, encoding and count under source.format"


def read_fixed_width(path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str]) -> Extract:
    """Open a file of fixed width, plain or packed; its layout is the codebook of the format."""
    book = format.codebook
    if book is None:
        mend = "run the mapping file itself: its folder holds the layout"
        raise fault(path.name, "is of fixed width, and its layout is not at hand", mend)
    with explained(path.name, format), unpacked(path, format) as (file, _, _, name):
        start = _start(file, format)
    foreign(name, start)
    findings = list(book.findings)
    columns = columns_of(book, format.record)
    there = [column.name for column in columns]
    check_columns(there, needed, name, 0)
    findings += left_behind(there, needed, identifiers, name)
    shape = shape_of(start, format, book, columns, name, findings, whole=_whole_size(path, start))
    taken = [column for column in columns if column.name not in identifiers]
    if not taken:
        raise fault(name, f"{book.name} has no column of a row that may leave the file", "mend the layout")
    extract = Extract(
        name,
        tuple(column.name for column in taken),
        iter(()),
        findings,
        size=path.stat().st_size,
        codebook=book,
        mend=MEND,
    )
    extract.parts = _parts(path, format, book, taken, shape, extract)
    return extract


def _start(file: Any, format: Format) -> bytes:
    """Return the first bytes; a packed file may hand them out in pieces."""
    start = b""
    while len(start) < SNIFFED and (chunk := file.read(SNIFFED - len(start))):
        start += chunk
    return start


def _whole_size(path: Path, start: bytes) -> int | None:
    """Return the size of a file that is not packed."""
    with path.open("rb") as file:
        plain = file.read(8) == start[:8]
    return path.stat().st_size if plain else None


def _parts(
    path: Path, format: Format, book: Codebook, taken: list[Column], shape: FixedShape, extract: Extract
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    above = _Records(book, taken, format, shape) if format.record else None
    with ExitStack() as stack:
        stack.enter_context(explained(extract.name, format, 0))
        file, extract.at, digest, _ = stack.enter_context(unpacked(path, format))
        reader: Any = file
        encoding = shape.encoding
        reader.read(shape.mark)
        if not keeps_ascii(encoding) and shape.end:
            reader, encoding = Transcoded(file, encoding), "utf-8"
        size = min(LARGEST, max(SMALLEST, extract.limits.rows * (shape.usual + 2)))
        blocks = line_blocks(reader, shape.end, shape.usual, size, encoding, as_bytes=shape.as_bytes, name=extract.name)
        count, skip, before = Numbers(extract.malformed), format.header, 0
        doubt = _Doubt(format, shape.encoding, extract)
        for block in blocks:
            extract.limits.look()
            if skip:
                block, skip = _below(block, skip)
            if not len(block.lines):
                continue
            doubt.look(block)
            if above is not None:
                rows, part = above.next(block, before, extract.malformed)
            else:
                part = _rows(block, before, taken, format, shape, extract)
                rows = count.next(part.height) if part.height else pl.Series(dtype=pl.Int64)
            before += len(block.lines)
            if len(extract.malformed) > MOST_MALFORMED:
                what = f"more than {MOST_MALFORMED:,} lines are no rows; the first: {extract.malformed[0][1]}"
                raise fault(extract.name, what, MEND)
            if part.height:
                yield rows, part
        _forget_blank_end(extract.malformed, before)
        if above is not None:
            extract.findings += above.linked.findings(extract.name)
        found = digest()
        extract.sha256 = lambda: found


def _below(block: Block, lines: int) -> tuple[Block, int]:
    """Return a block without its first lines, and how many are still to be left out."""
    gone = min(lines, len(block.lines))
    bad = {at - gone: why for at, why in block.bad.items() if at >= gone}
    return replace(block, lines=block.lines.slice(gone), lengths=block.lengths[gone:], bad=bad, grid=None), lines - gone


def _rows(
    block: Block, before: int, taken: list[Column], format: Format, shape: FixedShape, extract: Extract
) -> pl.DataFrame:
    wrong = shape.misfits(block)
    wrong[list(block.bad)] = True
    lines = block.lines
    if wrong.any():
        for at in np.flatnonzero(wrong).tolist():
            why = block.bad.get(at) or shape.why(int(block.lengths[at]))
            extract.malformed.append((before + at + 1, why, block.text(at)))
        lines = lines.filter(pl.Series(~wrong))
    return cut(lines, taken, format, block)


class _Records:
    """Rows of a file of several types of record."""

    def __init__(self, book: Codebook, taken: list[Column], format: Format, shape: FixedShape) -> None:
        self.linked = RecordsAbove(book, format.record)
        self._book, self._taken, self._format, self._shape = book, taken, format, shape

    def next(self, block: Block, before: int, malformed: list[tuple[int, str, str]]) -> tuple[pl.Series, pl.DataFrame]:
        """Return the rows of a block, and their numbers."""
        book, shape = self._book, self._shape
        kinds = self.linked.kinds(_marks(block, book.record_start or 1, book.record_width or 1))
        lengths = [shape.lengths.get(one.name, shape.usual) for one in book.records]
        usual = np.array([*lengths, shape.usual])[kinds]
        wrong = shape.misfits(block, usual) & ((kinds >= 0) | (block.lengths == 0))
        broken = {at: shape.why(int(block.lengths[at]), int(usual[at])) for at in np.flatnonzero(wrong).tolist()}
        broken |= block.bad
        cut = _Cut(book, self._taken, self._format, replace(block, grid=None))  # Lines of other blocks come with it.
        rows, part = self.linked.next(block.lines, kinds, broken, block.text, before, cut, malformed)
        return rows, part.select(one.name for one in self._taken)


@dataclass(slots=True)
class _Cut:
    """Cuts columns out of the lines of one type of record."""

    book: Codebook
    taken: list[Column]
    format: Format
    block: Block

    def columns(self, lines: pl.Series, record: str) -> pl.DataFrame:
        its = [one for one in self.taken if one.record == record or (not one.record and record == self.format.record)]
        return cut(lines, its, self.format, self.block)

    def key(self, lines: pl.Series, record: str, name: str) -> pl.Series:
        one = next(one for one in self.book.variables if one.name == name and one.record in ("", record))
        return cut(lines, [Column(name, one.start or 1, one.width or 1, 0, record)], self.format, self.block)[name]


def _marks(block: Block, start: int, width: int) -> pl.Series:
    """Return what stands where the type of a record is told."""
    if block.lines.dtype == pl.Binary:
        return as_text(block.lines.bin.slice(start - 1, width), block.encoding).str.strip_chars()
    return block.lines.str.slice(start - 1, width).str.strip_chars()


def _forget_blank_end(malformed: list[tuple[int, str, str]], rows: int) -> None:
    """Take back the empty lines at the end of a file: they are no lost rows."""
    while malformed and malformed[-1][0] == rows and not malformed[-1][2].strip():
        malformed.pop()
        rows -= 1


@dataclass(slots=True)
class _Doubt:
    """Says once that positions were counted in characters, where they might be bytes, and it matters."""

    format: Format
    encoding: str
    extract: Extract
    said: bool = False

    def look(self, block: Block) -> None:
        if self.said or self.format.count or block.plain:
            return
        if one_byte(self.encoding) or not keeps_ascii(self.encoding):
            return
        self.said = True
        what = "positions are counted in characters, and the file has some that are several bytes"
        mend = "write count: characters, or count: bytes, under source.format"
        self.extract.findings.append(Finding(Place(self.extract.name), "", what, mend, Severity.WARNING, "assumed"))
