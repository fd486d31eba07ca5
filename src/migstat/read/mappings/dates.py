"""Dates as mappings write them: days, months, quarters and years, and the formats of date columns."""

import datetime
import re
from itertools import pairwise
from zoneinfo import ZoneInfo

from migstat.read.mappings.faults import nearest
from migstat.words.date_signs import DATE_SIGNS, SERIALS, signs
from migstat.words.epoch import epoch_of

_PERIOD = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d{2})(?:-(\d{2}))?)?")
SERIAL_MEND = "or one of " + ", ".join(SERIALS) + " for a number"


def first_day(text: str) -> datetime.date | None:
    """Return the first day of a period, or None where the text is not one.

    >>> first_day("2018-Q3"), first_day("2018")
    (datetime.date(2018, 7, 1), datetime.date(2018, 1, 1))
    """
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    year, quarter, month, day = match.groups()
    try:
        return datetime.date(int(year), 3 * int(quarter) - 2 if quarter else int(month or 1), int(day or 1))
    except ValueError:
        return None


def format_fault(text: str, pivot: int | None) -> tuple[str, str]:
    """Return what is wrong with the format of a date column and what to write; empty texts where nothing is."""
    if text in SERIALS or text == "period" or epoch_of(text):
        return "", ""
    fault = _fault(text, pivot)
    if not fault:
        return "", ""
    if "pivot" in fault:
        return fault, "write pivot: 1930 beside it, where 30 is 1930 and 29 is 2029"
    if text != text.lower() and (text.lower() in SERIALS or not _fault(text.lower(), pivot)):
        return fault, f"write {text.lower()}"
    if "minutes" in fault:
        return fault, f"write {text.lower().replace('hh:mm', 'hh:mi')}"
    return fault, "write it with yyyy, yy, mm and dd, such as dd/mm/yyyy; or sas for days since 1960"


def _fault(text: str, pivot: int | None) -> str:
    found = signs(text)
    tokens = [sign for sign in found if sign in DATE_SIGNS]
    plain = "".join(" " if sign in DATE_SIGNS else sign for sign in found)
    strange = re.search(r"[A-Za-z0-9]+", re.sub(r"T(?= )", " ", plain) if "hh" in tokens else plain)
    months = [sign for sign in tokens if sign in {"mm", "m", "mmm"}]
    days = [sign for sign in tokens if sign in {"dd", "d"}]
    if strange:
        return f"'{strange.group()}' is none of its signs"
    if "hh" in tokens and "mi" not in tokens and len(months) == 2:
        return "mm is the month, and the minutes are mi"
    if len(set(tokens)) < len(tokens) or {"yyyy", "yy"} <= set(tokens) or len(months) > 1 or len(days) > 1:
        return "it names a part twice"
    if not {"yyyy", "yy"} & set(tokens):
        return "it has no year"
    if "ddd" in tokens and (months or days):
        return "ddd is the day of the year, and it has a month or day beside it"
    if days and not months:
        return "it has a day without a month"
    if any(
        first in {"d", "m"} and second in DATE_SIGNS for pair in pairwise(found) for first, second in (pair, pair[::-1])
    ):
        return "d and m may have two digits, so something must stand between them and the next part"
    if ({"mi", "ss", "zz"} & set(tokens)) and "hh" not in tokens:
        return "it has a part of the time without hours"
    if "yy" in tokens and pivot is None:
        return "a year of two digits needs a pivot, the first year of its century"
    return ""


def zone_fault(text: str, format: str) -> tuple[str, str]:
    """Return what is wrong with the clock that a date-time is turned to, and what to write."""
    if not text:
        if "zz" in signs(format):
            what = "the time has an offset, and it is not said by which clock the day is meant"
            return what, "write zone: Africa/Nairobi, the clock of the border post"
        return "", ""
    if "hh" not in signs(format):
        return f"zone: {text} needs a time, and the format has none", "write hh:mi in the format, or remove zone"
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        from zoneinfo import available_timezones

        return f"zone: there is no zone {text}", nearest(text, sorted(available_timezones()))
    return "", ""
