"""Annotations: what our words say and SDMX has no place for, so that reading gives back what was written."""

import datetime
from collections.abc import Iterable, Mapping

from migstat.words.codelist import Code, Codelist
from migstat.words.concept import Concept
from migstat.words.structure import FORMATS, TIME, TIME_PERIOD, Component, Structure

Notes = dict[str, str]

PARENT = "PARENT"
"""The annotation that names a parent where the schema does not let the element for it."""


def codelist_notes(codelist: Codelist) -> Notes:
    """Return where a codelist comes from, how far it may be called official, its licence, and its columns."""
    return _said(
        {
            "SOURCE": codelist.source,
            "STANDING": codelist.standing,
            "LICENCE": codelist.licence,
            "RETRIEVED": _day(codelist.retrieved),
            "COLUMNS": " ".join(columns(codelist)),
        }
    )


def columns(codelist: Codelist) -> list[str]:
    """Return what the codes have beside id, parent and names, in the order of the table of codes."""
    dated = any(code.valid_from or code.valid_to for code in codelist)
    bounded = any(code.lower is not None or code.upper is not None for code in codelist)
    others = dict.fromkeys(name for code in codelist for name in code.attributes)
    return ["valid_from", "valid_to"] * dated + ["lower", "upper"] * bounded + list(others)


def code_notes(code: Code) -> Notes:
    """Return the dates, bounds and other columns of a code that are not empty."""
    bounds = {"lower": code.lower, "upper": code.upper}
    return _said(
        {
            "valid_from": _day(code.valid_from),
            "valid_to": _day(code.valid_to),
            **{name: "" if value is None else str(value) for name, value in bounds.items()},
            **code.attributes,
        }
    )


def structure_notes(structure: Structure) -> Notes:
    """Return the kind and unit of a structure."""
    return _said({"KIND": structure.kind, "UNIT": structure.unit})


def component_notes(component: Component, structure: Structure, concept: Concept | None) -> Notes:
    """Return what a component is beside what SDMX says: its role with us, where it applies, who fills it.

    It may say of itself other than its concept says.
    """
    said = concept.descriptions.get("en", "") if concept else ""
    source = concept.source if concept else ""
    role = sdmx_role(component, structure)
    order = [one.id for one in in_order(structure)]
    return _said(
        {
            "ROLE": component.role if component.role != role else "",
            "POSITION": str(structure.ids.index(component.id) + 1) if order != list(structure.ids) else "",
            "REQUIRED": "false" if role == "dimension" and not component.required else "",
            "UNIVERSE": component.universe,
            "DERIVED_FROM": component.derived_from,
            "FILLED_BY": component.filled_by,
            "REPEATS": "true" if component.repeats else "",
            "DESCRIPTION": component.description if component.description != said else "",
            "SOURCE": component.source if component.source != source else "",
        }
    )


def sdmx_role(component: Component, structure: Structure) -> str:
    """Return the role of a component in SDMX: what is in the key is a dimension, what is not an attribute a measure."""
    if component.id in structure.key:
        return "dimension"
    return "attribute" if component.role == "attribute" else "measure"


def in_order(structure: Structure) -> list[Component]:
    """Return the components in the order of SDMX: dimensions, the time dimension last; measures; attributes."""
    roles = ("dimension", "measure", "attribute")
    listed = [one for role in roles for one in structure.components if sdmx_role(one, structure) == role]
    return sorted(listed, key=lambda one: _rank(one, structure))


def _rank(component: Component, structure: Structure) -> int:
    role = sdmx_role(component, structure)
    if role == "dimension":
        return 1 if component.id == TIME_PERIOD else 0
    return 2 if role == "measure" else 3


def facets(component: Component, structure: Structure) -> Mapping[str, str | int]:
    """Return the text type and the facets of a component that has no codelist."""
    is_time = component.id == TIME_PERIOD and component.id in structure.key
    type = component.format or (TIME if is_time else FORMATS.get(component.type, "String"))
    lowest, highest = component.minimum, component.maximum
    if component.above is not None or component.below is not None:
        type, lowest, highest = "ExclusiveValueRange", component.above, component.below
    made = {
        "textType": type,
        "minLength": component.shortest,
        "maxLength": component.longest,
        "minValue": plain(lowest),
        "maxValue": plain(highest),
        "decimals": component.decimals,
        "pattern": component.pattern or None,
    }
    return {name: value for name, value in made.items() if value is not None}


def plain(number: float | None) -> str | None:
    """Return a number as SDMX writes one: no exponent, and no decimals where it is whole."""
    if number is None:
        return None
    return str(int(number)) if float(number).is_integer() else f"{number!r}"


def texts(main: str, others: Mapping[str, str], language: str = "en") -> dict[str, str]:
    """Return a text in all its languages; the main one is English, unless it is one of the others."""
    own = bool(main) and language not in others and main not in others.values()
    return ({language: main} if own else {}) | dict(others)


def languages(names: Iterable[Mapping[str, str]]) -> list[str]:
    """Return the languages of many names, in the order in which they first come."""
    return list(dict.fromkeys(language for one in names for language in one))


def day(date: datetime.date | None) -> str | None:
    """Return a first day as SDMX writes it."""
    return None if date is None else date.isoformat()


def last_day(date: datetime.date | None) -> str | None:
    """Return the last day on which something holds, of which the first without it is known."""
    return None if date is None else (date - datetime.timedelta(1)).isoformat()


def _day(date: datetime.date | None) -> str:
    return "" if date is None else date.isoformat()


def _said(notes: Notes) -> Notes:
    return {kind: value for kind, value in notes.items() if value}
