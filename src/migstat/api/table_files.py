"""Tables from files: Parquet, CSV or SDMX-CSV as migstat writes them, read back with their structure."""

import os
from pathlib import Path
from typing import Any

import polars as pl

from migstat.api.plain_files import frame_of_file
from migstat.read.footer import read_metadata
from migstat.read.structures import structure, structure_ids
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.structure import Structure
from migstat.words.table import Table
from migstat.work.combine.combining import combined_structure

COMBINED = "_COMBINED"


def table_of_file(path: str | os.PathLike[str]) -> Table:
    """Read a table that migstat wrote: ``.parquet``, or ``.csv`` with its metadata beside it, or ``.sdmx.csv``.

    Raises Misuse where the file is not there, or does not say which structure it has.
    """
    path = Path(path)
    if path.is_file() and path.suffix not in {".parquet", ".csv"}:
        raise misuse("is no table that can be read", "name a .parquet, .csv or .sdmx.csv file", place=path.name)
    frame = frame_of_file(path, "there is no such table", "name a table that tabulate wrote")
    if path.suffix == ".parquet":
        return _table(frame, read_metadata(path), path)
    for column in ("STRUCTURE_ID", "DATAFLOW"):
        if column in frame.columns and frame.height:
            facts: dict[str, Any] = {"structure": frame[column][0]}
            return _table(frame.drop("STRUCTURE", "STRUCTURE_ID", "ACTION", "DATAFLOW", strict=False), facts, path)
    beside = path.with_name(f"{path.name}-metadata.json")
    return _table(frame, read_metadata(beside) if beside.is_file() else {}, path)


def _table(frame: pl.DataFrame, facts: dict[str, Any], path: Path) -> Table:
    id = str(facts.get("structure", "")).partition(":")[2].partition("(")[0]
    if id.removesuffix(COMBINED) not in structure_ids():
        mend = "name a table that tabulate wrote; in Python, pass the frame with dimensions=[...]"
        raise misuse("does not say which structure it has", mend, place=path.name)
    plain = structure(id.removesuffix(COMBINED))
    found = combined_structure(plain) if id.endswith(COMBINED) else plain
    if found.kind != "table":
        raise Misuse(misuse(f"holds records of {id}, not a table", "tabulate them first", place=path.name).findings)
    types = {"integer": pl.Int64, "number": pl.Float64}
    typed = {one.id: types[one.type] for one in found.components if one.type in types and one.id in frame.columns}
    metadata = {key: value for key, value in facts.items() if key != "structure"}
    texts = [one.id for one in found.components if one.type in ("code", "text") and one.id in frame.columns]
    frame = frame.with_columns(pl.col(texts).cast(pl.String))
    numbers = frame.with_columns(pl.col(id).cast(type, strict=False) for id, type in typed.items())
    lost = {id: numbers[id].null_count() - frame[id].null_count() for id in typed}
    faults = _lacking(frame, found, path)
    faults += [
        Finding(Place(path.name), id, "is no number", "write a number, or leave it empty", rows=rows)
        for id, rows in lost.items()
        if rows
    ]
    if faults:
        raise Misuse(faults)
    return Table(numbers, found, metadata)


def _lacking(frame: pl.DataFrame, found: Structure, path: Path) -> list[Finding]:
    """Return what no table is without and this one lacks, and which dimensions have cells without a code."""
    mend = "name the file as tabulate wrote it"
    needed = [id for id in ("REF_AREA", "TIME_PERIOD", "OBS_VALUE") if id in found]
    faults = [Finding(Place(path.name), id, f"the table has no {id}", mend) for id in needed if id not in frame.columns]
    for id in (one.id for one in found.with_role("dimension") if one.id in frame.columns):
        if blank := frame[id].null_count():
            faults.append(Finding(Place(path.name), id, "a cell has no code", "write _T, _U or _Z", rows=blank))
    return faults
