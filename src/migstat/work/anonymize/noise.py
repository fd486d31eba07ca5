"""Noise on numbers: independent, or with the correlations that the numbers have (Kim 1986)."""

import numpy as np
import polars as pl

from migstat.words.microdata_policy import Noise
from migstat.words.structure import Structure
from migstat.work.anonymize.secret import Secret


def noise(frame: pl.DataFrame, step: Noise, structure: Structure, secret: Secret) -> pl.DataFrame:
    """Return the frame with normal noise added, of deviation ``share`` times the variable's own.

    Whole numbers stay whole, and no value leaves the bounds of its component. Missing values stay missing.
    """
    ids = list(step.components)
    values = frame.select(pl.col(ids).cast(pl.Float64)).to_numpy()
    known = values[~np.isnan(values).any(axis=1)]
    if step.correlated and len(known) > 1:
        spread = np.atleast_2d(np.cov(known, rowvar=False))
    else:
        spread = np.diag([np.nanvar(column) if np.isfinite(column).any() else 0.0 for column in values.T])
    drawn = secret.stream("noise", *ids).standard_normal(values.shape)
    made = values + drawn @ (_root(spread) * step.share).T
    return frame.with_columns(_fit(id, made[:, at], frame, structure) for at, id in enumerate(ids))


def _root(spread: np.ndarray) -> np.ndarray:
    sizes, axes = np.linalg.eigh(spread)
    return np.asarray(axes * np.sqrt(np.maximum(sizes, 0)))


def _fit(id: str, values: np.ndarray, frame: pl.DataFrame, structure: Structure) -> pl.Series:
    made = pl.Series(id, values).fill_nan(None)
    if id in structure:
        made = made.clip(structure[id].minimum, structure[id].maximum)
    return made.round().cast(frame.schema[id]) if frame.schema[id].is_integer() else made
