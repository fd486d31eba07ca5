"""Flows: moves counted by period and kind of people, by a definition, provisional or final."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.frames import frame_of
from migstat.api.plain_columns import check_kind, check_plain, plain_frame
from migstat.api.tabulating import tabulate
from migstat.read.codelists import codelist
from migstat.read.damage import undamaged
from migstat.read.definitions import definition as read_definition
from migstat.read.footer import read_provenance, scan_parquet
from migstat.read.mappings.faults import nearest
from migstat.read.structures import structure
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.missing import NOT_APPLICABLE
from migstat.words.resided import Resided
from migstat.words.table import Table
from migstat.work.reside.flows import cells_of_flows
from migstat.work.reside.moves import BY_RULE, BY_STAY, moves
from migstat.work.reside.periods import LENGTHS
from migstat.work.tabulate.arrange import arranged

NEEDED = ("PERSON_ID", "CROSSING_DATE", "DIRECTION", "FLOW", "WAS_RESIDENT", "STAY_CLASS", "STAY_BASIS")
CALL = Place("flows")


def flows(
    resided: Any,
    *,
    period: str = "month",
    by: str | Sequence[str] = (),
    definition: str | None = None,
    levels: Mapping[str, int | str | Sequence[int | str]] | None = None,
    totals: bool = True,
    parents: bool = True,
    groups: Mapping[str, str | Sequence[str]] | None = None,
    area: str | None = None,
) -> Table:
    """Count immigration, emigration and their difference by period, and the crossings of which it is not known yet.

    ``resided`` is what ``reside`` gave back, the path of its file, or its frame of crossings. ``period`` is year,
    quarter or month; ``by`` names dimensions of MIGRATION_FLOW, such as ``["CITIZENSHIP", "SEX", "AGE"]``.
    Ages are those on the day of the move. ``area`` is the reporting area, where the crossings do not say it.

    ``definition`` says what a move is: NZ_12_16 or V_IN_W, which is what the rule of residence found and the default;
    UN_LONG_TERM_12M, UN_SHORT_TERM_3_12M or UN_VISITOR by how long the stay lasted; EU_IMMIGRANT_862 or EU_EMIGRANT_862
    by how long it lasted or is expected to.

    The flows IMM_U and EMI_U are arrivals and departures of which it is not known whether they are moves. A value is
    provisional (OBS_STATUS P) where such crossings may still be added to it or the period was not over when observation
    ended, else final (A). A person who moves twice in a period is counted twice.

    >>> crossings = pl.DataFrame({
    ...     "PERSON_ID": ["a", "b"], "DIRECTION": ["ARR", "ARR"], "CROSSING_DATE": ["2021-03-01", "2022-11-01"]})
    >>> from migstat.api.residing import reside
    >>> table = flows(reside(crossings, until="2022-12-31"), period="year", area="NZL")
    >>> table.frame.select("TIME_PERIOD", "FLOW", "OBS_VALUE", "OBS_STATUS").rows()[:3]
    [('2021', 'IMM', 1.0, 'A'), ('2021', 'EMI', 0.0, 'A'), ('2021', 'NET', 1.0, 'A')]
    """
    frame, facts = _crossings(resided)
    asked = listed(by)
    rule = str(facts.get("rule", ""))
    id = _definition(definition, rule)
    if period not in LENGTHS:
        raise misuse(f"the period '{period}' is not known", "write year, quarter or month", place="flows")
    columns = frame.collect_schema().names()
    frame = _in_area(frame, columns, area)
    with undamaged(resided):
        made = tabulate(
            moves(frame, id, period).to_native(),
            definition=(),
            by=["FLOW", *(one for one in asked if one != "FLOW")],
            levels=levels,
            totals=totals,
            parents=parents,
            groups=groups,
            into=structure("MIGRATION_FLOW"),
            structure_id=_aged(columns),
        )
    until = None if facts.get("until") in (None, "open") else date.fromisoformat(facts["until"])
    dimensions = [component.id for component in made.structure.with_role("dimension")]
    cells = cells_of_flows(made.frame, dimensions, id, until).with_columns(
        DEFINITION=pl.lit(id),
        UNIT_MEASURE=pl.lit("PS"),
        AGE_DEF=pl.lit("COMPLET" if "AGE" in asked else NOT_APPLICABLE),
        STAT_CONC_DEF=pl.lit(_concept(id, rule, facts)),
    )
    told = {key: facts[key] for key in ("rule", "until", "initial") if key in facts}
    metadata = made.metadata | told | {
        "definition": {"id": id, "text": read_definition(id).text, "source": read_definition(id).source},
        "notes": _notes(id, facts.get("until")),
        "provenance": facts,
    }  # fmt: skip
    return Table(arranged(cells, made.structure, codelist), made.structure, metadata, made.findings)


def listed(by: str | Sequence[str]) -> list[str]:
    """Return the names of dimensions, whether they came as a list or as text with commas."""
    return [part.strip() for part in by.split(",") if part.strip()] if isinstance(by, str) else list(by)


def provenance_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return how a file of ``reside`` was made, or raise Misuse where it is none."""
    named = Path(path)
    if not named.is_file():
        raise misuse("there is no such file", "name a .residence.parquet file that reside wrote", place=named.name)
    facts = read_provenance(named) if named.suffix == ".parquet" else {}
    if not str(facts.get("structure", "")).startswith("MIGSTAT:RESIDENCE(") or "rejects" in named.name:
        mend = "judge the crossings first: migstat reside CROSSINGS --into FOLDER"
        raise misuse("is not a file of residence", mend, place=named.name)
    return facts


