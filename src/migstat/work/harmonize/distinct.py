"""Distinct: rules are read once for each distinct combination of values, and the rows look their answer up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.work.harmonize.plan import BESIDE, COUNT, KEEP, STATE, WEIGHT, Plan, Share
from migstat.work.harmonize.rows import Frame, fill_share, weighed, with_state

DENSE = 1_000_000
"""Combinations that are counted in an array; where more are possible, those that occur are sorted out."""


@dataclass(frozen=True, slots=True)
class Combinations:
    """The distinct combinations of some columns in a part, as text, and for each row which of them it has."""

    frame: pl.DataFrame
    position: np.ndarray


class Part:
    """One part of an extract. Its categorical columns are the coded ones, whose distinct values are few."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self._codes: dict[str, tuple[np.ndarray, pl.Series]] = {}

    def combinations(self, columns: Sequence[str], real: Mapping[str, str]) -> Combinations | None:
        """Return the combinations of these columns, or None where one of them is not coded or there are too many."""
        if any(self.frame.schema[real.get(name, name)] != pl.Categorical for name in columns):
            return None
        combined = np.zeros(self.frame.height, dtype=np.int64)
        sizes: list[int] = []
        for name in columns:
            codes, values = self._coded(real.get(name, name))
            if np.prod([*map(float, sizes), len(values)]) > 2**62:
                return None
            sizes.append(len(values))
            combined = combined * len(values) + codes if sizes[:-1] else codes
        total = int(np.prod(sizes, dtype=np.int64)) if sizes else 1
        if total <= DENSE:
            present = np.flatnonzero(np.bincount(combined, minlength=total))
            lookup = np.zeros(total, dtype=np.int64)
            lookup[present] = np.arange(len(present))
            position = lookup[combined]
        else:
            present, position = np.unique(combined, return_inverse=True)
        if len(present) > max(1000, self.frame.height // 2):
            return None
        frame = pl.DataFrame({"": pl.repeat(None, len(present), dtype=pl.Null, eager=True)})
        rest = present
        for name, size in zip(reversed(columns), reversed(sizes), strict=True):
            frame = frame.with_columns(self._coded(real.get(name, name))[1].gather(rest % size).alias(name))
            rest = rest // size
        return Combinations(frame.drop(""), position) if columns else Combinations(frame, position)

    def _coded(self, name: str) -> tuple[np.ndarray, pl.Series]:
        """Return the code of each row, counted from 0, and the text of each code; a blank is the last code."""
        if name not in self._codes:
            physical = self.frame[name].to_physical()
            blank = physical.null_count() > 0
            most = int(physical.max() or 0)  # type: ignore[arg-type]
            codes = physical.fill_null(most + 1).to_numpy() if blank else physical.to_numpy()
            present = np.flatnonzero(np.bincount(codes))
            lookup = np.zeros(most + 2, dtype=np.int64)
            lookup[present] = np.arange(len(present))
            first = np.zeros(len(present), dtype=np.int64)
            codes = lookup[codes]
            first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
            self._codes[name] = codes, self.frame[name].gather(first).cast(pl.String)
        return self._codes[name]


def fill_distinct(frame: pl.DataFrame, plan: Plan, enums: Mapping[str, pl.Enum]) -> tuple[Frame, dict[str, Frame]]:
    """Fill a part as ``fill_beside`` does, reading the rules on distinct values where the columns are categorical.

    Returns the filled part as a narwhals LazyFrame, and for the components so filled the distinct values in scope with
    their rows and weight, for the tally. ``enums`` gives the type of coded columns; others are text.
    """
    part = Part(frame)
    filled: list[pl.Series] = []
    groups: list[tuple[Share, Combinations]] = []
    by_row: list[Share] = []
    for share in plan.shares:
        combinations = part.combinations(share.columns, plan.aliases) if share.columns else _one(frame.height)
        if combinations is None:
            by_row.append(share)
            continue
        made = fill_share(nw.from_native(combinations.frame.lazy()), share, plan).collect().to_native()
        if share.columns:
            groups.append((share, combinations))
        for name in made.columns:
            if name.startswith(BESIDE) or name.startswith(KEEP.format("")):
                column = made[name].cast(enums[name]) if name in enums else made[name]
                filled.append(column.gather(combinations.position))
    whole = _by_row(frame, by_row, plan).with_columns(filled)
    state = with_state(nw.from_native(whole.lazy()), plan).collect().to_native()
    scope = state[STATE].to_numpy() != "excluded"
    weights = state[WEIGHT].fill_null(0.0).to_numpy()
    values: dict[str, Frame] = {}
    for share, combinations in groups:
        counted = nw.from_native(_counted(combinations, scope, weights).lazy())
        told = fill_share(counted, Share(share.columns), plan)
        values |= dict.fromkeys(share.targets, told)
    return nw.from_native(state.lazy()), values


def _one(height: int) -> Combinations:
    return Combinations(pl.DataFrame({"migstat-one": [None]}), np.zeros(height, dtype=np.int64))


def _by_row(frame: pl.DataFrame, shares: Sequence[Share], plan: Plan) -> pl.DataFrame:
    """Add the weight, and what must be read row by row."""
    columns = {plan.aliases.get(name, name) for share in shares for name in share.columns}
    columns |= {plan.mapping.source.weight} if plan.mapping.source.weight else set()
    text = [pl.col(name).cast(pl.String) for name in columns if frame.schema[name] != pl.String]
    lazy: Any = nw.from_native(frame.with_columns(text).lazy())
    aliases = [nw.col(real).alias(alias) for alias, real in plan.aliases.items() if alias != real and real in columns]
    lazy = weighed(lazy.with_columns(*aliases) if aliases else lazy, plan)
    for share in shares:
        lazy = fill_share(lazy, share, plan)
    found: pl.DataFrame = lazy.collect().to_native()
    return found


def _counted(combinations: Combinations, scope: np.ndarray, weights: np.ndarray) -> pl.DataFrame:
    """Return each combination with its rows in scope and their weight."""
    position, size = combinations.position[scope], combinations.frame.height
    rows = pl.Series(COUNT, np.bincount(position, minlength=size))
    weight = pl.Series(WEIGHT, np.bincount(position, weights=weights[scope], minlength=size))
    return combinations.frame.with_columns(rows, weight).filter(pl.col(COUNT) > 0)
