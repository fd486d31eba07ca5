"""Numbers: means, medians and quantiles of each cell, exactly, from how many people have which number."""

import math
from collections.abc import Sequence

import polars as pl

from migstat.words.expression import Arithmetic, Name
from migstat.words.measure import Measure
from migstat.words.structure import Structure
from migstat.work.tabulate.cells import PART, ROWS, SCALE, SUMS, WHOLE, regroup, total
from migstat.work.tabulate.columns import UNIT, VALUE
from migstat.work.tabulate.universe import NUMBER

OPEN = "_open"
"""Says that a number stands for a class without an end, such as 90 years and over."""
NO_VALUE = "O"

RULES = {
    "mean": "The sum of weight times number over the sum of weights, of the people whose number is known.",
    "quantile": "The smallest number at which the weights of all up to it reach the share: the inverse of the weighted "
    "distribution, without interpolation (Hyndman and Fan 1996, definition 1), of the people whose number is known.",
}


def of_number(spread: pl.DataFrame, measure: Measure, keys: Sequence[str], structure: Structure) -> pl.DataFrame:
    """Return one row a cell with the mean or quantile; ``spread`` has a row for each cell and distinct number.

    Who has no number is in none. Cells whose people weigh nothing have no row. A quantile that lies in an open class
    is not known: its value is null and its OBS_STATUS O.
    """
    known = spread.filter(pl.col(NUMBER).is_not_null()).sort(NUMBER)
    sums = regroup(known.select(*keys, pl.col(SUMS)), keys).filter((pl.col(WHOLE) > 0) | (pl.col(PART) > 0))
    values = _means(known, sums, keys) if measure.kind == "mean" else _quantiles(known, sums, keys, measure)
    return values.with_columns(pl.lit(_unit(measure, structure)).alias(UNIT))


def _means(known: pl.DataFrame, sums: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    products = known.select(*keys, (pl.col(NUMBER) * total()).alias("_products")).group_by(keys).agg("_products")
    # fsum rounds once, so that the mean does not depend on the order in which the parts come.
    exact = [math.fsum(part) for part in products["_products"]]
    found = sums.join(products.select(keys).with_columns(pl.Series(VALUE, exact, pl.Float64)), on=keys)
    return found.select(*keys, pl.col(VALUE) / total(), pl.col(SUMS), pl.lit("A").alias("OBS_STATUS"))


def _quantiles(known: pl.DataFrame, sums: pl.DataFrame, keys: Sequence[str], measure: Measure) -> pl.DataFrame:
    above, below = measure.share.numerator, measure.share.denominator
    upto = known.select(*keys, NUMBER, OPEN, *(pl.col(name).cum_sum().over(keys) for name in (WHOLE, PART)))
    both = upto.join(sums.select(*keys, pl.col(WHOLE).alias("_all"), pl.col(PART).alias("_rest")), on=keys)
    # Compared in whole numbers: below * (weight up to here) >= above * (weight of all).
    carried = both.with_columns(
        (pl.col(WHOLE) * below + pl.col(PART) * below // SCALE).alias("_reached"),
        (pl.col(PART) * below % SCALE).alias("_reached_rest"),
        (pl.col("_all") * above + pl.col("_rest") * above // SCALE).alias("_needed"),
        (pl.col("_rest") * above % SCALE).alias("_needed_rest"),
    )
    reached = carried.filter(
        (pl.col("_reached") > pl.col("_needed"))
        | ((pl.col("_reached") == pl.col("_needed")) & (pl.col("_reached_rest") >= pl.col("_needed_rest")))
    )
    # A number may stand both for itself and for an open class; then it is not known which.
    first = reached.group_by(keys).agg(
        pl.col(NUMBER).min(), pl.col(OPEN).filter(pl.col(NUMBER) == pl.col(NUMBER).min()).any()
    )
    value = pl.when(~pl.col(OPEN)).then(pl.col(NUMBER)).alias(VALUE)
    status = pl.when(pl.col(OPEN)).then(pl.lit(NO_VALUE)).otherwise(pl.lit("A")).alias("OBS_STATUS")
    return sums.join(first, on=keys).select(*keys, value, pl.col(SUMS), status)


def _unit(measure: Measure, structure: Structure) -> str:
    """Years for an age or for years between two years, else another unit, which the source alone knows."""
    match measure.of:
        case Name("AGE"):
            return "YR"
        case Arithmetic("-", _, Name(name)) if name in structure and structure[name].type == "year":
            return "YR"
        case Name("INTENDED_STAY"):
            return "MTH"
        case _:
            return "_O"


def without(cells: pl.DataFrame) -> tuple[int, float, int]:
    """Return the rows and weight of people whose number is not known, and the rows whose number is of an open class."""
    lacking = regroup(cells.filter(pl.col(NUMBER).is_null()), []).select(pl.col(ROWS), total().alias(VALUE)).row(0)
    opened = int(cells.filter(pl.col(OPEN) & pl.col(NUMBER).is_not_null())[ROWS].sum())
    return lacking[0], lacking[1], opened
