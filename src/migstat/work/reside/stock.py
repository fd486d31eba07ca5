"""Stocks: residents at the end of each period, from those at the start and what came in and went out."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from migstat.work.reside.periods import first_day, last_day

VALUE, STATUS = "OBS_VALUE", "OBS_STATUS"


def follow_stock(initial: pl.DataFrame, flows: pl.DataFrame, by: Sequence[str], at: date) -> pl.DataFrame:
    """Return the stock on day ``at`` and at the end of each period after it, by the dimensions of ``by``.

    A stock is provisional from the first provisional flow on. A kind of people without a stock begins with none; a
    period without a flow of them changes nothing.
    """
    net = (
        flows.filter(pl.col("FLOW") == "NET")
        .with_columns(first_day(pl.col("TIME_PERIOD")).alias("_first"), last_day(pl.col("TIME_PERIOD")).alias("_day"))
        .filter(pl.col("_first") > at)
        .select("_day", *by, VALUE, (pl.col(STATUS) == "P").alias("_open"))
    )
    start = initial.select(pl.lit(at).alias("_day"), *by, pl.col(VALUE).cast(pl.Float64), pl.lit(False).alias("_open"))
    days = pl.concat([start.select("_day"), net.select("_day")]).unique()
    kinds = pl.concat([start.select(by), net.select(by)], how="vertical_relaxed").unique() if by else None
    whole = days if kinds is None else days.join(kinds, how="cross")
    changes = pl.concat([start, net], how="vertical_relaxed")
    there = whole.join(changes, on=["_day", *by], how="left").sort(*by, "_day")
    value, open_ = pl.col(VALUE).fill_null(0.0).cum_sum(), pl.col("_open").fill_null(False).cast(pl.Int64).cum_max()
    if by:
        value, open_ = value.over(by), open_.over(by)
    return there.select(
        pl.col("_day").cast(pl.String).alias("TIME_PERIOD"),
        *by,
        value.alias(VALUE),
        pl.when(open_ > 0).then(pl.lit("P")).otherwise(pl.lit("A")).alias(STATUS),
    )
