"""Harmonize: an extract, from a file or as a frame, through its mapping."""

import os
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from migstat.api.ceiling import ceiling_of
from migstat.api.checking import lint_mapping, structure_of
from migstat.api.checking import read_mapping as read
from migstat.api.companions import Companions, Given, beside_of, named, refuse_companions
from migstat.api.engines import Engine, engine_faults, is_spark, open_on, refuse_unknown
from migstat.api.extract_parts import refuse_comparing, refuse_made
from migstat.api.flow import interruptible
from migstat.api.harmonizing_files import Progress, from_file
from migstat.api.harmonizing_frames import from_frame
from migstat.api.pseudonymising import with_keys
from migstat.read.database_tables import in_place, is_ibis, name_of
from migstat.read.source_extracts import source_named
from migstat.read.structure_paths import codelists_of
from migstat.words.address import is_address, told
from migstat.words.finding import Finding, MigstatError, Severity, misuse
from migstat.words.mapping import Mapping
from migstat.words.run import Harmonized
from migstat.work.harmonize.make_plan import make_plan
from migstat.work.harmonize.plan import Plan
from migstat.work.harmonize.trail import Trail
from migstat.write.records import records_writer

OURS = re.compile(r"\.(records|rejects)\.parquet$")
"""How the files end that a run writes into its folder, and that can be read as well."""


def harmonize(
    source: Any,
    mapping: str | os.PathLike[str] | Mapping,
    *,
    into: str | os.PathLike[str] | None = None,
    wave: str | None = None,
    trace: str | os.PathLike[str] | None = None,
    engine: Engine = "polars",
    progress: Progress | None = None,
    memory: str | int | None = None,
    companions: Given | None = None,
) -> Harmonized:
    """Turn an extract into harmonized records: nothing is dropped or guessed in silence.

    ``source`` is the path of a file of any kind that ``source.format`` can name, or of a folder of files of one
    layout; the address of a table of a database (``duckdb:///file.duckdb?table=persons``); or a pandas, Polars,
    PyArrow, DuckDB, Ibis or PySpark frame. A frame comes back as its own kind; a file, or a table by its address, comes
    back as Polars frames, or, with ``into`` (a folder), is written there part by part and comes back as lazy frames
    over the files written. An Ibis table stays in its database: records are a question asked of it, and only counts
    leave; with ``into`` it is read in parts, as by its address. ``trace`` is a Parquet file that is to say of each row
    and component which line gave its value; it holds source values. ``memory`` is the most that the run may take, such
    as ``4G``: where it is low, parts are smaller, and the check of keys puts away into a temporary file what it would
    hold beyond its share. ``companions`` names the other files from which rows take columns, such as
    ``{"households": "households.csv"}``, or frames; what is not named is looked for beside the extract.

    With ``engine="spark"`` the path may be of any file system that Spark knows (``hdfs://``, ``s3a://``), and so may
    ``into``: CSV, fixed width and Parquet are read by the workers, and records and rejects are Spark frames, or with
    ``into`` folders of Parquet files. A PySpark frame is harmonized by the workers too, which need migstat.

    The result has ``records``, ``rejects`` (the rows as they were, and why), ``findings``, ``coverage``, ``steps`` and
    ``provenance``; ``run.ok`` is False where a finding is an error, and ``run.require()`` raises it.
    Raises MigstatError where mapping or file cannot be used, with every fault at once, and where the run takes more
    than ``memory``.
    """
    mapping = mapping if isinstance(mapping, Mapping) else read(mapping)
    found = list(lint_mapping(mapping))
    if any(finding.severity == Severity.ERROR for finding in found):
        raise MigstatError(found)
    if mapping.table is not None and isinstance(source, str | os.PathLike):
        mend = "read it with ms.read_table (migstat read-table)"
        raise misuse("the mapping speaks of a published table, not of records", mend, place=mapping.place.file)
    structure = structure_of(mapping)
    stays = is_ibis(source) and into is None
    plan = make_plan(mapping, structure, codelists_of(structure), wave, in_database=stays)
    if engine == "spark" or is_spark(source):
        refuse_companions(plan, "rows on Spark", companions)
        return _on_spark(source, plan, found, into, trace)
    refuse_unknown(engine)
    return run_plan(source, plan, found, into, trace, progress, memory, companions)


