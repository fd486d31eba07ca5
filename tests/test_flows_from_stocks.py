"""Flows from stocks: the published examples, the laws of the accounts, and what is said of wrong input."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migstat as ms
from migstat.work.flows_from_stocks import METHODS, estimate
from migstat.work.flows_from_stocks.accounting import balanced_closed, fitted
from migstat.work.migration_indices import migration_indices

CASES = ("demres_nobd", "imr_nobd", "demres_bd")
OURS = {
    "demo_open": "open",
    "demo_open-dr": "open-down",
    "diff_zero": "stock difference drop",
    "diff_return": "stock difference reverse",
}


@pytest.fixture(scope="module")
def cases(shared):
    folder = shared / "cases" / "migest_flows"
    return {path.stem: pl.read_csv(path, infer_schema_length=None) for path in folder.glob("*.csv")}


def estimated(cases, case, method):
    stocks = [cases["stocks"].filter(case=case, time=time) for time in ("s1", "s2")]
    change = cases["births_deaths"].filter(case=case)
    natural = {name: dict(zip(change["region"], change[name], strict=True)) for name in ("births", "deaths")}
    return ms.flows_from_stocks(*stocks, **({} if method.startswith("stock") else natural), method=method)


@pytest.mark.parametrize("theirs", OURS)
@pytest.mark.parametrize("case", CASES)
def test_the_published_examples(cases, case, theirs):
    table = estimated(cases, case, OURS[theirs]).frame.filter(COUNTRY_BIRTH="_T")
    found = {(o, d): v for o, d, v in table.select("COUNTRY_PREVIOUS", "COUNTRY_NEXT", "OBS_VALUE").rows()}
    wanted = cases["flows_od"].filter(case=case, method=theirs)
    for area in "ABCD":
        found[area, "Sum"] = sum(found.get((area, other), 0) for other in "ABCD")
        found["Sum", area] = sum(found.get((other, area), 0) for other in "ABCD")
    found["Sum", "Sum"] = sum(found[area, "Sum"] for area in "ABCD")
    expected = {(o, d): v for o, d, v in wanted.select("orig", "dest", "flow").rows()}
    tolerance = 0 if theirs.startswith("diff") else 1e-3

    assert expected == {pair: pytest.approx(found.get(pair, 0), abs=tolerance, rel=0) for pair in expected}


@pytest.mark.parametrize("case", CASES)
def test_the_flows_of_each_birthplace(cases, case):
    wanted = cases["flows_by_birthplace_open"].filter(case=case).filter(pl.col("orig") != pl.col("dest"))
    assert wanted.height == 48
    table = estimated(cases, case, "open").frame
    columns = ("COUNTRY_PREVIOUS", "COUNTRY_NEXT", "COUNTRY_BIRTH")
    found = {row[:3]: row[3] for row in table.select(*columns, "OBS_VALUE").rows()}
    expected = {row[:3]: row[3] for row in wanted.select("orig", "dest", "pob", "flow").rows()}

    assert expected == {key: pytest.approx(found.get(key, 0), abs=1e-3, rel=0) for key in expected}


def test_net_migration_of_bombay(cases):
    wanted = cases["net_survival_ratio_bombay_1951"]
    found = ms.net_migration(wanted.select(FIRST="pop_1941", SECOND="pop_1951", SURVIVAL="sr"))
    pairs = {
        "net_forward": "NET_FORWARD",
        "net_reverse": "NET_REVERSE",
        "net_average": "NET_AVERAGE",
        "pop1_forward": "EXPECTED_SECOND",
        "pop0_reverse": "EXPECTED_FIRST",
    }
    for theirs, name in pairs.items():
        assert wanted[theirs].to_list() == pytest.approx(found[name].to_list(), rel=1e-9)


INDICES = {
    "effectivness": "EFFECTIVENESS",
    "anmr": "ANMR",
    "preference": "PREFERENCE",
    "velocity": "VELOCITY",
    "connectivity": "CONNECTIVITY",
    "inequality_equal": "INEQUALITY_EQUAL",
    "inequality_sim": "INEQUALITY_SIMILAR",
    "gini_total": "GINI_TOTAL",
    "gini_orig_standardized": "GINI_ORIGIN",
    "gini_dest_standardized": "GINI_DESTINATION",
    "mwg_orig": "MWG_ORIGIN",
    "mwg_dest": "MWG_DESTINATION",
    "mwg_mean": "MWG_MEAN",
    "acv": "ACV",
    "cmp": "CMP",
    "courgeau_k": "COURGEAU_K",
}


def test_the_indices_of_korea(cases):
    """All but one of the peer's seventeen; its "cv" (17.90) is no standard deviation over a mean, which is 3.1379."""
    population = dict(cases["korea2020_pop"].iter_rows())
    found = {one.id: one.value for one in ms.migration_indices(cases["korea2020_flows"], population)}
    expected = {row[1]: row[2] for row in cases["korea2020_indices"].iter_rows() if row[1] != "cv"}
    flows = cases["korea2020_flows"]["flow"]

    assert expected == {theirs: pytest.approx(found[INDICES[theirs]], rel=1e-6) for theirs in expected}
    assert found["CV"] == pytest.approx(flows.std(ddof=0) / flows.mean())


