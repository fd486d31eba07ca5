"""Files of records or cells, Parquet and CSV, part by part, as often and with such columns as they are asked for."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read.footer import scan_parquet
from migstat.read.packed import PART_BYTES, PART_ROWS, file_hash, first_bytes, pages_of
from migstat.words.finding import Finding
from migstat.words.memory import part_bytes, part_rows
from migstat.words.source import Format

Rows = Any
"""A part: of a CSV file a frame, of a Parquet file a batch as it was read."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """An opened file: the type of each column, its parts with row numbers, and what had to be assumed or left out."""

    name: str
    schema: Mapping[str, Any]
    parts: Callable[[Sequence[str]], Iterable[tuple[pl.Series, Rows]]]
    size: int
    sha256: Callable[[], str]
    findings: Callable[[], Sequence[Finding]]
    malformed: Callable[[], Sequence[tuple[int, str, str]]]
    scan: pl.LazyFrame | None = None


def open_records(path: Path, coded: Collection[str] = (), memory: int | None = None) -> RecordFile:
    """Open a Parquet or CSV file; columns in ``coded`` come as categories. In a CSV file every column is text.

    Parts are small enough for the work on them to stay below the bytes of ``memory``.
    Raises Misuse or MigstatError where the file is not there or cannot be read.
    """
    if first_bytes(path)[:4] == b"PAR1":
        scan = scan_parquet(path)
        return RecordFile(
            path.name,
            scan.collect_schema(),
            _Parquet(path, coded, memory),
            path.stat().st_size,
            lambda: file_hash(path),
            tuple,
            tuple,
            scan,
        )
    from migstat.read.extracts import read_extract  # only here: it brings pyarrow with it, which Parquet does not need

    last = read_extract(path, Format(), (), coded=list(coded))
    text = _Text(path, list(coded), last, memory)
    schema = dict.fromkeys(last.columns, pl.String())
    return RecordFile(
        path.name, schema, text, last.size, lambda: text.first.sha256(), lambda: text.first.findings,
        lambda: text.first.malformed,
    )  # fmt: skip


class _Text:
    """The parts of a CSV file; the first time round says what was found in it."""

    def __init__(self, path: Path, coded: list[str], first: Any, memory: int | None) -> None:
        self._path, self._coded, self.first, self._memory = path, coded, first, memory
        self._begun = False

    def __call__(self, columns: Sequence[str]) -> Iterator[tuple[pl.Series, Rows]]:
        from migstat.read.extracts import read_extract

        extract = read_extract(self._path, Format(), (), coded=self._coded) if self._begun else self.first
        self._begun = True
        rows = part_rows(self._memory, len(extract.columns), PART_ROWS)
        extract.limits = replace(extract.limits, rows=rows, bytes=part_bytes(self._memory, PART_BYTES))
        empty = True
        for numbers, part in extract.parts:
            empty = False
            yield numbers, part.select(columns)
        if empty:
            yield pl.Series(dtype=pl.Int64), pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


class _Parquet:
    def __init__(self, path: Path, coded: Collection[str], memory: int | None) -> None:
        self._path, self._coded, self._memory = path, coded, memory

    def __call__(self, columns: Sequence[str]) -> Iterator[tuple[pl.Series, Rows]]:
        import pyarrow as pa
        import pyarrow.parquet as parquet

        with pages_of(self._path.name):
            names = parquet.read_schema(self._path)
            texts = [name for name in self._coded if name in names.names and pa.types.is_string(names.field(name).type)]
            texts += [
                name for name in self._coded if name in names.names and pa.types.is_large_string(names.field(name).type)
            ]
            with parquet.ParquetFile(self._path, read_dictionary=texts) as file:
                at, rows = 1, part_rows(self._memory, len(columns), PART_ROWS)
                for group in range(file.num_row_groups):
                    most = file.metadata.row_group(group).num_rows
                    if not most:
                        continue
                    size = most if most <= 2 * rows else rows
                    for batch in file.iter_batches(size, [group], columns=list(columns)):
                        yield pl.int_range(at, at + batch.num_rows, eager=True), batch.select(list(columns))
                        at += batch.num_rows
                if at == 1:
                    yield pl.Series(dtype=pl.Int64), pl.DataFrame(pl.from_arrow(names.empty_table().select(columns)))
