"""Replicates: the spread of an estimate over replicate weights, given or made from strata and units.

Jackknife, balanced repeated replication and Fay's form of it: Wolter (2007), chapters 3 and 4; the bootstrap that
draws one unit less than there are: Rao and Wu (1988); successive differences: Fay and Train (1995).
"""

from typing import Any

import numpy as np

from migstat.words.design import Replicates
from migstat.words.finding import Finding, MigstatError
from migstat.work.estimate.question import CALL
from migstat.work.estimate.sample import Sample

Array = Any


def variance(values: Array, estimates: Array, replicates: Replicates, coefficients: Array) -> Array:
    """Return the variance of each estimate; ``values`` has a line a replicate, a column an estimate."""
    middle = values[coefficients > 0].mean(axis=0) if replicates.around_mean else estimates
    # Added up line after line: a product of matrices adds in an order that depends on where they lie in memory.
    spread: Array = (coefficients[:, None] * (values - middle) ** 2).sum(axis=0)
    return spread


def made(sample: Sample, replicates: Replicates) -> tuple[Array, Array]:
    """Make factors of the weight, a line a replicate and a column a first-stage unit, and their coefficients."""
    stratum = sample.levels[0].stratum
    counts = sample.levels[0].units.astype(int)
    units = len(stratum)
    match replicates.method:
        case "JK1":
            if units < 2:
                raise _cannot("JK1 leaves out one unit at a time, and there are fewer than two", "another method")
            if len(counts) > 1:
                raise _cannot("JK1 is for a sample without strata, and there are several", "JKN")
            table = np.full((units, units), units / (units - 1))
            np.fill_diagonal(table, 0.0)
            return table, np.full(units, (units - 1) / units)
        case "JKN":
            n = counts[stratum].astype(float)
            same = stratum[:, None] == stratum[None, :]
            table = np.where(same, (n / np.maximum(n - 1, 1))[:, None], 1.0)
            table[np.arange(units), np.arange(units)] = np.where(n > 1, 0.0, 1.0)
            return table, (n - 1) / n
        case "BRR" | "FAY":
            if not np.all(counts == 2):
                raise _cannot(f"{replicates.method} needs two units in every stratum", "JKN")
            signs = _hadamard(len(counts))[:, 1 : len(counts) + 1]
            first = np.zeros(units, bool)
            first[np.unique(stratum, return_index=True)[1]] = True
            keep = replicates.fay if replicates.method == "FAY" else 0.0
            chosen = np.where(first, 1.0, -1.0) * signs[:, stratum]
            table = np.where(chosen > 0, 2 - keep, keep)
            return table, np.full(len(table), 1 / (len(table) * (1 - keep) ** 2))
        case "BOOTSTRAP":
            dice = np.random.default_rng(replicates.seed)
            table = np.ones((replicates.number, units))
            for h in np.flatnonzero(counts > 1):
                (of,) = np.nonzero(stratum == h)
                n = len(of)
                drawn = dice.multinomial(n - 1, np.full(n, 1 / n), size=replicates.number)
                table[:, of] = drawn * (n / (n - 1))
            return table, np.full(replicates.number, 1 / replicates.number)
        case _:
            raise _cannot(f"{replicates.method} weights cannot be made from strata and units", "JKN")


def _hadamard(strata: int) -> Array:
    """Return a matrix of 1 and -1 with orthogonal lines, of an order above the number of strata (Sylvester)."""
    signs = np.ones((1, 1))
    while len(signs) <= strata:
        signs = np.block([[signs, signs], [signs, -signs]])
    return signs


def _cannot(what: str, instead: str) -> MigstatError:
    return MigstatError([Finding(CALL, "replicates", what, f"choose {instead}, or name the columns of the weights")])
