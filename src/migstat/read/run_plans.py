"""Run plans in: a YAML file that says what is to become of which extracts; every fault with its line."""

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path

from migstat.read import policies
from migstat.read.mappings.faults import Faults, shape
from migstat.read.packs.found import pack_mapping
from migstat.read.placed import Placed, read_yaml
from migstat.read.sets import planned_tables, read_set, table_set, table_set_ids
from migstat.read.there import is_file
from migstat.words.codelist import LANGUAGES
from migstat.words.finding import MigstatError, Place
from migstat.words.policy import Policy
from migstat.words.run_plan import RunPlan, Wanted
from migstat.words.table_set import TableSet

HEAD = (
    "id",
    "version",
    "names",
    "mapping",
    "wave",
    "extracts",
    "rules",
    "judge",
    "references",
    "companions",
    "allow",
    "tables",
    "protect",
    "write",
)
KEYS = ("files", "mapping", "wave", "companions")
COMPANION = "a companion of the extract"
FORMATS = ("parquet", "csv", "sdmx.csv", "sdmx1.csv", "xml", "ml30.xml", "json")
"""The endings that tables may be written with."""
OWN = "general knowledge, to be confirmed"


def read_run_plan(path: Path) -> RunPlan:
    """Read a plan; raise MigstatError with everything that is wrong at once, each with its line.

    A plan names files of its own folder, packs, sets and policies that ship; nothing elsewhere.
    """
    placed = read_yaml(path)
    faults = Faults()
    if not isinstance(placed.value, dict):
        faults.add(placed.place, f"the plan is {shape(placed)}, not keys with values", "begin with id: NIGHTLY")
        faults.settle()
    items = faults.keys(placed, HEAD, "the plan")
    folder = _Folder(path.parent, faults)
    folder.hashed(path)
    tables = _tables(items, placed, folder, faults)
    rules = tuple(
        found for text, place in _texts(items, "rules", faults) if (found := folder.file(text, place, "a rule file"))
    )
    rejects, failures = _allowed(items, faults)
    if items.get("judge") and items["judge"].text == "own" and "rules" not in items:
        faults.add(items["judge"].place, "judge: own, and no rules are named", "write rules: my_rules.yaml")
    plan = RunPlan(
        id=_id(items, placed, faults),
        version=faults.text(items, "version", "the plan", needed=placed.place, mend="write version: 1.0"),
        names={key: one.text for key, one in faults.keys(items["names"], LANGUAGES, "names").items()}
        if "names" in items
        else {},
        folder=path.parent,
        extracts=_extracts(items, placed, folder, faults),
        rules=rules,
        only=faults.choice(items, "judge", ("all", "own"), "all") == "own",
        references=_files(items, "references", "a file that rules look into", folder, faults),
        rejects_borne=rejects,
        failures_borne=failures,
        tables=tables,
        policy=_policy(items, folder, faults),
        formats=_formats(items, faults),
        files=dict(sorted(folder.hashes.items())),
        place=placed.place,
    )
    faults.settle()
    return plan


