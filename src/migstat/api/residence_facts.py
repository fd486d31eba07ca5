"""What is asked of a judgement of residence, read and checked, and the account that is given of it."""

import json
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from migstat import __version__
from migstat.api.crossing_sources import check_columns, open_plain
from migstat.api.plain_columns import check_plain
from migstat.read.codelists import codelist
from migstat.read.damage import undamaged
from migstat.read.structures import structure
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.resided import Resided, Share
from migstat.work.reside import Asked
from migstat.write.run import finding_facts

RESIDENT, SINCE = "RESIDENT_BEFORE", "RESIDENT_BEFORE_DATE"
PERSON, DATE = "PERSON_ID", "CROSSING_DATE"


def visits_of_purposes() -> dict[str, bool]:
    """Say of each purpose of travel whether it is a visit in the sense of 1998; of others it is not known."""
    purposes = {code.id: code.attributes.get("visit", "") for code in codelist("CL_PURPOSE")}
    return {id: visit == "1" for id, visit in purposes.items() if visit}


def end_of_observation(until: str | date | None, last: date | None) -> date | None:
    """Return the day on which observation ends, None for never."""
    if until is None:
        return last
    if isinstance(until, str):
        if until == "open":
            return None
        try:
            return date.fromisoformat(until)
        except ValueError:
            raise misuse(f"until '{until}' is no day", "write it as 2023-12-31, or open") from None
    return until.date() if isinstance(until, datetime) else until


def read_statuses(source: Any) -> pl.DataFrame:
    """Read statuses before the first crossing: one row a person, Y or N, perhaps with a day."""
    with TemporaryDirectory(prefix="migstat-") as scratch, undamaged(source):
        opened = open_plain(source, Path(scratch)).collect()
        columns = [name for name in (PERSON, RESIDENT, SINCE) if name in opened.columns]
        check_columns(opened.columns, "statuses", (PERSON, RESIDENT))
        check_plain(opened.schema, columns, "statuses")
        frame = opened.select(columns).with_columns(pl.col(RESIDENT).cast(pl.String))
    faults: list[Finding] = []
    twice = int(frame[PERSON].is_duplicated().sum())
    if twice:
        what = "a person stands more than once"
        faults.append(Finding(Place("statuses"), PERSON, what, "leave one row a person", rows=twice))
    codes = ["Y", "N", "_U", "_N", "_X", "_Z"]
    wrong = frame.filter(~pl.col(RESIDENT).is_in(codes).fill_null(True)).height
    if wrong:
        what, mend = "the status is not Y or N", "write Y for a resident, N for none, _U where it is not known"
        faults.append(Finding(Place("statuses"), RESIDENT, what, mend, rows=wrong))
    if SINCE in columns and frame.schema[SINCE] != pl.Date:
        text = pl.col(SINCE).cast(pl.String)
        dated = frame.with_columns(text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False))
        lost = int((dated[SINCE].is_null() & frame[SINCE].is_not_null() & (frame[SINCE].cast(pl.String) != "")).sum())
        if lost:
            faults.append(Finding(Place("statuses"), SINCE, "is no day", "write it as 2023-12-31", rows=lost))
        frame = dated
    if faults:
        raise Misuse(faults)
    return frame


def facts_of(asked: Asked, steps: tuple[Share, ...]) -> dict[str, Any]:
    """Say by what rule crossings were judged, and how many."""
    found = structure("RESIDENCE")
    return {
        "migstat": __version__,
        "structure": f"{found.agency}:{found.id}({found.version})",
        "rule": str(asked.rule),
        "until": "open" if asked.until is None else str(asked.until),
        "initial": asked.initial,
        "statuses": asked.statuses is not None,
        "steps": [
            {"name": one.name, "what": one.what, "rows": one.rows, "persons": one.persons, "weight": one.weight}
            for one in steps
        ],
    }


def residence_json(run: Resided) -> str:
    """Return provenance, counts and findings as JSON text, the same for the same run."""
    facts = {**run.provenance, "ok": run.ok, "findings": [finding_facts(one) for one in run.findings]}
    return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
