"""Estimate: totals, means, proportions, ratios and quantiles of a sample, each with its precision."""

from typing import Any

import polars as pl

from migstat.words.design import Design
from migstat.words.estimates import Estimates
from migstat.words.structure import Structure
from migstat.work.conditions import Pairs
from migstat.work.estimate.asking import asked, described, precision, prepared, weightless
from migstat.work.estimate.figures import Figures
from migstat.work.estimate.groups import LEVEL
from migstat.work.estimate.quantiles import quantiles
from migstat.work.estimate.question import Question


def estimate(
    records: Any,
    question: Question,
    design: Design,
    *,
    structure: Structure | None = None,
    pairs: Pairs = frozenset(),
    symmetric: bool = False,
) -> Estimates:
    """Return the statistic of each group with standard error, CV, interval, degrees of freedom and design effect.

    The records of any engine are grouped once, by sampling unit and group; those outside the domain stay in the sample.
    """
    frame, kinds, numeric = prepared(records, question, design, structure)
    if question.statistic == "quantile":
        return quantiles(frame, question, design, kinds=kinds, pairs=pairs)
    found = asked(frame, question, design, kinds=kinds, pairs=pairs, numeric=question.of in numeric)[0]
    return Estimates(
        _frame(found, question, symmetric),
        question.statistic,
        question.said,
        described(design, question),
        _notes(found),
    )


def _frame(found: Figures, question: Question, symmetric: bool) -> pl.DataFrame:
    names = found.names.drop("_", strict=False).rename({LEVEL: "LEVEL"}, strict=False)
    return pl.concat(
        [names, precision(found, question, logit=question.statistic == "proportion" and not symmetric)],
        how="horizontal",
    )


def _notes(found: Figures) -> tuple[str, ...]:
    notes = [weightless(found.unweighted)] if found.unweighted else []
    if (found.n == 0).any():
        notes.append(
            "A group of which the sample has nobody has an error of 0, which is no evidence that there is none."
        )
    return tuple(notes)
