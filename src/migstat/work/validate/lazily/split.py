"""Good rows and bad, told apart by the engine."""

from collections.abc import Iterable
from typing import Any

import narwhals as nw

from migstat.words.finding import Severity, misuse
from migstat.words.rule import Holds, Rule, Unique
from migstat.words.validated import Judged
from migstat.work.validate.judge import HoldsJudge
from migstat.work.validate.lazily.rows import Frame, any_missing, plain_rows
from migstat.work.validate.part import FAIL, NONE, PASS, UNDECIDED, Reading, kinds_of
from migstat.work.validate.seating import Surroundings


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
                fails[rule.id] = twice & ~any_missing(columns, reading) & _inside(rule, reading)
            case _:
                mend = "write the frame to Parquet, and validate the file"
                raise misuse(f"{rule.id} is a rule over groups, whose rows this engine does not give", mend)
    columns = frame.collect_schema().names()
    if not fails:
        none = frame.with_columns(nw.lit("").alias("_rules")).filter(nw.col("_rules") == "x")
        return frame.to_native(), none.to_native()
    shown = {name: f"migstat-{name}" for name in columns}
    held = frame.with_columns(*(nw.col(name).alias(kept) for name, kept in shown.items()))
    plain = plain_rows(held, reading, None)
    texts = [nw.when(fail).then(nw.lit(id)) for id, fail in fails.items()]
    told = plain.with_columns(nw.concat_str(texts, separator=" ", ignore_nulls=True).alias("_rules"))
    back = [nw.col(kept).alias(name) for name, kept in shown.items()]
    good, bad = (told.filter(which) for which in (nw.col("_rules") == "", nw.col("_rules") != ""))
    return good.select(*back).to_native(), bad.select(*back, "_rules").to_native()


def _raw(judge: HoldsJudge) -> nw.Expr:
    found = nw.when(judge.ok).then(nw.lit(PASS)).otherwise(
        nw.when(~judge.ok).then(nw.lit(FAIL)).otherwise(nw.lit(UNDECIDED))
    )  # fmt: skip
    return found if judge.when is None else nw.when(judge.when).then(found).otherwise(nw.lit(NONE))


def _inside(rule: Rule, reading: Reading) -> nw.Expr:
    if rule.when is None:
        return nw.lit(True)
    return nw.when(reading.condition(rule.when)).then(nw.lit(True)).otherwise(nw.lit(False))
