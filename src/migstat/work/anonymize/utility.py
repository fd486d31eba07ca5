"""What was lost: distances between weighted distributions, means and deviations, tables of two keys."""

from collections.abc import Mapping, Sequence
from itertools import combinations as pairs

import numpy as np
import polars as pl

from migstat.words.anonymized import Kept, KeptTable
from migstat.words.microdata_policy import KeySet
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.structure import Structure

_W = "_w"


def kept(
    before: pl.DataFrame, detail: Mapping[str, int], after: pl.DataFrame, structure: Structure, gone: Mapping[str, int]
) -> tuple[Kept, ...]:
    """Compare each component with what it was once recoded: what recoding itself costs is told by the categories.

    ``detail`` has how many categories there were in the source.
    """
    found = []
    for id in after.columns:
        if id.endswith(MISSING_SUFFIX) or id not in structure or structure[id].role in ("identifier", "design"):
            continue
        if structure[id].type in ("integer", "number", "year"):
            moments = [_moments(frame, id) for frame in (before, after)]
            found.append(
                Kept(
                    id,
                    mean_before=moments[0][0],
                    mean_after=moments[1][0],
                    sd_before=moments[0][1],
                    sd_after=moments[1][1],
                    suppressed=gone.get(id, 0),
                    missing_before=_missing(before, id),
                    missing_after=_missing(after, id),
                )
            )
        else:
            distance = distances(before, after, [id])
            found.append(
                Kept(
                    id,
                    categories_before=detail.get(id),
                    categories_after=after[id].n_unique(),
                    total_variation=distance[0],
                    hellinger=distance[1],
                    suppressed=gone.get(id, 0),
                    missing_before=_missing(before, id),
                    missing_after=_missing(after, id),
                )
            )
    return tuple(found)


def kept_tables(before: pl.DataFrame, after: pl.DataFrame, sets: Sequence[KeySet]) -> tuple[KeptTable, ...]:
    """Compare the weighted tables of each two keys of a set."""
    every = dict.fromkeys(pair for one in sets for pair in pairs(one.ids, 2))
    return tuple(KeptTable(pair, before.select(pair).n_unique(), *distances(before, after, pair)) for pair in every)


def distances(before: pl.DataFrame, after: pl.DataFrame, ids: Sequence[str]) -> tuple[float, float]:
    """Return the total variation and the Hellinger distance of two weighted distributions: 0 equal, 1 nothing common.

    >>> one, other = (pl.DataFrame({"SEX": ["F", "M"], "WEIGHT": [share, 1 - share]}) for share in (0.5, 0.6))
    >>> [round(float(found), 4) for found in distances(one, other, ["SEX"])]
    [0.1, 0.0712]
    """
    shares = [
        frame.group_by(pl.col(ids).cast(pl.String)).agg(_weight(frame).alias(_W))
        .with_columns(pl.col(_W) / pl.col(_W).sum())
        for frame in (before, after)
    ]  # fmt: skip
    joined = shares[0].join(shares[1], on=list(ids), how="full", nulls_equal=True)
    p, q = (joined[name].fill_null(0.0).to_numpy() for name in (_W, f"{_W}_right"))
    hellinger = np.sqrt(np.maximum(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2, 0))
    return float(np.abs(p - q).sum() / 2), float(hellinger)


def _weight(frame: pl.DataFrame) -> pl.Expr:
    return pl.col("WEIGHT").sum() if "WEIGHT" in frame.columns else pl.len().cast(pl.Float64)


def _moments(frame: pl.DataFrame, id: str) -> tuple[float | None, float | None]:
    known = frame.filter(pl.col(id).is_not_null())
    if not known.height:
        return None, None
    value = known[id].cast(pl.Float64).to_numpy()
    weight = known["WEIGHT"].fill_null(0.0).to_numpy() if "WEIGHT" in known.columns else np.ones(len(value))
    if not weight.sum():
        return None, None
    mean = float(np.average(value, weights=weight))
    return mean, float(np.sqrt(np.average((value - mean) ** 2, weights=weight)))


def _missing(frame: pl.DataFrame, id: str) -> float:
    value = frame[id].cast(pl.String)
    return float((value.is_null() | value.is_in(["_N", "_U"])).mean() or 0.0)  # type: ignore[arg-type]
