"""The whole mapping: its head, what it keeps, its rules and its examples."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from migstat.read.mappings.columns import made_columns
from migstat.read.mappings.conditions import condition
from migstat.read.mappings.faults import Faults, shape
from migstat.read.mappings.published import TABLE_KINDS, Codelists, Structures, completed, known_codelists, published
from migstat.read.mappings.rules import Rules
from migstat.read.mappings.source import KINDS, source, waves
from migstat.read.mappings.tables import Folder, source_value
from migstat.read.mappings.undecided import note_undecided
from migstat.read.placed import Placed, parse_yaml, read_yaml
from migstat.words.finding import Place
from migstat.words.mapping import Example, Keep, Mapping, Target
from migstat.words.mapping_rule import Pseudonym
from migstat.words.published import Published
from migstat.words.source import Source

_Word = TypeVar("_Word")

KEYS = ("id", "version", "into", "notes", "source", "waves", "columns", "keep", "table", "rules", "examples")


def read_mapping(path: Path, structure: Structures | None = None, codelist: Codelists | None = None) -> Mapping:
    """Read a mapping and the recode tables it names.

    ``path`` is the YAML file, or the folder that holds it as ``mapping.yaml``. Places are told as seen from that
    folder. The mapping of a published table needs what gives structures and codelists. Raise MigstatError with
    everything that is wrong, in the order of files and lines; whether the codes exist is the linter's to say.
    """
    path = path / "mapping.yaml" if path.is_dir() else path
    placed = read_yaml(path)
    faults = Faults()
    folder = Folder(path.parent, faults, {path.name: hashlib.sha256(path.read_bytes()).hexdigest()})
    return _mapping(placed, faults, folder, structure, codelist)


def parse_mapping(text: str, name: str) -> Mapping:
    """Read a mapping from text that stands in another file, called ``name``; it can name no tables."""
    faults = Faults()
    return _mapping(parse_yaml(text, name), faults, Folder(None, faults))


def _mapping(
    placed: Placed,
    faults: Faults,
    folder: Folder,
    structure: Structures | None = None,
    codelist: Codelists | None = None,
) -> Mapping:
    if not isinstance(placed.value, dict):
        faults.add(placed.place, f"the mapping is {shape(placed)}, not keys with values", "begin with id: KEN_2019")
        faults.settle()
    note_undecided(placed, faults)
    items = faults.keys(placed, KEYS, "the mapping")
    faults.component = "waves"
    format = items["source"].items.get("format") if "source" in items else None
    rounds = waves(items["waves"], format, folder) if "waves" in items else ()
    laid = bool(rounds) and all(wave.layout for wave in rounds)
    faults.component = ""
    id, version = _id(items, placed.place, faults), _version(items, placed.place, faults)
    into = faults.text(items, "into", "the mapping", needed=placed.place, mend="write into: CENSUS_PERSON")
    faults.component = "table"
    table = published(items["table"], faults) if "table" in items else None
    faults.component = ""
    rules = Rules(folder, known_codelists(into, structure, codelist) if table and structure and codelist else None)
    dated = bool(rounds) or _dated(items, table)
    mapping = Mapping(
        id=id,
        version=version,
        into=into,
        source=_source(items, placed.place, folder, dated=dated, laid=laid, table=table),
        targets=_targets(items, placed.place, rules),
        place=placed.place,
        columns=made_columns(items.get("columns"), rules, rounds),
        keep=tuple(_each(items, "keep", _keep, faults)),
        examples=tuple(_each(items, "examples", _example, faults)),
        waves=rounds,
        notes=faults.text(items, "notes", "the mapping"),
        table=table,
        files=dict(sorted(folder.hashes.items())),
    )
    faults.settle()
    mapping = replace(mapping, source=_with_identifiers(mapping.source, mapping.targets))
    return completed(mapping, structure) if table is not None and structure is not None else mapping


def _dated(items: dict[str, Placed], table: Published | None) -> bool:
    """Say whether a rule tells the period of each cell of a published table."""
    return table is not None and "rules" in items and "TIME_PERIOD" in items["rules"].items


def _id(items: dict[str, Placed], place: Place, faults: Faults) -> str:
    id = faults.text(items, "id", "the mapping", needed=place, mend="write id: KEN_CENSUS_2019")
    if id and not re.fullmatch(r"[A-Z][A-Z0-9_]*", id):
        better = re.sub(r"[^A-Z0-9_]+", "_", id.upper()).lstrip("_0123456789") or "KEN_CENSUS_2019"
        what = f"id: {id} is not an id: capitals, digits and _, a capital first"
        faults.add(items["id"].place, what, f"write id: {better}")
    return id


def _version(items: dict[str, Placed], place: Place, faults: Faults) -> str:
    version = faults.text(items, "version", "the mapping", needed=place, mend="write version: 1.0")
    if version and not re.fullmatch(r"\d+(\.\d+){0,2}", version):
        faults.add(items["version"].place, f"version: {version} is not a version", "write it as 1.0, or 1.0.2")
    return version


def _source(
    items: dict[str, Placed], place: Place, folder: Folder, *, dated: bool, laid: bool, table: Published | None
) -> Source:
    faults = folder.faults
    if "source" in items:
        faults.component = "source"
        kinds = TABLE_KINDS if table is not None else KINDS
        found = source(items["source"], folder, dated_by_waves=dated, laid_by_waves=laid, kinds=kinds)
        faults.component = ""
        return found
    faults.add(place, "the mapping has no 'source'", "write source: {kind: census, by: ..., area: KEN, date: 2019}")
    return Source("", "", "", place)


def _with_identifiers(source: Source, targets: tuple[Target, ...]) -> Source:
    """Count what a pseudonym is made of among the identifiers, so that no other rule, reject or report has it."""
    secret = [name for target in targets if isinstance(target.rule, Pseudonym) for name in target.rule.columns]
    return replace(source, identifiers=tuple(dict.fromkeys((*source.identifiers, *secret))))


def _targets(items: dict[str, Placed], place: Place, rules: Rules) -> tuple[Target, ...]:
    if "rules" not in items or not items["rules"].items:
        where = items["rules"].place if "rules" in items else place
        rules.faults.add(where, "the mapping has no rules", "write rules: {SEX: {from: COLUMN, recode: {1: M, 2: F}}}")
        return ()
    found = [rules.target(component, rule) for component, rule in items["rules"].items.items()]
    return tuple(target for target in found if target is not None)


def _each(
    items: dict[str, Placed], key: str, read: Callable[[Placed, Faults], _Word | None], faults: Faults
) -> Iterator[_Word]:
    placed = items.get(key)
    if placed is None:
        return
    faults.component = "example" if key == "examples" else key
    if placed.is_text:
        faults.add(placed.place, f"{key} is {shape(placed)}, not a list", f"begin each line of {key} with a dash")
    else:
        for entry in placed.entries:
            word = read(entry, faults)
            if word is not None:
                yield word
    faults.component = ""


def _keep(placed: Placed, faults: Faults) -> Keep | None:
    items = faults.keys(placed, ("column", "is", "when", "because"), "keep")
    if not items:
        return None
    because = faults.text(items, "because", "keep", needed=placed.place, mend="say why: because: usual residents")
    if "when" in items:
        if "column" in items or "is" in items:
            faults.add(placed.place, "keep has both 'when' and 'column'", "make two lines of it")
            return None
        when = condition(items["when"], faults)
        return Keep(placed.place, because, when=when) if when else None
    column = faults.text(items, "column", "keep", needed=placed.place, mend="write {column: C, is: [1], because: ...}")
    values = faults.texts(items.get("is"), "is")
    if not values:
        faults.add(placed.place, "keep does not say which values stay", "write is: [1, 2]")
        return None
    values = tuple(source_value(value, items["is"].place, None, faults) for value in values)
    return Keep(placed.place, because, column, values)


def _example(placed: Placed, faults: Faults) -> Example | None:
    items = faults.keys(placed, ("given", "gives", "wave"), "the example")
    for key in ("given", "gives"):
        if items and key not in items:
            mend = "write - {given: {COLUMN: 1}, gives: {SEX: M}}"
            faults.add(placed.place, f"the example has no '{key}'", mend)
    if "given" not in items or "gives" not in items:
        return None
    given = _texts(items["given"], "given", faults)
    gives = items["gives"]
    wave = faults.text(items, "wave", "the example")
    if gives.text in {"nothing", "reject"}:
        return Example(given, None, placed.place, wave, gives.text == "reject")
    if gives.is_text:
        mend = "write {COMPONENT: CODE}, nothing (excluded) or reject"
        faults.add(gives.place, f"gives: {gives.text or 'empty'} is not known", mend)
    return Example(given, _texts(gives, "gives", faults), placed.place, wave)


def _texts(placed: Placed, key: str, faults: Faults) -> dict[str, str]:
    if not isinstance(placed.value, dict):
        if key == "given" or not placed.is_text:
            faults.add(placed.place, f"'{key}' is {shape(placed)}", f"write {key}: {{NAME: 1}}")
        return {}
    for name, value in placed.value.items():
        if not value.is_text:
            faults.add(value.place, f"'{name}' is {shape(value)}, not one value", f"write {name}: 1")
    return {name: value.text for name, value in placed.value.items()}
