"""The country of a source: what it is called, its territories, and the divisions that its codebook names."""

import re

from migstat.read.area_names import area_names
from migstat.read.codelists import codelist
from migstat.read.vocabulary import vocabulary
from migstat.words.plain_words import plain, words
from migstat.work.draft.answers import Country
from migstat.work.draft.columns import Column

ENDING = "(?:e?s|os?|as?|er?|en)?"
"""Endings of a nationality: mexicano, mexicana, mexicanas; deutsche; the stem is what files of names have."""


def country_of(area: str, columns: list[Column]) -> Country:
    """Return what the country is called, its territories, and the divisions that the codebook names."""
    said = vocabulary()
    regions = [column for column in columns if len(column.labels) > 2 and _is_of_divisions(column)]
    parts = frozenset(plain(one.label) for column in regions for one in column.labels)
    areas = codelist("CL_COUNTRY_BIRTH")
    if area not in areas:
        # A part of the world, or the world, is nobody's country: what means the country itself stays open.
        return Country(parts=parts)
    territories = frozenset(code.id for code in areas if code.attributes.get("citizenship") == area and code.id != area)
    names = [name for id in (area, *territories) for name in areas[id].names.values()]
    more = [*(areas[area].attributes.get(key, "") for key in ("iso2", "iso3")), *_nationals(area)]
    plain_names = frozenset(word for name in (*names, *more) for word in words(name)) - said.other
    english = tuple(areas[id].names["en"] for id in sorted(territories))
    return Country(area, plain_names, territories, english, parts)


def _is_of_divisions(column: Column) -> bool:
    """Say whether a column is of the divisions of the country, and not of where people were born or lived."""
    said = column.said("REGION", vocabulary())
    others = ("COUNTRY_BIRTH", "CITIZENSHIP", "COUNTRY_PREVIOUS", "COUNTRY_RESID_1Y", "COUNTRY_RESID_5Y")
    return said >= 0.75 and said > max(column.said(one, vocabulary()) for one in others)


def home_of(area: str) -> re.Pattern[str] | None:
    """Return what finds the names of a country in a plain label."""
    if not area:
        return None
    named = [one for one in area_names() if one.areas == (area,) and one.kind in ("name", "alias", "nationality")]
    found = {(plain(one.text), one.kind == "nationality") for one in named if len(plain(one.text)) > 1}
    forms = [
        re.escape(name.removesuffix("o")) + ENDING if of_people else re.escape(name)
        for name, of_people in sorted(found, key=lambda one: (-len(one[0]), one))
    ]
    return re.compile(rf"\b(?:{'|'.join(forms)})\b") if forms else None


def _nationals(area: str) -> list[str]:
    """Return what the people of a country are called: mexicano and mexicana."""
    named = [one for one in area_names() if one.areas == (area,) and one.kind in ("nationality", "alias")]
    women = [f"{one.text[:-1]}a" for one in named if one.kind == "nationality" and one.text.endswith("o")]
    return [*(one.text for one in named), *women]
