"""Extracts in several pieces, a folder of files or members of a zip: of one layout, read one after another."""

import hashlib
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl

from migstat.read.extracts.extract import Extract
from migstat.read.packed import TEXT_ENDINGS, ZIP, explained, fault, file_hash, first_bytes
from migstat.words.finding import Finding, MigstatError, Misuse, Place, Severity
from migstat.words.source import Format

ENDINGS = (".parquet", *TEXT_ENDINGS, *(f"{ending}.gz" for ending in TEXT_ENDINGS))
"""Of a folder, the files that are read where the format names none."""
OFFICE = (".sav", ".zsav", ".dta", ".sas7bdat", ".xpt", ".xlsx", ".xls", ".xlsb", ".ods", ".csdb", ".dbf", ".zip")
"""Endings of data that a folder may hold too, and that are read there only where the format names them."""
MOST_NAMED = 3
MOST_LOOKUPS = 1_000_000
"""Members of a zip that are read, times members that it has: each that is read is looked up among all."""
NOTHING = "__HIVE_DEFAULT_PARTITION__"
"""How a folder is named that holds the rows without a value."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file, or one member of a zip; ``said`` are columns whose values the names of its folders say: YEAR=2019."""

    path: Path
    name: str
    member: str = ""
    said: tuple[tuple[str, str | None], ...] = ()


def pieces_of(path: Path, format: Format) -> list[Piece]:
    """Return the pieces of a folder, or of a zip of which the format names several members; none of any other file."""
    if path.is_dir():
        return _files(path, format)
    if not format.member:
        return []
    with explained(path.name), path.open("rb") as file:
        if file.read(4) not in ZIP:
            return []
    with explained(path.name), zipfile.ZipFile(path) as archive:
        names = [info.filename for info in archive.infolist() if not info.filename.endswith("/")]
    found = sorted(name for name in names if fnmatch(Path(name).name, format.member) and not _hidden(Path(name)))
    if len(found) * len(names) > MOST_LOOKUPS and format.member not in found:
        what = f"{len(found):,} of the {len(names):,} files of the zip are like {format.member}: they are too many"
        raise fault(path.name, what, "unpack the zip, and name the folder")
    if twice := sorted(name for name, times in Counter(found).items() if times > 1):
        what = f"the zip holds {', '.join(twice[:MOST_NAMED])} twice, and one hides the other"
        raise fault(path.name, what, "unpack it, give them names of their own, and name the folder")
    return [Piece(path, name, name) for name in found] if len(found) > 1 and format.member not in found else []


def _files(folder: Path, format: Format) -> list[Piece]:
    inside = folder.resolve()
    found = []
    for path in _under(folder):
        short = path.relative_to(folder)
        if path.is_file() and not _hidden(short) and path.resolve().is_relative_to(inside):
            found.append((path, short))
    wanted = [
        (path, short)
        for path, short in found
        if (fnmatch(short.name, format.member) if format.member else short.name.lower().endswith(ENDINGS))
    ]
    if not wanted:
        listed = ", ".join(short.as_posix() for _, short in found[:8]) or "nothing"
        like = f" like {format.member}" if format.member else ""
        endings = sorted({short.suffix for _, short in found if short.suffix.lower() in OFFICE})
        named = f', or say what is read: source.format.member: "*{endings[0]}"' if endings else ""
        mend = f"name a file, or another folder{named}"
        raise fault(folder.name, f"the folder holds no data files{like}: {listed}", mend)
    kinds = sorted({Path(short.name.lower().removesuffix(".gz")).suffix for _, short in wanted})
    if len(kinds) > 1 and not format.member:
        mend = f'say which: source.format.member: "*{kinds[0]}"'
        raise fault(folder.name, f"the folder holds files of several kinds: {', '.join(kinds)}", mend)
    return [Piece(path, f"{folder.name}/{short.as_posix()}", said=_said(short)) for path, short in wanted]


def _under(folder: Path) -> list[Path]:
    """Return all that lies under a folder, in order; raise where one of its folders is shut, as its rows are lost."""
    shut: list[OSError] = []
    found = [
        Path(place, name) for place, inside, files in os.walk(folder, onerror=shut.append) for name in files + inside
    ]
    if shut:
        names = [Path(error.filename).relative_to(folder.parent).as_posix() for error in shut]
        what, mend = "the folder may not be looked into", "ask for the right to read it, and what is in it"
        raise Misuse([Finding(Place(name), "", what, mend) for name in sorted(names)])
    return sorted(found)


