"""Columns: how far each says a subject by its name, its label and its values; the best are candidates."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from migstat.words.codebook import ValueLabel, Variable
from migstat.words.mapping_rule import bounds
from migstat.words.plain_words import name_words, plain, words
from migstat.words.vocabulary import Phrase, Vocabulary
from migstat.work.draft.facts import Facts
from migstat.work.draft.likeness import OTHER, best, likeness

NAME = 0.92
"""How far a name alone can say a subject: it is shorter than a label, and more easily means another."""
HINTED = 0.9
"""How far a label says a subject that is whole only with the hints."""
AGO = (
    "{} years ago",
    "hace {} anos",
    "ha {} anos",
    "il y a {} ans",
    "vor {} jahren",
    "{} лет назад",
    "قبل {} سنوات",
    "{} 年前",
)
"""How a label says how long ago, where it may say the year: in 2015, in a census of 2020."""
HINT = 0.6
"""How far a question, or what is said of those not asked, can say it."""
_PART = re.compile(r"\s*:\s+|\s+[-–—]\s+")


@dataclass(eq=False)
class Column:
    """One column of the extract with what its codebook says of it."""

    name: str
    facts: Facts
    variable: Variable | None = None
    home: re.Pattern[str] | None = None
    """The names of the country of the source: in a label they say no more than 'country'."""
    year: int | None = None
    """The year that the source speaks of, where it is known."""
    scores: dict[str, float] = field(default_factory=dict)

    @cached_property
    def told(self) -> str:
        """The label with 'country' in place of the name of the country of the source."""
        return self.home.sub(" country ", plain(self.label)) if self.home is not None else self.label

    @cached_property
    def label(self) -> str:
        """What the codebook calls the column; empty where it does not."""
        return self.variable.label if self.variable is not None else ""

    @cached_property
    def labels(self) -> tuple[ValueLabel, ...]:
        """The values that the codebook names."""
        values = self.variable.values if self.variable is not None else ()
        return tuple(one for one in values if one.label.strip())

    @cached_property
    def known(self) -> frozenset[str]:
        """The single values that the codebook names."""
        return frozenset(one.value for one in self.labels if bounds(one.value) is None)

    @cached_property
    def pad(self) -> int | None:
        """The width to which numbers are filled with zeros, where the codebook fills them and the file does not."""
        widths = {len(value) for value in self.known if value.isdecimal()}
        if len(widths) != 1 or self.facts.counts is None:
            return None
        width = widths.pop()
        short = [value for value in self.facts.counts if value.isdecimal() and value not in self.known]
        filled = any(value.startswith("0") for value in self.known)
        return width if width > 1 and filled and any(value.zfill(width) in self.known for value in short) else None

    @cached_property
    def listed(self) -> tuple[ValueLabel, ...]:
        """The values to decide on: those of the codebook, then those of the file that may be shown."""
        listed = {one.value: one for one in self.labels}
        spans = [ends for one in self.labels if (ends := bounds(one.value)) is not None]
        for value in sorted(self.facts.shown(self.known), key=_natural):
            if not value.isprintable():
                continue
            said = value.zfill(self.pad) if self.pad and value.isdecimal() else value
            within = said.isdecimal() and any(low <= float(said) <= high for low, high in spans)
            if said not in listed and not within:
                # A value with letters may say what it means; a number says nothing.
                listed[said] = ValueLabel(said, said if any(sign.isalpha() for sign in said) else "")
        if self.facts.blanks and "" not in listed:
            listed[""] = ValueLabel("", "")
        return tuple(listed.values())

    @cached_property
    def coded(self) -> bool:
        """True where values are signs that stand for something, rather than words that say it."""
        if self.labels:
            return True
        counts = self.facts.counts or {}
        wordy = sum(
            rows for value, rows in counts.items() if any(len(word) > 3 and word.isalpha() for word in value.split())
        )
        han = any("\u3400" <= sign <= "\u9fff" for value in counts for sign in value)
        return wordy < 0.5 * self.facts.filled and not han

    @cached_property
    def hints(self) -> str:
        """The question, and the labels of those who are not asked: they often say what the label leaves out."""
        if self.variable is None:
            return ""
        gone = [
            one.label for one in self.labels if plain(one.label).startswith(("n a", "not in universe", "no aplica"))
        ]
        return " ".join((self.variable.question, self.variable.universe, *gone))

    def _labelled(self, subject: str, vocabulary: Vocabulary) -> float:
        """Return how far the label says a subject, the hints saying what it leaves out, such as how long ago."""
        phrases = vocabulary.labels.get(subject, ())
        score = max(best(said, phrases, vocabulary) for said in self._readings(vocabulary))
        if self.home is not None:
            score = max(score, best(self.told, phrases, vocabulary, ("country",)))
        if "RESID" in subject:
            score = max((score, *(best(said, phrases, vocabulary, ("country",)) for said in self.dated)))
        hinted = set(words(self.hints))
        if not hinted or score >= HINTED:
            return score
        own = words(self.label)
        for phrase in phrases:
            rest = [word for word in phrase.words if word not in own]
            if rest and set(rest) <= hinted and len(rest) <= len(phrase.words) / 2:
                score = max(score, HINTED * likeness((*own, *rest), phrase, vocabulary))
        return score

    def _readings(self, vocabulary: Vocabulary) -> tuple[str, ...]:
        """Return the label, what stands before its colon, and what stands after it where that is no other's."""
        head, _, tail = (part.strip() for part in _PART.sub(" : ", self.label).partition(" : "))
        # Of "Mother: country of birth" what follows is the mother's.
        tail = "" if set(words(head)) & vocabulary.other else tail
        return tuple(dict.fromkeys(said for said in (self.label, head, tail) if said))

    @cached_property
    def dated(self) -> tuple[str, ...]:
        """The label with how long ago in place of the year one or five years before that of the source."""
        text = plain(self.told)
        found = {years for years in (1, 5) if self.year is not None and re.search(rf"\b{self.year - years}\b", text)}
        if len(found) != 1 or self.year is None:
            return ()
        years = found.pop()
        bare = re.sub(r"\b\d{1,2}\b", " ", text)
        return tuple(re.sub(rf"\b{self.year - years}\b", f" {ago.format(years)} ", bare) for ago in AGO)

    def said(self, subject: str, vocabulary: Vocabulary) -> float:
        """Return how far name, label and question say a subject, from 0 to 1."""
        if subject not in self.scores:
            label = self._labelled(subject, vocabulary) if self.label else 0.0
            name = NAME * name_says(self.name, subject, vocabulary)
            question = self.variable.question if self.variable is not None else ""
            asked = (
                0.9 * best(question, vocabulary.labels.get(subject, ()), vocabulary) if question and not label else 0.0
            )
            if self.label and not label and words(self.label):
                # A label that says another subject speaks louder than a name that could be this one.
                name *= HINT if label_says_more(self.label, vocabulary) else 1.0
            strong, weak = max(label, name, asked), min(label, name)
            self.scores[subject] = 1 - (1 - strong) * (1 - 0.3 * weak)
        return self.scores[subject]


