"""Structure maps: a mapping written as one, one read from a registry or a file, and one run on data of any size."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from migstat.api.checking import lint_mapping, structure_of
from migstat.api.checking import read_mapping as read
from migstat.api.harmonizing import run_plan
from migstat.api.harmonizing_files import Progress
from migstat.read.codelists import codelist, codelist_ids
from migstat.read.expression import parse_expression
from migstat.read.mappings.document import parse_mapping
from migstat.read.sdmx.files import read_artefacts
from migstat.read.structure_maps import read_structure_map as read_map
from migstat.read.structure_paths import codelists_of, structure_at
from migstat.read.structures import structure, structure_ids
from migstat.words.artefacts import Artefacts
from migstat.words.codelist import Codelist
from migstat.words.finding import Finding, MigstatError, Severity, misuse
from migstat.words.mapping import Mapping
from migstat.words.reference import Reference, parse_urn
from migstat.words.run import Harmonized
from migstat.words.structure import Component, Structure
from migstat.words.structure_map import StructureMap, annotated
from migstat.work.harmonize.make_plan import make_plan
from migstat.work.structure_maps.adopt import adopted
from migstat.work.structure_maps.export import structure_map
from migstat.work.structure_maps.lint import lint_map
from migstat.work.structure_maps.notes import HEAD, RULE, noted, without_notes
from migstat.write.structure_map_json import write_structure_map_json
from migstat.write.structure_map_ml import write_structure_map_ml

MapFormat = Literal["ml30", "json20"]
Pathlike = str | os.PathLike[str]
AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*")
"""The id of an agency, as the SDMX schemas write it (NestedNCNameID)."""


def mapping_as_map(mapping: Pathlike | Mapping, *, agency: str = "MIGSTAT") -> tuple[StructureMap, tuple[Finding, ...]]:
    """Return a mapping as an SDMX structure map, and what SDMX has no words for.

    That is kept in annotations, from which ``map_as_mapping`` has it again. Raises MigstatError where the mapping
    itself is wrong.
    """
    if not AGENCY.fullmatch(agency):
        mend = "write letters, digits, _ and -, such as KNBS or KE.KNBS"
        raise misuse(f"'{agency}' is no id of an agency", mend, component="agency")
    mapping = mapping if isinstance(mapping, Mapping) else read(mapping)
    if mapping.table is not None:
        what = "the mapping speaks of a published table, whose shape and marks a structure map has no words for"
        raise misuse(what, "read the table with ms.read_table, and write it with ms.write_table", place=mapping.id)
    found = lint_mapping(mapping)
    if any(finding.severity == Severity.ERROR for finding in found):
        raise MigstatError(found)
    return structure_map(mapping, structure_of(mapping), codelist, agency)


def write_structure_map(
    mapping: Pathlike | Mapping | StructureMap,
    path: Pathlike,
    format: MapFormat = "ml30",
    *,
    agency: str = "MIGSTAT",
    notes: bool = True,
) -> tuple[Finding, ...]:
    """Write a mapping as a structure map, in SDMX-ML 3.0 or SDMX-JSON 2.0; return what SDMX has no words for.

    The message holds the representation maps and, so that every reference can be followed, a structure with the
    columns that the mapping reads. ``notes=False`` leaves out the annotations that keep what SDMX has no words for, for
    readers that cannot take them. The file appears whole or not at all, and equal mappings give equal bytes.
    """
    key: Sequence[str] = ()
    unsaid: tuple[Finding, ...] = ()
    if not isinstance(mapping, StructureMap):
        mapping = mapping if isinstance(mapping, Mapping) else read(mapping)
        key = mapping.source.key
        mapping, unsaid = mapping_as_map(mapping, agency=agency)
    mapping = mapping if notes else without_notes(mapping)
    match format:
        case "ml30":
            write_structure_map_ml(mapping, path, key=key)
        case "json20":
            write_structure_map_json(mapping, path, key=key)
        case _:
            raise misuse(f"a structure map has no format {format} here", "write ml30 or json20", component="format")
    return unsaid


def read_structure_map(path: Pathlike, id: str = "") -> StructureMap:
    """Read a structure map with its representation maps from SDMX-ML 3.0, 3.1 or SDMX-JSON 2.0, a file or a folder."""
    return read_map(Path(path), id)


def map_as_mapping(
    map: Pathlike | StructureMap,
    *,
    structure: str | Pathlike | Structure | None = None,
    weight: str = "",
    key: Sequence[str] = (),
) -> tuple[Mapping, tuple[Finding, ...]]:
    """Return a structure map as a mapping, and everything that is wrong with it or cannot be run.

    The target structure is the one that the map names: one of ours, or one in the same file or folder; ``structure``
    names another. Where none is at hand, codes are not checked, and a note says so.
    """
    mapping, _, _, found = _adopted(map, structure, weight, key)
    return mapping, found


def run_map(
    source: Any,
    map: Pathlike | StructureMap,
    *,
    structure: str | Pathlike | Structure | None = None,
    weight: str = "",
    key: Sequence[str] = (),
    wave: str | None = None,
    into: Pathlike | None = None,
    trace: Pathlike | None = None,
    progress: Progress | None = None,
) -> Harmonized:
    """Run a structure map on records or on cells of a table, of any size.

    ``source`` is what ``harmonize`` takes. Every row is accounted for: rows in are records and rejects. Values that no
    line takes are counted by component, with their rows and the ``weight``, a column such as OBS_VALUE. ``trace`` is a
    Parquet file that is to say of each row and component which line gave its value. ``structure`` is the target
    structure, where the map names one that is not at hand: an id of ours, a file with one, or a structure.
    Regular expressions run in time that grows with the text alone. Raises MigstatError where the map cannot be run.
    """
    mapping, target, codelists, found = _adopted(map, structure, weight, key)
    if any(finding.severity == Severity.ERROR for finding in found):
        raise MigstatError(found)
    plan = make_plan(mapping, target, codelists, wave)
    return run_plan(source, plan, list(found), into, trace, progress)


def _adopted(
    map: Pathlike | StructureMap, structure: str | Pathlike | Structure | None, weight: str, key: Sequence[str]
) -> tuple[Mapping, Structure, Callable[[str], Codelist], tuple[Finding, ...]]:
    path = None if isinstance(map, StructureMap) else Path(map)
    map = map if isinstance(map, StructureMap) else read_map(Path(map))
    notes: list[Finding] = []
    target = _target(map, path, structure, notes)

    codelists = codelists_of(target)
    mapping, found = adopted(map, target, codelists, _head(map), parse_expression, weight, tuple(key))
    if path is not None and path.is_file():
        mapping = replace(mapping, files={path.name: hashlib.sha256(path.read_bytes()).hexdigest()})
    notes += [*found, *lint_map(mapping, map, target, codelists)]
    ordered = sorted(dict.fromkeys(notes), key=lambda one: (one.place.file, one.place.line or 0))
    return mapping, target, codelists, tuple(ordered)


def _head(map: StructureMap) -> Mapping | None:
    """Return the mapping that the notes of a map hold: its head, and the rules that SDMX has no words for."""
    head = noted(annotated(map.annotations, HEAD))
    if not head:
        return None
    rules = noted(annotated(map.annotations, RULE))
    for one in map.component_maps:
        if (said := annotated(one.annotations, RULE)) is not None:
            rules[one.targets[0]] = noted(said)
    if (pairs := head.get("columns")) and all(isinstance(one, list) and len(one) == 2 for one in pairs):
        head["columns"] = {str(name): rule for name, rule in pairs}
    head["rules"] = rules or {"NONE": {"fixed": "_U"}}
    return parse_mapping(json.dumps(head), f"{map.place.file} (note {HEAD})")


def _target(
    map: StructureMap, path: Path | None, given: str | Pathlike | Structure | None, notes: list[Finding]
) -> Structure:
    if isinstance(given, Structure):
        return given
    if given is not None:
        if str(given) in structure_ids():
            return structure(str(given))
        return structure_at(Path(given), wanted.id if (wanted := parse_urn(map.target)) else "")
    wanted = parse_urn(map.target)
    if wanted is not None and wanted.id in structure_ids() and wanted.agency == structure(wanted.id).agency:
        ours = structure(wanted.id)
        if ours.version != wanted.version:
            what = f"the map is into version {wanted.version} of {ours.id}, and version {ours.version} is used"
            notes.append(Finding(map.place, "target", what, "compare the two versions", Severity.WARNING))
        return ours
    if path is not None and (found := _read_target(map, path)) is not None:
        return found
    what = f"the target structure {map.target.rpartition('=')[2]} is not at hand: codes and components are not checked"
    mend = "name its file, or put it into the folder of the map"
    notes.append(Finding(map.place, "target", what, mend, Severity.NOTE))
    return _guessed(map, wanted)


def _read_target(map: StructureMap, path: Path) -> Structure | None:
    """Return the structure that a map names out of a file or folder, if it is there."""
    wanted = parse_urn(map.target)
    if wanted is None or not path.exists():
        return None
    found: Artefacts = read_artefacts(path)
    flows = {(one.agency, one.id): one.structure for one in found.dataflows}
    address: Reference = flows.get((wanted.agency, wanted.id), wanted) if wanted.kind == "Dataflow" else wanted
    named = [one for one in found.structures if (one.agency, one.id) == (address.agency, address.id)]
    alone = found.structures if len(found.structures) == 1 and path.is_file() else ()
    return next(iter((*named, *(one for one in alone if one.id == address.id))), None)


def _guessed(map: StructureMap, wanted: Reference | None) -> Structure:
    """Make a structure of what the map itself says of its target: components, and codelists of ours."""
    lists: dict[str, str] = {}
    ids = [id for one in map.component_maps for id in one.targets]
    ids += [target for one in map.dates for _, target in one.pairs]
    ids += [one.component for one in map.fixed if not one.in_source]
    for one in map.component_maps:
        values = map.representation(one.representation) if one.representation else None
        for id, kind in zip(one.targets, values.targets if values else (), strict=False):
            named = parse_urn(kind)
            if named is not None and named.agency == "MIGSTAT" and named.id in codelist_ids():
                lists[id] = named.id
    components = [
        Component(id, id, "measure", "number")
        if id == "OBS_VALUE"
        else Component(id, id, "dimension", "code" if id in lists else "text", lists.get(id, ""))
        for id in dict.fromkeys(ids)
    ]
    name = wanted or Reference("DataStructure", map.agency, f"{map.id}_TARGET")
    return Structure(name.id, "table", name.version, map.names, "", "cell", (), tuple(components), name.agency)
