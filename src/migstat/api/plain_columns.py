"""Columns that hold lists, bytes or the like: they are told before anything is done with them."""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from migstat.words.finding import Finding, MigstatError, Place

HELD = {
    pl.List: "lists", pl.Array: "lists", pl.Struct: "objects", pl.Binary: "bytes", pl.Time: "times of day",
    pl.Duration: "lengths of time", pl.Object: "objects",
}  # fmt: skip


def check_plain(schema: Mapping[str, Any], named: Collection[str], place: str) -> None:
    """Raise MigstatError with every column of those named that holds no texts, numbers or dates.

    >>> check_plain(pl.Schema({"SEX": pl.List(pl.String), "AGE": pl.Int64}), ["SEX", "AGE"], "people.parquet")
    Traceback (most recent call last):
    migstat.words.finding.MigstatError: people.parquet  SEX
      holds lists, and no texts, numbers or dates
      Mend: write one text, number or date in each row
    """
    held = {name: HELD.get(schema[name].base_type()) for name in named if name in schema}
    mend = "write one text, number or date in each row"
    faults = [
        Finding(Place(place), name, f"holds {what}, and no texts, numbers or dates", mend)
        for name, what in held.items()
        if what is not None and not (what == "times of day" and name.endswith("_TIME"))
    ]
    if faults:
        raise MigstatError(faults)


def check_kind(schema: Mapping[str, Any], named: Collection[str], wanted: str, place: str) -> None:
    """Raise MigstatError with every column of those named that is there and holds no ``numbers``, or no ``dates``."""
    there = {name: schema[name] for name in named if name in schema and schema[name] != pl.Null}
    fits = {
        name: one.is_numeric() if wanted == "numbers" else one in (pl.Date, pl.Datetime) for name, one in there.items()
    }
    faults = [
        Finding(Place(place), name, f"holds no {wanted}", f"write {wanted}, as migstat harmonize does")
        for name, fit in fits.items()
        if not fit
    ]
    if faults:
        raise MigstatError(faults)
