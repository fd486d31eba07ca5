"""Correspondences in: a CSV of pairs and its TOML header, from the folder of maps that ships with the codelists."""

import datetime
import tomllib
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import get_args

from migstat.read.codelists import data_folder
from migstat.read.office_tables import table_rows
from migstat.words.confidence import CONFIDENCES
from migstat.words.correspondence import Correspondence, Meeting, Pair
from migstat.words.finding import Finding, MigstatError, Place, misuse

NEEDED = ("from", "to", "match", "because", "label", "confidence")
MATCHES: tuple[Meeting, ...] = get_args(Meeting)
HEAD = ("id", "target", "version", "name", "description", "source", "standing", "licence")


@cache
def correspondence_ids() -> tuple[str, ...]:
    """Return the names of all correspondences that ship, in alphabetical order.

    >>> "ESTAT_GEO" in correspondence_ids()
    True
    """
    return tuple(sorted(path.stem for path in _folder().glob("*.csv")))


@cache
def correspondence(id: str) -> Correspondence:
    """Read one of the correspondences that ship; raise Misuse with the nearest names where there is none.

    >>> correspondence("ESTAT_GEO")["EL"].code
    'GRC'
    """
    if id not in correspondence_ids():
        near = get_close_matches(id.upper(), correspondence_ids(), 3, 0.4)
        mend = f"write {', or '.join(near)}" if near else f"one of {', '.join(correspondence_ids())}"
        raise misuse(f"there is no correspondence {id}", mend)
    return read_correspondence(_folder() / f"{id}.csv")


def fingerprint(id: str) -> str:
    """Return the sha256 of the pairs as they stand in the file."""
    return sha256((_folder() / f"{id}.csv").read_bytes()).hexdigest()


def read_correspondence(path: Path) -> Correspondence:
    """Read a correspondence from its CSV and the TOML of the same name beside it; raise with every fault at once."""
    faults: list[Finding] = []
    try:
        head = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MigstatError([Finding(Place(path.name), "", f"cannot be read: {error}", "mend the file")]) from None
    pairs = [_pair(row, Place(f"maps/{path.name}", line), faults) for line, row in table_rows(path, NEEDED)]
    if faults:
        raise MigstatError(faults)
    return Correspondence(pairs=tuple(pairs), **{key: str(head.get(key, "")) for key in HEAD})


def _pair(row: dict[str, str], place: Place, faults: list[Finding]) -> Pair:
    match = next((one for one in MATCHES if one == row["match"]), None)
    sure = next((one for one in CONFIDENCES if one == row["confidence"]), None)
    if match is None:
        faults.append(
            Finding(place, row["from"], f"match: {row['match']} is not known", f"one of {', '.join(MATCHES)}")
        )
    if sure is None:
        what, mend = f"confidence: {row['confidence']} is not known", f"one of {', '.join(CONFIDENCES)}"
        faults.append(Finding(place, row["from"], what, mend))
    days: list[datetime.date | None] = []
    for key in ("valid_from", "valid_to"):
        try:
            days.append(datetime.date.fromisoformat(row[key]) if row.get(key) else None)
        except ValueError:
            faults.append(Finding(place, row["from"], f"{key}: {row[key]} is not a date", "write it as 1991-12-26"))
            days.append(None)
    return Pair(
        row["from"], row["to"], match or "exact", place, row["because"], row["label"], sure or CONFIDENCES[-1], *days
    )


def _folder() -> Path:
    return data_folder("codelists") / "maps"
