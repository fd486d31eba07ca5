"""Suppression of tables published together: primary, secondary, and the audit before anything is let out."""

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from migstat.words.policy import Suppression
from migstat.work.protect.attack import Bounds, Range, ranges
from migstat.work.protect.cells import Cells
from migstat.work.protect.contributions import OWNER
from migstat.work.protect.eliminate import moves
from migstat.work.protect.hints import Hints
from migstat.work.protect.primary import SMALL, Why, at_risk
from migstat.work.protect.secondary import beside, exposed, secondary

SECONDARY, EARLIER = "D", "D"
BESIDE = "hides cells at risk that would follow from it"
ROUNDS = 25
"""How often cells are added for intervals that are too narrow; then the audit says what is left."""
TRIES = ((1_000, 12), (3_000, 4))
"""Up to so many cells, so many orders are tried."""
SPREAD = 1.0
"""How far, as a share of its value, a cell may be moved up in an order that is tried."""
ALONE = 300
"""Up to so many hidden cells, every only contributor attacks by linear programming too."""


@dataclass(frozen=True, slots=True)
class Attack:
    """What can be worked out: cells with their range; of disclosed ones the cell whose contributor can."""

    disclosed: dict[int, tuple[Range | None, int | None]]
    weak: dict[int, Range]
    ranges: dict[int, Range]
    complete: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which cells are not published, each with CONF_STATUS and the reason, and what an attacker can do about it."""

    why: dict[int, Why]
    attack: Attack
    whole: bool
    untold: frozenset[int] = frozenset()
    """Hidden cells whose cause would give a count back, and may not be told."""


def suppress(
    cells: Cells,
    policy: Suppression,
    *,
    contributions: pl.DataFrame | None = None,
    earlier: Mapping[int, bool] | None = None,
    going_on: Callable[[], bool] = lambda: True,
) -> Outcome:
    """Choose the cells to suppress, and attack what is left.

    ``earlier`` says of cells published before whether they were hidden: they stay as they were. The caller must refuse
    an outcome in which a cell is disclosed.
    """
    earlier = earlier or {}
    # What everybody knows already is at no risk any more.
    why = {cell: one for cell, one in at_risk(cells, policy, contributions).items() if earlier.get(cell) is not False}
    held = {cell for cell, hidden in earlier.items() if hidden}
    for cell in held - set(why):
        why[cell] = (EARLIER, "was suppressed in an earlier publication")
    owners = only_contributors(cells, contributions) if policy.singletons else {}
    fixed = {cell for cell, hidden in earlier.items() if not hidden} - set(why)
    if policy.zeros == "publish":
        fixed |= {cell for cell in range(cells.size) if cells.values[cell] == 0 and cell not in why}
    orders = [[cell for cell in order if cell not in why] for order in preferences(cells, policy)]
    order = orders[0]
    # What is left over of totals that were published before is known already, whatever is done now.
    rest = {cell for cell in why if not cells.shown[cell]}
    known = exposed(cells.sums, set(range(cells.size)) - fixed, rest, {}) if rest and fixed else {}
    why = {cell: reason for cell, reason in why.items() if cell not in known}
    risky = set(why)
    # What is left over of a total whose parts were hidden before is as little known as they are.
    unknown = {cell for cell in range(cells.size) if not cells.shown[cell] and np.isnan(cells.values[cell])}
    fixed -= unknown
    hidden: set[int] = set(why) | unknown
    whole, hints = True, Hints(policy.zeros == "publish" and not policy.of_rows, 0)
    found: Attack | None = None

    def attacked() -> Attack:
        told = hints.bounds(cells, hidden)
        return attack(
            cells, hidden, sensitive=set(why), owners=owners, width=policy.width, told=told, going_on=going_on
        )

    for _ in range(ROUNDS):
        patterns = [
            secondary(cells, risky=risky, hidden=hidden, fixed=fixed, owners=owners, order=order, going_on=going_on)
            for order in orders
        ]
        pattern = min(patterns, key=lambda one: loss(cells, one.hidden))
        hidden, whole = set(pattern.hidden), whole and pattern.whole
        # The ranges of all cells take long, and are of no use while some are still known exactly.
        narrow, found = set(_known(cells, hidden, hints.bounds(cells, hidden), going_on)[0]), None
        if policy.intervals or not narrow:
            found = attacked()
            narrow |= set(found.disclosed) | (set(found.weak) & set(why) if policy.intervals else set())
        more = beside(cells, narrow, hidden, [cell for cell in order if cell not in fixed]) if narrow else set()
        if not more or not going_on():
            break
        # A cell that is hidden to widen another must not follow from the rest itself.
        risky |= more
        hidden |= more
        found = None
    found = found or attacked()
    reasons = dict(why) | dict.fromkeys(sorted(hidden - set(why)), (SECONDARY, BESIDE))
    small = {cell for cell, (code, _) in why.items() if code == SMALL}
    hints = replace(hints, small=policy.small)
    untold = _untold(cells, hidden, hints, small, going_on) if policy.tell_cause else frozenset(hidden)
    return Outcome(dict(sorted(reasons.items())), found, whole, untold)


def _untold(
    cells: Cells, hidden: set[int], hints: Hints, small: set[int], going_on: Callable[[], bool]
) -> frozenset[int]:
    """Return the cells whose cause is kept back: as many around each count that is given back as it takes.

    Where the time was not enough to look at a cell, its count is taken to be given back.
    """
    untold: set[int] = set()
    while True:
        known, unseen = _known(cells, hidden, hints.bounds(cells, hidden, small, untold), going_on)
        given = known.keys() | unseen
        if not given:
            return frozenset(untold)
        touched = {cell for one in cells.sums if not given.isdisjoint(one) for cell in one if cell in hidden}
        if touched <= untold:
            return frozenset(hidden)
        untold |= touched


def attack(
    cells: Cells,
    hidden: Collection[int],
    *,
    sensitive: Collection[int],
    owners: Mapping[int, object],
    width: float,
    told: Mapping[int, Bounds] | None = None,
    going_on: Callable[[], bool] = lambda: True,
) -> Attack:
    """Work out what can be: exactly from the sums, and between what bounds, as nobody counts below zero.

    Every hidden cell that is known exactly is disclosed; so is a ``sensitive`` one that the only contributor of another
    cell can work out. Ranges narrower than ``width`` per cent of the value are weak. ``told`` are bounds that everybody
    has besides: they disclose a cell that is known exactly by them, and do not make one weak.
    """
    hidden = set(hidden)
    shown = {cell for cell in hidden if cells.shown[cell]}
    by_sums = exposed(cells.sums, hidden, set(sensitive), owners)
    disclosed: dict[int, tuple[Range | None, int | None]] = {cell: (None, knower) for cell, knower in by_sums.items()}
    found = ranges(cells, hidden, going_on=going_on)
    for cell, one in found.items():
        if (cell in shown or cell in sensitive) and one.point(cells.values[cell]):
            disclosed[cell] = (one, None)
    known, unseen = _known(cells, hidden, told or {}, going_on)
    for cell, one in known.items():
        disclosed.setdefault(cell, (one, None))
    if len(hidden) <= ALONE and any(cells.values[cell] == 0 for cell in hidden):
        disclosed |= _by_contributors(cells, hidden, set(sensitive) - set(disclosed), owners, going_on)
    weak = {
        cell: one
        for cell, one in found.items()
        if cell in shown and cell not in disclosed and one.width < width / 100 * one.size(cells.values[cell])
    }
    complete = not unseen and all(cell in found for cell in shown)
    return Attack(dict(sorted(disclosed.items())), weak, {c: one for c, one in found.items() if c in shown}, complete)


def _known(
    cells: Cells, hidden: Collection[int], told: Mapping[int, Bounds], going_on: Callable[[], bool]
) -> tuple[dict[int, Range], set[int]]:
    """Return the hidden cells of which the count is known exactly by the bounds that the publication tells.

    Beside them stand those that the time was not enough to look at.
    """
    if not told:
        return {}, set()
    # Counts of records stand beside weighted figures, with the same cells hidden.
    counts = cells.counts.astype(float)
    counted = replace(
        cells, values=counts, sums=tuple(one for one in cells.sums if counts[one[0]] == counts[[*one[1:]]].sum())
    )
    found = ranges(counted, hidden, enough=dict.fromkeys(hidden, 0.5), told=told, going_on=going_on)
    known = {cell: one for cell, one in found.items() if cells.shown[cell] and one.point(counted.values[cell])}
    return known, {cell for cell in hidden if cells.shown[cell] and cell not in found}


def _by_contributors(
    cells: Cells,
    hidden: set[int],
    sensitive: set[int],
    owners: Mapping[int, object],
    going_on: Callable[[], bool],
) -> dict[int, tuple[Range | None, int | None]]:
    """Attack again as each only contributor, who knows its own cells; where no zero is hidden the sums say it all."""
    knows: dict[object, set[int]] = {}
    for cell, owner in owners.items():
        if cell in hidden:
            knows.setdefault(owner, set()).add(cell)
    found: dict[int, tuple[Range | None, int | None]] = {}
    for owner, own in knows.items():
        # A zero tells nothing of anybody but that nobody is there, which its row's only contributor may know anyway.
        others = {cell for cell in sensitive - own if cells.values[cell] != 0 and owners.get(cell) != owner}
        for cell, one in ranges(cells, hidden, known=own, going_on=going_on).items():
            if cell in others and one.point(cells.values[cell]):
                found.setdefault(cell, (one, min(own)))
    return found


def only_contributors(cells: Cells, contributions: pl.DataFrame | None) -> dict[int, object]:
    """Return the cells with one contributor, and who that is; cells that hold the same people have the same one."""
    if contributions is not None:
        keys = cells.keys.with_columns(pl.Series("_shown", cells.shown))
        names = keys.join(contributions, on=cells.keys.columns, how="left", maintain_order="left")
        owners: list[Any] = names.select(pl.when("_shown").then(pl.col(OWNER))).to_series().to_list()
        return {cell: owner for cell, owner in enumerate(owners) if owner is not None}
    # Cells that change together whatever is known are the same people, such as a total of one part and that part.
    first, second = moves(cells.sums, range(cells.size))
    people = [(first[cell], second[cell]) for cell in range(cells.size)]
    alone = {people[cell] for cell in range(cells.size) if cells.counts[cell] == 1}
    return {cell: those for cell, those in enumerate(people) if those in alone}


def preferences(cells: Cells, policy: Suppression) -> list[list[int]]:
    """Return orders in which to publish cells, those wanted most first: kept codes, then large values.

    Small tables get several, with ties and near ties broken otherwise, of which the one that hides least is taken.
    """
    kept = [False] * cells.size
    for dimension, codes in policy.keep.items():
        if dimension in cells.keys.columns:
            wanted = cells.keys[dimension].is_in(list(codes)).to_list()
            kept = [one or other for one, other in zip(kept, wanted, strict=True)]
    totals = [0] * cells.size
    for total, *_ in cells.sums:
        totals[total] += 1
    draw = random.Random(1)  # noqa: S311 - not a secret: a fixed seed gives the same answer twice
    tries = next((tries for most, tries in TRIES if cells.size <= most), 1)
    orders = []
    for number in range(tries):
        spread = SPREAD * max(number - 1, 0) / tries
        size = [abs(value) * (1 + spread * draw.random()) for value in np.nan_to_num(cells.values).tolist()]
        tie = -1 if number % 2 else 1
        orders.append(
            sorted(
                range(cells.size),
                key=lambda cell: (bool(cells.shown[cell]), not kept[cell], -size[cell], -totals[cell], tie * cell),
            )
        )
    return orders


def loss(cells: Cells, hidden: Collection[int]) -> tuple[int, float]:
    """Return how many cells, and how much, a pattern loses."""
    shown = [cell for cell in hidden if cells.shown[cell]]
    return len(shown), float(np.nansum(np.abs(cells.values[shown])))
