"""Signs of life: residents by their activity in several registers, where exits are not recorded."""

import datetime
import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from migstat import __version__
from migstat.api.frames import frame_of
from migstat.api.plain_columns import plain_frame
from migstat.api.plain_files import frame_of_file
from migstat.read.signs import read_signs_rule
from migstat.words.finding import Finding, Misuse, Place, Severity
from migstat.words.signs import Register, SignsOfLife, SignsRule
from migstat.work.signs.index import indices, stock
from migstat.write.rewritten import batches_writer

CALL = Place("signs_of_life")
FAR = pl.date(9999, 12, 31)


def signs_of_life(
    registers: Mapping[str, Any],
    *,
    rule: str | os.PathLike[str] | SignsRule,
    at: str | datetime.date | Sequence[str | datetime.date],
    population: Any = None,
) -> SignsOfLife:
    """Say who is a resident on each day by signs of life in registers, by a rule that is data.

    ``registers`` gives each register of the rule as a frame, or a Parquet or CSV file, with a person and a date, or
    the first and last day of a state. ``rule`` is a YAML file, or the name of one that ships: ``signs-12m``,
    ``residency-index``. ``at`` are the days, in order; of a rule with a memory they lie one window apart, and the
    index is carried from each to the next. ``population`` has the persons to judge; without it, all persons met.

    The result's ``persons`` has a row a person and day: INDEX_LOW and INDEX_HIGH, SIGNS, and RESIDENT (Y, N, or _U
    where a register that is not given or does not cover the window, or the index before the first day, could decide).
    ``stock`` counts them.

    >>> import polars as pl
    >>> tax = pl.DataFrame({"PERSON_ID": ["A", "B"], "DATE": ["2023-05-01", "2021-05-01"]})
    >>> found = signs_of_life({"TAX": tax}, rule="signs-12m", at="2023-12-31")
    >>> found.persons.select("PERSON_ID", "RESIDENT").rows()
    [('A', 'Y'), ('B', '_U')]
    """
    known = rule if isinstance(rule, SignsRule) else read_signs_rule(rule if isinstance(rule, str) else Path(rule))
    days = _checked(known, registers, at)
    faults: list[Finding] = []
    read = {one.id: _events(registers[one.id], one, faults) for one in known.registers if one.id in registers}
    people = _population(population, list(read.values()), faults)
    if faults:
        raise Misuse(faults)
    alone = {id: int(events["PERSON_ID"].null_count()) for id, events in read.items()}
    dateless = {id: int(events["start"].null_count()) for id, events in read.items()}
    persons = indices(people, read, known, days)
    findings = [
        Finding(CALL, one.id, "the register is not given: a sign in it cannot be excluded",
                "hand it in, or take it out of the rule", Severity.WARNING)
        for one in known.registers
        if one.id not in registers
    ]  # fmt: skip
    for what, counts in (("no person", alone), ("no date", dateless)):
        findings += [
            Finding(CALL, id, f"{what}: such rows are no sign", "mend the register", Severity.WARNING, rows=rows)
            for id, rows in counts.items()
            if rows
        ]
    facts = {"rule": known.id, "version": known.version, "persons": people.height, "days": [str(day) for day in days],
             "registers": sorted(read), "standing": known.standing, "source": known.source}  # fmt: skip
    return SignsOfLife(persons, stock(persons), known, tuple(findings), facts)


