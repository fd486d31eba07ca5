"""A filled part of an extract: the state of each row, and the records, rejects and counts that come of it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import polars as pl

from migstat.work.coding import taken
from migstat.work.harmonize.part import Part, kept_of
from migstat.work.harmonize.plan import KEEP, STATE, WEIGHT, Plan
from migstat.work.harmonize.rows import STATES, Frame, rejects_of

RECORD, REJECTED, EXCLUDED = range(len(STATES))


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
    """By component, the source values in scope with rows and weight, where those are not added up over all parts."""
    weighing: tuple[np.ndarray, list[int]] | None
    """For each row which of several exact weights it has, where those are few."""

    def records(self) -> pl.DataFrame:
        """Return the records: target columns alone, in the structure's order, under their own names."""
        made = self._filled({out.beside for out in self.plan.out}, self._in(RECORD))
        return pl.DataFrame([made[out.beside].alias(out.name) for out in self.plan.out if out.beside in made.columns])

    def numbers(self) -> pl.Series:
        """Return the numbers of the rows that are records."""
        return kept_of(self.part.numbers, self._in(RECORD))

    def rejects(self, columns: Iterable[str]) -> pl.DataFrame:
        """Return the rejected rows as they were, with their numbers, and why."""
        rejected = nw.from_native(self._rows(self._in(REJECTED)).lazy())
        found: pl.DataFrame = rejects_of(rejected, self.plan, columns).collect().to_native()
        return found

    def states(self) -> Frame:
        """Return of each row its state and weight, and what each keep says of it."""
        names = {WEIGHT, *self._keeps()}
        return nw.from_native(self._filled(names, None).with_columns(_named(self.state)).lazy())

    def account(self, weighing: tuple[np.ndarray, list[int]]) -> Iterator[tuple[str | int, int, int]]:
        """Yield for each state, and for the number of each keep, rows and exact weight of what it has or leaves out."""
        position, units = weighing

        def counted(rows: np.ndarray) -> np.ndarray:
            return np.bincount(position.take(rows), minlength=len(units))

        rejected, excluded = np.flatnonzero(self.state == REJECTED), np.flatnonzero(self.state == EXCLUDED)
        others = {REJECTED: counted(rejected), EXCLUDED: counted(excluded)}
        whole = np.bincount(position, minlength=len(units))
        every = {RECORD: whole - others[REJECTED] - others[EXCLUDED], **others}
        found: dict[str | int, np.ndarray] = {STATES[state]: counts for state, counts in every.items()}
        if excluded.size and self.plan.keeps:
            left = self._filled(self._keeps(), excluded)
            for number, name in enumerate(self._keeps()):
                found[number] = counted(excluded[~left[name].fill_null(True).to_numpy()])
        for of, counts in found.items():
            if rows := int(counts.sum()):
                met = np.flatnonzero(counts).tolist()
                yield of, rows, sum(int(counts[one]) * units[one] for one in met)

    def rejected(self) -> Frame | None:
        """Return the rejected rows with all that was filled beside, as ``fill_beside`` does, if there are any."""
        rows = self._in(REJECTED)
        return None if rows is not None and not rows.size else nw.from_native(self._rows(rows).lazy())

    def everything(self) -> pl.DataFrame:
        """Return all rows with all that was filled beside."""
        return self._rows(None)

    def _in(self, state: int) -> np.ndarray | None:
        """Return which rows are of a state, by their places where they are few; None if all are."""
        kept: np.ndarray = self.state == state
        count = np.count_nonzero(kept)
        return None if count == kept.size else kept if count > kept.size // 8 else np.flatnonzero(kept)

    def _keeps(self) -> list[str]:
        return [KEEP.format(number) for number in range(len(self.plan.keeps))]

    def _rows(self, kept: np.ndarray | None) -> pl.DataFrame:
        source = self.part.text(None, kept)
        made = {name for frame in (self.by_row, *(made for made, _ in self.looked_up)) for name in frame.columns}
        filled = self._filled(made - {*source.columns}, kept)
        aliases = [pl.col(real).alias(alias) for alias, real in self.plan.aliases.items() if alias != real]
        state = _named(self.state if kept is None else self.state[kept])
        return source.hstack(filled).with_columns(state, *aliases)

    def _filled(self, names: Collection[str], kept: np.ndarray | None) -> pl.DataFrame:
        columns = [kept_of(column, kept) for column in self.by_row if column.name in names]
        for made, position in self.looked_up:
            at = pl.Series(position if kept is None else position[kept], dtype=pl.UInt32)
            columns += [column[at] for column in made if column.name in names]
        return pl.DataFrame(columns)


def _named(state: np.ndarray) -> pl.Series:
    return taken(pl.Series(STATE, STATES, pl.Enum(STATES)), state)
