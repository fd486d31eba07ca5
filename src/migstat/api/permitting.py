"""Permits: how many persons were first permitted to stay, changed their reason, or held a permit on a day."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.plain_columns import check_kind
from migstat.api.tabulating import prepared, tabulate
from migstat.read.codelists import codelist
from migstat.read.damage import undamaged
from migstat.read.structures import structure
from migstat.words.finding import Finding, Misuse, Place
from migstat.words.how_many import how_many
from migstat.words.table import Table
from migstat.work.permits.history import History, history
from migstat.work.permits.persons import EVENTS, in_years, on_days

CALL = Place("permits")
NEEDED = ("PERSON_ID", "PERMIT_REASON", "VALID_FROM", "VALID_TO")
DAYS = ("VALID_FROM", "VALID_TO", "ISSUE_DATE", "END_DATE")
READ = (*NEEDED, "REF_AREA", "SOURCE_TYPE", "VALID_TO_MISSING", "PERMIT_EVENT", "ISSUE_DATE", "END_DATE", "MIG_STATUS",
        "CITIZENSHIP", "SEX", "AGE", "AGE_GROUP", "WEIGHT")  # fmt: skip


def permits(
    records: Any,
    *,
    count: str | Sequence[str] = "first",
    years: int | Sequence[int] = (),
    at: str | datetime.date | Sequence[str | datetime.date] = (),
    by: str | Sequence[str] = ("PERMIT_REASON",),
    same_reason: bool = True,
    gap: int = 6,
) -> Table:
    """Count persons with permits to reside, and not documents, as a table of the structure PERMITS.

    ``records`` are of RESIDENCE_PERMIT: a run of ``harmonize``, the path of its records, or a frame. ``count`` is
    ``first`` (persons first permitted in a year), ``change`` (persons whose main reason changed in a year), ``valid``
    (persons who hold a permit on the days ``at``), or several. ``years`` limits the first two. ``by`` names dimensions:
    PERMIT_REASON, CITIZENSHIP, SEX, AGE, DURATION (3T5M, 6T11M, GE12M).

    A first permit begins ``gap`` calendar months or more after the last one for the same main reason ended, or with
    ``same_reason=False`` after the last one at all (the older wording). Permits of less than three calendar months,
    refusals, temporary protection and the country's own citizens are left out and counted in
    ``metadata["permits"]``, and so are permits of which an unstated reason leaves open whether they are first ones.
    A person is counted once in a year, with the earliest such permit, and once on a day, with the permit that began
    last: our choice. Source: Regulation (EC) No 862/2007 and Eurostat's metadata of residence permits.
    """
    asked = [count] if isinstance(count, str) else list(count)
    listed = by.split(",") if isinstance(by, str) else list(by)
    wanted = (years,) if isinstance(years, int) else tuple(years)
    frame, provenance, _ = prepared(records, "RESIDENCE_PERMIT")
    columns = nw.from_native(frame).collect_schema().names()
    days = _checked(asked, columns, [at] if isinstance(at, str | datetime.date) else list(at), gap)
    if isinstance(frame, pl.LazyFrame | pl.DataFrame):
        check_kind(frame.collect_schema(), DAYS, "dates", "permits")
    with undamaged(records):
        given = nw.from_native(frame).select(id for id in READ if id in columns).lazy().collect("polars").to_native()
    reasons = codelist("CL_PERMIT_REASON")
    found = history(given, {code.id: code.parent or code.id for code in reasons}, same_reason=same_reason, gap=gap)
    parts = [on_days(found.permits, days) if one == "valid" else in_years(found.permits, one, wanted) for one in asked]
    table = _tabulated(pl.concat(parts), [one.strip() for one in listed if one.strip()], provenance)
    told = _told(found, asked, same_reason, gap)
    metadata = {**table.metadata, "unit": "person", "permits": told,
                "notes": [*table.metadata["notes"], *_notes(told)]}  # fmt: skip
    return replace(table, metadata=metadata)


def _tabulated(persons: pl.DataFrame, by: list[str], provenance: Any) -> Table:
    """Tabulate persons; each event is a flow or a stock of its own, so that they have no total."""
    table = structure("PERMITS")
    parts: list[Table] = []
    for event in persons["PERMIT_EVENT"].unique(maintain_order=True).to_list() or ["FIRST"]:
        some = persons.filter(PERMIT_EVENT=event).drop("PERMIT_EVENT")
        made = tabulate(some, definition=[], by=by, into=table, structure_id="RESIDENCE_PERMIT")
        named = pl.lit("EU_FIRST_PERMIT" if event == "FIRST" else "_Z")
        order = made.frame.columns
        frame = made.frame.with_columns(pl.lit(event).alias("PERMIT_EVENT"), named.alias("DEFINITION"),
                                        pl.lit("PS").alias("UNIT_MEASURE")).select(order)  # fmt: skip
        parts.append(replace(made, frame=frame))
    whole = pl.concat([part.frame for part in parts])
    return replace(parts[0], frame=whole, metadata={**parts[0].metadata, "provenance": provenance})


def _checked(asked: Sequence[str], columns: Sequence[str], at: Sequence[Any], gap: int) -> tuple[datetime.date, ...]:
    """Return the days, or raise Misuse with everything that is wrong with the call."""
    faults = [
        Finding(CALL, id, f"the records have no {id}", "hand in records of RESIDENCE_PERMIT, with a rule for it")
        for id in NEEDED
        if id not in columns
    ]
    for one in asked:
        if one not in EVENTS:
            faults.append(Finding(CALL, "count", f"count: {one} is not known", "one of " + ", ".join(EVENTS)))
    days = []
    for day in at:
        try:
            days.append(day if isinstance(day, datetime.date) else datetime.date.fromisoformat(day))
        except ValueError:
            faults.append(Finding(CALL, "at", f"at: {day} is not a day", "write it as 2023-12-31"))
    if ("valid" in asked) != bool(at):
        what = (
            "count: valid has no day" if "valid" in asked else "at: a day is named, and count: valid is not asked for"
        )
        faults.append(Finding(CALL, "at", what, 'write count="valid", at="2023-12-31"'))
    if gap < 0:
        faults.append(Finding(CALL, "gap", f"gap: {gap} is below 0", "write a number of months, such as 6"))
    if faults:
        raise Misuse(faults)
    return tuple(days)


def _told(found: History, asked: Sequence[str], same_reason: bool, gap: int) -> dict[str, Any]:
    permits = found.permits
    return {
        "count": list(asked),
        "same_reason": same_reason,
        "gap_months": gap,
        "permits": permits.height,
        "persons": permits["PERSON_ID"].n_unique(),
        "left_out": found.left_out,
        "first_unknown": int((permits["FIRST_PERMIT"] == "_U").sum()),
        "not_dated_by_issue": int(permits["ISSUE_DATE"].null_count()),
    }


def _notes(told: dict[str, Any]) -> list[str]:
    notes = ["Persons, not documents: each counts once in a year or on a day.",
             "A permit that ended before the records begin is not seen: the next looks like a first one."]  # fmt: skip
    notes += [
        f"{how_many(rows, 'record is', 'records are')} left out: {why}." for why, rows in told["left_out"].items()
    ]
    if told["first_unknown"] and "first" in told["count"]:
        notes.append(f"Of {how_many(told['first_unknown'], 'permit')} it is unknown whether "
                     f"{'it is' if told['first_unknown'] == 1 else 'they are'} among first ones, "
                     "because a reason is not stated; they are not counted.")  # fmt: skip
    if told["not_dated_by_issue"]:
        notes.append(
            f"{how_many(told['not_dated_by_issue'], 'permit has', 'permits have')} "
            f"no date of issue: their first day of validity counts."
        )
    return notes
