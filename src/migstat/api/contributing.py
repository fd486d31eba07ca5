"""Contributions: who makes up each cell of a table, from the records behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.given_tables import plain_table, trees_for
from migstat.api.plain_columns import plain_frame, texts_of_numbers
from migstat.words.finding import misuse
from migstat.words.missing import TOTAL
from migstat.work.protect import contributions as contributing


def contributions(
    records: Any,
    *,
    dimensions: Sequence[str],
    value: str,
    unit: str | None = None,
    weight: str | None = None,
    largest: Sequence[int] = (1, 2),
    hierarchies: Mapping[str, Any] | None = None,
    total: str = TOTAL,
) -> pl.DataFrame:
    """Return who makes up each cell, totals included: how many contributors, the only one, and the largest together.

    ``records`` have a row a contribution; those of one ``unit`` (a person, an enterprise) are added up in each cell.
    ``largest`` are the numbers of largest contributors that rules look at: ``LARGEST_2`` is what the two largest add.

    >>> import polars as pl
    >>> firms = pl.DataFrame({"area": ["a", "a", "b"], "jobs": [90, 10, 5]})
    >>> contributions(firms, dimensions=["area"], value="jobs").row(0, named=True)["LARGEST_1"]
    90.0
    """
    names = nw.from_native(records).collect_schema().names()
    lacking = [name for name in (*dimensions, value, unit, weight) if name is not None and name not in names]
    if lacking:
        raise misuse(f"the records have no {', '.join(lacking)}", f"one of {', '.join(names)}", component=lacking[0])
    figures = [value, weight or value]
    records = plain_frame(records, "the records", [*dimensions, *figures, unit or value], figures)
    texts_of_numbers(records, figures, "the records")
    columns = nw.from_native(records).lazy().select(*dimensions).unique().collect("polars").to_native()
    frames = [plain_table(columns.cast(pl.String).with_columns(pl.lit(0).alias(value)), dimensions, value)]
    trees = trees_for(frames, hierarchies, total)
    known = {id: trees(id, columns[id].cast(pl.String).drop_nulls().unique().sort().to_list()) for id in dimensions}
    return contributing.contributions(
        records, dimensions, known, value=value, unit=unit, weight=weight, largest=sorted(set(largest))
    )
