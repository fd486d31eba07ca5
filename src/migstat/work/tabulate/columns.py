"""Columns: what stands in every table, and which column of the records fills a dimension."""

from collections.abc import Collection

from migstat.words.codelist import Codelist
from migstat.words.finding import Place
from migstat.words.structure import Structure

CALL = Place("tabulate")
DEFINITION = "DEFINITION"
MIGRANT = "MIGRANT"
MEASURE = "MEASURE"
VARIABLE = "VARIABLE"
UNIT = "UNIT_MEASURE"
VALUE = "OBS_VALUE"
CONTEXT = ("REF_AREA", "TIME_PERIOD", "SOURCE_TYPE")
"""What the source says of all its records: always in the table."""
ALWAYS = (*CONTEXT, "FREQ", DEFINITION, MIGRANT, MEASURE, VARIABLE, UNIT)
FILLED_FROM = {"ARRIVAL_PERIOD": ("YEAR_ARRIVAL",)}
"""Dimensions that are a class of a number with another name."""


def source(id: str, structure: Structure, table: Structure, columns: Collection[str]) -> str:
    """Name the column of the records that fills a dimension: a class derived from it, else itself; empty for none.

    A dimension of ages is filled by the component that classes AGE by the same codelist, where the records have it.
    """
    classed = [c.id for c in structure.components if c.derived_from == id and c.codelist == table[id].codelist]
    able = (*classed, id, *FILLED_FROM.get(id, ()))
    return next((column for column in able if column in columns and column in structure), "")


def dimensions(table: Structure) -> list[str]:
    """Return the ids of the dimensions, in order."""
    return [component.id for component in table.with_role("dimension")]


def kinds(codelist: Codelist, code: str) -> tuple[str, ...]:
    """Return what the codelist's columns ``kind`` and ``level`` call a code."""
    attributes = codelist[code].attributes
    return tuple(attributes[name] for name in ("kind", "level") if attributes.get(name))
