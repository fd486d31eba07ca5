"""The steps of a run over one extract: each is made of what the one before left, and kept while that is the same.

A step loads its verb when it is taken, so that a run with nothing new comes at once.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migstat import __version__
from migstat.api.checking import read_mapping
from migstat.api.engines import Engine
from migstat.api.keys import key_fingerprint
from migstat.api.rule_sets import read_rules
from migstat.api.run_states import State, clear_parts, finding_of, fingerprint, remove, stamp
from migstat.read.resident_memory import give_back
from migstat.words.address import told
from migstat.words.finding import Finding, MigstatError, Misuse, Place, Severity, fault
from migstat.words.mapping import Mapping
from migstat.words.policy import CellKey, Suppression
from migstat.words.run import REJECTS
from migstat.words.run_plan import STEPS, ExtractRun, Ran, RunPlan, Wanted
from migstat.words.table import Table
from migstat.write.atomic import write_text

RECORDS, VALIDATION, INSIDE, TABLES = "records", "validation", "inside", "tables"
"""The folders of an extract: what stays in the office, and at the end the tables that may leave it."""
PAGES = {"html": "validation.html", "csv": "rules.csv", "junit": "junit.xml", "sarif": "validation.sarif"}
MOST_TOLD = 20
"""Rules that fail are told one by one up to this number."""

Progress = Callable[[str, int, float], None]
"""Called with the step, the rows done, and the share of the step that is done."""
Made = tuple[dict[str, Any], list[Finding], list[Path]]
"""What a step gives back: facts, findings, and the files it left."""


@dataclass(slots=True)
class Chain:
    """One extract on its way through a plan, into a folder of its own."""

    plan: RunPlan
    wanted: Wanted
    source: Path | str
    folder: Path
    progress: Progress | None = None
    memory: str | int | None = None
    engine: Engine = "polars"

    def run(self) -> ExtractRun:
        """Take every step that is not kept; the first that fails or stops ends the run of this extract, of no other."""
        clear_parts(self.folder)
        state = State(self.folder)
        done: list[Ran] = []
        for number, step in enumerate(STEPS):
            try:
                ran = self._step(step, number, state)
            except MigstatError as error:
                ran = Ran(step, "failed", findings=error.findings)
            except Exception as error:
                ran = Ran(step, "failed", findings=(Finding(Place(step), "", fault(error), "", rule="fault"),))
            done.append(ran)
            if ran.standing in ("failed", "stopped"):
                state.drop(STEPS[number + 1 :])
                done += [Ran(later, "open") for later in STEPS[number + 1 :]]
                break
        name = told(self.source) if isinstance(self.source, str) else self.source.name
        return ExtractRun(self.folder.name, name, tuple(done))

    def _step(self, step: str, number: int, state: State) -> Ran:
        made_from = {"migstat": __version__, **getattr(self, f"_{step}_from")(state)}
        kept = state.holds(step, made_from)
        if not kept:
            # Tables are made of records, and of no verdict of the rules.
            state.drop([step] if step == "validate" else STEPS[number:])
            if self.progress is not None:
                self.progress(step, 0, 0.0)
            facts, findings, outputs = getattr(self, f"_{step}")(state)
            state.keep(step, made_from, facts, findings, outputs)
            give_back()
        one = state.steps[step]
        found = tuple(self._borne(step, finding_of(finding), one["facts"]) for finding in one["findings"])
        stopped = step in ("harmonize", "validate") and any(finding.severity == Severity.ERROR for finding in found)
        standing = "stopped" if stopped else "kept" if kept else "made"
        return Ran(step, standing, one["facts"], found, one["outputs"])

    def _borne(self, step: str, finding: Finding, facts: dict[str, Any]) -> Finding:
        """Return a finding as the plan weighs it: what the plan bears is a warning."""
        if finding.severity != Severity.ERROR:
            return finding
        rejected = step == "harmonize" and finding.rule in REJECTS
        share = 100 * facts["rejected"]["rows"] / max(1, facts["read"]["rows"]) if rejected else 0.0
        borne = 0 < share <= self.plan.rejects_borne if rejected else self.plan.failures_borne
        return replace(finding, severity=Severity.WARNING) if borne else finding

    def _harmonize_from(self, state: State) -> dict[str, Any]:
        mapping = read_mapping(self.wanted.mapping)
        now = _stamp(self.source)
        before = state.steps.get("harmonize", {}).get("from", {}).get("extract", {})
        if before != now and isinstance(self.source, Path) and self.source.is_file():
            # A copy of the same file is the same extract: its content says so.
            known = state.steps.get("harmonize", {}).get("facts", {}).get("sha256")
            same = [one[:1] for one in before.values()] == [one[:1] for one in now.values()]
            if known and same and fingerprint(self.source) == known:
                now = before
        keys = {name: key_fingerprint(name) for name in sorted(mapping.keys)}
        return {
            "extract": now,
            "mapping": dict(mapping.files),
            "wave": self.wanted.wave,
            "keys": keys,
            "engine": self.engine,
            **({"companions": self._beside(mapping)} if mapping.source.companions else {}),
        }

    def _beside(self, mapping: Mapping) -> dict[str, Any]:
        """Return what tells that a companion is another file than it was."""
        from migstat.api.companions import beside_of, companion_files
        from migstat.work.harmonize.rounds import laid_out, round_of

        source = laid_out(mapping, round_of(mapping, self.wanted.wave)).source
        files = companion_files(source, self.wanted.companions, beside_of(self.source))
        return {name: [_stamp(file), format.member] for name, (file, format) in files.items()}

    def _harmonize(self, state: State) -> Made:
        from migstat.api.harmonizing import harmonize
        from migstat.api.showing import write_report

        mapping = read_mapping(self.wanted.mapping)
        before, into = (_stamp(self.source), self._beside(mapping)), self.folder / RECORDS
        run = harmonize(
            self.source,
            self.wanted.mapping,
            into=into,
            wave=self.wanted.wave,
            engine=self.engine,
            progress=self._rows("harmonize"),
            memory=self.memory,
            companions=self.wanted.companions,
        )
        write_report(run, into / f"{run.name}.html")
        endings = ("records.parquet", "rejects.parquet", "run.json", "coverage.csv", "html")
        outputs = [into / f"{run.name}.{ending}" for ending in endings]
        if isinstance(self.source, Path) and (_stamp(self.source), self._beside(mapping)) != before:
            for path in outputs:
                remove(path)
            mend = "run again when it is whole; let a file be renamed into its place when it has been copied"
            raise MigstatError([Finding(Place(self.source.name), "", "changed while it was read", mend)])
        facts: dict[str, Any] = {
            one.name: {"rows": one.rows, "weight": one.weight} for one in run.steps if not one.part
        }
        inputs = [one for one in run.provenance["inputs"] if "companion" not in one]
        facts["sha256"] = inputs[0]["sha256"] if len(inputs) == 1 else ""
        facts["records"] = {**facts["records"], "file": outputs[0].relative_to(self.folder).as_posix()}
        return facts, list(run.findings), outputs

    def _validate_from(self, state: State) -> dict[str, Any]:
        rules = {name: known for path in self.plan.rules for name, known in read_rules(path).files.items()}
        references = {name: fingerprint(path) for name, path in self.plan.references.items()}
        return {
            "records": self._records(state)[1],
            "rules": rules,
            "only": self.plan.only,
            "references": references,
        }

    def _validate(self, state: State) -> Made:
        from migstat.api.validating import validate
        from migstat.api.validation_files import write_validation

        records, _ = self._records(state)
        run = validate(
            records,
            rules=list(self.plan.rules) or None,
            only=self.plan.only,
            references=self.plan.references,
            sample=0,
            engine=self.engine,
            progress=self._rows("validate"),
            memory=self.memory,
        )
        outputs = [self.folder / VALIDATION / ending for ending in PAGES.values()]
        for kind, path in zip(PAGES, outputs, strict=True):
            write_validation(run, path, kind)
        failed = [one for one in run.results if one.verdict == "fail"]
        findings = list(run.findings)
        for one in failed[:MOST_TOLD]:
            rows, weight = (one.failed, one.failed_weight) if one.units == "rows" else (None, None)
            what = f"{one.rule.name('en')}: {one.failed:,} {one.units} fail" if rows is None else one.rule.name("en")
            findings.append(
                Finding(Place(one.rule.id), one.rule.component, what, one.rule.mend, one.rule.severity,
                        rule="rule", rows=rows, weight=weight)
            )  # fmt: skip
        if len(failed) > MOST_TOLD:
            worst = min(list(Severity).index(one.rule.severity) for one in failed[MOST_TOLD:])
            what = f"{len(failed) - MOST_TOLD} further rules fail"
            findings.append(Finding(Place("validate"), "", what, "see the page", list(Severity)[worst]))
        undecided = sum(one.verdict == "undecided" for one in run.results)
        facts = {"rows": run.rows, "rules": len(run.results), "failed": len(failed), "undecided": undecided}
        return facts, findings, outputs

    def _tabulate_from(self, state: State) -> dict[str, Any]:
        return {"records": self._records(state)[1], "plan": dict(self.plan.files)}

    def _tabulate(self, state: State) -> Made:
        from migstat.api.exchanging import write_table
        from migstat.api.table_sets import tabulate_set

        records, _ = self._records(state)
        findings: list[Finding] = []
        outputs: list[Path] = []
        cells, lacking = 0, 0
        for planned in self.plan.tables:
            share = self._rows("tabulate")
            found = tabulate_set(records, planned, engine=self.engine, progress=share)
            for id, table in found.tables.items():
                path = self.folder / INSIDE / f"{id}.parquet"
                write_table(table, path)
                outputs.append(path)
                cells += table.frame.height
                findings += table.findings
            for id, reasons in found.missing.items():
                lacking += 1
                findings += [replace(one, what=f"no table {id}: {one.what}", severity=Severity.NOTE) for one in reasons]
        return {"tables": len(outputs), "cells": cells, "lacking": lacking}, findings, outputs

    def _protect_from(self, state: State) -> dict[str, Any]:
        policy = self.plan.policy
        secret = _secret() if policy is not None and not isinstance(policy.method, Suppression) else ""
        return {
            "tables": state.steps["tabulate"]["outputs"],
            # A policy may name a table of noise, which is a file of its own.
            "policy": hashlib.sha256(repr(policy).encode()).hexdigest(),
            "formats": list(self.plan.formats),
            "key": secret,
        }

    def _protect(self, state: State) -> Made:
        """Protect the tables together, as they are published together, and write them."""
        from migstat.api.exchanging import write_table
        from migstat.api.protecting import protect
        from migstat.api.table_files import table_of_file

        names = [Path(name).stem for name in state.steps["tabulate"]["outputs"]]
        tables = [table_of_file(self.folder / name) for name in state.steps["tabulate"]["outputs"]]
        findings: list[Finding] = []
        facts: dict[str, Any] = {"tables": len(tables), "policy": "", "suppressed": 0}
        policy = self.plan.policy
        if policy is not None and tables:
            keyed = self._records(state)[0] if isinstance(policy.method, CellKey) else None
            told_of = self.progress
            done = protect(
                tables,
                policy=policy,
                records=keyed,
                progress=None if told_of is None else lambda _, share: told_of("protect", 0, share),
            )
            tables = list(done.tables)
            facts |= {"policy": f"{policy.id} {policy.version}"}
            facts["suppressed"] = done.audit.suppressed if done.audit is not None else 0
        elif tables:
            mend = "write protect: THRESHOLD_5, or your own policy, before anything is published"
            findings.append(Finding(self.plan.place, "protect", "the tables are not protected", mend, Severity.WARNING))
        outputs: list[Path] = []
        for name, table in zip(names, tables, strict=True):
            for ending in self.plan.formats:
                path = self.folder / TABLES / f"{name}.{ending}"
                write_table(table, path)
                outputs += [path, *([path.with_name(f"{path.name}-metadata.json")] if ending == "csv" else [])]
        if tables:
            outputs.append(self.folder / TABLES / "tables.json")
            write_text(outputs[-1], _listed(names, tables, self.plan))
        return facts, findings, outputs

    def _records(self, state: State) -> tuple[Path, str]:
        name = state.steps["harmonize"]["facts"]["records"]["file"]
        return self.folder / name, state.steps["harmonize"]["outputs"][name]

    def _rows(self, step: str) -> Callable[[int, float], None] | None:
        tell = self.progress
        return None if tell is None else lambda rows, share: tell(step, rows, share)


def _stamp(source: Path | str) -> dict[str, Any]:
    try:
        return stamp(source)
    except OSError as error:
        name = told(source) if isinstance(source, str) else source.name
        mend = "check that the file is still there, and that you may read it"
        raise Misuse([Finding(Place(name), "", f"cannot be read: {error.strerror}", mend)]) from None


def _secret() -> str:
    try:
        return key_fingerprint("MIGSTAT_KEY")
    except Misuse:
        return ""


def _listed(names: Sequence[str], tables: Sequence[Table], plan: RunPlan) -> str:
    """Return the list of the tables that may be published, as JSON."""
    facts = [
        {
            "id": name,
            "title": table.metadata.get("title", {}),
            "structure": table.reference,
            "cells": table.frame.height,
            "files": [f"{name}.{ending}" for ending in plan.formats],
            "protection": table.metadata.get("protection", {}),
        }
        for name, table in zip(names, tables, strict=True)
    ]
    return json.dumps({"plan": plan.id, "version": plan.version, "tables": facts}, ensure_ascii=False, indent=1) + "\n"
