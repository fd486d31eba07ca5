"""Sums over sources: only of like with like, or, where it is asked for, with a mark on every sum."""

from collections.abc import Sequence

import polars as pl

from migstat.words.combined import Comparison
from migstat.words.finding import Finding, Misuse, Place
from migstat.words.structure import Structure
from migstat.work.combine.cells import STATUS, VALUE, added, key_of

CALL = Place("combine")
TOGETHER = "_T"
"""The DATA_SOURCE of a sum over sources."""
BEARING = (
    "definition",
    "population",
    "coverage",
    "birthplace",
    "boundaries",
    "duration",
    "vintage",
    "source type",
    "period",
)
"""Differences that make two figures unlike; a lack of detail does not."""


def with_sum(
    frame: pl.DataFrame, structure: Structure, area: str, comparisons: Sequence[Comparison], *, unlike: bool
) -> pl.DataFrame:
    """Add the cells of all sources up under one area.

    An area that two sources count is refused: its people would be counted twice. Sources that differ are refused
    unless ``unlike``; then every sum has OBS_STATUS D (definition differs) and says in COMMENT_OBS what differs. A cell
    that one source lacks has no sum.
    """
    _once(frame)
    reasons = [(one, reason) for one in comparisons for reason in one.reasons if reason.concept in BEARING]
    if reasons and not unlike:
        raise Misuse(_refused(one, reason.concept, reason.what) for one, reason in reasons)
    columns = {"DATA_SOURCE": TOGETHER, "REF_AREA": area}
    if any(reason.concept == "definition" for _, reason in reasons):
        columns["DEFINITION"] = "_Z"
    if any(reason.concept == "period" for _, reason in reasons):
        periods = sorted(frame["TIME_PERIOD"].unique())
        columns["TIME_PERIOD"] = f"{periods[0]}/{periods[-1]}"
    sources = frame["DATA_SOURCE"].n_unique()
    key = key_of(frame, structure)
    parts = frame.with_columns(pl.lit(value).alias(name) for name, value in columns.items())
    given = (
        frame.with_columns(pl.lit(value).alias(name) for name, value in columns.items() if name != "DATA_SOURCE")
        .group_by([id for id in key if id != "DATA_SOURCE"])
        .agg(pl.col("DATA_SOURCE").n_unique().alias("_sources"))
    )
    sums = added(parts, key).join(given, on=[id for id in key if id != "DATA_SOURCE"])
    sums = sums.filter(pl.col("_sources") == sources).drop("_sources")
    if reasons:
        concepts = ", ".join(dict.fromkeys(reason.concept for _, reason in reasons))
        sums = sums.with_columns(
            pl.when(pl.col(VALUE).is_not_null()).then(pl.lit("D")).otherwise(pl.col(STATUS)).alias(STATUS),
            pl.lit(f"a sum of unlike sources, which differ in: {concepts}").alias("COMMENT_OBS"),
        )
    return pl.concat([frame, sums.select(frame.columns)])


def _once(frame: pl.DataFrame) -> None:
    twice = frame.group_by("REF_AREA").agg(pl.col("DATA_SOURCE").unique().sort()).sort("REF_AREA")
    twice = twice.filter(pl.col("DATA_SOURCE").list.len() > 1)
    if twice.height:
        area, sources = twice.row(0)
        what = f"{area} is counted by {' and '.join(sources)}: its people would be added up twice"
        more = f", and so are {twice.height - 1} other areas" if twice.height > 1 else ""
        raise Misuse([Finding(CALL, "REF_AREA", what + more, "combine one source for each area, or leave out add")])


def _refused(one: Comparison, concept: str, what: str) -> Finding:
    said = f"{one.first} and {one.second} are not added up: {concept}: {what}"
    return Finding(
        CALL, "add", said, "leave out add, or ask for it with unlike=True (--unlike); each sum is marked then"
    )
