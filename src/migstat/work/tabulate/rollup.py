"""Roll-up: totals and parents of codelists from the finest cells, never from the records again."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.missing import TOTAL
from migstat.words.table_set import Level
from migstat.work.tabulate.cells import regroup
from migstat.work.tabulate.columns import kinds


def closure(
    codes: Iterable[str],
    codelist: Codelist,
    *,
    level: Level | None,
    parents: bool,
    totals: bool,
    groups: Mapping[str, frozenset[str]] | None = None,
) -> pl.DataFrame:
    """Return pairs (code, target): each code with itself, its ancestors and the total, each target once.

    A code that itself is an aggregate, such as a continent where the country is not known, is a part of its own row.
    Of several levels each has its rows and nothing between them. ``groups`` are further targets with their members.
    """
    pairs = []
    for code in sorted(set(codes)):
        if isinstance(level, tuple):
            targets = [up_to(codelist, code, one) for one in level]
        else:
            start = code if level is None else up_to(codelist, code, level)
            targets = [start, *(codelist.ancestors(start) if parents and start in codelist else ())]
        targets += [group for group, members in (groups or {}).items() if code in members]
        targets += [TOTAL] if totals else []
        pairs += [(code, target) for target in dict.fromkeys(targets)]
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
    # What is the same everywhere is not grouped by.
    same = cells.select(id for id in dimensions if id not in closures and cells[id].n_unique() == 1).head(1)
    keys = [id for id in dimensions if id not in same.columns]
    rolled = cells.drop(same.columns).lazy()
    if not closures:
        rolled = regroup(rolled, keys)
    # What makes fewer of many, such as a level, goes first.
    for dimension, pairs in sorted(closures.items(), key=lambda one: _growth(one[1])):
        lifted = rolled.join(pairs.lazy(), left_on=dimension, right_on="code").drop(dimension)
        rolled = regroup(lifted.rename({"target": dimension}), keys)
    constant = [pl.lit(same[id][0], dtype=same.schema[id]).alias(id) for id in same.columns]
    return rolled.collect(engine="streaming").with_columns(*constant).select(cells.columns)


def _growth(pairs: pl.DataFrame) -> float:
    return pairs["target"].n_unique() / max(1, pairs["code"].n_unique())
