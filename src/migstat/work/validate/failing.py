"""Rows that fail: some of them as a sample, or all of them as lines of text."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from migstat.work.validate.hashes import as_text
from migstat.work.validate.part import Part
from migstat.work.validate.passage import Seat


def sampled(part: Part, seat: Seat, fails: np.ndarray, key: Sequence[str], most: int) -> list[dict[str, Any]]:
    """Return the first failing rows of a part: the number, the key, and what the rule read."""
    rows = np.flatnonzero(fails)[:most]
    if not rows.size:
        return []
    frame = part.coded.select([*key, *seat.judge.columns])
    frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)) if frame.width else frame
    listed = [frame.row(int(row), named=True) if frame.width else {} for row in rows]
    return [{"_row": int(part.numbers[int(row)]), **one} for row, one in zip(rows, listed, strict=True)]


def no_lines(key: Sequence[str]) -> pl.DataFrame:
    """Return the columns of such lines, and none of them."""
    keys = dict.fromkeys(key, pl.String)
    return pl.DataFrame(schema={"_rule": pl.String, "_row": pl.Int64, **keys, "_values": pl.String})


def lines_of(part: Part, seat: Seat, fails: np.ndarray, key: Sequence[str]) -> pl.DataFrame:
    """Return each failing row of a part: ``_rule``, ``_row``, the key, and ``_values`` that the rule read."""
    mask, columns = pl.Series(fails), seat.judge.columns
    frame = seat.part(part).coded.select([*key, *columns]).filter(mask)
    texts = {name: as_text(frame[name]).fill_null("") for name in dict.fromkeys([*key, *columns])}
    values = [pl.concat_str(pl.lit(f"{name}="), texts[name]) for name in columns]
    made = pl.select(pl.concat_str(values, separator="; ") if values else pl.lit("")).to_series()
    if made.len() != frame.height:
        made = pl.repeat("", frame.height, eager=True)
    return pl.DataFrame(
        {
            "_rule": pl.repeat(seat.judge.rule.id, frame.height, eager=True),
            "_row": part.numbers.filter(mask).cast(pl.Int64),
            **{name: texts[name] for name in key},
            "_values": made,
        }
    )
