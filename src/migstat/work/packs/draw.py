"""Invented rows: each column is drawn in turn, of the values that a pack lists, the same for the same seed."""

import datetime
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

import narwhals as nw
import polars as pl

from migstat.words.expression import names
from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.how_many import how_many
from migstat.words.mapping import Mapping
from migstat.words.mapping_rule import ANY, Copy, Line, PatternLine, Patterns, Recode, leaves
from migstat.words.mapping_rule import columns as columns_of
from migstat.words.pack import Draw, Item, Layout, PackCase
from migstat.words.source import Wave
from migstat.work.conditions import compile_expression

MOST_CELLS = 50_000_000
"""Rows by columns; more is no extract of a pack."""
WIDEST = 100
"""Digits to which a counter is filled up."""
HOUSEHOLD = 3
"""Rows that share a {household}; {person} numbers them."""
_SLOT = re.compile(r"\{([^{}]+)\}")
_RANGE = re.compile(r"(-?\d+(?:\.(\d+))?)\.\.(-?\d+(?:\.\d+)?)")
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")
_TERM = re.compile(r"\s*([+-]?)\s*([^\s+-]+)")
Values = tuple[str, ...]


def draw(draws: Sequence[Draw], layout: Layout, mapping: Mapping, wave: Wave | None, case: PackCase) -> pl.DataFrame:
    """Return the invented rows of a case as text, and at their end those that lines of generate.csv spoil.

    Every value that a line lists, or takes of a recode, comes at least once where the rows suffice. Columns that no
    line names stay blank; a column whose name begins with ``_`` helps others, and is not of the file.
    Raises MigstatError where a line names an unknown column, or reads one that is drawn later.
    """
    mine = [one for one in draws if one.wave in ("", case.round)]
    whole, spoilt = [one for one in mine if not one.rows], [one for one in mine if one.rows]
    wanted = (case.rows + sum(one.rows for one in spoilt)) * len({name for one in mine for name in one.columns})
    if wanted > MOST_CELLS:
        raise misuse(
            f"{how_many(case.rows, 'row makes', 'rows make')} {wanted:,} values, and {MOST_CELLS:,} is the most",
            "ask for fewer rows",
        )
    made = _Made(mapping, wave, case.rows + sum(one.rows for one in spoilt), case.seed)
    _check(mine, layout)
    for columns in dict.fromkeys(one.columns for one in whole):
        made.add(columns, [one for one in whole if one.columns == columns])
    at = case.rows
    for one in spoilt:
        made.spoil(one, range(at, at + one.rows))
        at += one.rows
    made.settle()
    blank: list[str | None] = [None] * made.rows
    return pl.DataFrame(
        {name: made.columns.get(name, blank) for name in layout.columns},
        schema=dict.fromkeys(layout.columns, pl.String),
    )


def _check(draws: Sequence[Draw], layout: Layout) -> None:
    faults = []
    known: set[str] = set()
    for one in draws:
        for name in one.columns:
            if name not in layout.columns and not name.startswith("_"):
                mend = "mend its name, or add it to layout.csv; begin the name of a helping column with _"
                faults.append(Finding(one.place, name, f"layout.csv has no column {name}", mend))
        read = names(one.when) if one.when is not None else ()
        if one.when is not None and not read:
            mend = "name a column drawn above, or leave when empty"
            faults.append(Finding(one.place, one.columns[0], "the condition reads no column", mend))
        for name in read:
            if name not in known - {*one.columns}:
                what = f"the condition reads {name}, which is not drawn yet"
                faults.append(Finding(one.place, one.columns[0], what, f"put the lines of {name} above"))
        known |= {*one.columns}
    if faults:
        raise MigstatError(faults)


