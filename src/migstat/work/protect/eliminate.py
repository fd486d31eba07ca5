"""Gauss elimination in exact arithmetic modulo a prime: what follows from sums, and which cells can be published.

The method is that of Langsrud, Secondary cell suppression by Gaussian elimination (Privacy in Statistical Databases,
2024): cells are taken in order of preference, and each is published unless a cell at risk would then follow from what
is published. It is written here from that idea, over the sums that tie the cells rather than over the microdata.
"""

import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

PRIME = (1 << 61) - 1
"""A number that is not 0 is taken for 0 once in so many times; no cell that is disclosed is missed by that."""

Row = dict[int, int]
Trace = tuple[int, int]
"""What a form comes to at two random points: it changes with the form, and both are 0 where the form is empty."""
Shape = int
"""A form up to its scale, as the ratio of its trace: equal for cells of which each tells the other."""
EMPTY: Shape = -2
ALONE: Shape = -1


def rows_of(sums: Iterable[Sequence[int]], unknown: Collection[int]) -> list[Row]:
    """Return the sums as equations among the unknown cells: the total minus its parts is a known number."""
    rows = []
    for total, *parts in sums:
        row: Row = {part: PRIME - 1 for part in parts if part in unknown}
        if total in unknown:
            row[total] = 1
        if row:
            rows.append(row)
    return rows


def echelon(rows: list[Row]) -> list[tuple[int, Row]]:
    """Eliminate, the shortest row first: return (cell, its row) with the cell gone from all rows that follow."""
    where: dict[int, set[int]] = {}
    for number, row in enumerate(rows):
        for cell in row:
            where.setdefault(cell, set()).add(number)
    heap = [(len(row), number) for number, row in enumerate(rows)]
    heapify(heap)
    done = [False] * len(rows)
    order: list[tuple[int, Row]] = []
    while heap:
        length, number = heappop(heap)
        row = rows[number]
        if done[number] or length != len(row):
            continue
        done[number] = True
        if not row:
            continue
        pivot = min(row, key=lambda cell: (len(where[cell]), cell))
        scale = pow(row[pivot], -1, PRIME)
        scaled = {cell: value * scale % PRIME for cell, value in row.items()}
        for cell in scaled:
            where[cell].discard(number)
        order.append((pivot, scaled))
        rest = [(cell, value) for cell, value in scaled.items() if cell != pivot]
        for other in where.pop(pivot):
            target = rows[other]
            factor = target.pop(pivot)
            for cell, value in rest:
                new = (target.get(cell, 0) - factor * value) % PRIME
                if new:
                    if cell not in target:
                        where[cell].add(other)
                    target[cell] = new
                elif cell in target:
                    del target[cell]
                    where[cell].discard(other)
            heappush(heap, (len(target), other))
    return order


def moves(sums: Iterable[Sequence[int]], unknown: Collection[int], seed: int = 1) -> tuple[dict[int, int], ...]:
    """Return two random changes of the unknown cells that leave every known sum as it is.

    A cell that neither changes can be worked out. Two cells whose changes keep one ratio tell each other.
    """
    order = echelon(rows_of(sums, unknown))
    draw = random.Random(seed)  # noqa: S311 - not a secret: a fixed seed gives the same answer twice
    changes: list[dict[int, int]] = []
    for _ in range(2):
        fixed = {pivot for pivot, _ in order}
        change = {cell: draw.randrange(1, PRIME) for cell in sorted(unknown) if cell not in fixed}
        for pivot, row in reversed(order):
            change[pivot] = -sum(value * change[cell] for cell, value in row.items() if cell != pivot) % PRIME
        changes.append(change)
    return tuple(changes)


