"""The footer of a Parquet file of ours, or the file in a folder of them: what they hold, and where it comes from."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from migstat.words.finding import misuse

KEY = "migstat"
FOLDER = "_migstat.json"
"""Where the provenance stands in a folder of Parquet files, as Spark writes them."""


def read_provenance(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the provenance in the footer of a Parquet file of ours, or an empty dict for any other file.

    Of a folder it is that of the file ``_migstat.json`` in it.
    """
    if is_folder_of_ours(path):
        return dict(json.loads((Path(path) / FOLDER).read_text(encoding="utf-8")))
    try:
        metadata = pl.read_parquet_metadata(Path(path))
    except pl.exceptions.ComputeError:
        return {}
    except PermissionError:
        raise misuse("may not be read", "ask for the right to read it", place=Path(path).name) from None
    return dict(json.loads(metadata[KEY])) if KEY in metadata else {}


def is_folder_of_ours(path: str | os.PathLike[str]) -> bool:
    """Tell whether a path is a folder of Parquet files that was written on Spark."""
    return (Path(path) / FOLDER).is_file()


def parquet_of(path: str | os.PathLike[str]) -> Path:
    """Return the Parquet file, or the pattern of those in a folder."""
    return Path(path) / "*.parquet" if is_folder_of_ours(path) else Path(path)


def scan_records(path: str | os.PathLike[str], of_all: Sequence[str]) -> pl.LazyFrame:
    """Return the records of a Parquet file of ours, or of a folder, lazily.

    A column of ``of_all`` that says the same of all records, such as their area and period, is not read with them: by
    the statistics in the footer the parts of the file that hold nothing else are passed over.
    """
    scanned = pl.scan_parquet(parquet_of(path))
    schema = scanned.collect_schema()
    first = scanned.select(id for id in of_all if id in schema).head(1).collect()
    if first.is_empty():
        return scanned
    others = [scanned.filter(pl.col(id).ne_missing(first[id][0])).select(id).head(1) for id in first.columns]
    found = zip(first, pl.collect_all(others, engine="streaming"), strict=True)
    same = [one for one, other in found if other.is_empty()]
    return scanned.with_columns(pl.lit(one[0], one.dtype).alias(one.name) for one in same)
