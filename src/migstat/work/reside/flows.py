"""Flows: counted moves as cells of MIGRATION_FLOW, with their difference, and whether each is provisional or final."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from migstat.work.reside.moves import BY_STAY, FLOWS
from migstat.work.reside.periods import last_day

VALUE, UNWEIGHTED = "OBS_VALUE", "N_UNWEIGHTED"


def cells_of_flows(
    counted: pl.DataFrame, dimensions: Sequence[str], definition: str, until: date | None
) -> pl.DataFrame:
    """Return a row for immigration, emigration and net of each cell, zero where there is none, and for what is unknown.

    A value is provisional (P) where crossings are open that may be added to it, or the period was not over when
    observation ended; else it is final (A).
    """
    keys = [id for id in dimensions if id != "FLOW" and id in counted.columns]
    is_of = {flow: pl.col("FLOW") == flow for flow in FLOWS}
    wide = (
        counted.filter(pl.col("FLOW").is_in(FLOWS))
        .group_by(keys)
        .agg(
            *(pl.col(VALUE).filter(hit).sum().alias(flow) for flow, hit in is_of.items()),
            *(pl.col(UNWEIGHTED).filter(hit).sum().alias(f"{flow}_n") for flow, hit in is_of.items()),
        )
        .with_columns(_over(until).alias("_over"))
    )
    in_, out = pl.col("IMM_U_n") > 0, pl.col("EMI_U_n") > 0
    shown = BY_STAY[definition].directions if definition in BY_STAY else ("ARR", "DEP")
    parts = []
    if "ARR" in shown:
        parts.append(_rows(wide, keys, "IMM", pl.col("IMM"), pl.col("IMM_n"), in_))
    if "DEP" in shown:
        parts.append(_rows(wide, keys, "EMI", pl.col("EMI"), pl.col("EMI_n"), out))
    if len(shown) == 2:
        net, number = pl.col("IMM") - pl.col("EMI"), pl.col("IMM_n") + pl.col("EMI_n")
        parts.append(_rows(wide, keys, "NET", net, number, in_ | out))
    for flow in ("IMM_U", "EMI_U"):
        unknown = wide.filter(pl.col(f"{flow}_n") > 0)
        parts.append(_rows(unknown, keys, flow, pl.col(flow), pl.col(f"{flow}_n"), pl.lit(True)))
    return pl.concat(parts)


def _rows(
    wide: pl.DataFrame, keys: Sequence[str], flow: str, value: pl.Expr, number: pl.Expr, open_: pl.Expr
) -> pl.DataFrame:
    status = pl.when(open_ | ~pl.col("_over")).then(pl.lit("P")).otherwise(pl.lit("A"))
    return wide.select(
        *keys,
        pl.lit(flow).alias("FLOW"),
        value.cast(pl.Float64).alias(VALUE),
        number.cast(pl.Int64).alias(UNWEIGHTED),
        status.alias("OBS_STATUS"),
    )


def _over(until: date | None) -> pl.Expr:
    return pl.lit(True) if until is None else last_day(pl.col("TIME_PERIOD")) <= until
