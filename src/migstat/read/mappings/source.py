"""The head of a mapping: the national source, how its file is written, and the rounds it was repeated in."""

import codecs
import re
from typing import Any

from migstat.read.mappings.date_rules import date_parts
from migstat.read.mappings.dates import first_day, format_fault
from migstat.read.mappings.design import DESIGN, columns, design
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.mappings.tables import Folder
from migstat.read.placed import Placed
from migstat.words.mapping_rule import DateRule
from migstat.words.source import Format, Source, Wave

KINDS = ("census", "survey", "administrative")
CONCEPTS = {
    "population": ("de jure", "de facto"),
    "birthplace": ("actual", "mother's residence"),
    "boundaries": ("census date", "at birth"),
}
TEXTS = ("name", "by", "area", "licence", "url", "coverage", "duration")
KEYS = (
    "kind",
    *TEXTS,
    "date",
    *CONCEPTS,
    "key",
    *DESIGN,
    "identifiers",
    "format",
    "confidence",
)
FORMATS = ("csv", "parquet")
FORMAT_KEYS = ("kind", "delimiter", "quote", "encoding", "missing", "decimal", "header", "columns", "member", "trim")


def source(placed: Placed, folder: Folder, *, dated_by_waves: bool, kinds: tuple[str, ...] = KINDS) -> Source:
    """Read the source."""
    faults = folder.faults
    items = faults.keys(placed, KEYS, "source")
    needs = {"by": "write by: the office that made it", "area": "write area: KEN, the alpha-3 code of the country"}
    texts: dict[str, Any] = {
        key: faults.text(items, key, "source", needed=placed.place if key in needs else None, mend=needs.get(key, ""))
        for key in TEXTS
    }
    if "kind" not in items:
        mend = f"write kind: {', '.join(kinds[:-1])} or {kinds[-1]}"
        faults.add(placed.place, "source has no 'kind'", mend)
    concepts: dict[str, Any] = {key: faults.choice(items, key, known) for key, known in CONCEPTS.items()}
    period, rule = _date(items.get("date"), faults)
    if "date" not in items and not dated_by_waves:
        faults.add(placed.place, "source has no 'date'", "write date: 2019-08-24, or {year: COLUMN}")
    return Source(
        kind=faults.choice(items, "kind", kinds),
        **texts,
        **concepts,
        place=placed.place,
        period=period,
        date=first_day(period) if period else None,
        date_rule=rule,
        key=columns(items, "key", faults),
        **design(items, folder),
        identifiers=columns(items, "identifiers", faults),
        format=_format(items["format"], faults) if "format" in items else Format(),
        confidence=faults.confidence(items["confidence"].text, items["confidence"].place)
        if "confidence" in items
        else None,
    )


def _date(placed: Placed | None, faults: Faults) -> tuple[str, DateRule | None]:
    if placed is None:
        return "", None
    if "from" in placed.items:
        items = faults.keys(placed, ("from", "date", "pivot"), "date")
        column = faults.text(items, "from", "date", needed=placed.place)
        text = faults.text(items, "date", "date", needed=placed.place, mend="write its format, such as dd/mm/yyyy")
        pivot = faults.whole(items, "pivot", 1000)
        fault, mend = format_fault(text, pivot) if text else ("", "")
        if fault:
            faults.add(items["date"].place, f"the format {text} cannot be read: {fault}", mend)
        return "", DateRule(placed.place, column, text, {}, (), pivot)
    if placed.items:
        return "", date_parts(placed, placed, faults)
    if first_day(placed.text) is None:
        mend = "write it as 2019-08-24, 2019-08, 2019-Q3 or 2019"
        faults.add(placed.place, f"date: {placed.text or shape(placed)} is not a date", mend)
        return "", None
    return placed.text, None


def _format(placed: Placed, faults: Faults) -> Format:
    items = faults.keys(placed, FORMAT_KEYS, "format")
    plain = Format()
    encoding = faults.text(items, "encoding", "format") or plain.encoding
    try:
        codecs.lookup(encoding)
    except LookupError:
        mend = nearest(encoding, ("utf-8", "latin-1", "cp1252", "utf-16", "cp437", "cp850"))
        faults.add(items["encoding"].place, f"there is no encoding {encoding}", mend)
    header = faults.whole(items, "header")
    named = columns(items, "columns", faults)
    if header == 0 and not named:
        faults.add(items["header"].place, "a file without a header needs its columns", "write columns: [A, B, C]")
    return Format(
        kind=faults.choice(items, "kind", FORMATS, "csv"),
        delimiter=_sign(items, "delimiter", plain.delimiter, faults),
        quote=_sign(items, "quote", plain.quote, faults),
        encoding=encoding,
        missing=faults.texts(items["missing"], "missing") if "missing" in items else plain.missing,
        decimal=faults.choice(items, "decimal", (".", ","), "."),
        header=plain.header if header is None else header,
        columns=named,
        member=faults.text(items, "member", "format"),
        trim=faults.choice(items, "trim", ("true", "false", "yes", "no"), "false") in {"true", "yes"},
    )


def _sign(items: dict[str, Placed], key: str, default: str, faults: Faults) -> str:
    if key not in items:
        return default
    sign = {"tab": "\t", "\\t": "\t", "none": ""}.get(items[key].text, items[key].text)
    if len(sign) > 1 or (not sign and key == "delimiter"):
        faults.add(items[key].place, f"{key}: '{sign}' is not one character", "write one, such as ; or tab")
        return default
    return sign


def waves(placed: Placed, faults: Faults) -> tuple[Wave, ...]:
    """Read the rounds of a repeated source."""
    if not placed.items:
        faults.add(placed.place, f"waves is {shape(placed)}", "write waves: {w2001: {date: 2001, columns: {...}}}")
    found = []
    for id, entry in placed.items.items():
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", id):
            faults.add(entry.place, f"wave '{id}' has a sign that an id cannot have", "use letters, digits, _ and -")
        items = faults.keys(entry, ("date", "columns", "not_collected"), f"wave {id}")
        period, rule = _date(items.get("date"), faults)
        if rule is not None:
            faults.add(items["date"].place, f"wave {id} takes its date from a column", "write the date itself")
        elif "date" not in items and items:
            faults.add(entry.place, f"wave {id} has no 'date'", "write date: 2001-01-01")
        aliases = {alias: column.text for alias, column in items["columns"].items.items()} if "columns" in items else {}
        for alias, column in aliases.items():
            if not column:
                mend = f"write {alias}: COLUMN, or list it under not_collected"
                faults.add(items["columns"].items[alias].place, f"wave {id} names no column for {alias}", mend)
        not_collected = faults.texts(items.get("not_collected"), "not_collected")
        for alias in not_collected:
            if alias in aliases:
                what = f"wave {id} both names a column for {alias} and lists it as not collected"
                faults.add(items["not_collected"].place, what, "keep one of the two")
        found.append(Wave(id, entry.place, period, first_day(period) if period else None, aliases, not_collected))
    return tuple(found)
