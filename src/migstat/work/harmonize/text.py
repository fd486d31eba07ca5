"""Source values as text: what an engine typed comes back as the code it was, and a blank is null."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from migstat.work.conditions import is_whole

Frame = Any


def as_text(frame: Frame, columns: Sequence[str], missing: Sequence[str] = ("",), trim: bool = False) -> Frame:
    """Return the frame with these columns as text: 1 and 1.0 become ``1``, a blank, a NaN and a null are null.

    Leading zeros that an engine has dropped cannot come back: say ``pad`` in the rule.
    """
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
