"""Primary suppression: which cells are at risk by themselves, by which rule of the policy."""

from collections.abc import Sequence
from typing import assert_never

import polars as pl

from migstat.words.policy import Dominance, OneCategory, PPercent, Primary, PriorPosterior, Suppression, Threshold
from migstat.work.protect.cells import SLACK, Cells
from migstat.work.protect.contributions import CONTRIBUTORS, LARGEST, SUM

SMALL, ONE_UNIT, TWO_UNITS, ONE_OR_TWO, CONCENTRATION, CONFIDENTIAL = "A", "O", "T", "G", "M", "C"
"""Codes of CL_CONF_STATUS."""

Why = tuple[str, str]


def needed(rules: Sequence[Primary]) -> tuple[int, ...]:
    """Return how many largest contributions the rules look at; none where they look at counts alone."""
    found: set[int] = set()
    for rule in rules:
        match rule:
            case PPercent() | PriorPosterior():
                found |= {1, 2}
            case Dominance(n=n):
                found.add(n)
            case Threshold() | OneCategory():
                pass
            case _:
                assert_never(rule)
    return tuple(sorted(found))


def at_risk(cells: Cells, policy: Suppression, contributions: pl.DataFrame | None) -> dict[int, Why]:
    """Return the cells at risk, each with its CONF_STATUS and the reason; the first rule that holds gives it."""
    frame = pl.DataFrame({"value": cells.values, "count": cells.counts})
    if contributions is not None:
        keys = cells.keys.columns
        joined = cells.keys.with_columns(pl.Series("_shown", cells.shown)).join(
            contributions, on=keys, how="left", maintain_order="left"
        )
        facts = [name for name in contributions.columns if name not in keys]
        # What is left over of a total has no contributions of its own: they are the total's.
        frame = pl.concat([frame, joined.select(pl.when(pl.col("_shown")).then(pl.col(facts)))], how="horizontal")
    found: dict[int, Why] = {}
    for rule in policy.primary:
        if isinstance(rule, OneCategory):
            risks = dict.fromkeys(_one_category(cells, rule), (CONFIDENTIAL, rule.says))
        else:
            code, expression = _risk(rule, contributions is not None)
            hit = frame.select(expression.fill_null(False)).to_series().arg_true().to_list()
            risks = dict.fromkeys(hit, (code, rule.says))
        if isinstance(rule, Threshold):
            few = [cell for cell, records in cells.fewest.items() if records < rule.below and cells.counts[cell] > 0]
            risks = {**dict.fromkeys(few, (SMALL, f"{rule.says} behind one of its figures")), **risks}
        found = {**risks, **found}
    if policy.zeros == "primary":
        zeros = frame.select((pl.col("value") == 0) & (pl.col("count") <= 0)).to_series().arg_true().to_list()
        found = {**dict.fromkeys(zeros, (SMALL, "nobody is in it")), **found}
    return dict(sorted(found.items()))


def _risk(rule: Threshold | PPercent | PriorPosterior | Dominance, units: bool) -> tuple[str, pl.Expr]:
    total = pl.col(SUM) if units else pl.col("value")
    match rule:
        case Threshold(below=below):
            small = (pl.col("count") > 0) & (pl.col("count") < below)
            if units:
                small |= (pl.col("count") < 0) & (pl.col(CONTRIBUTORS) < below)
            return SMALL, small
        case PPercent(p=p):
            return ONE_OR_TWO, _estimated(total, p / 100)
        case PriorPosterior(p=p, q=q):
            return ONE_OR_TWO, _estimated(total, p / q)
        case Dominance(n=n, k=k):
            code = {1: ONE_UNIT, 2: TWO_UNITS}.get(n, CONCENTRATION)
            return code, (total > 0) & (pl.col(LARGEST.format(n)) > total * k / 100 + SLACK * total.abs())


def _estimated(total: pl.Expr, share: float) -> pl.Expr:
    """The second contributor subtracts its own from the total: what the others add is all that hides the first."""
    first, two = pl.col(LARGEST.format(1)), pl.col(LARGEST.format(2))
    return (first > 0) & (total - two < share * first - SLACK * first)


def _one_category(cells: Cells, rule: OneCategory) -> set[int]:
    """Return, of each row in which everybody is in one category, all the categories: a zero tells as much."""
    found: set[int] = set()
    columns = {name: cells.keys[name].to_list() for name in rule.dimensions if name in cells.keys.columns}
    for total, *parts in cells.sums:
        shown = [part for part in parts if cells.shown[part]]
        filled = [part for part in shown if cells.counts[part] > 0]
        along = any(listed[total] != listed[parts[0]] for listed in columns.values())
        if along and len(shown) > 1 and len(filled) == 1 and cells.counts[filled[0]] == cells.counts[total]:
            found.update(shown)
    return found
