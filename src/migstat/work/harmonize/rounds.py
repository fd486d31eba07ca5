"""Rounds: what one round of a repeated source has of the rules of a mapping."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dict
from dataclasses import replace

from migstat.words.expression import names
from migstat.words.finding import misuse
from migstat.words.mapping import Mapping, Target
from migstat.words.mapping_rule import Cases, Fixed, NotCollected, Rule, columns
from migstat.words.source import Companion, Wave


def round_of(mapping: Mapping, wave: str | None) -> Wave | None:
    """Return the round that is named. Raise Misuse where the mapping has rounds and none is, or another."""
    ids = [known.id for known in mapping.waves]
    if wave is None and not ids:
        return None
    if wave is None:
        raise misuse(f"{mapping.id} has {len(ids)} waves and none is named", f"name one with --wave: {', '.join(ids)}")
    if wave not in ids:
        known = f"one of {', '.join(ids)}" if ids else "nothing: this mapping has no waves"
        raise misuse(f"{mapping.id} has no wave '{wave}'", f"name {known}")
    return next(known for known in mapping.waves if known.id == wave)


def laid_out(mapping: Mapping, wave: Wave | None) -> Mapping:
    """Return the mapping with the companions of the round, and with its layout where it has one of its own."""
    if wave is None:
        return mapping
    mapping = replace(mapping, source=replace(mapping.source, companions=tuple(_beside(mapping, wave))))
    if wave.codebook is None:
        return mapping
    format = mapping.source.format
    named = tuple(one.name for one in wave.codebook.variables) if format.header == 0 else format.columns
    format = replace(format, layout=wave.layout, codebook=wave.codebook, columns=named)
    return replace(mapping, source=replace(mapping.source, format=format))


def _beside(mapping: Mapping, wave: Wave) -> Iterator[Companion]:
    """Yield the companions with the names of the round; one of which it has no column is not there."""
    for one in mapping.source.companions:
        columns = {ours: theirs for ours, theirs in one.columns.items() if ours not in wave.not_collected}
        if columns:
            yield replace(one, by=_named(one.by, wave), columns=_named(columns, wave))


def _named(columns: Dict[str, str], wave: Wave) -> dict[str, str]:
    """Return columns by their names in the round; theirs is another only where it was said."""
    names = {ours: wave.columns.get(ours, ours) for ours in columns}
    return {names[ours]: names[ours] if theirs == ours else theirs for ours, theirs in columns.items()}


def without(target: Target, absent: frozenset[str]) -> Target:
    """Leave out what reads a column that this wave has not; a target of which nothing is left was not collected."""
    unread = [name for name in names(target.universe) if name in absent] if target.universe is not None else []
    rule = None if unread else present(target.rule, absent)
    if rule is not None:
        return replace(target, rule=rule)
    missing = unread or [name for name in columns(target.rule) if name in absent]
    rule = NotCollected(f"{', '.join(missing)} is not in this wave", target.place)
    return replace(target, rule=rule, universe=None)


def present_columns(made: Iterable[Target], absent: frozenset[str]) -> tuple[list[Target], frozenset[str]]:
    """Return the columns that can be made in a wave, and the names of all that it has not."""
    found: list[Target] = []
    for target in made:
        rule = present(target.rule, absent)
        if rule is None:
            absent |= {target.component}
        else:
            found.append(replace(target, rule=rule))
    return found, absent


def present(rule: Rule, absent: frozenset[str]) -> Rule | None:
    """Return what is left of a rule without the columns that are absent, or None where that is nothing.

    A code for all other rows says nothing where no arm is left.
    """
    if not isinstance(rule, Cases):
        return None if absent & {*columns(rule)} else rule
    arms = [
        replace(arm, rule=inner)
        for arm in rule.arms
        if not absent & {*names(arm.when)} and (inner := present(arm.rule, absent)) is not None
    ]
    otherwise = None if rule.otherwise is None else present(rule.otherwise, absent)
    if not arms:
        return None if isinstance(otherwise, Fixed) else otherwise
    return replace(rule, arms=tuple(arms), otherwise=otherwise)
