"""Codes as words: what their annotations say becomes bounds, dates of validity and attributes."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from migstat.read.sdmx.parsed import Texts
from migstat.words.codelist import Code, Codelist
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.how_many import how_many
from migstat.words.reference import Reference

DEEPEST = 100
"""Levels of a codelist or hierarchy, which in practice have hardly ten."""
MOST_TOLD = 20
"""Wrong codes of one list that are told one by one."""
OURS = ("lower", "upper", "valid_from", "valid_to")
COLUMNS = "COLUMNS"
"""The annotation of a codelist that keeps the order of its columns, and those that are empty."""


@dataclass(frozen=True, slots=True)
class AnyCode:
    """A code as any format says it."""

    id: str
    names: Texts
    parent: str | None
    descriptions: Texts
    annotations: Texts
    line: int | None = None


def too_deep(place: Place) -> MigstatError:
    """Make the error for a hierarchy that goes deeper than any does."""
    return MigstatError([Finding(place, "", f"goes deeper than {DEEPEST} levels", "ask the sender for the file again")])


def make_code(code: AnyCode) -> Code:
    """Return the word of a code."""
    notes = dict(code.annotations)
    lower, upper = (_whole(notes.pop(name, "")) for name in ("lower", "upper"))
    begin, end = (_date(notes.pop(name, "")) for name in ("valid_from", "valid_to"))
    parent = code.parent or notes.pop("PARENT", None)
    names = code.names or {"en": code.id}
    return Code(code.id, names, parent, begin, end, lower, upper, notes, code.descriptions)


def make_codelist(
    reference: Reference,
    codes: Sequence[Code],
    names: Texts,
    descriptions: Texts,
    annotations: Texts,
    path: Path,
    lines: Sequence[AnyCode],
) -> Codelist:
    """Return the word of a codelist; raise MigstatError where ids repeat, or a parent is missing or in a circle."""
    _check(reference, codes, path, lines)
    notes = dict(annotations)
    columns = notes.pop(COLUMNS, "").split()
    retrieved = _date(notes.get("RETRIEVED", ""))
    said = dict(descriptions)
    return Codelist(
        reference.id,
        tuple(_with_columns(code, columns) for code in codes),
        reference.agency,
        reference.version,
        dict(names) or {"en": reference.id},
        said.pop("en", "") or next(iter(descriptions.values()), ""),
        notes.get("SOURCE", ""),
        notes.get("STANDING", "standard"),
        notes.get("LICENCE", ""),
        retrieved,
        said,
    )


def _with_columns(code: Code, columns: list[str]) -> Code:
    if not columns:
        return code
    kept = {name: code.attributes.get(name, "") for name in columns if name not in OURS}
    more = {name: value for name, value in code.attributes.items() if name not in kept}
    return Code(
        code.id, code.names, code.parent, code.valid_from, code.valid_to, code.lower, code.upper, kept | more,
        code.descriptions,
    )  # fmt: skip


def _check(reference: Reference, codes: Sequence[Code], path: Path, lines: Sequence[AnyCode]) -> None:
    faults: list[Finding] = []
    more = 0
    seen: dict[str, int | None] = {}
    parents = {code.id: code.parent for code in codes}
    deep = _too_deep(parents)
    for code, said in zip(codes, lines, strict=True):

        def fault(what: str, mend: str, line: int | None = said.line) -> None:
            nonlocal more
            more += len(faults) >= MOST_TOLD
            if len(faults) < MOST_TOLD:
                faults.append(Finding(Place(path.name, line), reference.id, what, mend))

        if not code.id:
            fault("a code has no id", "give it one")
        elif code.id in seen:
            first = f", first in line {seen[code.id]}" if seen[code.id] else ""
            fault(f"the code {code.id} is given twice{first}", "keep one of the two")
        elif code.parent is not None and code.parent not in parents:
            near = get_close_matches(code.parent, parents, 1) if len(faults) < MOST_TOLD else []
            mend = f"write {near[0]}" if near else "add it as a code, or ask for the whole codelist"
            fault(f"the parent {code.parent!r} of {code.id} is not a code of the list", mend)
        elif code.id in deep:
            fault(f"the code {code.id} is its own ancestor, or has more than {DEEPEST} of them", "cut the circle")
        seen.setdefault(code.id, said.line)
    if more:
        what = f"{how_many(more, 'more code is', 'more codes are')} wrong in the same way"
        faults.append(Finding(Place(path.name), reference.id, what, "mend those above first"))
    if faults:
        raise MigstatError(faults)


def _too_deep(parents: dict[str, str | None]) -> set[str]:
    """Return the codes that are their own ancestors, or lie deeper than any codelist is."""
    depths: dict[str | None, int] = {None: 0}
    bad: set[str] = set()
    for id in parents:
        chain: list[str] = []
        above: str | None = id
        while above is not None and above not in depths and len(chain) <= DEEPEST:
            chain.append(above)
            above = parents.get(above)
        start = depths.get(above, DEEPEST)
        for steps, one in enumerate(reversed(chain), 1):
            depths[one] = start + steps
            if depths[one] > DEEPEST:
                bad.add(one)
    return bad


def _whole(text: Any) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        return None
