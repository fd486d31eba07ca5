"""Date maps as rules: a date of the calendar where the target is one, else a period of the target's frequency."""

import re
from collections.abc import Callable, Iterator

from migstat.words.finding import Place
from migstat.words.mapping_rule import DateRule, PatternLine, Patterns, PatternValue, Rule
from migstat.words.structure import Component
from migstat.words.structure_map import DateMap, StructureMap

Fault = Callable[[Place, str, str, str], None]
TOKEN = re.compile(r"yyyy|yy|MMMM|MMM|MM|dd|QQQ|QQ|Q|'[^']*'|[A-Za-z]+|.", re.DOTALL)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
DAY, YEAR = "(0[1-9]|[12][0-9]|3[01])", "([0-9]{4})"
FREQUENCIES = {"A": "y", "S": "m", "Q": "m", "M": "m", "D": "d"}
"""The frequencies that a date can be turned into, with the finest part of the date that each needs."""


def date_rules(
    dates: DateMap,
    map: StructureMap,
    component: Callable[[str], Component],
    column: Callable[[str], str],
    fault: Fault,
) -> Iterator[tuple[str, Rule, Place]]:
    """Yield target component, rule and place for each pair of a date map; note what cannot be run."""
    for source, target in dates.pairs:
        if dates.period is not None:
            rule = _epoch(dates, column(source), target, fault)
        elif component(target).type == "date" and (format := plain_format(dates)):
            rule = DateRule(dates.place, column(source), format)
        else:
            rule = _pattern(dates, map, column, source, target, fault)
        if rule is not None:
            yield target, rule, dates.place


def plain_format(dates: DateMap) -> str:
    """Return the format of a date rule that reads the same dates; empty where only patterns can."""
    if dates.period is not None:
        base = {4: f"{dates.base}-01-01", 7: f"{dates.base}-01"}.get(len(dates.base), dates.base[:10])
        readable = dates.period != "nanosecond" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", base)
        since = f"{dates.period}s since {base}"
        return "" if not readable else "sas" if since == "days since 1960-01-01" else since
    plain = "yyyy" in dates.pattern and re.fullmatch(r"(yyyy|MM|dd|[^A-Za-z'])+", dates.pattern)
    return dates.pattern.replace("MM", "mm") if plain else ""


def _epoch(dates: DateMap, column: str, target: str, fault: Fault) -> Rule | None:
    if not plain_format(dates):
        what = f"{dates.period}s since {dates.base} cannot be read as a date"
        fault(dates.place, target, what, "use days, seconds, milliseconds or microseconds since a day")
        return None
    if dates.frequency not in {"D", ""}:
        what = f"an epoch gives days, and frequency {dates.frequency} is asked for"
        fault(dates.place, target, what, "write TargetFrequencyID D")
        return None
    return DateRule(dates.place, column, plain_format(dates))


def _pattern(
    dates: DateMap, map: StructureMap, column: Callable[[str], str], source: str, target: str, fault: Fault
) -> Rule | None:
    tokens = TOKEN.findall(dates.pattern)
    strange = next((one for one in tokens if one.isalpha() and one not in _KNOWN), "")
    named = any(one.startswith("MMM") for one in tokens)
    if strange or (named and not dates.locale.lower().startswith("en")):
        what = f"'{strange}' is none of its signs" if strange else f"months named in '{dates.locale}' are not known"
        what = "a year of two digits has no century in SDMX" if strange == "yy" else what
        mend = "map the values one by one, or write the pattern with yyyy, MM, MMM, dd, Q"
        fault(dates.place, target, f"the date pattern {dates.pattern} cannot be read: {what}", mend)
        return None
    if dates.frequency_dimension:
        return _by_frequency(dates, map, column, source, target, tokens, fault)
    lines = _lines(tokens, dates.frequency or "D", dates.place)
    if lines is None:
        what = f"the pattern {dates.pattern} cannot give periods of frequency {dates.frequency}"
        fault(dates.place, target, what, "write a coarser TargetFrequencyID: A, S, Q, M or D")
        return None
    made = [PatternLine((value,), code, dates.place) for value, code in lines]
    return Patterns((column(source),), tuple(made), dates.place)


def _by_frequency(
    dates: DateMap,
    map: StructureMap,
    column: Callable[[str], str],
    source: str,
    target: str,
    tokens: list[str],
    fault: Fault,
) -> Rule | None:
    """The target's frequency says how the period is written: it is fixed, or copied from a source component."""
    id = dates.frequency_dimension
    fixed = next((one.values[0] for one in map.fixed if one.component == id and one.values), "")
    pairs = [
        pair
        for one in map.component_maps
        if not one.representation
        for pair in zip(one.sources, one.targets, strict=False)
    ]
    copied = next((given for given, wanted in pairs if wanted == id), "")
    if not fixed and not copied:
        what = f"the period is written as {id} says, and {id} is neither fixed nor copied"
        fault(dates.place, target, what, "write TargetFrequencyID, or copy the frequency from the source")
        return None
    made = []
    for frequency in [fixed] if fixed else FREQUENCIES:
        for value, code in _lines(tokens, frequency, dates.place) or ():
            values = (value,) if fixed else (value, PatternValue(frequency))
            made.append(PatternLine(values, code, dates.place))
    columns = (column(source),) if fixed else (column(source), column(copied))
    return Patterns(columns, tuple(made), dates.place)


def _lines(tokens: list[str], frequency: str, place: Place) -> list[tuple[PatternValue, str]] | None:
    """Return expressions and what each gives: one, or one a month where names or quarters must be told apart."""
    quarters = [one for one in tokens if one in {"Q", "QQ", "QQQ"}]
    months = [one for one in tokens if one in {"MM", "MMM", "MMMM"}]
    if "yyyy" not in tokens or frequency not in FREQUENCIES:
        return None
    if frequency == "D" and not (months and "dd" in tokens):
        return None
    if frequency in {"M", "S", "Q"} and not months and not (frequency != "M" and quarters):
        return None
    found = []
    choices = range(1, 13) if months else range(1, 5) if quarters else range(1)
    for choice in choices:
        expression, groups = "", []
        for token in tokens:
            part, group = _token(token, choice)
            expression += part
            groups += [group] if group else []
        place_of = {name: f"\\{groups.index(name) + 1}" for name in groups}
        month = choice if months else choice * 3 if quarters else 1
        found.append((PatternValue(expression, True), _period(frequency, month, place_of)))
    return found


def _token(token: str, choice: int) -> tuple[str, str]:
    match token:
        case "yyyy":
            return YEAR, "y"
        case "dd":
            return DAY, "d"
        case "MM":
            return f"{choice:02}", ""
        case "MMM":
            return f"(?i:{MONTHS[choice - 1][:3]})", ""
        case "MMMM":
            return f"(?i:{MONTHS[choice - 1]})", ""
        case "Q":
            return str(choice), ""
        case "QQ":
            return f"0{choice}", ""
        case "QQQ":
            return f"Q{choice}", ""
    return re.escape(token.strip("'")), ""


def _period(frequency: str, month: int, groups: dict[str, str]) -> str:
    match frequency:
        case "A":
            return groups["y"]
        case "S":
            return f"{groups['y']}-S{(month + 5) // 6}"
        case "Q":
            return f"{groups['y']}-Q{(month + 2) // 3}"
        case "M":
            return f"{groups['y']}-{month:02}"
    return f"{groups['y']}-{month:02}-{groups['d']}"


_KNOWN = {"yyyy", "MMMM", "MMM", "MM", "dd", "Q", "QQ", "QQQ"}
