"""The part of a mapping that speaks of a published table: its layout, and the components that it leaves unsaid."""

from collections.abc import Callable
from dataclasses import replace

from migstat.read.mappings.design import numbered
from migstat.read.mappings.faults import Faults
from migstat.read.mappings.source import KINDS
from migstat.read.placed import Placed
from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, MigstatError
from migstat.words.mapping import Mapping, Target
from migstat.words.mapping_rule import Copy, Fixed, Line, Rule
from migstat.words.missing import TOTAL
from migstat.words.published import STATUS, Published
from migstat.words.structure import Component, Structure

Structures = Callable[[str], Structure]
Codelists = Callable[[str], Codelist]

TABLE_KINDS = (*KINDS, "mixed", "estimate")
"""A table may also be made of several sources, or estimated."""
SOURCE_TYPES = {
    "census": "CENSUS",
    "survey": "SURVEY",
    "administrative": "ADMINISTRATIVE",
    "mixed": "MIXED",
    "estimate": "ESTIMATE",
}
KEYS = (
    "value",
    "unpivot",
    "suppressed",
    "missing",
    "thousands",
    "multiply",
    "add",
    "sheet",
    "header",
    "header_rows",
    "vintage",
)
UNSAID = {"DEFINITION": "_Z", "MIGRANT": "Y", "FLOW": "_Z", "UNIT_MEASURE": "PS", "UNIT_MULT": "0", "FREQ": "A"}
"""What a dimension is where no rule says it; every other is a total."""


def published(placed: Placed, faults: Faults) -> Published:
    """Read ``table:``, the layout of a published table."""
    items = faults.keys(placed, KEYS, "table")
    value, into = faults.text(items, "value", "table"), ""
    wide: tuple[str, ...] = ()
    if "unpivot" in items:
        parts = faults.keys(items["unpivot"], ("columns", "into", "value"), "unpivot")
        where = items["unpivot"].place
        mend = "write unpivot: {columns: 2017..2024, into: YEAR, value: PEOPLE}"
        into = faults.text(parts, "into", "unpivot", needed=where, mend=mend)
        value = faults.text(parts, "value", "unpivot", needed=where, mend=mend)
        names = faults.texts(parts.get("columns"), "columns")
        wide = tuple(name for one in names for name in numbered(one, where, faults))
        if not wide:
            faults.add(where, "unpivot names no columns", mend)
    elif not value:
        faults.add(placed.place, "table does not say which column holds its figures", "write table: {value: COLUMN}")
    return Published(
        value,
        placed.place,
        wide,
        into,
        suppressed=faults.texts(items.get("suppressed"), "suppressed"),
        missing=faults.texts(items.get("missing"), "missing"),
        thousands=items["thousands"].text if "thousands" in items else "",
        multiply=faults.number(items, "multiply") or 1.0,
        add=faults.choice(items, "add", ("true", "false", "yes", "no"), "false") in {"true", "yes"},
        sheet=faults.text(items, "sheet", "table"),
        header=faults.text(items, "header", "table"),
        header_rows=faults.whole(items, "header_rows", 1) or 1,
        vintage=faults.text(items, "vintage", "table"),
    )


def known_codelists(into: str, structure: Structures, codelist: Codelists) -> Callable[[str], Codelist | None]:
    """Return what gives the codelist of a component of areas; None for any other."""
    try:
        components = {one.id: one for one in structure(into).components}
    except MigstatError:
        components = {}

    def found(id: str) -> Codelist | None:
        listed = components[id].codelist if id in components else ""
        return codelist(listed) if listed in {"CL_AREA", "CL_COUNTRY_BIRTH", "CL_CITIZENSHIP"} else None

    return found


def completed(mapping: Mapping, structure: Structures) -> Mapping:
    """Add what a published table leaves unsaid: its figures, their status, and totals in the other dimensions.

    Raises MigstatError where ``into`` names no table structure.
    """
    assert mapping.table is not None
    into = structure(mapping.into)
    if into.kind != "table":
        what = f"into: {mapping.into} is a record structure, and the mapping speaks of a published table"
        raise MigstatError([Finding(mapping.place, "into", what, "write into: MIGRANT_STOCK, or another table")])
    unsaid = tuple(
        Target(component.id, rule, mapping.table.place)
        for component in into.components
        if mapping.target(component.id) is None and (rule := _rule(component, mapping, mapping.table)) is not None
    )
    return replace(mapping, targets=(*mapping.targets, *unsaid))


def _rule(component: Component, mapping: Mapping, table: Published) -> Rule | None:
    source, place = mapping.source, table.place
    match component.id:
        case "OBS_VALUE":
            return Copy(table.value, place, (Line(("",), "_U", place),))
        case "OBS_STATUS":
            return Copy(STATUS, place)
        case "REF_AREA":
            return Fixed(source.area, place)
        case "TIME_PERIOD":
            return Fixed(source.period, place)
        case "SOURCE_TYPE":
            return Fixed(SOURCE_TYPES[source.kind], place) if source.kind else None
        case "COVERAGE":
            return Fixed(source.coverage, place) if source.coverage else None
        case id if component.role == "dimension" or id in UNSAID:
            return Fixed(UNSAID.get(id, TOTAL), place)
    return None
