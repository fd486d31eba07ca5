"""Faults on Spark: those that a worker tells in our words, and those of Spark itself, without what they quote."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from migstat.words.finding import Finding, MigstatError, Misuse, Place, Severity, misuse

MARK, END = "migstat-findings>", "<migstat-findings"
"""Between these stands what a worker has found, in the text of the error that Spark brings back."""


class Told(Exception):
    """What a worker raises: its text is all that reaches the driver."""


@contextmanager
def told_by_worker() -> Iterator[None]:
    """Pack the findings of a worker into an error that Spark brings back as text."""
    try:
        yield
    except MigstatError as error:
        facts = [asdict(one) for one in error.findings]
        raise Told(f"{MARK}{json.dumps([isinstance(error, Misuse), facts])}{END}") from None


@contextmanager
def on_spark(name: str) -> Iterator[None]:
    """Turn an error of Spark into one in our words; its own message may quote rows, and is not repeated."""
    try:
        yield
    except Exception as error:
        if os.environ.get("MIGSTAT_DEBUG") or not of_spark(error):
            raise
        raise _in_words(error, name) from None


def of_spark(error: Exception) -> bool:
    """Tell whether an error comes from Spark; of an error told by narwhals, whether the one behind it does."""
    cause = error.__cause__ or error.__context__
    found = type(error).__module__.split(".")[0]
    behind = isinstance(cause, Exception) and type(cause).__module__.split(".")[0] in {"pyspark", "py4j"}
    return found in {"pyspark", "py4j"} or (found == "narwhals" and behind)


def finding_of(facts: dict[str, Any]) -> Finding:
    """Return a finding that was sent as plain values."""
    place = Place(**facts["place"])
    return Finding(**{**facts, "place": place, "severity": Severity(facts["severity"])})


def _in_words(error: Exception, name: str) -> MigstatError:
    text = str(error)
    if packed := re.search(f"{MARK}(.*?){END}", text, re.S):
        try:
            wrong, facts = json.loads(packed[1])
        except ValueError:
            wrong, facts = json.loads(packed[1].encode().decode("unicode_escape"))
        kind = Misuse if wrong else MigstatError
        return kind([finding_of(one) for one in facts])
    if lacking := re.search(r"ModuleNotFoundError: No module named '(\w+)", text):
        mend = "send them an environment that has it: --archives, see the page on running it on a cluster"
        return misuse(f"the workers of Spark have no {lacking[1]}", mend, place="spark")
    condition = _condition(error, text)
    kinds = {
        "PATH_NOT_FOUND": ("there is no such file", "check the path, and that the cluster may see it"),
        "FileNotFound": ("a file vanished while it was read", "run again, when nobody writes there"),
        "UnknownHost": ("the file system cannot be reached", "check the address and the network"),
        "AccessControl": ("may not be read or written", "ask for the right to it, or check the credentials of Spark"),
        "AccessDenied": ("may not be read or written", "ask for the right to it, or check the credentials of Spark"),
        "UnsupportedFileSystem": ("is on a file system that this Spark has no driver for", "add it with --packages"),
        "ClassNotFound": ("is on a file system that this Spark has no driver for", "add it with --packages"),
        "OutOfMemory": ("a worker of Spark has too little memory", "raise spark.executor.memory, or use more parts"),
        "No space left": ("a disk of a worker is full", "set spark.local.dir to a disk with space left"),
        "Connection refused": ("the master of Spark cannot be reached", "check the master, and that it runs"),
    }
    for sign, (what, mend) in kinds.items():
        if sign in condition or sign in text:
            return MigstatError([Finding(Place(name), "", what, mend)])
    what = f"Spark stopped: {condition or type(error).__name__}"
    mend = "look into Spark's own log; MIGSTAT_DEBUG=1 shows the whole error, which may quote rows"
    return MigstatError([Finding(Place(name), "", what, mend)])


def _condition(error: Exception, text: str) -> str:
    """Return the name of the error, as Spark has a list of them, or the Java class."""
    asked = getattr(error, "getCondition", None) or getattr(error.__cause__, "getCondition", None)
    named = asked() if asked is not None else None
    java = re.search(r"\b(?:[a-z]\w*\.)+([A-Z]\w+(?:Exception|Error))\b", text)
    return str(named or (java[1] if java else ""))