def _hidden(path: Path) -> bool:
    """Tell whether a file is of the system or of the writer, such as _SUCCESS, and holds no rows."""
    return any(part.startswith((".", "_")) and "=" not in part for part in path.parts)


def _said(path: Path) -> tuple[tuple[str, str | None], ...]:
    pairs = [part.partition("=") for part in path.parts[:-1] if "=" in part]
    return tuple((unquote(name), None if value == NOTHING else unquote(value)) for name, _, value in pairs)


def read_pieces(
    path: Path,
    pieces: Sequence[Piece],
    format: Format,
    needed: Sequence[str],
    identifiers: Sequence[str],
    read: Callable[[Path, Format, Sequence[str]], Extract],
) -> Extract:
    """Open the pieces as one extract; its rows are counted through. Raises MigstatError where their columns differ."""
    pieces = [replace(piece, name=_untold(piece, identifiers)) for piece in pieces]
    opened: list[Extract] = []
    faults: list[Finding] = []
    for piece in pieces:
        inside = [name for name in needed if name not in dict(piece.said)]
        try:
            opened.append(read(piece.path, replace(format, member=piece.member), inside))
        except MigstatError as error:
            faults += _placed(error, piece)
    if faults:
        raise MigstatError(faults)
    said = [name for name, _ in pieces[0].said if name not in identifiers]
    columns = tuple(dict.fromkeys((*opened[0].columns, *said)))
    _same_columns(pieces, opened)
    size = path.stat().st_size if path.is_file() else sum(one.size for one in opened)
    findings = [*_findings(opened, pieces), *_beside(path, pieces, format)]
    whole = Extract(
        path.name, columns, iter(()), findings, size=size, raw=opened[0].raw,
        codebook=opened[0].codebook, mend=opened[0].mend,
    )  # fmt: skip
    whole.parts = _parts(path, pieces, opened, whole, list(columns))
    return whole


def _untold(piece: Piece, identifiers: Sequence[str]) -> str:
    """Return the name of a piece without the identifiers that its folders say."""
    secret = {name for name, _ in piece.said if name in identifiers}
    parts = [part.partition("=") for part in piece.name.split("/")]
    return "/".join(f"{name}=..." if unquote(name) in secret else f"{name}{sign}{rest}" for name, sign, rest in parts)


def _beside(folder: Path, pieces: Sequence[Piece], format: Format) -> Iterator[Finding]:
    """Tell which files of a folder are not read, and may hold rows."""
    if not folder.is_dir() or format.member:
        return
    taken = {piece.path for piece in pieces}
    # Of hidden files, those of the system begin with a point.
    left = [
        path.relative_to(folder).as_posix()
        for path in _under(folder)
        if path.is_file() and path not in taken and not any(part.startswith(".") for part in path.parts[-2:])
        if path.stat().st_size
    ]
    yield from _unread(folder.name, left)


def beside_member(path: Path, extract: Extract, format: Format) -> Iterator[Finding]:
    """Tell which members of a zip are not read, and may hold rows, where the format does not say which are."""
    name = extract.name.removeprefix(f"{path.name}/")
    if format.member or name == extract.name or first_bytes(path)[:4] not in ZIP:
        return
    with zipfile.ZipFile(path) as archive:
        members = [info.filename for info in archive.infolist() if info.file_size and not info.filename.endswith("/")]
    if name in members:
        yield from _unread(path.name, [one for one in members if one != name and not _hidden(Path(one))])


def _unread(name: str, files: Sequence[str]) -> Iterator[Finding]:
    left = [file for file in files if file.lower().endswith((*ENDINGS, *OFFICE))]
    if left:
        more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
        what = f"not read, though they may hold rows: {', '.join(left[:MOST_NAMED])}{more}"
        mend = 'take them out, or say what is read: source.format.member: "*.csv"'
        yield Finding(Place(name), "", what, mend, Severity.WARNING, rule="pieces")


