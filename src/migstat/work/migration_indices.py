"""Indices of migration: how many move, how evenly, and with what effect on where people live."""

from dataclasses import dataclass

import numpy as np

from migstat.work.flows_from_stocks.accounting import fitted

BELL = "Bell et al. (2002), Cross-national comparison of internal migration, JRSS A 165(3)"
PLANE = "Plane and Mulligan (1997), Measuring spatial focus in a migration system, Demography 34(2)"
ROGERS = "Rogers and Sweeney (1998), Measuring the spatial focus of migration patterns, Professional Geographer 50(2)"
BOGUE = "Bachi (1956); Bogue, Hinze and White (1982): general knowledge, to be confirmed"
COURGEAU = "Courgeau (1973), Migrations et découpages du territoire, Population 28(3)"


@dataclass(frozen=True, slots=True)
class Index:
    """One index: its id, value, what it says, where it is defined. ``value`` is None where people are not given."""

    id: str
    group: str
    value: float | None
    meaning: str
    source: str


def migration_indices(flows: np.ndarray, population: np.ndarray | None = None) -> tuple[Index, ...]:
    """Return the indices of flows ``[origin, destination]`` between at least three areas; the diagonal does not count.

    The formulas are general knowledge, held against the figures of a published example (Korea 2020, 17 regions); of the
    coefficient of variation over all pairs the plain definition is taken. Rates are per hundred of ``population``, in
    whatever unit that is: persons to persons gives per cent.
    """
    n = len(flows)
    off = ~np.eye(n, dtype=bool)
    moves = np.where(off, flows, 0.0)
    out, into, total = moves.sum(axis=1), moves.sum(axis=0), moves.sum()
    cells = moves[off]
    people = None if population is None else float(population.sum())
    net = np.abs(into - out).sum()
    expected = fitted(off.astype(float), out, into)[off]
    rows = [moves[area][off[area]] for area in range(n)]
    columns = [moves[:, area][off[:, area]] for area in range(n)]
    ginis = np.array([_gini(row) for row in rows]), np.array([_gini(column) for column in columns])
    spread = _differences(cells)
    focus = (ginis[0] @ into / total / n, ginis[1] @ out / total / n)
    variation = [
        np.array([_variation(one) for one in parts]) @ weights / total
        for parts, weights in ((rows, out), (columns, into))
    ]

    def rated(value: float) -> float | None:
        return None if people is None else 100 * value / people

    crude = rated(total)
    pull = None if population is None else float((moves / np.outer(population, population)).sum() * population.sum())
    found: list[tuple[str, str, float | None, str, str]] = [
        ("CMP", "intensity", crude, "crude migration probability: moves per hundred people", BELL),
        ("COURGEAU_K", "intensity", None if crude is None else crude / np.log(n**2),
         "crude intensity freed of the number of areas", COURGEAU),
        ("EFFECTIVENESS", "impact", 50 * net / total, "how far moves redistribute people: 0 to 100", BELL),
        ("ANMR", "impact", rated(net / 2), "aggregate net migration rate: net moves per hundred people", BELL),
        ("PREFERENCE", "impact", None if pull is None or people is None else pull * people / total,
         "sum of moves relative to what the populations alone would give", BOGUE),
        ("VELOCITY", "impact", pull, "sum of moves relative to both populations", BOGUE),
        ("CONNECTIVITY", "connectivity", float((cells > 0).mean()), "share of pairs of areas with any move", BELL),
        ("INEQUALITY_EQUAL", "connectivity", float(np.abs(cells / total - 1 / len(cells)).sum() / 2),
         "share of moves to shift until all pairs have equal ones", BELL),
        ("INEQUALITY_SIMILAR", "connectivity", float(np.abs(cells - expected).sum() / 2 / total),
         "share of moves to shift until origins and destinations are independent", BELL),
        ("GINI_TOTAL", "connectivity", _gini(cells), "spatial focus over all pairs", PLANE),
        ("GINI_ORIGIN", "connectivity", sum(map(_differences, rows)) / spread if spread else 0.0,
         "part of the spatial focus that lies within origins", PLANE),
        ("GINI_DESTINATION", "connectivity", sum(map(_differences, columns)) / spread if spread else 0.0,
         "part of the spatial focus that lies within destinations", PLANE),
        ("MWG_ORIGIN", "connectivity", float(focus[0]), "weighted Gini of origins", BELL),
        ("MWG_DESTINATION", "connectivity", float(focus[1]), "weighted Gini of destinations", BELL),
        ("MWG_MEAN", "connectivity", float(sum(focus) / 2), "mean of both weighted Ginis", BELL),
        ("CV", "connectivity", _variation(cells), "coefficient of variation over all pairs", ROGERS),
        ("ACV", "connectivity", float(sum(variation)), "aggregate of the variation within origins and destinations",
         ROGERS),
    ]  # fmt: skip
    return tuple(Index(id, group, None if v is None else float(v), *said) for id, group, v, *said in found)


def _differences(values: np.ndarray) -> float:
    """Return the sum of the differences of all pairs, each pair twice, without holding all pairs at once."""
    ranked = np.sort(values)
    return float(2 * ((2 * np.arange(1, len(ranked) + 1) - len(ranked) - 1) * ranked).sum())


def _gini(values: np.ndarray) -> float:
    total = values.sum()
    return _differences(values) / (2 * (len(values) - 1) * total) if total and len(values) > 1 else 0.0


def _variation(values: np.ndarray) -> float:
    mean = values.mean()
    return float(values.std() / mean) if mean else 0.0
