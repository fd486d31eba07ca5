"""Recode tables: CSV files beside the mapping, read as text, and the lines written in the mapping itself."""

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from migstat.read.correspondences import correspondence, correspondence_ids, fingerprint
from migstat.read.mappings.dates import first_day
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.mappings.undecided import is_open, table_mend
from migstat.read.office_tables import csv_lines, decoded
from migstat.read.placed import Placed
from migstat.words.codebook import Codebook
from migstat.words.confidence import Confidence
from migstat.words.finding import MigstatError, Place
from migstat.words.how_many import how_many
from migstat.words.mapping_rule import ANY, Line, Match, bounds
from migstat.words.undecided import TODO

SHIPPED = "map:"
"""How a recode names a correspondence that ships: map:ESTAT_GEO."""
LARGEST = 50_000_000
"""Bytes; a recode table that is larger is refused."""

MOST_NAMED = 200
"""Files among which the nearest name is looked for."""

MATCHES: tuple[Match, ...] = get_args(Match)
SAID = ("to", "match", "because", "label", "valid_from", "valid_to", "confidence")
"""The columns of a table beside those of the source."""

Cells = Mapping[str, tuple[str, Place]]


@dataclass(slots=True)
class Folder:
    """The mapping's folder: the only place from which tables are read, and what was read there."""

    path: Path | None
    faults: Faults
    hashes: dict[str, str] = field(default_factory=dict)

    def open(self, name: str, place: Place) -> str | None:
        """Return the text of a file of the folder, or None after noting why it cannot be had."""
        path = self.find(name, place)
        data = None if path is None else self._data(path, name, place)
        if data is None:
            return None
        try:
            return decoded(data, name)
        except MigstatError as error:
            self.faults.take(error)
            return None

    def codebook(self, name: str, place: Place) -> Codebook | None:
        """Return the codebook in a file of the folder, or None after noting why it cannot be had.

        A mapping within another file has no folder, and no codebook: it can be run on frames.
        """
        if self.path is None:
            return None
        path = self.find(name, place, "codebook")
        if path is None or self._data(path, name, place) is None:
            return None
        from migstat.read.codebooks import read_codebook  # only here: most mappings name none

        try:
            return read_codebook(path)
        except MigstatError as error:
            self.faults.findings += error.findings  # A codebook names its own columns.
            return None

    def find(self, name: str, place: Place, kind: str = "table") -> Path | None:
        """Return the path of a file of the folder, or None after noting why there is none."""
        if self.path is None:
            self.faults.add(place, f"{name}: a mapping within another file names no {kind}s", "write the lines out")
            return None
        path = self.path / name
        try:
            inside = path.resolve().is_relative_to(self.path.resolve())
            found = path.is_file()
        except (OSError, ValueError):
            self.faults.add(place, f"'{name[:80]}' cannot be the name of a file", "write it as tables/name.csv")
            return None
        if Path(name).is_absolute() or "\\" in name or not inside:
            what = f"{name} lies outside the folder of the mapping"
            self.faults.add(place, what, f"copy the {kind} into the folder, and name it as tables/name.csv")
            return None
        if not found:
            wanted = "*.csv" if kind == "table" else "*"
            beside = [file for file in self.path.rglob(wanted) if file.is_file()][: MOST_NAMED + 1]
            named = sorted(file.relative_to(self.path).as_posix() for file in beside)
            mend = nearest(name, named) if 0 < len(named) <= MOST_NAMED else f"write the {kind}, or mend its name"
            self.faults.add(place, f"there is no file {name}", mend)
            return None
        return path

    def _data(self, path: Path, name: str, place: Place) -> bytes | None:
        try:
            data = path.read_bytes() if path.stat().st_size <= LARGEST else None
        except OSError as error:
            self.faults.add(place, f"{name} cannot be read: {error.strerror}", "check its permissions")
            return None
        if data is None:
            self.faults.add(place, f"{name} is larger than {LARGEST:,} bytes", "split the table")
            return None
        self.hashes[Path(name).as_posix()] = hashlib.sha256(data).hexdigest()
        return data


