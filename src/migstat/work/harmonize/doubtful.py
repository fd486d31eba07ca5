"""Doubtful: what is said of dates that can be read, and may mean another day, or none."""

from collections.abc import Iterator, Mapping, Sequence

from migstat.words.finding import Finding, Severity
from migstat.words.mapping_rule import DateRule, columns
from migstat.words.weight import tidy
from migstat.work.harmonize.plan import Leaf


def doubtful(leaves: Sequence[Leaf], counts: Mapping[tuple[int, str], Sequence[float]]) -> Iterator[Finding]:
    """Yield a warning for each doubt about the dates of a rule: how many rows, and none of their values."""
    for number, leaf in enumerate(leaves):
        if not isinstance(leaf.rule, DateRule):
            continue
        said = {kind: counts[number, kind] for kind in ("either", "plain", "exchanged", "pivot", "far")
                if (number, kind) in counts}  # fmt: skip
        column = ", ".join(columns(leaf.rule))
        for kind, what, mend in _doubts(leaf.rule, column, said):
            rows, weight = said[kind]
            yield Finding(leaf.rule.place, leaf.component.id, what, mend, Severity.WARNING, rule="doubtful",
                          rows=int(rows), weight=tidy(weight))  # fmt: skip


def _doubts(rule: DateRule, column: str, said: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, str, str]]:
    exchanged = int(said["exchanged"][0]) if "exchanged" in said else 0
    if exchanged:
        what = f"{column} is a date only with day and month exchanged"
        yield "exchanged", what, f"write date: {_other(rule.format)} if all rows are so; two formats need cases"
        if "either" in said:
            what = f"{column} could have its day and month exchanged, as other rows have"
            yield "either", what, "find out which rows write the month first; these may be read as the wrong day"
    elif "either" in said and "plain" not in said:
        what = f"nothing in {column} shows whether the day or the month comes first"
        yield "either", what, f"ask the office that made it: {rule.format}, or {_other(rule.format)}"
    if "pivot" in said:
        what = f"{column} has a year of two digits within five years of the pivot {rule.pivot}"
        yield "pivot", what, "look whether another pivot fits: these would be a century off"
    if "far" in said:
        what = f"{column} has dates before 1890, after 2100, or 1 January 1900, which often stand for no date"
        yield "far", what, "list the values that mean no date under not_stated, unknown or not_applicable"


def _other(format: str) -> str:
    """Return a format with day and month exchanged."""
    return format.translate(str.maketrans("dm", "md")).replace("di", "mi")
