"""Hashes: 64 bits that stand for the values of some columns in a row, the same on every part and file."""

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from migstat.words.missing import KINDS
from migstat.work.buckets import Buckets
from migstat.work.coding import Coded

ODD = np.uint64(0x9E3779B97F4A7C15)
SEED = 20181219
HASH = "migstat-hash"
BEGINNING = 16
"""Bits by which a hash is first looked up."""


def row_hashes(part: Coded, columns: Sequence[str], codes: Collection[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the hash of each row over the columns, and whether a value is missing: in ``codes`` a kind too.

    Numbers are hashed as they are written, so that 7, 7.0 and the text ``7`` are one value. What was made of a part is
    kept with it for the next rule, and not to be written into.
    """
    asked = tuple((name, name in codes) for name in columns)
    if asked not in part.made:
        found = [_column_hashes(part, *one) for one in asked]
        missing = np.zeros(part.height, dtype=bool)
        for _, none in found:
            missing |= none
        part.made[asked] = combined([hashes for hashes, _ in found], part.height), missing
    made: tuple[np.ndarray, np.ndarray] = part.made[asked]
    return made


def _column_hashes(part: Coded, name: str, of_codes: bool) -> tuple[np.ndarray, np.ndarray]:
    if (name, of_codes) not in part.made:
        coded = part[name]
        text = as_text(part.column(name) if coded is None else coded[1])
        absent = (text.is_null() | text.is_in(list(KINDS)) if of_codes else text.is_null()).fill_null(True)
        one, none = text.hash(SEED).to_numpy(), absent.to_numpy()
        if coded is not None:
            one, none = one.take(coded[0]), none.take(coded[0])
        part.made[name, of_codes] = one, none
    made: tuple[np.ndarray, np.ndarray] = part.made[name, of_codes]
    return made


def combined(hashes: Sequence[np.ndarray], height: int) -> np.ndarray:
    """Return one hash for the hashes of several columns."""
    found: np.ndarray = np.zeros(height, dtype=np.uint64)
    for number, one in enumerate(hashes):
        if number:
            found *= ODD
        found ^= one
        found ^= found >> np.uint64(29)
    return found


def combined_in_engine(hashes: Sequence[pl.Expr]) -> pl.Expr:
    """Return the same as an expression, which the engine reckons on all cores."""
    found = pl.lit(0, pl.UInt64)
    for number, one in enumerate(hashes):
        found = found * int(ODD) ^ one if number else one
        found = found ^ found // (1 << 29)
    return found


def as_text(values: pl.Series) -> pl.Series:
    """Return values as text; whole numbers have no decimals, and blanks are null."""
    if values.dtype.is_float():
        values = values.fill_nan(None)
        whole = values.cast(pl.Int64, strict=False)
        same = whole.cast(values.dtype) == values
        return pl.select(pl.when(same).then(whole.cast(pl.String)).otherwise(values.cast(pl.String))).to_series()
    text = values.cast(pl.String)
    return text.set(text == "", None) if values.dtype == pl.String else text


def repeated_in(bag: Buckets) -> tuple[np.ndarray, int]:
    """Return the hashes that stand more than once, in order, and how often all of these stand together."""
    found: list[np.ndarray] = []
    count = 0
    for bucket in bag:
        ordered = np.sort(bucket[HASH].to_numpy())
        same = ordered[1:] == ordered[:-1]
        if same.any():
            distinct, counts = np.unique(ordered[np.concatenate([[False], same])], return_counts=True)
            found.append(distinct)
            count += int(counts.sum()) + distinct.size
    return (np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)), count


def among(hashes: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Return which hashes are in an ordered array of distinct ones."""
    if not ordered.size:
        return np.zeros(hashes.size, dtype=bool)
    # Most hashes begin as none of the few that are sought, and need no search.
    begins = np.zeros(1 << BEGINNING, dtype=bool)
    begins[ordered >> np.uint64(64 - BEGINNING)] = True
    found: np.ndarray = begins[hashes >> np.uint64(64 - BEGINNING)]
    likely = hashes[found]
    at = np.searchsorted(ordered, likely)
    at[at == ordered.size] = 0
    found[found] = ordered[at] == likely
    return found
