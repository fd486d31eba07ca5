"""Frequencies: how many records are alike on the keys in the file, and about how many in the population.

Skinner and Holmes (1998); Franconi and Polettini (2004) for the weighted estimate. A missing key may stand for any
value: such a match counts ``alpha`` where the other record, and not one's own, is what leaves it open. This follows the
way in which the literature on local suppression counts; alpha is a choice of the policy.
"""

from collections.abc import Sequence

import polars as pl

COUNT, WEIGHT = "_n", "_w"
SAMPLE, POPULATION = "_fk", "_Fk"


def combinations(rows: pl.DataFrame, keys: Sequence[str], by: Sequence[str] = ()) -> pl.DataFrame:
    """Return each combination of values met, with its records and weight, in order of first appearance."""
    return rows.group_by([*keys, *by], maintain_order=True).agg(pl.len().alias(COUNT), pl.col(WEIGHT).sum())


def frequencies(table: pl.DataFrame, keys: Sequence[str], alpha: float = 1.0) -> pl.DataFrame:
    """Return combinations with the records that match each, ``_fk``, and their weight, ``_Fk``.

    >>> people = pl.DataFrame({"SEX": ["F", "F", None], "AGE": ["3", "3", "3"], "_w": [10.0, 20.0, 5.0]})
    >>> frequencies(combinations(people, ["SEX", "AGE"]), ["SEX", "AGE"], alpha=0.5).rows()
    [('F', '3', 2, 30.0, 2.5, 32.5), (None, '3', 1, 5.0, 3.0, 35.0)]
    """
    if not keys:
        return table.with_columns(
            pl.col(COUNT).sum().cast(pl.Float64).alias(SAMPLE), pl.col(WEIGHT).sum().alias(POPULATION)
        )
    parts = _patterns(table, keys)
    if set(parts) <= {0}:
        grouped = table.group_by(keys).agg(pl.col(COUNT).sum().alias(SAMPLE), pl.col(WEIGHT).sum().alias(POPULATION))
        whole = table.join(grouped, on=keys, how="left", maintain_order="left", nulls_equal=True)
        return whole.with_columns(pl.col(SAMPLE).cast(pl.Float64))
    counted = []
    for mine, own in parts.items():
        found = own.with_columns(pl.lit(0.0).alias(SAMPLE), pl.lit(0.0).alias(POPULATION))
        for theirs, others in parts.items():
            share = 1.0 if not theirs & ~mine else alpha
            if share:
                found = _add(found, others, _common(keys, mine | theirs), share)
        counted.append(found)
    return pl.concat(counted).sort("_at").drop("_at", "_pattern")


def alike(table: pl.DataFrame, keys: Sequence[str], value: str) -> pl.DataFrame:
    """Return, for each combination of keys by its number ``_class``, the values that its matching records have.

    ``table`` holds combinations of the keys and the value. A missing key matches every value; the rows are
    ``_class``, the value, and ``_n`` records.
    """
    classes = table.select(keys).unique(maintain_order=True).with_row_index("_class")
    own, others = _patterns(classes, keys), _patterns(table, keys)
    found = []
    for mine, left in own.items():
        for theirs, right in others.items():
            common = _common(keys, mine | theirs)
            joined = left.select("_class", *common).join(
                right.select(*common, value, COUNT), on=common or None, how="inner" if common else "cross"
            )
            found.append(joined.select("_class", value, COUNT))
    return pl.concat(found).group_by("_class", value).agg(pl.col(COUNT).sum())


def _patterns(table: pl.DataFrame, keys: Sequence[str]) -> dict[int, pl.DataFrame]:
    """Split combinations by which of their keys are missing."""
    bits = [pl.col(key).is_null().cast(pl.Int64) * (1 << at) for at, key in enumerate(keys)]
    marked = table.with_row_index("_at").with_columns(pl.sum_horizontal(bits).alias("_pattern"))
    return {int(part["_pattern"][0]): part for part in marked.partition_by("_pattern", maintain_order=True)}


def _common(keys: Sequence[str], pattern: int) -> list[str]:
    return [key for at, key in enumerate(keys) if not pattern >> at & 1]


def _add(found: pl.DataFrame, others: pl.DataFrame, common: list[str], share: float) -> pl.DataFrame:
    if common:
        sums = others.group_by(common).agg(pl.col(COUNT).sum().alias("_more"), pl.col(WEIGHT).sum().alias("_heavier"))
        joined = found.join(sums, on=common, how="left", maintain_order="left")
    else:
        joined = found.with_columns(
            pl.lit(int(others[COUNT].sum())).alias("_more"), pl.lit(float(others[WEIGHT].sum())).alias("_heavier")
        )
    return joined.with_columns(
        pl.col(SAMPLE) + share * pl.col("_more").fill_null(0),
        pl.col(POPULATION) + share * pl.col("_heavier").fill_null(0.0),
    ).drop("_more", "_heavier")
