"""Distinct: rules are read once for each distinct combination of values, and the rows look their answer up."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.mapping_rule import DateRule
from migstat.work.harmonize.filled_part import EXCLUDED, FilledPart
from migstat.work.harmonize.part import Combinations, Part
from migstat.work.harmonize.plan import BESIDE, COUNT, KEEP, WEIGHT, Plan, Share
from migstat.work.harmonize.rows import STATES, Frame, fill_share, state_of, weighed

MOST_REMEMBERED = 50_000
"""Combinations of one share of the plan whose answers are remembered from part to part."""


class Filling:
    """Fills the parts of an extract as ``fill_beside`` does, reading the rules on distinct values where it can.

    ``enums`` gives the type of coded targets; others are text.
    """

    def __init__(self, plan: Plan, enums: Mapping[str, pl.Enum]) -> None:
        self._plan = plan
        self._enums = enums
        shares, weight = list(plan.shares), plan.mapping.source.weight
        if weight and all(share.columns != (weight,) for share in shares):
            shares.append(Share((weight,)))
        self._known = [_Answers(share, plan, enums) for share in shares]

    def fill(self, part: Part) -> FilledPart:
        """Fill a part."""
        plan = self._plan
        asked: list[tuple[_Answers, np.ndarray, np.ndarray]] = []
        by_row: list[Share] = []
        new: list[_Answers] = []
        looked_up: list[tuple[pl.DataFrame, np.ndarray]] = []
        weight: pl.Series | None = None
        state = np.zeros(part.height, dtype=np.uint8)
        for known in self._known:
            share = known.share
            combinations = part.combinations(share.columns, plan.aliases) if share.columns else _one(part.height)
            if combinations is None:
                by_row.append(share)
                continue
            if len(known.index) + combinations.frame.height > MOST_REMEMBERED:
                known = _Answers(share, plan, self._enums)
                new.append(known)
            at, position = known.find(combinations.frame), combinations.position
            states = known.states[at]
            if states.any():
                np.maximum(state, states.take(position), out=state)
            asked.append((known, at, position))
            if known.made.width:
                looked_up.append((known.made[at], position))
            if known.weights_of is not None:
                weight = known.weights_of[at].gather(pl.Series(position, dtype=pl.UInt32))
        whole = _by_row(part, by_row, plan, weight)
        np.maximum(state, _states(nw.from_native(whole), plan), out=state)
        out = np.flatnonzero(state == EXCLUDED)
        weights = whole[WEIGHT].fill_null(0.0).to_numpy().copy()
        weights[out] = 0.0
        for known, at, position in asked:
            if known.share.columns:
                known.rows[at] += np.bincount(position, minlength=at.size)
                known.rows[at] -= np.bincount(position.take(out), minlength=at.size)
                known.weights[at] += np.bincount(position, weights=weights, minlength=at.size)
        scope = nw.from_native(whole.lazy().filter(pl.Series(state != EXCLUDED)).with_columns(pl.lit(1).alias(COUNT)))
        values: dict[str, Frame] = dict.fromkeys((id for share in by_row for id in share.targets), scope)
        for one in new:
            values |= one.values()
        return FilledPart(plan, part, whole, looked_up, state, values)

    def values(self) -> dict[str, Frame]:
        """Return by component the distinct source values in scope with rows and weight, as all parts had them."""
        return {id: values for known in self._known for id, values in known.values().items()}


class _Answers:
    """What the rules of one share of a plan give for each combination of values, and its rows and weight in scope."""

    def __init__(self, share: Share, plan: Plan, enums: Mapping[str, pl.Enum]) -> None:
        self.share = share
        self._plan = plan
        self._enums = enums
        self.index: dict[tuple[str | None, ...], int] = {}
        self.frame = pl.DataFrame()
        self.made = pl.DataFrame()
        self.states = np.zeros(0, dtype=np.uint8)
        self.weights_of: pl.Series | None = None
        """The weight that each value of the weight's column is, where that is what the share reads."""
        self.rows = np.zeros(0, dtype=np.int64)
        self.weights = np.zeros(0)

    def find(self, frame: pl.DataFrame) -> np.ndarray:
        """Return where the answers to these combinations stand; those not met before are asked for."""
        keys = frame.rows()
        new = [at for at, key in enumerate(keys) if key not in self.index]
        if new or not self.frame.width:
            self._ask(frame[new])
            for at in new:
                self.index[keys[at]] = len(self.index)
        return np.array([self.index[key] for key in keys], dtype=np.int64)

    def _ask(self, frame: pl.DataFrame) -> None:
        # Polars divides a single row otherwise than several, in the last digit.
        lazy = nw.from_native((frame if frame.height > 1 else pl.concat([frame, frame])).lazy())
        is_weight = self.share.columns == (self._plan.mapping.source.weight,)
        filled = fill_share(weighed(lazy, self._plan) if is_weight else lazy, self.share, self._plan)
        found = filled.head(frame.height).collect()
        if is_weight:
            weights = found.to_native()[WEIGHT]
            self.weights_of = weights if self.weights_of is None else pl.concat([self.weights_of, weights])
        columns = [column for column in found.to_native() if column.name.startswith((BESIDE, KEEP.format("")))]
        made = pl.DataFrame([column.cast(self._enums.get(column.name, column.dtype)) for column in columns])
        nothing = np.zeros(frame.height)
        first = not self.frame.width
        self.made = made if first else pl.concat([self.made, made])
        self.frame = frame if first else pl.concat([self.frame, frame])
        self.states = np.append(self.states, _states(found, self._plan))
        self.rows = np.append(self.rows, nothing.astype(np.int64))
        self.weights = np.append(self.weights, nothing)

    def values(self) -> dict[str, Frame]:
        """Return by component the values in scope, with what the tally looks at of dates."""
        if not self.share.columns or not self.frame.width:
            return {}
        counts = [pl.Series(COUNT, self.rows), pl.Series(WEIGHT, self.weights)]
        counted = nw.from_native(self.frame.hstack(counts).lazy().filter(pl.col(COUNT) > 0))
        dated = Share(self.share.columns, _with_dates(self.share, self._plan), made=self.share.made)
        told = fill_share(counted, dated, self._plan)
        return dict.fromkeys(self.share.targets, told.collect().lazy() if self._plan.made else told)


