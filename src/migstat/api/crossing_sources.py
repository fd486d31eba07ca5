"""Crossings to judge: a file, a run or a frame, opened as one lazy frame, and cut into parts of whole persons."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.frames import frame_of
from migstat.api.plain_columns import check_plain
from migstat.read.footer import read_provenance
from migstat.read.malformed import malformed_lines
from migstat.read.mappings.faults import nearest
from migstat.read.record_files import open_records
from migstat.read.structures import structure
from migstat.words.finding import Finding, Misuse, Place
from migstat.words.run import Harmonized
from migstat.work.reside import AT, COLUMNS, typed
from migstat.write.records import records_writer

PART_ROWS = 1_000_000
"""Crossings judged at a time, about."""
PERSON, DATE = COLUMNS[0], COLUMNS[1]


@dataclass(frozen=True, slots=True)
class Crossings:
    """Crossings as one lazy frame, with a name, where they come from, and how to give rows back in their kind."""

    name: str
    frame: pl.LazyFrame
    like: Callable[[pl.DataFrame], Any] = lambda made: made
    provenance: dict[str, Any] = field(default_factory=dict)
    inputs: Callable[[], list[dict[str, Any]]] = list
    findings: tuple[Finding, ...] = ()


def spark_frame(source: Any) -> Any:
    """Return the Spark frame that was handed in, perhaps as the records of a run, or None."""
    native = source.records if isinstance(source, Harmonized) else source
    return native if type(native).__module__.startswith("pyspark.") else None


def open_crossings(source: Any, scratch: Path) -> Crossings:
    """Open crossings; what has to be laid down on the way goes into ``scratch``. Raises Misuse for what is none."""
    opened = _opened(source, scratch)
    schema = opened.frame.collect_schema()
    check_columns(schema.names(), opened.name)
    check_plain(schema, structure("RESIDENCE").ids, opened.name)
    return replace(opened, frame=typed(opened.frame))


def open_plain(source: Any, scratch: Path) -> pl.LazyFrame:
    """Open any other frame or file, as it is."""
    return _opened(source, scratch).frame


def _opened(source: Any, scratch: Path) -> Crossings:
    if isinstance(source, str | os.PathLike):
        return _open_file(Path(source), scratch)
    if isinstance(source, Harmonized):
        return replace(_open_frame(source.records), name=source.name, provenance=source.provenance)
    return _open_frame(source)


def check_columns(columns: list[str], name: str, wanted: tuple[str, ...] = COLUMNS) -> None:
    """Raise Misuse with every column that is wanted and not there."""
    lacking = [column for column in wanted if column not in columns]
    if lacking:
        what = "there is no such column, and residence cannot be judged without it"
        others = [column for column in columns if column not in wanted] or list(columns)
        raise Misuse(
            [
                Finding(Place(name), column, what, f"name it so; the file has: {nearest(column, others)}")
                for column in lacking
            ]
        )


def _open_file(path: Path, scratch: Path) -> Crossings:
    file = open_records(path)
    stem = path.name.removesuffix(".parquet").removesuffix(".records")

    def inputs() -> list[dict[str, Any]]:
        return [{"name": path.name, "bytes": file.size, "sha256": file.sha256()}]

    if file.scan is not None:
        return Crossings(stem, file.scan, provenance=read_provenance(path), inputs=inputs)
    columns = list(file.schema)
    with records_writer(scratch / "text.parquet", {}) as writer:
        for _, part in file.parts(columns):
            writer.add(part)
    findings = (*file.findings(), *malformed_lines(path.name, file.malformed()))
    return Crossings(
        path.name.partition(".")[0],
        pl.scan_parquet(scratch / "text.parquet", glob=False),
        inputs=inputs,
        findings=findings,
    )


def _open_frame(frame: Any) -> Crossings:
    native = nw.to_native(frame_of(frame), pass_through=True)
    if isinstance(native, pl.LazyFrame):
        return Crossings("crossings", native)
    if type(native).__module__.partition(".")[0] in ("duckdb", "_duckdb"):
        whole = pl.DataFrame(pl.from_arrow(native.to_arrow_table()))
        return Crossings("crossings", whole.lazy(), _as_duckdb)
    wrapped = nw.from_native(native)
    if isinstance(wrapped, nw.LazyFrame):
        whole = wrapped.collect("polars").to_native()
        return Crossings("crossings", whole.lazy())
    return Crossings("crossings", wrapped.to_polars().lazy(), lambda made: _as(made, wrapped))


def _plain(made: pl.DataFrame) -> pl.DataFrame:
    return made.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))


def _as_duckdb(made: pl.DataFrame) -> Any:
    import duckdb

    return duckdb.from_arrow(_plain(made).to_arrow(compat_level=pl.CompatLevel.oldest()))


def _as(made: pl.DataFrame, model: Any) -> Any:
    """Return a frame as the kind of the model."""
    if model.implementation.is_pandas():
        whole = {name: "Int64" for name, type in made.schema.items() if type.is_integer()}
        return _plain(made).to_pandas().astype(whole)
    if model.implementation.is_pyarrow():
        return _plain(made).to_arrow(compat_level=pl.CompatLevel.oldest())
    return made


def parts_of(frame: pl.LazyFrame, rows: int, scratch: Path) -> Iterator[tuple[pl.DataFrame, float]]:
    """Yield the crossings in parts, all of a person in one, with the share that is read when the part is done.

    Crossings that fill more than one part are laid down first, by the hash of the person: memory holds a part, not all.
    """
    count = max(1, ceil(rows / PART_ROWS))
    placed = frame.with_row_index(AT)
    if count == 1:
        yield placed.collect(engine="streaming"), 1.0
        return
    key = (pl.col(PERSON).hash(0) % count).alias("_part")
    folder = scratch / "parts"
    placed.with_columns(key).sink_parquet(
        pl.PartitionBy(folder, key="_part", include_key=False),
        compression="lz4",
        row_group_size=50_000,
        statistics=False,
        mkdir=True,
    )
    for number in range(count):
        files = sorted((folder / f"_part={number}").glob("*.parquet"))
        if files:
            yield pl.read_parquet(files, glob=False), (number + 1) / count
        for file in files:
            file.unlink()
