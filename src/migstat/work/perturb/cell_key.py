"""The cell-key method: noise looked up by count and cell key, the same for a cell wherever it stands."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from migstat.words.finding import misuse
from migstat.words.perturbation import KEY_UNITS, PerturbationTable
from migstat.work.tabulate.cells import KEY, ROWS

NOISE = "NOISE"


def perturb(
    cells: pl.DataFrame, table: PerturbationTable, *, count: str = ROWS, key: str = KEY, values: Sequence[str] = ()
) -> pl.DataFrame:
    """Add noise to the counts of cells, looked up in a perturbation table; the noise itself is in the column ``NOISE``.

    The row of the table is that of the count, or its last; the interval is the one that holds the cell key, which is
    the fraction of the sum of record keys (``key``, whole numbers, see ``cell_keys``). ``values`` are weighted counts
    of the same cells: each is multiplied by perturbed over true count. A count of 0 stays 0.

    Perturbed cells do not add up to their perturbed totals. ``NOISE`` is for those who check; it is never published.

    >>> from migstat.words.perturbation import Chances
    >>> table = PerturbationTable((Chances(0, (0,), (1.0,)), Chances(1, (-1, 1), (0.5, 0.5))))
    >>> perturb(pl.DataFrame({"n": [0, 4, 4], "k": [0, 1, 7 * 10**8]}), table, count="n", key="k")["n"].to_list()
    [0, 3, 5]
    """
    if absent := [column for column in (count, key, *values) if column not in cells.columns]:
        raise misuse(f"the cells have no {', '.join(absent)}", f"they have {', '.join(cells.columns)}", place="perturb")
    numbers = cells[count].to_numpy()
    noise = noise_of(numbers, cells[key].to_numpy() % KEY_UNITS, table)
    perturbed = pl.Series(NOISE, noise, dtype=pl.Int64)
    scaled = [
        # One product and one division of whole numbers are exact, where a product with a share is not.
        (pl.col(value) * (pl.col(count) + perturbed) / pl.col(count)).fill_nan(0.0).alias(value)
        for value in values
        if value != count
    ]
    return cells.with_columns(*scaled, (pl.col(count) + perturbed).alias(count), perturbed)


def noise_of(counts: Any, keys: Any, table: PerturbationTable) -> Any:
    """Look the noise up for whole arrays of counts and cell keys (in ``KEY_UNITS``)."""
    noise = np.zeros(len(counts), dtype=np.int64)
    rows = np.minimum(counts, table.largest)
    for row in table.rows:
        here = np.flatnonzero(rows == row.count)
        which = np.searchsorted(np.array(row.bounds), keys[here], side="right")
        noise[here] = np.array(row.noise)[which]
    return noise
