"""Files of several types of record: each row is a record with those it belongs to, which stand above it in the file."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import polars as pl

from migstat.words.codebook import Codebook
from migstat.words.finding import Finding, Place, Severity
from migstat.words.row_columns import lineage

UNKNOWN = -1
Malformed = list[tuple[int, str, str]]


class Cutter(Protocol):
    """What cuts columns out of the lines of one type of record."""

    def columns(self, lines: pl.Series, record: str) -> pl.DataFrame:
        """Return the columns of a row that stand in this type of record."""

    def key(self, lines: pl.Series, record: str, name: str) -> pl.Series:
        """Return one column, whether or not it is one of a row."""


class RecordsAbove:
    """Puts records beside those above them, from one block of lines to the next.

    A record that is broken, or of a type that is not known, may have been a household: what stands below it is parted
    from what stands above it, and nothing is put beside a household that may not be its own. Where each record bears
    the key of that above, the key tells, and one of an unknown type parts nothing. All that makes no row is counted.
    """

    def __init__(self, book: Codebook, record: str) -> None:
        self._record = record
        self._names = [one.name for one in book.records]
        self._values = {one.value: at for at, one in enumerate(book.records)}
        self._keys = {one.name: one.key for one in book.records}
        self._above = lineage(book, record)[1:]
        self._keyed = all(self._keys[name] for name in lineage(book, record)[:-1])
        self._carried: list[tuple[str, Any, bool]] = []
        """From the highest to the nearest: the type, the line, and whether a row has it already."""
        self._all = dict.fromkeys(self._names, 0)
        self._used = dict.fromkeys(self._above, 0)

    def kinds(self, marks: pl.Series) -> Any:
        """Return the number of the type of record of each line, by what marks it."""
        numbers = marks.replace_strict(
            list(self._values), list(self._values.values()), default=UNKNOWN, return_dtype=pl.Int64
        )
        return numbers.fill_null(UNKNOWN).to_numpy()

    def next(
        self, lines: pl.Series, kinds: Any, broken: Mapping[int, str], text: Callable[[int], str], before: int,
        cut: Cutter, malformed: Malformed,
    ) -> tuple[pl.Series, pl.DataFrame]:  # fmt: skip
        """Return the rows of a block and their numbers; ``broken`` says why a line is none, by its place.

        ``before`` is the number of lines above the block. Lines that make no row and should are added to ``malformed``.
        """
        lost = dict(broken)
        whole = np.ones(len(lines), bool)
        whole[list(broken)] = False
        for at in np.flatnonzero(whole & (kinds == UNKNOWN)).tolist():
            lost[at] = "the type of the record is not one of the layout"
        for at, name in enumerate(self._names):
            self._all[name] += int((whole & (kinds == at)).sum())
        ahead = len(self._carried)
        kinds = np.concatenate((np.array([self._names.index(one) for one, _, _ in self._carried], np.int64), kinds))
        whole = np.concatenate((np.ones(ahead, bool), whole))
        empty = np.zeros(len(kinds), bool)
        empty[[at + ahead for at in broken if not text(at).strip()]] = True
        lines = pl.concat([pl.Series([line for _, line, _ in self._carried], dtype=lines.dtype), lines])
        last, found = self._last(kinds, whole, empty)
        rows = np.flatnonzero(whole & (kinds == self._names.index(self._record)))
        for name in reversed(self._above):
            orphans = rows[~found[name][rows]]
            lost |= dict.fromkeys((orphans - ahead).tolist(), f"the record has no {name} above it")
            rows = rows[found[name][rows]]
        part, rows = self._beside(lines, rows, last, cut, lost, ahead)
        self._carry(lines, rows, last, found)
        malformed += [(before + at + 1, why, text(at)) for at, why in sorted(lost.items())]
        return pl.Series(rows - ahead + before + 1, dtype=pl.Int64), part

    def _last(self, kinds: Any, whole: Any, empty: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return where the last record of each type above a line stands, and whether it is still above it."""
        places = np.arange(len(kinds))
        last: dict[str, Any] = {}
        found: dict[str, Any] = {}
        unknown = (kinds == UNKNOWN) & ~empty & (not self._keyed)
        parted = np.where(unknown, places, -1)
        for name in reversed(self._above):
            its = kinds == self._names.index(name)
            last[name] = np.maximum.accumulate(np.where(whole & its, places, -1))
            parted = np.maximum(parted, np.where(~whole & its, places, -1))
            found[name] = last[name] > np.maximum.accumulate(parted)
            parted = np.maximum(parted, np.where(its, places, -1))
        return last, found

    def _beside(
        self, lines: pl.Series, rows: Any, last: Mapping[str, Any], cut: Cutter, lost: dict[int, str], ahead: int
    ) -> tuple[pl.DataFrame, Any]:
        """Put the columns of the records above beside those of the rows; leave out rows whose key is another one's."""
        below, place = self._record, rows
        keep = np.ones(len(rows), bool)
        for name in self._above:
            key = self._keys[below]
            if key:
                its, others = (
                    cut.key(lines.gather(at), of, key) for at, of in ((place, below), (last[name][rows], name))
                )
                same = its.eq_missing(others).to_numpy()
                why = f"{key} is not that of the {name} above the record"
                lost |= dict.fromkeys((rows[keep & ~same] - ahead).tolist(), why)
                keep &= same
            below, place = name, last[name][rows]
        rows = rows[keep]
        frames = [cut.columns(lines.gather(rows), self._record)]
        for name in self._above:
            distinct, back = np.unique(last[name][rows], return_inverse=True)
            frame = cut.columns(lines.gather(distinct), name)
            if frame.width:  # A record above may have no column of a row, only persons below it.
                frames.append(frame[pl.Series(back, dtype=pl.UInt32)])
        return pl.concat([frame for frame in frames if frame.width], how="horizontal"), rows

    def _carry(self, lines: pl.Series, rows: Any, last: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        """Count the records above that have a row, and keep the last of each type for the block that follows."""
        before = {at: used for at, (_, _, used) in enumerate(self._carried)}
        carried = []
        for name in reversed(self._above):
            distinct = set(np.unique(last[name][rows]).tolist())
            self._used[name] += sum(not before.get(at, False) for at in distinct)
            if len(lines) and found[name][-1]:
                at = int(last[name][-1])
                carried.append((name, lines[at], at in distinct or before.get(at, False)))
        self._carried = carried

    def findings(self, name: str) -> list[Finding]:
        """Return what made no row and need not: records with none below them, and types that were not asked for."""
        made = []
        for above in self._above:
            count = self._all[above] - self._used[above]
            if count:
                what = f"records of the type {above} without a {self._record} below them make no row"
                made.append(_note(name, what, count))
        for other, count in self._all.items():
            if count and other != self._record and other not in self._above:
                made.append(_note(name, f"records of the type {other} make no row: {self._record} is read", count))
        return made


def _note(name: str, what: str, rows: int) -> Finding:
    return Finding(Place(name), "", what, "", Severity.NOTE, rule="records", rows=rows)
