"""Patterns of a mapping: lines of texts, parts of texts and regular expressions."""

from collections.abc import Mapping

from migstat.read.mappings.faults import Faults, shape
from migstat.read.mappings.tables import SAID, said_of
from migstat.read.placed import Placed
from migstat.words.finding import Place
from migstat.words.mapping_rule import PatternLine, Patterns, PatternValue

VALUE = ("value", "regex", "start", "end")


def patterns(placed: Placed, columns: tuple[str, ...], place: Place, faults: Faults) -> Patterns | None:
    """Read the lines; return None after noting that there are none."""
    if not placed.entries or placed.is_text or isinstance(placed.value, dict):
        mend = "write it as a list: [{regex: 'UK(.)', to: GBR}, {value: EL, to: GRC}]"
        faults.add(placed.place, f"patterns is {shape(placed)}, not a list of lines", mend)
        return None
    lines = [_line(entry, columns, faults) for entry in placed.entries]
    return Patterns(columns, tuple(line for line in lines if line is not None), place)


def _line(placed: Placed, columns: tuple[str, ...], faults: Faults) -> PatternLine | None:
    before = len(faults.findings)
    items = faults.keys(placed, (*(VALUE if len(columns) == 1 else columns), *SAID), "the line")
    if not items:
        return None
    if len(columns) == 1:
        values = [_value({key: items[key] for key in VALUE if key in items}, placed.place, faults)]
    else:
        values = []
        for name in columns:
            if name not in items:
                mend = f"write {name}: {{regex: '.*'}} where any value will do"
                faults.add(placed.place, f"the line has no value for {name}", mend)
            elif items[name].is_text:
                values.append(PatternValue(items[name].text))
            else:
                values.append(_value(faults.keys(items[name], VALUE, f"'{name}'"), items[name].place, faults))
    said = said_of(items, "a pattern", placed.place, faults)
    if said is None or len(faults.findings) > before:
        return None
    code, match, because, label, start, end, sure = said
    return PatternLine(tuple(values), code, placed.place, match, because, label, start, end, sure)


def _value(items: Mapping[str, Placed], place: Place, faults: Faults) -> PatternValue:
    if ("value" in items) == ("regex" in items):
        faults.add(place, "the line has neither a value nor a regex, or both", "write value: EL, or regex: 'UK(.)'")
    start, end = faults.whole(items, "start", 1), faults.whole(items, "end", 1)
    if start is not None and end is not None and end < start:
        faults.add(place, f"end: {end} comes before start: {start}", "count from 1; both are included")
    key = "regex" if "regex" in items else "value"
    return PatternValue(items[key].text if key in items else "", key == "regex", start, end)
