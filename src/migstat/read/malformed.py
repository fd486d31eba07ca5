"""Lines of a text file that are no rows."""

from collections.abc import Sequence

from migstat.words.finding import Finding, Place


def malformed_lines(name: str, malformed: Sequence[tuple[int, str, str]]) -> list[Finding]:
    """Return the finding about lines of a file that are no rows, if there are any."""
    if not malformed:
        return []
    numbers = ", ".join(str(number) for number, *_ in malformed[:5])
    more = ", and more" if len(malformed) > 5 else ""
    what = f"{malformed[0][1]}: such lines are no rows (row {numbers}{more})"
    mend = "mend the lines, or check delimiter and quote under source.format"
    return [Finding(Place(name), "", what, mend, rule="malformed", rows=len(malformed))]
