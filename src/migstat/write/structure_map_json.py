"""A structure map as SDMX-JSON 2.0, with its representation maps and the structure of its source."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from migstat.words.mapping_rule import PatternValue
from migstat.words.reference import Reference, parse_urn
from migstat.words.structure_map import Annotation, DateMap, RepresentationMap, StructureMap
from migstat.write.atomic import write_text
from migstat.write.structure_map_ml import PREPARED, source_ids

SCHEMA = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json"
Plain = dict[str, Any]


def write_structure_map_json(map: StructureMap, path: str | os.PathLike[str], *, key: Sequence[str] = ()) -> None:
    """Write the message; ``key`` are the source components that name a row, the dimensions of the source structure."""
    data: Plain = {}
    source = parse_urn(map.source)
    if source is not None and source.kind == "DataStructure":
        ids = source_ids(map)
        data |= _source(source, ids, [id for id in key if id in ids] or ids, map)
    if map.representations:
        data["representationMaps"] = [_representation(values) for values in map.representations]
    data["structureMaps"] = [_map(map)]
    meta = {
        "schema": SCHEMA,
        "id": f"{map.id}_{map.version.replace('.', '_')}",
        "test": False,
        "prepared": f"{PREPARED}Z",
        "contentLanguages": sorted(map.names),
        "sender": {"id": map.agency.replace(".", "_")},
    }
    write_text(path, json.dumps({"meta": meta, "data": data}, ensure_ascii=False, indent=2) + "\n")


def _source(source: Reference, ids: list[str], key: list[str], map: StructureMap) -> Plain:
    scheme = Reference("ConceptScheme", source.agency, f"CS_{source.id}", source.version)
    columns = {id: {"id": id, **_named({"en": map.columns.get(id, id)})} for id in ids}

    def component(id: str) -> Plain:
        said = {"id": id, "conceptIdentity": scheme.of("Concept", id).urn}
        return {**said, "localRepresentation": {"format": {"dataType": "String"}}}

    lists: Plain = {
        "dimensionList": {
            "id": "DimensionDescriptor",
            "dimensions": [{**component(id), "position": position} for position, id in enumerate(key)],
        }
    }
    if rest := [id for id in ids if id not in key]:
        measures = [{**component(id), "usage": "optional"} for id in rest]
        lists["measureList"] = {"id": "MeasureDescriptor", "measures": measures}
    named = _named({"en": f"Columns of {source.id}"})
    return {
        "conceptSchemes": [{**_maintained(scheme), **named, "concepts": list(columns.values())}],
        "dataStructures": [{**_maintained(source), **_named(map.names), "dataStructureComponents": lists}],
    }


def _representation(values: RepresentationMap) -> Plain:
    reference = Reference("RepresentationMap", values.agency, values.id, values.version)
    return {
        **_maintained(reference),
        **_named(values.names),
        **_annotated(values.annotations),
        "source": [_kind(one) for one in values.sources],
        "target": [_kind(one) for one in values.targets],
        **({"representationMappings": [_line(line) for line in values.mappings]} if values.mappings else {}),
    }


def _kind(kind: str) -> Plain:
    return {"codelist" if kind.startswith("urn:") else "dataType": kind}


def _line(line: Any) -> Plain:
    days = {"validFrom": line.valid_from, "validTo": line.valid_to}
    return {
        **_annotated(line.annotations),
        "sourceValues": [_value(value) for value in line.sources],
        **({"targetValues": list(line.targets)} if line.targets else {}),
        **{key: f"{day.isoformat()}T00:00:00Z" for key, day in days.items() if day},
    }


def _value(value: PatternValue) -> Plain:
    said: Plain = {"value": value.text}
    said |= {"isRegEx": True} if value.is_regex else {}
    said |= {"startIndex": value.start} if value.start is not None else {}
    return said | ({"endIndex": value.end} if value.end is not None else {})


def _map(map: StructureMap) -> Plain:
    columns = [Annotation("MIGSTAT_COLUMN", column, id) for id, column in map.columns.items()]
    named = _named(map.names) | ({"description": map.description} if map.description else {})
    made: Plain = {
        **_maintained(Reference("StructureMap", map.agency, map.id, map.version)),
        **named,
        **_annotated((*map.annotations, *columns)),
        "source": map.source,
        "target": map.target,
    }
    epochs = [_dates(one) for one in map.dates if one.period is not None]
    patterns = [_dates(one) for one in map.dates if one.period is None]
    formats = [
        {"id": one.id, "frequencyId": one.frequency, "datePattern": one.pattern} for one in map.frequency_formats
    ]
    components = [
        {
            **_annotated(one.annotations),
            "source": list(one.sources),
            "target": list(one.targets),
            **({"representationMap": one.representation} if one.representation else {}),
        }
        for one in map.component_maps
    ]
    fixed = [
        {
            **_annotated(one.annotations),
            "source" if one.in_source else "target": one.component,
            **({"values": list(one.values)} if one.values else {}),
        }
        for one in map.fixed
    ]
    lists = {
        "epochMaps": epochs,
        "datePatternMaps": patterns,
        "frequencyFormatMappings": formats,
        "componentMaps": components,
        "fixedValueMaps": fixed,
    }
    return made | {key: listed for key, listed in lists.items() if listed}


def _dates(dates: DateMap) -> Plain:
    said: Plain = {
        "id": dates.id,
        **_annotated(dates.annotations),
        "mappedComponents": [{"source": source, "target": target} for source, target in dates.pairs],
    }
    said |= {"resolvePeriod": dates.resolve} if dates.resolve else {}
    if dates.period is None:
        said |= {"sourcePattern": dates.pattern, "locale": dates.locale}
    else:
        said |= {"basePeriod": dates.base, "epochPeriod": dates.period}
    if dates.frequency_dimension:
        said["frequencyDimension"] = dates.frequency_dimension
        return said | ({"mappedFrequencies": list(dates.mapped_frequencies)} if dates.mapped_frequencies else {})
    return said | {"targetFrequencyID": dates.frequency}


def _maintained(reference: Reference) -> Plain:
    links = [{"rel": "self", "type": reference.kind.lower(), "urn": reference.urn}]
    said = {"id": reference.id, "agencyID": reference.agency, "version": reference.version}
    return {**said, "isExternalReference": False, "links": links}


def _named(names: Mapping[str, str]) -> Plain:
    return {"name": names.get("en") or next(iter(names.values()), ""), "names": dict(names)}


def _annotated(annotations: Iterable[Annotation]) -> Plain:
    made = []
    for one in annotations:
        said: Plain = {"type": one.type}
        said |= {"title": one.value} if one.value else {}
        said |= {"text": one.text, "texts": {"en": one.text}} if one.text else {}
        made.append(said)
    return {"annotations": made} if made else {}
