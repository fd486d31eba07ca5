"""Dates as mappings write them: days, months, quarters and years, and the formats of date columns."""

import datetime
import re

from migstat.words.epoch import epoch_of

_PERIOD = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d{2})(?:-(\d{2}))?)?")
_FORMAT = re.compile(r"(yyyy|yy|mm|dd)")


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
    if text == "period" or epoch_of(text):
        return "", ""
    fault = _fault(text, pivot)
    if not fault:
        return "", ""
    if "pivot" in fault:
        return fault, "write pivot: 1930 beside it, where 30 is 1930 and 29 is 2029"
    if text != text.lower() and not _fault(text.lower(), pivot):
        return fault, f"write {text.lower()}"
    return fault, "write it with yyyy, yy, mm and dd, such as dd/mm/yyyy; or sas for days since 1960"


def _fault(text: str, pivot: int | None) -> str:
    tokens = _FORMAT.findall(text)
    strange = re.search(r"[^\W_]+", _FORMAT.sub(" ", text))
    if strange:
        return f"'{strange.group()}' is none of its signs"
    if len(set(tokens)) < len(tokens) or {"yyyy", "yy"} <= set(tokens):
        return "it names a part twice"
    if not {"yyyy", "yy"} & set(tokens):
        return "it has no year"
    if "dd" in tokens and "mm" not in tokens:
        return "it has a day without a month"
    if "yy" in tokens and pivot is None:
        return "a year of two digits needs a pivot, the first year of its century"
    return ""
