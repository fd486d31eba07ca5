"""The footer of a Parquet file of ours: what the records or cells are, and where they come from."""

import json
import os
from pathlib import Path
from typing import Any

import polars as pl

from migstat.words.finding import misuse

KEY = "migstat"


def read_provenance(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the provenance in the footer of a Parquet file of ours, or an empty dict for any other file."""
    try:
        metadata = pl.read_parquet_metadata(Path(path))
    except pl.exceptions.ComputeError:
        return {}
    except PermissionError:
        raise misuse("may not be read", "ask for the right to read it", place=Path(path).name) from None
    return dict(json.loads(metadata[KEY])) if KEY in metadata else {}
