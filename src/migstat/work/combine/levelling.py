"""Levelling: the rows of a source that are kept in one dimension, and the sums that stand for finer ones."""

from collections.abc import Iterable, Sequence

import polars as pl

from migstat.words.missing import TOTAL, UNKNOWN
from migstat.work.combine.cells import VALUE, added
from migstat.work.combine.common import RESIDUAL, Nest, detail

SMALLEST = 1e-6
"""Differences below this come of the sums of floats."""
ALIKE = ("FREQ", "TIME_PERIOD", "DEFINITION", "FLOW", "UNIT_MEASURE")
"""Dimensions over which people are not added up: the same ones stand under several of their codes."""


def levelled(
    frame: pl.DataFrame, component: str, nest: Nest, targets: Iterable[str], key: Sequence[str]
) -> tuple[pl.DataFrame, dict[str, str], float]:
    """Keep the targets in one dimension, with totals and kinds of missing; where a target has no row, add finer codes.

    Return the cells, what each finer code became, and how many people stand under ``_U`` because the parts that are
    left do not reach the total, such as those known only by their region.
    """
    present, wanted = set(frame[component].unique()), sorted(targets)
    if not wanted:
        only = _with_total(frame, frame, component, nest, key).filter(pl.col(component) == TOTAL)
        return only, dict.fromkeys(nest.finest(present), TOTAL), 0.0
    lifted = {
        code: one
        for one in wanted
        if one not in present
        for code in nest.coarsest(code for code in detail(present) if nest.within(code, one))
    }
    kept = frame.filter(pl.col(component).is_in([*wanted, *RESIDUAL]))
    sums = frame.filter(pl.col(component).is_in(list(lifted))).with_columns(pl.col(component).replace(lifted))
    made = pl.concat([kept, added(sums, [*key])]) if sums.height else kept
    made = _with_total(made, frame, component, nest, key)
    lost = {code: nest.target(code, wanted) or TOTAL for code in nest.finest(present) - set(wanted)}
    whole, carried = carried_unknown(made, component, key)
    return whole, lost, carried


def carried_unknown(frame: pl.DataFrame, component: str, key: Sequence[str]) -> tuple[pl.DataFrame, float]:
    """Add to ``_U`` what the total of a dimension has above its parts, where all of them have values.

    A dimension of which only the total is left is as it should be. Return the cells and how many people were carried.
    """
    rest = [id for id in key if id != component]
    parts = frame.filter(pl.col(component) != TOTAL)
    if not parts.height:
        return frame, 0.0
    whole = frame.filter(pl.col(component) == TOTAL).select(*rest, pl.col(VALUE).alias("_whole"))
    sums = parts.group_by(rest).agg(pl.col(VALUE).sum().alias("_sum"), pl.col(VALUE).null_count().alias("_absent"))
    gaps = whole.join(sums, on=rest).filter(pl.col("_absent") == 0, pl.col("_whole") - pl.col("_sum") > SMALLEST)
    if not gaps.height:
        return frame, 0.0
    gaps = gaps.select(*rest, (pl.col("_whole") - pl.col("_sum")).alias("_gap"))
    # The row of the total lends its attributes to the new row; what it counts is not its count.
    model = frame.filter(pl.col(component) == TOTAL).join(gaps, on=rest)
    counts = [id for id in ("N_UNWEIGHTED", "STD_ERROR", "CV") if id in frame.columns]
    blank = [pl.lit(None, frame.schema[id]).alias(id) for id in counts]
    new = model.with_columns(pl.lit(UNKNOWN).alias(component), pl.col("_gap").alias(VALUE), *blank).drop("_gap")
    joined = pl.concat([frame, new.select(frame.columns)])
    return added(joined, [*key]), float(gaps["_gap"].sum())


def _with_total(
    made: pl.DataFrame, frame: pl.DataFrame, component: str, nest: Nest, key: Sequence[str]
) -> pl.DataFrame:
    """Add up a total where the source has none."""
    rest = [id for id in key if id != component]
    totals = made.filter(pl.col(component) == TOTAL).select(rest)
    parts = frame.filter(pl.col(component).is_in([*nest.coarsest(frame[component].unique()), *(RESIDUAL - {TOTAL})]))
    lacking = parts.join(totals, on=rest, how="anti")
    if not lacking.height:
        return made
    return pl.concat([made, added(lacking.with_columns(pl.lit(TOTAL).alias(component)), [*key])])


def people_under(code: str, frame: pl.DataFrame, component: str, key: Sequence[str]) -> tuple[float, bool]:
    """Return how many people stand under a code of a dimension, each once, and whether that is the most of several.

    Of every other dimension that has totals only these count. Periods, definitions and units are never added up: of
    several the one with the most people is told.
    """
    cells = frame.filter(pl.col(component) == code)
    for id in key:
        if id not in ALIKE and (totals := cells.filter(pl.col(id) == TOTAL)).height:
            cells = totals
    sums = cells.group_by(id for id in key if id in ALIKE).agg(pl.col(VALUE).sum())[VALUE]
    return float(sums.max() or 0.0), len(sums) > 1  # type: ignore[arg-type]


def parts_above_whole(frame: pl.DataFrame, component: str, nest: Nest, key: Sequence[str]) -> tuple[str, int]:
    """Return a code that has fewer people than the codes below it, and in how many cells; an empty text for none.

    Then its row is no sum, but people of whom nothing finer is known, and adding would leave them out.
    """
    present = detail(frame[component].unique())
    rest = [id for id in key if id != component]
    for whole in sorted(present):
        below = [code for code in nest.finest(present) if code != whole and nest.within(code, whole)]
        if not below:
            continue
        sums = frame.filter(pl.col(component).is_in(below)).group_by(rest).agg(pl.col(VALUE).sum().alias("_sum"))
        less = frame.filter(pl.col(component) == whole).join(sums, on=rest)
        less = less.filter(pl.col("_sum") - pl.col(VALUE) > SMALLEST + 0.01 * pl.col(VALUE))
        if less.height:
            return whole, less.height
    return "", 0
