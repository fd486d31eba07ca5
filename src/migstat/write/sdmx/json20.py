"""SDMX-JSON 2.0 out: a structure message with everything that was asked for, in all its languages."""

import datetime
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from migstat.words.artefacts import Artefacts
from migstat.words.codelist import Codelist
from migstat.words.concept import Concept, ConceptScheme
from migstat.words.constraint import Constraint, Period, Selection
from migstat.words.hierarchy import Hierarchy, Node
from migstat.words.reference import Maintained, Reference, reference
from migstat.words.structure import TIME_PERIOD, Component, Dataflow, Structure
from migstat.write.atomic import write_text
from migstat.write.sdmx.message import (
    AGENCIES,
    AgencyScheme,
    Head,
    codelist_of,
    concept_of,
    concepts_of,
    outside_key,
    refuse_unsayable,
)
from migstat.write.sdmx.notes import (
    Notes,
    code_notes,
    codelist_notes,
    component_notes,
    day,
    facets,
    in_order,
    languages,
    last_day,
    sdmx_role,
    structure_notes,
    texts,
)

SCHEMA = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/"
    "sdmx-json-structure-schema.json"
)
"""The address by which a message names its format; nothing is fetched from it."""
CASCADE = {"no": False, "with descendants": True, "descendants only": "excluderoot"}

Names = Mapping[str, str]
Item = dict[str, Any]
Concepts = Mapping[Reference, Concept]


def write_json20(artefacts: Artefacts, path: str | os.PathLike[str], head: Head) -> None:
    """Write a structure message to a file, which appears whole or not at all; equal artefacts give equal bytes.

    Raises MigstatError with everything that SDMX 2.0 in JSON has no way to say.
    """
    write_text(path, json20_text(artefacts, head))


def json20_text(artefacts: Artefacts, head: Head) -> str:
    """Return a structure message as text."""
    refuse_unsayable(artefacts, "3.0")
    concepts = concepts_of(artefacts.schemes)
    named: list[Codelist | ConceptScheme | Structure | Dataflow]
    named = [*artefacts.codelists, *artefacts.schemes, *artefacts.structures, *artefacts.dataflows]
    meta = {
        "schema": SCHEMA,
        "id": head.id,
        "test": False,
        "prepared": f"{head.prepared}Z",
        "contentLanguages": languages(one.names for one in named) or ["en"],
        "sender": {"id": head.sender},
    }
    scheme = AgencyScheme(artefacts.agencies)
    agencies = [{"id": one.id, **_names(one.names)} for one in artefacts.agencies]
    agencies_item = _maintained(scheme, AGENCIES, {}) | {"isPartial": True, "agencies": agencies}
    data = {
        "agencySchemes": [agencies_item] if agencies else [],
        "codelists": [_codelist(one) for one in artefacts.codelists],
        "conceptSchemes": [_scheme(one) for one in artefacts.schemes],
        "dataConstraints": [_constraint(one, outside_key(one, artefacts)) for one in artefacts.constraints],
        "dataflows": [_dataflow(one) for one in artefacts.dataflows],
        "dataStructures": [_structure(one, concepts) for one in artefacts.structures],
        "hierarchies": [_hierarchy(one) for one in artefacts.hierarchies],
    }
    message = {"meta": meta, "data": {name: found for name, found in data.items() if found}}
    return json.dumps(message, ensure_ascii=False, indent=1) + "\n"


def _names(names: Names, descriptions: Names | None = None, notes: Notes | None = None) -> Item:
    first = names.get("en") or next(iter(names.values()), "")
    found: Item = {"name": first, "names": dict(names)}
    if descriptions:
        found |= {"description": descriptions.get("en") or next(iter(descriptions.values()))}
        found["descriptions"] = dict(descriptions)
    return found | _notes(notes or {})


def _notes(notes: Notes) -> Item:
    return {"annotations": [{"title": value, "type": kind} for kind, value in notes.items()]} if notes else {}


def _maintained(one: Maintained, names: Names, descriptions: Names, notes: Notes | None = None, kind: str = "") -> Item:
    said = reference(one, kind)
    return {
        "id": said.id,
        "agencyID": said.agency,
        "version": said.version,
        "links": [{"rel": "self", "urn": said.urn}],
        **_names(names, descriptions, notes),
    }


def _codelist(codelist: Codelist) -> Item:
    said = texts(codelist.description, codelist.descriptions)
    return _maintained(codelist, codelist.names, said, codelist_notes(codelist)) | {
        "codes": [
            {"id": code.id, **_names(code.names, code.descriptions, code_notes(code))}
            | ({} if code.parent is None else {"parent": code.parent})
            for code in codelist
        ]
    }


def _scheme(scheme: ConceptScheme) -> Item:
    return _maintained(scheme, scheme.names, scheme.descriptions) | {
        "concepts": [
            {"id": one.id, **_names(one.names, one.descriptions, {"SOURCE": one.source} if one.source else {})}
            | ({} if one.parent is None else {"parent": one.parent})
            for one in scheme
        ]
    }


def _dataflow(flow: Dataflow) -> Item:
    return _maintained(flow, flow.names, flow.descriptions) | {"structure": flow.structure.urn}


def _hierarchy(hierarchy: Hierarchy) -> Item:
    return _maintained(hierarchy, hierarchy.names, hierarchy.descriptions) | {
        "hasFormalLevels": False,
        "hierarchicalCodes": [_node(node) for node in hierarchy.nodes],
    }


def _node(node: Node) -> Item:
    found = {"id": node.id, "code": node.code.urn, **_validity(node.valid_from, node.valid_to, time=True)}
    return found | ({"hierarchicalCodes": [_node(one) for one in node.children]} if node.children else {})


