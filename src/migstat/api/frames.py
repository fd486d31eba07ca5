"""Frames of any engine, as they are handed in."""

from typing import Any

import narwhals as nw

from migstat.words.finding import misuse


def frame_of(source: Any) -> Any:
    """Wrap a frame of any engine, or raise Misuse where it is none."""
    try:
        return nw.from_native(source)
    except TypeError:
        kind = f"{type(source).__module__}.{type(source).__name__}"
        raise misuse(
            f"{kind} is neither a path nor a frame",
            "hand in a path, or a pandas, Polars, PyArrow, DuckDB, Ibis or PySpark frame",
        ) from None
