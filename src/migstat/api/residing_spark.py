"""Residence on Spark: persons are gathered in partitions, and each partition is judged where it lies.

Not told there: how often a status of a later day takes over, and how many persons of the statuses have no crossing.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from migstat.api.crossing_sources import check_columns
from migstat.api.residence_facts import DATE, PERSON, end_of_observation, facts_of
from migstat.words.finding import Place
from migstat.words.resided import Resided
from migstat.work.reside import AT, Account, Asked, typed
from migstat.work.reside.crossings import AS_GIVEN, SINCE, TIME, WHY

LATER, GIVEN = "later", "_given"


def reside_on_spark(frame: Any, asked: Asked, until: str | date | None) -> Resided:
    """Judge the crossings of a Spark frame; the result is a plan that Spark carries out, counted once."""
    from pyspark.sql import functions as f

    check_columns(frame.columns, "the frame")
    frame = _with_days(frame, f)
    last = None
    if until is None:
        text = f.substring(f.col(DATE).cast("string"), 1, 10)
        last = frame.select(f.max(f.try_to_timestamp(text, f.lit("yyyy-MM-dd")).cast("date"))).first()[0]
    asked = replace(asked, until=end_of_observation(until, last))
    placed = frame.withColumn(AT, f.monotonically_increasing_id()).repartition(f.col(PERSON))
    judge = _judge(asked)
    whole = placed.mapInArrow(judge, _schema(placed, asked))
    counts = {row[WHY]: row for row in whole.groupBy(WHY).agg(*_counts(whole, f)).collect()}
    later = whole.filter(f.col(WHY) == LATER)
    only = later.join(whole.filter(f.coalesce(f.col(WHY), f.lit("")) != LATER), on=PERSON, how="left_anti")
    persons_later = only.select(PERSON).distinct().count() if LATER in counts else 0
    rejected = whole.filter(f.col(WHY).isNotNull() & (f.col(WHY) != LATER))
    persons_rejected = rejected.select(PERSON).dropna().distinct().count() if set(counts) - {None, LATER} else 0
    judged = whole.filter(f.col(WHY).isNull()).drop(WHY, GIVEN)
    account = _account(counts, persons_rejected, persons_later)
    if asked.statuses is not None:
        account.met = asked.statuses.height
    steps = account.steps()
    findings = tuple(account.findings(Place("the frame"), asked, last))
    own = [name for name in frame.columns if name in rejected.columns]
    return Resided(
        asked.rule, asked.until, judged, rejected.select(*own, WHY, GIVEN), findings, steps, facts_of(asked, steps)
    )  # fmt: skip


def _with_days(frame: Any, f: Any) -> Any:
    """Take the day, by the clock of the session, of columns that are moments; the time of day keeps the order."""
    moments = [name for name, type in frame.dtypes if type.startswith("timestamp") and name in (DATE, SINCE)]
    if DATE in moments and TIME not in frame.columns:
        frame = frame.withColumn(TIME, f.date_format(DATE, "HH:mm:ss"))
    for name in moments:
        frame = frame.withColumn(name, f.to_date(name))
    return frame


def _judge(asked: Asked) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Return what a worker does with one partition: all crossings of its persons come in, and go out judged."""

    def judge(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        listed = list(batches)
        if not listed:
            return
        yield from judged_whole(pl.DataFrame(pl.from_arrow(pa.Table.from_batches(listed))), asked).to_batches()

    return judge


def judged_whole(part: pl.DataFrame, asked: Asked) -> Any:
    """Judge one part, and return judged, rejected and later crossings together, with ``_why``, as an Arrow table.

    ``_given`` is the text of a date that is none.
    """
    read = typed(part.lazy()).collect()
    judged, aside = Account().judge(read, asked)
    late = pl.repeat(False, read.height, eager=True)
    if asked.until is not None:
        late = (read[DATE] > asked.until).fill_null(False)
    later = read.filter(late).with_columns(pl.lit(LATER).alias(WHY))
    text = pl.col(DATE).cast(pl.String)
    day = text.str.to_date("%Y-%m-%d", strict=False)
    sides = [
        judged.with_columns(pl.lit(None, pl.String).alias(WHY)),
        aside.with_columns(day, pl.when(day.is_null()).then(text).alias(GIVEN)),
        later,
    ]
    return _plain(pl.concat(sides, how="diagonal_relaxed").drop(AT, AS_GIVEN, strict=False))


def _plain(frame: pl.DataFrame) -> Any:
    text = frame.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
    return text.to_arrow(compat_level=pl.CompatLevel.oldest())


def _schema(placed: Any, asked: Asked) -> Any:
    """Return Spark's schema of the result, from judging no crossings at all."""
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    empty = pl.DataFrame(pl.from_arrow(to_arrow_schema(placed.schema, timezone="UTC").empty_table()))
    return from_arrow_schema(judged_whole(empty, asked).schema)


def _counts(whole: Any, f: Any) -> list[Any]:
    weight = f.sum("WEIGHT") if "WEIGHT" in whole.columns else f.count(f.lit(1))
    unknown = f.sum(f.when(f.col("FLOW") == "_U", 1).otherwise(0))
    return [
        f.count(f.lit(1)).alias("rows"),
        f.countDistinct(PERSON).alias("persons"),
        weight.alias("weight"),
        unknown.alias("unknown"),
    ]


def _account(counts: dict[str | None, Any], rejected: int, later: int) -> Account:
    account = Account()
    for why, row in counts.items():
        name = "judged" if why is None else LATER if why == LATER else "rejected"
        for step in (name, "read"):
            account.rows[step] += row["rows"]
            account.weight[step] = account.weight.get(step, 0.0) + float(row["weight"] or 0.0)
        if name == "judged":
            account.persons[name] = row["persons"]
            account.unknown = row["unknown"]
        if name == "rejected":
            account.faults[str(why)] = row["rows"]
    account.persons["rejected"], account.persons[LATER] = rejected, later
    account.persons["read"] = sum(account.persons[name] for name in ("judged", "rejected", LATER))
    return account
