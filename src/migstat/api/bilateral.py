"""Frames of pairs of areas, as they are handed in: a table of ours, a file, or a frame of any engine."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from migstat.api.frames import frame_of
from migstat.api.plain_columns import plain_frame
from migstat.api.plain_files import frame_of_file
from migstat.words.finding import misuse
from migstat.words.how_many import how_many
from migstat.words.table import Table

NULLS = ["", ".."]


def frame_from(source: Any, what: str) -> pl.DataFrame:
    """Return a table, a CSV or Parquet file, or a frame as a Polars frame. ``what`` is its name in errors."""
    if isinstance(source, Table):
        found: pl.DataFrame = source.frame
        return found
    if not isinstance(source, str | os.PathLike):
        made: pl.DataFrame = frame_of(plain_frame(source, what)).lazy().collect("polars").to_native()
        return made
    return frame_of_file(Path(source), f"there is no such file for {what}", "name a CSV or Parquet file")


def column_of(frame: pl.DataFrame, names: Sequence[str], what: str) -> str:
    """Return the first of the names that is a column, or raise Misuse with what is there."""
    for name in names:
        if name in frame.columns:
            return name
    have = ", ".join(frame.columns)
    raise misuse(f"{what} has no column {' or '.join(names)}", f"rename one of its columns: {have}", component=names[0])


def numbers(frame: pl.DataFrame, column: str, what: str) -> pl.DataFrame:
    """Return the frame with a column as numbers; raise Misuse where a text in it is none."""
    text = pl.col(column).cast(pl.String).str.strip_chars()
    number = text.cast(pl.Float64, strict=False)
    number = pl.when(number.is_finite()).then(number)
    bad = frame.filter(number.is_null() & text.is_not_null() & ~text.is_in(NULLS)).select(text).unique()
    if bad.height:
        shown = ", ".join(f"'{value}'" for value in sorted(bad[column])[:3])
        mend = "write numbers without signs for thousands; leave what is unknown empty"
        raise misuse(f"{what}: {shown} in {column} is not a number", mend, component=column)
    return frame.with_columns(number.alias(column))


def by_area(source: Any, areas: Sequence[str], what: str) -> np.ndarray:
    """Return one number for each area, 0 where none is given; from a mapping, a file, or a frame."""
    if source is None:
        return np.zeros(len(areas))
    if isinstance(source, Mapping):
        found = {str(area): float(value) for area, value in source.items()}
    else:
        frame = frame_from(source, what)
        area = column_of(frame, ("REF_AREA", "AREA", "region", "area"), what)
        value = column_of(frame, ("OBS_VALUE", what.upper(), what), what)
        frame = numbers(frame, value, what)
        if lacking := sorted(map(str, frame.filter(pl.col(value).is_null())[area].unique())):
            mend = "what is empty is unknown, not 0: give a number"
            raise misuse(f"{what} of {', '.join(lacking[:8])} is below zero or missing", mend, component=what)
        if nameless := frame[area].null_count():
            rows = how_many(nameless, f"row of {what} names no area", f"rows of {what} name no area")
            raise misuse(rows, "write the area of each row, or leave the row out", component=area)
        frame = frame.group_by(pl.col(area).cast(pl.String)).agg(pl.col(value).sum())
        found = dict(zip(frame[area], frame[value], strict=True))
    if strange := sorted(set(found) - set(areas)):
        mend = f"give {what} of the areas of the stocks: {', '.join(areas[:8])}{' ...' if len(areas) > 8 else ''}"
        raise misuse(f"{what} has areas that the stocks have not: {', '.join(strange[:8])}", mend, component=what)
    if below := sorted(area for area, value in found.items() if not value >= 0):
        raise misuse(f"{what} of {', '.join(below[:8])} is below zero or missing", "give 0 or more", component=what)
    return np.array([found.get(area, 0.0) for area in areas])


def square(frame: pl.DataFrame, rows: str, columns: str, value: str, areas: Sequence[str], what: str) -> np.ndarray:
    """Return a matrix of the pairs of areas, 0 where no cell is given; a pair given twice is refused."""
    twice = frame.group_by(rows, columns).len().filter(pl.col("len") > 1)
    if twice.height:
        pair = " and ".join(map(str, twice.sort(rows, columns).row(0)[:2]))
        mend = "take totals over the other dimensions first, or one definition, period and source"
        raise misuse(
            f"{what} has {how_many(twice.height, 'pair')} more than once, such as {pair}", mend, component=value
        )
    if absent := frame.filter(pl.col(value).is_null()).height:
        mend = "what is empty is unknown, not 0: give a number, or leave the cells out"
        raise misuse(f"{what} has {how_many(absent, 'cell')} without a value", mend, component=value)
    at = {area: index for index, area in enumerate(areas)}
    matrix = np.zeros((len(areas), len(areas)))
    for row, column, number in frame.select(rows, columns, value).iter_rows():
        matrix[at[row], at[column]] = number
    return matrix


def totals_only(frame: pl.DataFrame, besides: Sequence[str], migrant: str = "Y") -> pl.DataFrame:
    """Keep the cells that are totals in every dimension of a stock or flow table but those named."""
    codes = [name for name in ("UNIT_MEASURE", "MIGRANT", "FLOW") if name in frame.columns]
    frame = frame.with_columns(pl.col(codes).cast(pl.String))
    for name in frame.columns:
        if name not in (*besides, "MIGRANT") and frame.schema[name] == pl.String and "_T" in frame[name].unique():
            frame = frame.filter(pl.col(name) == "_T")
    if "UNIT_MEASURE" in frame.columns:
        frame = frame.filter(pl.col("UNIT_MEASURE") != "PT")
    if "MIGRANT" in frame.columns and migrant in frame["MIGRANT"].unique():
        frame = frame.filter(pl.col("MIGRANT") == migrant)
    return frame
