"""Sets of tables: all tables of a set from one source, and the reason for each that the source cannot give."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw

from migstat.api.engines import Engine, refuse_unknown
from migstat.api.exchanging import write_table
from migstat.api.tabulating import chosen_design, prepared, tabulate
from migstat.read.damage import undamaged
from migstat.read.definitions import definition
from migstat.read.sets import read_set, table_set, table_set_ids
from migstat.read.structures import structure
from migstat.words.expression import names
from migstat.words.finding import Finding, Misuse, misuse
from migstat.words.missing import MISSING_SUFFIX, NOT_COLLECTED
from migstat.words.structure import Structure
from migstat.words.table import Table
from migstat.words.table_set import PlannedTable, TableSet, TabulatedSet
from migstat.work.tabulate import source
from migstat.write.atomic import write_text

FORMATS = ("csv", "parquet", "sdmx.csv", "sdmx1.csv")
FIRST = 10_000
"""Records that are looked at before all are."""


def read_table_set(named: str | os.PathLike[str]) -> TableSet:
    """Return a set of tables: one that ships, by its id, or an office's own, by the path of its YAML file.

    Raises MigstatError with every fault of the file, each with its line.

    >>> [table.id for table in read_table_set("un-census").tables][:2]
    ['BIRTH_AGE_SEX', 'CITIZENSHIP_AGE_SEX']
    """
    text = os.fspath(named)
    if isinstance(named, str) and not text.endswith((".yaml", ".yml")):
        return table_set(text)
    if not Path(text).is_file():
        mend = f"name a YAML file, or one of {', '.join(table_set_ids())}"
        raise misuse("there is no such set file", mend, place=Path(text).name)
    return read_set(Path(text))


def tabulate_set(
    records: Any,
    set: str | os.PathLike[str] | TableSet = "un-census",
    *,
    into: str | os.PathLike[str] | None = None,
    format: str = "csv",
    engine: Engine = "polars",
    progress: Callable[[int, float], None] | None = None,
) -> TabulatedSet:
    """Make every table of a set from one source.

    ``set`` is the id of one that ships, or the path of an office's own. A table that the source cannot give, because a
    component was not collected, is in ``result.missing`` with the reasons. ``into``, a folder, takes a file for each
    table in a ``format`` (csv, parquet, sdmx.csv, sdmx1.csv) and ``<set>.tables.json``, which lists them all.
    With ``engine="spark"`` records are counted there, and only cells come back.
    """
    if format not in FORMATS:
        raise misuse(f"there is no format {format}", f"write one of {', '.join(FORMATS)}", place="tabulate")
    plan = set if isinstance(set, TableSet) else read_table_set(set)
    refuse_unknown(engine)
    frame, provenance, read = prepared(records, None, engine)
    tables: dict[str, Table] = {}
    missing: dict[str, tuple[Finding, ...]] = {}
    with undamaged(records):
        # The whole set is judged before anything is written.
        collected, because = _collected(frame, read, plan), _because(provenance)
        for number, planned in enumerate(plan.tables):
            if reasons := tuple(_reasons(planned, read, collected, because)):
                missing[planned.id] = reasons
                continue
            try:
                made = _made(planned, plan, frame, read, provenance)
            except Misuse as error:
                missing[planned.id] = tuple(replace(one, place=planned.place) for one in error.findings)
                continue
            tables[planned.id] = made
            if progress is not None:
                progress(number + 1, (number + 1) / len(plan.tables))
    found = TabulatedSet(plan, tables, missing)
    if into is not None:
        _write(found, Path(into), format)
    return found


def set_facts(found: TabulatedSet, files: dict[str, str] | None = None) -> dict[str, Any]:
    """Return what became of a set as plain data: each table with its title, and its cells or why it is not given."""
    tables = []
    for planned in found.plan.tables:
        facts: dict[str, Any] = {"id": planned.id, "names": dict(planned.names), "standing": planned.standing}
        if planned.id in found.tables:
            table = found.tables[planned.id]
            facts |= {"given": True, "cells": table.frame.height, "file": (files or {}).get(planned.id, "")}
        else:
            reasons = [{"component": one.component, "what": one.what} for one in found.missing[planned.id]]
            facts |= {"given": False, "reasons": reasons}
        tables.append(facts)
    plan = found.plan
    return {
        "set": plan.id,
        "version": plan.version,
        "names": dict(plan.names),
        "description": plan.description,
        "source": plan.source,
        "standing": plan.standing,
        "tables": tables,
    }


def _made(planned: PlannedTable, plan: TableSet, frame: Any, read: Structure, provenance: dict[str, Any]) -> Table:
    table = tabulate(
        frame,
        definition=planned.definitions,
        by=planned.by,
        levels=planned.levels,
        totals=planned.totals,
        parents=planned.parents,
        measures=planned.measures,
        universe=planned.universe,
        into=planned.into,
        structure_id=read,
        design=chosen_design(provenance, None, None),
    )
    about = {
        "table": planned.id,
        "title": dict(planned.names),
        "set": f"{plan.id} {plan.version}",
        "set_source": planned.source,
        "set_standing": planned.standing,
        "provenance": provenance,
    }
    return replace(table, metadata={**table.metadata, **about})


def _collected(frame: Any, read: Structure, plan: TableSet) -> dict[str, bool]:
    """Say of each column that a table of the set reads whether any record has it."""
    native = nw.from_native(frame)
    columns = native.collect_schema().names()
    wanted = {column for planned in plan.tables for _, column in _columns(planned, read, columns) if column in columns}
    told = {column: column if column in read and read[column].coded else column + MISSING_SUFFIX for column in wanted}
    waiting = sorted(column for column in wanted if told[column] in columns)
    # What the first records have is not looked for in all of them.
    for records in (native.head(FIRST), native):
        answers = []
        for column in waiting:
            absent = nw.col(told[column]).cast(nw.String) == NOT_COLLECTED
            answers.append(nw.when(absent).then(nw.lit(0)).otherwise(nw.lit(1)).max().alias(column))
        if answers:
            row = records.lazy().select(*answers).collect("polars").to_native().row(0, named=True)
            waiting = [column for column in waiting if row[column] == 0]
    return {column: column not in waiting for column in wanted}


def _columns(planned: PlannedTable, read: Structure, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what a table reads, each with the column of the records that has it; its own id where none has."""
    table = structure(planned.into)
    for id in planned.by:
        yield id, source(id, read, table, columns) or id
    for id in planned.definitions:
        # A rule may do without some of what it reads, such as a second citizenship; what it must have is listed.
        yield from ((name, name) for name in definition(id).reads)
    for expression in (planned.universe, *(measure.of for measure in planned.measures)):
        yield from ((name, name) for name in (names(expression) if expression is not None else ()))


