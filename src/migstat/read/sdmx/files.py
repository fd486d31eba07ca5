"""Structure files and folders in: which files hold structures, and what of them is asked for."""

from pathlib import Path
from typing import TypeVar

from migstat.read.mappings.faults import nearest
from migstat.read.packed import GZIP, ZIP
from migstat.read.sdmx import json20, ml
from migstat.read.sdmx.assemble import assemble
from migstat.read.sdmx.parsed import Parsed
from migstat.words.artefacts import Artefacts
from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.structure import Structure

T = TypeVar("T")
ENDINGS = (".xml", ".xml.gz", ".xml.zip", ".zip", ".json", ".json.gz")


def read_artefacts(path: Path) -> Artefacts:
    """Return all artefacts of a structure message, or of a folder of them, with references followed among them.

    SDMX-ML 2.1, 3.0 and 3.1 and SDMX-JSON 2.0 are read. Raises MigstatError, all faults at once, where a file is
    damaged or of another version, or where a structure refers to a codelist that is in none of the files.
    """
    return assemble(_parsed(path), path.name)


def read_structure_file(path: Path, id: str = "") -> Structure:
    """Return the structure of a file or folder; the one of that id where it holds several."""
    found = {one.id: one for one in read_artefacts(path).structures}
    return _one(found, id, path, "structure")


def read_codelist_file(path: Path, id: str = "") -> Codelist:
    """Return the codelist of a file or folder; the one of that id where it holds several."""
    found = {one.id: one for one in assemble(_parsed(path), path.name, alone=True).codelists}
    return _one(found, id, path, "codelist")


def _parsed(path: Path) -> Parsed:
    parsed = Parsed()
    faults: list[Finding] = []
    for file in structure_files(path):
        format = json20 if _is_json(file) else ml
        try:
            # Data may lie beside the structures of a folder; a file that is named is one of structures, or wrong.
            if file == path or format.is_structure_message(file):
                format.parse(file, parsed)
        except MigstatError as error:
            faults += error.findings
    if faults:
        raise MigstatError(faults)
    return parsed


def structure_files(path: Path) -> list[Path]:
    """Return the file itself, or the files of a folder that may hold structures, in the order of their names."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise misuse(f"there is no file or folder {path.name}", "check the name", place=str(path))
    return sorted(one for one in path.iterdir() if one.is_file() and one.name.lower().endswith(ENDINGS))


def _is_json(path: Path) -> bool:
    """Tell by the first sign in the file, since names tell little; a packed file by its name."""
    with path.open("rb") as file:
        start = file.read(256).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((GZIP, *ZIP)):
        return ".json" in path.name.lower()
    return start.startswith((b"{", b"["))


def _one(found: dict[str, T], id: str, path: Path, noun: str) -> T:
    if id in found:
        return found[id]
    if not found:
        raise MigstatError([Finding(Place(path.name), id, f"holds no {noun}", f"name a file that holds a {noun}")])
    if id:
        raise misuse(f"{path.name} holds no {noun} {id}", nearest(id, found), component=id)
    if len(found) > 1:
        raise misuse(f"{path.name} holds {len(found)} {noun}s: {', '.join(found)}", f"say which {noun}")
    return next(iter(found.values()))
