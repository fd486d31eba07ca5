"""Keys: the rows whose key stands more than once, found with twelve bytes a row."""

import heapq
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from migstat.words.memory import Room
from migstat.work.buckets import Buckets

HASH, ROW = "hash", "row"
FEW = 10
"""So many rows are named."""


class KeyCheck:
    """Takes the key columns part by part and says at the end which rows share a key.

    Keeps a 64-bit hash and the number of each row, in ``room`` where they are many: 120 MB for ten million rows. Two
    different keys share a hash once in some 400,000 runs of ten million rows.
    """

    def __init__(self, columns: Sequence[str], room: Room | None = None) -> None:
        self.columns = list(columns)
        self._keys = Buckets(HASH, room)

    def add(self, rows: pl.Series, part: pl.DataFrame) -> None:
        """Take the keys of one part."""
        if not self.columns:
            return
        hashes = part.select(self.columns).hash_rows(seed=20181219)
        self._keys.add(pl.DataFrame([hashes.alias(HASH), rows.cast(pl.UInt32).alias(ROW)]))

    def again(self) -> int:
        """Return how many rows share their key with an earlier row, however many they are."""
        return sum(later.size for later in self._later())

    def repeated(self) -> tuple[int, list[int]]:
        """Return how many rows share their key with an earlier row, and the numbers of the first few."""
        count, first = 0, list[int]()
        for later in self._later():
            count += later.size
            first = heapq.nsmallest(FEW, [*first, *np.sort(later)[:FEW].tolist()])
        return count, first

    def _later(self) -> Iterator[np.ndarray]:
        """Yield, bucket by bucket, the numbers of the rows that share their key with an earlier one."""
        for bucket in self._keys:
            hashes = bucket[HASH].to_numpy()
            ordered = np.sort(hashes)
            if (ordered[1:] == ordered[:-1]).any():
                order = np.argsort(hashes, kind="stable")
                yield bucket[ROW].to_numpy()[order[1:][hashes[order[1:]] == hashes[order[:-1]]]]
