"""A workbook that is opened: its sheets as text, read in a process apart, since a damaged file can end it."""

import hashlib
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read.apart import ReaderGone, reader, tell_idle
from migstat.read.packed import explained
from migstat.read.workbooks.bounds import bounded
from migstat.words.finding import Finding, MigstatError, Place, misuse

SERVING = "migstat.read.workbooks.reader"
PATIENCE = 60
MEMORY = 16
"""Bytes of memory that a workbook may take for each of its own, beside what is given to all."""
MORE_PATIENCE = 60 / 100_000_000
"""Seconds, and more for each byte, after which a workbook is given up: ten times what reading it takes."""
ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
OLE = b"\xd0\xcf\x11\xe0"
"""How workbooks of Excel before 2007 begin, and locked ones."""
LOCKED = "EncryptedPackage".encode("utf-16-le")
PASSWORD = "is locked with a password", "save it without one: migstat asks for no passwords"
ANEW = "save it anew as .xlsx, or as CSV"
SHEETS = "application/vnd.oasis.opendocument.spreadsheet"
WRONG = {"Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
         "Value": "#VALUE!", "GettingData": "#GETTING_DATA"}  # fmt: skip
"""What a cell shows whose formula went wrong."""
MIDNIGHT = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
NO_DAY = r"^1899-12-3[01] (\d\d:\d\d:\d\d)$"
MOMENT = r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Workbook:
    """A workbook and the names of its sheets."""

    name: str
    sheets: tuple[str, ...]
    path: Path
    size: int = 0
    """Bytes when unpacked, by which the time and the memory that reading may take are bounded."""

    def cells(self, sheet: str) -> pl.DataFrame:
        """Return all cells of a sheet from its first row on, as text: 1 and not 1.0, dates and times as ISO.

        A cell whose formula went wrong is what the sheet shows, such as ``#N/A``. The columns are ``0``, ``1``, ...
        """
        frame, wrong = self.sheet(sheet)
        frame = frame.rename({name: str(at) for at, name in enumerate(frame.columns)})
        text = pl.all().str.replace(MIDNIGHT, "${1}").str.replace(NO_DAY, "${1}").str.replace(MOMENT, "${1}T${2}")
        frame = frame.with_columns(text)
        for row, column, kind in wrong:
            frame[row, column] = WRONG.get(kind, "#ERROR")
        return frame

    def sheet(self, sheet: str, *, tail: bool = True) -> tuple[pl.DataFrame, list[tuple[int, int, str]]]:
        """Return a sheet as the library has it, and the places of what went wrong; ``tail``: blank rows at its end."""
        with _explained(self.name, f"the sheet '{sheet}' cannot be read"), reader(SERVING) as reading:
            reading.ask(path=str(self.path.absolute()), sheet=sheet, tail=tail, memory=self.size * MEMORY)
            head, sent = reading.answer(PATIENCE + self.size * MORE_PATIENCE)
            _refuse(head)
            return pl.read_ipc_stream(sent), [tuple(one) for one in head["wrong"]]


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
    if find_spec("fastexcel") is None:
        mend = "install it with migstat[excel], or save the sheet as CSV"
        raise misuse("workbooks need the library fastexcel", mend, place=path.name)
    with explained(path.name):
        size = bounded(path)
    _unlocked(path)
    with _explained(path.name, "cannot be read as a workbook"), reader(SERVING) as reading:
        reading.ask(path=str(path.absolute()), memory=size * MEMORY)
        head, _ = reading.answer(PATIENCE + size * MORE_PATIENCE)
        _refuse(head)
    if not head["sheets"]:
        raise _wrong(path.name, "the workbook has no sheet", ANEW)
    book = Workbook(path.name, tuple(head["sheets"]), path, size)
    weakref.finalize(book, tell_idle, SERVING, path="").atexit = False
    return book


class _Told(Exception):
    """What the reader told of a workbook that it could not read."""


def _refuse(head: dict[str, Any]) -> None:
    if "error" in head:
        raise _Told(head["error"], head["told"])


@contextmanager
def _explained(name: str, what: str) -> Iterator[None]:
    """Turn the faults of damaged workbooks into errors that say so."""
    try:
        yield
    except ReaderGone:
        gone = "reading it came to no end, or took more memory than there is"
        raise _wrong(name, f"{what}: {gone}", ANEW) from None
    except _Told as error:
        kind, told = error.args
        if "password" in told.lower():
            raise _wrong(name, *PASSWORD) from None
        raise _wrong(name, f"{what}: {kind}", ANEW) from None


def _wrong(name: str, what: str, mend: str) -> MigstatError:
    return MigstatError([Finding(Place(name), "", what, mend)])


def _unlocked(path: Path) -> None:
    """Raise MigstatError where a workbook is locked as Excel locks them since 2007."""
    with path.open("rb") as file:
        if not file.read(4).startswith(OLE):
            return
        file.seek(0)
        tail = b""
        while block := file.read(1 << 20):
            if LOCKED in tail + block:
                raise _wrong(path.name, *PASSWORD)
            tail = block[-len(LOCKED) :]


def fingerprint(path: Path) -> dict[str, Any]:
    """Return the name, size and sha256 of a file, as the provenance has them."""
    data = path.read_bytes()
    return {"name": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
