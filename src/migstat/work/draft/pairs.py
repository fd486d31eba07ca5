"""Pairs: a column that says here or abroad, and one that says which country, asked only of some."""

from dataclasses import replace

import polars as pl

from migstat.words.codebook import ValueLabel
from migstat.words.draft import DraftArm, DraftLine, DraftRule
from migstat.words.mapping_rule import bounds
from migstat.words.plain_words import words
from migstat.words.structure import Component
from migstat.words.undecided import TODO
from migstat.work.draft.answers import Answers
from migstat.work.draft.columns import Column
from migstat.work.draft.lines import in_full

MOST = 60
"""A column with more answers is a list of places, and does not only say where."""
GONE = ("_Z", "_N", "_U")
FILLED = 0.9
"""The detail is asked of an answer where so many of its rows have one."""


def says_where(component: Component, column: Column, answers: Answers) -> dict[str, str]:
    """Return what each value of a column says of a place: DOMESTIC, ABROAD or a kind of missing; none if it is no such.

    It is one where every answer says it, and both at home and abroad occur. An answer may be a division of the country,
    or name a country: then that is what it says. Of citizenship it says national or foreign.
    """
    found: dict[str, str] = {}
    if not 2 <= len(column.labels) <= MOST:
        return {}
    for one in (line for line in in_full(component, column, answers) if line.label.strip()):
        gone = answers.missing(one.label) or answers.unborn(one.label)
        said = _of_whom(component, one.label, answers)
        if gone is not None:
            found[one.value] = gone.answer
        elif component.id != "CITIZENSHIP" and answers.is_part(one.label):
            found[one.value] = "DOMESTIC"
        elif said:
            found[one.value] = said
        elif (named := _country(one.label, answers)) is not None:
            found[one.value] = named
        else:
            return {}
    return found if {"DOMESTIC", "ABROAD"} <= set(found.values()) else {}


def _of_whom(component: Component, label: str, answers: Answers) -> str:
    """Return what a label says, at home or abroad, or nothing."""
    said = answers.citizen(label) if component.id == "CITIZENSHIP" else answers.place(label)
    if said is None:
        return ""
    return "ABROAD" if said[0] in ("ABROAD", "FOREIGN") else "DOMESTIC"


def _country(label: str, answers: Answers) -> str | None:
    """Return the country that a label names plainly, or None."""
    found = answers.recognise("CL_COUNTRY_BIRTH", label)
    return found[0].answer if found and found[0].confidence >= FILLED and found[0].match == "exact" else None


def paired(
    component: Component, rule: DraftRule, detail: Column, where: Column, sample: pl.DataFrame, answers: Answers
) -> DraftRule | None:
    """Return cases over both columns, where the one says of whom the other is asked; None where it does not.

    ``rule`` fills the component from the detail alone, and leaves a blank open.
    """
    said = says_where(component, where, answers)
    if (
        not said
        or where.name == detail.name
        or any(line.value == "" and line.code not in ("_Z", TODO) for line in rule.lines)
    ):
        return None
    spare = {line.value for line in rule.lines if line.value and (line.code == "_Z" or not line.label)}
    spare |= {value.lstrip("0") or "0" for value in spare} if rule.pad else set()
    rows, asked = _asked(sample, where.name, detail.name, spare)
    if not rows or all(share >= FILLED for share in asked.values()):
        return None
    idle = _idle(sample, where.name, detail.name, [value for value, share in asked.items() if share >= FILLED])
    abroad = [value for value, place in said.items() if place == "ABROAD"]
    if not any(asked.get(value, 0.0) >= FILLED for value in abroad):
        return None
    here = answers.country.here
    mixed = [
        one.value
        for one in where.labels
        if said[one.value] == "DOMESTIC" and _names_others(one, answers) and asked.get(one.value, FILLED) >= FILLED
    ]
    home = tuple(value for value, place in said.items() if place == "DOMESTIC" and value not in mixed)
    blank = {"": "_Z"} if "" not in said and asked.get("", 1.0) < FILLED else {}
    arms = [DraftArm(where.name, home, here)] if home else []
    lines = tuple(line for line in rule.lines if line.value != "" and (line.label or line.value not in idle))
    if not mixed:
        if any(asked.get(value, 1.0) < 1.0 for value in abroad):
            lines = (*lines, DraftLine("", "_N", confidence=0.85, why="asked, and blank"))
        lines = tuple(_abroad(line) for line in lines if not (line.code == here and line.match == "broader"))
    arms.append(
        DraftArm(
            where.name,
            tuple(one.value for one in where.labels if one.value in {*mixed, *abroad}),
            source=detail.name,
            pad=rule.pad,
            lines=lines,
        )
    )
    for code in dict.fromkeys(place for place in said.values() if place not in {"DOMESTIC", "ABROAD", *GONE}):
        arms.append(DraftArm(where.name, tuple(value for value, place in said.items() if place == code), code))
    for code in GONE:
        values = tuple(value for value, place in {**said, **blank}.items() if place == code)
        arms += [DraftArm(where.name, values, code)] if values else []
    if where.facts.blanks and "" not in {**said, **blank}:
        arms.append(DraftArm(where.name, ("",), TODO))
    why = f"{rule.why}; {where.name} says of whom it is asked"
    return replace(rule, kind="cases", lines=(), arms=tuple(arms), why=why, pad=None)


