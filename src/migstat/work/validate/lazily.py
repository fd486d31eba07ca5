"""Validate a frame whose rows stay where they are: the engine counts, and what it cannot judge is said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.expression import Call, Name
from migstat.words.finding import Severity, misuse
from migstat.words.missing import KINDS
from migstat.words.rule import Determines, Group, Holds, Rule, Unique
from migstat.words.validated import Judged
from migstat.work.validate.aggregates import MISSING, Aggregate
from migstat.work.validate.confront import Surroundings
from migstat.work.validate.cube import N, W
from migstat.work.validate.groups import GROUPS, GroupJudge
from migstat.work.validate.judge import HoldsJudge, Judge
from migstat.work.validate.part import FAIL, NONE, PASS, UNDECIDED, Reading, kinds_of

WORDS = {"true": PASS, "false": FAIL, "open": UNDECIDED}
TOGETHER = 200_000
"""Rows that a worker of Spark judges together."""
OPEN = "cannot be judged on this engine: write the frame to Parquet, and validate the file"
Frame = Any
"""A narwhals LazyFrame."""


def judge_lazily(
    frame: Frame, rules: Sequence[Rule], around: Surroundings, weight: str | None
) -> tuple[tuple[Judged, ...], int, float]:
    """Return the results, the rows and their weight.

    Record rules and rules of unique keys, dependencies and groups are counted by the engine; look-ups, sequences,
    sums of parts, other files, medians and counts of distinct values are left open, each with a note.
    """
    reading = Reading(kinds_of(frame.collect_schema(), around.structure), around.pairs)
    plain = _plain(frame, reading, weight)
    rows, total = _one(plain.select(nw.col(N).sum(), nw.col(W).sum()))
    judges: dict[str, Judge] = {}
    for rule in rules:
        judge = _judge(plain, rule, reading)
        judges[rule.id] = judge
    _count_records(frame, [judge for judge in judges.values() if isinstance(judge, HoldsJudge)], reading, weight)
    for judge in judges.values():
        if judge.note == OPEN:
            judge.rows[UNDECIDED], judge.weight[UNDECIDED] = rows, total
    return tuple(judges[rule.id].judged() for rule in rules), int(rows), float(total)


def split_lazily(frame: Frame, results: Iterable[Judged], around: Surroundings) -> tuple[Any, Any]:
    """Return the rows that fail no rule of severity error, and those that do with ``_rules``, in the frame's own kind.

    Rules over rows and over unique keys can tell their rows; where another kind fails, Misuse is raised.
    """
    reading = Reading(kinds_of(frame.collect_schema(), around.structure), around.pairs)
    fails: dict[str, nw.Expr] = {}
    for one in results:
        rule = one.rule
        if not one.failed or rule.severity != Severity.ERROR:
            continue
        match rule.check:
            case Holds():
                failing = [FAIL, UNDECIDED] if rule.missing == "fail" else [FAIL]
                fails[rule.id] = _raw(HoldsJudge(rule, reading)).is_in(failing)
            case Unique(columns):
                twice = nw.len().over(*columns) > 1
                fails[rule.id] = twice & ~_missing(columns, reading) & _inside(rule, reading)
            case _:
                mend = "write the frame to Parquet, and validate the file"
                raise misuse(f"{rule.id} is a rule over groups, whose rows this engine does not give", mend)
    columns = frame.collect_schema().names()
    if not fails:
        none = frame.with_columns(nw.lit("").alias("_rules")).filter(nw.col("_rules") == "x")
        return frame.to_native(), none.to_native()
    shown = {name: f"migstat-{name}" for name in columns}
    held = frame.with_columns(*(nw.col(name).alias(kept) for name, kept in shown.items()))
    plain = _plain(held, reading, None)
    texts = [nw.when(fail).then(nw.lit(id)) for id, fail in fails.items()]
    told = plain.with_columns(nw.concat_str(texts, separator=" ", ignore_nulls=True).alias("_rules"))
    back = [nw.col(kept).alias(name) for name, kept in shown.items()]
    good, bad = (told.filter(which) for which in (nw.col("_rules") == "", nw.col("_rules") != ""))
    return good.select(*back).to_native(), bad.select(*back, "_rules").to_native()


def _plain(frame: Frame, reading: Reading, weight: str | None) -> Frame:
    made: list[nw.Expr] = []
    for name, dtype in frame.collect_schema().items():
        column = nw.col(name)
        if dtype in (nw.Categorical, nw.Enum, nw.Boolean):
            made.append(column.cast(nw.String).alias(name))
        elif dtype == nw.String and name in reading.kinds:
            made.append(nw.when(column != "").then(column).alias(name))
        elif dtype in (nw.Float64, nw.Float32):
            made.append(nw.when(~column.is_nan()).then(column).alias(name))
    weights = nw.lit(1.0)
    if weight is not None:
        column = nw.col(weight).cast(nw.Float64)
        weights = nw.when(~column.is_null()).then(column).otherwise(nw.lit(0.0))
    return frame.with_columns(*made, nw.lit(1).alias(N), weights.alias(W))


def _judge(frame: Frame, rule: Rule, reading: Reading) -> Judge:
    judge: Judge
    match rule.check:
        case Holds() if not rule.look_ups:
            return HoldsJudge(rule, reading)
        case Unique(columns):
            judge = Judge(rule, reading, columns)
            _count_keys(frame, judge, columns, None)
        case Determines(columns, target):
            judge = Judge(rule, reading, (*columns, target))
            _count_keys(frame, judge, columns, target)
        case Group() if not rule.look_ups and _reckons(GroupJudge(rule, reading)):
            judge = GroupJudge(rule, reading)
            _count_groups(frame, judge)
        case _:
            judge = Judge(rule, reading, ())
            judge.note = OPEN
    return judge


def _count_records(frame: Frame, judges: Sequence[HoldsJudge], reading: Reading, weight: str | None) -> None:
    """Count all rules over rows in one query; on Spark the workers do, by the code of one machine."""
    if not judges:
        return
    if frame.implementation.is_pyspark() or frame.implementation.is_pyspark_connect():
        read = [name for judge in judges for name in judge.wanted]
        columns = [name for name in dict.fromkeys([*read, weight]) if name in frame.collect_schema().names()]
        native = frame.select(*columns).to_native() if columns else frame.to_native()
        counted = native.mapInArrow(
            _Counting(tuple(judges), reading, weight), "rule int, verdict int, n bigint, w double"
        )
        sums = counted.groupBy("rule", "verdict").agg({"n": "sum", "w": "sum"})
        found = [(row["rule"], row["verdict"], row["sum(n)"], row["sum(w)"]) for row in sums.collect()]
    else:
        found = list(_counted(_plain(frame, reading, weight), judges))
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
                found += _counted(_plain(part, self.reading, self.weight), self.judges)
                held = []
        columns = {"rule": pl.Int32, "verdict": pl.Int32, "n": pl.Int64, "w": pl.Float64}
        yield from pl.DataFrame(found, schema=columns, orient="row").to_arrow().to_batches()


def _raw(judge: HoldsJudge) -> nw.Expr:
    found = nw.when(judge.ok).then(nw.lit(PASS)).otherwise(
        nw.when(~judge.ok).then(nw.lit(FAIL)).otherwise(nw.lit(UNDECIDED))
    )  # fmt: skip
    return found if judge.when is None else nw.when(judge.when).then(found).otherwise(nw.lit(NONE))


def _count_keys(frame: Frame, judge: Judge, columns: Sequence[str], target: str | None) -> None:
    scope = _scope(frame, judge)
    if judge.absent:
        judge.rows[UNDECIDED], judge.weight[UNDECIDED] = _one(scope.select(nw.col(N).sum(), nw.col(W).sum()))
        return
    scope = scope.with_columns(_missing(columns, judge.reading).alias(MISSING))
    sums = [nw.col(N).sum().alias(N), nw.col(W).sum().alias(W)]
    if target is not None:
        value = judge.reading.condition(Call("text", (Name(target),)))
        if target in judge.reading.codes:
            value = judge.reading.condition(Name(target))
        scope = scope.with_columns(value.alias("migstat-value"))
        if judge.rule.missing == "ignore":
            scope = scope.filter(~nw.col("migstat-value").is_null())
        scope = scope.with_columns(
            nw.when(nw.col("migstat-value").is_null()).then(nw.lit(1)).otherwise(nw.lit(0)).alias("migstat-blank")
        )
        sums += [nw.col("migstat-value").min().alias("low"), nw.col("migstat-value").max().alias("high")]
        sums += [nw.col("migstat-blank").sum().alias("blank")]
    groups = scope.group_by(*columns, MISSING).agg(*sums)
    if target is None:
        verdict = nw.when(nw.col(N) > 1).then(nw.lit(FAIL)).otherwise(nw.lit(PASS))
    else:
        open_ = (nw.col("blank") > 0) & (nw.col(N) > 1)
        rest = nw.when(open_).then(nw.lit(UNDECIDED)).otherwise(nw.lit(PASS))
        verdict = nw.when(nw.col("low") != nw.col("high")).then(nw.lit(FAIL)).otherwise(rest)
    verdict = nw.when(nw.col(MISSING)).then(nw.lit(UNDECIDED)).otherwise(verdict)
    told = groups.with_columns(verdict.alias("v")).group_by("v").agg(
        nw.col(N).sum().alias("rows"), nw.col(W).sum().alias("weight")
    )  # fmt: skip
    for row in told.select("v", "rows", "weight").collect("pyarrow").iter_rows():
        judge.rows[int(row[0])] += int(row[1])
        judge.weight[int(row[0])] += float(row[2])


def _scope(frame: Frame, judge: Judge) -> Frame:
    if judge.when is None:
        return frame
    return frame.with_columns(judge.when.alias("migstat-when")).filter(nw.col("migstat-when"))


def _missing(columns: Iterable[str], reading: Reading) -> nw.Expr:
    return reduce(or_, _missings(columns, reading))


def _missings(columns: Iterable[str], reading: Reading) -> Iterator[nw.Expr]:
    for name in columns:
        column = nw.col(name)
        if name in reading.codes:
            column = nw.when(~column.is_in(list(KINDS))).then(column)
        yield column.is_null()


def _inside(rule: Rule, reading: Reading) -> nw.Expr:
    if rule.when is None:
        return nw.lit(True)
    return nw.when(reading.condition(rule.when)).then(nw.lit(True)).otherwise(nw.lit(False))


def _reckons(judge: GroupJudge) -> bool:
    return not any(one.listed for one in judge.aggregates.values()) and set(judge.kept) <= set(judge.by)


def _count_groups(frame: Frame, judge: GroupJudge) -> None:
    """Let the engine add up each group, and count the groups that are alike; one of each is judged here."""
    scope = _scope(frame, judge)
    items = {one.item: one.value for one in judge.aggregates.values() if one.value is not None}
    if items:
        scope = scope.with_columns(*(value.alias(name) for name, value in items.items()))
    made = [expr.alias(name) for one in judge.aggregates.values() for name, expr in _measured(one).items()]
    if made:
        scope = scope.with_columns(*made)
    sums = [nw.col(N).sum().alias(N), nw.col(W).sum().alias(W)]
    sums += [expr for one in judge.aggregates.values() for expr in _summed(one)]
    by = [name for name in judge.by if judge.reading.has(name)]
    if by:
        coded = [nw.when(~nw.col(name).is_in(list(KINDS))).then(nw.col(name)).alias(name)
                 for name in by if name in judge.reading.codes]  # fmt: skip
        scope = scope.with_columns(*coded) if coded else scope
        grouped = scope.group_by(*by).agg(*sums).with_columns(_missing(by, judge.reading).alias(MISSING))
        told = [name for name in grouped.collect_schema().names() if name not in (*by, N, W, MISSING)]
        alike = grouped.group_by(*dict.fromkeys([*told, *judge.kept]), MISSING)
        grouped = alike.agg(nw.len().alias(GROUPS), nw.col(N).sum(), nw.col(W).sum())
    else:
        grouped = scope.select(*sums).with_columns(nw.lit(1).alias(GROUPS), nw.lit(False).alias(MISSING))
    groups: pl.DataFrame = pl.DataFrame(grouped.collect("polars").to_native()).filter(pl.col(N).is_not_null())
    if len(by) < len(judge.by):
        groups = groups.with_columns(pl.lit(True).alias(MISSING))
    sums_of = {name for one in judge.aggregates.values() for name in (one.open, one.all, one.sure)}
    judge.take_alike(groups.with_columns(pl.col(name).cast(pl.Float64) for name in groups.columns if name in sums_of))


def _measured(one: Aggregate) -> Mapping[str, nw.Expr]:
    measure = nw.col(one.measure)
    zero = nw.lit(0)
    if one.value is None:
        return {one.sure: measure, one.open: zero, one.all: measure}
    item = nw.col(one.item)
    blank = nw.when(item.is_null()).then(nw.col(N)).otherwise(zero)
    match one.function:
        case "count" | "share":
            unknown = nw.when(item.is_null()).then(measure).otherwise(zero)
            return {one.sure: nw.when(item).then(measure).otherwise(zero), one.open: unknown, one.all: measure}
        case "sum" | "mean":
            known = nw.when(item.is_null()).then(zero).otherwise(measure)
            return {one.sure: item * measure, one.open: blank, one.all: known}
    return {one.sure: item, one.open: blank}


def _summed(one: Aggregate) -> Iterator[nw.Expr]:
    yield nw.col(one.open).sum().alias(one.open)
    match one.function:
        case "smallest":
            yield nw.col(one.sure).min().alias(one.sure)
        case "largest":
            yield nw.col(one.sure).max().alias(one.sure)
        case _:
            yield nw.col(one.sure).sum().alias(one.sure)
            yield nw.col(one.all).sum().alias(one.all)


def _one(frame: Frame) -> tuple[Any, ...]:
    """Return the only row of a query."""
    return tuple(value or 0 for value in next(iter(frame.collect("pyarrow").iter_rows())))
