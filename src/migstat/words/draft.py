"""Drafts: a mapping proposed for an extract, each part with how sure it is and why; what is unsure stays open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migstat.words.finding import Finding
from migstat.words.mapping_rule import Match
from migstat.words.undecided import TODO

Kind = Literal["copy", "recode", "date", "cases", "not_collected", "open"]
"""``open`` is a rule that a person has to choose among candidates."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One possible answer: what would be written, how sure it is (0 to 1), and why."""

    answer: str
    confidence: float
    because: str
    match: Match = "exact"
    note: str = ""
    """What the mapping says of the answer itself, such as why a code is broader than the value."""


BLANKS = (
    Guess("_N", 0.6, "a blank that nobody explains: not stated, where all are asked"),
    Guess("_Z", 0.5, "not applicable, where they are not asked"),
    Guess("_U", 0.4, "unknown"),
)
"""What a blank may mean; only a codebook, or a person, can say it."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One source value and its code. ``code`` is TODO where it is not sure; then ``guesses`` are the candidates.

    ``because`` goes into the mapping; ``why`` says how the draft came to it.
    """

    value: str
    code: str
    label: str = ""
    match: Match = "exact"
    because: str = ""
    confidence: float = 1.0
    why: str = ""
    guesses: tuple[Guess, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftArm:
    """One arm of cases: for these values of a column, a code, or the lines of another column."""

    column: str
    values: tuple[str, ...]
    code: str = ""
    match: Match = "exact"
    because: str = ""
    source: str = ""
    """The column whose lines fill the component here."""
    pad: int | None = None
    lines: tuple[DraftLine, ...] = ()
    guesses: tuple[Guess, ...] = ()
    """What ``code`` may be, where it is TODO."""


@dataclass(frozen=True, slots=True)
class DraftRule:
    """The rule proposed for one component."""

    component: str
    kind: Kind
    column: str = ""
    lines: tuple[DraftLine, ...] = ()
    arms: tuple[DraftArm, ...] = ()
    format: str = ""
    because: str = ""
    confidence: float = 0.0
    why: str = ""
    candidates: tuple["DraftRule", ...] = ()
    """Of an open rule: what may be chosen, the best first."""
    pad: int | None = None
    parts: tuple[tuple[str, str], ...] = ()
    """Of a date that several columns hold: year, month and day, each with its column."""
    universe: str = ""
    """The condition of being asked, as the mapping writes it; outside of it the component is not applicable."""
    asked_by: str = ""
    """The column of that condition."""
    unlisted: int = 0
    """Values of the column that are not shown, since they are rare and no codebook names them."""

    @property
    def all_lines(self) -> tuple[DraftLine, ...]:
        """The lines of the rule and of its arms."""
        return (*self.lines, *(line for arm in self.arms for line in arm.lines))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule reads, those of its candidates apart."""
        named = (self.column, *(arm.column for arm in self.arms), *(arm.source for arm in self.arms))
        return tuple(dict.fromkeys(name for name in (*named, *(one for _, one in self.parts), self.asked_by) if name))

    @property
    def undecided(self) -> int:
        """How many things in this rule a person has to decide."""
        whole = self.kind == "open" or (self.kind == "not_collected" and self.because == TODO) or self.format == TODO
        arms = sum(arm.code == TODO for arm in self.arms)
        return whole + arms + sum(line.code == TODO for line in self.all_lines)


@dataclass(frozen=True, slots=True)
class Part:
    """One key of a draft's head with its value as YAML; ``value`` is TODO where it is not known.

    A part without a value is only said, in a comment. ``columns`` are those that it takes.
    """

    key: str
    value: str
    why: str = ""
    confidence: float = 1.0
    guesses: tuple[Guess, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unused:
    """A column of the extract that a draft does not use, with why, as far as that is known."""

    name: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping proposed for an extract: its head, its rules, and the files to write, by name."""

    id: str
    into: str
    head: tuple[Part, ...]
    source: tuple[Part, ...]
    keep: tuple[Part, ...]
    rules: tuple[DraftRule, ...]
    left_out: tuple[DraftRule, ...] = ()
    """Rules for components that are not required, which were not sure enough to be proposed."""
    findings: tuple[Finding, ...] = ()
    unused: tuple[Unused, ...] = ()
    """Columns of the extract that nothing in the draft reads."""
    files: Mapping[str, str] = field(default_factory=dict)
    """mapping.yaml and the tables beside it, as text."""

    @property
    def undecided(self) -> int:
        """How many things a person has to decide before the mapping can be used."""
        parts = sum(TODO in part.value for part in (*self.head, *self.source, *self.keep))
        return parts + sum(rule.undecided for rule in self.rules)

    def rule(self, component: str) -> DraftRule | None:
        """Return the rule of one component, or None where the draft has none."""
        return next((rule for rule in self.rules if rule.component == component), None)
