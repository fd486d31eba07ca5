"""The extract of a draft: how it is written, as what is said of it, its codebook and its first bytes tell."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migstat.read.codebooks import read_codebook
from migstat.read.extracts import Extract, read_extract
from migstat.read.extracts.sniffed import Sniffed, sniff
from migstat.read.mappings.said_format import said_format
from migstat.words.codebook import Codebook
from migstat.words.finding import Finding, MigstatError, Place, Severity, misuse
from migstat.words.plain_words import plain
from migstat.words.row_columns import lineage
from migstat.words.source import AUTO, Format
from migstat.words.yaml_text import flow

LAYOUT = "layout.csv"
PERSONS = ("person", "popul", "individ", "member", "poblac", "miembro", "membre", "pessoa", "morador", "habitant")
"""How the record of a person is called, in a file of several types of record."""
TEXTS = ("csv", "fixed", "cspro")
"""Kinds of files whose first line may hold values."""
Pathlike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """An extract, how it is written, what is known of its columns, and what had to be assumed."""

    extract: Extract
    format: Format
    codebook: Codebook | None
    findings: tuple[Finding, ...]


def codebook_of(given: Pathlike | Codebook | None) -> tuple[Codebook | None, Path | None]:
    """Return a codebook, read where it is a file, and that file."""
    if given is None or isinstance(given, Codebook):
        return given, None
    path = Path(given)
    if not path.is_file():
        raise misuse("there is no such codebook", "check the path", place=str(path))
    return read_codebook(path), path


def opened_extract(
    path: Path,
    book: Codebook | None,
    source: Path | None,
    said: str | Mapping[str, object] = "",
    header: bool | None = None,
) -> Opened:
    """Open an extract that no mapping describes. What is ``said`` of its format is taken as it is.

    ``header`` says whether the first line of a text file names its columns, where somebody knows.
    """
    told = said_format(said)
    record = str(told.pop("record", ""))
    if header is not None and "header" in told and header == (told["header"] == 0):
        what = f"header: {told['header']}, and it is said that there is {'one' if header else 'none'}"
        raise misuse(what, "say it once", place=path.name)
    try:
        opened = _opened(path, book, source, told, record, header)
    except MigstatError as error:
        raise type(error)([_told(one, "{mend}; of a draft, with --format") for one in error.findings]) from None
    kind = opened.format.kind
    said_format(said, kind)
    if header is False and kind not in TEXTS:
        what = f"that there is no header says nothing of a file of the kind {kind}"
        raise misuse(what, "say nothing of its header", place=path.name)
    return opened


def _opened(
    path: Path, book: Codebook | None, source: Path | None, told: dict[str, Any], record: str, header: bool | None
) -> Opened:
    findings: list[Finding] = []
    if book is not None and not book.records:
        book = _of_one_file(book, path, record)
    named = tuple(one.name for one in book.variables) if book else ()
    layout = source.name if source else LAYOUT
    laid_out = book is not None and any(one.start is not None for one in book.variables)
    if book is not None and laid_out and not header and not _has_names(path, named, told):
        # What numbers look like in a text file of CSPro, only its own reader knows.
        kind = "cspro" if source is not None and source.suffix.lower() == ".dcf" else "fixed"
        format = Format(**{"kind": kind, "header": 0, "layout": layout, "codebook": book, **told})
        sniffed = Sniffed(replace(format, record=_record(book, record, path, findings)))
    else:
        sniffed = sniff(path, named, told, named=header)
        format = sniffed.format
        if format.kind == "cspro":
            book = book or read_codebook(path)
            sniffed = replace(sniffed, format=replace(format, record=_record(book, record, path, findings)))
        elif format.kind == "csv" and book is not None and book.records and book.record_column:
            chosen = _record(book, record, path, findings)
            format = replace(format, header=0, columns=named, layout=layout, codebook=book, record=chosen)
            sniffed = Sniffed(format)
    if record and book is None and sniffed.format.kind != "cspro":
        what = f"record: {record}, and there is no codebook that names the types of record"
        raise misuse(what, "name it as codebook", place=path.name)
    extract = read_extract(path, sniffed.format, ())
    if sniffed.format.kind == "excel":
        sheet = extract.name.removeprefix(path.name).removeprefix("/")
        sniffed = replace(sniffed, format=replace(sniffed.format, sheet=sheet))
    book = book or extract.codebook
    findings = [*sniffed.findings, *extract.findings, *(book.findings if book else ()), *findings]
    drafted = "look whether it is so; the draft says another under source.format, or --format does"
    return Opened(extract, sniffed.format, book, tuple(dict.fromkeys(_told(one, drafted) for one in findings)))


def _told(finding: Finding, mend: str) -> Finding:
    """Return a finding whose mend names a key of the format as one of a draft, of which there is no mapping yet."""
    if "source.format" not in finding.mend or "draft with" in finding.mend:
        return finding
    return replace(finding, mend=mend.format(mend=finding.mend))


def _has_names(path: Path, named: tuple[str, ...], told: dict[str, Any]) -> bool:
    """Say whether a file has the names of a codebook for its columns, though the codebook gives positions too."""
    try:
        columns = read_extract(path, sniff(path, said=told).format, ()).columns
    except MigstatError:
        return False
    known = {name.casefold() for name in named}
    return sum(column.strip().casefold() in known for column in columns) >= max(2, 0.5 * len(columns))


def _of_one_file(book: Codebook, path: Path, said: str) -> Codebook:
    """Return what a codebook of several files says of this one."""
    files = list(dict.fromkeys(one.record for one in book.variables if one.record))
    if len(files) < 2:
        return book
    stem = path.name.partition(".")[0].casefold()
    like = [name for name in files if name.partition(".")[0].casefold() == stem]
    named = said or (like[0] if len(like) == 1 else "")
    if named not in files:
        what = f"describes several files: {', '.join(files[:8])}"
        raise misuse(what, f'say which: --format "record: {files[0]}"', place=book.name)
    return replace(book, variables=tuple(one for one in book.variables if one.record == named))


def _record(book: Codebook, said: str, path: Path, findings: list[Finding]) -> str:
    """Return which type of record makes a row: what is said, or that of persons, or the lowest, and say so."""
    if not book.records:
        return ""
    if said:
        found = book.record(said)
        if found is None:
            names = ", ".join(one.name for one in book.records)
            raise misuse(f"has no record '{said}'", f"write record: one of {names}", place=book.name)
        return found.name
    persons = [one for one in book.records if any(word in plain(f"{one.name} {one.label}") for word in PERSONS)]
    among = persons or list(book.records)
    # Of several, the one that most others stand above, such as a person in a household.
    chosen = max(among, key=lambda one: len(lineage(book, one.name)))
    if len(book.records) > 1:
        others = [one.name for one in book.records if one != chosen]
        what = f"each {chosen.name} makes a row; the file holds records of {', '.join(others)} too"
        mend = f'check that {chosen.name} is what you count, or say another with --format "record: {others[0]}"'
        findings.append(Finding(Place(path.name), "", what, mend, Severity.WARNING, rule="assumed"))
    return chosen.name


def written(format: Format) -> str:
    """Return the format as YAML: what it says beside what every format is; nothing where that is all."""
    plain_format = Format()
    parts = [f"kind: {format.kind}"]
    if format.kind == "csv":
        delimiter = "tab" if format.delimiter == "\t" else f'"{format.delimiter}"'
        parts += [f"delimiter: {delimiter}"]
        quote = "none" if not format.quote else flow(format.quote)
        parts += [f"quote: {quote}"] if format.quote != plain_format.quote else []
    if format.layout:
        parts.append(f"layout: {flow(format.layout)}")
    if format.record:
        parts.append(f"record: {flow(format.record)}")
    if format.kind == "csv" or format.layout or format.encoding != plain_format.encoding:
        parts.append(f"encoding: {flow(format.encoding)}")
    if format.kind == "csv" or format.missing != plain_format.missing:
        parts.append(f"missing: [{', '.join(flow(one) for one in format.missing)}]")
    parts += ['decimal: ","'] if format.decimal == "," else []
    unsaid = {"excel": AUTO, "csv": 0 if format.record else plain_format.header, "fixed": 0}
    if format.kind in unsaid and format.header != unsaid[format.kind]:
        parts.append(f"header: {format.header}")
    parts += ["trim: true"] if format.trim else []
    if format.kind == "csv" and format.header == 0 and not format.layout:
        parts.append(f"columns: [{', '.join(flow(name) for name in format.columns)}]")
    for key in ("member", "sheet", "count"):
        parts += [f"{key}: {flow(getattr(format, key))}"] if getattr(format, key) else []
    parts += [f"length: {format.length}"] if format.length else []
    parts += ["pad: yes"] if format.pad else []
    return f"{{{', '.join(parts)}}}"
