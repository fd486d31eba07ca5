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
    known = ~np.isnan(values).any(axis=1)
    stream = secret.stream("noise", *ids)
    spread = np.atleast_2d(np.cov(values[known], rowvar=False)) if known.sum() > 1 else np.zeros((len(ids), len(ids)))
    if not step.correlated:
        own = [np.nanvar(column) if np.isfinite(column).any() else 0.0 for column in values.T]
        spread, known = np.diag(own), np.ones(len(values), dtype=bool)
    factor = _root(spread) * step.share
    made = values.copy()
    made[known] += stream.standard_normal((int(known.sum()), len(ids))) @ factor.T
    return frame.with_columns(_fit(id, made[:, at], frame, structure) for at, id in enumerate(ids))


def _root(spread: np.ndarray) -> np.ndarray:
    sizes, axes = np.linalg.eigh(spread)
    return np.asarray(axes * np.sqrt(np.maximum(sizes, 0)))


def _fit(id: str, values: np.ndarray, frame: pl.DataFrame, structure: Structure) -> pl.Series:
    made = pl.Series(id, values).fill_nan(None)
    if id in structure:
        made = made.clip(structure[id].minimum, structure[id].maximum)
    return made.round().cast(frame.schema[id]) if frame.schema[id].is_integer() else made
