"""Periods: a year, quarter or month written as SDMX does, and its first and last day."""

import polars as pl

LENGTHS = {"year": "1y", "quarter": "1q", "month": "1mo"}


def first_day(period: pl.Expr) -> pl.Expr:
    """Return the first day of 2023, 2023-Q2 or 2023-05."""
    quarter = period.str.slice(6, 1).cast(pl.Int32, strict=False) * 3 - 2
    month = period.str.slice(5, 2).cast(pl.Int32, strict=False).fill_null(1)
    month = pl.when(period.str.contains("Q")).then(quarter).otherwise(month)
    return pl.date(period.str.slice(0, 4).cast(pl.Int32), month, 1)


def last_day(period: pl.Expr) -> pl.Expr:
    """Return the last day of 2023, 2023-Q2 or 2023-05."""
    first = first_day(period)
    following = (
        pl.when(period.str.len_chars() == 4)
        .then(first.dt.offset_by("1y"))
        .when(period.str.contains("Q"))
        .then(first.dt.offset_by("1q"))
        .otherwise(first.dt.offset_by("1mo"))
    )
    return following.dt.offset_by("-1d")
