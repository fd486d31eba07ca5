"""Frames of any engine, as they are handed in."""

import os
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.finding import misuse
from migstat.write.atomic import beside
from migstat.write.tables import as_text


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


def write_frame(frame: pl.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a frame, numbers exact, whole or not at all: ``.parquet`` or ``.csv``."""
    name = os.fspath(path)
    if not name.endswith((".parquet", ".csv")):
        raise misuse(f"the ending of {Path(path).name} is not known", "let the name end with .parquet or .csv")
    with beside(path) as part:
        if name.endswith(".csv"):
            as_text(frame).sink_csv(part, line_terminator="\n", maintain_order=True)
        else:
            frame.write_parquet(part)
