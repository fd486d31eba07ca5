"""Rules of pseudonyms: the columns that identify a person, and the names of the keys."""

import re
from collections.abc import Callable

from migstat.read.mappings.faults import Faults
from migstat.read.placed import Placed
from migstat.words.mapping_rule import DateRule, Line, Pseudonym

Date = Callable[[Placed], DateRule | None]
Missing = Callable[[dict[str, Placed], tuple[str, ...], int | None], tuple[Line, ...]]


def pseudonym(
    placed: Placed, date_keys: tuple[str, ...], date_rule: Date, missing: Missing, faults: Faults
) -> Pseudonym | None:
    """Read which columns identify a person, and the names of the keys."""
    items = placed.items
    columns: list[str] = []
    dates: dict[str, DateRule] = {}
    for entry in items["pseudonym"].entries:
        if entry.is_text:
            columns.append(entry.text)
            continue
        given = Placed(faults.keys(entry, date_keys, "the date"), entry.place)
        if "date" not in given.items:
            mend = "write the column alone, or {from: COLUMN, date: dd/mm/yyyy}"
            faults.add(entry.place, "a column with keys is one that holds dates, and has no 'date'", mend)
        elif date := date_rule(given):
            columns.append(date.column)
            dates[date.column] = date
    if not columns or not all(columns):
        faults.add(items["pseudonym"].place, "'pseudonym' names no column", "write pseudonym: [PASSPORT]")
        return None
    if len(set(columns)) < len(columns):
        faults.add(items["pseudonym"].place, "'pseudonym' names a column twice", "name each once")
    keys = _key_names(placed, faults)
    return Pseudonym(tuple(columns), keys, placed.place, missing(items, tuple(columns[:1]), None), dates)


def _key_names(placed: Placed, faults: Faults) -> tuple[str, ...]:
    """Read the names of the environment variables that hold the keys of a pseudonym."""
    items = placed.items
    keys = faults.texts(items.get("key"), "key")
    if not any(keys):
        mend = "write key: PERSON_KEY, the environment variable that holds it"
        faults.add(items["key"].place if "key" in items else placed.place, "the pseudonym has no 'key'", mend)
    for key in keys:
        if key and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", key):
            what = "key is not the name of an environment variable: capitals, digits and _"
            faults.add(items["key"].place, what, "write key: PERSON_KEY, and put the key itself into that variable")
    return keys
