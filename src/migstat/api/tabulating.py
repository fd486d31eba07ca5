"""Tabulate: records, from files or as a frame, into a table of cells; and the table to a file."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.deriving import unknown_pairs
from migstat.read.definitions import definition as read_definition
from migstat.read.structure_paths import codelists_of, structure_at
from migstat.words.definition import Definition
from migstat.words.finding import Finding, Misuse, misuse
from migstat.words.run import Harmonized
from migstat.words.table import Table
from migstat.work import tabulate as tabulating
from migstat.write.records import read_provenance


def read_records(paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> tuple[Any, dict[str, Any]]:
    """Return the records of Parquet files that ``harmonize`` wrote, as one lazy frame, and their provenance.

    Columns that a file does not have are null in its rows. Raises Misuse where a file is not there or is not ours.
    """
    listed = [Path(path) for path in ([paths] if isinstance(paths, str | os.PathLike) else paths)]
    frames, provenance = [], []
    for path in listed:
        if not path.is_file():
            raise misuse("there is no such file", "name a Parquet file that harmonize wrote", place=path.name)
        facts = read_provenance(path)
        if not facts or "_why" in pl.read_parquet_schema(path):
            mend = "name a .records.parquet file that harmonize wrote"
            raise misuse("is not a file of harmonized records", mend, place=path.name)
        frames.append(pl.scan_parquet(path))
        provenance.append(facts)
    structures = {facts["structure"] for facts in provenance}
    if len(structures) > 1:
        names = " and ".join(sorted(structures))
        raise misuse(f"the records are of several structures: {names}", "tabulate them one by one")
    joined = pl.concat(frames, how="diagonal_relaxed") if len(frames) > 1 else frames[0]
    return joined, provenance[0] if len(provenance) == 1 else {"structure": structures.pop(), "parts": provenance}


def tabulate(
    records: Any,
    *,
    definition: str | Sequence[str] = "FOREIGN_BORN",
    by: str | Sequence[str] = (),
    levels: Mapping[str, int | str] | None = None,
    totals: bool = True,
    parents: bool = True,
    shares: bool = False,
    into: str = "MIGRANT_STOCK",
    structure_id: str | None = None,
) -> Table:
    """Count records by definition and dimensions, as a table whose totals add up.

    ``records`` is a run of ``harmonize``, the path of its records (or several), or a frame of records. ``by`` names
    dimensions of the table structure, such as ``["COUNTRY_BIRTH", "SEX", "AGE"]`` or ``"COUNTRY_BIRTH,SEX,AGE"``.
    Weighted where the records have a weight. ``result.frame`` is a Polars frame with a row a cell.
    Raises Misuse where a dimension, level or definition cannot be had from these records.
    """
    frame, provenance = _records(records)
    name = structure_id or provenance.get("structure", "").partition(":")[2].partition("(")[0] or "SURVEY_PERSON"
    columns = nw.from_native(frame).collect_schema().names()
    read = records.structure if isinstance(records, Harmonized) and structure_id is None else structure_at(name)
    table = structure_at(into)
    return tabulating.tabulate(
        frame,
        structure=read,
        table=table,
        definitions=_definitions(_listed(definition)),
        by=_listed(by),
        codelists=codelists_of(table),
        weight="WEIGHT" if "WEIGHT" in columns else None,
        levels=levels or {},
        totals=totals,
        parents=parents,
        shares=shares,
        unknown_pairs=unknown_pairs(),
        provenance=provenance,
    )


def _records(records: Any) -> tuple[Any, dict[str, Any]]:
    if isinstance(records, Harmonized):
        return records.records, records.provenance
    if isinstance(records, str | os.PathLike) or (isinstance(records, Sequence) and not hasattr(records, "schema")):
        return read_records(records)
    return records, {}


def _listed(text: str | Sequence[str]) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else list(text)


def _definitions(ids: Sequence[str]) -> list[Definition]:
    found: list[Definition] = []
    faults: list[Finding] = []
    for id in ids:
        try:
            found.append(read_definition(id))
        except Misuse as error:
            faults += error.findings
    if faults:
        raise Misuse(faults)
    return found