def ratios(changes: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """Return a number a cell that can change, the same for cells that tell each other."""
    first, second = changes
    return {
        cell: second[cell] * pow(change, -1, PRIME) % PRIME if change else -1
        for cell, change in first.items()
        if change or second[cell]
    }


class Unknowns:
    """Cells not published, each as a sum of free ones; publishing a cell takes one freedom away.

    ``risky`` cells must stay open. ``owners`` are the only contributors of cells: they know their own, and no risky
    cell of somebody else may follow from it.
    """

    def __init__(
        self,
        sums: Iterable[Sequence[int]],
        unknown: Collection[int],
        risky: Collection[int],
        owners: Mapping[int, object],
    ) -> None:
        order = echelon(rows_of(sums, unknown))
        fixed = {pivot for pivot, _ in order}
        self.forms: dict[int, Row] = {cell: {cell: 1} for cell in unknown if cell not in fixed}
        for pivot, row in reversed(order):
            form: Row = {}
            for cell, value in row.items():
                if cell != pivot:
                    for free, part in self.forms[cell].items():
                        form[free] = (form.get(free, 0) - value * part) % PRIME
            self.forms[pivot] = {free: value for free, value in form.items() if value}
        self.where: dict[int, set[int]] = {}
        for cell, form in self.forms.items():
            for free in form:
                self.where.setdefault(free, set()).add(cell)
        self.risky = set(risky)
        self.owners = {cell: owner for cell, owner in owners.items() if cell in unknown}
        self.watched = self.risky | set(self.owners)
        draw = random.Random(2)  # noqa: S311 - not a secret: a fixed seed gives the same answer twice
        points = {free: (draw.randrange(1, PRIME), draw.randrange(1, PRIME)) for free in sorted(self.where)}
        self.traces: dict[int, Trace] = {
            cell: (
                sum(value * points[free][0] for free, value in form.items()) % PRIME,
                sum(value * points[free][1] for free, value in form.items()) % PRIME,
            )
            for cell, form in self.forms.items()
        }
        self.shape = {cell: _shape(self.traces[cell]) for cell in self.watched}
        self.shapes: dict[Shape, set[int]] = {}
        for cell, shape in self.shape.items():
            self.shapes.setdefault(shape, set()).add(cell)

    def publish(self, cell: int) -> bool:
        """Publish a cell, or return False, and change nothing, where a cell at risk would follow."""
        form = self.forms[cell]
        if form and not self._pivot(cell, form):
            return False
        self._forget(cell)
        return True

    def _pivot(self, cell: int, form: Row) -> bool:
        trace = self.traces[cell]
        if any(other in self.risky for other in self.shapes.get(_shape(trace), ())):
            return False
        free = min(form, key=lambda one: (len(self.where[one]), one))
        scale = pow(form[free], -1, PRIME)
        factors = {other: self.forms[other][free] * scale % PRIME for other in self.where[free] if other != cell}
        traces = {other: _less(self.traces[other], factor, trace) for other, factor in factors.items()}
        shapes = {other: _shape(traces[other]) for other in factors if other in self.watched}
        if self._tells(shapes):
            return False
        for other, shape in shapes.items():
            self._leave(other)
            self.shape[other] = shape
            self.shapes.setdefault(shape, set()).add(other)
        self.traces.update(traces)
        for other, factor in factors.items():
            self._reduce(other, form, factor)
        return True

    def _reduce(self, cell: int, form: Row, factor: int) -> None:
        """Take so much of another form away from that of a cell."""
        target = self.forms[cell]
        for free, value in form.items():
            new = (target.get(free, 0) - factor * value) % PRIME
            if new:
                if free not in target:
                    self.where[free].add(cell)
                target[free] = new
            elif free in target:
                del target[free]
                self.where[free].discard(cell)

    def _tells(self, new: Mapping[int, Shape]) -> bool:
        """Say whether cells that take these shapes would become known, or tell one another to their owners."""
        meeting: dict[Shape, dict[Shape, list[int]]] = {}
        for cell, shape in new.items():
            if shape == EMPTY and cell in self.risky:
                return True
            meeting.setdefault(shape, {}).setdefault(self.shape[cell], []).append(cell)
        for shape, groups in meeting.items():
            if shape == EMPTY:
                continue
            staying = [cell for cell in self.shapes.get(shape, ()) if cell not in new]
            parties = [*groups.values(), *([staying] if staying else [])]
            if len(parties) > 1 and self._strangers([cell for party in parties for cell in party]):
                return True
        return False

    def _strangers(self, cells: Sequence[int]) -> bool:
        owners = {self.owners[cell] for cell in cells if cell in self.owners}
        return bool(owners) and any(
            cell in self.risky and any(owner != self.owners.get(cell) for owner in owners) for cell in cells
        )

    def _forget(self, cell: int) -> None:
        for free in self.forms[cell]:
            self.where[free].discard(cell)
        if cell in self.watched:
            self._leave(cell)
            self.watched.discard(cell)
            self.owners.pop(cell, None)
        del self.forms[cell], self.traces[cell]

    def _leave(self, cell: int) -> None:
        shape = self.shape.pop(cell)
        self.shapes[shape].discard(cell)
        if not self.shapes[shape]:
            del self.shapes[shape]


def _less(trace: Trace, factor: int, other: Trace) -> Trace:
    return (trace[0] - factor * other[0]) % PRIME, (trace[1] - factor * other[1]) % PRIME


def _shape(trace: Trace) -> Shape:
    first, second = trace
    if first:
        return second * pow(first, -1, PRIME) % PRIME
    return ALONE if second else EMPTY


def publish_in_order(unknowns: Unknowns, order: Sequence[int], going_on: Callable[[], bool]) -> tuple[set[int], bool]:
    """Publish what can be, in order; return what cannot, and whether the time was enough. Every moment is safe."""
    refused: set[int] = set()
    for place, cell in enumerate(order):
        if not place % 64 and not going_on():
            return refused | set(order[place:]), False
        if not unknowns.publish(cell):
            refused.add(cell)
    return {cell for cell in refused if unknowns.forms[cell]}, True
