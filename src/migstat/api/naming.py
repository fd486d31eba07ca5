"""Codelists, structures and definitions by their ids, and what hangs on them."""

from functools import cache
from typing import Any

import narwhals as nw

from migstat.read import codelists, definitions, structures
from migstat.words.codelist import Codelist
from migstat.words.definition import Definition
from migstat.words.structure import Structure
from migstat.work.derive import derive as derived
from migstat.work.pandera_schema import structure_schema


def codelist(id: str) -> Codelist:
    """Return a codelist.

    >>> codelist("CL_AREA").label("NAM", "es")
    'Namibia'
    """
    return codelists.codelist(id)


def codelist_ids() -> tuple[str, ...]:
    """Return the ids of all codelists."""
    return codelists.codelist_ids()


def structure(id: str) -> Structure:
    """Return a structure.

    >>> structure("CENSUS_PERSON")["SEX"].codelist
    'CL_SEX'
    """
    return structures.structure(id)


def definition(id: str) -> Definition:
    """Return a definition of who counts as a migrant, with its source document.

    >>> definition("FOREIGN_BORN").reads
    ('COUNTRY_BIRTH', 'REF_AREA')
    """
    return definitions.definition(id)


def schema(structure_id: str, backend: str = "polars") -> Any:
    """Return a pandera schema of a structure, built from its codelists; its user needs only pandera.

    ``backend`` is "polars" or "pandas".
    """
    return structure_schema(structure(structure_id), backend, codelist)


def derive(records: Any, definition_id: str, structure_id: str = "SURVEY_PERSON") -> Any:
    """Return the records with one more column, named as the definition: Y, N, _U unknown, or _Z not applicable."""
    frame = nw.from_native(records)
    found = derived(frame, definition(definition_id), structure(structure_id), unknown_pairs())
    return found.to_native()


@cache
def unknown_pairs() -> frozenset[tuple[str, str]]:
    """Return the pairs of area codes of which it cannot be said whether they are one area: a whole and its part.

    A former state and its successors; a region and its countries. Someone born in the USSR and living in Latvia may or
    may not have been born abroad.
    """
    pairs = set()
    for code in codelists.codelist("CL_AREA_HIST"):
        pairs |= {(code.id, part) for part in code.attributes.get("terminal_successors", "").replace("|", " ").split()}
    areas = codelists.codelist("CL_COUNTRY_BIRTH")
    for code in areas:
        pairs |= {(code.id, part) for part in areas.descendants(code.id)}
    return frozenset(pairs)
