"""Simple rounding: each cell by itself, to the nearest multiple or, without bias, by its cell key."""

import polars as pl

from migstat.words.finding import misuse
from migstat.words.perturbation import KEY_UNITS
from migstat.work.tabulate.cells import KEY, ROWS


def round_to_nearest(cells: pl.DataFrame, base: int, *, count: str = ROWS) -> pl.DataFrame:
    """Round counts to the nearest multiple of the base; one in the middle goes up.

    Rounded cells do not add up to their rounded totals.

    >>> round_to_nearest(pl.DataFrame({"n": [0, 1, 2, 4, 5]}), 4, count="n")["n"].to_list()
    [0, 0, 4, 4, 4]
    """
    _check(cells, base, count)
    return cells.with_columns((pl.col(count) + base // 2) // base * base)


def round_unbiased(cells: pl.DataFrame, base: int, *, count: str = ROWS, key: str = KEY) -> pl.DataFrame:
    """Round counts to the multiple below or above, above with the chance of the remainder in the base.

    The expected count is the true one. Chance is the cell key, so that a cell is rounded the same way in every table
    and run. Rounded cells do not add up to their rounded totals.

    >>> cells = pl.DataFrame({"n": [4, 4, 6], "k": [0, 999_999_999, 0]})
    >>> round_unbiased(cells, 3, count="n", key="k")["n"].to_list()
    [6, 3, 6]
    """
    _check(cells, base, count, key)
    remainder = pl.col(count) % base
    up = pl.col(key) % KEY_UNITS * base < remainder * KEY_UNITS
    return cells.with_columns(pl.col(count) - remainder + pl.when(up).then(base).otherwise(0))


def _check(cells: pl.DataFrame, base: int, *columns: str) -> None:
    if base < 2:
        raise misuse(f"base {base} rounds nothing", "write a whole number from 2", place="round", component="base")
    if absent := [column for column in columns if column not in cells.columns]:
        raise misuse(f"the cells have no {', '.join(absent)}", f"they have {', '.join(cells.columns)}", place="round")
