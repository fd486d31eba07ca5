"""Structure maps from SDMX-JSON 2.0. YAML's reader is used, which knows the line of every value."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path

from migstat.read.placed import Placed, parse_yaml
from migstat.read.structure_maps.from_ml import COLUMN, PERIODS
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.mapping_rule import PatternValue
from migstat.words.structure_map import (
    Annotation,
    Annotations,
    ComponentMap,
    DateMap,
    FixedValueMap,
    FrequencyFormat,
    RepresentationMap,
    StructureMap,
    ValueMapping,
)

LARGEST = 64_000_000
"""Bytes; a message that is larger holds more than a map."""
NOTHING = "an SDMX-JSON structure message holds its artefacts under data"


def read(path: Path) -> tuple[list[StructureMap], list[RepresentationMap]]:
    """Return the structure maps and the representation maps of a message; raise with every fault."""
    placed = _placed(path)
    reader = _Reader()
    data = placed.items.get("data")
    if data is None or not data.items:
        raise MigstatError([Finding(placed.place, "", "is no SDMX-JSON structure message", NOTHING)])
    values = [reader.representation(one) for one in _list(data, "representationMaps")]
    maps = [reader.map(one) for one in _list(data, "structureMaps")]
    if reader.faults:
        raise MigstatError(reader.faults)
    return maps, values


def _placed(path: Path) -> Placed:
    """Read JSON as the YAML that it is; a tab, which YAML refuses, can in JSON only stand between values."""
    try:
        if path.stat().st_size > LARGEST:
            what = f"the file is larger than {LARGEST:,} bytes"
            raise MigstatError([Finding(Place(path.name), "", what, "ask for the map alone")])
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise MigstatError([Finding(Place(path.name), "", what, "check the path and the permissions")]) from None
    except UnicodeDecodeError:
        raise MigstatError([Finding(Place(path.name), "", "is not UTF-8", "save the file as UTF-8")]) from None
    return parse_yaml(text.replace("\t", " "), path.name)


def _list(placed: Placed, key: str) -> tuple[Placed, ...]:
    found = placed.items.get(key)
    return found.value if found is not None and isinstance(found.value, tuple) else ()


def _text(placed: Placed, key: str) -> str:
    found = placed.items.get(key)
    return found.text if found is not None else ""


def _texts(placed: Placed, key: str) -> tuple[str, ...]:
    return tuple(one.text for one in _list(placed, key))


def _names(placed: Placed) -> dict[str, str]:
    found = placed.items.get("names")
    names = {key: one.text for key, one in found.items.items()} if found is not None else {}
    return names or {"en": _text(placed, "name")}


def _annotations(placed: Placed) -> Annotations:
    return tuple(
        Annotation(_text(one, "type"), _text(one, "title") or _text(one, "value"), _text(one, "text"))
        for one in _list(placed, "annotations")
    )


@dataclass(slots=True)
class _Reader:
    faults: list[Finding] = field(default_factory=list)

    def representation(self, placed: Placed) -> RepresentationMap:
        kinds = [
            tuple(_text(one, "codelist") or _text(one, "dataType") for one in _list(placed, side))
            for side in ("source", "target")
        ]
        return RepresentationMap(
            _text(placed, "id"),
            _text(placed, "agencyID"),
            _text(placed, "version") or "1.0",
            _names(placed),
            kinds[0],
            kinds[1],
            tuple(self.line(one) for one in _list(placed, "representationMappings")),
            placed.place,
            _annotations(placed),
        )

    def line(self, placed: Placed) -> ValueMapping:
        return ValueMapping(
            tuple(self.value(one) for one in _list(placed, "sourceValues")),
            _texts(placed, "targetValues"),
            placed.place,
            self.day(placed, "validFrom"),
            self.day(placed, "validTo"),
            _annotations(placed),
        )

    def value(self, placed: Placed) -> PatternValue:
        is_regex = _text(placed, "isRegEx") == "true"
        return PatternValue(
            _text(placed, "value"), is_regex, self.index(placed, "startIndex"), self.index(placed, "endIndex")
        )

    def index(self, placed: Placed, key: str) -> int | None:
        said = _text(placed, key)
        if not said:
            return None
        if not said.isdecimal() or int(said) < 1:
            what, mend = f"{key}: {said} is no place of a character", "count from 1; both ends are included"
            self.faults.append(Finding(placed.items[key].place, "", what, mend))
            return None
        return int(said)

    def day(self, placed: Placed, key: str) -> datetime.date | None:
        said = _text(placed, key)
        try:
            return datetime.date.fromisoformat(said[:10]) if said else None
        except ValueError:
            what = f"{key}: {said} is not a date"
            self.faults.append(Finding(placed.items[key].place, "", what, "write it as 2019-08-24T00:00:00Z"))
            return None

    def map(self, placed: Placed) -> StructureMap:
        notes = _annotations(placed)
        maps = [
            ComponentMap(
                _texts(one, "source"), _texts(one, "target"), one.place, _text(one, "representationMap"),
                _annotations(one)
            )
            for one in _list(placed, "componentMaps")
        ]  # fmt: skip
        fixed = [
            FixedValueMap(
                _text(one, "source") or _text(one, "target"), _texts(one, "values"), one.place,
                bool(_text(one, "source")), _annotations(one)
            )
            for one in _list(placed, "fixedValueMaps")
        ]  # fmt: skip
        formats = [
            FrequencyFormat(_text(one, "id"), _text(one, "frequencyId"), _text(one, "datePattern"))
            for one in _list(placed, "frequencyFormatMappings")
        ]
        return StructureMap(
            id=_text(placed, "id"),
            agency=_text(placed, "agencyID"),
            version=_text(placed, "version") or "1.0",
            names=_names(placed),
            source=_text(placed, "source"),
            target=_text(placed, "target"),
            place=placed.place,
            component_maps=tuple(maps),
            fixed=tuple(fixed),
            dates=tuple(self.dates(one) for key in ("epochMaps", "datePatternMaps") for one in _list(placed, key)),
            frequency_formats=tuple(formats),
            description=_text(placed, "description"),
            annotations=tuple(one for one in notes if one.type != COLUMN),
            columns={one.text: one.value for one in notes if one.type == COLUMN},
        )

    def dates(self, placed: Placed) -> DateMap:
        said = _text(placed, "epochPeriod")
        period = next((one for one in PERIODS if one == said), None)
        if said and period is None:
            what = f"epochPeriod: {said} is not known"
            self.faults.append(Finding(placed.place, "", what, "write day, or second"))
        pairs = tuple((_text(one, "source"), _text(one, "target")) for one in _list(placed, "mappedComponents"))
        return DateMap(
            id=_text(placed, "id"),
            pairs=pairs,
            place=placed.place,
            pattern=_text(placed, "sourcePattern"),
            locale=_text(placed, "locale") or "en",
            base=_text(placed, "basePeriod"),
            period=period,
            frequency=_text(placed, "targetFrequencyID"),
            frequency_dimension=_text(placed, "frequencyDimension"),
            mapped_frequencies=_texts(placed, "mappedFrequencies"),
            resolve=_text(placed, "resolvePeriod"),
            annotations=_annotations(placed),
        )