def _same_columns(pieces: Sequence[Piece], opened: Sequence[Extract]) -> None:
    faults = []
    first = {*opened[0].columns}, [name for name, _ in pieces[0].said]
    for piece, one in zip(pieces, opened, strict=True):
        more, less = sorted({*one.columns} - first[0]), sorted(first[0] - {*one.columns})
        parted = [name for name, _ in piece.said]
        named = [f"not {name}" for name in less[:MOST_NAMED]] + more[:MOST_NAMED]
        if parted != first[1]:
            named.append(f"is parted by {', '.join(parted) or 'nothing'}")
        if named and not {*one.columns} & first[0]:
            # Names without one in common may be the first row of a file that has no header.
            what = f"has none of the columns of {pieces[0].name}"
            mend = "check that it begins with the names of its columns"
            faults.append(Finding(Place(piece.name), "", what, mend, rule="column"))
        elif named:
            what = f"its columns are not those of {pieces[0].name}: it has {', '.join(named)}"
            faults.append(Finding(Place(piece.name), "", what, "read files of one layout together", rule="column"))
    if faults:
        raise MigstatError(faults)


def _findings(opened: Sequence[Extract], pieces: Sequence[Piece]) -> list[Finding]:
    """Return what was found in the pieces; what is said of several is said once.

    An identifier that the names of the folders say is in no piece, and is not missed there.
    """
    found: dict[tuple[str, str], list[Finding]] = {}
    said = {name for name, _ in pieces[0].said}
    for one in opened:
        for finding in one.findings:
            if finding.rule == "identifier" and finding.component in said:
                continue
            found.setdefault((finding.component, finding.what), []).append(finding)
    told = []
    for (_, what), same in found.items():
        more = f" (and so in {len(same) - 1} more of the files)" if len(same) > 1 else ""
        told.append(replace(same[0], what=f"{what}{more}"))
    return told


def _parts(
    path: Path, pieces: Sequence[Piece], opened: Sequence[Extract], whole: Extract, columns: list[str]
) -> Iterator[tuple[pl.Series, Any]]:
    before, share, read = 0, whole.size / max(1, sum(one.size for one in opened)), []
    done = 0
    denied: dict[str, int] = {}
    for piece, one in zip(pieces, opened, strict=True):
        known = len(one.findings)
        one.limits = whole.limits
        whole.at = lambda one=one, done=done: int((done + one.at()) * share)  # type: ignore[misc]
        rows = 0
        for numbers, part in _read(one, piece):
            rows += len(numbers)
            pairs = [(name, value) for name, value in piece.said if name in columns]
            if pairs and not isinstance(part, pl.DataFrame):
                part = pl.DataFrame(pl.from_arrow(part))
            for name, value in pairs:
                if name in part.columns:
                    others = part[name].cast(pl.String).ne_missing(pl.Series([value], dtype=pl.String))
                    denied[name] = denied.get(name, 0) + int(others.sum())
            said = [pl.lit(value, pl.String).alias(name) for name, value in pairs]
            yield numbers + before, (part.with_columns(said) if said else part).select(columns)
        whole.malformed += [(number + before, why, line) for number, why, line in one.malformed]
        whole.findings += one.findings[known:]
        rows += len(one.malformed)
        read.append(f"{piece.name} ({rows:,})" if rows else f"{piece.name} (no rows)")
        before += rows
        done += one.size
    for name, count in denied.items():
        if count:
            what = f"the names of the folders say another {name} than the files in them, and the folders are believed"
            mend = "rename the folders, or take the column out of the files"
            whole.findings.append(
                Finding(Place(whole.name), name, what, mend, Severity.WARNING, rule="pieces", rows=count)
            )
    more = f" and {len(read) - MOST_NAMED} more" if len(read) > MOST_NAMED else ""
    what = f"read one after another, with their rows: {', '.join(read[:MOST_NAMED])}{more}"
    whole.findings.append(Finding(Place(whole.name), "", what, "", Severity.NOTE, rule="pieces"))
    whole.sha256 = lambda: _hash(path, pieces, opened)


def _read(one: Extract, piece: Piece) -> Iterator[tuple[pl.Series, Any]]:
    try:
        yield from one.parts
    except MigstatError as error:
        raise type(error)(_placed(error, piece)) from None


def _placed(error: MigstatError, piece: Piece) -> list[Finding]:
    """Return what is wrong of a piece with its place in the folder: files of several folders may have one name."""
    bare = piece.path.name
    return [
        replace(one, place=replace(one.place, file=piece.name)) if one.place.file == bare else one
        for one in error.findings
    ]


def _hash(path: Path, pieces: Sequence[Piece], opened: Sequence[Extract]) -> str:
    """Return the hash of a zip; of a folder, that of the hashes and names of its files."""
    if path.is_file():
        return file_hash(path)
    lines = [f"{one.sha256()}  {piece.name.partition('/')[2]}\n" for piece, one in zip(pieces, opened, strict=True)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
