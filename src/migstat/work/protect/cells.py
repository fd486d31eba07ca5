"""Cells: the tables published together as one set of numbered cells, each cell once, with the sums that tie them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

VALUE, COUNT = "_value", "_count"
INDEX = "_cell"
SLACK = 1e-6
"""Sums of floats may differ by this share of the total, and of one."""

Tree = Mapping[str, str | None]
"""Each code's parent; None for the top."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Numbered cells: ``keys`` has a row a cell; ``shown`` is False for what is left over of a total.

    A total may be more than its published parts (people whose region alone is known): what is left over can be worked
    out by subtraction, so it is a cell like others, only without a row. ``sums`` are the relations: of each the total's
    number, then its parts'.
    """

    keys: pl.DataFrame
    values: Any
    counts: Any
    shown: Any
    sums: tuple[tuple[int, ...], ...]
    fewest: Mapping[int, int] = field(default_factory=dict)
    """Of cells with figures that do not add up, such as means: the records behind the one that has fewest."""

    @property
    def size(self) -> int:
        """How many cells there are, left-overs included."""
        return len(self.values)

    def of(self) -> list[list[int]]:
        """Return, for each cell, the numbers of the sums that it stands in."""
        found: list[list[int]] = [[] for _ in range(self.size)]
        for number, members in enumerate(self.sums):
            for cell in members:
                found[cell].append(number)
        return found


def number_cells(
    frame: pl.DataFrame,
    dimensions: Sequence[str],
    trees: Mapping[str, Sequence[Tree]],
    broad: Mapping[str, Collection[str]] | None = None,
) -> Cells:
    """Number the cells of a frame that has each cell once, and find the sums among them along every tree.

    ``frame`` has the dimensions, ``_value`` and ``_count``. Cells that are not there are zero, and known to be.
    ``broad`` are the codes of a dimension whose total may be more than its parts, as its own people may have it.
    """
    keys = frame.sort(dimensions).with_row_index(INDEX)
    found: dict[tuple[int, ...], None] = {}
    left: list[tuple[int, float, int]] = []
    values, counts = keys[VALUE].to_numpy().astype(float), keys[COUNT].to_numpy().astype(np.int64)
    sums: list[tuple[int, ...]] = []
    for dimension, listed in trees.items():
        for tree in listed:
            lines = along(keys, dimension, dimensions, tree)
            rests = [values[total] - values[parts].sum() for total, *parts in lines]
            codes = keys[dimension].to_list()
            # A total that is more than its parts in one row may be so in a row where the parts are hidden.
            open_ = {
                codes[line[0]]
                for line, rest in zip(lines, rests, strict=True)
                if abs(rest) > SLACK * max(1.0, abs(values[line[0]]))
            }.union((broad or {}).get(dimension, ()))
            for (total, *parts), rest in zip(lines, rests, strict=True):
                if (total, *parts) in found:
                    continue
                found[(total, *parts)] = None
                if abs(rest) > SLACK * max(1.0, abs(values[total])) or (np.isnan(rest) and codes[total] in open_):
                    unknown = np.isnan(rest) or counts[total] < 0 or (counts[parts] < 0).any()
                    left.append((total, rest, -1 if unknown else max(int(counts[total] - counts[parts].sum()), 0)))
                    parts = [*parts, keys.height + len(left) - 1]
                sums.append((total, *parts))
    rest_keys = keys[[total for total, _, _ in left]] if left else keys.clear()
    return Cells(
        keys=pl.concat([keys, rest_keys]).select(dimensions),
        values=np.concatenate([values, [rest for _, rest, _ in left]]),
        counts=np.concatenate([counts, np.array([count for _, _, count in left], np.int64)]),
        shown=np.concatenate([np.ones(keys.height, bool), np.zeros(len(left), bool)]),
        sums=tuple(sums),
    )


def along(keys: pl.DataFrame, dimension: str, dimensions: Sequence[str], tree: Tree) -> list[list[int]]:
    """Return the sums along one tree: the nearest ancestor that is there in the same row is the total of a cell."""
    others = [name for name in dimensions if name != dimension]
    row = keys.select(pl.struct(others).rank("dense"))[others[0]] if others else pl.Series([1] * keys.height)
    cells = keys.select(INDEX, code=pl.col(dimension), row=row).filter(pl.col("code").is_in(list(tree)))
    up = pl.col("up").replace_strict(dict(tree), default=None, return_dtype=pl.String)
    climbing = cells.with_columns(up=pl.col("code")).with_columns(up)
    found = []
    while (climbing := climbing.filter(pl.col("up").is_not_null())).height:
        above = cells.select("row", up="code", total=INDEX)
        met = climbing.join(above, on=["row", "up"], how="left", maintain_order="left")
        found.append(met.filter(pl.col("total").is_not_null()).select("total", INDEX))
        climbing = met.filter(pl.col("total").is_null()).drop("total").with_columns(up)
    if not found:
        return []
    parts = pl.concat(found).sort("total", INDEX).group_by("total", maintain_order=True).agg(INDEX)
    return [[total, *members] for total, members in parts.rows()]