class _Folder:
    """The folder of a plan: which of its files the plan may name, and the fingerprint of those that it does."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self.folder, self.faults = folder, faults
        self.hashes: dict[str, str] = {}

    def hashed(self, path: Path) -> None:
        self.hashes[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()

    def file(self, text: str, place: Place, what: str, hashed: bool = True) -> Path | None:
        """Return a file inside the folder, or note what is wrong."""
        path = (self.folder / text).resolve()
        if not text or not path.is_relative_to(self.folder.resolve()):
            self.faults.add(place, f"{text or 'an empty name'} is no file in the folder of the plan", "put it there")
        elif not is_file(path):
            self.faults.add(place, f"there is no file {text[:80]}", f"name {what} in the folder of the plan")
        else:
            if hashed:
                self.hashed(path)
            return self.folder / text
        return None

    def mapping(self, text: str, place: Place) -> Path | None:
        """Return the mapping that a text means: a file, a folder of one, or a pack."""
        inner = f"{text}/mapping.yaml" if text and is_file(self.folder / text / "mapping.yaml") else text
        if not is_file(self.folder / inner) and (found := pack_mapping(text)) is not None:
            return found
        return self.file(inner, place, "a mapping, or the id of a pack,")


def _id(items: Mapping[str, Placed], top: Placed, faults: Faults) -> str:
    id = faults.text(items, "id", "the plan", needed=top.place, mend="write id: NIGHTLY")
    if id and not (id.replace("_", "").isalnum() and id.isascii()):
        faults.add(items["id"].place, f"id: {id} is not an id: letters, digits and _", "write id: NIGHTLY")
    return id


def _extracts(items: Mapping[str, Placed], top: Placed, folder: _Folder, faults: Faults) -> tuple[Wanted, ...]:
    general = folder.mapping(items["mapping"].text, items["mapping"].place) if "mapping" in items else None
    wave = faults.text(items, "wave", "the plan")
    beside = _files(items, "companions", COMPANION, folder, faults)
    if "extracts" not in items:
        if "mapping" not in items:
            faults.add(top.place, "the plan has no 'mapping'", "write mapping: mapping.yaml, or the id of a pack")
        return (Wanted("", general or Path(), wave or None, top.place, beside),)
    found: list[Wanted] = []
    for entry in items["extracts"].entries:
        own = {"files": entry} if entry.is_text else faults.keys(entry, KEYS, "the extract")
        pattern = faults.text(own, "files", "the extract", needed=entry.place, mend="write files: '*.csv'")
        if pattern and (".." in Path(pattern).parts or Path(pattern).is_absolute() or pattern.startswith(("/", "\\"))):
            mend = "write a pattern such as '*.csv', and name the folder in the command: --from FOLDER"
            faults.add(entry.place, f"{pattern} leads out of the folder", mend)
        mapping = folder.mapping(own["mapping"].text, own["mapping"].place) if "mapping" in own else general
        if "mapping" not in own and "mapping" not in items:
            mend = "write mapping: mapping.yaml in the plan, or beside files:"
            faults.add(entry.place, "nothing says by which mapping these files are read", mend)
        own_wave = faults.text(own, "wave", "the extract") or wave
        companions = beside | _files(own, "companions", COMPANION, folder, faults)
        found.append(Wanted(pattern, mapping or Path(), own_wave or None, entry.place, companions))
    return tuple(found)


def _tables(items: Mapping[str, Placed], top: Placed, folder: _Folder, faults: Faults) -> tuple[TableSet, ...]:
    """Return the tables: those written in the plan, and sets that ship or lie in its folder."""
    placed = items.get("tables")
    if placed is None:
        return ()
    if isinstance(placed.value, dict):
        made = planned_tables(placed, "MIGRANT_CHARACTERISTICS", "", OWN, faults, titled=False)
        name = items["id"].text if "id" in items else ""
        return (TableSet(name, items["version"].text if "version" in items else "", {}, "", "", OWN, made),)
    found: list[TableSet] = []
    for text, place in _texts(items, "tables", faults):
        try:
            if not text.endswith((".yaml", ".yml")) and text not in table_set_ids():
                mend = f"write one of {', '.join(table_set_ids())}, or name a YAML file"
                faults.add(place, f"there is no set of tables {text}", mend)
            elif text in table_set_ids():
                found.append(table_set(text))
            elif path := folder.file(text, place, "a set of tables"):
                found.append(read_set(path))
        except MigstatError as error:
            faults.take(error)
    ids = [table.id for one in found for table in one.tables]
    for id in dict.fromkeys(id for id in ids if ids.count(id) > 1):
        faults.add(placed.place, f"two sets have a table {id}", "write a set of your own that has one of them")
    return tuple(found)


def _policy(items: Mapping[str, Placed], folder: _Folder, faults: Faults) -> Policy | None:
    if "protect" not in items:
        return None
    text, place = items["protect"].text, items["protect"].place
    try:
        if text.endswith((".yaml", ".yml")):
            path = folder.file(text, place, "a policy")
            return policies.read_policy(path) if path is not None else None
        return policies.policy(text)
    except MigstatError as error:
        for one in error.findings:
            faults.add(place if one.place.line is None else one.place, one.what, one.mend)
        return None


def _formats(items: Mapping[str, Placed], faults: Faults) -> tuple[str, ...]:
    found = [text for text, _ in _texts(items, "write", faults)] or ["parquet", "sdmx.csv"]
    for text, place in _texts(items, "write", faults):
        if text not in FORMATS:
            faults.add(place, f"tables are not written as '{text}'", f"one of {', '.join(FORMATS)}")
    return tuple(dict.fromkeys(found))


def _allowed(items: Mapping[str, Placed], faults: Faults) -> tuple[float, bool]:
    """Return how many per cent of the rows may be rejected, and whether rules of severity error may fail."""
    if "allow" not in items:
        return 0.0, False
    found = faults.keys(items["allow"], ("rejects", "failures"), "allow")
    failures = faults.choice(found, "failures", ("none", "all"), "none") == "all"
    if "rejects" not in found:
        return 0.0, failures
    text = found["rejects"].text
    if text in ("none", "all"):
        return (100.0 if text == "all" else 0.0), failures
    try:
        share = float(text.removesuffix("%"))
    except ValueError:
        share = math.nan
    if not 0 <= share <= 100:
        what = f"rejects: {text or shape(found['rejects'])} is not a share of rows"
        faults.add(found["rejects"].place, what, "write all, none, or per cent: rejects: 0.1 %")
    return share, failures


def _files(items: Mapping[str, Placed], key: str, what: str, folder: _Folder, faults: Faults) -> dict[str, Path]:
    """Return other files, which may be large, by the names that rules or the mapping call them."""
    if key not in items:
        return {}
    placed = items[key]
    if not isinstance(placed.value, dict):
        mend = f"write {key}: {{households: households.parquet}}"
        faults.add(placed.place, f"{key} is {shape(placed)}, not names with files", mend)
        return {}
    files = {name: folder.file(one.text, one.place, what, hashed=False) for name, one in placed.value.items()}
    return {name: path for name, path in files.items() if path is not None}


def _texts(items: Mapping[str, Placed], key: str, faults: Faults) -> list[tuple[str, Place]]:
    if key not in items:
        return []
    faults.texts(items[key], key)
    return [(one.text, one.place) for one in items[key].entries if one.is_text]
