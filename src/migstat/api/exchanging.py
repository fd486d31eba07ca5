"""Exchange: data messages of SDMX in and out, and from one format into another."""

import codecs
import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from migstat.api.messages import message_of, open_file
from migstat.api.plain_columns import check_plain
from migstat.read.damage import undamaged
from migstat.read.footer import read_provenance
from migstat.read.record_files import open_records
from migstat.read.structure_paths import codelists_of, structure_at
from migstat.read.structures import structure as read_structure
from migstat.read.structures import structure_ids
from migstat.words.finding import Finding, Place, Severity, misuse
from migstat.words.message import DataMessage
from migstat.words.structure import OURS, Structure
from migstat.words.table import Table
from migstat.write.tables import write_csv, write_parquet

FORMATS: Mapping[str, tuple[str, ...]] = {
    "parquet": (".parquet",),
    "csv20": (".sdmx.csv", ".csv20.csv"),
    "csv10": (".sdmx1.csv", ".csv10.csv"),
    "csv": (".csv",),
    "ml30": (".ml30.xml", ".sdmx3.xml"),
    "ml21": (".ml21.xml", ".sdmx.xml", ".xml"),
    "json20": (".json20.json", ".sdmx.json", ".json"),
}
"""The formats in which tables are written, and the endings that stand for each; the first that fits counts."""


def write_table(table: Table | Sequence[Table], path: str | os.PathLike[str], format: str = "", **options: Any) -> None:
    """Write a table, whole or not at all, in a format: by the ending of the name, unless it is given.

    ``parquet``; ``csv``, with its metadata beside; and the formats of SDMX: ``csv20`` (``.sdmx.csv``), ``csv10``
    (``.sdmx1.csv``), ``ml21`` (``.xml``), ``ml30`` (``.ml30.xml``) and ``json20`` (``.json``). Several tables go into
    one file of ``csv20``. The frame may be lazy: rows are written in batches.

    Options of SDMX: ``action`` (I, A, M, R, D), and of XML and JSON ``prepared`` and ``sender`` of the header; of XML
    ``lay="series"``; of CSV ``labels`` (id, name, both), ``keys`` (none, obs, series, both), ``kind`` (dataflow,
    datastructure, dataprovision) and ``order`` (structure, frame); of CSV and JSON the ``language`` of names.
    """
    name = Path(path).name
    format = format or _format_of(name)
    one = table if isinstance(table, Table) else next(iter(table), None)
    if not isinstance(table, Table) and (format != "csv20" or one is None):
        raise misuse("several tables go into one file of csv20 only", "write a file for each", place=name)
    _refuse_options(format, options, name)
    assert isinstance(one, Table)
    lists = codelists_of(one.structure)
    if format == "parquet":
        return write_parquet(one, path)
    if format == "csv":
        return write_csv(one, path)
    from migstat.write.sdmx_data import write_sdmx_csv, write_sdmx_json, write_sdmx_ml

    match format:
        case "csv20":
            write_sdmx_csv(table, path, codelists=lists, **options)
        case "csv10":
            write_sdmx_csv(one, path, version="1.0", codelists=lists, **options)
        case "ml21":
            write_sdmx_ml(one, path, version="2.1", **options)
        case "ml30":
            write_sdmx_ml(one, path, version="3.0", **options)
        case "json20":
            write_sdmx_json(one, path, codelists=lists, **options)
        case _:
            raise misuse(f"there is no format {format!r}", f"write one of {', '.join(FORMATS)}", component="format")


_OPTIONS: Mapping[str, frozenset[str]] = {
    "csv20": frozenset({"action", "labels", "keys", "kind", "order", "language"}),
    "csv10": frozenset({"labels", "order", "language"}),
    "ml21": frozenset({"action", "lay", "prepared", "sender"}),
    "ml30": frozenset({"action", "lay", "prepared", "sender"}),
    "json20": frozenset({"action", "prepared", "sender", "language"}),
}


def read_data(
    path: str | os.PathLike[str],
    structure: str | os.PathLike[str] | Structure | None = None,
    *,
    encoding: str = "utf-8",
) -> DataMessage:
    """Read a data message: SDMX-CSV 1.0 or 2.0, SDMX-ML 2.1 or 3.0, SDMX-JSON, or a plain CSV file.

    ``result.frame`` is a lazy Polars frame with a column a component; ``result.sets`` are the data sets of the message,
    each with its structure and action. Every value is text as it stands there, unless a ``structure`` is named: the id
    of one that ships, or a structure file; then columns come in its order, and numbers are numbers. Attributes of a
    dataset, group or series stand in each of their rows. Rows are kept on disk meanwhile, so that memory does not grow
    with them; the files go when nothing reads them any more. Raises MigstatError with file and line where the file is
    cut off, damaged, of another kind, or holds a value that is no number where a number must be.
    """
    _known_encoding(encoding)
    found = structure if isinstance(structure, Structure) or structure is None else structure_at(_named(structure))
    return message_of(open_file(Path(path), found, encoding), found)


