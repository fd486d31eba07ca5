"""Dates and numbers: the text of a source column read as a date of the calendar, a period, or a number."""

import datetime
import re
from itertools import product

import narwhals as nw

from migstat.words.date_signs import DATE_SIGNS, SERIALS, signs
from migstat.words.epoch import epoch_of
from migstat.words.mapping_rule import DateRule
from migstat.work.conditions import as_number as text_as_number

WHOLE = r"^ *[-+]?[0-9]{1,18}(\.0+)? *$"


def as_number(column: nw.Expr, decimal: str = ".", divide_by: float | None = None) -> nw.Expr:
    """Return the number that a text holds, or null where it holds none."""
    if decimal != ".":
        column = column.str.replace_all(decimal, ".", literal=True)
    number = text_as_number(column)
    return number if divide_by is None else number / divide_by


def source_date(rule: DateRule) -> nw.Expr:
    """Return the date of each row as ISO text, from a date rule."""
    return iso_date(rule)


def source_period(rule: DateRule) -> nw.Expr:
    """Return the period of each row as text: a year, a quarter, a month, or a day."""
    if rule.column:
        return iso_date(rule)
    year = _padded(rule, "year", 4)
    if "quarter" in rule.parts:
        return nw.concat_str([year, nw.lit("-Q"), nw.col(rule.parts["quarter"]).str.strip_chars()])
    if "month" in rule.parts and "day" not in rule.parts:
        return nw.concat_str([year, nw.lit("-"), _padded(rule, "month", 2)])
    return iso_date(rule) if "day" in rule.parts else year


def iso_date(rule: DateRule) -> nw.Expr:
    """Return ISO text where the parts make a date of the calendar, else null."""
    if rule.column and rule.format in SERIALS:
        return _serial(rule)
    if rule.column and (epoch := epoch_of(rule.format)):
        begin, step = epoch
        return _later(nw.lit(begin, nw.Datetime), as_number(nw.col(rule.column)).cast(nw.Int64), step).dt.to_string(
            "%Y-%m-%d"
        )
    if rule.column and rule.format == "period":
        return _calendar(*_period(nw.col(rule.column).str.strip_chars()))
    if rule.column:
        return _written(rule)
    year = _whole(nw.col(rule.parts["year"])) if "year" in rule.parts else nw.lit(None, nw.Int64)
    month = _whole(nw.col(rule.parts["month"])) if "month" in rule.parts else nw.lit(1, nw.Int64)
    if "quarter" in rule.parts:
        quarter = _whole(nw.col(rule.parts["quarter"]))
        month = where((quarter >= 1) & (quarter <= 4), quarter * 3 - 2)
    day = _whole(nw.col(rule.parts["day"])) if "day" in rule.parts else nw.lit(1, nw.Int64)
    return _calendar(year, month, day)


def _serial(rule: DateRule) -> nw.Expr:
    """Return the day of a number that counts from a day; the fraction of a day is its time."""
    start, step = SERIALS[rule.format]
    days = (as_number(nw.col(rule.column)) * (step / 86_400) + 1e-9).floor().cast(nw.Int64)
    if rule.format == "excel":
        # Excel has a 29 February 1900, day 60, which never was; the days before it are one higher.
        days = where(days != 60, nw.when(days < 60).then(days + 1).otherwise(days))
        days = where(days > 1, days)
    days = where((days > -300_000) & (days < 3_000_000), days)
    return _later(nw.lit(start, nw.Datetime), days).dt.to_string("%Y-%m-%d")


def _later(start: nw.Expr, days: nw.Expr, of: datetime.timedelta = datetime.timedelta(days=1)) -> nw.Expr:
    return start + days * nw.lit(of, nw.Duration)


def _calendar(year: nw.Expr, month: nw.Expr, day: nw.Expr) -> nw.Expr:
    leap = _leap(year)
    longest = (
        nw.when(month.is_in([4, 6, 9, 11]))
        .then(nw.lit(30))
        .otherwise(nw.when(month == 2).then(nw.when(leap).then(nw.lit(29)).otherwise(nw.lit(28))).otherwise(nw.lit(31)))
    )
    valid = (year >= 1000) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= longest)
    text = nw.concat_str(
        [year.cast(nw.String), month.cast(nw.String).str.zfill(2), day.cast(nw.String).str.zfill(2)], separator="-"
    )
    return where(valid, text)


def _leap(year: nw.Expr) -> nw.Expr:
    return ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)


