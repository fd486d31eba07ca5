"""Numbers of the records that stay: NaN as missing, and infinite ones told."""

import polars as pl

from migstat.words.finding import Finding, MigstatError, Place


def finite(frame: pl.DataFrame) -> pl.DataFrame:
    """Return records with NaN as null; raise MigstatError where a column holds an infinite number."""
    floats = [column for column in frame if column.dtype.is_float()]
    mend = "write a number, or leave it empty"
    faults = [
        Finding(Place("the records"), column.name, "is infinite", mend, rows=rows)
        for column in floats
        if (rows := int(column.is_infinite().sum()))
    ]
    if faults:
        raise MigstatError(faults)
    return frame.with_columns(column.fill_nan(None) for column in floats)
