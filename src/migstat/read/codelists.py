"""Codelists in: a CSV of codes and its TOML header become a Codelist; the one place that knows where data lies."""

import csv
import datetime
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from migstat.words.codelist import LANGUAGES, Code, Codelist
from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.how_many import how_many

NAMES = tuple(f"name_{language}" for language in LANGUAGES)
REQUIRED = ("id", "parent", *NAMES)
OPTIONAL = ("valid_from", "valid_to", "lower", "upper")
HEADER = ("id", "agency", "version", "names", "description", "source", "standing", "retrieved", "licence")
STANDINGS = ("standard", "derived", "general knowledge, to be confirmed")
CODE_ID = re.compile(r"[A-Za-z0-9_@$-]+")


class CodelistError(MigstatError):
    """A codelist that cannot be used: every fault of its two files, each with file and line."""


@dataclass(frozen=True, slots=True)
class Membership:
    """An area's time in a group; ``valid_to`` is the first day on which it is no longer a member."""

    group: str
    area: str
    valid_from: datetime.date | None
    valid_to: datetime.date | None


def data_folder(name: str) -> Path:
    """Return the folder ``codelists``, ``schemas`` or ``examples``: inside the installed package, or in the checkout.

    >>> (data_folder("codelists") / "CL_SEX.csv").exists()
    True
    """
    package = Path(__file__).parents[1]
    for folder in (package / "_data" / name, package.parents[1] / name):
        if folder.is_dir():
            return folder
    raise misuse(f"the folder {name!r} is neither in the package nor in a checkout", "install migstat again")


@cache
def codelist_ids() -> tuple[str, ...]:
    """Return the ids of all codelists that ship, in alphabetical order.

    >>> "CL_SEX" in codelist_ids()
    True
    """
    return tuple(sorted(path.stem for path in data_folder("codelists").glob("CL_*.csv")))


@cache
def codelist(id: str) -> Codelist:
    """Read one of the codelists that ship; raise CodelistError with the nearest ids where there is none of that name.

    >>> codelist("CL_SEX").label("F", "fr")
    'Féminin'
    """
    if id not in codelist_ids():
        near = get_close_matches(id.upper(), codelist_ids(), 3, 0.5)
        mend = f"write one of {', '.join(near)}" if near else "migstat codes lists them"
        raise CodelistError([Finding(Place("codelists"), id, "there is no such codelist", mend)])
    folder = data_folder("codelists")
    return read_codelist(folder / f"{id}.csv", folder / f"{id}.toml")


def groups(date: datetime.date | None = None) -> tuple[str, ...]:
    """Return the groups of areas that have members on a day, in alphabetical order; all groups without a day.

    >>> "EU" in groups(datetime.date(2020, 2, 1))
    True
    """
    found = {row.group for row in memberships()}
    return tuple(sorted(group for group in found if date is None or members(group, date)))


def members(group: str, date: datetime.date | None = None) -> frozenset[str]:
    """Return the areas of a group on a day; without a day, every area that ever was a member.

    A fixed composition (EU15, EU27_2020) has the same members on any day, because its name says which they are.

    >>> "GBR" in members("EU", datetime.date(2019, 12, 31)), "GBR" in members("EU", datetime.date(2020, 2, 1))
    (True, False)
    """
    fixed = codelist("CL_AREA_GROUP")[group].attributes["membership"] == "fixed"
    return frozenset(
        row.area for row in memberships() if row.group == group and (fixed or date is None or _holds(row, date))
    )


def read_codelist(csv_path: Path, toml_path: Path, *, shipped: bool = True) -> Codelist:
    """Read a codelist from its table of codes and its header; raise CodelistError with all faults of both at once.

    One that ships has names in all six languages; one of an office's own has them in those it wants, at least one.

    >>> folder = data_folder("codelists")
    >>> read_codelist(folder / "CL_YES_NO.csv", folder / "CL_YES_NO.toml").ids[:2]
    ('Y', 'N')
    """
    faults: list[Finding] = []
    header = _read_header(toml_path, csv_path.stem, faults, shipped)
    codes = _read_codes(csv_path, faults, shipped)
    if faults:
        raise CodelistError(sorted(faults, key=lambda fault: (fault.place.file, fault.place.line or 0)))
    return Codelist(codes=tuple(codes), **header)


