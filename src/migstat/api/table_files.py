"""Tables from files: Parquet, CSV or SDMX-CSV as migstat writes them, read back with their structure."""

import json
import os
from pathlib import Path
from typing import Any

import polars as pl
from pyarrow import parquet

from migstat.read.structures import structure, structure_ids
from migstat.words.finding import Misuse, misuse
from migstat.words.table import Table

FOOTER = "migstat"


def read_table(path: str | os.PathLike[str]) -> Table:
    """Read a table that migstat wrote: ``.parquet``, or ``.csv`` with its metadata beside it, or ``.sdmx.csv``.

    Raises Misuse where the file is not there, or does not say which structure it has.
    """
    path = Path(path)
    if not path.is_file():
        raise misuse("there is no such table", "name a table that tabulate wrote", place=path.name)
    if path.suffix == ".parquet":
        raw = (parquet.read_metadata(path).metadata or {}).get(FOOTER.encode())
        return _table(pl.read_parquet(path), json.loads(raw) if raw else {}, path)
    if path.suffix != ".csv":
        raise misuse("is no table that can be read", "name a .parquet, .csv or .sdmx.csv file", place=path.name)
    frame = pl.read_csv(path, infer_schema=False)
    for column in ("STRUCTURE_ID", "DATAFLOW"):
        if column in frame.columns and frame.height:
            facts: dict[str, Any] = {"structure": frame[column][0]}
            return _table(frame.drop("STRUCTURE", "STRUCTURE_ID", "ACTION", "DATAFLOW", strict=False), facts, path)
    beside = path.with_name(f"{path.name}-metadata.json")
    return _table(frame, json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}, path)


def _table(frame: pl.DataFrame, facts: dict[str, Any], path: Path) -> Table:
    id = str(facts.get("structure", "")).partition(":")[2].partition("(")[0]
    if id not in structure_ids():
        mend = "name a table that tabulate wrote; in Python, pass the frame with dimensions=[...]"
        raise misuse("does not say which structure it has", mend, place=path.name)
    found = structure(id)
    if found.kind != "table":
        raise Misuse(misuse(f"holds records of {id}, not a table", "tabulate them first", place=path.name).findings)
    types = {"integer": pl.Int64, "number": pl.Float64}
    typed = {one.id: types[one.type] for one in found.components if one.type in types and one.id in frame.columns}
    metadata = {key: value for key, value in facts.items() if key != "structure"}
    return Table(frame.with_columns(pl.col(id).cast(type) for id, type in typed.items()), found, metadata)
