"""Columns of fixed width: where each stands, and how it is cut out of many lines at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from migstat.read.extracts.lines import Block, as_text
from migstat.words.codebook import Codebook, Variable
from migstat.words.source import Format


@dataclass(frozen=True, slots=True)
class Column:
    """One column to cut out; ``record`` is the type of record it stands in, empty for all."""

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


def columns_of(book: Codebook, format: Format) -> list[Column]:
    """Return the columns of a row in the order of the codebook, those of the records above among them.

    A column that the records above have by the same name is called ``household.WEIGHT``.
    """
    line = lineage(book, format.record)
    own = {one.name for one in book.variables if one.record in ("", format.record)}
    found = []
    for one in book.variables:
        if one.record and one.record not in line and format.record:
            continue
        above = one.record not in ("", format.record)
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


def cut(lines: pl.Series, columns: Sequence[Column], format: Format, block: Block) -> pl.DataFrame:
    """Return the columns as text, without the blanks around them; what is blank or missing is null."""
    if lines.dtype == pl.Binary and not block.plain:
        pieces = {one.name: as_text(lines.bin.slice(one.start - 1, one.width), block.encoding) for one in columns}
        return pl.DataFrame(pieces).select(_told(pl.col(one.name), one, format).alias(one.name) for one in columns)
    lines = lines.cast(pl.String)
    frame = pl.DataFrame({"": lines})
    return frame.lazy().select(
        _told(pl.col("").str.slice(one.start - 1, one.width), one, format).alias(one.name) for one in columns
    ).collect()  # fmt: skip


def _told(value: pl.Expr, column: Column, format: Format) -> pl.Expr:
    """Take the blanks away, put in a decimal sign that is not written, and make null what stands for a blank."""
    value = value.str.strip_chars()
    blank = [*{*format.missing, ""}]
    null = (value == "") if len(blank) == 1 else value.is_in(blank)
    told = _pointed(value, column.decimals, format.decimal) if column.decimals else value
    return pl.when(~null).then(told)


def _pointed(value: pl.Expr, decimals: int, sign: str) -> pl.Expr:
    """Put the decimal sign before the last digits of whole numbers: 12345 with 2 decimals is 123.45."""
    minus = pl.when(value.str.starts_with("-")).then(pl.lit("-")).otherwise(pl.lit(""))
    digits = value.str.strip_chars_start("+-").str.zfill(decimals + 1)
    whole = digits.str.head(-decimals).str.strip_chars_start("0")
    whole = pl.when(whole == "").then(pl.lit("0")).otherwise(whole)
    pointed = pl.concat_str(minus, whole, pl.lit(sign), digits.str.tail(decimals))
    return pl.when(value.str.contains(r"^[+-]?\d+$")).then(pointed).otherwise(value)
