"""Extracts in several pieces, a folder of files or members of a zip: of one layout, read one after another."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from migstat.read.extracts.extract import Extract
from migstat.read.packed import TEXT_ENDINGS, ZIP, explained, fault, file_hash
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.source import Format

ENDINGS = (".parquet", *TEXT_ENDINGS, *(f"{ending}.gz" for ending in TEXT_ENDINGS))
"""Of a folder, the files that are read where the format names none."""
MOST_NAMED = 3
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
    with path.open("rb") as file:
        if file.read(4) not in ZIP:
            return []
    with explained(path.name), zipfile.ZipFile(path) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    found = sorted(name for name in names if fnmatch(Path(name).name, format.member) and not _hidden(Path(name)))
    return [Piece(path, name, name) for name in found] if len(found) > 1 and format.member not in found else []


def _files(folder: Path, format: Format) -> list[Piece]:
    inside = folder.resolve()
    found = []
    for path in sorted(folder.rglob("*")):
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
        raise fault(folder.name, f"the folder holds no data files{like}: {listed}", "name a file, or another folder")
    kinds = sorted({Path(short.name.lower().removesuffix(".gz")).suffix for _, short in wanted})
    if len(kinds) > 1 and not format.member:
        mend = f'say which: source.format.member: "*{kinds[0]}"'
        raise fault(folder.name, f"the folder holds files of several kinds: {', '.join(kinds)}", mend)
    return [Piece(path, f"{folder.name}/{short.as_posix()}", said=_said(short)) for path, short in wanted]


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
    opened: list[Extract] = []
    faults: list[Finding] = []
    for piece in pieces:
        inside = [name for name in needed if name not in dict(piece.said)]
        try:
            opened.append(read(piece.path, replace(format, member=piece.member), inside))
        except MigstatError as error:
            faults += error.findings
    if faults:
        raise MigstatError(faults)
    said = [name for name, _ in pieces[0].said if name not in identifiers]
    columns = tuple(dict.fromkeys((*opened[0].columns, *said)))
    _same_columns(pieces, opened)
    size = path.stat().st_size if path.is_file() else sum(one.size for one in opened)
    whole = Extract(
        path.name, columns, iter(()), _findings(opened), size=size, raw=opened[0].raw,
        codebook=opened[0].codebook, mend=opened[0].mend,
    )  # fmt: skip
    whole.parts = _parts(path, pieces, opened, whole)
    return whole


def _same_columns(pieces: Sequence[Piece], opened: Sequence[Extract]) -> None:
    faults = []
    first = {*opened[0].columns}, [name for name, _ in pieces[0].said]
    for piece, one in zip(pieces, opened, strict=True):
        more, less = sorted({*one.columns} - first[0]), sorted(first[0] - {*one.columns})
        parted = [name for name, _ in piece.said]
        named = [f"not {name}" for name in less[:MOST_NAMED]] + more[:MOST_NAMED]
        if parted != first[1]:
            named.append(f"is parted by {', '.join(parted) or 'nothing'}")
        if named:
            what = f"its columns are not those of {pieces[0].name}: it has {', '.join(named)}"
            faults.append(Finding(Place(piece.name), "", what, "read files of one layout together", rule="column"))
    if faults:
        raise MigstatError(faults)


def _findings(opened: Sequence[Extract]) -> list[Finding]:
    """Return what was found in the pieces; what is said of several is said once."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for one in opened:
        for finding in one.findings:
            found.setdefault((finding.component, finding.what), []).append(finding)
    told = []
    for (_, what), same in found.items():
        more = f" (and so in {len(same) - 1} more of the files)" if len(same) > 1 else ""
        told.append(replace(same[0], what=f"{what}{more}"))
    return told


def _parts(
    path: Path, pieces: Sequence[Piece], opened: Sequence[Extract], whole: Extract
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    before, share, read = 0, whole.size / max(1, sum(one.size for one in opened)), []
    done = 0
    for piece, one in zip(pieces, opened, strict=True):
        known = len(one.findings)
        one.limits = whole.limits
        whole.at = lambda one=one, done=done: int((done + one.at()) * share)  # type: ignore[misc]
        rows = 0
        for numbers, part in one.parts:
            rows += part.height
            said = [pl.lit(value, pl.String).alias(name) for name, value in piece.said if name in whole.columns]
            yield numbers + before, part.with_columns(said).select(whole.columns)
        whole.malformed += [(number + before, why, line) for number, why, line in one.malformed]
        whole.findings += one.findings[known:]
        rows += len(one.malformed)
        read.append(f"{piece.name} ({rows:,})" if rows else f"{piece.name} (no rows)")
        before += rows
        done += one.size
    more = f" and {len(read) - MOST_NAMED} more" if len(read) > MOST_NAMED else ""
    what = f"read one after another, with their rows: {', '.join(read[:MOST_NAMED])}{more}"
    whole.findings.append(Finding(Place(whole.name), "", what, "", Severity.NOTE, rule="pieces"))
    whole.sha256 = lambda: _hash(path, pieces, opened)


def _hash(path: Path, pieces: Sequence[Piece], opened: Sequence[Extract]) -> str:
    """Return the hash of a zip; of a folder, that of the hashes and names of its files."""
    if path.is_file():
        return file_hash(path)
    lines = [f"{one.sha256()}  {piece.name.partition('/')[2]}\n" for piece, one in zip(pieces, opened, strict=True)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
