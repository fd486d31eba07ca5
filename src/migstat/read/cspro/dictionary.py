"""A CSPro dictionary: levels, their identifying items and records, items with their values; and its codebook."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from migstat.words.codebook import Codebook, RecordType, ValueLabel, Variable
from migstat.words.finding import Finding

KEY = "case-key"
"""The column in which the identifying items of the first level stand side by side, as CSPro itself names a case."""


@dataclass(slots=True)
class Item:
    """An item, or a part of one (``within``); ``values`` are those of its first set."""

    name: str = ""
    label: str = ""
    start: int = 0
    width: int = 1
    numeric: bool = True
    decimals: int = 0
    mark: bool = True
    """The decimal sign is written."""
    occurs: int = 1
    within: bool = False
    binary: bool = False
    values: list[ValueLabel] = field(default_factory=list)
    sets: int = 0
    line: int = 0


@dataclass(slots=True)
class Record:
    """A type of record; ``most`` is how many of it a level may have."""

    name: str = ""
    label: str = ""
    value: str = ""
    most: int = 1
    items: list[Item] = field(default_factory=list)
    line: int = 0


@dataclass(slots=True)
class Level:
    """A level: what identifies it, and its records."""

    name: str = ""
    label: str = ""
    ids: list[Item] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class Dictionary:
    """A dictionary as its file has it."""

    file: str
    name: str = ""
    label: str = ""
    version: str = ""
    start: int = 1
    length: int = 1
    """Where the type of a record stands."""
    levels: list[Level] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def level_of(self, record: str) -> int:
        """Return the number of the level that has a record, counted from 0."""
        return next(at for at, level in enumerate(self.levels) if any(one.name == record for one in level.records))

    def records(self) -> list[Record]:
        """All records, level by level."""
        return [record for level in self.levels for record in level.records]


def codebook_of(read: Dictionary) -> Codebook:
    """Return the codebook of a dictionary: identifying items stand in all records, other items in their own."""
    ids = [item for level in read.levels for item in level.ids]
    variables = [_variable(item, "") for item in ids]
    keys = _keys(read)
    variables += list(keys.values())
    for record in read.records():
        parent: Item | None = None
        for item in record.items:
            variables += _within(item, parent, record.name) if item.within else [_variable(item, record.name)]
            parent = parent if item.within else item
    return Codebook(
        name=read.file,
        label=read.label,
        variables=tuple(variables),
        records=tuple(_record_types(read, keys)),
        record_start=read.start if read.length else None,
        record_width=read.length or None,
        findings=tuple(read.findings),
    )


def _variable(item: Item, record: str) -> Variable:
    return Variable(
        name=item.name,
        label=item.label,
        values=tuple(item.values),
        missing=tuple(one.value for one in item.values if one.missing and one.value),
        kind="number" if item.numeric else "text",
        start=item.start,
        width=item.width,
        decimals=0 if item.mark else item.decimals,
        record=record,
        repeats=item.occurs,
    )


def _within(item: Item, parent: Item | None, record: str) -> list[Variable]:
    """Parts of an item: where the item repeats, each part stands once in each of them."""
    if parent is None or parent.occurs == 1:
        return [_variable(item, record)]
    whole = _variable(item, record)
    made = []
    for number in range(parent.occurs * item.occurs):
        start = item.start + (number // item.occurs) * parent.width + (number % item.occurs) * item.width
        made.append(
            Variable(
                name=f"{item.name}({number + 1})",
                label=item.label,
                values=whole.values,
                missing=whole.missing,
                kind=whole.kind,
                start=start,
                width=item.width,
                decimals=whole.decimals,
                record=record,
            )
        )
    return made


def _keys(read: Dictionary) -> dict[int, Variable]:
    """The column that names a case at each level, where others belong to it; none where other things stand within."""
    made: dict[int, Variable] = {}
    ids: list[Item] = []
    for at, level in enumerate(read.levels):
        ids = [*ids, *level.ids]
        belonging = len(level.records) > 1 or at + 1 < len(read.levels)
        if not ids or not belonging:
            continue
        start, end = min(one.start for one in ids), max(one.start + one.width for one in ids)
        if read.length and start <= read.start < end:
            continue
        name = KEY if at == 0 else f"level-{at + 1}-key"
        made[at] = Variable(name, f"key of {level.label or level.name}", start=start, width=end - start)
    return made


def _record_types(read: Dictionary, keys: dict[int, Variable]) -> Iterator[RecordType]:
    """A record of several belongs to the single one of its level; a single one to that of the level above."""
    above: tuple[str, int] | None = None
    for at, level in enumerate(read.levels):
        single = next((one for one in level.records if one.most == 1), None)
        for record in level.records:
            to = above if single is None or record is single else (single.name, at)
            if record.most == 1 and record is not single:
                to = (single.name, at) if single is not None else above
            key = keys[to[1]].name if to is not None and to[1] in keys else ""
            yield RecordType(record.name, record.value, to[0] if to else "", record.label, key)
        above = (single.name, at) if single is not None else above


NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")


def plain_number(text: str) -> str:
    """Write a number as CSPro shows it: without leading zeros, without zeros after the last decimal."""
    text = text.strip()
    if not NUMBER.fullmatch(text):
        return text
    sign = "-" if text.startswith("-") else ""
    whole, _, rest = text.lstrip("+-").partition(".")
    whole, rest = whole.lstrip("0") or "0", rest.rstrip("0")
    return f"{sign if whole != '0' or rest else ''}{whole}{'.' if rest else ''}{rest}"
