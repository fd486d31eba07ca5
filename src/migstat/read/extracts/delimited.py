"""Delimited files: CSV, plain, gzip or zip, as frames of text, a part at a time; nothing is guessed unsaid."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv as csv

from migstat.read.extracts.extract import Extract, Numbers, coded_batch, frame_of
from migstat.read.heads import SNIFFED, Head, left_behind, read_head
from migstat.read.line_ends import LineEnds
from migstat.read.packed import BLOCK, GZIP, ZIP, explained, fault, first_bytes, unpacked
from migstat.read.transcoded import PLAIN, Transcoded, codec
from migstat.words.finding import Finding, Place, Severity
from migstat.words.how_many import how_many
from migstat.words.source import Format

MOST_MALFORMED = 1_000_000
CATEGORY = pa.dictionary(pa.int32(), pa.string())


def read_delimited(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str], coded: Sequence[str]
) -> Extract:
    """Open a CSV file, plain or packed."""
    with explained(path.name, format), unpacked(path, format) as (file, _, _, name):
        start = file.read(SNIFFED)
    head = read_head(start, format, needed, name)
    taken = [column for column in head.columns if column not in identifiers]
    findings = [*head.findings, *left_behind(head.columns, needed, identifiers, name)]
    extract = Extract(name, tuple(taken), iter(()), findings, size=path.stat().st_size)
    extract.parts = _csv_parts(path, head, coded, extract, list(extract.columns))
    if path.suffix.lower() in {".gz", ".zip"} and not first_bytes(path).startswith((GZIP, *ZIP)):
        what = f"read as it is: it is named {path.suffix}, and is not packed"
        extract.findings.append(
            Finding(Place(path.name), "", what, f"call it {path.stem}", Severity.WARNING, rule="assumed")
        )
    return extract


def read_below(path: Path, head: Head, coded: Sequence[str] = ()) -> Extract:
    """Open a CSV file whose head was read already, and whose columns are named by it."""
    extract = Extract(path.name, tuple(head.columns), iter(()), head.findings, size=path.stat().st_size)
    extract.parts = _csv_parts(path, head, coded, extract, list(extract.columns))
    return extract


def _csv_parts(
    path: Path, head: Head, coded: Sequence[str], extract: Extract, taken: list[str]
) -> Iterator[tuple[pl.Series, Any]]:
    format = head.format
    made = coded_batch if coded else frame_of

    def skip(row: Any) -> str:
        number = row.number - head.lines if row.number is not None else 0
        subject = f"the row runs over {row.text.count(chr(10)) + 1} lines and" if "\n" in row.text else "the line"
        what = f"{subject} has {how_many(row.actual_columns, 'value')}, the header {row.expected_columns}"
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
    )
    with ExitStack() as stack:
        stack.enter_context(explained(extract.name, format, head.lines, head.said))
        file, extract.at, digest, _ = stack.enter_context(unpacked(path, format))
        count = Numbers(extract.malformed)
        text = file if codec(format.encoding) in PLAIN else Transcoded(file, format.encoding)
        lines = LineEnds(text, format.quote)
        stack.callback(lines.stop)
        batches: list[pa.RecordBatch] = []
        for batch in _batches(lines, read, parse, convert):
            lines.look(batch)
            batches.append(batch.select(taken))
            if len(extract.malformed) > MOST_MALFORMED:
                what = f"more than {MOST_MALFORMED:,} lines are no rows; the first: {extract.malformed[0][1]}"
                raise fault(extract.name, what, "check delimiter, quote and header under source.format")
            limits = extract.limits
            limits.look()
            rows, size = (sum(getattr(one, name) for one in batches) for name in ("num_rows", "nbytes"))
            if size >= limits.bytes or rows >= limits.rows:
                part, batches = made(batches), []
                yield count.next(rows), part
        if rows := sum(one.num_rows for one in batches):
            yield count.next(rows), made(batches)
        extract.findings += lines.findings(extract.name, extract.malformed)
        found = digest()
        extract.sha256 = lambda: found


def _batches(file: Any, read: Any, parse: Any, convert: Any) -> Iterator[pa.RecordBatch]:
    try:
        yield from csv.open_csv(pa.PythonFile(file, mode="r"), read, parse, convert)
    except pa.ArrowInvalid as error:
        if "Could not skip initial" not in str(error):  # There is a header, and nothing below it.
            raise
