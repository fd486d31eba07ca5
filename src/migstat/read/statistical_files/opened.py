"""Opened files of SPSS, Stata and SAS: what they declare, and their rows in parts, all as text."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read.apart import ReaderGone, reader
from migstat.read.packed import PART_ROWS, fault
from migstat.read.statistical_files.declared import Declared
from migstat.read.statistical_files.kinds import NAMES
from migstat.read.statistical_files.labels import labelled_by, variable_of
from migstat.read.statistical_files.values import form_of
from migstat.words.codebook import Codebook, Variable
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.how_many import how_many

SERVING = "migstat.read.statistical_files.reader"
PART_CELLS = 4_000_000
PART_BYTES = 256 << 20
"""Values, and bytes of them, held at a time: a file of many or wide columns takes no more memory than another."""
OLDEST_UNICODE = 118
"""The format of Stata since which text is UTF-8."""
AGAIN = "ask the sender for the file again, or copy it again: its size or checksum will differ"
BUILT_IN = {"", "$", "$CHAR", "BEST", "F", "COMMA", "COMMAX", "NUMX", "DOLLAR", "E", "PERCENT", "HEX", "$F", "$HEX"}
"""Formats of SAS itself, which have no labels; those of dates are known besides."""


@dataclass(slots=True)
class StatisticalFile:
    """A file of a statistical package: what it declares of its columns, and its rows."""

    name: str
    path: Path
    declared: Declared
    codebook: Codebook
    encoding: str | None
    findings: list[Finding] = field(default_factory=list)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.declared.columns

    @property
    def rows(self) -> int | None:
        """How many rows it has; None where the file does not say."""
        return self.declared.rows

    def parts(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Go through the rows part by part, all columns as text. Raises MigstatError where the file is damaged."""
        width = sum(max(8, self.declared.widths.get(one, 8)) for one in columns)
        size = max(100, min(PART_ROWS, PART_CELLS // max(1, len(columns)), PART_BYTES // max(1, width)))
        done = 0
        with _explained(self.name, self.declared.kind), reader(SERVING) as reading:
            self._ask(reading, columns, 0, size)
            while True:
                head, sent = reading.answer()
                _refuse(head)
                done += head["rows"]
                last = head["rows"] < size or done == self.rows
                if not last:
                    self._ask(reading, columns, done, size)
                if head["rows"]:
                    yield pl.read_ipc_stream(sent)
                if last:
                    break
        if self.rows is not None and done != self.rows:
            raise fault(self.name, f"ends after {done:,} of its {how_many(self.rows, 'row')}: it was cut off", AGAIN)

    def _ask(self, reading: Any, columns: Sequence[str], offset: int, limit: int) -> None:
        path, kind = str(self.path.absolute()), self.declared.kind
        reading.ask(path=path, kind=kind, encoding=self.encoding, columns=list(columns), offset=offset, limit=limit)


def open_statistical(
    path: Path, kind: str, name: str, encoding: str = "", catalog: Codebook | None = None
) -> StatisticalFile:
    """Read what a file declares. ``encoding`` goes before what the file says of itself.

    ``catalog`` has labels that are not in the file, by the name of a variable, or of the format that a variable has.
    Raises MigstatError where the file cannot be read.
    """
    if kind == "sas7bcat":
        what = f"is {NAMES[kind]}: it holds labels, and no rows"
        raise fault(name, what, "name the table, and write layout: with the name of the catalog, under source.format")
    if kind == "xport" and path.stat().st_size % 80:
        raise fault(name, "is not whole: a SAS transport file has a multiple of 80 bytes", AGAIN)
    with _explained(name, kind), reader(SERVING) as reading:
        reading.ask(path=str(path.absolute()), kind=kind, encoding=encoding or None, columns=None, offset=0, limit=None)
        head, _ = reading.answer()
        _refuse(head)
    declared = Declared.read(head["declared"])
    if not declared.columns:
        raise fault(name, "holds no table", "check that this is the right file")
    if None in declared.columns or "" in declared.columns:
        raise fault(name, f"is {NAMES[kind]} that is damaged: a column has no name", AGAIN)
    sets = {one.name.upper(): one for one in catalog.variables} if catalog is not None else {}
    book = Codebook(
        name=declared.name or Path(name).stem,
        label=declared.label,
        variables=tuple(variable_of(one, declared, form, sets) for one, form in declared.forms().items()),
    )
    opened = StatisticalFile(name, path, declared, book, encoding or None)
    opened.findings += _said(opened, sets)
    return opened


def catalog_of(path: Path, encoding: str = "") -> Codebook:
    """Read a catalog of SAS: each format is a variable with the labels of its values."""
    with _explained(path.name, "sas7bcat"), reader(SERVING) as reading:
        reading.ask(path=str(path.absolute()), kind="sas7bcat", encoding=encoding or None)
        head, _ = reading.answer()
        _refuse(head)
    if not head["sets"]:
        raise fault(path.name, f"is {NAMES['sas7bcat']} that holds no labels, or is damaged", AGAIN)
    return Codebook(path.name, tuple(labelled_by(name.upper(), labels) for name, labels in head["sets"]))


def _said(opened: StatisticalFile, sets: Mapping[str, Variable]) -> Iterator[Finding]:
    """Tell what had to be assumed: the encoding, values shown with leading zeros, and labels that are elsewhere."""
    declared, place = opened.declared, Place(opened.name)
    if not opened.encoding and _encoding_untold(opened):
        what = "read as cp1252: a file of this kind does not say in which encoding its text is"
        mend = "write encoding: cp1252, or the true one, under source.format"
        yield Finding(place, "", what, mend, Severity.WARNING, rule="assumed")
    for one, form in declared.forms().items():
        if form.shown == "padded":
            what = f"read with leading zeros, as its format {declared.formats[one]} shows it"
            mend = "write the codes with their zeros, as the codebook has them"
            yield Finding(place, one, what, mend, Severity.NOTE, rule="assumed")
    if declared.kind not in {"sas7bdat", "xport"}:
        return
    lacking = {one: name for one, name in declared.sets.items() if _lacking(one, name, sets)}
    if lacking:
        named = ", ".join(sorted(set(lacking.values())))
        what = f"the labels of {', '.join(lacking)} are in the catalog of formats ({named}), which is not part of it"
        mend = "lay the .sas7bcat beside the mapping, and write layout: with its name under source.format"
        yield Finding(place, "", what, mend, Severity.NOTE, rule="assumed")


def _lacking(variable: str, format: str, sets: Mapping[str, Variable]) -> bool:
    """Tell whether a format is one that an office made, whose labels are not at hand."""
    bare = format.rstrip(".").upper()
    if variable.upper() in sets or bare in sets:
        return False
    return form_of("sas", format, "").shown == "number" and bare.rstrip("0123456789.") not in BUILT_IN


def _encoding_untold(opened: StatisticalFile) -> bool:
    kind = opened.declared.kind
    if kind == "dta":
        with opened.path.open("rb") as file:
            start = file.read(64)
        release = int(start[28:31]) if start.startswith(b"<") and start[28:31].isdigit() else start[0]
        return release < OLDEST_UNICODE
    return kind == "xport" or (kind == "por" and not opened.declared.encoding)


class _Told(Exception):
    """What the reader told of a file that it could not read."""

    def __init__(self, type: str, told: str) -> None:
        super().__init__(told)
        self.type = type


def _refuse(head: dict[str, Any]) -> None:
    if "error" in head:
        raise _Told(head["error"], head["told"])


@contextmanager
def _explained(name: str, kind: str) -> Iterator[None]:
    """Turn the faults of damaged files into errors that say so."""
    try:
        yield
    except ReaderGone:
        raise fault(name, f"is {NAMES[kind]} that is damaged: reading it came to no end", AGAIN) from None
    except _Told as error:
        raise _fault(name, NAMES[kind], error) from None


def _fault(name: str, kind: str, error: _Told) -> MigstatError:
    told = str(error)
    if error.type == "PermissionError":
        return fault(name, "may not be read", "ask for the right to read it")
    if error.type.startswith("Unicode") or "byte sequence" in told or "requested encoding" in told:
        what = "its text is not in the encoding that the file says, or that the mapping says"
        return fault(name, what, "write the true encoding under source.format: cp1252, latin-1 or gb18030, say")
    if "unsupported char" in told.lower():
        return fault(name, "its encoding is not known", "write the true encoding under source.format")
    if "number of rows" in told:
        return fault(name, f"is {kind} that ends before its last row: it was cut off", AGAIN)
    why = told.splitlines()[0] if error.type in {"ReadstatError", "PyreadstatError"} and told else error.type
    return fault(name, f"is {kind} that is damaged or was cut off ({why})", AGAIN)
