"""A perturbation table: for each count, the results that may stand in its place, and how likely each is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import fsum

KEY_UNITS = 10**9
"""Parts of a key: keys are taken to nine decimals and added up as whole numbers, so that order does not matter."""

SUM_WITHIN = 1e-6
MEAN_WITHIN = 1e-5
"""How exact a table has to be; tables in the field are written to eight decimals."""


@dataclass(frozen=True, slots=True)
class Chances:
    """What may become of one count: the noise that may be added, and the probability of each, in order of the key."""

    count: int
    noise: tuple[int, ...]
    probability: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The expected noise; zero, or the table would be biased."""
        return fsum(v * p for v, p in zip(self.noise, self.probability, strict=True))

    @property
    def variance(self) -> float:
        """The expected squared noise."""
        return fsum(v * v * p for v, p in zip(self.noise, self.probability, strict=True))

    @property
    def bounds(self) -> tuple[int, ...]:
        """The upper bound of each interval of the cell key, in ``KEY_UNITS``.

        An interval holds its lower bound and not its upper one, so that each key from 0 up to 1 is in one of them.
        """
        sums = [round(bound * KEY_UNITS) for bound in accumulate(self.probability)]
        return (*sums[:-1], KEY_UNITS)

    def noise_at(self, key: int) -> int:
        """Return the noise for a cell key in ``KEY_UNITS``.

        >>> [Chances(1, (-1, 1), (0.5, 0.5)).noise_at(key) for key in (0, 499_999_999, 500_000_000)]
        [-1, -1, 1]
        """
        return next(noise for noise, bound in zip(self.noise, self.bounds, strict=True) if key < bound)

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with the row, and the mend of each."""
        results = [self.count + noise for noise in self.noise]
        if self.count == 0 and any(self.noise):
            yield "a count of 0 does not stay 0", "write one line for it: i 0, j 0, p 1"
        if any(result < 0 for result in results):
            yield f"a count of {self.count} may become {min(results)}", "give no result below 0"
        for result in sorted(r for r, times in Counter(results).items() if times > 1):
            yield f"the result {result} is given twice", "add the two probabilities up in one line"
        if any(not 0 <= p <= 1 for p in self.probability):
            yield "a probability is not between 0 and 1", "write each p as a share of 1"
        elif abs((total := fsum(self.probability)) - 1) > SUM_WITHIN:
            yield f"the probabilities add up to {total:.8g}", "they must add up to 1"
        elif abs(self.mean) > MEAN_WITHIN:
            yield f"the expected noise is {self.mean:.6g}", "it must be 0, or perturbed counts are biased"


@dataclass(frozen=True, slots=True)
class PerturbationTable:
    """Chances for each count from 0 up; every larger count has those of the last (Fraser and Wooton 2005)."""

    rows: tuple[Chances, ...]
    name: str = ""

    @property
    def largest(self) -> int:
        """The last count with chances of its own."""
        return self.rows[-1].count

    @property
    def bound(self) -> int:
        """The largest noise there is."""
        return max(abs(noise) for row in self.rows for noise in row.noise)

    @property
    def variance(self) -> float:
        """The variance of the noise of large counts."""
        return self.rows[-1].variance

    def row(self, count: int) -> Chances:
        """Return the chances of a count."""
        return self.rows[min(count, self.largest)]

    def faults(self) -> Iterator[tuple[int, str, str]]:
        """Yield the count where something is wrong, what it is, and its mend; nothing where the table can be used."""
        if not self.rows:
            yield 0, "the table has no rows", "give at least the counts 0 and 1"
            return
        if self.rows[0].count != 0:
            yield self.rows[0].count, "the table does not begin with the count 0", "add a line: i 0, j 0, p 1"
        if self.largest == 0:
            yield 0, "the table has no chances for the count 1", "add its lines: every larger count takes the last ones"
        for before, row in pairwise(self.rows):
            if row.count != before.count + 1:
                yield row.count, f"the count {before.count} is followed by {row.count}", "give all counts, in order"
        for row in self.rows:
            yield from ((row.count, what, mend) for what, mend in row.faults())
