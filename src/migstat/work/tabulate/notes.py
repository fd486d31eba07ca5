"""Notes: what a table says of itself: definitions, measures, who was left out, what was not checked."""

from collections.abc import Collection, Sequence
from typing import Any

import polars as pl

from migstat.words.definition import Definition
from migstat.words.expression_text import print_expression
from migstat.words.how_many import how_many
from migstat.words.measure import OF_POPULATION, Measure
from migstat.work.tabulate.columns import VALUE
from migstat.work.tabulate.numbers import RULES, without
from migstat.work.tabulate.request import Request
from migstat.work.tabulate.spread import WIDTH


def notes(
    unweighted: int,
    request: Request,
    universe: dict[str, Any] | None,
    measures: Sequence[dict[str, Any]],
    groups: Collection[str],
) -> list[str]:
    """Return sentences for people who read the table."""
    told = ["Not checked for disclosure: cells may be small."]
    if unweighted:
        told.append(
            f"{how_many(unweighted, 'record has', 'records have')} no "
            f"{request.weight}: counted in N_UNWEIGHTED, and adding nothing to OBS_VALUE."
        )
    if OF_POPULATION in request.measures:
        told.append("Percentages are of the whole population in the same cell, people of unknown status included.")
    if universe is not None:
        outside, unknown = (_extent(universe[name]) for name in ("outside", "unknown"))
        told.append(
            f"Only people of whom {universe['text']} holds are in the cells: {outside} "
            f"{'is' if universe['outside']['rows'] == 1 else 'are'} outside, and of {unknown} it cannot be known."
        )
    for one in measures:
        if rows := one.get("rows_without_number"):
            weight, lack = one["weight_without_number"], "has" if rows == 1 else "have"
            told.append(
                f"{one['measure']} is of those whose number is known; {rows:,} (weight {weight:,.1f}) {lack} none."
            )
        if opened := one.get("cells_in_an_open_class"):
            told.append(
                f"{one['measure']} of {how_many(opened, 'cell')} lies in a class without an end, and is not given."
            )
        elif one["code"] == "MEAN" and (rows := one["rows_in_open_classes"]):
            told.append(
                f"{one['measure']} takes {how_many(rows, 'number that stands', 'numbers that stand')} "
                f"for a class without an end as {'it is' if rows == 1 else 'they are'}."
            )
    if groups:
        listed = ", ".join(groups)
        told.append(f"{listed}: those whose own area is a member; who is known only by a region is in none of them.")
    return told


def described(definition: Definition) -> dict[str, Any]:
    """Return the text and source of a definition, and its universe where it has one."""
    universe = {} if definition.universe is None else {"universe": print_expression(definition.universe)}
    return {
        "id": definition.id,
        "name": definition.names.get("en", definition.id),
        "text": definition.text,
        "source": definition.source,
        "standing": definition.standing,
        "edge_cases": list(definition.edge_cases),
        **universe,
    }


def of_measure(measure: Measure, made: pl.DataFrame, numbers: pl.DataFrame | None, population: bool) -> dict[str, Any]:
    """Return how a measure is reckoned; of a mean or quantile also who had no number."""
    told: dict[str, Any] = {"measure": measure.text, "code": measure.code, "variable": measure.variable}
    match measure.kind:
        case "share":
            told["rule"] = f"Per cent of the total across {', '.join(measure.across)}, in the same cell otherwise."
        case "rate":
            of = "the population handed in" if population else "the population of the same cell, unknowns included"
            told["rule"] = f"Per {measure.per:,} of {of}."
        case "mean" | "quantile":
            spread_over = numbers is not None and (numbers[WIDTH] > 0).any()
            told["rule"] = RULES["classes" if spread_over else measure.kind]
        case _:
            pass
    if numbers is not None:
        rows, weight, opened = without(numbers)
        told |= {"rows_without_number": rows, "weight_without_number": weight, "rows_in_open_classes": opened}
        told["cells_in_an_open_class"] = made[VALUE].null_count()
    return told


def _extent(one: dict[str, Any]) -> str:
    return f"{how_many(one['rows'], 'record')} (weight {one['weight']:,.1f})"
