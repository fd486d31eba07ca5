"""Dates and numbers: the text of a source column read as a date of the calendar, a period, or a number."""

import narwhals as nw

from migstat.words.epoch import epoch_of
from migstat.words.mapping import DateRule
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
    year = _padded(rule, "year", 4)
    if "quarter" in rule.parts:
        return nw.concat_str([year, nw.lit("-Q"), nw.col(rule.parts["quarter"]).str.strip_chars()])
    if "month" in rule.parts and "day" not in rule.parts:
        return nw.concat_str([year, nw.lit("-"), _padded(rule, "month", 2)])
    return year if rule.parts and "day" not in rule.parts else iso_date(rule)


def iso_date(rule: DateRule) -> nw.Expr:
    """Return ISO text where the parts make a date of the calendar, else null."""
    if rule.column and (epoch := epoch_of(rule.format)):
        begin, step = epoch
        count = as_number(nw.col(rule.column)).cast(nw.Int64)
        return (nw.lit(begin, nw.Datetime) + count * nw.lit(step, nw.Duration)).dt.to_string("%Y-%m-%d")
    if rule.column and rule.format == "period":
        year, month, day = _period(nw.col(rule.column).str.strip_chars())
    elif rule.column:
        year, month, day = _written(rule)
    else:
        year = _whole(nw.col(rule.parts["year"])) if "year" in rule.parts else nw.lit(None, nw.Int64)
        month = _whole(nw.col(rule.parts["month"])) if "month" in rule.parts else nw.lit(1, nw.Int64)
        if "quarter" in rule.parts:
            quarter = _whole(nw.col(rule.parts["quarter"]))
            month = where((quarter >= 1) & (quarter <= 4), quarter * 3 - 2)
        day = _whole(nw.col(rule.parts["day"])) if "day" in rule.parts else nw.lit(1, nw.Int64)
    if rule.pivot is not None and "yyyy" not in rule.format:
        century = rule.pivot // 100 * 100
        year = year + nw.when(year >= rule.pivot % 100).then(century).otherwise(century + 100)
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
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


def _written(rule: DateRule) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Cut year, month and day out of a text written in the rule's format."""
    column = nw.col(rule.column).str.strip_chars()
    pattern = "^"
    at: dict[str, tuple[int, int]] = {}
    position = 0
    rest = rule.format
    while rest:
        token = next((token for token in ("yyyy", "yy", "mm", "dd") if rest.startswith(token)), rest[0])
        if len(token) > 1:
            at[token[0]] = (position, len(token))
            pattern += f"[0-9]{{{len(token)}}}"
        else:
            pattern += "." if token in r"\.[]{}()*+?^$|" else token
        position += len(token)
        rest = rest[len(token) :]
    text = where(column.str.contains(pattern + "$"), column)

    def part(letter: str) -> nw.Expr:
        if letter not in at:
            return nw.lit(1, nw.Int64)
        offset, length = at[letter]
        return text.str.slice(offset, length).cast(nw.Int64)

    return part("y"), part("m"), part("d")


def _padded(rule: DateRule, part: str, width: int) -> nw.Expr:
    return nw.col(rule.parts[part]).str.strip_chars().str.zfill(width)


def _whole(column: nw.Expr) -> nw.Expr:
    text = where(column.str.contains(WHOLE), column)
    return text.str.strip_chars().cast(nw.Float64).cast(nw.Int64)


def where(when: nw.Expr, then: nw.Expr) -> nw.Expr:
    """Return the value where the condition is true, else null."""
    return nw.when(when).then(then)
