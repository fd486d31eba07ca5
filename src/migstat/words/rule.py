"""Validation rules: what must hold, of which rows or files, and what a missing value then means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from migstat.words.expression import Expression
from migstat.words.finding import Place, Severity

MissingPolicy = Literal["undecided", "fail", "pass", "ignore"]
"""A row whose verdict hangs on a missing value: could not be judged, counts as failed, counts as passed, or is left out
of the rule altogether (as in a share of the non-missing)."""
Verdict = Literal["pass", "fail", "undecided"]


@dataclass(frozen=True, slots=True)
class LookUp:
    """Values for a row from another file, or from other rows of the same one (``file`` is ``self``).

    ``where`` pairs their column with ours. The rule reads ``alias.COLUMN``; ``alias.n`` is the number of rows found.
    """

    alias: str
    file: str
    where: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Holds:
    """A condition over one row, and over what it looks up."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Unique:
    """No two rows have the same values in these columns. Every row of a group that has is a failure."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Determines:
    """Rows alike in ``columns`` are alike in ``target``. Every row of a group that is not is a failure."""

    columns: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Exists:
    """The row's values in ``columns`` stand in ``other`` columns of another file."""

    columns: tuple[str, ...]
    file: str
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A condition over the rows of each group (over the whole file where ``by`` is empty), with aggregate functions.

    ``count()``, ``count(condition)``, ``share(condition)``, ``sum(x)``, ``mean(x)``, ``median(x)``, ``smallest(x)``,
    ``largest(x)``, ``distinct(x)``; weighted where ``weighted``. Every row of a group that fails is a failure.
    """

    by: tuple[str, ...]
    expression: Expression
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A condition between a row and the one before it: ``previous(COLUMN)`` within ``by``, in the order of ``sort``."""

    by: tuple[str, ...]
    sort: tuple[str, ...]
    expression: Expression


@dataclass(frozen=True, slots=True)
class Parts:
    """In a tree of codes, the value of each parent equals the sum of its direct children, within ``tolerance``.

    ``tree`` is ``dotted`` (1, 1.2, 1.2.3) or the id of a codelist; ``within`` are the columns that stay the same.
    ``absent`` says what an absent child means: the parent cannot be judged, or the child counts as 0.
    """

    value: str
    code: str
    tree: str
    within: tuple[str, ...] = ()
    tolerance: float = 0.0
    absent: Literal["undecided", "zero"] = "undecided"


Check = Holds | Unique | Determines | Exists | Group | Sequence | Parts


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it checks, when it applies, how it is told, and how many failures it bears.

    Rows for which ``when`` is not true are not judged. The rule as a whole fails where more than ``rows_borne`` rows,
    or more than ``share_borne`` of the rows judged, fail it (where neither is given: any).
    """

    id: str
    check: Check
    text: str
    place: Place
    names: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    component: str = ""
    severity: Severity = Severity.ERROR
    missing: MissingPolicy = "undecided"
    when: Expression | None = None
    look_ups: tuple[LookUp, ...] = ()
    rows_borne: int | None = None
    share_borne: float | None = None
    origin: str = ""
    standing: str = ""
    mend: str = ""

    def name(self, language: str = "en") -> str:
        """Return the label in a language, or in English, or the id."""
        return self.names.get(language) or self.names.get("en") or self.id


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one run, in order, with the files they came from."""

    id: str
    version: str
    rules: tuple[Rule, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    """Every rule file that was read, by name, with its sha256."""

    def __getitem__(self, id: str) -> Rule:
        for rule in self.rules:
            if rule.id == id:
                return rule
        raise KeyError(id)
