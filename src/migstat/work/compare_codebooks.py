"""Compare two codebooks, and say which rules of a mapping the newer one breaks."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from migstat.words.codebook import Codebook, Variable
from migstat.words.difference import Difference
from migstat.words.finding import Finding, Place, Severity
from migstat.words.mapping import Mapping as Map
from migstat.words.mapping import Target
from migstat.words.mapping_rule import Copy, DateRule, Line, Recode, bounds, columns, leaves
from migstat.words.plain_words import plain

ALIKE = 0.85
"""Two labels of one code are the same thing in other words from this likeness on."""


def changes(old: Codebook, new: Codebook) -> Iterator[Difference]:
    """Yield the changes: variables removed, renamed and added, then what is said of those in both."""
    renamed = dict(_renamed(old, new))
    before = {one.name for one in old.variables}
    after = {one.name for one in new.variables}
    for one in old.variables:
        if one.name in renamed:
            yield Difference("renamed", one.name, before=one.name, after=renamed[one.name])
        elif one.name not in after:
            yield Difference("removed", one.name, before=one.label)
    for one in new.variables:
        if one.name not in before and one.name not in renamed.values():
            yield Difference("added", one.name, after=one.label)
    for one in old.variables:
        other = new.variable(renamed.get(one.name, one.name)) if renamed.get(one.name, one.name) in after else None
        if other is not None:
            yield from _changed(one, other)


def _renamed(old: Codebook, new: Codebook) -> Iterator[tuple[str, str]]:
    """Yield variables that have another name, and the same label and values."""
    before, after = {one.name for one in old.variables}, {one.name for one in new.variables}
    free = [one for one in new.variables if one.name not in before]
    for one in old.variables:
        if one.name in after or not one.label:
            continue
        same = [
            other
            for other in free
            if plain(other.label) == plain(one.label) and _values(one).keys() == _values(other).keys()
        ]
        if len(same) == 1:
            free.remove(same[0])
            yield one.name, same[0].name


def _values(one: Variable) -> dict[str, str]:
    return {value.value: value.label for value in one.values}


def _missing(one: Variable) -> set[str]:
    return {*one.missing, *(value.value for value in one.values if value.missing)}


def _changed(one: Variable, other: Variable) -> Iterator[Difference]:
    name = one.name
    if plain(one.label) != plain(other.label):
        yield Difference("label" if alike(one.label, other.label) else "meaning", name, None, one.label, other.label)
    if plain(one.universe) != plain(other.universe):
        yield Difference("universe", name, None, one.universe, other.universe)
    if (one.kind, one.decimals) != (other.kind, other.decimals):
        yield Difference("type", name, None, f"{one.kind} {one.decimals}", f"{other.kind} {other.decimals}")
    if (one.start, one.width) != (other.start, other.width):
        yield Difference("column", name, None, f"{one.start}, {one.width} wide", f"{other.start}, {other.width} wide")
    before, after = _values(one), _values(other)
    for value, label in before.items():
        if value not in after:
            yield Difference("removed", name, value, label)
    for value, label in after.items():
        if value not in before:
            yield Difference("added", name, value, after=label)
    for value in [one for one in before if one in after]:
        if plain(before[value]) != plain(after[value]):
            kind = "label" if alike(before[value], after[value]) else "meaning"
            yield Difference(kind, name, value, before[value], after[value])  # type: ignore[arg-type]
    for value in sorted(_missing(one) ^ _missing(other)):
        said = ("no answer", "an answer") if value in _missing(one) else ("an answer", "no answer")
        yield Difference("missing", name, value, *said)


def alike(one: str, other: str) -> bool:
    """Say whether two labels are the same thing in other words: abbreviated, or misspelt, but with the same numbers."""
    first, second = plain(one), plain(other)
    if not first or not second:
        return True
    if [word for word in first.split() if word.isdecimal()] != [word for word in second.split() if word.isdecimal()]:
        return False
    apart = {"not", "no", "non", "other", "un"} & (set(first.split()) ^ set(second.split()))
    return not apart and SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE


def broken(mapping: Map, found: Iterable[Difference], new: Codebook) -> Iterator[Finding]:
    """Yield each rule of a mapping that the newer codebook breaks, or makes say another thing."""
    by_variable: dict[str, list[Difference]] = {}
    for one in found:
        by_variable.setdefault(one.subject, []).append(one)
    for target in (*mapping.made, *mapping.targets):
        for column in columns(target.rule):
            for one in by_variable.get(column, ()):
                yield from _fault(mapping, target, column, one)
    for name in (*mapping.source.key, mapping.source.weight, *mapping.source.design_columns):
        for one in by_variable.get(name, ()):
            if one.kind in ("removed", "renamed") and one.value is None:
                yield Finding(mapping.source.place, "source", _gone(one, new), _instead(one), rule="column")


def _fault(mapping: Map, target: Target, column: str, one: Difference) -> Iterator[Finding]:
    place, component = target.place, target.component
    lines = _lines(target, column)
    line = lines.get(one.value) if one.value is not None else None
    taken = line is not None or (one.value is not None and _within(lines, one.value))
    match one.kind:
        case "removed" if one.value is None:
            what = f"reads {column}, which is not there any more"
            yield Finding(place, component, what, "name the column that says it now, or not_collected", rule="column")
        case "renamed":
            yield Finding(
                place,
                component,
                f"reads {column}, which is called {one.after} now",
                f"write {one.after}",
                rule="column",
            )
        case "meaning" if one.value is None:
            what = f"{column} is '{one.after}' now, and was '{one.before}'"
            yield Finding(place, component, what, "check that it still says the same", Severity.WARNING, rule="meaning")
        case "added" if (
            one.value is not None and _coded(target, column) and not taken and not _otherwise(target, column)
        ):
            what = f"no line for {column} = '{one.value}', which is new" + (f": {one.after}" if one.after else "")
            yield Finding(place, component, what, "write a line for it: rows with it are rejects", rule="unmapped")
        case "meaning" if line is not None:
            what = f"{column} = '{one.value}' means '{one.after}' now, and meant '{one.before}'"
            what += f"; the line gives {line.code}"
            yield Finding(
                line.place, component, what, "give it another code, with dates that part the two", rule="meaning"
            )
        case "removed" if line is not None:
            what = f"{column} = '{one.value}' is not used any more"
            yield Finding(line.place, component, what, "leave the line for older rounds", Severity.NOTE, rule="unused")
        case "missing" if _copied(target, column) or line is not None:
            given = f"; the line gives {line.code}" if line is not None else ""
            what = f"{column} = '{one.value}' was {one.before} and is {one.after}{given}"
            yield Finding(
                place, component, what, "check its line under not_stated, unknown or not_applicable", rule="missing"
            )


def _gone(one: Difference, new: Codebook) -> str:
    said = f"is called {one.after} now" if one.kind == "renamed" else "is not there any more"
    return f"{one.subject} {said}"


def _instead(one: Difference) -> str:
    return f"write {one.after}" if one.kind == "renamed" else "name another column"


def _lines(target: Target, column: str) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for rule in leaves(target.rule):
        if isinstance(rule, Recode) and rule.columns == (column,):
            found |= {line.values[0]: line for line in rule.lines}
        elif isinstance(rule, Copy | DateRule) and column in columns(rule):
            found |= {line.values[0]: line for line in rule.lines if line.values}
    return found


def _within(lines: Mapping[str, Line], value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    spans = [ends for said in lines if (ends := bounds(said)) is not None]
    return any(low <= number <= high for low, high in spans)


def _coded(target: Target, column: str) -> bool:
    return any(isinstance(rule, Recode) and column in rule.columns for rule in leaves(target.rule))


def _copied(target: Target, column: str) -> bool:
    return any(isinstance(rule, Copy) and rule.column == column for rule in leaves(target.rule))


def _otherwise(target: Target, column: str) -> bool:
    return any(
        isinstance(rule, Recode) and column in rule.columns and rule.otherwise is not None
        for rule in leaves(target.rule)
    )


def alone(found: Iterable[Difference], place: Place) -> Iterator[Finding]:
    """Yield what does not compare between two code frames, where no mapping says what is read."""
    for one in found:
        if one.kind == "meaning" and one.value is not None:
            what = f"'{one.value}' means '{one.after}' now, and meant '{one.before}'"
            yield Finding(place, one.subject, what, "no series runs through it without a recode", rule="meaning")
        elif one.kind == "missing":
            what = f"'{one.value}' was {one.before} and is {one.after}"
            yield Finding(place, one.subject, what, "recode it before the two are compared", rule="missing")
        elif one.kind == "removed" and one.value is None:
            yield Finding(place, one.subject, "is not there any more", "", Severity.WARNING, rule="column")
