"""Tables: how many people of each kind a definition counts, with totals, parents, shares, rates, means and medians."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.definition import Definition
from migstat.words.design import Design
from migstat.words.expression import Expression
from migstat.words.finding import Finding, Misuse
from migstat.words.measure import COUNT, OF_POPULATION, Measure
from migstat.words.reliability import Policy
from migstat.words.structure import Component, Structure
from migstat.words.table import Table
from migstat.words.table_set import Level
from migstat.work.tabulate.arrange import arranged
from migstat.work.tabulate.cells import UNWEIGHTED
from migstat.work.tabulate.columns import CALL, MEASURE
from migstat.work.tabulate.cube import Cube
from migstat.work.tabulate.notes import described, notes
from migstat.work.tabulate.people import People
from migstat.work.tabulate.request import understand
from migstat.work.tabulate.rollup import closure
from migstat.work.tabulate.universe import account


def tabulate(
    records: Any,
    *,
    structure: Structure,
    table: Structure,
    definitions: Sequence[Definition],
    by: Sequence[str],
    codelists: Callable[[str], Codelist],
    weight: str | None = None,
    levels: Mapping[str, Level] | None = None,
    totals: bool = True,
    parents: bool = True,
    shares: bool = False,
    measures: Sequence[Measure] = (COUNT,),
    universe: Expression | None = None,
    population: pl.DataFrame | None = None,
    groups: Mapping[str, Mapping[str, frozenset[str]]] | None = None,
    unknown_pairs: frozenset[tuple[str, str]] = frozenset(),
    provenance: Mapping[str, Any] | None = None,
    design: Design | None = None,
    policy: Policy | None = None,
) -> Table:
    """Count records by definition and by the dimensions of ``by``, as a table of the structure ``table``.

    The records may be a frame of any engine; they are grouped once. ``OBS_VALUE`` is the sum of ``weight``, or the
    number of records where there is none; ``N_UNWEIGHTED`` always is the number of records. Each definition has rows
    of its own, and its dimension ``MIGRANT`` says who is counted (Y), who is not (N), for whom it is unknown (_U) or
    not applicable (_Z), so that the rows add up to the population (_T). Dimensions that are not asked for are _T.

    ``totals`` adds _T in each dimension and ``parents`` the parents of its codelist, rolled up from the finest cells:
    a person counts once in each. ``levels`` lifts a dimension's codes first: to a depth of its codelist (0 is the top)
    or to a kind that the codelist names, such as country; of several levels each has its rows, and nothing between
    them. ``groups`` adds further rows to a dimension, each with the codes it takes in. ``shares`` adds percentages of
    the population (unknowns included) in the same cell of the other dimensions. Empty cells have no row.

    ``measures`` are what a cell says; all but counts and shares of the population need a table with the dimensions
    MEASURE and VARIABLE. For a mean or a quantile the records are grouped once more, by the number. ``population``
    has the denominators of rates. ``universe`` leaves out who is not in it; how many, and of whom it cannot be known,
    stands in ``metadata["universe"]``.

    With ``design`` each cell has its standard error, CV in per cent, interval, degrees of freedom and design effect,
    and a flag of reliability by the ``policy``.

    Raises Misuse with everything that is wrong with the request.
    """
    asked = (*measures, *([OF_POPULATION] if shares else []))
    request = understand(
        nw.from_native(records).collect_schema().names(),
        structure,
        table,
        definitions=definitions,
        by=by,
        codelists=codelists,
        levels=levels or {},
        weight=weight,
        measures=asked,
        universe=universe,
        totals=totals,
        population=population is not None,
    )
    people = People(records, request, structure, table, codelists, unknown_pairs)
    counted = people.counted()
    _one_source(counted, request.context)
    told: dict[str, Any] = {} if universe is None else {"universe": account(counted, universe)}
    cells = people.coded(counted)
    finest = {id: cells[id].unique().to_list() for id in request.sources}
    closures = {
        id: closure(
            codes,
            codelists(table[id].codelist) if table[id].coded else Codelist(id, ()),
            level=request.levels.get(id),
            parents=parents,
            totals=totals,
            groups=(groups or {}).get(id),
        )
        for id, codes in finest.items()
    }
    if broad := {id: known for id, codes in finest.items() if (known := _broad(codes, table[id], codelists))}:
        told["broad"] = broad
    cube = Cube(people, cells, closures, population)
    frame, findings = cube.measured()
    if design is not None and policy is not None:
        from migstat.work.tabulate.precision import precise
        from migstat.work.tabulate.precision import told as told_of

        frame = frame.with_columns(pl.col(pl.Enum).cast(pl.String))
        frame = precise(frame, people, closures, design, policy, own=population is None)
        told["precision"] = told_of(design, policy)
    listed = dict.fromkeys(group for named in (groups or {}).values() for group in named)
    metadata = {
        "structure": f"{table.agency}:{table.id}({table.version})",
        "records": structure.id,
        "unit": structure.unit,
        "by": list(request.sources),
        "levels": {id: _level(level) for id, level in request.levels.items()},
        "weight": weight or "",
        "definitions": [described(definition) for definition in request.definitions],
        "notes": notes(int(cells[UNWEIGHTED].sum()), request, told.get("universe"), cube.told, listed),
        "provenance": dict(provenance or {}),
        **told,
        **({"measures": cube.told} if MEASURE in table else {}),
    }
    return Table(arranged(frame, table, codelists), table, metadata, tuple(findings))


def _broad(codes: Sequence[str], component: Component, codelists: Callable[[str], Codelist]) -> list[str]:
    """Return the codes with parts that people themselves have: their row is more than the sum of its parts."""
    if not component.coded:
        return []
    codelist = codelists(component.codelist)
    return sorted(code for code in codes if code in codelist and codelist.descendants(code))


def _one_source(cells: pl.DataFrame, context: Sequence[str]) -> None:
    """Refuse to add records of a census to those of a survey, or of a register, of the same area and period."""
    if not {"SOURCE_TYPE", "REF_AREA", "TIME_PERIOD"} <= set(context) or cells["SOURCE_TYPE"].n_unique() < 2:
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


def _level(level: Level) -> str:
    return "+".join(map(str, level)) if isinstance(level, tuple) else str(level)
