"""The rules of one component in two mappings: columns, conditions, lines, and how values are made."""

from collections.abc import Iterator

from migstat.words.difference import Difference
from migstat.words.expression_text import print_expression
from migstat.words.finding import Finding, Severity
from migstat.words.mapping import Target
from migstat.words.mapping_document import rule_document
from migstat.words.mapping_rule import (
    Band,
    Cases,
    Compute,
    Copy,
    DateRule,
    Fixed,
    Line,
    NotCollected,
    Patterns,
    Pseudonym,
    Recode,
    Rule,
    columns,
)
from migstat.words.missing import KINDS
from migstat.words.plain_words import plain
from migstat.work.compare_codebooks import alike

Key = tuple[str, str]
"""The condition under which a line is used, and its values as text."""
LINES = ("from", "recode", "patterns", "not_stated", "unknown", "not_applicable")
"""The keys of a rule that say which columns it reads, and its lines."""
Found = Iterator[Difference | Finding]


def target_differences(old: Target, new: Target) -> Found:
    """Yield what changed in the rule of a component, or of a column that is made first, and what that breaks."""
    id = new.component
    if type(old.rule) is not type(new.rule):
        yield Difference("rule", id, None, kind_of(old.rule), kind_of(new.rule))
        if isinstance(new.rule, NotCollected):
            yield Finding(
                new.place,
                id,
                f"is not collected any more, and was: {kind_of(old.rule)}",
                "it cannot be compared with what was",
                rule="removed",
            )
            return
        if isinstance(old.rule, NotCollected):
            return
    was, now = columns(old.rule), columns(new.rule)
    if was != now:
        yield Difference("column", id, None, ", ".join(was), ", ".join(now))
    first, second = (print_expression(one.universe) if one.universe else "" for one in (old, new))
    if first != second:
        yield Difference("universe", id, None, first, second)
        yield Finding(
            new.place,
            id,
            f"is asked where {second or 'anybody'}, and was where {first or 'anybody'}",
            "the two are of different people",
            Severity.WARNING,
            rule="comparability",
        )
    before, after = dict(_lines(old.rule)), dict(_lines(new.rule))
    for key, line in before.items():
        if key not in after:
            yield from _lost(key, line, new)
        else:
            yield from _line(id, key, line, after[key])
    for key, line in after.items():
        if key not in before:
            yield Difference("added", id, _value(key), after=line.code)
    earlier = dict(_ways(old.rule))
    for (when, kind), way in _ways(new.rule):
        if earlier.get((when, kind), way) != way:
            yield Difference("rule", id, when or None, earlier[when, kind], way)
            what = f"is made another way{f' where {when}' if when else ''}: {way or 'as it stands'}"
            mend = "check that the two compare"
            yield Finding(new.place, id, what, mend, Severity.WARNING, rule="comparability")
    if old.match != new.match:
        yield Difference("code", id, None, old.match, new.match)


def _ways(rule: Rule, when: str = "") -> Iterator[tuple[tuple[str, type], str]]:
    """Yield how values are made, columns and lines apart, by the condition and the kind of rule."""
    match rule:
        case Cases():
            for arm in rule.arms:
                yield from _ways(arm.rule, print_expression(arm.when))
            if rule.otherwise is not None:
                yield from _ways(rule.otherwise, "else")
        case Fixed() | NotCollected():
            return
        case _:
            said = {key: value for key, value in rule_document(rule).items() if key not in LINES}
            yield (when, type(rule)), ", ".join(f"{key}: {value}" for key, value in said.items())


def _lost(key: Key, line: Line, new: Target) -> Found:
    id, value = new.component, _value(key)
    yield Difference("removed", id, value, line.code)
    rest = _rest(new.rule)
    if rest is None:
        yield Finding(
            new.place,
            id,
            f"no line for '{value}' any more, which gave {line.code}",
            "write a line for it, where it still occurs: rows with it are rejects",
            rule="unmapped",
        )
    elif rest != line.code:
        yield Finding(
            new.place,
            id,
            f"'{value}' gave {line.code}, and falls under else: {rest}",
            "write a line for it",
            rule="code",
        )


def _line(id: str, key: Key, old: Line, new: Line) -> Found:
    value = _value(key)
    if old.code != new.code:
        kind = "missing" if {old.code, new.code} <= KINDS.keys() else "code"
        yield Difference("missing" if kind == "missing" else "code", id, value, old.code, new.code)
        severity = Severity.WARNING if kind == "missing" else Severity.ERROR
        yield Finding(
            new.place,
            id,
            f"'{value}' gives {new.code}, and gave {old.code}",
            "what was made with the one does not compare with the other",
            severity,
            rule=kind,
        )
    if old.label and new.label and plain(old.label) != plain(new.label):
        same = alike(old.label, new.label)
        yield Difference("label" if same else "meaning", id, value, old.label, new.label)
        if not same and old.code == new.code:
            yield Finding(
                new.place,
                id,
                f"'{value}' means '{new.label}', and meant '{old.label}'; both give {new.code}",
                "give them codes of their own, or say why they are one",
                rule="meaning",
            )
    if old.match != new.match:
        yield Difference("code", id, value, f"{old.code} {old.match}", f"{new.code} {new.match}")


def _value(key: Key) -> str:
    return f"{key[1]} (where {key[0]})" if key[0] else key[1]


def _lines(rule: Rule, when: str = "") -> Iterator[tuple[Key, Line]]:
    match rule:
        case Recode() | Copy() | Band() | DateRule() | Pseudonym() | Compute():
            for line in rule.lines:
                yield (when, " ".join(line.values) or "a blank"), line
        case Patterns():
            for one in rule.lines:
                values = " ".join(str(value) for value in one.values)
                yield (when, values), Line((values,), one.code, one.place, one.match, one.because, one.label)
        case Cases():
            for arm in rule.arms:
                said = print_expression(arm.when)
                if isinstance(arm.rule, Fixed):
                    yield ("", said), Line((said,), arm.rule.value, arm.rule.place)
                else:
                    yield from _lines(arm.rule, said)
            if rule.otherwise is not None:
                yield from _lines(rule.otherwise, "else")
        case Fixed():
            yield (when, "every row"), Line(("*",), rule.value, rule.place)
        case NotCollected():
            return


def _rest(rule: Rule) -> str | None:
    return rule.otherwise.code if isinstance(rule, Recode) and rule.otherwise is not None else None


def kind_of(rule: Rule) -> str:
    """Say what kind of rule it is, and of which columns."""
    names = {
        Fixed: "fixed",
        NotCollected: "not collected",
        Copy: "copy",
        Recode: "recode",
        Band: "band",
        DateRule: "date",
        Patterns: "patterns",
        Pseudonym: "pseudonym",
        Compute: "compute",
        Cases: "cases",
    }
    read = ", ".join(columns(rule))
    return f"{names[type(rule)]} of {read}" if read else names[type(rule)]
