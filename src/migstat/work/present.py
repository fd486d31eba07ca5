"""What is there: the codes and periods that a table really holds, as a constraint that goes with it."""

from collections.abc import Callable

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.constraint import Constraint, Member, Region, Selection
from migstat.words.reference import reference
from migstat.words.table import Table

NAMES = {
    "en": "What is there", "fr": "Contenu effectif", "es": "Contenido efectivo", "ar": "المحتوى الفعلي",
    "ru": "Фактическое содержание", "zh": "实际内容",
}  # fmt: skip


def present(table: Table, codelists: Callable[[str], Codelist]) -> Constraint:
    """Return the constraint that lists, for each dimension, the values that the cells of a table have."""
    frame = table.frame.lazy()
    there = frame.collect_schema().names()
    selections = []
    for component in table.structure.components:
        if component.id in table.structure.key and component.id in there:
            column = frame.select(pl.col(component.id).cast(pl.String).unique().drop_nulls()).collect()
            found = column[component.id].sort().to_list()
            if component.coded:
                order = {id: rank for rank, id in enumerate(codelists(component.codelist).ids)}
                found.sort(key=lambda id, order=order: (order.get(id, len(order)), id))
            selections.append(Selection(component.id, tuple(Member(value) for value in found)))
    whole = table.structure
    return Constraint(
        f"CA_{whole.id}",
        whole.agency,
        whole.version,
        NAMES,
        "actual",
        (reference(whole),),
        (Region(tuple(selections)),),
    )
