"""The result of a run: what was tallied, as findings, coverage, steps and provenance."""

import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from migstat.api.provenance import provenance
from migstat.words.codebook import Codebook
from migstat.words.finding import Finding
from migstat.words.run import Harmonized
from migstat.work.harmonize.declared import contradicted
from migstat.work.harmonize.plan import Plan
from migstat.work.harmonize.tally import Tally
from migstat.work.harmonize.told import rejected_because


def result_of(
    plan: Plan,
    tally: Tally,
    found: Sequence[Finding],
    inputs: list[dict[str, Any]],
    unread: Sequence[str],
    codebook: Codebook | None = None,
    name: str = "",
) -> Harmonized:
    """Return a run without its frames; ``found`` are the findings so far, ``unread`` the columns that no rule reads."""
    coverage = tally.coverage(unread)
    steps = tally.steps()
    findings = (
        *found,
        *rejected_because(tally, coverage, codebook),
        *contradicted(coverage, codebook, name),
    )
    run = Harmonized(
        mapping=plan.mapping,
        structure=plan.structure,
        records=None,
        rejects=None,
        findings=findings,
        coverage=coverage,
        steps=steps,
        provenance=provenance(plan, inputs, steps),
    )
    doubts = [dataclasses.asdict(one) for one in run.not_verified]
    return replace(run, provenance={**run.provenance, "not_verified": doubts}) if doubts else run
