"""The page of a run: what came in, what became of it, what is wrong, and how far it compares."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migstat.report.page import number, percent, render
from migstat.words.expression_text import print_expression
from migstat.words.finding import Finding, Severity
from migstat.words.how_many import how_many
from migstat.words.mapping import COLUMN, Target
from migstat.words.mapping_rule import (
    Band,
    Cases,
    Compute,
    Copy,
    DateRule,
    Fixed,
    NotCollected,
    Patterns,
    Pseudonym,
    Recode,
    Rule,
    columns,
    leaves,
)
from migstat.words.run import Covered, Harmonized, NotVerified, Step
from migstat.words.shown import FEWEST
from migstat.words.unverified import not_verified_note

MOST_NAMED = 6
"""Values that are named of those that become the same code for the same reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One source value as the page shows it."""

    value: str
    code: str
    label: str
    match: str
    place: str
    rows: str
    weight: str


@dataclass(frozen=True, slots=True)
class Filled:
    """One component with its rule in words, and what was met of its source values."""

    id: str
    name: str
    rule: str
    note: str
    values: tuple[Row, ...]
    unmapped: int

    @property
    def inexact(self) -> bool:
        """True where a code says more or less than its source value."""
        return any(row.match for row in self.values)


def run_page(run: Harmonized, *, show_values: bool = False) -> str:
    """Return the account of a run as one HTML page, without scripts and without any other file.

    The page holds no record. Counts of fewer than ten rows, and values of columns that are not coded, are shown only
    with ``show_values``. Equal runs give equal pages.
    """
    steps = [step for step in run.steps if not step.part]
    read = next((step for step in steps if step.name == "read"), Step("read", "rows read", 0, 0.0))
    filled = (*run.mapping.made, *run.mapping.targets)
    mapped = [_filled(run, target, show_values) for target in filled if not _absent(target)]
    unmapped = [(line.component, _row(run, line, show_values)) for line in _by_rows(run.coverage.unmapped)]
    return render(
        "run.html",
        title=run.mapping.id,
        mapping=run.mapping,
        structure=run.structure,
        source=list(_source(run)),
        verdict=_verdict(run.findings),
        steps=run.steps,
        shares=[step for step in steps if step.name != "read" and step.rows],
        read=read,
        weighted=bool(run.mapping.source.weight),
        findings=_grouped(run.findings, show_values),
        filled=mapped,
        unmapped=unmapped,
        unused=run.coverage.unused,
        unread=run.coverage.unread,
        absent=list(_not_collected(run)),
        inexact=list(_inexact(run)),
        unverified=[_unverified(run, one, show_values) for one in run.not_verified],
        unverified_lines=not_verified_note(run.mapping),
        provenance=run.provenance,
        fewest=None if show_values else FEWEST,
    )


def _verdict(findings: Iterable[Finding]) -> tuple[str, str]:
    """Return a kind and a sentence: the worst first."""
    counts = {severity: sum(f.severity == severity for f in findings) for severity in Severity}
    said = [how_many(count, severity) for severity, count in counts.items() if count]
    kind = next((str(severity) for severity, count in counts.items() if count), "fine")
    return kind, (", ".join(said) if said else "No findings") + "."


def _source(run: Harmonized) -> Iterator[tuple[str, str]]:
    source, facts = run.mapping.source, run.provenance.get("source", {})
    yield "Source", source.name
    yield "Made by", source.by
    yield "Kind", source.kind
    yield "Area", source.area
    yield "Period", facts.get("period") or source.period
    yield "Wave", (run.provenance.get("mapping") or {}).get("wave") or ""
    yield "Population", source.population
    yield "Who is covered", source.coverage
    yield "Birthplace is", source.birthplace
    yield "Boundaries", source.boundaries
    yield "Row key", ", ".join(source.key)
    yield "Rows that stand already", "left out, where all columns are alike" if source.drops_duplicates else ""
    yield "Weight", source.weight
    yield "Replicate weights", f"{len(source.replicates)}, {source.replicate_method}" if source.replicates else ""
    yield "Licence", source.licence
    yield "Address", source.url


def _grouped(findings: Iterable[Finding], show_values: bool) -> dict[str, list[tuple[Finding, str]]]:
    """Findings by component, the worst first, each with its extent as it may be shown."""
    order = list(Severity)
    grouped: dict[str, list[tuple[Finding, str]]] = {}
    for finding in sorted(
        findings, key=lambda f: (order.index(f.severity), f.component, f.place.file, f.place.line or 0)
    ):
        few = not show_values and finding.rows is not None and 0 < finding.rows < FEWEST
        extent = f"fewer than {FEWEST} rows" if few else finding.extent.strip(" ()")
        grouped.setdefault(finding.component or "The whole run", []).append((finding, extent))
    return grouped


def _filled(run: Harmonized, target: Target, show_values: bool) -> Filled:
    covered = [line for line in run.coverage if line.component == target.component]
    return Filled(
        id=target.component,
        name=_name(run, target.component),
        rule=phrase(target.rule),
        note=target.because,
        values=tuple(_row(run, line, show_values) for line in _by_rows(covered)),
        unmapped=sum(not line.code for line in covered),
    )


def _row(run: Harmonized, line: Covered, show_values: bool) -> Row:
    few = not show_values and 0 < line.rows < FEWEST
    named = line.component in run.structure and run.structure[line.component].coded
    shown = show_values or named or line.code.startswith("_")
    labels = _labels(run, line)
    return Row(
        value=" · ".join(str(value) or "blank" for value in line.values) if shown else "not shown",
        code=line.code,
        label=labels,
        match="" if line.match == "exact" else line.match,
        place=str(line.place or ""),
        rows=f"<{FEWEST}" if few else number(line.rows),
        weight="" if few else number(line.weight),
    )


def _labels(run: Harmonized, line: Covered) -> str:
    """Return what the mapping's own line calls the source value."""
    target = run.mapping.target(line.component)
    rules = leaves(target.rule) if target else ()
    lines = (one for rule in rules for one in getattr(rule, "lines", ()))
    return next((one.label for one in lines if one.place == line.place and one.label), "")


