"""Source values as text: what an engine typed comes back as the code it was, and a blank is null."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import narwhals as nw
import polars as pl

from migstat.work.conditions import is_whole

Frame = Any
ODD = (nw.List, nw.Array, nw.Struct, nw.Binary)


def as_text(frame: Frame, columns: Sequence[str], missing: Sequence[str] = ("",), trim: bool = False) -> Frame:
    """Return the frame with these columns as text: 1 and 1.0 become ``1``, a blank, a NaN and a null are null.

    Lists and objects are JSON, and bytes that are no UTF-8 hexadecimal digits, but on other engines than Polars.
    Leading zeros that an engine has dropped cannot come back: say ``pad`` in the rule.
    """
    schema = frame.collect_schema()
    odd = [name for name in columns if name in schema and schema[name] in ODD]
    if odd and frame.implementation.is_polars():
        written = pl.col(odd).map_batches(_written, return_dtype=pl.String, is_elementwise=True)
        frame = nw.from_native(nw.to_native(frame).with_columns(written))
        schema = frame.collect_schema()
    made = [_text(name, schema[name], missing, trim).alias(name) for name in columns if name in schema]
    return frame.with_columns(*made) if made else frame


def _text(name: str, dtype: nw.dtypes.DType, missing: Sequence[str], trim: bool) -> nw.Expr:
    column = nw.col(name)
    if dtype in (nw.Float64, nw.Float32):
        column = nw.when(~column.is_nan()).then(column)
        whole = is_whole(column)
        text = (
            nw.when(whole)
            .then(nw.when(whole).then(column).cast(nw.Int64).cast(nw.String))
            .otherwise(column.cast(nw.String))
        )
    elif dtype == nw.String:
        text = column
    else:
        text = column.cast(nw.String)
    if trim:
        text = text.str.strip_chars()
    blanks = [*dict.fromkeys([*missing, ""])]
    return nw.when(~text.is_in(blanks)).then(text)


def _written(values: pl.Series) -> pl.Series:
    """Return bytes, lists or objects as text."""
    if values.dtype == pl.Binary:
        with suppress(pl.exceptions.ComputeError):  # Some of it is no UTF-8.
            return values.cast(pl.String)
    told = [None if one is None else _told(one) for one in values.to_list()]
    return pl.Series(values.name, told, dtype=pl.String)


def _told(value: Any) -> str:
    if not isinstance(value, bytes):
        return json.dumps(value, ensure_ascii=False, default=str)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()
