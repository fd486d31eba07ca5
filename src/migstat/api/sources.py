"""Sources to validate: a frame, a file of records, or an extract that is harmonized part by part as it is read."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.checking import lint_mapping, structure_of
from migstat.api.checking import read_mapping as read
from migstat.api.flow import ahead
from migstat.api.harmonizing import (
    _coded,
    _codes,
    _malformed,
    _malformed_rows,
    _narwhals,
    _parts,
    _read,
    _repeated,
    _with_line,
)
from migstat.api.provenance import provenance
from migstat.read.extracts import PART_ROWS, Extract, read_extract
from migstat.read.record_files import RecordFile, open_records
from migstat.read.structure_paths import codelists_of
from migstat.words.finding import Finding, MigstatError, Severity
from migstat.words.mapping import Mapping
from migstat.words.structure import Structure
from migstat.work.harmonize.distinct import fill_distinct
from migstat.work.harmonize.keys import KeyCheck
from migstat.work.harmonize.plan import BESIDE, ROW, STATE, Plan, make_plan
from migstat.work.harmonize.rows import records_of, rejects_of
from migstat.work.harmonize.tally import Tally
from migstat.work.validate.confront import Parcels, Source


@dataclass(slots=True)
class Opened:
    """A source with what is known of it: its name, how to give rows back in its kind, and its findings when read."""

    name: str
    source: Source
    like: Callable[[pl.DataFrame], Any]
    findings: Callable[[], Sequence[Finding]] = tuple
    inputs: Callable[[], list[dict[str, Any]]] = list
    provenance: Callable[[], dict[str, Any]] = dict
    rejects: Callable[[], Any] = lambda: None
    at: Callable[[], float] = float
    structure: Structure | None = field(default=None)


def open_frame(frame: Any, coded: Collection[str]) -> Opened:
    """Open a frame of any engine whose rows can be had in parts: pandas, Polars, PyArrow, DuckDB."""
    native = nw.to_native(_narwhals(frame), pass_through=True)
    if isinstance(native, pl.LazyFrame):
        source = Source(native.collect_schema(), _lazy_parts(native, coded))
        return Opened("the frame", source, lambda made: made)
    if _is_duckdb(native):
        return _open_duckdb(native, coded)
    wrapped = nw.from_native(native, eager_only=True)
    whole = wrapped.to_polars()

    def parts(columns: Sequence[str]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        for at in range(0, max(1, whole.height), PART_ROWS):
            part = whole.select(columns).slice(at, PART_ROWS)
            yield pl.int_range(at + 1, at + 1 + part.height, eager=True), categorized(part, coded)

    return Opened("the frame", Source(whole.schema, parts), lambda made: _as(made, wrapped))


def streams(frame: Any) -> bool:
    """Tell whether the rows of a frame can be had in parts; those of Spark and of a database stay where they are."""
    wrapped = _narwhals(frame)
    native = nw.to_native(wrapped)
    return not isinstance(wrapped, nw.LazyFrame) or isinstance(native, pl.LazyFrame) or _is_duckdb(native)


def categorized(part: pl.DataFrame, coded: Collection[str]) -> pl.DataFrame:
    """Return a part with its coded columns as categories."""
    texts = [name for name in part.columns if name in coded and part.schema[name] == pl.String]
    return part.with_columns(pl.col(texts).cast(pl.Categorical)) if texts else part


def _lazy_parts(frame: pl.LazyFrame, coded: Collection[str]) -> Callable[[Sequence[str]], Parcels]:
    def parts(columns: Sequence[str]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        at = 1
        for part in frame.select(columns).collect_batches(chunk_size=PART_ROWS, maintain_order=True):
            yield pl.int_range(at, at + part.height, eager=True), categorized(part, coded)
            at += part.height
        if at == 1:
            yield pl.Series(dtype=pl.Int64), frame.select(columns).head(0).collect()

    return parts


def _is_duckdb(native: Any) -> bool:
    return type(native).__module__.partition(".")[0] in ("duckdb", "_duckdb")


def _open_duckdb(relation: Any, coded: Collection[str]) -> Opened:
    schema = pl.from_arrow(relation.limit(0).to_arrow_table()).schema  # type: ignore[union-attr]

    def parts(columns: Sequence[str]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        at = 1
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
        for batch in relation.project(quoted).to_arrow_reader(PART_ROWS):
            part = pl.DataFrame(pl.from_arrow(batch))
            yield pl.int_range(at, at + part.height, eager=True), categorized(part, coded)
            at += part.height
        if at == 1:
            yield pl.Series(dtype=pl.Int64), pl.DataFrame(schema={name: schema[name] for name in columns})

    return Opened("the frame", Source(schema, parts), lambda made: made)


def _as(frame: pl.DataFrame, model: Any) -> Any:
    """Return a frame as the kind of the model."""
    if model.implementation.is_pandas():
        return frame.to_pandas()
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest()) if model.implementation.is_pyarrow() else frame


def open_file(path: Path, coded: Collection[str], columns: Collection[str] = ()) -> Opened:
    """Open a Parquet or CSV file of records, cells, or anything else with columns."""
    file: RecordFile = open_records(path, coded)
    done = [0]

    def parts(columns: Sequence[str]) -> Parcels:
        for rows, part in ahead(iter(file.parts(columns))):
            yield rows, part
            done[0] += rows.len()

    return Opened(
        path.name,
        Source(file.schema, parts, file.scan),
        lambda made: made,
        findings=lambda: [*file.findings(), *_malformed_lines(file)],
        inputs=lambda: [{"name": path.name, "bytes": file.size, "sha256": file.sha256()}],
    )


def _malformed_lines(file: RecordFile) -> list[Finding]:
    return _malformed(Extract(file.name, (), iter(()), malformed=list(file.malformed())))


def open_extract(path: Path, mapping: Any, wave: str | None) -> Opened:
    """Open an extract: its records are made part by part, each time it is gone through."""
    mapping = mapping if isinstance(mapping, Mapping) else read(mapping)
    found = list(lint_mapping(mapping))
    if any(finding.severity == Severity.ERROR for finding in found):
        raise MigstatError(found)
    structure = structure_of(mapping)
    plan = make_plan(mapping, structure, codelists_of(structure), wave)
    run = _Harmonizing(path, plan, found)
    schema = {out.name: _type(out, plan) for out in plan.out}
    return Opened(
        f"{mapping.id}.{plan.wave.id}" if plan.wave else mapping.id,
        Source(schema, run.parts),
        lambda made: made,
        findings=lambda: run.findings,
        inputs=lambda: run.inputs,
        provenance=lambda: provenance(plan, run.inputs, run.tally.steps()),
        rejects=run.rejects,
        at=lambda: run.at,
        structure=plan.structure,
    )


def _type(out: Any, plan: Plan) -> pl.DataType:
    if out.component is None or out.is_kind:
        return pl.String()
    types: dict[str, pl.DataType] = {
        "integer": pl.Int64(),
        "year": pl.Int64(),
        "number": pl.Float64(),
        "date": pl.Date(),
    }
    return types.get(out.component.type, pl.String())


class _Harmonizing:
    """Goes through an extract; the first time it also keeps the account of the run."""

    def __init__(self, path: Path, plan: Plan, found: list[Finding]) -> None:
        self.path, self.plan = path, plan
        self.tally = Tally(plan)
        self.findings: list[Finding] = list(found)
        self.inputs: list[dict[str, Any]] = []
        self.at = 0.0
        self.begun = False

    def parts(self, columns: Sequence[str]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        plan, first = self.plan, not self.begun
        self.begun = True
        source = plan.mapping.source
        extract = read_extract(self.path, source.format, plan.columns, source.identifiers, plan.coded)
        keys = KeyCheck([plan.aliases.get(key, key) for key in plan.key])
        enums = {BESIDE + column: pl.Enum(codes) for column, codes in _codes(plan).items()}
        for rows, part in ahead(_parts(extract)):
            filled, values = fill_distinct(_coded(_read(part, plan), rows, plan), plan, enums)
            if first:
                self.tally.add(filled, values)
                keys.add(rows, part)
            made = records_of(filled, plan).collect().to_native()
            numbers = filled.filter(nw.col(STATE) == "record").select(ROW).collect().to_native()[ROW]
            self.at = min(1.0, extract.at() / max(1, extract.size))
            yield numbers, made.select(columns)
        if first:
            if extract.malformed:
                self.tally.reject(len(extract.malformed))
            self.inputs += [{"name": self.path.name, "bytes": extract.size, "sha256": extract.sha256()}]
            coverage = self.tally.coverage()
            self.findings += [*extract.findings, *_malformed(extract), *_repeated(keys, plan)]
            self.findings += self.tally.findings(coverage)

    def rejects(self) -> pl.DataFrame:
        """Return the rows that did not become records, as they were, and why."""
        plan = self.plan
        source = plan.mapping.source
        extract = read_extract(self.path, source.format, plan.columns, source.identifiers, plan.coded)
        kept = []
        for rows, part in _parts(extract):
            filled, _ = fill_distinct(_coded(_read(part, plan), rows, plan), plan, {})
            kept.append(_with_line(rejects_of(filled, plan, extract.columns).collect().to_native()))
        if extract.malformed:
            kept.append(_malformed_rows(extract, bool(source.identifiers)))
        return pl.concat(kept)
