"""Rows gathered by group, once for all rules that have the same groups and the same condition."""

from collections.abc import Iterable, Iterator, Sequence

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.memory import Room
from migstat.work.buckets import Buckets
from migstat.work.coding import Coded, taken
from migstat.work.validate.aggregates import MISSING, Aggregate, G
from migstat.work.validate.cube import N, W
from migstat.work.validate.hashes import row_hashes
from migstat.work.validate.part import Part, Reading, evaluated

APPLIES = "migstat-when"
REDUCES = {"sum": np.add, "min": np.fmin, "max": np.fmax}
"""Minimum and maximum leave out what is not known."""


class Gathered:
    """What some aggregates keep of each group, and the first value of some columns in it."""

    def __init__(self, by: Sequence[str], reading: Reading, when: nw.Expr | None, room: Room | None) -> None:
        self.by, self.reading, self.when = tuple(by), reading, when
        self.aggregates: tuple[Aggregate, ...] = ()
        self.columns: tuple[str, ...] = ()
        self.firsts: tuple[str, ...] = ()
        self._room = room
        self._partial = Buckets(G, room, self._merged)
        self._listed: dict[Aggregate, Buckets] = {}

    def also(self, aggregates: Iterable[Aggregate], columns: Iterable[str], firsts: Iterable[str]) -> None:
        """Gather more of each group. To be said before the first row is taken."""
        self.aggregates = tuple(dict.fromkeys([*self.aggregates, *aggregates]))
        self.columns = tuple(dict.fromkeys([*self.columns, *columns]))
        self.firsts = tuple(dict.fromkeys([*self.firsts, *firsts]))
        self._listed = {one: Buckets(G, self._room, one.merged_values) for one in self.aggregates if one.listed}

    def add(self, part: Part) -> None:
        """Take the rows of a part."""
        self._add(part.counted(self.columns), part.coded)

    def take(self, frame: pl.DataFrame) -> None:
        """Take combinations: what each group has of them is kept, and the rest forgotten."""
        self._add(frame.select(*self.columns, N, W), Coded(frame))

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Yield the groups, some at a time, each with higher hashes than those before, and forget them at the end."""
        if self._partial.empty and not self.by:
            yield self.nothing()
        for first, last in self._partial.spans():
            merged = self._partial.lines(first, last)
            if merged is not None:
                for one, values in self._listed.items():
                    merged = _with_values(merged, one, values.lines(first, last))
                yield merged.sort(G)
        for held in (self._partial, *self._listed.values()):
            held.forget()

    def nothing(self) -> pl.DataFrame:
        """Return the whole file as a group where there are no rows."""
        empty = pl.DataFrame({G: [0], MISSING: [False], N: [0], W: [0.0]}, schema_overrides={G: pl.UInt64})
        zeros = {name: 0.0 for one in self.aggregates for name in (one.open, one.all, one.sure)}
        none = {one.sure: None for one in self.aggregates if one.function in ("smallest", "largest", "median")}
        return empty.with_columns(pl.lit(value, pl.Float64).alias(name) for name, value in (zeros | none).items())

    def hashes(self, rows: Coded) -> tuple[np.ndarray, np.ndarray]:
        """Return the group of each row, and whether it is not known."""
        if not self.reading.has(*self.by):
            return np.zeros(rows.height, dtype=np.uint64), np.ones(rows.height, dtype=bool)
        return row_hashes(rows, self.by, self.reading.codes)

    def _add(self, frame: pl.DataFrame, rows: Coded) -> None:
        hashes, missing = self.hashes(rows)
        wanted = {one.item: one.value for one in self.aggregates if one.value is not None}
        if self.when is not None:
            wanted[APPLIES] = self.when
        made = evaluated(frame, wanted).with_columns(pl.Series(G, hashes), pl.Series(MISSING, missing))
        if self.when is not None:
            made = made.filter(pl.col(APPLIES).fill_null(False))
        measured = [expr for one in self.aggregates for expr in one.measured()]
        made = made.with_columns(measured)
        runs = self._in_runs(made)
        self._partial.add(self._merged(made) if runs is None else runs)
        for one, values in self._listed.items():
            values.add(one.values(made))

    def _merged(self, partial: pl.DataFrame) -> pl.DataFrame:
        kept = [getattr(pl.col(name), how)() for name, how in self._hows.items()]
        # Rows of one hash have the same values, and lack the same.
        firsts = [pl.col(name).first() for name in (MISSING, *self.firsts) if name in partial.columns]
        return partial.group_by(G).agg(*kept, *firsts)

    def _in_runs(self, rows: pl.DataFrame) -> pl.DataFrame | None:
        """Return a line for each run of rows of one group, as files have them that are in order of their households.

        None where runs are short, and where sums would hang on the order in which they are made.
        """
        hashes = rows[G].to_numpy()
        starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]])) if hashes.size else hashes
        if not 0 < starts.size <= hashes.size // 2:
            return None
        found = [pl.Series(G, hashes[starts])]
        for name, how in self._hows.items():
            values = (rows[name].fill_null(0) if how == "sum" else rows[name].cast(pl.Float64)).to_numpy()
            if how == "sum" and values.dtype.kind == "f" and not (np.rint(values) == values).all():
                return None
            found.append(pl.Series(name, REDUCES[how].reduceat(values, starts)).fill_nan(None))
        firsts = [taken(rows[name], starts) for name in (MISSING, *self.firsts) if name in rows.columns]
        return pl.DataFrame([*found, *firsts])

    @property
    def _hows(self) -> dict[str, str]:
        """How the columns that are kept of a group are put together."""
        hows = {N: "sum", W: "sum"}
        for one in self.aggregates:
            hows |= one.merged()
        return hows


def _with_values(groups: pl.DataFrame, one: Aggregate, values: pl.DataFrame | None) -> pl.DataFrame:
    """Return groups with an aggregate of their values."""
    empty = pl.DataFrame(schema={G: pl.UInt64, MISSING: pl.Boolean, one.sure: pl.Float64})
    found = empty if values is None else one.of_values(values)
    joined = groups.join(found, on=[G, MISSING], how="left")
    return joined.with_columns(pl.col(one.sure).fill_null(0.0)) if one.function == "distinct" else joined
