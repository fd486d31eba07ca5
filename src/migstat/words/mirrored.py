"""The result of holding two sides of the same flows against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from migstat.words.combined import Reason
from migstat.words.finding import Finding
from migstat.words.how_many import how_many
from migstat.words.table import Table


@dataclass(frozen=True, slots=True)
class Mirrored:
    """Every corridor with both sides, their ratio and what differs; and what reconciles them, where it was asked for.

    ``corridors`` is a frame with ORIGIN, DESTINATION, TIME_PERIOD, SENT (as the origin counts), RECEIVED (as the
    destination counts), DIFFERENCE, RATIO (sent to received), LOG_RATIO and SIDES (both, sender, receiver, none).
    ``factors`` has a row an area: what its figures are multiplied by, where the method reckons any.
    """

    corridors: Any
    reconciled: Table | None
    reasons: tuple[Reason, ...]
    method: str = ""
    source: str = ""
    limits: str = ""
    factors: Any = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {count:,}" for name, count in self.facts.get("sides", {}).items())
        return f"<Mirrored {how_many(self.corridors.height, 'corridor')}: {counts}>"
