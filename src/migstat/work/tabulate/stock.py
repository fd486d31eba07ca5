"""Stock tables: how many people of each kind a definition counts, with totals, parents and shares."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.definition import Definition
from migstat.words.finding import Finding, Misuse
from migstat.words.missing import NOT_APPLICABLE, TOTAL, UNKNOWN
from migstat.words.structure import Component, Structure
from migstat.words.table import Table
from migstat.work.derive import derive
from migstat.work.tabulate.bands import narrowest
from migstat.work.tabulate.cells import ROWS, SUMS, UNWEIGHTED, count, regroup, total
from migstat.work.tabulate.request import CALL, DEFINITION, MIGRANT, Request, understand
from migstat.work.tabulate.rollup import closure, roll_up

PERCENT = "PT"
UNITS = {"person": "PS", "permit": "PERMIT", "visa": "VISA", "crossing": "CROSSING"}
"""What a record of a structure counts as."""
VALUE = "OBS_VALUE"


def tabulate(
    records: Any,
    *,
    structure: Structure,
    table: Structure,
    definitions: Sequence[Definition],
    by: Sequence[str],
    codelists: Callable[[str], Codelist],
    weight: str | None = None,
    levels: Mapping[str, int | str] | None = None,
    totals: bool = True,
    parents: bool = True,
    shares: bool = False,
    unknown_pairs: frozenset[tuple[str, str]] = frozenset(),
    provenance: Mapping[str, Any] | None = None,
) -> Table:
    """Count records by definition and by the dimensions of ``by``, as a table of the structure ``table``.

    The records may be a frame of any engine; they are grouped once. ``OBS_VALUE`` is the sum of ``weight``, or the
    number of records where there is none; ``N_UNWEIGHTED`` always is the number of records. Each definition has rows
    of its own, and its dimension ``MIGRANT`` says who is counted (Y), who is not (N), for whom it is unknown (_U) or
    not applicable (_Z), so that the rows add up to the population (_T). Dimensions that are not asked for are _T.

    ``totals`` adds _T in each dimension and ``parents`` the parents of its codelist, rolled up from the finest cells:
    a person counts once in each. ``levels`` lifts a dimension's codes first: to a depth of its codelist (0 is the top)
    or to a kind that the codelist names, such as country. ``shares`` adds percentages of the population (unknowns
    included) in the same cell of the other dimensions. Empty cells have no row.

    Raises Misuse with everything that is wrong with the request.
    """
    request = understand(
        nw.from_native(records).collect_schema().names(),
        structure,
        table,
        definitions=definitions,
        by=by,
        codelists=codelists,
        levels=levels or {},
        weight=weight,
        shares=shares,
    )
    counted = count(records, request.keys, weight)
    _one_source(counted, request.context)
    unweighted = int(counted[UNWEIGHTED].sum())
    for definition in request.definitions:
        counted = derive(nw.from_native(counted), definition, structure, unknown_pairs).to_native()
    cells = _coded(counted, request, structure, table, codelists)
    closures = {
        id: closure(
            cells[id], codelists(table[id].codelist), level=request.levels.get(id), parents=parents, totals=totals
        )
        for id in request.sources
    }
    dimensions = [*request.context, *request.sources]
    parts = [_of_definition(cells, definition.id, dimensions, closures) for definition in request.definitions]
    frame = pl.concat(parts or [_of_everyone(cells, dimensions, closures)]).with_columns(
        total().alias(VALUE),
        pl.col(ROWS).alias("N_UNWEIGHTED"),
        pl.lit(UNITS.get(structure.unit, "_O")).alias("UNIT_MEASURE"),
    )
    if shares:
        frame = pl.concat([frame, _shares(frame, [*dimensions, DEFINITION])])
    metadata = {
        "structure": f"{table.agency}:{table.id}({table.version})",
        "records": structure.id,
        "unit": structure.unit,
        "by": list(request.sources),
        "levels": {id: str(level) for id, level in request.levels.items()},
        "weight": weight or "",
        "definitions": [_described(definition) for definition in request.definitions],
        "notes": _notes(unweighted, weight, shares),
        "provenance": dict(provenance or {}),
    }
    return Table(_arranged(frame, table, codelists), table, metadata)


def _one_source(cells: pl.DataFrame, context: Sequence[str]) -> None:
    """Refuse to add records of a census to those of a survey, or of a register, of the same area and period."""
    if "SOURCE_TYPE" not in context:
        return
    kinds = cells.group_by("REF_AREA", "TIME_PERIOD").agg(pl.col("SOURCE_TYPE").cast(pl.String).unique().sort())
    mixed = kinds.filter(pl.col("SOURCE_TYPE").list.len() > 1).sort("REF_AREA", "TIME_PERIOD")
    findings = [
        Finding(
            CALL,
            "SOURCE_TYPE",
            f"{area} {period} has records of several sources: {', '.join(map(str, types))}",
            "tabulate them one by one: the same people would be counted twice",
        )
        for area, period, types in mixed.rows()
    ]
    if findings:
        raise Misuse(findings)


def _coded(
    cells: pl.DataFrame, request: Request, structure: Structure, table: Structure, codelists: Callable[[str], Codelist]
) -> pl.DataFrame:
    """Leave the dimensions asked for, as codes, and what each definition says of the cell."""
    codes = {
        id: pl.col(column) if structure[column].coded else narrowest(cells, column, codelists(table[id].codelist))
        for id, column in request.sources.items()
    }
    answers = [definition.id for definition in request.definitions]
    return cells.select(
        pl.col(request.context).cast(pl.String),
        *(code.cast(pl.String).fill_null(UNKNOWN).alias(id) for id, code in codes.items()),
        pl.col(answers).cast(pl.String),
        pl.col(SUMS),
    )


def _of_definition(
    cells: pl.DataFrame, definition: str, dimensions: Sequence[str], closures: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    keys = [*dimensions, MIGRANT]
    answers = pl.DataFrame({"code": ["Y", "N", UNKNOWN, NOT_APPLICABLE]})
    answers = pl.concat([answers.with_columns(target="code"), answers.with_columns(target=pl.lit(TOTAL))])
    rolled = roll_up(regroup(cells.rename({definition: MIGRANT}), keys), keys, {**closures, MIGRANT: answers})
    return rolled.select(*keys, pl.lit(definition).alias(DEFINITION), pl.col(SUMS))


def _of_everyone(cells: pl.DataFrame, dimensions: Sequence[str], closures: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    rolled = roll_up(regroup(cells, dimensions), dimensions, closures)
    everyone = pl.lit(TOTAL).alias(MIGRANT), pl.lit(NOT_APPLICABLE).alias(DEFINITION)
    return rolled.select(*dimensions, *everyone, pl.col(SUMS))


def _shares(frame: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    population = frame.filter(pl.col(MIGRANT) == TOTAL).select(*dimensions, pl.col(VALUE).alias("_population"))
    parts = frame.filter(pl.col(MIGRANT) != TOTAL).join(population, on=list(dimensions))
    share = pl.col(VALUE) * 100 / pl.col("_population")
    return (
        parts.filter(pl.col("_population") > 0)
        .with_columns(share.alias(VALUE), pl.lit(PERCENT).alias("UNIT_MEASURE"))
        .select(frame.columns)
    )


def _arranged(frame: pl.DataFrame, table: Structure, codelists: Callable[[str], Codelist]) -> pl.DataFrame:
    """Put the columns in the order of the structure, and the rows in the order of its codelists, totals first."""
    fixed = {"OBS_STATUS": "A", "UNIT_MULT": "0"}
    dimensions = [component.id for component in table.with_role("dimension")]
    made = frame.with_columns(_frequency().alias("FREQ"), *(pl.lit(code).alias(id) for id, code in fixed.items()))
    made = made.with_columns(pl.lit(TOTAL).alias(id) for id in dimensions if id not in made.columns)
    ranks = [_rank(made[id], table[id], codelists).alias(id) for id in dimensions]
    order = pl.DataFrame(ranks).with_row_index("_row").sort(dimensions)["_row"]
    return made.select(id for id in table.ids if id in made.columns)[order]


def _rank(values: pl.Series, component: Component, codelists: Callable[[str], Codelist]) -> pl.Series:
    listed = codelists(component.codelist).ids if component.coded else ()
    known = dict.fromkeys((TOTAL, *listed))
    ranks = {code: rank for rank, code in enumerate((*known, *sorted(set(values.unique()) - set(known))))}
    return values.replace_strict(ranks, return_dtype=pl.Int64)


def _frequency() -> pl.Expr:
    """Read the frequency from how the period is written; a full date, such as a census day, is irregular."""
    period = pl.col("TIME_PERIOD")
    return (
        pl.when(period.str.contains(r"^\d{4}$"))
        .then(pl.lit("A"))
        .when(period.str.contains(r"^\d{4}-[QS]\d$"))
        .then(period.str.slice(5, 1))
        .when(period.str.contains(r"^\d{4}-\d{2}$"))
        .then(pl.lit("M"))
        .otherwise(pl.lit("I"))
    )


def _notes(unweighted: int, weight: str | None, shares: bool) -> list[str]:
    notes = ["Not checked for disclosure: cells may be small."]
    if unweighted:
        notes.append(f"{unweighted:,} records have no {weight}: they are in N_UNWEIGHTED and add nothing to OBS_VALUE.")
    if shares:
        notes.append("Percentages are of the whole population in the same cell, people of unknown status included.")
    return notes


def _described(definition: Definition) -> dict[str, Any]:
    return {
        "id": definition.id,
        "name": definition.names.get("en", definition.id),
        "text": definition.text,
        "source": definition.source,
        "standing": definition.standing,
        "edge_cases": list(definition.edge_cases),
    }
