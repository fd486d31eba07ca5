"""Estimate flows from stocks, net migration from two censuses, and the indices of a table of flows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from migstat.api.bilateral import by_area, column_of, frame_from, numbers, square, totals_only
from migstat.read.codelists import codelist
from migstat.read.structures import structure
from migstat.words.finding import Finding, Misuse, Place, Severity, misuse
from migstat.words.table import Table
from migstat.work.flows_from_stocks import METHODS, SOURCES, estimate
from migstat.work.migration_indices import Index
from migstat.work.migration_indices import migration_indices as indices_of
from migstat.work.net_migration import net_migration as by_survival
from migstat.work.tabulate.arrange import arranged

BIRTH = ("COUNTRY_BIRTH", "birth", "origin")
RESIDENCE = ("REF_AREA", "residence", "destination")
VALUE = ("OBS_VALUE", "stock", "value")
RESIDUAL = ("_T", "_U", "_N", "_O", "_X", "_Z")
SHORT = {"drop": "stock difference drop", "reverse": "stock difference reverse"}


def flows_from_stocks(
    first: Any,
    second: Any,
    *,
    births: Any = None,
    deaths: Any = None,
    natives: Any = None,
    method: str = "open",
    seed: Any = None,
    weight: float = 0.87,
    period: str = "",
    leave_out: bool = False,
) -> Table:
    """Estimate flows between areas from two stocks by birthplace and residence, as a MIGRATION_FLOW table.

    ``first`` and ``second`` are tables, files or frames with COUNTRY_BIRTH, REF_AREA and OBS_VALUE; the native-born
    are the cells in which both are equal, or come from ``natives``: two mappings ``{area: native-born}``, of the first
    and the second date. ``births`` and ``deaths`` between both dates are ``{area: number}``, a file or a frame.
    ``method`` is ``open`` (demographic accounting; the default), ``open-down``, ``closed``, ``pseudo-Bayesian``,
    ``stock difference drop`` or ``stock difference reverse``; the table's metadata cites the paper of each. ``seed``
    is a frame of pairs (COUNTRY_PREVIOUS, COUNTRY_NEXT, OBS_VALUE), such as inverse distances, that moves follow.

    People of unknown birthplace, and regions, belong to no pair: they are refused, or with ``leave_out`` left out,
    with the amount in ``findings``. Births above the native-born and deaths above the stock are errors there. Every
    figure is an estimate (OBS_STATUS E) of fewest moves: return and repeated moves within the period are not seen.

    >>> before = {"COUNTRY_BIRTH": ["A", "A", "B"], "REF_AREA": ["A", "B", "B"], "OBS_VALUE": [90, 10, 50]}
    >>> after = {"COUNTRY_BIRTH": ["A", "A", "B"], "REF_AREA": ["A", "B", "B"], "OBS_VALUE": [80, 20, 50]}
    >>> table = flows_from_stocks(pl.DataFrame(before), pl.DataFrame(after))
    >>> table.frame.filter(COUNTRY_BIRTH="_T").select("COUNTRY_PREVIOUS", "COUNTRY_NEXT", "OBS_VALUE").rows()
    [('A', 'B', 10.0)]
    """
    method = SHORT.get(method, method)
    if method not in METHODS:
        raise misuse(f"there is no method {method!r}", f"write one of {', '.join(METHODS)}", component="method")
    if not 0 <= weight <= 1:
        raise misuse(f"weight {weight:g} is not a share", "write a number from 0 to 1", component="weight")
    given = _births_and_deaths(method, births, deaths)
    frames, left = zip(*(_stock(one, name) for one, name in ((first, "first"), (second, "second"))), strict=True)
    findings = _left_out(left, leave_out)
    areas = sorted({area for frame in frames for name in ("birth", "residence") for area in frame[name]})
    stocks = [
        square(frame, "birth", "residence", "value", areas, f"the {name} stock")
        for frame, name in zip(frames, ("first", "second"), strict=True)
    ]
    for stock, own in zip(stocks, natives or (), strict=bool(natives)):
        np.fill_diagonal(stock, by_area(own, areas, "natives"))
    _same_natives(stocks, areas)
    found = estimate(
        stocks[0],
        stocks[1],
        by_area(births, areas, "births"),
        by_area(deaths, areas, "deaths"),
        areas,
        method=method,
        seed=None if seed is None else _seed(seed, areas),
        weight=weight,
    )
    frame = _flows(found.flows, areas, period)
    metadata = {
        "published": "flows from stocks",
        "method": method,
        "method_source": SOURCES[method],
        "births_and_deaths": given,
        "areas": len(areas),
        "outside": {area: value for area, value in zip(areas, found.outside.tolist(), strict=True) if value == value},
        "notes": [
            "Estimates of the fewest moves that turn one stock into the other: who left and came back between both "
            "dates, or moved on within the areas, is not seen.",
            "'outside' is, by birthplace, who must have come from beyond the areas (above zero) or gone there.",
            *([] if given or method.startswith("stock") else ["No births and deaths: natural change counts as moves."]),
        ],
    }
    made = structure("MIGRATION_FLOW")
    return Table(arranged(frame, made, codelist), made, metadata, (*findings, *found.findings))


def net_migration(cohorts: Any) -> pl.DataFrame:
    """Return net migration of cohorts by survival ratios: forward, reverse, and their mean.

    ``cohorts`` has a row a cohort, with FIRST and SECOND (its people at two censuses) and SURVIVAL (the share that
    lives from one to the other); further columns stay. After United Nations, Manual VI (1970).
    """
    frame = frame_from(cohorts, "the cohorts")
    for name in ("FIRST", "SECOND", "SURVIVAL"):
        frame = numbers(frame, column_of(frame, (name,), "the cohorts"), "the cohorts")
    wrong = frame.filter(~pl.col("SURVIVAL").is_between(0, 1, closed="right"))
    if wrong.height:
        what = f"{wrong.height:,} survival ratios are not above 0 and at most 1"
        raise misuse(what, "give the share that survives, such as 0.95", component="SURVIVAL")
    return by_survival(frame)


def migration_indices(flows: Any, population: Any = None) -> tuple[Index, ...]:
    """Return the indices of a table of flows: intensity, impact on settlement, and connectivity, each with its source.

    ``flows`` has an origin and a destination (COUNTRY_PREVIOUS and COUNTRY_NEXT, or orig and dest) and OBS_VALUE (or
    flow). ``population`` is ``{area: people}``, a file or a frame; without it the rates are None.
    """
    frame = frame_from(flows, "the flows")
    frame = totals_only(frame, ("COUNTRY_PREVIOUS", "COUNTRY_NEXT"))
    origin = column_of(frame, ("COUNTRY_PREVIOUS", "orig", "origin"), "the flows")
    next = column_of(frame, ("COUNTRY_NEXT", "dest", "destination"), "the flows")
    value = column_of(frame, ("OBS_VALUE", "flow"), "the flows")
    frame = frame.with_columns(pl.col(origin, next).cast(pl.String))
    frame = numbers(frame, value, "the flows").filter(~pl.col(origin).is_in(RESIDUAL), ~pl.col(next).is_in(RESIDUAL))
    areas = sorted({*frame[origin], *frame[next]})
    if len(areas) < 3:
        raise misuse(f"there are {len(areas)} areas", "indices need flows between three areas or more")
    people = None if population is None else by_area(population, areas, "population")
    if people is not None and (people <= 0).any():
        lacking = ", ".join(area for area, one in zip(areas, people, strict=True) if one <= 0)
        raise misuse(f"no population is given for {lacking}", "give people of every area", component="population")
    return indices_of(square(frame, origin, next, value, areas, "the flows"), people)


def _births_and_deaths(method: str, births: Any, deaths: Any) -> list[str]:
    given = [name for name, one in (("births", births), ("deaths", deaths)) if one is not None]
    if method.startswith("stock difference") and given:
        mend = "drop them, or take method='open'"
        raise misuse(f"{method} takes no account of {' and '.join(given)}", mend, component=given[0])
    return given


def _stock(source: Any, name: str) -> tuple[pl.DataFrame, list[tuple[str, float]]]:
    """Return the pairs of areas of a stock, and what belongs to no pair: unknown and residual codes, and regions."""
    what = f"the {name} stock"
    frame = totals_only(frame_from(source, what), ("COUNTRY_BIRTH",))
    birth, residence, value = (column_of(frame, names, what) for names in (BIRTH, RESIDENCE, VALUE))
    frame = numbers(frame, value, what).select(
        pl.col(birth).cast(pl.String).alias("birth"),
        pl.col(residence).cast(pl.String).alias("residence"),
        pl.col(value).alias("value"),
    )
    if frame.filter(pl.col("value") < 0).height:
        raise misuse(f"{what} has people below zero", "give counts of people", component=value)
    frame = frame.filter(pl.col("birth") != "_T")
    regional = pl.col("birth").str.starts_with("M49_") | pl.col("birth").is_in(RESIDUAL)
    regions = pl.col("residence").str.starts_with("M49_")
    outside = frame.filter(regional, ~regions).group_by("birth").agg(pl.col("value").sum()).sort("birth")
    pairs = frame.filter(~regional, ~regions)
    absent = pairs.filter(pl.col("value").is_null()).height
    lost = [("without a value", float(absent))] if absent else []
    return pairs.drop_nulls("value"), [*outside.filter(pl.col("value") > 0).rows(), *lost]


def _left_out(left: Sequence[list[tuple[str, float]]], allowed: bool) -> list[Finding]:
    findings = []
    for name, parts in zip(("first", "second"), left, strict=True):
        if parts:
            told = ", ".join(f"{code} {value:,.6g}" for code, value in parts[:8])
            what = f"the {name} stock has people of no one country of birth, or cells without a value: {told}"
            mend = "share them out by countries yourself, or leave them out: leave_out=True (--leave-out)"
            severity = Severity.WARNING if allowed else Severity.ERROR
            where = Place("flows_from_stocks")
            findings.append(Finding(where, "COUNTRY_BIRTH", what, "" if allowed else mend, severity, rule="residual"))
    if findings and not allowed:
        raise Misuse(findings)
    return findings


def _same_natives(stocks: Sequence[np.ndarray], areas: Sequence[str]) -> None:
    lacking = [
        area
        for index, area in enumerate(areas)
        if not stocks[0][index, index] and not stocks[1][index, index] and stocks[0][:, index].sum()
    ]
    if lacking:
        told = ", ".join(lacking[:8]) + (f" and {len(lacking) - 8} more" if len(lacking) > 8 else "")
        mend = "give natives=(first, second), or cells in which COUNTRY_BIRTH is REF_AREA"
        raise misuse(f"no native-born are given for {told}", mend, component="natives")


def _seed(seed: Any, areas: Sequence[str]) -> np.ndarray:
    frame = frame_from(seed, "the seed")
    origin = column_of(frame, ("COUNTRY_PREVIOUS", "orig", "origin"), "the seed")
    next = column_of(frame, ("COUNTRY_NEXT", "dest", "destination"), "the seed")
    value = column_of(frame, ("OBS_VALUE", "seed"), "the seed")
    frame = numbers(frame, value, "the seed").filter(pl.col(origin).is_in(areas), pl.col(next).is_in(areas))
    return square(frame, origin, next, value, areas, "the seed")


def _flows(flows: np.ndarray, areas: Sequence[str], period: str) -> pl.DataFrame:
    """Return the cells: every birthplace's flows, and their totals (_T); pairs without a move have no row."""
    total = flows.sum(axis=0, keepdims=True)
    made = pl.concat(_cells(part, births, areas) for part, births in ((flows, areas), (total, ["_T"])))
    return made.with_columns(
        pl.col("REF_AREA").alias("COUNTRY_NEXT"),
        TIME_PERIOD=pl.lit(period or "_Z"),
        DEFINITION=pl.lit("_Z"),
        FLOW=pl.lit("IMM"),
        UNIT_MEASURE=pl.lit("PS"),
        OBS_STATUS=pl.lit("E"),
        SOURCE_TYPE=pl.lit("ESTIMATE"),
    )


def _cells(flows: np.ndarray, births: Sequence[str], areas: Sequence[str]) -> pl.DataFrame:
    birth, origin, next = np.nonzero(flows)
    named = {"COUNTRY_BIRTH": (births, birth), "COUNTRY_PREVIOUS": (areas, origin), "REF_AREA": (areas, next)}
    codes = {id: pl.Series(list(listed), dtype=pl.String).gather(at) for id, (listed, at) in named.items()}
    return pl.DataFrame({**codes, "OBS_VALUE": flows[birth, origin, next]})
