"""Measures of disclosure risk against the slowest way of reckoning them, on small random files."""

from itertools import combinations as subsets
from math import exp, log, prod

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import hyp2f1

from migstat.work.anonymize.diversity import diversity
from migstat.work.anonymize.frequencies import COUNT, POPULATION, SAMPLE, alike, combinations, frequencies
from migstat.work.anonymize.risk import household_risk, individual_risk
from migstat.work.anonymize.suda2 import dis_suda, suda

KEYS = ["A", "B", "C"]
VALUES = st.sampled_from(["1", "2", "3", None])
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES, st.sampled_from(["x", "y", "z"])), min_size=1, max_size=25)


def frame(rows):
    made = pl.DataFrame(
        rows, schema=[*KEYS, "S"], orient="row", schema_overrides=dict.fromkeys([*KEYS, "S"], pl.String)
    )
    return made.with_columns((pl.int_range(pl.len()) + 1.5).alias("_w"))


def matches(one, other):
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


def counts(one, other, alpha):
    """What a match adds: whole, unless the other record leaves open what one's own does not."""
    return alpha if any(b is None and a is not None for a, b in zip(one, other, strict=True)) else 1.0


@given(ROWS, st.sampled_from([0.0, 0.5, 1.0]))
def test_frequencies_are_those_of_comparing_all_with_all(rows, alpha):
    people = frame(rows)
    table = frequencies(combinations(people, KEYS), KEYS, alpha)
    met = people.join(table, on=KEYS, how="left", nulls_equal=True, maintain_order="left")
    keys, weights = [row[:3] for row in rows], people["_w"].to_list()
    shares = [[counts(a, b, alpha) if matches(a, b) else 0.0 for b in keys] for a in keys]

    assert [pytest.approx(sum(line)) for line in shares] == met[SAMPLE].to_list()
    expected = [pytest.approx(sum(s * w for s, w in zip(line, weights, strict=True))) for line in shares]
    assert expected == met[POPULATION].to_list()


@given(ROWS)
def test_the_values_of_records_alike_are_those_of_comparing_all_with_all(rows):
    people = frame(rows)
    classes = people.select(KEYS).unique(maintain_order=True)
    met = alike(combinations(people, KEYS, ["S"]), KEYS, "S").sort("_class", "S")
    expected = [
        (at, value, count)
        for at, one in enumerate(combinations(people, KEYS, ["S"]).select(KEYS).unique(maintain_order=True).rows())
        for value in "xyz"
        if (count := sum(matches(one, row[:3]) and row[3] == value for row in rows))
    ]

    assert classes.height == met["_class"].n_unique()
    assert expected == met.rows()


@pytest.mark.parametrize("f", [1, 1.5, 2, 2.5, 3, 10, 39, 40, 200])
@pytest.mark.parametrize("p", [1e-6, 1e-3, 0.1, 0.49, 0.5, 0.9, 0.999999])
def test_risk_is_the_expectation_of_one_over_the_population(f, p):
    def inside(u):
        return p * np.exp(-f * u) / (p + (1 - p) * np.exp(-u))

    turn = max(log((1 - p) / p), 0.0) if p < 0.5 else 1 / f
    expected = quad(inside, 0, turn, epsabs=0, epsrel=1e-11, limit=400)[0]
    expected += quad(inside, turn, turn + 60 / f + 30, epsabs=0, epsrel=1e-11, limit=400)[0]

    assert expected == pytest.approx(individual_risk([f], [f / p])[0], rel=1e-9)


def test_risk_is_the_hypergeometric_function_of_the_paper():
    f, p = np.array([1.0, 2, 3, 5, 8]), np.array([0.4, 0.3, 0.6, 0.7, 0.9])

    assert p**f / f * hyp2f1(f, f, f + 1, 1 - p) == pytest.approx(individual_risk(f, f / p), rel=1e-10)


@given(st.lists(st.integers(1, 500), min_size=2, max_size=20, unique=True), st.floats(1.01, 1e5))
def test_risk_falls_with_the_frequency(fs, ratio):
    found = individual_risk(sorted(fs), [f * ratio for f in sorted(fs)])

    assert all(found[1:] <= found[:-1])
    assert all((found > 0) & (found <= 1 / np.array(sorted(fs))))


