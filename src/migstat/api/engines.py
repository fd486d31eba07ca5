"""Engines: where the rows are worked on, and how files come to Spark and records from it.

Nothing of Spark is loaded before it is asked for.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from migstat.read.heads import of_numbers
from migstat.words.finding import misuse
from migstat.write.spark_records import PROVENANCE, write_on_spark

if TYPE_CHECKING:
    from migstat.read.spark.extract import SparkExtract
    from migstat.work.harmonize.plan import Plan

Engine = Literal["polars", "spark"]
ENGINES: tuple[str, ...] = get_args(Engine)


def refuse_unknown(engine: str) -> None:
    """Raise Misuse where an engine is none of ours."""
    if engine not in ENGINES:
        raise misuse(f"engine: {engine} is not known", f"one of {', '.join(ENGINES)}")


def open_table(address: str, table: str) -> Any:
    """Return a table of a database, by its address, as one of Ibis whose rows stay where they are; nothing is read.

    The session can only read. Raises MigstatError where the database or the table cannot be had.
    """
    from migstat.read.database_tables import table_at

    return table_at(address, table)


def is_spark(frame: Any) -> bool:
    """Tell whether an object is a frame of Spark; pyspark is not loaded to say so."""
    return type(frame).__module__.split(".")[0] == "pyspark" and hasattr(frame, "mapInArrow")


def open_on(path: Any, plan: "Plan") -> "SparkExtract":
    """Open the extract of a plan on Spark: a file or folder of any file system that it knows."""
    from migstat.read.spark.extract import read_on_spark
    from migstat.read.spark.session import session

    if not isinstance(path, str | os.PathLike):
        raise misuse('engine="spark" goes with a path', "hand in the path, or a PySpark frame without engine=")
    extract = read_on_spark(
        session(), os.fspath(path), plan.mapping.source.format, plan.columns, plan.dropped, plan.coded
    )  # fmt: skip
    return replace(extract, findings=tuple(of_numbers(extract.findings, plan.numbers)))


def records_to(frame: Any, path: str, provenance: dict[str, Any]) -> None:
    """Write a Spark frame of records as a folder of Parquet files with its provenance; whole, or not at all."""
    from migstat.read.spark.faults import on_spark
    from migstat.read.spark.files import Files

    with on_spark(Path(path).name):
        write_on_spark(frame, Files(frame.sparkSession), path, provenance)


@contextmanager
def kept(frame: Any) -> Iterator[Any]:
    """Lend a Spark frame that the workers keep, once it is made, until the block ends."""
    held = frame.persist()
    try:
        yield held
    finally:
        held.unpersist()


def text_to(frame: Any, path: str, text: str) -> None:
    """Write a small text file to a file system of Spark, beside what was made of a frame."""
    from migstat.read.spark.files import Files

    Files(frame.sparkSession).write(path, text)


@contextmanager
def engine_faults(frame: Any, name: str) -> Iterator[None]:
    """Tell the faults of the engine behind a frame in our words."""
    if is_spark(frame):
        from migstat.read.spark.faults import on_spark

        with on_spark(name):
            yield
        return
    from migstat.read.database_tables import in_database, is_ibis

    if is_ibis(frame):
        with in_database(frame):
            yield
    else:
        yield


def records_on_spark(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], *, ours: bool = True
) -> tuple[Any, dict[str, Any]]:
    """Return the records of folders, or files, that ``harmonize`` wrote as one Spark frame, and their provenance.

    Columns that one of them does not have are null in its rows. Unless they must be ``ours``, any Parquet is taken.
    """
    from migstat.read.spark.faults import on_spark
    from migstat.read.spark.files import Files
    from migstat.read.spark.session import session

    spark = session()
    files = Files(spark)
    listed = [os.fspath(path) for path in ([paths] if isinstance(paths, str | os.PathLike) else paths)]
    frames, facts = [], []
    for path in listed:
        name = files.name(path)
        if [files.whole(one) for one in listed].count(files.whole(path)) > 1:
            raise misuse("is named twice", "name each file once: its people would be counted twice", place=name)
        if not files.exists(path):
            raise misuse("there is no such file", "name a .records.parquet that harmonize wrote", place=name)
        facts.append(_provenance(files, path, name, ours))
        with on_spark(name):
            frames.append(spark.read.parquet(files.whole(path)))
    structures = {one.get("structure", "") for one in facts}
    if len(structures) > 1:
        names = " and ".join(sorted(structures))
        raise misuse(f"the records are of several structures: {names}", "tabulate them one by one")
    joined = frames[0]
    for frame in frames[1:]:
        joined = joined.unionByName(frame, allowMissingColumns=True)
    return joined, facts[0] if len(facts) == 1 else {"structure": structures.pop(), "parts": facts}


def _provenance(files: Any, path: str, name: str, ours: bool) -> dict[str, Any]:
    """Return the provenance of records: of a folder, from the file in it; of one file, from its footer."""
    from migstat.read.footer import noted, read_provenance

    inside = f"{path.rstrip('/')}/{PROVENANCE}"
    facts: dict[str, Any] = {}
    if files.exists(inside):
        facts = noted(files.text(inside), name)
    elif Path(path).is_file():
        facts = read_provenance(path)
    if (ours and not facts) or name.endswith(".rejects.parquet"):
        mend = "name a .records.parquet that harmonize wrote"
        raise misuse("is not a file of harmonized records", mend, place=name)
    return facts
