"""The migration profile of an area, out of tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from migstat.api.combining import named_tables
from migstat.read.codelists import codelist
from migstat.words.finding import misuse
from migstat.words.profile import Profile
from migstat.work.profiling import Look, indicators


def profile(
    tables: Mapping[str, Any] | Sequence[Any],
    *,
    area: str | None = None,
    period: str | None = None,
    population: float | None = None,
) -> Profile:
    """Return the indicators of a migration profile of one area and period, each with its source and definition.

    ``tables`` are stocks and flows, or the Parquet files of such. Stock by birth and by citizenship with their shares
    of the population, sex and age, the first five origins, arrivals, departures, net migration and its rate,
    naturalised, refugees, asylum seekers, students, and employment of foreign- and native-born aged 15 to 64. What the
    tables do not have is ``not in your data``, with what is lacking; nothing is guessed. The choice of indicators is
    ours (general knowledge, after the Global Compact for Migration, Objective 1).

    ``area`` and ``period`` are needed where the tables have several.

    >>> import migstat as ms
    >>> run = ms.harmonize("examples/usa_acs_2018/extract/csv_p00.zip", "examples/usa_acs_2018/mapping.yaml")
    >>> made = profile([ms.tabulate(run, by=["COUNTRY_BIRTH", "SEX"])])
    >>> made["ARRIVALS"].gap
    'not in your data: no table has FLOW IMM'
    """
    if population is not None and not 0 < population < math.inf:
        raise misuse(f"a population of {population:g}", "write how many people live there", component="population")
    named = named_tables(tables)
    areas = sorted({str(one) for table in named.values() for one in table.frame["REF_AREA"].unique()})
    chosen = _one(areas, area, "area")
    periods = sorted(
        {one for table in named.values() for one in table.frame.filter(REF_AREA=chosen)["TIME_PERIOD"].unique()}
    )
    at = _one(periods, period, "period")
    return Profile(chosen, at, indicators(Look(named, chosen, at, population, codelist)))


def _one(found: list[str], asked: str | None, what: str) -> str:
    if asked is not None and asked not in found:
        raise misuse(f"no table has the {what} {asked}", f"name one of {', '.join(found[:20])}", component=what)
    if asked is None and len(found) != 1:
        told = f"{len(found)} {what}s" if found else f"no {what}"
        raise misuse(f"the tables have {told}", f"name one: {', '.join(found[:20])}", component=what)
    return asked or found[0]


def profile_frame(made: Profile) -> pl.DataFrame:
    """Return a profile as a frame, an indicator a row."""
    return pl.DataFrame([{"area": made.area, **asdict(one)} for one in made.indicators], infer_schema_length=None)