def _read_header(path: Path, id: str, faults: list[Finding], shipped: bool) -> dict[str, Any]:
    text = _text(path, id, faults)
    if text is None:
        return {}
    try:
        header = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # A number may be too long, and lists too deep.
        line = re.search(r"line (\d+)", str(error))
        place = Place(path.name, int(line[1]) if line else None)
        faults.append(Finding(place, id, f"is not TOML: {error}", "mend the quote, bracket or equals sign there"))
        return {}

    def fault(key: str, what: str, mend: str) -> None:
        faults.append(Finding(Place(path.name, _line_of(text, key)), id, what, mend))

    for key in HEADER:
        if key not in header:
            fault(key, f"has no {key!r}", f"add a line {key} = ...")
    for key in header:
        if key not in HEADER:
            near = get_close_matches(key, HEADER, 1)
            fault(key, f"{key!r} is not a key of a header", f"write {near[0]}" if near else "remove it")
    if header.get("id", id) != id:
        fault("id", f"the id {header['id']!r} is not the name of the file", f'write id = "{id}"')
    if header.get("standing", STANDINGS[0]) not in STANDINGS:
        fault("standing", f"{header['standing']!r} is not a standing", "write " + " | ".join(STANDINGS))
    for key, value in header.items():
        if key in HEADER and key not in ("names", "retrieved") and not isinstance(value, str | int | float):
            fault(key, f"{key} is no text", f'write {key} = "..."')
    names = header.get("names", dict.fromkeys(LANGUAGES, id))
    if not isinstance(names, dict):
        fault("names", "the names are not a table", "write a line [names], and under it en = ...")
    for language, name in names.items() if isinstance(names, dict) else ():
        if not isinstance(name, str):
            fault(str(language), f"the name in {language!r} is no text", f'write {language} = "..."')
    for language in LANGUAGES if isinstance(names, dict) and shipped else ():
        if not names.get(language):
            fault("names", f"has no name in {language!r}", f"add {language} to the names")
    if isinstance(names, dict) and not any(isinstance(name, str) and name for name in names.values()):
        fault("names", "has no name in any language", "write under [names] a line en = ...")
    if not isinstance(header.get("retrieved", datetime.date.min), datetime.date):
        fault("retrieved", f"{header['retrieved']!r} is not a date", "write it without quotes, as 2024-01-31")
    return {key: str(value) if isinstance(value, int | float) else value for key, value in header.items()}


def _read_codes(path: Path, faults: list[Finding], shipped: bool) -> list[Code]:
    rows = list(_rows(path, REQUIRED if shipped else REQUIRED[:2], faults))
    columns = NAMES if shipped else tuple(name for name in (rows[0][1] if rows else ()) if name.startswith("name_"))
    if rows and not columns:
        place = Place(path.name, 1)
        faults.append(Finding(place, path.stem, "the header has no column of names", "add name_en, or name_fr"))
    codes: list[Code] = []
    lines: dict[str, int] = {}
    for line, row in rows:
        id = row["id"]

        def fault(what: str, mend: str, line: int = line, id: str = id) -> None:
            faults.append(Finding(Place(path.name, line), id, what, mend))

        if not CODE_ID.fullmatch(id):
            fault(f"{id!r} is not an id", "use letters, digits, _ and - only")
        if id in lines:
            fault(f"is given twice, first in line {lines[id]}", "keep one of the two")
        for column in columns if shipped else ():
            if not row[column].strip():
                fault(f"has no {column}", "write the name in that language")
        lines.setdefault(id, line)
        begin, end = (_date(row.get(column, ""), column, fault) for column in ("valid_from", "valid_to"))
        if begin and end and begin >= end:
            fault("valid_to is not after valid_from", "valid_to is the first day on which the code no longer holds")
        lower, upper = (_whole(row.get(column, ""), column, fault) for column in ("lower", "upper"))
        if lower is not None and upper is not None and lower > upper:
            fault(f"lower {lower} is above upper {upper}", "both bounds are included")
        names = {column.removeprefix("name_"): row[column] for column in columns if row[column].strip()}
        others = {name: value for name, value in row.items() if name not in ("id", "parent", *columns, *OPTIONAL)}
        codes.append(Code(id, names, row["parent"] or None, begin, end, lower, upper, others))
    parents = {code.id: code.parent for code in codes}
    for code in codes:
        place = Place(path.name, lines[code.id])
        if code.parent is not None and code.parent not in parents:
            near = get_close_matches(code.parent, parents, 1)
            mend = f"write {near[0]}" if near else "add it as a code, or leave the parent empty"
            faults.append(Finding(place, code.id, f"the parent {code.parent!r} is not a code of the list", mend))
        elif (circle := _circle(code.id, parents)) is not None:
            faults.append(Finding(place, code.id, f"is its own ancestor: {' > '.join(circle)}", "cut the circle"))
    return codes


