"""Calibration: weights brought to known totals, and what that leaves of a variable for its variance.

Deville and Särndal (1992): post-stratification, raking by iterated proportional fitting (Deming and Stephan 1940), and
linear calibration, which gives the generalised regression estimator. The variance is that of the residuals from the
regression on the calibration variables (Särndal, Swensson and Wretman 1992, chapter 6).
"""

from typing import Any

import numpy as np
import polars as pl

from migstat.words.design import Calibration, Margin
from migstat.words.finding import Finding, MigstatError
from migstat.work.estimate.question import CALL

Array = Any
ROUNDS = 1_000
CLOSE = 1e-10
BEFORE = "_before"
"""The sum of the weights before they were calibrated."""


def matrix(groups: pl.DataFrame, calibration: Calibration) -> tuple[Array, Array]:
    """Return a line of calibration variables for each group, and their known totals; refuse what is not in them."""
    columns, totals = [], []
    faults: list[Finding] = []
    for margin in calibration.margins:
        if margin.of:
            columns.append(groups[f"_x_{margin.of}"].to_numpy().astype(float))
            totals.append(margin.totals[()])
            continue
        codes = list(zip(*(groups[f"_c_{name}"].to_list() for name in margin.by), strict=True))
        faults += _uncovered(margin, codes, groups)
        for code, total in margin.totals.items():
            columns.append(np.array([1.0 if one == code else 0.0 for one in codes]))
            totals.append(total)
    if faults:
        raise MigstatError(faults)
    return np.column_stack(columns), np.array(totals, dtype=float)


def _uncovered(margin: Margin, codes: list[tuple[Any, ...]], groups: pl.DataFrame) -> list[Finding]:
    name = " x ".join(margin.by)
    found = []
    known = set(margin.totals)
    missing = sorted({str("-".join(map(str, code))) for code in codes if code not in known})
    if missing:
        what = f"the margin {name} has no total for {', '.join(missing[:5])}"
        found.append(Finding(CALL, name, what, "add the total, or leave those records out"))
    for code in sorted(known - set(codes)):
        what = f"the margin {name} has a total for {'-'.join(code)}, of which the sample has nobody"
        found.append(Finding(CALL, name, what, "join it with another group"))
    return found


def factors(groups: pl.DataFrame, calibration: Calibration, weights: Array) -> Array:
    """Return what each group's weight is multiplied with, for one set of weights (a sum for each group)."""
    x, totals = matrix(groups, calibration)
    if calibration.method == "linear":
        inner = (x * weights[:, None]).T @ x
        multipliers = np.linalg.lstsq(inner, totals - x.T @ weights, rcond=None)[0]
        made: Array = 1 + x @ multipliers
    else:
        made = _raked(x, totals, weights, calibration)
    off = np.abs(x.T @ (weights * made) - totals) > 1e-6 * np.maximum(np.abs(totals), 1)
    if off.any():
        what = "weights cannot be brought to the margins: they contradict one another"
        raise MigstatError([Finding(CALL, "calibration", what, "check that all margins have the same sum")])
    return made


def _raked(x: Array, totals: Array, weights: Array, calibration: Calibration) -> Array:
    made = np.ones(len(weights))
    ends = np.cumsum([len(margin.totals) for margin in calibration.margins])
    for _ in range(ROUNDS):
        for begin, end in zip([0, *ends[:-1]], ends, strict=True):
            part = x[:, begin:end]
            have = part.T @ (weights * made)
            with np.errstate(divide="ignore", invalid="ignore"):
                made = made * (part @ np.where(have > 0, totals[begin:end] / have, 1.0))
        if np.all(np.abs(x.T @ (weights * made) - totals) <= CLOSE * np.maximum(np.abs(totals), 1)):
            break
    return made


def calibrated(groups: pl.DataFrame, calibration: Calibration, replicates: int) -> pl.DataFrame:
    """Return the groups with the sums of calibrated weights; each replicate is calibrated for itself."""
    made = groups.with_columns(pl.col("w").alias(BEFORE))
    for number in ["", *map(str, range(1, replicates + 1))]:
        # Groups of one kind have one factor, so that the same people weigh the same in every group.
        each = pl.Series(factors(groups, calibration, groups[f"w{number}"].to_numpy()))
        names = [name for name in (f"w{number}", f"a{number}", f"b{number}") if name in groups.columns]
        made = made.with_columns(pl.col(name) * each for name in [*names, *(["yy"] if not number else [])])
    return made


def residuals(z: Array, groups: pl.DataFrame, calibration: Calibration) -> Array:
    """Return ``z``, sums of calibrated weight times a variable, less what the regression on the margins explains.

    The regression is fitted with the weights before calibration, and its residuals are weighted with those after.
    """
    x, _ = matrix(groups, calibration)
    before, after = groups[BEFORE].to_numpy(), groups["w"].to_numpy()
    inner = (x * before[:, None]).T @ x
    unweighted = z * np.where(after != 0, before / np.where(after != 0, after, 1.0), 0.0)[:, None]
    slopes = np.linalg.lstsq(inner, x.T @ unweighted, rcond=None)[0]
    left: Array = z - after[:, None] * (x @ slopes)
    return left
