"""What a structure message needs in any format: its head, its agencies, and what a version cannot say."""

from collections.abc import Iterable
from dataclasses import dataclass

from migstat.words.artefacts import Agency, Artefacts
from migstat.words.concept import Concept, ConceptScheme
from migstat.words.constraint import Constraint, Key, Member, Selection
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.reference import Reference, parse_short, reference
from migstat.words.structure import Component, Structure
from migstat.write.sdmx.notes import sdmx_role

AGENCIES = {"en": "Agencies", "fr": "Organismes", "es": "Organismos", "ar": "الوكالات", "ru": "Агентства", "zh": "机构"}
MEASURE = "OBS_VALUE"
"""The one measure of SDMX 2.1 has this name."""
NEWER = "write SDMX-ML 3.0 (ml30) or SDMX-JSON 2.0 (json20)"


@dataclass(frozen=True, slots=True)
class Head:
    """Who sends a message, under which id; ``prepared`` is a time as text, the same for the same content."""

    id: str
    prepared: str
    sender: str = "MIGSTAT"


@dataclass(frozen=True, slots=True)
class AgencyScheme:
    """The scheme of agencies at the top, which SDMX itself maintains; here only those that the message names."""

    agencies: tuple[Agency, ...]
    id: str = "AGENCIES"
    agency: str = "SDMX"
    version: str = "1.0"


def concept_of(component: Component, structure: Structure) -> Reference:
    """Return the address of a component's concept: in the scheme it names, or in the one of the structure's agency."""
    scheme = parse_short(component.scheme, "ConceptScheme") or own_scheme(structure.agency)
    return scheme.of("Concept", component.concept)


def concepts_of(schemes: Iterable[ConceptScheme]) -> dict[Reference, Concept]:
    """Return all concepts of a message by their addresses."""
    return {reference(scheme).of("Concept", one.id): one for scheme in schemes for one in scheme}


def own_scheme(agency: str) -> Reference:
    """Return the address of the concept scheme of an agency that names none."""
    return Reference("ConceptScheme", agency, f"CS_{agency.replace('.', '_')}", "1.0")


def codelist_of(component: Component, structure: Structure) -> Reference:
    """Return the address of a component's codelist, which the structure brings."""
    return reference(structure.codelists[component.codelist])


def outside_key(constraint: Constraint, artefacts: Artefacts) -> set[str]:
    """Return the components that are no dimensions, of the structures that a constraint is attached to."""
    attached = set(constraint.attached)
    flows = {flow.structure for flow in artefacts.dataflows if reference(flow) in attached}
    return {
        one.id
        for whole in artefacts.structures
        if reference(whole) in attached | flows
        for one in whole.components
        if sdmx_role(one, whole) != "dimension"
    }


def refuse_unsayable(artefacts: Artefacts, version: str) -> None:
    """Raise MigstatError with all that a version has no way to say, rather than leave it out."""
    findings = [_finding(one.id, what) for one in artefacts.constraints for what in _of_constraint(one, version)]
    if version == "2.1":
        findings += [
            Finding(Place(structure.id), component, what, NEWER)
            for structure in artefacts.structures
            for component, what in _of_structure(structure)
        ]
    if findings:
        raise MigstatError(findings)


def _finding(id: str, what: str) -> Finding:
    return Finding(Place(id), "", what, "split the constraint, or leave that part out")


def _of_structure(structure: Structure) -> list[tuple[str, str]]:
    found = []
    measures = [one.id for one in structure.components if sdmx_role(one, structure) == "measure"]
    if measures != [MEASURE]:
        listed = ", ".join(measures[:4]) + (", ..." if len(measures) > 4 else "") if measures else "none"
        found.append(("", f"SDMX-ML 2.1 has one measure, {MEASURE}; the measures here are {listed}"))
    for one in structure.components:
        if one.most != 1:
            found.append((one.id, "SDMX-ML 2.1 has no attribute of several values"))
        if one.measures:
            found.append((one.id, "SDMX-ML 2.1 cannot say to which measures an attribute belongs"))
    return found


def _of_constraint(constraint: Constraint, version: str) -> list[str]:
    found = []
    inside = [one for region in constraint.regions for one in region.selections]
    keys = [key for one in constraint.key_sets for key in one.keys]
    if version == "2.1":
        if any(member.cascade == "descendants only" for one in inside for member in one.members):
            found.append("SDMX-ML 2.1 cannot select descendants without the code itself")
        members = [member for one in inside for member in one.members]
        dated: list[Selection | Member | Key] = [*inside, *members, *keys]
        if any(one.valid_from or one.valid_to for one in dated):
            found.append("SDMX-ML 2.1 has no dates of validity within a constraint")
    elif [one.include for one in constraint.regions].count(True) > 1 or len(constraint.regions) > 2:
        found.append(f"SDMX {version} has one region that is included and one that is excluded; here are more")
    return found
