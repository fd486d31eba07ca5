"""Universe: who a table is about. People outside it are not in the cells, and are counted here."""

from dataclasses import fields, replace
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.definition import Definition
from migstat.words.expression import Call, Compare, Expression, In, Name, Text, names
from migstat.words.expression_text import print_expression
from migstat.words.missing import KINDS
from migstat.words.structure import Structure
from migstat.work.conditions import Pairs, compile_expression
from migstat.work.derive import column_kind, derive
from migstat.work.tabulate.cells import ROWS, SUMS, regroup, total

INSIDE = "_universe"
NUMBER = "_number"
GROUPS = {"Y": "inside", "N": "outside", "_U": "unknown"}


def with_universe(frame: Any, universe: Expression, structure: Structure, unknown_pairs: Pairs) -> Any:
    """Add a column that says of each record whether it is inside (Y), outside (N), or cannot be judged (_U)."""
    rule = said_of_codes(universe, structure)
    return derive(frame, Definition(INSIDE, {}, rule, "", (), "", ""), structure, unknown_pairs)


def with_number(frame: Any, of: Expression, structure: Structure) -> Any:
    """Add the number that a mean or a quantile is of; null where it is not known."""
    schema = frame.collect_schema()
    found = {name: column_kind(name, structure, schema) for name in names(of)}
    number = compile_expression(Call("number", (of,)), found).cast(nw.Float64)
    return frame.with_columns(nw.when(number.is_finite()).then(number).alias(NUMBER))


def said_of_codes(expression: Expression, structure: Structure) -> Expression:
    """Let a comparison with a kind of missing, such as LABOUR <> '_Z', look at the code itself."""

    def spoken(item: Expression) -> Expression:
        coded = isinstance(item, Name) and item.name in structure and structure[item.name].coded
        return Call("text", (item,)) if coded else item

    match expression:
        case Compare(op, left, right) if any(isinstance(one, Text) and one.value in KINDS for one in (left, right)):
            return Compare(op, spoken(left), spoken(right))
        case In(item, members) if any(isinstance(one, Text) and one.value in KINDS for one in members):
            return In(spoken(item), members)
    changed: dict[str, Any] = {}
    for field in fields(expression):
        value = getattr(expression, field.name)
        if isinstance(value, tuple):
            changed[field.name] = tuple(
                said_of_codes(one, structure) if isinstance(one, Expression) else one for one in value
            )
        elif isinstance(value, Expression):
            changed[field.name] = said_of_codes(value, structure)
    made: Expression = replace(expression, **changed)
    return made


def account(cells: pl.DataFrame, universe: Expression) -> dict[str, Any]:
    """Return the rows and the weight inside the universe, outside it, and of whom it cannot be known."""
    found = regroup(cells.select(INSIDE, pl.col(SUMS)), [INSIDE]).with_columns(total().alias("_weight"))
    sums = {row[INSIDE]: row for row in found.iter_rows(named=True)}
    counted = {
        name: {"rows": sums[answer][ROWS], "weight": sums[answer]["_weight"]}
        if answer in sums
        else {"rows": 0, "weight": 0.0}
        for answer, name in GROUPS.items()
    }
    return {"text": print_expression(universe), **counted}
