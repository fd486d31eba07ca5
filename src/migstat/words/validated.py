"""The result of a validation: for each rule how many rows passed, failed, or could not be judged, and which."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from migstat.words.finding import Finding, Severity
from migstat.words.how_many import how_many
from migstat.words.rule import Rule, RuleSet, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule's result, by rows and by weight. ``units`` is rows, or groups for a rule over groups or files.

    ``sample`` are failing rows, at most as many as asked for: row number, key, and the columns that the rule reads.
    ``failing`` is the true number however short the sample is.
    """

    rule: Rule
    passed: int
    failed: int
    undecided: int
    passed_weight: float = 0.0
    failed_weight: float = 0.0
    undecided_weight: float = 0.0
    units: str = "rows"
    sample: tuple[dict[str, Any], ...] = ()
    note: str = ""

    @property
    def judged(self) -> int:
        """Rows for which there is a verdict."""
        return self.passed + self.failed

    @property
    def share(self) -> float | None:
        """Failed among those judged, or None where none was judged."""
        return self.failed / self.judged if self.judged else None

    @property
    def verdict(self) -> Verdict:
        """The rule as a whole, after what it bears: fail, undecided (none could be judged), or pass."""
        rule = self.rule
        borne = rule.rows_borne is not None and self.failed <= rule.rows_borne
        borne = borne or (rule.share_borne is not None and (self.share or 0.0) <= rule.share_borne)
        if self.failed and not borne:
            return "fail"
        return "undecided" if self.undecided and not self.judged else "pass"

    @property
    def truncated(self) -> bool:
        """True where there are more failing rows than the sample shows."""
        return self.failed > len(self.sample)


@dataclass(frozen=True, slots=True)
class Validated:
    """What ``validate`` gives back: a result a rule, findings about the rules themselves, and the way to the rows.

    ``split`` returns two frames: the rows that fail no rule of severity error, and those that do, with ``_rules``.
    ``failures`` returns every failing row of every rule: ``_rule``, ``_row``, key columns, and ``_values``, which the
    rule read, as ``AGE=3; RESID_5Y=ABROAD``. ``failures(into=path)`` writes them to Parquet and returns how many they
    are. A rule over the whole file is in neither: where it fails, no row is to blame more than another.
    ``rejects`` returns the rows of an extract that did not become records, and so were not judged.
    """

    name: str
    rules: RuleSet
    results: tuple[Judged, ...]
    rows: int
    weight: float
    findings: tuple[Finding, ...] = ()
    key: tuple[str, ...] = ()
    split: Callable[[], tuple[Any, Any]] = lambda: (None, None)
    failures: Callable[..., Any] = lambda into=None: None
    rejects: Callable[[], Any] = lambda: None
    page: Callable[[], str] = str
    """The page of the run as a notebook shows it, without values of rows; empty where nobody has made one."""
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True where no rule of severity error fails."""
        return all(one.verdict != "fail" or one.rule.severity != Severity.ERROR for one in self.results)

    def _repr_html_(self) -> str | None:
        """Show the page inline in a notebook."""
        return self.page() or None

    def __getitem__(self, id: str) -> Judged:
        for one in self.results:
            if one.rule.id == id:
                return one
        raise KeyError(id)

    def __repr__(self) -> str:
        failed = sum(one.verdict == "fail" for one in self.results)
        return (
            f"<Validated {self.name}: {how_many(self.rows, 'row')}, "
            f"{how_many(len(self.results), 'rule')}, {failed} fail>"
        )
