"""Rules about rules, and what to change in a record that fails: both without a pass over data."""

from collections.abc import Mapping
from typing import Any

from migstat.api.naming import structure
from migstat.read.structure_paths import codelists_of
from migstat.words.finding import Finding
from migstat.words.rule import RuleSet
from migstat.work import inspect_rules as inspecting
from migstat.work import localise as localising
from migstat.work.validate.reads import unknown_columns


def inspect_rules(rules: RuleSet, structure_id: str | None = None) -> tuple[Finding, ...]:
    """Find rules that contradict, repeat or never apply, and names and codes that do not exist, before any data.

    >>> from migstat.api.rule_sets import rules_of
    >>> inspect_rules(rules_of("VISA"), "VISA")
    ()
    """
    found = structure(structure_id) if structure_id else None
    return inspecting.inspect_rules(rules, found, codelists_of(found))


def localise(
    record: Mapping[str, Any],
    rules: RuleSet,
    structure_id: str | None = None,
    weights: Mapping[str, float] | None = None,
) -> tuple[tuple[str, ...], ...]:
    """Return the smallest sets of fields to change so that a record can pass every error rule over one row at once.

    Rules that read a column which the record has not are left out. ``weights`` say how much each field is trusted (1
    where not given). Several sets of the same size may come back; no set, where no change of its fields can mend the
    record.

    >>> from migstat.api.rule_sets import rules_of
    >>> localise({"SEX": "female", "AGE": 34}, rules_of("CENSUS_PERSON"), "CENSUS_PERSON")
    (('SEX',),)
    """
    read = [rule for rule in rules.rules if not list(unknown_columns(rule, [*record], {}))]
    found = structure(structure_id) if structure_id else None
    return localising.localise(record, read, found, codelists_of(found), weights)
