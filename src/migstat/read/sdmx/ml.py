"""SDMX-ML in, versions 2.1, 3.0 and 3.1: a structure message, one artefact after the other."""

from pathlib import Path
from typing import Any

from migstat.read.sdmx.items import AnyCode, make_code, make_codelist
from migstat.read.sdmx.ml_constraint import constraint
from migstat.read.sdmx.ml_hierarchy import hierarchies
from migstat.read.sdmx.ml_structure import dataflow, representation, structure
from migstat.read.sdmx.ml_text import annotations, child, children, flag, one_reference, own_reference, parent_id, texts
from migstat.read.sdmx.parsed import Extension, Parsed
from migstat.read.xml import elements, local, place, root
from migstat.words.artefacts import Agency
from migstat.words.concept import Concept, ConceptScheme
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.reference import Reference

VERSIONS = {
    f"http://www.sdmx.org/resources/sdmxml/schemas/v{number}/message": number for number in ("2_1", "3_0", "3_1")
}
CODELISTS = ("Codelist", "GeographicCodelist", "GeoGridCodelist", "ValueList")
CODES = ("Codelist/Code", "GeographicCodelist/GeoFeatureSetCode", "GeoGridCodelist/GeoGridCode", "ValueList/ValueItem")
CONSTRAINTS = {
    "Constraints/ContentConstraint", "ContentConstraints/ContentConstraint", "DataConstraints/DataConstraint",
    "AvailabilityConstraints/AvailabilityConstraint",
}  # fmt: skip
HIERARCHIES = {"HierarchicalCodelists/HierarchicalCodelist", "Hierarchies/Hierarchy"}
WHOLE = {
    "ConceptScheme/Concept", "Concepts/ConceptScheme", "ConceptSchemes/ConceptScheme", "DataStructures/DataStructure",
    "Dataflows/Dataflow", "AgencyScheme/Agency", *CONSTRAINTS, *HIERARCHIES, *CODES,
    *(f"{name}s/{name}" for name in CODELISTS),
}  # fmt: skip


def is_structure_message(path: Path) -> bool:
    """Say whether an XML file is a structure message; raise MigstatError for one of SDMX-ML 1.0 or 2.0."""
    namespace, name = root(path)
    refuse_old(namespace, path.name)
    return namespace in VERSIONS and name == "Structure"


def refuse_old(namespace: str, name: str) -> None:
    """Raise MigstatError for the namespace of a version that is not read."""
    for old in ("v1_0", "v2_0"):
        if f"/{old}/" in namespace:
            version = old[1:].replace("_", ".")
            what = f"is SDMX-ML {version}, which is not read: it names components and codes in another way"
            mend = "ask the sender, or the registry that it comes from, for SDMX-ML 2.1 or 3.0"
            raise MigstatError([Finding(Place(name), "", what, mend)])


def parse(path: Path, into: Parsed) -> None:
    """Add what a structure message says; raise MigstatError where it is none, or is damaged."""
    namespace, name = root(path)
    refuse_old(namespace, path.name)
    if namespace not in VERSIONS or name != "Structure":
        what = f"is no structure message of SDMX: its first element is {name}"
        kinds = ("StructureSpecificData", "GenericData", "StructureSpecificTimeSeriesData")
        mend = "name the file of the structure; this one holds data" if name in kinds else "name an SDMX-ML file"
        raise MigstatError([Finding(Place(path.name), "", what, mend)])
    codes: list[AnyCode] = []
    concepts: list[Concept] = []
    waiting: dict[str, Any] = {}
    agencies: list[Agency] = []
    heads: dict[str, Any] = {}
    for _, element in elements(path, WHOLE):
        kind = local(element)
        above = element.getparent()
        match kind:
            case "Code" | "GeoFeatureSetCode" | "GeoGridCode" | "ValueItem":
                heads = heads or _head(above)
                codes.append(_code(element))
            case "Concept":
                heads = heads or _head(above)
                concepts.append(_concept(element))
                core = child(element, "CoreRepresentation")
                if core is not None:
                    waiting[concepts[-1].id] = representation(core, path)
            case "Agency":
                agencies.append(Agency(element.get("id", ""), texts(element, "Name")))
            case "Codelist" | "GeographicCodelist" | "GeoGridCodelist" | "ValueList":
                _codelist(element, kind, heads or _head(element), codes, into, path)
                codes, heads = [], {}
            case "ConceptScheme":
                reference = own_reference(element, "ConceptScheme")
                head = heads or _head(element)
                scheme = ConceptScheme(
                    reference.id, reference.agency, reference.version, head["names"], tuple(concepts),
                    head["descriptions"],
                )  # fmt: skip
                into.schemes[reference] = scheme
                into.places[reference] = place(path, element)
                into.representations |= {reference.of("Concept", id): one for id, one in waiting.items()}
                concepts, waiting, heads = [], {}, {}
            case "DataStructure":
                made = structure(element, path)
                if flag(element, "isExternalReference"):
                    into.external.add(made.reference)
                else:
                    into.structures[made.reference] = made
            case "Dataflow":
                flow = dataflow(element, path)
                if flow is not None:
                    into.dataflows[own_reference(element, "Dataflow")] = flow
            case "ContentConstraint" | "DataConstraint" | "AvailabilityConstraint":
                reference = own_reference(element, "DataConstraint")
                into.constraints[reference] = constraint(element, kind, path)
            case "HierarchicalCodelist" | "Hierarchy":
                for one in hierarchies(element, kind, path):
                    into.hierarchies[Reference("Hierarchy", one.agency, one.id, one.version)] = one
    into.agencies |= {agency.id: agency for agency in agencies}


def _head(element: Any) -> dict[str, Any]:
    """Return what an artefact says before its items; they may be gone when it ends."""
    return {
        "names": texts(element, "Name"),
        "descriptions": texts(element, "Description"),
        "annotations": annotations(element),
    }


def _code(element: Any) -> AnyCode:
    return AnyCode(
        element.get("id", ""),
        texts(element, "Name"),
        parent_id(element),
        texts(element, "Description"),
        annotations(element),
        element.sourceline,
    )


def _codelist(element: Any, kind: str, head: dict[str, Any], codes: list[AnyCode], into: Parsed, path: Path) -> None:
    reference = own_reference(element, "Codelist")
    extensions = tuple(_extension(one, path) for one in children(element, "CodelistExtension"))
    if flag(element, "isExternalReference") and not codes:
        into.external.add(reference)
        return
    into.places[reference] = place(path, element)
    made = [make_code(code) for code in codes]
    into.codelists[reference] = make_codelist(reference, made, path=path, lines=codes, **head)
    if extensions:
        into.extensions[reference] = extensions


def _extension(element: Any, path: Path) -> Extension:
    base = one_reference(element, "Codelist", "Codelist", path)
    included, excluded = child(element, "InclusiveCodeSelection"), child(element, "ExclusiveCodeSelection")
    chosen = included if included is not None else excluded
    members = [] if chosen is None else children(chosen, "MemberValue")
    return Extension(
        base,
        element.get("prefix", ""),
        excluded is None,
        tuple(((one.text or "").strip(), one.get("cascadeValues", "false")) for one in members),
    )


def _concept(element: Any) -> Concept:
    notes = annotations(element)
    return Concept(
        element.get("id", ""),
        texts(element, "Name"),
        texts(element, "Description"),
        notes.get("SOURCE", ""),
        parent_id(element),
    )
