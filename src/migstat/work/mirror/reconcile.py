"""Reconcile: one figure for each corridor from both sides, by a named method."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from migstat.work.mirror.corridors import KEY, RECEIVED, SENT


@dataclass(frozen=True, slots=True)
class Method:
    """A published way to one figure, with its source and what it cannot do."""

    id: str
    source: str
    limits: str


METHODS = {
    "receiver": Method(
        "receiver",
        "Immigration of the destination is preferred, since it is measured better: United Nations, Recommendations on "
        "Statistics of International Migration, Rev. 1 (1998); THESIM (Poulain, Perrin and Singleton 2006). General "
        "knowledge, to be confirmed",
        "takes the receiver's definition of a move, which differs between receivers",
    ),
    "larger": Method(
        "larger",
        "The larger of both sides, since moves are more often missed than invented: the first step of Kelly (1987) and "
        "Poulain (1993). General knowledge, to be confirmed",
        "is too large where the larger side counts shorter stays",
    ),
    "mean": Method(
        "mean",
        "The mean of both sides: a plain compromise, of no one's authority",
        "has no reason to be nearer to the truth than either side",
    ),
    "correction factors": Method(
        "correction factors",
        "Poulain (1993), Confrontation des statistiques de migrations intra-européennes, European Journal of "
        "Population 9(4); Poulain and Dal (2008): a factor for the emigration and one for the immigration of each area "
        "that bring both sides together by least squares. Here on logarithms, over all corridors with both sides, and "
        "scaled so that immigration of the areas named as reference is right: general knowledge, to be confirmed",
        "assumes that an area misses the same share of every corridor and year, and that the reference is right",
    ),
}


def reconciled(both: pl.DataFrame, method: str, reference: list[str]) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Return the corridors with ESTIMATE and TAKEN (which side it is from), and the factors of each area, if any.

    A corridor with one side known has that side, and one with none has no estimate: a choice that stands in TAKEN.
    """
    if method == "correction factors":
        return _corrected(both, reference)
    preferred: dict[str, Callable[[], pl.Expr]] = {
        "receiver": lambda: pl.col(RECEIVED),
        "larger": lambda: pl.max_horizontal(SENT, RECEIVED),
        "mean": lambda: (pl.col(SENT) + pl.col(RECEIVED)) / 2,
    }
    one = pl.coalesce(SENT, RECEIVED)
    estimate = pl.when(pl.col("SIDES") == "both").then(preferred[method]()).otherwise(one)
    taken = {
        "receiver": pl.lit("receiver"),
        "larger": pl.when(pl.col(SENT) > pl.col(RECEIVED)).then(pl.lit("sender")).otherwise(pl.lit("receiver")),
        "mean": pl.lit("both"),
    }[method]
    said = pl.when(pl.col("SIDES") == "both").then(taken).otherwise(pl.col("SIDES"))
    return both.with_columns(estimate.alias("ESTIMATE"), said.alias("TAKEN")), None


def _corrected(both: pl.DataFrame, reference: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fit log SENT + e(origin) = log RECEIVED + i(destination); the mean i of the reference areas is 0."""
    used = both.filter(pl.col(SENT) > 0, pl.col(RECEIVED) > 0)
    origins, destinations = sorted(used["ORIGIN"].unique()), sorted(used["DESTINATION"].unique())
    at = {area: index for index, area in enumerate(origins)}
    to = {area: len(origins) + index for index, area in enumerate(destinations)}
    held = [area for area in reference if area in to] or destinations
    rows = used.height
    # One row a corridor, and one that sets the scale: without it all factors may be multiplied by one number.
    design = np.zeros((rows + 1, len(at) + len(to)))
    gap = np.zeros(rows + 1)
    for row, (origin, destination, ratio) in enumerate(used.select("ORIGIN", "DESTINATION", "LOG_RATIO").iter_rows()):
        design[row, at[origin]], design[row, to[destination]], gap[row] = 1.0, -1.0, -ratio
    design[rows, [to[area] for area in held]] = np.sqrt(rows) / len(held)
    found, *_ = np.linalg.lstsq(design, gap, rcond=None)
    areas = sorted({*origins, *destinations})
    factors = pl.DataFrame(
        {
            "AREA": areas,
            "EMIGRATION": [float(np.exp(found[at[area]])) if area in at else None for area in areas],
            "IMMIGRATION": [float(np.exp(found[to[area]])) if area in to else None for area in areas],
        }
    )
    with_factors = both.join(
        factors.select(pl.col("AREA").alias("ORIGIN"), pl.col("EMIGRATION").alias("_e")), on="ORIGIN", how="left"
    ).join(
        factors.select(pl.col("AREA").alias("DESTINATION"), pl.col("IMMIGRATION").alias("_i")),
        on="DESTINATION",
        how="left",
    )
    sent, received = pl.col(SENT) * pl.col("_e"), pl.col(RECEIVED) * pl.col("_i")
    estimate = pl.when(pl.col("SIDES") == "both").then((sent + received) / 2).otherwise(pl.coalesce(sent, received))
    made = with_factors.with_columns(
        estimate.alias("ESTIMATE"),
        pl.when(estimate.is_null()).then(pl.lit("none")).otherwise(pl.col("SIDES")).alias("TAKEN"),
    )
    return made.drop("_e", "_i").sort(KEY), factors
