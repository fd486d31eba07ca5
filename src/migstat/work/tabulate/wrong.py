"""What is wrong with a request, each with what to write instead."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from migstat.words.codelist import Codelist
from migstat.words.definition import Definition
from migstat.words.expression import Expression, Name, names
from migstat.words.finding import Finding
from migstat.words.measure import OF_POPULATION, Measure
from migstat.words.missing import TOTAL
from migstat.words.structure import Structure
from migstat.words.table_set import Level
from migstat.work.tabulate.classes import bounded, classed
from migstat.work.tabulate.columns import (
    ALWAYS,
    CALL,
    CONTEXT,
    DEFINITION,
    MEASURE,
    MIGRANT,
    VALUE,
    VARIABLE,
    dimensions,
    kinds,
    source,
)

NUMBERS = ("integer", "number", "year")


def wrong_table(table: Structure) -> Iterator[Finding]:
    """Find why the table structure cannot take cells."""
    if table.kind != "table":
        yield Finding(CALL, table.id, f"{table.id} is a structure of records", "name one of tables, as MIGRANT_STOCK")
    elif VALUE not in table:
        yield Finding(
            CALL, VALUE, f"{table.id} has no measure {VALUE}", f"add {VALUE}: {{role: measure, type: number}}"
        )


def wrong_dimensions(
    wanted: Sequence[str], found: Mapping[str, str], structure: Structure, table: Structure, columns: Sequence[str]
) -> Iterator[Finding]:
    """Find dimensions that the table does not have, or the records cannot fill."""
    open_to = [id for id in dimensions(table) if id not in ALWAYS]
    there = ", ".join(id for id in open_to if source(id, structure, table, columns)) or "none"
    for id in wanted:
        if id not in found:
            near = get_close_matches(id.upper(), open_to, 1, 0.5)
            mend = f"write {near[0]}" if near else f"write one of {', '.join(open_to)}"
            yield Finding(CALL, id, f"{table.id} has no dimension {id}", mend)
        elif not found[id]:
            yield Finding(CALL, id, f"the records have no {id}", f"they can be counted by {there}")
        else:
            yield from _wrong_coding(id, found[id], structure, table)
    for id in CONTEXT:
        if id in dimensions(table) and id not in columns:
            mend = f"add a column {id}, the same in every record of a source; migstat harmonize fills it"
            yield Finding(CALL, id, f"the records have no {id}, which {table.id} needs", mend)


def _wrong_coding(id: str, column: str, structure: Structure, table: Structure) -> Iterator[Finding]:
    """Find codes of one list where the table has another."""
    wanted, given = table[id].codelist, structure[column]
    if not wanted or given.codelist == wanted or given.type in NUMBERS:
        return
    has = f"codes of {given.codelist}" if given.codelist else f"a {given.type}"
    what = f"the records have {has} in {column}, and {table.id} has codes of {wanted} in {id}"
    yield Finding(CALL, id, what, f"give {id} of {table.id} the codelist of the records, or recode the records")


def wrong_definitions(definitions: Sequence[Definition], table: Structure) -> Iterator[Finding]:
    """Find definitions that cannot be told from one record, or have no place in the table."""
    for definition in definitions:
        if definition.rule is None:
            from migstat.work.reside.moves import BY_RULE, BY_STAY

            what = f"{definition.id} cannot be told from one record: it needs {definition.needs or 'several records'}"
            mend = "choose a definition that has a rule; migstat codes CL_MIG_DEF lists them"
            if definition.id in (*BY_RULE, *BY_STAY):
                mend = f"count it from crossings: migstat reside, then migstat flows --definition {definition.id}"
            yield Finding(CALL, definition.id, what, mend)
    if definitions and not (DEFINITION in table and MIGRANT in table):
        yield Finding(CALL, DEFINITION, f"{table.id} has no dimension for definitions", "tabulate without definitions")


def wrong_levels(
    levels: Mapping[str, Level], wanted: Sequence[str], table: Structure, codelists: Callable[[str], Codelist]
) -> Iterator[Finding]:
    """Find levels of dimensions that are not asked for, or that their codelist does not have."""
    for id, level in levels.items():
        if id not in wanted:
            yield Finding(
                CALL, id, f"a level for {id}, which the table is not by", f"count by {id} too, or drop the level"
            )
        elif id in table and table[id].coded:
            codelist = codelists(table[id].codelist)
            known = dict.fromkeys(kind for code in codelist for kind in kinds(codelist, code.id))
            for one in level if isinstance(level, tuple) else (level,):
                if isinstance(one, str) and not one.isdigit() and one not in known:
                    mend = f"write a depth (0 is the top){', or ' * bool(known)}{', '.join(known)}"
                    yield Finding(CALL, id, f"{codelist.id} has no level {one!r}", mend)
        elif id in table:
            yield Finding(CALL, id, f"{id} has no codelist, so it has no levels", "drop the level")


def wrong_universe(universe: Expression | None, structure: Structure, columns: Sequence[str]) -> Iterator[Finding]:
    """Find components that a universe reads and the records do not have."""
    there = [id for id in structure.ids if id in columns]
    for name in names(universe) if universe is not None else ():
        if name not in columns:
            near = get_close_matches(name.upper(), there, 1, 0.6)
            mend = f"write {near[0]}" if near else f"the records have {', '.join(there)}"
            yield Finding(CALL, "universe", f"the universe reads {name}, which the records do not have", mend)


def wrong_measures(
    measures: Sequence[Measure],
    definitions: Sequence[Definition],
    wanted: Sequence[str],
    structure: Structure,
    table: Structure,
    columns: Sequence[str],
    codelists: Callable[[str], Codelist],
    *,
    totals: bool,
    population: bool,
) -> Iterator[Finding]:
    """Find measures that the table has no place for, or that cannot be reckoned from these records."""
    if not measures:
        yield Finding(CALL, "measures", "no measure is named", "write count")
    several = MEASURE in table and VARIABLE in table
    for measure in measures:
        if not several and measure.kind != "count" and measure != OF_POPULATION:
            what = f"{table.id} has no dimensions {MEASURE} and {VARIABLE}, in which {measure.text} would stand"
            yield Finding(CALL, "measures", what, "make a table of MIGRANT_CHARACTERISTICS, or add the two dimensions")
        match measure.kind:
            case "share":
                yield from _wrong_share(measure, definitions, wanted, totals)
            case "rate" if not population and not definitions:
                what = f"{measure.text} needs a population, and neither it nor a definition is named"
                yield Finding(CALL, "measures", what, "hand in a population, or name a definition")
            case "mean" | "quantile":
                yield from _wrong_number(measure, structure, columns, codelists)
            case _:
                pass
    if population and not any(measure.kind == "rate" for measure in measures):
        yield Finding(CALL, "population", "a population is given, and no rate is asked for", "add rate(1000)")


def _wrong_share(
    measure: Measure, definitions: Sequence[Definition], wanted: Sequence[str], totals: bool
) -> Iterator[Finding]:
    able = [*([MIGRANT] if definitions else []), *wanted]
    for id in measure.across:
        if id == MIGRANT and not definitions:
            what = "shares are of the people a definition counts, and none is named"
            yield Finding(CALL, DEFINITION, what, "name a definition, such as FOREIGN_BORN")
        elif id not in able:
            near = get_close_matches(id.upper(), able, 1, 0.6)
            mend = f"write {near[0]}" if near else f"count by {id} too, or take one of {', '.join(able) or TOTAL}"
            yield Finding(CALL, "measures", f"{measure.text} is across {id}, which the table is not by", mend)
        elif id != MIGRANT and not totals:
            what = f"{measure.text} is of the total of {id}, and totals are left out"
            yield Finding(CALL, "measures", what, "leave totals in")


def _wrong_number(
    measure: Measure, structure: Structure, columns: Sequence[str], codelists: Callable[[str], Codelist]
) -> Iterator[Finding]:
    assert measure.of is not None
    there = [c.id for c in structure.components if c.type in NUMBERS and c.id in columns and c.role == "measure"]
    listed = ", ".join(there) or "none"
    for name in names(measure.of):
        if name not in columns:
            near = get_close_matches(name.upper(), there, 1, 0.6)
            mend = f"write {near[0]}" if near else f"the numbers of these records are {listed}"
            yield Finding(CALL, "measures", f"{measure.text} reads {name}, which the records do not have", mend)
        elif classed(measure.of, structure) and bounded(codelists(structure[name].codelist)):
            if measure.kind == "mean":
                what = f"{measure.text}: {name} has classes, whose mean is not known"
                yield Finding(CALL, "measures", what, f"take the median, or a number: {listed}")
        elif isinstance(measure.of, Name) and name in structure and structure[name].type not in NUMBERS:
            what = f"{measure.text}: {name} is no number but a {structure[name].type}"
            yield Finding(CALL, "measures", what, f"the numbers of these records are {listed}")
