"""The page of an anonymization: the risk before and after, against the limits, and what protection cost."""

from collections.abc import Iterator
from dataclasses import dataclass

from migstat.report.page import number, render
from migstat.words.anonymized import Anonymized, Changed, KeyRisk, Measured
from migstat.words.finding import Severity
from migstat.words.how_many import how_many
from migstat.words.microdata_policy import AT_LEAST, MEASURES
from migstat.words.shown import FEWEST

SECRET = ("pram", "swap")
"""Steps of which the page does not say how much they changed: that would help to undo them."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """What the page says of one key set: each phrase with its value before and after."""

    name: str
    ids: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One measure as the page shows it."""

    one: Measured
    what: str
    before: str
    after: str
    limit: str


def anonymization_page(run: Anonymized) -> str:
    """Return the account of an anonymization as one HTML page, without scripts and without any other file.

    The page holds no value of any record. Counts of fewer than ten records are not told, nor is how much PRAM and
    swapping changed. Equal runs give equal pages.
    """
    over = [one for one in run.measures if one.verdict == "over"]
    borne = [one for one in run.measures if one.verdict == "borne"]
    return render(
        "anonymization.html",
        run=run,
        policy=run.policy,
        title=run.name,
        verdict=_verdict(len(over), len(borne)),
        keys=[_key_line(run, name) for name in run.risk_after],
        lines=[_line(run, one) for one in run.measures],
        borne=borne,
        steps=[_step(one) for one in run.steps],
        utility=run.utility,
        tables=run.tables,
        suppressed=_share(run.suppressed_cells / run.key_cells) if run.key_cells else "0 %",
        count=_count,
        share=_share,
        fewest=FEWEST,
        findings=[one for one in run.findings if one.severity != Severity.NOTE or not one.rule],
        source=list(_source(run)),
    )


def _verdict(over: int, borne: int) -> tuple[str, str]:
    if over:
        said = f"Not to be released: {over} {'measure is' if over == 1 else 'measures are'} over the limit."
        return "error", said
    if borne:
        return "warning", f"Every limit holds, but for {borne} that the policy bears, and says why."
    return "fine", "Every limit of the policy holds."


def _key_line(run: Anonymized, name: str) -> KeyLine:
    before, after = run.risk_before[name], run.risk_after[name]
    ids = next(one.ids for one in run.measures if one.keys == name)
    return KeyLine(name, ids, tuple(_facts(before, after, run.policy.k)))


def _facts(before: KeyRisk, after: KeyRisk, k: int) -> Iterator[tuple[str, str, str]]:
    yield "Records", number(before.records), number(after.records)
    yield "Alone on these keys", _count(before.uniques), _count(after.uniques)
    if k > 2:
        yield f"Alike to fewer than {how_many(k - 1, 'other')}", _count(before.below_k), _count(after.below_k)
    yield "Expected re-identifications", _expected(before.expected), _expected(after.expected)
    if before.household_expected is not None:
        home = after.household_expected
        said = "households are not in the file" if home is None else _expected(home)
        yield "Expected, through the household", _expected(before.household_expected), said
    for size in sorted(before.minimal_uniques):
        phrase = f"Combinations alone on {how_many(size, 'key')} (SUDA2)"
        yield phrase, _count(before.minimal_uniques[size]), _count(after.minimal_uniques.get(size, 0))


def _line(run: Anonymized, one: Measured) -> Line:
    of = f", {one.component}" if one.component else ""
    bound = "≥" if one.measure in AT_LEAST else "≤"
    records = run.risk_before[one.keys].records, run.risk_after[one.keys].records
    before, after = (
        "–" if value is None else _value(one.measure, value, count)
        for value, count in zip((one.before, one.after), records, strict=True)
    )
    limit = "" if one.limit is None else f"{bound} {_value(one.measure, one.limit, None)}"
    return Line(one, f"{MEASURES[one.measure]}{of}", before, after, limit)


def _value(measure: str, value: float, records: int | None) -> str:
    if measure in AT_LEAST:
        return f"{value:.4g}"
    if measure == "sample_uniques" and records is not None and 0 < round(value * records) < FEWEST:
        return f"<{FEWEST} records"
    return f"{100 * value:.3g} %" if value >= 0.00001 or value == 0 else "<0.001 %"


def _step(one: Changed) -> tuple[str, str, str, str, str]:
    if one.name == "identifiers":
        return one.name, one.what, number(one.records), "", number(one.weight)
    if one.name in SECRET:
        return one.name, one.what, "not told", "not told", "not told"
    hidden = 0 < one.records < FEWEST
    values = "" if one.name == "sample" else _count(one.values)
    return one.name, one.what, _count(one.records), values, "–" if hidden else number(one.weight)


def _count(count: int) -> str:
    return f"<{FEWEST}" if 0 < count < FEWEST else number(count)


def _expected(value: float) -> str:
    return f"<{1 if value < 1 else FEWEST}" if 0 < value < FEWEST else number(round(value, 1))


def _share(value: float | None) -> str:
    if value is None:
        return "–"
    return "<0.1 %" if 0 < value < 0.001 else f"{100 * value:.1f} %"


def _source(run: Anonymized) -> Iterator[tuple[str, str]]:
    source = run.provenance.get("source") or {}
    mapping = run.provenance.get("mapping") or {}
    yield "Source", source.get("name") or run.name
    yield "Made by", source.get("by") or ""
    yield "Structure", str(run.provenance.get("structure", ""))
    yield "Mapping", " ".join(str(mapping[name]) for name in ("id", "version", "wave") if mapping.get(name))
    yield "Policy", f"{run.policy.name()} ({run.policy.id} {run.policy.version}), {run.policy.use} use"
    yield "Standing of the policy", run.policy.standing
    yield "Source of the policy", run.policy.source
    yield "Notes of the policy", run.policy.notes
    wildcard = f"a wildcard that counts {run.policy.alpha:g}"
    yield "A missing key is", wildcard if run.policy.missing == "wildcard" else "a category of its own"
