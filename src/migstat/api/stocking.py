"""Stocks: residents at the end of each period, from a stock at the start and the flows since."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.plain_columns import plain_frame
from migstat.api.plain_files import frame_of_file
from migstat.api.residence_facts import end_of_observation
from migstat.read.codelists import codelist
from migstat.read.structures import structure
from migstat.words.finding import Finding, Misuse, Place, Severity, misuse
from migstat.words.missing import NOT_APPLICABLE, TOTAL, UNKNOWN
from migstat.words.structure import Structure
from migstat.words.table import Table
from migstat.work.reside.periods import first_day, last_day
from migstat.work.reside.stock import follow_stock
from migstat.work.tabulate.arrange import arranged

CALL = Place("stock")
CHANGES = {
    "AGE": "people grow older between two stocks",
    "COUNTRY_PREVIOUS": "a stock has no previous country",
    "COUNTRY_NEXT": "a stock has no next country",
    "DURATION": "the time since arrival grows between two stocks",
}
"""Dimensions of flows by which a stock cannot be followed, with the reason."""


def stock(initial: Any, flows: Table, *, at: str | date | None = None) -> Table:
    """Return the stock at the end of each period: the initial one, and what came in and went out since.

    ``initial`` is a number, or a file, frame or table with OBS_VALUE and the dimensions that the flows are by, such as
    CITIZENSHIP and SEX; ``at`` is its day, where its TIME_PERIOD does not say it, and must be the last of a period.
    Flows before that day are left out. Births, deaths and changes of citizenship are not in it. Totals and parents of a
    codelist are followed where the initial stock has them.

    A stock is provisional (OBS_STATUS P) from the first provisional flow on. One below zero is a finding.

    >>> from migstat.api import flows, reside
    >>> crossings = pl.DataFrame({"PERSON_ID": ["a"], "DIRECTION": ["ARR"], "CROSSING_DATE": ["2021-03-01"]})
    >>> moved = flows(reside(crossings, until="2022-12-31"), period="year", area="NZL")
    >>> stock(1000, moved, at="2020-12-31").frame.select("TIME_PERIOD", "OBS_VALUE").rows()
    [('2020-12-31', 1000.0), ('2021-12-31', 1001.0)]
    """
    table = structure("MIGRANT_STOCK")
    if "NET" not in flows.frame["FLOW"].to_list() and flows.frame.height:
        raise misuse("the flows have no difference of in and out", "count flows by a definition of both", place="stock")
    frame: pl.DataFrame = flows.frame
    varied = [id for id in flows.metadata.get("by", ()) if id != "FLOW"]
    faults = [
        Finding(CALL, id, f"the flows are by {id}, and {CHANGES.get(id, 'a stock has no such dimension')}", "drop it")
        for id in varied
        if id in CHANGES or id not in table
    ]
    start = _initial(initial, varied, faults)
    day = _day(start, at, faults)
    if faults or day is None:
        raise Misuse(faults)
    _at_an_end(frame, day)
    for id in varied:
        frame = frame.filter(~pl.col(id).is_in(_sums(start, frame, table, id)))
    found = follow_stock(start.select(*varied, "OBS_VALUE"), frame, varied, day)
    made = found.with_columns(
        REF_AREA=pl.lit(_area(frame, start)),
        DEFINITION=pl.lit(NOT_APPLICABLE),
        MIGRANT=pl.lit(TOTAL),
        UNIT_MEASURE=pl.lit("PS"),
    )
    below = found.filter(pl.col("OBS_VALUE") < 0).height
    findings = []
    if below:
        what, mend = "the stock is below zero: more people left than were there", "look at the initial stock"
        findings.append(Finding(CALL, "OBS_VALUE", what, mend, Severity.WARNING, "negative", rows=below))
    metadata = {
        "at": str(day),
        "flows": {key: flows.metadata[key] for key in ("rule", "until", "definition") if key in flows.metadata},
        "notes": ["Initial stock and net migration; births, deaths and changes of citizenship are not in it."],
        "provenance": flows.metadata.get("provenance", {}),
    }
    return Table(arranged(made, table, codelist), table, metadata, tuple(findings))


def _area(flows: pl.DataFrame, start: pl.DataFrame) -> str:
    areas = sorted({area for one in (flows, start) if "REF_AREA" in one.columns for area in one["REF_AREA"].to_list()})
    if len(areas) > 1:
        what = f"flows and initial stock are of several areas: {', '.join(areas)}"
        raise misuse(what, "follow the stock of one area", place="stock", component="REF_AREA")
    return areas[0] if areas else UNKNOWN


def _sums(start: pl.DataFrame, frame: pl.DataFrame, table: Structure, id: str) -> list[str]:
    """Return the codes that are sums of others and have no stock at the start, where they would begin with none."""
    codes = codelist(table[id].codelist)
    met = {*start[id].to_list(), *frame[id].to_list()}
    above = {parent for code in met if code in codes for parent in codes.ancestors(code)}
    return sorted((above | {TOTAL}) - set(start[id].to_list()))


def _initial(initial: Any, by: Sequence[str], faults: list[Finding]) -> pl.DataFrame:
    """Return the initial stock with the dimensions of ``by``; a number is the stock of everyone."""
    if isinstance(initial, int | float):
        return pl.DataFrame({**{id: [TOTAL] for id in by}, "OBS_VALUE": [float(initial)]})
    if isinstance(initial, Table):
        initial = initial.frame
    if isinstance(initial, str | os.PathLike):
        initial = frame_of_file(Path(initial), "there is no such file", "name a CSV or Parquet file with OBS_VALUE")
    given = plain_frame(initial, "the initial stock", [*by, "OBS_VALUE"], ["OBS_VALUE"])
    frame: pl.DataFrame = nw.from_native(given).lazy().collect("polars").to_native()
    lacking = [id for id in (*by, "OBS_VALUE") if id not in frame.columns]
    for id in lacking:
        faults.append(Finding(CALL, id, f"the initial stock has no {id}", f"add it, or count flows without {id}"))
    if lacking:
        return pl.DataFrame({**{id: [TOTAL] for id in by}, "OBS_VALUE": [0.0]})
    everyone = {"MIGRANT": TOTAL, "DEFINITION": NOT_APPLICABLE}
    for id, code in everyone.items():
        if id in frame.columns and (frame[id] == code).any():
            frame = frame.filter(pl.col(id) == code)
    texts = [pl.col(id).cast(pl.String) for id in by]
    number = pl.col("OBS_VALUE").cast(pl.Float64, strict=False)
    kept = frame.with_columns(*texts, pl.when(number.is_finite()).then(number).alias("OBS_VALUE"))
    if kept["OBS_VALUE"].null_count():
        faults.append(Finding(CALL, "OBS_VALUE", "is no number", "write a number", rows=kept["OBS_VALUE"].null_count()))
    twice = int(kept.select(by).is_duplicated().sum()) if by else kept.height - 1
    if twice > 0:
        what = "the initial stock has several rows of the same people"
        faults.append(Finding(CALL, "", what, f"leave one row for each of {', '.join(by) or 'all'}", rows=twice))
    return kept


def _day(start: pl.DataFrame, at: str | date | None, faults: list[Finding]) -> date | None:
    if at is not None:
        return end_of_observation(at, None)
    days = start["TIME_PERIOD"].unique().to_list() if "TIME_PERIOD" in start.columns else []
    if len(days) == 1 and len(str(days[0])) == 10:
        return end_of_observation(str(days[0]), None)
    faults.append(
        Finding(CALL, "TIME_PERIOD", "the day of the initial stock is not said", "name it: at 2020-12-31, say")
    )
    return None


def _at_an_end(flows: pl.DataFrame, day: date) -> None:
    """Refuse a day in the midst of a period: a flow cannot be cut."""
    period = pl.col("TIME_PERIOD")
    inside = flows.filter((first_day(period) <= day) & (last_day(period) > day))
    if inside.height:
        what = f"the initial stock of {day} lies within {inside['TIME_PERIOD'][0]}, whose flow cannot be cut"
        raise misuse(what, "take the stock at the end of a period, or count flows by month", place="stock")
