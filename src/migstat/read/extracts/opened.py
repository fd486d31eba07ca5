"""Which reader opens an extract, told by its format and by how the file begins; each is loaded when it is needed."""

from collections.abc import Sequence
from pathlib import Path

from migstat.read.extracts.delimited import read_delimited
from migstat.read.extracts.extract import Extract
from migstat.read.extracts.kinds import kind_by_start, other_kind
from migstat.read.extracts.pieces import beside_member, pieces_of, read_pieces
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
    extract = _read_file(path, format, needed, identifiers, coded)
    extract.findings += beside_member(path, extract, format)
    return extract


def _read_file(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str], coded: Sequence[str]
) -> Extract:
    kind = kind_by_start(path, format)
    match kind:
        case "parquet":
            from migstat.read.extracts.parquet_file import read_parquet

            return read_parquet(path, needed, identifiers)
        case "excel":
            from migstat.read.extracts.workbook import read_workbook

            extract = read_workbook(path, format, needed, identifiers)
        case "dbase":
            from migstat.read.extracts.dbase import read_dbase

            extract = read_dbase(path, format, needed, identifiers)
        case "cspro":
            from migstat.read.extracts.cspro_file import read_csdb

            extract = read_csdb(path, format, needed, identifiers)
        case "sqlite":
            what, mend = "is a SQLite database, and no data file of CSPro", "export the table as CSV or Parquet"
            raise fault(path.name, what, mend)
        case "":
            return _text(path, format, needed, identifiers, coded)
        case _:
            from migstat.read.extracts.statistical import read_statistical

            extract = read_statistical(path, kind, format, needed, identifiers)
    extract.codebook = extract.codebook or format.codebook
    extract.findings[:0] = other_kind(extract.name, format, kind)
    return extract


def _text(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str], coded: Sequence[str]
) -> Extract:
    """Open a file whose start does not say what it is."""
    match format.kind:
        case "csv":
            foreign(path.name, first_bytes(path))
            return _delimited(path, format, needed, identifiers, coded)
        case "fixed":
            from migstat.read.extracts.fixed_width import read_fixed_width

            return read_fixed_width(path, format, needed, identifiers)
        case "cspro":
            from migstat.read.extracts.cspro_file import read_cspro_text

            return read_cspro_text(path, format, needed, identifiers)
        case "parquet":
            raise fault(path.name, "is not a Parquet file", "set kind: csv under source.format, or convert the file")
        case "table":
            mend = "name the database after the mapping: duckdb:///file.duckdb, or postgresql://server/database"
            raise fault(path.name, "is a file, and the mapping reads a table of a database", mend)
        case _:
            meant = {"spss": "an SPSS", "stata": "a Stata", "sas": "a SAS", "dbase": "a dBASE"}
            meant["excel"] = "an Excel or OpenDocument"
            foreign(path.name, first_bytes(path))
            told = meant.get(format.kind, f"a {format.kind}")
            raise fault(path.name, f"is not {told} file", "set kind: to what it is under source.format, such as csv")


def _delimited(
    path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str], coded: Sequence[str]
) -> Extract:
    if format.record:
        from migstat.read.extracts.delimited_records import read_delimited_records

        return read_delimited_records(path, format, needed, identifiers)
    extract = read_delimited(path, format, needed, identifiers, coded)
    if format.codebook is not None:
        extract.codebook = format.codebook
        extract.findings = [*format.codebook.findings, *extract.findings]
    return extract
