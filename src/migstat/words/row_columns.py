"""The columns of a row, as a codebook gives them, with those of the records above in a file of several types."""

from collections.abc import Sequence
from dataclasses import dataclass

from migstat.words.codebook import Codebook, Variable


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``record`` is the type of record it stands in, empty for all. A delimited file has no positions."""

    name: str
    start: int
    width: int
    decimals: int
    record: str

    @property
    def end(self) -> int:
        """The last position."""
        return self.start + self.width - 1


def lineage(book: Codebook, record: str) -> list[str]:
    """Return the types of record that a row is made of: the one, what it belongs to, and so on upwards."""
    parents = {one.name: one.parent for one in book.records}
    found: list[str] = []
    while record and record not in found:
        found.append(record)
        record = parents.get(record, "")
    return found


def columns_of(book: Codebook, record: str) -> list[Column]:
    """Return the columns of a row in the order of the codebook, those of the records above among them.

    A column that the records above have by the same name is called ``household.WEIGHT``.
    """
    line = lineage(book, record)
    own = {one.name for one in book.variables if one.record in ("", record)}
    found = []
    for one in book.variables:
        if one.record and one.record not in line and record:
            continue
        above = one.record in line[1:]
        name = f"{one.record}.{one.name}" if above and (one.name in own or _again(one, book, line)) else one.name
        found += _repeated(one, name)
    return found


def _again(one: Variable, book: Codebook, line: Sequence[str]) -> bool:
    """Tell whether a nearer record above has a column of the same name."""
    nearer = line[1 : line.index(one.record)]
    return any(other.name == one.name and other.record in nearer for other in book.variables)


def _repeated(one: Variable, name: str) -> list[Column]:
    start, width = one.start or 1, one.width or 1
    if one.repeats <= 1:
        return [Column(name, start, width, one.decimals, one.record)]
    return [Column(f"{name}({n + 1})", start + n * width, width, one.decimals, one.record) for n in range(one.repeats)]
