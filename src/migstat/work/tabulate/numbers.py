"""Numbers: means, medians and quantiles of each cell, exactly, from how many people have which number."""

import math
from fractions import Fraction

import polars as pl

from migstat.words.expression import Arithmetic, Name
from migstat.words.measure import Measure
from migstat.words.structure import Structure
from migstat.work.tabulate.cells import PART, ROWS, SCALE, SUMS, WHOLE, regroup, total
from migstat.work.tabulate.columns import UNIT, VALUE
from migstat.work.tabulate.spread import CELL, OPEN, TARGET, WIDTH, Spread
from migstat.work.tabulate.universe import NUMBER

NO_VALUE = "O"
IN_YEARS = ("CL_AGE", "CL_DURATION")
"""Codelists whose classes are of years, or of months that are reckoned in years."""

RULES = {
    "mean": "The sum of weight times number over the sum of weights, of the people whose number is known.",
    "quantile": "The smallest number at which the weights of all up to it reach the share: the inverse of the weighted "
    "distribution, without interpolation (Hyndman and Fan 1996, definition 1), of the people whose number is known.",
    "classes": "In the class in which the weights of all up to it reach the share, as far as its own weight is needed "
    "for that, as if its people were spread evenly over it; of the people whose class is known.",
}


def of_number(spread: Spread, measure: Measure, structure: Structure) -> pl.DataFrame:
    """Return one row a cell with the mean or quantile.

    Who has no number is in none. Cells whose people weigh nothing have no row. A quantile that lies in an open class
    is not known: its value is null and its OBS_STATUS O.
    """
    parts = [_values(batch, measure) for batch in spread.batches()]
    made = pl.concat(parts) if parts else _values(spread.numbers.with_columns(pl.col(CELL).alias(TARGET)), measure)
    found = spread.targets.join(made, on=TARGET).drop(TARGET)
    return found.with_columns(pl.lit(_unit(measure, structure)).alias(UNIT))


def _values(numbers: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    sums = regroup(numbers.select(TARGET, pl.col(SUMS)), [TARGET]).filter((pl.col(WHOLE) > 0) | (pl.col(PART) > 0))
    return _means(numbers, sums) if measure.kind == "mean" else _quantiles(numbers, sums, measure.share)


def _means(numbers: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    products = numbers.select(TARGET, (pl.col(NUMBER) * total()).alias("_products")).group_by(TARGET).agg("_products")
    # fsum rounds once, so that the mean does not depend on the order in which the parts come.
    exact = [math.fsum(part) for part in products["_products"].to_list()]
    found = sums.join(products.select(TARGET, pl.Series(VALUE, exact, pl.Float64)), on=TARGET)
    return found.select(TARGET, pl.col(VALUE) / total(), pl.col(SUMS), pl.lit("A").alias("OBS_STATUS"))


def _quantiles(numbers: pl.DataFrame, sums: pl.DataFrame, share: Fraction) -> pl.DataFrame:
    upto = numbers.select(TARGET, NUMBER, *(pl.col(name).cum_sum().over(TARGET) for name in (WHOLE, PART)))
    carried = upto.with_columns(pl.col(WHOLE) + pl.col(PART) // SCALE, pl.col(PART) % SCALE)
    both = carried.join(sums.select(TARGET, pl.col(WHOLE).alias("_all"), pl.col(PART).alias("_rest")), on=TARGET)
    reached = both.filter(_at_least((WHOLE, PART), share.denominator, ("_all", "_rest"), share.numerator))
    first = reached.group_by(TARGET).agg(pl.col(NUMBER).min())
    # A number may stand both for itself and for an open class; then it is not known which.
    opened = numbers.filter(OPEN).join(first, on=[TARGET, NUMBER], how="semi").select(TARGET).unique()
    found = sums.join(first, on=TARGET).join(opened.with_columns(pl.lit(True).alias(OPEN)), on=TARGET, how="left")
    found = _within_class(found, numbers, share)
    value = pl.when(pl.col(OPEN).is_null()).then(pl.col(NUMBER)).alias(VALUE)
    status = pl.when(pl.col(OPEN).is_null()).then(pl.lit("A")).otherwise(pl.lit(NO_VALUE)).alias("OBS_STATUS")
    return found.select(TARGET, value, pl.col(SUMS), status)


def _within_class(found: pl.DataFrame, numbers: pl.DataFrame, share: Fraction) -> pl.DataFrame:
    """Move a quantile into its class, as far as the weight of the class must be counted to reach the share."""
    if not (numbers[WIDTH] > 0).any():
        return found
    at = numbers.join(found.select(TARGET, pl.col(NUMBER).alias("_first")), on=TARGET)
    before = regroup(at.filter(pl.col(NUMBER) < pl.col("_first")).select(TARGET, pl.col(SUMS)), [TARGET])
    own = regroup(at.filter(pl.col(NUMBER) == pl.col("_first")).select(TARGET, WIDTH, pl.col(SUMS)), [TARGET, WIDTH])
    needed = total() * float(share) - pl.col("_before").fill_null(0.0)
    return (
        found.join(before.select(TARGET, total().alias("_before")), on=TARGET, how="left")
        .join(own.select(TARGET, WIDTH, total().alias("_own")), on=TARGET)
        .with_columns(pl.col(NUMBER) + pl.col(WIDTH) * needed / pl.col("_own"))
    )


def _at_least(left: tuple[str, str], times: int, right: tuple[str, str], less: int) -> pl.Expr:
    """Say whether ``times`` one weight is at least ``less`` times another, in whole numbers."""

    def multiple(weight: tuple[str, str], factor: int) -> tuple[pl.Expr, pl.Expr]:
        whole, part = pl.col(weight[0]) * factor, pl.col(weight[1]) * factor
        return whole + part // SCALE, part % SCALE

    (one, one_rest), (other, other_rest) = multiple(left, times), multiple(right, less)
    return (one > other) | ((one == other) & (one_rest >= other_rest))


def _unit(measure: Measure, structure: Structure) -> str:
    """Years for an age or for years between two years, else another unit, which the source alone knows."""
    match measure.of:
        case Name("AGE"):
            return "YR"
        case Name(name) if name in structure and structure[name].codelist in IN_YEARS:
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
