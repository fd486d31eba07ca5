"""Protect: tables that are published together, by an office's policy, before anything is written."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, assert_never

from migstat.api.given_tables import VALUE, Given, opened, trees_for
from migstat.api.suppressing import suppressed
from migstat.read import policies
from migstat.read.damage import undamaged
from migstat.words.finding import misuse
from migstat.words.missing import TOTAL
from migstat.words.policy import CellKey, Policy, Rounding, Suppression
from migstat.words.protected import Protected


def protect(
    tables: Given,
    *,
    policy: str | os.PathLike[str] | Policy,
    dimensions: Sequence[str] = (),
    value: str = VALUE,
    count: str | None = None,
    hierarchies: Mapping[str, Any] | None = None,
    total: str = TOTAL,
    records: Any = None,
    contributions: Any = None,
    published: Given = None,
    progress: Callable[[str, float], None] | None = None,
) -> Protected:
    """Protect tables that are published together, and audit them; raise MigstatError where they would not be safe.

    ``policy`` is a file, a policy, or the id of one that ships. ``tables`` are tables of ``tabulate``, their paths, or
    frames. A frame names its ``dimensions``, its ``value``, and, where the value is not the number of records behind a
    cell, that ``count``; ``hierarchies`` say for a dimension which codes are parts of which: ``{"1": ["A", "B"]}``, a
    list of such trees where several overlap, or the id of a codelist. A frame of inner cells gets its totals.

    A cell that stands in several tables is one cell. Rules of concentration need ``contributions``, the frame that
    ``contributions()`` makes. Tables ``published`` before, as they were published, keep every cell as it was.
    The same input and policy give the same protection. ``progress`` is called with the step and the share of the time
    that it may take.

    >>> import polars as pl
    >>> cells = pl.DataFrame({"row": list("aabb"), "col": list("xyxy"), "n": [12, 2, 30, 25]})
    >>> run = protect(cells, policy="THRESHOLD_3", dimensions=["row", "col"], value="n")
    >>> run.frame.filter(row="a")["n"].to_list(), run.audit.safe
    ([14, None, None], True)
    """
    chosen = policy if isinstance(policy, Policy) else read_policy(policy)
    given = opened(tables, dimensions, value, hierarchies, total, count)
    match chosen.method:
        case Suppression():
            earlier = opened(published, dimensions, value, hierarchies, total, count) if published is not None else []
            return suppressed(
                given, chosen, chosen.method, value, count, hierarchies, total, contributions, earlier, progress
            )
        case CellKey() | Rounding():
            if published is not None:
                raise misuse(f"{chosen.kind} knows no earlier tables", "leave published= out", component="published")
            from migstat.api.perturbing import perturbed, rounded

            trees = trees_for(given, hierarchies, total)
            with undamaged(records):
                if isinstance(chosen.method, CellKey):
                    return perturbed(given, chosen, chosen.method, value, count, records, trees)
                return rounded(given, chosen, chosen.method, value, count, records, trees, total)
        case _:
            assert_never(chosen.method)


def policy_ids() -> tuple[str, ...]:
    """Return the ids of the policies that ship."""
    return policies.policy_ids()


def read_policy(policy: str | os.PathLike[str]) -> Policy:
    """Return the policy of a file, or the one that ships under an id; raise MigstatError with all its faults."""
    path = Path(policy)
    if path.suffix in {".yaml", ".yml"} and not path.is_file():
        raise misuse(
            "there is no such policy",
            "name a policy file, or one of " + ", ".join(policies.policy_ids()),
            place=path.name,
        )
    return policies.read_or_shipped(path if path.is_file() else str(policy))


def protection_facts(run: Protected) -> dict[str, Any]:
    """Return what a program may be told of a protection: no value of a hidden cell, nor what adds up to one."""
    found = run.audit
    facts: dict[str, Any] = {
        "policy": run.policy.id,
        "tables": [table.metadata.get("protection", {}) for table in run.tables],
    }
    if found is not None:
        facts["audit"] = {
            "cells": found.cells,
            "suppressed": found.suppressed,
            "disclosed": found.disclosed.height,
            "weak": found.weak.height,
            "complete": found.complete,
            "notes": list(found.notes),
        }
    return facts
