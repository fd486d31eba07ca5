"""A structure map as SDMX-ML 3.0, with its representation maps and the structure of its source."""

import os
from collections.abc import Iterable, Mapping, Sequence

from migstat.words.mapping_rule import PatternValue
from migstat.words.reference import Reference, parse_urn
from migstat.words.structure_map import (
    Annotation,
    ComponentMap,
    DateMap,
    FixedValueMap,
    RepresentationMap,
    StructureMap,
)
from migstat.write.xml import XmlWriter, writing

SPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/"
SPACES = {f"xmlns:{prefix}": f"{SPACE}{name}" for prefix, name in
          (("mes", "message"), ("str", "structure"), ("com", "common"))}  # fmt: skip
PREPARED = "2000-01-01T00:00:00"
"""The header must have a time; a fixed one, so that equal maps are equal files."""


def write_structure_map_ml(map: StructureMap, path: str | os.PathLike[str], *, key: Sequence[str] = ()) -> None:
    """Write the message; ``key`` are the source components that name a row, the dimensions of the source structure."""
    with writing(path) as xml, xml.element("mes:Structure", SPACES):
        with xml.element("mes:Header"):
            xml.leaf("mes:ID", text=f"{map.id}_{map.version.replace('.', '_')}")
            xml.leaf("mes:Test", text="false")
            xml.leaf("mes:Prepared", text=PREPARED)
            xml.leaf("mes:Sender", {"id": map.agency.replace(".", "_")})
        with xml.element("mes:Structures"):
            source = parse_urn(map.source)
            if source is not None and source.kind == "DataStructure":
                ids = source_ids(map)
                _source(xml, source, ids, [id for id in key if id in ids] or ids, map)
            if map.representations:
                with xml.element("str:RepresentationMaps"):
                    for values in map.representations:
                        _representation(xml, values)
            with xml.element("str:StructureMaps"):
                _map(xml, map)


def source_ids(map: StructureMap) -> list[str]:
    """Return the source components that a map reads, each once, in order."""
    read = [id for one in map.component_maps for id in one.sources]
    read += [source for one in map.dates for source, _ in one.pairs]
    return list(dict.fromkeys(read)) or ["ROW"]


def _source(xml: XmlWriter, source: Reference, ids: list[str], key: list[str], map: StructureMap) -> None:
    """A concept scheme and a structure with the columns that the map reads, all of them texts."""
    scheme = Reference("ConceptScheme", source.agency, f"CS_{source.id}", source.version)
    with xml.element("str:ConceptSchemes"), xml.element("str:ConceptScheme", _attributes(scheme)):
        _names(xml, {"en": f"Columns of {source.id}"})
        for id in ids:
            with xml.element("str:Concept", {"id": id}):
                _names(xml, {"en": map.columns.get(id, id)})
    with xml.element("str:DataStructures"), xml.element("str:DataStructure", _attributes(source)):
        _names(xml, map.names)
        with xml.element("str:DataStructureComponents"):
            with xml.element("str:DimensionList", {"id": "DimensionDescriptor"}):
                for position, id in enumerate(key, 1):
                    with xml.element("str:Dimension", {"id": id, "position": position}):
                        _column(xml, scheme, id)
            if rest := [id for id in ids if id not in key]:
                with xml.element("str:MeasureList", {"id": "MeasureDescriptor"}):
                    for id in rest:
                        with xml.element("str:Measure", {"id": id, "usage": "optional"}):
                            _column(xml, scheme, id)


def _column(xml: XmlWriter, scheme: Reference, id: str) -> None:
    xml.leaf("str:ConceptIdentity", text=scheme.of("Concept", id).urn)
    with xml.element("str:LocalRepresentation"):
        xml.leaf("str:TextFormat", {"textType": "String"})


def _representation(xml: XmlWriter, values: RepresentationMap) -> None:
    reference = Reference("RepresentationMap", values.agency, values.id, values.version)
    with xml.element("str:RepresentationMap", _attributes(reference)):
        _annotations(xml, values.annotations)
        _names(xml, values.names)
        for side, kinds in (("Source", values.sources), ("Target", values.targets)):
            for kind in kinds:
                xml.leaf(f"str:{side}{'Codelist' if kind.startswith('urn:') else 'DataType'}", text=kind)
        for line in values.mappings:
            days = {"validFrom": line.valid_from, "validTo": line.valid_to}
            with xml.element("str:RepresentationMapping", {key: day.isoformat() for key, day in days.items() if day}):
                _annotations(xml, line.annotations)
                for value in line.sources:
                    xml.leaf("str:SourceValue", _value(value), value.text)
                for text in line.targets:
                    xml.leaf("str:TargetValue", text=text)


