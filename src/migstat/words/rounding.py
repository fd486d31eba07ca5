"""What additive rounding did: how far published numbers are from the true ones, and how it was found."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Which inner cells are rounded: all of them, or only those from 1 to below the base."""

    ALL = "all"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Loss:
    """Distances between true and published counts; of no cells, all are 0 and the utility is 1."""

    cells: int
    largest: int
    mean: float
    root_mean_square: float
    hellinger_utility: float
    """One minus the Hellinger distance of the counts, as a share of its largest value."""


@dataclass(frozen=True, slots=True)
class RoundingRun:
    """How an additive rounding went: what it lost in published cells and inner cells, and whether it was finished."""

    base: int
    scope: Scope
    published: Loss
    inner: Loss
    candidates: int
    """Inner cells that could go down or up."""
    method: str
    """``optimum``: the largest difference, and then the mean one, cannot be smaller; ``programme``: the best that the
    integer programme found with its effort; ``search``: found by the search for large tables, which does not know how
    far it is from the optimum."""
    zero_restricted: bool
    """Every published cell is less than one base from its true count."""
    seconds: float
    stopped: bool
    """True where the time limit came first: another run may then find another result."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the table has to know."""
        who = "All cells are" if self.scope is Scope.ALL else "Cells below the base are"
        largest = self.published.largest
        notes = [
            f"{who} rounded to multiples of {self.base}; totals are the sums of rounded cells, at most {largest} off."
        ]
        if self.method == "search":
            notes.append("The table is too large for the programme: a search rounded it, which may miss the optimum.")
        if not self.zero_restricted:
            notes.append(f"Some totals are {self.base} or more from their true count.")
        if self.stopped:
            notes.append("The time limit ended the search: the best result so far is given.")
        return tuple(notes)
