"""What comes of a validation: its page, its reports for other programs, and rules as VTL."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from migstat.read.structure_paths import codelists_of
from migstat.read.structures import structure
from migstat.words.finding import misuse
from migstat.words.rule import RuleSet
from migstat.words.validated import Judged, Validated
from migstat.write.atomic import write_text

KINDS = ("html", "ess", "sarif", "junit", "csv")


def write_validation(
    run: Validated,
    path: str | os.PathLike[str],
    kind: str = "html",
    *,
    language: str = "en",
    show_values: bool = False,
) -> None:
    """Write a report of a validation, whole or not at all.

    ``kind`` is html (a page that needs no network), ess (the ESS validation report, which holds the time of writing),
    sarif, junit, or csv. No value of any row is in it unless ``show_values``.
    """
    write_text(Path(path), _text(run, kind, language, show_values))


def _text(run: Validated, kind: str, language: str, show_values: bool) -> str:
    if kind == "html":
        from migstat.report.validation_page import validation_page

        return validation_page(run, language=language, show_values=show_values)
    if kind not in KINDS:
        raise misuse(f"there is no report of kind {kind}", f"one of {', '.join(KINDS)}")
    from migstat.write import validation

    if kind == "ess":
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S+0000")
        return validation.ess_json(run, show_values=show_values, time=now, language=language)
    writer = {"sarif": validation.sarif, "junit": validation.junit, "csv": validation.csv_text}[kind]
    return writer(run, show_values=show_values, language=language)


def validation_facts(run: Validated, *, show_values: bool = False) -> dict[str, Any]:
    """Return a validation as plain values that JSON can hold; failing rows only with ``show_values``."""
    from migstat.write.run import finding_facts

    return {
        "ok": run.ok,
        "name": run.name,
        "rows": run.rows,
        "weight": run.weight,
        "rules": [_facts(one, show_values) for one in run.results],
        "findings": [finding_facts(finding) for finding in run.findings],
        "provenance": run.provenance,
    }


def _facts(one: Judged, show_values: bool) -> dict[str, Any]:
    sample = {"sample": [{name: _plain(value) for name, value in row.items()} for row in one.sample]}
    return {
        "id": one.rule.id,
        "component": one.rule.component,
        "severity": one.rule.severity,
        "verdict": one.verdict,
        "units": one.units,
        "passed": one.passed,
        "failed": one.failed,
        "undecided": one.undecided,
        "failed_weight": one.failed_weight,
        "mend": one.rule.mend,
        "note": one.note,
        **(sample if show_values else {}),
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | None) else str(value)


def rules_as_vtl(rules: RuleSet, structure_id: str | None = None) -> str:
    """Return rules as VTL 2.1 text; what VTL cannot say is said in comments."""
    from migstat.write.vtl import ruleset_as_vtl

    found = structure(structure_id) if structure_id else None
    return ruleset_as_vtl(rules, found, codelists_of(found))