def test_without_a_population_the_rates_are_missing():
    flows = pl.DataFrame({"orig": list("AABBCC"), "dest": list("BCACAB"), "flow": [1, 2, 3, 4, 5, 6]})
    missing = {one.id for one in ms.migration_indices(flows) if one.value is None}

    assert missing == {"CMP", "COURGEAU_K", "ANMR", "PREFERENCE", "VELOCITY"}


def test_even_flows_have_no_focus():
    found = {one.id: one.value for one in migration_indices(np.ones((5, 5)), np.full(5, 100.0))}

    assert found["GINI_TOTAL"] == found["CV"] == found["EFFECTIVENESS"] == 0
    assert found["CMP"] == 4.0  # 20 moves of 500 people


counts = st.integers(0, 1000).map(float)
squares = st.integers(2, 5).flatmap(lambda n: st.tuples(*(st.lists(counts, min_size=n * n, max_size=n * n),) * 2))


@given(squares, st.sampled_from([method for method in METHODS if not method.startswith("stock")]))
def test_stock_after_is_stock_before_with_in_and_out(pair, method):
    """The law of the account, of each birthplace and area: after = before + in - out, once the totals are balanced."""
    first, second = (np.array(one).reshape(int(len(one) ** 0.5), -1) + 1 for one in pair)
    n = len(first)
    nothing = np.zeros(n)
    found = estimate(first, second, nothing, nothing, [str(i) for i in range(n)], method=method)
    moved = found.flows.sum(axis=1) - found.flows.sum(axis=2)
    totals = first.sum(axis=1), second.sum(axis=1)
    if method in {"open", "open-down"}:
        target = np.maximum(*totals) if method == "open" else np.minimum(*totals)
        starts, ends = (one * (target / total)[:, None] for one, total in zip((first, second), totals, strict=True))
    else:
        starts, ends = balanced_closed(first, second)

    assert np.allclose(ends - starts, moved, rtol=1e-6, atol=1e-6 * first.sum())
    assert (found.flows >= 0).all()
    assert found.outside == pytest.approx(totals[1] - totals[0])


@given(squares)
def test_reversed_differences_explain_every_change_of_a_foreign_stock(pair):
    first, second = (np.array(one).reshape(int(len(one) ** 0.5), -1) for one in pair)
    n = len(first)
    found = estimate(first, second, np.zeros(n), np.zeros(n), list("ABCDE")[:n], method="stock difference reverse")
    moved = found.flows.sum(axis=1) - found.flows.sum(axis=2)
    off = ~np.eye(n, dtype=bool)

    assert (moved[off] == (second - first)[off]).all()


def test_independence_alone_moves_more_than_the_fewest(cases):
    stocks = [cases["stocks"].filter(case="demres_nobd", time=time) for time in ("s1", "s2")]
    fewest, mixed, all = (
        ms.flows_from_stocks(*stocks, method=method, weight=weight).frame.filter(COUNTRY_BIRTH="_T")["OBS_VALUE"].sum()
        for method, weight in (("closed", 1), ("pseudo-Bayesian", 0.87), ("pseudo-Bayesian", 0))
    )

    assert mixed == pytest.approx(0.87 * fewest + 0.13 * all)
    assert fewest < mixed < all


