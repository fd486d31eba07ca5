"""Structures and codelists by name or by place: one that ships, or a file or folder of an office's own."""

from collections.abc import Callable
from pathlib import Path

from migstat.read.codelists import codelist
from migstat.read.sdmx.files import read_structure_file
from migstat.read.structures import read_structure as read_yaml_structure
from migstat.read.structures import structure
from migstat.words.codelist import Codelist
from migstat.words.structure import Structure

Codelists = Callable[[str], Codelist]


def structure_at(name: str | Path, id: str = "") -> Structure:
    """Return the structure of that id that ships, or the one in a file or folder.

    A file is SDMX-ML 2.1, 3.0 or 3.1, or our YAML, with what it refers to in the same file or folder.
    """
    path = Path(name)
    if isinstance(name, str) and not _is_path(name):
        return structure(name)
    if path.suffix in (".yaml", ".yml"):
        return read_yaml_structure(path)
    return read_structure_file(path, id)


def codelists_of(structure: Structure | None) -> Codelists:
    """Return the look-up of codelists for a structure: those that it brings, then those that ship."""
    own = structure.codelists if structure is not None else {}
    return lambda id: own[id] if id in own else codelist(id)


def _is_path(name: str) -> bool:
    return any(sign in name for sign in "/\\.") or (Path(name).exists() and not name.isupper())