PERIOD = r"^[0-9]{4}(-A1|-S[12]|-T[123]|-Q[1-4]|-M?[0-9]{2}|-[0-9]{2}-[0-9]{2}(T.*)?)?$"
LENGTHS = {"S": 6, "T": 4, "Q": 3}
"""Months in a half-year, a third of a year and a quarter, by the letter that SDMX gives them."""


def _period(column: nw.Expr) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Return year, month and day on which a period begins, as SDMX writes periods; weeks and day numbers are none."""
    text = where(column.str.contains(PERIOD), column)
    month = nw.lit(1, nw.Int64)
    for letter, length in LENGTHS.items():
        number = where(text.str.slice(5, 1) == letter, text.str.slice(6, 1)).cast(nw.Int64)
        month = nw.when(text.str.slice(5, 1) == letter).then(number * length - (length - 1)).otherwise(month)
    monthly = text.str.contains("^[0-9]{4}-M?[0-9]{2}")
    digits = where(monthly, text.str.replace("-M", "-", literal=True).str.slice(5, 2)).cast(nw.Int64)
    month = nw.when(monthly).then(digits).otherwise(month)
    daily = text.str.contains("^[0-9]{4}-[0-9]{2}-[0-9]{2}")
    day = nw.when(daily).then(where(daily, text.str.slice(8, 2)).cast(nw.Int64)).otherwise(nw.lit(1, nw.Int64))
    return text.str.slice(0, 4).cast(nw.Int64), month, day


def _written(rule: DateRule) -> nw.Expr:
    """Read a text written in the rule's format."""
    parts = _Parts(rule)
    year = _year(parts, rule)
    if parts.has("ddd"):
        day = parts.number("ddd")
        first = nw.concat_str([where((year >= 1000) & (year <= 9999), year).cast(nw.String), nw.lit("-01-01")])
        inside = (day >= 1) & (day <= nw.when(_leap(year)).then(nw.lit(366)).otherwise(nw.lit(365)))
        iso = _later(first.str.to_datetime(format="%Y-%m-%d"), where(inside, day - 1)).dt.to_string("%Y-%m-%d")
    else:
        iso = _calendar(year, parts.month(), parts.day())
    if not parts.has("hh"):
        return iso
    hour, minute = parts.number("hh"), parts.number("mi") if parts.has("mi") else nw.lit(0, nw.Int64)
    fits = (hour <= 23) & (minute <= 59)
    if parts.has("ss"):
        fits = fits & (parts.number("ss") <= 60)
    iso = where(fits, iso)
    return _by_the_clock(iso, hour * 60 + minute - parts.offset(), rule.zone) if rule.zone else iso


def _by_the_clock(iso: nw.Expr, minutes: nw.Expr, zone: str) -> nw.Expr:
    """Return the day of an instant by a clock; ``minutes`` are those of universal time since the day began."""
    instant = _later(iso.str.to_datetime(format="%Y-%m-%d"), minutes, datetime.timedelta(minutes=1))
    return instant.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.to_string("%Y-%m-%d")


def _year(parts: "_Parts", rule: DateRule) -> nw.Expr:
    if parts.has("yyyy"):
        return parts.number("yyyy")
    year = parts.number("yy")
    pivot = rule.pivot or 0
    century = pivot // 100 * 100
    return year + nw.when(year >= pivot % 100).then(century).otherwise(century + 100)


class _Parts:
    """The parts of a text in a date format. Where a part may have one digit or two, both forms are tried."""

    def __init__(self, rule: DateRule) -> None:
        self._signs = signs(rule.format)
        column = nw.col(rule.column).str.strip_chars()
        if rule.months:
            # From December down, because in Chinese the eleventh month ends like the first.
            for number in range(12, 0, -1):
                forms = {form for name in rule.months[number - 1]
                         for form in (name, name.lower(), name.upper(), name.capitalize())}  # fmt: skip
                pattern = "|".join(sorted(map(re.escape, forms), key=lambda form: (-len(form), form)))
                column = column.str.replace_all(f"({pattern})\\.?", f"{number:02}")
        self._forms = [(where(column.str.contains(pattern), column), at) for pattern, at in _forms(self._signs)]

    def has(self, sign: str) -> bool:
        return sign in self._signs

    def text(self, *names: str) -> nw.Expr:
        """Return the text of the part that goes by one of these signs."""
        found = []
        for text, at in self._forms:
            offset, length = next(at[name] for name in names if name in at)
            found.append(text.str.slice(offset, length))
        return nw.coalesce(*found) if len(found) > 1 else found[0]

    def number(self, *names: str) -> nw.Expr:
        return self.text(*names).cast(nw.Int64)

    def month(self) -> nw.Expr:
        named = [sign for sign in ("mm", "m", "mmm") if self.has(sign)]
        return self.number(*named) if named else nw.lit(1, nw.Int64)

    def day(self) -> nw.Expr:
        named = [sign for sign in ("dd", "d") if self.has(sign)]
        return self.number(*named) if named else nw.lit(1, nw.Int64)

    def offset(self) -> nw.Expr:
        """Return the minutes that a time with an offset is ahead of universal time."""
        if not self.has("zz"):
            return nw.lit(0, nw.Int64)
        text = self.text("zz").str.replace_all(":", "")
        plain = text.str.contains("^[+-]")
        digits = nw.when(plain).then(text.str.slice(1, 4)).otherwise(nw.lit("0000"))
        hours = digits.str.slice(0, 2).cast(nw.Int64)
        rest = nw.when(digits.str.len_chars() == 4).then(digits.str.slice(2, 2)).otherwise(nw.lit("00")).cast(nw.Int64)
        return (hours * 60 + rest) * nw.when(text.str.starts_with("-")).then(nw.lit(-1)).otherwise(nw.lit(1))


