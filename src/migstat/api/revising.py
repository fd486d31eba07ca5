"""Revisions and sensitivity: the same flows as known at several days, and by several rules of residence."""

import os
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from migstat.api.flowing import flows, listed, provenance_of
from migstat.api.residence_facts import end_of_observation
from migstat.api.residing import reside
from migstat.words.finding import misuse
from migstat.words.resided import Resided
from migstat.words.residence import ResidenceRule, residence_rule
from migstat.words.table import Table
from migstat.work.reside.periods import first_day, last_day


def revisions(
    source: Any,
    vintages: Sequence[str | date],
    rule: str | ResidenceRule = "12/16",
    *,
    period: str = "month",
    by: str | Sequence[str] = (),
    definition: str | None = None,
    initial: Any = "inferred",
    statuses: Any = None,
    area: str | None = None,
) -> pl.DataFrame:
    """Return the flows of each period as they were known at each of several days: the revision triangle, long.

    At a vintage only crossings up to that day are known, and what they leave open is unknown. REVISION is the value
    less that of the vintage before; it is null where the period had not begun. The rest is as in ``reside`` and
    ``flows``.

    >>> crossings = pl.DataFrame({"PERSON_ID": ["a"], "DIRECTION": ["ARR"], "CROSSING_DATE": ["2021-03-01"]})
    >>> triangle = revisions(crossings, ["2021-12-31", "2022-12-31"], period="year", area="NZL")
    >>> triangle.filter(FLOW="IMM").select("VINTAGE", "TIME_PERIOD", "OBS_VALUE", "REVISION").rows()
    [('2021-12-31', '2021', 0.0, None), ('2022-12-31', '2021', 1.0, 1.0)]
    """
    days = sorted({end_of_observation(day, None) or _no_vintage() for day in vintages})
    if not days:
        raise misuse("no vintage is named", "name days, such as 2022-12-31", place="revisions")
    keys = ["TIME_PERIOD", "FLOW", *listed(by)]
    tables = [
        _judged(source, rule, period, by, definition, area, until=day, initial=initial, statuses=statuses)
        for day in days
    ]
    whole = _side_by_side({str(day): table for day, table in zip(days, tables, strict=True)}, "VINTAGE", keys)
    # A period that had not begun is not known as zero.
    known = whole.filter(first_day(pl.col("TIME_PERIOD")) <= pl.col("VINTAGE").str.to_date())
    names = {str(a): str(b) for a, b in pairwise(days)}
    following = pl.col("VINTAGE").replace_strict(names, default=None, return_dtype=pl.String)
    before = known.select(*keys, following, pl.col("OBS_VALUE").alias("_before"))
    joined = known.join(before, on=[*keys, "VINTAGE"], how="left", maintain_order="left")
    revision = (pl.col("OBS_VALUE") - pl.col("_before")).alias("REVISION")
    return joined.select("VINTAGE", *keys, "OBS_VALUE", "OBS_STATUS", revision)


def sensitivity(
    source: Any,
    rules: Sequence[str | ResidenceRule] = ("12/16", "9/12", "6/12"),
    *,
    until: str | date | None = None,
    period: str = "year",
    by: str | Sequence[str] = (),
    initial: Any = "inferred",
    statuses: Any = None,
    area: str | None = None,
) -> pl.DataFrame:
    """Return the flows of each period by several rules of residence, each with its difference from the first rule.

    DIFFERENCE is the value less that of the first rule, which is zero where it has no such cell; PERCENT is it in per
    cent of that one.

    >>> crossings = pl.DataFrame({"PERSON_ID": ["a", "a"], "DIRECTION": ["ARR", "DEP"],
    ...     "CROSSING_DATE": ["2021-03-01", "2021-10-01"]})
    >>> rules = sensitivity(crossings, ["12/16", "6/12"], until="2023-12-31", area="NZL")
    >>> rules.filter(FLOW="IMM").select("RULE", "OBS_VALUE", "DIFFERENCE").rows()
    [('365/487 days', 0.0, 0.0), ('183/365 days', 1.0, 1.0)]
    """
    read = list(dict.fromkeys(residence_rule(rule) if isinstance(rule, str) else rule for rule in rules))
    if not read:
        raise misuse("no rule is named", "name rules, such as 12/16 and 9/12", place="sensitivity")
    tables = [
        _judged(source, rule, period, by, None, area, until=until, initial=initial, statuses=statuses) for rule in read
    ]
    keys = ["TIME_PERIOD", "FLOW", *listed(by)]
    whole = _side_by_side({str(rule): table for rule, table in zip(read, tables, strict=True)}, "RULE", keys)
    first = whole.filter(pl.col("RULE") == str(read[0])).select(*keys, pl.col("OBS_VALUE").alias("_first"))
    joined = whole.join(first, on=keys, how="left", maintain_order="left")
    difference = pl.col("OBS_VALUE") - pl.col("_first")
    percent = pl.when(pl.col("_first") != 0).then(100 * difference / pl.col("_first"))
    return joined.select(
        "RULE", *keys, "OBS_VALUE", "OBS_STATUS", difference.alias("DIFFERENCE"), percent.alias("PERCENT")
    )


