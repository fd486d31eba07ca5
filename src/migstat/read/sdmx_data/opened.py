"""An opened data file: what it is, told by how it begins, and its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from migstat.read.packed import GZIP, ZIP, explained, fault, unpacked
from migstat.read.sdmx_data.csv import read_csv
from migstat.read.sdmx_data.json import read_json
from migstat.read.sdmx_data.ml import read_ml
from migstat.read.sdmx_data.spool import Spool
from migstat.words.finding import Finding, misuse
from migstat.words.source import Format

OPENINGS = ("STRUCTURE", "DATAFLOW")
ENDINGS = (".csv", ".txt", ".tsv", ".dat", ".xml", ".json")
Start = bytes


@dataclass(slots=True)
class DataFile:
    """A data file that was read: its format, its header, what had to be assumed, and its rows in a spool."""

    name: str
    format: str
    spool: Spool
    header: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    size: int = 0
    sha256: str = ""


def open_data(
    path: Path,
    *,
    encoding: str = "utf-8",
    kinds: Mapping[str, str] | None = None,
    dimensions: Sequence[str] = (),
) -> DataFile:
    """Read a data file of any format, packed or not. Raises MigstatError with places where it cannot be read."""
    start = _start(path)
    spool, header, findings = Spool(), dict[str, str](), list[Finding]()
    if start.startswith(b"PAR1"):
        raise fault(path.name, "is Parquet, not SDMX data", "read it with Polars; migstat validate takes it as it is")
    if _is_xml(start):
        version, sha256 = read_ml(path, spool, header, findings, dimensions)
        format = f"SDMX-ML {version}"
    elif start.startswith((b"{", b"[")):
        version, sha256 = read_json(path, spool, header, findings)
        format = f"SDMX-JSON {version}"
    else:
        format, sha256 = read_csv(path, spool, findings, encoding, kinds)
    return DataFile(path.name, format, spool, header, findings, path.stat().st_size, sha256)


def is_sdmx(path: Path) -> bool:
    """Tell whether a file is XML, JSON, or CSV whose first column says that it is SDMX."""
    try:
        start = _start(path)
    except Exception:  # Whoever opens it as another kind of file says what is wrong with it.
        return False
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip(b'"').decode("latin-1").replace("\0", "")
    return _is_xml(start) or start.startswith(b"{") or text.startswith(OPENINGS)


def _is_xml(start: Start) -> bool:
    text = start.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return text.replace(b"\0", b"").lstrip().startswith(b"<")


def _start(path: Path) -> Start:
    if not path.exists():
        raise misuse("there is no such file", "check the path", place=path.name)
    if not path.is_file():
        raise misuse("is a folder" if path.is_dir() else "is no file", "name a file", place=path.name)
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        raise fault(path.name, "the file is empty", "ask the sender for the file again")
    if start.startswith((GZIP, *ZIP)):
        with explained(path.name), unpacked(path, Format(), ENDINGS) as (packed, _, _, _):
            start = packed.read(512)
    return start if _is_xml(start) else start.removeprefix(b"\xef\xbb\xbf").lstrip() or start
