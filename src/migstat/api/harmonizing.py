"""Harmonize: an extract, from a file or as a frame, through its mapping."""

import os
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.ceiling import Ceiling, ceiling_of
from migstat.api.checking import lint_mapping, structure_of
from migstat.api.checking import read_mapping as read
from migstat.api.engines import Engine, engine_faults, is_spark, open_on, refuse_unknown
from migstat.api.extract_parts import (
    coded_part,
    codes_of,
    key_findings,
    malformed_rows,
    parts_of,
    repeated,
    text_of,
    with_line,
    without_rows,
)
from migstat.api.flow import ahead, behind, interruptible
from migstat.api.frames import frame_of
from migstat.api.pseudonymising import pseudonymised, pseudonymised_lazily, refuse_zones, shown, with_keys
from migstat.api.run_results import result_of
from migstat.read.database_tables import in_place, is_ibis, name_of
from migstat.read.extracts import Extract
from migstat.read.heads import left_behind
from migstat.read.malformed import malformed_lines
from migstat.read.source_extracts import input_of, read_source, source_named
from migstat.read.structure_paths import codelists_of
from migstat.words.address import is_address, told
from migstat.words.finding import Finding, MigstatError, Severity, misuse
from migstat.words.mapping import COLUMN, Mapping
from migstat.words.mapping_rule import Patterns
from migstat.words.run import Harmonized
from migstat.work.harmonize.distinct import Filling
from migstat.work.harmonize.filled_part import FilledPart
from migstat.work.harmonize.keys import KeyCheck
from migstat.work.harmonize.make_plan import make_plan
from migstat.work.harmonize.plan import BESIDE, COUNT, PSEUDONYM, Plan
from migstat.work.harmonize.rows import fill_beside, records_of, rejects_of
from migstat.work.harmonize.tally import Tally
from migstat.work.harmonize.trail import Trail
from migstat.write.atomic import write_text
from migstat.write.records import RecordsWriter, records_writer
from migstat.write.run import coverage_csv, run_json

OURS = re.compile(r"\.(records|rejects)\.parquet$")
"""How the files end that a run writes into its folder, and that can be read as well."""
Progress = Callable[[int, float], None]
"""Called with the rows done and the share of the file that has been read."""


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
    hold beyond its share.

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
        return _on_spark(source, plan, found, into, trace)
    refuse_unknown(engine)
    return run_plan(source, plan, found, into, trace, progress, memory)


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
    extract = extract_of(source, plan) if is_spark(source) else open_on(source, plan)
    _refuse_made(extract.columns, plan)
    return harmonize_on_spark(extract, plan, found, None if into is None else os.fspath(into))


def run_plan(
    source: Any,
    plan: Plan,
    found: list[Finding],
    into: str | os.PathLike[str] | None,
    trace: str | os.PathLike[str] | None,
    progress: Progress | None,
    memory: str | int | None = None,
) -> Harmonized:
    """Run a plan over a file or a frame; ``found`` are the findings so far."""
    plan = with_keys(plan)
    if into is not None and is_address(str(into)):
        what = "records are written to a folder, and this is a database"
        raise misuse(what, "name a folder, and load its Parquet files", place=told(str(into)))
    if isinstance(source, str | os.PathLike) and not is_address(str(source)):
        _refuse_over(Path(source), into, trace)
    with ExitStack() as stack:
        ceiling = stack.enter_context(ceiling_of(memory, None if into is None else Path(into)))
        trail = None
        if trace is not None:
            trail = (Trail(plan), stack.enter_context(records_writer(trace, {})))
        if isinstance(source, str | os.PathLike) or (is_ibis(source) and into is not None):
            folder = None if into is None else Path(into)
            opened = source if is_ibis(source) else source_named(source)
            run = interruptible(lambda stop: _from_file(opened, plan, found, folder, progress, ceiling, stop, trail))
        elif is_ibis(source):
            with engine_faults(source, "the table"):
                run = _from_frame(in_place(source, plan.dropped), plan, found, ceiling, trail)
                run.provenance["inputs"].append({"name": name_of(source), "bytes": 0, "sha256": ""})
        elif into is not None:
            raise misuse("into= goes with a file, not with a frame", "write run.records yourself, or hand in the path")
        else:
            run = _from_frame(source, plan, found, ceiling, trail)
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


