"""The head of a mapping: the national source, how its file is written, and the rounds it was repeated in."""

import re
from dataclasses import replace
from typing import Any

from migstat.read.mappings.companions import companions
from migstat.read.mappings.date_rules import date_parts
from migstat.read.mappings.dates import first_day, format_fault
from migstat.read.mappings.design import DESIGN, columns, design
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.mappings.tables import Folder
from migstat.read.placed import Placed
from migstat.read.transcoded import is_plain
from migstat.words.codebook import Codebook
from migstat.words.finding import Place
from migstat.words.mapping_rule import DateRule
from migstat.words.source import AUTO, DUPLICATES, Format, Source, Wave

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
    "duplicates",
    *DESIGN,
    "identifiers",
    "format",
    "companions",
    "confidence",
)
FORMATS = ("cspro", "csv", "dbase", "excel", "fixed", "parquet", "sas", "sdmx", "spss", "stata", "table")
FORMAT_KEYS = (
    "kind",
    "delimiter",
    "quote",
    "encoding",
    "missing",
    "decimal",
    "header",
    "columns",
    "member",
    "trim",
    "layout",
    "record",
    "count",
    "length",
    "pad",
    "sheet",
    "table",
)
OF_KINDS = {"sheet": ("excel",), "table": ("table",), "record": ("cspro", "csv", "fixed", "parquet")}
"""Keys that say something of files of some kinds only."""

ONLY = {"delimiter": "csv", "quote": "csv", "count": "fixed", "length": "fixed", "pad": "fixed"}
"""Keys of a format that say nothing of another kind of file."""
NONE: tuple[str, Codebook | None, str] = ("", None, "")


