"""Constraints as rules: cube regions by component, and series by the set of keys that are allowed or are not."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from migstat.words.codelist import Codelist
from migstat.words.constraint import Constraint, KeySet, Region, Selection
from migstat.words.expression import And, Call, Compare, Expression, In, IsMissing, Name, Not, Number, Or, Text
from migstat.words.finding import misuse
from migstat.words.rule import LookUp
from migstat.words.structure import Structure

MOST_KEYS = 1_000_000
"""Keys that a constraint may come to when the values of each key are multiplied out."""
Rows = dict[str, list[str]]


@dataclass(slots=True)
class Allowed:
    """What one rule asks: the condition, in words, of which component, with keys to look up."""

    id: str
    component: str
    check: Expression
    text: str
    look_ups: tuple[LookUp, ...] = ()
    keys: Mapping[str, Rows] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


def regions(
    constraint: Constraint, structure: Structure, codelists: Callable[[str], Codelist], known: frozenset[str]
) -> Iterator[Allowed]:
    """Yield what the cube regions of a constraint ask: a rule a component where there is one region, else one rule."""
    there = [one for one in constraint.regions if any(select.component in known for select in one.selections)]
    if len(there) == 1 and there[0].include:
        for selection in there[0].selections:
            if selection.component in known:
                check = _inside(selection, structure, codelists)
                if check is not None:
                    id = f"{constraint.id}.{selection.component}"
                    yield Allowed(id, selection.component, check, _words(selection), columns=(selection.component,))
        return
    if not there:
        return
    included = [_whole(one, structure, codelists, known) for one in there if one.include]
    excluded = [Not(_whole(one, structure, codelists, known)) for one in there if not one.include]
    asked: list[Expression] = [*excluded]
    if included:
        asked.append(included[0] if len(included) == 1 else Or(tuple(included)))
    columns = tuple(
        dict.fromkeys(one.component for region in there for one in region.selections if one.component in known)
    )
    component = columns[0] if len(columns) == 1 else "(region)"
    text = "inside the cube regions of " + constraint.id
    yield Allowed(constraint.id, component, asked[0] if len(asked) == 1 else And(tuple(asked)), text, columns=columns)


def _whole(
    region: Region, structure: Structure, codelists: Callable[[str], Codelist], known: frozenset[str]
) -> Expression:
    """Return whether a row is inside a region: what it does not say of a component is free."""
    found = [
        _inside(one, structure, codelists) or Not(IsMissing(Name(one.component)))
        for one in region.selections
        if one.component in known
    ]
    return found[0] if len(found) == 1 else And(tuple(found))


def _inside(selection: Selection, structure: Structure, codelists: Callable[[str], Codelist]) -> Expression | None:
    """Return whether a value is among those that a selection names."""
    value: Expression = Call("text", (Name(selection.component),))
    if selection.period is not None:
        period = selection.period
        asked: list[Expression] = []
        # A year holds its quarters: an end is compared with as many letters as it has itself.
        if period.start is not None:
            cut = Call("substring", (value, Number(1, "1"), Number(len(period.start), str(len(period.start)))))
            asked.append(Compare(">=" if period.start_included else ">", cut, Text(period.start)))
        if period.end is not None:
            cut = Call("substring", (value, Number(1, "1"), Number(len(period.end), str(len(period.end)))))
            asked.append(Compare("<=" if period.end_included else "<", cut, Text(period.end)))
        check: Expression | None = And(tuple(asked)) if len(asked) > 1 else asked[0] if asked else None
    elif selection.members:
        plain = [one for one in values(selection, structure, codelists) if "%" not in one]
        wild = [one for one in selection.values if "%" in one]
        tests: list[Expression] = [In(value, tuple(Text(one) for one in plain))] if plain else []
        tests += [Call("matches", (value, Text(".*".join(re.escape(part) for part in one.split("%"))))) for one in wild]
        check = tests[0] if len(tests) == 1 else Or(tuple(tests))
    else:
        check = Not(IsMissing(value))
    return check if check is None or selection.include else Not(check)


def values(selection: Selection, structure: Structure, codelists: Callable[[str], Codelist]) -> tuple[str, ...]:
    """Return the values of a selection, those below one that cascades with it."""
    found: dict[str, None] = {}
    for member in selection.members:
        if member.cascade != "descendants only":
            found[member.value] = None
        listed = structure[selection.component].codelist if selection.component in structure else ""
        if member.cascade != "no" and listed and member.value in codelists(listed):
            found |= dict.fromkeys(codelists(listed).descendants(member.value))
    return tuple(found)


def _words(selection: Selection) -> str:
    if selection.period is not None:
        period = selection.period
        return f"{selection.component} from {period.start or 'any time'} to {period.end or 'any time'}"
    listed = ", ".join(selection.values[:8]) + (", ..." if len(selection.values) > 8 else "")
    return f"{selection.component} is {'one' if selection.include else 'none'} of {listed}"


def series(
    constraint: Constraint, structure: Structure, codelists: Callable[[str], Codelist], known: frozenset[str]
) -> Iterator[Allowed]:
    """Yield a rule for each set of keys: the series of a row is among them, or is not."""
    for number, one in enumerate(constraint.key_sets, 1):
        id = constraint.id if len(constraint.key_sets) == 1 else f"{constraint.id}.{number}"
        found = _keys(one, structure, codelists, known)
        if not found:
            continue
        look_ups, keys, tests, columns = [], {}, list[Expression](), dict[str, None]()
        for place, (names, rows) in enumerate(found.items(), 1):
            alias = f"keys{place}_of_{re.sub(r'[^A-Za-z0-9]', '_', id)}"
            look_ups.append(LookUp(alias, alias, {name: name for name in names}))
            keys[alias] = rows
            columns |= dict.fromkeys(names)
            tests.append(Compare(">" if one.include else "=", Name(f"{alias}.n"), Number(0, "0")))
        joined = tests[0] if len(tests) == 1 else (Or if one.include else And)(tuple(tests))
        count = sum(len(next(iter(rows.values()))) for rows in keys.values())
        text = f"the series is {'one' if one.include else 'none'} of the {count:,} of {constraint.id}"
        yield Allowed(id, "(series)", joined, text, tuple(look_ups), keys, tuple(columns))


def _keys(
    of: KeySet, structure: Structure, codelists: Callable[[str], Codelist], known: frozenset[str]
) -> dict[tuple[str, ...], Rows]:
    """Return keys as tables, one for each set of dimensions that keys name; what they leave out is free."""
    found: dict[tuple[str, ...], Rows] = {}
    plain = [key for key in of.keys if not any(_beyond(one) for one in key.selections)]
    if of.include and len(plain) < len(of.keys):
        return {}
    count = 0
    for key in plain:
        named = [one for one in key.selections if one.component in known]
        if not named:
            continue
        names = tuple(one.component for one in named)
        rows = found.setdefault(names, {name: [] for name in names})
        for combination in product(*(values(one, structure, codelists) for one in named)):
            count += 1
            if count > MOST_KEYS:
                what = f"a set of keys of a constraint comes to more than {MOST_KEYS:,} keys"
                raise misuse(what, "ask for a constraint by cube regions", place=structure.id)
            for name, value in zip(names, combination, strict=True):
                rows[name].append(value)
    return found


def _beyond(one: Selection) -> bool:
    """Tell whether a part of a key is more than values written out."""
    return not one.members or not one.include or any("%" in value for value in one.values)


def unread(constraints: Sequence[Constraint]) -> Iterator[tuple[str, str]]:
    """Yield what of constraints is not judged, and why."""
    for one in constraints:
        selections = [
            *(select for region in one.regions for select in region.selections),
            *(select for keys in one.key_sets for key in keys.keys for select in key.selections),
        ]
        dated = any(
            one.valid_from or one.valid_to or any(member.valid_from or member.valid_to for member in one.members)
            for one in selections
        ) or any(key.valid_from or key.valid_to for keys in one.key_sets for key in keys.keys)
        if dated:
            yield one.id, "the days on which values or keys of it hold are not looked at: they count as holding"
        if any(_beyond(select) for keys in one.key_sets for key in keys.keys for select in key.selections):
            yield one.id, "keys with %, periods or excluded values are not looked at, nor the series they allow"
