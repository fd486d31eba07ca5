"""Rule sets: those of a structure, those that ship, and those that the caller brings."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from migstat.read import rules as rule_files
from migstat.read.structure_paths import codelists_of, structure_at
from migstat.words.finding import Finding, MigstatError, Misuse, misuse
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.rule import Rule, RuleSet
from migstat.words.structure import OURS, Structure
from migstat.work.validate.reads import unknown_columns
from migstat.work.validate.structure_rules import structure_rules

if TYPE_CHECKING:
    from migstat.work.validate.look_ups import Reference
    from migstat.work.validate.message import MessageRules

RuleFiles = str | os.PathLike[str] | RuleSet | Sequence["str | os.PathLike[str] | RuleSet"]


def read_rules(path: str | os.PathLike[str]) -> RuleSet:
    """Read a rule file and those it includes. Raises MigstatError with everything that is wrong, each with its line."""
    if not Path(path).is_file():
        raise misuse("there is no such rule file", "check the path", place=Path(path).name)
    return rule_files.read_rules(Path(path))


def rules_of(structure_id: str) -> RuleSet:
    """Return the rules that a structure brings: of its codelists and bounds, and for the field."""
    found = structure_at(structure_id)
    return rules_for(found, list(found.ids), [])


def rules_for(
    structure: Structure | None,
    columns: Sequence[str],
    own: Sequence[RuleSet],
    brought: "MessageRules | None" = None,
    only: bool = False,
) -> RuleSet:
    """Return all rules of a run: those of the structure, those that ship, and the caller's, which replace others.

    With ``only`` they are the caller's alone.
    """
    rules: dict[str, Rule] = {}
    files: dict[str, str] = {}
    sets: list[RuleSet] = []
    if structure is not None and not only:
        made = structure_rules(structure, codelists_of(structure), columns) if brought is None else brought.rules
        rules |= {rule.id: rule for rule in made}
        shipped = rule_files.shipped_rules(structure.id) if structure.agency == OURS else None
        sets += [shipped] if shipped is not None else []
    for one in [*sets, *own]:
        rules |= {rule.id: rule for rule in one.rules}
        files |= one.files
    names = [one.id for one in own] or ([structure.id] if structure is not None else ["RULES"])
    versions = [one.version for one in own] or ([structure.version] if structure is not None else [""])
    if not rules:
        raise misuse("there is nothing to judge by", "name a structure, or a rule file: --structure S, --rules FILE")
    return RuleSet("+".join(names), "+".join(versions), tuple(rules.values()), files)


def own_rules(rules: RuleFiles | None) -> list[RuleSet]:
    """Read the rules that the caller brings: files, rule sets, or several of both."""
    if rules is None:
        return []
    listed = [rules] if isinstance(rules, str | os.PathLike | RuleSet) else list(rules)
    sets: list[RuleSet] = []
    faults: list[Finding] = []
    for one in listed:
        try:
            sets.append(one if isinstance(one, RuleSet) else read_rules(one))
        except Misuse:
            raise
        except MigstatError as error:
            faults += error.findings
    if faults:
        raise MigstatError(faults)
    return sets


def check_columns(
    own: Iterable[RuleSet], columns: Sequence[str], structure: Structure | None, given: "Mapping[str, Reference]"
) -> None:
    """Raise MigstatError where a rule of the caller reads a column that is not there."""
    known = list(columns)
    if structure is not None:
        known += [*structure.ids, *(f"{one.id}{MISSING_SUFFIX}" for one in structure.components if not one.coded)]
    others = {name: list(one.schema) for name, one in given.items()}
    found = [finding for one in own for rule in one.rules for finding in unknown_columns(rule, known, others)]
    if found:
        raise MigstatError(found)


def inspected(
    own: Sequence[RuleSet], rules: RuleSet, structure: Structure | None, columns: Sequence[str]
) -> tuple[Finding, ...]:
    """Reason about the rules where the caller brings some; those that ship are reasoned about by our own tests."""
    if not own:
        return ()
    from migstat.work.inspect_rules import inspect_rules

    return inspect_rules(rules, structure, codelists_of(structure), columns)
