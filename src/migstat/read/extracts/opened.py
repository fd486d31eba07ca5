"""Which reader opens an extract: told by its format, and by how the file begins."""

from collections.abc import Sequence
from pathlib import Path

from migstat.read.extracts.delimited import read_delimited
from migstat.read.extracts.delimited_records import read_delimited_records
from migstat.read.extracts.extract import Extract
from migstat.read.extracts.fixed_width import read_fixed_width
from migstat.read.extracts.parquet_file import read_parquet
from migstat.read.extracts.pieces import pieces_of, read_pieces
from migstat.read.packed import fault, first_bytes, foreign
from migstat.words.source import Format


def read_extract(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str] = (), coded: Sequence[str] = ()
) -> Extract:
    """Open an extract. Columns in ``identifiers`` do not leave this room; those in ``coded`` come as categories.

    A folder, and a zip of which the format names several members, are read as one. Raises MigstatError where a file
    cannot be read as ``format`` says, or lacks columns that are needed: all of them at once, each with the nearest
    name there is.
    """
    if path.exists() and (pieces := pieces_of(path, format)):

        def read(path: Path, format: Format, needed: Sequence[str]) -> Extract:
            return _read_file(path, format, needed, identifiers, coded)

        return read_pieces(path, pieces, format, needed, identifiers, read)
    return _read_file(path, format, needed, identifiers, coded)


def _read_file(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str], coded: Sequence[str]
) -> Extract:
    magic = first_bytes(path)
    if magic[:4] == b"PAR1":
        return read_parquet(path, needed, identifiers)
    if format.kind == "parquet":
        raise fault(path.name, "is not a Parquet file", "set kind: csv under source.format, or convert the file")
    if format.kind == "fixed":
        return read_fixed_width(path, format, needed, identifiers)
    foreign(path.name, magic)
    if format.kind != "csv":
        mend = "write kind: csv, fixed or parquet"
        raise fault(path.name, f"format kind '{format.kind}' cannot be read", mend)
    if format.record:
        return read_delimited_records(path, format, needed, identifiers)
    extract = read_delimited(path, format, needed, identifiers, coded)
    if format.codebook is not None:
        extract.codebook = format.codebook
        extract.findings = [*format.codebook.findings, *extract.findings]
    return extract
