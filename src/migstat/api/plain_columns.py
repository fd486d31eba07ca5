"""Columns that hold lists, bytes or the like: they are told before anything is done with them."""

from collections.abc import Collection, Mapping
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.frames import frame_of
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.structure import Structure

HELD = {
    "List": "lists", "Array": "lists", "Struct": "objects", "Binary": "bytes", "Time": "times of day",
    "Duration": "lengths of time", "Object": "objects", "Interval": "lengths of time",
}  # fmt: skip
TEXTS = (nw.Categorical, nw.Enum)
NUMBER = r"^ *[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *$"
WIDE = (nw.Decimal, nw.Int128, nw.UInt128)


def check_plain(schema: Mapping[str, Any], named: Collection[str], place: str) -> None:
    """Raise MigstatError with every column of those named that holds no texts, numbers or dates.

    >>> check_plain(pl.Schema({"SEX": pl.List(pl.String), "AGE": pl.Int64}), ["SEX", "AGE"], "people.parquet")
    Traceback (most recent call last):
    migstat.words.finding.MigstatError: people.parquet  SEX
      holds lists, and no texts, numbers or dates
      Mend: write one text, number or date in each row
    """
    held = {name: HELD.get(str(schema[name]).partition("(")[0]) for name in named if name in schema}
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


def plain_frame(frame: Any, place: str, named: Collection[str] | None = None, numbers: Collection[str] = ()) -> Any:
    """Return a frame as it was handed in, with wide numbers and decimals as plain ones, and categories as texts.

    Where ``numbers`` are named, the categories of the other columns stay.

    Raises MigstatError with every column of those named, or of all, that holds lists, bytes or the like, and of
    ``numbers`` that holds neither numbers nor texts.

    >>> people = pl.DataFrame({"SEX": ["F"], "AGE": [True]})
    >>> plain_frame(people, "the records", numbers=["AGE"])
    Traceback (most recent call last):
    migstat.words.finding.MigstatError: the records  AGE
      holds no numbers
      Mend: write a number in each row, or leave it empty
    """
    wrapped = frame_of(frame)
    schema = wrapped.collect_schema()
    check_plain(schema, schema if named is None else named, place)
    mend = "write a number in each row, or leave it empty"
    faults = [
        Finding(Place(place), name, "holds no numbers", mend)
        for name in numbers
        if name in schema and not (schema[name].is_numeric() or schema[name] in (nw.String, nw.Unknown, *TEXTS))
    ]
    if faults:
        raise MigstatError(faults)
    # Codes of many records stay categories: to group by these is faster.
    texts = [name for name in numbers or schema if name in schema and schema[name] in TEXTS]
    made = [nw.col(name).cast(nw.String) for name in texts]
    made += [nw.col(name).cast(nw.Float64) for name, dtype in schema.items() if dtype in WIDE]
    made += [nw.col(name).cast(nw.Float64) for name in numbers if name in schema and schema[name] == nw.Unknown]
    return nw.to_native(wrapped.with_columns(*made)) if made else frame


def plain_records(frame: Any, structure: Structure) -> Any:
    """Return records as ``plain_frame`` does; the structure says which columns are read, and which are numbers."""
    numbers = [one.id for one in structure.components if one.type in ("integer", "number", "year")]
    return texts_of_numbers(plain_frame(frame, "the records", structure.ids, numbers), ["WEIGHT"], "the records")


def texts_of_numbers(frame: Any, named: Collection[str], place: str) -> Any:
    """Return a frame as it is; raise MigstatError where a column of those named holds a text that is no number.

    >>> texts_of_numbers(pl.DataFrame({"WEIGHT": ["1.5", "many"]}), ["WEIGHT"], "the records")
    Traceback (most recent call last):
    migstat.words.finding.MigstatError: the records  WEIGHT
      is no number  (1 row)
      Mend: write a number, or leave it empty
    """
    wrapped = frame_of(frame)
    schema = wrapped.collect_schema()
    if texts := [name for name in dict.fromkeys(named) if name in schema and schema[name] == nw.String]:
        strange = [(~nw.col(name).str.contains(NUMBER)).cast(nw.Int64).sum().alias(name) for name in texts]
        rows = next(iter(wrapped.select(*strange).lazy().collect("pyarrow").iter_rows()))
        mend = "write a number, or leave it empty"
        if faults := [
            Finding(Place(place), name, "is no number", mend, rows=int(lost))
            for name, lost in zip(texts, rows, strict=True)
            if lost
        ]:
            raise MigstatError(faults)
    return frame


def figures(frame: pl.DataFrame, named: Collection[str], place: str) -> pl.DataFrame:
    """Return a frame with columns as numbers, NaN as null; raise MigstatError where a text is none, or one is infinite.

    >>> figures(pl.DataFrame({"OBS_VALUE": [1.0, float("nan")]}), ["OBS_VALUE"], "the stock")["OBS_VALUE"].to_list()
    [1.0, None]
    """
    there = [name for name in dict.fromkeys(named) if name in frame.columns]
    made = frame.with_columns(pl.col(name).cast(pl.Float64, strict=False).fill_nan(None) for name in there)
    faults = []
    for name in there:
        infinite = int(made[name].is_infinite().sum())
        lost = made[name].null_count() - frame[name].null_count()
        lost -= int(frame[name].is_nan().sum()) if frame[name].dtype.is_float() else 0
        for rows, what in ((lost, "is no number"), (infinite, "is infinite")):
            if rows:
                faults.append(Finding(Place(place), name, what, "write a number, or leave it empty", rows=rows))
    if faults:
        raise MigstatError(faults)
    return made
