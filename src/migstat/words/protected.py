"""What protection gives: tables that may be published, why each cell is as it is, and what was lost."""

from dataclasses import dataclass, field
from typing import Any

from migstat.words.how_many import how_many
from migstat.words.policy import Policy
from migstat.words.table import Table


@dataclass(frozen=True, slots=True)
class Audit:
    """What an attacker can work out of published tables, by their totals alone.

    ``disclosed`` and ``weak`` are Polars frames with a row a cell: its dimensions, ``low`` and ``high``; ``disclosed``
    has ``known_to`` too: everybody, or the only contributor of another cell. ``intervals`` has every suppressed cell
    whose range was worked out. ``complete`` is False where the time was up before all ranges were.
    """

    cells: int
    suppressed: int
    disclosed: Any
    weak: Any
    intervals: Any
    complete: bool = True
    notes: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """True where no suppressed cell can be worked out exactly."""
        return not self.disclosed.height

    def __repr__(self) -> str:
        told = f"{self.suppressed:,} of {how_many(self.cells, 'cell')} suppressed"
        return f"<Audit: {told}, {self.disclosed.height} disclosed, {self.weak.height} weak>"


@dataclass(frozen=True, slots=True)
class Protected:
    """Tables after protection, in the order given.

    ``why`` has a row a cell that is not as it was: its dimensions, CONF_STATUS and the reason; ``losses`` a row a
    table. Both are for the office: what was lost of the value is an equation that an attacker could use.
    """

    tables: tuple[Table, ...]
    policy: Policy
    why: Any
    losses: Any
    audit: Audit | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def frame(self) -> Any:
        """The cells of the first table."""
        return self.tables[0].frame

    def __repr__(self) -> str:
        return (
            f"<Protected by {self.policy.id}: {how_many(len(self.tables), 'table')}, "
            f"{how_many(self.why.height, 'cell')} changed>"
        )
