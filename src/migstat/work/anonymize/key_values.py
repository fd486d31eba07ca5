"""Keys as they are compared: one column of text each, null where the value is missing and missing is a wildcard."""

from collections.abc import Sequence

import polars as pl

from migstat.words.microdata_policy import MissingAs
from migstat.words.missing import MISSING_SUFFIX, NOT_STATED, UNKNOWN
from migstat.words.structure import Structure

ABSENT = (NOT_STATED, UNKNOWN)
"""Kinds of missing behind which any value may stand. Not applicable and not collected are facts of their own."""


def key_values(
    frame: pl.DataFrame | pl.LazyFrame, ids: Sequence[str], structure: Structure | None, missing: MissingAs
) -> list[pl.Expr]:
    """Return an expression a component: its value as text, with its kind of missing where it has none."""
    columns = frame.collect_schema().names()
    made = []
    for id in ids:
        value = pl.col(id).cast(pl.String)
        if f"{id}{MISSING_SUFFIX}" in columns:
            value = pl.coalesce(value, pl.col(f"{id}{MISSING_SUFFIX}").cast(pl.String))
        coded = structure is None or id not in structure or structure[id].coded
        if missing == "category":
            value = value.fill_null(UNKNOWN)
        elif coded or f"{id}{MISSING_SUFFIX}" in columns:
            value = pl.when(value.is_in(ABSENT)).then(None).otherwise(value)
        made.append(value.alias(id))
    return made
