"""SDMX-JSON in, version 2.0 (and 2.1, which differs in nothing read here): a structure message of any registry."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from migstat.read.packed import explained, fault, unpacked
from migstat.read.sdmx.constraint_words import CASCADES, Ends, make_period
from migstat.read.sdmx.items import DEEPEST, AnyCode, make_code, make_codelist, too_deep
from migstat.read.sdmx.parsed import Extension, Parsed, Part, Parts, Representation
from migstat.read.sdmx.periods import day_after, first_day
from migstat.words.artefacts import Agency
from migstat.words.concept import Concept, ConceptScheme
from migstat.words.constraint import Constraint, Key, KeySet, Member, Region, Selection
from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.hierarchy import Hierarchy, Node
from migstat.words.reference import Reference, parse_urn
from migstat.words.source import Format
from migstat.words.structure import TIME_PERIOD, Dataflow, Role

LARGEST = 64 << 20
"""Bytes of a JSON file, unpacked: it is read as a whole, where XML is not."""
LISTS = {"codelists": "codes", "geographicCodelists": "geoFeatureSetCodes", "geoGridCodelists": "geoGridCodes",
         "valueLists": "valueItems"}  # fmt: skip

Item = dict[str, Any]


def is_structure_message(path: Path) -> bool:
    """Say whether a JSON file is a structure message."""
    data = _data(path)
    return isinstance(data, dict) and "dataSets" not in data


def parse(path: Path, into: Parsed) -> None:
    """Add what a structure message says; raise MigstatError where it is none, or is damaged."""
    data = _data(path)
    if not isinstance(data, dict) or "dataSets" in data:
        what = "holds data, not structures" if isinstance(data, dict) else "is no SDMX-JSON message: it has no 'data'"
        raise _fault(path, "", what, "name a structure message in SDMX-JSON 2.0, or in SDMX-ML")
    reader = _Reader(path, into)
    try:
        reader.read(data)
    except RecursionError as error:
        raise _fault(path, "", "is built to exhaust the machine", "ask the sender for the file again") from error
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        if isinstance(error, MigstatError):
            raise
        what = f"{reader.at or 'the message'} is not as SDMX-JSON 2.0 has it ({type(error).__name__}: {error})"
        raise _fault(path, "", what, "check it against the official schema of SDMX-JSON 2.0") from error


def _data(path: Path) -> Any:
    message = _document(path)
    return message.get("data") if isinstance(message, dict) else None


def _document(path: Path) -> Any:
    with explained(path.name), unpacked(path, Format(), (".json",)) as (file, _, _, name):
        pieces, length = [], 0
        while chunk := file.read(1 << 20):
            pieces.append(chunk)
            length += len(chunk)
            if length > LARGEST:
                raise fault(name, f"is larger than {LARGEST >> 20} MB", "ask for it in parts, or as SDMX-ML")
    try:
        return json.loads(b"".join(pieces).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _fault(path, "", "is not UTF-8", "save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        place = Place(path.name, error.lineno)
        raise MigstatError([Finding(place, "", f"is not JSON: {error.msg}", "fetch the file again")]) from error
    except (RecursionError, ValueError) as error:
        raise _fault(path, "", "is built to exhaust the machine", "ask the sender for the file again") from error


class _Reader:
    def __init__(self, path: Path, into: Parsed) -> None:
        self.path, self.into, self.at = path, into, ""

    def read(self, data: Item) -> None:
        for name, items in LISTS.items():
            for one in data.get(name, ()):
                self._codelist(one, items)
        for one in data.get("conceptSchemes", ()):
            self._scheme(one)
        for one in data.get("agencySchemes", ()):
            for agency in one.get("agencies", ()):
                self.into.agencies[_text(agency, "id")] = Agency(_text(agency, "id"), _texts(agency, "name"))
        for one in data.get("dataStructures", ()):
            own = self._own(one, "DataStructure")
            if one.get("isExternalReference"):
                self.into.external.add(own)
            else:
                self.into.structures[own] = self._structure(one, own)
        for one in data.get("dataflows", ()):
            own = self._own(one, "Dataflow")
            if "structure" in one:
                flow = (_texts(one, "name"), self._reference(one["structure"]), _texts(one, "description"))
                self.into.dataflows[own] = Dataflow(own.id, own.agency, own.version, *flow)
        for one in (*data.get("dataConstraints", ()), *data.get("contentConstraints", ())):
            own = self._own(one, "DataConstraint")
            self.into.constraints[own] = self._constraint(one, own)
        for one in data.get("hierarchies", ()):
            own = self._own(one, "Hierarchy")
            nodes = tuple(self._node(each) for each in one.get("hierarchicalCodes", ()))
            made = Hierarchy(own.id, own.agency, own.version, _texts(one, "name"), nodes, _texts(one, "description"))
            self.into.hierarchies[own] = made

    def _own(self, item: Item, kind: str) -> Reference:
        self.at = f"{kind} {item.get('id', 'without an id')}"
        return Reference(kind, _text(item, "agencyID", ""), _text(item, "id"), _text(item, "version", "1.0"))

    def _reference(self, urn: str) -> Reference:
        found = parse_urn(urn)
        if found is None:
            raise _fault(self.path, "", f"{self.at} refers to {urn!r}, which is no URN", "write its URN")
        return found

    def _codelist(self, item: Item, items: str) -> None:
        own = self._own(item, "Codelist")
        codes = [
            AnyCode(
                _text(one, "id"),
                _texts(one, "name"),
                _text(one, "parent", "") or None,
                _texts(one, "description"),
                _notes(one),
            )
            for one in item.get(items) or item.get("codes") or ()
        ]
        if item.get("isExternalReference") and not codes:
            self.into.external.add(own)
            return
        self.into.places[own] = Place(self.path.name)
        head = {"names": _texts(item, "name"), "descriptions": _texts(item, "description"), "annotations": _notes(item)}
        self.into.codelists[own] = make_codelist(
            own, [make_code(one) for one in codes], path=self.path, lines=codes, **head
        )
        if extensions := tuple(self._extension(one) for one in item.get("codelistExtensions", ())):
            self.into.extensions[own] = extensions

    def _extension(self, item: Item) -> Extension:
        chosen = item.get("inclusiveCodeSelection") or item.get("exclusiveCodeSelection") or {}
        members = [*chosen.get("memberValues", ()), *chosen.get("wildcardedMemberValues", ())]
        return Extension(
            self._reference(item["codelist"]),
            _text(item, "prefix", ""),
            "exclusiveCodeSelection" not in item,
            tuple(
                (one, "false")
                if isinstance(one, str)
                else (_text(one, "value"), str(one.get("cascadeValues", False)).lower())
                for one in members
            ),
        )

    def _scheme(self, item: Item) -> None:
        own = self._own(item, "ConceptScheme")
        concepts = []
        for one in item.get("concepts", ()):
            concepts.append(
                Concept(
                    _text(one, "id"), _texts(one, "name"), _texts(one, "description"), _notes(one).get("SOURCE", ""),
                    _text(one, "parent", "") or None,
                )
            )  # fmt: skip
            if "coreRepresentation" in one:
                said = self._representation(one["coreRepresentation"])
                self.into.representations[own.of("Concept", _text(one, "id"))] = said
        self.into.places[own] = Place(self.path.name)
        self.into.schemes[own] = ConceptScheme(
            own.id, own.agency, own.version, _texts(item, "name"), tuple(concepts), _texts(item, "description")
        )

    def _structure(self, item: Item, own: Reference) -> Parts:
        whole = item.get("dataStructureComponents") or {}
        groups = {_text(one, "id"): _list(one, "groupDimensions") for one in whole.get("groups", ())}
        dimensions = whole.get("dimensionList") or {}
        listed = sorted(dimensions.get("dimensions", ()), key=lambda one: one.get("position", 0))
        parts = [self._part(one, "dimension") for one in listed]
        time = dimensions.get("timeDimension") or next(iter(dimensions.get("timeDimensions", ())), None)
        if time:
            parts.append(self._part({"id": TIME_PERIOD} | time, "dimension", is_time=True))
        parts += [self._part(one, "measure") for one in (whole.get("measureList") or {}).get("measures", ())]
        attributes = (whole.get("attributeList") or {}).get("attributes", ())
        parts += [self._attribute(one, groups) for one in attributes]
        names, said, notes = _texts(item, "name"), _texts(item, "description"), _notes(item)
        return Parts(own, names, said, tuple(parts), groups, Place(self.path.name), notes)

    def _part(self, item: Item, role: Role, **more: Any) -> Part:
        concept = self._reference(item["conceptIdentity"])
        said = item.get("localRepresentation")
        return Part(
            id=_text(item, "id", "") or concept.item,
            role=role,
            concept=concept,
            place=Place(self.path.name),
            representation=None if said is None else self._representation(said),
            required=role == "dimension" or item.get("usage") == "mandatory",
            annotations=_notes(item),
            **more,
        )

    def _attribute(self, item: Item, groups: dict[str, tuple[str, ...]]) -> Part:
        said = item.get("attributeRelationship") or {}
        group = _text(said, "group", "")
        attached: tuple[str, ...] | None = None
        if group:
            attached = groups.get(group, ())
        elif said.get("dimensions"):
            attached = _list(said, "dimensions")
        elif "dataflow" in said or "none" in said or "dataset" in said:
            attached = ()
        measures = _list(item, "measureRelationship")
        return self._part(item, "attribute", attached=attached, group=group, measures=measures)

    def _representation(self, item: Item) -> Representation:
        listed = item.get("enumeration")
        format = item.get("enumerationFormat" if listed else "format") or {}
        most = item.get("maxOccurs", 1)
        return Representation(
            self._reference(listed) if listed else None,
            {name: str(value) for name, value in format.items() if isinstance(value, str | int | float)},
            None if most == "unbounded" else int(most),
        )

    def _constraint(self, item: Item, own: Reference) -> Constraint:
        attached = item.get("constraintAttachment") or {}
        urns = [
            urn for kind in ("dataStructures", "dataflows", "provisionAgreements") for urn in attached.get(kind, ())
        ]
        return Constraint(
            id=own.id,
            agency=own.agency,
            version=own.version,
            names=_texts(item, "name"),
            role="allowed" if (item.get("role") or item.get("type")) == "Allowed" else "actual",
            attached=tuple(self._reference(urn) for urn in urns),
            regions=tuple(
                Region(_selections(one), one.get("include", one.get("isIncluded", True)) is not False)
                for one in item.get("cubeRegions", ())
            ),
            key_sets=tuple(
                KeySet(
                    tuple(Key(_selections(key), *_validity(key)) for key in one["keys"]), one.get("isIncluded", True)
                )
                for one in item.get("dataKeySets", ())
            ),
            descriptions=_texts(item, "description"),
            valid_from=_validity(item)[0],
            valid_to=_validity(item)[1],
        )

    def _node(self, item: Item, depth: int = 0) -> Node:
        if depth > DEEPEST:
            raise too_deep(Place(self.path.name))
        code = self._reference(item["code"])
        below = tuple(self._node(one, depth + 1) for one in item.get("hierarchicalCodes", ()))
        return Node(_text(item, "id", code.item), code, below, *_validity(item))


def _selections(item: Item) -> tuple[Selection, ...]:
    return tuple(_selection(one) for name in ("keyValues", "components") for one in item.get(name, ()))


def _selection(item: Item) -> Selection:
    values = item.get("values", [item["value"]] if "value" in item else ())
    span = item.get("timeRange")
    since, until = _validity(item)
    return Selection(
        _text(item, "id"),
        tuple(_member(one) for one in values),
        item.get("include", True) is not False,
        None if span is None else make_period({name: _end(one) for name, one in span.items()}),
        since,
        until,
    )


def _member(item: str | Item) -> Member:
    if isinstance(item, str):
        return Member(item)
    cascade = CASCADES.get(str(item.get("cascadeValues", False)).lower(), "no")
    return Member(_text(item, "value"), cascade, *_validity(item))


def _end(item: Item) -> Ends:
    return _text(item, "period"), item.get("isInclusive", True) is not False


def _validity(item: Item) -> tuple[Any, Any]:
    return first_day(_text(item, "validFrom", "")), day_after(_text(item, "validTo", ""))


def _text(item: Item, name: str, default: str | None = None) -> str:
    """Return a value that is text; raise TypeError where it is none, and KeyError where it is due and not there."""
    found = item[name] if default is None else item.get(name, default)
    if not isinstance(found, str):
        raise TypeError(f"{name} is no text")
    return found


def _list(item: Item, name: str) -> tuple[str, ...]:
    """Return a list of texts; empty where it is not there."""
    found = item.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise TypeError(f"{name} is no list of texts")
    return tuple(found)


def _texts(item: Item, name: str) -> dict[str, str]:
    """Return a text in its languages; where only the best match is given, it is taken for English."""
    many = item.get(f"{name}s")
    found = many if isinstance(many, dict) else {"en": item[name]} if isinstance(item.get(name), str) else {}
    return {language: said.strip() for language, said in found.items() if isinstance(said, str) and said.strip()}


def _notes(item: Item) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in item.get("annotations", ()):
        said = _texts(one, "text")
        links: Iterable[Item] = one.get("links", ())
        address = next((_text(link, "href", "") for link in links), "")
        own = _text(one, "title", "") or _text(one, "value", "")
        value = own or said.get("en") or next(iter(said.values()), "") or address
        kind = _text(one, "type", "") or _text(one, "id", "") or "ANNOTATION"
        found[kind] = f"{found[kind]} | {value}" if kind in found else value
    return found


def _fault(path: Path, component: str, what: str, mend: str) -> MigstatError:
    return MigstatError([Finding(Place(path.name), component, what, mend)])
