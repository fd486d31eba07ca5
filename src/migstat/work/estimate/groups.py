"""Groups: records of any engine counted and summed once, by sampling unit and cell, with every replicate weight."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.design import Design
from migstat.words.missing import KINDS
from migstat.work.conditions import Pairs, compile_expression
from migstat.work.estimate.question import Question

LEVEL, INSIDE, RECORD = "_level", "_in", "_record"
UNWEIGHTED = "_unweighted"
"""Records without a weight: they count in the sample, and for nobody."""
ROOM = 3
"""A replicate may add up to eight times as much as the main weight."""


def lazily(records: Any, columns: Sequence[str]) -> Any:
    """Return the columns as a lazy narwhals frame: of Polars, or of the records' own engine where that is lazy."""
    frame = nw.from_native(records).select(*columns) if columns else nw.from_native(records)
    return frame if isinstance(frame, nw.LazyFrame) else nw.from_native(frame.to_polars().lazy())


def collected(frame: Any) -> pl.DataFrame:
    """Return a small result as a Polars frame."""
    if isinstance(native := frame.to_native(), pl.LazyFrame):
        return native.collect(engine="streaming")
    small: pl.DataFrame = frame.collect("polars").to_native()
    return small


def with_records_as_units(frame: Any, design: Design) -> Any:
    """Number the records, so that each is a sampling unit of its own; the columns asked for are collected."""
    numbered = collected(frame).with_row_index(RECORD)
    return nw.from_native(numbered.lazy())


def unit_keys(design: Design, numbered: bool) -> dict[str, nw.Expr]:
    """Return the keys that tell strata and units of each stage apart, as text."""
    keys: dict[str, nw.Expr] = {}
    for number, stage in enumerate(design.stages, 1):
        if stage.strata:
            keys[f"_s{number}"] = nw.col(stage.strata).cast(nw.String)
        if stage.unit:
            keys[f"_u{number}"] = nw.col(stage.unit).cast(nw.String)
        elif numbered:
            keys[f"_u{number}"] = nw.col(RECORD)
    if numbered and not design.stages:
        keys["_u1"] = nw.col(RECORD)
    return keys


def calibration_keys(design: Design) -> dict[str, nw.Expr]:
    """Return the keys on which calibrated weights depend: codes as text, numbers as they are."""
    keys: dict[str, nw.Expr] = {}
    for margin in design.calibration.margins if design.calibration else ():
        for name in margin.by:
            keys[f"_c_{name}"] = nw.col(name).cast(nw.String)
        if margin.of:
            keys[f"_x_{margin.of}"] = nw.col(margin.of).cast(nw.Float64).fill_null(0.0)
    return keys


