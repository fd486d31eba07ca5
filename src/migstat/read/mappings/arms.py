"""Arms of cases: each a condition with what it gives, and what may be said of a rule as a whole."""

from collections.abc import Callable, Collection

from migstat.read.mappings.conditions import condition
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.mappings.tables import MATCHES
from migstat.read.placed import Placed
from migstat.words.confidence import Confidence
from migstat.words.mapping_rule import Case, Cases, Fixed, Match, Pseudonym, Rule

Read = Callable[[Placed, tuple[str, ...]], Rule | None]


def match_of(items: dict[str, Placed], faults: Faults) -> Match:
    """Read how well a rule meets the concept."""
    text = faults.choice(items, "match", MATCHES, "exact")
    return next(known for known in MATCHES if known == text)


def confidence_of(items: dict[str, Placed], faults: Faults) -> Confidence | None:
    """Read how sure it is that the source means what a rule says."""
    placed = items.get("confidence")
    return faults.confidence(placed.text or shape(placed), placed.place) if placed is not None else None


def cases(placed: Placed, rule_of: Read, kinds: Collection[str], faults: Faults) -> Cases | None:
    """Read the arms, each a condition with what it gives; else stands last. ``rule_of`` reads a rule within an arm."""
    arms: list[Case] = []
    otherwise: Rule | None = None
    ended: Placed | None = None
    if not placed.entries or placed.is_text:
        faults.add(placed.place, "cases has no arms", "write - {when: {COLUMN: 1}, give: CODE}")
        return None
    for arm in placed.entries:
        if ended is not None:
            what = f"the arm is never reached: else in line {ended.place.line} takes every row"
            faults.add(arm.place, what, "put else last")
        items = arm.items
        if "else" in items and "when" in items and "recode" not in items:
            faults.add(items["else"].place, "the arm has both 'when' and 'else'", "make two arms of it")
        elif "else" in items and "when" not in items:
            ended = arm
            otherwise = _given(arm, "else", rule_of, kinds, faults)
        elif "when" not in items:
            faults.add(arm.place, "the arm has no 'when'", "write - {when: {COLUMN: 1}, give: CODE}, or else last")
        else:
            when, rule = condition(items["when"], faults), _given(arm, "when", rule_of, kinds, faults)
            if when is not None and rule is not None:
                because = faults.text(items, "because", "the arm")
                arms.append(Case(when, rule, arm.place, match_of(items, faults), because, confidence_of(items, faults)))
    if not arms and otherwise is not None and len(placed.entries) == 1:
        faults.add(placed.place, "cases has nothing but else", "write fixed: CODE, or a rule without cases")
    return Cases(tuple(arms), placed.place, otherwise)


def _given(arm: Placed, kind: str, rule_of: Read, kinds: Collection[str], faults: Faults) -> Rule | None:
    """Read what an arm gives: a code, or a rule of its own."""
    items = arm.items
    around = (kind, "give", "match", "because", "confidence")
    rest = {key: value for key, value in items.items() if key not in around}
    code = items.get("give")
    if kind == "else" and items["else"].text not in {"true", "yes", ""}:
        code = items["else"]
    if code is not None:
        for key, value in rest.items():
            what = f"the arm gives a code, and '{key}' beside it"
            mend = "keep one of the two" if key in kinds or key == "from" else nearest(key, around)
            faults.add(value.place, what, mend)
        if not code.text:
            faults.add(code.place, f"'give' is {shape(code)}, not a code", "write give: CODE")
            return None
        return Fixed(code.text, code.place)
    if not rest:
        faults.add(arm.place, "the arm gives nothing", "write give: CODE, or a rule such as from: COLUMN")
        return None
    rule = rule_of(Placed(rest, arm.place), ("give", "when", "else", "match", "because", "confidence"))
    if isinstance(rule, Pseudonym):
        mend = "write PERSON_ID: {pseudonym: [PASSPORT], key: PERSON_KEY}"
        faults.add(arm.place, "a pseudonym cannot stand among cases", mend)
        return None
    return rule
