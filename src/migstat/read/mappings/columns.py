"""Columns that a mapping makes of the source before its rules: read, and put in the order in which they can be made."""

from collections.abc import Iterator, Mapping

from migstat.read.mappings.arms import confidence_of
from migstat.read.mappings.faults import Faults, shape
from migstat.read.mappings.rules import Rules
from migstat.read.placed import Placed
from migstat.words.mapping import Target
from migstat.words.mapping_rule import Band, NotCollected, Pseudonym, Rule, columns, leaves
from migstat.words.source import Wave

DEEPEST = 30
"""Columns that are made one of the other."""
MOST = 200
"""Columns that a mapping may make."""


def made_columns(placed: Placed | None, rules: Rules, rounds: tuple[Wave, ...]) -> tuple[Target, ...]:
    """Read the columns that are made first, each after those it reads; one that needs itself is a fault."""
    if placed is None:
        return ()
    faults = rules.faults
    if not placed.items:
        mend = 'write columns: {MOVED: "P16 <> P17"}, or a rule for each'
        faults.add(placed.place, f"columns is {shape(placed)}, not names with rules", mend)
        return ()
    if len(placed.items) > MOST:
        faults.add(placed.place, f"columns makes {len(placed.items):,} columns", f"make at most {MOST:,}")
        return ()
    made: dict[str, Target] = {}
    for name, entry in placed.items.items():
        faults.component = f"column {name}"
        aliases = {alias for wave in rounds for alias in (*wave.columns, *wave.not_collected)}
        if name in aliases:
            mend = "give the column another name than those under waves"
            faults.add(entry.place, f"{name} is already a column of the source", mend)
        rule = _rule(entry, rules)
        if rule is not None:
            because = faults.text(entry.items, "because", name)
            made[name] = Target(
                name, rule, entry.place, because=because, confidence=confidence_of(entry.items, rules.faults)
            )
    faults.component = ""
    return tuple(_ordered(made, faults))


def _rule(entry: Placed, rules: Rules) -> Rule | None:
    """Read one rule; a text alone is an expression."""
    faults = rules.faults
    given = entry if entry.items or not entry.text else Placed({"compute": entry}, entry.place)
    rule = rules.rule(given, ("because", "confidence"))
    for leaf in leaves(rule) if rule is not None else ():
        match leaf:
            case Band():
                mend = "write a recode with ranges: {from: AGE, recode: {0..14: young}}"
                faults.add(leaf.place, "a band gives classes of a codelist, and a column made first has none", mend)
                return None
            case Pseudonym() | NotCollected():
                what = "a pseudonym" if isinstance(leaf, Pseudonym) else "not_collected"
                faults.add(leaf.place, f"{what} belongs to a component", "write it under rules")
                return None
    return rule


def _ordered(made: Mapping[str, Target], faults: Faults) -> Iterator[Target]:
    """Yield each column after those that it reads, and note a fault where that cannot be."""
    waiting = dict(made)
    for _ in range(DEEPEST):
        if not waiting:
            return
        ready = [one for one in waiting.values() if not waiting.keys() & {*columns(one.rule)}]
        if not ready:
            _circle(waiting, faults)
            return
        for one in ready:
            yield waiting.pop(one.component)
    for one in waiting.values():
        faults.component = f"column {one.component}"
        faults.add(
            one.place, f"it stands on more than {DEEPEST} columns, one made of the other", "write it in fewer steps"
        )
        break


def _circle(waiting: Mapping[str, Target], faults: Faults) -> None:
    """Tell one way around which columns need each other."""
    name = next(iter(waiting))
    way: list[str] = []
    while name not in way:
        way.append(name)
        name = next(read for read in columns(waiting[name].rule) if read in waiting)
    way = [*way[way.index(name) :], name]
    first = waiting[name]
    faults.component = f"column {name}"
    if len(way) == 2:
        what, mend = f"{name} is made of itself", f"give it another name than that of the source, such as {name}_MADE"
    else:
        what, mend = f"no column of the circle can be made first: {' reads '.join(way)}", "break the circle"
    faults.add(first.place, what, mend)
    faults.component = ""
