"""Packs: folders that hold the mapping of a source, an invented extract, and the result that must come of it."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from pathlib import Path

from migstat.words.expression import Expression
from migstat.words.finding import Finding, Place, Severity


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as it is found: what its mapping says of the source, and where the folder lies.

    ``origin`` is ``shipped``, ``path``, or the entry point that names it. ``claims`` counts the lines and rules of its
    mappings by how sure they are; those that do not say stand under an empty word.
    """

    id: str
    folder: Path
    origin: str
    name: str = ""
    kind: str = ""
    area: str = ""
    period: str = ""
    into: str = ""
    mappings: tuple[str, ...] = ()
    claims: Dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    """Why its mapping cannot be read, where it cannot."""

    @property
    def mapping(self) -> Path:
        """Its first mapping, ``mapping.yaml``."""
        return self.folder / "mapping.yaml"


@dataclass(frozen=True, slots=True)
class PackCase:
    """One run of a pack's proof: an extract through a mapping, whose result lies in ``golden`` under ``name``."""

    name: str
    mapping: str
    extract: str
    place: Place
    wave: str = ""
    rows: int = 200
    seed: str = "1"

    @property
    def round(self) -> str:
        """What layout.csv and generate.csv call it under ``wave``: its wave, or its own name where there is none."""
        return self.wave or self.name


@dataclass(frozen=True, slots=True)
class Item:
    """One of the values a column may take, with its share.

    ``text`` may hold ``{row}`` and its like; ``a..b`` is a range. With ``lines`` it stands for the source values of
    the mapping's recodes: ``of`` one component, ``but`` not for some codes, or only ``to`` some.
    """

    text: str
    share: float = 1.0
    lines: bool = False
    of: str = ""
    but: tuple[str, ...] = ()
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draw:
    """One line of generate.csv: what columns hold where a condition is true; or, in ``rows`` rows more, what is wrong.

    Of the lines of a column the first whose condition is true is taken.
    """

    columns: tuple[str, ...]
    items: tuple[Item, ...]
    place: Place
    when: Expression | None = None
    wave: str = ""
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the file in their order, and from which sign (counted from 1) how many each takes, if fixed."""

    columns: tuple[str, ...]
    fixed: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PackCheck:
    """One thing that a pack was tested for, and what was found."""

    name: str
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """True where no finding is an error."""
        return all(finding.severity != Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class PackTest:
    """What the test of a pack found, check by check."""

    id: str
    checks: tuple[PackCheck, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found, each once."""
        return tuple(dict.fromkeys(finding for check in self.checks for finding in check.findings))

    @property
    def ok(self) -> bool:
        """True where every check holds."""
        return all(check.ok for check in self.checks)
