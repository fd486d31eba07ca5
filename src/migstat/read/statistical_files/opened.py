"""The one door for reading SPSS, Stata and SAS files: what they declare, and their rows in parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read.packed import PART_ROWS, fault
from migstat.read.statistical_files.kinds import KINDS, NAMES
from migstat.read.statistical_files.labels import labelled_by, variable_of
from migstat.read.statistical_files.values import Form, as_text, form_of
from migstat.words.codebook import Codebook, Variable
from migstat.words.finding import Finding, Place, Severity

PART_CELLS = 4_000_000
"""Values held at a time, so that a file of many columns takes no more memory than one of many rows."""
OLDEST_UNICODE = 118
"""The format of Stata since which text is UTF-8."""
AGAIN = "ask the sender for the file again, or copy it again: its size or checksum will differ"


@dataclass(slots=True)
class StatisticalFile:
    """A file of a statistical package: what it declares of its columns, and its rows."""

    name: str
    path: Path
    kind: str
    columns: tuple[str, ...]
    forms: dict[str, Form]
    codebook: Codebook
    rows: int | None
    """None where the file does not say how many it has."""
    encoding: str | None
    findings: list[Finding] = field(default_factory=list)

    def parts(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Go through the rows part by part, all columns as text. Raises MigstatError where the file is damaged."""
        size = max(1_000, min(PART_ROWS, PART_CELLS // max(1, len(columns))))
        done = 0
        while self.rows is None or done < self.rows:
            with _explained(self.name, self.kind):
                data, _ = _read(self.path, self.kind, self.encoding, list(columns), row_offset=done, row_limit=size)
            part = pl.DataFrame([as_text(values, self.forms[name], name) for name, values in data.items()])
            if not part.height:
                break
            yield part
            done += part.height
            if part.height < size and self.rows is None:
                break
        if self.rows is not None and done != self.rows:
            raise fault(self.name, f"ends after {done:,} of its {self.rows:,} rows: it was cut off", AGAIN)


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
    with _explained(name, kind):
        _, meta = _read(path, kind, encoding or None, None, metadataonly=True)
    columns = tuple(meta.column_names)
    if not columns:
        raise fault(name, "holds no table", "check that this is the right file")
    package = KINDS[kind]
    formats, types = meta.original_variable_types, meta.readstat_variable_types
    forms = {one: form_of(package, formats.get(one) or "", types.get(one) or "") for one in columns}
    sets = {one.name.upper(): one for one in catalog.variables} if catalog is not None else {}
    findings: list[Finding] = []
    book = Codebook(
        name=meta.table_name or Path(name).stem,
        label=meta.file_label or "",
        variables=tuple(variable_of(one, meta, forms[one], sets) for one in columns),
    )
    opened = StatisticalFile(name, path, kind, columns, forms, book, meta.number_rows, encoding or None, findings)
    findings += _said(opened, meta, sets)
    return opened


def _said(opened: StatisticalFile, meta: Any, sets: Mapping[str, Variable]) -> Iterator[Finding]:
    """Tell what had to be assumed: the encoding, values shown with leading zeros, and labels that are elsewhere."""
    if not opened.encoding and _encoding_untold(opened, meta):
        what = "read as cp1252: a file of this kind does not say in which encoding its text is"
        mend = "write encoding: cp1252, or the true one, under source.format"
        yield Finding(Place(opened.name), "", what, mend, Severity.WARNING, rule="assumed")
    for one, form in opened.forms.items():
        if form.shown == "padded":
            what = f"read with leading zeros, as its format {meta.original_variable_types[one]} shows it"
            mend = "write the codes with their zeros, as the codebook has them"
            yield Finding(Place(opened.name), one, what, mend, Severity.NOTE, rule="assumed")
    if opened.kind not in {"sas7bdat", "xport"}:
        return
    lacking = {one: name for one, name in meta.variable_to_label.items() if _lacking(one, name, sets)}
    if lacking:
        named = ", ".join(sorted(set(lacking.values())))
        what = f"the labels of {', '.join(lacking)} are in the catalog of formats ({named}), which is not part of it"
        mend = "lay the .sas7bcat beside the mapping, and write layout: with its name under source.format"
        yield Finding(Place(opened.name), "", what, mend, Severity.NOTE, rule="assumed")


def _lacking(variable: str, format: str, sets: Mapping[str, Variable]) -> bool:
    return variable.upper() not in sets and format.rstrip(".").upper() not in sets and _own(format)


def _own(format: str) -> bool:
    """Tell whether a format of SAS is one that an office made, and not one that SAS has."""
    return form_of("sas", format, "").shown == "number" and format.rstrip("0123456789.").upper() not in _SAS_FORMATS


_SAS_FORMATS = {"", "$", "$CHAR", "BEST", "F", "COMMA", "COMMAX", "NUMX", "DOLLAR", "E", "PERCENT", "HEX", "$F", "$HEX"}


def _encoding_untold(opened: StatisticalFile, meta: Any) -> bool:
    if opened.kind == "dta":
        with opened.path.open("rb") as file:
            start = file.read(64)
        release = int(start[28:31]) if start.startswith(b"<") and start[28:31].isdigit() else start[0]
        return release < OLDEST_UNICODE
    return opened.kind == "xport" or (opened.kind == "por" and not meta.file_encoding)


def catalog_of(path: Path, encoding: str = "") -> Codebook:
    """Read a catalog of SAS: each format is a variable with the labels of its values."""
    import pyreadstat

    with _explained(path.name, "sas7bcat"):
        _, meta = pyreadstat.read_sas7bcat(path, encoding=encoding or None, output_format="dict")
    sets = meta.value_labels.items()
    return Codebook(path.name, tuple(labelled_by(name.upper(), labels) for name, labels in sets))


def _read(path: Path, kind: str, encoding: str | None, columns: list[str] | None, **more: Any) -> tuple[Any, Any]:
    import pyreadstat
    from pyreadstat._readstat_parser import parser_entry_point

    given = {"disable_datetime_conversion": True, "output_format": "dict", "usecols": columns, **more}
    readers: dict[str, Callable[..., tuple[Any, Any]]] = {
        "sav": pyreadstat.read_sav,
        "dta": pyreadstat.read_dta,
        "sas7bdat": pyreadstat.read_sas7bdat,
    }
    if kind in readers:
        return readers[kind](path, user_missing=True, encoding=encoding, **given)
    # The public functions for these two kinds lose special and user missing values; what they call does not.
    return parser_entry_point(str(path), parser_format=kind, user_missing=True, encoding=encoding, **given)  # type: ignore[no-any-return]


class _explained:
    """Turns the faults of damaged files into errors that say so."""

    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind = name, kind

    def __enter__(self) -> None:
        return None

    def __exit__(self, type: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or not isinstance(error, Exception):
            return
        raise _fault(self.name, NAMES[self.kind], error) from error


def _fault(name: str, kind: str, error: Exception) -> Exception:
    told = str(error)
    if isinstance(error, PermissionError):
        return fault(name, "may not be read", "ask for the right to read it")
    if isinstance(error, UnicodeError) or "byte sequence" in told or "requested encoding" in told:
        what = "its text is not in the encoding that the file says, or that the mapping says"
        return fault(name, what, "write the true encoding under source.format: cp1252, latin-1 or gb18030, say")
    if "unsupported character set" in told.lower() or "unsupported charset" in told.lower():
        return fault(name, "its encoding is not known", "write the true encoding under source.format")
    if "number of rows" in told:
        return fault(name, f"is {kind} that ends before its last row: it was cut off", AGAIN)
    return fault(
        name, f"is {kind} that is damaged or was cut off ({told.splitlines()[0] if told else 'no reason'})", AGAIN
    )
