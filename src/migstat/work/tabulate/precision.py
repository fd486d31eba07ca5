"""Precision: the standard error, interval and reliability of each cell, from the design of the sample.

Records are grouped once, by sampling unit and finest cell, or by finest cell with the sum of every replicate weight;
totals and parents roll up from there, as counts do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from migstat.words.design import Design
from migstat.words.expression import Expression
from migstat.words.finding import misuse
from migstat.words.measure import Measure
from migstat.words.missing import NOT_APPLICABLE, TOTAL, UNKNOWN
from migstat.words.reliability import UNKNOWN_RELIABILITY, Policy
from migstat.work.estimate import replicate
from migstat.work.estimate.calibrate import calibrated, residuals
from migstat.work.estimate.distributions import t_quantile
from migstat.work.estimate.groups import gather, lazily, with_records_as_units
from migstat.work.estimate.question import Question
from migstat.work.estimate.sample import Sample, added, sample_of
from migstat.work.tabulate.columns import DEFINITION, MEASURE, MIGRANT, VALUE, VARIABLE
from migstat.work.tabulate.people import People
from migstat.work.tabulate.universe import NUMBER

Array = Any
AT_ONCE = 4_000_000
GROUP = "_group"
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Pieces:
    """What the groups of records put into each cell: a line a group and cell, cells together, and the cells' totals."""

    cells: pl.DataFrame
    """The keys of each cell, by its number."""
    group: Array
    ends: Array
    """Where the lines of each cell end; they begin where those of the cell before end."""
    sums: Mapping[str, Array]
    totals: Mapping[str, Array]
    spread: Mapping[str, Array]
    """The totals of each replicate weight: a line a replicate, a column a cell."""
    groups: pl.DataFrame
    sample: Sample | None
    factors: Array | None = None
    """Factors of replicates that were made of the design."""
    coefficients: Array | None = None

    def dense(self, cells: Array, name: str) -> Array:
        """Return one sum of some cells, a line a group."""
        out = np.zeros((len(self.groups), len(cells)))
        for at, cell in enumerate(cells):
            part = slice(self.ends[cell - 1] if cell else 0, self.ends[cell])
            out[self.group[part], at] = self.sums[name][part]
        return out


def precise(
    frame: pl.DataFrame,
    people: People,
    closures: Mapping[str, pl.DataFrame],
    design: Design,
    policy: Policy,
    *,
    own: bool,
) -> pl.DataFrame:
    """Add STD_ERROR, CV, CI_LOWER, CI_UPPER, DF, DEFF and RELIABILITY to the rows of a table.

    ``own`` says that rates are of the table's own population. A quantile of a cell has no standard error here.
    """
    if design.replicates is not None and not design.replicates.columns and design.calibration is not None:
        what = "replicates of calibrated weights are made for estimates, not for tables"
        raise misuse(what, "hand in the replicate weights, or leave out one of the two", place="tabulate")
    known: dict[Expression | None, Pieces] = {}
    parts = []
    for measure in people.request.measures:
        rows = frame.filter(pl.col(MEASURE) == measure.code, pl.col(VARIABLE) == measure.variable)
        if measure.kind == "quantile":
            blank = dict.fromkeys(("STD_ERROR", "CV", "CI_LOWER", "CI_UPPER", "DF", "DEFF"), pl.lit(None, pl.Float64))
            parts.append(rows.with_columns(**blank, RELIABILITY=pl.lit(UNKNOWN_RELIABILITY)))
            continue
        if measure.of not in known:
            known[measure.of] = pieces(people, closures, design, measure.of)
        parts.append(_measured(rows, measure, known[measure.of], people, design, own=own))
    return _flagged(pl.concat(parts), policy)


