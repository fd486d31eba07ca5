"""The footer of a Parquet file of ours, or the file in a folder of them: what they hold, and where it comes from."""

import json
import os
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
