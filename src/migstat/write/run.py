"""The account of a run as files: its provenance and findings as JSON, its coverage as CSV."""

import csv
import io
import json

from migstat.words.finding import Finding
from migstat.words.run import Coverage, Harmonized

COLUMNS = ("component", "columns", "values", "code", "status", "match", "place", "rows", "weight", "confidence")


def run_json(run: Harmonized) -> str:
    """Return provenance, counts and findings as JSON text, the same for the same run."""
    facts = {**run.provenance, "ok": run.ok, "findings": [finding_facts(finding) for finding in run.findings]}
    return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"


def finding_facts(finding: Finding) -> dict[str, object]:
    """Return a finding as plain values."""
    return {
        "file": finding.place.file,
        "line": finding.place.line,
        "component": finding.component,
        "what": finding.what,
        "mend": finding.mend,
        "severity": str(finding.severity),
        "rule": finding.rule,
        "rows": finding.rows,
        "weight": finding.weight,
    }


def coverage_csv(coverage: Coverage) -> str:
    """Return the coverage as CSV: a line for each source value met, each unmapped one, and each unused rule line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(coverage.rows())
    for column in coverage.unread:
        writer.writerow({"columns": column, "status": "unread", "rows": "", "weight": ""})
    return text.getvalue()
