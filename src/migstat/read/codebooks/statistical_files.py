"""What files of SPSS, Stata and SAS declare of their columns, as codebooks; a catalog of SAS has labels only."""

from pathlib import Path

from migstat.read.statistical_files import kind_of
from migstat.read.statistical_files.opened import catalog_of, open_statistical
from migstat.words.codebook import Codebook


def recognised(path: Path, start: bytes) -> bool:
    """Tell whether a file is one of a statistical package."""
    return bool(kind_of(start))


def read(path: Path) -> Codebook:
    """Read what a file declares; its rows are not read. Of a catalog, each format is a variable."""
    with path.open("rb") as file:
        kind = kind_of(file.read(1024))
    if kind == "sas7bcat":
        return catalog_of(path)
    return open_statistical(path, kind, path.name).codebook