def _by_rows(lines: Iterable[Covered]) -> list[Covered]:
    """Put what no line takes first, then the values of most rows."""
    return sorted(lines, key=lambda line: (bool(line.code), -line.rows, line.component, line.values))


def _absent(target: Target) -> bool:
    return isinstance(target.rule, NotCollected)


def _not_collected(run: Harmonized) -> Iterator[tuple[str, str, str]]:
    """Components that this source does not have, each with its name and the reason."""
    reasons = {t.component: t.rule.because for t in run.mapping.targets if isinstance(t.rule, NotCollected)}
    reasons |= {id: "not asked in this wave" for id in run.provenance.get("not_collected", ()) if id not in reasons}
    for component in run.structure.components:
        if component.id in reasons:
            yield component.id, _name(run, component.id), reasons[component.id]
        elif not (component.filled_by or component.derived_from or run.mapping.target(component.id)):
            yield component.id, _name(run, component.id), "the mapping has no rule for it"


def _inexact(run: Harmonized) -> Iterator[tuple[str, str, str]]:
    """Every place where a code says more or less than the source value, with the reason given."""
    for target in (*run.mapping.made, *run.mapping.targets):
        if target.match != "exact":
            yield target.component, target.match, target.because
        alike: dict[tuple[str, str, str], list[str]] = {}
        for rule in leaves(target.rule):
            for line in getattr(rule, "lines", ()):
                if line.match in ("broader", "narrower"):
                    value = line.label or " · ".join(str(value) or "blank" for value in line.values)
                    alike.setdefault((line.match, line.code, line.because), []).append(value)
        for (match, code, because), values in alike.items():
            some = ", ".join(values[:MOST_NAMED])
            more = f" and {len(values) - MOST_NAMED:,} more" if len(values) > MOST_NAMED else ""
            said = f"{some}{more} become{'s' * (len(values) == 1)} {code}"
            yield target.component, match, f"{said}: {because}" if because else said


@dataclass(frozen=True, slots=True)
class Unverified:
    """What of one component went through lines or rules that are not verified, as the page shows it."""

    id: str
    name: str
    confidence: str
    values: str
    rows: str
    share: str
    weight: str


def _unverified(run: Harmonized, one: NotVerified, show_values: bool) -> Unverified:
    name = _name(run, one.component)
    if one.rows is None or one.weight is None:
        return Unverified(one.component, name, one.confidence, "the whole rule", "all in its reach", "", "")
    few = not show_values and 0 < one.rows < FEWEST
    judged = sum(line.rows for line in run.coverage if line.component == one.component)
    said = how_many(one.values, "source value")
    rows = f"<{FEWEST}" if few else number(one.rows)
    weight = "" if few else number(one.weight)
    return Unverified(one.component, name, one.confidence, said, rows, "" if few else percent(one.rows, judged), weight)


def _name(run: Harmonized, component: str) -> str:
    if component.startswith(COLUMN.format("")):
        return "Made first, and read by the rules"
    return run.structure[component].names.get("en", "") if component in run.structure else ""


def phrase(rule: Rule) -> str:
    """Say in a few words how a rule fills its component."""
    match rule:
        case Fixed():
            return f"always {rule.value}"
        case NotCollected():
            return "not collected"
        case Copy():
            return f"{rule.column} as it is"
        case Recode():
            return f"{' and '.join(rule.columns)} recoded" + (f" by {rule.table}" if rule.table else "")
        case Patterns():
            return f"{' and '.join(rule.columns)} by patterns"
        case Band():
            return f"{rule.column} in classes"
        case Pseudonym():
            return f"a pseudonym of {' and '.join(rule.columns)}"
        case DateRule():
            return f"a date from {', '.join(columns(rule))}"
        case Compute():
            return f"worked out: {print_expression(rule.expression)}"
        case Cases():
            return f"by cases of {', '.join(columns(rule))}"
