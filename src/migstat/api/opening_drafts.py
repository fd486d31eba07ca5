"""The extract of a draft: opened though nobody has described it, its values counted, and some rows kept."""

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from migstat.read.codebooks import read_codebook
from migstat.read.extracts import Extract, read_extract
from migstat.read.extracts.sniffed import Sniffed, sniff
from migstat.words.codebook import Codebook
from migstat.words.finding import MigstatError, misuse
from migstat.words.source import Format
from migstat.work.draft.facts import Facts, facts

ROWS = 500_000
"""Rows of the extract that are looked at."""
CELLS = 10_000_000
"""Values of the extract that are kept while it is looked at, to see which columns go together."""
LAYOUT = "layout.csv"
Pathlike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """An extract, and how it is written as its first bytes tell."""

    extract: Extract
    sniffed: Sniffed


def codebook_of(given: Pathlike | Codebook | None) -> tuple[Codebook | None, Path | None]:
    """Return a codebook, read where it is a file, and that file."""
    if given is None or isinstance(given, Codebook):
        return given, None
    path = Path(given)
    if not path.is_file():
        raise misuse("there is no such codebook", "check the path", place=str(path))
    return read_codebook(path), path


def open_extract(path: Path, book: Codebook | None, source: Path | None, header: bool | None = None) -> Opened:
    """Open an extract that nobody has described; of fixed width it is where a codebook gives positions."""
    named = tuple(one.name for one in book.variables) if book else ()
    laid_out = book is not None and any(one.start is not None for one in book.variables)
    if laid_out and not header and not _has_names(path, named):
        format = Format(kind="fixed", layout=source.name if source else LAYOUT, codebook=book)
        return Opened(read_extract(path, format, ()), Sniffed(format))
    sniffed = sniff(path, named, named=header)
    return Opened(read_extract(path, sniffed.format, ()), sniffed)


def _has_names(path: Path, named: tuple[str, ...]) -> bool:
    """Say whether a file has the names of a codebook for its columns, though the codebook gives positions too."""
    try:
        columns = read_extract(path, sniff(path).format, ()).columns
    except MigstatError:
        return False
    known = {name.casefold() for name in named}
    return sum(column.strip().casefold() in known for column in columns) >= max(2, 0.5 * len(columns))


def look(extract: Extract, rows: int) -> tuple[dict[str, Facts], pl.DataFrame]:
    """Count the values of the first rows, and keep some rows."""
    kept: list[pl.DataFrame] = []
    most = max(1_000, min(rows, CELLS // max(1, len(extract.columns))))

    def parts() -> Iterator[pl.DataFrame]:
        left = rows
        for _, part in extract.parts:
            text = part.head(left).select(pl.all().cast(pl.String))
            if sum(one.height for one in kept) < most:
                kept.append(text.head(most - sum(one.height for one in kept)))
            yield text
            left -= text.height
            if left <= 0:
                return

    counted = facts(extract.columns, parts())
    if isinstance(extract.parts, Generator):
        extract.parts.close()  # the rest of a long file is not read, and the file is let go
    empty = pl.DataFrame(schema=dict.fromkeys(extract.columns, pl.String))
    return counted, pl.concat(kept) if kept else empty


def count_values(
    extract: Path, wanted: set[str], layout: str, names: tuple[str, ...], header: bool | None, *, folder: Path
) -> dict[str, Facts]:
    """Count the values of some columns in the first rows of an extract, read by the format of a draft."""
    if not extract.exists():
        raise misuse("there is no such extract", "check the path", place=str(extract))
    source = folder / Path(layout).name if layout else None
    book = read_codebook(source) if source is not None and source.is_file() else None
    if book is not None:
        opened = open_extract(extract, book, source).extract
    else:
        opened = read_extract(extract, sniff(extract, names, named=header).format, ())
    columns = [name for name in opened.columns if name in wanted]

    def parts() -> Iterator[pl.DataFrame]:
        left = ROWS
        for _, part in opened.parts:
            yield part.head(left).select(pl.col(name).cast(pl.String) for name in columns)
            left -= part.height
            if left <= 0:
                return

    counts = facts(columns, parts())
    if isinstance(opened.parts, Generator):
        opened.parts.close()
    return counts