def _checked(rule: SignsRule, registers: Mapping[str, Any], at: Any) -> list[datetime.date]:
    faults = []
    ids = [one.id for one in rule.registers]
    for id in registers:
        if id not in ids:
            near = difflib.get_close_matches(id, ids, 1)
            mend = f"write {near[0]}" if near else "one of " + ", ".join(ids)
            faults.append(Finding(CALL, id, f"{rule.id} has no register {id}", mend))
    days: list[datetime.date] = []
    for day in [at] if isinstance(at, str | datetime.date) else at:
        try:
            days.append(day if isinstance(day, datetime.date) else datetime.date.fromisoformat(day))
        except ValueError:
            faults.append(Finding(CALL, "at", f"at: {day} is not a day", "write it as 2023-12-31"))
    if not days and not faults:
        faults.append(Finding(CALL, "at", "at: no day is named", 'write at="2023-12-31"'))
    apart = [(later.year - day.year) * 12 + later.month - day.month for day, later in pairwise(days)]
    if any(months <= 0 for months in apart) or (rule.memory and any(months != rule.window for months in apart)):
        what = f"at: the days do not lie {rule.window} months apart" if rule.memory else "at: the days are not in order"
        faults.append(Finding(CALL, "at", what, "name the days in order, one window apart"))
    if faults:
        raise Misuse(faults)
    return days


def _frame(given: Any, id: str, faults: list[Finding]) -> pl.DataFrame | None:
    if not isinstance(given, str | os.PathLike):
        frame: pl.DataFrame = frame_of(plain_frame(given, id)).lazy().collect("polars").to_native()
        return frame
    try:
        return frame_of_file(Path(given), "there is no such file", "name a CSV or Parquet file")
    except Misuse as error:
        faults.extend(replace(one, component=id) for one in error.findings)
        return None


def _events(given: Any, register: Register, faults: list[Finding]) -> pl.DataFrame:
    """Return the person, the first day and the last day of each row of a register."""
    none = pl.DataFrame(schema={"PERSON_ID": pl.String, "start": pl.Date, "end": pl.Date})
    frame = _frame(given, register.id, faults)
    if frame is None:
        return none
    read = [name for name in (register.person, register.date or register.start, register.end) if name]
    lacking = [name for name in read if name not in frame.columns]
    for name in lacking:
        mend = f"name its column in the rule, {register.place}"
        faults.append(Finding(CALL, register.id, f"the register has no column {name}", mend))
    if lacking:
        return none
    if strange := [name for name in read[1:] if frame.schema[name] not in (pl.String, pl.Date, pl.Datetime, pl.Null)]:
        mend = "write days such as 2023-12-31"
        faults.extend(Finding(CALL, register.id, f"the column {name} holds no dates", mend) for name in strange)
        return none
    start = _day(frame, register.date or register.start)
    end = start if register.date else FAR if not register.end else _day(frame, register.end).fill_null(FAR)
    return frame.select(
        pl.col(register.person).cast(pl.String).alias("PERSON_ID"), start.alias("start"), end.alias("end")
    )


def _day(frame: pl.DataFrame, name: str) -> pl.Expr:
    return (
        pl.col(name).str.to_date("%Y-%m-%d", strict=False)
        if frame.schema[name] == pl.String
        else pl.col(name).cast(pl.Date)
    )


def _population(given: Any, read: list[pl.DataFrame], faults: list[Finding]) -> pl.DataFrame:
    if given is None:
        met = pl.concat(
            [events.select("PERSON_ID") for events in read] or [pl.DataFrame(schema={"PERSON_ID": pl.String})]
        )
    else:
        frame = _frame(given, "population", faults)
        if frame is None or "PERSON_ID" not in frame.columns:
            if frame is not None:
                faults.append(
                    Finding(CALL, "population", "the population has no column PERSON_ID", "rename its column")
                )
            return pl.DataFrame(schema={"PERSON_ID": pl.String})
        met = frame.select(pl.col("PERSON_ID").cast(pl.String))
    return met.drop_nulls().unique().sort("PERSON_ID")


def write_signs(found: SignsOfLife, path: str | os.PathLike[str]) -> None:
    """Write who is a resident on which day as a Parquet file, whole or not at all, with the rule in its footer."""
    table = found.persons.to_arrow(compat_level=pl.CompatLevel.oldest())
    with batches_writer(path, table.schema, {"migstat": __version__, "signs_of_life": found.facts}) as add:
        add(table)
