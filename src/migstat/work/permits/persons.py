"""Persons with permits: one record a person of those first permitted in a period, changing, or permitted on a day."""

import datetime

import polars as pl

from migstat.work.permits.history import CHANGE, END, EVENT, FIRST, START

EVENTS = {"first": "FIRST", "change": "CHANGE", "valid": "_Z"}
"""What can be counted, with the code of PERMIT_EVENT in the table."""


def in_years(permits: pl.DataFrame, what: str, years: tuple[int, ...]) -> pl.DataFrame:
    """Return one permit for each person and year: the earliest first one, or the earliest that changes the reason.

    The year is that of the issue, or of the first day of validity where the issue is not dated.
    """
    flag = pl.col(FIRST) == "Y" if what == "first" else pl.col(CHANGE)
    found = permits.filter(flag).with_columns(pl.col(EVENT).dt.year().cast(pl.String).alias("TIME_PERIOD"))
    if years:
        found = found.filter(pl.col("TIME_PERIOD").is_in([str(year) for year in years]))
    found = found.sort(EVENT, START, maintain_order=True).unique(
        ["PERSON_ID", "TIME_PERIOD"], keep="first", maintain_order=True
    )
    return found.with_columns(pl.lit(EVENTS[what]).alias("PERMIT_EVENT"))


def on_days(permits: pl.DataFrame, days: tuple[datetime.date, ...]) -> pl.DataFrame:
    """Return one permit for each person and day: of those that hold on that day, the one that began last."""
    found = [
        permits.filter((pl.col(START) <= day) & (pl.col(END) >= day))
        .sort(START, END, maintain_order=True)
        .unique("PERSON_ID", keep="last", maintain_order=True)
        .with_columns(pl.lit(day.isoformat()).alias("TIME_PERIOD"), pl.lit(EVENTS["valid"]).alias("PERMIT_EVENT"))
        for day in days
    ]
    return pl.concat(found) if found else permits.head(0)
