"""Line ends inside values: a quote opened and never closed takes the rows below it into a value, and that is told."""

import re
import threading
import time
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from migstat.read.packed import fault
from migstat.words.finding import Finding, Place, Severity
from migstat.words.how_many import how_many

PATIENCE = 0.5
"""Seconds in which a thread that reads ahead finds that the file is at its end; at the end of a file it has done so."""
_LINE_END = re.compile(b"\n")


class LineEnds:
    """Stands between a file and the reader of its rows, and looks through each batch of them."""

    closed = False

    def __init__(self, file: Any, quote: str) -> None:
        self._file = file
        self._quote = quote
        self._tail = b""
        self._last = ""
        self._rows = 0
        self._reading = threading.Lock()
        self._stopped = False
        self._ended = threading.Event()
        self._first: tuple[int, str] | None = None
        self._count = 0

    def read(self, size: int = -1) -> bytes:
        """Read on, as a file does."""
        with self._reading:
            chunk: bytes = b"" if self._stopped else self._file.read(size)
        if not chunk:
            self._ended.set()
        self._tail = (self._tail + chunk[-64:])[-64:]
        return chunk

    def stop(self) -> None:
        """End the file here. Rows are read ahead in a thread, which must be done before the file is closed."""
        with self._reading:
            self._stopped = True
        self._ended.wait(PATIENCE)
        time.sleep(0.01)

    def look(self, batch: pa.RecordBatch) -> None:
        """Look through one batch, of all columns of the file."""
        if not self._quote or not batch.num_rows:
            return
        first = []
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            values = column.dictionary if pa.types.is_dictionary(column.type) else column
            held = values.buffers()[2]
            if held is not None and _LINE_END.search(held):
                import pyarrow.compute as pc  # only here: it takes long to load, and few files hold such a line

                text = column if values is column else column.cast(pa.string())
                rows = pc.indices_nonzero(pc.match_substring(text, "\n")).to_pylist()
                self._count += len(rows)
                first += [(self._rows + rows[0] + 1, name)] if rows else []
        if first and self._first is None:
            self._first = min(first)
        last = batch.columns[-1][-1].as_py() or ""
        self._last = last.decode(errors="replace") if isinstance(last, bytes) else last
        self._rows += batch.num_rows

    def findings(self, name: str, malformed: Sequence[tuple[int, str, str]]) -> list[Finding]:
        """Return what was seen, when all is read; raise MigstatError where a quote is still open at the end."""
        total = self._rows + len(malformed)
        last, still = self._last, "\n" in self._last
        if malformed and malformed[-1][0] == total:
            last = malformed[-1][2]
            still = "\n" in last and last.count(self._quote) % 2 == 1
        tail = self._tail.replace(b"\0", b"").rstrip().decode(errors="replace")
        if self._quote and still and not tail.endswith(self._quote):
            lines = last.rstrip("\r\n").count("\n") + 1
            what = (
                f"a quote is opened in row {total:,} and never closed: "
                f"{how_many(lines, 'line is', 'lines are')} read as one value"
            )
            raise fault(name, what, "close the quote, or set source.format.quote to none")
        if self._first is None:
            return []
        row, column = self._first
        for number, *_ in malformed:
            row += number <= row
        what = f"values run over several lines; the first is in row {row:,}"
        mend = "look at these rows: a quote that is opened and not closed takes the lines below it into its value"
        return [Finding(Place(name), column, what, mend, Severity.WARNING, rule="lines", rows=self._count)]
