"""Harmonize a file, or a table of a database by its address: part by part, read ahead and written behind."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import polars as pl

from migstat.api.ceiling import Ceiling
from migstat.api.companions import Companions, open_joined
from migstat.api.extract_parts import (
    cell_key,
    codes_of,
    malformed_rows,
    parts_of,
    repeated,
    same_cells,
    traced,
    unread_by,
    with_line,
    without_rows,
)
from migstat.api.flow import ahead, behind
from migstat.api.pseudonymising import shown
from migstat.api.run_results import result_of
from migstat.read.extracts import Extract
from migstat.read.malformed import malformed_lines
from migstat.read.source_extracts import input_of
from migstat.words.finding import Finding
from migstat.words.run import Harmonized
from migstat.work.harmonize.distinct import Filling
from migstat.work.harmonize.filled_part import FilledPart
from migstat.work.harmonize.keys import KeyCheck
from migstat.work.harmonize.plan import BESIDE, Plan
from migstat.work.harmonize.tally import Tally
from migstat.work.harmonize.trail import Trail
from migstat.write.atomic import write_text
from migstat.write.records import RecordsWriter, records_writer
from migstat.write.run import coverage_csv, run_json

Progress = Callable[[int, float], None]
"""Called with the rows done and the share of the file that has been read."""


def from_file(
    given: Any,
    plan: Plan,
    companions: Companions,
    found: list[Finding],
    into: Path | None,
    progress: Progress | None,
    ceiling: Ceiling,
    stop: Event,
    trail: tuple[Trail, RecordsWriter] | None = None,
) -> Harmonized:
    """Run a plan over a file; with ``into`` records and rejects are written there, and come back as lazy frames."""
    extract, joining = open_joined(given, plan, companions, ceiling)
    name = plan.mapping.id if plan.wave is None else f"{plan.mapping.id}.{plan.wave.id}"
    tally, keys = Tally(plan), KeyCheck([plan.aliases.get(key, key) for key in plan.key], ceiling.room)
    cells = KeyCheck(cell_key(plan), ceiling.room)
    kept: list[pl.DataFrame] = []
    rejected: list[pl.DataFrame] = []
    with ExitStack() as stack:
        records = (
            stack.enter_context(records_writer(into / f"{name}.records.parquet", codes_of(plan))) if into else None
        )
        rejects = stack.enter_context(records_writer(into / f"{name}.rejects.parquet", {})) if into else None
        enums = {BESIDE + column: pl.Enum(codes) for column, codes in codes_of(plan).items()} if into else {}
        filling = Filling(plan, enums)
        later = stack.enter_context(behind())
        done = 0
        for part in stack.enter_context(closing(ahead(parts_of(extract, plan, ceiling.room)))):
            filled = filling.fill(part)
            tally.add_part(filled)
            keys.add(part.numbers, part.text(keys.columns))
            if trail is not None:
                later(partial(traced, trail, filled.everything()))
            later(partial(_take, filled.records, records, kept, cells))
            later(partial(_take, partial(_refused, filled, extract, plan), rejects, rejected))
            done += part.height + part.left_out.height
            ceiling.look()
            if stop.is_set():
                raise KeyboardInterrupt
            if progress is not None:
                progress(done, min(1.0, extract.at() / max(1, extract.size)))
        tally.add_values(filling.values())
        if extract.malformed:
            tally.reject(len(extract.malformed))
            later(partial(_take, partial(malformed_rows, extract, plan), rejects, rejected))
        later(lambda: None).result()  # The thread that writes looks at the cells.
        found += [
            *extract.findings,
            *malformed_lines(extract.name, extract.malformed, extract.mend),
            *companions.findings,
            *joining.findings(),
            *repeated(keys, plan),
            *same_cells(cells.again(), plan),
            *without_rows(extract.name, done + len(extract.malformed)),
        ]
        inputs = [input_of(given, extract), *companions.inputs]
        unread = unread_by(plan, extract.columns)
        result = result_of(plan, tally, found, inputs, unread, extract.codebook, extract.name)
        ceiling.look()
        if records is not None and rejects is not None:
            later(partial(records.close, result.provenance))
            later(partial(rejects.close, result.provenance))
    if into is None:
        return replace(result, records=pl.concat(kept), rejects=pl.concat(rejected))
    write_text(into / f"{name}.run.json", run_json(result))
    write_text(into / f"{name}.coverage.csv", coverage_csv(result.coverage))
    return replace(
        result,
        records=pl.scan_parquet(into / f"{name}.records.parquet", glob=False),
        rejects=pl.scan_parquet(into / f"{name}.rejects.parquet", glob=False),
    )


def _refused(filled: FilledPart, extract: Extract, plan: Plan) -> pl.DataFrame:
    return with_line(filled.rejects(shown(extract.columns, plan)))


def _take(
    made: Callable[[], pl.DataFrame],
    writer: RecordsWriter | None,
    kept: list[pl.DataFrame],
    cells: KeyCheck | None = None,
) -> None:
    frame = made()
    if cells is not None:
        cells.add(pl.int_range(frame.height, eager=True), frame)
    if writer is not None:
        writer.add(frame)
    else:
        kept.append(frame)
