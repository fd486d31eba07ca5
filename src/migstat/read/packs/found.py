"""Where packs lie: those that ship, those under MIGSTAT_PACKS, and those that other installed packages bring."""

import os
import re
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from migstat.read.codelists import data_folder

VARIABLE = "MIGSTAT_PACKS"
"""The environment variable: folders of packs, or packs themselves, parted as PATH is."""
GROUP = "migstat.packs"
"""The group of entry points; the value names a package, or a folder inside one, such as kenya_statistics.packs."""
_ID = re.compile(r"^id:\s*['\"]?([A-Z][A-Z0-9_]*)", re.MULTILINE)
_HEAD = 4_000
"""Bytes of a mapping in which its id is looked for."""


def pack_folders() -> Iterator[tuple[Path, str]]:
    """Yield the folder of every pack with its origin; nearest first: MIGSTAT_PACKS, entry points, what ships."""
    seen: set[Path] = set()
    for place, origin in (*_named(), *_entered(), *_shipped()):
        for folder in packs_in(place):
            if folder.resolve() not in seen:
                seen.add(folder.resolve())
                yield folder, origin


def packs_in(place: Path) -> list[Path]:
    """Return the packs of a folder, in alphabetical order, or the folder itself where it is one."""
    try:
        if (place / "mapping.yaml").is_file():
            return [place]
        return sorted(path.parent for path in place.glob("*/mapping.yaml") if path.is_file())
    except OSError:  # It may not be looked into, or its name is none that a folder can have.
        return []


def pack_files(folder: Path) -> list[Path]:
    """Return the mappings of a pack, ``mapping.yaml`` first."""
    files = (path for path in folder.glob("mapping*.yaml") if path.is_file())
    return sorted(files, key=lambda path: (path.name != "mapping.yaml", path.name))


def pack_ids(folder: Path) -> dict[str, Path]:
    """Return the names by which a pack may be called, each with its mapping: their ids, and the folder's name."""
    files = pack_files(folder)
    ids = {_id(path): path for path in reversed(files)}
    return {id: path for id, path in ({folder.name.upper(): files[0]} | ids).items() if id}


def pack_folder(id: str) -> tuple[Path, str] | None:
    """Return the folder of the pack of that id, with its origin, or None."""
    if not id.replace("_", "").isalnum():
        return None
    return next(((path, origin) for path, origin in pack_folders() if id.upper() in pack_ids(path)), None)


def pack_mapping(id: str) -> Path | None:
    """Return the mapping that a pack's id means, or None where there is no such pack."""
    found = pack_folder(id)
    return pack_ids(found[0])[id.upper()] if found is not None else None


def _id(path: Path) -> str:
    """Return the id that a mapping bears, without reading the rest of it; "" where it may not be read."""
    try:
        with path.open("rb") as file:
            found = _ID.search(file.read(_HEAD).decode("utf-8-sig", "replace"))
    except OSError:
        return ""
    return found[1] if found else ""


def absent() -> list[str]:
    """Return the folders under MIGSTAT_PACKS that are none, or hold no pack."""
    return [path.name or str(path) for path, _ in _named() if not packs_in(path)]


def _named() -> Iterator[tuple[Path, str]]:
    for text in os.environ.get(VARIABLE, "").split(os.pathsep):
        if text:
            yield Path(text), VARIABLE


def _entered() -> Iterator[tuple[Path, str]]:
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        for folder in _folders(entry):
            yield folder, f"entry point {entry.name}"


def _folders(entry: EntryPoint) -> list[Path]:
    """Return where a package lies, without running any code of it: only its top is looked up, and never imported."""
    top, *inner = entry.value.partition(":")[0].strip().split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return []
    return [Path(place, *inner) for place in (spec.submodule_search_locations or ())] if spec is not None else []


def _shipped() -> Iterator[tuple[Path, str]]:
    yield data_folder("examples"), "shipped"
