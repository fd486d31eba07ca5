"""The footer of a Parquet file of ours, or the file in a folder of them: what they hold, and where it comes from."""

import json
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read.damage import is_parquet, undamaged, undamaged_schema
from migstat.read.footer_shape import COMBINED, DEEPEST, RECORDS, TABLE, deep, faults
from migstat.read.packed import fault
from migstat.words.finding import Finding, MigstatError, Place, misuse

KEY = "migstat"
FOLDER = "_migstat.json"
"""Where the provenance stands in a folder of Parquet files, as Spark writes them."""
NOTE = "the note of migstat in the file"
MEND = "write the file again with migstat"
MOST = 8
"""Faults told of one note."""


def read_provenance(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the provenance in the footer of a Parquet file of ours, or an empty dict for any other file.

    Of a folder it is that of the file ``_migstat.json`` in it. Raises MigstatError where the file or its note is
    damaged: what is read of a note again must be as it is written; what a newer migstat adds may stand beside it.
    """
    path = Path(path)
    if is_folder_of_ours(path):
        return noted((path / FOLDER).read_bytes(), f"{path.name}/{FOLDER}")
    text = _footer(path)
    return noted(text, path.name) if text is not None else {}


def read_metadata(path: Path) -> dict[str, Any]:
    """Return the metadata of a table, from the footer of its Parquet file, or from the JSON file that is named."""
    text = _footer(path) if path.suffix == ".parquet" else path.read_bytes()
    return noted(text, path.name, table=True) if text is not None else {}


def noted(text: str | bytes, name: str, *, table: bool = False) -> dict[str, Any]:
    """Return what migstat noted in a file as JSON; raise MigstatError with all that is not as migstat writes it."""
    try:
        facts = json.loads(text)
        # A text of half a character is read by JSON, and cannot be written.
        json.dumps(facts, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise fault(name, f"{NOTE} is damaged: it is no JSON", MEND) from None
    if deep(facts):
        raise fault(name, f"{NOTE} is damaged: it is nested more than {DEEPEST} deep", MEND)
    shape = RECORDS
    if table:
        combined = isinstance(facts, dict) and "_COMBINED(" in str(facts.get("structure"))
        shape = COMBINED if combined else TABLE
    if wrong := list(islice(faults(facts, shape), MOST)):
        raise MigstatError(Finding(Place(name), "", f"{NOTE} is damaged: {one}", MEND) for one in wrong)
    return dict(facts)


def _footer(path: Path) -> str | None:
    """Return what is noted in the footer of a Parquet file, or None where nothing is."""
    if not path.is_file():
        raise misuse("is a folder" if path.is_dir() else "is no file", "name a file", place=path.name)
    if not is_parquet(path):
        return None
    with undamaged_schema(path.name):
        return pl.read_parquet_metadata(path).get(KEY)


def is_folder_of_ours(path: str | os.PathLike[str]) -> bool:
    """Tell whether a path is a folder of Parquet files that was written on Spark."""
    return (Path(path) / FOLDER).is_file()


def files_of(path: str | os.PathLike[str]) -> list[Path]:
    """Return the Parquet file, or those in a folder of ours."""
    path = Path(path)
    if not is_folder_of_ours(path):
        return [path]
    found = sorted(one for one in path.glob("*.parquet") if one.is_file())
    if not found:
        raise fault(path.name, "the folder holds no Parquet files", MEND)
    return found


def scan_parquet(path: str | os.PathLike[str]) -> pl.LazyFrame:
    """Return the rows of a Parquet file, or of a folder of ours, lazily; ``[`` or ``*`` in a name is no pattern.

    Raises MigstatError where the file is damaged.
    """
    files, name = files_of(path), Path(path).name
    with undamaged_schema(name):
        scanned = pl.scan_parquet(files, glob=False)
        scanned.collect_schema()
    return scanned


def scan_records(path: str | os.PathLike[str], of_all: Sequence[str]) -> pl.LazyFrame:
    """Return the records of a Parquet file of ours, or of a folder, lazily.

    A column of ``of_all`` that says the same of all records, such as their area and period, is not read with them: by
    the statistics in the footer the parts of the file that hold nothing else are passed over.
    """
    scanned = scan_parquet(path)
    schema = scanned.collect_schema()
    with undamaged(path):
        first = scanned.select(id for id in of_all if id in schema).head(1).collect()
        if first.is_empty():
            return scanned
        others = [scanned.filter(pl.col(id).ne_missing(first[id][0])).select(id).head(1) for id in first.columns]
        found = zip(first, pl.collect_all(others, engine="streaming"), strict=True)
        same = [one for one, other in found if other.is_empty()]
    return scanned.with_columns(pl.lit(one[0], one.dtype).alias(one.name) for one in same)
