"""Provenance: what a run was made of and from, the same bytes for the same input."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from migstat import __version__
from migstat.api.pseudonymising import fingerprints
from migstat.words.mapping_rule import NotCollected
from migstat.words.run import Step
from migstat.words.sampled import record_design
from migstat.work.harmonize.plan import Plan


def provenance(plan: Plan, inputs: list[dict[str, Any]], steps: Iterable[Step]) -> dict[str, Any]:
    """Say where the records come from. No time, no path: the same input gives the same bytes."""
    mapping, source = plan.mapping, plan.mapping.source
    design = record_design(source, [out.name for out in plan.out])
    used = {out.component.codelist for out in plan.out if out.component is not None and out.component.codelist}
    reasons = {leaf.component.id: leaf.rule.because for leaf in plan.leaves if isinstance(leaf.rule, NotCollected)}
    return {
        "migstat": __version__,
        "libraries": {name: version(name) for name in ("narwhals", "polars", "pyarrow")},
        "structure": f"{plan.structure.agency}:{plan.structure.id}({plan.structure.version})",
        "mapping": {
            "id": mapping.id,
            "version": mapping.version,
            "wave": plan.wave.id if plan.wave else None,
            "files": dict(sorted(mapping.files.items())),
        },
        "inputs": inputs,
        **({"pseudonyms": fingerprints(plan)} if plan.pseudonyms else {}),
        "source": {
            "name": source.name,
            "by": source.by,
            "kind": source.kind,
            "area": source.area,
            "period": (plan.wave.period if plan.wave else "") or source.period,
            "population": source.population,
            "coverage": source.coverage,
            "birthplace": source.birthplace,
            "boundaries": source.boundaries,
            **({"duration": source.duration} if source.duration else {}),
            **({"duplicates": source.duplicates} if source.drops_duplicates else {}),
            "licence": source.licence,
        },
        **({"design": design.facts()} if design is not None else {}),
        "codelists": {id: plan.codelists[id].fingerprint for id in sorted(used)},
        "not_collected": sorted(reasons),
        "not_collected_because": {id: because for id, because in sorted(reasons.items()) if because},
        "steps": [
            {"name": step.name, "what": step.what, "rows": step.rows, "weight": step.weight, "part": step.part}
            for step in steps
        ],
    }
