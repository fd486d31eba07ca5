"""Lines of text on a worker of Spark: kept in a file of its own for a moment, and read as a file on one machine is."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import polars as pl

from migstat.read.extracts import Extract, read_below
from migstat.read.extracts.fixed_shape import FixedShape
from migstat.read.extracts.fixed_width import read_fixed_below
from migstat.read.heads import Head
from migstat.read.packed import fault
from migstat.words.finding import Finding, MigstatError
from migstat.words.row_columns import Column
from migstat.words.source import Format

VALUE, START, FILE = "value", "migstat-start", "migstat-file"
"""The columns in which Spark gives lines: the bytes, where the part of the file begins, and which file it is."""
BOM = b"\xef\xbb\xbf"
CHUNK = 64 << 20
"""Bytes of the lines that are read together."""


Block = tuple[str, int]
"""A part of a file that Spark gives to one worker: the file, empty where there is one only, and where it begins."""


@dataclass(slots=True)
class Part:
    """Rows that a worker has read, the lines among them that are no rows, and what had to be assumed."""

    frame: pl.DataFrame
    rows: pl.Series | None = None
    """The number of each row in the extract, or in its block as long as nothing is known of those before it."""
    malformed: list[tuple[int, str, str]] = field(default_factory=list)
    """Row number, why, and the line, for lines that are no rows."""
    findings: list[Finding] = field(default_factory=list)
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """How the lines of an extract are read, wherever they lie."""

    name: str
    format: Format
    columns: tuple[str, ...]
    above: tuple[bytes, ...]
    """The lines above the first row of each file."""
    coded: tuple[str, ...] = ()
    fixed: tuple[tuple[Column, ...], FixedShape] | None = None
    before: Mapping[Block, int] | None = None
    """How many rows stand before each block; None as long as they are not counted."""

    def __call__(self, batches: Iterator[Any]) -> Iterator[Part]:
        """Yield the rows of a partition."""
        last, passed = None, 0
        for block, chunk in self._chunks(batches):
            passed = passed if block == last else self._before(block)
            last = block
            rows = 0
            for part in self._read(chunk, passed, block):
                yield part
                rows += part.frame.height + len(part.malformed)
            passed += rows

    def _before(self, block: Block) -> int:
        if self.before is None:
            return 0
        if block not in self.before:
            what = "was parted in another way when it was read again: workers came or went, or the files have changed"
            raise fault(self.name, what, "run again; spark.sql.files.minPartitionNum holds the parts as they are")
        return self.before[block]

    def _chunks(self, batches: Iterator[Any]) -> Iterator[tuple[Block, IO[bytes]]]:
        """Yield files of whole lines of one block. What stands above the rows of a file must be that of the first."""
        file, size = tempfile.NamedTemporaryFile(), 0  # noqa: SIM115  it is closed below, and then is gone
        skip: list[bytes] = []
        last: Block | None = None
        for batch in batches:
            frame = pl.DataFrame(pl.from_arrow(batch))
            for part in frame.partition_by([name for name in frame.columns if name != VALUE], maintain_order=True):
                lines = part[VALUE].to_list()
                at = (part[FILE][0] if FILE in part.columns else "", int(part[START][0]))
                if size and (at != last or size >= CHUNK):
                    assert last is not None
                    yield last, file
                    file.close()
                    file, size = tempfile.NamedTemporaryFile(), 0  # noqa: SIM115
                if at != last:
                    skip = list(self.above) if at[1] == 0 else []
                    lines[0] = lines[0].removeprefix(BOM) if at[1] == 0 else lines[0]
                    last = at
                while skip and lines:
                    self._same(skip.pop(0), lines.pop(0), at[0])
                data = b"\n".join([*lines, b""]) if lines else b""
                file.write(data)
                size += len(data)
        if size and last is not None:
            yield last, file
        file.close()

    def _same(self, expected: bytes, found: bytes, file: str) -> None:
        if found.rstrip(b"\r") != expected.removeprefix(BOM).rstrip(b"\r"):
            what = "what stands above its rows is not what stands above those of the first file"
            raise fault(Path(file).name or self.name, what, "read files of one layout together")

    def _read(self, chunk: IO[bytes], passed: int, block: Block) -> Iterator[Part]:
        chunk.flush()
        extract = self._opened(Path(chunk.name))
        told, known = 0, 0
        parts = iter(extract.parts)
        while True:
            try:
                part = next(parts, None)
            except MigstatError as error:
                raise self._in_words(error) from None
            if any(one.rule == "lines" for one in extract.findings):
                raise self._over_lines()
            new, told = extract.malformed[told:], len(extract.malformed)
            found, known = extract.findings[known:], len(extract.findings)
            if part is None and not (new or found):
                return
            rows, frame = part or (
                pl.Series(dtype=pl.Int64),
                pl.DataFrame(schema=dict.fromkeys(self.columns, pl.String)),
            )
            frame = pl.DataFrame(frame)  # Of CSV it is an Arrow batch.
            malformed = [(number + passed, why, line) for number, why, line in new]
            yield Part(frame.select(self.columns), rows + passed, malformed, found, block)
            if part is None:
                return

    def _opened(self, path: Path) -> Extract:
        if self.fixed is not None:
            columns, shape = self.fixed
            return read_fixed_below(path, self.format, list(columns), shape)
        return read_below(path, Head(self.format, list(self.format.columns), 0, []), self.coded)

    def _in_words(self, error: MigstatError) -> MigstatError:
        """Name the extract, not the file of the moment, whose rows have other numbers."""
        if any("quote is opened" in one.what or "longer than" in one.what for one in error.findings):
            return self._over_lines()
        return MigstatError([replace(one, place=replace(one.place, file=self.name)) for one in error.findings])

    def _over_lines(self) -> MigstatError:
        what = "a value runs over several lines, or a quote is not closed: Spark reads each line by itself"
        return fault(self.name, what, "make Parquet of it first, or run it without --engine spark")


@dataclass(frozen=True, slots=True)
class Typed:
    """How the rows of a frame are read: as they are."""

    columns: tuple[str, ...]

    def __call__(self, batches: Iterator[Any]) -> Iterator[Part]:
        """Yield the rows of a partition, many at a time."""
        import pyarrow as pa

        held: list[Any] = []
        rows = 0
        for batch in batches:
            held.append(batch)
            rows += batch.num_rows
            if rows >= MOST_ROWS:
                yield Part(_plain(pa.Table.from_batches(held)))
                held, rows = [], 0
        if rows:
            yield Part(_plain(pa.Table.from_batches(held)))


MOST_ROWS = 200_000


def _plain(table: Any) -> pl.DataFrame:
    """Return rows with moments by the clock of the session, as it shows them."""
    frame = pl.DataFrame(pl.from_arrow(table))
    moments = [name for name, type in frame.schema.items() if isinstance(type, pl.Datetime) and type.time_zone]
    return frame.with_columns(pl.col(moments).dt.replace_time_zone(None)) if moments else frame
