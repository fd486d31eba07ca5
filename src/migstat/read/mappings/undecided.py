"""What a draft left open: each TODO of a mapping is a finding of its own, with what to do."""

from collections.abc import Iterator

from migstat.read.mappings.faults import Faults
from migstat.read.placed import Placed
from migstat.words.undecided import TODO

MEND = "choose one of the candidates written above it, or let migstat draft --ask walk through what is open"
DECIDE = "decide it, and write what the source says"
MOST_SAID = 80


def note_undecided(placed: Placed, faults: Faults) -> None:
    """Note every TODO of a mapping; what else would be said of the same lines follows from it, and is left unsaid."""
    for path, value in _open(placed, ()):
        faults.component = path[1] if path[0] == "rules" and len(path) > 1 else path[0]
        said = value.text[:MOST_SAID]
        faults.add(value.place, f"{_subject(path)} is not decided yet: {said}", MEND if said == TODO else DECIDE)
        faults.open.add(value.place)
    faults.component = ""


def is_open(text: str) -> bool:
    """Say whether a text is a TODO, or one that says what there is to do.

    >>> is_open("TODO"), is_open("TODO: who made the file"), is_open("nothing to do")
    (True, True, False)
    """
    return text == TODO or text.startswith((f"{TODO}:", f"{TODO} "))


def _open(placed: Placed, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Placed]]:
    if path and is_open(placed.text):
        yield path, placed
    for key, item in placed.items.items():
        yield from _open(item, (*path, key))
    if isinstance(placed.value, tuple):
        for entry in placed.value:
            yield from _open(entry, path)


def _subject(path: tuple[str, ...]) -> str:
    match path:
        case ("rules", _):
            return "the rule"
        case ("rules", _, *_, "recode", value):
            return f"the value '{value}'"
        case _:
            return f"'{path[-1]}'"


def table_mend(because: str) -> str:
    """Return the mend of an open line of a table, whose candidates stand under ``because``."""
    listed = [part.partition(":")[2].partition("--")[0].strip() for part in because.split("|")]
    codes = [one for one in listed if one]
    near = (
        f"write {' or '.join(codes)}, or another code" if codes else "write its code, or a kind of missing such as _U"
    )
    return f"{near}; migstat draft --ask walks through what is open"
