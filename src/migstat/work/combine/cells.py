"""Cells: which column is a key, which cells stand twice, and how the parts of a cell are added."""

import polars as pl

from migstat.words.finding import Finding, Place, Severity
from migstat.words.structure import Structure

VALUE, STATUS, UNWEIGHTED = "OBS_VALUE", "OBS_STATUS", "N_UNWEIGHTED"
ABSENT = ("Q", "O", "L", "M")
"""Codes of CL_OBS_STATUS for a cell without a value, the one that matters most first."""


def key_of(frame: pl.DataFrame, structure: Structure) -> list[str]:
    """Return the dimensions that the frame has, in order."""
    return [one.id for one in structure.with_role("dimension") if one.id in frame.columns]


def repeated_cells(frame: pl.DataFrame, structure: Structure, place: Place) -> tuple[pl.DataFrame, list[Finding]]:
    """Drop cells that stand again with the same value; those with another value are an error that names the first."""
    key = key_of(frame, structure)
    unique = frame.unique([*key, VALUE], keep="first", maintain_order=True)
    again = frame.height - unique.height
    findings = []
    if again:
        what = "cells stand again with the same value, and are kept once"
        findings.append(Finding(place, VALUE, what, "", Severity.WARNING, rule="cell_again", rows=again))
    twice = unique.group_by(key).len().filter(pl.col("len") > 1)
    if twice.height:
        row = twice.sort(key).row(0, named=True)
        told = ", ".join(f"{id} {row[id]}" for id in key if row[id] != "_T")
        what = f"cells stand more than once with different values, such as {told}"
        mend = "write a rule for the dimension that tells them apart, or keep only one kind of row"
        findings.append(Finding(place, VALUE, what, mend, rule="cell_twice", rows=twice.height))
    return unique, findings


def added(frame: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Add cells of equal key. A sum with a part that has no value has none, and says why: never a smaller number.

    Attributes that all parts share stay; a standard error cannot be added, and is left empty.
    """
    rest = [name for name in frame.columns if name not in {*key, VALUE, UNWEIGHTED, STATUS, "STD_ERROR", "CV"}]
    whole = pl.col(VALUE).null_count() == 0
    made = [pl.when(whole).then(pl.col(VALUE).sum()).alias(VALUE)]
    if UNWEIGHTED in frame.columns:
        made.append(pl.when(pl.col(UNWEIGHTED).null_count() == 0).then(pl.col(UNWEIGHTED).sum()).alias(UNWEIGHTED))
    if STATUS in frame.columns:
        worst = pl.coalesce(pl.when((pl.col(STATUS) == code).any()).then(pl.lit(code)) for code in ABSENT)
        shared = pl.when(pl.col(STATUS).n_unique() == 1).then(pl.col(STATUS).first()).otherwise(pl.lit("A"))
        made.append(pl.when(whole).then(shared).otherwise(worst.fill_null("O")).alias(STATUS))
    made += [pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in rest]
    alone = pl.len() == 1
    for name in ("STD_ERROR", "CV"):
        if name in frame.columns:
            made.append(pl.when(alone).then(pl.col(name).first()).alias(name))
    return frame.group_by(key, maintain_order=True).agg(made).select(frame.columns)
