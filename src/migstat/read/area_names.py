"""Names and codes of areas in: from the codelists of areas, and from the tables in codelists/names."""

from collections.abc import Iterator
from functools import cache

from migstat.read.codelists import codelist
from migstat.words.area_name import AreaLetters, AreaName


@cache
def area_names() -> tuple[AreaName, ...]:
    """Return every spelling of every area.

    >>> next(one.codes for one in area_names() if one.text == "Noruega")
    ('NOR',)
    """
    return tuple(_of_codelists())


@cache
def area_letters() -> tuple[AreaLetters, ...]:
    """Return every code of every area, in each system of codes.

    >>> next(one.codes for one in area_letters() if (one.system, one.text) == ("ISO2", "NO"))
    ('NOR',)
    """
    return tuple(_letters())


def _of_codelists() -> Iterator[AreaName]:
    for id in ("CL_AREA", "CL_AREA_HIST"):
        for code in codelist(id):
            kind = code.attributes["kind"]
            if kind == "missing":
                continue
            for language, name in code.names.items():
                what = "not a country" if kind == "region" else "name"
                yield AreaName(name, (code.id,), what, frozenset({language}))


def _letters() -> Iterator[AreaLetters]:
    for code in codelist("CL_AREA"):
        if code.attributes["kind"] == "country":
            yield AreaLetters("ISO3", code.id, (code.id,))
            yield AreaLetters("ISO2", code.attributes["iso2"], (code.id,))
            yield AreaLetters("M49", code.attributes["numeric"], (code.id,))
    for code in codelist("CL_AREA_HIST"):
        for system, column in (("ISO3", "iso3"), ("ISO2", "iso2"), ("M49", "m49")):
            if code.attributes[column]:
                yield AreaLetters(system, code.attributes[column], (code.id,))
