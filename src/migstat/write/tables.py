"""Tables to files: Parquet with its metadata in the footer, and plain CSV."""

import json
import os
from typing import Any

import polars as pl

from migstat.words.table import Table
from migstat.write.atomic import beside
from migstat.write.numbers import plain

FOOTER = "migstat"
"""The footer's key; its value is JSON."""


def write_parquet(table: Table, path: str | os.PathLike[str]) -> None:
    """Write a table as Parquet; its metadata, provenance included, stands in the footer under ``migstat`` as JSON.

    The file appears whole or not at all, and equal tables give equal bytes.
    """
    with beside(path) as part:
        table.frame.lazy().sink_parquet(
            part, compression="zstd", metadata={FOOTER: metadata(table)}, maintain_order=True, statistics=True
        )


def write_csv(table: Table, path: str | os.PathLike[str]) -> None:
    """Write a table as CSV in UTF-8, a column a component, numbers exact; the metadata stands beside it as JSON.

    ``stock.csv`` has its metadata in ``stock.csv-metadata.json``.
    """
    with beside(path) as part:
        as_text(table.frame).sink_csv(part, line_terminator="\n", null_value="", maintain_order=True)
    with beside(f"{os.fspath(path)}-metadata.json") as part:
        part.write_text(metadata(table, indent=2) + "\n", encoding="utf-8", newline="\n")


def metadata(table: Table, indent: int | None = None) -> str:
    """Return a table's metadata as JSON, the same for equal tables."""
    facts = {"structure": table.reference} | table.metadata
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, indent=indent, default=str)


def as_text(frame: Any) -> pl.LazyFrame:
    """Return a frame as lazy text, row by row, so that it can be written in batches whatever its size."""
    lazy: pl.LazyFrame = frame.lazy()
    return lazy.with_columns(plain(name) for name, type in lazy.collect_schema().items() if type.is_float())
