"""Asking: records grouped for a question, and the figures of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.design import Design, Stage
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.structure import Structure
from migstat.work.conditions import Pairs
from migstat.work.estimate.figures import Figures, figures
from migstat.work.estimate.groups import INSIDE, LEVEL, gather, lazily, with_records_as_units
from migstat.work.estimate.intervals import interval
from migstat.work.estimate.question import Question, check

Array = Any


def prepared(
    records: Any, question: Question, design: Design, structure: Structure | None
) -> tuple[Any, dict[str, str], set[str]]:
    """Check the question and return the columns it reads as a lazy frame, their kinds, and which are numbers."""
    schema = nw.from_native(records).collect_schema()
    coded = {c.id for c in structure.components if c.coded} if structure is not None else set()
    numeric = {name for name, dtype in schema.items() if dtype.is_numeric()}
    check(question, design, list(schema), numeric)
    kinds = {name: "number" if name in numeric else "code" if name in coded else "text" for name in schema}
    columns = list(dict.fromkeys((*design.columns, *question.columns))) or list(schema)[:1]
    return lazily(records, columns), kinds, numeric


def asked(
    frame: Any,
    question: Question,
    design: Design,
    *,
    kinds: Mapping[str, str],
    pairs: Pairs,
    numeric: bool,
    cut: nw.Expr | None = None,
    contrasts: Any = None,
) -> tuple[Figures, Array]:
    """Group the records and return the figures; ``contrasts``, given the names, returns weights of estimates."""
    given = design.replicates.columns if design.replicates else ()
    made = design.replicates is not None and not given
    numbered = not given and (made or design.calibration is not None or contrasts is not None)
    numbered = numbered and not all(stage.unit for stage in design.stages or [Stage()])
    if numbered:
        frame = with_records_as_units(frame, design)
    groups = gather(
        frame,
        design,
        question,
        kinds=kinds,
        pairs=pairs,
        numeric=numeric,
        numbered=numbered,
        replicates=given,
        cut=cut,
    )
    if (question.by or LEVEL in groups.columns) and not groups[INSIDE].any():
        what, mend = "there is no record to estimate from", "look whether the records have rows, and some in the domain"
        raise MigstatError([Finding(Place("estimate"), "", what, mend)])
    if contrasts is None:
        return figures(groups, design, question)
    names = figures(groups, replace(design, df=1.0), question)[0].names
    return figures(groups, design, question, contrasts(names))


def described(design: Design, question: Question) -> dict[str, Any]:
    """Say how the variance was found, as plain data."""
    if design.replicates is None:
        method = "Taylor linearisation"
    else:
        count = len(design.replicates.columns)
        method = f"{count} replicate weights ({design.replicates.method})" if count else design.replicates.method
        method = method if count else f"replicates made from the design ({method})"
    if design.calibration is not None:
        method += f", calibrated ({design.calibration.method})"
    if not design.stages and design.replicates is None:
        method += ", each record drawn for itself"
    return {"method": method, "confidence": question.confidence, "design": design.facts()}


def weightless(records: int) -> str:
    """Say how many records have no weight."""
    return f"{records:,} records have no weight: they are in N_UNWEIGHTED and add nothing to the estimates."


def precision(found: Figures, question: Question, *, logit: bool) -> pl.DataFrame:
    """Return estimate, standard error, CV in per cent, interval, degrees of freedom, design effect and records."""
    errors = np.sqrt(np.maximum(found.variance, 0))
    values = found.values
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.where(values != 0, 100 * errors / np.abs(values), np.nan)
    ends = [
        interval(float(value), float(error), float(df), question.confidence, logit=logit)
        for value, error, df in zip(values, errors, found.df, strict=True)
    ]
    return pl.DataFrame(
        {
            "ESTIMATE": values,
            "STD_ERROR": errors,
            "CV": cv,
            "CI_LOWER": np.array([low for low, _ in ends], dtype=float),
            "CI_UPPER": np.array([high for _, high in ends], dtype=float),
            "DF": found.df.astype(float),
            "DEFF": found.deff.astype(float),
            "N_UNWEIGHTED": found.n,
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
