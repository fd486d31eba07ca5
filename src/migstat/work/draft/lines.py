"""Lines: each value of a column with the code it means, or open with its candidates."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from migstat.words.codebook import ValueLabel
from migstat.words.draft import BLANKS, DraftLine, Guess
from migstat.words.plain_words import plain, words
from migstat.words.structure import Component
from migstat.words.undecided import TODO
from migstat.work.draft.answers import AREAS, SURE, Answers
from migstat.work.draft.columns import Column
from migstat.work.draft.systems import guesses as guesses_of
from migstat.work.draft.systems import system_of

MARGIN = 0.05
"""The best answer is taken only where the next one that differs is so much less sure."""
MOST_GUESSES = 3
FEW = 30
"""So many answers are looked at together: of more, each is a name of its own."""
YES = frozenset(("yes", "si", "oui", "sim", "ja", "да", "نعم", "是"))
NO = frozenset(("no", "non", "nao", "nein", "нет", "لا", "否"))
COUNTRY = frozenset(("country", "pais", "pai", "pays", "pay", "land", "staat", "страна", "国"))
ELSEWHERE = frozenset(
    words(
        "another other different foreign abroad outside elsewhere not otro otra distinto diferente extranjero fuera "
        "autre different etranger etrangere hors outro outra estrangeiro fora exterior anderen anderer anderes andere "
        "ausland ausserhalb fremden nicht другой другом другая другую другои вне за не اخر 他 外 不"
    )
)
"""Words by which yes means another country, or another house: what yes and no say then is left to a person."""
HOUSES = frozenset(("house", "dwelling", "address", "home", "vivienda", "casa", "domicilio", "logement", "wohnung"))
CONVENTIONS = {
    "CL_SEX": {"1": "M", "2": "F", "M": "M", "F": "F", "9": "_N"},
}
"""Codes that mean the same in many files, by ISO/IEC 5218 and habit: candidates, never taken unasked."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How the values of a column fit a component: the share that has a code, of those that are no kind of missing."""

    share: float | None
    lines: tuple[DraftLine, ...]
    subjects: int = 0
    """How many different codes are met, kinds of missing apart."""


def fit(component: Component, column: Column, answers: Answers) -> Fit:
    """Return the lines of a column for a coded component, and how far its answers are of that component."""
    listed = in_full(component, column, answers)
    labels = tuple(one.label for one in listed if one.label)
    beside = labels if len(labels) <= FEW else ()
    lines = tuple(line_of(component, one, answers, beside) for one in listed)
    if component.codelist in AREAS and not column.labels:
        lines = _by_system(component, lines, answers)
    named = [line for line in lines if line.label]
    told = [line for line in named if line.code not in {"_Z", "_N", "_U"}]
    if not told:
        return Fit(None, lines)
    right = [line for line in told if line.code != TODO]
    codes = {line.code for line in right}
    return Fit(len(right) / len(told), lines, len(codes))


def in_full(component: Component, column: Column, answers: Answers) -> tuple[ValueLabel, ...]:
    """Return the values of a column, yes and no in full where its label asks of this country or this house."""
    told = set(words(column.told))
    said: tuple[str, ...] = ()
    if component.codelist == "CL_CITIZENSHIP" and component.id == "CITIZENSHIP" and told & COUNTRY:
        said = ("citizen", "not a citizen")
    elif component.id == "COUNTRY_BIRTH" and told & COUNTRY:
        said = ("born in the country", "born abroad")
    elif component.codelist == "CL_RESID_PRIOR" and told & HOUSES:
        said = ("same house", "")
    first = [(plain(one.label).split() or [""])[0] for one in column.listed]
    if not said or not (set(first) & YES and set(first) & NO):
        return column.listed
    if any(answers.citizen(one.label) for one in column.listed) or told & {"which", *ELSEWHERE}:
        return column.listed
    found = []
    for one, word in zip(column.listed, first, strict=True):
        bare = plain(re.sub(r"\(.*?\)", "", one.label)) in YES | NO
        full = said[0] if word in YES else said[1] if word in NO else ""
        found.append(replace(one, label=f"{full} ({one.label})") if full and bare else one)
    return tuple(found)


def _by_system(component: Component, lines: tuple[DraftLine, ...], answers: Answers) -> tuple[DraftLine, ...]:
    """Return the lines of a column whose values are codes of areas, in a system that has nearly all of them."""
    system = system_of([line.value for line in lines], answers.coded)
    if system is None:
        return lines
    known = answers.codelists(component.codelist)
    found = []
    for line in lines:
        said = [one for one in guesses_of(system, line.value, answers.coded) if one.answer in known]
        if len(said) == 1 and said[0].confidence >= SURE:
            line = replace(
                line,
                code=said[0].answer,
                label=line.label or line.value,
                confidence=said[0].confidence,
                why=said[0].because,
                guesses=(),
                match="exact",
                because="",
            )
        elif said:
            line = replace(line, code=TODO, label=line.label or line.value, guesses=tuple(said))
        found.append(line)
    return tuple(found)


def line_of(component: Component, one: ValueLabel, answers: Answers, beside: tuple[str, ...] = ()) -> DraftLine:
    """Return the line of one value: its code where that is sure, else open with the candidates."""
    others = tuple(label for label in beside if label != one.label)
    guesses = answers.of(component, one.label, others) if one.label else ()
    if not guesses and one.missing:
        guesses = (Guess("_N", 0.85, "the codebook says that it is no answer"),)
    if one.value == "" and not guesses:
        guesses = BLANKS
    elif one.value and not any(sign.isalnum() for sign in one.value):
        guesses = (Guess("_U", 0.6, "a sign that stands for no answer"), Guess("_N", 0.5, "not stated"))
    elif not one.label:
        code = CONVENTIONS.get(component.codelist, {}).get(one.value)
        if code is not None:
            guesses = (Guess(code, 0.7, "so in many files; the codebook does not say it"),)
    first = guesses[0] if guesses else None
    second = guesses[1] if len(guesses) > 1 else None
    clear = first is not None and first.confidence >= SURE
    clear = clear and (second is None or first.confidence - second.confidence >= MARGIN)  # type: ignore[union-attr]
    if first is None or not clear:
        why = "nothing in the codelist is like it" if one.label else "no label says what it means"
        return DraftLine(
            one.value,
            TODO,
            one.label,
            confidence=first.confidence if first else 0.0,
            why=why if not guesses else "not sure enough",
            guesses=guesses[:MOST_GUESSES],
        )
    return DraftLine(one.value, first.answer, one.label, first.match, first.note, first.confidence, first.because)


def missing_lines(column: Column, answers: Answers) -> tuple[DraftLine, ...]:
    """Return the lines of a column that is copied: the values that its codebook says are no answers, and blanks."""
    found = []
    if column.facts.blanks and not any(one.value == "" for one in column.labels):
        found.append(DraftLine("", TODO, confidence=0.6, why="a blank that nobody explains", guesses=BLANKS))
    for one in column.labels:
        gone = answers.missing(one.label)
        if gone is None and one.missing:
            gone = Guess("_N", 0.85, "the codebook says that it is no answer")
        if gone is not None:
            found.append(DraftLine(one.value, gone.answer, one.label, confidence=gone.confidence, why=gone.because))
    return tuple(found)


def without(lines: Iterable[DraftLine], values: Iterable[str]) -> tuple[DraftLine, ...]:
    """Return the lines of other values."""
    gone = set(values)
    return tuple(line for line in lines if line.value not in gone)
