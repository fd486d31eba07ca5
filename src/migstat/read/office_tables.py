"""Small tables in CSV, of ours or of an office's own: UTF-8, one separator, no NUL; faults with their lines."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.how_many import how_many
from migstat.words.separator import separator

LARGEST = 20_000_000
"""Bytes; a file that is larger is no table of words."""


def table_rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with the line that each begins in; what a short row lacks is empty.

    Raises MigstatError where the file cannot be read, is no CSV, or its header lacks a column that is needed or names
    one twice.
    """
    lines = csv_lines(table_text(path), path.name)
    _, header = next(lines, (1, []))
    if missing := [column for column in needed if column not in header]:
        raise _fault(path.name, 1, f"the header lacks {', '.join(missing)}", f"begin with {','.join(needed)}")
    if twice := [column for column in needed if header.count(column) > 1]:
        raise _fault(path.name, 1, f"the header names {', '.join(twice)} twice", "keep one of the two")
    for begins, cells in lines:
        if len(cells) > len(header):
            what = f"has {how_many(len(cells), 'field')}, the header {len(header)}"
            raise _fault(path.name, begins, what, "put quotes around a field that holds the separator")
        if cells:
            yield begins, dict.fromkeys(header, "") | dict(zip(header, cells, strict=False))


def csv_lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every row of a table with the line that it begins in; a spreadsheet may have written semicolons or tabs.

    Raises MigstatError at the row that is no CSV, once the rows before it are taken.
    """
    # Only CR and LF end a line: a text may hold whatever else Unicode takes for an end.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text.partition("\n")[0]), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _fault(name, begins, f"is not CSV: {error}", "mend the double quotes of this line") from None


def table_text(path: Path, name: str = "", largest: int = LARGEST, smaller: str = "name a table of words") -> str:
    """Return the text of a small file, which a fault calls by its ``name``; raise MigstatError where it has none.

    ``smaller`` is what to do about a file of more bytes than the ``largest``.
    """
    name = name or path.name
    try:
        if not path.is_file():  # A pipe may never end.
            if path.exists():
                raise _fault(name, None, "is no file", "put the file itself there")
            raise _fault(name, None, "there is no such file", "check its name")
        if path.stat().st_size > largest:
            raise _fault(name, None, f"is larger than {largest:,} bytes", smaller)
        data = path.read_bytes()
    except OSError as error:
        raise _fault(name, None, f"cannot be read: {error.strerror}", "check the name of the file") from None
    return decoded(data, name)


def decoded(data: bytes, name: str) -> str:
    """Return the text that bytes are in UTF-8; raise MigstatError at the line where they are not, or hold a NUL."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _fault(name, line, "is not UTF-8", "save it as CSV UTF-8") from None
    if "\0" in text:
        raise _fault(name, text.count("\n", 0, text.index("\0")) + 1, "a NUL character stands in the text", "remove it")
    return text


def _fault(name: str, line: int | None, what: str, mend: str) -> MigstatError:
    return MigstatError([Finding(Place(name, line), "", what, mend)])
