"""SDMX-JSON data, versions 1.0 and 2.0: values given by their place in lists are looked up, series laid out as rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from migstat.read.packed import explained, fault, unpacked
from migstat.read.sdmx_data.spool import Spool
from migstat.read.xml import FREE, SWELL
from migstat.words.finding import Finding
from migstat.words.how_many import how_many
from migstat.words.message import ACTIONS
from migstat.words.source import Format

LARGEST = 1 << 30
"""Bytes of the largest file that is read: JSON can only be read whole."""
PART_ROWS = 100_000
HEADER = ("id", "test", "prepared")
LETTERS = {word: letter for letter, word in ACTIONS.items()}
DAMAGED = "ask for the file again, or for the data as SDMX-CSV or SDMX-ML"
KINDS = {"dataflow": "dataflow", "datastructure": "datastructure", "provisionagreement": "dataprovision"}


def read_json(path: Path, spool: Spool, header: dict[str, str], findings: list[Finding]) -> tuple[str, str]:
    """Read a message into a spool, its header into a dict; return the version of SDMX-JSON, and the sha256."""
    with explained(path.name), unpacked(path, Format(), (".json",)) as (file, _, digest, name):
        most = min(LARGEST, max(FREE, SWELL * path.stat().st_size))
        text = file.read(most + 1)
        sha256 = digest()
    if most < len(text) and most < LARGEST:
        what = f"a packed file of {path.stat().st_size:,} bytes swells past {most:,}: it is made to fill the machine"
        raise fault(path.name, what, "ask the sender for the file again, unpacked")
    if len(text) > LARGEST:
        what = f"is larger than {LARGEST >> 30} GB, and JSON can only be read whole"
        raise fault(name, what, "ask for the data as SDMX-CSV or SDMX-ML")
    message = _parsed(text, name)
    del text
    try:
        return _read(message, spool, header, name), sha256
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, ValueError) and hasattr(error, "findings"):
            raise
        what = f"is JSON, and not as SDMX-JSON data should be ({type(error).__name__}: {str(error)[:60]})"
        raise fault(name, what, DAMAGED) from error


def _parsed(text: bytes, name: str) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            seen: set[str] = set()
            twice = next(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise fault(name, f"{twice!r} is given twice in one object, so that one of the two would be lost", DAMAGED)
        return made

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_int=str, parse_float=str)
    except UnicodeDecodeError as error:
        raise fault(name, "is not UTF-8", "save it as UTF-8") from error
    except json.JSONDecodeError as error:
        said = "ends too early" if error.pos >= len(text) - 2 else f"is not JSON at line {error.lineno}: {error.msg}"
        raise fault(name, said, "fetch the file again: it was cut off, or is damaged") from error
    except RecursionError as error:
        raise fault(name, "is nested too deep to be data", DAMAGED) from error


def _read(message: Mapping[str, Any], spool: Spool, header: dict[str, str], name: str) -> str:
    if "data" not in message and "dataSets" not in message:
        mend = "name a file of data; an answer with errors says why in its 'errors'"
        raise fault(name, "is no SDMX-JSON data: it has no 'data'", mend)
    data = message.get("data", message)
    meta = message.get("meta") or message.get("header") or {}
    version = "1.0" if "structure" in data else "2.0"
    header |= {
        key: str(meta[key]).lower() if key == "test" else str(meta[key])
        for key in ("id", "test", "prepared")
        if key in meta
    }
    if isinstance(meta.get("sender"), Mapping):
        header["sender"] = str(meta["sender"].get("id", ""))
    header["schema"] = version
    structures = data.get("structures") or [data.get("structure") or {}]
    for one in data.get("dataSets") or []:
        at = int(one.get("structure", 0))
        if not 0 <= at < len(structures):
            raise fault(name, f"a data set is of structure {at}, and there are {len(structures)}", DAMAGED)
        action = one.get("action") or "Information"
        if action not in LETTERS:
            raise fault(name, f"the action {action!r} is none of SDMX", f"write one of {', '.join(LETTERS)}")
        kind, reference = _reference([*(one.get("links") or []), *(structures[at].get("links") or [])])
        for part in _batches(_rows(one, structures[at])):
            columns = list(dict.fromkeys(column for row in part for column in row))
            frame = pl.DataFrame(part, schema=dict.fromkeys(columns, pl.String))
            spool.add(frame, kind, reference, LETTERS[action])
    return version


def _reference(links: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    for link in links:
        urn = str(link.get("urn") or "")
        kind = KINDS.get(urn.rpartition("=")[0].rpartition(".")[2].lower())
        if kind:
            return kind, urn.rpartition("=")[2]
    return "datastructure", ""


def _batches(rows: Iterator[dict[str, str | None]]) -> Iterator[list[dict[str, str | None]]]:
    part: list[dict[str, str | None]] = []
    for row in rows:
        part.append(row)
        if len(part) == PART_ROWS:
            yield part
            part = []
    if part:
        yield part


class _Component:
    """A component and the values that are given by their place."""

    def __init__(self, of: Mapping[str, Any]) -> None:
        self.id = str(of["id"])
        self.values = [_value(one) for one in of.get("values") or []]

    def __call__(self, cell: Any) -> str | None:
        if cell is None or not self.values:
            return _text(cell)
        # Numbers are kept as they are written, so that a place in a list is text too.
        place = int(cell)
        if place < 0:
            raise IndexError(f"{self.id} has no value at {place}")
        return self.values[place]


def _value(one: Any) -> str | None:
    if one is None:
        return None
    if "id" in one:
        return _text(one["id"])
    if "value" in one:
        return _text(one["value"])
    raise ValueError("a component holds several values, which is not read")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return _text(value.get("en") or next(iter(value.values()), None))
    raise ValueError("a component holds several values, which is not read")


def _rows(one: Mapping[str, Any], structure: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
    """Yield the observations of a data set, flat or in series, each with all that holds for it."""
    dimensions = {level: _components(structure, "dimensions", level) for level in ("dataSet", "series", "observation")}
    attributes = {
        level: _components(structure, "attributes", level)
        for level in ("dataSet", "dimensionGroup", "series", "observation")
    }
    cells = [*_components(structure, "measures", "observation"), *attributes["observation"]]
    if "measures" not in structure:
        cells = [_Component({"id": "OBS_VALUE"}), *attributes["observation"]]
    whole = {part.id: part.values[0] for part in dimensions["dataSet"]}
    whole |= _told(attributes["dataSet"], one.get("attributes") or [])
    places = sorted(
        (int(of.get("keyPosition", at)), str(of["id"]))
        for level in dimensions
        for at, of in enumerate((structure.get("dimensions") or {}).get(level) or [])
    )
    groups = [
        (dict(_group_key(key, [id for _, id in places], dimensions)), _told(attributes["dimensionGroup"], told))
        for key, told in (one.get("dimensionGroupAttributes") or {}).items()
    ]

    def row(key: dict[str, str | None], values: Sequence[Any]) -> dict[str, str | None]:
        made = whole | key
        for of, told in groups:
            if all(made.get(id) == value for id, value in of.items()):
                made = {**made, **{id: value for id, value in told.items() if value is not None}}
        return made | _told(cells, values)

    if one.get("observations"):
        for key, values in one["observations"].items():
            yield row(_key(key, dimensions["observation"]), values)
    for key, series in (one.get("series") or {}).items():
        above = _key(key, dimensions["series"]) | _told(attributes["series"], series.get("attributes") or [])
        for at, values in (series.get("observations") or {}).items():
            yield row(above | _key(at, dimensions["observation"]), values)


def _components(structure: Mapping[str, Any], kind: str, level: str) -> list[_Component]:
    return [_Component(of) for of in (structure.get(kind) or {}).get(level) or []]


def _key(key: str, dimensions: Sequence[_Component]) -> dict[str, str | None]:
    places = key.split(":") if key else []
    if len(places) != len(dimensions):
        raise ValueError(
            f"the key {key} has {how_many(len(places), 'place')} for {how_many(len(dimensions), 'dimension')}"
        )
    return {one.id: one(place) for one, place in zip(dimensions, places, strict=True)}


def _told(components: Sequence[_Component], values: Sequence[Any]) -> dict[str, str | None]:
    if len(values) > len(components):
        raise ValueError(
            f"{how_many(len(values), 'value is', 'values are')} given for {how_many(len(components), 'component')}"
        )
    told: dict[str, str | None] = {one.id: one(value) for one, value in zip(components, values, strict=False)}
    return told | {one.id: None for one in components[len(values) :]}


def _group_key(
    key: str, ids: Sequence[str], dimensions: Mapping[str, Sequence[_Component]]
) -> Iterator[tuple[str, str | None]]:
    by_id = {one.id: one for level in dimensions.values() for one in level}
    for id, place in zip(ids, key.split(":"), strict=False):
        if place:
            yield id, by_id[id](place)
