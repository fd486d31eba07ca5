"""The page of a run over extracts: what became of each, what is to be mended, and where everything lies."""

from typing import Any

from migstat.report.page import render
from migstat.words.finding import Severity
from migstat.words.how_many import how_many
from migstat.words.run_plan import STEPS, ExtractRun, RunOutcome

SIGNS = {"made": "✓", "stopped": "■", "failed": "✗", "open": "–"}
SAID = {"made": "done", "stopped": "stopped", "failed": "failed", "open": "open"}


def outcome_page(outcome: RunOutcome) -> str:
    """Return the page as HTML without scripts and without any other file; equal outcomes give equal pages.

    It holds counts and findings, and no value of a record.
    """
    extracts = outcome.extracts
    whole = sum(one.whole for one in extracts)
    kind = "fine" if outcome.ok else "warning" if whole == len(extracts) else "error"
    verdict = f"{whole} of {how_many(len(extracts), 'extract')} went through" if extracts else "no extract was run"
    return render(
        "outcome.html",
        plan=outcome.plan,
        title=next(iter(outcome.plan.names.values()), outcome.plan.id),
        kind=kind,
        verdict=verdict,
        findings=outcome.findings,
        steps=STEPS,
        rows=[_row(one) for one in extracts],
        order=list(Severity),
    )


def _row(one: ExtractRun) -> dict[str, Any]:
    counts = one["harmonize"].facts
    standings = {step.step: "made" if step.standing == "kept" else step.standing for step in one.steps}
    findings = sorted(one.findings, key=lambda finding: list(Severity).index(finding.severity))
    return {
        "run": one,
        "counts": [counts.get(name) for name in ("read", "records", "excluded", "rejected")],
        "standings": [(step, standings[step], SIGNS[standings[step]], SAID[standings[step]]) for step in STEPS],
        "findings": findings,
        "errors": sum(finding.severity == Severity.ERROR for finding in findings),
        "files": {step.step: sorted(step.outputs) for step in one.steps if step.outputs},
    }
