"""Common codes: the finest codes that every source can be lifted to, in one dimension."""

from collections.abc import Iterable, Mapping
from itertools import combinations

from migstat.words.codelist import Codelist
from migstat.words.missing import KINDS, OTHER, TOTAL

RESIDUAL = frozenset({TOTAL, OTHER, *KINDS})
"""Codes that are no detail: totals, the rest, and kinds of missing."""


def detail(codes: Iterable[str]) -> frozenset[str]:
    """Return the codes that say something."""
    return frozenset(codes) - RESIDUAL


class Nest:
    """Which code of a list lies wholly within which: below it in the tree, or between its bounds."""

    def __init__(self, codelist: Codelist) -> None:
        self.codelist = codelist
        self._above = {code.id: frozenset(codelist.ancestors(code.id)) for code in codelist}
        self._bounds = {
            code.id: (
                float("-inf") if code.lower is None else code.lower,
                float("inf") if code.upper is None else code.upper,
                code.attributes.get("unit", ""),
            )
            for code in codelist
            if code.lower is not None or code.upper is not None
        }

    def within(self, code: str, other: str) -> bool:
        """Say whether a code lies wholly within another. Bands of other units, such as months and years, do not."""
        if code == other:
            return True
        mine, theirs = self._bounds.get(code), self._bounds.get(other)
        if mine is not None and theirs is not None:
            return theirs[0] <= mine[0] and mine[1] <= theirs[1] and mine[2] == theirs[2]
        return other in self._above.get(code, ())

    def finest(self, codes: Iterable[str]) -> frozenset[str]:
        """Return the codes below which no other of them lies."""
        listed = detail(codes)
        return frozenset(code for code in listed if not any(self._below(other, code) for other in listed - {code}))

    def coarsest(self, codes: Iterable[str]) -> frozenset[str]:
        """Return the codes that lie in no other of them; the finest, where some overlap and neither holds the other."""
        listed = detail(codes)
        found = self._coarsest(listed)
        return found if self._overlap(found) is None else self.finest(listed)

    def common(self, sources: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """Return the finest codes to which the finest codes of all sources can be lifted; none where there are none.

        Classes that overlap, such as 10 to 19 and 15 to 24 years, are lifted together to the smallest class of the
        list that holds both.
        """
        codes = self._coarsest(frozenset().union(*sources.values()))
        while (pair := self._overlap(codes)) is not None:
            holder = self._holder(pair)
            if holder is None:
                return frozenset()
            codes = self._coarsest((codes - {*pair}) | {holder})
        return codes

    def target(self, code: str, targets: Iterable[str]) -> str | None:
        """Return the target that holds a code, or None."""
        return next((one for one in targets if self.within(code, one)), None)

    def _coarsest(self, codes: frozenset[str]) -> frozenset[str]:
        return frozenset(code for code in codes if not any(self._below(code, one, -1) for one in codes - {code}))

    def _below(self, code: str, other: str, first: int = 1) -> bool:
        """Say whether a code lies within another; of two with the same bounds, such as Y0T24 and Y_LT25, one stays."""
        twins = self.within(code, other) and self.within(other, code)
        return self.within(code, other) and (not twins or (code < other) is (first > 0))

    def _overlap(self, codes: frozenset[str]) -> tuple[str, str] | None:
        for first, second in combinations(sorted(codes & self._bounds.keys()), 2):
            mine, theirs = self._bounds[first], self._bounds[second]
            if mine[2] == theirs[2] and mine[0] <= theirs[1] and theirs[0] <= mine[1]:
                return first, second
        return None

    def _holder(self, pair: tuple[str, str]) -> str | None:
        holders = [id for id in self._bounds if all(self.within(one, id) for one in pair)]
        return min(holders, key=lambda id: self._bounds[id][1] - self._bounds[id][0], default=None)
