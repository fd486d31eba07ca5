"""Figures: estimates of grouped records with the variance of each, and of any difference between them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from migstat.words.design import Design
from migstat.work.estimate import calibrate, replicate
from migstat.work.estimate.groups import INSIDE, LEVEL, UNWEIGHTED
from migstat.work.estimate.question import Question
from migstat.work.estimate.sample import Sample, added, sample_of

Array = Any
AT_ONCE = 4_000_000
"""Numbers held at once: units times estimates."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of each estimate; ``names`` has a line an estimate: its groups, and its code where it has one."""

    names: pl.DataFrame
    values: Array
    variance: Array
    n: Array
    df: Array
    deff: Array
    whole_df: float
    """The degrees of freedom of all groups together."""
    unweighted: int
    """Records of the whole sample that have no weight."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """Groups inside the domain, by estimate (``e``) and denominator (``d``), and the sums of the whole sample."""

    groups: pl.DataFrame
    inside: Array
    e: Array
    d: Array
    names: pl.DataFrame
    of: Array
    """The denominator of each estimate."""
    bases: int
    ratio: bool

    def by_estimate(self, column: str) -> Array:
        return _totals(self.groups[column].to_numpy()[self.inside & (self.e >= 0)], self._e(), len(self.names))

    def by_base(self, column: str) -> Array:
        name = column if column in self.groups.columns else column.replace("b", "a", 1)
        valid = self.inside & (self.d >= 0)
        return _totals(self.groups[name].to_numpy()[valid], self.d[valid], self.bases)

    def _e(self) -> Array:
        return self.e[self.inside & (self.e >= 0)]


def figures(
    groups: pl.DataFrame, design: Design, question: Question, contrasts: Array | None = None
) -> tuple[Figures, Array]:
    """Return the estimates of grouped records, and the variance of each contrast (a line of weights of estimates)."""
    given = len(design.replicates.columns) if design.replicates else 0
    linear = design.replicates is None or not given
    sample = sample_of(groups, design) if linear else None
    if design.calibration is not None:
        groups = calibrate.calibrated(groups, design.calibration, given)
    sums = _sums(groups, question)
    top, low = sums.by_estimate("a"), sums.by_base("b")
    values = _over(top, low[sums.of]) if sums.ratio else top
    other = np.zeros(0)
    if design.replicates is not None:
        if sample is not None:
            table, coefficients = replicate.made(sample, design.replicates)
            spread = _made(sums, sample, table, design)
        else:
            coefficients, spread = np.array(design.replicates.coefficients(given)), _given(sums, given)
        variance = replicate.variance(spread, values, design.replicates, coefficients)
        if contrasts is not None:
            other = replicate.variance(spread @ contrasts.T, contrasts @ values, design.replicates, coefficients)
    else:
        assert sample is not None
        step = max(1, AT_ONCE // max(sample.size, len(groups), 1))
        parts = [np.arange(begin, min(begin + step, len(values))) for begin in range(0, len(values), step)]
        made = [linearised(sums, sample, values, low, design, part) for part in parts]
        variance = np.concatenate([*made, np.zeros(0)])
        if contrasts is not None:
            other = linearised(sums, sample, values, low, design, np.arange(len(values)), contrasts)
    # What is not known, such as the mean of nobody, is not known without error.
    variance = np.where(np.isfinite(values), variance, np.nan)
    n = sums.by_estimate("n")
    df, whole = _df(sums, sample, design, given)
    deff = _deff(sums, question, values, variance)
    return Figures(sums.names, values, variance, n.astype(int), df, deff, whole, int(groups[UNWEIGHTED].sum())), other


def _sums(groups: pl.DataFrame, question: Question) -> _Sums:
    coded = LEVEL in groups.columns
    inside = groups[INSIDE].to_numpy().astype(bool)
    by = list(question.by)
    bases = groups.filter(pl.col(INSIDE)).select(by).unique().sort(by, nulls_last=True) if by else pl.DataFrame()
    d = _at(groups, bases, by)
    if not coded:
        names = bases
        e = d
        of = np.arange(max(1, len(names)))
    else:
        held = groups.filter(pl.col(INSIDE), pl.col(LEVEL).is_not_null() | (question.statistic == "total"))
        levels = held.select(pl.col(LEVEL).unique().sort(nulls_last=True))
        # Every group has every code, so that nobody is missing where the sample has none of them.
        names = (bases if by else pl.DataFrame({"_": [0]})).join(levels, how="cross")
        e = _at(groups, names.select(*by, LEVEL), [*by, LEVEL])
        of = _at(names, bases, by)
        names = names.select(*by, LEVEL)
    if coded and question.statistic == "proportion":
        no_code = groups[LEVEL].is_null().to_numpy()
        e, d = np.where(no_code, -1, e), np.where(no_code, -1, d)
    if not by and not coded:
        names = pl.DataFrame({"_": [0]})
    ratio = question.statistic in {"mean", "proportion", "ratio"}
    return _Sums(groups, inside, e, d, names, of, max(1, len(bases)), ratio)


def _at(frame: pl.DataFrame, known: pl.DataFrame, keys: list[str]) -> Array:
    """Return for each line of ``frame`` the line of ``known`` with the same keys; -1 for none."""
    if not keys:
        return np.zeros(len(frame), int)
    numbered = known.with_row_index("_at").with_columns(pl.col("_at").cast(pl.Int64))
    found = frame.select(keys).join(numbered, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return found["_at"].fill_null(-1).to_numpy()


def _totals(values: Array, index: Array, size: int) -> Array:
    return np.bincount(index, values, size).astype(float) if len(index) else np.zeros(size)


def _over(top: Array, low: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient: Array = top / low
    return quotient


def linearised(
    sums: _Sums,
    sample: Sample,
    values: Array,
    low: Array,
    design: Design,
    wanted: Array,
    contrasts: Array | None = None,
) -> Array:
    """Return the variance of the estimates ``wanted`` by Taylor linearisation (Woodruff 1971; Wolter 2007, chapter 6).

    A total is the sum of ``a``; a ratio has the linearised variable ``(a - ratio * b) / B``. Both are added up over
    sampling units first, zeros of the units outside the domain among them.
    """
    groups, columns = sums.groups, len(wanted)
    rows = np.flatnonzero(sums.inside & (sums.d >= 0))
    place = np.full(len(values), -1)
    place[wanted] = np.arange(columns)

    def dense(column: str, index: Array, to: Array) -> Array:
        """Spread one column over the estimates: a line a group, with its sum where it belongs to the estimate."""
        out = np.zeros((len(groups), columns))
        part = rows[index[rows] >= 0]
        at = to[index[part]]
        part, at = part[at >= 0], at[at >= 0]
        out[part, at] = groups[column].to_numpy()[part]
        return out

    def bases(column: str) -> Array:
        out = np.zeros((len(groups), columns))
        name = column if column in groups.columns else column.replace("b", "a", 1)
        for at, estimate in enumerate(wanted):
            part = rows[sums.d[rows] == sums.of[estimate]]
            out[part, at] = groups[name].to_numpy()[part]
        return out

    chosen = values[wanted]
    scale = low[sums.of][wanted] if sums.ratio else np.ones(columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = dense("a", sums.e, place)
        if sums.ratio:
            z = (z - chosen * bases("b")) / scale
        z = np.nan_to_num(z, posinf=0.0, neginf=0.0)
        if design.calibration is not None:
            z = calibrate.residuals(z, groups, design.calibration)
        if contrasts is not None:
            z = z @ contrasts.T
        if not sample.of_records:
            return sample.variance(added(z, sample.at, sample.size))
        squares = dense("aa", sums.e, place)
        if sums.ratio:
            cross = dense("ab", sums.e, place)
            squares = (squares - 2 * chosen * cross + chosen**2 * bases("bb")) / scale**2
        squares = np.nan_to_num(squares, posinf=0.0, neginf=0.0)
    return sample.variance(added(z, sample.at, sample.size), added(squares, sample.at, sample.size))


def _given(sums: _Sums, number: int) -> Array:
    lines = []
    for each in range(1, number + 1):
        top = sums.by_estimate(f"a{each}")
        lines.append(_over(top, sums.by_base(f"b{each}")[sums.of]) if sums.ratio else top)
    return np.array(lines)


def _made(sums: _Sums, sample: Sample, table: Array, design: Design) -> Array:
    """Return the estimates under each replicate that was made: the weights of a unit's records share one factor."""
    first = sample.at
    for level in reversed(sample.levels[1:]):
        first = level.parent[level.stratum[first]]
    lines = []
    inside_e, inside_d = sums.inside & (sums.e >= 0), sums.inside & (sums.d >= 0)
    a = sums.groups["a"].to_numpy()
    b = sums.groups["b" if "b" in sums.groups.columns else "a"].to_numpy()
    w = sums.groups["w"].to_numpy()
    for line in table:
        factor = line[first]
        if design.calibration is not None:
            factor = factor * calibrate.factors(sums.groups, design.calibration, w * factor)
        top = _totals((a * factor)[inside_e], sums.e[inside_e], len(sums.names))
        low = _totals((b * factor)[inside_d], sums.d[inside_d], sums.bases)
        lines.append(_over(top, low[sums.of]) if sums.ratio else top)
    return np.array(lines)


