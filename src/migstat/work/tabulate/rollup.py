"""Roll-up: totals and parents of codelists from the finest cells, never from the records again."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.missing import TOTAL
from migstat.work.tabulate.cells import regroup
from migstat.work.tabulate.request import kinds


def closure(
    codes: Iterable[str], codelist: Codelist, *, level: int | str | None, parents: bool, totals: bool
) -> pl.DataFrame:
    """Return pairs (code, target): each code with itself, its ancestors and the total, each target once.

    A code that itself is an aggregate, such as a continent where the country is not known, is a part of its own row.
    """
    pairs = []
    for code in sorted(set(codes)):
        start = code if level is None else up_to(codelist, code, level)
        above = codelist.ancestors(start) if parents and start in codelist else ()
        targets = dict.fromkeys([start, *above, *([TOTAL] if totals else [])])
        pairs += [(code, target) for target in targets]
    return pl.DataFrame(pairs, schema={"code": pl.String, "target": pl.String}, orient="row")


def up_to(codelist: Codelist, code: str, level: int | str) -> str:
    """Return the ancestor of a code at a level: a depth (0 is the top), or a kind that the codelist names.

    A code without such an ancestor, such as a kind of missing, stays itself.
    """
    if code not in codelist:
        return code
    if isinstance(level, int) or level.isdigit():
        return codelist.roll_up(code, int(level))
    return next((id for id in (code, *codelist.ancestors(code)) if level in kinds(codelist, id)), code)


def roll_up(cells: pl.DataFrame, dimensions: Sequence[str], closures: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give every cell to each of its targets, one dimension after the other, so that no join outgrows the table."""
    for dimension, pairs in closures.items():
        lifted = cells.join(pairs, left_on=dimension, right_on="code").drop(dimension)
        cells = regroup(lifted.rename({"target": dimension}), dimensions)
    return cells
