"""Context: what a rule needs to know of its source, and the numbers that rules read."""

import datetime
from dataclasses import dataclass, field

import narwhals as nw

from migstat.work.harmonize.dates import as_number


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule needs to know of its source: the date of each row and the decimal sign."""

    date: datetime.date | None = None
    row_date: nw.Expr | None = None
    decimal: str = "."
    numbers: dict[str, tuple[str, nw.Expr]] = field(default_factory=dict)
    """The numbers that rules read: source column and expression, by the name of the column that will hold each.
    They are parsed once, before the rules."""
    typed: dict[str, str] = field(default_factory=dict)
    """The columns made first that are numbers, and by each the column that holds the number itself."""
    in_database: bool = False
    """The rules are asked of a database, by SQL that every one of them has."""
    blanks: bool = False
    """A column is made, not a component filled: of a blank it is blank."""

    def number(self, column: str, divide_by: float | None = None) -> nw.Expr:
        """Return the number that a source column holds, or null where it holds none."""
        if column in self.typed:
            return nw.col(self.typed[column]) if divide_by is None else nw.col(self.typed[column]) / divide_by
        name = f"migstat-number {column} {divide_by or ''}".rstrip()
        self.numbers[name] = column, as_number(nw.col(column), self.decimal, divide_by)
        return nw.col(name)
