"""Structures and codelists by name or by place: one that ships, or a file or folder of an office's own."""

from collections.abc import Callable
from pathlib import Path

from migstat.read.codelists import codelist, read_codelist
from migstat.read.structures import read_structure as read_yaml_structure
from migstat.read.structures import structure
from migstat.words.codelist import Codelist
from migstat.words.finding import misuse
from migstat.words.structure import Structure

Codelists = Callable[[str], Codelist]


def structure_at(name: str | Path, id: str = "") -> Structure:
    """Return the structure of that id that ships, or the one in a file or folder.

    A file is SDMX-ML 2.1, 3.0 or 3.1, SDMX-JSON 2.0, or our YAML; what it refers to is in the same file or folder.
    """
    path = Path(name)
    if isinstance(name, str) and not is_path(name):
        return structure(name)
    from migstat.read.sdmx.files import read_structure_file, structure_files

    if path.is_dir():
        own = {one.stem: one for one in sorted(path.glob("*.yaml")) if one.stem.isupper()}
        if id in own or (not id and len(own) == 1 and not structure_files(path)):
            path = own[id or next(iter(own))]
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise misuse(f"there is no file {path.name}", "check the name", place=str(path))
        return read_yaml_structure(path)
    return read_structure_file(path, id)


def codelist_at(name: str | Path, id: str = "") -> Codelist:
    """Return the codelist of that id that ships, or the one in a file or folder.

    A file is SDMX-ML, SDMX-JSON, or CSV with a TOML header of the same name beside it.
    """
    path = Path(name)
    if isinstance(name, str) and not is_path(name):
        return codelist(name)
    if path.is_dir() and id and (path / f"{id}.csv").is_file():
        path = path / f"{id}.csv"
    if path.suffix == ".csv":
        return read_codelist(path, path.with_suffix(".toml"), shipped=False)
    from migstat.read.sdmx.files import read_codelist_file

    return read_codelist_file(path, id)


def codelists_of(structure: Structure | None) -> Codelists:
    """Return the look-up of codelists for a structure: those that it brings, then those that ship."""
    own = structure.codelists if structure is not None else {}
    return lambda id: own[id] if id in own else codelist(id)


def is_path(name: str) -> bool:
    """Say whether a text names a file or folder, and not the id of something that ships."""
    return any(sign in name for sign in "/\\.") or (name != "" and not name.isupper() and Path(name).exists())
