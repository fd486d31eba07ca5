"""How many persons there are when links are only probable: the error of linking carried into the count."""

from dataclasses import dataclass

import numpy as np

from migstat.work.link.components import of_pairs

DRAWS = 200


@dataclass(frozen=True, slots=True)
class ProbableCount:
    """The persons by the links taken, what is expected to be wrong with these, and an interval of the persons."""

    persons: int
    links: int
    expected_false_links: float
    expected_missed_links: float
    low: int
    high: int


def probable_count(
    things: int, left: np.ndarray, right: np.ndarray, probability: np.ndarray, threshold: float
) -> tuple[np.ndarray, ProbableCount]:
    """Return the person of each record by the links of the threshold, and what is known of their number.

    A link taken is false with one less its probability, and one left out is missed with its probability. For the
    interval each pair is drawn as a link by its probability, 200 times: 95 per cent of the counts lie between the ends.
    Pairs are drawn as if they were independent, and the probabilities as if they were known: our choice.
    """
    taken = probability >= threshold
    persons = of_pairs(things, left[taken], right[taken])
    dice = np.random.default_rng(20260101)
    counts = []
    for _ in range(DRAWS):
        drawn = dice.random(len(probability)) < probability
        counts.append(int(of_pairs(things, left[drawn], right[drawn]).max(initial=-1)) + 1)
    low, high = np.quantile(counts, [0.025, 0.975])
    return persons, ProbableCount(
        persons=int(persons.max(initial=-1)) + 1,
        links=int(taken.sum()),
        expected_false_links=round(float((1 - probability[taken]).sum()), 6),
        expected_missed_links=round(float(probability[~taken].sum()), 6),
        low=int(np.floor(low)),
        high=int(np.ceil(high)),
    )
