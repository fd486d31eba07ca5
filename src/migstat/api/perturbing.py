"""Perturb and round: the two methods that change counts, applied to tables by a policy."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl

from migstat import __version__
from migstat.api.tabulating import _records as records_of
from migstat.api.tabulating import tabulate
from migstat.read.structures import structure, structure_ids
from migstat.words.finding import Finding, MigstatError, Misuse, Place
from migstat.words.policy import CellKey, Policy, Rounding
from migstat.words.protected import Protected
from migstat.words.table import Table
from migstat.work.perturb import (
    cell_keys,
    perturb,
    perturbation_table,
    record_keys,
    round_additively,
    round_to_nearest,
    round_unbiased,
)
from migstat.work.protect.cells import VALUE, Tree
from migstat.work.protect.contributions import lifted
from migstat.work.protect.inner import closures, inner_cells
from migstat.work.protect.metadata import published
from migstat.work.protect.tables import DEFINITION, TELLS_NOTHING, Linked, additive_rows, link

CALL = Place("protect")
KEY = "_key"
SECRET = "MIGSTAT_KEY"
"""The environment variable that holds the secret of the office."""
ROUNDED = "_rounded"
Trees = Callable[[str, Sequence[str]], Sequence[Tree]]


def perturbed(
    tables: list[Table], policy: Policy, method: CellKey, value: str, count: str | None, records: Any, trees: Trees
) -> Protected:
    """Add the noise of cell keys to the counts of tables; the same cell gets the same noise in every table and run."""
    _adds_up(tables)
    noise = method.table or perturbation_table(method.largest, method.variance, no_results_up_to=method.never)
    made, losses = [], []
    for place, table in enumerate(tables):
        counted = _counts(table, value, count)
        keyed = _keyed(table, records, method.key, trees)
        frame = perturb(keyed, noise, count=counted, key=KEY, values=[value] if value != counted else [])
        made.append(_changed(table, frame, policy, value, counted, _NOISE.format(method.largest)))
        losses.append(_loss(place, table, frame, value))
    return Protected(tuple(made), policy, _why(made, tables, value), pl.concat(losses))


def rounded(
    tables: list[Table],
    policy: Policy,
    method: Rounding,
    value: str,
    count: str | None,
    records: Any,
    trees: Trees,
    total: str,
) -> Protected:
    """Round the counts of tables to multiples of a base; if controlled, totals stay the sums of their parts."""
    _adds_up(tables)
    facts: dict[str, Any] = {}
    if method.controlled:
        frames, facts = _controlled(tables, method, value, count, records, trees, total)
        note = facts["notes"][0]
    else:
        frames = []
        for table in tables:
            counted = _counts(table, value, count)
            _whole(table, value, counted)
            if method.method == "nearest":
                frames.append(round_to_nearest(table.frame, method.base, count=value))
            else:
                keyed = _keyed(table, records, method.key, trees)
                frames.append(
                    round_unbiased(keyed.with_columns(pl.col(value).cast(pl.Int64)), method.base, count=value, key=KEY)
                )
        note = f"Counts are rounded to multiples of {method.base}; they do not add up to their rounded totals."
    made = [
        _changed(table, frame, policy, value, _counts(table, value, count), note)
        for table, frame in zip(tables, frames, strict=True)
    ]
    losses = pl.concat(
        [_loss(place, table, frame, value) for place, (table, frame) in enumerate(zip(tables, frames, strict=True))]
    )
    return Protected(tuple(made), policy, _why(made, tables, value), losses, facts=facts)


_NOISE = "Counts carry noise of up to {} by their cell keys; they do not add up to their totals."


def _controlled(
    tables: list[Table],
    method: Rounding,
    value: str,
    count: str | None,
    records: Any,
    trees: Trees,
    total: str,
) -> tuple[list[pl.DataFrame], dict[str, Any]]:
    for table in tables:
        _whole(table, value, _counts(table, value, count))
        if empty := table.frame[value].null_count():
            mend = "round the table before its figures are hidden, or take a method that is not controlled"
            raise MigstatError([Finding(CALL, value, "has no figure to add up", mend, rows=empty)])
        if DEFINITION in table.frame.columns and table.frame[DEFINITION].n_unique() > 1:
            what = "a table of several definitions counts the same people several times"
            raise Misuse([Finding(CALL, DEFINITION, what, "round a table for each definition")])
    linked = link(tables, value=value, count=None, trees=trees, total=total, fill=[])
    dimensions = linked.dimensions
    if len(tables) == 1:
        shown = linked.cells.keys.with_columns(pl.Series(VALUE, linked.cells.values)).filter(
            pl.Series(linked.cells.shown)
        )
        cells = inner_cells(shown, dimensions, linked.trees)
    else:
        cells = _from_records(tables, records, dimensions, linked)
    lists = [_varying(frame, dimensions, total) for frame in linked.tables]
    found = round_additively(
        cells.with_columns(pl.col(VALUE).cast(pl.Int64)),
        lists,
        method.base,
        closures=closures(cells, dimensions, linked.trees),
        count=VALUE,
    )
    frames = []
    for table, numbered, ids, result in zip(tables, linked.tables, lists, found.tables, strict=True):
        new = result.select(*ids, pl.col("OBS_VALUE").alias(ROUNDED))
        met = numbered.join(new, on=ids, how="left", maintain_order="left")
        frames.append(table.frame.with_columns(met[ROUNDED].fill_null(0).cast(table.frame[value].dtype).alias(value)))
    return frames, {"notes": list(found.run.notes), "method": found.run.method, "largest": found.run.published.largest}


def _varying(frame: pl.DataFrame, dimensions: Sequence[str], total: str) -> list[str]:
    """Return the dimensions that a table has: all but those that are the total in every row."""
    return [id for id in dimensions if not (frame[id] == total).all()] or [dimensions[0]]


def _from_records(tables: list[Table], records: Any, dimensions: Sequence[str], linked: Linked) -> pl.DataFrame:
    """Count the records by all dimensions of tables that are rounded together."""
    if any(table.structure.id != "FRAME" for table in tables):
        mend = "round them one by one, or pass frames with dimensions=[...] and records="
        raise Misuse([Finding(CALL, "", "tables of tabulate are rounded one at a time", mend)])
    if records is None:
        mend = "pass records=, so that their shared totals stay one number, or round one table"
        raise Misuse([Finding(CALL, "", "several tables can only be rounded together from their records", mend)])
    frame = nw.from_native(records).lazy().select(*dimensions).collect("polars").to_native()
    counts: pl.DataFrame = (
        frame.with_columns(pl.all().cast(pl.String)).group_by(dimensions).agg(pl.len().cast(pl.Float64).alias(VALUE))
    )
    made: pl.DataFrame = counts.sort(dimensions)
    return made


def _keyed(table: Table, records: Any, key: str, trees: Trees) -> pl.DataFrame:
    """Give each cell of a table the sum of the keys of its records."""
    if records is None:
        mend = f"pass records= with a column {key}: the records that the table was made of"
        raise Misuse([Finding(CALL, key, "cell keys are sums of record keys, and there are no records", mend)])
    if KEY in table.frame.columns:
        return pl.DataFrame(table.frame)
    dimensions = [id for id in table.dimensions if id in table.frame.columns]
    if table.structure.id != "FRAME":
        return _keyed_by_tabulate(table, records, key, dimensions)
    counts = cell_keys(records, dimensions, key=key).select(pl.col(dimensions).cast(pl.String), KEY)
    known = {id: trees(id, counts[id].unique().sort().to_list()) for id in dimensions}
    sums = lifted(counts, dimensions, known).group_by(dimensions).agg(pl.col(KEY).sum())
    cells: pl.DataFrame = table.frame
    return cells.join(sums, on=dimensions, how="left", maintain_order="left").with_columns(pl.col(KEY).fill_null(0))


def _keyed_by_tabulate(table: Table, records: Any, key: str, dimensions: Sequence[str]) -> pl.DataFrame:
    """Tabulate the record keys in the place of weights: their sums stand in the cells of the same table."""
    from migstat.words.perturbation import KEY_UNITS

    frame, _ = records_of(records)
    facts = table.metadata
    lazy = nw.from_native(frame)
    if key not in lazy.collect_schema().names():
        lazy = nw.from_native(_with_keys(frame, key, facts.get("records", "")))
    sums = tabulate(
        lazy.with_columns(nw.col(key).cast(nw.Float64).alias("WEIGHT")).to_native(),
        definition=[one["id"] for one in facts.get("definitions", [])],
        by=list(facts.get("by", [])),
        levels={id: int(level) if str(level).isdigit() else level for id, level in facts.get("levels", {}).items()},
        universe=facts.get("universe", {}).get("text"),
        precision=False,
        into=table.structure.id,
        structure_id=structure(facts["records"]) if facts.get("records") else None,
    ).frame
    units = (pl.col("OBS_VALUE") * KEY_UNITS).round(0).cast(pl.Int64).alias(KEY)
    cells: pl.DataFrame = table.frame
    met = cells.join(sums.select(*dimensions, units), on=dimensions, how="left", maintain_order="left")
    if lost := met[KEY].null_count():
        mend = "pass the records that the table was made of"
        raise MigstatError([Finding(CALL, key, f"{lost:,} cells of the table are not in these records", mend)])
    return met


def _with_keys(frame: Any, key: str, structure_id: str) -> Any:
    """Add record keys, made of what names a record and the secret of the office."""
    secret = os.environ.get(SECRET, "")
    if not secret or structure_id not in structure_ids():
        mend = (
            f"set {SECRET} to a secret of 16 characters or more that you keep, or add the column {key} to the records"
        )
        raise Misuse([Finding(CALL, key, f"the records have no {key}, and there is no secret to make it of", mend)])
    return record_keys(frame, structure(structure_id).key, secret.encode(), key)


def _adds_up(tables: Sequence[Table]) -> None:
    for place, table in enumerate(tables, 1):
        other = table.frame.filter(~additive_rows(table.frame)).height
        if other:
            what = f"table {place} has {other:,} figures that are no counts, such as shares"
            mend = "protect a table of counts, and work them out from what is published"
            raise MigstatError([Finding(CALL, "UNIT_MEASURE", what, mend)])


def _counts(table: Table, value: str, count: str | None) -> str:
    return count or ("N_UNWEIGHTED" if "N_UNWEIGHTED" in table.frame.columns else value)


def _whole(table: Table, value: str, counted: str) -> None:
    known = table.frame[value].drop_nulls()
    if not (known % 1 == 0).all() or (known < 0).any():
        what = f"{value} is not whole numbers from 0"
        raise MigstatError([Finding(CALL, value, what, "round counts; weighted figures are perturbed, or suppressed")])


def _changed(table: Table, frame: pl.DataFrame, policy: Policy, value: str, counted: str, note: str) -> Table:
    """Keep the dimensions, what tells nothing, and the changed numbers; all else would give the true ones back."""
    keep = [
        *table.dimensions,
        value,
        *TELLS_NOTHING,
        *([counted] if counted != value and policy.kind == "cell_key" else []),
    ]
    names = table.frame.columns
    made = frame.select(
        pl.col(name) if name in keep else pl.lit(None, table.frame.schema[name]).alias(name) for name in names
    ).with_columns(pl.lit("F").alias("CONF_STATUS"))
    told = published(table.metadata)
    facts = {
        "policy": {"id": policy.id, "version": policy.version, "sha256": policy.sha256, "standing": policy.standing},
        "method": policy.kind,
        "cells": made.height,
        "migstat": __version__,
    }
    return replace(table, frame=made, metadata={**told, "notes": [*told.get("notes", []), note], "protection": facts})


def _loss(place: int, table: Table, frame: pl.DataFrame, value: str) -> pl.DataFrame:
    off = (frame[value].cast(pl.Float64) - table.frame[value].cast(pl.Float64)).abs()
    return pl.DataFrame(
        {
            "TABLE": [place],
            "CELLS": [frame.height],
            "CHANGED": [int((off > 0).sum())],
            "MEAN_DIFFERENCE": [float(off.mean() or 0.0)],
            "LARGEST_DIFFERENCE": [float(off.max() or 0.0)],
        }
    )


def _why(made: Sequence[Table], tables: Sequence[Table], value: str) -> pl.DataFrame:
    parts = []
    for place, (new, old) in enumerate(zip(made, tables, strict=True)):
        keys = [id for id in old.dimensions if id in old.frame.columns]
        changed = new.frame[value].cast(pl.Float64) != old.frame[value].cast(pl.Float64)
        parts.append(new.frame.filter(changed).select(pl.lit(place).alias("TABLE"), *keys, CONF_STATUS="CONF_STATUS"))
    every: pl.DataFrame = pl.concat(parts, how="diagonal")
    return every.with_columns(pl.lit("the number was changed").alias("WHY"))
