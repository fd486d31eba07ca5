"""How files write dates: the signs of a format, and dates as numbers."""

import datetime
import re

DATE_SIGNS = {
    "yyyy": "year", "yy": "year of two digits", "mmm": "name of the month", "mm": "month", "mi": "minute",
    "m": "month of one or two digits", "ddd": "day of the year", "dd": "day", "d": "day of one or two digits",
    "hh": "hour", "ss": "second", "zz": "offset from universal time: Z, +03, +0300 or +03:00",
}  # fmt: skip
"""The signs of a date format, the longest of a letter first."""
SERIALS = {
    "sas": (datetime.datetime(1960, 1, 1), 86_400.0),
    "sas_seconds": (datetime.datetime(1960, 1, 1), 1.0),
    "stata": (datetime.datetime(1960, 1, 1), 86_400.0),
    "stata_ms": (datetime.datetime(1960, 1, 1), 0.001),
    "spss": (datetime.datetime(1582, 10, 14), 1.0),
    "unix": (datetime.datetime(1970, 1, 1), 1.0),
    "excel": (datetime.datetime(1899, 12, 30), 86_400.0),
    "excel1904": (datetime.datetime(1904, 1, 1), 86_400.0),
}
"""Dates as numbers: from when they count, and the seconds of one step."""


def signs(format: str) -> list[str]:
    """Cut a date format into its signs and what stands between them.

    >>> signs("d-mmm-yyyy hh:mi")
    ['d', '-', 'mmm', '-', 'yyyy', ' ', 'hh', ':', 'mi']
    """
    return re.findall("|".join(DATE_SIGNS) + "|.", format)
