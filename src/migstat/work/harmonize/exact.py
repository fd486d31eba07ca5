"""Exact: weights added up as whole numbers, so that neither the order of rows nor the engine shows in a sum."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from migstat.work.conditions import MOST_DIGITS, floored
from migstat.work.harmonize.plan import WEIGHT

Frame = Any
"""A narwhals DataFrame or LazyFrame."""
BITS = 30
"""The bits of each column behind the point; 2**33 rows of them can be added up in 64 bits."""
LARGE, REST, WHOLE = "migstat-large", "migstat-rest", "migstat-whole"
BEHIND = ("migstat-behind1", "migstat-behind2", "migstat-behind3")
PLACES = (LARGE, WHOLE, *BEHIND)
"""The columns of a weight: what is too large to have a fraction; before the point; and thrice behind it."""
ONE = 1 << BITS * len(BEHIND)
"""A weight of 1, in the units of the last place."""


def with_places(frame: Frame) -> Frame:
    """Add the columns whose sums give the sum of the weights."""
    weight = nw.col(WEIGHT)
    small = nw.when(weight.abs() < MOST_DIGITS).then(weight).alias(REST)
    frame = frame.with_columns(nw.when(weight.abs() >= MOST_DIGITS).then(weight).alias(LARGE), small)
    for name in (WHOLE, *BEHIND):
        frame = frame.with_columns(floored(nw.col(REST)).alias(name))
        frame = frame.with_columns(((nw.col(REST) - nw.col(name)) * float(1 << BITS)).alias(REST))
    return frame.with_columns(*(nw.col(name).cast(nw.Int64) for name in (WHOLE, *BEHIND)))


def units(sums: Sequence[Any]) -> int:
    """Return what the sums of the places come to, in units of the last place."""
    large, *others = sums
    found = int(large or 0) * ONE
    for place, value in enumerate(others):
        found += int(value or 0) << BITS * (len(BEHIND) - place)
    return found


def weight_of(units: int) -> float:
    """Return units as a weight: the nearest to the true sum that a double can hold."""
    return units / ONE
