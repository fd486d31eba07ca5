"""What a table asks of the records: which columns fill its dimensions, and what is wrong with the request."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from migstat.words.codelist import Codelist
from migstat.words.definition import Definition
from migstat.words.expression import Expression, names
from migstat.words.finding import Finding, Misuse
from migstat.words.measure import Measure
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.structure import Structure
from migstat.words.table_set import Level
from migstat.work.tabulate import wrong
from migstat.work.tabulate.columns import ALWAYS, CALL, CONTEXT, dimensions, source


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
    levels: Mapping[str, Level]
    keys: tuple[str, ...]
    """The columns to group the records by."""
    measures: tuple[Measure, ...]
    universe: Expression | None
    weight: str | None


def understand(
    columns: Sequence[str],
    structure: Structure,
    table: Structure,
    *,
    definitions: Sequence[Definition],
    by: Sequence[str],
    codelists: Callable[[str], Codelist],
    levels: Mapping[str, Level],
    weight: str | None,
    measures: Sequence[Measure],
    universe: Expression | None,
    totals: bool,
    population: bool,
) -> Request:
    """Find the column behind each dimension, or raise Misuse with everything that is wrong at once."""
    wanted = [id for id in dict.fromkeys(by) if id not in ALWAYS]
    found = {id: source(id, structure, table, columns) for id in wanted if id in dimensions(table)}
    faults = [
        *wrong.wrong_table(table),
        *wrong.wrong_dimensions(wanted, found, structure, table, columns),
        *wrong.wrong_definitions(definitions, table),
        *wrong.wrong_levels(levels, wanted, table, codelists),
        *wrong.wrong_universe(universe, structure, columns),
        *wrong.wrong_measures(
            measures, definitions, wanted, structure, table, columns, codelists, totals=totals, population=population
        ),
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
        measures=tuple(dict.fromkeys(measures)),
        universe=universe,
        weight=weight,
    )


def _reads(definition: Definition) -> Iterator[str]:
    yield from definition.reads
    for expression in (definition.rule, definition.universe):
        yield from names(expression) if expression else ()
