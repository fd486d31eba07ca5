"""Small tables in CSV, of ours or of an office's own: UTF-8, a header, commas or semicolons; faults with lines."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.separator import separator

LARGEST = 20_000_000
"""Bytes; a file that is larger is no table of words."""


def table_rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with the line that each begins in; what a short row lacks is empty.

    Raises MigstatError where the file cannot be read, is no CSV, or its header lacks a column that is needed or names
    one twice.
    """
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text.partition("\n")[0]), strict=True)
    try:
        header = next(reader, [])
        if missing := [column for column in needed if column not in header]:
            raise _fault(path, 1, f"the header lacks {', '.join(missing)}", f"begin with {','.join(needed)}")
        if twice := [column for column in needed if header.count(column) > 1]:
            raise _fault(path, 1, f"the header names {', '.join(twice)} twice", "keep one of the two")
        begins = reader.line_num + 1
        for cells in reader:
            if len(cells) > len(header):
                what = f"has {len(cells)} fields, the header {len(header)}"
                raise _fault(path, begins, what, "put quotes around a field that holds the separator")
            if cells:
                yield begins, dict.fromkeys(header, "") | dict(zip(header, cells, strict=False))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _fault(path, reader.line_num, f"is not CSV: {error}", "close the quote there") from None


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise _fault(path, None, "there is no such file", "check its name")
        if path.stat().st_size > LARGEST:
            raise _fault(path, None, f"is larger than {LARGEST:,} bytes", "name a table of words")
        data = path.read_bytes()
    except OSError as error:
        raise _fault(path, None, f"cannot be read: {error.strerror}", "check the name of the file") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _fault(path, data.count(b"\n", 0, error.start) + 1, "is not UTF-8", "save it as CSV UTF-8") from None
    if "\0" in text:
        raise _fault(path, text.count("\n", 0, text.index("\0")) + 1, "a NUL character stands in the text", "remove it")
    return text


def _fault(path: Path, line: int | None, what: str, mend: str) -> MigstatError:
    return MigstatError([Finding(Place(path.name, line), "", what, mend)])
