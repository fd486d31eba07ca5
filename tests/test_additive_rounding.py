"""Additive rounding: totals are the sums of rounded cells, cells stay within the base, and linked tables agree."""

import csv
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.words.finding import Misuse
from migstat.words.rounding import Scope
from migstat.work.perturb import loss, round_additively

COUNTRIES = {"FRA": "EUROPE", "ITA": "EUROPE", "KEN": "AFRICA", "TUN": "AFRICA"}
AGES = ("0-14", "15-64", "65+")
LINKED = (("COUNTRY", "AGE"), ("COUNTRY", "SEX"), ("SEX", "AGE"))


def pairs(parents):
    """Each code with itself, its parent and the total."""
    rows = [(code, target) for code, above in parents.items() for target in dict.fromkeys((code, *above, "_T"))]
    return pl.DataFrame(rows, schema=["code", "target"], orient="row")


CLOSURES = {
    "COUNTRY": pairs({country: [parent] for country, parent in COUNTRIES.items()}),
    "AGE": pairs({age: [] for age in AGES}),
    "SEX": pairs({"F": [], "M": []}),
}


def cells_of(counts):
    rows = zip(product(COUNTRIES, AGES, ("F", "M")), counts, strict=True)
    return pl.DataFrame([(*at, n) for at, n in rows], schema=["COUNTRY", "AGE", "SEX", "n"], orient="row")


def sums(inner, table):
    """Add inner cells up the long way round: for each cell, all combinations of what it is a part of."""
    found = {}
    above = {"COUNTRY": lambda c: (c, COUNTRIES[c], "_T"), "AGE": lambda c: (c, "_T"), "SEX": lambda c: (c, "_T")}
    for row in inner.to_dicts():
        for at in product(*(above[d](row[d]) for d in table)):
            found[at] = found.get(at, 0) + row["OBS_VALUE"]
    return found


def cells_in(table, frame, column="OBS_VALUE"):
    return {tuple(row[d] for d in table): row[column] for row in frame.to_dicts()}


counts = st.lists(st.one_of(st.integers(0, 6), st.integers(0, 60)), min_size=24, max_size=24)


@settings(max_examples=25)
@given(counts, st.sampled_from([3, 5, 10]), st.sampled_from(list(Scope)))
def test_linked_tables_add_up_and_cells_stay_within_the_base(drawn, base, scope):
    rounded = round_additively(cells_of(drawn), LINKED, base, scope=scope, closures=CLOSURES, count="n")

    for table, frame in zip(LINKED, rounded.tables, strict=True):
        assert sums(rounded.inner, table) == cells_in(table, frame)
        assert not [row for row in frame.to_dicts() if 0 < row["OBS_VALUE"] < base]
    for row in rounded.inner.to_dicts():
        true, made = row["TRUE_VALUE"], row["OBS_VALUE"]
        assert abs(made - true) < base
        match scope:
            case Scope.ALL:
                assert 0 == made % base
                assert true % base or made == true
            case Scope.SMALL:
                assert made == true or (0 < true < base and made in (0, base))
    differences = [abs(r["OBS_VALUE"] - r["TRUE_VALUE"]) for frame in rounded.tables for r in frame.to_dicts()]
    assert max(differences) == rounded.run.published.largest
    assert (max(differences) < base) == rounded.run.zero_restricted


@settings(max_examples=15)
@given(counts)
def test_inner_cells_that_are_published_are_never_small(drawn):
    whole = [("COUNTRY", "AGE", "SEX")]
    rounded = round_additively(cells_of(drawn), whole, 5, closures=CLOSURES, count="n")

    assert not [n for n in rounded.inner["OBS_VALUE"] if 0 < n < 5]


def test_the_order_of_cells_is_irrelevant():
    cells = cells_of([(7 * n * n + 3) % 11 for n in range(24)])
    first = round_additively(cells, LINKED, 5, scope=Scope.ALL, closures=CLOSURES, count="n")
    again = round_additively(cells.reverse(), LINKED, 5, scope=Scope.ALL, closures=CLOSURES, count="n")

    assert first.inner.equals(again.inner)


