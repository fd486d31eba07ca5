"""SDMX-ML out, 2.1 and 3.0: a structure message with everything that was asked for, in all its languages."""

import io
import os
from collections.abc import Callable, Sequence
from typing import Any

from migstat.words.artefacts import Agency, Artefacts
from migstat.words.codelist import Codelist
from migstat.words.concept import ConceptScheme
from migstat.words.hierarchy import Hierarchy, Node
from migstat.words.reference import Reference
from migstat.words.structure import Dataflow
from migstat.write.sdmx.message import AGENCIES, AgencyScheme, Head, concepts_of, outside_key, refuse_unsayable
from migstat.write.sdmx.ml_constraint import write_constraint
from migstat.write.sdmx.ml_dialect import Dialect, Version
from migstat.write.sdmx.ml_structure import write_data_structure
from migstat.write.sdmx.notes import PARENT, code_notes, codelist_notes, texts
from migstat.write.xml import XmlWriter, writing


def write_ml(artefacts: Artefacts, path: str | os.PathLike[str], version: Version, head: Head) -> None:
    """Write a structure message to a file, which appears whole or not at all; equal artefacts give equal bytes.

    Raises MigstatError with everything that the version has no way to say.
    """
    refuse_unsayable(artefacts, version)
    with writing(path) as xml:
        _stream(artefacts, xml, version, head)


def message_ml(artefacts: Artefacts, version: Version, head: Head) -> bytes:
    """Return a structure message as bytes."""
    refuse_unsayable(artefacts, version)
    file = io.BytesIO()
    _stream(artefacts, XmlWriter(file), version, head)
    return file.getvalue()


def _stream(artefacts: Artefacts, xml: XmlWriter, version: Version, head: Head) -> None:
    """Write a structure message, artefact by artefact."""
    dialect, concepts = Dialect(xml, version), concepts_of(artefacts.schemes)
    sections: dict[str, tuple[Sequence[Any], Callable[[Any], None]]] = {
        "AgencySchemes": (agency_schemes(artefacts.agencies), lambda one: _agencies(dialect, one)),
        "Codelists": (artefacts.codelists, lambda one: _codelist(dialect, one)),
        "ConceptSchemes": (artefacts.schemes, lambda one: _scheme(dialect, one)),
        "DataConstraints": (
            artefacts.constraints,
            lambda one: write_constraint(dialect, one, outside_key(one, artefacts)),
        ),
        "Dataflows": (artefacts.dataflows, lambda one: _dataflow(dialect, one)),
        "DataStructures": (artefacts.structures, lambda one: write_data_structure(dialect, one, concepts)),
        "Hierarchies": (artefacts.hierarchies, lambda one: _hierarchy(dialect, one)),
    }
    with xml.element("mes:Structure", dialect.namespaces):
        with xml.element("mes:Header"):
            xml.leaf("mes:ID", text=head.id)
            xml.leaf("mes:Test", text="false")
            xml.leaf("mes:Prepared", text=head.prepared)
            xml.leaf("mes:Sender", {"id": head.sender})
        with xml.element("mes:Structures"):
            for name in OLD_ORDER if dialect.old else sections:
                found, write = sections[name]
                if found:
                    with xml.element(f"str:{OLD_NAMES.get(name, name) if dialect.old else name}"):
                        for one in found:
                            write(one)


OLD_NAMES = {
    "AgencySchemes": "OrganisationSchemes",
    "ConceptSchemes": "Concepts",
    "DataConstraints": "Constraints",
    "Hierarchies": "HierarchicalCodelists",
}
OLD_ORDER = (
    "AgencySchemes", "Dataflows", "Codelists", "Hierarchies", "ConceptSchemes", "DataStructures", "DataConstraints",
)  # fmt: skip
"""Names and order of the sections in version 2.1."""


def agency_schemes(agencies: Sequence[Agency]) -> list[AgencyScheme]:
    """Return the scheme of the top agencies, as far as it is needed here."""
    return [AgencyScheme(tuple(agencies))] if agencies else []


def _agencies(dialect: Dialect, scheme: AgencyScheme) -> None:
    with dialect.maintained(scheme, AGENCIES, {}, kind="AgencyScheme", attributes={"isPartial": True}):
        for agency in scheme.agencies:
            with dialect.xml.element("str:Agency", {"id": agency.id}):
                dialect.about(agency.names)


def _codelist(dialect: Dialect, codelist: Codelist) -> None:
    said = texts(codelist.description, codelist.descriptions)
    with dialect.maintained(codelist, codelist.names, said, codelist_notes(codelist)):
        for code in codelist:
            # The schema of version 3.0 lets a code begin with a digit or _, but not the parent that it names.
            told = code.parent is None or dialect.old or code.parent[0].isalpha()
            notes = code_notes(code) | ({} if told or code.parent is None else {PARENT: code.parent})
            with dialect.xml.element("str:Code", {"id": code.id}):
                dialect.about(code.names, code.descriptions, notes)
                if told and code.parent is not None:
                    dialect.refer_locally("str:Parent", code.parent)


def _scheme(dialect: Dialect, scheme: ConceptScheme) -> None:
    with dialect.maintained(scheme, scheme.names, scheme.descriptions):
        for concept in scheme:
            with dialect.xml.element("str:Concept", {"id": concept.id}):
                notes = {"SOURCE": concept.source} if concept.source else {}
                dialect.about(concept.names, concept.descriptions, notes)
                if concept.parent is not None:
                    dialect.refer_locally("str:Parent", concept.parent)


def _dataflow(dialect: Dialect, flow: Dataflow) -> None:
    with dialect.maintained(flow, flow.names, flow.descriptions):
        dialect.refer("str:Structure", flow.structure)


def _hierarchy(dialect: Dialect, hierarchy: Hierarchy) -> None:
    names, said = hierarchy.names, hierarchy.descriptions
    if not dialect.old:
        with dialect.maintained(hierarchy, names, said, attributes={"hasFormalLevels": False}):
            for node in hierarchy.nodes:
                _node(dialect, node)
        return
    included: list[Reference] = list(dict.fromkeys(node.code.whole for _, node in hierarchy))
    with dialect.maintained(hierarchy, names, said, kind="HierarchicalCodelist"):
        for number, one in enumerate(included, 1):
            with dialect.xml.element("str:IncludedCodelist", {"alias": f"L{number}"}):
                where = {"id": one.id, "version": one.version, "agencyID": one.agency}
                dialect.xml.leaf("Ref", {**where, "package": "codelist", "class": "Codelist"})
        with dialect.xml.element("str:Hierarchy", {"id": hierarchy.id, "leveled": False}):
            dialect.about(names, said)
            for node in hierarchy.nodes:
                _node(dialect, node)


def _node(dialect: Dialect, node: Node) -> None:
    validity = dialect.validity(node.valid_from, node.valid_to, time=True)
    with dialect.xml.element("str:HierarchicalCode", {"id": node.id, **validity}):
        dialect.refer("str:Code", node.code)
        for child in node.children:
            _node(dialect, child)
