"""The result of an anonymization: records that may go, their risk before and after, and what was lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, MigstatError, Severity
from migstat.words.how_many import how_many
from migstat.words.microdata_policy import AT_LEAST, MicrodataPolicy
from migstat.words.structure import Structure


@dataclass(frozen=True, slots=True)
class KeyRisk:
    """What somebody who knows one key set of a person can find: all measures on it, at one time."""

    records: int
    uniques: int
    below_k: int
    expected: float
    household_expected: float | None
    minimal_uniques: Mapping[int, int] = field(default_factory=dict)
    """How many records have a minimal sample unique of each size (SUDA2)."""
    measures: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """By name of the measure, and the sensitive component where it is of one."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure on one key set, before and after, against the policy's limit."""

    keys: str
    ids: tuple[str, ...]
    measure: str
    component: str
    before: float | None
    after: float
    limit: float | None
    accepted: str = ""
    """Why the policy bears it although it is over the limit."""

    @property
    def over(self) -> bool:
        """True where the limit does not hold, borne or not. A difference of the last digits is none."""
        if self.limit is None:
            return False
        if self.measure in AT_LEAST:
            return self.after < self.limit * (1 - 1e-12)
        return self.after > self.limit * (1 + 1e-12)

    @property
    def verdict(self) -> Literal["", "holds", "borne", "over"]:
        """What the policy says to it; empty where it sets no limit."""
        if self.limit is None:
            return ""
        return "holds" if not self.over else "borne" if self.accepted else "over"


@dataclass(frozen=True, slots=True)
class Changed:
    """What one step did: records and values that it changed."""

    name: str
    what: str
    records: int
    values: int
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """How well one component is kept: distances of distributions, moments of numbers, values taken out."""

    component: str
    categories_before: int | None = None
    categories_after: int | None = None
    total_variation: float | None = None
    hellinger: float | None = None
    mean_before: float | None = None
    mean_after: float | None = None
    sd_before: float | None = None
    sd_after: float | None = None
    suppressed: int = 0
    missing_before: float = 0.0
    missing_after: float = 0.0


@dataclass(frozen=True, slots=True)
class KeptTable:
    """How well the weighted table of two keys is kept."""

    ids: tuple[str, str]
    cells: int
    total_variation: float
    hellinger: float


@dataclass(frozen=True, slots=True)
class Anonymized:
    """What ``anonymize`` gives back. ``records`` may be written only where ``ok``.

    ``transitions`` holds the probabilities that PRAM used: with them its changes can be partly undone, so they belong
    to the office and are written nowhere. ``provenance`` has no key and no seed.
    """

    name: str
    records: Any
    structure: Structure
    policy: MicrodataPolicy
    risk_before: Mapping[str, KeyRisk]
    risk_after: Mapping[str, KeyRisk]
    measures: tuple[Measured, ...]
    steps: tuple[Changed, ...]
    utility: tuple[Kept, ...]
    tables: tuple[KeptTable, ...]
    suppressed_cells: int
    key_cells: int
    findings: tuple[Finding, ...]
    codelists: Mapping[str, Codelist] = field(default_factory=dict, repr=False)
    transitions: Mapping[str, Any] = field(default_factory=dict, repr=False)
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True where every limit of the policy holds, or the policy says why it is borne."""
        return all(finding.severity != Severity.ERROR for finding in self.findings)

    def require(self) -> "Anonymized":
        """Return the result itself, or raise MigstatError with each risk that is over its limit."""
        if not self.ok:
            raise MigstatError(finding for finding in self.findings if finding.severity == Severity.ERROR)
        return self

    def __repr__(self) -> str:
        over = sum(one.verdict == "over" for one in self.measures)
        return (
            f"<Anonymized {self.name} by {self.policy.id}: "
            f"{how_many(len(self.measures), 'measure')}, {over} over the limit>"
        )
