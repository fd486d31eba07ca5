"""Which kind of file an extract is, told by how it begins; inside of gzip and zip too."""

import zipfile
from pathlib import Path

from migstat.read.packed import GZIP, ZIP, explained, first_bytes, unpacked
from migstat.read.statistical_files import ENDINGS as STATISTICAL
from migstat.read.statistical_files import KINDS, NAMES, kind_of
from migstat.read.workbooks import is_workbook
from migstat.words.finding import Finding, Place, Severity
from migstat.words.source import Format

SNIFFED = 1024
SQLITE = b"SQLite format 3\0"
TOLD = {"cspro": "a CSPro data file (.csdb)", "excel": "a workbook", **NAMES}
"""How the kinds are told."""


def kind_by_start(path: Path, format: Format) -> str:
    """Return ``parquet``, ``excel``, ``cspro``, or what pyreadstat calls a statistical file; empty for text."""
    magic = first_bytes(path)
    if magic.startswith(b"PAR1"):
        return "parquet"
    if is_workbook(path):
        return "excel"
    with path.open("rb") as file:
        start = file.read(SNIFFED)
    if start.startswith(SQLITE):
        return "cspro" if _is_csdb(path) else "sqlite"
    if magic.startswith(ZIP) and not _holds_statistical(path):
        return ""
    if magic.startswith((GZIP, *ZIP)):
        with explained(path.name, format), unpacked(path, format, STATISTICAL) as (packed, _, _, _):
            start = packed.read(SNIFFED)
    return kind_of(start)


def other_kind(name: str, format: Format, kind: str) -> list[Finding]:
    """Tell that a file is of another kind than the mapping says, which is read as what it is."""
    meant = KINDS.get(kind, kind)
    if format.kind == meant:
        return []
    what = f"read as {TOLD[kind]}, which it is"
    mend = f"write kind: {meant} under source.format, in place of {format.kind}"
    return [Finding(Place(name), "", what, mend, Severity.WARNING, rule="assumed")]


def _holds_statistical(path: Path) -> bool:
    """Tell whether a zip holds a file of a statistical package, and no text that would be read in its place."""
    with explained(path.name), zipfile.ZipFile(path) as archive:
        names = [info.filename.lower() for info in archive.infolist() if not info.filename.startswith("__MACOSX")]
    return any(one.endswith(STATISTICAL) for one in names) and not any(one.endswith((".csv", ".txt")) for one in names)


def _is_csdb(path: Path) -> bool:
    from migstat.read.cspro import is_csdb

    return is_csdb(path)