def table_lines(folder: Folder, name: str, place: Place, columns: tuple[str, ...], pad: int | None) -> list[Line]:
    """Read a recode table: one line of it a Line, each with its own place."""
    text = folder.open(name, place)
    if text is None:
        return []
    faults = folder.faults
    rows = csv_rows(text, name, faults)
    head = next(rows, None)
    if head is None:
        faults.add(Place(name, 1), "the table is empty", f"begin with a line {_wanted(columns)}")
        return []
    if not _head_is_right(head[1], columns, Place(name, head[0]), faults):
        return []
    header = ["from" if len(columns) == 1 and cell == columns[0] else cell for cell in head[1]]
    lines = []
    for number, cells in rows:
        at = Place(name, number)
        if len(cells) != len(header):
            what = f"the line has {how_many(len(cells), 'cell')}, the head {len(header)}"
            faults.add(at, what, "put a text that holds the separator in double quotes")
            continue
        found = make_line({key: (cell, at) for key, cell in zip(header, cells, strict=True)}, columns, pad, at, faults)
        lines += [found] if found else []
    if not lines and not faults.findings:
        faults.add(Place(name, 1), "the table has a head and no lines", "write a line for each source value")
    return lines


def shipped_lines(folder: Folder, name: str, place: Place, columns: tuple[str, ...]) -> list[Line]:
    """Return the lines of a correspondence that ships, such as ``map:ESTAT_GEO``."""
    id = name.removeprefix(SHIPPED).strip()
    if len(columns) > 1:
        what = f"{name} maps one column, and the rule reads {len(columns)}"
        folder.faults.add(place, what, "name one column, or write the lines out")
        return []
    if id not in correspondence_ids():
        what = f"there is no correspondence {id or 'without a name'}"
        folder.faults.add(place, what, nearest(id, correspondence_ids()))
        return []
    folder.hashes[f"{SHIPPED}{id}"] = fingerprint(id)
    return list(correspondence(id).lines)


