"""Distinct: rules are read once for each distinct combination of values, and the rows look their answer up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.mapping_rule import DateRule
from migstat.work.coding import Coded
from migstat.work.harmonize.plan import BESIDE, COUNT, KEEP, ROW, STATE, WEIGHT, Plan, Share
from migstat.work.harmonize.rows import STATES, Frame, as_records, fill_share, rejects_of, state_of, weighed

DENSE = 1_000_000
"""Combinations that are counted in an array; where more are possible, those that occur are sorted out."""
RECORD, REJECTED, EXCLUDED = range(len(STATES))


@dataclass(frozen=True, slots=True)
class Combinations:
    """The distinct combinations of some columns in a part, as text, and for each row which of them it has."""

    frame: pl.DataFrame
    position: np.ndarray


class Part:
    """One part of an extract, its rows numbered. Its coded columns are those whose distinct values are few."""

    def __init__(self, rows: Any, numbers: pl.Series) -> None:
        self._coded = Coded(rows)
        self._names = rows.columns if isinstance(rows, pl.DataFrame) else rows.schema.names
        self.numbers = numbers.alias(ROW)
        self.height = self._coded.height

    def combinations(self, columns: Sequence[str], real: Mapping[str, str]) -> Combinations | None:
        """Return the combinations of these columns, or None where one of them is not coded or there are too many."""
        coded = {name: codes for name in columns if (codes := self._coded[real.get(name, name)]) is not None}
        sizes = [len(values) for _, values in coded.values()]
        if len(coded) < len(columns) or np.prod([*map(float, sizes)]) > 2**62:
            return None
        if len(coded) == 1:
            [(name, (codes, values))] = coded.items()
            few = len(values) <= max(1000, self.height // 2)
            return Combinations(pl.DataFrame({name: values}), codes) if few else None
        combined: np.ndarray = np.zeros(self.height, dtype=np.int64)
        for codes, values in coded.values():
            combined = combined * len(values) + codes
        total = int(np.prod(sizes, dtype=np.int64))
        if total <= DENSE:
            present: np.ndarray = np.flatnonzero(np.bincount(combined, minlength=total))
            lookup: np.ndarray = np.zeros(total, dtype=np.uint32)
            lookup[present] = np.arange(len(present), dtype=np.uint32)
            position: np.ndarray = lookup.take(combined)
        else:
            present, position = np.unique(combined, return_inverse=True)
        if len(present) > max(1000, self.height // 2):
            return None
        frame: dict[str, pl.Series] = {}
        rest = present
        for name, (_, values) in reversed(coded.items()):
            frame[name] = values.gather(rest % len(values))
            rest = rest // len(values)
        return Combinations(pl.DataFrame(frame), position)

    def text(self, names: Collection[str] | None = None, kept: np.ndarray | None = None) -> pl.DataFrame:
        """Return the numbers of the rows and some columns (None: all), of the rows that are kept (None: all)."""
        columns = [self._text(name, kept) for name in self._names if names is None or name in names]
        return pl.DataFrame([_kept(self.numbers, kept), *columns])

    def _text(self, name: str, kept: np.ndarray | None) -> pl.Series:
        coded = self._coded[name]
        if coded is None:
            return _kept(self._coded.column(name).cast(pl.String), kept)
        codes, values = coded
        return values.gather(codes if kept is None else codes[kept]).alias(name)


@dataclass(frozen=True, slots=True)
class FilledPart:
    """A part with every target filled, and the state of each row."""

    plan: Plan
    part: Part
    by_row: pl.DataFrame
    """The weights, and what was read row by row."""
    looked_up: list[tuple[pl.DataFrame, np.ndarray]]
    """What was read once for each combination of values, and for each row which of them it has."""
    state: np.ndarray
    values: dict[str, Frame]
    """By component the source values in scope, as they are distinct or row by row, with rows and weight."""

    def records(self) -> pl.DataFrame:
        """Return the records: target columns alone, in the structure's order, under their own names."""
        made = self._filled({out.beside for out in self.plan.out}, self._in(RECORD))
        found: pl.DataFrame = as_records(nw.from_native(made), self.plan).to_native()
        return found

    def numbers(self) -> pl.Series:
        """Return the numbers of the rows that are records."""
        return _kept(self.part.numbers, self._in(RECORD))

    def rejects(self, columns: Iterable[str]) -> pl.DataFrame:
        """Return the rejected rows as they were, with their numbers, and why."""
        found: pl.DataFrame = rejects_of(self.rejected(), self.plan, columns).collect().to_native()
        return found

    def states(self) -> Frame:
        """Return of each row its state and weight, and what each keep says of it."""
        names = {WEIGHT, *(KEEP.format(number) for number in range(len(self.plan.keeps)))}
        return nw.from_native(self._filled(names, None).with_columns(_named(self.state)).lazy())

    def rejected(self) -> Frame:
        """Return the rejected rows with all that was filled beside, as ``fill_beside`` does."""
        return nw.from_native(self._rows(self._in(REJECTED)).lazy())

    def everything(self) -> pl.DataFrame:
        """Return all rows with all that was filled beside."""
        return self._rows(None)

    def _in(self, state: int) -> np.ndarray | None:
        kept: np.ndarray = self.state == state
        return None if kept.all() else kept

    def _rows(self, kept: np.ndarray | None) -> pl.DataFrame:
        source = self.part.text(None, kept)
        made = {name for frame in (self.by_row, *(made for made, _ in self.looked_up)) for name in frame.columns}
        filled = self._filled(made - {*source.columns}, kept)
        aliases = [pl.col(real).alias(alias) for alias, real in self.plan.aliases.items() if alias != real]
        state = _named(self.state if kept is None else self.state[kept])
        return source.hstack(filled).with_columns(state, *aliases)

    def _filled(self, names: Collection[str], kept: np.ndarray | None) -> pl.DataFrame:
        columns = [_kept(column, kept) for column in self.by_row if column.name in names]
        for made, position in self.looked_up:
            at = pl.Series(position if kept is None else position[kept], dtype=pl.UInt32)
            columns += [column.gather(at) for column in made if column.name in names]
        return pl.DataFrame(columns)


