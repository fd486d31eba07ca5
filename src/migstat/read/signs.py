"""Rules of signs of life: YAML read into words, with everything that is wrong told at once."""

import datetime
from functools import cache
from pathlib import Path

from migstat.read.codelists import data_folder
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.placed import Placed, read_yaml
from migstat.words.finding import Place, misuse
from migstat.words.signs import Register, SignsRule

KEYS = ("id", "version", "source", "standing", "window", "threshold", "memory", "gain", "most", "registers")
OF_REGISTER = ("weight", "person", "date", "from", "to", "at_least", "covers")


@cache
def signs_rule_ids() -> tuple[str, ...]:
    """Return the names of the rules that ship."""
    return tuple(sorted(path.stem for path in (data_folder("schemas") / "signs").glob("*.yaml")))


def read_signs_rule(named: str | Path) -> SignsRule:
    """Return a rule that ships, by its name, or read one from a file."""
    if isinstance(named, str) and not named.endswith((".yaml", ".yml")):
        if named not in signs_rule_ids():
            raise misuse(f"there is no rule '{named}'", nearest(named, signs_rule_ids()), place="signs_of_life")
        return _read(data_folder("schemas") / "signs" / f"{named}.yaml")
    path = Path(named)
    if not path.is_file():
        mend = "name a YAML file, or a rule that ships: " + ", ".join(signs_rule_ids())
        raise misuse("there is no such rule file", mend, place=path.name)
    return _read(path)


def _read(path: Path) -> SignsRule:
    placed = read_yaml(path)
    faults = Faults()
    items = faults.keys(placed, KEYS, "the rule")
    texts = {key: faults.text(items, key, "the rule") for key in ("source", "standing")}
    window = faults.whole(items, "window", 1)
    if "window" not in items:
        faults.add(placed.place, "the rule has no 'window'", "write window: 12, the months before the day")
    numbers = {key: faults.number(items, key) for key in ("threshold", "gain", "most")}
    if "threshold" not in items:
        faults.add(placed.place, "the rule has no 'threshold'", "write threshold: 1")
    rule = SignsRule(
        id=faults.text(items, "id", "the rule", needed=placed.place, mend="write id: SIGNS_12M"),
        version=faults.text(items, "version", "the rule", needed=placed.place, mend="write version: 1.0"),
        registers=tuple(_registers(items, placed.place, faults)),
        place=placed.place,
        window=window or 12,
        threshold=numbers["threshold"] or 1.0,
        memory=_memory(items, faults),
        gain=numbers["gain"] or 1.0,
        most=numbers["most"],
        **texts,
    )
    _reach(rule, items, faults)
    faults.settle()
    return rule


def _memory(items: dict[str, Placed], faults: Faults) -> float:
    if "memory" not in items or items["memory"].text == "0":
        return 0.0
    memory = faults.number(items, "memory") or 0.0
    if memory >= 1:
        faults.add(items["memory"].place, f"memory: {memory:g} forgets nothing", "write a share below 1, such as 0.8")
    return memory


def _reach(rule: SignsRule, items: dict[str, Placed], faults: Faults) -> None:
    """Refuse a threshold that nobody can reach."""
    top = sum(register.weight for register in rule.registers)
    top = rule.gain * (top if rule.most is None else min(top, rule.most)) / (1 - min(rule.memory, 0.999999))
    if rule.registers and rule.threshold > top + 1e-9 and "threshold" in items:
        what = f"threshold: {rule.threshold:g} cannot be reached: with a sign in every register the index is {top:g}"
        faults.add(items["threshold"].place, what, "lower the threshold, or raise weights, gain or most")


def _registers(items: dict[str, Placed], place: Place, faults: Faults) -> list[Register]:
    placed = items.get("registers")
    if placed is None or not placed.items:
        mend = "write registers: {TAX: {weight: 1, date: DATE}}"
        faults.add(placed.place if placed else place, "the rule has no registers", mend)
        return []
    found = []
    for id, entry in placed.items.items():
        faults.component = id
        keys = faults.keys(entry, OF_REGISTER, "the register")
        weight = faults.number(keys, "weight")
        if "weight" not in keys and keys:
            faults.add(entry.place, "the register has no 'weight'", "write weight: 1")
        date, start, end = (faults.text(keys, key, "the register") for key in ("date", "from", "to"))
        if keys and bool(date) == bool(start):
            what = "the register has both 'date' and 'from'" if date else "the register has neither 'date' nor 'from'"
            faults.add(entry.place, what, "write date: DATE of an event, or from: and to: of a state")
        covers = faults.keys(keys["covers"], ("from", "to"), "covers") if "covers" in keys else {}
        person = faults.text(keys, "person", "the register") or "PERSON_ID"
        bounds = {key: _day(covers, key, faults) for key in ("from", "to")}
        found.append(
            Register(id, weight or 1.0, entry.place, person, date, start, end, faults.whole(keys, "at_least", 1) or 1,
                     bounds["from"], bounds["to"])
        )  # fmt: skip
        faults.component = ""
    return found


def _day(items: dict[str, Placed], key: str, faults: Faults) -> datetime.date | None:
    placed = items.get(key)
    if placed is None:
        return None
    try:
        return datetime.date.fromisoformat(placed.text)
    except ValueError:
        faults.add(placed.place, f"{key}: {placed.text or shape(placed)} is not a day", "write it as 2020-01-01")
        return None
