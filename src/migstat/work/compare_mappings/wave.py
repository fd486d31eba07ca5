"""A mapping as it is in one wave."""

import datetime
from dataclasses import replace

from migstat.words.mapping import Mapping
from migstat.words.mapping_rule import Band, Cases, Copy, DateRule, Line, PatternLine, Patterns, Recode, Rule
from migstat.words.source import Wave


def at_wave(mapping: Mapping, wave: Wave) -> Mapping:
    """Return a mapping as it is in one wave: its columns by their names there, and the lines that hold at its date."""
    columns = tuple(replace(one, rule=_in_wave(one.rule, wave)) for one in mapping.columns)
    targets = tuple(replace(one, rule=_in_wave(one.rule, wave)) for one in mapping.targets)
    source = replace(
        mapping.source,
        period=wave.period,
        date=wave.date,
        weight=wave.columns.get(mapping.source.weight, mapping.source.weight),
    )
    return replace(mapping, columns=columns, targets=targets, source=source, waves=())


def _in_wave(rule: Rule, wave: Wave) -> Rule:
    names = wave.columns
    match rule:
        case Recode():
            kept = tuple(line for line in rule.lines if _holds(line, wave.date))
            return replace(rule, columns=tuple(names.get(one, one) for one in rule.columns), lines=kept)
        case Patterns():
            taken = tuple(line for line in rule.lines if _holds(line, wave.date))
            return replace(rule, columns=tuple(names.get(one, one) for one in rule.columns), lines=taken)
        case DateRule():
            parts = {part: names.get(one, one) for part, one in rule.parts.items()}
            return replace(rule, column=names.get(rule.column, rule.column), parts=parts)
        case Copy() | Band():
            return replace(rule, column=names.get(rule.column, rule.column))
        case Cases():
            arms = tuple(replace(arm, rule=_in_wave(arm.rule, wave)) for arm in rule.arms)
            rest = None if rule.otherwise is None else _in_wave(rule.otherwise, wave)
            return replace(rule, arms=arms, otherwise=rest)
    return rule


def _holds(line: Line | PatternLine, date: datetime.date | None) -> bool:
    if date is None:
        return True
    return (line.valid_from is None or line.valid_from <= date) and (line.valid_to is None or date < line.valid_to)
