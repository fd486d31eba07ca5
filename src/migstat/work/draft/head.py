"""The head of a draft: weight, key, design, date, identifiers and who is kept, each proposed where it is sure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from migstat.words.draft import Guess, Part
from migstat.words.how_many import how_many
from migstat.words.mapping_rule import bounds
from migstat.words.undecided import TODO
from migstat.words.yaml_text import flow
from migstat.work.draft.answers import Answers
from migstat.work.draft.columns import Column
from migstat.work.draft.facts import as_number
from migstat.work.draft.judge import LEAST

ACCEPT = 0.7
MANY = 16
"""A run of so many numbered columns of weights is a set of replicates."""
MOSTLY = 0.95
"""So many rows have a year, quarter or month where a column is one of them."""
METHODS = ("BRR", "JK1", "SDR")
LIKELY = {80: "SDR"}
"""The method that files of so many replicates mostly have: a candidate, never taken unasked."""
WITHIN = ("SAMPLE", "AREA", "DWELLING_NUMBER")
"""What numbers of households and persons are counted within."""
_NUMBERED = re.compile(r"(.*?)0*([1-9]\d*)")
_PERIODS = {"YEAR": "year", "QUARTER": "quarter", "MONTH": "month"}


@dataclass(frozen=True, slots=True)
class Head:
    """What was found of the source, and the columns that it takes."""

    parts: tuple[Part, ...]
    keep: tuple[Part, ...]
    taken: tuple[str, ...]


def head(columns: Sequence[Column], sample: pl.DataFrame, answers: Answers, *, dated: bool) -> Head:
    """Return the parts of the source that the columns tell. ``dated`` says that its date is known already."""
    parts: list[Part] = []
    taken: list[str] = []
    repeated = _replicates(columns)
    single = [column for column in columns if column.name not in {name for names in repeated for name in names}]
    weight = _weight(single, answers)
    identifiers = [column for column in single if _identifies(column, answers)]
    if not dated:
        date, used = _date(single, answers)
        parts.append(date)
        taken += used
    if weight is not None:
        taken.append(weight[0])
    gone = {column.name for column in identifiers}
    key = _key([column for column in single if column.name not in {*gone, *taken}], sample, answers)
    if key is not None:
        sampled = _best(single, "SAMPLE", answers)
        whole = dated or (sampled is not None and sampled.name in key.value)  # A sample is of one period.
        parts.append(key if whole else _with_period(key, parts[0]))
    if weight is not None:
        parts.append(Part("weight", flow(weight[0]), weight[2], weight[1]))
    for subject in ("STRATA", "PSU"):
        best = _best(single, subject, answers)
        if best is not None and best.name not in taken:
            sure = best.said(subject, answers.vocabulary)
            parts.append(Part(subject.lower(), f"[{flow(best.name)}]", _why(best), sure))
            taken.append(best.name)
    if weight is not None and repeated:
        names = max(repeated, key=len)
        parts.append(_method(names))
        taken += names
    if identifiers:
        names = tuple(column.name for column in identifiers)
        why = "they look like names, addresses, numbers of persons, or texts of their own; they never leave"
        parts.append(Part("identifiers", f"[{', '.join(flow(name) for name in names)}]", why, 0.8))
        taken += names
    keep = tuple(_keep(single, answers))
    return Head(tuple(parts), keep, tuple(taken))


def _why(column: Column) -> str:
    return f'label "{column.label}"' if column.label else f"the name {column.name}"


def _best(columns: Iterable[Column], subject: str, answers: Answers) -> Column | None:
    ranked = sorted(columns, key=lambda column: -column.said(subject, answers.vocabulary))
    if not ranked or ranked[0].said(subject, answers.vocabulary) < ACCEPT:
        return None
    return ranked[0]


def _weight(columns: Iterable[Column], answers: Answers) -> tuple[str, float, str] | None:
    """Return the column of weights: numbers, none of them negative."""
    numeric = [
        column
        for column in columns
        if column.facts.numeric and (column.facts.low or 0) >= 0 and column.facts.distinct > 1
    ]
    best = _best(numeric, "WEIGHT", answers)
    return None if best is None else (best.name, best.said("WEIGHT", answers.vocabulary), _why(best))


def _replicates(columns: Iterable[Column]) -> list[tuple[str, ...]]:
    """Return runs of numbered columns of numbers, such as REPWT1 to REPWT80."""
    runs: dict[str, dict[int, str]] = defaultdict(dict)
    for column in columns:
        match = _NUMBERED.fullmatch(column.name)
        if match and column.facts.numeric:
            runs[match[1]][int(match[2])] = column.name
    found = []
    for numbered in runs.values():
        if len(numbered) >= MANY and sorted(numbered) == list(range(1, len(numbered) + 1)):
            found.append(tuple(numbered[at] for at in sorted(numbered)))
    return found


def _method(names: tuple[str, ...]) -> Part:
    first = LIKELY.get(len(names))
    methods = ([first] if first else []) + [one for one in METHODS if one != first]
    guesses = tuple(Guess(one, 0.6 if one == first else 0.3, "see the documentation of the survey") for one in methods)
    value = f"{{columns: {names[0]}..{names[-1]}, method: {TODO}}}"
    return Part("replicates", value, f"{len(names)} numbered columns of weights", 0.9, guesses)


def _identifies(column: Column, answers: Answers) -> bool:
    said = column.said("IDENTIFIER", answers.vocabulary)
    subjects = ("HOUSEHOLD_ID", "PERSON_ID", "HOUSEHOLD_NUMBER")
    other = max(column.said(one, answers.vocabulary) for one in subjects)
    if said >= 0.75 and said > other:
        return not column.labels
    return (
        (column.facts.identifying or column.facts.free_text)
        and other < LEAST
        and not column.labels
        and not _date_like(column)
    )


def _date_like(column: Column) -> bool:
    return column.facts.letters == 0


def _date(columns: Sequence[Column], answers: Answers) -> tuple[Part, tuple[str, ...]]:
    """Return the date of the source: of the columns that say it for each row."""
    found = {}
    for subject, key in _PERIODS.items():
        fitting = [
            column for column in columns if (column.facts.numeric and not column.labels) or column.facts.distinct <= 12
        ]
        fitting = [column for column in fitting if _period(column, subject)]
        best = _best(fitting, subject, answers)
        if best is not None:
            found[key] = best.name
    if "year" not in found:
        guess = Guess("2019", 0.0, "the day, month, quarter or year that the source speaks of")
        return Part("date", TODO, "no column says it", 0.0, (guess,)), ()
    if "quarter" in found:
        found.pop("month", None)
    value = "{" + ", ".join(f"{key}: {flow(name)}" for key, name in found.items()) + "}"
    return Part("date", value, "from columns that say it for each row", 0.85), tuple(found.values())


def _period(column: Column, subject: str) -> bool:
    if not column.facts.numeric or column.facts.blanks or column.facts.counts is None:
        return False
    ends = {"YEAR": (1900, 2150), "QUARTER": (1, 4), "MONTH": (1, 12)}[subject]
    told = ((as_number(value), rows) for value, rows in column.facts.counts.items())
    inside = sum(rows for number, rows in told if number is not None and ends[0] <= number <= ends[1])
    return inside >= MOSTLY * column.facts.rows and column.facts.distinct <= 60


def _key(columns: Sequence[Column], sample: pl.DataFrame, answers: Answers) -> Part | None:
    """Return the fewest columns of households and persons that name each row of the sample once."""
    if sample.height < 2:
        return None
    pool = [column for column in columns if not column.facts.blanks]
    subjects = ("PERSON_ID", "HOUSEHOLD_ID", "HOUSEHOLD_NUMBER", "YEAR", "QUARTER", "MONTH", *WITHIN)
    best = {subject: _best(pool, subject, answers) for subject in subjects}
    # A period of the source may be in the key of a file of several rounds; it is no longer in the pool if it is taken.
    inner = [column for column in pool if column is not best["DWELLING_NUMBER"]]
    person, household = best["PERSON_ID"], _best(inner, "HOUSEHOLD_ID", answers) or best["HOUSEHOLD_ID"]
    above = [column for subject in WITHIN if (column := best[subject]) is not None and column is not household]
    named = [column for column in (*above, household, best["HOUSEHOLD_NUMBER"], person) if column is not None]
    periods = [column for column in (best["YEAR"], best["QUARTER"], best["MONTH"]) if column is not None]
    alone = sorted(pool, key=lambda column: -column.said("PERSON_ID", answers.vocabulary))
    alone = [column for column in alone if column.said("PERSON_ID", answers.vocabulary) >= ACCEPT]
    records = [_best(pool, subject, answers) for subject in ("PERMIT_ID", "VISA_ID")]
    tries: list[list[Column]] = [[column] for column in (*records, *alone, household) if column is not None]
    # Numbers within a dwelling or an area are unique in a few rows, and not in the whole file.
    tries += [[household, person]] if household and person and household is not person and not above else []
    tries += [list(dict.fromkeys(named)), list(dict.fromkeys([*named, *periods]))]
    for columns_ in tries:
        names = list(dict.fromkeys(column.name for column in columns_))
        if names and not sample.select(names).is_duplicated().any():
            sure = min(
                column.said(subject, answers.vocabulary)
                for column, subject in ((column, _subject(column, best)) for column in columns_)
            )
            why = f"no two of {how_many(sample.height, 'row has', 'rows have')} the same"
            return Part("key", f"[{', '.join(flow(name) for name in names)}]", why, sure)
    return None


def _with_period(key: Part, date: Part) -> Part:
    """Return a key with the columns that say the period: the file of another round may be set below this one."""
    periods = [word.partition(": ")[2] for word in date.value.strip("{}").split(", ")] if date.value != TODO else []
    rest = [name for name in periods if name not in key.value]
    return replace(key, value=f"[{', '.join([key.value.strip('[]'), *rest])}]") if rest else key


def _subject(column: Column, best: dict[str, Column | None]) -> str:
    return next((subject for subject, one in best.items() if one is column), "PERSON_ID")


def _keep(columns: Sequence[Column], answers: Answers) -> Iterator[Part]:
    """Yield who belongs: persons where the file has other records too, and usual residents where it has others."""
    for subject, yes, no, because in (
        ("RECORD_TYPE", ("PERSON_RECORD",), (), "records of persons"),
        ("POPULATION_BASE", ("USUAL",), ("NOT_USUAL",), "usual residents"),
    ):
        best = _best(columns, subject, answers)
        if best is None or not best.labels:
            continue
        said = {
            one.value: answers.statement(one.label, (*yes, *no)) for one in best.labels if bounds(one.value) is None
        }
        inside = [value for value, found in said.items() if found is not None and found[0] in yes]
        met = best.facts.counts or {}
        if inside and len(inside) < len(said) and any(value not in inside for value in met):
            listed = ", ".join(flow(value) for value in inside)
            value = f"{{column: {flow(best.name)}, is: [{listed}], because: {because}}}"
            yield Part("keep", value, _why(best), best.said(subject, answers.vocabulary))