def _from_file(
    given: Any,
    plan: Plan,
    found: list[Finding],
    into: Path | None,
    progress: Progress | None,
    ceiling: Ceiling,
    stop: Event,
    trail: tuple[Trail, RecordsWriter] | None = None,
) -> Harmonized:
    source = plan.mapping.source
    extract = read_source(given, source.format, plan.columns, plan.dropped, plan.coded)
    ceiling.limit(extract)
    _refuse_made(extract.columns, plan)
    name = plan.mapping.id if plan.wave is None else f"{plan.mapping.id}.{plan.wave.id}"
    tally, keys = Tally(plan), KeyCheck([plan.aliases.get(key, key) for key in plan.key], ceiling.room)
    cells = KeyCheck(_cell_key(plan), ceiling.room)
    kept: list[pl.DataFrame] = []
    rejected: list[pl.DataFrame] = []
    with ExitStack() as stack:
        records = (
            stack.enter_context(records_writer(into / f"{name}.records.parquet", codes_of(plan))) if into else None
        )
        rejects = stack.enter_context(records_writer(into / f"{name}.rejects.parquet", {})) if into else None
        enums = {BESIDE + column: pl.Enum(codes) for column, codes in codes_of(plan).items()} if into else {}
        filling = Filling(plan, enums)
        later = stack.enter_context(behind())
        done = 0
        for part in stack.enter_context(closing(ahead(parts_of(extract, plan)))):
            filled = filling.fill(part)
            tally.add_part(filled)
            keys.add(part.numbers, part.text(keys.columns))
            if trail is not None:
                later(partial(_traced, trail, filled.everything()))
            later(partial(_take, filled.records, records, kept, cells))
            later(partial(_take, partial(_refused, filled, extract, plan), rejects, rejected))
            done += part.height
            ceiling.look()
            if stop.is_set():
                raise KeyboardInterrupt
            if progress is not None:
                progress(done, min(1.0, extract.at() / max(1, extract.size)))
        tally.add_values(filling.values())
        if extract.malformed:
            tally.reject(len(extract.malformed))
            later(partial(_take, partial(malformed_rows, extract, plan), rejects, rejected))
        later(lambda: None).result()  # The thread that writes looks at the cells.
        found += [
            *extract.findings,
            *malformed_lines(extract.name, extract.malformed, extract.mend),
            *repeated(keys, plan),
            *_same_cells(cells, plan),
            *without_rows(extract.name, done + len(extract.malformed)),
        ]
        inputs = [input_of(given, extract)]
        unread = _unread(extract.columns, plan)
        result = result_of(plan, tally, found, inputs, unread, extract.codebook, extract.name)
        ceiling.look()
        if records is not None and rejects is not None:
            later(partial(records.close, result.provenance))
            later(partial(rejects.close, result.provenance))
    if into is None:
        return replace(result, records=pl.concat(kept), rejects=pl.concat(rejected))
    write_text(into / f"{name}.run.json", run_json(result))
    write_text(into / f"{name}.coverage.csv", coverage_csv(result.coverage))
    return replace(
        result,
        records=pl.scan_parquet(into / f"{name}.records.parquet"),
        rejects=pl.scan_parquet(into / f"{name}.rejects.parquet"),
    )


def _traced(trail: tuple[Trail, RecordsWriter], filled: pl.DataFrame) -> None:
    for part in trail[0].parts(filled):
        trail[1].add(part)


def _cell_key(plan: Plan) -> list[str]:
    """The columns that name a cell of a table; none of records, which the source names."""
    there = [out.name for out in plan.out if out.component is not None and out.component.role == "dimension"]
    return there if plan.structure.kind == "table" else []


def _same_cells(cells: KeyCheck, plan: Plan) -> list[Finding]:
    count = cells.again()
    if not count:
        return []
    key = ", ".join(_cell_key(plan))
    what = f"the map makes the same cell of {key} again: values that differ in the source are one in the target"
    mend = "add such cells up if they are counts, or map the values that differ to different codes"
    return [Finding(plan.mapping.place, "key", what, mend, Severity.WARNING, rule="same-cell", rows=count)]


