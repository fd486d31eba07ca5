"""Rules over rows, counted by the engine in one query, or by the workers of Spark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import narwhals as nw
import polars as pl

from migstat.work.validate.cube import N, W
from migstat.work.validate.judge import HoldsJudge
from migstat.work.validate.lazily.rows import Frame, plain_rows
from migstat.work.validate.part import FAIL, PASS, UNDECIDED, Reading

WORDS = {"true": PASS, "false": FAIL, "open": UNDECIDED}
TOGETHER = 200_000
"""Rows that a worker of Spark judges together."""


def count_records(
    frame: Frame, judges: Sequence[HoldsJudge], reading: Reading, weight: str | None, units: float
) -> None:
    """Count all rules over rows in one query; on Spark the workers do, by the code of one machine."""
    if not judges:
        return
    if frame.implementation.is_pyspark() or frame.implementation.is_pyspark_connect():
        read = [name for judge in judges for name in judge.wanted]
        columns = [name for name in dict.fromkeys([*read, weight]) if name in frame.collect_schema().names()]
        native = frame.select(*columns).to_native() if columns else frame.to_native()
        counted = native.mapInArrow(
            _Counting(tuple(judges), reading, weight, units), "rule int, verdict int, n bigint, w double"
        )
        sums = counted.groupBy("rule", "verdict").agg({"n": "sum", "w": "sum"})
        found = [(row["rule"], row["verdict"], row["sum(n)"], row["sum(w)"]) for row in sums.collect()]
    else:
        found = list(_counted(plain_rows(frame, reading, weight, units), judges))
    for number, verdict, rows, weights in found:
        judges[number].rows[verdict] += int(rows)
        judges[number].weight[verdict] += float(weights)


def _counted(plain: Frame, judges: Sequence[HoldsJudge]) -> Iterator[tuple[int, int, int, float]]:
    """Group rows by all verdicts together, a word a rule, and tell rows and weight of each verdict of each rule."""
    names = [f"migstat-rule{number}" for number in range(len(judges))]
    told = plain.with_columns(*(_word(judge).alias(name) for judge, name in zip(judges, names, strict=True)))
    verdicts = nw.concat_str([nw.col(name) for name in names], separator=" ")
    groups = told.select(verdicts.alias("migstat-verdicts"), N, W).group_by("migstat-verdicts").agg(
        nw.col(N).sum().alias("rows"), nw.col(W).sum().alias("weight")
    )  # fmt: skip
    sums: dict[tuple[int, int], list[float]] = {}
    for text, rows, weight in groups.select("migstat-verdicts", "rows", "weight").collect("pyarrow").iter_rows():
        for number, word in enumerate(str(text).split()):
            if word in WORDS:
                total = sums.setdefault((number, WORDS[word]), [0, 0.0])
                total[0] += rows
                total[1] += weight or 0.0
    for (number, verdict), (rows, weight) in sums.items():
        yield number, verdict, int(rows), weight


def _word(judge: HoldsJudge) -> nw.Expr:
    """Return the verdict of a row as a word. The condition stands in it once: it may be long."""
    found = nw.coalesce(judge.ok.cast(nw.String), nw.lit("open"))
    return found if judge.when is None else nw.when(judge.when).then(found).otherwise(nw.lit("none"))


@dataclass(frozen=True, slots=True)
class _Counting:
    """What a worker of Spark does with one partition: count the verdicts of its rows."""

    judges: tuple[HoldsJudge, ...]
    reading: Reading
    weight: str | None
    units: float

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Yield rule, verdict, rows and weight."""
        import pyarrow as pa

        found: list[tuple[int, int, int, float]] = []
        held: list[Any] = []
        for batch in chain(batches, [None]):
            if batch is not None:
                held.append(batch)
            if held and (batch is None or sum(one.num_rows for one in held) >= TOGETHER):
                part = nw.from_native(pl.DataFrame(pl.from_arrow(pa.Table.from_batches(held))).lazy())
                found += _counted(plain_rows(part, self.reading, self.weight, self.units), self.judges)
                held = []
        columns = {"rule": pl.Int32, "verdict": pl.Int32, "n": pl.Int64, "w": pl.Float64}
        yield from pl.DataFrame(found, schema=columns, orient="row").to_arrow().to_batches()
