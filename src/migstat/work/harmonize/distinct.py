"""Distinct: rules are read once for each distinct combination of values, and the rows look their answer up."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.mapping_rule import DateRule
from migstat.work.coding import taken
from migstat.work.harmonize.exact import ONE, PLACES, units, with_places
from migstat.work.harmonize.filled_part import EXCLUDED, FilledPart
from migstat.work.harmonize.lanes import Lanes
from migstat.work.harmonize.part import Combinations, Part
from migstat.work.harmonize.plan import BESIDE, COUNT, KEEP, STATE, WEIGHT, Plan, Share
from migstat.work.harmonize.rows import STATES, Frame, fill_share, weighed, with_state

ALONE = "migstat-one"
"""The column of a share that reads none."""
Key = tuple[Any, ...]
"""A combination of values."""
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
        met: list[tuple[_Answers, list[Key], np.ndarray]] = []
        by_row: list[Share] = []
        new: list[_Answers] = []
        for known in self._known:
            share = known.share
            combinations = part.combinations(share.columns, plan.aliases) if share.columns else _one(part.height)
            if combinations is None:
                by_row.append(share)
                continue
            if len(known.index) + combinations.frame.height > MOST_REMEMBERED:
                known = _Answers(share, plan, self._enums)
                new.append(known)
            known.types = combinations.frame.schema
            met.append((known, combinations.frame.rows(), combinations.position))
        _ask([(known, keys) for known, keys, _ in met])
        asked: list[tuple[_Answers, np.ndarray, np.ndarray]] = []
        looked_up: list[tuple[pl.DataFrame, np.ndarray]] = []
        weight: pl.Series | None = None
        weighing = None if plan.mapping.source.weight else (np.zeros(part.height, dtype=np.intp), [ONE])
        state = np.zeros(part.height, dtype=np.uint8)
        for known, keys, position in met:
            at = known.find(keys)
            states = known.states[at]
            if states.any():
                np.maximum(state, states.take(position), out=state)
            asked.append((known, at, position))
            if known.made.width:
                looked_up.append((pl.DataFrame([taken(column, at) for column in known.made]), position))
            if known.weights_of is not None:
                weight = taken(taken(known.weights_of, at), position)
                weighing = position.astype(np.intp, copy=False), [known.units[one] for one in at.tolist()]
        whole = _by_row(part, by_row, plan, weight)
        np.maximum(state, whole.drop_in_place(STATE).to_numpy().astype(np.uint8), out=state)
        out = np.flatnonzero(state == EXCLUDED)
        weights = whole[WEIGHT].fill_null(0.0).to_numpy().copy()
        weights[out] = 0.0
        lanes = Lanes(part.height)
        for known, at, position in asked:
            if known.share.columns:
                rows, sums = lanes.counted(position, weights, at.size)
                known.rows[at] += rows - np.bincount(position.take(out), minlength=at.size)
                known.weights[at] += sums
        scope = nw.from_native(whole.lazy().filter(pl.Series(state != EXCLUDED)).with_columns(pl.lit(1).alias(COUNT)))
        values: dict[str, Frame] = dict.fromkeys((id for share in by_row for id in share.targets), scope)
        for one in new:
            values |= one.values()
        return FilledPart(plan, part, whole, looked_up, state, values, weighing)

    def values(self) -> dict[str, Frame]:
        """Return by component the distinct source values in scope with rows and weight, as all parts had them."""
        return {id: values for known in self._known for id, values in known.values().items()}


class _Answers:
    """What the rules of one share of a plan give for each combination of values, and its rows and weight in scope."""

    def __init__(self, share: Share, plan: Plan, enums: Mapping[str, pl.Enum]) -> None:
        self.share = share
        self._plan = plan
        self._enums = enums
        self._is_weight = share.columns == (plan.mapping.source.weight,)
        self.types: Mapping[str, Any] = {}
        self.index: dict[Key, int] = {}
        self.asked_before = False
        self.made = pl.DataFrame()
        self.states = np.zeros(0, dtype=np.uint8)
        self.weights_of: pl.Series | None = None
        """The weight that each value of the weight's column is, where that is what the share reads."""
        self.units: list[int] = []
        """The same, exactly, as whole numbers."""
        self.rows = np.zeros(0, dtype=np.int64)
        self.weights = np.zeros(0)

    def find(self, keys: Sequence[Key]) -> np.ndarray:
        """Return where the answers to these combinations stand."""
        return np.array([self.index[key] for key in keys], dtype=np.int64)

    def new(self, keys: Sequence[Key]) -> list[Key]:
        """Return the combinations not met before."""
        return [key for key in keys if key not in self.index]

    def asked(self, keys: Sequence[Key]) -> pl.LazyFrame:
        """Return the question what the rules give for these combinations."""
        # Polars divides a single row otherwise than several, in the last digit.
        lazy = nw.from_native(self._frame(keys if len(keys) > 1 else [*keys, *keys]).lazy())
        filled = fill_share(with_places(weighed(lazy, self._plan)) if self._is_weight else lazy, self.share, self._plan)
        asked: pl.LazyFrame = with_state(filled, self._plan, range(len(STATES))).to_native()
        return asked

    def learn(self, keys: Sequence[Key], found: pl.DataFrame) -> None:
        """Keep what the rules gave."""
        found = found.head(len(keys))
        columns = [column for column in found if column.name.startswith((BESIDE, KEEP.format("")))]
        made = pl.DataFrame([column.cast(self._enums.get(column.name, column.dtype)) for column in columns])
        if self._is_weight:
            weights = found[WEIGHT]
            self.weights_of = weights if self.weights_of is None else pl.concat([self.weights_of, weights])
            self.units += [units(places) for places in found.select(PLACES).iter_rows()]
        self.made = pl.concat([self.made, made]) if self.asked_before else made
        self.asked_before = True
        self.states = np.append(self.states, found[STATE].to_numpy().astype(np.uint8))
        self.rows = np.append(self.rows, np.zeros(len(keys), dtype=np.int64))
        self.weights = np.append(self.weights, np.zeros(len(keys)))
        self.index |= {key: place for place, key in enumerate(keys, len(self.index))}

    def _frame(self, keys: Sequence[Key]) -> pl.DataFrame:
        columns = zip(*keys, strict=True) if keys else [()] * len(self.types)
        named = zip(self.types.items(), columns, strict=True)
        return pl.DataFrame([pl.Series(name, column, type) for (name, type), column in named])

    def values(self) -> dict[str, Frame]:
        """Return by component the values in scope, with what the tally looks at of dates."""
        if not self.share.columns or not self.index:
            return {}
        counts = [pl.Series(COUNT, self.rows), pl.Series(WEIGHT, self.weights)]
        counted = nw.from_native(self._frame([*self.index]).hstack(counts).lazy().filter(pl.col(COUNT) > 0))
        dated = Share(self.share.columns, _with_dates(self.share, self._plan), made=self.share.made)
        told = fill_share(counted, dated, self._plan)
        return dict.fromkeys(self.share.targets, told.collect().lazy() if self._plan.made else told)


def _ask(met: Sequence[tuple[_Answers, Sequence[Key]]]) -> None:
    """Ask all at once for what no part had before: each wait for the engine takes some milliseconds of a part."""
    asked = [(known, new) for known, keys in met if (new := known.new(keys)) or not known.asked_before]
    found = pl.collect_all([known.asked(new) for known, new in asked])
    for (known, new), one in zip(asked, found, strict=True):
        known.learn(new, one)


def _with_dates(share: Share, plan: Plan) -> tuple[str, ...]:
    """Return the targets whose dates the tally looks at."""
    return tuple(dict.fromkeys(leaf.component.id for leaf in plan.leaves
                               if leaf.component.id in share.targets and isinstance(leaf.rule, DateRule)))  # fmt: skip


def _one(height: int) -> Combinations:
    return Combinations(pl.DataFrame({ALONE: [None]}), np.zeros(height, dtype=np.uint8))


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
    found: pl.DataFrame = with_state(lazy, plan, range(len(STATES))).collect().to_native()
    return found
