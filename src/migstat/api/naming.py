"""Codelists, structures and definitions by their ids."""

from functools import cache

from migstat.read import codelists, definitions, structures
from migstat.read.codelists import groups, members
from migstat.words.codelist import Codelist
from migstat.words.definition import Definition
from migstat.words.structure import Structure


def codelist(id: str) -> Codelist:
    """Return a codelist; raise with the nearest id where there is none of that name.

    >>> codelist("CL_AREA").label("NAM", "es")
    'Namibia'
    """
    return codelists.codelist(id)


def codelist_ids() -> tuple[str, ...]:
    """Return the ids of all codelists."""
    return codelists.codelist_ids()


def structure(id: str) -> Structure:
    """Return a structure; raise with the nearest id where there is none of that name.

    >>> structure("CENSUS_PERSON")["SEX"].codelist
    'CL_SEX'
    """
    return structures.structure(id)


def structure_ids() -> tuple[str, ...]:
    """Return the ids of all structures."""
    return structures.structure_ids()


def definition(id: str) -> Definition:
    """Return a definition of who counts as a migrant, with its source document.

    >>> definition("FOREIGN_BORN").reads
    ('COUNTRY_BIRTH', 'REF_AREA')
    """
    return definitions.definition(id)


def definition_ids() -> tuple[str, ...]:
    """Return the ids of all definitions."""
    return definitions.definition_ids()


@cache
def unknown_pairs() -> frozenset[tuple[str, str]]:
    """Return the pairs of area codes of which it cannot be said whether they are one area: a whole and its part.

    A former state and its successors; a region and its countries; a group, such as a union of states, and whoever ever
    was its member. Someone born in the USSR and living in Latvia may or may not have been born abroad.
    """
    pairs = set()
    for code in codelist("CL_AREA_HIST"):
        pairs |= {(code.id, part) for part in code.attributes.get("terminal_successors", "").replace("|", " ").split()}
    areas = codelist("CL_COUNTRY_BIRTH")
    for code in areas:
        pairs |= {(code.id, part) for part in areas.descendants(code.id)}
    pairs |= {(group, area) for group in groups() for area in members(group)}
    return frozenset(pairs)
