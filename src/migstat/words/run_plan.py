"""Run plans: what is to become of extracts, from harmonizing them to tables that may be published; and what did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migstat.words.finding import Finding, Place, Severity
from migstat.words.policy import Policy
from migstat.words.table_set import TableSet

STEPS = ("harmonize", "validate", "tabulate", "protect")
"""The steps of a run, in order; the last one writes what may be published, protected where the plan has a policy."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Extracts of one layout: a pattern of their names, and the mapping and wave by which they are read.

    ``companions`` are the other files of the source, by name; those that are not named lie beside each extract.
    """

    files: str
    mapping: Path
    wave: str | None
    place: Place
    companions: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a plan file says.

    ``rejects_borne`` is how many per cent of the rows read may be rejected, and ``failures_borne`` whether rules of
    severity error may fail, before an extract is stopped. With ``only``, rules are those named alone; ``references``
    are other files that they look into, by name.
    ``files`` has the fingerprint of every file that was read.
    """

    id: str
    version: str
    names: Mapping[str, str]
    folder: Path
    extracts: tuple[Wanted, ...]
    rules: tuple[Path, ...]
    only: bool
    references: Mapping[str, Path]
    rejects_borne: float
    failures_borne: bool
    tables: tuple[TableSet, ...]
    policy: Policy | None
    formats: tuple[str, ...]
    files: Mapping[str, str]
    place: Place


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one step for one extract.

    ``standing`` is made, kept (nothing that it is made of has changed), stopped (made, and nothing may follow), failed,
    or open (not reached). ``facts`` are counts; ``outputs`` the files, each with its SHA-256.
    """

    step: str
    standing: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExtractRun:
    """What became of one extract: its folder among the outputs, its file, and each step."""

    name: str
    source: str
    steps: tuple[Ran, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all steps, in order."""
        return tuple(finding for step in self.steps for finding in step.findings)

    @property
    def whole(self) -> bool:
        """True where every step was made, or kept."""
        return all(step.standing in ("made", "kept") for step in self.steps)

    @property
    def ok(self) -> bool:
        """True where every step was made and no finding is an error."""
        return self.whole and all(finding.severity != Severity.ERROR for finding in self.findings)

    def __getitem__(self, step: str) -> Ran:
        return next(one for one in self.steps if one.step == step)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What became of a plan: each extract, in the order of their names, and what is wrong with none in particular."""

    plan: RunPlan
    into: Path
    extracts: tuple[ExtractRun, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """True where every extract went through and nothing is an error."""
        errors = [one for one in self.findings if one.severity == Severity.ERROR]
        return not errors and all(one.ok for one in self.extracts)

    def __getitem__(self, name: str) -> ExtractRun:
        return next(one for one in self.extracts if one.name == name)

    def __repr__(self) -> str:
        good = sum(one.ok for one in self.extracts)
        return f"<RunOutcome {self.plan.id}: {len(self.extracts)} extracts, {good} without findings>"
