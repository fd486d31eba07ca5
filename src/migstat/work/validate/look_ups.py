"""Look-ups: values for a row from another file, or from other rows of the same one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from migstat.words.rule import LookUp
from migstat.work.coding import Coded
from migstat.work.validate.hashes import row_hashes

SELF = "self"


@dataclass(frozen=True, slots=True)
class Reference:
    """Another file: the type of each column, and the way to its rows."""

    schema: Mapping[str, pl.DataType]
    kinds: Mapping[str, str]
    rows: Callable[[Sequence[str]], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up can find, one line for each key: ``alias.n`` rows, and the columns that are read of them.

    Where the rows of a key differ in a column, its value is unknown.
    """

    look_up: LookUp
    keys: np.ndarray
    frame: pl.DataFrame
    codes: frozenset[str]

    def attach(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add the columns found to rows that have the columns of the key."""
        ours = list(self.look_up.where.values())
        hashes, missing = row_hashes(Coded(frame), ours, self.codes)
        at = np.searchsorted(self.keys, hashes)
        at[at >= self.keys.size] = 0
        found = (self.keys[at] == hashes) & ~missing if self.keys.size else np.zeros(hashes.size, dtype=bool)
        rows = pl.Series(np.where(found, at, 0), dtype=pl.UInt32).set(pl.Series(~found), None)
        made = self.frame.select(pl.all().gather(rows)) if rows.len() else self.frame.clear()
        number = f"{self.look_up.alias}.n"
        counted = made[number].fill_null(0).set(pl.Series(missing), None)
        return frame.with_columns(made.with_columns(counted.alias(number)))


def prepare(look_up: LookUp, reference: Reference, columns: Sequence[str], codes: frozenset[str]) -> Found:
    """Read the columns of a reference and put them in order of the key."""
    theirs = list(look_up.where)
    read = [name for name in columns if name in reference.schema]
    rows = reference.rows(list(dict.fromkeys([*theirs, *read])))
    their_codes = frozenset(name for name, kind in reference.kinds.items() if kind == "code")
    hashes, missing = row_hashes(Coded(rows), theirs, their_codes)
    frame = pl.DataFrame([pl.Series("migstat-g", hashes), *rows.select(read)]).filter(pl.Series(~missing))
    alias = look_up.alias
    one = [pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(f"{alias}.{name}") for name in read]
    texts = [pl.col(name).cast(pl.String) for name, dtype in frame.schema.items() if dtype == pl.Categorical]
    found = frame.with_columns(texts).group_by("migstat-g").agg(pl.len().cast(pl.Int64).alias(f"{alias}.n"), *one)
    found = found.sort("migstat-g")
    return Found(look_up, found["migstat-g"].to_numpy(), found.drop("migstat-g"), codes)


def keys_of(reference: Reference, columns: Sequence[str]) -> np.ndarray:
    """Return the keys of a reference as ordered hashes, each once; rows with a missing key are left out."""
    codes = frozenset(name for name, kind in reference.kinds.items() if kind == "code")
    hashes, missing = row_hashes(Coded(reference.rows(list(columns))), columns, codes)
    return np.unique(hashes[~missing])
