"""An opened extract: its columns, its rows in numbered parts, and what had to be assumed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa

from migstat.read.packed import PART_BYTES, PART_ROWS
from migstat.words.codebook import Codebook
from migstat.words.finding import Finding


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a part may be, as far as the kind of file lets rows or bytes be counted before it is made."""

    rows: int = PART_ROWS
    bytes: int = PART_BYTES
    look: Callable[[], None] = lambda: None
    """Called whenever some lines were read; raises where the run takes too much memory."""


@dataclass(slots=True)
class Extract:
    """An opened extract: its columns, and its rows in parts. Counts and hash are whole when the last part is read."""

    name: str
    columns: tuple[str, ...]
    parts: Iterator[tuple[pl.Series, Any]]
    """The row numbers of a part, counted from 1 below the header, and the part. CSV is text, and a blank is null.

    A part is a Polars frame; of a CSV file it is an Arrow batch where columns were asked for as categories, which are
    dictionaries in it.
    """
    findings: list[Finding] = field(default_factory=list)
    malformed: list[tuple[int, str, str]] = field(default_factory=list)
    """Row number, why, and the line, for lines that are no rows: too few or too many values."""
    mend: str = "mend the lines, or check delimiter and quote under source.format"
    """What to do about lines that are no rows."""
    size: int = 0
    at: Callable[[], int] = int
    """Bytes of the file read so far, for the progress shown."""
    sha256: Callable[[], str] = str
    raw: bool = False
    """The parts are as the file has them: typed, and a blank may be an empty text."""
    limits: Limits = field(default_factory=Limits)
    """Looked up while the parts are read."""
    codebook: Codebook | None = None
    """What the file itself says about its columns: labels stand beside the values, never in their place."""


class Numbers:
    """Numbers the rows of each part as they stand in the file, lines that are no rows included."""

    def __init__(self, malformed: list[tuple[int, str, str]]) -> None:
        self._malformed = malformed
        self._passed = 0
        self._next = 1

    def next(self, rows: int) -> pl.Series:
        """Return the numbers of the next rows that are whole."""
        numbers: list[pl.Series] = []
        while rows:
            skipped = self._malformed[self._passed][0] if self._passed < len(self._malformed) else self._next + rows
            run = min(rows, skipped - self._next)
            if run:
                numbers.append(pl.int_range(self._next, self._next + run, eager=True))
            rows -= run
            self._next += run
            if rows:
                self._passed += 1
                self._next += 1
        return pl.concat(numbers)


def frame_of(batches: list[pa.RecordBatch]) -> pl.DataFrame:
    """Return batches as one frame, without what a file says about itself: that need not be text."""
    table = pa.Table.from_batches(batches)
    bare = pa.schema([field.remove_metadata() for field in table.schema])
    frame = pl.from_arrow(pa.Table.from_arrays(table.columns, schema=bare), rechunk=False)
    assert isinstance(frame, pl.DataFrame)
    return frame


def coded_batch(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Return batches as one, in which each column of categories has one dictionary."""
    return pa.Table.from_batches(batches).unify_dictionaries().combine_chunks().to_batches()[0]
