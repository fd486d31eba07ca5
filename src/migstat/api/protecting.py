"""Protect: tables that are published together, by an office's policy, before anything is written; and the audit."""

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, assert_never

import narwhals as nw
import polars as pl

from migstat import __version__
from migstat.api.given_tables import COUNT, Given, count_column, opened, plain_table, trees_for
from migstat.api.plain_columns import plain_frame, texts_of_numbers
from migstat.read import policies
from migstat.read.damage import undamaged
from migstat.words.finding import Finding, MigstatError, Place, misuse
from migstat.words.missing import TOTAL
from migstat.words.policy import CellKey, Policy, Rounding, Suppression, Threshold
from migstat.words.protected import Audit, Protected
from migstat.words.table import Table
from migstat.work.protect import contributions as contributing
from migstat.work.protect.audit import audited, own_audit
from migstat.work.protect.metadata import published as published_metadata
from migstat.work.protect.primary import needed
from migstat.work.protect.suppress import SECONDARY, Outcome, suppress
from migstat.work.protect.tables import Linked, additive_rows, link, masked, named

CALL = Place("protect")
VALUE = "OBS_VALUE"
MOST_TOLD = 5


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
    The same input and policy give the same protection.

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
            return _suppressed(
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


def audit(
    tables: Given,
    *,
    inner: Given = None,
    dimensions: Sequence[str] = (),
    value: str = VALUE,
    count: str | None = None,
    hierarchies: Mapping[str, Any] | None = None,
    total: str = TOTAL,
    width: float = 50.0,
    seconds: float = 600.0,
) -> Audit:
    """Attack published tables as an outsider would: which suppressed cells can be worked out, which nearly.

    A cell is suppressed where its value is missing. ``inner`` are the same tables before protection: with them, values
    that were changed are refused, and the attack is repeated as the only contributor of each cell that has one.
    A cell is weak where its range is narrower than ``width`` per cent of its value.

    >>> import polars as pl
    >>> cells = pl.DataFrame({"row": ["a", "b", "_T"], "n": [None, 30, 32]})
    >>> audit(cells, dimensions=["row"], value="n").disclosed.rows()
    [('a', 2.0, 2.0, 'everybody')]
    """
    for name, number in (("width", width), ("seconds", seconds)):
        if not 0 <= number < math.inf:
            raise misuse(f"{number:g} is not 0 or more", "write such as 50", place="audit", component=name)
    shown = opened(tables, dimensions, value, hierarchies, total, count, margins=False)
    trees = trees_for(shown, hierarchies, total)
    linked = link(shown, value=value, count=count_column(shown, value, count), trees=trees, total=total, fill=[])
    true = None
    if inner is not None:
        whole = opened(inner, dimensions, value, hierarchies, total, count)
        true = link(whole, value=value, count=count_column(whole, value, count), trees=trees, total=total, fill=[])
    deadline = time.monotonic() + seconds
    below = max((one.metadata.get("protection", {}).get("small", 0) for one in shown), default=0)
    return audited(linked, true, width=width, total=total, below=below, going_on=lambda: time.monotonic() < deadline)


def contributions(
    records: Any,
    *,
    dimensions: Sequence[str],
    value: str,
    unit: str | None = None,
    weight: str | None = None,
    largest: Sequence[int] = (1, 2),
    hierarchies: Mapping[str, Any] | None = None,
    total: str = TOTAL,
) -> pl.DataFrame:
    """Return who makes up each cell, totals included: how many contributors, the only one, and the largest together.

    ``records`` have a row a contribution; those of one ``unit`` (a person, an enterprise) are added up in each cell.
    ``largest`` are the numbers of largest contributors that rules look at: ``LARGEST_2`` is what the two largest add.

    >>> import polars as pl
    >>> firms = pl.DataFrame({"area": ["a", "a", "b"], "jobs": [90, 10, 5]})
    >>> contributions(firms, dimensions=["area"], value="jobs").row(0, named=True)["LARGEST_1"]
    90.0
    """
    names = nw.from_native(records).collect_schema().names()
    lacking = [name for name in (*dimensions, value, unit, weight) if name is not None and name not in names]
    if lacking:
        raise misuse(f"the records have no {', '.join(lacking)}", f"one of {', '.join(names)}", component=lacking[0])
    figures = [value, weight or value]
    records = plain_frame(records, "the records", [*dimensions, *figures, unit or value], figures)
    texts_of_numbers(records, figures, "the records")
    columns = nw.from_native(records).lazy().select(*dimensions).unique().collect("polars").to_native()
    frames = [plain_table(columns.cast(pl.String).with_columns(pl.lit(0).alias(value)), dimensions, value)]
    trees = trees_for(frames, hierarchies, total)
    known = {id: trees(id, columns[id].cast(pl.String).drop_nulls().unique().sort().to_list()) for id in dimensions}
    return contributing.contributions(
        records, dimensions, known, value=value, unit=unit, weight=weight, largest=sorted(set(largest))
    )


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


def _suppressed(
    given: list[Table],
    policy: Policy,
    method: Suppression,
    value: str,
    count: str | None,
    hierarchies: Mapping[str, Any] | None,
    total: str,
    contributions: Any,
    earlier: list[Table],
    progress: Callable[[str, float], None] | None,
) -> Protected:
    counted = count_column(given, value, count)
    facts = _contributed(contributions, method)
    _usable(given, method, counted, facts)
    fill: list[str] | None = [] if method.zeros == "publish" else None
    ones = [id for rule in method.primary if hasattr(rule, "dimensions") for id in rule.dimensions]
    fill = ones if ones and fill == [] else fill
    trees = trees_for(given, hierarchies, total)
    linked = link(given, value=value, count=counted, trees=trees, total=total, fill=fill, earlier=earlier)
    _not_too_sparse(linked, method)
    begun = time.monotonic()

    def going_on() -> bool:
        spent = time.monotonic() - begun
        if progress is not None:
            progress("suppress", min(spent / method.seconds, 1.0))
        return spent < method.seconds

    outcome = suppress(
        linked.cells, method, contributions=facts, earlier=_before(linked, len(given)), going_on=going_on
    )
    _safe(linked, outcome)
    results = [
        masked(linked, table, place, outcome.why, value=value, untold=outcome.untold, total=total)
        for place, table in enumerate(given)
    ]
    made = tuple(
        _result(table, frame, policy, reasons, untold=bool(outcome.untold))
        for table, (frame, reasons) in zip(given, results, strict=True)
    )
    losses = pl.concat(
        [_loss(place, linked.tables[place], frame, reasons, value) for place, (frame, reasons) in enumerate(results)]
    )
    whys = pl.concat(
        [reasons.select(pl.lit(place).alias("TABLE"), pl.all()) for place, (_, reasons) in enumerate(results)],
        how="diagonal",
    )
    return Protected(made, policy, whys, losses, own_audit(linked, outcome), {"whole": outcome.whole})


def _usable(given: list[Table], method: Suppression, counted: str | None, facts: pl.DataFrame | None) -> None:
    wanted = needed(method.primary)
    faults = []
    lacking = [m for m in wanted if facts is None or f"LARGEST_{m}" not in facts.columns]
    if lacking:
        numbers = ", ".join(str(m) for m in wanted)
        what = "the policy looks at the largest contributors, and they are not given"
        faults.append(
            Finding(CALL, "", what, f"pass contributions=ms.contributions(records, ..., largest=[{numbers}])")
        )
    if counted is None and facts is None and any(isinstance(rule, Threshold) for rule in method.primary):
        what = "the policy looks at how many records stand behind a cell, and no column says so"
        faults.append(Finding(CALL, COUNT, what, f"name the column: count=..., or call it {COUNT}"))
    if faults:
        raise MigstatError(faults)


def _contributed(contributions: Any, method: Suppression) -> pl.DataFrame | None:
    if contributions is None:
        return None
    given = plain_frame(contributions, "contributions")
    frame: pl.DataFrame = nw.from_native(given).lazy().collect("polars").to_native()
    return frame


def _not_too_sparse(linked: Linked, method: Suppression) -> None:
    if method.sparse is None:
        return
    for place, frame in enumerate(linked.tables, 1):
        counts = frame.filter(additive_rows(frame) & (pl.col("_count") > 0))["_count"]
        share = 100 * float((counts < method.sparse.below).sum()) / max(counts.len(), 1)
        if share > method.sparse.share:
            what = (
                f"table {place} is too sparse: {share:.0f} % of its cells have fewer than {method.sparse.below} records"
            )
            mend = f"publish fewer dimensions or wider codes; the policy allows {method.sparse.share:g} %"
            raise MigstatError([Finding(CALL, "", what, mend)])


def _before(linked: Linked, now: int) -> dict[int, bool]:
    """Say of each cell that was published before whether it was hidden."""
    found: dict[int, bool] = {}
    for frame in linked.tables[now:]:
        for cell, missing in (
            frame.filter(pl.col("_cell").is_not_null()).select("_cell", pl.col("_value").is_null()).rows()
        ):
            found[cell] = bool(missing)
    return found


def _safe(linked: Linked, outcome: Outcome) -> None:
    """Refuse tables in which a cell can be worked out."""
    if not outcome.attack.disclosed:
        return
    keys = linked.cells.keys
    findings = []
    for cell, (_, knower) in list(outcome.attack.disclosed.items())[:MOST_TOLD]:
        who = "anybody" if knower is None else "the only contributor of another cell"
        what = f"{named(keys.row(cell, named=True), keys.columns)} can be worked out by {who}, whatever else is hidden"
        findings.append(Finding(CALL, "", what, "leave out a total or a table, or publish wider codes"))
    more = len(outcome.attack.disclosed) - len(findings)
    if more > 0:
        findings.append(Finding(CALL, "", f"{more:,} further cells can be worked out", "mend the first, and try again"))
    raise MigstatError(findings)


def _result(table: Table, frame: pl.DataFrame, policy: Policy, reasons: pl.DataFrame, *, untold: bool) -> Table:
    told = published_metadata(table.metadata)
    notes = list(told.get("notes", []))
    secondary = reasons.filter(pl.col("CONF_STATUS") == SECONDARY).height
    facts = {
        "policy": {"id": policy.id, "version": policy.version, "sha256": policy.sha256, "standing": policy.standing},
        "method": policy.kind,
        "cells": frame.height,
        "suppressed": reasons.height,
        "secondary": secondary,
        "migstat": __version__,
    }
    if isinstance(policy.method, Suppression) and untold:
        del facts["secondary"]
        if policy.method.tell_cause:
            facts["small"] = policy.method.small
    notes.append(
        f"Protected by policy {policy.id} {policy.version}: {reasons.height:,} of {frame.height:,} cells suppressed."
    )
    return replace(table, frame=frame, metadata={**told, "notes": notes, "protection": facts})


def _loss(place: int, before: pl.DataFrame, after: pl.DataFrame, reasons: pl.DataFrame, value: str) -> pl.DataFrame:
    rows = before.filter(additive_rows(before) & pl.col("_shown"))
    whole = float(rows["_value"].abs().sum())
    shown = float(after.filter(additive_rows(after))[value].cast(pl.Float64).abs().sum())
    secondary = reasons.filter(pl.col("CONF_STATUS") == SECONDARY).height
    return pl.DataFrame(
        {
            "TABLE": [place],
            "CELLS": [after.height],
            "PRIMARY": [reasons.height - secondary],
            "SECONDARY": [secondary],
            "VALUE_LOST_PERCENT": [100 * (whole - shown) / whole if whole else 0.0],
        }
    )


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
