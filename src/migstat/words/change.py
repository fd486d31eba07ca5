"""Changes between two versions of a codelist."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding

Kind = Literal["added", "removed", "renamed", "moved", "validity"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one code. ``language`` is given where a name changed."""

    kind: Kind
    code: str
    before: str = ""
    after: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed from one version to the other, and what it breaks in the mappings that were looked at."""

    old: Codelist
    new: Codelist
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...] = ()
    mappings: Mapping[str, int] = field(default_factory=dict, hash=False)
    """The mappings that were looked at, each with the number of findings in it."""

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)
