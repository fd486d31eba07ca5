"""The extract of a draft: opened though nobody has described it, its values counted, and some rows kept."""

import os
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

import polars as pl

from migstat.api.draft_extracts import opened_extract
from migstat.read.codebooks import read_codebook
from migstat.read.extracts import Extract, read_extract
from migstat.read.extracts.sniffed import sniff
from migstat.words.codebook import Codebook
from migstat.words.finding import misuse
from migstat.work.draft.facts import Facts, facts

ROWS = 500_000
"""Rows of the extract that are looked at."""
CELLS = 10_000_000
"""Values of the extract that are kept while it is looked at, to see which columns go together."""
Pathlike = str | os.PathLike[str]


def codebook_of(given: Pathlike | Codebook | None) -> tuple[Codebook | None, Path | None]:
    """Return a codebook, read where it is a file, and that file."""
    if given is None or isinstance(given, Codebook):
        return given, None
    path = Path(given)
    if not path.is_file():
        raise misuse("there is no such codebook", "check the path", place=str(path))
    return read_codebook(path), path


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
    extract: Path,
    wanted: set[str],
    layout: str,
    names: tuple[str, ...],
    header: bool | None,
    where: Mapping[str, str],
    *,
    folder: Path,
) -> dict[str, Facts]:
    """Count the values of some columns in the first rows of an extract, read by the format of a draft."""
    if not extract.exists():
        raise misuse("there is no such extract", "check the path", place=str(extract))
    source = folder / Path(layout).name if layout else None
    book = read_codebook(source) if source is not None and source.is_file() else None
    inside = {key: text for key, text in where.items() if key != "record"}
    if book is not None or "record" in where:
        opened = opened_extract(extract, book, source, where).extract
    else:
        opened = read_extract(extract, sniff(extract, names, inside, named=header).format, ())
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
