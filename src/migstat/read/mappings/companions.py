"""Companions: the other files of a source from which rows take columns, as a mapping declares them."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from migstat.read.mappings.faults import Faults, shape
from migstat.read.placed import Placed
from migstat.words.source import Companion, Format

KEYS = ("by", "columns", "format", "file")
MOST = 20
"""Companions that a source may have."""
LONGEST = 200
"""Signs that the name of a file may have."""
EXAMPLE = "write companions: {households: {by: [HHID], columns: [URBAN]}}"


def companions(
    placed: Placed | None, format: Format, format_of: Callable[[Placed], Format], faults: Faults
) -> tuple[Companion, ...]:
    """Read the companions of a source; ``format`` is that of its extract."""
    if placed is None:
        return ()
    if not placed.items:
        faults.add(placed.place, f"companions is {shape(placed)}, not names with what is taken", EXAMPLE)
        return ()
    if len(placed.items) > MOST:
        faults.add(placed.place, f"companions names {len(placed.items):,} files", f"name at most {MOST}")
        return ()
    before = faults.component
    found: list[Companion] = []
    for name, entry in placed.items.items():
        faults.component = f"companion {name}"
        found.append(_companion(name, entry, format_of, faults))
        _check(found[-1], found[:-1], format, faults)
    faults.component = before
    return tuple(found)


def _companion(name: str, placed: Placed, format_of: Callable[[Placed], Format], faults: Faults) -> Companion:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,60}", name):
        mend = "write a short name of letters, digits and _, such as households"
        faults.add(placed.place, f"'{name[:60]}' cannot name a companion", mend)
    items = faults.keys(placed, KEYS, "the companion")
    needs = {"by": "write by: [HHID], the key that both files have", "columns": "write columns: [URBAN]"}
    for key, mend in needs.items():
        if items and key not in items:
            faults.add(placed.place, f"the companion has no '{key}'", mend)
    return Companion(
        name,
        placed.place,
        by=_names(items, "by", faults),
        columns=_names(items, "columns", faults),
        format=format_of(items["format"]) if "format" in items else Format(),
        file=_pattern(items, faults),
    )


def _names(items: dict[str, Placed], key: str, faults: Faults) -> dict[str, str]:
    """Read names of columns: a list where both files call them the same, or ours with theirs."""
    placed = items.get(key)
    if placed is None:
        return {}
    if placed.items:
        named = {ours: theirs.text for ours, theirs in placed.items.items()}
    else:
        listed = faults.texts(placed, key)
        for name in sorted({one for one in listed if listed.count(one) > 1}):
            faults.add(placed.place, f"'{key}' names {name} twice", "name it once")
        named = {name: name for name in listed}
    if not named or not all((*named, *named.values())):
        faults.add(placed.place, f"'{key}' names no column", f"write {key}: [COLUMN], or {{OURS: THEIRS}}")
        return {}
    return named


def _pattern(items: dict[str, Placed], faults: Faults) -> str:
    """Read the pattern of the file's name; it can lead nowhere."""
    pattern = faults.text(items, "file", "the companion")
    if len(pattern) > LONGEST:
        faults.add(items["file"].place, f"file: a name of {len(pattern):,} signs", "write a short pattern")
        return ""
    if pattern and (pattern != PurePosixPath(pattern).name or "\\" in pattern or ":" in pattern or "\0" in pattern):
        mend = 'write its name alone, such as "households*.csv": it is looked for beside the extract'
        faults.add(items["file"].place, f"file: {pattern[:60]} is a path", mend)
        return ""
    return pattern


def _check(one: Companion, others: list[Companion], format: Format, faults: Faults) -> None:
    """Note what does not go together: columns that two files give, a key that is no column of the extract."""
    taken = {column: other.name for other in others for column in other.columns}
    for name in one.columns:
        if name in one.by:
            faults.add(one.place, f"{name} is taken, and is the key of the extract", "take it out of columns")
        elif name in taken:
            mend = f"give it a name of its own: columns: {{{name}_2: {one.columns[name]}}}"
            faults.add(one.place, f"{name} is taken from {taken[name]} already", mend)
    for name in one.by:
        if name in taken:
            mend = "name a column of the extract: companions are joined to it, not to one another"
            faults.add(one.place, f"by: {name} comes from {taken[name]}", mend)
    for other in others:
        for name in sorted({*other.by} & {*one.columns} - {*one.by}):
            mend = f"give it a name of its own: columns: {{{name}_2: {one.columns[name]}}}"
            faults.add(one.place, f"{name} is taken, and is the key by which {other.name} is joined", mend)
    if one.format.decimal != format.decimal:
        what = f"decimal: '{one.format.decimal}' here, and '{format.decimal}' of the extract"
        faults.add(one.place, what, f'write decimal: "{format.decimal}" for both: rules read all numbers alike')
