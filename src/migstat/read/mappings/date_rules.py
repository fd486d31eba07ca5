"""Rules of dates: from one column in a format, or from columns for the parts."""

from migstat.read.mappings.dates import format_fault, zone_fault
from migstat.read.mappings.faults import Faults, shape
from migstat.read.placed import Placed
from migstat.words.date_signs import signs
from migstat.words.how_many import how_many
from migstat.words.mapping_rule import (
    DateRule,
    Line,
)
from migstat.words.months import MONTHS, month_names

PARTS = ("year", "quarter", "month", "day")


def date_of_column(
    placed: Placed, columns: tuple[str, ...], said: tuple[Line, ...], pivot: int | None, faults: Faults
) -> DateRule:
    """Read a date that one column holds, written in one format; ``said`` are values that are kinds of missing."""
    items, date = placed.items, placed.items["date"]
    if len(columns) > 1:
        mend = "write date: {year: Y, month: M, day: D}, or name one"
        faults.add(items["from"].place, f"a date takes one column, and {len(columns)} are named", mend)
    fault, mend = format_fault(date.text, pivot)
    if fault and isinstance(date.value, tuple):
        mend = "write cases, an arm for each format, with matches(COLUMN, '....-..-..') and its like as the conditions"
        faults.add(date.place, "a date is written in one format, and a list stands here", mend)
    elif fault:
        faults.add(date.place, f"the format {date.text or shape(date)} cannot be read: {fault}", mend)
    zone = faults.text(items, "zone", "the date")
    fault, mend = ("", "") if fault else zone_fault(zone, date.text)
    if fault:
        faults.add(items["zone"].place if "zone" in items else date.place, fault, mend)
    months = month_names_of(items, date, faults)
    return DateRule(placed.place, columns[0], date.text, {}, said, pivot, months, zone)


def month_names_of(items: dict[str, Placed], date: Placed, faults: Faults) -> tuple[tuple[str, ...], ...]:
    """Read the names of the months: a language, or twelve names."""
    given = items.get("months")
    if given is None:
        if "mmm" in signs(date.text):
            mend = f"write months: one of {', '.join(MONTHS)}, or the twelve names as a list"
            faults.add(date.place, "the month has a name, and it is not said in which language", mend)
        return ()
    if "mmm" not in signs(date.text):
        faults.add(given.place, "months are named, and the format has no mmm", "write mmm in the format")
        return ()
    if given.text:
        language = faults.choice(items, "months", MONTHS)
        return month_names(language) if language else ()
    names = faults.texts(given, "months")
    if len(names) != 12:
        faults.add(given.place, f"months has {how_many(len(names), 'name')}", "list all twelve, January first")
        return ()
    return tuple((name,) for name in names)


def date_parts(date: Placed, whole: Placed, faults: Faults, said: tuple[Line, ...] = ()) -> DateRule | None:
    """Read a date whose parts are columns of their own; ``said`` are values of the year that are kinds of missing."""
    given = faults.keys(date, PARTS, "date")
    parts = {key: given[key].text for key in PARTS if key in given}
    if not parts:
        return None
    empty = [key for key, column in parts.items() if not column]
    fault = ""
    if empty:
        fault = f"'{empty[0]}' names no column"
    elif "year" not in parts:
        fault = "it has no year"
    elif "quarter" in parts and {"month", "day"} & set(parts):
        fault = "it has both a quarter and a month or day"
    elif "day" in parts and "month" not in parts:
        fault = "it has a day without a month"
    if fault:
        faults.add(date.place, f"the date cannot be made of its parts: {fault}", "write {year: Y, month: M, day: D}")
        return None
    return DateRule(whole.place, parts=parts, lines=said)
