"""Quantiles: the inverse of the weighted distribution, with intervals by Woodruff (1952).

The quantile is the smallest value at which the weighted share of values up to it reaches the probability: the rule that
R's survey package has by default since version 4.1, type 1 of Hyndman and Fan (1996). The share of values up to the
quantile is a mean, whose interval is turned back into values; the standard error is the interval's length over 2 t.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.design import Design
from migstat.words.estimates import Estimates
from migstat.work.conditions import Pairs
from migstat.work.estimate.asking import asked, described, weightless
from migstat.work.estimate.calibrate import calibrated
from migstat.work.estimate.distributions import t_quantile
from migstat.work.estimate.groups import INSIDE, UNWEIGHTED, collected, gather
from migstat.work.estimate.question import Question

Array = Any
EQUAL = 1e-9
"""Shares of a distribution that differ by less are the same: rounding of sums must not move a quantile."""


def inverse(values: Array, weights: Array, share: float) -> float:
    """Return the smallest of the sorted values whose cumulated weight reaches a share of the whole.

    >>> inverse(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4), 0.5)
    2.0
    """
    if not len(values) or weights.sum() <= 0 or np.isnan(share):
        return float("nan")
    reached = np.cumsum(weights) / weights.sum() >= share - EQUAL
    return float(values[np.argmax(reached)]) if reached.any() else float(values[-1])


def quantiles(
    frame: Any, question: Question, design: Design, *, kinds: Mapping[str, str], pairs: Pairs = frozenset()
) -> Estimates:
    """Return the quantiles of each group.

    The distribution is collected, a line a distinct value; the records are then grouped once for each probability.
    """
    by, of = list(question.by), question.of
    native = frame.to_native()
    lazy = native if isinstance(native, pl.LazyFrame) else collected(frame).lazy()
    plain = replace(design, stages=(), replicates=None)
    people = replace(question, statistic="total", of="", by=(*by, of))
    groups = gather(nw.from_native(lazy), plain, people, kinds=kinds, pairs=pairs, numeric=True)
    if plain.calibration is not None:
        groups = calibrated(groups, plain.calibration, 0)
    known = groups.filter(pl.col(INSIDE), pl.col(of).cast(pl.Float64).is_finite())
    spread = known.group_by([*by, of]).agg(pl.col("a").sum()).sort([*by, of])
    parts = {
        key: (part[of].cast(pl.Float64).to_numpy(), part["a"].to_numpy())
        for key, part in (spread.partition_by(by, as_dict=True) if by else {(): spread}).items()
    }
    made = [
        _at(share, parts, lazy, replace(question, statistic="mean"), design, kinds, pairs)
        for share in question.probabilities
    ]
    order = [*by, "PROBABILITY"]
    frame = pl.concat(made).sort(order, nulls_last=True).select(*order, pl.exclude(order))
    facts = described(design, question) | {"rule": "the smallest value whose weighted share reaches the probability"}
    unweighted = int(groups[UNWEIGHTED].sum())
    return Estimates(frame, "quantile", of, facts, (weightless(unweighted),) if unweighted else ())


def _at(
    share: float,
    parts: Mapping[tuple[Any, ...], tuple[Array, Array]],
    lazy: pl.LazyFrame,
    mean: Question,
    design: Design,
    kinds: Mapping[str, str],
    pairs: Pairs,
) -> pl.DataFrame:
    by = list(mean.by)
    found = {key: inverse(*part, share) for key, part in parts.items()}
    cuts = pl.DataFrame([(*key, value) for key, value in found.items()], schema=[*by, "_quantile"], orient="row")
    schema = lazy.collect_schema()
    small = cuts.with_columns(pl.col(name).cast(schema[name]) for name in by).lazy()
    joined = lazy.join(small, on=by, how="left", nulls_equal=True) if by else lazy.join(small, how="cross")
    below = nw.when(nw.col(mean.of) <= nw.col("_quantile")).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    figures, _ = asked(nw.from_native(joined), mean, design, kinds=kinds, pairs=pairs, numeric=True, cut=below)
    lines = []
    for at, key in enumerate(figures.names.select(by).rows() if by else [()]):
        if key not in parts:
            continue
        reach = t_quantile(0.5 + mean.confidence / 2, float(figures.df[at]))
        at_share, error = float(figures.values[at]), float(np.sqrt(max(figures.variance[at], 0.0)))
        low, high = (inverse(*parts[key], end) for end in (at_share - reach * error, at_share + reach * error))
        half = (high - low) / (2 * reach)
        cv = 100 * half / abs(found[key]) if found[key] else None
        lines.append((*key, share, found[key], half, cv, low, high, float(figures.df[at]), None, int(figures.n[at])))
    names = ["PROBABILITY", "ESTIMATE", "STD_ERROR", "CV", "CI_LOWER", "CI_UPPER", "DF", "DEFF"]
    schema_of: Any = {
        **{name: schema[name] for name in by},
        **dict.fromkeys(names, pl.Float64),
        "N_UNWEIGHTED": pl.Int64,
    }
    return pl.DataFrame(lines, schema=schema_of, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))
