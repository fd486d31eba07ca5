"""What belongs together in one structure message: a structure with all it refers to, or a codelist, or everything."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace

from migstat.read.codelists import codelist, codelist_ids, memberships
from migstat.read.definitions import definition, definition_ids
from migstat.read.structure_paths import codelists_of
from migstat.read.structures import concept_scheme, structure, structure_ids
from migstat.words.artefacts import Agency, Artefacts
from migstat.words.codelist import Code, Codelist
from migstat.words.concept import Concept, ConceptScheme
from migstat.words.constraint import Constraint, Member, Region, Selection
from migstat.words.expression_text import print_expression
from migstat.words.hierarchy import Hierarchy, Node
from migstat.words.missing import TOTAL
from migstat.words.reference import Reference, parse_short, reference
from migstat.words.structure import Dataflow, Structure
from migstat.write.sdmx.message import own_scheme

OURS = Agency(
    "MIGSTAT",
    {
        "en": "The migstat authors", "fr": "Les auteurs de migstat", "es": "Los autores de migstat",
        "ar": "مؤلفو migstat", "ru": "Авторы migstat", "zh": "migstat 作者",
    },
)  # fmt: skip
NO_TOTALS = {
    "en": "No totals among records", "fr": "Pas de totaux parmi les enregistrements",
    "es": "Sin totales entre los registros", "ar": "لا مجاميع بين السجلات", "ru": "Без итогов среди записей",
    "zh": "记录中没有总计",
}  # fmt: skip


def of_structure(found: Structure, *, alone: bool = False) -> Artefacts:
    """Return a structure with all that it refers to, and what constrains it; ``alone`` with its dataflow only."""
    found = with_codelists(found)
    lists = found.codelists
    flows = found.dataflows or (dataflow_of(found),)
    if alone:
        return Artefacts(structures=(found,), dataflows=flows)
    codelists = tuple(_told(one) for one in lists.values())
    return Artefacts(
        codelists,
        _schemes([found]),
        (found,),
        flows,
        found.constraints or _without_totals(found, lists),
        tuple(one for one in hierarchies() if any(node.code.id in lists for _, node in one)),
        _agencies([found.agency, *(one.agency for one in codelists)]),
    )


def of_codelist(found: Codelist) -> Artefacts:
    """Return a codelist with the hierarchies that its own codes head."""
    own = tuple(one for one in hierarchies() if one.nodes[0].code.id == found.id and found.agency == "MIGSTAT")
    return Artefacts(codelists=(_told(found),), hierarchies=own, agencies=_agencies([found.agency]))


def everything() -> Artefacts:
    """Return all that ships."""
    found = [with_codelists(structure(id)) for id in structure_ids()]
    return Artefacts(
        tuple(_told(codelist(id)) for id in codelist_ids()),
        (concept_scheme(),),
        tuple(found),
        tuple(dataflow_of(one) for one in found),
        tuple(one for whole in found for one in of_structure(whole).constraints),
        hierarchies(),
        (OURS,),
    )


def with_codelists(found: Structure) -> Structure:
    """Return a structure that brings its codelists: those it has, and those that ship for the others."""
    look_up = codelists_of(found)
    return replace(found, codelists={one.codelist: look_up(one.codelist) for one in found.components if one.coded})


def dataflow_of(found: Structure) -> Dataflow:
    """Return the dataflow under which data of a structure are sent: one of the same name."""
    said = {"en": found.description} if found.description else {}
    return Dataflow(found.id, found.agency, found.version, found.names, reference(found), said)


def hierarchies() -> tuple[Hierarchy, ...]:
    """Return the groups of areas with their members, and the former States with their successors, each with dates."""
    groups, former = codelist("CL_AREA_GROUP"), codelist("CL_AREA_HIST")
    areas = reference(codelist("CL_AREA"))
    held: dict[str, list[Node]] = {id: [] for id in groups.ids}
    for row in memberships():
        below = held[row.group]
        again = sum(node.code.item == row.area for node in below)
        id = f"{row.group}_{row.area}" + (f"_{again + 1}" if again else "")
        below.append(Node(id, areas.of("Code", row.area), (), row.valid_from, row.valid_to))
    return (
        Hierarchy(
            "H_AREA_GROUP", groups.agency, groups.version, groups.names,
            tuple(Node(id, reference(groups).of("Code", id), tuple(held[id])) for id in groups.ids),
        ),
        Hierarchy(
            "H_AREA_HIST", former.agency, former.version, former.names,
            tuple(
                Node(code.id, reference(former).of("Code", code.id), tuple(_successors(code)))
                for code in former
            ),
        ),
    )  # fmt: skip


def _successors(code: Code) -> Iterable[Node]:
    areas, former = codelist("CL_AREA"), codelist("CL_AREA_HIST")
    listed = code.attributes["successors"]
    for one in listed.split("|") if listed else ():
        id, _, since = one.partition("@")
        whole = areas if id in areas else former
        begin = datetime.date.fromisoformat(since) if since else None
        yield Node(f"{code.id}_{id}", reference(whole).of("Code", id), (), begin, None)


def _told(found: Codelist) -> Codelist:
    """Return the codelist; that of the definitions with the rule and the source of each."""
    if found.id != "CL_MIG_DEF" or found.agency != OURS.id or set(found.ids) - set(definition_ids()):
        return found
    return replace(found, codes=tuple(replace(code, descriptions={"en": _definition(code.id)}) for code in found))


def _definition(id: str) -> str:
    found = definition(id)
    rule = f" Rule: {print_expression(found.rule)}." if found.rule is not None else f" Needs {found.needs}."
    return f"{found.text}{rule} Source: {found.source}."


def _without_totals(found: Structure, lists: Mapping[str, Codelist]) -> tuple[Constraint, ...]:
    """Return the constraint of record structures: a record is never a total, though its codelists have one."""
    if found.kind != "record":
        return ()
    closed = [one for one in found.components if one.coded and TOTAL in lists[one.codelist]]
    if not closed:
        return ()
    closed.sort(key=lambda one: one.id not in found.key)
    region = Region(tuple(Selection(one.id, (Member(TOTAL),), include=False) for one in closed))
    return (
        Constraint(
            f"CR_{found.id}", found.agency, found.version, NO_TOTALS, attached=(reference(found),), regions=(region,)
        ),
    )


def _schemes(structures: Iterable[Structure]) -> tuple[ConceptScheme, ...]:
    """Return the concept schemes that components name: ours whole, others as far as they are known here."""
    made: dict[Reference, dict[str, Concept]] = {}
    ours = concept_scheme()
    for whole in structures:
        for one in whole.components:
            named = parse_short(one.scheme, "ConceptScheme") or own_scheme(whole.agency)
            said = ({"en": one.description} if one.description else {}) | dict(one.descriptions)
            made.setdefault(named, {})[one.concept] = Concept(one.concept, one.names, said, one.source)
    return tuple(
        ours
        if named == reference(ours)
        else ConceptScheme(named.id, named.agency, named.version, {"en": named.id}, tuple(held.values()))
        for named, held in made.items()
    )


def _agencies(ids: Iterable[str]) -> tuple[Agency, ...]:
    top = dict.fromkeys(id.partition(".")[0] for id in ids if id)
    return tuple(OURS if id == OURS.id else Agency(id, {"en": id}) for id in top)
