"""Data structures in SDMX-ML: the lists of dimensions, attributes and measures."""

from collections.abc import Mapping

from migstat.words.concept import Concept
from migstat.words.reference import Reference
from migstat.words.structure import TIME_PERIOD, Component, Structure
from migstat.write.sdmx.message import MEASURE, codelist_of, concept_of
from migstat.write.sdmx.ml_dialect import Dialect
from migstat.write.sdmx.notes import component_notes, facets, in_order, sdmx_role, structure_notes, texts
from migstat.write.xml import Attributes

Concepts = Mapping[Reference, Concept]


def write_data_structure(dialect: Dialect, structure: Structure, concepts: Concepts) -> None:
    """Write a data structure."""
    xml = dialect.xml
    said = texts(structure.description, structure.descriptions)
    roles: dict[str, list[Component]] = {"dimension": [], "measure": [], "attribute": []}
    for component in in_order(structure):
        roles[sdmx_role(component, structure)].append(component)
    with (
        dialect.maintained(structure, structure.names, said, structure_notes(structure), "DataStructure"),
        xml.element("str:DataStructureComponents"),
    ):
        with xml.element("str:DimensionList", {"id": "DimensionDescriptor"}):
            for number, component in enumerate(roles["dimension"], 1):
                _dimension(dialect, component, structure, concepts, number)
        for id, dimensions in structure.groups.items():
            with xml.element("str:Group", {"id": id}):
                for dimension in dimensions:
                    with xml.element("str:GroupDimension"):
                        dialect.refer_locally("str:DimensionReference", dimension)
        if roles["attribute"]:
            with xml.element("str:AttributeList", {"id": "AttributeDescriptor"}):
                for component in roles["attribute"]:
                    _attribute(dialect, component, structure, concepts)
        if roles["measure"]:
            with xml.element("str:MeasureList", {"id": "MeasureDescriptor"}):
                for component in roles["measure"]:
                    _measure(dialect, component, structure, concepts)


def _dimension(dialect: Dialect, component: Component, structure: Structure, concepts: Concepts, number: int) -> None:
    time = component.id == TIME_PERIOD
    head: Attributes = {"id": component.id, "position": None if time and not dialect.old else number}
    with dialect.xml.element("str:TimeDimension" if time else "str:Dimension", head):
        _described(dialect, component, structure, concepts)


def _measure(dialect: Dialect, component: Component, structure: Structure, concepts: Concepts) -> None:
    usage = "mandatory" if component.required else "optional"
    tag, head = ("str:PrimaryMeasure", {}) if dialect.old else ("str:Measure", {"usage": usage})
    with dialect.xml.element(tag, {"id": component.id, **head}):
        _described(dialect, component, structure, concepts)


def _attribute(dialect: Dialect, component: Component, structure: Structure, concepts: Concepts) -> None:
    xml = dialect.xml
    if dialect.old:
        usage = {"assignmentStatus": "Mandatory" if component.required else "Conditional"}
    else:
        usage = {"usage": "mandatory" if component.required else "optional"}
    with xml.element("str:Attribute", {"id": component.id, **usage}):
        _described(dialect, component, structure, concepts)
        with xml.element("str:AttributeRelationship"):
            _relationship(dialect, component, structure)
        if component.measures:
            with xml.element("str:MeasureRelationship"):
                for id in component.measures:
                    xml.leaf("str:Measure", text=id)


def _relationship(dialect: Dialect, component: Component, structure: Structure) -> None:
    group = next((id for id, held in structure.groups.items() if held == component.attached), None)
    if component.attached is None:
        if dialect.old:
            dialect.refer_locally("str:PrimaryMeasure", MEASURE)
        else:
            dialect.xml.leaf("str:Observation")
    elif not component.attached:
        dialect.xml.leaf("str:None" if dialect.old else "str:Dataflow")
    elif group is not None:
        dialect.refer_locally("str:Group", group)
    else:
        for id in component.attached:
            dialect.refer_locally("str:Dimension", id)


def _described(dialect: Dialect, component: Component, structure: Structure, concepts: Concepts) -> None:
    xml = dialect.xml
    about = concept_of(component, structure)
    notes = component_notes(component, structure, concepts.get(about))
    if dialect.old and component.id == MEASURE and not component.required:
        # Version 2.1 cannot say that its measure may be missing.
        notes |= {"REQUIRED": "false"}
    dialect.notes(notes)
    dialect.refer("str:ConceptIdentity", about)
    many: Attributes = {}
    if component.most != 1:
        many = {"maxOccurs": "unbounded" if component.most is None else component.most}
    with xml.element("str:LocalRepresentation", many):
        if component.coded:
            dialect.refer("str:Enumeration", codelist_of(component, structure))
        else:
            xml.leaf("str:TextFormat", facets(component, structure))
