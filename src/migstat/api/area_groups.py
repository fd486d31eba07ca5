"""Groups of areas, such as the European Union, as further rows of a dimension of areas."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import narwhals as nw

from migstat.read.codelists import codelist, members
from migstat.read.mappings.faults import nearest
from migstat.read.structure_paths import codelists_of
from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, Misuse, Place
from migstat.words.structure import Structure

PLACE = Place("groups")


def area_groups(
    wanted: Mapping[str, Sequence[str]], table: Structure, by: Sequence[str], records: Any
) -> dict[str, dict[str, frozenset[str]]]:
    """Return the members of each group, by dimension; raise Misuse for groups that are not known or have no one day.

    A group whose members change is resolved at the first day of the records' period, which must be one.

    >>> import polars as pl
    >>> from migstat.read.structures import structure
    >>> records = pl.DataFrame({"TIME_PERIOD": ["2019"]})
    >>> made = area_groups({"COUNTRY_BIRTH": ["EFTA"]}, structure("MIGRANT_STOCK"), ["COUNTRY_BIRTH"], records)
    >>> sorted(made["COUNTRY_BIRTH"]["EFTA"])
    ['CHE', 'ISL', 'LIE', 'NOR']
    """
    listed = codelist("CL_AREA_GROUP")
    faults: list[Finding] = []
    found: dict[str, dict[str, frozenset[str]]] = {}
    day: date | None = None
    for id, groups in wanted.items():
        codes = codelists_of(table)(table[id].codelist) if id in table and table[id].coded else Codelist(id, ())
        if id not in by:
            faults.append(Finding(PLACE, id, f"groups of {id}, which the table is not by", f"count by {id} too"))
        for group in groups:
            if group not in listed:
                faults.append(Finding(PLACE, id, f"there is no group {group}", nearest(group, listed.ids)))
                continue
            if group not in codes:
                what = f"{codes.id} has no code {group}, so the group has no row"
                faults.append(Finding(PLACE, id, what, "group a dimension of areas, such as COUNTRY_BIRTH"))
                continue
            if listed[group].attributes["membership"] != "fixed" and day is None:
                day = _day(records, group, faults)
                if day is None:
                    continue
            found.setdefault(id, {})[group] = members(group, day)
    if faults:
        raise Misuse(faults)
    return found


def _day(records: Any, group: str, faults: list[Finding]) -> date | None:
    frame = nw.from_native(records).lazy()
    periods = frame.select("TIME_PERIOD").unique().collect("polars")["TIME_PERIOD"].to_list()
    if len(periods) != 1:
        what = f"the members of {group} change, and the records are of {len(periods)} periods"
        faults.append(Finding(PLACE, group, what, "take a composition that does not change, such as EU27_2020"))
        return None
    year, month, day = str(periods[0])[:4], str(periods[0])[5:7], str(periods[0])[8:10]
    if not month.isdigit():
        month = {"Q1": "1", "Q2": "4", "Q3": "7", "Q4": "10", "S1": "1", "S2": "7"}.get(month, "1")
    return date(int(year), int(month), int(day or 1))
