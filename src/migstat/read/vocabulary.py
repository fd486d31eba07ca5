"""Vocabularies in: what offices call the columns of their files and the answers in them, from two tables that ship."""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from migstat.read.codelists import data_folder
from migstat.words.plain_words import words
from migstat.words.vocabulary import Phrase, Vocabulary


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary that ships.

    >>> "COUNTRY_BIRTH" in vocabulary().labels
    True
    """
    folder = data_folder("codelists") / "names"
    columns = _phrases(folder / "columns.csv")
    return Vocabulary(
        labels=columns["label"],
        names=columns["name"],
        neutral=_words(columns["word"]["NEUTRAL"]),
        other=_words(columns["word"]["OTHER"]),
        statements=_phrases(folder / "statements.csv")["label"],
    )


def _phrases(path: Path) -> dict[str, dict[str, tuple[Phrase, ...]]]:
    found: dict[str, dict[str, list[Phrase]]] = defaultdict(lambda: defaultdict(list))
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            phrase = Phrase(row["subject"], words(row["phrase"]), row["language"], float(row["strength"]))
            found[row["kind"]][row["subject"]].append(phrase)
    return {kind: {subject: tuple(said) for subject, said in by.items()} for kind, by in found.items()}


def _words(phrases: tuple[Phrase, ...]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in phrase.words if not word.isdecimal())
