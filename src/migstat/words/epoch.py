"""Epochs: dates that are counted in days, seconds or parts of a second from a beginning."""

import datetime
import re

STEPS = {
    "days": datetime.timedelta(days=1),
    "seconds": datetime.timedelta(seconds=1),
    "milliseconds": datetime.timedelta(milliseconds=1),
    "microseconds": datetime.timedelta(microseconds=1),
}
_SINCE = re.compile(r"(\w+) since (\d{4}-\d{2}-\d{2})")


def epoch_of(format: str) -> tuple[datetime.datetime, datetime.timedelta] | None:
    """Return the beginning and the step of a format such as ``days since 1970-01-01``; ``sas`` counts from 1960.

    >>> epoch_of("days since 1970-01-01")
    (datetime.datetime(1970, 1, 1, 0, 0), datetime.timedelta(days=1))
    """
    match = _SINCE.fullmatch("days since 1960-01-01" if format == "sas" else format)
    if match is None or match[1] not in STEPS:
        return None
    try:
        return datetime.datetime.fromisoformat(match[2]), STEPS[match[1]]
    except ValueError:
        return None