def _side_by_side(tables: Mapping[str, Table], name: str, keys: Sequence[str]) -> pl.DataFrame:
    """Stack tables, with a column that names them. A cell that only another table has is zero in this one."""
    narrow: dict[str, pl.DataFrame] = {
        one: table.frame.select(*keys, "OBS_VALUE", "OBS_STATUS") for one, table in tables.items()
    }
    cells = pl.concat([frame.select(keys) for frame in narrow.values()]).unique(maintain_order=True)
    order = cells.select("TIME_PERIOD").unique().sort("TIME_PERIOD").with_row_index("_order")
    cells = (
        cells.join(order, on="TIME_PERIOD", maintain_order="left").sort("_order", maintain_order=True).drop("_order")
    )
    parts = []
    for one, frame in narrow.items():
        until = tables[one].metadata.get("until", "open")
        over = pl.lit(True) if until == "open" else last_day(pl.col("TIME_PERIOD")) <= date.fromisoformat(until)
        status = pl.coalesce("OBS_STATUS", pl.when(over).then(pl.lit("A")).otherwise(pl.lit("P")))
        joined = cells.join(frame, on=keys, how="left", maintain_order="left")
        parts.append(joined.with_columns(pl.lit(one).alias(name), pl.col("OBS_VALUE").fill_null(0.0), status))
    return pl.concat(parts)


def _judged(
    source: Any,
    rule: str | ResidenceRule,
    period: str,
    by: str | Sequence[str],
    definition: str | None,
    area: str | None,
    **more: Any,
) -> Table:
    """Judge crossings anew, and count them."""
    if isinstance(source, Resided):
        source = source.crossings
    if not isinstance(source, str | os.PathLike):
        return flows(
            reside(source, rule, **more), period=period, by=by, definition=definition, area=area, parents=False
        )
    with TemporaryDirectory(prefix="migstat-") as folder:
        run = reside(source, rule, into=folder, **more)
        return flows(run, period=period, by=by, definition=definition, area=area, parents=False)


def _no_vintage() -> date:
    raise misuse("a vintage is a day, and never open", "name days, such as 2022-12-31", place="revisions")


def compare_flows(
    resided: str | os.PathLike[str], *, rules: Sequence[str] = (), vintages: Sequence[str] = (), **more: Any
) -> pl.DataFrame:
    """Return the flows of a file that ``reside`` wrote by several rules, or as known at several days.

    Its crossings are judged anew, up to the day on which observation ended when they were judged first. Those that were
    set aside then are not in it.
    """
    for day in vintages:
        try:
            date.fromisoformat(day)
        except ValueError:
            raise misuse(f"vintage '{day}' is no day", "write it as 2023-12-31", place="flows") from None
    facts = provenance_of(resided)
    initial, end = facts.get("initial", "inferred"), facts.get("until", "open")
    if rules:
        if more.pop("definition", None) is not None:
            mend = "drop it: what a move is follows from each rule"
            raise misuse("a definition goes with one rule, and several are compared", mend, place="flows")
        return sensitivity(resided, rules, until=end, initial=initial, **more)
    if end != "open" and (late := [day for day in vintages if day > end]):
        what = f"the crossings were judged until {end}, and {', '.join(late)} is later"
        raise misuse(what, "judge them until the last vintage: migstat reside --until DAY", place="flows")
    return revisions(resided, vintages, facts.get("rule", "12/16"), initial=initial, **more)