def csv_rows(text: str, name: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty with the line it begins in; note where the rest is no CSV."""
    try:
        yield from ((begins, cells) for begins, cells in csv_lines(text, name) if any(cells))
    except MigstatError as error:
        faults.take(error)


def _wanted(columns: tuple[str, ...]) -> str:
    return ",".join((*(columns if len(columns) > 1 else ("from",)), "to"))


def _head_is_right(header: list[str], columns: tuple[str, ...], place: Place, faults: Faults) -> bool:
    sources = columns if len(columns) > 1 else ("from",)
    known = (*sources, *columns, *SAID)
    before = len(faults.findings)
    for cell in dict.fromkeys(header):
        if cell not in known:
            faults.add(place, f"column '{cell}' is not known in a recode table", nearest(cell, dict.fromkeys(known)))
        if header.count(cell) > 1:
            faults.add(place, f"column '{cell}' is given twice", "keep one of the two")
    for cell in (*sources, "to"):
        if cell not in header and not (cell == "from" and columns[0] in header):
            faults.add(place, f"the table has no column '{cell}'", f"begin with a line {_wanted(columns)}")
    return len(faults.findings) == before


def inline_lines(placed: Placed, columns: tuple[str, ...], pad: int | None, faults: Faults) -> list[Line]:
    """Read the lines that stand in the mapping itself: a dict of value to code, or a list of dicts."""
    lines: list[Line | None] = []
    if isinstance(placed.value, dict):
        for value, code in placed.value.items():
            if len(columns) > 1:
                mend = "write a list of lines, such as {" + "".join(f"{name}: 1, " for name in columns) + "to: X}"
                faults.add(code.place, f"a recode of {how_many(len(columns), 'column')} needs a value for each", mend)
                return []
            said = {"to": code} if code.is_text else dict(faults.keys(code, SAID, f"line '{value}'"))
            cells = {"from": (value, code.place), **_cells(said, faults)}
            lines.append(make_line(cells, columns, pad, code.place, faults))
    elif isinstance(placed.value, tuple):
        for entry in placed.entries:
            sources = columns if len(columns) > 1 else ("from", columns[0])
            items = faults.keys(entry, (*sources, *SAID), "the line")
            if items:
                if len(columns) == 1 and columns[0] in items:
                    items = {"from": items[columns[0]], **items}
                lines.append(make_line(_cells(items, faults), columns, pad, entry.place, faults))
    if not placed.entries or placed.value == {}:
        faults.add(placed.place, "the recode is empty", "write it as {1: CODE, 2: CODE}, or name a table")
    return [line for line in lines if line is not None]


def _cells(items: Mapping[str, Placed], faults: Faults) -> dict[str, tuple[str, Place]]:
    cells = {}
    for key, value in items.items():
        if not value.is_text:
            faults.add(value.place, f"'{key}' is {shape(value)}, not one value", "write one line for each value")
        cells[key] = (value.text, value.place)
    return cells


def make_line(cells: Cells, columns: tuple[str, ...], pad: int | None, place: Place, faults: Faults) -> Line | None:
    """Make a Line of its cells, or None after noting what is wrong with it."""
    before = len(faults.findings)
    if any(is_open(text) for name, (text, _) in cells.items() if (name, text) != ("to", TODO)):
        faults.add(
            place, f"the line is still {TODO}", "decide it, and write what the source says; or take the line out"
        )
        return None
    names = columns if len(columns) > 1 else ("from",)
    missing = [name for name in names if name not in cells]
    if missing:
        faults.add(place, f"the line has no value for {missing[0]}", f"write {missing[0]}: '*' where any value will do")
    values = tuple(source_value(cells[name][0], place, pad, faults) for name in names if name in cells)
    if values == (ANY,):
        faults.add(place, "'*' takes every value of the column", "write else: CODE beside the recode")
    code, match, because, label, start, end, sure = _said(cells, " ".join(values), place, faults)
    if len(faults.findings) > before:
        return None
    return Line(values, code, place, match, because, label, start, end, sure)


Said = tuple[str, Match, str, str, datetime.date | None, datetime.date | None, Confidence | None]


def said_of(items: Mapping[str, Placed], of: str, place: Place, faults: Faults) -> Said | None:
    """Return code, match, because, label, dates and confidence of a line, or None after noting a fault."""
    before = len(faults.findings)
    said = _said(_cells({key: items[key] for key in SAID if key in items}, faults), of, place, faults)
    return said if len(faults.findings) == before else None


def _said(cells: Cells, of: str, place: Place, faults: Faults) -> Said:
    code = cells["to"][0].strip() if "to" in cells else ""
    if not code:
        faults.add(place, f"'{of}' has no code", "write the code, or a kind of missing such as _U")
    if code == TODO:
        because = cells["because"][0] if "because" in cells else ""
        faults.add(place, f"'{of or 'a blank'}' is not decided yet: {TODO}", table_mend(because))
    match = (cells["match"][0].strip() if "match" in cells else "") or "exact"
    if match not in MATCHES:
        faults.add_once(place, f"match: {match} is not known", nearest(match, MATCHES))
    start, end = _day(cells, "valid_from", faults), _day(cells, "valid_to", faults)
    if start and end and start >= end:
        what = f"valid_to {end} is not after valid_from {start}"
        faults.add(place, what, "valid_to is the first day on which the line no longer holds")
    kind: Match = next((known for known in MATCHES if known == match), "exact")
    because, label = (cells[key][0].strip() if key in cells else "" for key in ("because", "label"))
    sure = faults.confidence(cells["confidence"][0].strip(), cells["confidence"][1]) if "confidence" in cells else None
    return code, kind, because, label, start, end, sure


def source_value(value: str, place: Place, pad: int | None, faults: Faults) -> str:
    """Return a source value as a line holds it: padded as the column is; a range must run upwards."""
    ends = bounds(value)
    if ends is not None and ends[0] > ends[1]:
        low, high = value.split("..")
        faults.add(place, f"the range {value} runs backwards", f"write {high}..{low}")
    elif ends is None and ".." in value and value.replace("..", "").replace("-", "").strip().isalnum():
        mend = "write both ends as plain numbers, such as 1..56, or list the values"
        faults.add(place, f"'{value}' is not a range of numbers", mend)
    return value.zfill(pad) if pad and value.isdecimal() else value


def _day(cells: Cells, key: str, faults: Faults) -> datetime.date | None:
    text, place = cells.get(key, ("", None))
    if not text.strip() or place is None:
        return None
    day = first_day(text.strip())
    if day is None:
        faults.add(place, f"{key}: {text} is not a date", "write it as 2019-08-24, 2019-08, 2019-Q3 or 2019")
    return day
