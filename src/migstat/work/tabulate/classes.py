"""Classes: a number that is known only as a class, such as 20 to 24 years, with where it begins and how wide it is."""

import math
from itertools import pairwise

import polars as pl

from migstat.words.codelist import Code, Codelist
from migstat.words.expression import Expression, Name
from migstat.words.finding import Finding, Misuse
from migstat.words.structure import Structure
from migstat.work.tabulate.columns import CALL
from migstat.work.tabulate.spread import OPEN, WIDTH
from migstat.work.tabulate.universe import NUMBER


def classed(of: Expression | None, structure: Structure) -> str:
    """Name the component of classes that a quantile is of; empty where it is of a number."""
    return of.name if isinstance(of, Name) and of.name in structure and structure[of.name].coded else ""


def bounded(codelist: Codelist) -> bool:
    """Say whether the codes are classes of a number."""
    return any(codelist.bounds(code.id) is not None for code in codelist)


def with_class(cells: pl.DataFrame, column: str, codelist: Codelist) -> list[pl.Expr]:
    """Return where the class of each cell begins, how wide it is, and whether it has no end; months count as years.

    A class from 20 to 24 in completed years begins at 20 and is 5 wide. Raises Misuse where classes that occur overlap,
    because they cannot be put in one order.
    """
    met = [codelist[id] for id in cells[column].cast(pl.String).unique().drop_nulls() if id in codelist]
    bands = sorted(
        (code for code in met if codelist.bounds(code.id) is not None), key=lambda one: (_from(one), _end(one))
    )
    overlapping = [f"{one.id} and {other.id}" for one, other in pairwise(bands) if _end(one) > _from(other)]
    if overlapping:
        what = f"{column} has classes that overlap: {', '.join(overlapping)}"
        mend = "lift them to classes that do not overlap in the mapping, or take a quantile of a number"
        raise Misuse([Finding(CALL, column, what, mend)])
    code = pl.col(column).cast(pl.String)
    open_ = [band.id for band in bands if None in (band.lower, band.upper)]
    begins = {band.id: _from(band) for band in bands}
    widths = {band.id: 0.0 if band.id in open_ else _end(band) - _from(band) for band in bands}
    return [
        code.replace_strict(begins, default=None, return_dtype=pl.Float64).alias(NUMBER),
        code.replace_strict(widths, default=0.0, return_dtype=pl.Float64).alias(WIDTH),
        code.is_in(open_).fill_null(False).alias(OPEN),
    ]


def _from(band: Code) -> float:
    return -math.inf if band.lower is None else band.lower / _a_year(band)


def _end(band: Code) -> float:
    return math.inf if band.upper is None else (band.upper + 1) / _a_year(band)


def _a_year(band: Code) -> int:
    return 12 if band.attributes.get("unit") == "M" else 1
