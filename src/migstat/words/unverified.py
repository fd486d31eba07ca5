"""What of a mapping is not verified: every rule and line of it, as a claim with how sure it is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from migstat.words.confidence import UNVERIFIED, Confidence
from migstat.words.finding import Finding, Place, Severity
from migstat.words.how_many import how_many
from migstat.words.mapping import Mapping
from migstat.words.mapping_rule import Cases, Patterns, Recode, Rule

NOT_VERIFIED = "not-verified"
"""The rule of the note that sums up what of a mapping is not verified."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of a recode, or one rule without lines: what the mapping claims of its source."""

    component: str
    place: Place
    confidence: Confidence | None
    rule: Rule | None = None
    """The rule, where the claim is the whole of it and not a line."""


def claims(mapping: Mapping) -> Iterator[Claim]:
    """Yield every claim; a line says it for itself, else its arm, else its rule, else the source."""
    for target in (*mapping.made, *mapping.targets):
        yield from _claims(target.component, target.rule, target.confidence or mapping.source.confidence)


def _claims(component: str, rule: Rule, sure: Confidence | None) -> Iterator[Claim]:
    if isinstance(rule, Cases):
        for arm in rule.arms:
            yield from _claims(component, arm.rule, arm.confidence or sure)
        if rule.otherwise is not None:
            yield from _claims(component, rule.otherwise, sure)
        return
    if not isinstance(rule, Recode | Patterns):
        yield Claim(component, rule.place, sure, rule)
    for line in getattr(rule, "lines", ()):
        yield Claim(component, line.place, line.confidence or sure)


def not_verified_note(mapping: Mapping) -> Finding | None:
    """Sum up what is not verified as one note, or return None where there is no such thing."""
    counts = Counter(claim.confidence for claim in claims(mapping))
    parts = [f"{counts[sure]:,} {sure}" for sure in reversed(UNVERIFIED) if counts[sure]]
    if not parts:
        return None
    silent = f"; of {counts[None]:,} nothing is said" if counts[None] else ""
    what = (
        f"not verified, of {how_many(counts.total(), 'line or rule', 'lines and rules')}: {' · '.join(parts)}{silent}"
    )
    mend = "hold them against the source's own code book, and mark them 'confidence: verified'"
    return Finding(mapping.place, "", what, mend, Severity.NOTE, rule=NOT_VERIFIED)