def gather(
    frame: Any,
    design: Design,
    question: Question,
    *,
    kinds: Mapping[str, str],
    pairs: Pairs = frozenset(),
    numeric: bool,
    numbered: bool = False,
    replicates: Sequence[str] = (),
    cut: nw.Expr | None = None,
) -> pl.DataFrame:
    """Group records by unit, domain, groups, codes and calibration, in one pass of the engine.

    A line has ``rows``; ``n`` records with a value; ``w`` the weight of all; ``a`` and ``b``, the sums of the numerator
    and denominator; ``yy``, weighted squares; for units that are the records ``aa``, ``ab`` and ``bb``; and for
    replicate weights ``w1``, ``a1``, ``b1`` and so on. ``cut`` takes the place of the variable (1 or 0).
    """
    weight, without = nw.lit(1.0), nw.lit(0)
    if design.weight:
        given = nw.col(design.weight).cast(nw.Float64)
        known = given.is_finite().fill_null(False)
        weight, without = nw.when(known).then(given).otherwise(nw.lit(0.0)), (~known).cast(nw.Int64)
    keys = {**unit_keys(design, numbered), **calibration_keys(design)}
    inside = nw.lit(True)
    if question.domain is not None:
        inside = compile_expression(question.domain, kinds, pairs).fill_null(False)
    keys[INSIDE] = inside
    keys |= {
        name: nw.col(name) if kinds.get(name) == "number" else nw.col(name).cast(nw.String) for name in question.by
    }
    y, valid, over = nw.lit(1.0), nw.lit(True), None
    if question.of and not numeric and cut is None:
        code = nw.col(question.of).cast(nw.String)
        if question.statistic == "proportion":
            valid = (~code.is_null()) & (~code.is_in(list(KINDS)))
        keys[LEVEL] = nw.when(valid).then(code)
    elif question.of:
        value = nw.col(question.of).cast(nw.Float64)
        valid = value.is_finite().fill_null(False)
        if question.statistic == "ratio":
            over = nw.col(question.over).cast(nw.Float64)
            valid = valid & over.is_finite().fill_null(False)
        y = cut if cut is not None else value
    one = nw.when(valid).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    top = nw.when(valid).then(y).otherwise(nw.lit(0.0)) if question.of else nw.lit(1.0)
    low = nw.when(valid).then(over).otherwise(nw.lit(0.0)) if over is not None else one
    factors: dict[str, nw.Expr] = {"": weight}
    for at, name in enumerate(replicates, 1):
        each = nw.col(name).cast(nw.Float64).fill_null(0.0)
        factors[str(at)] = each if design.replicates is None or design.replicates.combined else each * weight
    sums: dict[str, nw.Expr] = {"n": one, "yy": weight * top * top}
    for number, factor in factors.items():
        sums[f"a{number}"] = factor * top
        if not (number and (LEVEL in keys or question.statistic == "total")):
            sums[f"b{number}"] = factor * low
        if design.calibration or not number:
            sums[f"w{number}"] = factor
    if not numbered and not replicates and "_u" + str(len(design.stages) or 1) not in keys:
        sums |= {"aa": (weight * top) ** 2, "ab": weight * weight * top * low, "bb": (weight * low) ** 2}
    sums = _on_a_grid(frame, sums)
    limits = {
        f"_{name}{number}": nw.col(stage.fpc).cast(nw.Float64)
        for number, stage in enumerate(design.stages, 1)
        for name in "fg"
        if stage.fpc
    }
    made = frame.select(
        *(value.alias(name) for name, value in {**keys, **sums, **limits}.items()),
        nw.lit(1).alias("rows"),
        without.alias(UNWEIGHTED),
    )
    grouped = made.group_by(*keys).agg(
        nw.col("rows").sum(),
        nw.col(UNWEIGHTED).sum(),
        *(nw.col(name).sum() for name in sums),
        *(nw.col(name).min() if name.startswith("_f") else nw.col(name).max() for name in limits),
        *(
            nw.when(nw.col(name).is_null())
            .then(nw.lit(1, nw.Int64))
            .otherwise(nw.lit(0, nw.Int64))
            .sum()
            .alias(f"_blank{name[2:]}")
            for name in limits
            if name[1] == "f"
        ),
    )
    order = list(keys)
    return collected(grouped).sort(order, nulls_last=True)


def _on_a_grid(frame: Any, sums: Mapping[str, nw.Expr]) -> dict[str, nw.Expr]:
    """Round what is added up to multiples of a power of two, so fine that no sum is rounded on its way.

    Then sums do not depend on the order of the rows, nor on how an engine parts them (Demmel and Nguyen 2013, on
    reproducible summation). The grid of a replicate is that of its main weight, with room for weights that are larger.
    """
    main = [name for name in sums if not name[-1].isdigit()]
    sized = frame.with_columns(*(sums[name].alias(f"_size_{name}") for name in main))
    bounds = collected(sized.select(*(nw.col(f"_size_{name}").abs().sum().alias(name) for name in main)))
    steps = {name: _step(float(bounds[name][0] or 0.0)) for name in main}
    rounded: dict[str, nw.Expr] = {}
    for name, value in sums.items():
        step = steps[name.rstrip("0123456789")]
        rounded[name] = (value / step + 0.5).floor() * step
    return rounded


def _step(bound: float) -> float:
    """Return the grid on which sums up to some way above the bound are exact."""
    return 2.0 ** (math.frexp(bound)[1] + ROOM - 52) if 0 < bound < math.inf else 2.0**-52