def source(
    placed: Placed, folder: Folder, *, dated_by_waves: bool, laid_by_waves: bool = False, kinds: tuple[str, ...] = KINDS
) -> Source:
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
    format = format_of(items["format"], folder, laid_by_waves=laid_by_waves) if "format" in items else Format()
    return Source(
        kind=faults.choice(items, "kind", kinds),
        **texts,
        **concepts,
        place=placed.place,
        period=period,
        date=first_day(period) if period else None,
        date_rule=rule,
        key=columns(items, "key", faults),
        duplicates=faults.choice(items, "duplicates", DUPLICATES),
        **design(items, folder),
        identifiers=columns(items, "identifiers", faults),
        format=format,
        companions=companions(
            items.get("companions"), format, lambda placed: format_of(placed, folder, laid_by_waves=False), faults
        ),
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


def format_of(placed: Placed, folder: Folder, *, laid_by_waves: bool) -> Format:
    """Read how a file is written."""
    faults = folder.faults
    items = faults.keys(placed, FORMAT_KEYS, "format")
    plain = Format()
    kind = faults.choice(items, "kind", FORMATS, "csv")
    encoding = faults.text(items, "encoding", "format") or plain.encoding
    if not is_plain(encoding):
        mend = nearest(encoding, ("utf-8", "latin-1", "cp1252", "utf-16", "cp437", "cp850"))
        faults.add(items["encoding"].place, f"there is no encoding {encoding}", mend)
        encoding = plain.encoding
    layout, book, record = _layout(items, items, placed, folder)
    header = _header(items, kind, record, faults)
    named = columns(items, "columns", faults)
    if "header" in items and header == 0 and kind == "csv" and not named and not layout:
        faults.add(items["header"].place, "a file without a header needs its columns", "write columns: [A, B, C]")
    length = faults.whole(items, "length", 1)
    for key, of in ONLY.items():
        if key in items and kind != of:
            faults.add(items[key].place, f"{key}: goes with kind: {of}", f"take it away, or write kind: {of}")
    if kind == "fixed" and "columns" in items:
        what = "columns: the columns of a file of fixed width are named by its layout"
        faults.add(items["columns"].place, what, "take it away")
    if kind == "fixed" and not layout and not laid_by_waves:
        mend = "write layout: layout.csv, a codebook in the folder of the mapping"
        faults.add(placed.place, "a file of fixed width needs a layout", mend)
    for key in sorted(OF_KINDS.keys() & items.keys()):
        if kind not in OF_KINDS[key]:
            mend = f"write kind: {OF_KINDS[key][0]}, or take {key} away"
            faults.add(items[key].place, f"{key}: says nothing of a file of the kind {kind}", mend)
    return Format(
        kind=kind,
        delimiter=_sign(items, "delimiter", plain.delimiter, faults),
        quote=_sign(items, "quote", plain.quote, faults),
        encoding=encoding,
        missing=faults.texts(items["missing"], "missing") if "missing" in items else plain.missing,
        decimal=faults.choice(items, "decimal", (".", ","), "."),
        header=header,
        columns=named or _named_by(book, kind, header if "header" in items or record else None),
        member=faults.text(items, "member", "format"),
        trim=_said(items, "trim", faults),
        layout=layout,
        codebook=book,
        record=record,
        count=faults.choice(items, "count", ("bytes", "characters")),
        length=length or 0,
        pad=_said(items, "pad", faults),
        sheet=faults.text(items, "sheet", "format"),
        table=faults.text(items, "table", "format"),
    )


def _header(items: dict[str, Placed], kind: str, record: str, faults: Faults) -> int:
    """Read in which line the names of the columns stand; in a workbook it is looked for where it is not said."""
    if kind == "excel" and ("header" not in items or items["header"].text == "auto"):
        return AUTO
    unsaid = 0 if kind == "fixed" or record else Format().header
    given = faults.whole(items, "header", 1 if kind == "excel" else 0)
    return unsaid if given is None else given


def _said(items: dict[str, Placed], key: str, faults: Faults) -> bool:
    return faults.choice(items, key, ("true", "false", "yes", "no"), "false") in {"true", "yes"}


def _named_by(book: Codebook | None, kind: str, header: int | None) -> tuple[str, ...]:
    """Return the columns of a delimited file without a header, as its layout names them."""
    if book is None or kind != "csv" or header != 0:
        return ()
    return tuple(one.name for one in book.variables)


def _layout(
    items: dict[str, Placed], format: dict[str, Placed], placed: Placed, folder: Folder
) -> tuple[str, Codebook | None, str]:
    """Read the layout that ``items`` name, and which of its records the format makes a row."""
    faults = folder.faults
    layout = faults.text(items, "layout", "format")
    book = folder.codebook(layout, items["layout"].place) if layout else None
    if book is not None and not book.records:
        book = _of_one_file(book, format, placed, faults)
    record = _record(format, placed, book, faults, laid=bool(layout) or items is not format)
    kind = format["kind"].text if "kind" in format else "csv"
    if book is not None:
        _check_layout(book, kind, items["layout"].place, faults)
    return layout, book, record


def _of_one_file(book: Codebook, items: dict[str, Placed], placed: Placed, faults: Faults) -> Codebook:
    """Return what a codebook of several files says of the one that ``record`` names."""
    files = list(dict.fromkeys(one.record for one in book.variables if one.record))
    if not files:
        return book
    named = faults.text(items, "record", "format")
    if named not in files:
        what = f"{book.name} describes several files, and the format does not say which"
        mend = nearest(named, files) if named else f"write record: {files[0]}; one of {', '.join(files)}"
        faults.add(items["record"].place if named else placed.place, what, mend)
        return replace(book, variables=())
    return replace(book, variables=tuple(one for one in book.variables if one.record == named))


def _check_layout(book: Codebook, kind: str, place: Place, faults: Faults) -> None:
    """Note what the layout does not say, and a file of this kind needs."""
    if kind == "fixed" and any(one.start is None or not one.width for one in book.variables):
        mend = "name a layout with start and width, or write kind: csv"
        faults.add(place, f"{book.name} does not say where the columns stand", mend)
    elif kind == "fixed" and book.records and not (book.record_start and book.record_width):
        mend = "write a line for it into the layout, with type: record type"
        faults.add(place, f"{book.name} does not say where the type of the record stands", mend)
    if kind == "csv" and book.records and not book.record_column:
        mend = "write a line for it into the layout, with type: record type"
        faults.add(place, f"{book.name} does not say which column holds the type of the record", mend)
    if kind == "cspro" and len(book.records) > 1 and not book.record_width:
        mend = "name the dictionary (.dcf) that was made with the data"
        faults.add(place, f"{book.name} does not say where the type of the record stands", mend)
    for one in book.records:
        both = [other.name for other in book.variables if other.record in ("", one.name)]
        theirs = [other.name for other in book.variables if other.record in ("", one.parent)]
        if one.key and not (one.key in both and one.key in theirs):
            what = f"{one.key}, the key of the record {one.name}, is not a column of both it and {one.parent or 'none'}"
            faults.add(place, what, "name a column that both have")


def _record(items: dict[str, Placed], placed: Placed, book: Codebook | None, faults: Faults, *, laid: bool) -> str:
    """Read which type of record makes a row; a file of several needs it said."""
    named = faults.text(items, "record", "format")
    kind = items["kind"].text if "kind" in items else "csv"
    if book is None:
        if named and not laid and kind != "cspro":
            mend = "write layout: layout.csv, a codebook that names the types"
            faults.add(items["record"].place, "record: goes with a layout, and there is none", mend)
        return named
    types = [one.name for one in book.records]
    if kind == "cspro" and named and (found := book.record(named)) is not None:
        return found.name
    if kind == "cspro" and not named and len(types) == 1:
        return types[0]
    if not types and named and all(one.record == named for one in book.variables):
        return ""
    if named and named not in types:
        what = f"the layout has no record {named}" if types else f"record: {named}, and the layout has one type only"
        faults.add(items["record"].place, what, nearest(named, types) if types else "take it away")
        return ""
    if types and not named and kind in ("cspro", "csv", "fixed", "parquet"):
        what = "the layout has several types of record, and the format does not say which makes a row"
        faults.add(placed.place, what, f"write record: {types[-1]}; one of {', '.join(types)}")
    return named


def _sign(items: dict[str, Placed], key: str, default: str, faults: Faults) -> str:
    if key not in items:
        return default
    sign = {"tab": "\t", "\\t": "\t", "none": ""}.get(items[key].text, items[key].text)
    if len(sign) > 1 or (not sign and key == "delimiter"):
        faults.add(items[key].place, f"{key}: '{sign}' is not one character", "write one, such as ; or tab")
        return default
    return sign


def waves(placed: Placed, format: Placed | None, folder: Folder) -> tuple[Wave, ...]:
    """Read the rounds of a repeated source; ``format`` is what the source says of all its files."""
    faults = folder.faults
    if not placed.items:
        faults.add(placed.place, f"waves is {shape(placed)}", "write waves: {w2001: {date: 2001, columns: {...}}}")
    found = []
    for id, entry in placed.items.items():
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", id):
            faults.add(entry.place, f"wave '{id}' has a sign that an id cannot have", "use letters, digits, _ and -")
        items = faults.keys(entry, ("date", "columns", "not_collected", "layout"), f"wave {id}")
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
        layout, book, _ = _layout(items, format.items if format else {}, entry, folder) if "layout" in items else NONE
        day = first_day(period) if period else None
        found.append(Wave(id, entry.place, period, day, aliases, not_collected, layout, book))
    return tuple(found)
