"""Risk against the limits of the policy: what holds, what the policy bears, and what stops the file."""

from collections.abc import Iterable, Mapping

from migstat.words.anonymized import KeyRisk, Measured
from migstat.words.finding import Finding, Severity
from migstat.words.microdata_policy import AT_LEAST, MEASURES, Accepted, KeySet, MicrodataPolicy

MENDS = {
    "k": "recode more (a coarser level, a larger 'least'), or let suppress take out more",
    "sample_uniques": "recode more, or suppress",
    "individual_risk": "recode more, suppress to a larger k, or sample",
    "household_risk": "recode what members of a household have in common, swap its place, or drop HOUSEHOLD_ID",
    "expected_share": "recode more, suppress to a larger k, or sample",
    "l_distinct": "recode the keys more, or suppress to a larger k",
    "l_entropy": "recode the keys more, or PRAM the sensitive component",
    "l_recursive": "recode the keys more, or PRAM the sensitive component",
    "t_closeness": "recode the keys more, or PRAM the sensitive component",
    "dis_suda": "recode the keys that make records unique, or suppress",
}


def measured(
    policy: MicrodataPolicy, sets: Iterable[KeySet], before: Mapping[str, KeyRisk], after: Mapping[str, KeyRisk]
) -> tuple[Measured, ...]:
    """Return every measure on every key set, before and after, with its limit and what the policy bears."""
    found = []
    for one in sets:
        for (measure, component), value in after[one.name].measures.items():
            accepted = policy.accepts(measure, one.name)
            found.append(
                Measured(
                    keys=one.name,
                    ids=one.ids,
                    measure=measure,
                    component=component,
                    before=before[one.name].measures.get((measure, component)),
                    after=value,
                    limit=policy.limits.get(measure),
                    accepted=accepted.because if accepted is not None and _within(value, measure, accepted) else "",
                )
            )
    order = list(MEASURES)
    return tuple(sorted(found, key=lambda one: order.index(one.measure)))


def _within(value: float, measure: str, accepted: Accepted) -> bool:
    return value >= accepted.up_to if measure in AT_LEAST else value <= accepted.up_to


def over(policy: MicrodataPolicy, found: Iterable[Measured]) -> list[Finding]:
    """Return a finding for each risk over its limit, with its mend; those that the policy bears are notes."""
    told = []
    for one in found:
        if one.verdict not in ("over", "borne"):
            continue
        of = f" of {one.component}" if one.component else ""
        bound = "at least" if one.measure in AT_LEAST else "at most"
        what = (
            f"{one.measure}{of} is {written(one.measure, one.after)} on the keys {', '.join(one.ids)}; "
            f"the limit is {bound} {written(one.measure, one.limit or 0.0)}"
        )
        if one.verdict == "borne":
            told.append(
                Finding(policy.place, one.keys, f"{what}; borne: {one.accepted}", "", Severity.NOTE, rule=one.measure)
            )
            continue
        mend = f"{MENDS[one.measure]}; or accept it in the policy, with up_to and because"
        told.append(Finding(policy.place, one.keys, what, mend, rule=one.measure))
    return told


def written(measure: str, value: float) -> str:
    """Write a measure for people: shares in per cent, never rounded to the safe side of a limit.

    >>> written("individual_risk", 0.05001), written("k", 3.0), written("l_entropy", 1.5)
    ('5.001 %', '3', '1.5')
    """
    if measure in AT_LEAST:
        return f"{value:.4g}"
    return f"{100 * value:.4g} %"
