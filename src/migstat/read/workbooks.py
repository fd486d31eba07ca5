"""The one door for Excel: a sheet of a workbook as a frame of text, found by its name and by a cell of its header."""

import hashlib
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.published import Published

LARGEST = 2_000_000_000
"""Bytes when unpacked; a workbook that is larger is refused before it is read."""
ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def read_sheet(path: Path, table: Published) -> pl.DataFrame:
    """Return the rows below the header as text, blanks as null; names that repeat are ``1990``, ``1990 (2)``.

    The header is the first line in which a cell begins with ``table.header`` (without one: the first line), over
    ``table.header_rows`` lines, of which the lowest that is filled gives the name. Raises MigstatError where the sheet
    or the header is not there.
    """
    try:
        import fastexcel
    except ImportError:
        mend = "install it with migstat[excel], or save the sheet as CSV"
        raise misuse("workbooks need the library fastexcel", mend, place=path.name) from None
    _bounded(path)
    try:
        book = fastexcel.read_excel(path)
    except Exception as error:
        what = f"cannot be read as a workbook: {type(error).__name__}"
        raise MigstatError([Finding(Place(path.name), "", what, "save it anew as .xlsx, or as CSV")]) from None
    sheet = table.sheet or book.sheet_names[0]
    if sheet not in book.sheet_names:
        mend = f"write sheet: one of {', '.join(book.sheet_names)}"
        raise MigstatError([Finding(table.place, "table", f"{path.name} has no sheet '{sheet}'", mend)])
    cells = book.load_sheet(sheet, header_row=None, dtypes="string", skip_whitespace_tail_rows=True).to_polars()
    rows = cells.with_columns(pl.all().cast(pl.String).str.strip_chars())
    return _below(rows, table, path.name)


def fingerprint(path: Path) -> dict[str, Any]:
    """Return the name, size and sha256 of a file, as the provenance has them."""
    data = path.read_bytes()
    return {"name": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _below(rows: pl.DataFrame, table: Published, name: str) -> pl.DataFrame:
    at = 0
    if table.header:
        found = rows.select(pl.any_horizontal(pl.all().str.starts_with(table.header).fill_null(False)).arg_true())
        if not found.height:
            what = f"no cell of {name} begins with '{table.header}'"
            raise MigstatError([Finding(table.place, "table", what, "write header: a text of the line of names")])
        at = found.item(0, 0)
    heads = rows.slice(at, table.header_rows).rows()
    names = [
        next((" ".join(cell.split()) for cell in reversed(column) if cell), f"column {index}")
        for index, column in enumerate(zip(*heads, strict=True), 1)
    ]
    met: Counter[str] = Counter()
    unique = []
    for one in names:
        met[one] += 1
        unique.append(one if met[one] == 1 else f"{one} ({met[one]})")
    below = rows.slice(at + table.header_rows)
    return below.rename(dict(zip(rows.columns, unique, strict=True))).with_columns(
        pl.when(pl.all() != "").then(pl.all())
    )


def _bounded(path: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            size = sum(one.file_size for one in packed.infolist())
    else:
        size = path.stat().st_size
    if size > LARGEST:
        what = f"the workbook is {size:,} bytes unpacked, more than {LARGEST:,}"
        raise MigstatError([Finding(Place(path.name), "", what, "save the sheet as CSV")])
