"""Days out of the periods by which SDMX says from when and until when something holds."""

import datetime
import re

REPORTING = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}
"""How many months a reporting period lasts; W and D are counted in days."""
PERIOD = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<month>\d{2})(?:-(?P<day>\d{2}))?|(?P<kind>[ASTQMWD])(?P<number>\d{1,3})))?"
    r"(?:T[\d:.]+)?(?:Z|[+-]\d{2}:\d{2})?"
)


def first_day(text: str) -> datetime.date | None:
    """Return the day on which a period begins, or None where the text is none.

    >>> str(first_day("2020-Q3")), str(first_day("2004-05-01T00:00:00"))
    ('2020-07-01', '2004-05-01')
    """
    span = _span(text)
    return span[0] if span else None


def day_after(text: str) -> datetime.date | None:
    """Return the first day after a period, or None where the text is none.

    >>> str(day_after("2020")), str(day_after("2004-04-30"))
    ('2021-01-01', '2004-05-01')
    """
    span = _span(text)
    return span[1] if span else None


def _span(text: str) -> tuple[datetime.date, datetime.date] | None:
    found = PERIOD.fullmatch(text.strip())
    if not found:
        return None
    try:
        return _days(found)
    except (ValueError, OverflowError):
        return None


def _days(found: re.Match[str]) -> tuple[datetime.date, datetime.date]:
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    start = datetime.date(year, month, day)
    if found["day"]:
        return start, start + datetime.timedelta(1)
    if found["month"]:
        return start, _months_later(start, 1)
    if not found["kind"]:
        return start, _months_later(start, 12)
    number = int(found["number"])
    if found["kind"] == "W":
        monday = datetime.date.fromisocalendar(year, number, 1)
        return monday, monday + datetime.timedelta(7)
    if found["kind"] == "D":
        that = start + datetime.timedelta(number - 1)
        return that, that + datetime.timedelta(1)
    length = REPORTING[found["kind"]]
    if not 1 <= number <= 12 // length:
        raise ValueError(number)
    begin = _months_later(start, length * (number - 1))
    return begin, _months_later(begin, length)


def _months_later(day: datetime.date, months: int) -> datetime.date:
    whole = day.month - 1 + months
    return day.replace(year=day.year + whole // 12, month=whole % 12 + 1)