def _crossings(resided: Any) -> tuple[Any, dict[str, Any]]:
    """Return what ``reside`` made as a narwhals frame, and how it was made."""
    if isinstance(resided, Resided):
        frame, facts = resided.crossings, resided.provenance
    elif isinstance(resided, str | os.PathLike):
        facts = provenance_of(resided)
        frame = scan_parquet(resided)
        schema = frame.collect_schema()
        check_plain(schema, schema, Path(resided).name)
        check_kind(schema, ["CROSSING_DATE"], "dates", Path(resided).name)
    else:
        frame, facts = resided, {}
    wrapped = frame_of(plain_frame(frame, "the crossings"))
    columns = wrapped.collect_schema().names()
    if lacking := [name for name in NEEDED if name not in columns]:
        what = f"the crossings have no {', '.join(lacking)}"
        raise Misuse([Finding(CALL, lacking[0], what, "judge them first: ms.reside(crossings)")])
    if not facts and "RESIDENCE_RULE" in columns:
        first = wrapped.select("RESIDENCE_RULE").lazy().head(1).collect("polars").to_native()["RESIDENCE_RULE"]
        facts = {"rule": str(first[0])} if first.len() else {}
    native = nw.to_native(wrapped)
    if type(native).__module__.startswith("pyspark.") or isinstance(native, pl.LazyFrame):
        return _dated(wrapped, columns), facts
    whole = wrapped.to_polars() if isinstance(wrapped, nw.DataFrame) else wrapped.collect("polars").to_native()
    return _dated(nw.from_native(whole), columns), facts


def _dated(frame: Any, columns: Sequence[str]) -> Any:
    """Read dates of birth that are text; what is no day is an age that is not known."""
    if "BIRTH_DATE" not in columns or frame.collect_schema()["BIRTH_DATE"] != nw.String:
        return frame
    native = nw.to_native(frame)
    if isinstance(native, pl.LazyFrame | pl.DataFrame):
        day = pl.col("BIRTH_DATE").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        return nw.from_native(native.with_columns(day))
    from pyspark.sql import functions as f

    return nw.from_native(native.withColumn("BIRTH_DATE", f.try_to_timestamp("BIRTH_DATE").cast("date")))


def _definition(definition: str | None, rule: str) -> str:
    if definition is None:
        return "NZ_12_16" if rule == "365/487 days" else "V_IN_W"
    known = (*BY_RULE, *BY_STAY)
    if definition not in known:
        read_definition(definition)
        what = f"{definition} does not tell moves from crossings"
        raise misuse(what, nearest(definition, known), place="flows", component="DEFINITION")
    if definition in ("NZ_12_16", "AU_12_16") and rule not in ("365/487 days", "12/16 months", ""):
        what = f"{definition} is 12 months in 16, and residence was judged by {rule}"
        raise misuse(what, "judge it by 12/16, or name V_IN_W", place="flows", component="DEFINITION")
    return definition


def _in_area(frame: Any, columns: Sequence[str], area: str | None) -> Any:
    if area is not None:
        if area not in codelist("CL_AREA"):
            raise misuse(f"there is no area {area}", nearest(area, codelist("CL_AREA").ids), place="flows")
        return frame.with_columns(nw.lit(area).alias("REF_AREA"))
    if "REF_AREA" not in columns:
        what = "the crossings do not say whose border it is"
        raise misuse(what, "name the reporting area: --area NZL, or area='NZL'", place="flows", component="REF_AREA")
    return frame


def _aged(columns: Sequence[str]) -> Any:
    """Return the structure of the records; a class of ages that is not there leaves the age itself."""
    found = structure("RESIDENCE")
    kept = tuple(one for one in found.components if one.id != "AGE_GROUP" or "AGE_GROUP" in columns)
    return replace(found, components=kept)


def _concept(id: str, rule: str, facts: Mapping[str, Any]) -> str:
    text = f"{read_definition(id).text} Residence by {rule or 'a rule that is not known'}"
    return f"{text}, observed until {facts['until']}" if "until" in facts else text


def _notes(id: str, until: str | None) -> list[str]:
    notes = ["A person who moves twice in a period is counted twice."]
    if id in BY_STAY:
        notes.append("Stays are without a break; who lived on which side before is by the rule of residence.")
    if until == "open":
        notes.append("Observation is open: a last stay is taken to last.")
    if until is None:
        notes.append("When observation ends is not known, so that a period that is not over is not told.")
    return notes
