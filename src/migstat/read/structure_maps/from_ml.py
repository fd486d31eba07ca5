"""Structure maps from SDMX-ML 3.0 and 3.1."""

import datetime
from pathlib import Path
from typing import Any

from migstat.read.sdmx.ml_text import LANGUAGE, child, children, own_reference, text, texts
from migstat.read.xml import elements, local, place, root
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.mapping_rule import PatternValue
from migstat.words.structure_map import (
    Annotation,
    Annotations,
    ComponentMap,
    DateMap,
    FixedValueMap,
    FrequencyFormat,
    Period,
    RepresentationMap,
    StructureMap,
    ValueMapping,
)

LARGEST = 256 << 20
COLUMN = "MIGSTAT_COLUMN"
PERIODS: tuple[Period, ...] = ("nanosecond", "microsecond", "millisecond", "second", "day")


def read(path: Path) -> tuple[list[StructureMap], list[RepresentationMap]]:
    """Return the structure maps and the representation maps of a message; raise with every fault."""
    space, name = root(path)
    if name != "Structure" or not space.endswith(("/v3_0/message", "/v3_1/message")):
        what = f"is a message {name} of {space or 'no namespace'}, and maps are read from SDMX-ML 3.0 and 3.1"
        raise MigstatError([Finding(Place(path.name), "", what, "ask the registry for SDMX-ML 3.0")])
    maps: list[StructureMap] = []
    values: list[RepresentationMap] = []
    faults: list[Finding] = []
    # A ComponentMap names its RepresentationMap in an element of that name, which is no map.
    for _, element in elements(path, ["StructureMap", "RepresentationMaps/RepresentationMap"], largest=LARGEST):
        if local(element) == "RepresentationMap":
            values.append(_representation(element, path, faults))
        else:
            maps.append(_map(element, path, faults))
    if faults:
        raise MigstatError(faults)
    return maps, values


def _representation(element: Any, path: Path, faults: list[Finding]) -> RepresentationMap:
    own = own_reference(element, "RepresentationMap")
    kinds = {side: [one for one in element if local(one) in {f"{side}Codelist", f"{side}DataType"}]
             for side in ("Source", "Target")}  # fmt: skip
    return RepresentationMap(
        own.id,
        own.agency,
        own.version,
        texts(element, "Name"),
        tuple(text(one) for one in kinds["Source"]),
        tuple(text(one) for one in kinds["Target"]),
        tuple(_line(one, path, faults) for one in children(element, "RepresentationMapping")),
        place(path, element),
        _annotations(element),
    )


def _line(element: Any, path: Path, faults: list[Finding]) -> ValueMapping:
    return ValueMapping(
        tuple(_value(one, path, faults) for one in children(element, "SourceValue")),
        tuple(one.text or "" for one in children(element, "TargetValue")),
        place(path, element),
        _day(element, "validFrom", path, faults),
        _day(element, "validTo", path, faults),
        _annotations(element),
    )


def _value(element: Any, path: Path, faults: list[Finding]) -> PatternValue:
    ends: dict[str, int | None] = {}
    for name in ("startIndex", "endIndex"):
        said = element.get(name)
        ends[name] = int(said) if said is not None and said.lstrip("-").isdecimal() else None
        if said is not None and (ends[name] is None or int(said) < 1):
            what, mend = f"{name}: {said} is no place of a character", "count from 1; both ends are included"
            faults.append(Finding(place(path, element), "", what, mend))
    is_regex = element.get("isRegEx") in {"true", "1"}
    return PatternValue(element.text or "", is_regex, ends["startIndex"], ends["endIndex"])


def _day(element: Any, name: str, path: Path, faults: list[Finding]) -> datetime.date | None:
    said = element.get(name)
    if said is None:
        return None
    try:
        return datetime.date.fromisoformat(said[:10])
    except ValueError:
        what = f"{name}: {said} is not a date"
        faults.append(Finding(place(path, element), "", what, "write it as 2019-08-24"))
        return None


def _map(element: Any, path: Path, faults: list[Finding]) -> StructureMap:
    own = own_reference(element, "StructureMap")
    notes = _annotations(element)
    maps = []
    for one in children(element, "ComponentMap"):
        representation = text(child(one, "RepresentationMap"))
        sides = [tuple(text(id) for id in children(one, side)) for side in ("Source", "Target")]
        maps.append(ComponentMap(sides[0], sides[1], place(path, one), representation, _annotations(one)))
    dates = [_dates(one, path, faults) for name in ("EpochMap", "DatePatternMap") for one in children(element, name)]
    return StructureMap(
        id=own.id,
        agency=own.agency,
        version=own.version,
        names=texts(element, "Name"),
        source=text(child(element, "Source")),
        target=text(child(element, "Target")),
        place=place(path, element),
        component_maps=tuple(maps),
        fixed=tuple(_fixed(one, path) for one in children(element, "FixedValueMap")),
        dates=tuple(dates),
        frequency_formats=tuple(
            FrequencyFormat(one.get("id", ""), text(child(one, "FrequencyId")), text(child(one, "DatePattern")))
            for one in children(element, "FrequencyFormatMapping")
        ),
        description=texts(element, "Description").get("en", ""),
        annotations=tuple(one for one in notes if one.type != COLUMN),
        columns={one.text: one.value for one in notes if one.type == COLUMN},
    )


def _fixed(element: Any, path: Path) -> FixedValueMap:
    source = child(element, "Source")
    component = text(source if source is not None else child(element, "Target"))
    values = tuple(one.text or "" for one in children(element, "Value"))
    return FixedValueMap(component, values, place(path, element), source is not None, _annotations(element))


def _dates(element: Any, path: Path, faults: list[Finding]) -> DateMap:
    sides = [[text(one) for one in children(element, side)] for side in ("Source", "Target")]
    said = element.get("epochPeriod")
    period = next((one for one in PERIODS if one == said), None)
    if local(element) == "EpochMap" and period is None:
        faults.append(Finding(place(path, element), "", f"epochPeriod: {said} is not known", "write day, or second"))
    return DateMap(
        id=element.get("id", ""),
        pairs=tuple(zip(*sides, strict=False)),
        place=place(path, element),
        pattern=element.get("sourcePattern", ""),
        locale=element.get("locale", "en"),
        base=element.get("basePeriod", ""),
        period=period,
        frequency=text(child(element, "TargetFrequencyID")),
        frequency_dimension=text(child(element, "FrequencyDimension")),
        mapped_frequencies=tuple(text(one) for one in children(element, "MappedFrequencies")),
        resolve=element.get("resolvePeriod", ""),
        annotations=_annotations(element),
    )


def _annotations(element: Any) -> Annotations:
    made = []
    for one in children(child(element, "Annotations"), "Annotation"):
        value = next((part for part in one if local(part) in {"AnnotationTitle", "AnnotationValue"}), None)
        said = {said.get(LANGUAGE, "en"): said.text or "" for said in children(one, "AnnotationText")}
        made.append(
            Annotation(
                text(child(one, "AnnotationType")),
                (value.text or "") if value is not None else "",
                said.get("en") or next(iter(said.values()), ""),
            )
        )
    return tuple(made)
