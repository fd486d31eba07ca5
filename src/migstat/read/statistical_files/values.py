"""Values of a statistical file as text: 1 and not 1.0, dates as ISO writes them, special missing values as ``.a``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

Shown = Literal["text", "number", "padded", "date", "datetime", "time", "year", "half", "quarter", "month", "week"]
SPSS_DAYS = 141_428
"""Days from 14 October 1582, the first day of SPSS, to 1970."""
SAS_DAYS = 3_653
"""Days from 1960, the first year of SAS and Stata, to 1970."""
DAY = 86_400
MOST_DAYS = 2_900_000
"""Days on either side of 1970 that are a date with a year of four digits; what lies beyond is left a number."""
FORMAT = re.compile(r"(\D+?)(\d*)(?:\.\d*)?\.?")
STATA_PADDED = re.compile(r"%0(\d+)(?:\.0)?f")
SPSS: dict[str, Shown] = {
    **dict.fromkeys(("DATE", "ADATE", "EDATE", "JDATE", "SDATE"), "date"),
    **dict.fromkeys(("DATETIME", "YMDHMS"), "datetime"),
    **dict.fromkeys(("TIME", "DTIME", "MTIME"), "time"),
    "MOYR": "month",
    "QYR": "quarter",
    "WKYR": "date",
    "N": "padded",
}
SAS: dict[str, Shown] = {
    **dict.fromkeys(("DATETIME", "DATEAMPM", "MDYAMPM", "E8601DT", "IS8601DT", "B8601DT", "NLDATM"), "datetime"),
    **dict.fromkeys(("TIME", "HHMM", "TOD", "TIMEAMPM", "E8601TM", "IS8601TM", "B8601TM"), "time"),
    **dict.fromkeys(("DATE", "E8601DA", "IS8601DA", "B8601DA", "JULIAN", "WEEKDATE", "WEEKDATX", "WORDDATE",
                     "WORDDATX", "NLDATE", "MINGUO", "NENGO"), "date"),
    **{f"{order}{sign}": "date" for order in ("DDMMYY", "MMDDYY", "YYMMDD") for sign in ("", *"BCDNPS")},
    **{f"{order}{sign}": "month" for order in ("MMYY", "YYMM") for sign in ("", *"CDNPS")},
    **{f"YYQ{sign}": "quarter" for sign in ("", *"CDNPS")},
    "MONYY": "month",
    "YYMON": "month",
    "YEAR": "year",
    "Z": "padded",
}  # fmt: skip
STATA: dict[str, Shown] = {
    "d": "date",
    "c": "datetime",
    "C": "datetime",
    "w": "week",
    "m": "month",
    "q": "quarter",
    "h": "half",
    "y": "year",
}


@dataclass(frozen=True, slots=True)
class Form:
    """How the values of one variable are written."""

    shown: Shown
    package: str
    width: int = 0
    single: bool = False
    """The file holds the number in four bytes."""

    @property
    def dated(self) -> bool:
        """True where the number stands for a date, a time or a period."""
        return self.shown not in {"text", "number", "padded"}


def form_of(package: str, format: str, type: str) -> Form:
    """Return how the values of a variable are written, by its format in the package (``spss``, ``stata``, ``sas``)."""
    if type.startswith("string"):
        return Form("text", package)
    single = type == "float"
    if package == "stata":
        if padded := STATA_PADDED.fullmatch(format):
            return Form("padded", package, int(padded[1]), single)
        dated = re.match(r"%-?(t[cCdwmqhy]|d)", format)
        return Form(STATA[dated[1][-1]] if dated else "number", package, 0, single)
    found = FORMAT.fullmatch(format.upper())
    name, width = (found[1], int(found[2] or 0)) if found else ("", 0)
    if format.upper().startswith(("E8601", "B8601", "IS8601")):
        name, width = re.sub(r"(\D\D)[\d.]*$", r"\1", format.upper()), 0
    return Form((SPSS if package == "spss" else SAS).get(name, "number"), package, width, single)


def as_text(values: Sequence[Any], form: Form, name: str = "") -> pl.Series:
    """Return values as the package delivers them as text; a system missing value is null.

    A number that a date format cannot show stays a number. Special missing values, which come as a letter among the
    numbers, are a dot and the small letter.
    """
    if form.shown == "text":
        return pl.Series(name, values, pl.String)
    try:
        return _written(pl.Series(name, values, pl.Float64), form)
    except (TypeError, pl.exceptions.PolarsError):
        tags = [f".{one.lower()}" if isinstance(one, str) else None for one in values]
        numbers = [None if isinstance(one, str) else one for one in values]
        found = _written(pl.Series(name, numbers, pl.Float64), form)
        return found.to_frame().select(pl.coalesce(pl.col(name), pl.Series(name, tags, pl.String))).to_series()


def _written(numbers: pl.Series, form: Form) -> pl.Series:
    frame = numbers.fill_nan(None).alias("value").to_frame()
    value = pl.col("value")
    whole = (value == value.floor()) & (value.abs() < 1e18)
    digits = pl.when(whole).then(value).cast(pl.Int64, strict=False).cast(pl.String)
    plain = pl.coalesce(digits, (value.cast(pl.Float32) if form.single else value).cast(pl.String))
    text = frame.select(pl.coalesce(*_shown(value, digits, form), plain).alias("value")).to_series()
    return text.alias(numbers.name)


def _shown(value: pl.Expr, digits: pl.Expr, form: Form) -> list[pl.Expr]:
    """Return the text of the values that the format can show, and null for the others; nothing for plain numbers."""
    shown = form.shown
    if shown in ("text", "number") or (shown == "year" and form.package == "stata"):
        return []
    if shown == "padded":
        return [pl.when(value >= 0).then(digits.str.zfill(form.width))]
    if shown == "time":
        seconds = value / 1000 if form.package == "stata" else value
        within = (seconds >= 0) & (seconds < DAY)
        return [pl.when(within).then(_clock(pl.when(within).then(seconds)))]
    if form.package == "stata" and shown in _STATA_PERIODS:
        return [_period(value, shown)]
    days, within = _days(value, form)
    date = pl.when(within).then(days).cast(pl.Int32, strict=False).cast(pl.Date)
    if shown == "datetime":
        rest = _seconds(value, form) - days * DAY
        return [pl.when(within).then(date.dt.strftime("%Y-%m-%d") + pl.lit("T") + _clock(rest))]
    patterns = {"date": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
    if shown == "quarter":
        return [date.dt.strftime("%Y-Q") + date.dt.quarter().cast(pl.String)]
    return [date.dt.strftime(patterns[shown])]


def _seconds(value: pl.Expr, form: Form) -> pl.Expr:
    """Seconds since 1970 of a value that counts seconds (SPSS, SAS date-times) or milliseconds (Stata)."""
    if form.package == "spss":
        return value - SPSS_DAYS * DAY
    return (value / 1000 if form.package == "stata" else value) - SAS_DAYS * DAY


def _days(value: pl.Expr, form: Form) -> tuple[pl.Expr, pl.Expr]:
    """Whole days since 1970, and whether they are a date that can be written."""
    counts_seconds = form.package == "spss" or form.shown == "datetime"
    days = (_seconds(value, form) / DAY).floor() if counts_seconds else value.floor() - SAS_DAYS
    return days, (days.abs() < MOST_DAYS) & (days > -719_162)


def _clock(seconds: pl.Expr) -> pl.Expr:
    """Seconds of a day as 23:59:59; what lies below a second is written where there is any."""
    whole = seconds.floor().cast(pl.Int64, strict=False)
    text = pl.concat_str(
        [(part.cast(pl.String).str.zfill(2)) for part in (whole // 3600, whole // 60 % 60, whole % 60)], separator=":"
    )
    below = ((seconds - seconds.floor()) * 1000).round().cast(pl.Int64, strict=False).clip(0, 999)
    return pl.when(below > 0).then(text + pl.lit(".") + below.cast(pl.String).str.zfill(3)).otherwise(text)


_STATA_PERIODS = {"week": (52, "-W"), "month": (12, "-"), "quarter": (4, "-Q"), "half": (2, "-S")}
"""How many such periods a year has in Stata, which counts them from the first of 1960, and what stands before each."""


def _period(value: pl.Expr, shown: str) -> pl.Expr:
    in_year, sign = _STATA_PERIODS[shown]
    within = (value == value.floor()) & (value.abs() < 8_000 * in_year)
    count = pl.when(within).then(value).cast(pl.Int64, strict=False)
    year, place = 1960 + count // in_year, 1 + count % in_year
    width = 2 if in_year > 9 else 1
    return year.cast(pl.String).str.zfill(4) + pl.lit(sign) + place.cast(pl.String).str.zfill(width)
