"""Differences between two mappings, two codebooks, or the values of two extracts; and what they break."""

from dataclasses import dataclass
from typing import Literal

from migstat.words.finding import Finding, Severity

Of = Literal["mappings", "codebooks", "extracts"]
Kind = Literal[
    "removed",
    "added",
    "renamed",
    "label",
    "meaning",
    "code",
    "missing",
    "column",
    "rule",
    "source",
    "keep",
    "structure",
    "universe",
    "type",
]
"""``removed`` and ``added`` are of a variable or component where ``value`` is None, else of one of its values.
``label`` is another wording of the same, ``meaning`` another thing under the same code; ``code`` is another code for
the same value; ``missing`` a value that is no answer in one of the two, or another kind of missing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One change of one component or variable, or of one value of it."""

    kind: Kind
    subject: str
    value: str | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """What changed from the one to the other, and what that breaks; ``looked_at`` are the mappings looked through."""

    of: Of
    old: str
    new: str
    changes: tuple[Difference, ...]
    findings: tuple[Finding, ...] = ()
    looked_at: tuple[str, ...] = ()

    @property
    def breaks(self) -> bool:
        """True where something that worked with the old does not work, or does not compare, with the new."""
        return any(finding.severity == Severity.ERROR for finding in self.findings)
