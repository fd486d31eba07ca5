"""The head of a sheet: which rows name its columns, what stands above them, and where the table ends."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

SEARCHED = 40
"""Rows in which the header is looked for."""
DEEPEST = 3
"""Rows that name a column together, at most."""
Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class SheetHead:
    """The rows that name the columns, counted from 1, and the names."""

    first: int
    last: int
    columns: list[str]
    found: bool = True
    """All columns that are needed are there."""
    labels: tuple[str, ...] = ()
    """What a line right above the names calls the columns, where the names are codes: P03 below Sex."""


def head_at(cells: pl.DataFrame, row: int, needed: Sequence[str]) -> SheetHead:
    """Return the head whose last row is given."""
    rows = cells.slice(row - 1, 1).rows()
    names = _names(rows, needed) if rows else []
    return SheetHead(row, row, names, set(needed) <= set(names))


def find_head(cells: pl.DataFrame, needed: Sequence[str]) -> SheetHead:
    """Return the head: the first rows that name all columns needed, alone or joined with those above them.

    Where none does, it is the first row that is filled as a header is: with texts, in most of the columns.
    """
    rows = cells.head(SEARCHED).rows()
    if not rows:
        return SheetHead(1, 1, [], not needed)
    if needed:
        for depth in range(1, DEEPEST + 1):
            for last in range(depth, len(rows) + 1):
                names = _names(rows[last - depth : last], needed)
                if set(needed) <= set(names):
                    return SheetHead(last - depth + 1, last, names)
    last = _likely(rows)
    if _names_again(rows, last):
        labels = tuple(_tidy(cell) for cell in rows[last - 1])
        return SheetHead(last + 1, last + 1, _names([rows[last]], needed), not needed, labels)
    first = last
    while first > 1 and last - first < DEEPEST - 1 and _groups(rows[first - 2], rows[last - 1]):
        first -= 1
    return SheetHead(first, last, _names(rows[first - 1 : last], needed), not needed)


def _likely(rows: Sequence[Row]) -> int:
    """The row, counted from 1, that looks most like a header."""
    filled = [sum(cell is not None and bool(cell.strip()) for cell in row) for row in rows]
    width = max(filled, default=0)
    for number, row in enumerate(rows, 1):
        texts = [cell for cell in row if cell and cell.strip()]
        if len(texts) >= max(1, 0.6 * width) and not any(_is_number(cell) for cell in texts):
            return number
    return next((number for number, count in enumerate(filled, 1) if count), 1)


def _names_again(rows: Sequence[Row], last: int) -> bool:
    """Tell whether the line below a header, counted from 1, is a second one: codes stand there above numbers.

    Each of its cells is filled where the header is, holds no blank, and stands nowhere below. Most of them have a digit
    or a low line, as P03 has, or stand above numbers: a record that begins with texts, such as a name, has neither.
    """
    if last + 1 >= len(rows):
        return False
    row, below = rows[last], rows[last + 1 :]
    filled = [at for at, cell in enumerate(rows[last - 1]) if cell and cell.strip()]
    cells = [_tidy(row[at]) for at in filled]
    if len(set(cells)) < len(cells) or any(len(cell.split()) != 1 or _is_number(cell) for cell in cells):
        return False
    columns = [[_tidy(line[at]) for line in below if line[at] and _tidy(line[at])] for at in filled]
    of_numbers = sum(len(column) > 1 and all(map(_is_number, column)) for column in columns)
    numbered = sum(any(sign.isdecimal() or sign == "_" for sign in cell) for cell in cells)
    if not of_numbers or 2 * max(of_numbers, numbered) <= len(cells):
        return False
    return not any(cell in column for cell, column in zip(cells, columns, strict=True))


def _groups(above: Row, below: Row) -> bool:
    """Tell whether a row names groups of columns: it is filled above columns whose own names repeat."""
    told = [cell.strip() for cell in below if cell and cell.strip()]
    repeated = len(told) != len(set(told))
    return repeated and sum(bool(cell and cell.strip()) for cell in above) > 1


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _names(rows: Sequence[Row], needed: Sequence[str]) -> list[str]:
    """Name each column by its lowest row; by all rows joined where that is needed, or where the lowest name repeats.

    In the rows above the lowest, a cell holds for the empty cells to the right of it, as merged cells do.
    """
    lowest = [_tidy(cell) for cell in rows[-1]]
    above: list[list[str]] = []
    for row in rows[:-1]:
        filled, last = [], ""
        for cell in row:
            last = _tidy(cell) or last
            filled.append(last)
        above.append(filled)
    joined = [
        " ".join(dict.fromkeys(part for part in (*(row[at] for row in above), lowest[at]) if part))
        for at in range(len(lowest))
    ]
    counted = Counter(lowest)
    wanted = set(needed)
    names = []
    for at, low in enumerate(lowest):
        long = joined[at]
        if long in wanted and not (low in wanted and counted[low] == 1):
            names.append(long)
        elif low and counted[low] == 1:
            names.append(low)
        else:
            names.append((long if len(rows) > 1 else low) or f"unnamed_{at + 1}")
    return names


def _tidy(cell: str | None) -> str:
    return " ".join(cell.split()) if cell else ""


def end_of_table(cells: pl.DataFrame, last: int) -> int:
    """Return the last row of the table below a header, counted from 1: notes below it are not part of it.

    A note is a row with one filled cell at the end, set off by an empty row or written as a sentence; a table of one
    or two columns has none that can be told.
    """
    filled = cells.select(pl.sum_horizontal(pl.all().str.strip_chars().fill_null("") != "")).to_series().to_list()
    end = len(filled)
    while end > last and not filled[end - 1]:
        end -= 1
    width = max(filled[last:end], default=0)
    if width < 3:
        return end
    table_end = end
    at = end
    while at > last and filled[at - 1] <= 1:
        row = [cell for cell in cells.row(at - 1) if cell and cell.strip()]
        set_off = at - 1 > last and not filled[at - 2]
        if not filled[at - 1] or set_off or " " in row[0].strip():
            table_end = at - 1
            at -= 1
        else:
            break
    while table_end > last and not filled[table_end - 1]:
        table_end -= 1
    return table_end
