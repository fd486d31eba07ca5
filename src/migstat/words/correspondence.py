"""Correspondences: the codes of others, each with ours, how well the two meet, and how sure that is."""

import datetime
from dataclasses import dataclass
from typing import Literal, get_args

from migstat.words.confidence import Confidence
from migstat.words.finding import Place
from migstat.words.mapping_rule import Line, Match
from migstat.words.missing import TOTAL

Meeting = Literal["exact", "broader", "narrower", "residual", "aggregate", "relative"]
"""How a code of others meets ours. An aggregate must never be summed with its parts; a relative code, such as that of
the reporting country, means something only beside another column."""
MATCHES: tuple[Match, ...] = get_args(Match)


@dataclass(frozen=True, slots=True)
class Pair:
    """One code of others. ``code`` is ours, and empty where there is none that could be summed or stand alone."""

    value: str
    code: str
    match: Meeting
    place: Place
    because: str = ""
    label: str = ""
    confidence: Confidence = "general knowledge, to be confirmed"
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """A list of others' codes into one codelist of ours."""

    id: str
    target: str
    pairs: tuple[Pair, ...]
    version: str = "1.0"
    name: str = ""
    description: str = ""
    source: str = ""
    standing: str = "general knowledge, to be confirmed"
    licence: str = ""

    def __getitem__(self, value: str) -> Pair:
        for pair in self.pairs:
            if pair.value == value:
                return pair
        raise KeyError(value)

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What a mapping takes of it: aggregates, totals and relative codes are left out, and become rejects."""
        found = []
        for pair in self.pairs:
            match = next((known for known in MATCHES if known == pair.match), None)
            if match is not None and pair.code and pair.code != TOTAL:
                start, end = pair.valid_from, pair.valid_to
                said = (match, pair.because, pair.label, start, end, pair.confidence)
                found.append(Line((pair.value,), pair.code, pair.place, *said))
        return tuple(found)

    @property
    def aggregates(self) -> tuple[str, ...]:
        """The codes that must never be summed with the others."""
        return tuple(pair.value for pair in self.pairs if pair.match == "aggregate")
