"""A finding: the one shape of everything that can be wrong, with its place and its mend."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from traceback import extract_tb

from migstat.words.address import without_secrets
from migstat.words.how_many import how_many


class Severity(StrEnum):
    """How much a finding weighs: an error stops the run, a warning asks for a look, a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a thing was said: a file and its line, or the id of a rule (then ``line`` is None)."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where, in which component, what, how often, and what to write instead."""

    place: Place
    component: str
    what: str
    mend: str
    severity: Severity = Severity.ERROR
    rule: str = ""
    rows: int | None = None
    weight: float | None = None

    def __str__(self) -> str:
        head = f"{self.place}  {self.component}".rstrip()
        mend = f"\n  Mend: {self.mend}" if self.mend else ""
        return f"{head}\n  {self.what}{self.extent}{mend}"

    @property
    def extent(self) -> str:
        """Rows and weight touched, as a phrase in brackets; empty where neither is known."""
        if self.rows is None:
            return ""
        weight = "" if self.weight is None else f", weight {self.weight:,.1f}"
        return f"  ({how_many(self.rows, 'row')}{weight})"


def fault(error: BaseException) -> str:
    """Say where in migstat an error that nobody foresaw arose, and nothing of the data that it may speak of."""
    frames = [frame for frame in extract_tb(error.__traceback__) if "migstat" in PurePath(frame.filename).parts]
    where = f" in {PurePath(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}; this is a fault of migstat, please report it"


class MigstatError(ValueError):
    """What migstat raises: all findings of the step that could not go on, each with place, cause and mend."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(f) for f in self.findings))


class Misuse(MigstatError):
    """The call itself is wrong: a file that is not there, an option that does not exist (exit code 2)."""


def misuse(what: str, mend: str, *, place: str = "migstat", component: str = "") -> Misuse:
    """Make the error for one wrong use of a function or command; a password in what was given is not repeated."""
    return Misuse([Finding(Place(without_secrets(place)), component, without_secrets(what), mend)])
