"""What is wrong with a structure map before any data is seen: components, codes, overlaps, dates, expressions."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, Place
from migstat.words.mapping import Mapping
from migstat.words.reference import parse_urn
from migstat.words.structure import Structure
from migstat.words.structure_map import StructureMap
from migstat.work.lint.check import Check
from migstat.work.lint.targets import check_columns, check_target


def lint_map(
    mapping: Mapping, map: StructureMap, structure: Structure, codelists: Callable[[str], Codelist]
) -> tuple[Finding, ...]:
    """Check a structure map that was adopted as a mapping, against its target structure and the codelists."""
    check = Check(mapping, structure, codelists)
    with_rule = {target.component for target in mapping.targets}
    for component in structure.components:
        derived = {other.id for other in structure.components if other.derived_from == component.id}
        filled = component.filled_by == "row" or (component.filled_by and mapping.source.area)
        free = not component.required or filled
        if not free and not component.derived_from and component.id not in with_rule and not derived & with_rule:
            what = f"{structure.id} requires {component.id}, and the map does not fill it"
            check.error(map.place, component.id, what, f"add a ComponentMap or a FixedValueMap for {component.id}")
    check_columns(check)
    for target in mapping.targets:
        if target.component in structure:
            check_target(check, target, replace(structure[target.component], filled_by=""))
        else:
            what = f"{structure.id} has no component {target.component}"
            check.error(target.place, target.component, what, check.nearest(target.component, structure.ids))
    for place, id, what in _lists(map, structure):
        check.warn(place, id, what, "name the codelist that the structure names")
    return tuple(dict.fromkeys(check.findings))


def _lists(map: StructureMap, structure: Structure) -> Iterator[tuple[Place, str, str]]:
    """Yield each representation map that gives codes of another codelist than its component has."""
    for one in map.component_maps:
        values = map.representation(one.representation) if one.representation else None
        for id, kind in zip(one.targets, values.targets if values is not None else (), strict=False):
            named = parse_urn(kind)
            if named is None or values is None or id not in structure or not structure[id].codelist:
                continue
            component = structure[id]
            if named.id != component.codelist.rpartition(":")[2].partition("(")[0]:
                what = f"{values.id} gives codes of {named.id}, and {id} has {component.codelist}"
                yield values.place, id, what