def _value(value: PatternValue) -> Mapping[str, str | int | bool | None]:
    return {"isRegEx": True if value.is_regex else None, "startIndex": value.start, "endIndex": value.end}


def _map(xml: XmlWriter, map: StructureMap) -> None:
    with xml.element("str:StructureMap", _attributes(Reference("StructureMap", map.agency, map.id, map.version))):
        columns = [Annotation("MIGSTAT_COLUMN", column, id) for id, column in map.columns.items()]
        _annotations(xml, (*map.annotations, *columns))
        _names(xml, map.names)
        if map.description:
            xml.leaf("com:Description", {"xml:lang": "en"}, map.description)
        xml.leaf("str:Source", text=map.source)
        xml.leaf("str:Target", text=map.target)
        for dates in sorted(map.dates, key=lambda one: one.period is None):
            _dates(xml, dates)
        for format in map.frequency_formats:
            with xml.element("str:FrequencyFormatMapping", {"id": format.id}):
                xml.leaf("str:FrequencyId", text=format.frequency)
                xml.leaf("str:DatePattern", text=format.pattern)
        for one in map.component_maps:
            _component_map(xml, one)
        for fixed in map.fixed:
            _fixed(xml, fixed)


def _dates(xml: XmlWriter, dates: DateMap) -> None:
    if dates.period is None:
        name, said = "str:DatePatternMap", {"sourcePattern": dates.pattern, "locale": dates.locale}
    else:
        name, said = "str:EpochMap", {"basePeriod": dates.base, "epochPeriod": dates.period}
    with xml.element(name, {"id": dates.id, "resolvePeriod": dates.resolve or None, **said}):
        _annotations(xml, dates.annotations)
        for source, target in dates.pairs:
            xml.leaf("str:Source", text=source)
            xml.leaf("str:Target", text=target)
        if dates.frequency_dimension:
            xml.leaf("str:FrequencyDimension", text=dates.frequency_dimension)
            for id in dates.mapped_frequencies:
                xml.leaf("str:MappedFrequencies", text=id)
        else:
            xml.leaf("str:TargetFrequencyID", text=dates.frequency)


def _component_map(xml: XmlWriter, one: ComponentMap) -> None:
    with xml.element("str:ComponentMap"):
        _annotations(xml, one.annotations)
        for id in one.sources:
            xml.leaf("str:Source", text=id)
        for id in one.targets:
            xml.leaf("str:Target", text=id)
        if one.representation:
            xml.leaf("str:RepresentationMap", text=one.representation)


def _fixed(xml: XmlWriter, fixed: FixedValueMap) -> None:
    with xml.element("str:FixedValueMap"):
        _annotations(xml, fixed.annotations)
        xml.leaf("str:Source" if fixed.in_source else "str:Target", text=fixed.component)
        for value in fixed.values:
            xml.leaf("str:Value", text=value)


def _attributes(reference: Reference) -> dict[str, str | int | bool | None]:
    said = {"id": reference.id, "agencyID": reference.agency, "version": reference.version, "urn": reference.urn}
    return {**said, "isExternalReference": False}


def _names(xml: XmlWriter, names: Mapping[str, str]) -> None:
    for language, name in names.items():
        xml.leaf("com:Name", {"xml:lang": language}, name)


def _annotations(xml: XmlWriter, annotations: Iterable[Annotation]) -> None:
    listed = list(annotations)
    if not listed:
        return
    with xml.element("com:Annotations"):
        for one in listed:
            with xml.element("com:Annotation"):
                # A value would be the place for it, but pysdmx fails on AnnotationValue.
                if one.value:
                    xml.leaf("com:AnnotationTitle", text=one.value)
                xml.leaf("com:AnnotationType", text=one.type)
                if one.text:
                    xml.leaf("com:AnnotationText", {"xml:lang": "en"}, one.text)
