"""Constraints: which codes, series and periods of a structure or dataflow may be reported, or are there."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migstat.words.reference import Reference

Cascade = Literal["no", "with descendants", "descendants only"]


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time periods, as data write them; None is open, and an end counts unless it is said not to."""

    start: str | None = None
    end: str | None = None
    start_included: bool = True
    end_included: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """One value; with its descendants in the codelist where it cascades. ``valid_to`` is the first day without it.

    A ``%`` in the value stands for any letters (SDMX 3.0).
    """

    value: str
    cascade: Cascade = "no"
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Values of one component; all others where ``include`` is False. It has members, or a period, or neither.

    Without either it stands for every value: that the component is reported at all.
    """

    component: str
    members: tuple[Member, ...] = ()
    include: bool = True
    period: Period | None = None
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """The values as written, cascades not followed."""
        return tuple(member.value for member in self.members)


@dataclass(frozen=True, slots=True)
class Region:
    """A cube region: rows inside are those that every selection holds for. Components it does not name are free."""

    selections: tuple[Selection, ...]
    include: bool = True


@dataclass(frozen=True, slots=True)
class Key:
    """One series, or many where it does not name all dimensions; with the days on which it is among the keys."""

    selections: tuple[Selection, ...]
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class KeySet:
    """Series that are the only ones allowed (``include``), or that must not occur."""

    keys: tuple[Key, ...]
    include: bool = True


@dataclass(frozen=True, slots=True)
class Constraint:
    """A content constraint: what may be reported (``allowed``), or what is there (``actual``).

    It holds for what ``attached`` names: structures, dataflows, agreements. ``valid_to`` is the first day without it.
    """

    id: str
    agency: str
    version: str
    names: Mapping[str, str] = field(hash=False)
    role: Literal["allowed", "actual"] = "allowed"
    attached: tuple[Reference, ...] = ()
    regions: tuple[Region, ...] = ()
    key_sets: tuple[KeySet, ...] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict, hash=False)
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
