"""The one door for Excel: the cells of a sheet as text, as a workbook shows them; or a table found in a sheet."""

import hashlib
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import polars as pl

from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.published import Published

LARGEST = 1_000_000_000
"""Bytes when unpacked; a workbook that is larger is refused before it is read."""
MOST_CELLS = 60_000_000
"""Of a sheet, blank ones between others included: each takes memory."""
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.I)
CELL = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
OLE = b"\xd0\xcf\x11\xe0"
"""How workbooks of Excel before 2007 begin, and locked ones."""
LOCKED = "EncryptedPackage".encode("utf-16-le")
SHEETS = "application/vnd.oasis.opendocument.spreadsheet"
WRONG = {"Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
         "Value": "#VALUE!", "GettingData": "#GETTING_DATA"}  # fmt: skip
"""What a cell shows whose formula went wrong."""
MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
NO_DAY = r"^1899-12-3[01] (\d\d:\d\d:\d\d)$"
MOMENT = r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$"


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook and the names of its sheets."""

    name: str
    sheets: tuple[str, ...]
    opened: Any

    def cells(self, sheet: str) -> pl.DataFrame:
        """Return all cells of a sheet from its first row on, as text: 1 and not 1.0, dates and times as ISO.

        A cell whose formula went wrong is what the sheet shows, such as ``#N/A``. The columns are ``0``, ``1``, ...
        """
        try:
            with quietly():
                loaded = self.opened.load_sheet(sheet, header_row=None, dtypes="string", skip_rows=0)
                found, wrong = loaded.to_arrow_with_errors()
        except BaseException as error:
            if not _of_library(error):
                raise
            what = f"the sheet '{sheet}' cannot be read: {type(error).__name__}"
            raise MigstatError([Finding(Place(self.name), "", what, "save it anew as .xlsx, or as CSV")]) from None
        frame = pl.DataFrame(pl.from_arrow(found))
        frame = frame.rename({name: str(at) for at, name in enumerate(frame.columns)})
        frame = frame.with_columns(pl.all().cast(pl.String))
        text = pl.all().str.replace(MIDNIGHT, "${1}").str.replace(NO_DAY, "${1}").str.replace(MOMENT, "${1}T${2}")
        frame = frame.with_columns(text)
        for one in wrong.errors if wrong is not None else ():
            row, column = one.offset_position
            kind = re.search(r"Error\((\w+)\)", one.detail)
            frame[row, column] = WRONG.get(kind[1], "#ERROR") if kind else "#ERROR"
        return frame


def is_workbook(path: Path) -> bool:
    """Tell whether a file is a workbook of Excel or OpenDocument, by how it begins and what it holds."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(OLE):
        return True
    if not start.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())
            kind = ""
            if "mimetype" in names:
                with packed.open("mimetype") as member:  # Only its start: it may be packed to swell.
                    kind = member.read(100).decode("latin-1")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError):
        return False
    return kind.startswith(SHEETS) or bool({"xl/workbook.xml", "xl/workbook.bin"} & names)


def open_workbook(path: Path) -> Workbook:
    """Open a workbook. Raises MigstatError where it is damaged, locked with a password, or far too large."""
    try:
        import fastexcel
    except ImportError:
        mend = "install it with migstat[excel], or save the sheet as CSV"
        raise misuse("workbooks need the library fastexcel", mend, place=path.name) from None
    _bounded(path)
    _unlocked(path)
    try:
        with quietly():
            book = fastexcel.read_excel(path)
    except BaseException as error:
        if not _of_library(error):
            raise
        if "password" in str(error).lower():
            raise _wrong(path, *PASSWORD) from None
        what = f"cannot be read as a workbook: {type(error).__name__}"
        raise _wrong(path, what, "save it anew as .xlsx, or as CSV") from None
    if not book.sheet_names:
        raise _wrong(path, "the workbook has no sheet", "save it anew as .xlsx, or as CSV")
    return Workbook(path.name, tuple(book.sheet_names), book)


def _of_library(error: BaseException) -> bool:
    """Tell whether an error is one of reading; a panic of the library is no Exception to Python."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


@contextmanager
def quietly() -> Iterator[None]:
    """Keep from the terminal what the library writes there itself when a file is so damaged that it gives up."""
    try:
        kept = os.dup(2)
    except OSError:  # There is no terminal to keep it from.
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


PASSWORD = "is locked with a password", "save it without one: migstat asks for no passwords"


def _wrong(path: Path, what: str, mend: str) -> MigstatError:
    return MigstatError([Finding(Place(path.name), "", what, mend)])


def _unlocked(path: Path) -> None:
    """Raise MigstatError where a workbook is locked as Excel locks them since 2007."""
    with path.open("rb") as file:
        if not file.read(4).startswith(OLE):
            return
        file.seek(0)
        tail = b""
        while block := file.read(1 << 20):
            if LOCKED in tail + block:
                raise _wrong(path, *PASSWORD)
            tail = block[-len(LOCKED) :]


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
    cells = book.opened.load_sheet(sheet, header_row=None, dtypes="string", skip_whitespace_tail_rows=True).to_polars()
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
    if zipfile.is_zipfile(path):
        # What is damaged is told by the library that reads it.
        damage = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError)
        with suppress(*damage), zipfile.ZipFile(path) as packed:
            for one in packed.infolist():
                if SHEET.fullmatch(one.filename):
                    with packed.open(one) as sheet:
                        _within(path, sheet)


def _within(path: Path, sheet: IO[bytes]) -> None:
    """Refuse a sheet whose cells lie so far apart that the grid between them fills the memory."""
    columns: set[bytes] = set()
    last, kept = 1, b""
    while chunk := sheet.read(1 << 20):
        for column, row in CELL.findall(kept + chunk):
            columns.add(column)
            last = max(last, int(row))
        kept = chunk[-32:]
    wide = max((_number(column) for column in columns), default=1)
    if wide * last > MOST_CELLS:
        what = f"a sheet reaches to row {last:,} and column {wide:,}: {wide * last:,} cells, more than {MOST_CELLS:,}"
        mend = "delete what stands far below or right of the data, or save the sheet as CSV"
        raise MigstatError([Finding(Place(path.name), "", what, mend)])


def _number(letters: bytes) -> int:
    """Return which column some letters name.

    >>> _number(b"A"), _number(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
