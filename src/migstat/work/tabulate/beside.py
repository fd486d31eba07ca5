"""Beside: what several definitions count in the same cells, and how far they are apart."""

from collections.abc import Sequence

import polars as pl

from migstat.words.finding import misuse
from migstat.words.table import Table
from migstat.work.tabulate.columns import DEFINITION, MIGRANT, UNIT, VALUE

THERE = "_there"
LEFT = (DEFINITION, MIGRANT, VALUE)


def side_by_side(table: Table, first: str | None = None, migrant: str = "Y") -> pl.DataFrame:
    """Return the cells of a table with a column for each definition, and how each differs from the first.

    ``NAME`` is what a definition counts, ``NAME_DIFFERENCE`` that less what the first one counts, and ``NAME_PERCENT``
    the difference in per cent of the first, null where the first counts nobody. A count of nobody, which has no row in
    the table, is 0 here. ``migrant`` chooses the answer: Y who is counted, _U of whom it is unknown.
    Raises Misuse where the table has fewer than two definitions.
    """
    frame: pl.DataFrame = table.frame
    ids = frame[DEFINITION].unique(maintain_order=True).to_list() if DEFINITION in frame.columns else []
    ids = [one["id"] for one in table.metadata.get("definitions", ()) if one["id"] in ids] or ids
    if len(ids) < 2:
        raise misuse(
            "the table has fewer than two definitions", "tabulate with definition=['FOREIGN_BORN', ...]", place="table"
        )
    if first is not None and first not in ids:
        raise misuse(f"the table has no definition {first}", f"write one of {', '.join(ids)}", place="table")
    ordered = [first, *(id for id in ids if id != first)] if first else ids
    keys = [id for id in table.dimensions if id in frame.columns and id not in LEFT]
    beside = _columns(frame.filter(pl.col(MIGRANT) == migrant), keys, ordered)
    start = pl.col(ordered[0])
    for id in ordered[1:]:
        apart = pl.col(id) - start
        percent = pl.when(start != 0).then(apart * 100 / start)
        beside = beside.with_columns(apart.alias(f"{id}_DIFFERENCE"), percent.alias(f"{id}_PERCENT"))
    return beside


def _columns(cells: pl.DataFrame, keys: Sequence[str], ids: Sequence[str]) -> pl.DataFrame:
    found = cells.select(keys).unique(maintain_order=True)
    for id in ids:
        # A row without a value is there and not known, as one that is suppressed: it is not nobody.
        one = cells.filter(pl.col(DEFINITION) == id).select(
            *keys, pl.col(VALUE).alias(id), pl.lit(True).alias(f"{id}{THERE}")
        )
        found = found.join(one, on=keys, how="left", maintain_order="left")
    counted = pl.col(UNIT).is_in(["PT", "YR", "MTH", "_O"]) if UNIT in keys else pl.lit(False)
    # Nobody is 0 people, but no median.
    return found.with_columns(
        pl.when(counted | pl.col(f"{id}{THERE}").is_not_null()).then(pl.col(id)).otherwise(pl.lit(0)).alias(id)
        for id in ids
    ).select(*keys, *ids)