WIDTHS = {"yyyy": (4,), "yy": (2,), "mmm": (2,), "mm": (2,), "dd": (2,), "ddd": (3,), "hh": (2,), "mi": (2,),
          "ss": (2,), "d": (2, 1), "m": (2, 1), "zz": (6, 5, 3, 1)}  # fmt: skip
OFFSETS = {6: "[+-][0-9]{2}:[0-9]{2}", 5: "[+-][0-9]{4}", 3: "[+-][0-9]{2}", 1: "Z"}


def _forms(found: list[str]) -> list[tuple[str, dict[str, tuple[int, int]]]]:
    """Return each form that a text in a format may have: its pattern, and where each part stands in it."""
    forms = []
    for widths in product(*(WIDTHS.get(sign, (len(sign),)) for sign in found)):
        pattern, position, at = "^", 0, {}
        for sign, width in zip(found, widths, strict=True):
            if sign in DATE_SIGNS:
                at[sign] = (position, width)
                pattern += OFFSETS[width] if sign == "zz" else f"[0-9]{{{width}}}"
            else:
                pattern += "\\" + sign if sign in r"\.[]{}()*+?^$|" else sign
            position += width
        forms.append((pattern + "$", at))
    return forms


def doubts(rule: DateRule, iso: nw.Expr) -> dict[str, nw.Expr]:
    """Return what may make a date doubtful, each as a condition that is true for the rows in which it does.

    ``either`` is a day and month that could be exchanged, ``plain`` one that could not, ``exchanged`` one that is a
    date only if they are; ``pivot`` a year of two digits near the pivot; ``far`` a date that often stands for none.
    ``iso`` is the date that was read.
    """
    found = {"far": ((iso < "1890") | (iso >= "2101") | (iso == "1900-01-01")) & ~iso.is_null()}
    if not rule.column or rule.format in SERIALS or rule.format == "period" or epoch_of(rule.format):
        return {name: _true(one) for name, one in found.items()}
    parts = _Parts(rule)
    if "yy" in signs(rule.format):
        year, pivot = parts.number("yy"), (rule.pivot or 0) % 100
        found["pivot"] = ((year - pivot + 105) % 100 < 10) & ~iso.is_null()
    order = [sign for sign in signs(rule.format) if sign in DATE_SIGNS][:2]
    if {order[0], order[-1]} in ({"dd", "mm"}, {"d", "m"}, {"dd", "m"}, {"d", "mm"}):
        day, month = parts.day(), parts.month()
        both = (day <= 12) & (month <= 12) & (day != month)
        found["either"] = both & ~iso.is_null()
        found["plain"] = (day > 12) & ~iso.is_null()
        found["exchanged"] = iso.is_null() & ~_calendar(_year(parts, rule), day, month).is_null()
    return {name: _true(one) for name, one in found.items()}


def _true(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition.is_null()).then(nw.lit(False)).otherwise(condition)


def _padded(rule: DateRule, part: str, width: int) -> nw.Expr:
    return nw.col(rule.parts[part]).str.strip_chars().str.zfill(width)


def _whole(column: nw.Expr) -> nw.Expr:
    text = where(column.str.contains(WHOLE), column)
    return text.str.strip_chars().cast(nw.Float64).cast(nw.Int64)


def where(when: nw.Expr, then: nw.Expr) -> nw.Expr:
    """Return the value where the condition is true, else null."""
    return nw.when(when).then(then)
