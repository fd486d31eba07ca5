"""A run: identifiers leave, risk is measured, the policy's steps are taken, risk and loss are measured again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

import numpy as np
import polars as pl

from migstat.words.anonymized import Anonymized, Changed
from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, MigstatError, Place, Severity, misuse
from migstat.words.how_many import how_many
from migstat.words.microdata_policy import (
    Cap,
    KeySet,
    Microaggregate,
    MicrodataPolicy,
    Noise,
    Pram,
    Recode,
    Round,
    Sample,
    Step,
    Suppress,
    Swap,
    components,
)
from migstat.words.missing import MISSING_SUFFIX, UNKNOWN
from migstat.words.structure import Structure
from migstat.work.anonymize.finite import finite
from migstat.work.anonymize.identifiers import HOUSEHOLD, MEMBER, UNIT, dropped, leaving, renumber, with_units
from migstat.work.anonymize.leave_taking import persons, phrase, told
from migstat.work.anonymize.limits import measured, over
from migstat.work.anonymize.measure import compared, key_risk, record_risk
from migstat.work.anonymize.microaggregation import microaggregate
from migstat.work.anonymize.noise import noise
from migstat.work.anonymize.pram import Transition, pram
from migstat.work.anonymize.recoding import cap, recode, rounded
from migstat.work.anonymize.sampling import sample
from migstat.work.anonymize.secret import Secret
from migstat.work.anonymize.suppression import Demand, suppress
from migstat.work.anonymize.swapping import swap
from migstat.work.anonymize.utility import kept, kept_tables

WEIGHT = "WEIGHT"
Codelists = Callable[[str], Codelist]


@dataclass(slots=True)
class _Run:
    """The records as they are now, and what has been done to them."""

    frame: pl.DataFrame
    structure: Structure
    policy: MicrodataPolicy
    sets: tuple[KeySet, ...]
    codelists: Mapping[str, Codelist]
    secret: Secret
    steps: list[Changed] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    gone: dict[str, int] = field(default_factory=dict)
    transitions: dict[str, Transition] = field(default_factory=dict)

    @property
    def weight(self) -> str | None:
        return WEIGHT if WEIGHT in self.frame.columns else None

    def total(self) -> float:
        return float(self.frame[WEIGHT].sum()) if self.weight else float(self.frame.height)

    def note(self, place: Place, component: str, what: str, mend: str = "") -> None:
        self.findings.append(Finding(place, component, what, mend, Severity.NOTE))


def anonymize(
    records: pl.LazyFrame,
    *,
    name: str,
    structure: Structure,
    policy: MicrodataPolicy,
    codelists: Codelists,
    secret: Secret,
    provenance: dict[str, Any],
) -> Anonymized:
    """Return records as the policy lets them go. The columns that stay are held in memory; the others are never read.

    Raises MigstatError or Misuse where the policy does not fit the records. A risk over the limit is a finding of the
    result, which may be looked at and not written.
    """
    columns = records.collect_schema().names()
    _fits(structure, policy, columns)
    taken = leaving(columns, structure, policy)
    frame = finite(_texts(records.drop(taken).collect(), structure))
    if not frame.height:
        raise misuse("there are no records", "harmonize an extract first", place=name)
    run = _Run(
        with_units(frame),
        structure,
        policy,
        tuple(
            KeySet(one.name, ids, one.place)
            for one in policy.keys
            if (ids := tuple(id for id in one.ids if id in columns))
        ),
        {id: codelists(structure[id].codelist) for id in columns if id in structure and structure[id].coded},
        secret,
    )
    run.findings += [*told(structure, policy, taken, columns), *persons(run.frame, structure, policy)]
    run.steps.append(Changed("identifiers", phrase([*taken, *dropped(policy)]), frame.height, 0, run.total()))
    before = {one.name: key_risk(run.frame, one, structure, policy, homes=HOUSEHOLD in columns) for one in run.sets}
    detail = {id: run.frame[id].n_unique() for id in run.frame.columns}
    baseline: pl.DataFrame | None = None
    for step in policy.steps:
        if baseline is None and not isinstance(step, Recode | Cap | Round):
            baseline = run.frame
        _take(run, step)
    baseline = run.frame if baseline is None else baseline
    # Whatever the steps promised, risk is measured on the records as they will be written.
    homes = HOUSEHOLD in columns and HOUSEHOLD not in policy.drop
    after = {one.name: key_risk(run.frame, one, structure, policy, homes=homes) for one in run.sets}
    found = measured(policy, run.sets, before, after)
    keys = dict.fromkeys(id for one in run.sets for id in one.ids)
    made = renumber(run.frame.drop(dropped(policy), strict=False), secret)
    return Anonymized(
        name=name,
        records=made,
        structure=structure,
        policy=policy,
        risk_before=before,
        risk_after=after,
        measures=found,
        steps=tuple(run.steps),
        utility=kept(baseline.drop(UNIT, MEMBER), detail, made, structure, run.gone),
        tables=kept_tables(baseline, made, run.sets),
        suppressed_cells=sum(run.gone.values()),
        key_cells=made.height * len(keys),
        findings=(*over(policy, found), *run.findings),
        codelists={id: one for id, one in run.codelists.items() if id in made.columns},
        transitions=run.transitions,
        provenance=provenance | {"records": made.height},
    )


def _fits(structure: Structure, policy: MicrodataPolicy, columns: list[str]) -> None:
    if structure.id not in policy.structures:
        what = f"the policy {policy.id} is for {', '.join(policy.structures)}, not for {structure.id}"
        raise misuse(what, f"add {structure.id} to its 'for', or name another policy", place=str(policy.place))
    if not any(id in columns for one in policy.keys for id in one.ids):
        raise misuse("no key of the policy is in the records", "name what is there", place=str(policy.place))
    faults = []
    changed = {id for step in policy.steps for id in components(step)} | {id for one in policy.keys for id in one.ids}
    for one in structure.components:
        pair = (one.id, one.derived_from)
        both = one.derived_from and all(id in columns and id not in policy.drop for id in pair)
        if both and not changed.isdisjoint(pair):
            what = f"{one.id} is made from {one.derived_from}, and both would stay: one gives the other away"
            faults.append(Finding(policy.place, one.id, what, f"write drop: [{one.derived_from}], or drop the other"))
    if faults:
        raise MigstatError(faults)


def _texts(frame: pl.DataFrame, structure: Structure) -> pl.DataFrame:
    """Return codes and texts as text, whatever the file held them as."""
    coded = [
        name
        for name, type in frame.schema.items()
        if isinstance(type, pl.Categorical | pl.Enum) or (name in structure and structure[name].coded)
    ]
    numbers = {"integer": pl.Int64, "year": pl.Int64, "number": pl.Float64}
    typed = [
        pl.col(one.id).cast(numbers[one.type])
        for one in structure.components
        if one.id in frame.columns and one.type in numbers
    ]
    try:
        return frame.with_columns(pl.col(coded).cast(pl.String), *typed)
    except pl.exceptions.InvalidOperationError:
        raise misuse(
            "a column of numbers holds other text", "validate the records first: migstat validate", place="records"
        ) from None


def _take(run: _Run, step: Step) -> None:
    """Take one step, and say what it changed."""
    absent = [id for id in components(step) if id not in run.frame.columns]
    kind = type(step).__name__.lower()
    if absent:
        run.note(step.place, absent[0], f"{kind}: it is not in these records, and the step is left out")
        return
    before, total = run.frame, run.total()
    match step:
        case Recode():
            run.frame, become = recode(run.frame, step, run.codelists.get(step.component))
            into = (
                f"{how_many(len(become), 'code')} into {len(set(become.values()))}"
                if become
                else "no code had to change"
            )
            what = f"{step.component}, {into}"
        case Cap():
            run.frame, bottom, top = cap(run.frame, step, run.weight)
            ends = [f"{word} {value:g}" for word, value in (("from", bottom), ("to", top)) if value is not None]
            what = f"{step.component} cut off {' '.join(ends)}" if ends else f"{step.component} has no values"
        case Round():
            run.frame = rounded(run.frame, step)
            what = f"{step.component} to multiples of {step.to:g}"
        case Sample():
            if not run.weight:
                run.frame = run.frame.with_columns(pl.lit(1.0).alias(WEIGHT))
            marked = run.frame.with_row_index("_at")
            weights = [name for name in run.frame.columns if name == WEIGHT or name.startswith("REPWT_")]
            left = sample(marked, step, run.secret, weights)
            out = before.height - left.height
            stayed = marked.filter(pl.col("_at").is_in(left["_at"].implode()))[WEIGHT].sum()
            lost, run.frame = total - float(stayed), left.drop("_at")
            run.steps.append(Changed("sample", f"sampled out, by {step.by}", out, 0, lost))
            return
        case Swap():
            matches = tuple(id for id in step.match if id in run.frame.columns)
            present = Swap(step.component, step.along, matches, step.rate, step.place)
            risk = [record_risk(run.frame, one, run.structure, run.policy) for one in run.sets]
            run.frame, told = swap(run.frame, present, np.max(risk, axis=0), run.secret)
            what = f"{step.component} of households with like households elsewhere"
            if told.none or told.size:
                loosely = (
                    f"{how_many(told.size, 'household was', 'households were')} swapped with one of the same size only"
                    if told.size
                    else ""
                )
                none = "some found no partner" if told.none else ""
                run.note(step.place, step.component, "; ".join(filter(None, [loosely, none])), "match on less")
        case Pram():
            run.frame, run.transitions[step.component] = pram(run.frame, step, run.weight, run.secret)
            what = f"{step.component} at random{', totals expected as they were' if step.invariant else ''}"
        case Microaggregate():
            within = tuple(id for id in step.within if id in run.frame.columns)
            run.frame = microaggregate(run.frame, Microaggregate(step.components, step.size, within, step.place))
            what = f"{', '.join(step.components)} to means of {step.size} or more"
        case Noise():
            run.frame = noise(run.frame, step, run.structure, run.secret)
            what = f"on {', '.join(step.components)}{', correlated' if step.correlated else ''}"
        case Suppress():
            what = _suppress(run, step)
        case _:
            assert_never(step)
    changed = pl.DataFrame(
        {id: before[id].ne_missing(run.frame[id]) for id in before.columns if not id.endswith(MISSING_SUFFIX)}
    )
    touched = changed.select(pl.any_horizontal(pl.all())).to_series()
    values = int(changed.select(pl.sum_horizontal(pl.all().sum())).item())
    weight = float(before.filter(touched)[WEIGHT].sum()) if run.weight else float(touched.sum())
    run.steps.append(Changed(kind, what, int(touched.sum()), values, weight))


def _suppress(run: _Run, step: Suppress) -> str:
    """Take single values out until k holds on every key set."""
    keys = list(dict.fromkeys(id for one in run.sets for id in one.ids))
    rows = compared(run.frame, keys, run.structure, run.policy)
    demand = Demand(run.policy.k, run.policy.missing, run.policy.alpha, step.importance, step.never)
    gone = suppress(rows, run.sets, demand)
    made = []
    for id in keys:
        count = int(gone[id].sum())
        if not count:
            continue
        run.gone[id] = count
        out, beside = gone[id], f"{id}{MISSING_SUFFIX}"
        value, kind = run.frame[id], pl.lit(UNKNOWN)
        if run.structure[id].coded:
            made.append(pl.when(out).then(kind).otherwise(value).alias(id))
            continue
        made.append(pl.when(out).then(None).otherwise(value).alias(id))
        why = run.frame[beside] if beside in run.frame.columns else pl.lit(None, dtype=pl.String)
        made.append(pl.when(out).then(kind).otherwise(why).alias(beside))
    run.frame = run.frame.with_columns(made)
    return f"values taken out to reach k = {run.policy.k} on every key set"
