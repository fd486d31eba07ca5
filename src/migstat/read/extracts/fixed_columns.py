"""Columns of fixed width: how they are cut out of many lines at once."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from migstat.read.extracts.lines import Block, as_text
from migstat.words.row_columns import Column
from migstat.words.source import Format

BLANK = 32
"""The last of the signs of ASCII that are white space, or none that is seen."""


def cut(lines: pl.Series, columns: Sequence[Column], format: Format, block: Block) -> pl.DataFrame:
    """Return the columns as text, without the blanks around them; what is blank or missing is null."""
    if lines.dtype == pl.Binary:
        pieces = {one.name: as_text(lines.bin.slice(one.start - 1, one.width), block.encoding) for one in columns}
        return pl.DataFrame(pieces).select(_told(pl.col(one.name), one, format).alias(one.name) for one in columns)
    frame = pl.LazyFrame({"": lines})
    grid = block.grid if block.grid is not None and len(lines) == len(block.grid) else None
    return frame.select(
        _told(pl.col("").str.slice(one.start - 1, one.width), one, format, filled=_filled(grid, one)).alias(one.name)
        for one in columns
    ).collect()


def _filled(grid: Any, column: Column) -> bool:
    """Tell whether no value of a column begins or ends with a blank: then none is to be taken away."""
    if grid is None or column.end > grid.shape[1]:
        return False
    return bool(grid[:, column.start - 1].min() > BLANK and grid[:, column.end - 1].min() > BLANK)


def _told(value: pl.Expr, column: Column, format: Format, *, filled: bool = False) -> pl.Expr:
    """Take the blanks away, put in a decimal sign that is not written, and make null what stands for a blank."""
    if not filled:
        value = value.str.strip_chars()
    blank = [one for one in format.missing if one] + [""] * (not filled)
    told = _pointed(value, column.decimals, format.decimal) if column.decimals else value
    if not blank:
        return told
    null = (value == blank[0]) if len(blank) == 1 else value.is_in(blank)
    return pl.when(~null).then(told)


def _pointed(value: pl.Expr, decimals: int, sign: str) -> pl.Expr:
    """Put the decimal sign before the last digits of whole numbers: 12345 with 2 decimals is 123.45."""
    minus = pl.when(value.str.starts_with("-")).then(pl.lit("-")).otherwise(pl.lit(""))
    digits = value.str.strip_chars_start("+-").str.zfill(decimals + 1)
    whole = digits.str.head(-decimals).str.strip_chars_start("0")
    whole = pl.when(whole == "").then(pl.lit("0")).otherwise(whole)
    pointed = pl.concat_str(minus, whole, pl.lit(sign), digits.str.tail(decimals))
    return pl.when(value.str.contains(r"^[+-]?\d+$")).then(pointed).otherwise(value)
