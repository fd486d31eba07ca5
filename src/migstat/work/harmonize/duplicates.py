"""Duplicates: the rows of an extract that are alike in every column to one before them, told part by part."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from migstat.words.memory import Room
from migstat.work.coding import Coded, Rows
from migstat.work.validate.hashes import row_hashes

CHUNK = 1 << 20
"""Hashes that are read back at a time, of those that were put away."""
FEWER = 2
"""A sorted run is merged with the next one unless it is so many times as long: there are few runs, and few merges."""


class Duplicates:
    """Says of each part of an extract which of its rows stand already, in that part or in an earlier one.

    Keeps eight bytes for each row that stands for the first time, in ``room`` where they are many: 80 MB for ten
    million rows. Two different rows share a hash once in some 400,000 runs of ten million rows.
    """

    def __init__(self, room: Room | None = None) -> None:
        self._room = room
        self._runs: list[np.ndarray] = []
        self._away: list[tuple[int, int]] = []
        """Where sorted hashes were put away, and their bytes."""

    def again(self, rows: Rows) -> np.ndarray:
        """Return for each row whether it stands already."""
        names = rows.columns if isinstance(rows, pl.DataFrame) else rows.schema.names
        hashes, _ = row_hashes(Coded(rows), sorted(names), ())
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        first = np.ones(ordered.size, dtype=bool)
        np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
        distinct = ordered[first]
        known = np.zeros(distinct.size, dtype=bool)
        for run in self._held():
            known |= _stands(distinct, run)
        # A stable order has the first of the rows that are alike first.
        found = np.ones(ordered.size, dtype=bool)
        found[order[first]] = known
        self._add(distinct[~known])
        return found

    def forget(self) -> None:
        """Let go of all hashes."""
        if self._room is not None:
            self._room.held -= sum(run.nbytes for run in self._runs)
        self._runs, self._away = [], []

    def _held(self) -> Iterator[np.ndarray]:
        yield from self._runs
        for at, size in self._away:
            assert self._room is not None
            yield np.frombuffer(self._room.read(at, size), dtype=np.uint64)

    def _add(self, new: np.ndarray) -> None:
        if not new.size:
            return
        self._runs.append(new)
        while len(self._runs) > 1 and self._runs[-2].size < FEWER * self._runs[-1].size:
            # The two are in order each, which a stable sort makes use of.
            self._runs[-2:] = [np.sort(np.concatenate(self._runs[-2:]), kind="stable")]
        if self._room is not None:
            self._room.held += new.nbytes
            if self._room.held > self._room.kept:
                self._put_away(self._room)

    def _put_away(self, room: Room) -> None:
        whole = np.sort(np.concatenate(self._runs), kind="stable")
        for start in range(0, whole.size, CHUNK):
            data = whole[start : start + CHUNK].tobytes()
            self._away.append((room.write(data), len(data)))
        room.held -= whole.nbytes
        self._runs = []


def _stands(sought: np.ndarray, run: np.ndarray) -> np.ndarray:
    """Return which hashes are in a sorted run; both are in order."""
    low, high = np.searchsorted(sought, run[0]), np.searchsorted(sought, run[-1], side="right")
    found = np.zeros(sought.size, dtype=bool)
    within = sought[low:high]
    found[low:high] = run[np.searchsorted(run, within)] == within
    return found
