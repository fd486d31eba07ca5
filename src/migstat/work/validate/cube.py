"""Cube: rows counted by the combinations of columns whose values are few, so that a rule is read once for each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from migstat.work.coding import Coded, Codes, taken

N, W = "migstat-n", "migstat-w"
"""How many rows a line of a frame stands for, and their weight."""
TOGETHER = 1 << 16
"""Rules that read other columns are counted in one array while it is no larger than this."""
DENSE = 1 << 18
"""Combinations that are counted without a look at which of them there are."""
SPARSE = 1 << 22
"""Combinations that are counted in one array."""
KEPT = 1 << 18
"""Combinations that wait to be judged."""

Take = Callable[[pl.DataFrame], None]


@dataclass(slots=True)
class _Share:
    """Some columns, what reads their combinations, and the combinations that wait."""

    columns: tuple[str, ...]
    takes: list[Take]
    waiting: list[pl.DataFrame] = field(default_factory=list)

    def add(self, part: Coded, weights: np.ndarray | None) -> bool:
        """Count one part; False where a column is not coded, or there are too many combinations."""
        coded = [part[name] for name in self.columns]
        known = [one for one in coded if one is not None]
        if len(known) < len(coded):
            return False
        counted = _counted(known, part.height, weights)
        if counted is not None:
            self.waiting.append(counted)
        return counted is not None

    def hand_out(self, most: int) -> Iterator[tuple[Take, pl.DataFrame]]:
        """Yield what waits for each reader, where it is more than so many combinations."""
        if sum(one.height for one in self.waiting) <= most:
            return
        frame = pl.concat(self.waiting)
        if len(self.waiting) > 1 and self.columns:
            frame = frame.group_by(self.columns, maintain_order=True).agg(pl.col(N, W).sum())
        elif len(self.waiting) > 1:
            frame = frame.sum()
        self.waiting = []
        yield from ((take, frame) for take in self.takes)


@dataclass(slots=True)
class Cube:
    """Counts parts by combinations, and hands these out, each with its rows and weight, when enough have gathered."""

    readers: Sequence[tuple[tuple[str, ...], Take]]
    """What reads the combinations: its columns, and the function that takes a frame of them."""
    _shares: list[_Share] = field(default_factory=list)

    def add(self, part: Coded, weights: np.ndarray | None) -> tuple[list[Take], list[tuple[Take, pl.DataFrame]]]:
        """Count one part; return the readers that must be given its rows, because the values of a column are many.

        Beside stand the readers that must be given combinations, with these.
        """
        if not self._shares:
            self._shares = _together(self.readers, part)
        left = [take for share in self._shares if not share.add(part, weights) for take in share.takes]
        return left, [one for share in self._shares for one in share.hand_out(KEPT)]

    def finish(self) -> Iterator[tuple[Take, pl.DataFrame]]:
        """Yield what waits, with the readers that must be given it."""
        for share in self._shares:
            yield from share.hand_out(0)


def _together(readers: Sequence[tuple[tuple[str, ...], Take]], part: Coded) -> list[_Share]:
    """Gather readers of few columns into cubes that hold them all, while these stay small."""
    shares: list[tuple[frozenset[str], list[Take]]] = []
    for columns, take in sorted(readers, key=lambda reader: -len(reader[0])):
        wanted = frozenset(columns)
        home = None
        for index, (have, _) in enumerate(shares):
            size = _size(part, wanted | have)
            if size <= TOGETHER or (wanted <= have and size < np.inf) or wanted == have:
                home = index
                break
        if home is None:
            shares.append((wanted, [take]))
        else:
            shares[home] = (shares[home][0] | wanted, [*shares[home][1], take])
    return [_Share(tuple(sorted(columns)), takes) for columns, takes in shares]


def _size(part: Coded, columns: Iterable[str]) -> float:
    size = 1.0
    for name in columns:
        coded = part[name]
        size *= np.inf if coded is None else coded[1].len()
    return size


def _counted(known: Sequence[Codes], height: int, weights: np.ndarray | None) -> pl.DataFrame | None:
    """Return the combinations of a part; gaps are closed whenever too many combinations could be."""
    if not known:
        total = float(height if weights is None else weights.sum())
        return pl.DataFrame({N: [height], W: [total]}, schema={N: pl.Int64, W: pl.Float64})
    place, room = known[0][0], known[0][1].len()
    steps: list[tuple[int, np.ndarray | None]] = []
    for codes, values in known[1:]:
        present = None
        if room * values.len() > DENSE:
            present = np.flatnonzero(np.bincount(place, minlength=room))
            table = np.zeros(room, dtype=np.int32)
            table[present] = np.arange(len(present))
            place, room = table.take(place), len(present)
        if room * values.len() > SPARSE:
            return None
        place = np.multiply(place, values.len(), dtype=np.int32)
        place += codes
        room *= values.len()
        steps.append((values.len(), present))
    rows = np.bincount(place, minlength=room)
    there = np.flatnonzero(rows)
    if len(there) > max(1_000, height // 4):
        return None
    counts = rows[there]
    weight = counts if weights is None else np.bincount(place, weights=weights, minlength=room)[there]
    found: list[pl.Series] = []
    at = there
    for (_, values), (size, present) in zip(reversed(known[1:]), reversed(steps), strict=True):
        found.append(taken(values, at % size))
        at = at // size
        at = at if present is None else present[at]
    found.append(taken(known[0][1], at))
    measures = [pl.Series(N, counts, pl.Int64), pl.Series(W, weight.astype(np.float64))]
    return pl.DataFrame([*reversed(found), *measures])
