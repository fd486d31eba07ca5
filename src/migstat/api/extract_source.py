"""An extract as a source to validate: harmonized part by part, each time it is gone through."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from migstat.api.ceiling import Ceiling
from migstat.api.checking import lint_mapping, structure_of
from migstat.api.checking import read_mapping as read
from migstat.api.companions import Companions, Given, beside_of, open_joined
from migstat.api.extract_parts import codes_of, malformed_rows, parts_of, repeated, with_line
from migstat.api.flow import ahead
from migstat.api.provenance import provenance
from migstat.api.pseudonymising import shown, with_keys
from migstat.api.sources import Opened
from migstat.read.malformed import malformed_lines
from migstat.read.source_extracts import input_of
from migstat.read.structure_paths import codelists_of
from migstat.words.finding import Finding, MigstatError, Severity
from migstat.words.mapping import Mapping
from migstat.work.harmonize.declared import contradicted
from migstat.work.harmonize.distinct import Filling
from migstat.work.harmonize.keys import KeyCheck
from migstat.work.harmonize.make_plan import make_plan
from migstat.work.harmonize.plan import BESIDE, Plan
from migstat.work.harmonize.tally import Tally
from migstat.work.harmonize.told import rejected_because
from migstat.work.validate.confront import Source


def open_extract(
    path: Path | str, mapping: Any, wave: str | None, ceiling: Ceiling, companions: Given | None = None
) -> Opened:
    """Open an extract: its records are made part by part, each time it is gone through."""
    mapping = mapping if isinstance(mapping, Mapping) else read(mapping)
    found = list(lint_mapping(mapping))
    if any(finding.severity == Severity.ERROR for finding in found):
        raise MigstatError(found)
    structure = structure_of(mapping)
    plan = with_keys(make_plan(mapping, structure, codelists_of(structure), wave))
    run = _Harmonizing(path, plan, found, ceiling, Companions(plan, companions, beside_of(path), ceiling))
    schema = {out.name: _type(out, plan) for out in plan.out}
    return Opened(
        f"{mapping.id}.{plan.wave.id}" if plan.wave else mapping.id,
        Source(schema, run.parts),
        lambda made: made,
        findings=lambda: run.findings,
        inputs=lambda: run.inputs,
        provenance=lambda: provenance(plan, run.inputs, run.tally.steps()),
        rejects=run.rejects,
        at=lambda: run.at,
        structure=plan.structure,
    )


def _type(out: Any, plan: Plan) -> pl.DataType:
    if out.component is None or out.is_kind:
        return pl.String()
    types: dict[str, pl.DataType] = {
        "integer": pl.Int64(),
        "year": pl.Int64(),
        "number": pl.Float64(),
        "date": pl.Date(),
    }
    return types.get(out.component.type, pl.String())


class _Harmonizing:
    """Goes through an extract; the first time it also keeps the account of the run."""

    def __init__(
        self, path: Path | str, plan: Plan, found: list[Finding], ceiling: Ceiling, companions: Companions
    ) -> None:
        self.path, self.plan, self.ceiling, self.companions = path, plan, ceiling, companions
        self.tally = Tally(plan)
        self.findings: list[Finding] = list(found)
        self.inputs: list[dict[str, Any]] = []
        self.at = 0.0
        self.begun = False

    def parts(self, columns: Sequence[str]) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
        plan, first = self.plan, not self.begun
        self.begun = True
        extract, joining = open_joined(self.path, plan, self.companions, self.ceiling)
        keys = KeyCheck([plan.aliases.get(key, key) for key in plan.key], self.ceiling.room)
        enums = {BESIDE + column: pl.Enum(codes) for column, codes in codes_of(plan).items()}
        filling = Filling(plan, enums)
        for part in ahead(parts_of(extract, plan)):
            filled = filling.fill(part)
            if first:
                self.tally.add_part(filled)
                keys.add(part.numbers, part.text(keys.columns))
            self.at = min(1.0, extract.at() / max(1, extract.size))
            yield filled.numbers(), filled.records().select(columns)
        if first:
            self.tally.add_values(filling.values())
            if extract.malformed:
                self.tally.reject(len(extract.malformed))
            self.inputs += [input_of(self.path, extract), *self.companions.inputs]
            coverage = self.tally.coverage()
            self.findings += [
                *extract.findings,
                *malformed_lines(extract.name, extract.malformed, extract.mend),
                *self.companions.findings,
                *joining.findings(),
                *repeated(keys, plan),
            ]
            self.findings += rejected_because(self.tally, coverage, extract.codebook)
            self.findings += contradicted(coverage, extract.codebook, extract.name)

    def rejects(self) -> pl.DataFrame:
        """Return the rows that did not become records, as they were, and why."""
        plan = self.plan
        extract, _ = open_joined(self.path, plan, self.companions, self.ceiling)
        kept = []
        filling = Filling(plan, {})
        for part in parts_of(extract, plan):
            kept.append(with_line(filling.fill(part).rejects(shown(extract.columns, plan))))
        if extract.malformed:
            kept.append(malformed_rows(extract, plan))
        return pl.concat(kept)
