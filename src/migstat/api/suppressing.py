"""Suppress: which cells of tables published together go, by a policy, and the audit before anything is let out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl

from migstat import __version__
from migstat.api.given_tables import COUNT, count_column, trees_for
from migstat.api.plain_columns import plain_frame
from migstat.api.time_allowed import clock
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.how_many import how_many
from migstat.words.policy import Policy, Suppression, Threshold
from migstat.words.protected import Protected
from migstat.words.table import Table
from migstat.work.protect.audit import own_audit
from migstat.work.protect.metadata import published as published_metadata
from migstat.work.protect.primary import needed
from migstat.work.protect.suppress import SECONDARY, Outcome, suppress
from migstat.work.protect.tables import Linked, additive_rows, link, masked, named

CALL = Place("protect")
MOST_TOLD = 5


def suppressed(
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
    """Suppress tables that were opened, as the method of a policy says; raise MigstatError where they are not safe."""
    counted = count_column(given, value, count)
    facts = _contributed(contributions, method)
    _usable(given, method, value, counted, facts)
    fill: list[str] | None = [] if method.zeros == "publish" else None
    ones = [id for rule in method.primary if hasattr(rule, "dimensions") for id in rule.dimensions]
    fill = ones if ones and fill == [] else fill
    trees = trees_for(given, hierarchies, total)
    linked = link(given, value=value, count=counted, trees=trees, total=total, fill=fill, earlier=earlier)
    _not_too_sparse(linked, method)
    going_on = clock("suppress", method.seconds, progress)
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


def _usable(
    given: list[Table], method: Suppression, value: str, counted: str | None, facts: pl.DataFrame | None
) -> None:
    wanted = needed(method.primary)
    faults = []
    lacking = [m for m in wanted if facts is None or f"LARGEST_{m}" not in facts.columns]
    if lacking:
        numbers = ", ".join(str(m) for m in wanted)
        what = "the policy looks at the largest contributors, and they are not given"
        faults.append(
            Finding(CALL, "", what, f"pass contributions=ms.contributions(records, ..., largest=[{numbers}])")
        )
    threshold = facts is None and any(isinstance(rule, Threshold) for rule in method.primary)
    if threshold and counted not in (None, value):
        figure, records = pl.col(value), pl.col(counted)
        unknown = figure.is_not_null() & (figure != 0) & (records.is_null() | (records < 0))
        if rows := sum(one.frame.filter(additive_rows(one.frame) & unknown).height for one in given):
            what, mend = "has no number of records, and there is a figure", "write how many records stand behind it"
            faults.append(Finding(CALL, counted, what, mend, rows=rows))
    if threshold and counted is None:
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
        findings.append(
            Finding(CALL, "", f"{how_many(more, 'further cell')} can be worked out", "mend the first, and try again")
        )
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
        f"Protected by policy {policy.id} {policy.version}: "
        f"{reasons.height:,} of {how_many(frame.height, 'cell')} suppressed."
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
