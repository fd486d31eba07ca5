"""The first rows of an extract: the values of its columns counted, and some rows kept."""

from collections.abc import Collection, Generator, Iterator
from pathlib import Path

import polars as pl

from migstat.read.extracts import Extract, read_extract
from migstat.words.finding import misuse
from migstat.words.source import Format
from migstat.work.draft.facts import Facts, facts

ROWS = 500_000
"""Rows of the extract that are looked at."""
CELLS = 10_000_000
"""Values of the extract that are kept while it is looked at, to see which columns go together."""


def look(extract: Extract, rows: int) -> tuple[dict[str, Facts], pl.DataFrame]:
    """Count the values of the first rows, and keep some rows."""
    kept: list[pl.DataFrame] = []
    most = max(1_000, min(rows, CELLS // max(1, len(extract.columns))))

    def parts() -> Iterator[pl.DataFrame]:
        for part in _first(extract, rows, extract.columns):
            if sum(one.height for one in kept) < most:
                kept.append(part.head(most - sum(one.height for one in kept)))
            yield part

    counted = facts(extract.columns, parts())
    empty = pl.DataFrame(schema=dict.fromkeys(extract.columns, pl.String))
    return counted, pl.concat(kept) if kept else empty


def count_values(path: Path, wanted: Collection[str], format: Format) -> dict[str, Facts]:
    """Count the values of some columns in the first rows of an extract; a column that it has not is left out."""
    if not path.exists():
        raise misuse("there is no such extract", "check the path", place=str(path))
    if not wanted:
        return {}
    extract = read_extract(path, format, ())
    columns = [name for name in extract.columns if name in wanted]
    return facts(columns, _first(extract, ROWS if columns else 0, columns))


def _first(extract: Extract, rows: int, columns: Collection[str]) -> Iterator[pl.DataFrame]:
    """Yield some columns of the first rows as texts; the rest of a long file is not read, and the file is let go."""
    while rows > 0 and (numbered := next(extract.parts, None)) is not None:
        part = numbered[1].head(rows)
        rows -= part.height
        yield part.select(pl.col(name).cast(pl.String) for name in columns)
    if isinstance(extract.parts, Generator):
        extract.parts.close()
