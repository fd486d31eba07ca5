"""Extracts: CSV, gzip and zip of CSV, and Parquet as frames of text, a part at a time; nothing is guessed unsaid."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet

from migstat.read.heads import SNIFFED, Head, check_columns, read_head
from migstat.read.line_ends import LineEnds
from migstat.read.packed import (
    BLOCK,
    CUT_OFF,
    GZIP,
    PART_ROWS,
    ZIP,
    explained,
    fault,
    file_hash,
    first_bytes,
    foreign,
    unpacked,
)
from migstat.words.finding import Finding, Place, Severity
from migstat.words.source import Format

__all__ = ["Extract", "check_columns", "read_below", "read_extract"]
MOST_MALFORMED = 1_000_000
CATEGORY = pa.dictionary(pa.int32(), pa.string())


@dataclass(slots=True)
class Extract:
    """An opened extract: its columns, and its rows in parts. Counts and hash are whole when the last part is read."""

    name: str
    columns: tuple[str, ...]
    parts: Iterator[tuple[pl.Series, pl.DataFrame]]
    """The row numbers of a part, counted from 1 below the header, and the part. CSV is text, and a blank is null."""
    findings: list[Finding] = field(default_factory=list)
    malformed: list[tuple[int, str, str]] = field(default_factory=list)
    """Row number, why, and the line, for lines that are no rows: too few or too many values."""
    size: int = 0
    at: Callable[[], int] = int
    """Bytes of the file read so far, for the progress shown."""
    sha256: Callable[[], str] = str
    raw: bool = False
    """The parts are as the file has them: typed, and a blank may be an empty text."""


def read_extract(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str] = (), coded: Sequence[str] = ()
) -> Extract:
    """Open an extract. Columns in ``identifiers`` do not leave this room; those in ``coded`` come as categories.

    Raises MigstatError where the file cannot be read as ``format`` says, or lacks columns that are needed: all of them
    at once, each with the nearest name there is.
    """
    magic = first_bytes(path)
    if magic[:4] == b"PAR1":
        return _read_parquet(path, needed, identifiers)
    if format.kind == "parquet":
        raise fault(path.name, "is not a Parquet file", "set kind: csv under source.format, or convert the file")
    foreign(path.name, magic)
    if format.kind != "csv":
        raise fault(path.name, f"format kind '{format.kind}' cannot be read", "write kind: csv or kind: parquet")
    extract = _read_csv(path, format, needed, identifiers, coded)
    if path.suffix.lower() in {".gz", ".zip"} and not magic.startswith((GZIP, *ZIP)):
        what = f"read as it is: it is named {path.suffix}, and is not packed"
        extract.findings.append(
            Finding(Place(path.name), "", what, f"call it {path.stem}", Severity.WARNING, rule="assumed")
        )
    return extract


def _read_csv(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str], coded: Sequence[str]
) -> Extract:
    with explained(path.name, format), unpacked(path, format) as (file, _, _, name):
        start = file.read(SNIFFED)
    head = read_head(start, format, needed, name)
    taken = [column for column in head.columns if column not in identifiers]
    extract = Extract(name, tuple(taken), iter(()), head.findings, size=path.stat().st_size)
    extract.parts = _csv_parts(path, head, coded, extract)
    return extract


def read_below(path: Path, head: Head, coded: Sequence[str] = ()) -> Extract:
    """Open a CSV file whose head was read already, and whose columns are named by it."""
    extract = Extract(path.name, tuple(head.columns), iter(()), head.findings, size=path.stat().st_size)
    extract.parts = _csv_parts(path, head, coded, extract)
    return extract


def _csv_parts(
    path: Path, head: Head, coded: Sequence[str], extract: Extract
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    format, taken = head.format, list(extract.columns)

    def skip(row: Any) -> str:
        number = row.number - head.lines if row.number is not None else 0
        subject = f"the row runs over {row.text.count(chr(10)) + 1} lines and" if "\n" in row.text else "the line"
        what = f"{subject} has {row.actual_columns} values, the header {row.expected_columns}"
        extract.malformed.append((number, what, row.text))
        return "skip"

    # An identifier is read as bytes, only to see where a quote is open over its end, and goes no further.
    types = dict.fromkeys(head.columns, pa.binary()) | dict.fromkeys(taken, pa.string())
    types |= {name: CATEGORY for name in taken if name in coded}
    convert = csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[*{*format.missing, ""}])
    parse = csv.ParseOptions(
        delimiter=format.delimiter,
        quote_char=format.quote or False,
        newlines_in_values=bool(format.quote),
        invalid_row_handler=skip,
    )
    read = csv.ReadOptions(
        use_threads=False,
        block_size=BLOCK,
        column_names=head.columns,
        skip_rows=head.lines,
        encoding=format.encoding,
    )
    with ExitStack() as stack:
        stack.enter_context(explained(extract.name, format, head.lines))
        file, extract.at, digest, _ = stack.enter_context(unpacked(path, format))
        count = _Numbers(extract.malformed)
        lines = LineEnds(file, format.quote)
        stack.callback(lines.stop)
        batches: list[pa.RecordBatch] = []
        for batch in _batches(lines, read, parse, convert):
            lines.look(batch)
            batches.append(batch.select(taken))
            if len(extract.malformed) > MOST_MALFORMED:
                what = f"more than {MOST_MALFORMED:,} lines are no rows; the first: {extract.malformed[0][1]}"
                raise fault(extract.name, what, "check delimiter, quote and header under source.format")
            if sum(one.num_rows for one in batches) >= PART_ROWS:
                part, batches = _frame(batches), []
                yield count.next(part.height), part
        if any(one.num_rows for one in batches):
            part = _frame(batches)
            yield count.next(part.height), part
        extract.findings += lines.findings(extract.name, extract.malformed)
        found = digest()
        extract.sha256 = lambda: found


def _batches(file: Any, read: Any, parse: Any, convert: Any) -> Iterator[pa.RecordBatch]:
    try:
        yield from csv.open_csv(pa.PythonFile(file, mode="r"), read, parse, convert)
    except pa.ArrowInvalid as error:
        if "Could not skip initial" not in str(error):  # There is a header, and nothing below it.
            raise


class _Numbers:
    """Numbers the rows of each part as they stand in the file, lines that are no rows included."""

    def __init__(self, malformed: list[tuple[int, str, str]]) -> None:
        self._malformed = malformed
        self._passed = 0
        self._next = 1

    def next(self, rows: int) -> pl.Series:
        """Return the numbers of the next rows that are whole."""
        numbers: list[pl.Series] = []
        while rows:
            skipped = self._malformed[self._passed][0] if self._passed < len(self._malformed) else self._next + rows
            run = min(rows, skipped - self._next)
            if run:
                numbers.append(pl.int_range(self._next, self._next + run, eager=True))
            rows -= run
            self._next += run
            if rows:
                self._passed += 1
                self._next += 1
        return pl.concat(numbers)


def _frame(batches: list[pa.RecordBatch]) -> pl.DataFrame:
    frame = pl.from_arrow(pa.Table.from_batches(batches), rechunk=False)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _read_parquet(path: Path, needed: Sequence[str], identifiers: Sequence[str]) -> Extract:
    with explained(path.name):
        try:
            file = parquet.ParquetFile(path)
        except pa.ArrowInvalid as error:
            raise fault(path.name, *CUT_OFF) from error
    columns = file.schema_arrow.names
    check_columns(columns, needed, path.name, 0)
    taken = [column for column in columns if column not in identifiers]
    done = 0

    def parts() -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        nonlocal done
        count = _Numbers([])
        rows = 0
        with explained(path.name):
            for batch in file.iter_batches(batch_size=PART_ROWS, columns=taken):
                yield count.next(batch.num_rows), _frame([batch])
                rows += batch.num_rows
                done = int(path.stat().st_size * rows / max(1, file.metadata.num_rows))

    return Extract(
        path.name,
        tuple(taken),
        parts(),
        size=path.stat().st_size,
        at=lambda: done,
        sha256=lambda: file_hash(path),
        raw=True,
    )
