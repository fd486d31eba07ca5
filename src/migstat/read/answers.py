"""Wordings of answers in: a table of codelist, code, language, match and text."""

from functools import cache
from pathlib import Path

from migstat.read.codelists import codelist, codelist_ids, data_folder
from migstat.read.office_tables import table_rows
from migstat.words.answer import FITS, Answer
from migstat.words.finding import Finding, MigstatError, Place

COLUMNS = ("codelist", "code", "language", "match", "text")


@cache
def answers() -> tuple[Answer, ...]:
    """Return the wordings that ship.

    >>> {one.code for one in answers() if one.text == "soltero"}
    {'SINGLE'}
    """
    return read_answers(data_folder("codelists") / "names" / "answers.csv")


def read_answers(path: Path) -> tuple[Answer, ...]:
    """Read a table of wordings, such as one of an office's own; raise with every fault at once."""
    faults: list[Finding] = []
    rows = table_rows(path, COLUMNS)
    found = [one for line, row in rows if (one := _answer(row, Place(path.name, line), faults))]
    if faults:
        raise MigstatError(faults)
    return tuple(found)


def _answer(row: dict[str, str], place: Place, faults: list[Finding]) -> Answer | None:
    id, code, text = (row[name] for name in ("codelist", "code", "text"))
    fit = next((one for one in FITS if one == row["match"]), None)
    if fit is None:
        faults.append(Finding(place, text, f"match: {row['match']!r} is not known", f"write {' or '.join(FITS)}"))
    if id not in codelist_ids():
        faults.append(Finding(place, text, f"there is no codelist {id!r}", "migstat codes lists them"))
    elif code not in codelist(id):
        near = codelist(id).nearest(code, 1)
        mend = f"write {near[0]}" if near else f"migstat codes {id} lists its codes"
        faults.append(Finding(place, text, f"{id} has no code {code!r}", mend))
    elif fit and text.strip():
        return Answer(id, code, row["language"], fit, text)
    elif not text.strip():
        faults.append(Finding(place, code, "has no text", "write the wording, or remove the line"))
    return None