@dataclass(slots=True)
class _Made:
    """The columns drawn so far."""

    mapping: Mapping
    wave: Wave | None
    rows: int
    seed: str
    columns: dict[str, list[str | None]] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def add(self, columns: Values, draws: Sequence[Draw]) -> None:
        """Draw some columns together, row by row, each by the first line whose condition is true."""
        drawn: dict[str, list[str | None]] = {name: [None] * self.rows for name in columns}
        left = list(range(self.rows))
        frame = pl.DataFrame(self.columns, schema=dict.fromkeys(self.columns, pl.String)) if self.columns else None
        for number, one in enumerate(draws):
            here = self.where(one, frame, left)
            taken = set(here)
            left = [row for row in left if row not in taken]
            for row, values in zip(here, self.values(one, here, f"{'+'.join(columns)} {number}"), strict=True):
                for name, value in zip(columns, values, strict=True):
                    drawn[name][row] = value
        self.columns |= drawn

    def where(self, one: Draw, frame: pl.DataFrame | None, left: list[int]) -> list[int]:
        """Return the rows that are left and meet the line's condition."""
        if one.when is None or frame is None:
            return left
        when = compile_expression(one.when, dict.fromkeys(frame.columns, "text"))
        true = nw.from_native(frame, eager_only=True).select(when.alias("when"))["when"].to_list()
        return [row for row in left if true[row]]

    def values(self, one: Draw, here: list[int], name: str) -> Iterator[Values]:
        """Yield the values of a line for some rows: each once, spread over them, then by their shares."""
        dice = Random(f"{self.seed} {name}")  # noqa: S311 - nothing is secret; the same seed must give the same rows
        choices = [(values, item.share / len(group)) for item in one.items
                   for group in [self.group(item, one.columns, one.place)] for values in group]  # fmt: skip
        if not choices:
            yield from [("",) * len(one.columns)] * len(here)
            return
        spread = sorted(range(len(here)), key=lambda _: dice.random())
        dealt = dict(zip(spread, (values for values, _ in choices), strict=False))
        ends = list(accumulate(share for _, share in choices))
        for at, row in enumerate(here):
            values = dealt.get(at)
            if values is None:
                values = choices[min(bisect_right(ends, dice.random() * ends[-1]), len(choices) - 1)][0]
            yield tuple(self.filled(value, row, dice, one.place) for value in values)

    def group(self, item: Item, columns: Values, place: Place) -> list[Values]:
        """Return what one item stands for: itself, or the source values of recode lines."""
        if not item.lines:
            return [(item.text,) * len(columns)]
        found = list(dict.fromkeys(self.lines(item, columns)))
        if not found:
            what = f"the mapping has no line for {' and '.join(columns)} that 'recode' could take"
            self.faults.append(Finding(place, columns[0], what, "list the values: 1 | 2 | 9"))
        return found

    def lines(self, item: Item, columns: Values) -> Iterator[Values]:
        """Yield the source values of the recode lines that read these columns, by the names of the file."""
        names = self.wave.columns if self.wave is not None else {}
        for target in (*self.mapping.columns, *self.mapping.targets):
            if item.of and target.component != item.of:
                continue
            for rule in leaves(target.rule):
                if tuple(names.get(name, name) for name in columns_of(rule)) != columns:
                    continue
                lines: Sequence[Line | PatternLine] = rule.lines if isinstance(rule, Recode | Copy | Patterns) else ()
                for line in lines:
                    if line.code not in item.but and (not item.to or line.code in item.to):
                        yield from _plain(line, lines)

    def filled(self, text: str, row: int, dice: Random, place: Place) -> str:
        """Return a value with its slots filled, drawn where it is a range."""
        whole = _SLOT.sub(lambda slot: self.slot(slot[1], row, place), text) if "{" in text else text
        if ".." not in whole:
            return whole
        if days := _DAYS.fullmatch(whole):
            first, last = (datetime.date.fromisoformat(day) for day in days.groups())
            return (first + datetime.timedelta(int(dice.random() * max(1, (last - first).days + 1)))).isoformat()
        if ends := _RANGE.fullmatch(whole):
            return _number(ends, dice)
        return whole

    def slot(self, said: str, row: int, place: Place) -> str:
        """Return what stands for ``{row:7}``, ``{household}``, ``{COLUMN}`` or ``{2018 - AGE}``."""
        sum_, _, digits = said.partition(":")
        width = min(int(digits), WIDEST) if digits.isdecimal() and len(digits) < 4 else 0
        terms = _TERM.findall(sum_)
        found = [self.term(term.strip(), row, place) for _, term in terms]
        if len(terms) == 1:
            return found[0].zfill(width)
        try:
            total = sum(
                -int(value) if sign == "-" else int(value) for (sign, _), value in zip(terms, found, strict=True)
            )
        except ValueError:
            self.fault(place, f"{{{said}}} adds what is no whole number", "add numbers, and columns of numbers")
            return ""
        return str(total).zfill(width)

    def term(self, name: str, row: int, place: Place) -> str:
        """Return a number, a counter, or the value of a column that is drawn already."""
        if name.isdecimal():
            return name
        counters = {"row": row + 1, "household": row // HOUSEHOLD + 1, "person": row % HOUSEHOLD + 1}
        if name in counters:
            return str(counters[name])
        if name not in self.columns:
            self.fault(place, f"{{{name}}} names a column that is not drawn yet", "put its lines above")
            return ""
        return self.columns[name][row] or ""

    def spoil(self, one: Draw, here: range) -> None:
        """Put into rows what is wrong with them."""
        for row, values in zip(here, self.values(one, list(here), f"spoilt {here.start}"), strict=True):
            for name, value in zip(one.columns, values, strict=True):
                self.columns.setdefault(name, [None] * self.rows)[row] = value

    def fault(self, place: Place, what: str, mend: str) -> None:
        """Note what cannot be drawn."""
        self.faults.append(Finding(place, "", what, mend))

    def settle(self) -> None:
        """Raise MigstatError where anything could not be drawn; a blank is null."""
        if self.faults:
            raise MigstatError(dict.fromkeys(self.faults))
        self.columns = {name: [value or None for value in values] for name, values in self.columns.items()}


def _plain(line: Line | PatternLine, lines: Sequence[Line | PatternLine]) -> Iterator[Values]:
    """Yield the values of a line; where any will do, the first that another line names; expressions give none."""
    if isinstance(line, PatternLine):
        if all(not value.is_regex and value.start is None and value.end is None for value in line.values):
            yield tuple(value.text for value in line.values)
        return
    named = [
        next((other.values[at] for other in lines if isinstance(other, Line) and other.values[at] != ANY), "")
        for at in range(len(line.values))
    ]
    yield tuple(named[at] if value == ANY else value for at, value in enumerate(line.values))


def _number(ends: re.Match[str], dice: Random) -> str:
    low, high, decimals = ends[1], ends[3], len(ends[2] or "")
    least, most = float(low), float(high)
    steps = max(0, round((most - least) * 10**decimals))
    value = least + int(dice.random() * (steps + 1)) / 10**decimals
    return f"{value:.{decimals}f}".zfill(len(low) if low.startswith("0") else 0)
