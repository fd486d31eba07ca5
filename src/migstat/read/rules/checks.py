"""What a rule checks: a condition over rows, groups or a sequence; a key; a dependency; a tree of totals."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from migstat.read.codelists import codelist_ids
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.placed import Placed
from migstat.read.rules.grammar import parse_condition
from migstat.read.rules.sense import Scope, nonsense
from migstat.words.expression import PREVIOUS, Call, Expression, aggregates, names, walk
from migstat.words.finding import MigstatError, Place
from migstat.words.how_many import how_many
from migstat.words.rule import Check, Determines, Exists, Group, Holds, Parts, Sequence, Unique

KINDS = ("check", "unique", "determines", "exists", "parts")
"""The keys that say what a rule checks, of which it has one."""
DOTTED = "dotted"
_Items = dict[str, Placed]


@dataclass(frozen=True, slots=True)
class Checked:
    """A check, as text, and the component under which it is told where the rule does not say."""

    check: Check
    text: str
    component: str


def read_check(
    items: _Items, place: Place, aliases: Collection[str], faults: Faults, *, misspelt: bool = False
) -> Checked | None:
    """Return what a rule checks, or None after noting what is wrong with it.

    Where a key is ``misspelt``, and that has been told, it is not told too that the rule checks nothing.
    """
    given = [kind for kind in KINDS if kind in items]
    if not given and misspelt:
        return None
    if len(given) != 1:
        listed = " and ".join(f"'{kind}'" for kind in given)
        what = f"the rule has {listed}" if given else "the rule does not say what it checks"
        mend = "make a rule of each" if given else "write check: AGE >= 0, or unique, determines, exists, parts"
        faults.add(items[given[1]].place if given else place, what, mend)
        return None
    kind = given[0]
    for key in ("by", "weighted", "sequence", "look_up"):
        if key in items and kind != "check":
            faults.add(items[key].place, f"'{key}' goes with 'check', not with '{kind}'", f"remove {key}")
    before = len(faults.findings)
    made = _condition(items, aliases, faults) if kind == "check" else _READ[kind](items[kind], faults)
    return made if len(faults.findings) == before else None


def condition(placed: Placed, scope: Scope, aliases: Collection[str], faults: Faults) -> Expression | None:
    """Return a condition that makes sense in its scope, or None after noting what is wrong with it."""
    if not placed.is_text:
        faults.add(placed.place, f"the condition is {shape(placed)}, not one expression", 'write "AGE >= 15"')
        return None
    try:
        found = parse_condition(placed.text, placed.place, faults.component, aliases)
    except MigstatError as error:
        faults.take(error)
        return None
    said = list(dict.fromkeys(nonsense(found, scope)))
    for what, mend in said:
        faults.add(placed.place, f"in `{plain(placed)}`: {what}", mend)
    return None if said else found


def plain(placed: Placed) -> str:
    """Return the text of a condition on one line."""
    return " ".join(placed.text.split())


def _condition(items: _Items, aliases: Collection[str], faults: Faults) -> Checked | None:
    placed = items["check"]
    parsed = _quietly(placed, aliases)
    counts = parsed is not None and bool(aggregates(parsed))
    if "sequence" in items:
        for key in ("by", "weighted"):
            if key in items:
                mend = "write sequence: {by: [..], sort: [..]}" if key == "by" else "remove weighted"
                faults.add(items[key].place, f"'{key}' stands beside 'sequence'", mend)
        return _sequence(items["sequence"], placed, aliases, faults)
    by = faults.texts(items.get("by"), "by")
    found = condition(placed, "group" if counts or "by" in items else "row", aliases, faults)
    if "by" in items:
        _columns(items["by"], by, "by", faults)
    for key in ("by", "weighted"):
        if key in items and parsed is not None and not counts:
            what = f"'{key}' is given, but the check counts nothing"
            faults.add(items[key].place, what, "write a function such as count(AGE < 15), or remove it")
    weighted = faults.choice(items, "weighted", ("true", "false"), "false") == "true"
    if found is None:
        return None
    text = plain(placed)
    component = next((name for name in names(found) if "." not in name), by[0] if by else "")
    if not counts:
        return Checked(Holds(found), text, component)
    each = f"for each {', '.join(by)}: " if by else ""
    return Checked(Group(by, found, weighted), each + text, component)


def _quietly(placed: Placed, aliases: Collection[str]) -> Expression | None:
    try:
        return parse_condition(placed.text, placed.place, "", aliases)
    except MigstatError:
        return None


def _sequence(placed: Placed, check: Placed, aliases: Collection[str], faults: Faults) -> Checked | None:
    items = faults.keys(placed, ("by", "sort"), "sequence")
    by = faults.texts(items.get("by"), "by")
    sort = _listed(items, "sort", placed, "sequence", "[CROSSING_DATE]", faults)
    found = condition(check, "sequence", aliases, faults)
    if found is None:
        return None
    text = plain(check)
    if not any(isinstance(node, Call) and node.function == PREVIOUS for node in walk(found)):
        faults.add(check.place, f"`{text}` does not read the row before", "write previous(COLUMN), or remove sequence")
    if "by" in items:
        _columns(items["by"], by, "by", faults)
    each = f"for each {', '.join(by)}, " if by else ""
    component = next((name for name in names(found) if "." not in name), "")
    return Checked(Sequence(by, sort, found), f"{each}in order of {', '.join(sort)}: {text}", component)


def _unique(placed: Placed, faults: Faults) -> Checked:
    columns = faults.texts(placed, "unique")
    _columns(placed, columns, "unique", faults)
    return Checked(Unique(columns), f"unique: {', '.join(columns)}", columns[0] if columns else "")


def _determines(placed: Placed, faults: Faults) -> Checked:
    items = faults.keys(placed, ("by", "one"), "determines")
    by = _listed(items, "by", placed, "determines", "[postcode]", faults)
    one = faults.text(items, "one", "determines", needed=placed.place, mend="write one: city")
    if one and one in by:
        faults.add(items["one"].place, f"{one} determines itself", "name another column")
    return Checked(Determines(by, one), f"{', '.join(by)} determines {one}", one)


def _exists(placed: Placed, faults: Faults) -> Checked:
    items = faults.keys(placed, ("columns", "in", "as"), "exists")
    columns = _listed(items, "columns", placed, "exists", "[HOUSEHOLD_ID]", faults)
    file = faults.text(items, "in", "exists", needed=placed.place, mend="write in: households, the other file")
    other = faults.texts(items.get("as"), "as") or columns
    if len(other) != len(columns):
        what = f"{how_many(len(columns), 'column is', 'columns are')} looked for in {len(other)}"
        faults.add(items["as"].place, what, "name as many in 'as' as in 'columns'")
    theirs = "" if other == columns else f" as {', '.join(other)}"
    text = f"{', '.join(columns)} exists in {file}{theirs}"
    return Checked(Exists(columns, file, other), text, next(iter(columns), ""))


def _parts(placed: Placed, faults: Faults) -> Checked:
    items = faults.keys(placed, ("of", "code", "tree", "within", "tolerance", "absent"), "parts")
    value = faults.text(items, "of", "parts", needed=placed.place, mend="write of: OBS_VALUE, the column that adds up")
    code = faults.text(items, "code", "parts", needed=placed.place, mend="write code: REF_AREA, the column of codes")
    tree = faults.text(items, "tree", "parts", needed=placed.place, mend=f"write tree: {DOTTED}, or a codelist")
    if tree and tree not in (DOTTED, *codelist_ids()):
        what = f"tree: {tree} is no codelist, and not {DOTTED}"
        faults.add(items["tree"].place, what, nearest(tree, [DOTTED, *codelist_ids()]))
    within = faults.texts(items.get("within"), "within")
    for name in dict.fromkeys(name for name in within if name in (value, code)):
        faults.add(items["within"].place, f"within names {name}, which the sum runs over", f"remove {name}")
    absent: Literal["undecided", "zero"] = (
        "zero" if faults.choice(items, "absent", ("undecided", "zero"), "undecided") == "zero" else "undecided"
    )
    each = f", for each {', '.join(within)}" if within else ""
    text = f"{value} of each {code} equals the sum of its parts ({tree}){each}"
    return Checked(Parts(value, code, tree, within, _tolerance(items, faults), absent), text, code)


def _tolerance(items: _Items, faults: Faults) -> float:
    if "tolerance" not in items:
        return 0.0
    try:
        found = float(items["tolerance"].text)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        what = f"tolerance: {shape(items['tolerance'])} is not a number of 0 or more"
        faults.add(items["tolerance"].place, what, "write a number such as 0.5")
        return 0.0
    return found


_READ: dict[str, Callable[[Placed, Faults], Checked]] = {
    "unique": _unique,
    "determines": _determines,
    "exists": _exists,
    "parts": _parts,
}


def _listed(items: _Items, key: str, placed: Placed, of: str, example: str, faults: Faults) -> tuple[str, ...]:
    found = faults.texts(items.get(key), key)
    if key not in items:
        if items:
            faults.add(placed.place, f"{of} has no '{key}'", f"write {key}: {example}")
    else:
        _columns(items[key], found, key, faults)
    return found


def _columns(placed: Placed, found: tuple[str, ...], of: str, faults: Faults) -> None:
    if not all(found) or not found:
        faults.add(placed.place, f"'{of}' names no column", f"write {of}: [COLUMN]")
    for name in _twice(found):
        faults.add(placed.place, f"'{of}' names {name} twice", "name it once")


def _twice(names: tuple[str, ...]) -> Iterator[str]:
    yield from (name for name, times in Counter(names).items() if name and times > 1)