def _structure(structure: Structure, concepts: Concepts) -> Item:
    roles: dict[str, list[Component]] = {"dimension": [], "measure": [], "attribute": []}
    for component in in_order(structure):
        roles[sdmx_role(component, structure)].append(component)
    dimensions: Item = {
        "id": "DimensionDescriptor",
        "dimensions": [
            {**_component(one, structure, concepts), "position": number}
            for number, one in enumerate(roles["dimension"])
            if one.id != TIME_PERIOD
        ],
    }
    for one in roles["dimension"]:
        if one.id == TIME_PERIOD:
            dimensions["timeDimension"] = _component(one, structure, concepts)
    lists: Item = {"dimensionList": dimensions}
    if structure.groups:
        lists["groups"] = [{"id": id, "groupDimensions": list(held)} for id, held in structure.groups.items()]
    if roles["attribute"]:
        attributes = [_attribute(one, structure, concepts) for one in roles["attribute"]]
        lists["attributeList"] = {"id": "AttributeDescriptor", "attributes": attributes}
    if roles["measure"]:
        measures = [{**_component(one, structure, concepts), "usage": _usage(one)} for one in roles["measure"]]
        lists["measureList"] = {"id": "MeasureDescriptor", "measures": measures}
    said = texts(structure.description, structure.descriptions)
    return _maintained(structure, structure.names, said, structure_notes(structure)) | {
        "dataStructureComponents": lists
    }


def _component(component: Component, structure: Structure, concepts: Concepts) -> Item:
    about = concept_of(component, structure)
    found: Item = {"id": component.id, **_notes(component_notes(component, structure, concepts.get(about)))}
    found["conceptIdentity"] = about.urn
    many = {} if component.most == 1 else {"maxOccurs": "unbounded" if component.most is None else component.most}
    if component.coded:
        found["localRepresentation"] = {"enumeration": codelist_of(component, structure).urn, **many}
        return found
    said = dict(facets(component, structure))
    format: Item = {"dataType": said.pop("textType"), **said}
    for name in ("minValue", "maxValue"):
        if name in format:
            format[name] = json.loads(format[name])
    found["localRepresentation"] = {"format": format, **many}
    return found


def _attribute(component: Component, structure: Structure, concepts: Concepts) -> Item:
    group = next((id for id, held in structure.groups.items() if held == component.attached), None)
    relationship: Item
    if component.attached is None:
        relationship = {"observation": {}}
    elif not component.attached:
        relationship = {"dataflow": {}}
    elif group is not None:
        relationship = {"group": group}
    else:
        relationship = {"dimensions": list(component.attached)}
    found = {
        **_component(component, structure, concepts),
        "usage": _usage(component),
        "attributeRelationship": relationship,
    }
    return found | ({"measureRelationship": list(component.measures)} if component.measures else {})


def _usage(component: Component) -> str:
    return "mandatory" if component.required else "optional"


def _constraint(constraint: Constraint, others: set[str]) -> Item:
    found = _maintained(constraint, constraint.names, constraint.descriptions)
    found |= _validity(constraint.valid_from, constraint.valid_to, time=True)
    found["role"] = constraint.role.capitalize()
    if constraint.attached:
        found["constraintAttachment"] = _attachment(constraint.attached)
    if constraint.key_sets:
        found["dataKeySets"] = [
            {
                "isIncluded": one.include,
                "keys": [
                    _split(key.selections, others, single=True) | _validity(key.valid_from, key.valid_to)
                    for key in one.keys
                ],
            }
            for one in constraint.key_sets
        ]
    if constraint.regions:
        found["cubeRegions"] = [
            {"include": one.include, **_split(one.selections, others)} for one in constraint.regions
        ]
    return found


def _attachment(attached: Sequence[Reference]) -> Item:
    names = {"DataStructure": "dataStructures", "Dataflow": "dataflows", "ProvisionAgreement": "provisionAgreements"}
    return {names[kind]: [one.urn for one in attached if one.kind == kind] for kind in {one.kind for one in attached}}


def _split(selections: Sequence[Selection], others: set[str], *, single: bool = False) -> Item:
    of_dimensions = [one for one in selections if one.component not in others]
    of_others = [one for one in selections if one.component in others]
    found: Item = {}
    if of_dimensions:
        found["keyValues"] = [_selection(one, single) for one in of_dimensions]
    if of_others:
        found["components"] = [_selection(one, False) for one in of_others]
    return found


def _selection(selection: Selection, single: bool) -> Item:
    found: Item = {"id": selection.component, **({} if selection.include else {"include": False})}
    found |= _validity(selection.valid_from, selection.valid_to)
    if single:
        return found | {"value": selection.values[0]}
    if selection.members:
        found["values"] = [
            {
                "value": one.value,
                **({} if one.cascade == "no" else {"cascadeValues": CASCADE[one.cascade]}),
                **_validity(one.valid_from, one.valid_to),
            }
            for one in selection.members
        ]
    if selection.period is not None:
        found["timeRange"] = _period(selection.period)
    return found


def _period(period: Period) -> Item:
    both = period.start is not None and period.end is not None
    names = ("startPeriod", "endPeriod") if both else ("afterPeriod", "beforePeriod")
    ends = ((period.start, period.start_included), (period.end, period.end_included))
    return {
        name: {"period": said, "isInclusive": included}
        for name, (said, included) in zip(names, ends, strict=True)
        if said is not None
    }


def _validity(since: datetime.date | None, until: datetime.date | None, *, time: bool = False) -> Item:
    clock = "T00:00:00Z" if time else ""
    ends = {"validFrom": day(since), "validTo": last_day(until)}
    return {name: f"{said}{clock}" for name, said in ends.items() if said is not None}
