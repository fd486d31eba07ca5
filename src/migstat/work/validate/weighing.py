"""Weights as whole numbers of units, so fine that sums are exact, and so the same in whatever order they are made."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from migstat.words.finding import Finding, MigstatError, Place

MOST = 2.0**49
"""Units of all weights together: below it every sum is exact, and a decimal comes to the whole number it should be."""
SLACK = 2.0**-51
"""How far, in proportion, a weight may be from the decimal that it was reckoned as: of ``MOST`` it is below a half."""
TRIED = (1e3, 1e6, 1e9)
"""How many units make one, where weights have so few decimal places."""


def in_units(value: Any, units: float) -> Any:
    """Return weights in units: numbers of NumPy, or an expression of Polars or narwhals.

    Engines round a half each in its own way, and all have one way to go down.
    """
    moved = value * units + 0.5
    return np.floor(moved) if isinstance(value, np.ndarray) else moved.floor()


def units_of(bound: float, weight: str) -> float:
    """Return how many units make one where the weights, without their signs, add up to ``bound``."""
    if not math.isfinite(bound):
        mend = "write the weight of each row as a number"
        raise MigstatError([Finding(Place("validate"), weight, "holds a weight that is infinite", mend)])
    places = math.floor(math.log10(MOST) - math.log10(bound)) if bound else 0
    return float(10.0 ** max(-300, min(300, places)))


@dataclass(frozen=True, slots=True)
class Weighing:
    """The weight of a row of a file that is scanned, in units."""

    value: pl.Expr
    units: float
    """How many make one."""


def weighing_of(scan: pl.LazyFrame, weight: str | None) -> Weighing | None:
    """Return how rows are weighed, after a look at all weights."""
    if weight is None:
        return None
    value = pl.col(weight).cast(pl.Float64).fill_nan(None).fill_null(0.0)
    units = units_of(float(scan.select(value.abs().sum()).collect(engine="streaming").item()), weight)
    return Weighing(in_units(value, units), units)


class Trial:
    """Weights that are not all known yet: whether those so far are whole numbers of units, and their sum is exact."""

    def __init__(self) -> None:
        self.units, self.bound, self.holds = 0.0, 0.0, True
        """How many units make one, which the first weights tell; what they add up to without their signs."""

    def take(self, weights: np.ndarray) -> bool:
        """Take the weights of some more rows; tell whether the units hold."""
        self.bound += float(np.abs(weights).sum())
        self.holds = self.holds and math.isfinite(self.bound)
        if self.holds:
            self.units = self.units or next((units for units in TRIED if _whole(weights, units)), TRIED[-1])
            self.holds = self.bound * self.units < MOST and _whole(weights, self.units)
        return self.holds


def _whole(weights: np.ndarray, units: float) -> bool:
    return bool((np.abs(in_units(weights, units) / units - weights) <= SLACK * np.abs(weights)).all())
