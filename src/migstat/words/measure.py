"""Measures: what a cell says of the people in it: how many, what share, at what rate, a mean or a quantile."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from migstat.words.expression import Expression

Kind = Literal["count", "share", "rate", "mean", "quantile"]

RATES = {100: "PT", 1_000: "10P3PS", 10_000: "10P4PS", 100_000: "10P5PS", 1_000_000: "10P6PS"}
"""What a rate may be per, with its code in CL_UNIT_MEASURE."""

QUANTILES = (1, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 95, 99)
"""The per cents for which CL_MEASURE has a code; 50 is the median."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure; ``text`` is how it is written, such as ``median(AGE)``.

    ``across`` are the dimensions over which shares add up to 100; ``per`` is what a rate is per; ``of`` is the number
    that a mean or quantile is of, and ``share`` which quantile.
    """

    kind: Kind
    text: str
    across: tuple[str, ...] = ()
    per: int = 0
    of: Expression | None = None
    share: Fraction = Fraction(1, 2)

    @property
    def code(self) -> str:
        """The code of CL_MEASURE."""
        if self.kind != "quantile":
            return self.kind.upper()
        return "MEDIAN" if self.share == Fraction(1, 2) else f"P{int(self.share * 100):02}"

    @property
    def variable(self) -> str:
        """What it is of, as the dimension VARIABLE says it: a number, or the dimensions that shares are across."""
        match self.kind:
            case "count" | "rate":
                return "_Z"
            case "share":
                return "+".join(self.across)
            case "mean" | "quantile":
                return self.text.partition("(")[2].rpartition(")")[0].partition(";")[0].strip()


COUNT = Measure("count", "count")
OF_POPULATION = Measure("share", "share(MIGRANT)", ("MIGRANT",))
"""The share of the people a definition counts in the population of the same cell."""
