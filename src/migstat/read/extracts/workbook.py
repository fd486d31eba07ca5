"""Workbooks as extracts: a sheet of Excel or OpenDocument as text, its header found and what was assumed said.

A workbook is read whole: the format cannot be read in parts. Excel itself ends at 1,048,576 rows of a sheet.
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from migstat.read.extracts.extract import Extract
from migstat.read.extracts.sheet_heads import SheetHead, end_of_table, find_head, head_at
from migstat.read.heads import check_columns, left_behind
from migstat.read.packed import PART_ROWS, explained, fault, file_hash
from migstat.read.workbooks import Workbook, open_workbook
from migstat.words.codebook import Codebook, Variable
from migstat.words.finding import Finding, Place, Severity
from migstat.words.source import AUTO, Format

ROW = "\0row"
"""The column that numbers the rows; no cell can have such a name."""


def read_workbook(path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str]) -> Extract:
    """Open a sheet of a workbook."""
    with explained(path.name):
        book = open_workbook(path)
    findings: list[Finding] = []
    sheet, cells, head = _sheet(book, format, needed, findings)
    name = f"{path.name}/{sheet}" if len(book.sheets) > 1 else path.name
    if not cells.height:
        raise fault(name, "the sheet is empty", f"write sheet: one of {', '.join(book.sheets)}, under source.format")
    check_columns(head.columns, needed, name, head.last)
    findings += left_behind(head.columns, needed, identifiers, name)
    end = end_of_table(cells, head.last)
    findings += _said(name, cells, head, end, format)
    rows = _rows(cells, head, end)
    taken = [column for column in head.columns if column not in identifiers]
    size = path.stat().st_size
    done = 0

    def parts() -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        nonlocal done
        for part in rows.iter_slices(PART_ROWS):
            done = size
            yield part[ROW], part.select(taken)

    return Extract(
        name,
        tuple(taken),
        parts(),
        findings=findings,
        size=size,
        at=lambda: done,
        sha256=lambda: file_hash(path),
        raw=True,
        codebook=_labelled(path.name, head),
    )


def _labelled(name: str, head: SheetHead) -> Codebook | None:
    """Return what the line above the names calls the columns, where there is one."""
    if not any(head.labels):
        return None
    return Codebook(name, tuple(Variable(*one) for one in zip(head.columns, head.labels, strict=True)))


def _rows(cells: pl.DataFrame, head: SheetHead, end: int) -> pl.DataFrame:
    """Return the rows of the table with their numbers, counted from 1 below the header; empty rows are left out."""
    below = cells.slice(head.last, end - head.last).rename(dict(zip(cells.columns, head.columns, strict=True)))
    numbered = below.with_columns(pl.int_range(1, pl.len() + 1).alias(ROW))
    return numbered.filter(pl.any_horizontal(pl.col(head.columns).str.strip_chars().fill_null("") != ""))


def _sheet(
    book: Workbook, format: Format, needed: Sequence[str], findings: list[Finding]
) -> tuple[str, pl.DataFrame, SheetHead]:
    """Return the sheet that the format names; or else the first whose header has all columns that are needed.

    Where none are known to be needed it is the sheet with the most in it.
    """
    if format.sheet:
        if format.sheet not in book.sheets:
            near = get_close_matches(format.sheet, book.sheets, 1)
            mend = f"did you mean {near[0]}?" if near else f"write sheet: one of {', '.join(book.sheets)}"
            raise fault(book.name, f"has no sheet '{format.sheet}'", mend)
        cells = book.cells(format.sheet)
        return format.sheet, cells, _head(cells, format, needed)
    first: tuple[str, pl.DataFrame, SheetHead] | None = None
    for sheet in book.sheets:
        cells = book.cells(sheet)
        head = _head(cells, format, needed)
        if first is None or (not needed and _filled(cells) > _filled(first[1])):
            first = sheet, cells, head
        if needed and head.found and cells.height:
            first = sheet, cells, head
            break
    assert first is not None
    if len(book.sheets) > 1:
        what = f"read from the sheet '{first[0]}': the workbook has {len(book.sheets)}"
        mend = f'write sheet: "{first[0]}" under source.format'
        findings.append(Finding(Place(book.name), "", what, mend, Severity.WARNING, rule="assumed"))
    return first


def _filled(cells: pl.DataFrame) -> int:
    return sum(cells.height - count for count in cells.null_count().row(0)) if cells.width else 0


def _head(cells: pl.DataFrame, format: Format, needed: Sequence[str]) -> SheetHead:
    if format.header > 0 and format.kind == "excel":
        return head_at(cells, format.header, needed)
    return find_head(cells, needed)


def _said(name: str, cells: pl.DataFrame, head: SheetHead, end: int, format: Format) -> Iterator[Finding]:
    place = Place(name)
    if head.first != head.last:
        what = f"rows {head.first} to {head.last} are read as one header, their texts joined"
        yield Finding(place, "", what, "check the names of the columns", Severity.WARNING, rule="assumed")
    elif head.last > 1 and (format.header == AUTO or format.kind != "excel"):
        what = f"row {head.last} is read as the header, and the rows above it as notes"
        mend = f"write header: {head.last} under source.format"
        yield Finding(place, "", what, mend, Severity.WARNING, rule="assumed")
    below = cells.height - end
    if below and cells.slice(end).select(pl.any_horizontal(pl.all().is_not_null())).to_series().any():
        what = f"rows {end + 1} to {cells.height} are read as notes below the table, and not as rows"
        mend = "take them out of the sheet, or check that they are no records"
        yield Finding(place, "", what, mend, Severity.WARNING, rule="assumed")