def _from_frame(
    source: Any, plan: Plan, found: list[Finding], ceiling: Ceiling, trail: tuple[Trail, RecordsWriter] | None = None
) -> Harmonized:
    frame = frame_of(source)
    columns = frame.collect_schema().names()
    _check_columns(columns, plan)
    found = [*found, *left_behind(columns, plan.columns, plan.dropped, "the frame")]
    _refuse_made(columns, plan)
    taken = [column for column in columns if column not in plan.secret]
    selected = [column for column in columns if column not in plan.dropped]
    tally = Tally(plan)
    if isinstance(frame, nw.LazyFrame):
        refuse_zones(frame, plan)
        if plan.pseudonyms:
            frame = pseudonymised_lazily(frame.select(*selected), plan)
        given = [*taken, *(PSEUDONYM.format(component) for component in plan.pseudonyms)]
        _only_polars(frame, plan, trail is not None)
        filled = fill_beside(text_of(frame.select(*given), plan), plan)
        tally.add(filled)
        found += _repeated_lazily(filled, plan)
        records, rejects = records_of(filled, plan).to_native(), rejects_of(filled, plan, taken).to_native()
        if trail is not None:
            _traced(trail, filled.collect().to_native())
    else:
        whole = pseudonymised(frame.select(*selected).to_polars(), plan)
        text = text_of(nw.from_native(whole, eager_only=True), plan).to_native()
        part = coded_part(text, pl.int_range(1, whole.height + 1, eager=True), plan)
        filling = Filling(plan, {})
        filled = filling.fill(part)
        tally.add_part(filled)
        tally.add_values(filling.values())
        keys = KeyCheck([plan.aliases.get(key, key) for key in plan.key], ceiling.room)
        keys.add(part.numbers, part.text(keys.columns))
        found += repeated(keys, plan)
        if trail is not None:
            _traced(trail, filled.everything())
        made = filled.records()
        cells = KeyCheck(_cell_key(plan), ceiling.room)
        cells.add(pl.int_range(made.height, eager=True), made)
        found += _same_cells(cells, plan)
        records, rejects = _like(made, frame), _like(filled.rejects(taken), frame)
    ceiling.look()
    result = result_of(plan, tally, found, [], _unread(taken, plan))
    return replace(result, records=records, rejects=rejects)


def _only_polars(frame: Any, plan: Plan, traced: bool) -> None:
    """Refuse what an engine elsewhere would do otherwise, or in a time that has no bound: expressions, and a trace."""
    patterns = [leaf for leaf in plan.leaves if isinstance(leaf.rule, Patterns)]
    if frame.implementation.is_polars() or not (patterns or traced):
        return
    what = "a trace" if traced else f"regular expressions, as {patterns[0].component.id} has them,"
    mend = "write the frame as Parquet and hand in the path, or hand in a Polars, pandas or PyArrow frame"
    if frame.implementation.is_ibis():
        mend = "name a folder, into=: the rows are then read in parts, and worked on here"
    raise misuse(f"{what} cannot be run inside {frame.implementation.name.lower().capitalize()}", mend)


def _like(frame: pl.DataFrame, model: Any) -> Any:
    """Return the frame as the kind of the model."""
    if model.implementation.is_pandas():
        whole = {name: "Int64" for name, dtype in frame.schema.items() if dtype.is_integer()}
        return frame.to_pandas().astype(whole)
    if model.implementation.is_pyarrow():
        return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return frame


def _check_columns(columns: Sequence[str], plan: Plan) -> None:
    from migstat.read.extracts import check_columns

    check_columns(columns, plan.columns, "the frame", 0)


def _refuse_made(columns: Sequence[str], plan: Plan) -> None:
    """Refuse an extract that has a column of the name that the mapping gives to one it makes."""
    there = {column.casefold() for column in columns}
    found = [
        Finding(target.place, COLUMN.format(name), f"the extract has a column {name} of its own",
                f"give the column under columns another name, such as {name}_MADE")
        for target in plan.mapping.columns
        if (name := target.component).casefold() in there
    ]  # fmt: skip
    if found:
        raise MigstatError(found)


def _refused(filled: FilledPart, extract: Extract, plan: Plan) -> pl.DataFrame:
    return with_line(filled.rejects(shown(extract.columns, plan)))


def _take(
    made: Callable[[], pl.DataFrame],
    writer: RecordsWriter | None,
    kept: list[pl.DataFrame],
    cells: KeyCheck | None = None,
) -> None:
    frame = made()
    if cells is not None:
        cells.add(pl.int_range(frame.height, eager=True), frame)
    if writer is not None:
        writer.add(frame)
    else:
        kept.append(frame)


def _repeated_lazily(filled: Any, plan: Plan) -> list[Finding]:
    if not plan.key:
        return []
    groups = filled.group_by(*plan.key).agg(nw.len().alias(COUNT)).filter(nw.col(COUNT) > 1)
    count = groups.select((nw.col(COUNT) - 1).sum()).collect().item()
    return key_findings(int(count), "", plan) if count else []


def _unread(columns: Sequence[str], plan: Plan) -> list[str]:
    return [column for column in columns if column not in plan.columns]
