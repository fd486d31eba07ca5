"""States of a run: what was made of what, so that a run that was stopped goes on, and one without news does nothing."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from migstat.words.finding import Finding, Place, Severity
from migstat.words.run_plan import STEPS
from migstat.write.atomic import write_text
from migstat.write.run import finding_facts

STATE = "state.json"
PART = re.compile(r"\..+\.[0-9a-f]{8}\.part")
"""What a process that was killed may leave beside its place: a file, or on Spark a folder, that was not finished."""


class State:
    """The account of one folder: each step with what it was made of, what it said, and the files it left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps: dict[str, dict[str, Any]] = {}
        try:
            found = json.loads((folder / STATE).read_bytes())
            self.steps = {step: found["steps"][step] for step in STEPS if step in found["steps"]}
        except (OSError, ValueError, KeyError, TypeError):
            self.steps = {}

    def holds(self, step: str, made_from: Mapping[str, Any]) -> bool:
        """Tell whether a step was made of just this, and its files are as they were left."""
        one = self.steps.get(step)
        if one is None or one.get("from") != made_from:
            return False
        return all(fingerprint(self.folder / name) == known for name, known in one["outputs"].items())

    def drop(self, steps: Iterable[str]) -> None:
        """Remove the files that these steps left: what lies in the folder is always of one run."""
        dropped = [step for step in steps if step in self.steps]
        for step in dropped:
            for name in self.steps[step]["outputs"]:
                path = (self.folder / name).resolve()
                if self.folder.resolve() in path.parents:
                    remove(path)
        for step in dropped:
            del self.steps[step]
        if dropped:
            self._save()

    def keep(
        self,
        step: str,
        made_from: Mapping[str, Any],
        facts: Mapping[str, Any],
        findings: Iterable[Finding],
        outputs: Iterable[Path],
    ) -> None:
        """Note that a step was made."""
        self.steps[step] = {
            "from": dict(made_from),
            "facts": dict(facts),
            "findings": [finding_facts(one) for one in findings],
            "outputs": {one.relative_to(self.folder).as_posix(): fingerprint(one) for one in outputs},
        }
        self._save()

    def _save(self) -> None:
        text = json.dumps({"steps": self.steps}, ensure_ascii=False, indent=1, sort_keys=True)
        write_text(self.folder / STATE, text + "\n")
        # What was just made is told in the same order as what is kept.
        self.steps = json.loads(text)["steps"]


def finding_of(facts: Mapping[str, Any]) -> Finding:
    """Return a finding that was written as plain values."""
    return Finding(
        Place(facts["file"], facts["line"]),
        facts["component"],
        facts["what"],
        facts["mend"],
        Severity(facts["severity"]),
        facts["rule"],
        facts["rows"],
        facts["weight"],
    )


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and files of a folder; an empty text where there is none."""
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file())
        lines = [f"{fingerprint(one)}  {one.relative_to(path).as_posix()}\n" for one in files]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def remove(path: Path) -> None:
    """Remove a file, or a folder of files that was written on Spark, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def stamp(source: Path | str) -> dict[str, Any]:
    """Return what tells quickly that a file, or a folder of files, is another: size and time of change of each.

    A table of a database has none, and is read every time.
    """
    if isinstance(source, str):
        return {"read": os.urandom(8).hex()}
    files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
    found: dict[str, Any] = {}
    for path in files:
        about = path.stat()
        name = path.relative_to(source).as_posix() if path != source else path.name
        found[name] = [about.st_size, about.st_mtime_ns]
    return found


def clear_parts(folder: Path, deep: bool = True) -> None:
    """Remove what a run that was killed left unfinished: files, and on Spark folders."""
    for path in list(folder.rglob(".*.part") if deep else folder.glob(".*.part")):
        if PART.fullmatch(path.name):
            remove(path)