def _on_spark(
    source: Any,
    plan: Plan,
    found: list[Finding],
    into: str | os.PathLike[str] | None,
    trace: str | os.PathLike[str] | None,
) -> Harmonized:
    """Run a plan on Spark, over a frame of it or a path that it can read."""
    from migstat.api.harmonizing_spark import extract_of, harmonize_on_spark

    if trace is not None:
        what = "a trace is written on one machine, and not by Spark"
        raise misuse(what, "leave trace= out, or hand in the path without engine=")
    refuse_comparing(plan, "what is read on Spark")
    extract = extract_of(source, plan) if is_spark(source) else open_on(source, plan)
    refuse_made(extract.columns, plan)
    return harmonize_on_spark(extract, plan, found, None if into is None else os.fspath(into))


def run_plan(
    source: Any,
    plan: Plan,
    found: list[Finding],
    into: str | os.PathLike[str] | None,
    trace: str | os.PathLike[str] | None,
    progress: Progress | None,
    memory: str | int | None = None,
    companions: Given | None = None,
) -> Harmonized:
    """Run a plan over a file or a frame; ``found`` are the findings so far."""
    plan = with_keys(plan)
    if into is not None and is_address(str(into)):
        what = "records are written to a folder, and this is a database"
        raise misuse(what, "name a folder, and load its Parquet files", place=told(str(into)))
    if isinstance(source, str | os.PathLike) and not is_address(str(source)):
        _refuse_over(Path(source), into, trace)
    for one in named(companions).values():
        if isinstance(one, str | os.PathLike) and not is_address(str(one)):
            _refuse_over(Path(one), into, trace)
    with ExitStack() as stack:
        ceiling = stack.enter_context(ceiling_of(memory, None if into is None else Path(into)))
        beside = Companions(plan, companions, beside_of(source), ceiling)
        trail = None
        if trace is not None:
            trail = (Trail(plan), stack.enter_context(records_writer(trace, {})))
        if isinstance(source, str | os.PathLike) or (is_ibis(source) and into is not None):
            folder = None if into is None else Path(into)
            opened = source if is_ibis(source) else source_named(source)
            run = interruptible(
                lambda stop: from_file(opened, plan, beside, found, folder, progress, ceiling, stop, trail)
            )
        elif is_ibis(source):
            with engine_faults(source, "the table"):
                run = from_frame(in_place(source, plan.dropped), plan, beside, found, ceiling, trail)
                run.provenance["inputs"].append({"name": name_of(source), "bytes": 0, "sha256": ""})
        elif into is not None:
            raise misuse("into= goes with a file, not with a frame", "write run.records yourself, or hand in the path")
        else:
            run = from_frame(source, plan, beside, found, ceiling, trail)
        if trail is not None:
            trail[1].close(run.provenance)
        return run


def _refuse_over(read: Path, into: str | os.PathLike[str] | None, trace: str | os.PathLike[str] | None) -> None:
    """Refuse to write over what is read, or among the files of a folder that is read: they would be read next time."""
    place = read.resolve()
    over = trace is not None and Path(trace).resolve() == place
    if over or (
        into is not None and place.is_file() and place.parent == Path(into).resolve() and OURS.search(read.name)
    ):
        raise misuse("would be written over while it is read", "name another file or folder", place=read.name)
    if into is not None and place.is_dir() and Path(into).resolve().is_relative_to(place):
        what = "records would be written among the files that are read, and be read with them next time"
        raise misuse(what, "name a folder outside of it", place=read.name)