def _abroad(line: DraftLine) -> DraftLine:
    """Return a line of those abroad: where the country is not stated, it is still another one."""
    if line.code not in ("_N", "_U"):
        return line
    return replace(line, code="_O", match="broader", because="abroad; the country is not stated")


def _names_others(one: ValueLabel, answers: Answers) -> bool:
    """Say whether a label of home names a territory too, which has a code of its own."""
    said = set(words(one.label))
    return any(set(words(name)) <= said for name in answers.country.territory_names)


def _asked(sample: pl.DataFrame, where: str, detail: str, spare: set[str]) -> tuple[int, dict[str, float]]:
    """Return how many rows there are, and for each value of the one the share that has a value in the other.

    Values that are ``spare`` say nothing, as a blank does: not applicable, or a number that nobody explains.
    """
    found = (
        sample.select(
            pl.col(where).fill_null("").str.strip_chars(),
            ~pl.col(detail).fill_null("").str.strip_chars().is_in(["", *spare]),
        )
        .group_by(where)
        .agg(pl.len().alias("rows"), pl.col(detail).mean().alias("share"))
    )
    return sample.height, {str(value): float(share or 0) for value, _, share in found.iter_rows()}


def _idle(sample: pl.DataFrame, where: str, detail: str, asked: list[str]) -> set[str]:
    """Return the values of the one that stand only where it is not asked, by the values of the other."""
    inside = pl.col(where).fill_null("").str.strip_chars().is_in(asked)
    values = sample.select(pl.col(detail).fill_null("").str.strip_chars(), inside.alias("asked"))
    met = set(values.filter(pl.col("asked"))[detail])
    return set(values[detail]) - met


def where_alone(component: Component, where: Column, sure: float, answers: Answers) -> DraftRule | None:
    """Return the recode of a column that says here or abroad and no country."""
    said = says_where(component, where, answers)
    if not said:
        return None
    lines = []
    for one in where.labels:
        place = said[one.value]
        if place == "DOMESTIC":
            lines.append(
                DraftLine(one.value, answers.country.here, one.label, confidence=0.94, why="says: in the country")
            )
        elif place == "ABROAD":
            note = "abroad; no country is named"
            lines.append(DraftLine(one.value, "_O", one.label, "broader", note, 0.94, "says: abroad"))
        else:
            why = "says: no answer" if place in GONE else "names the country"
            lines.append(DraftLine(one.value, place, one.label, confidence=0.9, why=why))
    why = f'label "{where.label}"; it says here or abroad'
    return DraftRule(component.id, "recode", where.name, tuple(lines), confidence=min(sure, 0.95), why=why)


def spans_values(column: Column) -> bool:
    """Say whether a codebook names values of a column by ranges only."""
    return bool(column.labels) and all(bounds(one.value) is not None for one in column.labels)
