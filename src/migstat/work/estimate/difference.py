"""Difference: whether two groups of one sample, or two samples, differ by more than chance explains."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from migstat.words.design import Design
from migstat.words.estimates import Estimates
from migstat.words.finding import Finding, Misuse, Place
from migstat.words.how_many import how_many
from migstat.words.structure import Structure
from migstat.work.conditions import Pairs
from migstat.work.estimate.asking import asked, described, prepared
from migstat.work.estimate.distributions import t_quantile, two_sided
from migstat.work.estimate.groups import LEVEL
from migstat.work.estimate.question import Question

CALL = Place("difference")


def between_groups(
    records: Any,
    question: Question,
    design: Design,
    groups: Sequence[Any] = (),
    *,
    structure: Structure | None = None,
    pairs: Pairs = frozenset(),
) -> Estimates:
    """Test the first of two groups of one sample against the second.

    The variance is that of the difference itself, linearised or taken over the replicates, so that what the groups have
    in common (strata, sampling units, a margin) is in it. ``groups`` names two values of ``question.by``.
    """
    faults = []
    if question.statistic == "quantile":
        what = "quantiles of two groups of one sample share its units, and no covariance is known of their intervals"
        faults.append(Finding(CALL, "statistic", what, "compare means, or the share above a value"))
    if len(question.by) != 1:
        faults.append(Finding(CALL, "by", "two groups are told apart by one column", "write by=SEX"))
    if faults:
        raise Misuse(faults)
    frame, kinds, numeric = prepared(records, question, design, structure)
    chosen: list[tuple[str, str, str | None]] = []

    def contrasts(names: pl.DataFrame) -> Any:
        first, second = _two(names[question.by[0]], groups, question.by[0])
        lines, values = [], names[question.by[0]].cast(pl.String).to_list()
        levels = names[LEVEL].to_list() if LEVEL in names.columns else [None] * len(values)
        for level in dict.fromkeys(levels):
            line = np.zeros(len(values))
            for at, (value, code) in enumerate(zip(values, levels, strict=True)):
                if code == level:
                    line[at] = (value == first) - (value == second)
            lines.append(line)
            chosen.append((first, second, level))
        return np.array(lines, dtype=float)

    found, variance = asked(
        frame, question, design, kinds=kinds, pairs=pairs, numeric=question.of in numeric, contrasts=contrasts
    )
    values = dict(zip(_keys(found.names, question.by[0]), found.values, strict=True))
    lines = []
    for (first, second, level), spread in zip(chosen, variance, strict=True):
        pair = values[first, level], values[second, level]
        lines.append(({"LEVEL": level} if level is not None else {}, *pair, float(spread), found.whole_df))
    facts = described(design, question)
    first, second = chosen[0][:2]
    note = f"{question.by[0]} {first} less {second}, of one sample; two-sided test."
    return _told(lines, question, facts, note)


def between_samples(first: Estimates, second: Estimates, question: Question) -> Estimates:
    """Test each line of one sample's estimates against that of another, drawn independently, such as a later year.

    Variances add up; the degrees of freedom are Satterthwaite's (1946).
    """
    names = [name for name in (*question.by, "LEVEL", "PROBABILITY") if name in first.frame.columns]
    if names:
        both = first.frame.join(second.frame, on=names, nulls_equal=True)
    else:
        both = first.frame.join(second.frame, how="cross")
    if both.is_empty():
        raise Misuse([Finding(CALL, "by", "the samples have no group in common", "name another column with by")])
    lines = []
    for row in both.rows(named=True):
        # An error that is not known is not 0.
        one, other = (math.nan if row[id] is None else row[id] ** 2 for id in ("STD_ERROR", "STD_ERROR_right"))
        freedom = _satterthwaite(one, row["DF"], other, row["DF_right"])
        key = {name: row[name] for name in names}
        if None in (row["ESTIMATE"], row["ESTIMATE_right"]):
            continue
        lines.append((key, row["ESTIMATE"], row["ESTIMATE_right"], one + other, freedom))
    note = "The first sample less the second, drawn independently; two-sided test."
    told = _told(lines, question, dict(first.facts), note)
    left = max(first.frame.height, second.frame.height) - len(lines)
    more = (
        f"{how_many(left, 'group of one sample is', 'groups of one sample are')} "
        f"without an estimate in the other: no line is made."
    )
    return replace(told, notes=(*told.notes, more)) if left else told


def _satterthwaite(one: float, df_one: float | None, other: float, df_other: float | None) -> float:
    if not df_one or not df_other or one + other == 0:
        return math.nan
    return (one + other) ** 2 / (one**2 / df_one + other**2 / df_other)


def _two(values: pl.Series, groups: Sequence[Any], name: str) -> tuple[str, str]:
    there = [str(value) for value in values.cast(pl.String).unique(maintain_order=True).drop_nulls()]
    wanted = [str(value) for value in groups] or there
    missing = [value for value in wanted if value not in there]
    if missing:
        what = f"{name} has no {', '.join(missing)} in this domain"
        raise Misuse([Finding(CALL, name, what, f"it has {', '.join(there[:10])}")])
    if len(wanted) != 2:
        what = f"{how_many(len(wanted), 'group')} of {name}, and a difference is between two"
        mend = f"write groups=[{', '.join(there[:2])}]" if len(there) > 1 else "name a column that has two groups"
        raise Misuse([Finding(CALL, name, what, mend)])
    return wanted[0], wanted[1]


def _keys(names: pl.DataFrame, by: str) -> list[tuple[str, str | None]]:
    levels = names[LEVEL].to_list() if LEVEL in names.columns else [None] * len(names)
    return list(zip(names[by].cast(pl.String).to_list(), levels, strict=True))


def _told(
    lines: Sequence[tuple[dict[str, Any], float, float, float, float]],
    question: Question,
    facts: dict[str, Any],
    note: str,
) -> Estimates:
    rows = []
    for key, first, second, variance, df in lines:
        gap, error = first - second, math.nan if math.isnan(variance) else math.sqrt(max(variance, 0.0))
        statistic = gap / error if error else math.nan
        reach = t_quantile(0.5 + question.confidence / 2, df) * error
        rows.append(
            {
                **key,
                "FIRST": first,
                "SECOND": second,
                "DIFFERENCE": gap,
                "STD_ERROR": error,
                "STATISTIC": statistic,
                "DF": df,
                "P_VALUE": two_sided(statistic, df),
                "CI_LOWER": gap - reach,
                "CI_UPPER": gap + reach,
            }
        )
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col(pl.Float64).fill_nan(None))
    return Estimates(frame, f"difference of {question.statistic}s", question.said, facts, (note,))