def test_small_tables_of_the_field_are_rounded_as_near(shared):
    folder = shared / "cases" / "table_suppression"
    if not folder.is_dir():
        pytest.skip("needs ../shared/cases/table_suppression, which is not part of the repository")
    cells = pl.read_csv(folder / "z1.csv")
    closures = {d: pairs({code: [] for code in cells[d].unique().sort()}) for d in ("region", "hovedint")}
    for base in (3, 10):
        text = (folder / f"z1_plsround_base{base}_metrics.csv").read_text(encoding="utf-8")
        metrics = {row["metric"]: float(row["value"]) for row in csv.DictReader(text.splitlines())}
        published = pl.read_csv(folder / f"z1_plsround_base{base}_publish.csv")
        theirs = loss(published["original"].to_numpy(), published["rounded"].to_numpy())

        assert (metrics["maxdiff"], metrics["meanAbsDiff"], metrics["rootMeanSquare"], metrics["HDutility"]) == (
            pytest.approx((theirs.largest, theirs.mean, theirs.root_mean_square, theirs.hellinger_utility))
        )
        for scope in Scope:
            rounded = round_additively(
                cells, [("region", "hovedint")], base, scope=scope, closures=closures, count="ant"
            )
            assert 45 == rounded.run.published.cells
            assert rounded.run.published.largest <= metrics["maxdiff"] + base
            assert "optimum" == rounded.run.method
            assert not [n for n in rounded.inner["OBS_VALUE"] if 0 < n < base]


def test_a_large_table_is_searched_and_says_so():
    codes = {"A": [f"a{n:02}" for n in range(40)], "B": [f"b{n:02}" for n in range(40)]}
    grid = pl.DataFrame(list(product(*codes.values())), schema=list(codes), orient="row")
    grid = grid.with_columns(n=pl.Series(np.random.default_rng(5).poisson(2, len(grid))))
    closures = {d: pairs({code: [] for code in known}) for d, known in codes.items()}
    first, again = (
        round_additively(grid, [("A", "B")], 3, scope=Scope.ALL, closures=closures, count="n") for _ in range(2)
    )

    assert "search" == first.run.method
    assert first.inner.equals(again.inner)
    assert first.run.published.largest <= 6
    note = "The table is too large for the programme: a search rounded it, which may miss the optimum."
    assert note in first.run.notes


def test_the_time_limit_leaves_a_result_that_adds_up():
    cells = cells_of([n % 7 for n in range(24)])
    rounded = round_additively(cells, LINKED, 5, scope=Scope.ALL, closures=CLOSURES, count="n", seconds=0)

    assert {0} == {n % 5 for n in rounded.inner["OBS_VALUE"]}
    for table, frame in zip(LINKED, rounded.tables, strict=True):
        assert sums(rounded.inner, table) == cells_in(table, frame)


def test_nothing_to_round_is_left_alone():
    rounded = round_additively(cells_of([0, 10] * 12), LINKED, 5, scope=Scope.ALL, closures=CLOSURES, count="n")

    assert (0, "optimum", 1.0) == (
        rounded.run.published.largest,
        rounded.run.method,
        rounded.run.published.hellinger_utility,
    )


CELLS = pl.DataFrame({"A": ["x", "y"], "n": [1, 2]})
WRONG = [
    (
        (CELLS, [["A"]], 1),
        "round_additively  base\n  base 1 rounds nothing\n  Mend: write a whole number from 2",
    ),
    (
        (CELLS, [[]], 3),
        "round_additively  tables\n  a table has no dimensions\n"
        "  Mend: name at least one table, and a dimension for each",
    ),
    ((CELLS, [["B"]], 3), "round_additively\n  the cells have no B\n  Mend: they have A, n"),
    (
        (pl.concat([CELLS, CELLS]), [["A"]], 3),
        "round_additively  A\n  a cell is given twice\n  Mend: add up cells with the same codes first",
    ),
    (
        (CELLS.with_columns(n=pl.Series([1.5, 2.0])), [["A"]], 3),
        "round_additively  n\n  counts are not all whole numbers from 0\n"
        "  Mend: round counts of people, not weighted sums",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_wrong_use(call, message):
    with pytest.raises(Misuse) as error:
        round_additively(*call, count="n")

    assert message == str(error.value)
