"""How like two spellings are: the door to rapidfuzz."""

from collections.abc import Iterable
from itertools import groupby

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA


class Likeness:
    """Spellings by their lengths, of which those most like a text are found among those about as long."""

    __slots__ = ("_lengths",)

    def __init__(self, spellings: Iterable[str]) -> None:
        ordered = sorted(set(spellings), key=len)
        self._lengths = {length: list(group) for length, group in groupby(ordered, key=len)}

    def nearest(self, text: str, n: int, least: float) -> list[tuple[str, float]]:
        """Return up to ``n`` spellings at least so like the text, the best first, each with its likeness."""
        span = range(max(1, int(len(text) * 0.7)), int(len(text) / 0.7) + 2)
        near = [one for length in span for one in self._lengths.get(length, ())]
        found = process.extract(text, near, scorer=fuzz.ratio, limit=n, score_cutoff=least * 100)
        return [(one, score / 100) for one, score, _ in found]


def edits(one: str, other: str, most: int) -> int:
    """Return how many letters must change, come, go or change places; more than ``most`` where it is more than that."""
    return OSA.distance(one, other, score_cutoff=most)
