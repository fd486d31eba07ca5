"""The CSV files of a pack: its cases, its layout, and the lines from which its extract is drawn."""

import re
from collections.abc import Iterator
from pathlib import Path

from migstat.read.expression import parse_expression
from migstat.read.mappings.faults import Faults, nearest
from migstat.read.office_tables import csv_lines, table_text
from migstat.words.finding import MigstatError, Place
from migstat.words.pack import Draw, Item, Layout, PackCase

CASES = ("case", "mapping", "wave", "extract", "rows", "seed")
DRAWS = ("column", "when", "values", "rows", "wave", "because")
MOST_ROWS = 100_000
"""Of a case, or spoilt by a line; who wants more says so with --rows."""
LONGEST = 200
"""Signs of one value; a list of codes after ``recode`` may be ten times as long."""
LARGEST = 5_000_000
"""Bytes; a file of a pack that is read whole."""
ABSENT = "write it, or let migstat pack new write a whole pack to begin with"
_ITEM = re.compile(r"(.*?)(?:\s*\*\s*(\d+(?:\.\d+)?))?", re.DOTALL)
_LINES = re.compile(r"recode(?:\s+of\s+(?P<of>\w+))?(?:\s+(?P<how>but|to)\s+(?P<codes>\w+(?:\s*,\s*\w+)*))?")


def read_cases(folder: Path) -> tuple[PackCase, ...]:
    """Read golden/cases.csv: which extract runs with which mapping and round. Raise MigstatError with every fault."""
    faults = Faults()
    found = []
    for row, place in _rows(folder, "golden/cases.csv", CASES, CASES[:1] + CASES[1:2] + CASES[3:4], faults):
        rows = _whole(row, "rows", 200, place, faults)
        name = row["case"]
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
            faults.add(place, f"case: {name or 'empty'} cannot be the name of a file", "use letters, digits, _ and -")
        for key, ending in (("mapping", "yaml"), ("extract", "csv")):
            if Path(row[key]).name != row[key] or row[key] in ("", ".."):
                faults.add(
                    place, f"{key}: {row[key] or 'empty'} is not the name of a file", f"write it as name.{ending}"
                )
        found.append(
            PackCase(name, row["mapping"], row["extract"], place, row.get("wave", ""), rows, row.get("seed") or "1")
        )
    if not found and not faults.findings:
        faults.add(
            Place("golden/cases.csv", 1), "no case is listed", "write a line such as census,mapping.yaml,,census.csv"
        )
    faults.settle()
    return tuple(found)


def read_layout(folder: Path, wave: str = "") -> Layout:
    """Read layout.csv: the columns of the file in their order, of one round where it tells them apart."""
    faults = Faults()
    columns: list[str] = []
    fixed: list[tuple[int, int]] = []
    for row, place in _rows(folder, "layout.csv", None, (), faults):
        if "column" not in row and "name" not in row:
            faults.add(
                Place("layout.csv", 1), "has no column 'column'", "begin with a line column, or column,start,width"
            )
            break
        if row.get("wave") and wave and row["wave"] != wave:
            continue
        name = row.get("column") or row.get("name") or ""
        if name in columns:
            faults.add(place, f"column '{name}' is listed twice", "keep one of the two")
        columns.append(name)
        if row.get("start") and row.get("width"):
            fixed.append((_whole(row, "start", 1, place, faults), _whole(row, "width", 1, place, faults)))
    if fixed and len(fixed) < len(columns):
        faults.add(
            Place("layout.csv", 1), "some columns have a start and a width, and some have not", "give all of them"
        )
    faults.settle()
    return Layout(tuple(columns), tuple(fixed))


def read_draws(folder: Path) -> tuple[Draw, ...]:
    """Read generate.csv, in its order. Raise MigstatError with every fault."""
    faults = Faults()
    found = []
    for row, place in _rows(folder, "generate.csv", DRAWS, DRAWS[:3], faults):
        faults.component = row["column"]
        names = tuple(name.strip() for name in row["column"].split("+"))
        if not all(names):
            faults.add(place, "the line names no column", "write the column whose values it gives")
        when = None
        if row["when"].strip():
            try:
                when = parse_expression(row["when"], place, row["column"])
            except MigstatError as error:
                faults.take(error)
        rows = _whole(row, "rows", 0, place, faults)
        if rows and row["when"].strip():
            faults.add(
                place, "a line that spoils rows has a condition", "leave when empty: such rows come besides all others"
            )
        found.append(Draw(names, tuple(_items(row["values"], place, faults)), place, when, row.get("wave", ""), rows))
    faults.component = ""
    faults.settle()
    return tuple(found)


def _items(text: str, place: Place, faults: Faults) -> Iterator[Item]:
    for part in text.split("|"):
        if len(part) > (10 * LONGEST if part.strip().startswith("recode") else LONGEST):
            faults.add(place, f"a value of {len(part):,} signs is longer than {LONGEST}", "part values by |")
            continue
        match = _ITEM.fullmatch(part.strip())
        said, share = (match[1].strip(), float(match[2] or 1)) if match else (part, 1.0)
        lines = _LINES.fullmatch(said)
        if lines is not None:
            codes = tuple(code.strip() for code in (lines["codes"] or "").split(",") if code.strip())
            but, to = (codes, ()) if lines["how"] == "but" else ((), codes)
            yield Item("", share, True, lines["of"] or "", but, to)
        else:
            yield Item("" if said == '""' else said, share)


def _whole(row: dict[str, str], key: str, plain: int, place: Place, faults: Faults) -> int:
    text = row.get(key, "").strip()
    if not text:
        return plain
    if not text.isdecimal() or len(text) > 9 or int(text) > MOST_ROWS:
        faults.add(
            place, f"{key}: {text[:9]} is not a whole number up to {MOST_ROWS:,}", f"write {key} as {plain or 2}"
        )
        return plain
    return int(text)


def _rows(
    folder: Path, name: str, known: tuple[str, ...] | None, needed: tuple[str, ...], faults: Faults
) -> Iterator[tuple[dict[str, str], Place]]:
    """Yield the lines of a CSV file of the pack with their places."""
    path = folder / name
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            faults.add(Place(name), "is a link that leads out of the pack", "put the file itself there")
            return
        if not path.exists():
            faults.add(Place(name), "is not there", ABSENT)
            return
        rows = list(csv_lines(table_text(path, name, LARGEST, "a pack holds a small invented extract"), name))
    except OSError:
        faults.add(Place(name), "is not there", ABSENT)
        return
    except MigstatError as error:
        faults.take(error)
        return
    head = rows[0][1] if rows else []
    for cell in head if known is not None else ():
        if cell not in (known or ()):
            faults.add(Place(name, 1), f"column '{cell}' is not known", nearest(cell, known or ()))
    for cell in needed:
        if cell not in head:
            faults.add(Place(name, 1), f"has no column '{cell}'", f"begin with a line {','.join(needed)}")
            return
    for begins, cells in rows[1:]:
        if any(cell.strip() for cell in cells):  # A spreadsheet leaves rows of nothing but separators behind.
            yield dict.fromkeys(head, "") | dict(zip(head, cells, strict=False)), Place(name, begins)
