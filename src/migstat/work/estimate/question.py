"""What is asked of a sample, and what is wrong with the asking."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from migstat.words.design import Design
from migstat.words.expression import Expression, names
from migstat.words.finding import Finding, Misuse, Place

Statistic = Literal["total", "mean", "proportion", "ratio", "quantile"]
STATISTICS = ("total", "mean", "proportion", "ratio", "quantile")
CALL = Place("estimate")


@dataclass(frozen=True, slots=True)
class Question:
    """One statistic of one variable, by groups, in a domain.

    ``of`` is a number, or codes (total, proportion), or empty (total: people); ``over`` is the denominator of a ratio.
    """

    statistic: Statistic
    of: str = ""
    over: str = ""
    by: tuple[str, ...] = ()
    domain: Expression | None = None
    probabilities: tuple[float, ...] = (0.25, 0.5, 0.75)
    confidence: float = 0.95

    @property
    def said(self) -> str:
        """The variable in words."""
        return f"{self.of} / {self.over}" if self.over else self.of

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, each once."""
        read = names(self.domain) if self.domain is not None else ()
        return tuple(dict.fromkeys(name for name in (self.of, self.over, *self.by, *read) if name))


def check(question: Question, design: Design, columns: Collection[str], numeric: Collection[str]) -> None:
    """Raise Misuse with everything that is wrong with a question to these records, at once."""
    faults = [*_faults(question, columns, numeric), *_absent(design, columns)]
    if faults:
        raise Misuse(faults)


def _faults(question: Question, columns: Collection[str], numeric: Collection[str]) -> Iterator[Finding]:
    statistic = question.statistic
    if statistic not in STATISTICS:
        yield Finding(CALL, "statistic", f"there is no statistic {statistic!r}", f"one of {', '.join(STATISTICS)}")
        return
    if statistic != "total" and not question.of:
        yield Finding(CALL, "of", f"a {statistic} of nothing", "name a column: of=AGE")
    if statistic == "ratio" and not question.over:
        yield Finding(CALL, "of", "a ratio needs two numbers", "write of=INCOME/HOURS_WORKED")
    for name in question.columns:
        if name not in columns:
            yield Finding(CALL, name, f"the records have no {name}", _near(name, columns))
    for name in (question.of, question.over):
        if name in columns and statistic in {"mean", "ratio", "quantile"} and name not in numeric:
            yield Finding(CALL, name, f"a {statistic} is of numbers, and {name} holds codes", "ask for its proportion")
    for share in question.probabilities:
        if not 0 < share < 1:
            yield Finding(CALL, "probabilities", f"{share:g} is not between 0 and 1", "write 0.5 for the median")
    if not 0 < question.confidence < 1:
        yield Finding(CALL, "confidence", f"{question.confidence:g} is not between 0 and 1", "write 0.95")


def _absent(design: Design, columns: Collection[str]) -> Iterator[Finding]:
    for name in [name for name in design.columns if name not in columns]:
        mend = f"the design names it; {_near(name, columns)}, or estimate from records that have it"
        yield Finding(CALL, name, f"the records have no {name}", mend)


def _near(name: str, columns: Sequence[str] | Collection[str]) -> str:
    near = get_close_matches(name.upper(), list(columns), 1, 0.5) or get_close_matches(name, list(columns), 1, 0.5)
    return f"write {near[0]}" if near else "see the columns of the records"
