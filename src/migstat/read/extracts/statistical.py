"""Files of SPSS, Stata and SAS as extracts: part by part as text, labels beside in the codebook."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from migstat.read.extracts.extract import Extract, Numbers
from migstat.read.extracts.unpacked_whole import unpacked_whole
from migstat.read.heads import check_columns, left_behind
from migstat.read.packed import explained, file_hash
from migstat.read.statistical_files import ENDINGS
from migstat.read.statistical_files.opened import open_statistical
from migstat.words.source import Format

PLAIN = ("utf-8", "utf8")
"""The encoding of a mapping that says none: then the file's own word is taken."""


def read_statistical(
    path: Path, kind: str, format: Format, needed: Sequence[str], identifiers: Sequence[str]
) -> Extract:
    """Open a file of a statistical package, plain or packed."""
    whole = unpacked_whole(path, format, ENDINGS)
    encoding = "" if format.encoding.lower() in PLAIN else format.encoding
    opened = open_statistical(whole.path, kind, whole.name, encoding, format.codebook)
    check_columns(opened.columns, needed, whole.name, 0)
    taken = [column for column in opened.columns if column not in identifiers]
    size = path.stat().st_size
    done = 0

    def parts() -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        nonlocal done
        count, rows = Numbers([]), 0
        assert whole  # A file that was unpacked lasts as long as its rows are read.
        with explained(whole.name, format):
            for part in opened.parts(taken):
                rows += part.height
                done = int(size * rows / max(1, opened.rows or 2 * rows))
                yield count.next(part.height), part

    return Extract(
        whole.name,
        tuple(taken),
        parts(),
        findings=[*opened.findings, *left_behind(opened.columns, needed, identifiers, whole.name)],
        size=size,
        at=lambda: done,
        sha256=lambda: file_hash(path),
        raw=True,
        codebook=opened.codebook,
    )
