"""Secondary suppression: which cells must go too, so that those at risk do not follow from the others."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from migstat.work.protect.cells import Cells
from migstat.work.protect.eliminate import Unknowns, moves, publish_in_order, ratios

ALL = 3_000
"""Up to here every cell may be chosen; of more cells, those near the cells at risk, the cheapest first."""
NEAR = 2
"""Cells of one sum that are offered at a time."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which cells are not published; ``whole`` is False where the time was up before as many as can be are."""

    hidden: frozenset[int]
    whole: bool


def exposed(
    sums: Iterable[Sequence[int]], hidden: Collection[int], risky: Collection[int], owners: Mapping[int, object]
) -> dict[int, int | None]:
    """Return the cells at risk that can be worked out, each with the cell whose only contributor can; None: everybody.

    This looks at sums alone, exactly: what holds for every table of these totals, below zero or not.
    """
    hidden = set(hidden)
    sums = list(sums)
    found: dict[int, int | None] = {}
    changes = moves(sums, hidden)
    alike = ratios(changes)
    for cell in risky:
        if cell in hidden and cell not in alike:
            found[cell] = None
    groups: dict[int, list[int]] = {}
    for cell, ratio in alike.items():
        groups.setdefault(ratio, []).append(cell)
    for cell, owner in owners.items():
        if cell in alike:
            for other in groups[alike[cell]]:
                if other != cell and other in risky and owners.get(other) != owner:
                    found.setdefault(other, cell)
    for known in _several(owners, alike):
        rest = ratios(moves(sums, hidden - known))
        for cell in risky:
            if cell in hidden and cell not in known and cell not in rest:
                found.setdefault(cell, min(known))
    return dict(sorted(found.items()))


def _several(owners: Mapping[int, object], alike: Mapping[int, int]) -> list[set[int]]:
    """Return what each person knows who is the only contributor of several hidden cells that do not tell each other."""
    known: dict[object, set[int]] = {}
    for cell, owner in owners.items():
        if cell in alike:
            known.setdefault(owner, set()).add(cell)
    return [cells for cells in known.values() if len({alike[cell] for cell in cells}) > 1]


def secondary(
    cells: Cells,
    *,
    risky: Collection[int],
    hidden: Collection[int],
    fixed: Collection[int],
    owners: Mapping[int, object],
    order: Sequence[int],
    going_on: Callable[[], bool] = lambda: True,
) -> Pattern:
    """Choose the cells that go with the ``hidden`` ones, so that no ``risky`` one follows from what stays.

    ``order`` has the cells that may be published, those wanted most first; ``fixed`` cells are published already.
    Where a cell at risk follows from fixed cells whatever else goes, it is left exposed: the audit tells.
    """
    risky, hidden, free = set(risky), set(hidden) | set(risky), [cell for cell in order if cell not in set(fixed)]
    given = _given(cells, set(free) | hidden, risky, owners)
    must = set(hidden)
    whole = True
    chosen = set(hidden)
    for _ in range(cells.size):
        offered = set(free) | must if cells.size <= ALL else _grown(cells, must, free, risky - given, owners)
        unknowns = Unknowns(cells.sums, offered, (risky - given) & offered, owners)
        # What nobody offers is published: its forms are not there, so only what is offered is asked for.
        asked = [cell for cell in free if cell in offered and cell not in must]
        kept, whole = publish_in_order(unknowns, asked, going_on)
        chosen = must | kept
        open_ = {cell for cell in exposed(cells.sums, chosen, risky, owners) if cell not in given}
        more = beside(cells, open_, chosen, free) if open_ else set()
        if not more:
            break
        # A person who is the only contributor of several cells knows more than the forms watch: hide one more cell.
        must |= more | kept
    return Pattern(frozenset(chosen), whole)


def _given(cells: Cells, unknown: set[int], risky: set[int], owners: Mapping[int, object]) -> set[int]:
    """Return cells at risk that are exposed though nothing is published that need not be."""
    return set(exposed(cells.sums, unknown, risky, owners))


def _grown(
    cells: Cells, hidden: set[int], free: Sequence[int], risky: set[int], owners: Mapping[int, object]
) -> set[int]:
    """Offer cells beside those at risk, until all of them are safe if every cell offered is hidden."""
    offered = set(hidden)
    while True:
        alike = ratios(moves(cells.sums, offered))
        groups: dict[int, list[int]] = {}
        for cell, ratio in alike.items():
            groups.setdefault(ratio, []).append(cell)
        tied = {
            ratio
            for ratio, members in groups.items()
            if len({owners.get(cell, ratio) for cell in members}) > 1 and any(cell in owners for cell in members)
        }
        open_ = {cell for cell in risky if cell not in alike or alike[cell] in tied}
        if not open_:
            return offered
        stuck = {cell for cell in offered if cell not in alike} | open_
        more = _lone(cells, offered, free, stuck, alike) or beside(cells, open_, offered, free)
        if not more:
            return offered
        offered |= more


def _lone(cells: Cells, offered: set[int], free: Sequence[int], stuck: set[int], alike: Mapping[int, int]) -> set[int]:
    """Return the cheapest cells of each sum in which a stuck cell has no partner that could change with it."""
    price = {cell: place for place, cell in enumerate(reversed(free))}
    more: set[int] = set()
    for members in cells.sums:
        inside = [cell for cell in members if cell in offered]
        if inside and any(cell in stuck for cell in inside) and len({alike.get(cell) for cell in inside}) == 1:
            near = sorted((cell for cell in members if cell in price and cell not in offered), key=price.__getitem__)
            more.update(near[:NEAR])
    return more


def beside(cells: Cells, open_: Collection[int], hidden: Collection[int], free: Sequence[int]) -> set[int]:
    """Return the cheapest further cell of every sum that an open cell stands in; if none, of sums next to it."""
    price = {cell: place for place, cell in enumerate(reversed(free))}
    ring = set(open_)
    while True:
        more: set[int] = set()
        touched: set[int] = set()
        for members in cells.sums:
            if not ring.isdisjoint(members):
                touched.update(cell for cell in members if cell in hidden)
                near = [cell for cell in members if cell in price and cell not in hidden]
                if near:
                    more.add(min(near, key=price.__getitem__))
        if more or touched <= ring:
            return more
        ring |= touched
