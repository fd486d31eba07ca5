"""CSPro dictionaries parsed: JSON since 7.7, sections of keys (INI) before; nothing in them is executed."""

import json
import re
from collections import Counter
from typing import Any

from migstat.read.cspro.dictionary import Dictionary, Item, Level, Record, plain_number
from migstat.read.packed import fault
from migstat.words.codebook import ValueLabel
from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.how_many import how_many

AGAIN = "ask the office for the dictionary again, or open and save it in CSPro"
MOST_ITEMS = 100_000
MOST_OCCURS = 10_000
MOST_DECIMALS = 30
PAIR = re.compile(r"'([^']*)'|\"([^\"]*)\"|(\S+?):(\S+)|(\S+)")


def is_dictionary(start: bytes) -> bool:
    """Tell whether a file begins as a dictionary of CSPro does."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return b'"software"' in text[:300] and b'"CSPro"' in text[:300] and b'"dictionary"' in text[:600]
    return text[:200].lower().startswith((b"[dictionary]", b"[noedit]"))


def parse_dictionary(text: str, file: str) -> Dictionary:
    """Read a dictionary. Raises MigstatError where it cannot be read, with all that is wrong."""
    text = text.removeprefix("\ufeff")
    read = _json(text, file) if text.lstrip().startswith("{") else _ini(text, file)
    faults = [*_wrong(read)]
    if faults:
        raise MigstatError(faults)
    if len(read.languages) > 1:
        what = f"labels are read in {read.languages[0]}; the dictionary has {', '.join(read.languages)}"
        read.findings.append(Finding(Place(file), "", what, "", Severity.NOTE, rule="codebook"))
    return read


def _wrong(read: Dictionary) -> list[Finding]:
    place = Place(read.file)
    if not read.levels or not read.records():
        return [Finding(place, "", "the dictionary has no record", AGAIN)]
    if not any(level.ids for level in read.levels) and not any(record.items for record in read.records()):
        return [Finding(place, "", "the dictionary has no item", AGAIN)]
    faults = []
    seen: dict[str, int] = {}
    for one in [item for level in read.levels for item in level.ids] + [
        item for record in read.records() for item in record.items
    ]:
        where = Place(read.file, one.line or None)
        if not one.name:
            faults.append(Finding(where, "", "an item has no name", AGAIN))
        elif one.name in seen:
            faults.append(Finding(where, one.name, "the dictionary has two items of this name", "rename one of them"))
        if one.start < 1 or not 1 <= one.width <= MOST_ITEMS:
            faults.append(Finding(where, one.name, "the item has no position or width", AGAIN))
        if not 1 <= one.occurs <= MOST_OCCURS:
            faults.append(Finding(where, one.name, f"the item stands {how_many(one.occurs, 'time')}", AGAIN))
        if not 0 <= one.decimals <= MOST_DECIMALS:
            faults.append(Finding(where, one.name, f"the item has {how_many(one.decimals, 'decimal')}", AGAIN))
        seen[one.name] = one.line
    names = [record.name for record in read.records()]
    faults += [
        Finding(place, name, "the dictionary has two records of this name", "rename one of them")
        for name in sorted(one for one, times in Counter(names).items() if times > 1)
    ]
    if (stand := _columns(read)) > MOST_ITEMS:
        what = f"the items stand {how_many(stand, 'time')} in all, more than {MOST_ITEMS:,}"
        faults.append(Finding(place, "", what, AGAIN))
    return faults[:50]


def _columns(read: Dictionary) -> int:
    """Count the columns that the items make; a part of an item stands once in each of those."""
    total = sum(max(1, item.occurs) for level in read.levels for item in level.ids)
    for record in read.records():
        within = 1
        for item in record.items:
            within = within if item.within else max(1, item.occurs)
            total += max(1, item.occurs) * (within if item.within else 1)
    return total


def _json(text: str, file: str) -> Dictionary:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise MigstatError([Finding(Place(file, line), "", "is no JSON that can be read", AGAIN)]) from None
    try:
        return _from_json(found, file)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        what = f"the dictionary lacks what CSPro writes: {error}"
        raise fault(file, what.splitlines()[0][:200], AGAIN) from None


def _from_json(found: dict[str, Any], file: str) -> Dictionary:
    kind = found.get("recordType") or {}
    read = Dictionary(
        file,
        str(found["name"]),
        _label(found),
        str(found.get("version", "")),
        int(kind.get("start", 1)),
        int(kind.get("length", 0)),
        languages=[str(one.get("label") or one["name"]) for one in found.get("languages", ())],
    )
    marked = bool((found.get("defaults") or {}).get("decimalMark", True))
    for level in found["levels"]:
        made = Level(str(level["name"]), _label(level))
        made.ids = [_json_item(one, int(one["start"]), marked) for one in (level.get("ids") or {}).get("items", ())]
        read.levels.append(made)
    ids = [item for level in read.levels for item in level.ids]
    first = max([read.start + read.length, *(item.start + item.width for item in ids)])
    for level, made in zip(found["levels"], read.levels, strict=True):
        for record in level.get("records", ()):
            most = int((record.get("occurrences") or {}).get("maximum", 1))
            value = str(record.get("recordType", "")).strip()
            made.records.append(Record(str(record["name"]), _label(record), value, most))
            made.records[-1].items = _json_items(record.get("items", ()), first, marked)
    return read


def _json_items(items: Any, first: int, marked: bool) -> list[Item]:
    """Items of a record; positions that are not written follow from the items before."""
    made: list[Item] = []
    parent, after = first, first
    for one in items:
        within = bool(one.get("subitem", False))
        start = parent + int(one.get("subitemOffset", 0)) if within else after
        item = _json_item(one, int(one.get("start", start)), marked)
        if not within:
            parent, after = item.start, item.start + item.width * item.occurs
        made.append(item)
    return made


def _json_item(one: dict[str, Any], start: int, marked: bool) -> Item:
    content = str(one["contentType"]).lower()
    sets = one.get("valueSets", [])
    numeric = content == "numeric"
    item = Item(
        str(one["name"]),
        _label(one),
        start,
        int(one.get("length", 1)),
        numeric,
        int(one.get("decimals", 0)),
        bool(one.get("decimalMark", marked)),
        int((one.get("occurrences") or {}).get("maximum", 1)),
        bool(one.get("subitem", False)),
        content not in {"numeric", "alpha"},
        sets=len(sets),
    )
    for value in sets[0].get("values", ()) if sets else ():
        special = bool(value.get("special"))
        for pair in value.get("pairs", ()):
            ends = [str(end) for end in pair["range"]] if "range" in pair else [str(pair["value"])]
            item.values.append(ValueLabel(_ends(ends, numeric), _label(value), special))
    return item


def _ends(ends: list[str], numeric: bool) -> str:
    return "..".join(plain_number(end) if numeric else end.rstrip() for end in ends)


def _label(one: dict[str, Any]) -> str:
    labels = one.get("labels") or [{}]
    return str(labels[0].get("text", "")).strip()


def _ini(text: str, file: str) -> Dictionary:
    read = Dictionary(file)
    section = ""
    item = Item()
    marked = True
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line:
            continue
        if line.startswith("["):
            section = line.strip("[]").lower()
            if section == "level":
                read.levels.append(Level())
            elif section == "record":
                _last_level(read, number).records.append(Record(line=number))
            elif section == "item":
                item = Item(mark=marked, line=number)
                level = _last_level(read, number)
                (level.records[-1].items if level.records else level.ids).append(item)
            elif section == "valueset":
                item.sets += 1
            continue
        key, sign, value = line.partition("=")
        key = key.strip().lower()
        if not sign:
            mend = "write it as KEY=VALUE, or take the line away"
            raise MigstatError([Finding(Place(file, number), "", "the line is no key with a value", mend)])
        try:
            marked = _ini_key(read, section, key, value.strip(), item, marked)
        except ValueError:
            what = f"{key}={value.strip()[:40]} is no number"
            raise MigstatError([Finding(Place(file, number), item.name, what, AGAIN)]) from None
    return read


def _last_level(read: Dictionary, line: int) -> Level:
    if not read.levels:
        what = "a record or item stands above the first level"
        raise MigstatError([Finding(Place(read.file, line), "", what, AGAIN)])
    return read.levels[-1]


def _ini_key(read: Dictionary, section: str, key: str, value: str, item: Item, marked: bool) -> bool:
    first = value.split("|")[0].strip()
    match section, key:
        case "dictionary", "name":
            read.name = value
        case "dictionary", "label":
            read.label = first
        case "dictionary", "version":
            read.version = value.removeprefix("CSPro").strip()
        case "dictionary", "recordtypestart":
            read.start = int(value)
        case "dictionary", "recordtypelen":
            read.length = int(value)
        case "dictionary", "decimalchar":
            return value.lower().startswith("y")
        case "languages", _:
            read.languages.append(value or key)
        case ("level", "name" | "label") | ("record", "name" | "label"):
            one: Any = read.levels[-1] if section == "level" else read.levels[-1].records[-1]
            setattr(one, key, value if key == "name" else first)
        case "record", "recordtypevalue":
            read.levels[-1].records[-1].value = value.strip("'\"").strip()
        case "record", "maxrecords":
            read.levels[-1].records[-1].most = int(value)
        case "item", _:
            _ini_item(item, key, value, first)
        case "valueset", "value" if item.sets == 1:
            item.values += _ini_values(value, item.numeric)
        case "valueset", "name" if value.lower().replace(" ", "").endswith(",special") and item.sets == 1:
            _special(item)
        case "valueset", "special" if item.sets == 1:
            _special(item)
    return marked


def _ini_item(item: Item, key: str, value: str, first: str) -> None:
    match key:
        case "name":
            item.name = value
        case "label":
            item.label = first
        case "start":
            item.start = int(value)
        case "len":
            item.width = int(value)
        case "datatype":
            item.numeric = value.lower() == "numeric"
            item.binary = value.lower() not in {"numeric", "alpha"}
        case "decimal":
            item.decimals = int(value)
        case "decimalchar":
            item.mark = value.lower().startswith("y")
        case "occurrences":
            item.occurs = int(value)
        case "itemtype":
            item.within = value.lower() == "subitem"


def _ini_values(text: str, numeric: bool) -> list[ValueLabel]:
    """Read ``1:5 9;Label``: values and ranges, then what they mean."""
    told, _, label = _split(text)
    made = []
    for single, double, low, high, plain in PAIR.findall(told):
        quoted = single or double
        ends = [low, high] if low else [plain or quoted]
        made.append(ValueLabel(_ends([end.strip("'\"") for end in ends], numeric), label.split("|")[0].strip()))
    return made


def _split(text: str) -> tuple[str, str, str]:
    """Part the values from the label at the first semicolon that is in no quotes."""
    quote = ""
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == ";":
            return text[:at], ";", text[at + 1 :]
    return text, "", ""


def _special(item: Item) -> None:
    """The value above is one of CSPro's special values: it is no answer."""
    if item.values:
        last = item.values[-1]
        item.values[-1] = ValueLabel(last.value, last.label, True)