def _df(sums: _Sums, sample: Sample | None, design: Design, given: int) -> tuple[Array, float]:
    if design.df is not None or sample is None:
        known = float(given - 1) if design.df is None else design.df
        return np.full(len(sums.names), known), known
    rows, base = sums.groups["rows"].to_numpy(), _base(sums)
    made = [
        sample.df(np.flatnonzero(inside), float(rows[inside].sum()))
        for inside in (sums.inside & (base == number) for number in range(sums.bases))
    ]
    return np.array(made)[sums.of], sample.df(np.flatnonzero(sums.inside), float(rows[sums.inside].sum()))


def _base(sums: _Sums) -> Array:
    """Return the domain of each group, also where its variable is missing: those records were drawn all the same."""
    by = [name for name in sums.names.columns if name not in {LEVEL, "_"}]
    if not by:
        return np.zeros(len(sums.groups), int)
    bases = sums.groups.filter(pl.col(INSIDE)).select(by).unique().sort(by, nulls_last=True)
    return _at(sums.groups, bases, by)


def _deff(sums: _Sums, question: Question, values: Array, variance: Array) -> Array:
    """Return the variance over that of a simple random sample of as many records without replacement (Kish 1965)."""
    if question.statistic == "ratio":
        return np.full(len(values), np.nan)
    people, n = sums.by_base("b")[sums.of], _rows(sums)[sums.of]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums.by_estimate("a") / people
        spread = (sums.by_estimate("yy") / people - mean**2) * n / (n - 1)
        spread = np.where(spread > 1e-12 * mean**2, spread, np.nan)
        simple = np.clip(1 - n / people, 0, None) * spread / n
        if question.statistic == "total":
            simple = simple * people**2
        made: Array = np.where(simple > 0, variance / simple, np.nan)
    return made


def _rows(sums: _Sums) -> Array:
    valid = sums.inside & (sums.d >= 0)
    return _totals(sums.groups["n"].to_numpy()[valid], sums.d[valid], sums.bases)
