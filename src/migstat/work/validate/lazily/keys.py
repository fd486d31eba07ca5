"""Rules over keys and dependencies, counted by the engine."""

import narwhals as nw

from migstat.words.expression import Call, Name
from migstat.words.rule import Determines, Unique
from migstat.work.validate.aggregates import MISSING
from migstat.work.validate.cube import N, W
from migstat.work.validate.judge import Judge
from migstat.work.validate.lazily.rows import Frame, any_missing, in_scope, only_row
from migstat.work.validate.part import FAIL, PASS, UNDECIDED


def count_keys(frame: Frame, judge: Judge) -> None:
    """Count rows by the verdict of those that are alike in the key: repeated, or different in what it determines."""
    check = judge.rule.check
    assert isinstance(check, Unique | Determines)
    columns, target = check.columns, check.target if isinstance(check, Determines) else None
    scope = in_scope(frame, judge)
    if judge.absent:
        judge.rows[UNDECIDED], judge.weight[UNDECIDED] = only_row(scope.select(nw.col(N).sum(), nw.col(W).sum()))
        return
    scope = scope.with_columns(any_missing(columns, judge.reading).alias(MISSING))
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
