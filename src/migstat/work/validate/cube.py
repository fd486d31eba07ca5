"""Cube: rows counted by the combinations of columns whose values are few, so that a rule is read once for each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

N, W = "migstat-n", "migstat-w"
"""How many rows a line of a frame stands for, and their weight."""
WIDEST = 4_096
"""Values of a whole-number column that still counts as one whose values are few."""
DENSE = 1 << 18
"""Combinations counted in one array."""
TOGETHER = 1 << 13
"""Rules that read other columns are counted in one array while it is no larger than this."""
KEPT = 1 << 18
"""Combinations that wait to be judged."""

Take = Callable[[pl.DataFrame], None]


class Coded:
    """One part of a file, with the columns whose values are few as whole numbers from 0."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self._codes: dict[str, tuple[np.ndarray, pl.Series] | None] = {}

    def __getitem__(self, name: str) -> tuple[np.ndarray, pl.Series] | None:
        """Return the code of each row and the value of each code, or None where the values are many or no codes."""
        if name not in self._codes:
            self._codes[name] = self._coded(self.frame[name])
        return self._codes[name]

    def _coded(self, column: pl.Series) -> tuple[np.ndarray, pl.Series] | None:
        categories = isinstance(column.dtype, pl.Categorical | pl.Enum)
        if not categories and not column.dtype.is_integer() and column.dtype != pl.Boolean:
            return None
        physical = column.to_physical() if categories or column.dtype.is_integer() else column.cast(pl.Int64)
        low, high = (int(bound or 0) for bound in (physical.min(), physical.max()))  # type: ignore[arg-type]
        if high - low >= (DENSE if categories else WIDEST):
            return None
        blank = high - low + 1
        whole = physical.cast(pl.Int64) if column.null_count() or low else physical
        codes = (whole.fill_null(high + 1) if column.null_count() else whole).to_numpy()
        codes = codes - low if low else codes
        present = np.flatnonzero(np.bincount(codes, minlength=blank + 1))
        if len(present) <= blank:
            lookup = np.zeros(blank + 1, dtype=np.int64)
            lookup[present] = np.arange(len(present))
            codes = lookup.take(codes)
        found = pl.Series(column.name, [None if one == blank else one + low for one in present.tolist()], pl.Int64)
        if categories:
            values = found.cast(pl.UInt32)
            if isinstance(column.dtype, pl.Enum):
                return codes, column.dtype.categories.gather(values)
            return codes, values.cat.to(column.dtype).cast(pl.String)
        return codes, found.cast(column.dtype)


@dataclass(slots=True)
class Cube:
    """Takes parts, and hands out their combinations, each with its rows and weight, when enough have gathered."""

    readers: Sequence[tuple[tuple[str, ...], Take]]
    """What reads the combinations: its columns, and the function that takes a frame of them."""
    _shares: list[tuple[tuple[str, ...], list[Take]]] = field(default_factory=list)
    _waiting: dict[tuple[str, ...], list[pl.DataFrame]] = field(default_factory=dict)

    def add(self, part: Coded, weights: np.ndarray | None) -> list[Take]:
        """Count one part; return the readers that must be given its rows, because the values of a column are many."""
        if not self._shares:
            self._shares = _together(self.readers, part)
        left: list[Take] = []
        for columns, takes in self._shares:
            counted = _counted(part, columns, weights)
            if counted is None:
                left += takes
                continue
            waiting = self._waiting.setdefault(columns, [])
            waiting.append(counted)
            if sum(one.height for one in waiting) > KEPT:
                self._hand_out(columns, takes)
        return left

    def finish(self) -> None:
        """Hand out what waits."""
        for columns, takes in self._shares:
            self._hand_out(columns, takes)

    def _hand_out(self, columns: tuple[str, ...], takes: Iterable[Take]) -> None:
        waiting = self._waiting.pop(columns, [])
        if not waiting:
            return
        frame = pl.concat(waiting)
        if len(waiting) > 1:
            frame = frame.group_by(columns).agg(pl.col(N, W).sum()) if columns else frame.sum()
        for take in takes:
            take(frame)


def _together(readers: Sequence[tuple[tuple[str, ...], Take]], part: Coded) -> list[tuple[tuple[str, ...], list[Take]]]:
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
    return [(tuple(sorted(columns)), takes) for columns, takes in shares]


def _size(part: Coded, columns: Iterable[str]) -> float:
    size = 1.0
    for name in columns:
        coded = part[name]
        size *= np.inf if coded is None else len(coded[1]) + 1
    return size


def _counted(part: Coded, columns: Sequence[str], weights: np.ndarray | None) -> pl.DataFrame | None:
    coded = [part[name] for name in columns]
    if any(one is None for one in coded) or _size(part, columns) > DENSE * 4:
        return None
    if not columns:
        total = float(part.frame.height if weights is None else weights.sum())
        return pl.DataFrame({N: [part.frame.height], W: [total]}, schema={N: pl.Int64, W: pl.Float64})
    known = [one for one in coded if one is not None]
    combined, size = known[0][0], max(1, len(known[0][1]))
    for codes, values in known[1:]:
        combined = combined * max(1, len(values)) + codes
        size *= max(1, len(values))
    rows = np.bincount(combined, minlength=size)
    present = np.flatnonzero(rows)
    if len(present) > max(1_000, part.frame.height // 4):
        return None
    counts = rows[present]
    weight = counts if weights is None else np.bincount(combined, weights=weights, minlength=size)[present]
    found: dict[str, pl.Series] = {}
    rest = present
    for name, (_, values) in zip(reversed(columns), reversed(known), strict=True):
        found[name] = values.gather(rest % max(1, len(values)))
        rest = rest // max(1, len(values))
    found[N] = pl.Series(counts, dtype=pl.Int64)
    found[W] = pl.Series(weight).cast(pl.Float64)
    return pl.DataFrame(found)
