"""The result of judging residence: crossings with what they mean, those set aside, and how many of each there are."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from migstat.words.finding import Finding, MigstatError, Severity
from migstat.words.how_many import how_many
from migstat.words.residence import ResidenceRule


@dataclass(frozen=True, slots=True)
class Share:
    """How many crossings, of how many persons and what weight, one step let through or took out.

    ``name`` is one of read, judged, rejected, later. A person is counted in the first of judged, rejected and later in
    which they are found, so that persons add up as crossings do.
    """

    name: str
    what: str
    rows: int
    persons: int
    weight: float


@dataclass(frozen=True, slots=True)
class Resided:
    """What ``reside`` gives back. ``crossings`` and ``rejects`` are frames of the kind that was handed in.

    From a file without ``into`` they are Polars frames; with ``into``, lazy frames over the files written. ``until`` is
    the day on which observation ends, or None where a last stay is taken to last.
    """

    rule: ResidenceRule
    until: date | None
    crossings: Any
    rejects: Any
    findings: tuple[Finding, ...]
    steps: tuple[Share, ...]
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True where no finding is an error."""
        return all(finding.severity != Severity.ERROR for finding in self.findings)

    def require(self) -> "Resided":
        """Return the result itself, or raise MigstatError with every finding that is an error."""
        if not self.ok:
            raise MigstatError(finding for finding in self.findings if finding.severity == Severity.ERROR)
        return self

    def step(self, name: str) -> Share:
        """Return the step of that name."""
        return next(step for step in self.steps if step.name == name)

    def __repr__(self) -> str:
        counts = ", ".join(f"{step.name} {step.rows:,}" for step in self.steps)
        until = "open" if self.until is None else f"until {self.until}"
        return f"<Resided {self.rule}, {until}: {counts}; {how_many(len(self.findings), 'finding')}>"
