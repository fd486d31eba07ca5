"""Follow-ups: what a blank means where a filter tells of whom the column is asked, or the candidates that it names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from migstat.words.draft import BLANKS, DraftArm, DraftLine, DraftRule, Guess
from migstat.words.plain_words import words
from migstat.words.structure import Component
from migstat.words.undecided import TODO
from migstat.work.draft.answers import AREAS, Answers
from migstat.work.draft.columns import Column
from migstat.work.draft.filters import FEW, Filter, by_age, filters
from migstat.work.draft.lines import in_full

NOT_ASKED = frozenset(
    [
        "YEAR_ARRIVAL",
        "YEAR_ARRIVAL_FIRST",
        "ARRIVAL_DATE",
        "DURATION",
        "MIG_REASON",
        "YEAR_ACQUISITION",
        "OCCUPATION",
        "INDUSTRY",
        "HOURS_WORKED",
        "INCOME",
    ]
)
"""Components that do not apply to whom they are not asked; of others what the filter says is an answer itself."""
ABROAD = {
    "COUNTRY_BIRTH": (("COUNTRY_BIRTH", "BORN_HERE"), "ASKED_BORN_ABROAD"),
    "CITIZENSHIP": (("CITIZENSHIP", "CITIZEN_HERE"), "ASKED_FOREIGN"),
    "COUNTRY_RESID_1Y": (("RESID_1Y",), "ASKED_LIVED_ABROAD"),
    "COUNTRY_RESID_5Y": (("RESID_5Y",), "ASKED_LIVED_ABROAD"),
}
"""Countries that are asked only of those from another one: what a filter speaks of that says who they are, and the
statement by which a codebook says it."""
SAYS = 0.5
"""A filter says its subject from this likeness on."""
MOSTLY = 0.9
"""So many of the rows that are not asked have one value where it is taken for those of the country itself."""


def followed(
    rule: DraftRule,
    component: Component,
    columns: Sequence[Column],
    sample: pl.DataFrame,
    chosen: Mapping[str, DraftRule],
    answers: Answers,
) -> DraftRule:
    """Return a rule with what its open blanks mean by the filter before it; with candidates where that is not sure."""
    blank = next((line for line in rule.lines if line.value == "" and line.code == TODO), None)
    by_name = {column.name: column for column in columns}
    if blank is None or rule.kind not in ("copy", "recode", "date") or rule.column not in by_name:
        return rule
    detail = by_name[rule.column]
    found = filters(detail, columns, sample)
    of_age = chosen.get("AGE")
    age = by_age(detail, by_name[of_age.column], sample) if of_age is not None and of_age.column in by_name else None
    if component.id in ABROAD and rule.kind == "recode":
        made = _of_abroad(rule, component, detail, found, answers)
        return made if made is not None else _open(rule, blank, found, answers.country.here, detail, answers)
    if component.id in NOT_ASKED or component.codelist not in AREAS:
        sure = [one for one in (*(found if component.id in NOT_ASKED else ()), age) if one is not None and one.plain]
        if sure:
            # Of two that differ in a few rows the nearer one, which comes first, is the filter.
            return _not_asked(rule, min(sure, key=lambda one: round(one.off, 3)))
    # Of where somebody lived before, whoever is not asked which country is likely to be of the country itself.
    codes = {line.code for line in rule.lines if line.value}
    code = "DOMESTIC" if component.codelist == "CL_RESID_PRIOR" and codes == {"ABROAD"} else "_Z"
    return _open(rule, blank, [*found, *([age] if age is not None else [])], code, detail, answers)


def _not_asked(rule: DraftRule, found: Filter) -> DraftRule:
    """Return a rule with the universe that the filter tells: a blank inside of it is not stated."""
    rest = tuple(line for line in rule.lines if line.value != "")
    note = f"{found.told}: not asked of them"
    if found.silent:
        rest = (DraftLine("", "_N", confidence=0.8, why="asked, and blank"), *rest)
    return replace(
        rule, lines=rest, universe=found.universe(rule.column), asked_by=found.column.name, why=f"{rule.why}; {note}"
    )


def _of_abroad(
    rule: DraftRule, component: Component, detail: Column, found: Sequence[Filter], answers: Answers
) -> DraftRule | None:
    """Return cases over the filter and the column, where both say that it is asked of those from abroad only."""
    subjects, statement = ABROAD[component.id]
    asked = asked_only(detail, statement, answers)
    if _mostly_here(rule, detail, answers):
        return None
    fitting = [one for one in found if one.plain and len(one.idle) + len(one.asked) <= FEW]
    for one in fitting:
        said = max(one.column.said(subject, answers.vocabulary) for subject in subjects)
        if said < SAYS and not asked:
            continue
        arms = _arms(rule, component, one, answers)
        if arms is None:
            continue
        reason = "its codebook asks it of those from abroad" if asked else f"{one.column.name} says who is from abroad"
        why = f"{rule.why}; {one.told}: {reason}"
        sure = min(rule.confidence, 0.9)
        return replace(rule, kind="cases", lines=(), arms=arms, confidence=sure, why=why, pad=None)
    return None


def _mostly_here(rule: DraftRule, detail: Column, answers: Answers) -> bool:
    """Say whether most of those who are asked are of the country itself: then those who are not need not be."""
    here = [line.value for line in rule.lines if line.code == answers.country.here]
    return sum((detail.facts.counts or {}).get(value, 0) for value in here) > 0.5 * detail.facts.filled


def _arms(rule: DraftRule, component: Component, found: Filter, answers: Answers) -> tuple[DraftArm, ...] | None:
    """Return the arms of a filter; None where its labels say another thing than what is blank beside them."""
    here = answers.country.here
    labels = {one.value: one.label for one in in_full(component, found.column, answers)}
    codes: dict[str, str] = {}
    for value, rows in found.idle.items():
        gone = answers.missing(labels.get(value, ""))
        if gone is not None:
            codes[value] = gone.answer
        elif _says_abroad(labels.get(value, ""), component, answers):
            return None
        else:
            codes[value] = here if value and rows >= MOSTLY * found.idle_rows else TODO
    if here not in codes.values():
        return None
    arms = [
        DraftArm(found.column.name, tuple(value for value, one in codes.items() if one == code), code)
        for code in dict.fromkeys(codes.values())
        if code != TODO
    ]
    guesses = (Guess(here, 0.5, "blank there too, as of those from the country"), *BLANKS)
    arms += [
        DraftArm(found.column.name, (value,), TODO, guesses=guesses[:3])
        for value, code in codes.items()
        if code == TODO
    ]
    rest = tuple(line for line in rule.lines if line.value != "")
    if found.silent:
        note = "from abroad; the country is not stated"
        rest = (*rest, DraftLine("", "_O", "", "broader", note, 0.85, "asked, and blank"))
    shown = found.column.facts.shown(found.column.known)
    asked = tuple(value for value in found.asked if value == "" or value in shown)
    return (*arms, DraftArm(found.column.name, asked, source=rule.column, pad=rule.pad, lines=rest))


def _says_abroad(label: str, component: Component, answers: Answers) -> bool:
    if not label:
        return False
    if component.id == "CITIZENSHIP":
        said = answers.citizen(label)
        return said is not None and said[0] == "FOREIGN"
    place = answers.place(label)
    return place is not None and place[0] == "ABROAD"


def asked_only(detail: Column, statement: str, answers: Answers) -> bool:
    """Say whether the label, the question or the universe of a column says that only those from abroad are asked."""
    if detail.variable is None:
        return False
    said = set(words(f"{detail.variable.universe} {detail.variable.question} {detail.label}"))
    return any(set(phrase.words) <= said for phrase in answers.vocabulary.statements.get(statement, ()))


def _open(
    rule: DraftRule, blank: DraftLine, found: Sequence[Filter], code: str, detail: Column, answers: Answers
) -> DraftRule:
    """Return a rule whose blank stays open, with what the filters make of it as the first candidates."""
    made = []
    for one in found[:2]:
        sure = 0.7 if one.plain else 0.65
        made.append(Guess(code, sure, f"{one.told}, if these are the ones not asked"))
    statement = ABROAD.get(rule.component, ((), ""))[1]
    if not found and code != "_Z" and asked_only(detail, statement, answers):
        made.append(Guess(code, 0.65, "its codebook asks it of those from abroad only"))
    # The two best filters may give the same code: both are named, in one line.
    if len(made) > 1:
        made = [replace(made[0], because="; or ".join(one.because for one in made))]
    rest = [one for one in blank.guesses if one.answer not in {one.answer for one in made}]
    line = replace(blank, guesses=tuple([*made, *rest][:3]))
    return replace(rule, lines=tuple(line if one is blank else one for one in rule.lines))
