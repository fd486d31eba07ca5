"""Weights: the column of them by its name, label and values; open where a column only looks like one."""

from collections.abc import Iterable, Sequence

from migstat.words.draft import Guess, Part
from migstat.words.undecided import NONE, TODO
from migstat.words.yaml_text import flow
from migstat.work.draft.answers import Answers
from migstat.work.draft.columns import Column

ACCEPT = 0.7
MAYBE = 0.3
"""From this likeness on, a column with the values of a weight may be one."""
MANY = 20
"""So many different numbers a column of weights has that is told by its values."""
LARGE = 20
"""Weights without decimals are mostly larger than this: they say how many persons one stands for."""
OTHERS = ("INCOME", "HOURS_WORKED", "AGE", "YEAR", "HOUSEHOLD_ID", "PERSON_ID", "HOUSEHOLD_NUMBER", "IDENTIFIER")
"""What else a column of numbers may be."""
MOST = 3


def said_by(column: Column) -> str:
    """Return what tells what a column is: its label, or its name where it has none."""
    return f'label "{column.label}"' if column.label else f"the name {column.name}"


def best_column(columns: Iterable[Column], subject: str, answers: Answers) -> Column | None:
    """Return the column that says a subject best, or None where none says it well."""
    ranked = sorted(columns, key=lambda column: -column.said(subject, answers.vocabulary))
    if not ranked or ranked[0].said(subject, answers.vocabulary) < ACCEPT:
        return None
    return ranked[0]


def weight_of(columns: Sequence[Column], answers: Answers) -> Part | None:
    """Return the weight: a column that is called so and holds numbers; open where one only looks like it."""
    numeric = [one for one in columns if one.facts.numeric and (one.facts.low or 0) >= 0 and one.facts.distinct > 1]
    best = best_column(numeric, "WEIGHT", answers)
    if best is not None:
        sure = best.said("WEIGHT", answers.vocabulary)
        return Part("weight", flow(best.name), said_by(best), sure, columns=(best.name,))
    likely = [(one, sure) for one in numeric if (sure := _looks(one, answers))]
    likely.sort(key=lambda one: -one[1])
    named = best_column(columns, "WEIGHT", answers)
    if named is not None and named not in numeric:
        likely.insert(0, (named, MAYBE))
    if not likely:
        return None
    guesses = [Guess(one.name, sure, f"{said_by(one)}; {_values(one)}") for one, sure in likely[:MOST]]
    guesses.append(Guess(NONE, 0.2, "each row counts one"))
    many = "columns look" if len(likely) > 1 else "column looks"
    return Part("weight", TODO, f"{len(likely)} {many} like a weight, and none is sure enough", 0.0, tuple(guesses))


def _looks(column: Column, answers: Answers) -> float:
    """Return how far a column looks like a weight: positive decimals, or large numbers and a name that may say it."""
    facts = column.facts
    if column.labels or facts.blanks or facts.distinct < MANY or not facts.low or facts.numbers < facts.filled:
        return 0.0
    if max(column.said(one, answers.vocabulary) for one in OTHERS) >= 0.5:
        return 0.0
    said = column.said("WEIGHT", answers.vocabulary)
    if said >= MAYBE and (facts.whole < 0.5 * facts.filled or (facts.high or 0) >= LARGE):
        return 0.6
    return 0.4 if facts.whole < 0.5 * facts.filled and not column.label else 0.0


def _values(column: Column) -> str:
    if not column.facts.numeric:
        return "but not all of its values are numbers"
    if (column.facts.low or 0) < 0 or column.facts.distinct < 2:
        return "but it has negative numbers, or a single one"
    return "positive decimals" if column.facts.whole < 0.5 * column.facts.filled else "many large numbers"
