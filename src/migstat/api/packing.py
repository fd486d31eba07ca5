"""Packs: those at hand, and one by its id."""

import os
from collections import Counter
from difflib import get_close_matches
from pathlib import Path

from migstat.api.checking import read_mapping
from migstat.read.packs.found import VARIABLE, absent, pack_files, pack_folder, pack_folders, pack_ids, packs_in
from migstat.words.finding import Finding, MigstatError, Place, Severity, misuse
from migstat.words.pack import Pack
from migstat.words.unverified import claims


def packs(folder: str | os.PathLike[str] | None = None) -> tuple[Pack, ...]:
    """Return the packs at hand: under MIGSTAT_PACKS, of installed packages, and those that ship; or of one folder.

    None of their code is run. A pack whose mapping cannot be read says so in its ``findings``.

    >>> "USA_ACS_2018" in [pack.id for pack in packs()]
    True
    """
    found = pack_folders() if folder is None else ((path, "path") for path in packs_in(Path(folder)))
    return tuple(_pack(path, origin) for path, origin in found)


def pack(id: str | os.PathLike[str]) -> Pack:
    """Return one pack, by the id of its mapping, the name of its folder, or its path.

    Raises Misuse with the nearest ids where there is none.

    >>> pack("USA_ACS_2018").area
    'USA'
    """
    path = Path(id)
    if (path / "mapping.yaml").is_file():
        return _pack(path, "path")
    folder = pack_folder(str(id))
    if folder is not None:
        return _pack(*folder)
    known = sorted({one for path, _ in pack_folders() for one in pack_ids(path)})
    near = get_close_matches(str(id).upper(), known, 3, 0.5)
    mend = f"write {', or '.join(near)}" if near else "see migstat pack list, or name the folder"
    if empty := absent():
        mend += f"; {VARIABLE} names {', '.join(empty)}, where no pack is"
    raise misuse(f"there is no pack {id}", mend)


def without_packs() -> tuple[Finding, ...]:
    """Return a warning for each folder that the environment names for packs, and that holds none."""
    what, mend = f"{VARIABLE} names it, and no pack is there", "mend the path, or put a folder with mapping.yaml there"
    return tuple(Finding(Place(one), "", what, mend, Severity.WARNING) for one in absent())


def shadowed(text: str) -> Finding | None:
    """Say that a path was taken although a pack has that id too; None where nothing is ambiguous."""
    found = pack_folder(text) if Path(text).exists() else None
    if found is None or found[0].resolve() == Path(text).resolve():
        return None
    what = f"{text} is a path here and the id of a pack ({found[1]}): the path is taken"
    return Finding(Place(text), "", what, "move the folder, or name the pack by its path", Severity.NOTE)


def _pack(folder: Path, origin: str) -> Pack:
    files = pack_files(folder)
    try:
        read = [read_mapping(path) for path in files]
    except MigstatError as error:
        return Pack(next(iter(pack_ids(folder))), folder, origin, findings=error.findings)
    first = read[0]
    periods = [first.source.period, *(wave.period for wave in first.waves)]
    counts = Counter(claim.confidence or "" for mapping in read for claim in claims(mapping))
    return Pack(
        id=first.id,
        folder=folder,
        origin=origin,
        name=first.source.name or first.source.by,
        kind=first.source.kind,
        area=first.source.area,
        period=_span([period for period in periods if period]),
        into=first.into,
        mappings=tuple(path.name for path in files),
        claims=dict(sorted(counts.items())),
    )


def _span(periods: list[str]) -> str:
    years = sorted({period[:4] for period in periods})
    return f"{years[0]}-{years[-1]}" if len(years) > 1 else next(iter(periods), "")
