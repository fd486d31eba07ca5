"""Counts as they may be shown: a small one is hidden, and so is the one that would give it back by subtraction."""

from dataclasses import dataclass
from typing import Literal

from migstat.words.validated import Judged, Validated

FEWEST = 10
"""Counts of fewer rows than this are not shown unless they are asked for."""
WHOLE = ("file", "files")
"""Units of a rule over the whole file: it has a verdict, not a count of people."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number, or only that it is less or more than one. Where it is hidden, nothing else of it is kept."""

    value: int
    sign: Literal["", "<", ">"] = ""

    @property
    def hidden(self) -> bool:
        """True where the number itself is not told."""
        return bool(self.sign)

    @property
    def size(self) -> int:
        """About how many, for the length of a bar and for sorting."""
        return self.value // 2 if self.sign == "<" else self.value

    def __str__(self) -> str:
        return f"{self.sign}{self.value}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One rule's counts and weights as they may be shown. A weight is None where its count is hidden.

    ``left_out`` are the rows to which the rule does not apply; None where the rule does not judge rows.
    """

    passed: Count
    failed: Count
    undecided: Count
    left_out: Count | None
    passed_weight: float | None
    failed_weight: float | None
    undecided_weight: float | None
    share: float | None
    """Failed among those judged, reckoned from the counts as they are shown."""

    @property
    def exact(self) -> bool:
        """True where no count of the rule is hidden."""
        return not any(count.hidden for count in (self.passed, self.failed, self.undecided, self.left_out or Count(0)))


def shown(one: Judged, rows: int, *, show_values: bool = False) -> Shown:
    """Return a rule's counts as they may be shown where the file has so many rows.

    Counts from 1 to 9 are ``<10``. The largest of the same rule is then ``>`` what it is at the least, so that taking
    the others from the number of rows gives nothing back; share, bar and order are reckoned from what is shown.
    Everything is shown with ``show_values``, and of a rule over the whole file, which has one verdict and no count.

    >>> from migstat.words.expression import Name
    >>> from migstat.words.finding import Place
    >>> from migstat.words.rule import Holds, Rule
    >>> few = shown(Judged(Rule("R", Holds(Name("X")), "X", Place("r.yaml", 1)), 995, 5, 0), 1000)
    >>> str(few.failed), str(few.passed), str(few.undecided)
    ('<10', '>990', '0')
    """
    counts = {"passed": one.passed, "failed": one.failed, "undecided": one.undecided}
    if one.units == "rows":
        counts["left_out"] = max(rows - sum(counts.values()), 0)
    told = _all(counts) if show_values or one.units in WHOLE else masked(counts)
    judged = told["passed"].value + told["failed"].value
    weights = {"passed": one.passed_weight, "failed": one.failed_weight, "undecided": one.undecided_weight}
    kept = {name: None if told[name].hidden else weight for name, weight in weights.items()}
    return Shown(
        told["passed"],
        told["failed"],
        told["undecided"],
        told.get("left_out"),
        kept["passed"],
        kept["failed"],
        kept["undecided"],
        told["failed"].value / judged if judged else None,
    )


def masked(counts: dict[str, int]) -> dict[str, Count]:
    """Return counts that add up to a known total so that none under ten can be reckoned from the others."""
    total, few = sum(counts.values()), [name for name, count in counts.items() if 0 < count < FEWEST]
    if not few:
        return _all(counts)
    if total < FEWEST * len(counts):
        return {name: Count(FEWEST * len(counts), "<") if count else Count(0) for name, count in counts.items()}
    largest = max(counts, key=lambda name: counts[name])
    told = {name: Count(FEWEST, "<") if name in few else Count(count) for name, count in counts.items()}
    least = total - sum(count.value for count in told.values() if not count.hidden) + counts[largest]
    told[largest] = Count(least - len(few) * (FEWEST - 1) - 1, ">")
    return told


def rows_shown(run: Validated, *, show_values: bool = False) -> Count:
    """Return the number of rows of the file, hidden where it is so small that it would tell of the counts."""
    few = 0 < run.rows < FEWEST * 4 and not show_values
    return Count(FEWEST * 4, "<") if few else Count(run.rows)


def _all(counts: dict[str, int]) -> dict[str, Count]:
    return {name: Count(count) for name, count in counts.items()}
