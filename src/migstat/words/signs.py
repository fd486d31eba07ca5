"""Signs of life: which activity in which register makes a person a resident, as a rule that is data."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from migstat.words.finding import Finding, Place
from migstat.words.how_many import how_many


@dataclass(frozen=True, slots=True)
class Register:
    """One register: how much a sign in it weighs, and its columns: a date, or the first and last day of a state.

    ``at_least`` are the dates a window needs for a sign. ``covers_from`` and ``covers_to`` bound what it records.
    """

    id: str
    weight: float
    place: Place
    person: str = "PERSON_ID"
    date: str = ""
    start: str = ""
    end: str = ""
    at_least: int = 1
    covers_from: datetime.date | None = None
    covers_to: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class SignsRule:
    """A rule of residence by signs of life.

    On each day the index of a person is ``memory`` times the last one and ``gain`` times the weights of the registers
    in which there was a sign in the ``window`` (months before the day, the day included), at most ``most`` together.
    A person is a resident from ``threshold`` on.
    """

    id: str
    version: str
    registers: tuple[Register, ...]
    place: Place
    window: int
    threshold: float
    memory: float = 0.0
    gain: float = 1.0
    most: float | None = None
    source: str = ""
    standing: str = ""


@dataclass(frozen=True, slots=True)
class SignsOfLife:
    """Who is a resident on which day: ``persons`` has a row a person and day, ``stock`` one a day."""

    persons: Any
    stock: Any
    rule: SignsRule
    findings: tuple[Finding, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<SignsOfLife by {self.rule.id}: {how_many(self.facts['persons'], 'person')}>"
