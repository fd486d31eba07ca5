"""A spool: the rows of a message, kept as they are read in files that go when nobody needs them any more."""

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from migstat.words.message import OPENING


class Spool:
    """Takes the rows part by part, as text, and gives them back as one lazy frame; a part may have more columns."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="migstat-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self._parts: list[Path] = []
        self._columns: dict[str, None] = {}
        self.sets: dict[tuple[str, str, str], int] = {}
        self.rows = 0

    def add(self, frame: pl.DataFrame, kind: str, reference: str, action: str) -> None:
        """Keep some rows of one data set."""
        self._count(kind, reference, action, frame.height)
        opening = zip(OPENING, (kind, reference, action), strict=True)
        self._keep(frame.with_columns(pl.lit(value).alias(name) for name, value in opening))

    def add_opened(self, frame: pl.DataFrame) -> None:
        """Keep some rows that say themselves in ``STRUCTURE``, ``STRUCTURE_ID`` and ``ACTION`` of what they are."""
        for kind, reference, action, rows in frame.group_by(OPENING, maintain_order=True).agg(pl.len()).iter_rows():
            self._count(str(kind), str(reference), str(action), rows)
        self._keep(frame)

    def _count(self, kind: str, reference: str, action: str, rows: int) -> None:
        one = (kind, reference, action)
        if rows:
            self.sets[one] = self.sets.get(one, 0) + rows

    def _keep(self, frame: pl.DataFrame) -> None:
        self._columns |= dict.fromkeys(name for name in frame.columns if name not in OPENING)
        if not frame.height:
            return
        self.rows += frame.height
        path = self.folder / f"{len(self._parts):06}.parquet"
        texts = [pl.col(name).cast(pl.String) for name, type in frame.schema.items() if type != pl.String]
        frame.with_columns(texts).write_parquet(path, compression="lz4", statistics=False)
        self._parts.append(path)

    @property
    def columns(self) -> tuple[str, ...]:
        """All components met so far, in the order in which they were met."""
        return tuple(self._columns)

    def parts(self) -> Iterator[pl.DataFrame]:
        """Go through the rows in order, part by part, each with all columns and the opening columns first."""
        wanted = [*OPENING, *self._columns]
        for path in self._parts:
            part = pl.read_parquet(path, glob=False)
            lacking = [pl.lit(None, pl.String).alias(name) for name in wanted if name not in part.columns]
            yield part.with_columns(lacking).select(wanted)

    def frame(self, columns: Sequence[str] = ()) -> pl.LazyFrame:
        """Return the rows in order, with the opening columns first. The spool lasts as long as any such frame."""
        wanted = [*OPENING, *(columns or self._columns)]
        schema = dict.fromkeys(wanted, pl.String)
        if not self._parts:
            return pl.LazyFrame(schema=schema)

        def scan(
            with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
        ) -> Iterator[pl.DataFrame]:
            assert self.folder  # What scans holds on to the spool.
            left = self.rows if n_rows is None else n_rows
            # File by file: where Polars streams many it reads ahead without a bound.
            for path in self._parts:
                part = pl.scan_parquet(path, glob=False)
                there = set(part.collect_schema())
                part = part.with_columns(pl.lit(None, pl.String).alias(name) for name in wanted if name not in there)
                part = part.select(wanted) if predicate is None else part.select(wanted).filter(predicate)
                rows = (part if with_columns is None else part.select(with_columns)).collect().head(left)
                left -= rows.height
                yield rows
                if not left:
                    break

        return register_io_source(scan, schema=schema, is_pure=True)
