"""What texts of files mean: country names as codes, and the answers of questions."""

import datetime
from collections.abc import Iterable
from functools import cache

from migstat.read.area_names import area_letters, area_names
from migstat.words.country_match import CountryMatch
from migstat.work.names.countries import Index, index, match_country


def country(
    text: str,
    *,
    system: str | None = None,
    language: str | None = None,
    at: datetime.date | None = None,
    least: float = 0.9,
) -> CountryMatch:
    """Say which area a name, a nationality or a code means; a likeness is proposed, never applied.

    >>> country("Noruega").code
    'NOR'
    """
    return match_country(text, _index(), system=system, language=language, at=at, least=least)


def countries(
    texts: Iterable[str],
    *,
    system: str | None = None,
    language: str | None = None,
    at: datetime.date | None = None,
    least: float = 0.9,
) -> list[CountryMatch]:
    """Say of each text which area it means, in the order of the texts; a text met before costs nothing.

    >>> [one.code for one in countries(["Perú", "Chile"])]
    ['PER', 'CHL']
    """
    met: dict[str, CountryMatch] = {}
    for text in (found := list(texts)):
        if text not in met:
            met[text] = country(text, system=system, language=language, at=at, least=least)
    return [met[text] for text in found]


@cache
def _index() -> Index:
    return index(area_names(), area_letters())
