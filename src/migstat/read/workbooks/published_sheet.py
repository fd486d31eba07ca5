"""A published table in a sheet: the rows below the line that holds its names."""

from collections import Counter
from pathlib import Path

import polars as pl

from migstat.read.workbooks.opened import open_workbook
from migstat.words.finding import Finding, MigstatError
from migstat.words.published import Published


def read_sheet(path: Path, table: Published) -> pl.DataFrame:
    """Return the rows below the header as text, blanks as null; names that repeat are ``1990``, ``1990 (2)``.

    The header is the first line in which a cell begins with ``table.header`` (without one: the first line), over
    ``table.header_rows`` lines, of which the lowest that is filled gives the name. Raises MigstatError where the sheet
    or the header is not there.
    """
    book = open_workbook(path)
    sheet = table.sheet or book.sheets[0]
    if sheet not in book.sheets:
        mend = f"write sheet: one of {', '.join(book.sheets)}"
        raise MigstatError([Finding(table.place, "table", f"{path.name} has no sheet '{sheet}'", mend)])
    cells, _ = book.sheet(sheet, tail=False)
    rows = cells.with_columns(pl.all().str.strip_chars())
    return _below(rows, table, path.name)


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
