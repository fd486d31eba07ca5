"""What a run tells of the rows that it rejects: each with its place, its extent and its mend."""

import math
from collections.abc import Iterator

from migstat.words.codebook import Codebook
from migstat.words.finding import Finding, Severity
from migstat.words.how_many import how_many
from migstat.words.mapping_rule import (
    Copy,
    Fixed,
    NotCollected,
    Patterns,
    Pseudonym,
    Recode,
    leaves,
)
from migstat.words.mapping_rule import columns as columns_of
from migstat.words.run import Coverage, Covered
from migstat.words.weight import tidy
from migstat.work.harmonize.declared import label_of
from migstat.work.harmonize.doubtful import doubtful
from migstat.work.harmonize.leaves import lines_of, shown
from migstat.work.harmonize.plan import Plan
from migstat.work.harmonize.tally import MOST_VALUES, Tally

MOST_FINDINGS = 20


def rejected_because(tally: Tally, coverage: Coverage, codebook: Codebook | None = None) -> tuple[Finding, ...]:
    """Return what made rows rejects, each with its place, its extent and its mend; labels are shown where there are."""
    found: list[Finding] = []
    for id, (rows, weight) in tally.faults.items():
        found += _fault(tally, id, int(rows), tidy(weight), coverage, codebook)
    for number in sorted(tally.overflow):
        leaf = tally.plan.leaves[number]
        columns = ", ".join(shown(leaf) or ())
        what = f"{columns} has more than {MOST_VALUES:,} different values: coverage is not told value by value"
        mend = "check that the column is a coded one"
        found.append(Finding(leaf.rule.place, leaf.component.id, what, mend, Severity.WARNING))
    return (*found, *doubtful(tally.plan.leaves, tally.doubts))


def _fault(
    tally: Tally, id: str, rows: int, weight: float, coverage: Coverage, codebook: Codebook | None
) -> Iterator[Finding]:
    mapping = tally.plan.mapping
    if id.startswith("keep") and id[4:].isdigit():
        keep = tally.plan.keeps[int(id[4:])][0]
        what = f"{keep.column or 'a column of the condition'} is blank: it cannot be said whether the row is kept"
        mend = 'say what a blank means: add "" to the values kept, or test "is not missing"'
        yield Finding(keep.place, "keep", what, mend, rule="keep", rows=rows, weight=weight)
        return
    target = tally.plan.targets.get(id)
    if target is None:
        constant = tally.plan.constants.get(id)
        read = ", ".join(constant.columns) if constant and constant.columns else id
        what = f"{read} cannot be read: a blank, or a value that is not a number or date"
        mend = "mend the extract, or exclude these rows under keep"
        yield Finding(mapping.source.place, id, what, mend, rule="source", rows=rows, weight=weight)
        return
    unmapped = [one for one in coverage.unmapped if one.component == id]
    unmapped.sort(key=lambda one: (-one.rows, one.values))
    for one in unmapped[:MOST_FINDINGS]:
        yield _unmapped(tally.plan, one, codebook)
    if len(unmapped) > MOST_FINDINGS:
        rest = unmapped[MOST_FINDINGS:]
        what = f"{how_many(len(rest), 'more value')} without a rule"
        mend = "see the whole list in the coverage file"
        yield Finding(target.place, id, what, mend, rule="unmapped", rows=sum(one.rows for one in rest),
                      weight=tidy(math.fsum(one.weight for one in rest)))  # fmt: skip
    told = sum(one.rows for one in unmapped)
    if rows > told:
        left = round(weight - math.fsum(one.weight for one in unmapped), 6) + 0.0
        yield Finding(target.place, id, *_untold(tally.plan, id), rule="unfit", rows=rows - told, weight=left)


def _unmapped(plan: Plan, one: Covered, codebook: Codebook | None) -> Finding:
    leaf = next(leaf for leaf in plan.leaves if leaf.component.id == one.component and shown(leaf) == one.columns)
    if one.hidden:
        values = f"{how_many(one.hidden, 'value')} of {' and '.join(one.columns)}"
        what = f"no rule for {values}, not shown: names or words of people's own, or rare among many"
        mend = "see them among the rejects, and check that the column is a coded one"
        return Finding(leaf.rule.place, one.component, what, mend, rule="unmapped", rows=one.rows, weight=one.weight)
    pairs = zip(one.columns, one.values, strict=True)
    met = " and ".join(_met(column, value, codebook) for column, value in pairs)
    pad = leaf.rule.pad if isinstance(leaf.rule, Recode | Copy) else None
    value = one.values[0] if len(one.values) == 1 else " ".join(one.values)
    value = value.zfill(pad) if pad and value else value
    table = leaf.rule.table if isinstance(leaf.rule, Recode) else ""
    bare = value.lstrip("0")
    padded = next((line.values[0] for line in lines_of(leaf) if value and line.values[0].lstrip("0") == bare), "")
    if isinstance(leaf.rule, Patterns):
        mend = f"add a line for '{value}'" if value else "add a line for the blank, whose value is an empty text"
    elif padded and len(one.values) == 1:
        mend = f"the rule has '{padded}': say pad: {len(padded)}, or write the value as it stands"
    elif not value:
        mend = 'say what a blank means: not_applicable: [""], not_stated: [""] or unknown: [""]'
    else:
        mend = f"list '{value}' in {table or 'the recode'}, or under not_stated, unknown or not_applicable"
    return Finding(leaf.rule.place, one.component, f"no rule for {met}", mend, rule="unmapped",
                   rows=one.rows, weight=one.weight)  # fmt: skip


def _met(column: str, value: str, codebook: Codebook | None) -> str:
    label = label_of(codebook, column, value)
    return f"{column} = '{value}'{f' ({label})' if label else ''}" if value else f"{column} blank"


def _untold(plan: Plan, id: str) -> tuple[str, str]:
    component = plan.components[id]
    target = plan.targets[id]
    kinds = [rule for rule in leaves(target.rule) if not isinstance(rule, Fixed | NotCollected)]
    columns = ", ".join(dict.fromkeys(name for rule in kinds for name in columns_of(rule))) or "the source"
    least, most = component.minimum, component.maximum
    bounds = f" from {least:g} to {most:g}" if least is not None and most is not None else ""
    if isinstance(target.rule, Pseudonym):
        mend = 'say what a blank means: not_stated: [""] or unknown: [""]; such a record is linked with no other'
        return f"{columns} is blank, and makes no pseudonym", mend
    list_them = "list the codes that mean no answer under not_stated, unknown or not_applicable"
    if component.type in {"integer", "year"}:
        return f"{columns} holds values that are no whole number{bounds}", list_them
    if component.type == "number":
        return f"{columns} holds values that are no number{bounds}", list_them
    if component.type == "date":
        return f"{columns} holds values that are no date in the format given", f"check the format, or {list_them}"
    return "no case takes the row, or its value is in no class", "add a case, or close the list with else"
