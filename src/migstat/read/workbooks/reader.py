"""The one door for Excel: the cells of a sheet as text, run in a process apart, since a damaged file can end it."""

import io
import re
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read import apart
from migstat.read.apart import Answer

_open: dict[tuple[str, int, int], Any] = {}
"""The workbook that is open, by its path, size and time; there is never more than one."""


def serve() -> None:
    """Answer requests until there are no more of them."""
    apart.serve(_answer)


def _answer(request: dict[str, Any]) -> Answer:
    try:
        if not request["path"]:
            _open.clear()
            return {}, b""
        apart.bound_memory(request["memory"])
        book = _opened(request["path"])
        return (
            _sheet(book, request["sheet"], request["tail"])
            if "sheet" in request
            else ({"sheets": book.sheet_names}, b"")
        )
    except BaseException as error:
        # A panic of the library is no Exception to Python.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return {"error": type(error).__name__, "told": str(error)}, b""


def _opened(path: str) -> Any:
    import fastexcel

    about = Path(path).stat()
    key = path, about.st_size, about.st_mtime_ns
    if key not in _open:
        _open.clear()
        _open[key] = fastexcel.read_excel(path)
    return _open[key]


def _sheet(book: Any, sheet: str, tail: bool) -> Answer:
    loaded = book.load_sheet(sheet, header_row=None, dtypes="string", skip_rows=0, skip_whitespace_tail_rows=not tail)
    found, wrong = loaded.to_arrow_with_errors()
    frame = pl.DataFrame(pl.from_arrow(found)).with_columns(pl.all().cast(pl.String))
    places = []
    for one in wrong.errors if wrong is not None else ():
        row, column = one.offset_position
        kind = re.search(r"Error\((\w+)\)", one.detail)
        places.append((row, column, kind[1] if kind else ""))
    rows = io.BytesIO()
    frame.write_ipc_stream(rows, compression="uncompressed", compat_level=pl.CompatLevel.newest())
    return {"wrong": places}, rows.getvalue()
