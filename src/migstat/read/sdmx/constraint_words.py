"""What constraints say alike in XML and in JSON: how far a value cascades, and the ends of a period."""

from collections.abc import Mapping

from migstat.words.constraint import Cascade, Period

CASCADES: dict[str, Cascade] = {"true": "with descendants", "1": "with descendants", "excluderoot": "descendants only"}

Ends = tuple[str, bool]
"""A period as text, and whether it counts itself."""


def make_period(ends: Mapping[str, Ends]) -> Period:
    """Return the period of its ends by name; what comes before a period ends there, and what comes after starts.

    >>> make_period({"afterPeriod": ("2010", True)})
    Period(start='2010', end=None, start_included=True, end_included=True)
    """
    named = {name[0].lower() + name[1:]: end for name, end in ends.items()}
    start = named.get("startPeriod", named.get("afterPeriod", (None, True)))
    end = named.get("endPeriod", named.get("beforePeriod", (None, True)))
    return Period(start[0], end[0], start[1], end[1])
