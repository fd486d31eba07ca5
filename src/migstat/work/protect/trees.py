"""Trees: which codes of a dimension are parts of which, from a codelist's parents or from the bounds of its bands."""

from collections.abc import Collection, Mapping, Sequence

from migstat.words.codelist import Codelist
from migstat.words.missing import TOTAL
from migstat.work.protect.cells import Tree

FLOW, NET = "FLOW", "NET"
BALANCE: Tree = {"EMI": "IMM", NET: "IMM", "IMM": None}
"""Immigration is emigration and net migration together, which an attacker reckons as any other sum."""


def trees_of(codelist: Codelist, present: Collection[str], total: str = TOTAL) -> tuple[Tree, ...]:
    """Return the trees in which the codes that are present may add up, each with the total above its tops.

    Bands with bounds, such as ages, stand in as many trees as it takes for every two bands that cross to be apart:
    an attacker subtracts one band from another whether or not a codelist calls them parent and child.
    """
    if any(codelist.bounds(code) is not None for code in present if code in codelist):
        return tuple(with_total(tree, total) for tree in _of_bands(codelist, present))
    tree = {code.id: code.parent for code in codelist} | {code: None for code in present if code not in codelist}
    made = (with_total(tree, total),)
    return (*made, BALANCE) if set(present).issuperset(BALANCE) else made


def with_total(tree: Mapping[str, str | None], total: str) -> Tree:
    """Return a tree with a total above its tops."""
    up = {code: (total if parent is None and code != total else parent) for code, parent in tree.items()}
    return up | {total: None}


def plain_trees(given: object, present: Collection[str], total: str) -> tuple[Tree, ...]:
    """Return trees from what a caller wrote: one or several of {part: parent} or {parent: [parts]}.

    Codes that no tree names are tops. A tree of several has its own groups and all codes that no tree groups.

    >>> plain_trees({"1": ["A", "B"]}, ["A", "B", "1", "T"], "T")
    ({'A': '1', 'B': '1', '1': 'T', 'T': None},)
    """
    listed: Sequence[Mapping[str, object]] = [given] if isinstance(given, Mapping) else list(given or [{}])  # type: ignore[call-overload]
    parsed = [_parents(tree) for tree in listed]
    groups = [set(tree.values()) for tree in parsed]
    found = []
    for tree, own in zip(parsed, groups, strict=True):
        others = set().union(*groups) - own
        codes = dict.fromkeys([*tree, *tree.values(), *present])
        found.append(with_total({code: tree.get(code) for code in codes if code not in others}, total))
    return tuple(found)


def _parents(tree: Mapping[str, object]) -> dict[str, str]:
    up: dict[str, str] = {}
    for code, named in tree.items():
        if isinstance(named, str):
            up[code] = named
        elif isinstance(named, Sequence):
            up |= {str(part): str(code) for part in named}
    return up


def _of_bands(codelist: Codelist, present: Collection[str]) -> list[dict[str, str | None]]:
    bands: dict[str, tuple[float, float]] = {}
    for code in present:
        bounds = codelist.bounds(code) if code in codelist else None
        if bounds is not None:
            low, high = bounds
            bands[code] = (float("-inf") if low is None else low, float("inf") if high is None else high)
    plain = [code for code in present if code not in bands]
    narrow = sorted(bands, key=lambda code: (bands[code][1] - bands[code][0], -bands[code][0], bands[code][1], code))
    found: list[dict[str, str | None]] = []
    placed: set[str] = set()
    for first in narrow:
        if first in placed:
            continue
        family = [first]
        for code in narrow:
            if code != first and all(_nested(bands[code], bands[other]) for other in family):
                family.append(code)
        placed.update(family)
        family.sort(key=narrow.index)
        tree: dict[str, str | None] = dict.fromkeys(plain)
        for place, code in enumerate(family):
            wider = (other for other in family[place + 1 :] if _within(bands[code], bands[other]))
            tree[code] = next(wider, None)
        found.append(tree)
    return found


def _within(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]


def _nested(one: tuple[float, float], other: tuple[float, float]) -> bool:
    apart = one[1] < other[0] or other[1] < one[0]
    return apart or _within(one, other) or _within(other, one)
