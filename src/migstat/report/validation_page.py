"""The page of a validation: which rules fail, on how many rows, why, and what to write instead."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any

from migstat.report.language import LEAST, Language
from migstat.report.language import language as spoken
from migstat.report.page import render, source
from migstat.words.expression_text import print_expression
from migstat.words.finding import Finding, Severity
from migstat.words.rule import Group, Rule
from migstat.words.shown import FEWEST, WHOLE, Count, Shown, rows_shown, shown
from migstat.words.validated import Judged, Validated

VERDICTS = ("fail", "undecided", "pass")


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as the page shows it: what is told of its counts, and where it stands when sorted."""

    one: Judged
    told: Shown
    name: str
    translated: bool
    when: str
    share: str
    share_size: float
    samples: tuple[tuple[str, ...], ...]
    """The columns of the failing rows shown, then the rows."""

    @property
    def unit(self) -> str:
        """What is counted: rows, groups, or the file."""
        return "file" if self.one.units in WHOLE else "rows" if self.one.units == "rows" else "groups"

    @property
    def rank(self) -> int:
        """The worst first: by verdict, then by severity."""
        return VERDICTS.index(self.one.verdict) * 3 + list(Severity).index(self.one.rule.severity)


def validation_page(
    run: Validated, language: str = "en", show_values: bool = False, names: Mapping[str, str] | None = None
) -> str:
    """Return the account of a validation as one HTML page that needs no other file and no network.

    The page holds no value of any row, and no count under ten nor what would give it back, unless ``show_values``;
    then the samples of failing rows are on it too. ``language`` is one of en fr es ar ru zh; ``names`` are the names of
    components in it. The page reads the same without its script, which only sorts. Equal runs give equal pages.
    """
    words = spoken(language)
    lines = [_line(one, run, words, show_values) for one in run.results]
    script = source("sort.js")
    return render(
        "validation.html",
        lang=words.code,
        dir=words["direction"],
        skip=words["skip"],
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        t=words,
        run=run,
        rows=rows_shown(run, show_values=show_values),
        weighted=run.weight != run.rows,
        worst=_worst(lines),
        failing_errors=sum(one.verdict == "fail" and one.rule.severity == Severity.ERROR for one in run.results),
        severities=[str(severity) for severity in Severity],
        verdicts=VERDICTS,
        tally=_tally(run.results),
        mends=sorted((line for line in lines if line.one.verdict != "pass"), key=_heaviest),
        components=_by_component(lines),
        names=names or {},
        facts=_facts,
        findings=[(finding, _extent(finding, words, show_values)) for finding in _worst_first(run.findings)],
        few=words.count(Count(FEWEST, "<")) if not show_values else "",
        show_values=show_values,
    )


def inline_page(run: Validated, language: str = "en", show_values: bool = False) -> str:
    """Return the page in a frame of its own, for a notebook: neither sees the other's style."""
    page = escape(validation_page(run, language, show_values), quote=True)
    title = escape(spoken(language).say("title", name=run.name), quote=True)
    style = "width: 100%; height: 40rem; border: 1px solid #8888"
    return f'<iframe title="{title}" sandbox="allow-scripts" style="{style}" srcdoc="{page}"></iframe>'


def _line(one: Judged, run: Validated, words: Language, show_values: bool) -> Line:
    told = shown(one, run.rows, show_values=show_values)
    return Line(
        one,
        told,
        one.rule.name(words.code),
        words.code in one.rule.names or not one.rule.names,
        print_expression(one.rule.when) if one.rule.when else "",
        "" if one.units in WHOLE else _share(told, words),
        told.share or 0.0,
        _samples(one, run.key, words) if show_values else (),
    )


def _share(told: Shown, words: Language) -> str:
    """Write the share that failed, from the counts as they are shown; nothing where they say too little."""
    if told.share is None or (told.failed.sign == "<" and told.passed.sign == "<"):
        return ""
    said = words.percent(told.share)
    if told.failed.sign == "<":
        return said if told.share < LEAST else words.say("few", n=said)
    return words.say("about", n=said) if told.failed.hidden or told.passed.hidden else said


def _samples(one: Judged, key: Iterable[str], words: Language) -> tuple[tuple[str, ...], ...]:
    if not one.sample:
        return ()
    met = dict.fromkeys(column for row in one.sample for column in row)
    columns = sorted(met, key=lambda column: (not column.startswith("_row"), column not in set(key)))
    heads = tuple(words["row"] if column == "_row" else column for column in columns)
    return heads, *(tuple(_value(row.get(column)) for column in columns) for row in one.sample)


def _value(value: Any) -> str:
    return "–" if value is None or value == "" else str(value)


def _worst(lines: Iterable[Line]) -> str:
    failing = {line.one.rule.severity for line in lines if line.one.verdict == "fail"}
    return next((str(severity) for severity in Severity if severity in failing), "fine")


def _tally(results: Iterable[Judged]) -> dict[tuple[str, str], int]:
    counts = {(str(severity), verdict): 0 for severity in Severity for verdict in VERDICTS}
    for one in results:
        counts[str(one.rule.severity), one.verdict] += 1
    return counts


def _heaviest(line: Line) -> tuple[int, int]:
    """Put errors first, then what fails before what is undecided, then what touches most."""
    rule = line.one.rule
    verdict = VERDICTS.index(line.one.verdict)
    return list(Severity).index(rule.severity) * 3 + verdict, -line.told.failed.size


def _by_component(lines: Iterable[Line]) -> dict[str, list[Line]]:
    grouped: dict[str, list[Line]] = {}
    for line in lines:
        grouped.setdefault(line.one.rule.component, []).append(line)
    return grouped


def _facts(rule: Rule, words: Language) -> Iterator[tuple[str, str]]:
    """What a rule says of itself beside its text, as terms and what they are."""
    yield words["description"], rule.description
    yield words["missing"], words["policies"][rule.missing]
    yield words["rows_borne"], "" if rule.rows_borne is None else words.number(rule.rows_borne)
    yield words["share_borne"], "" if rule.share_borne is None else words.percent(rule.share_borne)
    yield words["origin"], " · ".join(said for said in (rule.origin, rule.standing) if said)
    yield words["said_in"], str(rule.place)
    if isinstance(rule.check, Group) and rule.check.by:
        yield words["units"], f"{words['unit']['groups']}: {', '.join(rule.check.by)}"


def _worst_first(findings: Iterable[Finding]) -> list[Finding]:
    order = list(Severity)
    return sorted(findings, key=lambda f: (order.index(f.severity), f.component, f.place.file, f.place.line or 0))


def _extent(finding: Finding, words: Language, show_values: bool) -> str:
    if finding.rows is None:
        return ""
    few = not show_values and 0 < finding.rows < FEWEST
    rows = words.count(Count(FEWEST, "<") if few else Count(finding.rows))
    weight = "" if few or finding.weight is None else f", {words['weight']}: {words.number(finding.weight)}"
    return f"{words['rows']}: {rows}{weight}"