def convert(
    source: str | os.PathLike[str],
    into: str | os.PathLike[str],
    structure: str | os.PathLike[str] | Structure | None = None,
    *,
    format: str = "",
    encoding: str = "utf-8",
    **options: Any,
) -> tuple[Finding, ...]:
    """Turn a data file, of a format that ``read_data`` reads or Parquet, into one that ``write_table`` writes.

    ``structure`` says what its columns are: the id of one that ships, or a structure file; unless the message names
    one that ships. Values pass through as text, unchanged. Columns that the structure does not have are left out, with
    a finding; the findings are returned. Messages of several structures or actions are taken apart: convert them one
    by one. Raises MigstatError where the source cannot be read, or the format cannot say what is in it.
    """
    path = Path(source)
    _known_encoding(encoding)
    _time(options.get("prepared", ""))
    named = structure if isinstance(structure, Structure) or structure is None else structure_at(_named(structure))
    frame, columns, found, findings, action = _opened(path, named, encoding)
    left = [name for name in columns if name not in found]
    findings += [
        Finding(Place(path.name), name, "is no component of the structure, and is left out",
                "rename it, or add it to the structure", Severity.WARNING, rule="XX01")
        for name in left
    ]  # fmt: skip
    target = format or _format_of(Path(into).name)
    if "action" in _OPTIONS.get(target, ()) and action != "I":
        options = {"action": action} | options
    table = Table(frame.select(name for name in columns if name in found), found)
    with undamaged(path):
        write_table(table, into, target, **options)
    return tuple(findings)


def _time(prepared: str) -> None:
    try:
        datetime.datetime.fromisoformat(prepared or "2000-01-01")
    except ValueError:
        mend = "write such as 2024-03-01T09:30:00"
        raise misuse(f"prepared '{prepared}' is no time", mend, component="prepared") from None


def _known_encoding(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        mend = "write utf-8, cp1252, latin-1 or cp850, say"
        raise misuse(f"there is no encoding {encoding}", mend, component="encoding") from None


def _opened(
    path: Path, named: Structure | None, encoding: str
) -> tuple[pl.LazyFrame, list[str], Structure, list[Finding], str]:
    """Return the rows of a file as text, its columns, its structure, what was found, and what is done with it."""
    if path.is_file():
        with path.open("rb") as file:
            packed = file.read(4) == b"PAR1"
        if packed:
            opened = open_records(path)
            if "_why" in opened.schema and named is None:
                mend = "name the .records.parquet file beside it"
                raise misuse("holds what was rejected, not records", mend, place=path.name)
            found = named or _ours(path.name, [str(read_provenance(path).get("structure", ""))])
            check_plain(opened.schema, found.ids, path.name)
            assert opened.scan is not None
            return opened.scan, list(opened.schema), found, [], "I"
    message = message_of(open_file(path, named, encoding), None)
    if len(message.sets) > 1:
        listed = ", ".join(f"{one.reference} {one.action}" for one in message.sets)
        mend = "read_data(...).sets are its data sets: write_table writes each"
        raise misuse(f"holds several data sets: {listed}", mend, place=path.name)
    references = [one.reference for one in message.sets]
    found = named or _ours(path.name, references)
    action = message.sets[0].action if message.sets else "I"
    return message.frame, list(message.columns), found, list(message.findings), action


def _ours(name: str, references: Sequence[str]) -> Structure:
    """Return the structure that a file names, where it ships; raise Misuse where it does not."""
    for reference in references:
        agency, _, rest = reference.partition(":")
        id = rest.partition("(")[0]
        if agency == OURS and id in structure_ids():
            return read_structure(id)
    said = ", ".join(one for one in references if one) or "none"
    mend = "name it: --structure ID for one that ships, or --structure FILE"
    raise misuse(f"the structure of the data is not known here: the file names {said}", mend, place=name)


def _format_of(name: str) -> str:
    for format, endings in FORMATS.items():
        if name.lower().endswith(endings):
            return format
    raise misuse(
        f"the ending of {name} is not known",
        "let the name end with .parquet, .csv, .sdmx.csv, .sdmx1.csv, .xml, .ml30.xml or .json",
        place=name,
    )


def _refuse_options(format: str, options: Mapping[str, Any], name: str) -> None:
    known = _OPTIONS.get(format, frozenset())
    wrong = [option for option in options if option not in known]
    if wrong:
        mend = f"it takes {', '.join(sorted(known))}" if known else "write it without"
        raise misuse(f"{format} takes no option {', '.join(wrong)}", mend, place=name, component=wrong[0])


def _named(structure: str | os.PathLike[str]) -> str | Path:
    return structure if isinstance(structure, str) else Path(structure)
