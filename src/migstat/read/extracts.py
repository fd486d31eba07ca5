"""Extracts: CSV, gzip and zip of CSV, and Parquet as frames of text, a part at a time; nothing is guessed unsaid."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet

from migstat.read.packed import BLOCK, explained, fault, file_hash, unpacked
from migstat.words.finding import Finding, MigstatError, Misuse, Place, Severity
from migstat.words.mapping import Format

PART_ROWS = 250_000
SNIFFED = 1 << 20
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


def read_extract(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str] = (), coded: Sequence[str] = ()
) -> Extract:
    """Open an extract. Columns in ``identifiers`` are never read; those in ``coded`` come as categories.

    Raises MigstatError where the file cannot be read as ``format`` says, or lacks columns that are needed: all of them
    at once, each with the nearest name there is.
    """
    if not path.exists():
        raise Misuse([Finding(Place(path.name), "", "there is no such file", "check the path")])
    if path.is_dir():
        raise Misuse([Finding(Place(path.name), "", "is a folder", "name a file")])
    if path.stat().st_size == 0:
        raise fault(path.name, "the file is empty", "ask the sender for the file again")
    with path.open("rb") as file:
        magic = file.read(8)
    if magic[:4] == b"PAR1":
        return _read_parquet(path, needed, identifiers)
    if format.kind == "parquet":
        raise fault(path.name, "is not a Parquet file", "set kind: csv under source.format, or convert the file")
    if magic[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise fault(path.name, "is an old Excel or Office file", "save it as CSV UTF-8")
    if format.kind != "csv":
        raise fault(path.name, f"format kind '{format.kind}' cannot be read", "write kind: csv or kind: parquet")
    return _read_csv(path, format, needed, identifiers, coded)


def _read_csv(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str], coded: Sequence[str]
) -> Extract:
    with explained(path.name), unpacked(path, format) as (file, _, _, name):
        start = file.read(SNIFFED)
        if not start.strip():
            raise fault(name, "the file holds nothing but white space", "ask the sender for the file again")
    findings: list[Finding] = []
    format = _sniffed(start, format, needed, name, findings)
    with explained(name):
        columns = _header(start, format, name)
    check_columns(columns, needed, name, format.header)
    taken = [column for column in columns if column not in identifiers]
    extract = Extract(name, tuple(taken), iter(()), findings, size=path.stat().st_size)
    extract.parts = _csv_parts(path, format, columns, taken, coded, extract)
    return extract


def _sniffed(start: bytes, format: Format, needed: Sequence[str], name: str, findings: list[Finding]) -> Format:
    """Correct encoding and separator where the file plainly differs from what is said, and say so."""

    def assumed(what: str, mend: str) -> None:
        findings.append(Finding(Place(name), "", what, mend, Severity.WARNING, rule="assumed"))

    if start[:2] in (b"\xff\xfe", b"\xfe\xff") and not format.encoding.lower().startswith("utf-16"):
        assumed("read as UTF-16: the file begins with its mark", "write encoding: utf-16 under source.format")
        format = replace(format, encoding="utf-16")
    elif format.encoding.lower().replace("_", "-") in {"utf-8", "utf8"}:
        try:
            start.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start < len(start) - 4:
                line = start[: error.start].count(b"\n") + 1
                mend = "write encoding: cp1252, or the true one, under source.format"
                assumed(f"read as cp1252: line {line} is not UTF-8", mend)
                format = replace(format, encoding="cp1252")
    text = start.decode(format.encoding, errors="replace")
    lines = text.lstrip("\ufeff").splitlines()
    header = lines[format.header - 1] if 0 < format.header <= len(lines) else lines[0] if lines else ""
    if header.count(format.delimiter) == 0:
        better = max(";\t|,", key=header.count)
        if header.count(better) and len(needed) > 1:
            shown = {"\t": "a tab"}.get(better, f"'{better}'")
            what = f"read with {shown} as separator: the header has no '{format.delimiter}'"
            assumed(what, f"write delimiter: {better!r} under source.format")
            format = replace(format, delimiter=better)
    return format


def _header(start: bytes, format: Format, name: str) -> list[str]:
    if format.header == 0:
        return list(format.columns)
    import csv as rows

    text = start.decode(format.encoding, errors="replace").lstrip("\ufeff")
    lines = text.splitlines(keepends=True)[format.header - 1 :]
    if not lines:
        raise fault(name, f"has no line {format.header} for its header", "set source.format.header to the right line")
    names = next(rows.reader(lines, delimiter=format.delimiter, quotechar=format.quote or '"'))
    return [name or f"unnamed_{position}" for position, name in enumerate(names, 1)]


def check_columns(columns: Sequence[str], needed: Sequence[str], name: str, header: int) -> None:
    """Raise MigstatError where a column is named twice, or one that is needed is not there: all of them at once."""
    faults = [
        Finding(Place(name, header or None), column, "the header names this column twice", "rename one of the two")
        for column in dict.fromkeys(column for column in columns if list(columns).count(column) > 1)
    ]
    folded = {column.strip().casefold(): column for column in columns}
    for column in needed:
        if column in columns:
            continue
        near = [folded[column.strip().casefold()]] if column.strip().casefold() in folded else []
        near += get_close_matches(column, columns, n=3)
        mend = f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else "check that this is the right file"
        faults.append(Finding(Place(name), column, "the extract has no such column", mend, rule="column"))
    if faults:
        raise MigstatError(faults)


def _csv_parts(
    path: Path, format: Format, columns: list[str], taken: list[str], coded: Sequence[str], extract: Extract
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    def skip(row: Any) -> str:
        number = row.number - format.header if row.number is not None else 0
        what = f"the line has {row.actual_columns} values, the header {row.expected_columns}"
        extract.malformed.append((number, what, row.text))
        return "skip"

    convert = csv.ConvertOptions(
        column_types={name: CATEGORY if name in coded else pa.string() for name in columns},
        include_columns=taken,
        strings_can_be_null=True,
        null_values=[*{*format.missing, ""}],
    )
    parse = csv.ParseOptions(
        delimiter=format.delimiter,
        quote_char=format.quote or False,
        newlines_in_values=bool(format.quote),
        invalid_row_handler=skip,
    )
    read = csv.ReadOptions(
        use_threads=False,
        block_size=BLOCK,
        column_names=columns,
        skip_rows=format.header,
        encoding=format.encoding,
    )
    with ExitStack() as stack:
        stack.enter_context(explained(extract.name))
        file, extract.at, digest, _ = stack.enter_context(unpacked(path, format))
        count = _Numbers(extract.malformed)
        batches: list[pa.RecordBatch] = []
        for batch in csv.open_csv(pa.PythonFile(file, mode="r"), read, parse, convert):
            batches.append(batch)
            if sum(one.num_rows for one in batches) >= PART_ROWS:
                part, batches = _frame(batches), []
                yield count.next(part.height), part
        if any(one.num_rows for one in batches):
            part = _frame(batches)
            yield count.next(part.height), part
        found = digest()
        extract.sha256 = lambda: found


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
            again = "ask the sender for the file again"
            raise fault(path.name, "the Parquet file is damaged or was cut off", again) from error
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
        path.name, tuple(taken), parts(), size=path.stat().st_size, at=lambda: done, sha256=lambda: file_hash(path)
    )