def test_the_whole_population_in_the_file_has_the_risk_one_over_f():
    assert [1.0, 0.5, 0.25] == individual_risk([1, 2, 4], [1, 2, 3]).tolist()


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1)), min_size=1, max_size=20))
def test_a_household_is_safe_only_if_each_member_is(members):
    homes = sorted({home for home, _ in members})
    found = household_risk(np.array([r for _, r in members]), np.array([homes.index(home) for home, _ in members]))
    expected = [1 - prod(1 - r for home, r in members if home == one) for one in homes]

    assert expected == pytest.approx(found.tolist(), abs=1e-12)


@given(ROWS)
def test_minimal_uniques_are_those_of_trying_all(rows):
    people = frame(rows)
    table = frequencies(combinations(people, KEYS), KEYS)
    found = suda(table, KEYS)

    def alone(at, some):
        own = [row[:3] for row in rows]
        return 1 == sum(matches([own[at][i] for i in some], [other[i] for i in some]) for other in own)

    def score(at):
        unique = [set(some) for size in (1, 2) for some in subsets(range(3), size) if alone(at, some)]
        least = [one for one in unique if not any(other < one for other in unique)]
        return float(sum(prod(3 - i for i in range(len(one), 3)) for one in least))

    scored = table.with_columns(pl.Series("score", found.scores))
    met = people.join(scored, on=KEYS, how="left", nulls_equal=True, maintain_order="left")

    assert [score(at) for at in range(len(rows))] == met["score"].to_list()


def test_the_scores_of_one_record_by_hand():
    # Alone by A: (3 - 1)(3 - 2). Alone by B and C together: (3 - 2).
    people = frame([("9", "1", "1", "x"), ("1", "1", "2", "x"), ("1", "2", "1", "x"), ("1", "2", "2", "x")])
    table = frequencies(combinations(people, KEYS), KEYS)

    assert 3.0 == suda(table, KEYS).scores[0]


def test_dis_suda_is_larger_where_the_sample_is():
    people = frame([("1", "1", "1", "x"), ("2", "1", "1", "x"), ("2", "1", "1", "x"), ("3", "2", "2", "x")])
    tables = [
        frequencies(combinations(people.with_columns(pl.lit(weight).alias("_w")), KEYS), KEYS) for weight in (2.0, 20.0)
    ]
    large, small = (dis_suda(suda(table, KEYS), table) for table in tables)

    assert all(small[large > 0] < large[large > 0])
    assert 0.0 == large[table_of_pair(tables[0])]


def table_of_pair(table):
    return int(table[COUNT].arg_max())


@given(ROWS)
def test_diversity_is_that_of_comparing_all_with_all(rows):
    people = frame(rows)
    found = diversity(people, KEYS, "S", 2.0).classes
    classes = combinations(people, KEYS, ["S"]).select(KEYS).unique(maintain_order=True).rows()
    whole = {value: sum(row[3] == value for row in rows) / len(rows) for value in "xyz"}
    expected = []
    for one in classes:
        values = [row[3] for row in rows if matches(one, row[:3])]
        r = sorted((values.count(value) for value in set(values)), reverse=True)
        shares = [count / len(values) for count in r]
        entropy = exp(-sum(share * log(share) for share in shares))
        recursive = max(level for level in range(1, len(r) + 1) if r[0] < 2 * sum(r[level - 1 :]))
        t = sum(abs(values.count(value) / len(values) - whole[value]) for value in "xyz") / 2
        expected.append([len(r), pytest.approx(entropy), recursive, pytest.approx(t, abs=1e-12)])

    assert expected == [list(row[1:]) for row in found.rows()]


def test_ordered_values_are_near_or_far():
    people = pl.DataFrame({"A": ["1"] * 3 + ["2"] * 3, "S": [1.0, 2, 3, 7, 8, 9], "_w": [1.0] * 6})
    near = pl.DataFrame({"A": ["1", "2"] * 3, "S": [1.0, 2, 3, 7, 8, 9], "_w": [1.0] * 6})

    assert diversity(people, ["A"], "S", ordered=True).t == pytest.approx(0.3)
    assert diversity(near, ["A"], "S", ordered=True).t < 0.11


def test_missing_sensitive_values_are_no_values():
    people = pl.DataFrame({"A": ["1", "1", "2"], "S": [None, "x", None], "_w": [1.0] * 3})
    found = diversity(people, ["A"], "S")

    assert [1.0] == found.classes["distinct"].to_list()
    assert 0.0 == diversity(people.with_columns(pl.lit(None, pl.String).alias("S")), ["A"], "S").least("distinct")
