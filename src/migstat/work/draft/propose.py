"""Propose the rules of a draft: for each component the column that says it best, or an open rule with candidates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from migstat.words.draft import DraftRule
from migstat.words.structure import Component, Structure
from migstat.words.undecided import TODO
from migstat.work.draft.answers import AREAS, DOMESTIC, Answers
from migstat.work.draft.columns import Column
from migstat.work.draft.follow_ups import followed
from migstat.work.draft.judge import judged
from migstat.work.draft.lines import fit, missing_lines
from migstat.work.draft.pairs import paired, says_where, where_alone

ACCEPT = 0.7
"""A column is proposed from this confidence on."""
CLEAR = 0.04
"""The best column is taken only where the next one is so much less sure."""
CANDIDATE = 0.35
"""A column is named as a candidate from this confidence on."""
MOST = 3
PARTS_OF = {
    "BIRTH_DATE": ("BIRTH_YEAR", "BIRTH_MONTH", "BIRTH_DAY"),
    "ARRIVAL_DATE": ("YEAR_ARRIVAL", "ARRIVAL_MONTH", "ARRIVAL_DAY"),
    "CROSSING_DATE": ("CROSSING_YEAR", "CROSSING_MONTH", "CROSSING_DAY"),
}
"""Dates, with the subjects of columns that hold their year, month and day."""
PART_BOUNDS = {"year": (0, 9999), "month": (0, 99), "day": (0, 99)}
OF_CITIZENSHIP = ("NATIONAL_AT_BIRTH", "ACQUISITION")
"""Components that the answers on citizenship may tell too."""
TOGETHER = (
    {"CITIZENSHIP", "NATIONAL_AT_BIRTH", "ACQUISITION"},
    {"RESID_1Y", "COUNTRY_RESID_1Y"},
    {"RESID_5Y", "COUNTRY_RESID_5Y"},
    {"AGE", "AGE_GROUP"},
    {"PURPOSE", "VISA_TYPE"},
    {"YEAR_ARRIVAL", "ARRIVAL_DATE"},
)
"""Components that one column may fill; otherwise a column says one thing."""
GROUPED = "the file has age groups only"


@dataclass(frozen=True, slots=True)
class Proposed:
    """The rules of a draft, and those left out since they were not sure and are not required."""

    rules: tuple[DraftRule, ...]
    left_out: tuple[DraftRule, ...]
    near: Mapping[str, DraftRule]
    """By column the rule by which it would fill a component best, whether or not it does."""


def propose(
    structure: Structure, columns: Sequence[Column], sample: pl.DataFrame, answers: Answers, taken: Iterable[str] = ()
) -> Proposed:
    """Return a rule for each component that the columns tell, and for each that is required.

    ``sample`` are some rows, as text. Columns ``taken`` are of the source itself, such as the weight.
    """
    free = [column for column in columns if column.name not in set(taken)]
    wanted = [one for one in structure.components if not one.filled_by and one.role != "design"]
    ranked = {one.id: _ranked(one, free, sample, answers) or _of_parts(one, columns, answers) for one in wanted}
    chosen = _chosen(ranked)
    rules: list[DraftRule] = []
    left: list[DraftRule] = []
    for component in wanted:
        rule = chosen.get(component.id) or _of_citizenship(component, chosen, free, answers)
        rule = rule or _of_residence(component, chosen, answers)
        if component.derived_from and (component.derived_from in chosen):
            continue
        if rule is not None and not component.required and _too_open(rule):
            left.append(rule)
        elif rule is not None:
            rules.append(followed(rule, component, free, sample, chosen, answers))
        elif component.required:
            rules.append(_open(component, ranked[component.id], chosen, structure))
    near: dict[str, DraftRule] = {}
    for rule in sorted((one for found in ranked.values() for one in found), key=lambda one: -one.confidence):
        if rule.confidence >= CANDIDATE:
            near.setdefault(rule.column, rule)
    return Proposed(tuple(rules), tuple(left), near)


def _ranked(component: Component, columns: Sequence[Column], sample: pl.DataFrame, answers: Answers) -> list[DraftRule]:
    """Return the rules by which columns would fill a component, the surest first."""
    found = []
    for column in columns:
        rule = judged(component, column, _values(sample, column.name), answers)
        if rule is not None:
            found.append(rule)
    found.sort(key=lambda rule: -rule.confidence)
    if component.codelist in AREAS and (component.codelist != "CL_CITIZENSHIP" or component.id == "CITIZENSHIP"):
        found = _places(component, found, columns, sample, answers)
    return found


def _of_parts(component: Component, columns: Sequence[Column], answers: Answers) -> list[DraftRule]:
    """Return the rule of a date of which each part has a column of its own."""
    found: list[tuple[str, Column, float]] = []
    for part, subject in zip(("year", "month", "day"), PARTS_OF.get(component.id, ()), strict=False):
        low, high = PART_BOUNDS[part]
        fitting = [
            one for one in columns if one.facts.numeric and low <= (one.facts.low or 0) <= (one.facts.high or 0) <= high
        ]
        ranked = sorted(fitting, key=lambda one: -one.said(subject, answers.vocabulary))
        if not ranked or ranked[0].said(subject, answers.vocabulary) < ACCEPT:
            break
        found.append((part, ranked[0], ranked[0].said(subject, answers.vocabulary)))
    if len(found) < 2:
        return []
    year, sure = found[0][1], min(one[2] for one in found)
    why = " and ".join(f'label "{one.label}"' if one.label else f"the name {one.name}" for _, one, _ in found)
    parts = tuple((part, one.name) for part, one, _ in found)
    said = "the day is not in the file"
    return [
        DraftRule(
            component.id,
            "date",
            year.name,
            missing_lines(year, answers),
            because=said,
            confidence=min(sure, 0.95),
            why=why,
            parts=parts,
        )
    ]


def _places(
    component: Component, found: list[DraftRule], columns: Sequence[Column], sample: pl.DataFrame, answers: Answers
) -> list[DraftRule]:
    """Join a column of countries with the one that says of whom it is asked."""
    by_name = {column.name: column for column in columns}
    near = _beside(component)
    gates = [column for column in columns if says_where(component, column, answers)]
    gates.sort(key=lambda column: -max(column.said(one, answers.vocabulary) for one in near))
    gates = [one for one in gates if max(one.said(subject, answers.vocabulary) for subject in near) >= CANDIDATE]
    rest = [rule for rule in found if rule.kind == "recode" and by_name[rule.column] not in gates]
    details = [rule for rule in rest if any(line.label for line in rule.lines)]
    unnamed = [rule.column for rule in rest if rule not in details and rule.confidence >= ACCEPT]
    for detail in details[:MOST]:
        if detail.confidence < CANDIDATE:
            break
        for gate in gates:
            made = paired(component, detail, by_name[detail.column], gate, sample, answers)
            if made is not None:
                sure = max(
                    made.confidence, min(0.95, (made.confidence + gate.said(near[0], answers.vocabulary)) / 2 + 0.1)
                )
                made = replace(made, confidence=sure)
                used = {detail.column, gate.name}
                return [made, *(rule for rule in found if rule.column not in used)]
    # Without its country nothing here says more than a column of countries that nobody names.
    alone = component.id == "COUNTRY_BIRTH" and gates and (answers.country.area or not unnamed)
    return _alone(component, found, gates, unnamed, answers) if alone else found


def _alone(
    component: Component, found: list[DraftRule], gates: list[Column], unnamed: list[str], answers: Answers
) -> list[DraftRule]:
    """Add the columns that say here or abroad and no country; they give way to one that says the country of all.

    A column of countries whose values nobody names, in ``unnamed``, gives way to them.
    """
    names = {column.name for column in gates}
    if any(rule.confidence >= ACCEPT and rule.column not in {*names, *unnamed} for rule in found):
        return [rule for rule in found if rule.column not in names]
    alone = [where_alone(component, one, one.said(component.id, answers.vocabulary), answers) for one in gates]
    made = [rule for rule in alone if rule is not None and rule.confidence >= CANDIDATE]
    if made and unnamed:
        more = f"; {', '.join(unnamed)} may say the country, and no codebook names its values"
        made = [replace(rule, why=rule.why + more) for rule in made]
    gone = {rule.column for rule in made} | (set(unnamed) if made else set())
    return sorted([*(rule for rule in found if rule.column not in gone), *made], key=lambda rule: -rule.confidence)


def _beside(component: Component) -> tuple[str, ...]:
    """Return the subjects of a column that says of whom the country is asked."""
    other = component.id.replace("COUNTRY_RESID", "RESID")
    return (component.id,) if other == component.id else (other, component.id)


def _values(sample: pl.DataFrame, name: str) -> tuple[str, ...]:
    text = sample[name].drop_nulls().str.strip_chars()
    return tuple(text.filter(text != "").head(1000).to_list())


def _chosen(ranked: dict[str, list[DraftRule]]) -> dict[str, DraftRule]:
    """Choose for each component its surest column, the surest component first; a column says one thing."""
    order = sorted(ranked, key=lambda id: -(ranked[id][0].confidence if ranked[id] else 0.0))
    chosen: dict[str, DraftRule] = {}
    used: dict[str, str] = {}
    for id in order:
        left = [rule for rule in ranked[id] if all(_may(id, used.get(name)) for name in _main(rule))]
        if not left or left[0].confidence < ACCEPT or left[0].kind == "open":
            continue
        second = next((rule for rule in left[1:] if not set(_main(rule)) & set(_main(left[0]))), None)
        if second is not None and left[0].confidence - second.confidence < CLEAR:
            continue
        chosen[id] = left[0]
        for name in _main(left[0]):
            used.setdefault(name, id)
    return chosen


def _main(rule: DraftRule) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            name for name in (rule.column, *(arm.column for arm in rule.arms), *(one for _, one in rule.parts)) if name
        )
    )


def _may(id: str, other: str | None) -> bool:
    return other is None or any({id, other} <= group for group in TOGETHER)


def _of_citizenship(
    component: Component, chosen: dict[str, DraftRule], columns: Sequence[Column], answers: Answers
) -> DraftRule | None:
    """Return the rule that the answers on citizenship give for how and when it was acquired."""
    source = chosen.get("CITIZENSHIP")
    if component.id not in OF_CITIZENSHIP or source is None or source.kind not in ("recode", "cases"):
        return None
    said = source.arms[0].column if source.arms else source.column
    column = next(column for column in columns if column.name == said)
    found = fit(component, column, answers)
    if found.share != 1 or found.subjects < 2:
        return None
    why = f"{source.why.partition(';')[0]}; its answers tell it too"
    return DraftRule(component.id, "recode", column.name, found.lines, confidence=0.95 * source.confidence, why=why)


def _of_residence(component: Component, chosen: dict[str, DraftRule], answers: Answers) -> DraftRule | None:
    """Return the rule that the answers on where somebody lived give for the country: here, or another one."""
    source = chosen.get(component.id.removeprefix("COUNTRY_"))
    if not component.id.startswith("COUNTRY_RESID_") or source is None or source.kind != "recode":
        return None
    told = [line for line in source.lines if line.label]
    if not {"ABROAD"} < {line.code for line in told} or any(line.code == TODO for line in told):
        return None
    note = "abroad; no country is named"
    lines = tuple(
        replace(line, code="_O", match="broader", because=note)
        if line.code == "ABROAD"
        else replace(line, code=answers.country.here, match="exact", because="")
        if line.code in DOMESTIC
        else line
        for line in source.lines
    )
    why = f"{source.why.partition(';')[0]}; it says here or abroad"
    return DraftRule(
        component.id, "recode", source.column, lines, confidence=0.9 * source.confidence, why=why, pad=source.pad
    )


def _too_open(rule: DraftRule) -> bool:
    """Say whether so much of a rule is open that it is no help for a component that may be left out.

    Where no codebook names a value, the column is sure and only its codes are not: it is proposed.
    """
    lines = rule.all_lines
    told = [line for line in lines if line.code not in {"_Z", "_N", "_U"} and line.label]
    return rule.kind == "recode" and bool(told) and sum(line.code == TODO for line in told) > 0.5 * len(told)


def _open(
    component: Component, ranked: list[DraftRule], chosen: dict[str, DraftRule], structure: Structure
) -> DraftRule:
    """Return the open rule of a required component, with the best candidates."""
    for other in structure.components:
        if other.derived_from == component.id and other.id in chosen:
            why = f"{chosen[other.id].column} fills {other.id}"
            return DraftRule(component.id, "not_collected", because=GROUPED, confidence=0.8, why=why)
    near = [rule for rule in ranked if rule.confidence >= CANDIDATE and (rule.kind != "open" or rule.candidates)]
    if not near:
        return DraftRule(component.id, "not_collected", because=TODO, why="no column looks like it")
    if near[0].kind == "open":
        return near[0]
    why = "two columns are as likely" if len(near) > 1 and near[0].confidence >= ACCEPT else "no column is sure enough"
    listed = tuple(rule for rule in near if rule.kind != "open")[:MOST]
    return DraftRule(component.id, "open", confidence=near[0].confidence, why=why, candidates=listed)


Progress = Callable[[int, float], None] | None
