"""Rules over groups: the engine adds each up, and counts those that are alike."""

from collections.abc import Iterator, Mapping

import narwhals as nw
import polars as pl

from migstat.words.missing import KINDS
from migstat.work.validate.aggregates import MISSING, Aggregate
from migstat.work.validate.cube import N, W
from migstat.work.validate.groups import GROUPS, GroupJudge
from migstat.work.validate.lazily.rows import Frame, any_missing, in_scope


def reckons(judge: GroupJudge) -> bool:
    """Tell whether the engine can reckon what the rule asks of each group."""
    return not any(one.listed for one in judge.aggregates.values()) and set(judge.kept) <= set(judge.by)


def count_groups(frame: Frame, judge: GroupJudge) -> None:
    """Let the engine add up each group, and count the groups that are alike; one of each is judged here."""
    scope = in_scope(frame, judge)
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
        grouped = scope.group_by(*by).agg(*sums).with_columns(any_missing(by, judge.reading).alias(MISSING))
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
