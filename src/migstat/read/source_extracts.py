"""Which door a source comes in by: a file, an SDMX message, or a table of a database."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read.database_tables import is_ibis, read_ibis, read_table
from migstat.read.extracts import Extract, check_columns, read_extract
from migstat.read.heads import left_behind
from migstat.read.packed import explained, fault
from migstat.words.address import is_address
from migstat.words.finding import Finding, Place, Severity
from migstat.words.message import OPENING
from migstat.words.source import Format

NO_ROWS = ("D", "DELETE", "DELETED")
"""Actions of rows that take something away: they are no observations."""


def source_named(source: Any) -> Path | str:
    """Return a path, or the address of a database, which is no path."""
    return str(source) if is_address(source) else Path(source)


def input_of(source: Any, extract: Extract) -> dict[str, Any]:
    """Return what the provenance says of a source that was read to its end: never user, password or path."""
    name = Path(source).name if isinstance(source, Path) else extract.name
    return {"name": name, "bytes": extract.size, "sha256": extract.sha256()}


def read_source(
    source: Any, format: Format, needed: Sequence[str], identifiers: Sequence[str] = (), coded: Sequence[str] = ()
) -> Extract:
    """Open a source: what the format says, or what it plainly is. Raises MigstatError as ``read_extract`` does.

    ``source`` is a path, the address of a database, such as ``duckdb:///register.duckdb``, or a table of Ibis.
    """
    if is_address(source):
        return read_table(str(source), format, needed, identifiers)
    if is_ibis(source):
        return read_ibis(source, needed, identifiers)
    path = Path(source)
    if format.kind == "sdmx" or (format.kind == "csv" and _is_message(path)):
        return _read_message(path, format, needed, identifiers)
    return read_extract(path, format, needed, identifiers, coded)


def _is_message(path: Path) -> bool:
    """Tell whether a file is XML or JSON of SDMX, by its first bytes."""
    if not path.is_file():
        return False
    with explained(path.name), path.open("rb") as file:
        start = file.read(2048).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<?xml", b"<")):
        return b"sdmx.org" in start or b"SDMX" in start
    return start.startswith(b"{") and b"sdmx" in start.lower()


def _read_message(path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str]) -> Extract:
    """Open an SDMX data message; its observations come with all dimensions, attributes and measures as columns."""
    from migstat.read.sdmx_data import open_data  # only here: it brings lxml with it

    file = open_data(path, encoding=format.encoding)
    if file.format == "CSV":
        raise fault(path.name, "is CSV, and no SDMX message", "write kind: csv under source.format")
    columns = [name for name in file.spool.columns if name not in OPENING]
    check_columns(columns, needed, path.name, 0)
    findings = [*file.findings, *left_behind(columns, needed, identifiers, path.name)]
    if format.kind != "sdmx":
        what, mend = f"read as {file.format}, which it is", "write kind: sdmx under source.format, in place of csv"
        findings.append(Finding(Place(path.name), "", what, mend, Severity.WARNING, rule="assumed"))
    gone = sum(rows for (_, _, action), rows in file.spool.sets.items() if action.upper() in NO_ROWS)
    if gone:
        what = "rows whose action is to delete are not read: they are no observations"
        mend = "ask for a message of the data as they stand"
        findings.append(Finding(Place(path.name), "ACTION", what, mend, Severity.WARNING, rule="records", rows=gone))
    taken = [column for column in columns if column not in identifiers]
    done = 0

    def parts() -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        nonlocal done
        before = 0
        for part in file.spool.parts():
            numbered = part.with_columns(pl.int_range(before + 1, before + 1 + pl.len()).alias("\0row"))
            before += part.height
            done = int(file.size * before / max(1, file.spool.rows))
            kept = numbered.filter(~pl.col("ACTION").str.to_uppercase().is_in(NO_ROWS).fill_null(False))
            yield kept["\0row"], kept.select(taken)

    return Extract(
        path.name,
        tuple(taken),
        parts(),
        findings,
        size=file.size,
        at=lambda: done,
        sha256=lambda: file.sha256,
        raw=True,
    )
