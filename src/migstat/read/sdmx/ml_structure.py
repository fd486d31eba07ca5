"""Data structures and dataflows of SDMX-ML."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from migstat.read.sdmx.ml_text import annotations, child, children, local_id, one_reference, own_reference, texts
from migstat.read.sdmx.parsed import Part, Parts, Representation
from migstat.read.xml import local, place
from migstat.words.structure import TIME_PERIOD, Dataflow, Role

DIMENSIONS = ("Dimension", "TimeDimension", "MeasureDimension")
ATTRIBUTES = ("Attribute", "ReportingYearStartDay")
MEASURES = ("Measure", "PrimaryMeasure")


def structure(element: Any, path: Path) -> Parts:
    """Return a data structure with its components in order: dimensions, measures, attributes."""
    whole = child(element, "DataStructureComponents")
    groups = {
        one.get("id", ""): tuple(
            local_id(child(each, "DimensionReference")) for each in children(one, "GroupDimension")
        )
        for one in children(whole, "Group")
    }
    lists = {name: child(whole, name) for name in ("DimensionList", "MeasureList", "AttributeList")}
    found = [one for name in DIMENSIONS for one in children(lists["DimensionList"], name)]
    found.sort(key=lambda one: (local(one) == "TimeDimension", _position(one)))
    parts = [_part(one, "dimension", path) for one in found]
    parts += [_part(one, "measure", path) for name in MEASURES for one in children(lists["MeasureList"], name)]
    listed = [] if lists["AttributeList"] is None else lists["AttributeList"]
    parts += [_attribute(one, groups, path) for one in listed if local(one) in ATTRIBUTES]
    return Parts(
        own_reference(element, "DataStructure"),
        texts(element, "Name"),
        texts(element, "Description"),
        tuple(parts),
        groups,
        place(path, element),
        annotations(element),
    )


def _position(element: Any) -> int:
    said = element.get("position", "")
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def dataflow(element: Any, path: Path) -> Dataflow | None:
    """Return a dataflow; None for a stub, which names no structure."""
    said = child(element, "Structure")
    if said is None:
        return None
    reference = own_reference(element, "Dataflow")
    return Dataflow(
        reference.id,
        reference.agency,
        reference.version,
        texts(element, "Name"),
        one_reference(element, "Structure", "DataStructure", path),
        texts(element, "Description"),
    )


def representation(element: Any, path: Path) -> Representation:
    """Return the codelist, or the text type and facets, of a local or core representation."""
    coded = child(element, "Enumeration")
    most = element.get("maxOccurs", "1").strip()
    format = child(element, "EnumerationFormat" if coded is not None else "TextFormat")
    return Representation(
        None if coded is None else one_reference(element, "Enumeration", "Codelist", path),
        {} if format is None else dict(format.attrib),
        int(most) if most.isdecimal() and len(most) < 10 else None,
    )


def _part(element: Any, role: Role, path: Path) -> Part:
    concept = one_reference(element, "ConceptIdentity", "Concept", path)
    said = child(element, "LocalRepresentation")
    kind = local(element)
    usage = element.get("usage", element.get("assignmentStatus", "")).lower()
    return Part(
        id=element.get("id") or (TIME_PERIOD if kind == "TimeDimension" else concept.item),
        role=role,
        concept=concept,
        place=place(path, element),
        representation=None if said is None else representation(said, path),
        required=role == "dimension" or kind == "PrimaryMeasure" or usage == "mandatory",
        is_time=kind == "TimeDimension",
        annotations=annotations(element),
    )


def _attribute(element: Any, groups: dict[str, tuple[str, ...]], path: Path) -> Part:
    said = child(element, "AttributeRelationship")
    group = local_id(child(said, "Group")) if child(said, "Group") is not None else ""
    dimensions = tuple(local_id(one) for one in children(said, "Dimension"))
    attached: tuple[str, ...] | None = None
    if group:
        attached = groups.get(group, ())
    elif dimensions:
        attached = dimensions
    elif any(child(said, name) is not None for name in ("None", "Dataflow", "Dataset")):
        attached = ()
    measures = tuple(local_id(one) for one in children(child(element, "MeasureRelationship"), "Measure"))
    return replace(_part(element, "attribute", path), attached=attached, group=group, measures=measures)
