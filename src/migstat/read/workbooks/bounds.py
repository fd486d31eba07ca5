"""What a workbook may be before it is read: how large, how far its cells lie apart, and whole where it is XML."""

import re
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO
from xml.parsers import expat

from migstat.words.finding import Finding, MigstatError, Place

LARGEST = 1_000_000_000
"""Bytes when unpacked; a workbook that is larger is refused before it is read."""
MOST_CELLS = 60_000_000
"""Of a sheet, blank ones between others included: each takes memory."""
CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
CONTENT = "content.xml"
"""Where OpenDocument has its sheets."""


def bounded(path: Path) -> int:
    """Return the bytes of a workbook when unpacked. Raise MigstatError where it is larger than can be read.

    Raises BadZipFile where its list of files is damaged.
    """
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as packed:
                size = sum(one.file_size for one in packed.infolist())
        except ValueError as error:
            raise zipfile.BadZipFile(str(error)) from None
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
                if one.filename.lower().endswith(".xml"):  # A workbook may call its sheets what it likes.
                    with packed.open(one) as member:
                        _within(path, member)
                if one.filename == CONTENT:
                    with packed.open(one) as member:
                        _well_formed(path, member)

    return size


def _within(path: Path, sheet: IO[bytes]) -> None:
    """Refuse a sheet whose cells lie so far apart that the grid between them fills the memory."""
    columns: set[bytes] = set()
    last, kept = 1, b""
    while chunk := sheet.read(1 << 20):
        for column, row in CELL.findall(kept + chunk):
            columns.add(column.upper())
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


def _well_formed(path: Path, content: IO[bytes]) -> None:
    """Refuse a sheet of OpenDocument that is cut off: the library looks for its end for ever."""
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _no_entities
    try:
        parser.ParseFile(content)
    except expat.ExpatError as error:
        what = f"{CONTENT}, which holds the sheets, is no XML: {expat.ErrorString(error.code)}"
        raise MigstatError([Finding(Place(path.name, error.lineno), "", what, "save it anew as .ods")]) from None
    except (LookupError, ValueError):
        what = f"{CONTENT}, which holds the sheets, declares entities, or an encoding that is not known"
        raise MigstatError([Finding(Place(path.name, 1), "", what, "save it anew as .ods")]) from None


def _no_entities(*_: object) -> None:
    raise ValueError
