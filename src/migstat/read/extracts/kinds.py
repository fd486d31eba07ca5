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
DBASE = (".dbf",)
VERSIONS = (0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8C, 0xCB, 0xF5, 0xFB)
"""How files of dBASE and FoxPro begin."""
TOLD = {"cspro": "a CSPro data file (.csdb)", "excel": "a workbook", "dbase": "a dBASE file (.dbf)", **NAMES}
"""How the kinds are told."""


def kind_by_start(path: Path, format: Format) -> str:
    """Return parquet, excel, cspro, dbase, or what pyreadstat calls a statistical file; an empty text for text."""
    magic = first_bytes(path)
    if magic.startswith(b"PAR1"):
        return "parquet"
    if is_workbook(path):
        return "excel"
    with path.open("rb") as file:
        start = file.read(SNIFFED)
    if start.startswith(SQLITE):
        return "cspro" if _is_csdb(path) else "sqlite"
    if magic.startswith(ZIP) and not _holds_binary(path):
        return ""
    if magic.startswith((GZIP, *ZIP)):
        with explained(path.name, format), unpacked(path, format, (*STATISTICAL, *DBASE)) as (packed, _, _, _):
            start = packed.read(SNIFFED)
    return "dbase" if is_dbase(start) else kind_of(start)


def other_kind(name: str, format: Format, kind: str) -> list[Finding]:
    """Tell that a file is of another kind than the mapping says, which is read as what it is."""
    meant = KINDS.get(kind, kind)
    if format.kind == meant:
        return []
    what = f"read as {TOLD[kind]}, which it is"
    mend = f"write kind: {meant} under source.format, in place of {format.kind}"
    return [Finding(Place(name), "", what, mend, Severity.WARNING, rule="assumed")]


def is_dbase(start: bytes) -> bool:
    """Tell whether a file begins as one of dBASE does: the day of its last change, lengths, and two empty bytes."""
    if len(start) < 64 or start[0] not in VERSIONS or start[12:14] != b"\0\0":
        return False
    length, row = int.from_bytes(start[8:10], "little"), int.from_bytes(start[10:12], "little")
    return start[2] <= 12 and start[3] <= 31 and length > 64 and row > 1


def _holds_binary(path: Path) -> bool:
    """Tell whether a zip holds a file of a statistical package or of dBASE, and no text to be read in its place."""
    with explained(path.name), zipfile.ZipFile(path) as archive:
        names = [info.filename.lower() for info in archive.infolist() if not info.filename.startswith("__MACOSX")]
    plain = any(one.endswith((".csv", ".txt")) for one in names)
    return not plain and any(one.endswith((*STATISTICAL, *DBASE)) for one in names)


def _is_csdb(path: Path) -> bool:
    from migstat.read.cspro import is_csdb

    return is_csdb(path)
