"""Judge: frames of crossings, each with residence before and after it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import numpy as np
import polars as pl

from migstat.words.residence import ResidenceRule
from migstat.work.reside.crossings import AT, DATE, DIRECTION, PERSON, in_order, set_aside
from migstat.work.reside.outcome import Ints, days_inside, history, outcomes
from migstat.work.reside.status import NEVER, NO, UNKNOWN, YES, Statuses, statuses
from migstat.work.reside.stay import stays

Initial = Literal["inferred", "unknown"]
RESIDENT, RESIDENT_SINCE = "RESIDENT_BEFORE", "RESIDENT_BEFORE_DATE"
EPOCH = date(1970, 1, 1)
SAID = {"Y": YES, "N": NO, "_U": UNKNOWN}
"""What a code says of the status at the start; any other, such as not stated, says nothing."""


def reside(
    crossings: pl.DataFrame,
    rule: ResidenceRule,
    until: date | None,
    initial: Initial = "inferred",
    visits: Mapping[str, bool] | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the crossings in order with what they mean for residence, and those set aside, with ``_why``.

    Crossings after ``until``, on which observation ends, must be gone already. ``RESIDENT_BEFORE`` of a person's first
    crossing says whether they were a resident before it; where it says nothing, ``initial`` tells what to think.
    Added are WAS_RESIDENT and IS_RESIDENT (Y, N, _U), FLOW (IMM, EMI, _Z no move, _U), the days on which each became
    final, STAY_DAYS until the next crossing, DAYS_OBSERVED of the window, and DAYS_IN_COUNTRY of these; and the class
    of the stay that follows, for which ``visits`` says which purposes are visits.
    """
    ordered, aside = set_aside(in_order(crossings))
    person = ordered[PERSON].rle_id().to_numpy().astype(np.int64)
    day = ordered[DATE].to_physical().to_numpy().astype(np.int64)
    arrival = (ordered[DIRECTION].cast(pl.String) == "ARR").to_numpy()
    one = history(person, day, arrival, rule, None if until is None else (until - EPOCH).days)
    start, since, basis = _start(ordered, one.first, arrival, day, initial)
    found = statuses(one, outcomes(one), start, since)
    window = one.threshold + one.slack
    observed = window if until is None else np.minimum(window, (until - EPOCH).days - day)
    ends = one.last == np.arange(len(day))
    columns = [
        *_columns(found, arrival),
        basis,
        pl.Series("STAY_DAYS", one.stay).set(pl.Series(ends), None),
        pl.Series("DAYS_OBSERVED", observed),
        pl.Series("DAYS_IN_COUNTRY", days_inside(one, observed)),
        *stays(ordered, day, one.stay, ends, until, visits or {}),
        pl.repeat(str(rule), len(day), dtype=pl.String, eager=True).alias("RESIDENCE_RULE"),
    ]
    return ordered.with_columns(columns).drop(AT), aside.drop(AT)


def _start(
    ordered: pl.DataFrame, first: Ints, arrival: np.ndarray, day: Ints, initial: Initial
) -> tuple[Ints, Ints, pl.Series]:
    """Return, for each row, the status of its person before the first crossing, since when, and how it is known."""
    given = pl.repeat(None, ordered.height, dtype=pl.Int8, eager=True)
    if RESIDENT in ordered.columns:
        given = ordered[RESIDENT].cast(pl.String).replace_strict(SAID, default=None, return_dtype=pl.Int8)
    given = given.gather(first)
    since = day[first]
    if RESIDENT_SINCE in ordered.columns:
        dates = ordered[RESIDENT_SINCE].to_physical().cast(pl.Int64).gather(first)
        since = pl.Series(dates).fill_null(pl.Series(since)).to_numpy()
    silent = given.is_null().to_numpy()
    thought = np.full(len(first), UNKNOWN) if initial == "unknown" else np.where(arrival[first], NO, YES)
    start = np.where(silent, thought, given.fill_null(UNKNOWN).to_numpy())
    basis = np.where(start == UNKNOWN, 2, np.where(silent, 1, 0))
    known = np.where(silent | (start == UNKNOWN), day[first], since)
    return start, known, _coded("RESIDENT_BASIS", basis, ["GIVEN", "INFERRED", "_U"])


def _columns(found: Statuses, arrival: np.ndarray) -> list[pl.Series]:
    flow = np.where(found.moved == 1, np.where(arrival, 2, 3), found.moved + 1)
    return [
        _coded("WAS_RESIDENT", found.before + 1, ["_U", "N", "Y"]),
        _coded("IS_RESIDENT", found.after + 1, ["_U", "N", "Y"]),
        _coded("FLOW", flow, ["_U", "_Z", "IMM", "EMI"]),
        _dates("WAS_RESIDENT_FINAL", found.before_final),
        _dates("IS_RESIDENT_FINAL", found.after_final),
        _dates("FLOW_FINAL", found.moved_final),
    ]


def _coded(name: str, places: np.ndarray, codes: Sequence[str]) -> pl.Series:
    return pl.Series(name, places.astype(np.uint8)).cat.to(pl.Enum(codes))


def _dates(name: str, days: Ints) -> pl.Series:
    known = days > NEVER
    return pl.Series(name, np.where(known, days, 0)).cast(pl.Int32).cast(pl.Date).set(pl.Series(~known), None)
