"""Parquet files, part by part, as they are."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet

from migstat.read.extracts.extract import Extract, Numbers, frame_of
from migstat.read.heads import check_columns, left_behind, nested_note
from migstat.read.packed import file_hash, pages_of


def read_parquet(path: Path, needed: Sequence[str], identifiers: Sequence[str]) -> Extract:
    """Open a Parquet file."""
    # Closed again: a folder may hold more files than may be open.
    with pages_of(path.name), parquet.ParquetFile(path) as file:
        metadata, schema = file.metadata, file.schema_arrow
    columns = schema.names
    check_columns(columns, needed, path.name, 0)
    taken = [column for column in columns if column not in identifiers]
    nested = [column for column in taken if pa.types.is_nested(schema.field(column).type)]
    done = 0

    def parts() -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        nonlocal done
        count = Numbers([])
        rows = 0
        with pages_of(path.name), parquet.ParquetFile(path, metadata=metadata) as file:
            for batch in file.iter_batches(batch_size=extract.limits.rows, columns=taken):
                yield count.next(batch.num_rows), frame_of([batch])
                rows += batch.num_rows
                done = int(path.stat().st_size * rows / max(1, metadata.num_rows))

    extract = Extract(
        path.name,
        tuple(taken),
        iter(()),
        findings=[*left_behind(columns, needed, identifiers, path.name), *nested_note(nested, path.name)],
        size=path.stat().st_size,
        at=lambda: done,
        sha256=lambda: file_hash(path),
        raw=True,
    )
    extract.parts = parts()
    return extract
