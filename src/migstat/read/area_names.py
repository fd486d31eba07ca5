"""Names and codes of areas in: from the codelists of areas, and from the tables in codelists/names."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from migstat.read.codelists import codelist, data_folder
from migstat.read.correspondences import correspondence, correspondence_ids
from migstat.read.office_tables import table_rows
from migstat.words.area_name import KINDS, AreaLetters, AreaName
from migstat.words.finding import Finding, MigstatError, Place

TABLES = ("aliases", "cldr", "nationalities", "not_countries")
TARGETS = ("CL_AREA", "CL_COUNTRY_BIRTH", "CL_CITIZENSHIP")
"""A correspondence into one of these lists is a system of codes of areas."""


@cache
def area_names() -> tuple[AreaName, ...]:
    """Return every spelling of every area.

    >>> next(one.areas for one in area_names() if one.text == "Noruega")
    ('NOR',)
    """
    tables = [name for table in TABLES for name in read_area_names(data_folder("codelists") / "names" / f"{table}.csv")]
    return (*_of_codelists(), *_of_the_un(), *tables)


@cache
def area_letters() -> tuple[AreaLetters, ...]:
    """Return every code of every area, in each system of codes.

    >>> next(one.areas for one in area_letters() if (one.system, one.text) == ("FIPS", "CH"))
    ('CHN',)
    """
    return tuple(_letters())


def read_area_names(path: Path) -> tuple[AreaName, ...]:
    """Read a table of names: areas, kind, languages, name; raise with every fault at once."""
    known = {code.id for id in ("CL_AREA", "CL_AREA_HIST") for code in codelist(id)}
    found: list[AreaName] = []
    faults: list[Finding] = []
    for line, row in table_rows(path, ("areas", "kind", "languages", "name")):
        place = Place(path.name, line)
        kind = next((one for one in KINDS if one == row["kind"]), None)
        areas = tuple(row["areas"].split())
        if kind is None:
            what, mend = f"{row['kind']!r} is not a kind of name", f"write one of {', '.join(KINDS)}"
            faults.append(Finding(place, row["name"], what, mend))
            continue
        for area in areas:
            if area not in known:
                what = f"the area {area!r} is neither in CL_AREA nor in CL_AREA_HIST"
                faults.append(Finding(place, row["name"], what, "write codes of these lists, with blanks between"))
        if not areas and kind != "not a country":
            faults.append(Finding(place, row["name"], "names no area", "write its code in the column areas"))
        found.append(AreaName(row["name"], areas, kind, frozenset(row["languages"].split())))
    if faults:
        raise MigstatError(faults)
    return tuple(found)


def _of_codelists() -> Iterator[AreaName]:
    for id in ("CL_AREA", "CL_AREA_HIST"):
        for code in codelist(id):
            match code.attributes["kind"]:
                case "missing":
                    continue
                case "region":
                    for language, name in code.names.items():
                        yield AreaName(name, (), "not a country", frozenset({language}))
                case _:
                    for language, name in code.names.items():
                        yield AreaName(name, (code.id,), "name", frozenset({language}))
    for code in codelist("CL_AREA_GROUP"):
        for language, name in code.names.items():
            yield AreaName(name, (), "not a country", frozenset({language}))


def _of_the_un() -> Iterator[AreaName]:
    areas = codelist("CL_AREA")
    for pair in correspondence("UNDESA_NAME").pairs:
        if pair.match == "exact" and pair.code in areas and areas[pair.code].attributes["kind"] == "country":
            yield AreaName(pair.value, (pair.code,), "alias")


def _letters() -> Iterator[AreaLetters]:
    for code in codelist("CL_AREA"):
        if code.attributes["kind"] == "country":
            yield AreaLetters("ISO3", code.id, (code.id,))
            yield AreaLetters("ISO2", code.attributes["iso2"], (code.id,))
            yield AreaLetters("M49", code.attributes["numeric"], (code.id,))
    for code in codelist("CL_AREA_HIST"):
        yield AreaLetters("ISO3166-3", code.id, (code.id,))
        for system, column in (("ISO3", "iso3"), ("ISO2", "iso2"), ("M49", "m49")):
            if code.attributes[column]:
                yield AreaLetters(system, code.attributes[column], (code.id,))
    for _, row in table_rows(data_folder("codelists") / "names" / "codes.csv", ("system", "code", "area")):
        yield AreaLetters(row["system"], row["code"], tuple(row["area"].split()))
    areas = codelist("CL_COUNTRY_BIRTH")
    for id in correspondence_ids():
        if (found := correspondence(id)).target in TARGETS:
            for pair in found.pairs:
                kind = areas[pair.code].attributes["kind"] if pair.code in areas else ""
                if pair.match == "exact" and kind in ("country", "former"):
                    yield AreaLetters(id, pair.value, (pair.code,))