def _states(made: Frame, plan: Plan) -> np.ndarray:
    """Return the states, as numbers, that follow from what is filled: what excludes a row goes before what rejects."""
    found: np.ndarray = made.select(state_of(plan, made.columns, range(len(STATES)))).to_native().to_series().to_numpy()
    return found.astype(np.uint8)


def _with_dates(share: Share, plan: Plan) -> tuple[str, ...]:
    """Return the targets whose dates the tally looks at."""
    return tuple(dict.fromkeys(leaf.component.id for leaf in plan.leaves
                               if leaf.component.id in share.targets and isinstance(leaf.rule, DateRule)))  # fmt: skip


def _one(height: int) -> Combinations:
    return Combinations(pl.DataFrame({"migstat-one": [None]}), np.zeros(height, dtype=np.uint8))


def _by_row(part: Part, shares: Sequence[Share], plan: Plan, weight: pl.Series | None) -> pl.DataFrame:
    """Return the weights, and what must be read row by row, beside the columns that were read."""
    columns = {plan.aliases.get(name, name) for share in shares for name in share.columns}
    text = part.text(columns)
    lazy: Any = nw.from_native((text if weight is None else text.with_columns(weight.alias(WEIGHT))).lazy())
    aliases = [nw.col(real).alias(alias) for alias, real in plan.aliases.items() if alias != real and real in columns]
    lazy = lazy.with_columns(*aliases) if aliases else lazy
    lazy = weighed(lazy, plan) if weight is None else lazy
    for share in shares:
        lazy = fill_share(lazy, share, plan)
    found: pl.DataFrame = lazy.collect().to_native()
    return found
