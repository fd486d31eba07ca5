"""Compare two mappings, or two waves of one: what changed in source, rules and lines, and what does not compare."""

import datetime
from collections.abc import Iterator
from dataclasses import replace

from migstat.words.difference import Difference
from migstat.words.expression_text import print_expression
from migstat.words.finding import Finding, Severity
from migstat.words.mapping import Mapping, Target
from migstat.words.mapping_document import target_document
from migstat.words.mapping_rule import (
    Band,
    Cases,
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
from migstat.words.source import Wave
from migstat.words.structure import Structure
from migstat.work.compare_codebooks import alike

Key = tuple[str, str]
"""The condition under which a line is used, and its values as text."""
CONCEPTS = ("population", "birthplace", "boundaries", "coverage")
HEAD = ("kind", "area", "weight", "key", "strata", "psu", "identifiers")
Found = Iterator[Difference | Finding]


def at_wave(mapping: Mapping, wave: Wave) -> Mapping:
    """Return a mapping as it is in one wave: its columns by their names there, and the lines that hold at its date."""
    targets = tuple(replace(one, rule=_in_wave(one.rule, wave)) for one in mapping.targets)
    source = replace(
        mapping.source,
        period=wave.period,
        date=wave.date,
        weight=wave.columns.get(mapping.source.weight, mapping.source.weight),
    )
    return replace(mapping, targets=targets, source=source, waves=())


def _in_wave(rule: Rule, wave: Wave) -> Rule:
    names = wave.columns
    match rule:
        case Recode():
            kept = tuple(line for line in rule.lines if _holds(line, wave.date))
            return replace(rule, columns=tuple(names.get(one, one) for one in rule.columns), lines=kept)
        case Copy() | Band():
            return replace(rule, column=names.get(rule.column, rule.column))
        case Cases():
            arms = tuple(replace(arm, rule=_in_wave(arm.rule, wave)) for arm in rule.arms)
            rest = None if rule.otherwise is None else _in_wave(rule.otherwise, wave)
            return replace(rule, arms=arms, otherwise=rest)
    return rule


def _holds(line: Line, date: datetime.date | None) -> bool:
    if date is None:
        return True
    return (line.valid_from is None or line.valid_from <= date) and (line.valid_to is None or date < line.valid_to)


def differences(old: Mapping, new: Mapping, structure: Structure) -> Found:
    """Yield the changes, each finding of what they break after the change it comes from."""
    if old.into != new.into:
        yield Difference("structure", "into", None, old.into, new.into)
        what = f"fills {new.into}, and filled {old.into}"
        yield Finding(new.place, "into", what, "records of the two cannot be put together", rule="structure")
    versions = tuple(one.structure.version if one.structure else "" for one in (old, new))
    if versions[0] != versions[1]:
        # Structures that ship have one version; an office's own may have changed between the two.
        yield Difference("structure", "into version", None, *versions)
    if old.version != new.version:
        yield Difference("source", "version", None, old.version, new.version)
    yield from _source(old, new)
    before = {one.component: one for one in old.targets}
    after = {one.component: one for one in new.targets}
    for id, target in before.items():
        if id not in after:
            yield Difference("removed", id, None, _kind(target.rule))
            needed = id in structure and structure[id].required
            severity = Severity.ERROR if needed or not isinstance(target.rule, NotCollected) else Severity.WARNING
            yield Finding(
                new.place,
                id,
                "no rule fills it any more",
                f"write a rule, or {id}: {{not_collected: why}}",
                severity,
                rule="removed",
            )
    for id, target in after.items():
        if id not in before:
            yield Difference("added", id, None, after=_kind(target.rule))
        else:
            yield from _target(before[id], target)


def _source(old: Mapping, new: Mapping) -> Found:
    for key in (*CONCEPTS, *HEAD):
        was, now = _said(getattr(old.source, key)), _said(getattr(new.source, key))
        if was == now:
            continue
        yield Difference("source", key, None, was, now)
        if key in ("population", "birthplace", "kind"):
            what = f"{key} is {now or 'not said'}, and was {was or 'not said'}"
            yield Finding(new.source.place, "source", what, "the two count different people", rule="comparability")
        elif key in ("boundaries", "coverage", "weight"):
            what = f"{key} is {now or 'not said'}, and was {was or 'not said'}"
            yield Finding(
                new.source.place,
                "source",
                what,
                "say so where they are compared",
                Severity.WARNING,
                rule="comparability",
            )
    was, now = _keeps(old), _keeps(new)
    if was != now:
        yield Difference("keep", "keep", None, was, now)
        place = new.keep[0].place if new.keep else new.place
        yield Finding(
            place,
            "keep",
            f"keeps {now or 'every row'}, and kept {was or 'every row'}",
            "the two count different people",
            rule="comparability",
        )


def _said(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value or "")


def _keeps(mapping: Mapping) -> str:
    return "; ".join(
        print_expression(one.when) if one.when is not None else f"{one.column} in ({', '.join(one.values)})"
        for one in mapping.keep
    )


def _target(old: Target, new: Target) -> Found:
    id = new.component
    if type(old.rule) is not type(new.rule):
        yield Difference("rule", id, None, _kind(old.rule), _kind(new.rule))
        if isinstance(new.rule, NotCollected):
            yield Finding(
                new.place,
                id,
                f"is not collected any more, and was: {_kind(old.rule)}",
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
    if not before and not after and type(old.rule) is type(new.rule) and not isinstance(new.rule, NotCollected):
        one, other = (_document(target) for target in (old, new))
        if one != other:
            yield Difference("rule", id, None, one, other)
            yield Finding(
                new.place,
                id,
                f"is made another way: {other}",
                "check that the two compare",
                Severity.WARNING,
                rule="comparability",
            )


def _document(target: Target) -> str:
    said = {key: value for key, value in target_document(target).items() if key not in ("because", "from")}
    return ", ".join(f"{key}: {value}" for key, value in said.items())


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
        case Recode() | Copy() | Band() | DateRule() | Pseudonym():
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


def _kind(rule: Rule) -> str:
    names = {
        Fixed: "fixed",
        NotCollected: "not collected",
        Copy: "copy",
        Recode: "recode",
        Band: "band",
        DateRule: "date",
        Patterns: "patterns",
        Pseudonym: "pseudonym",
        Cases: "cases",
    }
    read = ", ".join(columns(rule))
    return f"{names[type(rule)]} of {read}" if read else names[type(rule)]
