"""Distinct: rules are read once for each distinct combination of values, and the rows look their answer up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.mapping_rule import DateRule
from migstat.work.coding import Coded
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
        self._coded = Coded(frame)

    def combinations(self, columns: Sequence[str], real: Mapping[str, str]) -> Combinations | None:
        """Return the combinations of these columns, or None where one of them is not coded or there are too many."""
        if any(self.frame.schema[real.get(name, name)] != pl.Categorical for name in columns):
            return None
        coded = [one for name in columns if (one := self._coded[real.get(name, name)]) is not None]
        if len(coded) < len(columns):
            return None
        combined: np.ndarray = np.zeros(self.frame.height, dtype=np.uint32)
        sizes: list[int] = []
        for codes, values in coded:
            if np.prod([*map(float, sizes), len(values)]) > 2**62:
                return None
            sizes.append(len(values))
            combined = combined * np.int64(len(values)) + codes if sizes[:-1] else codes
        total = int(np.prod(sizes, dtype=np.int64)) if sizes else 1
        if total <= DENSE:
            present: np.ndarray = np.flatnonzero(np.bincount(combined, minlength=total))
            lookup: np.ndarray = np.zeros(total, dtype=np.uint32)
            lookup[present] = np.arange(len(present), dtype=np.uint32)
            position: np.ndarray = lookup.take(combined)
        else:
            present, position = np.unique(combined, return_inverse=True)
        if len(present) > max(1000, self.frame.height // 2):
            return None
        found: dict[str, pl.Series] = {}
        rest = present
        for name, (_, values), size in zip(reversed(columns), reversed(coded), reversed(sizes), strict=True):
            found[name] = values.gather(rest % size)
            rest = rest // size
        return Combinations(pl.DataFrame(found), position)


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
        position = pl.Series(combinations.position, dtype=pl.UInt32)
        for name in made.columns:
            if name.startswith(BESIDE) or name.startswith(KEEP.format("")):
                column = made[name].cast(enums[name]) if name in enums else made[name]
                filled.append(column.gather(position))
    whole = _by_row(frame, by_row, plan).hstack(filled)
    state = with_state(nw.from_native(whole.lazy()), plan).collect().to_native()
    scope = np.flatnonzero((state[STATE] != "excluded").to_numpy())
    weights = state[WEIGHT].fill_null(0.0).to_numpy()[scope]
    values: dict[str, Frame] = {}
    for share, combinations in groups:
        counted = nw.from_native(_counted(combinations, scope, weights).lazy().filter(pl.col(COUNT) > 0))
        told = fill_share(counted, Share(share.columns, _with_dates(share, plan), made=share.made), plan)
        if plan.made:
            told = told.collect().lazy()
        values |= dict.fromkeys(share.targets, told)
    return nw.from_native(state.lazy()), values


def _with_dates(share: Share, plan: Plan) -> tuple[str, ...]:
    """Return the targets whose dates the tally looks at."""
    return tuple(dict.fromkeys(leaf.component.id for leaf in plan.leaves
                               if leaf.component.id in share.targets and isinstance(leaf.rule, DateRule)))  # fmt: skip


def _one(height: int) -> Combinations:
    return Combinations(pl.DataFrame({"migstat-one": [None]}), np.zeros(height, dtype=np.uint32))


def _by_row(frame: pl.DataFrame, shares: Sequence[Share], plan: Plan) -> pl.DataFrame:
    """Add the weight, and what must be read row by row."""
    columns = {plan.aliases.get(name, name) for share in shares for name in share.columns}
    weight = plan.mapping.source.weight
    columns |= {plan.aliases.get(weight, weight)} if weight else set()
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
    weight = pl.Series(WEIGHT, np.bincount(position, weights=weights, minlength=size))
    return combinations.frame.hstack([rows, weight])
