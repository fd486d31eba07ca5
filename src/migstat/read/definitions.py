"""Definitions in: schemas/definitions.yaml becomes rules that say who counts as a migrant, each with its source."""

from functools import cache
from pathlib import Path

from migstat.read.codelists import codelist, data_folder
from migstat.read.expression import parse_expression
from migstat.read.mappings.faults import Faults, nearest
from migstat.read.placed import Placed, read_yaml
from migstat.words.codelist import Codelist
from migstat.words.definition import Definition
from migstat.words.expression import Expression, names
from migstat.words.finding import MigstatError, misuse
from migstat.words.missing import KINDS

KEYS = ("text", "rule", "universe", "needs", "reads", "source", "edge_cases")


def definition_ids() -> tuple[str, ...]:
    """Return the ids of all definitions that ship, in the order of CL_MIG_DEF.

    >>> definition_ids()[:2]
    ('FOREIGN_BORN', 'FOREIGN_CITIZEN')
    """
    return tuple(_shipped())


def definition(id: str) -> Definition:
    """Return one of the definitions that ship; raise Misuse with the nearest id where there is none of that name.

    >>> definition("US_NATIVITY").names["en"], definition("US_NATIVITY").source
    ('Foreign-born (United States)', 'American Community Survey, variables CIT and NATIVITY')
    """
    if id not in _shipped():
        raise misuse(f"there is no definition {id}", nearest(id, _shipped()), place="definitions", component=id)
    return _shipped()[id]


def read_definitions(path: Path, codes: Codelist) -> dict[str, Definition]:
    """Read definitions, with the names and standing that the codes have; raise MigstatError with all faults at once.

    Each code has a definition and each definition a code; the result is in the order of the codes.

    >>> path = data_folder("schemas") / "definitions.yaml"
    >>> read_definitions(path, codelist("CL_MIG_DEF"))["NZ_12_16"].needs
    'all border crossings of the person'
    """
    placed = read_yaml(path)
    faults = Faults()
    found = {}
    for id, entry in faults.keys(placed, placed.items, "the definitions").items():
        faults.component = id
        if id not in codes:
            faults.add(entry.place, f"{codes.id} has no code {id}", f"add the code, or {nearest(id, codes.ids)}")
        else:
            found[id] = _definition(id, entry, codes, faults)
    ruled = [id for id in codes.ids if id not in KINDS]
    for id in ruled:
        if id not in placed.items:
            faults.component = id
            faults.add(placed.place, f"the code of {codes.id} has no definition", f"write {id}: {{text: ..., ...}}")
    faults.settle()
    return {id: found[id] for id in ruled}


@cache
def _shipped() -> dict[str, Definition]:
    return read_definitions(data_folder("schemas") / "definitions.yaml", codelist("CL_MIG_DEF"))


def _definition(id: str, entry: Placed, codes: Codelist, faults: Faults) -> Definition:
    items = faults.keys(entry, KEYS, "the definition")
    rule, universe = (_expression(items, key, id, faults) for key in ("rule", "universe"))
    needs = faults.text(items, "needs", "the definition")
    reads = faults.texts(items.get("reads"), "reads")
    if ("rule" in items) == bool(needs):
        what = "there is both a rule and what it needs" if needs else "there is neither a rule nor what it needs"
        faults.add(entry.place, what, "give a rule over one record, or say which records of a person it needs")
    if not reads:
        faults.add(entry.place, "there are no 'reads'", "list the components that must have been collected")
    used = {name for one in (rule, universe) if one is not None for name in names(one)}
    for name in reads:
        if rule is not None and name not in used:
            faults.add(items["reads"].place, f"reads {name}, which the rule does not", nearest(name, sorted(used)))
    return Definition(
        id=id,
        names=dict(codes[id].names),
        rule=rule,
        text=faults.text(items, "text", "the definition", needed=entry.place),
        reads=reads,
        source=faults.text(items, "source", "the definition", needed=entry.place, mend="name the document"),
        standing=codes[id].attributes.get("standing", codes.standing),
        edge_cases=faults.texts(items.get("edge_cases"), "edge_cases"),
        universe=universe,
        needs=needs,
    )


def _expression(items: dict[str, Placed], key: str, id: str, faults: Faults) -> Expression | None:
    if key not in items:
        return None
    try:
        return parse_expression(items[key].text, items[key].place, id)
    except MigstatError as error:
        faults.take(error)
        return None
