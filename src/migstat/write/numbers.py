"""Numbers as text: exact, the shortest that reads back equal, never with an exponent."""

from decimal import Decimal

import polars as pl

LARGEST = 2.0**53
"""Up to here every whole number has its own float."""


def plain(column: str) -> pl.Expr:
    """Return the expression that writes a column of floats as text: 12, 0.1, 0.0000001; null stays null.

    >>> pl.DataFrame({"x": [12.0, 0.1, 1e-7, 1e21]}).select(plain("x"))["x"].to_list()
    ['12', '0.1', '0.0000001', '1000000000000000000000']
    """
    value = pl.col(column)
    whole = (value == value.round(0)) & (value.abs() < LARGEST)
    text = value.cast(pl.String)
    exponent = text.str.contains("e", literal=True)
    spelt = pl.when(exponent).then(text).map_elements(_spelt, return_dtype=pl.String, skip_nulls=True)
    return (
        pl.when(whole)
        .then(value.cast(pl.Int64, strict=False).cast(pl.String))
        .when(exponent)
        .then(spelt)
        .otherwise(text.str.strip_suffix(".0"))
        .alias(column)
    )


def _spelt(number: str) -> str:
    return format(Decimal(number), "f")