def _because(provenance: dict[str, Any]) -> dict[str, str]:
    """Return why the mappings say that a component was not collected, as the end of a sentence."""
    found: dict[str, dict[str, None]] = {}
    for one in provenance.get("parts", [provenance]):
        for id, because in one.get("not_collected_because", {}).items():
            found.setdefault(id, {})[because] = None
    return {id: f": {'; '.join(reasons)}" for id, reasons in found.items()}


def _reasons(
    planned: PlannedTable, read: Structure, collected: dict[str, bool], because: dict[str, str]
) -> Iterator[Finding]:
    columns = list(collected)
    for id, column in dict.fromkeys(_columns(planned, read, columns)):
        if column not in collected:
            what = f"the records have no {id}"
        elif not collected[column]:
            what = f"{id} was not collected in this source{because.get(column, '')}"
        else:
            continue
        yield Finding(planned.place, id, what, "map it, if the source has it")


def _write(found: TabulatedSet, folder: Path, format: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise misuse(f"cannot be written: {error.strerror}", "name a folder", place=folder.name) from None
    files = {}
    for id, table in found.tables.items():
        files[id] = f"{id}.{format}"
        write_table(table, folder / files[id])
    facts = json.dumps(set_facts(found, files), ensure_ascii=False, indent=2)
    write_text(folder / f"{found.plan.id}.tables.json", facts + "\n")
