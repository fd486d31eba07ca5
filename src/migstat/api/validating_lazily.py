"""Validate rows that stay where they are, on Spark or in a database: only counts come back."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw

from migstat import __version__
from migstat.api.ceiling import Ceiling
from migstat.api.engines import engine_faults, records_on_spark
from migstat.api.messages import Asked
from migstat.api.naming import unknown_pairs
from migstat.api.rule_sets import check_columns, inspected, rules_for
from migstat.api.validation_parts import known_structure, reference_of, weight_of, with_page
from migstat.read.structure_paths import codelists_of
from migstat.words.address import told as told_name
from migstat.words.finding import Finding, Place, Severity, misuse
from migstat.words.rule import RuleSet
from migstat.words.structure import Structure
from migstat.words.validated import Validated
from migstat.work.validate.lazily.judge import judge_lazily
from migstat.work.validate.lazily.split import split_lazily
from migstat.work.validate.seating import Surroundings


@dataclass(frozen=True, slots=True)
class Rows:
    """What is known of rows that stay where they are."""

    name: str
    findings: tuple[Finding, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[Mapping[str, Any]] = ()
    rejects: Any = None


def rows_on_spark(
    path: str | os.PathLike[str],
    mapping: Any,
    wave: str | None,
    structure: Structure | None,
    companions: Mapping[str, Any] | None = None,
) -> tuple[Any, Rows, Structure | None]:
    """Open the records of an extract, or records, on Spark."""
    if mapping is not None:
        from migstat.api.harmonizing import harmonize  # only here: it brings all of harmonize with it

        run = harmonize(path, mapping, wave=wave, engine="spark", companions=companions)
        told = Rows(run.name, run.findings, run.provenance, run.provenance["inputs"], run.rejects)
        return run.records, told, structure or run.structure
    frame, facts = records_on_spark(path, ours=structure is None)
    name = told_name(os.fspath(path))
    return frame, Rows(name, provenance=facts), structure or known_structure(facts.get("structure", ""))


def validated_lazily(
    source: Any,
    structure: Structure | None,
    own: list[RuleSet],
    references: Mapping[str, Any],
    weight: str | None,
    asked: Asked,
    told: Rows,
    ceiling: Ceiling,
) -> Validated:
    """Judge a frame whose rows stay where they are: Spark, or a table of a database."""
    frame = nw.from_native(source)
    columns = frame.collect_schema().names()
    given = {name: reference_of(one, structure, ceiling) for name, one in references.items()}
    brought = asked.rules(structure, columns, frozenset())
    ruleset = rules_for(structure, columns, own, brought, asked.only)
    check_columns(own, columns, structure, given)
    weight = weight_of(weight, columns, structure)
    around = Surroundings(codelists_of(structure), structure, given, unknown_pairs())
    with engine_faults(source, told.name):
        results, rows, total = judge_lazily(frame, ruleset.rules, around, weight)
    open_ = [one.rule.id for one in results if one.note.startswith("cannot be judged on this engine")]
    findings = [*inspected(own, ruleset, structure, columns), *told.findings]
    if open_:
        what = f"{len(open_)} rules cannot be judged on this engine: {', '.join(open_)}"
        mend = "write the frame to Parquet, and validate the file"
        findings.insert(0, Finding(Place(told.name), "", what, mend, Severity.WARNING, rule="engine"))

    def failures(into: Any = None) -> Any:
        raise misuse("this engine gives no list of failing rows", "take run.split(), or validate a Parquet file of it")

    return with_page(
        Validated(
            name=told.name,
            rules=ruleset,
            results=results,
            rows=rows,
            weight=total,
            findings=tuple(findings),
            split=lambda: split_lazily(frame, results, around),
            failures=failures,
            rejects=lambda: told.rejects,
            provenance={
                **told.provenance,
                "migstat": __version__,
                "structure": f"{structure.agency}:{structure.id}({structure.version})" if structure is not None else "",
                "rules": {"id": ruleset.id, "version": ruleset.version, "files": dict(sorted(ruleset.files.items()))},
                "inputs": list(told.inputs),
            },
        )
    )
