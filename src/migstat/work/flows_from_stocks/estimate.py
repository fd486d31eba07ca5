"""Estimate: flows between areas, by birthplace, from two bilateral stocks with the births and deaths between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from migstat.words.finding import Finding, Place, Severity
from migstat.work.flows_from_stocks.accounting import accounted, balanced_closed, balanced_open, mixed
from migstat.work.flows_from_stocks.differences import differences

CALL = Place("flows_from_stocks")
METHODS = (
    "open",
    "open-down",
    "closed",
    "pseudo-Bayesian",
    "stock difference drop",
    "stock difference reverse",
)
CONFIRM = "; the papers were not read here: general knowledge, held against the figures of their published examples"
SOURCES = {
    "open": "Abel and Cohen (2019), Bilateral international migration flow estimates for 200 countries, Scientific "
    "Data 6:82, demographic accounting of an open system: the smaller total of a birthplace is raised to the larger"
    + CONFIRM,
    "open-down": "Abel (2013), Estimating global migration flow tables using place of birth data, Demographic "
    "Research 28(18), demographic accounting: the larger total of a birthplace is lowered to the smaller" + CONFIRM,
    "closed": "After Abel and Sander (2014), Quantifying global international migration flows, Science 343: closed "
    "demographic accounting. How totals of a birthplace that differ are made equal (both to their mean, by "
    "proportional fitting) is a choice of this library, and was held against no published figure",
    "pseudo-Bayesian": "After Azose and Raftery (2019), Estimation of emigration, return migration, and transit "
    "migration between all pairs of countries, PNAS 116(1): a weighted mean of closed accounting with the most stayers "
    "and of independence; the weight 0.87 is general knowledge, to be confirmed, and no published figure was held "
    "against it",
    "stock difference drop": "Beine, Docquier and Ozden (2011) as described by Abel and Cohen (2019): growth of a "
    "bilateral stock is a flow from the birthplace, decline is no flow" + CONFIRM,
    "stock difference reverse": "Beine and Parsons (2015) as described by Abel and Cohen (2019): growth of a bilateral "
    "stock is a flow from the birthplace, decline a flow back to it" + CONFIRM,
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """``flows[birth, origin, destination]``; the diagonal is empty: who stays has not moved.

    ``outside[birth]`` is who must have come from outside the areas of the table (above zero) or left for there, so
    that the stocks balance; NaN where the method does not ask.
    """

    flows: np.ndarray
    outside: np.ndarray
    findings: tuple[Finding, ...]


def estimate(
    first: np.ndarray,
    second: np.ndarray,
    births: np.ndarray,
    deaths: np.ndarray,
    areas: Sequence[str],
    *,
    method: str = "open",
    seed: np.ndarray | None = None,
    weight: float = 0.87,
) -> Estimate:
    """Estimate flows from stocks ``[birth, residence]`` of the same areas, natives on the diagonal.

    Deaths are taken from the first stock in proportion to the birthplaces of each area's residents; births from the
    natives of the second. What then differs in a birthplace's total left or came from outside. For each birthplace
    the flows are those of a table with both margins and as many stayers as can be, shared out by ``seed`` (all ones:
    in proportion to the margins). ``method`` is one of METHODS; ``SOURCES`` names the papers.
    """
    n = len(areas)
    if method.startswith("stock difference"):
        flows = differences(first, second, reverse=method.endswith("reverse"))
        return Estimate(flows, np.full(n, np.nan), ())
    before, after, findings = _natural_change(first, second, births, deaths, areas)
    outside = after.sum(axis=1) - before.sum(axis=1)
    match method:
        case "open" | "open-down":
            starts, ends = balanced_open(before, after, down=method == "open-down")
        case _:
            starts, ends = balanced_closed(before, after)
    seed = np.ones((n, n)) if seed is None else seed
    flows = np.stack([accounted(start, end, seed) for start, end in zip(starts, ends, strict=True)])
    if method == "pseudo-Bayesian":
        flows = np.stack([mixed(*one, weight) for one in zip(starts, ends, flows, strict=True)])
    return Estimate(flows, outside, tuple(findings))


def _natural_change(
    first: np.ndarray, second: np.ndarray, births: np.ndarray, deaths: np.ndarray, areas: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, list[Finding]]:
    """Take deaths from the first stock and births from the second; what is too much is a finding with its amount."""
    findings = []
    living, natives = first.sum(axis=0), np.diag(second)
    for area, died, lived, born, native in zip(areas, deaths, living, births, natives, strict=True):
        if died > lived:
            what = f"{area}: {died:,.6g} deaths are more than the {lived:,.6g} people of the first stock"
            mend = "check the units and the period of the deaths; all of the stock is taken to have died"
            findings.append(Finding(CALL, "deaths", what, mend, Severity.ERROR, rule="deaths_above_stock"))
        if born > native:
            what = (
                f"{area}: {born:,.6g} births are more than the {native:,.6g} native-born of the second stock, "
                f"{born - native:,.6g} too many"
            )
            mend = "check the native-born of the stock and the units of the births; the excess is left out"
            findings.append(Finding(CALL, "births", what, mend, Severity.ERROR, rule="births_above_natives"))
    share = np.divide(first, living, out=np.zeros_like(first), where=living > 0)
    before = first - share * np.minimum(deaths, living)
    after = second - np.diag(np.minimum(births, natives))
    return before, after, findings
