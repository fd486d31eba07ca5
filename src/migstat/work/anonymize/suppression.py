"""Local suppression: single values are taken out until every record is like k - 1 others on every key set.

For each record that is not, the cheapest keys are sought without which it would be, the least important first. Among
records that would all be served, only as many lose a value as are needed. The pattern is small, and not proven to be
the smallest. All key sets are gone through again until none is broken by what another needed. k-anonymity is that of
Samarati (2001); the search is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations as subsets

import polars as pl

from migstat.words.microdata_policy import KeySet, MissingAs
from migstat.words.missing import UNKNOWN
from migstat.work.anonymize.frequencies import COUNT, SAMPLE, combinations, frequencies

ROUNDS = 50
_AT = "_row"


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked for: how many alike, how a missing value counts, and what each key is worth."""

    k: int
    missing: MissingAs
    alpha: float
    importance: tuple[str, ...]
    never: tuple[str, ...]

    @property
    def gone(self) -> pl.Expr:
        """What stands in place of a value taken out, as keys are compared."""
        return pl.lit(UNKNOWN if self.missing == "category" else None, dtype=pl.String)

    def removals(self, keys: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the sets of keys that may be taken out together, the cheapest first."""
        cost = {key: self._cost(key) for key in keys if key not in self.never}
        every = [some for size in range(1, len(cost) + 1) for some in subsets(cost, size)]
        return sorted(every, key=lambda some: (len(some), sum(cost[key] for key in some)))

    def _cost(self, key: str) -> int:
        return len(self.importance) - self.importance.index(key) if key in self.importance else 0


def suppress(rows: pl.DataFrame, sets: Sequence[KeySet], demand: Demand) -> pl.DataFrame:
    """Return which values of ``rows`` to take out: a frame of the keys with true or false.

    ``rows`` holds the keys as they are compared, and weights. Where ``never`` or too few records make it impossible,
    what is left is seen when risk is measured.
    """
    keys = list(dict.fromkeys(key for one in sets for key in one.ids))
    now = rows.with_row_index(_AT)
    for _ in range(ROUNDS):
        before = now
        for one in sets:
            now = _serve(now, one.ids, demand)
        if now.equals(before, null_equal=True):
            break
    return pl.DataFrame({key: rows[key].ne_missing(now[key]) for key in keys})


def _serve(now: pl.DataFrame, keys: tuple[str, ...], demand: Demand) -> pl.DataFrame:
    """Take values out until one key set holds, or nothing more can be done."""
    last: tuple[str, ...] = ()
    for removal in demand.removals(keys):
        last = removal
        while True:
            table = frequencies(combinations(now, keys), keys, demand.alpha)
            short = table.filter(pl.col(SAMPLE) < demand.k)
            if not short.height:
                return now
            if demand.missing == "wildcard":
                chosen = _by_wildcard(now, table, keys, removal, demand)
            else:
                chosen = _by_category(table, keys, removal, demand)
            if not chosen.height:
                break
            now = _take(now, chosen, keys, removal, demand.gone)
    if demand.missing == "category" and last:
        now = _fill_up(now, keys, last, demand)
    return now


def _by_wildcard(
    now: pl.DataFrame, table: pl.DataFrame, keys: tuple[str, ...], removal: tuple[str, ...], demand: Demand
) -> pl.DataFrame:
    """Choose combinations that are like enough others without some keys: as few of them as serve all."""
    rest = [key for key in keys if key not in removal]
    short = table.filter(pl.col(SAMPLE) < demand.k)
    if rest:
        without = frequencies(combinations(now, rest), rest, demand.alpha).select(*rest, pl.col(SAMPLE).alias("_would"))
        short = short.join(without, on=rest, how="left", nulls_equal=True, maintain_order="left")
    else:
        short = short.with_columns(pl.lit(float(now.height)).alias("_would"))
    left = [pl.col(key).is_not_null() for key in removal]
    able = short.filter((pl.col("_would") >= demand.k) & pl.any_horizontal(left))
    lined_by = [pl.col(key) for key in rest] or [pl.lit(0)]
    lined = able.sort(SAMPLE, COUNT, *keys, maintain_order=True)
    enough = pl.col(SAMPLE).shift(-1) + demand.alpha * pl.col(COUNT).cum_sum() >= demand.k
    done = enough.fill_null(True).cast(pl.Int8).shift(1, fill_value=0).cum_max()
    return lined.with_columns(done.over(lined_by).alias("_done")).filter(pl.col("_done") == 0).select(keys)


def _by_category(table: pl.DataFrame, keys: tuple[str, ...], removal: tuple[str, ...], demand: Demand) -> pl.DataFrame:
    """Choose combinations which, once their values are unknown, are enough to be a group of their own."""
    after = table.with_columns(pl.lit(UNKNOWN).alias(key) for key in removal)
    marked = table.with_columns(
        (pl.col(SAMPLE) < demand.k).alias("_short"),
        pl.all_horizontal(pl.col(key) == UNKNOWN for key in removal).alias("_there"),
        after.select(pl.struct(keys)).to_series().alias("_after"),
    )
    pool = pl.when(pl.col("_short") | pl.col("_there")).then(pl.col(COUNT)).otherwise(0).sum().over("_after")
    return marked.filter((pool >= demand.k) & pl.col("_short") & ~pl.col("_there")).select(keys)


def _fill_up(now: pl.DataFrame, keys: tuple[str, ...], removal: tuple[str, ...], demand: Demand) -> pl.DataFrame:
    """Join those that are still too few with some of the largest group, all keys of both unknown."""
    table = frequencies(combinations(now, keys), keys)
    short = table.filter(pl.col(SAMPLE) < demand.k)
    if not short.height:
        return now
    now = _take(now, short.select(keys), keys, removal, demand.gone)
    table = frequencies(combinations(now, keys), keys).sort(SAMPLE, *keys, descending=[True, *[False] * len(keys)])
    lacking = demand.k - int(table.filter(pl.col(SAMPLE) < demand.k)[COUNT].sum())
    if lacking <= 0 or lacking == demand.k:
        return now
    largest = table.row(0, named=True)
    alike = now.filter(pl.all_horizontal(pl.col(key) == largest[key] for key in keys))
    spare = alike.height if alike.height < lacking + demand.k else lacking
    taken = alike[_AT].head(spare)
    return now.with_columns(
        pl.when(pl.col(_AT).is_in(taken.implode())).then(pl.lit(UNKNOWN)).otherwise(pl.col(key)).alias(key)
        for key in removal
    )


def _take(
    now: pl.DataFrame, chosen: pl.DataFrame, keys: tuple[str, ...], removal: tuple[str, ...], gone: pl.Expr
) -> pl.DataFrame:
    """Take the values of some keys out of all records of the combinations chosen."""
    marked = now.join(
        chosen.with_columns(pl.lit(True).alias("_hit")), on=keys, how="left", nulls_equal=True, maintain_order="left"
    )
    hit = pl.col("_hit").fill_null(False)
    return marked.with_columns(pl.when(hit).then(gone).otherwise(pl.col(key)).alias(key) for key in removal).drop(
        "_hit"
    )
