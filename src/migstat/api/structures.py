"""Structures and codelists of an office's own, from the files in which registries exchange them."""

import os
from pathlib import Path

from migstat.read.sdmx.files import read_artefacts as read_sdmx
from migstat.read.structure_paths import structure_at
from migstat.words.artefacts import Artefacts
from migstat.words.structure import Structure


def read_structure(path: str | os.PathLike[str], id: str = "") -> Structure:
    """Return the structure in a file or folder, with its codelists, dataflows and constraints.

    SDMX-ML 2.1, 3.0 and 3.1 and our own YAML are read. Give the ``id`` where the file holds several structures. A
    codelist that a component names is looked for in the same file or folder. Raises MigstatError, all faults at once.
    """
    return structure_at(Path(path), id)


def read_artefacts(path: str | os.PathLike[str]) -> Artefacts:
    """Return all that a structure file, or a folder of them, holds: codelists, schemes, structures, constraints."""
    return read_sdmx(Path(path))
