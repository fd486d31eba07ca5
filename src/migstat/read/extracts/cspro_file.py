"""CSPro data as extracts: text by its dictionary, or a data file (.csdb), with the same columns and values."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read.cspro import Csdb, open_csdb
from migstat.read.cspro.csdb import OUTSIDE
from migstat.read.cspro.dictionary import KEY, Item, Record
from migstat.read.extracts.extract import Extract, Numbers
from migstat.read.extracts.fixed_width import read_fixed_width
from migstat.read.heads import check_columns, left_behind
from migstat.read.packed import fault, file_hash
from migstat.words.codebook import Codebook
from migstat.words.finding import Finding, Place, Severity
from migstat.words.row_columns import lineage
from migstat.words.source import Format

OCCURRENCE = "occ"
"""Which of several records of a type this is: a column that the data file has beside the dictionary's."""


def read_cspro_text(path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str]) -> Extract:
    """Open a text file of CSPro, by the dictionary that the format names; numbers are read as CSPro shows them."""
    book = format.codebook
    if book is None or any(one.start is None for one in book.variables):
        mend = "write layout: with the name of the dictionary (.dcf) beside the mapping, under source.format"
        raise fault(path.name, "is no data file (.csdb): a text file of CSPro needs its dictionary", mend)
    record = record_named(book, format.record, path.name) if book.records else ""
    shape = replace(format, kind="fixed", header=0, record=record, pad=True, count=format.count or "characters")
    extract = read_fixed_width(path, shape, needed, identifiers)
    numbers = {one.name for one in book.variables if one.kind == "number"}
    plain = [column for column in extract.columns if _bare(column) in numbers]
    extract.parts = ((rows, part.with_columns(_plain(column) for column in plain)) for rows, part in extract.parts)
    return extract


def _bare(column: str) -> str:
    """The name of the item of a column: without the record above it, and without its number."""
    name = column.rsplit(".", 1)[-1]
    return name.partition("(")[0] if name.endswith(")") else name


def _plain(column: str) -> pl.Expr:
    """Write a number without leading zeros and without zeros at the end of its decimals; leave anything else."""
    value = pl.col(column)
    number = value.str.contains(r"^[+-]?(\d+\.?\d*|\.\d+)$")
    bare = value.str.replace(r"^\+", "").str.replace(r"^(-?)0+(\d)", "${1}${2}").str.replace(r"^(-?)\.", "${1}0.")
    pointed = pl.when(bare.str.contains(".", literal=True)).then(bare.str.replace(r"\.?0*$", "")).otherwise(bare)
    return pl.when(number).then(pointed.str.replace(r"^-0$", "0")).otherwise(value).alias(column)


def record_named(book: Codebook, said: str, name: str) -> str:
    """Return the type of record that makes a row."""
    names = [one.name for one in book.records]
    if not said and len(names) == 1:
        return names[0]
    found = book.record(said)
    if found is not None:
        return found.name
    what = f"has no record '{said}'" if said else f"has {len(names)} types of record, and the format does not say which"
    raise fault(name, what, f"write record: one of {', '.join(names)}, under source.format")


def read_csdb(path: Path, format: Format, needed: Sequence[str], identifiers: Sequence[str]) -> Extract:
    """Open a data file of CSPro."""
    opened = open_csdb(path)
    book = opened.codebook
    name = record_named(book, format.record, path.name)
    above = lineage(book, name)[1:]
    columns = list(_columns(opened, name, above))
    shown = [column for column, _, _, _ in columns]
    check_columns(shown, needed, path.name, 0)
    taken = [one for one in columns if one[0] not in identifiers]
    records = {one.name: one for one in opened.dictionary.records()}
    findings = [*opened.findings, *left_behind(shown, needed, identifiers, path.name)]
    if format.layout:
        what = f"read by the dictionary inside of it, and not by {Path(format.layout).name}"
        findings.append(Finding(Place(path.name), "", what, "", Severity.NOTE, rule="assumed"))
    if astray := opened.astray(records[name]):
        what, mend = f"records of {name} that belong to no case are not read", "mend the file in CSPro"
        findings.append(Finding(Place(path.name), "", what, mend, Severity.WARNING, rule="records", rows=astray))
    size, total = path.stat().st_size, opened.tables[name.lower()]
    done = 0

    def parts() -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        nonlocal done
        count, rows = Numbers([]), 0
        asked = [(table, column, item) for _, table, column, item in taken]
        for batch in opened.records(records[name], [records[one] for one in above], asked):
            frame = pl.DataFrame(
                {one[0]: [_text(row[at], one[3]) for row in batch] for at, one in enumerate(taken)},
                schema={one[0]: pl.String for one in taken},
            )
            rows += frame.height
            done = int(size * rows / max(1, total))
            yield count.next(frame.height), frame

    return Extract(
        path.name,
        tuple(one[0] for one in taken),
        parts(),
        findings=findings,
        size=size,
        at=lambda: done,
        sha256=lambda: file_hash(path),
        raw=True,
        codebook=book,
    )


def _columns(opened: Csdb, record: str, above: Sequence[str]) -> Iterator[tuple[str, str, str, Item]]:
    """The columns of a row: name, table, column of the table, item; named as those of the text file are."""
    read = opened.dictionary
    own = {item.name for item in _items(read.records(), record)} | {i.name for level in read.levels for i in level.ids}
    level = read.level_of(record)
    for at, one in enumerate(read.levels[: level + 1], 1):
        for item in one.ids:
            yield item.name, f"level-{at}", item.name.lower(), item
    yield KEY, "cases", "key", Item(KEY, numeric=False)
    most = next(one.most for one in read.records() if one.name == record)
    if most > 1:
        yield OCCURRENCE, record.lower(), "occ", Item(OCCURRENCE)
    taken: set[str] = set()
    for of in (record, *above):
        parent: Item | None = None
        for item in _items(read.records(), of):
            parent = parent if item.within else item
            if item.binary:
                continue
            clash = of != record and (item.name in own or item.name in taken)
            name = f"{of}.{item.name}" if clash else item.name
            times = item.occurs * (parent.occurs if item.within and parent is not None else 1)
            for number in range(1, times + 1) if times > 1 else [0]:
                place = f"({number})" if number else ""
                yield f"{name}{place}", of.lower(), f"{item.name.lower()}{place}", item
        taken |= {item.name for item in _items(read.records(), of)}


def _items(records: Sequence[Record], name: str) -> list[Item]:
    return next(one.items for one in records if one.name == name)


def _text(value: Any, item: Item) -> str | None:
    """A stored value as text: a blank is null; a value that fits no code is as many asterisks as the item is wide."""
    if value is None or isinstance(value, bytes):
        return None
    if isinstance(value, str):
        return value.rstrip(" ") or None
    if isinstance(value, float):
        if abs(value) >= OUTSIDE:
            return "*" * item.width
        if value.is_integer():
            return str(int(value))
        return repr(value)
    return str(value)
