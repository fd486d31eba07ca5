"""Lines of a text file that are no rows."""

import re
from collections.abc import Sequence

from migstat.words.finding import Finding, Place

MEND = "mend the lines, or check delimiter and quote under source.format"
MOST_TOLD = 5
"""Rows of each kind whose numbers are told."""


def kind_of_line(why: str) -> str:
    """Return a reason without the numbers in it: lines of one kind are told together."""
    return re.sub(r"[0-9,]+", "0", why)


def malformed_lines(name: str, malformed: Sequence[tuple[int, str, str]], mend: str = MEND) -> list[Finding]:
    """Return a finding for each way in which lines of a file are no rows."""
    kinds: dict[str, list[int]] = {}
    first: dict[str, str] = {}
    for number, why, _ in malformed:
        kind = kind_of_line(why)
        kinds.setdefault(kind, []).append(number)
        first.setdefault(kind, why)
    findings = []
    for kind, rows in kinds.items():
        more = ", and more" if len(rows) > MOST_TOLD else ""
        what = f"{first[kind]}: such lines are no rows (row {', '.join(map(str, rows[:MOST_TOLD]))}{more})"
        findings.append(Finding(Place(name), "", what, mend, rule="malformed", rows=len(rows)))
    return findings
