"""Harmonize a frame: one in memory at once, one whose rows lie elsewhere as a question that is asked of it there."""

from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.ceiling import Ceiling
from migstat.api.companions import Companions, refuse_companions, refuse_taken
from migstat.api.extract_parts import (
    cell_key,
    distinct_part,
    key_findings,
    refuse_comparing,
    refuse_made,
    repeated,
    same_cells,
    text_of,
    text_part,
    traced,
    unread_by,
)
from migstat.api.frames import frame_of
from migstat.api.pseudonymising import pseudonymised_lazily, refuse_zones
from migstat.api.run_results import result_of
from migstat.read.heads import check_columns, left_behind, nested_note
from migstat.words.finding import Finding, misuse
from migstat.words.mapping_rule import Patterns
from migstat.words.run import Harmonized
from migstat.work.harmonize.distinct import Filling
from migstat.work.harmonize.duplicates import Duplicates
from migstat.work.harmonize.keys import KeyCheck
from migstat.work.harmonize.plan import COUNT, PSEUDONYM, Plan
from migstat.work.harmonize.rows import fill_beside, records_of, rejects_of
from migstat.work.harmonize.tally import Tally
from migstat.work.harmonize.trail import Trail
from migstat.write.records import RecordsWriter


def from_frame(
    source: Any,
    plan: Plan,
    companions: Companions,
    found: list[Finding],
    ceiling: Ceiling,
    trail: tuple[Trail, RecordsWriter] | None = None,
) -> Harmonized:
    """Run a plan over a frame, whose kind records and rejects are of too."""
    frame = frame_of(source)
    schema = frame.collect_schema()
    columns = schema.names()
    check_columns(columns, plan.own, "the frame", 0)
    found = [*found, *left_behind(columns, plan.own, plan.dropped, "the frame")]
    found += nested_note([name for name in columns if schema[name].is_nested()], "the frame")
    refuse_made([*columns, *plan.mapping.source.taken], plan)
    refuse_taken(columns, plan.mapping.source)
    taken = [column for column in columns if column not in plan.secret]
    selected = [column for column in columns if column not in plan.unread]
    tally = Tally(plan)
    if isinstance(frame, nw.LazyFrame):
        refuse_companions(plan, "a frame whose rows lie elsewhere")
        refuse_comparing(plan, "a frame whose rows lie elsewhere")
        refuse_zones(frame, plan)
        if plan.pseudonyms:
            frame = pseudonymised_lazily(frame.select(*selected), plan)
        given = [*taken, *(PSEUDONYM.format(component) for component in plan.pseudonyms)]
        _only_polars(frame, plan, trail is not None)
        filled = fill_beside(text_of(frame.select(*given), plan), plan)
        tally.add(filled)
        found += _repeated_lazily(filled, plan)
        records, rejects = records_of(filled, plan).to_native(), rejects_of(filled, plan, taken).to_native()
        if trail is not None:
            traced(trail, filled.collect().to_native())
    else:
        joining = companions.begin()
        beside = joining.columns(frame.select(*joining.read).to_polars()) if plan.mapping.source.companions else []
        found += [*companions.findings, *joining.findings()]
        taken += [column.name for column in beside]
        whole = frame.select(*selected).to_polars().hstack(beside)
        rows = pl.int_range(1, whole.height + 1, eager=True)
        if plan.mapping.source.drops_duplicates:
            part = distinct_part(whole, rows, plan, True, Duplicates(ceiling.room))
        else:
            part = text_part(whole, rows, plan, True)
        filling = Filling(plan, {})
        filled = filling.fill(part)
        tally.add_part(filled)
        tally.add_values(filling.values())
        keys = KeyCheck([plan.aliases.get(key, key) for key in plan.key], ceiling.room)
        keys.add(part.numbers, part.text(keys.columns))
        found += repeated(keys, plan)
        if trail is not None:
            traced(trail, filled.everything())
        made = filled.records()
        cells = KeyCheck(cell_key(plan), ceiling.room)
        cells.add(pl.int_range(made.height, eager=True), made)
        found += same_cells(cells.again(), plan)
        records, rejects = _like(made, frame), _like(filled.rejects(taken), frame)
    ceiling.look()
    result = result_of(plan, tally, found, companions.inputs, unread_by(plan, taken))
    return replace(result, records=records, rejects=rejects)


def _only_polars(frame: Any, plan: Plan, traced: bool) -> None:
    """Refuse what an engine elsewhere would do otherwise, or in a time that has no bound: expressions, and a trace."""
    patterns = [leaf for leaf in plan.leaves if isinstance(leaf.rule, Patterns)]
    if frame.implementation.is_polars() or not (patterns or traced):
        return
    what = "a trace" if traced else f"regular expressions, as {patterns[0].component.id} has them,"
    mend = "write the frame as Parquet and hand in the path, or hand in a Polars, pandas or PyArrow frame"
    if frame.implementation.is_ibis():
        mend = "name a folder, into=: the rows are then read in parts, and worked on here"
    raise misuse(f"{what} cannot be run inside {frame.implementation.name.lower().capitalize()}", mend)


def _like(frame: pl.DataFrame, model: Any) -> Any:
    """Return the frame as the kind of the model."""
    if model.implementation.is_pandas():
        whole = {name: "Int64" for name, dtype in frame.schema.items() if dtype.is_integer()}
        return frame.to_pandas().astype(whole)
    if model.implementation.is_pyarrow():
        return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return frame


def _repeated_lazily(filled: Any, plan: Plan) -> list[Finding]:
    if not plan.key:
        return []
    groups = filled.group_by(*plan.key).agg(nw.len().alias(COUNT)).filter(nw.col(COUNT) > 1)
    count = groups.select((nw.col(COUNT) - 1).sum()).collect().item()
    return key_findings(int(count), "", plan) if count else []
