"""Schemes of codes for areas that a codelist knows beside its own: ISO 3166 and the numbers of M49."""

from collections.abc import Iterator

from migstat.words.codelist import Code, Codelist
from migstat.words.finding import Place
from migstat.words.mapping_rule import Line

SCHEMES = ("iso3", "iso2", "m49")
KINDS = ("country", "former")
"""A code that a former State shares with a State of today means the State of today."""


def scheme_lines(codelist: Codelist, scheme: str, place: Place) -> Iterator[Line]:
    """Yield a line for each spelling of a scheme, capitals and small letters, numbers with and without their zeros."""
    met: set[str] = set()
    for kind in KINDS:
        for code in codelist:
            if code.attributes.get("kind") != kind:
                continue
            for value in _spellings(code, scheme):
                if value not in met:
                    met.add(value)
                    yield Line((value,), code.id, place)


def _spellings(code: Code, scheme: str) -> tuple[str, ...]:
    text = code.attributes.get(scheme, "")
    if scheme == "iso3" and not text and len(code.id) == 3:
        text = code.id
    if not text:
        return ()
    return (text, text.lstrip("0")) if scheme == "m49" else (text, text.lower())