def pieces(people: People, closures: Mapping[str, pl.DataFrame], design: Design, of: Expression | None) -> Pieces:
    """Group the records by sampling unit and finest cell, and give each group to the cells it belongs to."""
    records, keys = people.framed(of, design.columns)
    frame = lazily(records, list(dict.fromkeys([*keys, *design.columns, *([NUMBER] if of is not None else [])])))
    given = design.replicates.columns if design.replicates else ()
    numbered = bool(not given and (design.replicates is not None or design.calibration is not None))
    numbered = numbered and not (design.stages and all(stage.unit for stage in design.stages))
    if numbered:
        frame = with_records_as_units(frame, design)
    numbers = {name: "number" for name, dtype in frame.collect_schema().items() if dtype.is_numeric()}
    question = Question("total" if of is None else "mean", "" if of is None else NUMBER, by=tuple(keys))
    groups = gather(frame, design, question, kinds=numbers, numeric=True, numbered=numbered, replicates=given)
    sample = None if given else sample_of(groups, design)
    if design.calibration is not None:
        groups = calibrated(groups, design.calibration, len(given))
    letters = ("a",) if of is None else ("a", "b")
    sums: list[str] = [name for name in ("n", "yy", "a", "b", "aa", "ab", "bb") if name in groups.columns]
    sums += [f"{letter}{number}" for number in range(1, len(given) + 1) for letter in letters]
    groups = groups.with_row_index(GROUP).with_columns(pl.col(GROUP).cast(pl.Int64))
    coded = people.coded(groups, None, keep=[*([] if given else [GROUP]), *sums])
    rolled = _rolled(coded, people, closures, [] if given else [GROUP], sums)
    names = [id for id in rolled.columns if id not in {GROUP, *sums}]
    cells = (
        rolled.select(names).unique().sort(names).with_row_index("_cell").with_columns(pl.col("_cell").cast(pl.Int64))
    )
    lines = rolled.join(cells, on=names, how="left").sort("_cell")
    counts = np.bincount(lines["_cell"].to_numpy(), minlength=cells.height)
    totals = lines.group_by("_cell").agg(pl.col(sums).sum()).sort("_cell")
    spread = {
        letter: np.array([totals[f"{letter}{number}"].to_numpy() for number in range(1, len(given) + 1)])
        for letter in letters
        if given
    }
    factors, coefficients = None, None
    if design.replicates is not None and given:
        coefficients = np.array(design.replicates.coefficients(len(given)))
    elif design.replicates is not None:
        assert sample is not None
        factors, coefficients = replicate.made(sample, design.replicates)
    return Pieces(
        cells=cells.drop("_cell"),
        group=np.zeros(0, int) if given else lines[GROUP].to_numpy(),
        ends=np.cumsum(counts),
        sums={} if given else {name: lines[name].to_numpy() for name in sums},
        totals={name: totals[name].to_numpy() for name in ("n", "yy", "a", "b")},
        spread=spread,
        groups=groups,
        sample=sample,
        factors=factors,
        coefficients=coefficients,
    )


def _rolled(
    coded: pl.DataFrame,
    people: People,
    closures: Mapping[str, pl.DataFrame],
    more: Sequence[str],
    sums: Sequence[str],
) -> pl.DataFrame:
    answers = pl.DataFrame({"code": ["Y", "N", UNKNOWN, NOT_APPLICABLE]})
    answers = pl.concat([answers.with_columns(target="code"), answers.with_columns(target=pl.lit(TOTAL))])
    dimensions = [*people.request.context, *people.request.sources]
    parts = []
    for definition in [one.id for one in people.request.definitions] or [""]:
        keys = [*dimensions, *([MIGRANT] if definition else []), *more]
        cells = coded.rename({definition: MIGRANT}) if definition else coded
        cells = _summed(cells, keys, sums)
        for id, pairs in {**closures, **({MIGRANT: answers} if definition else {})}.items():
            lifted = cells.join(pairs, left_on=id, right_on="code").drop(id).rename({"target": id})
            cells = _summed(lifted, keys, sums)
        migrant = pl.col(MIGRANT) if definition else pl.lit(TOTAL).alias(MIGRANT)
        named = pl.lit(definition or NOT_APPLICABLE).alias(DEFINITION)
        parts.append(cells.select(*dimensions, migrant, named, *more, *sums))
    return pl.concat(parts)


