"""Cells: the values of each column, cut where some rule tells them apart, so that rules can be reasoned about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import narwhals as nw
import polars as pl

from migstat.words.expression import Expression
from migstat.words.finding import MigstatError
from migstat.work.conditions import compile_expression
from migstat.work.reason.candidates import Domain

TRUE, FALSE, UNKNOWN = 1, 2, 4
ANY = TRUE | FALSE | UNKNOWN
"""Truths as bits; together they are the truths that are possible."""

LONGEST = 20_000
"""Steps of a search, after which nothing is claimed."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A condition over one variable: the ``at``-th of those asked of it."""

    variable: str
    at: int


@dataclass(frozen=True, slots=True)
class Gate:
    """``op`` is all, any, or no, over the items."""

    op: str
    items: "tuple[Atom | Gate, ...]"


Formula = Atom | Gate
ALWAYS = Gate("all", ())


@dataclass(frozen=True, slots=True)
class Cell:
    """Values that no rule tells apart: the truth of every atom for them, and whether they are as good as missing."""

    truths: tuple[int, ...]
    missing: bool


@dataclass(slots=True)
class Variable:
    """A column; or a term over several columns, whose values are taken to be free of theirs."""

    key: str
    columns: tuple[str, ...]
    domain: Domain
    strict: bool = True
    """True where the term is missing exactly where one of its columns is."""
    atoms: list[tuple[Expression, Expression]] = field(default_factory=list)
    """Every condition asked: as it was written, and over the column ``key``."""
    cells: tuple[Cell, ...] = ()

    def ask(self, written: Expression, asked: Expression) -> Atom:
        """Return the atom for a condition, the same one where it was asked before."""
        pair = (written, asked)
        if pair not in self.atoms:
            self.atoms.append(pair)
        return Atom(self.key, self.atoms.index(pair))

    def cut(self) -> None:
        """Cut the values into cells."""
        if self.domain.kind == "free":
            options = [(TRUE, False), (FALSE, False), (UNKNOWN, True)]
            self.cells = tuple(Cell((truth,) * len(self.atoms), missing) for truth, missing in options)
            return
        asked = [expression for _, expression in self.atoms]
        values = self.domain.candidates(asked)
        if values is None:
            self.cells = (Cell((ANY,) * len(asked), False),)
            return
        rows = truths(asked, {self.key: values}, {self.key: self.domain.kind})
        pairs = zip(rows, values, strict=True)
        cells = (Cell(row, self.domain.missing(value) or UNKNOWN in row) for row, value in pairs)
        self.cells = tuple(dict.fromkeys(cells))


def truths(
    asked: Sequence[Expression], values: Mapping[str, pl.Series], kinds: Mapping[str, str]
) -> list[tuple[int, ...]]:
    """Return for each row of values the truth of each condition, as the engine that judges rows has it."""
    frame = pl.DataFrame(dict(values))
    if not asked:
        return [()] * frame.height
    try:
        made = nw.from_native(frame.lazy()).with_columns(
            *(compile_expression(one, kinds).alias(f"migstat-{at}") for at, one in enumerate(asked))
        )
        found = made.collect().to_native().select(f"migstat-{at}" for at in range(len(asked)))
    except (MigstatError, pl.exceptions.PolarsError):
        return [(ANY,) * len(asked)] * frame.height
    bits = {True: TRUE, False: FALSE, None: UNKNOWN}
    return [tuple(bits.get(value, ANY) for value in row) for row in found.rows()]


Domains = Mapping[str, tuple[int, ...]]
"""For each variable the cells, by number, in which it may still be."""


def possible(formula: Formula, domains: Domains, variables: Mapping[str, Variable]) -> int:
    """Return the truths that a formula may have; exact where each variable has one cell."""
    if isinstance(formula, Atom):
        cells, found = variables[formula.variable].cells, 0
        for at in domains[formula.variable]:
            found |= cells[at].truths[formula.at]
        return found
    if formula.op == "no":
        inner = possible(formula.items[0], domains, variables)
        return (inner & UNKNOWN) | (FALSE if inner & TRUE else 0) | (TRUE if inner & FALSE else 0)
    strong, weak = (FALSE, TRUE) if formula.op == "all" else (TRUE, FALSE)
    found = weak
    for item in formula.items:
        inner = possible(item, domains, variables)
        made = 0
        if (found | inner) & strong:
            made |= strong
        if found & weak and inner & weak:
            made |= weak
        if (found & UNKNOWN and inner & (UNKNOWN | weak)) or (inner & UNKNOWN and found & weak):
            made |= UNKNOWN
        found = made
        if found == strong:
            break
    return found


def reads(formula: Formula) -> frozenset[str]:
    """Return the variables of a formula."""
    if isinstance(formula, Atom):
        return frozenset({formula.variable})
    return frozenset().union(*(reads(item) for item in formula.items))


Status = Callable[[Domains], bool | None]
"""Says of domains whether something holds in all of them, in none (False), or may hold (None)."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that must hold, and the variables that it hangs on."""

    status: Status
    variables: frozenset[str]


def satisfiable(demands: Sequence[Demand], domains: Domains) -> bool | None:
    """Say whether values exist for which all demands hold; None where that was not found out."""
    steps = 0

    def search(domains: Domains, open_: Sequence[Demand]) -> bool | None:
        nonlocal steps
        steps += 1
        if steps > LONGEST:
            return None
        left: list[Demand] = []
        for demand in open_:
            status = demand.status(domains)
            if status is False:
                return False
            if status is None:
                left.append(demand)
        if not left:
            return True
        choice = _narrowest(left, domains)
        if choice is None:
            return None
        sure = True
        for cell in domains[choice]:
            found = search({**domains, choice: (cell,)}, left)
            if found:
                return True
            sure = sure and found is False
        return False if sure else None

    return search(domains, demands)


def _narrowest(demands: Sequence[Demand], domains: Domains) -> str | None:
    """Return a variable to try the cells of: of the demand that hangs on fewest, the one with fewest cells."""
    best: tuple[int, int, str] | None = None
    for demand in demands:
        free = [name for name in demand.variables if len(domains[name]) > 1]
        for name in free:
            rank = (len(free), len(domains[name]), name)
            best = rank if best is None or rank < best else best
    return best[2] if best else None