def label_says_more(label: str, vocabulary: Vocabulary) -> bool:
    """Say whether a label holds a word that makes another subject of it, or says any subject of the vocabulary."""
    if set(words(label)) & vocabulary.other:
        return True
    return any(best(label, phrases, vocabulary) >= 0.7 for phrases in vocabulary.labels.values())


def name_says(name: str, subject: str, vocabulary: Vocabulary) -> float:
    """Return how far the name of a column says a subject; short words beside it count little, being of the file."""
    said = name_words(name)
    solid = plain(name).replace(" ", "")
    phrases: Iterable[Phrase] = (*vocabulary.names.get(subject, ()), *vocabulary.labels.get(subject, ()))
    score = 0.0
    for phrase in phrases:
        core = [word for word in phrase.words if word not in vocabulary.neutral] or list(phrase.words)
        if "".join(phrase.words) == solid or "".join(core) == solid:
            score = max(score, phrase.strength)
        elif phrase.words and set(core) <= set(said):
            rest = sum(_weight(word, vocabulary) for word in said if word not in phrase.words)
            score = max(score, phrase.strength * len(core) / (len(core) + 0.5 * rest))
    return score


def _weight(word: str, vocabulary: Vocabulary) -> float:
    if word in vocabulary.neutral or word.isdecimal():
        return 0.15
    if word in vocabulary.other:
        return OTHER
    return 0.4 if len(word) <= 4 else 1.0


def _natural(value: str) -> tuple[bool, float, str]:
    ends = bounds(f"{value}..{value}")
    return (ends is None, ends[0] if ends else 0.0, value)
