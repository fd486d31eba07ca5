"""Country names and codes as they are written in files, and what one text was taken for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from migstat.words.finding import Finding

How = Literal[
    "code",
    "numeric code",
    "name",
    "alias",
    "former name",
    "nationality",
    "part",
    "corroborated",
    "fuzzy",
    "ambiguous",
    "not a country",
    "nothing",
]
"""How a text was taken for an area. The last four never give a code: a likeness is a proposal, and no more."""

Mark = Literal["", "former", "renamed", "part", "with others", "without others", "not yet"]
"""What a person should know of a code before it is used: the text names a former area; a former name of the area that
the code names today; a part of the area, such as England; the area with others, or without some; or an area that was
not yet a State on the day asked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One code that a text may mean; ``score`` is from 0 to 1."""

    code: str
    name: str
    score: float
    how: str = ""


@dataclass(frozen=True, slots=True)
class CountryMatch:
    """What a text was taken for: a code of CL_AREA or CL_AREA_HIST, or None with up to three candidates.

    ``confidence`` is an ordering of kinds of evidence from 0 to 1, not a probability.
    """

    text: str
    code: str | None
    how: How
    confidence: float
    reason: str
    mark: Mark = ""
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class CountryColumn:
    """A column of names, each distinct text once, in the order in which they were met; empty cells are left out."""

    name: str
    matches: tuple[CountryMatch, ...]
    rows: Mapping[str, int]
    findings: tuple[Finding, ...] = ()

    @property
    def unresolved(self) -> tuple[CountryMatch, ...]:
        """The texts that no code was found for."""
        return tuple(one for one in self.matches if one.code is None)
