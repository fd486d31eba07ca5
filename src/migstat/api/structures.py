"""Structures and codelists in the files by which registries and offices exchange them: read, and written."""

import datetime
import os
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from migstat.api import gathering
from migstat.read.codelists import codelist, codelist_ids
from migstat.read.mappings.faults import nearest
from migstat.read.sdmx.files import read_artefacts as read_sdmx
from migstat.read.structure_paths import codelist_at, codelists_of, structure_at
from migstat.words.artefacts import Artefacts
from migstat.words.codelist import Codelist
from migstat.words.finding import misuse
from migstat.words.structure import Structure
from migstat.words.table import Table
from migstat.work.present import present
from migstat.write.atomic import write_bytes
from migstat.write.codelist_csv import codelist_csv, write_codelist_csv
from migstat.write.sdmx import data_schema as schemas
from migstat.write.sdmx.json20 import json20_text
from migstat.write.sdmx.message import Head
from migstat.write.sdmx.ml import message_ml

Format = Literal["ml21", "ml30", "json20", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)
ENDINGS: dict[str, Format] = {".json": "json20", ".csv": "csv", ".xml": "ml30"}


def read_structure(path: str | os.PathLike[str], id: str = "") -> Structure:
    """Return the structure in a file or folder, with its codelists, dataflows and constraints.

    SDMX-ML 2.1, 3.0 and 3.1, SDMX-JSON 2.0 and our own YAML are read. Give the ``id`` where the file holds several
    structures. A codelist that a component names is looked for in the same file or folder. Raises MigstatError with
    all faults at once.
    """
    return structure_at(Path(path), id)


def read_codelist(path: str | os.PathLike[str], id: str = "") -> Codelist:
    """Return the codelist in a file or folder: SDMX-ML, SDMX-JSON, or CSV with a TOML header beside it."""
    return codelist_at(Path(path), id)


def read_artefacts(path: str | os.PathLike[str]) -> Artefacts:
    """Return all that a structure file, or a folder of them, holds: codelists, schemes, structures, constraints."""
    return read_sdmx(Path(path))


def write_structure(
    what: str | Structure | Codelist | Table | Artefacts | None,
    path: str | os.PathLike[str],
    format: Format | None = None,
    *,
    alone: bool = False,
    prepared: str = "",
) -> None:
    """Write a structure or codelist with all that belongs to it, in six languages, for a registry or an office.

    ``what`` is an id, a structure, a codelist, a table (then with the codes that are in it, as a constraint), whatever
    ``read_artefacts`` gave, or None for all that ships. ``format`` is ml21, ml30, json20, or csv for a codelist; where
    it is not given, the ending of the file says it. ``alone`` writes a structure without its codelists and concepts.
    Equal content gives equal bytes; ``prepared`` is the time in the header. Raises MigstatError with all that a format
    cannot say, before anything is written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_structure("CL_SEX", f"{folder}/CL_SEX.json")
    ...     read_codelist(f"{folder}/CL_SEX.json").label("F", "ru")
    'Женский'
    """
    wanted = format or ENDINGS.get(Path(path).suffix.lower())
    if wanted is None:
        raise misuse(f"no format is known by the ending of {Path(path).name}", f"say which: {' | '.join(FORMATS)}")
    found = codelist_at(what) if isinstance(what, str) and _is_codelist(what) else what
    if wanted == "csv" and isinstance(found, Codelist):
        write_codelist_csv(found, path)
    else:
        write_bytes(path, structure_bytes(found, wanted, alone=alone, prepared=prepared))


def structure_bytes(
    what: str | Structure | Codelist | Table | Artefacts | None,
    format: Format = "ml30",
    *,
    alone: bool = False,
    prepared: str = "",
) -> bytes:
    """Return what ``write_structure`` writes."""
    if format not in FORMATS:
        raise misuse(f"there is no format {format}", nearest(format, FORMATS), component="format")
    found = codelist_at(what) if isinstance(what, str) and _is_codelist(what) else what
    if format == "csv":
        if not isinstance(found, Codelist):
            raise misuse("only a codelist is written as CSV", "write ml30, ml21 or json20", component="format")
        return codelist_csv(found).encode()
    artefacts, id = _gathered(found, alone)
    head = Head(id, prepared or _prepared())
    if format == "json20":
        return json20_text(artefacts, head).encode()
    return message_ml(artefacts, "2.1" if format == "ml21" else "3.0", head)


def write_data_schema(
    structure: str | Structure,
    path: str | os.PathLike[str],
    *,
    version: schemas.Version = "2.1",
    lay: Literal["flat", "series"] = "flat",
    official: str = "",
) -> None:
    """Write the XML schema of a structure's data, by which any validator refuses wrong codes, numbers and periods.

    It stands beside the official schemas of that version of SDMX-ML, or in a folder from which ``official`` leads to
    them. ``lay`` is how the data are laid out. A missing mandatory attribute is refused too.
    """
    write_bytes(path, data_schema(structure, version=version, lay=lay, official=official))


def data_schema(
    structure: str | Structure,
    *,
    version: schemas.Version = "2.1",
    lay: Literal["flat", "series"] = "flat",
    official: str = "",
) -> bytes:
    """Return what ``write_data_schema`` writes."""
    found = structure if isinstance(structure, Structure) else structure_at(structure)
    at: schemas.At = "TIME_PERIOD" if lay == "series" else "AllDimensions"
    whole = gathering.with_codelists(found)
    return schemas.data_schema(whole, version=version, at=at, schemas=official)


def _is_codelist(name: str) -> bool:
    return name in codelist_ids() or Path(name).name.startswith("CL_")


def _gathered(what: str | Structure | Codelist | Table | Artefacts | None, alone: bool) -> tuple[Artefacts, str]:
    """Return what goes into the message, and the id by which it is known."""
    match what:
        case None:
            return gathering.everything(), "MIGSTAT"
        case Artefacts():
            return what, "STRUCTURES"
        case Codelist():
            return gathering.of_codelist(what), what.id
        case Table():
            there = present(what, codelists_of(what.structure))
            artefacts = gathering.of_structure(what.structure, alone=alone)
            return replace(artefacts, constraints=(*artefacts.constraints, there)), what.structure.id
        case Structure():
            return gathering.of_structure(what, alone=alone), what.id
        case _:
            found = structure_at(what)
            return gathering.of_structure(found, alone=alone), found.id


def _prepared() -> str:
    """Return the day on which the newest of the codelists was made: messages of equal content are equal."""
    days = (codelist(id).retrieved for id in codelist_ids())
    newest = max((day for day in days if day is not None), default=datetime.date(2026, 1, 1))
    return f"{newest.isoformat()}T00:00:00"
