"""Stays: how long a person stays on the side that a crossing led to, in calendar months, and as what.

The classes are those of the UN Recommendations of 1998: twelve months make a long-term stay; three to less than twelve
a short-term one, unless it is a visit. A stay that is not over is open, or of the class that the person expected.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from migstat.work.reside.outcome import Ints, months_later

SHORT, LONG = 3, 12
CLASSES = ("LONG", "SHORT", "VISIT", "MIDDLE", "BRIEF", "OPEN", "_N", "_U", "_X", "_Z")
BASES = ("ACTUAL", "EXPECTED")
_LONG, _SHORT, _VISIT, _MIDDLE, _BRIEF, _OPEN, _N, _U, _X, _Z = range(len(CLASSES))
_INTENDED = {"GE12M": 2, "3T11M": 1, "3T5M": 1, "6T11M": 1, "LT3M": 0}
"""Classes of CL_DURATION by the months reached: none, three, twelve."""


def stays(
    ordered: pl.DataFrame, day: Ints, stay: Ints, ends: np.ndarray, until: date | None, visits: Mapping[str, bool]
) -> list[pl.Series]:
    """Return STAY_CLASS, STAY_BASIS and EXPECTED_CLASS of each crossing.

    ``ends`` is true at the last crossing of a person, whose stay lasts until observation ends; where no end is given,
    it is taken to last. ``visits`` says of a purpose whether it is a visit; of any other it is not known.
    """
    after = day + stay
    reached = (after >= months_later(day, SHORT)).astype(np.int8) + (after >= months_later(day, LONG))
    if until is None:
        reached = np.where(ends, 2, reached)
    middle = _middle(ordered, visits)
    actual = np.where(reached == 2, _LONG, np.where(reached == 1, middle, _BRIEF))
    going_on = ends & (reached < 2)
    expected, hoped = _expected(ordered, middle)
    by_hope = going_on & (hoped >= reached)
    found = np.where(by_hope, expected, np.where(going_on, _OPEN, actual))
    return [
        _coded("STAY_CLASS", found, CLASSES),
        _coded("STAY_BASIS", by_hope.astype(np.uint8), BASES),
        _coded("EXPECTED_CLASS", expected, CLASSES),
    ]


def _middle(ordered: pl.DataFrame, visits: Mapping[str, bool]) -> Ints:
    """Return what a stay of three months to less than twelve is."""
    if "PURPOSE" not in ordered.columns:
        return np.full(ordered.height, _MIDDLE)
    as_what = {code: _VISIT if visit else _SHORT for code, visit in visits.items()}
    purpose = ordered["PURPOSE"].cast(pl.String)
    return purpose.replace_strict(as_what, default=_MIDDLE, return_dtype=pl.Int64).to_numpy()


def _expected(ordered: pl.DataFrame, middle: Ints) -> tuple[Ints, Ints]:
    """Return the class of the expected stay, and what it reaches: nothing, three months, twelve; -1 if not said."""
    hoped = pl.repeat(None, ordered.height, dtype=pl.Int64, eager=True)
    absent = pl.repeat(_X, ordered.height, dtype=pl.Int64, eager=True)
    kinds = {"_N": _N, "_U": _U, "_X": _X, "_Z": _Z}
    if "INTENDED_DURATION" in ordered.columns:
        text = ordered["INTENDED_DURATION"].cast(pl.String)
        hoped = text.replace_strict(_INTENDED, default=None, return_dtype=pl.Int64)
        absent = text.replace_strict(kinds, default=_U, return_dtype=pl.Int64)
    if "INTENDED_STAY" in ordered.columns:
        months = ordered["INTENDED_STAY"]
        classed = (months >= SHORT).cast(pl.Int64) + (months >= LONG).cast(pl.Int64)
        hoped = classed.zip_with(months.is_not_null(), hoped)
        if "INTENDED_STAY_MISSING" in ordered.columns:
            absent = ordered["INTENDED_STAY_MISSING"].cast(pl.String).replace_strict(
                kinds, default=_U, return_dtype=pl.Int64
            )  # fmt: skip
        elif "INTENDED_DURATION" not in ordered.columns:
            absent = pl.repeat(_U, ordered.height, dtype=pl.Int64, eager=True)
    reach = hoped.fill_null(-1).to_numpy()
    by_reach = np.where(reach == 2, _LONG, np.where(reach == 1, middle, _BRIEF))
    return np.where(reach < 0, absent.to_numpy(), by_reach), reach


def _coded(name: str, places: np.ndarray, codes: tuple[str, ...]) -> pl.Series:
    return pl.Series(name, places.astype(np.uint8)).cat.to(pl.Enum(codes))
