"""Read a published table through its mapping, or a table file of ours, as a Table."""

import os
from pathlib import Path
from typing import Any

import polars as pl

from migstat.api.checking import read_mapping
from migstat.api.harmonizing import harmonize
from migstat.api.table_files import table_of_file
from migstat.read.codelists import codelist
from migstat.read.definitions import definition, definition_ids
from migstat.read.heads import of_numbers
from migstat.read.malformed import malformed_lines
from migstat.read.source_extracts import read_source
from migstat.read.structures import structure
from migstat.read.workbooks import ENDINGS, fingerprint, read_sheet
from migstat.words.finding import Finding, Severity, misuse
from migstat.words.mapping import Mapping
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.published import STATUS, Published
from migstat.words.table import Table
from migstat.work.combine.cells import added, key_of, repeated_cells
from migstat.work.tabulate.arrange import arranged
from migstat.work.tabulate.notes import described

NORMAL, SUPPRESSED, MISSING = "A", "Q", "O"
"""Codes of CL_OBS_STATUS: a value; one that was suppressed; one that is missing."""


def read_table(source: Any, mapping: str | os.PathLike[str] | Mapping | None = None) -> Table:
    """Return a table that migstat wrote, from its file; or, with a mapping, a published table.

    A published table is a CSV file, a workbook, or a frame; its ``mapping`` has a part ``table:`` that says which
    column holds the figures, and rules for the dimensions as any mapping has. A dimension without a rule is a total.
    Suppressed and missing figures stay cells without a value, with OBS_STATUS Q and O: they are neither 0 nor left out.
    ``findings`` say which rows no rule covers and which cells stand twice.
    """
    if isinstance(source, Table):
        return source
    if mapping is None:
        return _own(source)
    found = mapping if isinstance(mapping, Mapping) else read_mapping(mapping)
    if found.table is None:
        mend = "write table: {value: COLUMN}, or harmonize records with it"
        raise misuse("the mapping does not speak of a published table", mend, place=found.place.file)
    frame, inputs, findings = _frame(source, found, found.table)
    run = harmonize(_long(frame, found.table), found)
    # Which cells stand again, and with which values, is told of the table.
    findings += [one for one in run.findings if one.rule != "same-cell"]
    return _table(found, found.table, run.records, tuple(findings), {**run.provenance, "inputs": inputs})


def _own(source: Any) -> Table:
    if not isinstance(source, str | os.PathLike):
        raise misuse("a frame is no table of ours", "hand in a Table, or name the mapping of the published table")
    return table_of_file(source)


def _frame(source: Any, mapping: Mapping, table: Published) -> tuple[pl.DataFrame, list[dict[str, Any]], list[Finding]]:
    """Return a published table as text, its inputs, and what was found on reading."""
    if not isinstance(source, str | os.PathLike):
        from migstat.api.bilateral import frame_from

        return frame_from(source, "the table").with_columns(pl.all().cast(pl.String)), [], []
    path = Path(source)
    if not path.is_file():
        raise misuse("there is no such file", "name the file of the published table", place=path.name)
    if path.suffix.lower() in ENDINGS:
        return read_sheet(path, table), [fingerprint(path)], []
    needed = table.unpivot or (table.value,)
    extract = read_source(path, mapping.source.format, needed)
    figures = () if table.thousands == "." else needed
    parts = [part for _, part in extract.parts]
    empty = pl.DataFrame(schema=dict.fromkeys(extract.columns, pl.String))
    inputs = [{"name": path.name, "bytes": extract.size, "sha256": extract.sha256()}]
    return (
        pl.concat([empty, *parts]),
        inputs,
        [*of_numbers(extract.findings, figures), *malformed_lines(extract.name, extract.malformed, extract.mend)],
    )


def _long(frame: pl.DataFrame, table: Published) -> pl.DataFrame:
    """Put columns that stand side by side below one another, clean the figures, and say of each whether it is one."""
    read = table.unpivot or (table.value,)
    if lacking := [name for name in read if name not in frame.columns]:
        have = ", ".join(frame.columns[:30])
        raise misuse(f"the table has no column {', '.join(lacking)}", f"it has {have}", component="table")
    if table.unpivot:
        rest = [name for name in frame.columns if name not in table.unpivot]
        frame = frame.unpivot(list(table.unpivot), index=rest, variable_name=table.into, value_name=table.value)
    value = pl.col(table.value).str.strip_chars()
    told = value.is_in([*table.suppressed, *table.missing]).fill_null(True)
    if table.thousands:
        value = pl.when(told).then(value).otherwise(value.str.replace_all(table.thousands, "", literal=True))
    status = (
        pl.when(value.is_in(table.suppressed))
        .then(pl.lit(SUPPRESSED))
        .when(value.is_in(table.missing) | value.is_null() | (value == ""))
        .then(pl.lit(MISSING))
        .otherwise(pl.lit(NORMAL))
    )
    return frame.with_columns(status.alias(STATUS), pl.when(~told).then(value).alias(table.value))


def _table(
    mapping: Mapping, table: Published, records: pl.DataFrame, found: tuple[Finding, ...], provenance: dict[str, Any]
) -> Table:
    into = structure(mapping.into)
    columns = [id for id in records.columns if not id.endswith(MISSING_SUFFIX)]
    frame = records.select(columns).with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    frame = frame.with_columns(pl.col("OBS_VALUE") * table.multiply)
    if table.add:
        frame = added(frame, key_of(frame, into))
    frame, twice = repeated_cells(frame, into, mapping.place)
    frame = arranged(frame, into, codelist)
    shipped = set(definition_ids())
    used = [id for id in sorted(set(frame["DEFINITION"])) if id in shipped] if "DEFINITION" in frame.columns else []
    source = mapping.source
    metadata = {
        "published": mapping.id,
        "vintage": table.vintage,
        "definitions": [described(definition(id)) for id in used],
        "notes": [note for note in (mapping.notes,) if note],
        "licence": source.licence,
        "url": source.url,
        "provenance": provenance,
    }
    kept = tuple(one for one in found if one.severity != Severity.NOTE)
    return Table(frame, into, metadata, (*kept, *twice))
