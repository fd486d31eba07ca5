"""Records to Parquet: part by part, coded columns as dictionaries, provenance in the footer; whole or not at all."""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet

from migstat.words.finding import misuse
from migstat.write.atomic import beside, explained

KEY = b"migstat"
"""The key of the provenance, as JSON, in the footer of a Parquet file."""
FIRST = 100_000
"""Rows that tell whether the values of a column repeat."""


class RecordsWriter:
    """Takes frames of one kind, part after part."""

    def __init__(self, part: Path, path: str | os.PathLike[str], codes: Mapping[str, list[str]]) -> None:
        self._part = part
        self._path = path
        self._codes = codes
        self._writer: parquet.ParquetWriter | None = None
        self.rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Write one part."""
        table = self._table(frame)
        if self._writer is None:
            with explained(self._path):
                self._writer = parquet.ParquetWriter(
                    self._part, table.schema, compression="zstd", **_encodings(frame, self._codes)
                )
        if table.num_rows:
            with explained(self._path):
                self._writer.write_table(table, row_group_size=table.num_rows)
        self.rows += table.num_rows

    def close(self, provenance: Mapping[str, Any] | None = None) -> None:
        """Finish the file with its provenance."""
        writer, self._writer = self._writer, None
        if writer is not None:
            if provenance is not None:
                writer.add_key_value_metadata({KEY: json.dumps(provenance, ensure_ascii=False, sort_keys=True)})
            with explained(self._path):
                writer.close()

    def _table(self, frame: pl.DataFrame) -> pa.Table:
        coded = [pl.col(name).cast(pl.Enum(codes)) for name, codes in self._codes.items() if name in frame.columns]
        try:
            table = frame.with_columns(coded).to_arrow(compat_level=pl.CompatLevel.oldest())
        except (pl.exceptions.InvalidOperationError, pl.exceptions.ComputeError):
            what = f"a column holds what is no code of its list: one of {', '.join(self._codes)}"
            raise misuse(what, "judge the records first: migstat validate", place=Path(self._path).name) from None
        # The mark of an Enum would make readers refuse to compare two lists of areas with one another.
        # Nor are codes in order of size.
        columns = [
            _unordered(column) if name in self._codes else column
            for name, column in zip(table.column_names, table.columns, strict=True)
        ]
        fields = [
            pa.field(name, column.type, metadata=_category() if pa.types.is_dictionary(column.type) else None)
            for name, column in zip(table.column_names, columns, strict=True)
        ]
        return pa.table(columns, schema=pa.schema(fields))


@cache
def _category() -> Any:
    """Return the mark of a categorical column: with it Polars takes the codes as they are, in a fifth of the time."""
    return pl.DataFrame(schema={"code": pl.Categorical}).to_arrow().schema.field("code").metadata


def _encodings(frame: pl.DataFrame, codes: Collection[str]) -> dict[str, Any]:
    """Return how the columns are best written, as the first rows have them.

    A dictionary of values that hardly repeat, such as keys, costs time and saves nothing; numbers that do not repeat
    are mostly running ones. The least and the greatest of many codes tell a reader nothing, and take long to find.
    """
    first = frame.head(FIRST)
    differing = {name: first[name].n_unique() for name in frame.columns}
    repeating = [name for name, count in differing.items() if name in codes or count <= first.height // 4]
    running = [name for name in frame.columns if frame.schema[name].is_integer() and name not in repeating]
    return {
        "use_dictionary": repeating or False,
        "column_encoding": dict.fromkeys(running, "DELTA_BINARY_PACKED"),
        "write_statistics": [name for name, count in differing.items() if name not in codes or count == 1] or False,
    }


def _unordered(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array(
        [pa.DictionaryArray.from_arrays(chunk.indices, chunk.dictionary, ordered=False) for chunk in column.chunks],
        pa.dictionary(column.type.index_type, column.type.value_type, ordered=False),
    )


@contextmanager
def records_writer(path: str | os.PathLike[str], codes: Mapping[str, list[str]]) -> Iterator[RecordsWriter]:
    """Lend a writer of one Parquet file, which takes its place when the block ends well.

    ``codes`` are the codes of each coded column.
    """
    with beside(path) as part:
        writer = RecordsWriter(part, path, codes)
        try:
            yield writer
        finally:
            writer.close()
