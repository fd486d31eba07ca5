"""One rule of a file: what it checks, what it looks up, what it bears, and how it is told."""

import re
from typing import cast, get_args

from migstat.read.mappings.faults import Faults, shape
from migstat.read.placed import Placed
from migstat.read.rules.checks import condition, read_check
from migstat.words.codelist import LANGUAGES
from migstat.words.expression import names
from migstat.words.finding import Place, Severity
from migstat.words.rule import Group, Holds, LookUp, MissingPolicy, Rule, Sequence

KEYS = (
    "id", "label", "description", "component", "check", "by", "weighted", "sequence", "look_up", "unique", "determines",
    "exists", "parts", "when", "missing", "severity", "threshold", "origin", "standing", "mend",
)  # fmt: skip
_THRESHOLD = re.compile(r"(?P<share>\d+(?:\.\d+)?) ?%|(?P<rows>\d{1,3}(?:,\d{3})+|\d+) (?:rows?|groups?)")
_ALIAS = re.compile(r"[^\W\d]\w*")


def read_rule(placed: Placed, language: str, faults: Faults) -> Rule | None:
    """Return one rule, or None after noting everything that is wrong with it."""
    before = len(faults.findings)
    faults.component = placed.items["id"].text if "id" in placed.items else ""
    items = faults.keys(placed, KEYS, "the rule")
    if not items:
        return None
    place = placed.place
    id = faults.text(items, "id", "the rule", needed=place, mend="write id: AGE_RANGE")
    if id and (set(id) & set(" \t\n\"'`,;:/\\") or len(id) > 80):
        faults.add(items["id"].place, f"id: '{id[:80]}' is not an id", "write letters, digits, . _ and - only")
    look_ups = _look_ups(items, faults)
    aliases = tuple(one.alias for one in look_ups)
    checked = read_check(items, place, aliases, faults, misspelt=bool(set(items) - set(KEYS)))
    when = condition(items["when"], "row", aliases, faults) if "when" in items else None
    rows, share = _threshold(items, faults)
    component = faults.text(items, "component", "the rule")
    severity = Severity(faults.choice(items, "severity", [one.value for one in Severity], "error"))
    missing = cast(MissingPolicy, faults.choice(items, "missing", get_args(MissingPolicy), "undecided"))
    said = {key: faults.text(items, key, "the rule") for key in ("description", "origin", "standing", "mend")}
    labels = _labels(items, language, faults)
    if checked is None or len(faults.findings) > before:
        return None
    rule = Rule(
        id=id,
        check=checked.check,
        text=checked.text,
        place=place,
        names=labels,
        description=said["description"],
        component=component or checked.component,
        severity=severity,
        missing=missing,
        when=when,
        look_ups=look_ups,
        rows_borne=rows,
        share_borne=share,
        origin=said["origin"],
        standing=said["standing"],
        mend=said["mend"],
    )
    _check_reading(rule, items["look_up"].items if "look_up" in items else {}, faults)
    return rule


def _look_ups(items: dict[str, Placed], faults: Faults) -> tuple[LookUp, ...]:
    if "look_up" not in items:
        return ()
    placed = items["look_up"]
    if not placed.items:
        mend = "write look_up: {household: {in: households, where: {household_id: HOUSEHOLD_ID}}}"
        faults.add(placed.place, f"look_up is {shape(placed)}, not names with files", mend)
    found = []
    for alias, entry in placed.items.items():
        if not _ALIAS.fullmatch(alias):
            faults.add(entry.place, f"'{alias}' is not a name for a look-up", "write a word, such as household")
        given = faults.keys(entry, ("in", "where"), f"the look-up {alias}")
        mend = "write in: households, the name of the other file, or in: self"
        file = faults.text(given, "in", f"the look-up {alias}", needed=entry.place if given else None, mend=mend)
        where = _where(given.get("where"), alias, entry.place if given else None, faults)
        found.append(LookUp(alias, file, where))
    return tuple(found)


def _where(placed: Placed | None, alias: str, place: Place | None, faults: Faults) -> dict[str, str]:
    mend = "write where: {their_column: OUR_COLUMN}"
    if placed is None:
        if place is not None:
            faults.add(place, f"the look-up {alias} has no 'where'", mend)
        return {}
    if not placed.items:
        faults.add(placed.place, f"where is {shape(placed)}, not their columns with ours", mend)
    for theirs, ours in placed.items.items():
        if not theirs or not ours.text:
            faults.add(ours.place, f"where pairs '{theirs}' with {shape(ours)}", mend)
    return {theirs: ours.text for theirs, ours in placed.items.items()}


def _check_reading(rule: Rule, look_ups: dict[str, Placed], faults: Faults) -> None:
    """Find the look-ups that no condition reads."""
    read = names(rule.check.expression) if isinstance(rule.check, Holds | Group | Sequence) else ()
    read += names(rule.when) if rule.when is not None else ()
    used = {name.partition(".")[0] for name in read}
    for alias, entry in look_ups.items():
        if alias not in used:
            mend = f"write {alias}.COLUMN, or {alias}.n for the number of rows found, or remove it"
            faults.add(entry.place, f"the look-up {alias} is never read", mend)


def _threshold(items: dict[str, Placed], faults: Faults) -> tuple[int | None, float | None]:
    """Return how many rows, or which share of them, may fail."""
    if "threshold" not in items:
        return None, None
    placed = items["threshold"]
    match = _THRESHOLD.fullmatch(placed.text.strip())
    if match is None:
        what = f"threshold: {shape(placed)} is neither a share nor a number of rows"
        faults.add(placed.place, what, "write 0.5%, or 10 rows")
        return None, None
    if match["rows"]:
        return int(match["rows"].replace(",", "")), None
    share = float(match["share"]) / 100
    if share >= 1:
        faults.add(placed.place, f"threshold: {placed.text} bears every failure", "write a share below 100%")
    return None, share


def _labels(items: dict[str, Placed], language: str, faults: Faults) -> dict[str, str]:
    if "label" not in items:
        return {}
    placed = items["label"]
    if placed.is_text:
        return {language: placed.text} if placed.text else {}
    given = faults.keys(placed, LANGUAGES, "the label")
    for one, text in given.items():
        if one in LANGUAGES and not text.text:
            faults.add(text.place, f"the label in '{one}' is {shape(text)}", f"write it, or remove {one}")
    return {one: text.text for one, text in given.items()}
