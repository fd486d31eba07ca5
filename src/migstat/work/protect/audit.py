"""The audit: what can be worked out of published tables, as frames with a row a cell."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import polars as pl

from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.protected import Audit
from migstat.work.protect.attack import Range
from migstat.work.protect.cells import SLACK, Cells
from migstat.work.protect.primary import SMALL
from migstat.work.protect.suppress import SECONDARY, Attack, Outcome, attack, only_contributors
from migstat.work.protect.tables import Linked, named

EVERYBODY = "everybody"
UNTOLD = "N"
PLACE = Place("audit")
BY_SUMS = "The time was up before all ranges were worked out; that no cell follows from the sums holds for all."


def own_audit(linked: Linked, outcome: Outcome) -> Audit:
    """Return the audit that protection made of itself."""
    return told(linked.cells, outcome.attack, [cell for cell in outcome.why if linked.cells.shown[cell]])


def audited(
    linked: Linked,
    true: Linked | None,
    *,
    width: float,
    total: str,
    below: int = 0,
    going_on: Callable[[], bool] = lambda: True,
) -> Audit:
    """Attack published tables, in which a hidden cell has no value; ``true`` are the same tables before."""
    cells = linked.cells
    hidden = [cell for cell in range(cells.size) if not np.isfinite(cells.values[cell])]
    owners: Mapping[int, object] = {}
    primary = _at_risk(linked, hidden)
    if true is not None:
        _true(cells, true.cells)
        keys = {key: cell for cell, key in enumerate(true.cells.keys.rows()) if true.cells.shown[cell]}
        rows = cells.keys.select(true.cells.keys.columns).rows()
        hidden, primary = (
            [keys[rows[cell]] for cell in hidden if linked.cells.shown[cell] and rows[cell] in keys],
            {keys[rows[cell]] for cell in primary if rows[cell] in keys},
        )
        cells = true.cells
        # Of what is hidden without a cause, what is small is at risk, and the rest hides it.
        without, small = (
            {keys[rows[cell]] for cell in _by_cause(linked, code) if rows[cell] in keys} for code in (UNTOLD, SMALL)
        )
        # A file that does not say below which number a cell is small has others that are said to be.
        least = below or max((int(cells.counts[cell]) + 1 for cell in small), default=0)
        primary -= {cell for cell in without if least and cells.counts[cell] >= least}
        owners = only_contributors(cells, None)
        # What is left over of a total is no more known than the hidden cells beside it.
        gone = set(hidden)
        unknown = {one for sum_ in cells.sums if not gone.isdisjoint(sum_) for one in sum_ if not cells.shown[one]}
        hidden = [*hidden, *sorted(unknown)]
    found = attack(cells, hidden, sensitive=primary, owners=owners, width=width, going_on=going_on)
    return told(cells, found, [cell for cell in hidden if cells.shown[cell]])


def _at_risk(linked: Linked, hidden: Iterable[int]) -> set[int]:
    """Return the hidden cells that are at risk themselves; all where the tables do not say which."""
    hidden = {cell for cell in hidden if linked.cells.shown[cell]}
    second: set[int] = set()
    for frame in linked.tables:
        if "CONF_STATUS" in frame.columns:
            second |= set(frame.filter(pl.col("CONF_STATUS") == SECONDARY)["_cell"].drop_nulls().to_list())
    return hidden - second


def _by_cause(linked: Linked, code: str) -> set[int]:
    found: set[int] = set()
    for frame in linked.tables:
        if "CONF_STATUS" in frame.columns:
            found |= set(frame.filter(pl.col("CONF_STATUS") == code)["_cell"].drop_nulls().to_list())
    return found


def _true(cells: Cells, true: Cells) -> None:
    """Raise MigstatError where a published value is not the true one."""
    names = true.keys.columns
    facts = true.keys.with_columns(pl.Series("_v", true.values), pl.Series("_shown", true.shown)).filter("_shown")
    met = cells.keys.join(facts.drop("_shown"), on=names, how="left", maintain_order="left")
    values = met["_v"].fill_null(0.0).to_numpy()
    known = np.isfinite(cells.values) & cells.shown
    wrong = np.flatnonzero(known & (np.abs(cells.values - values) > SLACK * np.maximum(1.0, np.abs(values))))
    if len(wrong):
        mend = "audit the tables with those that they were made of"
        raise MigstatError(
            Finding(PLACE, "", f"{named(cells.keys.row(int(cell), named=True), names)} is not as it is inside", mend)
            for cell in wrong[:5]
        )


def told(cells: Cells, found: Attack, hidden: Iterable[int]) -> Audit:
    """Return what an attack found as frames; the value itself is in none of them unless it can be worked out."""
    hidden = list(hidden)
    point = {cell: one or found.ranges.get(cell) for cell, (one, _) in found.disclosed.items()}
    knowers = [
        EVERYBODY
        if knower is None
        else f"the only contributor of {named(cells.keys.row(knower, named=True), cells.keys.columns)}"
        for _, knower in found.disclosed.values()
    ]
    disclosed = _frame(cells, point).with_columns(pl.Series("known_to", knowers, dtype=pl.String))
    return Audit(
        cells=int(cells.shown.sum()),
        suppressed=len(hidden),
        disclosed=disclosed,
        weak=_frame(cells, found.weak),
        intervals=_frame(cells, found.ranges),
        complete=found.complete,
        notes=() if found.complete else (BY_SUMS,),
    )


def _frame(cells: Cells, ranges: Mapping[int, Range | None]) -> pl.DataFrame:
    rows = cells.keys[list(ranges)] if ranges else cells.keys.clear()
    low = [None if one is None else one.low for one in ranges.values()]
    high = [None if one is None else one.high for one in ranges.values()]
    return rows.with_columns(pl.Series("low", low, dtype=pl.Float64), pl.Series("high", high, dtype=pl.Float64))
