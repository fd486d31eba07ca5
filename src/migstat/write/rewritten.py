"""Batches to Parquet: a file written anew, batch by batch, in the types it had; whole or not at all."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from migstat.write.atomic import beside, explained
from migstat.write.records import KEY


@contextmanager
def batches_writer(
    path: str | os.PathLike[str], schema: pa.Schema, provenance: Mapping[str, Any] | None = None
) -> Iterator[Callable[[pa.Table], None]]:
    """Lend a function that takes tables of one schema; the file takes its place when the block ends well."""
    with beside(path) as part, _writer(part, path, schema) as writer:

        def add(table: pa.Table) -> None:
            if table.num_rows:
                with explained(path):
                    writer.write_table(table.cast(schema), row_group_size=table.num_rows)

        yield add
        if provenance:
            writer.add_key_value_metadata({KEY: json.dumps(provenance, ensure_ascii=False, sort_keys=True)})


@contextmanager
def _writer(part: Path, path: str | os.PathLike[str], schema: pa.Schema) -> Iterator[parquet.ParquetWriter]:
    plain = schema.remove_metadata()
    with explained(path):
        writer = parquet.ParquetWriter(part, plain, compression="zstd")
    try:
        yield writer
    finally:
        with explained(path):
            writer.close()


def write_secret(path: str | os.PathLike[str], text: str) -> None:
    """Write a new file that only its owner may read; a file that is there already stays as it is, and that is told."""
    from migstat.words.finding import misuse

    try:
        with explained(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except Exception as error:
        if isinstance(error.__cause__, FileExistsError):
            name = Path(path).name
            raise misuse(
                "there is a file already, perhaps the only copy of a key", "name a new file", place=name
            ) from None
        raise
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
