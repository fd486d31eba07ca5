"""Dictionaries of REDATAM (.dicx) as codebooks: entities as types of record, variables with labels and ranges.

CELADE publishes no description of the format, and no real file was at hand: the names of the elements are those that
public, independent readers of such files look for. What is not known is passed over.
"""

from pathlib import Path
from typing import Any

from migstat.read.packed import fault
from migstat.read.xml import elements, local
from migstat.words.codebook import Codebook, Kind, RecordType, ValueLabel, Variable
from migstat.words.finding import Finding, MigstatError, Place

ROOT = "redDictionary_XML"
LARGEST = 64 << 20
AGAIN = "ask the office for the dictionary again"
KINDS: dict[str, Kind] = {"REAL": "number", "DBL": "number", "DOUBLE": "number"}
"""Types of variables that are amounts; the others are codes and texts."""
MISSING = ("missing", "notApplicable")
"""Elements that give a value which is no answer."""


def recognised(path: Path, start: bytes) -> bool:
    """Tell whether a file is a dictionary of REDATAM: .dicx, or the older .dic, which is told and not read."""
    return ROOT.encode() in start or (path.suffix.lower() == ".dic" and b"\0" in start)


def read(path: Path) -> Codebook:
    """Read a dictionary. Raises MigstatError where it cannot be read."""
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if ROOT.encode() not in start:
        mend = "save it as .dicx in REDATAM 7, or export its labels as CSV or SPSS"
        raise fault(path.name, "is an old dictionary of REDATAM (.dic), which cannot be read", mend)
    faults: list[Finding] = []
    variables: list[Variable] = []
    records: list[RecordType] = []
    for _, root in elements(path, [ROOT], largest=LARGEST):
        for child in root:
            if local(child) in {"root", "entity"}:
                _entity(child, "", variables, records, path.name, faults)
    if not variables and not faults:
        faults.append(
            Finding(Place(path.name), "", "the dictionary has no variable", "check that this is the right file")
        )
    if faults:
        raise MigstatError(faults[:50])
    return Codebook(path.name, tuple(variables), records=tuple(records))


def _entity(
    entity: Any, parent: str, variables: list[Variable], records: list[RecordType], file: str, faults: list[Finding]
) -> None:
    name = _text(entity, "name")
    if not name:
        faults.append(Finding(Place(file, entity.sourceline), "", "an entity has no name", AGAIN))
        return
    records.append(RecordType(name, "", parent, _text(entity, "label") or _text(entity, "description")))
    for child in entity:
        match local(child):
            case "variable":
                variable = _variable(child, name)
                if not variable.name:
                    what = f"a variable of {name} has no name"
                    faults.append(Finding(Place(file, child.sourceline), "", what, AGAIN))
                variables.append(variable)
            case "entity":
                _entity(child, name, variables, records, file, faults)


def _variable(element: Any, record: str) -> Variable:
    missing = [text for name in MISSING for one in _all(element, name) if (text := (one.text or "").strip())]
    values = [
        ValueLabel(_text(one, "value"), _text(one, "label"), _text(one, "value") in missing)
        for labels in _all(element, "valueLabels")
        for one in labels
    ]
    for bounds in _all(element, "range"):
        low, high = _text(bounds, "rangeMin"), _text(bounds, "rangeMax")
        if not values and low and high:
            values = [ValueLabel(f"{low}..{high}", "")]
    return Variable(
        name=_text(element, "name"),
        label=_text(element, "label"),
        values=tuple(values),
        missing=tuple(missing),
        kind=KINDS.get(_text(element, "varType").upper(), "text"),
        record=record,
    )


def _all(element: Any, name: str) -> list[Any]:
    return [child for child in element if local(child) == name]


def _text(element: Any, name: str) -> str:
    return next(((child.text or "").strip() for child in element if local(child) == name), "")
