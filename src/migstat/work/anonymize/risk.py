"""Individual and household risk: Benedetti and Franconi (1998), in the closed forms of Franconi and Polettini (2004).

Given that f records of the sample share a key, the population frequency F is taken as negative binomial with success
probability p = f / F^, F^ being the sum of their weights. The risk of a record is the expectation of 1 / F, which is

    r = p^f / f  2F1(f, f; f + 1; 1 - p)  =  p A(f),    A(f) = integral over (0, 1) of s^(f - 1) / (p + (1 - p) s) ds

For whole f, A(1) = ln(1 / p) / (1 - p) and A(f) = (1 / (f - 1) - p A(f - 1)) / (1 - p); the forms for f = 1 and 2 are
those of the paper.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_STEPS = 40
"""From here on the series needs few terms whatever p is; below, the recursion loses nothing where p < 1 / 2."""


def individual_risk(sample: Any, population: Any) -> Floats:
    """Return the risk of records of which ``sample`` are alike in the file and about ``population`` outside it.

    Where the population is not larger than the sample, as in a census, the risk is 1 / f.

    >>> [round(float(one), 6) for one in individual_risk([1, 2, 3], [541, 110, 3])]
    [0.011654, 0.017144, 0.333333]
    """
    f = np.asarray(sample, dtype=np.float64)
    total = np.asarray(population, dtype=np.float64)
    p = np.divide(f, total, out=np.ones_like(f), where=total > f)
    pairs, back = np.unique(np.stack([f, p]), axis=1, return_inverse=True)
    return _risk(pairs[0], pairs[1])[np.ravel(back)].reshape(f.shape)


def household_risk(risk: Floats, household: npt.NDArray[np.int64]) -> Floats:
    """Return for each household the risk that at least one of its members is found: 1 - product of (1 - r).

    >>> household_risk(np.array([0.5, 0.5, 0.1]), np.array([0, 0, 1])).round(6).tolist()
    [0.75, 0.1]
    """
    count = int(household.max()) + 1 if household.size else 0
    safe = np.bincount(household, np.log1p(-np.minimum(risk, 1 - 1e-16)), count)
    return np.asarray(-np.expm1(safe), dtype=np.float64)


def _risk(f: Floats, p: Floats) -> Floats:
    risk = 1 / f
    open_ = p < 1
    whole = f == np.floor(f)
    recursive = open_ & whole & (p < 0.5) & (f < _STEPS)
    series = open_ & ~recursive & ((p >= 0.5) | (f >= _STEPS))
    rest = open_ & ~recursive & ~series
    risk[recursive] = _recursion(f[recursive], p[recursive])
    risk[series] = _series(f[series], p[series])
    risk[rest] = _quadrature(f[rest], p[rest])
    return risk


def _recursion(f: Floats, p: Floats) -> Floats:
    a = -np.log(p) / (1 - p)
    for at in range(2, int(f.max(initial=1)) + 1):
        a = np.where(f >= at, (1 / (at - 1) - p * a) / (1 - p), a)
    return np.asarray(p * a)


def _series(f: Floats, p: Floats) -> Floats:
    """Sum p / f 2F1(1, 1; f + 1; 1 - p), all of whose terms are positive."""
    term, total = np.ones_like(f), np.ones_like(f)
    for n in range(200):
        term = term * (n + 1) / (f + 1 + n) * (1 - p)
        total = total + term
        if np.all(term < 1e-17 * total):
            break
    return np.asarray(p / f * total)


def _quadrature(f: Floats, p: Floats) -> Floats:
    """Integrate over u = -ln s, for the broken frequencies that missing keys with alpha below 1 give."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    edges = np.linspace(0.0, 1.0, 65)
    half = (edges[1:] - edges[:-1]) / 2
    at = (edges[:-1] + half)[:, None] + half[:, None] * nodes
    width = half[:, None] * weights
    u = 45.0 / f[:, None, None] * at
    inside = np.exp(-f[:, None, None] * u) / (p[:, None, None] + (1 - p[:, None, None]) * np.exp(-u))
    return np.asarray(p * 45.0 / f * (inside * width).sum(axis=(1, 2)))
