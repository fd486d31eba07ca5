"""The result of linking: records with a person each, and what was counted on the way."""

from dataclasses import dataclass, field
from typing import Any

from migstat.words.finding import Finding
from migstat.words.how_many import how_many


@dataclass(frozen=True, slots=True)
class Linked:
    """Records with their person. ``records`` is a frame of the kind that was handed in; from a file, a Polars frame,
    or, with ``into``, a lazy frame over the file written. ``facts`` counts; no value of a record is in it."""

    records: Any
    facts: dict[str, Any]
    findings: tuple[Finding, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Linked: {how_many(self.facts['rows'], 'row')}, {how_many(self.facts['persons'], 'person')}>"
