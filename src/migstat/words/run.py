"""The result of a harmonization: records, rejects, findings, coverage, and where it all came from."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from migstat.words.confidence import UNVERIFIED, Confidence
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.how_many import how_many
from migstat.words.mapping import Mapping
from migstat.words.structure import Structure
from migstat.words.unverified import claims
from migstat.words.weight import tidy

REJECTS = frozenset({"unmapped", "unfit", "source", "keep", "malformed"})
"""The findings that made rows rejects, which the caller may allow."""


@dataclass(frozen=True, slots=True)
class Step:
    """How many rows, of what weight, one step let through or took out.

    ``name`` is one of read, excluded, rejected, records; ``what`` says it for people. Steps whose ``part`` is true are
    parts of another step (a row may fail two ``keep`` lines) and are not added up.
    """

    name: str
    what: str
    rows: int
    weight: float
    part: bool = False


NOT_SHOWN = "not shown"
"""What stands in the place of values that look like names, identifiers or words of people's own."""


@dataclass(frozen=True, slots=True)
class Covered:
    """One source value (or one combination) as it was met: what it became, by which line, how often.

    ``values`` has one entry a column, empty for a blank. ``code`` is empty where no line took the value. Values that
    look like names, identifiers or words of people's own stand together: ``hidden`` is how many.
    """

    component: str
    columns: tuple[str, ...]
    values: tuple[str, ...]
    code: str
    place: Place | None
    match: str
    rows: int
    weight: float
    confidence: str = ""
    """How sure the line is, in the words of ``Confidence``; empty where the mapping does not say."""
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class NotVerified:
    """What went through lines of one component that are not verified.

    Rows and weight are None of a rule without lines, such as a number that is copied: it fills every row in its reach.
    """

    component: str
    confidence: Confidence
    values: int
    rows: int | None
    weight: float | None


@dataclass(frozen=True, slots=True)
class Unused:
    """A line of the mapping that took no row of this extract."""

    component: str
    values: tuple[str, ...]
    code: str
    place: Place


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every source value met with what became of it, and every line of the mapping that met none."""

    covered: tuple[Covered, ...] = ()
    unused: tuple[Unused, ...] = ()
    unread: tuple[str, ...] = ()
    """Columns of the extract that no rule reads."""

    def __iter__(self) -> Iterator[Covered]:
        return iter(self.covered)

    @property
    def unmapped(self) -> tuple[Covered, ...]:
        """The values that no line took."""
        return tuple(line for line in self.covered if not line.code)

    def rows(self) -> list[dict[str, Any]]:
        """Return the coverage as rows for a frame: ``polars.DataFrame(run.coverage.rows())``."""
        met = [
            {
                "component": line.component,
                "columns": " ".join(line.columns),
                "values": " ".join(line.values),
                "code": line.code,
                "status": "mapped" if line.code else "unmapped",
                "match": line.match,
                "place": str(line.place or ""),
                "rows": line.rows,
                "weight": line.weight,
                "confidence": line.confidence,
            }
            for line in self.covered
        ]
        unmet = [
            {
                "component": line.component,
                "columns": "",
                "values": " ".join(line.values),
                "code": line.code,
                "status": "unused",
                "match": "",
                "place": str(line.place),
                "rows": 0,
                "weight": 0.0,
                "confidence": "",
            }
            for line in self.unused
        ]
        return met + unmet


@dataclass(frozen=True, slots=True)
class Harmonized:
    """What a run gives back. ``records`` and ``rejects`` are frames of the kind that was handed in.

    From a file without ``into`` they are Polars frames; with ``into``, lazy frames over the Parquet files written.
    """

    mapping: Mapping
    structure: Structure
    records: Any
    rejects: Any
    findings: tuple[Finding, ...]
    coverage: Coverage
    steps: tuple[Step, ...]
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The mapping's id, with the wave's where there is one: what the files of the run are called."""
        wave = self.provenance.get("mapping", {}).get("wave")
        return f"{self.mapping.id}.{wave}" if wave else self.mapping.id

    @property
    def ok(self) -> bool:
        """True where no finding is an error."""
        return all(finding.severity != Severity.ERROR for finding in self.findings)

    @property
    def not_verified(self) -> tuple[NotVerified, ...]:
        """What went through lines and rules that are not verified, by component and confidence."""
        return tuple(_not_verified(self))

    def require(self) -> "Harmonized":
        """Return the run itself, or raise MigstatError with every finding that is an error."""
        if not self.ok:
            raise MigstatError(finding for finding in self.findings if finding.severity == Severity.ERROR)
        return self

    def step(self, name: str) -> Step:
        """Return the step of that name."""
        return next(step for step in self.steps if step.name == name and not step.part)

    def __repr__(self) -> str:
        counts = ", ".join(f"{step.name} {step.rows:,}" for step in self.steps if not step.part)
        return (
            f"<Harmonized {self.mapping.id} into {self.structure.id}: "
            f"{counts}; {how_many(len(self.findings), 'finding')}>"
        )


def _not_verified(run: Harmonized) -> Iterator[NotVerified]:
    whole = {(claim.component, claim.confidence) for claim in claims(run.mapping) if claim.rule is not None}
    for target in (*run.mapping.made, *run.mapping.targets):
        for sure in UNVERIFIED:
            met = [one for one in run.coverage if one.component == target.component and one.confidence == sure]
            if met:
                weight = tidy(math.fsum(one.weight for one in met))
                values = sum(one.hidden or 1 for one in met)
                yield NotVerified(target.component, sure, values, sum(one.rows for one in met), weight)
            if (target.component, sure) in whole:
                yield NotVerified(target.component, sure, 0, None, None)
