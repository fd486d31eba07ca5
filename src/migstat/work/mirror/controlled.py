"""Controlled sums: corridors that add up to totals exactly, with unknown and residual categories shared out or kept."""

import numpy as np
import polars as pl

from migstat.words.finding import Finding, Place
from migstat.work.flows_from_stocks.accounting import fitted

CALL = Place("mirror")
EXACT = 1e-9


def to_totals(
    estimates: pl.DataFrame, into: dict[str, float] | None, out: dict[str, float] | None
) -> tuple[pl.DataFrame, list[Finding]]:
    """Scale the estimates of one period so that they add up to totals of destinations, of origins, or of both.

    With one side given each area is scaled on its own; with both, by iterative proportional fitting (Deming and
    Stephan 1940), which needs equal sums. What cannot be met, such as the total of an area without moves, is a finding.
    """
    origins, destinations = (sorted(estimates[name].unique()) for name in ("ORIGIN", "DESTINATION"))
    table = np.zeros((len(origins), len(destinations)))
    at, to = ({area: index for index, area in enumerate(areas)} for areas in (origins, destinations))
    for origin, destination, value in estimates.select("ORIGIN", "DESTINATION", "ESTIMATE").iter_rows():
        table[at[origin], to[destination]] = value or 0.0
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    for given, index, sums in ((out, at, rows), (into, to, columns)):
        for area, total in (given or {}).items():
            sums[index[area]] = total
    findings = []
    if into is not None and out is not None and abs(rows.sum() - columns.sum()) > EXACT * max(rows.sum(), 1):
        what = f"totals of origins sum to {rows.sum():,.6g}, those of destinations to {columns.sum():,.6g}"
        mend = "give totals of the same flows, or of one side only"
        return estimates, [Finding(CALL, "totals", what, mend, rule="unequal_totals")]
    if out is None:
        made = table * np.divide(columns, table.sum(axis=0), out=np.zeros_like(columns), where=table.sum(axis=0) > 0)
    elif into is None:
        made = table * np.divide(rows, table.sum(axis=1), out=np.zeros_like(rows), where=table.sum(axis=1) > 0)[:, None]
    else:
        made = fitted(table, rows, columns)
    for areas, wanted, got in ((destinations, columns, made.sum(axis=0)), (origins, rows, made.sum(axis=1))):
        for area, one, other in zip(areas, wanted, got, strict=True):
            asked = (into is not None and areas is destinations) or (out is not None and areas is origins)
            if asked and abs(one - other) > 1e-6 * max(one, 1.0):
                what = f"{area}: the total {one:,.6g} cannot be met; the corridors give {other:,.6g}"
                mend = "a corridor without an estimate cannot be scaled: give it one"
                findings.append(Finding(CALL, "totals", what, mend, rule="total_not_met"))
    scaled = pl.DataFrame(
        {
            "ORIGIN": np.repeat(origins, len(destinations)),
            "DESTINATION": np.tile(destinations, len(origins)),
            "_scaled": made.ravel(),
        }
    )
    joined = estimates.join(scaled, on=["ORIGIN", "DESTINATION"], how="left", maintain_order="left")
    value = pl.when(pl.col("ESTIMATE").is_not_null()).then(pl.col("_scaled"))
    return joined.with_columns(value.alias("ESTIMATE")).drop("_scaled"), findings


def shared_out(estimates: pl.DataFrame, residual: list[str]) -> pl.DataFrame:
    """Share people of unknown origin out over the known origins of each destination, in proportion; the sum stays.

    Where nothing is known to share by, the unknown stays as it is.
    """
    group = ["DESTINATION", "TIME_PERIOD"]
    unknown = pl.col("ORIGIN").is_in(residual)
    rest = estimates.filter(unknown).group_by(group).agg(pl.col("ESTIMATE").sum().alias("_rest"))
    known = (
        estimates.filter(~unknown, pl.col("ESTIMATE") > 0).group_by(group).agg(pl.col("ESTIMATE").sum().alias("_known"))
    )
    both = estimates.join(rest, on=group, how="left", maintain_order="left").join(
        known, on=group, how="left", maintain_order="left"
    )
    scale = 1 + pl.col("_rest").fill_null(0) / pl.col("_known")
    shared = pl.when(~unknown & pl.col("_known").is_not_null()).then(pl.col("ESTIMATE") * scale).otherwise("ESTIMATE")
    return (
        both.with_columns(shared.alias("ESTIMATE"))
        .filter(~(unknown & pl.col("_known").is_not_null()))
        .drop("_rest", "_known")
    )
