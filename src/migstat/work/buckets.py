"""Buckets: lines told apart by the first bits of a hash, so that those of one hash are looked at together."""

import io
from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from migstat.words.memory import Room

BITS = 6
COUNT = 1 << BITS
WAITING = 1 << 20
"""Lines that are held before they are merged for the first time."""
SPAN = 1 << 18
"""Lines that are looked at together, where the buckets have so few."""

Merge = Callable[[pl.DataFrame], pl.DataFrame]


class Buckets:
    """Takes frames with a column of 64-bit hashes, and gives them back a bucket at a time, in the order they came.

    All lines of one hash are in one bucket, and each bucket holds higher hashes than the one before. They stay in
    memory while they are few; what is more than the room allows is put away. With ``merge``, the lines of a bucket are
    made fewer whenever they have doubled, and once more when they are given back.
    """

    def __init__(self, by: str, room: Room | None = None, merge: Merge | None = None) -> None:
        self._by, self._room, self._merge = by, room, merge
        self._held: list[tuple[pl.DataFrame, np.ndarray]] = []
        self._size = self._lines = self._lines_away = 0
        self._waiting = WAITING
        self._away: list[list[tuple[int, int]]] = [[] for _ in range(COUNT)]
        self.empty = True

    def add(self, frame: pl.DataFrame) -> None:
        """Take a frame."""
        if frame.is_empty():
            return
        self.empty = False
        numbers = (frame[self._by].fill_null(0).to_numpy() >> np.uint64(64 - BITS)).astype(np.uint8)
        self._hold(frame[np.argsort(numbers, kind="stable")], np.bincount(numbers, minlength=COUNT))
        if self._merge is not None and self._lines > self._waiting:
            self._merge_held()
        if self._room is not None and self._room.held > self._room.kept:
            self._put_away()

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Yield the lines of each bucket that has any, and forget them all at the end."""
        for bucket in range(COUNT):
            frame = self.lines(bucket, bucket + 1)
            if frame is not None:
                yield frame
        self.forget()

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield the first bucket and the one after the last of spans that have few lines each, in order."""
        lines = self._lines + self._lines_away
        wide = COUNT
        while wide > 1 and lines * wide > SPAN * COUNT:
            wide //= 2
        yield from ((first, first + wide) for first in range(0, COUNT, wide))

    def lines(self, first: int, last: int) -> pl.DataFrame | None:
        """Return the lines of the buckets from one to before another, if they have any."""
        frames = [frame for bucket in range(first, last) for frame in self._read(bucket)]
        frames += self._slices(first, last)
        return self._together(frames) if frames else None

    def forget(self) -> None:
        """Let go of all lines."""
        self._away, self._lines_away = [[] for _ in range(COUNT)], 0
        self._let_go()

    def _hold(self, ordered: pl.DataFrame, counts: np.ndarray) -> None:
        self._held.append((ordered, np.concatenate([[0], np.cumsum(counts)])))
        size = int(ordered.estimated_size())
        self._size += size
        self._lines += ordered.height
        if self._room is not None:
            self._room.held += size

    def _let_go(self) -> None:
        if self._room is not None:
            self._room.held -= self._size
        self._held, self._size, self._lines = [], 0, 0

    def _slices(self, first: int, last: int) -> list[pl.DataFrame]:
        ends = [(frame, int(ends[first]), int(ends[last])) for frame, ends in self._held]
        return [frame.slice(start, end - start) for frame, start, end in ends if end > start]

    def _together(self, frames: list[pl.DataFrame]) -> pl.DataFrame:
        whole = pl.concat(frames, how="vertical_relaxed") if len(frames) > 1 else frames[0]
        return whole if self._merge is None else self._merge(whole)

    def _merge_held(self) -> None:
        trial = next(slices for bucket in range(COUNT) if (slices := self._slices(bucket, bucket + 1)))
        if self._together(trial).height > 0.9 * sum(one.height for one in trial):
            # They would not be many fewer, as in a file that is in order of its groups.
            self._waiting = 2 * self._lines
            return
        merged = [
            self._together(slices) if (slices := self._slices(bucket, bucket + 1)) else None for bucket in range(COUNT)
        ]
        self._let_go()
        counts = np.array([0 if one is None else one.height for one in merged])
        self._hold(pl.concat([one for one in merged if one is not None], how="vertical_relaxed"), counts)
        self._waiting = max(WAITING, 2 * self._lines)

    def _put_away(self) -> None:
        assert self._room is not None
        for bucket in range(COUNT):
            if slices := self._slices(bucket, bucket + 1):
                packed = io.BytesIO()
                self._together(slices).write_ipc_stream(packed, compat_level=pl.CompatLevel.newest())
                data = packed.getvalue()
                self._away[bucket].append((self._room.write(data), len(data)))
        self._lines_away += self._lines
        self._let_go()

    def _read(self, bucket: int) -> Iterator[pl.DataFrame]:
        for at, size in self._away[bucket]:
            assert self._room is not None
            yield pl.read_ipc_stream(io.BytesIO(self._room.read(at, size)))