def test_proportional_fitting_meets_both_margins():
    made = fitted(np.array([[1.0, 2], [3, 4]]), np.array([10.0, 20]), np.array([12.0, 18]))

    assert made.sum(axis=0) == pytest.approx([12, 18])
    assert made.sum(axis=1) == pytest.approx([10, 20])


BEFORE = pl.DataFrame({"COUNTRY_BIRTH": ["A", "A", "B"], "REF_AREA": ["A", "B", "B"], "OBS_VALUE": [90.0, 10, 50]})


def test_births_above_the_natives_are_an_error_with_the_amounts():
    found = ms.flows_from_stocks(BEFORE, BEFORE, births={"A": 95}).findings

    assert [str(one) for one in found] == [
        "flows_from_stocks  births\n"
        "  A: 95 births are more than the 90 native-born of the second stock, 5 too many\n"
        "  Mend: check the native-born of the stock and the units of the births; the excess is left out"
    ]


def test_deaths_above_the_stock_are_an_error_with_the_amounts():
    found = ms.flows_from_stocks(BEFORE, BEFORE, deaths={"B": 61}).findings

    assert found[0].what == "B: 61 deaths are more than the 60 people of the first stock"


UNKNOWN = pl.concat([BEFORE, pl.DataFrame({"COUNTRY_BIRTH": ["_U"], "REF_AREA": ["A"], "OBS_VALUE": [7.0]})])
HIDDEN = BEFORE.with_columns(pl.when(pl.col("OBS_VALUE") != 10).then("OBS_VALUE").alias("OBS_VALUE"))
WRONG = {
    "the first stock has people of no one country of birth, or cells without a value: without a value 1": {
        "first": HIDDEN
    },
    "deaths of B is below zero or missing": {"deaths": pl.DataFrame({"REF_AREA": ["B"], "OBS_VALUE": [""]})},
    "there is no method 'opn'": {"method": "opn"},
    "weight 2 is not a share": {"weight": 2},
    "births has areas that the stocks have not: Z": {"births": {"Z": 1}},
    "deaths of A is below zero or missing": {"deaths": {"A": -1}},
    "stock difference drop takes no account of births": {"method": "drop", "births": {"A": 1}},
    "the second stock has people of no one country of birth, or cells without a value: _U 7": {"second": UNKNOWN},
    "the second stock has 3 pairs more than once, such as A and A": {"second": pl.concat([BEFORE, BEFORE])},
    "the second stock has people below zero": {"second": BEFORE.with_columns(-pl.col("OBS_VALUE"))},
    "the second stock has no column OBS_VALUE or stock or value": {"second": BEFORE.drop("OBS_VALUE")},
    "no native-born are given for B": {
        "first": BEFORE.filter(pl.col("COUNTRY_BIRTH") == "A"),
        "second": BEFORE.filter(pl.col("COUNTRY_BIRTH") == "A"),
    },
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_use(what):
    given = {"first": BEFORE, "second": BEFORE} | WRONG[what]
    with pytest.raises(ms.MigstatError) as error:
        ms.flows_from_stocks(given.pop("first"), given.pop("second"), **given)

    assert error.value.findings[0].what == what


def test_people_of_unknown_birthplace_are_left_out_only_if_asked():
    table = ms.flows_from_stocks(BEFORE, UNKNOWN, leave_out=True)

    assert [one.what for one in table.findings] == [
        "the second stock has people of no one country of birth, or cells without a value: _U 7"
    ]


def test_flows_are_written_and_read_back(tmp_path):
    after = pl.DataFrame({"COUNTRY_BIRTH": ["A", "A", "B"], "REF_AREA": ["A", "B", "B"], "OBS_VALUE": [80.0, 20, 50]})
    made = ms.flows_from_stocks(BEFORE, after)
    ms.write_table(made, tmp_path / "flows.parquet")

    assert made.frame.equals(ms.read_table(tmp_path / "flows.parquet").frame)


def test_a_survival_ratio_above_one_is_refused():
    with pytest.raises(ms.MigstatError, match="1 survival ratio is not above 0 and at most 1"):
        ms.net_migration(pl.DataFrame({"FIRST": [1], "SECOND": [1], "SURVIVAL": [1.1]}))
