"""Content constraints of SDMX-ML."""

from pathlib import Path
from typing import Any

from migstat.read.sdmx.constraint_words import CASCADES, Ends, make_period
from migstat.read.sdmx.ml_text import child, children, flag, own_reference, reference_in, since, text, texts, until
from migstat.read.xml import local
from migstat.words.constraint import Constraint, Key, KeySet, Member, Region, Selection


def constraint(element: Any, kind: str, path: Path) -> Constraint:
    """Return a content, data or availability constraint."""
    own = own_reference(element, "DataConstraint")
    said = element.get("role") or element.get("type") or "Actual"
    where = child(element, "ConstraintAttachment")
    attached = [] if where is None else [reference_in(one, local(one)) for one in where]
    return Constraint(
        id=own.id,
        agency=own.agency,
        version=own.version,
        names=texts(element, "Name"),
        role="allowed" if said == "Allowed" else "actual",
        attached=tuple(one for one in attached if one is not None),
        regions=tuple(_region(one) for one in children(element, "CubeRegion")),
        key_sets=tuple(_key_set(one) for one in children(element, "DataKeySet")),
        descriptions=texts(element, "Description"),
        valid_from=since(element),
        valid_to=until(element),
    )


def _region(element: Any) -> Region:
    return Region(_selections(element), flag(element, "include", True))


def _key_set(element: Any) -> KeySet:
    keys = (Key(_selections(one), since(one), until(one)) for one in children(element, "Key"))
    return KeySet(tuple(keys), flag(element, "isIncluded", True))


def _selections(element: Any) -> tuple[Selection, ...]:
    return tuple(_selection(one) for one in element if local(one) in ("KeyValue", "Attribute", "Component"))


def _selection(element: Any) -> Selection:
    span = child(element, "TimeRange")
    return Selection(
        component=element.get("id", ""),
        members=tuple(
            Member(text(one), CASCADES.get(one.get("cascadeValues", ""), "no"), since(one), until(one))
            for one in children(element, "Value")
        ),
        include=flag(element, "include", True),
        period=None if span is None else make_period({local(one): _end(one) for one in span}),
        valid_from=since(element),
        valid_to=until(element),
    )


def _end(element: Any) -> Ends:
    return text(element), flag(element, "isInclusive", True)