def _summed(cells: pl.DataFrame, keys: Sequence[str], sums: Sequence[str]) -> pl.DataFrame:
    if not keys:
        return cells.select(pl.col(sums).sum())
    return cells.group_by(keys, maintain_order=True).agg(pl.col(sums).sum())


def _measured(
    rows: pl.DataFrame, measure: Measure, known: Pieces, people: People, design: Design, *, own: bool
) -> pl.DataFrame:
    names = known.cells.columns
    numbered = known.cells.with_row_index("_cell").with_columns(pl.col("_cell").cast(pl.Int64))
    top = _at(rows, numbered, names)
    over = {"share": measure.across, "rate": (MIGRANT,)}.get(measure.kind, ())
    base = _at(rows.with_columns(pl.lit(TOTAL).alias(id) for id in over if id in names), numbered, names)
    whole = [*people.request.sources, MIGRANT]
    everyone = _at(rows.with_columns(pl.lit(TOTAL).alias(id) for id in whole), numbered, names)
    a, n = known.totals["a"], known.totals["n"]
    b = known.totals["b"] if measure.kind == "mean" else a
    values = rows[VALUE].to_numpy().astype(float)
    per = {"share": 100.0, "rate": float(measure.per)}.get(measure.kind, 1.0)
    ratio = measure.kind in {"share", "mean"} or (measure.kind == "rate" and bool((base >= 0).all()) and own)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimates = a[top] / b[base] if ratio else a[top]
        # A rate of a population that was handed in is the count times a number that has no error.
        scale = np.full(len(rows), per) if ratio or measure.kind == "count" else values / a[top]
    variance = _variance(known, design, top, base, estimates, "b" if measure.kind == "mean" else "a", ratio)
    df = _df(known, design)
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = _deff(measure, known, top, base, everyone, variance, n)
    values = np.nan_to_num(scale) * estimates if design.calibration is not None else values
    error = np.sqrt(np.maximum(variance, 0)) * np.nan_to_num(scale)
    # What has no value has no error either, and not one of 0.
    error = np.where(np.isnan(values), np.nan, error)
    low, high = _ends(values, error, df, share=measure.kind == "share")
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.where(values != 0, 100 * error / np.abs(values), np.nan)
    return rows.with_columns(
        pl.Series(VALUE, values),
        pl.Series("STD_ERROR", error),
        pl.Series("CV", cv),
        pl.Series("CI_LOWER", low),
        pl.Series("CI_UPPER", high),
        pl.Series("DF", np.full(len(rows), df)),
        pl.Series("DEFF", deff),
        pl.lit("", pl.String).alias("RELIABILITY"),
    ).with_columns(pl.col("STD_ERROR", "CV", "CI_LOWER", "CI_UPPER", "DF", "DEFF").fill_nan(None))


def _at(rows: pl.DataFrame, numbered: pl.DataFrame, names: Sequence[str]) -> Array:
    found = rows.select(names).join(numbered, on=list(names), how="left", maintain_order="left")
    return found["_cell"].fill_null(-1).to_numpy()


