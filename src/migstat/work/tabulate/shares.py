"""Shares and rates: a cell over another cell, or over a population that the caller hands in."""

from collections.abc import Iterator, Sequence

import polars as pl

from migstat.words.finding import Finding, Misuse, Place, Severity
from migstat.words.measure import RATES, Measure
from migstat.words.missing import TOTAL
from migstat.words.structure import Structure
from migstat.work.tabulate.columns import CALL, DEFINITION, MEASURE, MIGRANT, UNIT, VALUE, VARIABLE, dimensions

PERCENT = "PT"
BELOW = "_below"
NOT_OF_PEOPLE = ("FREQ", DEFINITION, MIGRANT, UNIT, MEASURE, VARIABLE)
TOLD = 20
"""Cells without a population that are told one by one."""


def share(counts: pl.DataFrame, measure: Measure, dimensions: Sequence[str]) -> pl.DataFrame:
    """Return the per cent that each cell is of the total across the dimensions of the measure.

    Cells of a total that is 0 have no share, and the total itself has none either.
    """
    across = [pl.col(id) == TOTAL for id in measure.across]
    within = [id for id in dimensions if id not in measure.across]
    whole = counts.filter(across).select(*within, pl.col(VALUE).alias(BELOW))
    parts = counts.filter(~pl.all_horizontal(across))
    parts = parts.join(whole, on=within) if within else parts.join(whole, how="cross")
    return _over(parts, 100, PERCENT, counts.columns)


def rate(counts: pl.DataFrame, measure: Measure, dimensions: Sequence[str]) -> pl.DataFrame:
    """Return how many of each cell there are per so many of the population that a definition divides."""
    within = [id for id in dimensions if id != MIGRANT]
    whole = counts.filter(pl.col(MIGRANT) == TOTAL).select(*within, pl.col(VALUE).alias(BELOW))
    parts = counts.filter(pl.col(MIGRANT) != TOTAL).join(whole, on=within)
    return _over(parts, measure.per, RATES[measure.per], counts.columns)


def rate_of(counts: pl.DataFrame, measure: Measure, population: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """Return how many of each cell there are per so many of a population, and where no population is known.

    The population is joined on the dimensions that it has.
    """
    on = [id for id in population.columns if id != BELOW]
    parts = counts.join(population, on=on, how="left")
    lacking = parts.filter(pl.col(BELOW).is_null() | (pl.col(BELOW) <= 0)).select(on).unique().sort(on)
    found = _over(parts.drop_nulls(BELOW), measure.per, RATES[measure.per], counts.columns)
    return found, list(_lacking(lacking))


def denominators(population: pl.DataFrame, table: Structure, there: Sequence[str]) -> pl.DataFrame:
    """Return the dimensions and the value of a population; raise Misuse where it cannot be one."""
    place = Place("population")
    known = [id for id in dimensions(table) if id not in NOT_OF_PEOPLE]
    on = [id for id in population.columns if id in known and id in there]
    faults = []
    if VALUE not in population.columns:
        what = f"the population has no {VALUE}"
        faults.append(Finding(place, VALUE, what, f"call the column of its numbers {VALUE}"))
    elif not population[VALUE].dtype.is_numeric():
        faults.append(
            Finding(place, VALUE, f"{VALUE} is no number but {population[VALUE].dtype}", "read it as numbers")
        )
    for id in population.columns:
        if id in known and id not in there and population[id].n_unique() > 1:
            what = f"the population is by {id}, and the table is not"
            faults.append(Finding(place, id, what, f"count by {id} too, or add the population up over it"))
        elif id not in table:
            what = f"the population has a column {id}, which {table.id} does not have"
            faults.append(Finding(place, id, what, "name columns as the dimensions of the table, or leave it out"))
    if not on:
        faults.append(Finding(place, "", "the population has no dimension of the table", f"one of {', '.join(there)}"))
    if not faults:
        number = pl.col(VALUE).cast(pl.Float64)
        made = population.select(pl.col(on).cast(pl.String), pl.when(number.is_finite()).then(number).alias(BELOW))
        twice = made.group_by(on).len().filter(pl.col("len") > 1).height
        if not twice:
            return made
        what = f"{twice:,} combinations of {', '.join(on)} stand in the population more than once"
        faults.append(Finding(place, "", what, "keep one row for each"))
    raise Misuse(faults)


def _over(parts: pl.DataFrame, per: int, unit: str, columns: Sequence[str]) -> pl.DataFrame:
    return (
        parts.filter(pl.col(BELOW) > 0)
        .with_columns((pl.col(VALUE) * per / pl.col(BELOW)).alias(VALUE), pl.lit(unit).alias(UNIT))
        .select(columns)
    )


def _lacking(cells: pl.DataFrame) -> Iterator[Finding]:
    for row in cells.head(TOLD).iter_rows(named=True):
        cell = ", ".join(f"{id} {code}" for id, code in row.items())
        what = f"there is no population for {cell}: its cells have no rate"
        yield Finding(CALL, "population", what, "add the row to the population", Severity.WARNING, "population")
    if cells.height > TOLD:
        what = f"{cells.height - TOLD:,} more combinations have no population"
        mend = "give the population the codes and periods of the table"
        yield Finding(CALL, "population", what, mend, Severity.WARNING, "population")
