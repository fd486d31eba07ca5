"""Judge one column for one component: the rule it would fill it by, and how sure that is."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from migstat.words.draft import BLANKS, DraftArm, DraftLine, DraftRule
from migstat.words.structure import Component
from migstat.words.undecided import TODO
from migstat.work.draft.answers import AREAS, Answers
from migstat.work.draft.columns import Column
from migstat.work.draft.facts import FEW_VALUES, Facts, as_number
from migstat.work.draft.lines import Fit, fit, missing_lines
from migstat.work.draft.spans import span, years_of

FEW = 5
"""So many values that a number cannot have are named."""
LEAST = 0.35
"""Below this likeness of name and label a column is not looked at for a component."""
UNASKED = {"CL_SEX": (2, 0.78), "CL_MARITAL": (3, 0.74), "CL_COUNTRY_BIRTH": (8, 0.5), "CL_CITIZENSHIP": (8, 0.45)}
"""Codelists whose answers alone say something of a column: how many of them are needed, and how sure it is then.

A list of countries may be of birth, of citizenship, or of a parent: it is no more than a candidate.
"""
LEAST_SPANS = 3
"""So many answers with a year in them make a column one of spans of years."""
DATES = (
    (re.compile(r"\d{4}-\d{2}-\d{2}"), ("yyyy-mm-dd",)),
    (re.compile(r"\d{4}/\d{2}/\d{2}"), ("yyyy/mm/dd",)),
    (re.compile(r"\d{2}/\d{2}/\d{4}"), ("dd/mm/yyyy", "mm/dd/yyyy")),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), ("d/m/yyyy", "m/d/yyyy")),
    (re.compile(r"\d{2}\.\d{2}\.\d{4}"), ("dd.mm.yyyy",)),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), ("d.m.yyyy",)),
    (re.compile(r"\d{2}-\d{2}-\d{4}"), ("dd-mm-yyyy", "mm-dd-yyyy")),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), ("d-m-yyyy", "m-d-yyyy")),
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}"), ("yyyy-mm-dd hh:mi:ss",)),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"), ("yyyy-mm-ddThh:mi:ss",)),
    (re.compile(r"\d{4}-\d{2}"), ("yyyy-mm",)),
    (re.compile(r"(?:18|19|20)\d{2}(?:[0-2]\d{2}|3[0-5]\d|36[0-6])"), ("yyyyddd",)),
    (re.compile(r"[3-5]\d{4}(?:\.\d+)?"), ("excel",)),
    (re.compile(r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"), ("yyyymmdd",)),
)
"""Forms of dates that are told from their values, each with how it may be read."""


def judged(component: Component, column: Column, values: tuple[str, ...], answers: Answers) -> DraftRule | None:
    """Return the rule by which a column would fill a component, with how sure it is; None where it would not.

    ``values`` are some values of the column, for the form of its dates.
    """
    said = column.said(component.id, answers.vocabulary)
    telling = column.labels or not column.coded
    if said < LEAST and not (component.codelist in UNASKED and telling and not column.label):
        return None
    if not column.facts.filled and not column.labels:
        return None
    if column.facts.identifying and component.role != "identifier":
        return None
    match component.type:
        case "code":
            rule = _coded(component, column, said, answers)
        case "date":
            rule = _date(component, column, said, values, answers)
        case "text":
            rule = _text(component, column, said, answers)
        case _:
            rule = _number(component, column, said, answers)
    return rule if rule is not None and rule.confidence > 0.2 else None


def _why(column: Column) -> str:
    if column.label:
        return f'label "{column.label}"'
    return f"the name {column.name}"


def _coded(component: Component, column: Column, said: float, answers: Answers) -> DraftRule | None:
    found = fit(component, column, answers)
    if not found.lines or len(found.lines) > FEW_VALUES * 2:
        return None
    unlisted = column.facts.distinct - len(column.facts.shown(column.known)) if column.facts.counts is not None else 0
    why = _why(column)
    if found.share is None:
        sure = said * 0.85
        why += "; no codebook names its values"
        if column.facts.distinct == 1 and not column.facts.blanks and column.coded:
            sure *= 0.6  # A code that stands in every row is mostly one of not applicable.
            why += ", and every row has the same"
    else:
        told = sum(1 for line in found.lines if line.label and line.code not in {"_Z", "_N", "_U"})
        right = round(found.share * told)
        sure = said * (0.45 + 0.55 * min(1.0, found.share / 0.9))
        if said < LEAST:
            sure = _by_answers(component, found)
        elif found.subjects < 2 and told > 1:
            sure *= 0.8
        why += f"; {right} of {told} answers are of {component.codelist}"
    return DraftRule(
        component.id,
        "recode",
        column.name,
        found.lines,
        confidence=min(sure, 0.99),
        why=why,
        pad=column.pad,
        unlisted=unlisted,
    )


def _by_answers(component: Component, found: Fit) -> float:
    """Return how far answers alone say what a column is, where neither name nor label does."""
    least, sure = UNASKED[component.codelist]
    return sure if (found.share or 0) >= 0.9 and found.subjects >= least else 0.0


def _number(component: Component, column: Column, said: float, answers: Answers) -> DraftRule | None:
    facts = column.facts
    if component.type == "year" and (spans := _years(component, column, said, answers)) is not None:
        return spans
    low = component.minimum if component.minimum is not None else float("-inf")
    high = component.maximum if component.maximum is not None else float("inf")
    if component.id == "AGE":
        low = -1
    gone = missing_lines(column, answers)
    if facts.counts is None:
        within = float(facts.numeric)
        whole = facts.whole >= 0.95 * facts.filled
    else:
        spare = {line.value for line in gone}
        told = [
            (number, rows)
            for value, rows in facts.counts.items()
            if value not in spare
            if (number := as_number(value)) is not None
        ]
        total = sum(rows for value, rows in facts.counts.items() if value not in spare)
        within = sum(rows for number, rows in told if low <= number <= high) / total if total else 0.0
        whole = all(number == int(number) for number, _ in told)
    if component.type in ("integer", "year") and not whole:
        return None
    if within < 0.5:
        return None
    sure = said * (0.4 + 0.6 * min(1.0, within / 0.9))
    why = _why(column)
    if component.id == "AGE" and (grouped := _grouped(column)):
        sure *= 0.45
        why += f"; but {grouped}"
    elif component.type == "integer" and column.labels and len(_classes(column)) > 2:
        sure *= 0.5
    else:
        why += f"; {within:.0%} of its values are {'years' if component.type == 'year' else 'numbers'} that it can have"
        why += _beyond(facts, gone, low, high)
    made = DraftRule(component.id, "copy", column.name, gone, confidence=min(sure, 0.99), why=why)
    return _with_codes(made, column)


def _years(component: Component, column: Column, said: float, answers: Answers) -> DraftRule | None:
    """Return the recode of a column whose answers are spans of years, each to its first year; None where it is none."""
    lines: list[DraftLine] = []
    told = 0
    for one in column.listed:
        found = years_of(one.label)
        gone = answers.missing(one.label)
        if found is not None:
            told += found[0] != one.value
            notes = {"before": f"{found[0]} stands for all earlier years", "span": "the first year of a range"}
            because = notes.get(found[1], "")
            lines.append(DraftLine(one.value, found[0], one.label, "broader" if because else "exact", because, 0.9))
        elif gone is not None:
            lines.append(DraftLine(one.value, gone.answer, one.label, confidence=gone.confidence, why=gone.because))
        elif one.label and answers.place(one.label) is not None:
            lines.append(DraftLine(one.value, "_Z", one.label, because="born in the country", confidence=0.85))
        else:
            guesses = BLANKS if not one.value else ()
            lines.append(DraftLine(one.value, TODO, one.label, guesses=guesses))
    if told < LEAST_SPANS:
        return None
    why = f"{_why(column)}; {told} of its answers are years, or spans of years"
    return DraftRule(
        component.id, "recode", column.name, tuple(lines), confidence=min(said, 0.99), why=why, pad=column.pad
    )


def _beyond(facts: Facts, gone: tuple[DraftLine, ...], low: float, high: float) -> str:
    """Say which repeated values a component cannot have: they are often kinds of missing that no codebook names."""
    spare = {line.value for line in gone}
    found = [
        value
        for value in facts.shown()
        if value not in spare and (number := as_number(value)) is not None and not low <= number <= high
    ]
    return f"; it cannot have {', '.join(sorted(found))}: rows with them are rejects" if 0 < len(found) <= FEW else ""


def _with_codes(rule: DraftRule, column: Column) -> DraftRule:
    """Return a rule that copies numbers as cases, where a negative one stands for another: -1 for under 1 year."""
    arms = []
    for one in column.labels:
        said, number = span(one.label), as_number(one.value)
        if said is not None and number is not None and number < 0 and said.high == said.low:
            because = f"the code of: {one.label}"
            arms.append(DraftArm(column.name, (one.value,), str(said.low), because=because))
    if not arms:
        return rule
    return replace(rule, kind="cases", lines=(), arms=(*arms, DraftArm("", (), source=column.name, lines=rule.lines)))


def _grouped(column: Column) -> str:
    """Say why a column of ages holds groups, or nothing."""
    classes = _classes(column)
    if len(classes) > 2:
        return "its values stand for groups of ages"
    if not column.labels and column.facts.distinct <= 21 and (column.facts.high or 0) <= 25:
        return f"it has only {column.facts.distinct} values, and may hold groups of ages"
    return ""


def _classes(column: Column) -> list[str]:
    """Return the values that stand for a span of several numbers, or for another number than they are."""
    found = []
    for one in column.labels:
        said = span(one.label)
        number = as_number(one.value)
        if (
            said is not None
            and number is not None
            and (said.low != number or (said.high or said.low + 1) > said.low + 1)
        ):
            found.append(one.value)
    return found


def _date(
    component: Component, column: Column, said: float, values: tuple[str, ...], answers: Answers
) -> DraftRule | None:
    gone = missing_lines(column, answers)
    formats = list(_formats(values))
    if not formats:
        return None
    sure = min(said, 0.99)
    if len(formats) > 1:
        why = f"{_why(column)}; its dates can be read in {len(formats)} ways, and no value tells them apart"
        made = DraftRule(component.id, "date", column.name, gone, confidence=sure, why=why)
        options = tuple(replace(made, format=one) for one in formats)
        return DraftRule(component.id, "open", column.name, confidence=sure, why=why, candidates=options)
    why = f"{_why(column)}; its values are written {formats[0]}"
    return DraftRule(component.id, "date", column.name, gone, format=formats[0], confidence=sure, why=why)


def _formats(values: tuple[str, ...]) -> Iterator[str]:
    for pattern, formats in DATES:
        fitting = [value for value in values if pattern.fullmatch(value)]
        if values and len(fitting) >= 0.9 * len(values):
            if len(formats) == 1:
                yield formats[0]
                return
            parts = [re.split(r"\D", value) for value in fitting]
            first, second = (max(Counter(int(part[at]) for part in parts)) for at in (0, 1))
            if first > 12 or second <= 12:
                yield formats[0]
            if second > 12 or first <= 12:
                yield formats[1]
            return


def _text(component: Component, column: Column, said: float, answers: Answers) -> DraftRule | None:
    facts = column.facts
    why = _why(column)
    if component.role == "identifier":
        if facts.free_text or facts.distinct < 2:
            return None
        return DraftRule(
            component.id, "copy", column.name, missing_lines(column, answers), confidence=min(said, 0.99), why=why
        )
    if facts.distinct > FEW_VALUES * 3 or facts.free_text or (facts.whole < facts.numbers):
        return None
    sure = said
    if component.id == "REGION" and column.labels and _of_countries(column, answers) > 0.5:
        sure *= 0.3
    if component.id == "REGION" and facts.blanks > 0.1 * facts.rows:
        sure *= 0.7  # Everybody is counted somewhere.
    return DraftRule(
        component.id, "copy", column.name, missing_lines(column, answers), confidence=min(sure, 0.99), why=why
    )


def _of_countries(column: Column, answers: Answers) -> float:
    told = [one.label for one in column.labels]
    found = [answers.recognise(AREAS[1], label) for label in told]
    return sum(1 for guesses in found if guesses and guesses[0].confidence >= 0.9) / len(told) if told else 0.0
