"""Reside: crossings of the border, judged by a rule of residence."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, get_args

import polars as pl

from migstat.api.crossing_sources import Crossings, open_crossings, parts_of, spark_frame
from migstat.api.flow import ahead, behind, interruptible
from migstat.api.residence_facts import (
    DATE,
    PERSON,
    end_of_observation,
    facts_of,
    read_statuses,
    residence_json,
    visits_of_purposes,
)
from migstat.read.codelists import codelist
from migstat.read.damage import undamaged
from migstat.read.structures import structure
from migstat.words.finding import Place, misuse
from migstat.words.resided import Resided, Share
from migstat.words.residence import ResidenceRule, residence_rule
from migstat.work.reside import Account, Asked, Initial
from migstat.write.atomic import explained, write_text
from migstat.write.records import records_writer


def reside(
    source: Any,
    rule: str | ResidenceRule = "12/16",
    *,
    until: str | date | None = None,
    initial: Initial = "inferred",
    statuses: Any = None,
    into: str | os.PathLike[str] | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Resided:
    """Judge by the crossings of every person who was a resident, who moved, and when that became final.

    ``source`` holds crossings as BORDER_CROSSING has them: PERSON_ID, CROSSING_DATE and DIRECTION (ARR, DEP) at least.
    It is the path of a Parquet or CSV file, a run of ``harmonize``, or a pandas, Polars, PyArrow, DuckDB or Spark
    frame, which comes back as its own kind. With ``into``, a folder, the result is written there part by part, and
    comes back as lazy frames over the files: memory holds about a million crossings, however many there are.

    ``rule`` is V in W: "12/16" for 365 in 487 days, "9/12", "6/12", "365/487 days", or "12/16 months" for calendar
    months. Observation ends on the day ``until``; later crossings are left out, and what is open then is unknown.
    Left out it is the day of the last crossing, and a finding says so; "open" takes a last stay to last a whole window.
    A person's status before the first crossing is RESIDENT_BEFORE (Y, N), there or in ``statuses``, a file or frame of
    PERSON_ID, RESIDENT_BEFORE and perhaps RESIDENT_BEFORE_DATE. Where nothing says it, or it is
    not stated, it is ``initial``: inferred (who first leaves was a resident) or unknown; _U says that it is unknown.

    All crossings of a person with a fault are in ``rejects`` with ``_why``, and the fault is a finding.

    >>> crossings = pl.DataFrame({
    ...     "PERSON_ID": ["a", "b", "b"], "DIRECTION": ["ARR", "ARR", "DEP"],
    ...     "CROSSING_DATE": ["2021-03-01", "2021-03-01", "2021-05-01"]})
    >>> run = reside(crossings, until="2022-12-31")
    >>> run.crossings["FLOW"].to_list()
    ['IMM', '_Z', '_Z']
    """
    found = residence_rule(rule) if isinstance(rule, str) else rule
    if initial not in get_args(Initial):
        raise misuse(f"initial is '{initial}'", "write inferred or unknown")
    asked = Asked(found, None, initial, visits_of_purposes(), None if statuses is None else read_statuses(statuses))
    if (frame := spark_frame(source)) is not None:
        from migstat.api.residing_spark import reside_on_spark  # only here: it needs pyspark

        if into is not None:
            raise misuse("into= goes with a file, not with a Spark frame", "write run.crossings yourself")
        return reside_on_spark(frame, asked, until)
    with undamaged(source):
        return interruptible(lambda stop: _reside(source, asked, until, into, progress, stop))


def _reside(
    source: Any,
    asked: Asked,
    until: str | date | None,
    into: str | os.PathLike[str] | None,
    progress: Callable[[int, float], None] | None,
    stop: Event,
) -> Resided:
    with ExitStack() as stack:
        beside = None if into is None else Path(into)
        if beside is not None:
            with explained(beside):
                beside.mkdir(parents=True, exist_ok=True)
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix=".migstat-", dir=beside)))
        crossings = open_crossings(source, scratch)
        seen = crossings.frame.select(pl.len(), pl.col(DATE).max().alias("last")).collect(engine="streaming")
        rows, last = seen.row(0)
        asked = _of_these(asked, crossings, until, last)
        account = Account()
        files = _files(beside, crossings.name)
        codes = _codes(crossings)
        writers = [stack.enter_context(records_writer(path, codes if at == 0 else {})) for at, path in enumerate(files)]
        kept: list[list[pl.DataFrame]] = [[], []]
        later = stack.enter_context(behind())
        done = 0
        for part, share in ahead(parts_of(crossings.frame, rows, scratch)):
            for at, made in enumerate(account.judge(part, asked)):
                if writers:
                    later(partial(writers[at].add, _plain(made, codes)))
                else:
                    kept[at].append(made)
            done += part.height
            if stop.is_set():
                raise KeyboardInterrupt
            if progress is not None:
                progress(done, share)
        place = Place(crossings.name)
        findings = (*crossings.findings, *account.findings(place, asked, last if until is None else None))
        provenance = _provenance(crossings, asked, account.steps())
        for writer in writers:
            later(partial(writer.close, provenance))
    result = Resided(asked.rule, asked.until, None, None, findings, account.steps(), provenance)
    if beside is None:
        whole = [crossings.like(pl.concat(side, how="vertical_relaxed")) for side in kept]
        return replace(result, crossings=whole[0], rejects=whole[1])
    write_text(beside / f"{crossings.name}.residence.json", residence_json(result))
    return replace(
        result, crossings=pl.scan_parquet(files[0], glob=False), rejects=pl.scan_parquet(files[1], glob=False)
    )


def _files(folder: Path | None, name: str) -> list[Path]:
    return (
        [] if folder is None else [folder / f"{name}.residence.parquet", folder / f"{name}.residence.rejects.parquet"]
    )


def _of_these(asked: Asked, crossings: Crossings, until: str | date | None, last: date | None) -> Asked:
    statuses = asked.statuses
    if statuses is not None:
        person = crossings.frame.collect_schema()[PERSON]
        statuses = statuses.with_columns(pl.col(PERSON).cast(person, strict=False))
    return replace(asked, until=end_of_observation(until, last), statuses=statuses)


def _codes(crossings: Crossings) -> dict[str, list[str]]:
    """Return the codes of the columns that hold nothing else: those the room adds, and all where we made the source."""
    ours = crossings.provenance.get("structure", "").startswith("MIGSTAT:BORDER_CROSSING(")
    there = crossings.frame.collect_schema().names() if ours else []
    own = [c for c in structure("RESIDENCE").components if c.coded and (c.id in there or c.id in _added())]
    return {component.id: list(codelist(component.codelist).ids) for component in own}


def _added() -> set[str]:
    return set(structure("RESIDENCE").ids) - set(structure("BORDER_CROSSING").ids)


def _plain(made: pl.DataFrame, codes: dict[str, list[str]]) -> pl.DataFrame:
    """Return categories that are no codes of ours as text: their categories differ from part to part."""
    others = [name for name, type in made.schema.items() if isinstance(type, pl.Categorical | pl.Enum)]
    return made.with_columns(pl.col(name).cast(pl.String) for name in others if name not in codes)


def _provenance(crossings: Crossings, asked: Asked, steps: tuple[Share, ...]) -> dict[str, Any]:
    """Say what was judged and by what. No time, no path: the same input gives the same bytes."""
    return facts_of(asked, steps) | {
        "name": crossings.name,
        "inputs": crossings.inputs(),
        "records": crossings.provenance,
    }
