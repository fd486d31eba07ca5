"""What a table asks of the records: which columns fill its dimensions, and what is wrong with the request."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from migstat.words.codelist import Codelist
from migstat.words.definition import Definition
from migstat.words.expression import names
from migstat.words.finding import Finding, Misuse, Place
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.structure import Structure

CALL = Place("tabulate")
DEFINITION = "DEFINITION"
MIGRANT = "MIGRANT"
CONTEXT = ("REF_AREA", "TIME_PERIOD", "SOURCE_TYPE")
"""What the source says of all its records: always in the table."""
ALWAYS = (*CONTEXT, "FREQ", DEFINITION, MIGRANT, "UNIT_MEASURE")


@dataclass(frozen=True, slots=True)
class Request:
    """What to count.

    ``sources`` names the column of the records that fills each dimension asked for; ``context`` are the columns that
    the source itself fills; ``reads`` are the components the definitions look at; ``levels`` lift codes first.
    """

    definitions: tuple[Definition, ...]
    sources: Mapping[str, str]
    context: tuple[str, ...]
    reads: tuple[str, ...]
    levels: Mapping[str, int | str]
    keys: tuple[str, ...]
    """The columns to group the records by."""


def understand(
    columns: Sequence[str],
    structure: Structure,
    table: Structure,
    *,
    definitions: Sequence[Definition],
    by: Sequence[str],
    codelists: Callable[[str], Codelist],
    levels: Mapping[str, int | str],
    weight: str | None,
    shares: bool,
) -> Request:
    """Find the column behind each dimension, or raise Misuse with everything that is wrong at once."""
    wanted = [id for id in dict.fromkeys(by) if id not in ALWAYS]
    found = {id: source(id, structure, table, columns) for id in wanted if id in _dimensions(table)}
    faults = [
        *_wrong_dimensions(wanted, found, structure, table, columns),
        *_wrong_definitions(definitions, table, shares),
        *_wrong_levels(levels, wanted, table, codelists),
    ]
    if weight is not None and weight not in columns:
        there = ", ".join(c.id for c in structure.with_role("design") if c.id in columns)
        mend = f"name one of {there}" if there else "tabulate without a weight to count records"
        faults.append(Finding(CALL, weight, f"the records have no weight {weight}", mend))
    if faults:
        raise Misuse(faults)
    read = dict.fromkeys(name for definition in definitions for name in _reads(definition))
    reads = tuple(id for name in read for id in (name, name + MISSING_SUFFIX) if id in columns)
    context = tuple(id for id in CONTEXT if id in columns and id in table)
    sources = {id: column for id, column in found.items() if column}
    kinds = [column + MISSING_SUFFIX for column in sources.values() if column + MISSING_SUFFIX in columns]
    return Request(
        definitions=tuple({definition.id: definition for definition in definitions}.values()),
        sources=sources,
        context=context,
        reads=reads,
        levels=levels,
        keys=tuple(dict.fromkeys([*context, *sources.values(), *kinds, *reads])),
    )


def source(id: str, structure: Structure, table: Structure, columns: Collection[str]) -> str:
    """Name the column of the records that fills a dimension: a class derived from it, else itself; empty for none.

    A dimension of ages is filled by the component that classes AGE by the same codelist, where the records have it.
    """
    classed = [c.id for c in structure.components if c.derived_from == id and c.codelist == table[id].codelist]
    return next((column for column in (*classed, id) if column in columns and column in structure), "")


def _dimensions(table: Structure) -> list[str]:
    return [component.id for component in table.with_role("dimension")]


def _reads(definition: Definition) -> Iterator[str]:
    yield from definition.reads
    for expression in (definition.rule, definition.universe):
        yield from names(expression) if expression else ()


def _wrong_dimensions(
    wanted: Sequence[str], found: Mapping[str, str], structure: Structure, table: Structure, columns: Sequence[str]
) -> Iterator[Finding]:
    open_to = [id for id in _dimensions(table) if id not in ALWAYS]
    there = ", ".join(id for id in open_to if source(id, structure, table, columns)) or "none"
    for id in wanted:
        if id not in found:
            near = get_close_matches(id.upper(), open_to, 1, 0.5)
            mend = f"write {near[0]}" if near else f"write one of {', '.join(open_to)}"
            yield Finding(CALL, id, f"{table.id} has no dimension {id}", mend)
        elif not found[id]:
            yield Finding(CALL, id, f"the records have no {id}", f"they can be counted by {there}")
    for id in CONTEXT:
        if id in _dimensions(table) and id not in columns:
            mend = f"add a column {id}, the same in every record of a source; migstat harmonize fills it"
            yield Finding(CALL, id, f"the records have no {id}, which {table.id} needs", mend)


def _wrong_definitions(definitions: Sequence[Definition], table: Structure, shares: bool) -> Iterator[Finding]:
    for definition in definitions:
        if definition.rule is None:
            what = f"{definition.id} cannot be told from one record: it needs {definition.needs or 'several records'}"
            yield Finding(
                CALL, definition.id, what, "choose a definition that has a rule; migstat codes CL_MIG_DEF lists them"
            )
    if definitions and not (DEFINITION in table and MIGRANT in table):
        yield Finding(CALL, DEFINITION, f"{table.id} has no dimension for definitions", "tabulate without definitions")
    if shares and not definitions:
        what = "shares are of the people a definition counts, and none is named"
        yield Finding(CALL, DEFINITION, what, "name a definition, such as FOREIGN_BORN")


def _wrong_levels(
    levels: Mapping[str, int | str], wanted: Sequence[str], table: Structure, codelists: Callable[[str], Codelist]
) -> Iterator[Finding]:
    for id, level in levels.items():
        if id not in wanted:
            yield Finding(
                CALL, id, f"a level for {id}, which the table is not by", f"count by {id} too, or drop the level"
            )
        elif id in table and isinstance(level, str) and not level.isdigit():
            codelist = codelists(table[id].codelist)
            known = dict.fromkeys(kind for code in codelist for kind in kinds(codelist, code.id))
            if level not in known:
                mend = f"write a depth (0 is the top){', or ' * bool(known)}{', '.join(known)}"
                yield Finding(CALL, id, f"{codelist.id} has no level {level!r}", mend)


def kinds(codelist: Codelist, code: str) -> tuple[str, ...]:
    """Return what the codelist's columns ``kind`` and ``level`` call a code."""
    attributes = codelist[code].attributes
    return tuple(attributes[name] for name in ("kind", "level") if attributes.get(name))
