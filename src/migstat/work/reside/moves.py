"""Moves: which crossings count as immigration or emigration by a definition, and of which it is not known yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

BY_RULE = ("NZ_12_16", "AU_12_16", "V_IN_W")
"""Definitions that count what the rule of residence finds to be moves."""
FLOWS = ("IMM", "EMI", "IMM_U", "EMI_U")


@dataclass(frozen=True, slots=True)
class OfStay:
    """A definition by how long the stay lasts without a break, of who did not live on that side before.

    ``open_`` are the classes of which it is not known whether they are of ``counted``; where ``expected`` is true, the
    stay that a person expects counts as an actual one does while it is not over.
    """

    counted: Collection[str]
    open_: Collection[str]
    expected: bool = False
    directions: Sequence[str] = ("ARR", "DEP")


BY_STAY = {
    "UN_LONG_TERM_12M": OfStay(["LONG"], ["OPEN"]),
    "UN_SHORT_TERM_3_12M": OfStay(["SHORT"], ["MIDDLE", "OPEN"]),
    "UN_VISITOR": OfStay(["BRIEF", "VISIT"], ["MIDDLE", "OPEN"]),
    "EU_IMMIGRANT_862": OfStay(["LONG"], ["OPEN"], expected=True, directions=["ARR"]),
    "EU_EMIGRANT_862": OfStay(["LONG"], ["OPEN"], expected=True, directions=["DEP"]),
}
"""Definitions that count stays. UN Recommendations of 1998; Regulation (EC) No 862/2007, Article 2."""


def moves(crossings: Any, definition: str, period: str) -> Any:
    """Return the crossings that are moves, or may be, with FLOW as it is counted and the TIME_PERIOD of the crossing.

    ``crossings`` is a narwhals frame of any engine, as ``reside`` made it; ``period`` is year, quarter or month.
    """
    arrives = nw.col("DIRECTION").cast(nw.String) == "ARR"
    made, open_ = _by_rule() if definition in BY_RULE else _by_stay(BY_STAY[definition])
    flow = (
        nw.when(made & arrives)
        .then(nw.lit("IMM"))
        .otherwise(
            nw.when(made)
            .then(nw.lit("EMI"))
            .otherwise(nw.when(open_ & arrives).then(nw.lit("IMM_U")).otherwise(nw.when(open_).then(nw.lit("EMI_U"))))
        )
    )
    there = crossings.collect_schema().names()
    columns = [flow.alias("FLOW"), _period(period).alias("TIME_PERIOD")]
    if "AGE" not in there and "BIRTH_DATE" in there:
        columns.append(_age().alias("AGE"))
    return crossings.with_columns(*columns).filter(~nw.col("FLOW").is_null())


def _by_rule() -> tuple[nw.Expr, nw.Expr]:
    flow = nw.col("FLOW").cast(nw.String)
    return flow.is_in(["IMM", "EMI"]), flow == "_U"


def _by_stay(of: OfStay) -> tuple[nw.Expr, nw.Expr]:
    direction, was = nw.col("DIRECTION").cast(nw.String), nw.col("WAS_RESIDENT").cast(nw.String)
    stay, hoped = nw.col("STAY_CLASS").cast(nw.String), nw.col("STAY_BASIS").cast(nw.String) == "EXPECTED"
    new_side = ((direction == "ARR") & (was == "N")) | ((direction == "DEP") & (was == "Y"))
    asked = direction.is_in(list(of.directions)) & (new_side | (was == "_U"))
    counted, open_ = stay.is_in(list(of.counted)), stay.is_in(list(of.open_))
    if not of.expected:
        counted, open_ = counted & ~hoped, open_ | hoped
    return asked & new_side & counted, asked & (open_ | (counted & (was == "_U")))


def _period(period: str) -> nw.Expr:
    day = nw.col("CROSSING_DATE")
    text = day.cast(nw.String)
    if period != "quarter":
        return text.str.slice(0, 7 if period == "month" else 4)
    quarter = nw.lit("Q1")
    for last, name in ((3, "Q2"), (6, "Q3"), (9, "Q4")):
        quarter = nw.when(day.dt.month() > last).then(nw.lit(name)).otherwise(quarter)
    return nw.concat_str([text.str.slice(0, 4), quarter], separator="-")


def _age() -> nw.Expr:
    """Reckon the completed years on the day of the crossing; a birthday on 29 February falls on 1 March."""
    day, born = nw.col("CROSSING_DATE"), nw.col("BIRTH_DATE")
    before = (day.dt.month() * 100 + day.dt.day()) < (born.dt.month() * 100 + born.dt.day())
    years = day.dt.year().cast(nw.Int64) - born.dt.year().cast(nw.Int64)
    return nw.when(before).then(years - 1).otherwise(years)
