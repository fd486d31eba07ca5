"""Codelists, structures and definitions by their ids."""

from functools import cache

from migstat.read import codelists, correspondences, definitions, structures
from migstat.read.codelists import groups, members
from migstat.read.structure_paths import codelist_at, structure_at
from migstat.words.codelist import Codelist
from migstat.words.correspondence import Correspondence
from migstat.words.definition import Definition
from migstat.words.structure import Structure


def codelist(id: str) -> Codelist:
    """Return a codelist that ships, or the one in a file; raise with the nearest id where there is none of that name.

    >>> codelist("CL_AREA").label("NAM", "es")
    'Namibia'
    """
    return codelist_at(id)


def codelist_ids() -> tuple[str, ...]:
    """Return the ids of all codelists."""
    return codelists.codelist_ids()


def structure(id: str) -> Structure:
    """Return a structure that ships, or the one in a file; raise with the nearest id where there is none of that name.

    >>> structure("CENSUS_PERSON")["SEX"].codelist
    'CL_SEX'
    """
    return structure_at(id)


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


def correspondence(id: str) -> Correspondence:
    """Return the codes of others with ours: of Eurostat, OECD, ILO, UNHCR, UN DESA, World Bank or IPUMS International.

    Each pair says how well the two meet and how sure that is; aggregates, which must never be summed with their parts,
    are marked. Raises with the nearest name where there is none of that name.

    >>> pair = correspondence("UNHCR_ORIGIN")["AUS"]
    >>> pair.code, pair.confidence
    ('AUT', 'verified')
    """
    return correspondences.correspondence(id)


def correspondence_ids() -> tuple[str, ...]:
    """Return the names of all correspondences."""
    return correspondences.correspondence_ids()


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
