"""Make packs: a new one to fill in, and the invented extract of one, in the true layout of its source."""

import os
import re
from dataclasses import replace
from pathlib import Path

from migstat.api.checking import read_mapping
from migstat.read.codelists import codelist
from migstat.read.packs.document import read_cases, read_draws, read_layout
from migstat.read.structures import structure as shipped_structure
from migstat.words.finding import Finding, MigstatError, misuse
from migstat.words.mapping import Mapping
from migstat.words.pack import PackCase
from migstat.words.source import Wave
from migstat.work.packs.draw import draw
from migstat.write.atomic import write_text
from migstat.write.extract import write_extract
from migstat.write.pack_scaffold import scaffold

GENERATOR = "generate.csv"


KINDS = {"census": "CENSUS_PERSON", "survey": "SURVEY_PERSON", "administrative": "RESIDENCE_PERMIT"}
"""Each kind of source with the structure that its records fill, unless another is named."""


def new_pack(
    id: str,
    *,
    into: str | os.PathLike[str] = ".",
    kind: str = "",
    area: str = "",
    structure: str = "",
) -> Path:
    """Write a new pack into a folder of ``into``, named by its id in small letters; return that folder.

    ``kind`` is census, survey or administrative, and ``area`` an alpha-3 code; both are taken from an id such as
    KEN_CENSUS_2029 where they are not given. ``structure`` is the record structure to fill. TODO stands wherever a
    person must decide. Raises Misuse where the id is none, or the folder is there already.
    """
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", id):
        better = re.sub(r"[^A-Z0-9_]+", "_", id.upper()).lstrip("_0123456789") or "KEN_CENSUS_2029"
        raise misuse(f"{id} is not an id: capitals, digits and _, a capital first", f"write {better}")
    kind = kind or ("survey" if "SURVEY" in id else "administrative" if "REGISTER" in id else "census")
    if kind not in KINDS:
        raise misuse(f"kind: {kind} is not known", f"one of {', '.join(KINDS)}")
    first = id.partition("_")[0]
    areas = codelist("CL_AREA")
    area = area or (first if first in areas else "")
    if area and area not in areas:
        near = areas.nearest(area, 3)
        raise misuse(
            f"CL_AREA has no code '{area}'", f"write {', or '.join(near)}" if near else "migstat codes CL_AREA"
        )
    wanted = shipped_structure(structure or KINDS[kind])
    if wanted.kind != "record":
        raise misuse(f"{wanted.id} describes tables, not records", "name a record structure, such as CENSUS_PERSON")
    folder = Path(into) / id.lower()
    if folder.exists():
        raise misuse("is there already", "take another id, or another --into", place=str(folder))
    for name, text in scaffold(id, kind, area, wanted).items():
        write_text(folder / name, text)
    (folder / "extract").mkdir()
    return folder


def make_extract(
    folder: str | os.PathLike[str],
    *,
    rows: int | None = None,
    seed: str | int | None = None,
    into: str | os.PathLike[str] | None = None,
) -> tuple[Path, ...]:
    """Make the extracts of a pack from its generate.csv, in the true layout; return the files.

    ``rows`` and ``seed`` are those of golden/cases.csv unless given; ``into`` is the pack's folder ``extract``. The
    same pack, rows and seed give the same bytes. Every record is invented.
    """
    path = Path(folder)
    if not (path / GENERATOR).is_file():
        mend = "write generate.csv with a line column,when,values; generate.py is code of the pack, and yours to run"
        raise misuse(f"has no {GENERATOR}", mend, place=str(folder))
    made = []
    for case in {case.extract: case for case in reversed(read_cases(path))}.values():
        wanted = replace(case, rows=case.rows if rows is None else rows, seed=case.seed if seed is None else str(seed))
        made.append(made_extract(path, wanted, Path(into) if into is not None else path / "extract"))
    return tuple(sorted(made))


def made_extract(path: Path, case: PackCase, into: Path) -> Path:
    """Make the extract of one case."""
    mapping = read_mapping(path / case.mapping)
    layout = read_layout(path, case.round)
    frame = draw(read_draws(path), layout, mapping, _wave(mapping, case), case)
    write_extract(frame, into / case.extract, mapping.source.format, layout)
    return into / case.extract


def _wave(mapping: Mapping, case: PackCase) -> Wave | None:
    if not case.wave:
        return None
    found = next((wave for wave in mapping.waves if wave.id == case.wave), None)
    if found is None:
        known = ", ".join(wave.id for wave in mapping.waves) or "none: the mapping has no waves"
        raise MigstatError([Finding(case.place, "", f"{mapping.id} has no wave {case.wave}", f"name one of {known}")])
    return found
