"""Delimited files of several types of record, each with columns of its own: households and persons in one CSV file."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv as csv

from migstat.read.extracts.extract import Extract
from migstat.read.extracts.fixed_shape import MARKS, encoding_of
from migstat.read.extracts.lines import Block, line_blocks
from migstat.read.extracts.records_above import RecordsAbove
from migstat.read.heads import SNIFFED, check_columns, left_behind
from migstat.read.packed import BLOCK, explained, fault, foreign, unpacked
from migstat.read.transcoded import Transcoded, keeps_ascii
from migstat.words.codebook import Codebook
from migstat.words.how_many import how_many
from migstat.words.row_columns import columns_of
from migstat.words.source import Format

MEND = "mend the lines, or check layout, delimiter and quote under source.format"


@dataclass(frozen=True, slots=True)
class _Cell:
    """A column: in which type of record it stands, as which of its values, and what it is called in a row."""

    name: str
    record: str
    at: int


def read_delimited_records(path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str]) -> Extract:
    """Open a delimited file whose layout has several types of record; the column that marks them is the same in all."""
    book = format.codebook
    assert book is not None
    with explained(path.name, format), unpacked(path, format) as (file, _, _, name):
        start = file.read(SNIFFED)
    foreign(name, start)
    if not start.strip():
        raise fault(name, "the file holds nothing but white space", "ask the sender for the file again")
    findings = list(book.findings)
    encoding = encoding_of(start, format, name, findings)
    cells = _cells(book, format)
    there = [cell.name for cell in cells]
    check_columns(there, needed, name, 0)
    findings += left_behind(there, needed, identifiers, name)
    taken = [cell for cell in cells if cell.name not in identifiers]
    if not taken:
        raise fault(name, f"{book.name} has no column of a row that may leave the file", "mend the layout")
    extract = Extract(
        name, tuple(cell.name for cell in taken), iter(()), findings, size=path.stat().st_size, codebook=book, mend=MEND
    )
    mark = next((len(mark) for mark in MARKS if start.startswith(mark) and len(mark) == 3), 0)
    extract.parts = _parts(path, format, book, taken, encoding, mark, extract)
    return extract


def _width(book: Codebook, record: str) -> int:
    return sum(one.repeats for one in book.variables if one.record in ("", record))


def _cells(book: Codebook, format: Format) -> list[_Cell]:
    """Return the columns of a row, in the order of the codebook."""
    places: dict[tuple[str, str], int] = {}
    for record in book.records:
        at = 0
        for one in book.variables:
            if one.record in ("", record.name):
                for turn in range(one.repeats):
                    name = one.name if one.repeats == 1 else f"{one.name}({turn + 1})"
                    places[record.name, name] = at
                    at += 1
    made = []
    for column in columns_of(book, format.record):
        its = column.record or format.record
        made.append(_Cell(column.name, its, places[its, column.name.removeprefix(f"{its}.")]))
    return made


def _parts(
    path: Path, format: Format, book: Codebook, taken: list[_Cell], encoding: str, mark: int, extract: Extract
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    linked = RecordsAbove(book, format.record)
    marked = _pattern(_place_of_mark(book), format)
    with ExitStack() as stack:
        stack.enter_context(explained(extract.name, format, 0))
        file, extract.at, digest, _ = stack.enter_context(unpacked(path, format))
        reader: Any = file
        reader.read(mark)
        if not keeps_ascii(encoding):
            reader, encoding = Transcoded(file, encoding), "utf-8"
        before, skip = 0, format.header
        for block in line_blocks(reader, b"\n", 0, BLOCK, encoding, as_bytes=False, name=extract.name):
            extract.limits.look()
            lines, gone = block.lines, min(skip, len(block.lines))
            skip -= gone
            if gone:
                lines = lines.slice(gone)
            if not len(lines):
                continue
            kinds = linked.kinds(lines.str.extract(marked, 1).str.strip_chars())
            broken = {at - gone: why for at, why in block.bad.items() if at >= gone}
            broken |= _broken(lines, kinds, book, format)
            cut = _Cut(book, taken, format)
            rows, part = linked.next(lines, kinds, broken, _Text(block, gone), before, cut, extract.malformed)
            before += len(lines)
            if part.height:
                yield rows, part.select(cell.name for cell in taken)
        while extract.malformed and extract.malformed[-1][0] == before and not extract.malformed[-1][2].strip():
            extract.malformed.pop()
            before -= 1
        extract.findings += linked.findings(extract.name)
        found = digest()
        extract.sha256 = lambda: found


@dataclass(slots=True)
class _Text:
    """Gives the text of a line of a block from which some were left out."""

    block: Block
    gone: int

    def __call__(self, at: int) -> str:
        return self.block.text(at + self.gone)


def _place_of_mark(book: Codebook) -> int:
    """Return which value of a line marks its type; it is the same one in all types, or the layout is no layout."""
    places = set()
    for record in book.records:
        names = [one.name for one in book.variables if one.record in ("", record.name) for _ in range(one.repeats)]
        places.add(names.index(book.record_column) if book.record_column in names else -1)
    if len(places) != 1 or -1 in places:
        what = f"{book.record_column} does not stand at the same place in each type of record"
        raise fault(book.name, what, "begin each record with the column that marks its type")
    return places.pop()


def _pattern(at: int, format: Format) -> str:
    """Return the expression that finds the value at a place of a line."""
    sign, quote = re.escape(format.delimiter), re.escape(format.quote)
    value = f"{quote}[^{quote}]*{quote}|[^{sign}]*" if quote else f"[^{sign}]*"
    return rf"^(?:(?:{value}){sign}){{{at}}}\s*{quote and f'{quote}?'}([^{sign}{quote}\r\n]*)"


def _broken(lines: pl.Series, kinds: Any, book: Codebook, format: Format) -> dict[int, str]:
    """Return why lines are none: a quote that stays open, or too few or too many values."""
    found: dict[int, str] = {}
    empty = lines.str.strip_chars() == ""
    found |= dict.fromkeys(empty.arg_true().to_list(), "the line is empty")
    if format.quote:
        open_ = lines.str.count_matches(format.quote, literal=True) % 2 == 1
        found |= dict.fromkeys(open_.arg_true().to_list(), "a quote is opened and not closed in the line")
    inner = lines.str.contains("\r[^\n]")
    found |= dict.fromkeys(inner.arg_true().to_list(), "the line holds a line end")
    whole = pl.Series([at not in found for at in range(len(lines))]) if found else None
    for at, record in enumerate(book.records):
        mask = pl.Series(kinds == at)
        places = (mask & whole if whole is not None else mask).arg_true()
        width = _width(book, record.name)
        for row, count in _parsed(lines.gather(places), width, format)[1]:
            found[int(places[row])] = f"the line has {how_many(count, 'value')}, the record {record.name} {width}"
    return found


def _parsed(lines: pl.Series, width: int, format: Format) -> tuple[pl.DataFrame, list[tuple[int, int]]]:
    """Return the values of lines of one type, and which have another number of values."""
    names = [str(at) for at in range(width)]
    wrong: list[tuple[int, int]] = []

    def skip(row: Any) -> str:
        wrong.append((row.number - 1, row.actual_columns))
        return "skip"

    if not len(lines):
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String)), []
    data = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines.to_list()).encode()
    table = csv.read_csv(
        io.BytesIO(data),
        csv.ReadOptions(use_threads=False, column_names=names, block_size=max(1 << 16, len(data) + 1)),
        csv.ParseOptions(
            delimiter=format.delimiter,
            quote_char=format.quote or False,
            invalid_row_handler=skip,
            ignore_empty_lines=False,
        ),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            null_values=[*{*format.missing, ""}],
        ),
    )
    if table.num_rows + len(wrong) != len(lines):
        raise fault("the extract", "lines cannot be told apart by delimiter and quote", "set source.format.quote")
    return pl.DataFrame(pl.from_arrow(table)), wrong


@dataclass(slots=True)
class _Cut:
    """Takes the values out of the lines of one type of record."""

    book: Codebook
    taken: list[_Cell]
    format: Format

    def columns(self, lines: pl.Series, record: str) -> pl.DataFrame:
        frame, _ = _parsed(lines, _width(self.book, record), self.format)
        return frame.select(pl.col(str(cell.at)).alias(cell.name) for cell in self.taken if cell.record == record)

    def key(self, lines: pl.Series, record: str, name: str) -> pl.Series:
        names = [one.name for one in self.book.variables if one.record in ("", record) for _ in range(one.repeats)]
        return _parsed(lines, len(names), self.format)[0][str(names.index(name))]