def _circle(id: str, parents: dict[str, str | None]) -> list[str] | None:
    chain = [id]
    while (parent := parents.get(chain[-1])) is not None and len(chain) <= len(parents):
        chain.append(parent)
        if parent == id:
            return chain
    return None


def _rows(path: Path, required: tuple[str, ...], faults: list[Finding]) -> Iterator[tuple[int, dict[str, str]]]:
    text = _text(path, path.stem, faults)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
    except csv.Error as error:
        faults.append(Finding(Place(path.name, 1), path.stem, f"is not CSV: {error}", "close the quote there"))
        return
    missing = [column for column in required if column not in header]
    if missing or len(set(header)) < len(header):
        what = f"the header lacks {', '.join(missing)}" if missing else "the header names a column twice"
        faults.append(Finding(Place(path.name, 1), path.stem, what, f"start with {','.join(required)}"))
        return
    start = reader.line_num + 1
    try:
        for row in reader:
            if len(row) == len(header):
                yield start, dict(zip(header, row, strict=True))
            else:
                what = f"has {how_many(len(row), 'field')}, the header {len(header)}"
                mend = "put quotes around a field that holds a comma"
                faults.append(Finding(Place(path.name, start), row[0] if row else "", what, mend))
            start = reader.line_num + 1
    except csv.Error as error:
        faults.append(Finding(Place(path.name, start), path.stem, f"is not CSV: {error}", "close the quote there"))


def _text(path: Path, component: str, faults: list[Finding]) -> str | None:
    if path.exists() and not path.is_file() and not path.is_dir():  # A pipe may never end.
        faults.append(Finding(Place(path.name), component, "is no file", "name a file"))
        return None
    try:
        raw = path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        faults.append(Finding(Place(path.name), component, what, "check the name of the file"))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(path.name, raw[: error.start].count(b"\n") + 1)
        faults.append(Finding(place, component, "is not UTF-8", "save the file as UTF-8"))
        return None


def _date(text: str, column: str, fault: Any) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        fault(f"{column} {text!r} is not a date", "write it as 1991-12-26")
        return None


def _whole(text: str, column: str, fault: Any) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        fault(f"{column} {text!r} is not a whole number", "write digits only, or leave it empty where open")
        return None
    return int(text)


def _line_of(text: str, key: str) -> int | None:
    found = re.search(rf"^[ \[]*{re.escape(key)}\b", text, re.MULTILINE)
    return text[: found.end()].count("\n") + 1 if found else None


@cache
def memberships() -> tuple[Membership, ...]:
    """Return all times that areas spent in groups, in the order of area_groups.csv."""
    path = data_folder("codelists") / "area_groups.csv"
    faults: list[Finding] = []
    found = []
    for line, row in _rows(path, ("group", "area", "from", "to"), faults):

        def fault(what: str, mend: str, line: int = line, group: str = row["group"]) -> None:
            faults.append(Finding(Place(path.name, line), group, what, mend))

        span = (_date(row["from"], "from", fault), _date(row["to"], "to", fault))
        found.append(Membership(row["group"], row["area"], *span))
    if faults:
        raise CodelistError(faults)
    return tuple(found)


def _holds(row: Membership, date: datetime.date) -> bool:
    return (row.valid_from is None or row.valid_from <= date) and (row.valid_to is None or date < row.valid_to)
