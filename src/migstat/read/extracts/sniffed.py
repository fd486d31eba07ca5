"""Sniffed formats: how a file that nobody has described is written, as its first bytes tell it."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migstat.read.extracts.kinds import kind_by_start
from migstat.read.extracts.pieces import pieces_of
from migstat.read.heads import SNIFFED, read_head
from migstat.read.packed import explained, first_bytes, foreign, unpacked
from migstat.read.statistical_files import KINDS
from migstat.words.finding import Finding, Place, Severity
from migstat.words.source import AUTO, Format

RECURRING = 500
"""Lines in which the cells of the first are looked for."""
MOST_TOLD = 8
"""So many columns whose names look like values are numbered."""


@dataclass(frozen=True, slots=True)
class Sniffed:
    """How a file is written, and what had to be assumed for it."""

    format: Format
    findings: tuple[Finding, ...] = ()


def sniff(
    path: Path, columns: tuple[str, ...] = (), said: Mapping[str, Any] | None = None, *, named: bool | None = None
) -> Sniffed:
    """Return how a file is written: kind, encoding, separator, and whether it has a header.

    A file whose first line holds values has none: its ``columns`` are those given, or numbered. ``named`` says whether
    it has a header where somebody knows; where nobody does, what is not plain of it is a finding. What is ``said`` of
    the format, by the names of its parts, is not looked for. Of a folder, and of several members of a zip, the first
    tells.
    """
    said = dict(said or {})
    if pieces := pieces_of(path, Format(member=said.get("member", ""))):
        first = sniff(pieces[0].path, columns, {**said, "member": pieces[0].member}, named=named)
        return replace(first, format=replace(first.format, member=said.get("member", "")))
    kind = kind_by_start(path, Format(member=said.get("member", "")))
    if kind:
        kinds = {"kind": KINDS.get(kind, kind), "header": AUTO if kind == "excel" else Format().header}
        return Sniffed(Format(**{**kinds, **said}))
    foreign(path.name, first_bytes(path))
    # Of a file that nobody has described it is not known that its first line is a header.
    plain = Format(**{"header": 0, **said})
    with explained(path.name, plain), unpacked(path, plain) as (file, _, _, name):
        start = file.read(SNIFFED)
    head = read_head(start, plain, (), name)
    text = start.decode(head.format.encoding, errors="replace").removeprefix("\ufeff")
    lines = text.splitlines()
    format = replace(head.format, header=1)
    separator = _separator(lines[max(0, plain.header - 1) :])
    if separator and separator != format.delimiter and separator not in "," and "delimiter" not in said:
        format = replace(format, delimiter=separator)
    header = _header(lines, format)
    found = list(head.findings)
    if "header" in said:
        header = said["header"]
    elif named is not None:
        header = max(1, header) if named else 0
    elif (told := _doubt(lines, format, header, bool(columns))) is not None:
        found.append(Finding(Place(path.name, max(1, header)), "", *told, Severity.WARNING, rule="assumed"))
    if header == 0:
        width = len(_cells(lines[0], format))
        columns = said.get("columns") or columns
        names = columns if len(columns) == width else tuple(f"C{number}" for number in range(1, width + 1))
        format = replace(format, header=0, columns=names, trim=_blank_after(lines, format))
    elif header > 1:
        format = replace(format, header=header)
    if format.delimiter == ";" and "decimal" not in said and _decimal_comma(lines, format):
        format = replace(format, decimal=",")
    return Sniffed(format, tuple(found))


def _separator(lines: list[str]) -> str:
    """Return the separator that stands equally often in the first lines, below notes that have none, or nothing."""
    some = [line for line in lines[:20] if line.strip()]
    for notes in (0, len(some) // 2):
        counts = {sign: _below_notes([line.count(sign) for line in some], notes) for sign in (",", ";", "\t", "|")}
        even = [sign for sign, found in counts.items() if len(set(found)) == 1 and 0 not in found]
        if even:
            return max(even, key=lambda sign: counts[sign][0])
    return ""


def _below_notes(counts: list[int], most: int) -> list[int]:
    """Leave out the lines at the start that have no such sign, but for so many at most."""
    first = next((at for at, count in enumerate(counts) if count), 0)
    return counts[min(first, most) :]


def _cells(line: str, format: Format) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=format.delimiter, quotechar=format.quote or None), [])
    except csv.Error:
        return line.split(format.delimiter)


def _header(lines: list[str], format: Format) -> int:
    """Return the line of the header, counted from 1; 0 where the first line holds values already."""
    rows = [[cell.strip() for cell in _cells(line, format)] for line in lines[:30]]
    widths = [len(row) for row in rows[:30] if any(row)]
    if not widths:
        return 1
    wide = max(widths)
    for number, row in enumerate(rows, 1):
        if len(row) >= wide and sum(bool(cell) for cell in row) >= 0.8 * wide:
            numbers = sum(cell.lstrip("-").replace(".", "", 1).isdecimal() for cell in row)
            repeated = len(set(row)) < len(row)
            others = [*lines[: number - 1], *lines[number:RECURRING]]
            values = (numbers >= 2 and repeated) or numbers > 0.3 * len(row) or _recur(row, others, format)
            # Lines above that are as wide are rows with blanks, and no titles.
            rows_above = all(len(above) >= wide for above in rows[: number - 1])
            return 0 if values and rows_above else number
    return 1


def _doubt(lines: list[str], format: Format, header: int, known: bool) -> tuple[str, str] | None:
    """Return what is not plain of the header, with the mend; no value of the file is said."""
    if not lines:
        return None
    if header == 0:
        what = "the first line looks like values, and is read as the first row"
        named = "the columns have the names of the codebook" if known else "the columns are called C1, C2 and so on"
        mend = "name the columns under source.format.columns; if the first line has their names, draft with --header"
        return f"{what}: {named}", mend
    row = [cell.strip() for cell in _cells(lines[header - 1], format)]
    seen = _below(lines[header : header + RECURRING], len(row), format)
    like = [
        number
        for number, (cell, column) in enumerate(zip(row, seen, strict=True), 1)
        if cell and (cell in column or cell.lstrip("-").replace(".", "", 1).replace(",", "", 1).isdecimal())
    ]
    if not like:
        return None
    looks = "name looks like a value" if len(like) == 1 else "names look like values"
    listed = ", ".join(str(number) for number in like[:MOST_TOLD]) + (" and more" if len(like) > MOST_TOLD else "")
    what = f"line {header} is taken for the names of the columns, and {len(like)} of its {len(row)} {looks}"
    return f"{what}: column {listed}", "if it is a row already, draft with --no-header: header: 0 under source.format"


def _recur(row: list[str], others: list[str], format: Format) -> bool:
    """Say whether cells of a line stand in other lines of their columns too, as values do and names do not."""
    seen = _below(others, len(row), format)
    again = sum(bool(cell) and cell in column for cell, column in zip(row, seen, strict=True))
    return again >= max(1, 0.25 * len(row))


def _below(lines: list[str], width: int, format: Format) -> list[set[str]]:
    """Return the values of each column in some lines."""
    rows = [[cell.strip() for cell in _cells(line, format)] for line in lines]
    return [{cells[at] for cells in rows if at < len(cells)} for at in range(width)]


def _blank_after(lines: list[str], format: Format) -> bool:
    return bool(lines) and format.delimiter + " " in lines[0]


def _decimal_comma(lines: list[str], format: Format) -> bool:
    cells = [cell for line in lines[1:200] for cell in _cells(line, format)]
    commas = sum(cell.strip().lstrip("-").replace(",", "", 1).isdecimal() and "," in cell for cell in cells)
    points = sum(cell.strip().lstrip("-").replace(".", "", 1).isdecimal() and "." in cell for cell in cells)
    return commas > points
