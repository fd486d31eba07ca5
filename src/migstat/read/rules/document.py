"""A rule file: its head, the files it includes, its rules in order."""

import hashlib
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from migstat.read.codelists import data_folder
from migstat.read.mappings.faults import Faults, nearest, shape
from migstat.read.placed import Placed, read_yaml
from migstat.read.rules.rule import read_rule
from migstat.read.there import is_file
from migstat.words.codelist import LANGUAGES
from migstat.words.finding import MigstatError, Place
from migstat.words.rule import Rule, RuleSet

HEAD = ("id", "version", "language", "notes", "include", "rules")


def read_rules(path: Path) -> RuleSet:
    """Read a rule file, and those it includes from the same folder; raise MigstatError with all faults at once.

    The rules of included files come first. Whether the columns and codes exist is found when the rules meet a structure
    or data.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> rule = "{id: HOURS, check: hours between 1 and 80, threshold: 10 rows}"
    >>> _ = (folder / "labour.yaml").write_text(f"id: LABOUR\\nversion: 1.0\\nrules: [{rule}]")
    >>> read_rules(folder / "labour.yaml")["HOURS"].text
    'hours between 1 and 80'
    """
    reading = _Reading(path.parent)
    id, version = reading.file(path, ())
    reading.faults.settle()
    return RuleSet(id, version, tuple(reading.rules.values()), dict(sorted(reading.files.items())))


@cache
def shipped_rules(structure_id: str) -> RuleSet | None:
    """Return the rules that ship for the field of a structure, or None where there are none.

    >>> shipped_rules("NO_SUCH_STRUCTURE") is None
    True
    """
    folder = data_folder("schemas") / "rules"
    path = folder / f"{structure_id}.yaml"
    known = folder.is_dir() and path.name in {one.name for one in folder.iterdir()}
    return read_rules(path) if known else None


@dataclass(slots=True)
class _Reading:
    folder: Path
    faults: Faults = field(default_factory=Faults)
    rules: dict[str, Rule] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def file(self, path: Path, above: tuple[str, ...]) -> tuple[str, str]:
        """Read one file with what it includes; return its id and version."""
        try:
            placed = read_yaml(path)
        except MigstatError as error:
            self.faults.take(error)
            return "", ""
        self.files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        if not isinstance(placed.value, dict):
            what = f"the rule file is {shape(placed)}, not keys with values"
            self.faults.add(placed.place, what, "begin with id: MY_RULES")
            return "", ""
        self.faults.component = ""
        items = self.faults.keys(placed, HEAD, "the rule file")
        id, version = self.head(items, placed.place)
        language = self.faults.choice(items, "language", LANGUAGES, "en")
        for entry in items["include"].entries if "include" in items else ():
            self.include(entry, (*above, path.name))
        self.listed(items, placed.place, language)
        return id, version

    def head(self, items: dict[str, Placed], place: Place) -> tuple[str, str]:
        id = self.faults.text(items, "id", "the rule file", needed=place, mend="write id: MY_RULES")
        if id and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", id):
            what = f"id: {id} is not an id: letters, digits and _, a letter first"
            better = re.sub(r"[^A-Za-z0-9_]+", "_", id).lstrip("_0123456789") or "MY_RULES"
            self.faults.add(items["id"].place, what, f"write id: {better}")
        version = self.faults.text(items, "version", "the rule file", needed=place, mend="write version: 1.0")
        if version and not re.fullmatch(r"\d+(\.\d+){0,2}", version):
            what = f"version: {version} is not a version"
            self.faults.add(items["version"].place, what, "write it as 1.0, or 1.0.2")
        return id, version

    def include(self, placed: Placed, above: tuple[str, ...]) -> None:
        """Read an included file once; its faults are told at its own lines."""
        self.faults.component = ""
        name = placed.text
        if not name:
            self.faults.add(placed.place, f"include holds {shape(placed)}", "list file names, such as [common.yaml]")
        elif "/" in name or "\\" in name or name in (".", "..") or "\0" in name:
            what = f"{name!r} lies outside the folder of the rule file"
            self.faults.add(placed.place, what, "put the file into the same folder, and write its name alone")
        elif name in above:
            circle = " > ".join((*above[above.index(name) :], name))
            self.faults.add(placed.place, f"{name} includes itself: {circle}", "cut the circle")
        elif name not in self.files:
            known = sorted(one.name for one in self.folder.glob("*.yaml") if one.name not in above)
            if is_file(self.folder / name):
                self.file(self.folder / name, above)
            else:
                mend = nearest(name, known) if known else "put the file into the same folder, or remove the line"
                self.faults.add(placed.place, f"there is no file {name[:80]} to include", mend)

    def listed(self, items: dict[str, Placed], place: Place, language: str) -> None:
        """Read the rules of one file, each with its own id."""
        self.faults.component = ""
        mend = "write rules: [{id: AGE_RANGE, check: AGE between 0 and 120}]"
        if "rules" not in items:
            if "include" not in items and not set(items) - set(HEAD):
                self.faults.add(place, "the rule file has no 'rules'", mend)
            return
        placed = items["rules"]
        if not isinstance(placed.value, tuple):
            what = f"rules is {shape(placed)}, not a list"
            self.faults.add(placed.place, what, "begin each rule with a dash: - id: AGE_RANGE")
            return
        if not placed.entries:
            self.faults.add(placed.place, "rules is an empty list", mend)
        for entry in placed.entries:
            rule = read_rule(entry, language, self.faults)
            id = entry.items["id"].text if "id" in entry.items else ""
            if id and id in self.places:
                what = f"the rule {id} is given twice, first at {self.places[id]}"
                self.faults.add(entry.place, what, "give it another id, or remove one of the two")
            elif id:
                self.places[id] = entry.place
            if rule is not None and id not in self.rules:
                self.rules[id] = rule
        self.faults.component = ""
