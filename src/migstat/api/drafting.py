"""Draft a mapping for an extract: what its columns and answers are, how sure that is, and what is left to a person."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from migstat.api.answering import coded, recognised
from migstat.api.draft_extracts import codebook_of, opened_extract, written
from migstat.api.first_rows import ROWS, look
from migstat.api.home_country import country_of, home_of
from migstat.read.codelists import codelist
from migstat.read.mappings.dates import first_day
from migstat.read.structure_paths import codelists_of
from migstat.read.structures import structure as structure_named
from migstat.read.vocabulary import vocabulary
from migstat.words.address import is_address, told
from migstat.words.codebook import Codebook
from migstat.words.draft import Draft, Guess, Part
from migstat.words.finding import Finding, MigstatError, Misuse, Place, Severity, misuse
from migstat.words.source import Format
from migstat.words.structure import Structure
from migstat.words.undecided import TODO
from migstat.work.draft.answers import Answers
from migstat.work.draft.columns import Column
from migstat.work.draft.head import head
from migstat.work.draft.propose import propose
from migstat.work.draft.unused import unused_of
from migstat.write.atomic import write_bytes, write_text
from migstat.write.draft import draft_files

KINDS = {"CENSUS_PERSON": "census", "SURVEY_PERSON": "survey"}
Pathlike = str | os.PathLike[str]


def draft(
    extract: Pathlike,
    codebook: Pathlike | Codebook | None = None,
    *,
    id: str = "",
    area: str = "",
    date: str = "",
    structure: str = "CENSUS_PERSON",
    into: Pathlike | None = None,
    rows: int = ROWS,
    header: bool | None = None,
    format: str | Mapping[str, object] = "",
) -> Draft:
    """Propose a mapping for an extract, each part with how sure it is and why; what is not sure stays ``TODO``.

    Names, labels and values of the columns are looked at, and the ``codebook``: a data dictionary or layout as CSV, a
    DDI codebook, or one that the extract itself carries. ``area`` is the country of the source: without it, answers
    that mean the country itself stay open. The first ``rows`` of the extract are read. With ``into`` the files of the
    mapping are written to that folder, which must not hold a mapping yet. ``header`` says whether the first line of a
    text file names its columns; without it that is told from the file, and what is not plain is a finding. What else
    its first bytes do not tell of the ``format`` is said as a mapping says it: ``{"encoding": "cp1256"}``, or
    ``"member: 'persons_*.csv', header: 3"``.

    A draft shows values of the extract only where the codebook names them, or where they are few and repeated; never
    those of columns that look like names, identifiers or free text. `check` refuses a mapping that holds a ``TODO``.

    >>> import migstat as ms
    >>> made = ms.draft("examples/usa_acs_2018/extract/csv_p00.zip", area="USA", date="2018", structure="SURVEY_PERSON")
    >>> made.rule("SEX").column
    'SEX'
    """
    if is_address(extract):
        what = "a draft is made of a file, and this is a database"
        raise misuse(what, "write some of its rows as Parquet, and name that file", place=told(str(extract)))
    path = Path(extract)
    found_structure, country = _asked(path, structure, area, date, id)
    book, source = codebook_of(codebook)
    opened = opened_extract(path, book, source, format, header)
    book = opened.codebook
    counted, sample = look(opened.extract, rows)
    found = list(opened.findings)
    if counted and max(one.rows for one in counted.values()) >= rows:
        what, mend = f"the first {rows:,} rows were looked at", "name more with rows=, in Python"
        found.append(Finding(Place(path.name), "", what, mend, Severity.NOTE, rule="assumed"))
    home, began = home_of(country), first_day(date) if date else None
    year = began.year if began is not None else None
    columns = [
        Column(name, counted[name], book.variable(name) if book else None, home, year)
        for name in opened.extract.columns
    ]
    answers = Answers(vocabulary(), recognised, codelists_of(found_structure), country_of(country, columns), coded)
    top = head(columns, sample, answers, dated=bool(date), weighted=structure in KINDS)
    proposed = propose(found_structure, columns, sample, answers, top.taken)
    made = Draft(
        _id(id, area, path),
        structure,
        _head(_id(id, area, path), structure),
        _source(structure, area, date, top.parts, opened.format),
        top.keep,
        proposed.rules,
        proposed.left_out,
        tuple(found),
        unused_of(columns, (*top.parts, *top.keep), proposed.rules, proposed.left_out, proposed.near, structure),
    )
    inputs = [path.name, *([source.name] if source else [])]
    made = replace(made, files=draft_files(made, inputs))
    if into is not None:
        if opened.format.layout and source is None:
            mend = "name the file of the layout as codebook: the mapping needs it beside"
            raise misuse("the layout of a file of fixed width is no file", mend, component="codebook")
        write_draft(made, into, source if opened.format.layout else None)
    return made


def write_draft(made: Draft, folder: Pathlike, layout: Path | None = None) -> tuple[Path, ...]:
    """Write the files of a draft to a folder; raise Misuse where it holds a mapping, which may be finished."""
    place = Path(folder)
    if (place / "mapping.yaml").exists():
        raise misuse(
            "the folder holds a mapping already",
            "name another folder, or move that mapping away",
            place=str(place / "mapping.yaml"),
        )
    written = []
    if layout is not None:
        write_bytes(place / layout.name, layout.read_bytes())
        written.append(place / layout.name)
    # The mapping comes last: where it stands, its tables stand too.
    for name in sorted(made.files, key=lambda name: name == "mapping.yaml"):
        write_text(place / name, made.files[name])
        written.append(place / name)
    return tuple(written)


def _asked(path: Path, structure: str, area: str, date: str, id: str) -> tuple[Structure, str]:
    """Return the structure and the country asked for, or raise Misuse with all that is wrong of what was asked."""
    faults: list[Finding] = []
    found: Structure | None = None
    if not path.exists():
        faults += misuse("there is no such extract", "check the path", place=str(path)).findings
    try:
        found = structure_named(structure)
        if found.kind != "record":
            mend = "name a record structure, such as CENSUS_PERSON"
            faults += misuse(f"{structure} describes tables, not records", mend, component="structure").findings
    except MigstatError as error:
        faults += error.findings
    areas = codelist("CL_AREA")
    if area and area not in areas:
        near = areas.nearest(area)
        mend = (
            f"write {' or '.join(f'{one} ({areas.label(one)})' for one in near)}"
            if near
            else "see migstat codes CL_AREA"
        )
        faults += misuse(f"CL_AREA has no code '{area}'", mend, component="area").findings
    if date and first_day(date) is None:
        mend = "write it as 2019-08-24, 2019-08, 2019-Q3 or 2019"
        faults += misuse(f"'{date}' is not a date", mend, component="date").findings
    if id and not re.fullmatch(r"[A-Z][A-Z0-9_]*", id):
        faults += misuse(
            f"'{id}' is not an id: capitals, digits and _, a capital first", f"write {_as_id(id)}", component="id"
        ).findings
    if faults or found is None:
        raise Misuse(faults)
    return found, area


def _id(id: str, area: str, path: Path) -> str:
    return id or _as_id(f"{area}_{path.name.partition('.')[0]}" if area else path.name.partition(".")[0])


def _as_id(text: str) -> str:
    return re.sub(r"[^A-Z0-9_]+", "_", text.upper()).strip("_").lstrip("0123456789_") or "DRAFT"


def _head(id: str, structure: str) -> tuple[Part, ...]:
    return (Part("id", id), Part("version", "0.1"), Part("into", structure))


def _source(structure: str, area: str, date: str, parts: tuple[Part, ...], format: Format) -> tuple[Part, ...]:
    kind = KINDS.get(structure, "administrative")
    guess = Guess("KEN", 0.0, "the alpha-3 code of the country")
    found = [
        Part("kind", kind, f"{structure} is of such a source"),
        Part("by", TODO, "the office that made the file", 0.0),
        Part("area", area) if area else Part("area", TODO, "the country of the source", 0.0, (guess,)),
    ]
    if date:
        found.append(Part("date", date))
    found += [part for part in parts if part.key == "date"]
    found += [part for part in parts if part.key != "date"]
    said = written(format)
    return (*found, Part("format", said, "as the file is written")) if said else tuple(found)
