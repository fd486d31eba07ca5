"""Harmonize on Spark: each partition is harmonized where it lies, by the code of one machine; only counts come back.

The workers need migstat. Records and rejects are plans that Spark carries out when they are asked for.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from migstat.api.extract_parts import cell_key, key_findings, same_cells, text_part, unread_by, with_line, without_rows
from migstat.api.run_results import result_of
from migstat.read.extracts import check_columns
from migstat.read.malformed import MOST_TOLD, kind_of_line, malformed_lines
from migstat.read.spark.extract import SparkExtract
from migstat.read.spark.faults import finding_of, on_spark, told_by_worker
from migstat.read.spark.files import Files
from migstat.read.spark.lines import Block, Lines, Part, Typed
from migstat.words.finding import Finding, misuse
from migstat.words.run import Harmonized
from migstat.work.harmonize.account import entries, tally_of
from migstat.work.harmonize.distinct import Filling
from migstat.work.harmonize.filled_part import FilledPart
from migstat.work.harmonize.plan import ROW, Plan
from migstat.work.harmonize.tally import Tally
from migstat.write.run import coverage_csv, run_json
from migstat.write.spark_records import write_on_spark

KIND, KEY, ROWS, WEIGHT = "kind", "key", "rows", "weight"
ACCOUNT = "kind string, key string, rows bigint, weight double"
EXACT = "decimal(38,12)"
"""Weights of partitions are added up as decimals: the sum does not depend on the order in which they come."""
Batches = Iterator[Any]


def extract_of(frame: Any, plan: Plan) -> SparkExtract:
    """Return a Spark frame as an extract."""
    columns = frame.columns
    check_columns(columns, plan.columns, "the frame", 0)
    taken = tuple(column for column in columns if column not in plan.secret)
    return SparkExtract("the frame", taken, frame, Typed(taken), raw=True)


def harmonize_on_spark(
    extract: SparkExtract, plan: Plan, found: Sequence[Finding], into: str | None = None
) -> Harmonized:
    """Run a plan over an extract on Spark; with ``into``, a folder of any of its file systems, write what comes of it.

    The account of the run is one job. Records and rejects are Spark frames; with ``into`` they are read back from the
    Parquet files written, ``NAME.records.parquet`` and ``NAME.rejects.parquet``, beside ``NAME.run.json`` and
    ``NAME.coverage.csv``.
    """
    if plan.pseudonyms:
        what = "pseudonyms are made by migstat itself, where the key is, and not inside a database or Spark"
        mend = "make them first: migstat link EXTRACT --on PASSPORT --key KEY"
        raise misuse(what, mend, component=next(iter(plan.pseudonyms)))
    with on_spark(extract.name):
        tally, findings, before = _account(extract, plan)
        if isinstance(extract.parts, Lines):
            extract = replace(extract, parts=replace(extract.parts, before=before))
        rows = int(sum(rows for rows, _ in tally.states.values()))
        found = [*found, *extract.findings, *findings, *(without_rows(extract.name, rows) if extract.readers else [])]
        unread = unread_by(plan, extract.columns)
        inputs = (
            [{"name": extract.name, "bytes": extract.size, "sha256": ""}] if extract.readers or extract.size else []
        )
        name = extract.name if inputs else ""
        run = result_of(plan, tally, found, inputs, unread, extract.codebook, name)
        records, rejects = (_mapped(extract, plan, _Worker(plan, extract, one)) for one in ("records", "rejects"))
        if into is None:
            return replace(run, records=records, rejects=rejects)
        return _written(replace(run, records=records, rejects=rejects), into)


def _written(run: Harmonized, into: str) -> Harmonized:
    spark = run.records.sparkSession
    files = Files(spark)
    named = f"{into.rstrip('/')}/{run.name}"
    for frame, what in ((run.records, "records"), (run.rejects, "rejects")):
        rows = run.step("records" if what == "records" else "rejected").rows
        write_on_spark(frame if rows else frame.limit(0), files, f"{named}.{what}.parquet", run.provenance)
    files.write(f"{named}.run.json", run_json(run))
    files.write(f"{named}.coverage.csv", coverage_csv(run.coverage))
    read = [spark.read.schema(frame.schema).parquet(files.whole(f"{named}.{what}.parquet"))
            for frame, what in ((run.records, "records"), (run.rejects, "rejects"))]  # fmt: skip
    return replace(run, records=read[0], rejects=read[1])


def _account(extract: SparkExtract, plan: Plan) -> tuple[Tally, list[Finding], dict[Block, int]]:
    """Count the run in one job, whose root adds up: what comes to the driver has a row a distinct value met."""
    from pyspark.sql import functions as f

    frame = _needed(extract, plan)
    whole = frame.mapInArrow(_Worker(plan, extract, "account"), ACCOUNT)
    sums = (f.sum(ROWS).alias(ROWS), f.sum(f.col(WEIGHT).cast(EXACT)).alias(WEIGHT))
    keyed = whole.groupBy(KIND, KEY).agg(*sums)
    of_keys = f.col(KIND).isin("again", "same")
    told = (
        keyed.where(~of_keys | (f.col(ROWS) > 1))
        .withColumn(KEY, f.when(of_keys, "").otherwise(f.col(KEY)))
        .withColumn(ROWS, f.when(of_keys, f.col(ROWS) - 1).otherwise(f.col(ROWS)))
        .groupBy(KIND, KEY)
        .agg(*sums)
    )
    met = [(row[KIND], row[KEY], row[ROWS], row[WEIGHT]) for row in told.collect()]
    tally = tally_of(plan, met)
    before = _before({_block(json.loads(key)): rows for kind, key, rows, _ in met if kind == "block"})
    findings = [finding_of(json.loads(key)) for key in sorted(key for kind, key, _, _ in met if kind == "finding")]
    lines = sorted(
        (before[_block(block)] + number, why)
        for kind, key, _, _ in met
        if kind == "line"
        for block, number, why in [json.loads(key)]
    )
    counts = {key: rows for kind, key, rows, _ in met if kind == "malformed"}
    tally.reject(sum(counts.values()))
    for one in malformed_lines(extract.name, [(number, why, "") for number, why in lines], extract.mend):
        rows = counts[kind_of_line(one.what.partition(": such lines")[0])]
        more = ", and more" if rows > MOST_TOLD and "and more" not in one.what else ""
        findings.append(replace(one, rows=rows, what=f"{one.what.removesuffix(')')}{more})" if more else one.what))
    for kind, _, rows, _ in met:
        if kind == "again":
            findings += key_findings(rows, "", plan)
        if kind == "same":
            findings += same_cells(rows, plan)
    return tally, findings, before


def _block(sent: list[Any]) -> Block:
    return str(sent[0]), int(sent[1])


def _before(rows: dict[Block, int]) -> dict[Block, int]:
    """Return how many rows stand before each block, in the order of the files and of the blocks in them."""
    before, total = {}, 0
    for block in sorted(rows):
        before[block] = total
        total += rows[block]
    return before


def _needed(extract: SparkExtract, plan: Plan, every: bool = False) -> Any:
    """Return the frame with the columns that are read, so that no others are fetched."""
    if extract.readers:
        return extract.frame
    wanted = {plan.aliases.get(name, name) for name in plan.columns}
    taken = [name for name in extract.columns if every or name in wanted]
    return extract.frame.select(*(f"`{name.replace('`', '``')}`" for name in taken or extract.columns[:1]))


def _mapped(extract: SparkExtract, plan: Plan, worker: "_Worker") -> Any:
    """Return the plan of records or rejects, whose columns are those that come of no rows at all."""
    from pyspark.sql.pandas.types import from_arrow_schema

    frame = _needed(extract, plan, every=worker.gives == "rejects")
    empty = Part(pl.DataFrame(schema=dict.fromkeys(extract.columns, pl.String)))
    return frame.mapInArrow(worker, from_arrow_schema(_plain(worker.made(empty, Filling(plan, {}))).schema))


@dataclass(slots=True)
class _Worker:
    """What a worker does with one partition: account, records or rejects of its rows."""

    plan: Plan
    extract: SparkExtract
    gives: str

    def __post_init__(self) -> None:
        # A frame is of the driver, and cannot be sent.
        self.extract = replace(self.extract, frame=None)

    def __call__(self, batches: Batches) -> Batches:
        """Go through one partition."""
        with told_by_worker():
            if self.gives == "account":
                yield from _account_rows(self._counted(batches))
                return
            filling = Filling(self.plan, {})
            for part in self.extract.parts(batches):
                yield from _plain(self.made(part, filling)).to_batches()

    def made(self, part: Part, filling: Filling) -> pl.DataFrame:
        """Return the records or the rejects of a part."""
        plan, filled = self.plan, self._filled(part, filling)
        if self.gives == "records":
            records = filled.records()
            # Rows of a frame have no order, and no numbers.
            numbers = [] if self.extract.readers else [out.name for out in plan.out if out.beside == ROW]
            return records.drop(numbers)
        columns = [name for name in self.extract.columns if name in part.frame.columns]
        rejects = filled.rejects(columns)
        if not self.extract.readers:
            return rejects.drop("_row")
        told = [(number, why, None if plan.secret else line) for number, why, line in part.malformed]
        schema = {"_row": pl.Int64, "_why": pl.String, "_line": pl.String}
        return pl.concat([with_line(rejects), pl.DataFrame(told, schema=schema, orient="row")], how="diagonal")

    def _filled(self, part: Part, filling: Filling) -> FilledPart:
        rows = pl.int_range(part.frame.height, eager=True) if part.rows is None else part.rows
        return filling.fill(text_part(part.frame, rows, self.plan, self.extract.raw))

    def _counted(self, batches: Batches) -> Iterator[tuple[str, Any, Any, Any]]:
        """Yield what is counted: kind, keys, rows and weights, one or a column of each."""
        plan, tally, filling = self.plan, Tally(self.plan), Filling(self.plan, {})
        key = [plan.aliases.get(name, name) for name in plan.key]
        cell = cell_key(plan)
        for part in self.extract.parts(batches):
            filled = self._filled(part, filling)
            tally.add_part(filled)
            if part.block is not None:
                yield "block", json.dumps(part.block), part.frame.height + len(part.malformed), 0.0
            first = dict[str, int]()
            for number, why, _ in part.malformed:
                kind = kind_of_line(why)
                yield "malformed", kind, 1, 0.0
                first[kind] = first.get(kind, 0) + 1
                if first[kind] <= MOST_TOLD:
                    yield "line", json.dumps([part.block, number, why]), 1, 0.0
            for one in part.findings:
                yield "finding", json.dumps(asdict(one), ensure_ascii=False, sort_keys=True), 1, 0.0
            if key:
                yield "again", _hashes(filled.part.text(key).select(key)), 1, 0.0
            if cell:
                yield "same", _hashes(filled.records().select(cell)), 1, 0.0
        tally.add_values(filling.values())
        yield from entries(tally)


def _hashes(frame: pl.DataFrame) -> pl.Series:
    """Return 128 bits of each row, as text."""
    text = frame.with_columns(pl.all().cast(pl.String))
    first, second = (text.hash_rows(seed=seed) for seed in (20181219, 20190824))
    return pl.select(pl.format("{}-{}", first, second)).to_series()


def _account_rows(counted: Iterator[tuple[str, Any, Any, Any]]) -> Batches:
    schema = {KIND: pl.String, KEY: pl.String, ROWS: pl.Int64, WEIGHT: pl.Float64}
    single: list[tuple[Any, ...]] = []
    for kind, key, rows, weight in counted:
        if not isinstance(key, pl.Series):
            single.append((kind, key, rows, weight))
        elif key.len():
            made = pl.DataFrame({KEY: key}).group_by(KEY).agg(pl.len().cast(pl.Int64).alias(ROWS))
            made = made.select(pl.lit(kind).alias(KIND), KEY, ROWS, pl.lit(0.0).alias(WEIGHT))
            yield from _plain(made).to_batches()
    yield from _plain(pl.DataFrame(single, schema=schema, orient="row")).to_batches()


def _plain(frame: pl.DataFrame) -> Any:
    text = frame.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
    return text.to_arrow(compat_level=pl.CompatLevel.oldest())
