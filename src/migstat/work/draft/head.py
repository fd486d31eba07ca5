"""The head of a draft: weight, key, design, date, identifiers and who is kept, each proposed where it is sure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from migstat.words.draft import Guess, Part
from migstat.words.how_many import how_many
from migstat.words.mapping_rule import bounds
from migstat.words.undecided import NONE, TODO
from migstat.words.yaml_text import flow
from migstat.work.draft.answers import Answers
from migstat.work.draft.columns import Column
from migstat.work.draft.facts import as_number
from migstat.work.draft.judge import LEAST
from migstat.work.draft.weights import ACCEPT, best_column, said_by, weight_of

NEAR = 0.05
"""A key of which no more rows stand twice is left open; of more it is none."""
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


def head(
    columns: Sequence[Column], sample: pl.DataFrame, answers: Answers, *, dated: bool, weighted: bool = True
) -> Head:
    """Return the parts of the source that the columns tell. ``dated`` says that its date is known already.

    A source that may be ``weighted`` is asked for its weight where a column only looks like one.
    """
    parts: list[Part] = []
    taken: list[str] = []
    repeated = _replicates(columns)
    single = [column for column in columns if column.name not in {name for names in repeated for name in names}]
    weight = weight_of(single, answers)
    if weight is not None and weight.value == TODO and not weighted:
        weight = None
    identifiers = [column for column in single if _identifies(column, answers)]
    if not dated:
        date, used = _date(single, answers)
        parts.append(date)
        taken += used
    if weight is not None:
        taken += weight.columns
    gone = {column.name for column in identifiers}
    key = _key([column for column in single if column.name not in {*gone, *taken}], sample, answers)
    if key is not None:
        sampled = best_column(single, "SAMPLE", answers)
        whole = dated or (sampled is not None and sampled.name in key.value)  # A sample is of one period.
        parts.append(key if whole else _with_period(key, parts[0]))
    if weight is not None:
        parts.append(weight)
    for subject in ("STRATA", "PSU"):
        best = best_column(single, subject, answers)
        if best is not None and best.name not in taken:
            sure = best.said(subject, answers.vocabulary)
            parts.append(Part(subject.lower(), f"[{flow(best.name)}]", said_by(best), sure, columns=(best.name,)))
            taken.append(best.name)
    if weight is not None and weight.value != TODO and repeated:
        names = max(repeated, key=len)
        parts.append(_method(names))
        taken += names
    if identifiers:
        names = tuple(column.name for column in identifiers)
        why = "they look like names, addresses, numbers of persons, or texts of their own; they never leave"
        parts.append(Part("identifiers", _listed(names), why, 0.8, columns=names))
        taken += names
    keep = tuple(_keep(single, answers))
    return Head(tuple(parts), keep, tuple(taken))


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
    return Part("replicates", value, f"{len(names)} numbered columns of weights", 0.9, guesses, names)


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
        best = best_column(fitting, subject, answers)
        if best is not None:
            found[key] = best.name
    if "year" not in found:
        guess = Guess("2019", 0.0, "the day, month, quarter or year that the source speaks of")
        return Part("date", TODO, "no column says it", 0.0, (guess,)), ()
    if "quarter" in found:
        found.pop("month", None)
    value = "{" + ", ".join(f"{key}: {flow(name)}" for key, name in found.items()) + "}"
    used = tuple(found.values())
    return Part("date", value, "from columns that say it for each row", 0.85, columns=used), used


def _period(column: Column, subject: str) -> bool:
    if not column.facts.numeric or column.facts.blanks or column.facts.counts is None:
        return False
    ends = {"YEAR": (1900, 2150), "QUARTER": (1, 4), "MONTH": (1, 12)}[subject]
    told = ((as_number(value), rows) for value, rows in column.facts.counts.items())
    inside = sum(rows for number, rows in told if number is not None and ends[0] <= number <= ends[1])
    return inside >= MOSTLY * column.facts.rows and column.facts.distinct <= 60


def _key(columns: Sequence[Column], sample: pl.DataFrame, answers: Answers) -> Part | None:
    """Return the fewest columns of households and persons that name each row of the sample once.

    Where some rows stand twice by every one of them, the nearest stays open; where many do, that is only said.
    """
    if sample.height < 2:
        return None
    tried: list[list[str]] = []
    for names, sure in _tries(columns, answers):
        if not _twice(sample, names):
            why = f"no two of {how_many(sample.height, 'row has', 'rows have')} the same"
            return Part("key", _listed(names), why, sure, columns=tuple(names))
        tried.append(names)
    return _near_key(tried, sample) if tried else None


def _twice(rows: pl.DataFrame, names: list[str]) -> int:
    return int(rows.select(names).is_duplicated().sum())


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(flow(name) for name in names)}]"


def _near_key(tried: Sequence[list[str]], sample: pl.DataFrame) -> Part:
    """Say which columns would name each row, were it not for rows that stand twice; those alike do not tell which."""
    once = sample.unique()
    left, names = min(((_twice(once, names), names) for names in tried), key=lambda one: one[0])
    twice, whole = _twice(sample, names), _twice(sample, sample.columns)
    said = f"{twice:,} of {how_many(sample.height, 'row has', 'rows have')} the same {' and '.join(names)} as another"
    said += f", {whole:,} of them the same in every column" if whole else ", and differ in other columns"
    dropped = "duplicates: drop exact leaves out those alike in every column"
    if twice > NEAR * sample.height:
        return Part("key", "", f"no key: {said}" + ("" if left else f"; with {_listed(names)}, {dropped}"), 0.0)
    right = "those that stand twice are errors until they are put right"
    guesses = (
        Guess(_listed(names), 0.6, f"{right}; {dropped}" if whole else right),
        Guess(NONE, 0.4, "rows are named by their number"),
    )
    return Part("key", TODO, said, 0.0, guesses, tuple(names))


def _tries(columns: Sequence[Column], answers: Answers) -> Iterator[tuple[list[str], float]]:
    """Yield the columns that may be the key, the fewest first, with how sure it is that they are meant so."""
    pool = [column for column in columns if not column.facts.blanks]
    subjects = ("PERSON_ID", "HOUSEHOLD_ID", "HOUSEHOLD_NUMBER", "YEAR", "QUARTER", "MONTH", *WITHIN)
    best = {subject: best_column(pool, subject, answers) for subject in subjects}
    # A period of the source may be in the key of a file of several rounds; it is no longer in the pool if it is taken.
    inner = [column for column in pool if column is not best["DWELLING_NUMBER"]]
    person, household = best["PERSON_ID"], best_column(inner, "HOUSEHOLD_ID", answers) or best["HOUSEHOLD_ID"]
    if person is household:  # A name such as menage may say either: another column that says the person is better.
        person = best_column([one for one in pool if one is not household], "PERSON_ID", answers) or person
    above = [column for subject in WITHIN if (column := best[subject]) is not None and column is not household]
    named = [column for column in (*above, household, best["HOUSEHOLD_NUMBER"], person) if column is not None]
    periods = [column for column in (best["YEAR"], best["QUARTER"], best["MONTH"]) if column is not None]
    alone = sorted(pool, key=lambda column: -column.said("PERSON_ID", answers.vocabulary))
    alone = [column for column in alone if column.said("PERSON_ID", answers.vocabulary) >= ACCEPT]
    records = [best_column(pool, subject, answers) for subject in ("PERMIT_ID", "VISA_ID")]
    tries: list[list[Column]] = [[column] for column in (*records, *alone, household) if column is not None]
    # Numbers within a dwelling or an area are unique in a few rows, and not in the whole file.
    tries += [[household, person]] if household and person and household is not person and not above else []
    tries += [list(dict.fromkeys(named)), list(dict.fromkeys([*named, *periods]))]
    for columns_ in tries:
        names = list(dict.fromkeys(column.name for column in columns_))
        if names:
            told = ((column, _subject(column, best)) for column in columns_)
            yield names, min(column.said(subject, answers.vocabulary) for column, subject in told)


def _with_period(key: Part, date: Part) -> Part:
    """Return a key with the columns that say the period: the file of another round may be set below this one."""
    periods = [word.partition(": ")[2] for word in date.value.strip("{}").split(", ")] if date.value != TODO else []
    rest = [name for name in periods if name not in key.value]
    if not rest or not key.value or key.value == TODO:
        return key
    return replace(key, value=f"[{', '.join([key.value.strip('[]'), *rest])}]", columns=(*key.columns, *rest))


def _subject(column: Column, best: dict[str, Column | None]) -> str:
    return next((subject for subject, one in best.items() if one is column), "PERSON_ID")


def _keep(columns: Sequence[Column], answers: Answers) -> Iterator[Part]:
    """Yield who belongs: persons where the file has other records too, and usual residents where it has others."""
    for subject, yes, no, because in (
        ("RECORD_TYPE", ("PERSON_RECORD",), (), "records of persons"),
        ("POPULATION_BASE", ("USUAL",), ("NOT_USUAL",), "usual residents"),
    ):
        best = best_column(columns, subject, answers)
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
            yield Part("keep", value, said_by(best), best.said(subject, answers.vocabulary), columns=(best.name,))