def _variance(
    known: Pieces, design: Design, top: Array, base: Array, estimates: Array, below: str, ratio: bool
) -> Array:
    if design.replicates is not None and known.factors is None:
        assert known.coefficients is not None
        with np.errstate(divide="ignore", invalid="ignore"):
            values = known.spread["a"][:, top]
            values = values / known.spread[below][:, base] if ratio else values
        return replicate.variance(values, estimates, design.replicates, known.coefficients)
    sample = known.sample
    assert sample is not None
    step = max(1, AT_ONCE // max(1, len(known.groups)))
    made = [np.zeros(0)]
    for begin in range(0, len(top), step):
        part = slice(begin, begin + step)
        a = known.dense(top[part], "a")
        b = known.dense(base[part], below) if ratio else np.zeros_like(a)
        if known.factors is not None:
            made.append(_made(known, sample, design, a, b, ratio, estimates[part]))
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            bottom = known.totals[below][base[part]] if ratio else np.ones(a.shape[1])
            theta = estimates[part]
            z = np.nan_to_num((a - theta * b) / bottom if ratio else a)
            if design.calibration is not None:
                z = residuals(z, known.groups, design.calibration)
            squares = None
            if sample.of_records:
                squares = known.dense(top[part], "aa")
                if ratio:
                    cross = known.dense(top[part], "ab" if below == "b" else "aa")
                    deep = known.dense(base[part], "bb" if below == "b" else "aa")
                    squares = np.nan_to_num((squares - 2 * theta * cross + theta**2 * deep) / bottom**2)
                squares = added(squares, sample.at, sample.size)
        made.append(sample.variance(added(z, sample.at, sample.size), squares))
    return np.concatenate(made)


def _made(known: Pieces, sample: Sample, design: Design, a: Array, b: Array, ratio: bool, estimates: Array) -> Array:
    first = sample.at
    for level in reversed(sample.levels[1:]):
        first = level.parent[level.stratum[first]]
    units = len(sample.levels[0].stratum)
    assert known.factors is not None
    assert known.coefficients is not None
    assert design.replicates is not None
    values = known.factors @ added(a, first, units)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = values / (known.factors @ added(b, first, units)) if ratio else values
    return replicate.variance(values, estimates, design.replicates, known.coefficients)


def _df(known: Pieces, design: Design) -> float:
    if design.df is not None:
        return design.df
    if known.sample is None:
        return float(len(design.replicates.columns) - 1) if design.replicates else float("nan")
    return known.sample.df(np.arange(len(known.groups)), float(known.groups["rows"].sum()))


def _deff(
    measure: Measure, known: Pieces, top: Array, base: Array, everyone: Array, variance: Array, n: Array
) -> Array:
    a, b = known.totals["a"], known.totals["b"]
    whole = everyone if measure.kind == "count" else base
    if measure.kind == "rate" or (whole < 0).any():
        return np.full(len(top), np.nan)
    people, records = b[whole], n[whole]
    share = a[top] / people
    spread = known.totals["yy"][top] / people - share**2 if measure.kind == "mean" else share * (1 - share)
    simple = np.clip(1 - records / people, 0, None) * spread / (records - 1)
    if measure.kind == "count":
        simple = simple * people**2
    made: Array = np.where((simple > 0) & (spread > 1e-12 * share**2), variance / simple, np.nan)
    return made


def _ends(values: Array, error: Array, df: float, *, share: bool) -> tuple[Array, Array]:
    t = t_quantile(0.5 + CONFIDENCE / 2, df)
    low, high = values - t * error, values + t * error
    if share:
        p = values / 100
        inside = (p > 0) & (p < 1)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            middle, reach = np.log(p / (1 - p)), t * error / 100 / (p * (1 - p))
            low = np.where(inside, 100 / (1 + np.exp(reach - middle)), low)
            high = np.where(inside, 100 / (1 + np.exp(-middle - reach)), high)
    return low, high


def _flagged(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    bands = [policy.band(cv, n) for cv, n in frame.select("CV", "N_UNWEIGHTED").iter_rows()]
    known = frame["STD_ERROR"].is_not_null().to_list()
    flags = [band.flag if band and there else UNKNOWN_RELIABILITY for band, there in zip(bands, known, strict=True)]
    status = [band.obs_status if band and there else "A" for band, there in zip(bands, known, strict=True)]
    worse = pl.Series(status)
    return frame.with_columns(pl.Series("RELIABILITY", flags)).with_columns(
        pl.when(pl.col("OBS_STATUS") == "A").then(worse).otherwise(pl.col("OBS_STATUS")).alias("OBS_STATUS")
    )


def told(design: Design, policy: Policy) -> dict[str, Any]:
    """Return what the table says of its precision, as plain data."""
    return {
        "design": replace(design, calibration=None).facts(),
        "calibration": design.calibration.method if design.calibration else "",
        "confidence": CONFIDENCE,
        "reliability": {
            "policy": policy.id,
            "text": policy.text,
            "source": policy.source,
            "standing": policy.standing,
            "minimum_n": policy.minimum_n,
        },
    }
