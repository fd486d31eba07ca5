"""Additive rounding: inner cells are rounded, and every published cell is the sum of its rounded parts."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from migstat.words.finding import misuse
from migstat.words.rounding import Loss, RoundingRun, Scope
from migstat.work.perturb.incidence import TOTAL_ID, Incidence, incidence
from migstat.work.perturb.rounding_programme import MOST_CANDIDATES, MOST_PAIRS, improve
from migstat.work.perturb.search import search
from migstat.work.tabulate.cells import ROWS

TRUE = "TRUE_VALUE"
ROUNDED = "OBS_VALUE"


@dataclass(frozen=True, slots=True)
class Rounded:
    """Inner cells and tables, each cell with its true and its rounded count, and how it went."""

    inner: pl.DataFrame
    tables: tuple[pl.DataFrame, ...]
    run: RoundingRun


def round_additively(
    cells: pl.DataFrame,
    tables: Sequence[Sequence[str]],
    base: int,
    *,
    scope: Scope = Scope.SMALL,
    closures: Mapping[str, pl.DataFrame] | None = None,
    count: str = ROWS,
    seconds: float = 600.0,
) -> Rounded:
    """Round the inner cells of linked tables so that each published cell stays near its count, and all add up.

    ``cells`` are the finest cells, each combination of dimensions once, with a whole ``count``. ``tables`` are the
    lists of dimensions that are published; each has the totals and parents that ``closures`` give, pairs (code,
    target) for a dimension, as for roll-up. With scope ``all`` every inner cell becomes a multiple of the base, the
    one below or above; with ``small`` only cells from 1 to below the base do, and of these only those that make up a
    published cell that small, so that no published cell lies between 0 and the base.

    Tables of up to 200 such cells are rounded by an integer programme, larger ones by a search; the run says by
    which. The same input gives the same result, unless the time limit in seconds comes first; then the best so far is
    given, and the run says so.
    """
    _check(cells, tables, base, count)
    began = time.monotonic()
    deadline = began + seconds
    dimensions = list(dict.fromkeys(d for table in tables for d in table))
    cells = cells.select(*dimensions, pl.col(count).cast(pl.Int64).alias(TRUE)).sort(dimensions)
    counts = cells[TRUE].to_numpy()
    made = incidence(cells, tables, closures or {})
    true = np.rint(made.sums(counts)).astype(np.int64)
    candidates = _all(counts, base) if scope is Scope.ALL else _small(counts, true, base, made)
    while True:
        choice = search(counts, candidates, base, made, deadline)
        optimal = False
        pairs = int((made.starts[candidates + 1] - made.starts[candidates]).sum())
        if programmed := 0 < len(candidates) <= MOST_CANDIDATES and pairs <= MOST_PAIRS:
            optimal = improve(choice, base, made, deadline)
        # A cell that was no small one may have become one, where only some of its parts were rounded.
        more = np.union1d(candidates, _small(counts, true + choice.difference, base, made))
        if scope is Scope.ALL or len(more) == len(candidates):
            break
        candidates = more
    rounded = counts.copy()
    rounded[candidates] += np.where(choice.up, base, 0) - choice.remainders
    after = np.rint(made.sums(rounded)).astype(np.int64)
    run = RoundingRun(
        base=base,
        scope=scope,
        published=loss(true, after),
        inner=loss(counts, rounded),
        candidates=len(candidates),
        method="optimum" if optimal or not len(candidates) else "programme" if programmed else "search",
        zero_restricted=bool((abs(after - true) < base).all()),
        seconds=time.monotonic() - began,
        stopped=choice.stopped,
    )
    inner = cells.with_columns(pl.Series(ROUNDED, rounded))
    return Rounded(inner, tuple(_filled(frame, true, after) for frame in made.tables), run)


def loss(true: Any, published: Any) -> Loss:
    """Measure the distances between true and published counts.

    The Hellinger utility is 1 - H / sqrt(sum of true counts), with H the Hellinger distance of the two lists of counts.

    >>> loss(np.array([4, 0, 1]), np.array([4, 0, 0])).largest
    1
    """
    true, published = np.asarray(true), np.asarray(published)
    if not len(true):
        return Loss(0, 0, 0.0, 0.0, 1.0)
    off = abs(published - true)
    hellinger = np.sqrt(((np.sqrt(true) - np.sqrt(published)) ** 2).sum() / 2)
    whole = true.sum()
    return Loss(
        cells=len(true),
        largest=int(off.max()),
        mean=float(off.mean()),
        root_mean_square=float(np.sqrt((off**2).mean())),
        hellinger_utility=float(1 - hellinger / np.sqrt(whole)) if whole else 1.0,
    )


def _all(counts: Any, base: int) -> Any:
    return np.flatnonzero(counts % base)


def _small(counts: Any, published: Any, base: int, made: Incidence) -> Any:
    """Find the inner cells from 1 to below the base that are in a published cell that is as small."""
    within = (published > 0) & (published < base)
    inner = np.unique(made.inner[within[made.published]])
    return inner[(counts[inner] > 0) & (counts[inner] < base)]


def _filled(frame: pl.DataFrame, true: Any, after: Any) -> pl.DataFrame:
    number = frame[TOTAL_ID].to_numpy()
    return frame.drop(TOTAL_ID).with_columns(pl.Series(TRUE, true[number]), pl.Series(ROUNDED, after[number]))


def _check(cells: pl.DataFrame, tables: Sequence[Sequence[str]], base: int, count: str) -> None:
    def wrong(component: str, what: str, mend: str) -> Exception:
        return misuse(what, mend, place="round_additively", component=component)

    if base < 2:
        raise wrong("base", f"base {base} rounds nothing", "write a whole number from 2")
    if not tables or not all(tables):
        raise wrong("tables", "a table has no dimensions", "name at least one table, and a dimension for each")
    dimensions = list(dict.fromkeys(d for table in tables for d in table))
    if absent := [column for column in (*dimensions, count) if column not in cells.columns]:
        raise wrong("", f"the cells have no {', '.join(absent)}", f"they have {', '.join(cells.columns)}")
    if cells.select(pl.struct(dimensions).is_duplicated().any()).item():
        raise wrong(", ".join(dimensions), "a cell is given twice", "add up cells with the same codes first")
    values = cells[count]
    if values.null_count() or (values < 0).any() or (values != values.cast(pl.Int64)).any():
        raise wrong(count, "counts are not all whole numbers from 0", "round counts of people, not weighted sums")
