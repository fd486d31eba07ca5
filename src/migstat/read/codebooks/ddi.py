"""DDI Codebook, 2.5 and before: variables with positions, categories, missing values, questions and types of record."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from migstat.read.codebooks.making import Making
from migstat.words.codebook import Codebook, Kind, RecordType, ValueLabel, Variable
from migstat.words.finding import Finding, Place, Severity

CATEGORIES = 100_000
"""Categories of one variable that are kept."""


def recognised(path: Path, start: bytes) -> bool:
    """Tell whether a file is a codebook in DDI."""
    text = start.decode("utf-16", "replace") if start[:2] in (b"\xff\xfe", b"\xfe\xff") else start.decode("latin-1")
    return re.search(r"<(?:\w+:)?codeBook\b", text) is not None


def read(path: Path) -> Codebook:
    """Read a codebook. Raises MigstatError where it is no XML, or where a column would be read from the wrong place."""
    from migstat.read.xml import elements, local

    making = Making(path.name)
    groups: list[dict[str, str]] = []
    files: dict[str, str] = {}
    found: list[tuple[Variable, list[str], list[str], int]] = []
    wanted = ["var", "recGrp", "fileTxt/fileName", "fileTxt", "stdyDscr/citation", "titl"]
    title = file = ""
    for event, one in elements(path, wanted, ["fileDscr"]):
        match local(one):
            case "fileDscr" if event == "start":
                file = one.get("ID", "")
            case "fileName" if file:
                files.setdefault(file, _text(one))
            case "titl" if not title:
                title = _text(one)
            case "recGrp":
                groups.append(dict(one.attrib) | {"label": _child(one, "labl"), "line": str(one.sourceline or 0)})
            case "var":
                variable = _variable(one, making)
                found.append(
                    (variable, one.get("rectype", "").split(), one.get("files", "").split(), one.sourceline or 0)
                )
    making.label = title
    several = len({at[0] for _, _, at, _ in found if len(at) == 1}) > 1
    for variable, types, at, line in found:
        records = types if groups else [files.get(at[0], at[0])] if several and at else []
        every = len(records) > 1 and len(set(records)) == len({group.get("rectype", "") for group in groups})
        for record in [""] if every or not records else records:
            making.add(replace(variable, record=record), line)
    if several and not groups:
        named = sorted({one.record for one in making.columns if one.record})
        mend = f"say which under source.format, as record: {named[0]}"
        making.doubt(0, f"describes {len(named)} files: {', '.join(named[:5])}", mend)
    _fill_starts(making)
    _record_types(groups, making)
    _say_decimals(making)
    return making.made()


def _variable(one: Any, making: Making) -> Variable:
    name = (one.get("name") or one.get("ID") or "").strip()
    line = one.sourceline or 0
    if not name:
        making.wrong(line, "a variable has no name", 'write <var name="AGE">')
    start, width = _location(one, name, line, making)
    missing = tuple(_invalid(one))
    values = []
    for at, category in enumerate(_children(one, "catgry")):
        if at >= CATEGORIES:
            making.doubt(line, f"{name} has more than {CATEGORIES:,} categories: the others are left out", "", name)
            break
        value = _child(category, "catValu")
        if value:
            lacks = category.get("missing", "").upper() == "Y" or value in missing
            values.append(ValueLabel(value, _child(category, "labl"), lacks))
    for value, count in Counter(value.value for value in values).items():
        if count > 1:
            making.doubt(line, f"the value {value} of {name} stands {count} times: the first counts", "", name)
    decimals = one.get("dcml", "").strip()
    if decimals and not decimals.isdecimal():
        making.doubt(line, f"dcml '{decimals[:40]}' of {name} is not a whole number: none is taken", "", name)
    return Variable(
        name=name,
        label=_child(one, "labl"),
        values=tuple({value.value: value for value in reversed(values)}.values())[::-1],
        missing=missing,
        kind=_kind(one),
        start=start,
        width=width,
        decimals=int(decimals[:9]) if decimals.isdecimal() else 0,
        question=next((_child(child, "qstnLit") or _text(child) for child in _children(one, "qstn")), ""),
        universe=_child(one, "universe"),
    )


def _kind(one: Any) -> Kind:
    format = next(_children(one, "varFormat"), None)
    if format is None:
        return "text"
    if format.get("category", "") in ("date", "time"):
        return "date"
    return "number" if format.get("type", "") == "numeric" else "text"


def _location(one: Any, name: str, line: int, making: Making) -> tuple[int | None, int | None]:
    at = next(_children(one, "location"), None)
    if at is None:
        return None, None
    numbers: dict[str, int | None] = {}
    for key in ("StartPos", "EndPos", "width", "RecSegNo"):
        text = at.get(key, "").strip()
        if text and not re.fullmatch(r"\d{1,9}", text):
            making.wrong(line, f"{key} '{text[:40]}' of {name} is not a whole number", "write a number", name)
            text = ""
        numbers[key] = int(text) if text else None
    start, end, width = numbers["StartPos"], numbers["EndPos"], numbers["width"]
    if (numbers["RecSegNo"] or 1) > 1:
        making.wrong(line, f"{name} stands in line {numbers['RecSegNo']} of a record, which cannot be read",
                     "join the lines of a record into one", name)  # fmt: skip
    if start is None:
        return None, width
    if end is None:
        return start, width
    if width is not None and end - start + 1 != width:
        what = f"{name} begins at {start}, ends at {end}, and has the width {width}, which is not what lies between"
        making.wrong(line, what, f'write width="{end - start + 1}"', name)
    return start, end - start + 1


def _invalid(one: Any) -> Iterator[str]:
    """Yield the values, and ranges of values, that are no answers."""
    for group in _children(one, "invalrng"):
        for item in _children(group, "item"):
            yield item.get("VALUE", "").strip()
        for item in _children(group, "range"):
            low, high = item.get("min", "-inf").strip(), item.get("max", "inf").strip()
            yield f"{low}..{high}" if low != high else low


def _fill_starts(making: Making) -> None:
    """Where only widths are given, each column begins where the one above it, of the same record, ends."""
    if any(one.start is not None for one in making.columns) or not all(one.width for one in making.columns):
        return
    ends: dict[str, int] = {}
    for at, one in enumerate(making.columns):
        start = ends.get(one.record, ends.get("", 1))
        making.columns[at] = replace(one, start=start)
        ends[one.record] = start + (one.width or 0)
    if making.columns:
        making.doubt(0, "has widths and no positions: each column begins where the one above it ends", "")


def _record_types(groups: list[dict[str, str]], making: Making) -> None:
    above = {id: group.get("ID", "") for group in groups for id in group.get("recGrp", "").split()}
    ids = {group.get("ID", ""): group.get("rectype", "") for group in groups}
    for group in groups:
        value = group.get("rectype", "").strip() or group.get("ID", "")
        parent = ids.get(above.get(group.get("ID", ""), ""), "")
        if not parent and making.records:
            parent = making.records[0].name
            if len(groups) > 2:
                what = f"the record {value} is taken to belong to {parent}: the codebook does not say to which"
                making.doubt(int(group["line"]), what, "write a layout as CSV where it belongs to another")
        key = group.get("keyvar", "").strip() if parent else ""
        if key and not making.shared(key, value, parent):
            what = f"{key}, the key of {value}, is not a column of both it and {parent}: the order of the lines tells"
            making.doubt(int(group["line"]), what, "write a layout as CSV where another column is the key")
            key = ""
        making.records.append(RecordType(value, value, parent, group["label"], key))
    first = next((group for group in groups if group.get("rtypeloc") or group.get("recidvar")), {})
    column = next((one for one in making.columns if one.name == first.get("recidvar")), None)
    if column is not None:
        making.record_column = column.name
        making.record_start, making.record_width = column.start, column.width
    elif first.get("rtypeloc", "").isdecimal():
        making.record_start = int(first["rtypeloc"])
        width = first.get("rtypewidth", "")
        making.record_width = int(width) if width.isdecimal() else len(making.records[0].value)


def _say_decimals(making: Making) -> None:
    named = [one.name for one in making.columns if one.decimals]
    if named:
        more = f" and {len(named) - 1} more" if len(named) > 1 else ""
        what = f"the decimals of {named[0]}{more} are taken as digits whose decimal sign is not written"
        making.findings.append(Finding(Place(making.name), "", what, "", Severity.NOTE, rule="codebook"))


def _children(one: Any, name: str) -> Iterator[Any]:
    return (child for child in one if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name)


def _child(one: Any, name: str) -> str:
    """Return the text of the first child of that name."""
    return next((_text(child) for child in _children(one, name)), "")


def _text(one: Any) -> str:
    return " ".join("".join(one.itertext()).split())
