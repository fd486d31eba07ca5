"""Which reader opens a codebook: told by how it begins, then by its ending."""

from pathlib import Path
from types import ModuleType

from migstat.read.codebooks import (
    cspro,
    ddi,
    dictionary,
    layout_csv,
    redatam,
    sas,
    spss,
    stata,
    statistical_files,
)
from migstat.read.packed import fault, first_bytes, foreign
from migstat.words.codebook import CODEBOOKS, Codebook

SNIFFED = 1 << 16
"""Bytes at the start that are looked at."""
KINDS: tuple[ModuleType, ...] = (statistical_files, cspro, redatam, ddi, stata, spss, sas, dictionary, layout_csv)
"""In the order in which they are asked; each has ``recognised(path, start)`` and ``read(path)``."""


def read_codebook(path: Path) -> Codebook:
    """Read what an office says about the columns of a file. Nothing in it is executed.

    What could not be understood stands in ``findings``, each with its line. Raises MigstatError where the file is no
    codebook, or where a column would be read from the wrong place, with all that is wrong at once.
    """
    first_bytes(path)
    with path.open("rb") as file:
        start = file.read(SNIFFED)
    for kind in KINDS:
        if kind.recognised(path, start):
            return kind.read(path)  # type: ignore[no-any-return]
    foreign(path.name, start)
    raise fault(path.name, "is no codebook that can be read", f"name {CODEBOOKS}")
