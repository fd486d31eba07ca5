"""Bands: a number, such as an age in years, as a class of a codelist with bounds."""

import polars as pl

from migstat.words.codelist import Code, Codelist
from migstat.words.missing import MISSING_SUFFIX


def narrowest(cells: pl.DataFrame, column: str, codelist: Codelist) -> pl.Expr:
    """Return the expression for the narrowest class that holds the number, or the kind of its absence.

    A number that no class holds gives null.
    """
    bands = sorted((code for code in codelist if codelist.bounds(code.id)), key=_width)
    numbers = cells[column].cast(pl.Float64, strict=False)
    found = {
        number: next((band.id for band in bands if _holds(band, number)), None)
        for number in numbers.drop_nulls().unique()
    }
    code = pl.lit(numbers.replace_strict(found, default=None, return_dtype=pl.String))
    kind = column + MISSING_SUFFIX
    return pl.coalesce(code, pl.col(kind).cast(pl.String)) if kind in cells.columns else code


def _width(band: Code) -> tuple[float, float]:
    """Order bands by width; of two open ones the one that begins later is the narrower."""
    lower = float("-inf") if band.lower is None else band.lower
    return (float("inf") if band.upper is None else band.upper) - lower, -lower


def _holds(band: Code, number: float) -> bool:
    return (band.lower is None or band.lower <= number) and (band.upper is None or number <= band.upper)
