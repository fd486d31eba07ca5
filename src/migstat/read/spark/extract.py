"""An extract on Spark: text that the workers cut into rows, or Parquet; the first file tells what all are like."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from migstat.read.extracts.fixed_shape import shape_of
from migstat.read.extracts.fixed_width import MEND as MEND_FIXED
from migstat.read.extracts.kinds import is_dbase
from migstat.read.heads import SNIFFED, check_columns, read_head
from migstat.read.malformed import MEND
from migstat.read.packed import TEXT_ENDINGS, ZIP, fault, foreign
from migstat.read.spark.faults import on_spark
from migstat.read.spark.files import Files, Listed
from migstat.read.spark.lines import FILE, START, VALUE, Lines, Part, Typed
from migstat.read.statistical_files import kind_of
from migstat.read.transcoded import codec, keeps_ascii
from migstat.words.codebook import Codebook
from migstat.words.finding import Finding, Place, Severity
from migstat.words.row_columns import columns_of
from migstat.words.source import Format

PARTS = "spark.sql.files.minPartitionNum"
WITHOUT = "make Parquet or CSV of it first, or run it without --engine spark"


@dataclass(frozen=True, slots=True)
class SparkExtract:
    """An opened extract: a Spark frame, and how a worker makes rows of text of its partitions."""

    name: str
    columns: tuple[str, ...]
    frame: Any
    parts: Callable[[Iterator[Any]], Iterator[Part]]
    raw: bool
    """The parts are as the file has them: typed, and a blank may be an empty text."""
    findings: tuple[Finding, ...] = ()
    size: int = 0
    mend: str = MEND
    codebook: Codebook | None = None
    readers: tuple[str, ...] = ()
    """The columns of the frame where rows are lines; empty where they are those of the extract."""


def read_on_spark(
    spark: Any,
    path: str,
    format: Format,
    needed: Sequence[str],
    identifiers: Sequence[str] = (),
    coded: Sequence[str] = (),
) -> SparkExtract:
    """Open a file or folder on Spark: CSV and fixed width, plain or gzip, and Parquet.

    Columns in ``identifiers`` leave no worker. Raises MigstatError as ``read_extract`` does, and where the file is of a
    kind that Spark cannot read in parts.
    """
    files = Files(spark)
    listed = files.listed(path, format.member, (".parquet", *TEXT_ENDINGS))
    name = files.name(path)
    start = files.start(listed[0])
    if not start:
        raise fault(name, "the file is empty", "ask the sender for the file again")
    if start.startswith(b"PAR1"):
        return _parquet(spark, listed, name, needed, identifiers)
    _refuse_others(name, start, format, listed)
    if format.kind == "fixed":
        return _fixed(spark, listed, name, start, format, needed, identifiers)
    return _delimited(spark, listed, name, start, format, needed, identifiers, coded)


def _refuse_others(name: str, start: bytes, format: Format, listed: Sequence[Listed]) -> None:
    """Refuse what has no lines of text, or lines that hang together."""
    other = "dbase" if is_dbase(start) else kind_of(start)
    if start.startswith(ZIP):
        raise fault(name, "is a zip file or a workbook, which Spark cannot read in parts", f"unpack it: {WITHOUT}")
    if other or format.kind not in {"csv", "fixed"}:
        what = f"is read as {other or format.kind}, which Spark cannot read in parts"
        raise fault(name, what, WITHOUT)
    foreign(name, start)
    if format.record:
        what = "has several types of record, whose lines belong together: Spark reads each line by itself"
        raise fault(name, what, WITHOUT)
    if any("=" in one.short for one in listed if "/" in one.short):
        what = "has folders that are named by values, as YEAR=2019 is, with text in them"
        raise fault(name, what, WITHOUT)
    packed = [one.short for one in listed if one.short.lower().endswith(".gz")]
    if packed and len(packed) != len(listed):
        raise fault(name, "holds files that are packed, and files that are not", "unpack them, or pack them all")


def _parquet(
    spark: Any, listed: Sequence[Listed], name: str, needed: Sequence[str], identifiers: Sequence[str]
) -> SparkExtract:
    with on_spark(name):
        read = spark.read.option("mergeSchema", "true")
        parts = [f"{one.partition('=')[0]}" for one in listed[0].short.split("/")[:-1] if "=" in one]
        if parts:
            root = listed[0].address.removesuffix(listed[0].short).rstrip("/")
            read = read.option("basePath", root)
        frame = read.parquet(*(one.address for one in listed))
        first = spark.read.parquet(listed[0].address).columns if len(listed) > 1 else frame.columns
    more = [column for column in frame.columns if column not in {*first, *parts}]
    if more:
        what = f"its files have other columns than {listed[0].short}: {', '.join(more[:3])}"
        raise fault(name, what, "read files of one layout together")
    check_columns(frame.columns, needed, name, 0)
    taken = tuple(column for column in frame.columns if column not in identifiers)
    return SparkExtract(name, taken, frame, Typed(taken), raw=True, size=sum(one.size for one in listed))


def _delimited(
    spark: Any,
    listed: Sequence[Listed],
    name: str,
    start: bytes,
    format: Format,
    needed: Sequence[str],
    identifiers: Sequence[str],
    coded: Sequence[str],
) -> SparkExtract:
    head = read_head(start, format, needed, name)
    _refuse_wide(name, head.format.encoding)
    end = b"\n" if b"\n" in start else b"\r"
    above = tuple(start.split(end, head.lines)[: head.lines])
    taken = tuple(column for column in head.columns if column not in identifiers)
    named = replace(head.format, header=0, columns=tuple(head.columns))
    lines = Lines(name, named, taken, above, tuple(name for name in coded if name in taken))
    codebook = format.codebook
    findings = (*(codebook.findings if codebook is not None else ()), *head.findings)
    return SparkExtract(
        name,
        taken,
        _lines(spark, listed, end, name),
        lines,
        raw=False,
        findings=(*findings, *_pieces(name, listed)),
        size=sum(one.size for one in listed),
        codebook=codebook,
        readers=(VALUE,),
    )


def _fixed(
    spark: Any,
    listed: Sequence[Listed],
    name: str,
    start: bytes,
    format: Format,
    needed: Sequence[str],
    identifiers: Sequence[str],
) -> SparkExtract:
    book = format.codebook
    if book is None:
        mend = "run the mapping file itself: its folder holds the layout"
        raise fault(name, "is of fixed width, and its layout is not at hand", mend)
    findings = list(book.findings)
    columns = columns_of(book, format.record)
    check_columns([column.name for column in columns], needed, name, 0)
    whole = listed[0].size if len(start) < SNIFFED else None
    shape = shape_of(start, format, book, columns, name, findings, whole=whole)
    _refuse_wide(name, shape.encoding)
    if not shape.end:
        raise fault(name, "has no line ends, by which Spark could part it", WITHOUT)
    taken = tuple(column for column in columns if column.name not in identifiers)
    names = tuple(column.name for column in taken)
    above = tuple(start.split(shape.end, format.header)[: format.header])
    plain = replace(format, header=0)
    lines = Lines(name, plain, names, above, fixed=(taken, replace(shape, mark=0, end=b"\n")))
    return SparkExtract(
        name,
        names,
        _lines(spark, listed, shape.end, name),
        lines,
        raw=False,
        findings=(*findings, *_pieces(name, listed)),
        size=sum(one.size for one in listed),
        mend=MEND_FIXED,
        codebook=book,
        readers=(VALUE,),
    )


def _refuse_wide(name: str, encoding: str) -> None:
    if not keeps_ascii(encoding) or codec(encoding).startswith(("utf-16", "utf-32")):
        what = f"is in {encoding}, whose line ends Spark does not see"
        raise fault(name, what, f"save it in UTF-8: {WITHOUT}")


def _lines(spark: Any, listed: Sequence[Listed], end: bytes, name: str) -> Any:
    from pyspark.sql import functions as f

    with on_spark(name):
        if spark.conf.get(PARTS, None) is None:
            # Files are read more than once, and are to be parted alike: workers may come and go between.
            spark.conf.set(PARTS, str(spark.sparkContext.defaultParallelism))
        frame = spark.read.option("lineSep", end.decode()).text([one.address for one in listed])
        columns = [f.col("value").cast("binary").alias(VALUE), f.col("_metadata.file_block_start").alias(START)]
        if len(listed) > 1:
            columns.append(f.col("_metadata.file_path").alias(FILE))
        return frame.select(*columns)


def _pieces(name: str, listed: Sequence[Listed]) -> list[Finding]:
    if len(listed) < 2:
        return []
    few = ", ".join(one.short for one in listed[:3])
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return [Finding(Place(name), "", f"read together: {few}{more}", "", Severity.NOTE, rule="pieces")]