def _kept(column: pl.Series, kept: np.ndarray | None) -> pl.Series:
    return column if kept is None else column.filter(pl.Series(kept))


def _named(state: np.ndarray) -> pl.Series:
    return pl.Series(STATES, dtype=pl.Enum(STATES)).gather(state).alias(STATE)


def fill_distinct(part: Part, plan: Plan, enums: Mapping[str, pl.Enum]) -> FilledPart:
    """Fill a part as ``fill_beside`` does, reading the rules on distinct values where the columns are coded.

    ``enums`` gives the type of coded targets; others are text.
    """
    groups: list[tuple[Share, Combinations]] = []
    by_row: list[Share] = []
    looked_up: list[tuple[pl.DataFrame, np.ndarray]] = []
    state = np.zeros(part.height, dtype=np.uint8)
    for share in plan.shares:
        combinations = part.combinations(share.columns, plan.aliases) if share.columns else _one(part.height)
        if combinations is None:
            by_row.append(share)
            continue
        made = fill_share(nw.from_native(combinations.frame.lazy()), share, plan).collect()
        if share.columns:
            groups.append((share, combinations))
        states = _states(made, plan)
        if states.any():
            np.maximum(state, states.take(combinations.position), out=state)
        filled = [column.cast(enums.get(column.name, column.dtype)) for column in made.to_native() if _is_made(column)]
        looked_up.append((pl.DataFrame(filled), combinations.position))
    whole = _by_row(part, by_row, plan)
    np.maximum(state, _states(nw.from_native(whole), plan), out=state)
    out = np.flatnonzero(state == EXCLUDED)
    weights = whole[WEIGHT].fill_null(0.0).to_numpy().copy()
    weights[out] = 0.0
    values: dict[str, Frame] = {}
    for share, combinations in groups:
        counted = nw.from_native(_counted(combinations, out, weights).lazy().filter(pl.col(COUNT) > 0))
        told = fill_share(counted, Share(share.columns, _with_dates(share, plan), made=share.made), plan)
        if plan.made:
            told = told.collect().lazy()
        values |= dict.fromkeys(share.targets, told)
    scope = nw.from_native(whole.lazy().filter(pl.Series(state != EXCLUDED)).with_columns(pl.lit(1).alias(COUNT)))
    values |= dict.fromkeys((id for share in by_row for id in share.targets), scope)
    return FilledPart(plan, part, whole, looked_up, state, values)


def _is_made(column: pl.Series) -> bool:
    return column.name.startswith((BESIDE, KEEP.format("")))


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


def _by_row(part: Part, shares: Sequence[Share], plan: Plan) -> pl.DataFrame:
    """Return the weights, and what must be read row by row, beside the columns that were read."""
    columns = {plan.aliases.get(name, name) for share in shares for name in share.columns}
    weight = plan.mapping.source.weight
    columns |= {plan.aliases.get(weight, weight)} if weight else set()
    lazy: Any = nw.from_native(part.text(columns).lazy())
    aliases = [nw.col(real).alias(alias) for alias, real in plan.aliases.items() if alias != real and real in columns]
    lazy = weighed(lazy.with_columns(*aliases) if aliases else lazy, plan)
    for share in shares:
        lazy = fill_share(lazy, share, plan)
    found: pl.DataFrame = lazy.collect().to_native()
    return found


def _counted(combinations: Combinations, out: np.ndarray, weights: np.ndarray) -> pl.DataFrame:
    """Return each combination with its rows that are not out, and their weight."""
    position, size = combinations.position, combinations.frame.height
    rows = np.bincount(position, minlength=size) - np.bincount(position.take(out), minlength=size)
    weight = np.bincount(position, weights=weights, minlength=size)
    return combinations.frame.hstack([pl.Series(COUNT, rows), pl.Series(WEIGHT, weight)])
