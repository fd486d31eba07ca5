"""Sources to validate: a frame of any engine, or a file of records, each gone through in parts."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.flow import ahead
from migstat.api.frames import frame_of
from migstat.read.malformed import malformed_lines
from migstat.read.packed import PART_ROWS
from migstat.read.record_files import RecordFile, open_records
from migstat.words.finding import Finding
from migstat.words.memory import part_rows
from migstat.words.structure import Structure
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


def open_frame(frame: Any, coded: Collection[str], memory: int | None = None) -> Opened:
    """Open a frame of any engine whose rows can be had in parts: pandas, Polars, PyArrow, DuckDB.

    Parts are small enough for the work on them to stay below the bytes of ``memory``.
    """
    native = nw.to_native(frame_of(frame), pass_through=True)
    if isinstance(native, pl.LazyFrame):
        source = Source(native.collect_schema(), _lazy_parts(native, coded, memory))
        return Opened("the frame", source, lambda made: made)
    if _is_duckdb(native):
        return _open_duckdb(native, coded, memory)
    wrapped = nw.from_native(native, eager_only=True)
    whole = wrapped.to_polars()

    def parts(columns: Sequence[str]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        most = part_rows(memory, len(columns), PART_ROWS)
        for at in range(0, max(1, whole.height), most):
            part = whole.select(columns).slice(at, most)
            yield pl.int_range(at + 1, at + 1 + part.height, eager=True), categorized(part, coded)

    return Opened("the frame", Source(whole.schema, parts), lambda made: _as(made, wrapped))


def streams(frame: Any) -> bool:
    """Tell whether the rows of a frame can be had in parts; those of Spark and of a database stay where they are."""
    wrapped = frame_of(frame)
    native = nw.to_native(wrapped)
    return not isinstance(wrapped, nw.LazyFrame) or isinstance(native, pl.LazyFrame) or _is_duckdb(native)


def categorized(part: pl.DataFrame, coded: Collection[str]) -> pl.DataFrame:
    """Return a part with its coded columns as categories."""
    texts = [name for name in part.columns if name in coded and part.schema[name] == pl.String]
    return part.with_columns(pl.col(texts).cast(pl.Categorical)) if texts else part


def _lazy_parts(frame: pl.LazyFrame, coded: Collection[str], memory: int | None) -> Callable[[Sequence[str]], Parcels]:
    def parts(columns: Sequence[str]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        at, most = 1, part_rows(memory, len(columns), PART_ROWS)
        for part in frame.select(columns).collect_batches(chunk_size=most, maintain_order=True):
            yield pl.int_range(at, at + part.height, eager=True), categorized(part, coded)
            at += part.height
        if at == 1:
            yield pl.Series(dtype=pl.Int64), frame.select(columns).head(0).collect()

    return parts


def _is_duckdb(native: Any) -> bool:
    return type(native).__module__.partition(".")[0] in ("duckdb", "_duckdb")


def _open_duckdb(relation: Any, coded: Collection[str], memory: int | None) -> Opened:
    schema = pl.from_arrow(relation.limit(0).to_arrow_table()).schema  # type: ignore[union-attr]

    def parts(columns: Sequence[str]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        at = 1
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
        for batch in relation.project(quoted).to_arrow_reader(part_rows(memory, len(columns), PART_ROWS)):
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


def open_file(path: Path, coded: Collection[str], memory: int | None = None) -> Opened:
    """Open a Parquet or CSV file of records, cells, or anything else with columns; ``memory`` is as for frames."""
    file: RecordFile = open_records(path, coded, memory)
    done = [0]

    def parts(columns: Sequence[str]) -> Parcels:
        for rows, part in ahead(iter(file.parts(columns))):
            yield rows, part
            done[0] += rows.len()

    return Opened(
        path.name,
        Source(file.schema, parts, file.scan),
        lambda made: made,
        findings=lambda: [*file.findings(), *malformed_lines(file.name, file.malformed())],
        inputs=lambda: [{"name": path.name, "bytes": file.size, "sha256": file.sha256()}],
    )
