"""Sets of tables in: schemas/sets/*.yaml, or an office's own file, become words; every fault with its line."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from migstat.read.codelists import data_folder
from migstat.read.definitions import definition, definition_ids
from migstat.read.expression import parse_expression
from migstat.read.mappings.faults import Faults, nearest
from migstat.read.measures import parse_measures
from migstat.read.placed import Placed, read_yaml
from migstat.read.structures import structure, structure_ids
from migstat.words.codelist import LANGUAGES
from migstat.words.expression import Expression
from migstat.words.finding import MigstatError, misuse
from migstat.words.measure import COUNT, Measure
from migstat.words.structure import Structure
from migstat.words.table_set import Level, PlannedTable, TableSet

HEAD = ("id", "version", "names", "description", "source", "standing", "into", "tables")
TABLE = (
    "names", "into", "definition", "by", "levels", "universe", "measures", "totals", "parents", "source", "standing",
)  # fmt: skip
ID = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
LONGEST = 100
"""Characters of an id, which becomes the name of a file."""


@cache
def table_set_ids() -> tuple[str, ...]:
    """Return the ids of the sets that ship.

    >>> "un-census" in table_set_ids()
    True
    """
    return tuple(sorted(path.stem for path in (data_folder("schemas") / "sets").glob("*.yaml")))


@cache
def table_set(id: str) -> TableSet:
    """Return one of the sets that ship; raise Misuse with the nearest id where there is none of that name.

    >>> table_set("un-census").standing
    'general knowledge, to be confirmed'
    """
    if id not in table_set_ids():
        mend = f"{nearest(id, table_set_ids())}, or name a YAML file"
        raise misuse(f"there is no set of tables {id}", mend, place="sets", component=id)
    return read_set(data_folder("schemas") / "sets" / f"{id}.yaml")


def read_set(path: Path) -> TableSet:
    """Read a set of tables; raise MigstatError with all faults at once."""
    placed = read_yaml(path)
    faults = Faults()
    items = faults.keys(placed, HEAD, "the set")
    into = faults.text(items, "into", "the set") or "MIGRANT_CHARACTERISTICS"
    source = faults.text(items, "source", "the set", needed=placed.place, mend="name the document")
    standing = faults.text(
        items, "standing", "the set", needed=placed.place, mend="say how far it may be called official"
    )
    tables: tuple[PlannedTable, ...] = ()
    if "tables" not in items:
        faults.add(placed.place, "the set has no 'tables'", "write tables: {SEX_AGE: {by: [SEX, AGE], ...}}")
    else:
        tables = planned_tables(items["tables"], into, source, standing, faults)
    found = TableSet(
        id=faults.text(items, "id", "the set", needed=placed.place, mend=f"write id: {path.stem}"),
        version=faults.text(items, "version", "the set", needed=placed.place, mend="write version: 1.0"),
        names=_names(items, placed, faults),
        description=faults.text(items, "description", "the set", needed=placed.place),
        source=source,
        standing=standing,
        tables=tables,
    )
    if found.id and found.id != path.stem:
        faults.add(items["id"].place, f"the id {found.id} is not the name of the file", f"write id: {path.stem}")
    faults.settle()
    return found


def planned_tables(
    placed: Placed, into: str, source: str, standing: str, faults: Faults, titled: bool = True
) -> tuple[PlannedTable, ...]:
    """Read the tables of a set, or of a plan, in which they need no titles (``titled``)."""
    tables = []
    for id, entry in faults.keys(placed, placed.items, "tables").items():
        faults.component = id
        if not id or set(id) - ID or not id[0].isalpha() or len(id) > LONGEST:
            faults.add(entry.place, f"{id!r} is not an id: capitals, digits and _, a capital first", "as BIRTH_SEX")
        tables.append(_table(id, entry, into, source, standing, faults, titled))
    faults.component = ""
    if not tables and isinstance(placed.value, dict):
        faults.add(placed.place, "the set has no tables", "write one, or leave the set")
    return tuple(tables)


def _table(id: str, entry: Placed, into: str, source: str, standing: str, faults: Faults, titled: bool) -> PlannedTable:
    items = faults.keys(entry, TABLE, "the table")
    by = faults.texts(items.get("by"), "by")
    named = faults.text(items, "into", "the table") or into
    of = items["into"].place if "into" in items else entry.place
    if named not in structure_ids():
        faults.add(of, f"there is no structure {named}", nearest(named, structure_ids()))
    elif structure(named).kind != "table":
        faults.add(of, f"{named} is a structure of records", "name one of tables, such as MIGRANT_CHARACTERISTICS")
    else:
        _check_dimensions(by, items, structure(named), faults)
    universe = _universe(items, id, faults)
    return PlannedTable(
        id=id,
        names=_names(items, entry, faults) if titled or "names" in items else {},
        by=by,
        definitions=_definitions(items, faults),
        levels=_levels(items, by, faults),
        universe=universe,
        universe_text=items["universe"].text if "universe" in items else "",
        measures=_measures(items, faults),
        into=named,
        totals=faults.choice(items, "totals", ("true", "false"), "true") == "true",
        parents=faults.choice(items, "parents", ("true", "false"), "true") == "true",
        source=faults.text(items, "source", "the table") or source,
        standing=faults.text(items, "standing", "the table") or standing,
        place=entry.place,
    )


def _names(items: dict[str, Placed], placed: Placed, faults: Faults) -> dict[str, str]:
    """Return the title; an office's own set may have it in some languages only, but has at least one."""
    if "names" not in items:
        faults.add(placed.place, "there are no 'names'", "write names: {en: ...}")
        return {}
    given = faults.keys(items["names"], LANGUAGES, "names")
    return {language: given[language].text for language in LANGUAGES if language in given and given[language].text}


def _check_dimensions(by: Sequence[str], items: dict[str, Placed], table: Structure, faults: Faults) -> None:
    dimensions = [component.id for component in table.with_role("dimension")]
    for id in by:
        if id not in dimensions:
            faults.add(items["by"].place, f"{table.id} has no dimension {id}", nearest(id, dimensions))


def _definitions(items: dict[str, Placed], faults: Faults) -> tuple[str, ...]:
    ids = faults.texts(items.get("definition"), "definition")
    for id in ids:
        if id not in definition_ids():
            faults.add(items["definition"].place, f"there is no definition {id}", nearest(id, definition_ids()))
        elif definition(id).rule is None:
            what = f"{id} cannot be told from one record: it needs {definition(id).needs}"
            faults.add(items["definition"].place, what, "name a definition that has a rule")
    return ids


def _levels(items: dict[str, Placed], by: Sequence[str], faults: Faults) -> dict[str, Level]:
    if "levels" not in items:
        return {}
    found: dict[str, Level] = {}
    for id, entry in faults.keys(items["levels"], items["levels"].items, "levels").items():
        if id not in by:
            faults.add(
                entry.place, f"a level for {id}, which the table is not by", f"add {id} to by, or drop the level"
            )
        several = faults.texts(entry, id)
        found[id] = several[0] if len(several) == 1 else several
    return found


def _universe(items: dict[str, Placed], id: str, faults: Faults) -> Expression | None:
    if "universe" not in items:
        return None
    try:
        return parse_expression(items["universe"].text, items["universe"].place, id)
    except MigstatError as error:
        faults.take(error)
        return None


def _measures(items: dict[str, Placed], faults: Faults) -> tuple[Measure, ...]:
    if "measures" not in items:
        return (COUNT,)
    try:
        return parse_measures(faults.texts(items["measures"], "measures"), items["measures"].place)
    except MigstatError as error:
        faults.take(error)
        return ()
