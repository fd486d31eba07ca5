"""Flows, stocks, revisions and sensitivity: counted as a plain loop counts them, and in balance."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.words.finding import Misuse

FIRST, LAST = date(2018, 1, 1), date(2023, 12, 31)


@st.composite
def crossings(draw, most=6):
    rows = []
    for person in range(draw(st.integers(1, most))):
        day, arrival = FIRST + timedelta(draw(st.integers(0, 900))), draw(st.booleans())
        sex, citizenship = draw(st.sampled_from("FM")), draw(st.sampled_from(["AUS", "NZL", "FJI"]))
        for gap in draw(st.lists(st.sampled_from([0, 5, 100, 150, 300, 370, 500, 700]), min_size=1, max_size=6)):
            rows.append((f"p{person}", day, "ARR" if arrival else "DEP", sex, citizenship, "NZL"))
            day, arrival = day + timedelta(gap), not arrival
    names = ["PERSON_ID", "CROSSING_DATE", "DIRECTION", "SEX", "CITIZENSHIP", "REF_AREA"]
    return pl.DataFrame(rows, schema=names, orient="row")


def value(table, flow, **at):
    frame = table.frame.filter(pl.col("FLOW") == flow, *(pl.col(id) == code for id, code in at.items()))
    return frame["OBS_VALUE"].sum()


@settings(max_examples=60)
@given(crossings(), st.sampled_from(["month", "quarter", "year"]))
def test_flows_are_what_a_loop_counts(frame, period):
    run = ms.reside(frame, until=LAST)

    table = ms.flows(run, period=period, by=["SEX", "CITIZENSHIP"], parents=False)

    expected: Counter = Counter()
    open_: Counter = Counter()
    for row in run.crossings.to_dicts():
        day = row["CROSSING_DATE"]
        name = {"year": f"{day:%Y}", "month": f"{day:%Y-%m}", "quarter": f"{day:%Y}-Q{(day.month + 2) // 3}"}[period]
        flow = {"_U": "IMM_U" if row["DIRECTION"] == "ARR" else "EMI_U"}.get(row["FLOW"], row["FLOW"])
        for sex in (row["SEX"], "_T"):
            for citizenship in (row["CITIZENSHIP"], "_T"):
                expected[name, flow, sex, citizenship] += 1
                if flow.endswith("_U"):
                    open_[name, sex, citizenship] += 1
    for row in table.frame.to_dicts():
        cell = row["TIME_PERIOD"], row["SEX"], row["CITIZENSHIP"]
        counts = {flow: expected[cell[0], flow, *cell[1:]] for flow in ("IMM", "EMI", "IMM_U", "EMI_U")}
        counts["NET"] = counts["IMM"] - counts["EMI"]
        assert counts[row["FLOW"]] == row["OBS_VALUE"]
        if row["FLOW"] == "NET":
            assert ("P" if open_[cell] else "A") == row["OBS_STATUS"]
    told = {(r["TIME_PERIOD"], r["FLOW"], r["SEX"], r["CITIZENSHIP"]) for r in table.frame.to_dicts()}
    assert {cell for cell, n in expected.items() if n and cell[1] != "_Z"} <= told


def status_on(history, day):
    """Whether a person is a resident on a day, by what was judged of their crossings."""
    status = history[0]["WAS_RESIDENT"]
    for row in history:
        if row["CROSSING_DATE"] <= day:
            status = row["IS_RESIDENT"]
    return status


@settings(max_examples=60)
@given(crossings())
def test_a_stock_is_the_one_before_and_in_less_out_for_every_person(frame):
    run = ms.reside(frame, until="open")
    table = ms.flows(run, period="year", by="CITIZENSHIP", parents=False)
    people = {}
    for row in run.crossings.to_dicts():
        people.setdefault(row["PERSON_ID"], []).append(row)
    days = [date(year, 12, 31) for year in range(2017, 2031)]
    stocks = [Counter(h[0]["CITIZENSHIP"] for h in people.values() if status_on(h, day) == "Y") for day in days]

    for history in people.values():
        for before, after in pairwise(days):
            moves = [row["FLOW"] for row in history if before < row["CROSSING_DATE"] <= after]
            change = moves.count("IMM") - moves.count("EMI")
            assert (status_on(history, after) == "Y") == (status_on(history, before) == "Y") + change
    initial = pl.DataFrame(
        {"CITIZENSHIP": ["AUS", "NZL", "FJI"], "OBS_VALUE": [stocks[0][c] for c in ("AUS", "NZL", "FJI")]}
    )
    followed = ms.stock(initial, table, at=days[0])
    for row in followed.frame.to_dicts():
        assert stocks[days.index(date.fromisoformat(row["TIME_PERIOD"]))][row["CITIZENSHIP"]] == row["OBS_VALUE"]


@settings(max_examples=40)
@given(crossings(), st.lists(st.integers(0, 2500), min_size=1, max_size=4, unique=True))
def test_a_vintage_is_what_was_known_on_its_day(frame, days):
    vintages = [FIRST + timedelta(day) for day in days]

    triangle = ms.revisions(frame, vintages, period="year")

    for vintage in vintages:
        known = ms.reside(frame.filter(pl.col("CROSSING_DATE") <= vintage), until=vintage)
        table = ms.flows(known, period="year").frame
        rows = triangle.filter(pl.col("VINTAGE") == str(vintage)).select(
            "TIME_PERIOD", "FLOW", "OBS_VALUE", "OBS_STATUS"
        )
        # What has become none stays in the triangle, as zero.
        there = rows.filter(pl.col("OBS_VALUE") != 0)
        counted = table.select(rows.columns).filter(pl.col("OBS_VALUE") != 0)
        assert counted.sort("TIME_PERIOD", "FLOW").equals(there.sort("TIME_PERIOD", "FLOW"))


@settings(max_examples=40)
@given(crossings(most=4))
def test_what_is_final_is_never_revised(frame):
    triangle = ms.revisions(frame, ["2020-12-31", "2021-12-31", "2023-12-31"], period="year")

    final = triangle.filter(pl.col("OBS_STATUS") == "A", pl.col("FLOW").is_in(["IMM", "EMI", "NET"]))
    later = {(r["VINTAGE"], r["TIME_PERIOD"], r["FLOW"]): r["OBS_VALUE"] for r in triangle.to_dicts()}
    vintages = ["2020-12-31", "2021-12-31", "2023-12-31"]
    for row in final.to_dicts():
        for vintage in vintages[vintages.index(row["VINTAGE"]) :]:
            assert later[vintage, row["TIME_PERIOD"], row["FLOW"]] == row["OBS_VALUE"]


@settings(max_examples=30)
@given(crossings())
def test_sensitivity_is_flows_by_each_rule(frame):
    rules = ["12/16", "9/12", "6/12"]

    found = ms.sensitivity(frame, rules, until=LAST, period="year")

    first = ms.flows(ms.reside(frame, "12/16", until=LAST), period="year")
    for rule, name in zip(rules, ["365/487 days", "274/365 days", "183/365 days"], strict=True):
        table = ms.flows(ms.reside(frame, rule, until=LAST), period="year")
        for row in found.filter(RULE=name).to_dicts():
            at = {"TIME_PERIOD": row["TIME_PERIOD"]}
            assert value(table, row["FLOW"], **at) == row["OBS_VALUE"]
            assert row["OBS_VALUE"] - value(first, row["FLOW"], **at) == row["DIFFERENCE"]


# One person each, by definition. All arrive as non-residents, or leave as residents, unless it is said.

STAYS = [
    # direction, days until the next crossing, purpose, months intended; what each definition says
    ("ARR", 366, "WORK", None, {"UN_LONG_TERM_12M": "IMM"}),
    ("ARR", 364, "WORK", None, {"UN_SHORT_TERM_3_12M": "IMM"}),
    ("ARR", 364, "PILGRIMAGE", None, {"UN_VISITOR": "IMM"}),
    ("ARR", 364, "_N", None, {"UN_SHORT_TERM_3_12M": "IMM_U", "UN_VISITOR": "IMM_U"}),
    ("ARR", 88, "WORK", None, {"UN_VISITOR": "IMM"}),
    ("DEP", 366, "WORK", None, {"UN_LONG_TERM_12M": "EMI"}),
    ("DEP", 100, "STUDY", None, {"UN_SHORT_TERM_3_12M": "EMI"}),
    ("DEP", 100, "HOLIDAY", None, {"UN_VISITOR": "EMI"}),
    ("ARR", None, "WORK", 24, {"EU_IMMIGRANT_862": "IMM", **dict.fromkeys(
        ["UN_LONG_TERM_12M", "UN_SHORT_TERM_3_12M", "UN_VISITOR"], "IMM_U")}),
    ("ARR", None, "WORK", None, dict.fromkeys(
        ["EU_IMMIGRANT_862", "UN_LONG_TERM_12M", "UN_SHORT_TERM_3_12M", "UN_VISITOR"], "IMM_U")),
    ("DEP", None, "WORK", 12, {"EU_EMIGRANT_862": "EMI", **dict.fromkeys(
        ["UN_LONG_TERM_12M", "UN_SHORT_TERM_3_12M", "UN_VISITOR"], "EMI_U")}),
]  # fmt: skip
START = date(2022, 3, 1)


@pytest.mark.parametrize(("direction", "days", "purpose", "months", "expected"), STAYS)
def test_a_stay_is_counted_by_its_length_and_purpose(direction, days, purpose, months, expected):
    back = {"ARR": "DEP", "DEP": "ARR"}[direction]
    rows = [("a", START, direction, purpose, months, "NZL")]
    if days is not None:
        # Both the way back and what follows it are of no interest here.
        rows.append(("a", START + timedelta(days), back, "RETURN", None, "NZL"))
    names = ["PERSON_ID", "CROSSING_DATE", "DIRECTION", "PURPOSE", "INTENDED_STAY", "REF_AREA"]
    frame = pl.DataFrame(rows, schema=names, orient="row", schema_overrides={"INTENDED_STAY": pl.Int64})
    run = ms.reside(frame, until=START + timedelta(60) if days is None else date(2026, 1, 1))

    found = {}
    for definition in ("UN_LONG_TERM_12M", "UN_SHORT_TERM_3_12M", "UN_VISITOR", "EU_IMMIGRANT_862", "EU_EMIGRANT_862"):
        table = ms.flows(run, period="month", definition=definition).frame
        counted = table.filter(pl.col("TIME_PERIOD") == "2022-03", pl.col("OBS_VALUE") != 0, pl.col("FLOW") != "NET")
        found |= dict.fromkeys([definition] if counted.height else [], next(iter(counted["FLOW"]), None))

    wanted = dict(expected)
    long = {"IMM": "EU_IMMIGRANT_862", "EMI": "EU_EMIGRANT_862"}
    if (flow := expected.get("UN_LONG_TERM_12M")) in long:
        wanted[long[flow]] = flow
    assert wanted == found


def test_three_months_are_calendar_months():
    starts = [(date(2023, 2, 1), 88, "BRIEF"), (date(2023, 2, 1), 89, "SHORT"), (date(2023, 3, 15), 91, "BRIEF"),
              (date(2023, 3, 15), 92, "SHORT"), (date(2022, 3, 1), 365, "LONG"), (date(2023, 3, 1), 365, "SHORT"),
              (date(2023, 3, 1), 366, "LONG"), (date(2022, 11, 30), 90, "SHORT"), (date(2024, 2, 29), 364, "SHORT"),
              (date(2024, 2, 29), 365, "LONG")]  # fmt: skip
    rows = []
    for at, (day, days, _) in enumerate(starts):
        rows += [(str(at), day, "ARR", "WORK"), (str(at), day + timedelta(days), "DEP", "WORK")]
    frame = pl.DataFrame(rows, schema=["PERSON_ID", "CROSSING_DATE", "DIRECTION", "PURPOSE"], orient="row")

    run = ms.reside(frame, until="2026-12-31")

    assert [name for *_, name in starts] == run.crossings.filter(DIRECTION="ARR")["STAY_CLASS"].to_list()


def test_expected_and_actual_stays_can_be_compared():
    rows = [
        ("a", date(2022, 1, 1), "ARR", 24), ("a", date(2022, 2, 1), "DEP", None),
        ("b", date(2022, 1, 1), "ARR", 1), ("c", date(2023, 12, 1), "ARR", 1), ("d", date(2023, 12, 1), "ARR", 24),
        ("e", date(2023, 6, 1), "ARR", 1),
    ]  # fmt: skip
    frame = pl.DataFrame(
        rows, schema=["PERSON_ID", "CROSSING_DATE", "DIRECTION", "INTENDED_STAY"], orient="row"
    ).with_columns(PURPOSE=pl.lit("WORK"))

    run = ms.reside(frame, until="2023-12-31")

    arrivals = run.crossings.filter(DIRECTION="ARR").select("PERSON_ID", "EXPECTED_CLASS", "STAY_CLASS", "STAY_BASIS")
    assert [
        ("a", "LONG", "BRIEF", "ACTUAL"),
        ("b", "BRIEF", "LONG", "ACTUAL"),
        ("c", "BRIEF", "BRIEF", "EXPECTED"),
        ("d", "LONG", "LONG", "EXPECTED"),
        ("e", "BRIEF", "OPEN", "ACTUAL"),  # has stayed longer than expected already
    ] == arrivals.rows()


SAMPLE = pl.DataFrame(
    {
        "PERSON_ID": ["a", "a", "b", "c", "d"],
        "CROSSING_DATE": [date(2020, 5, 1), date(2022, 6, 1), date(2020, 7, 1), date(2021, 3, 1), date(2023, 10, 1)],
        "DIRECTION": ["ARR", "DEP", "ARR", "DEP", "ARR"],
        "REF_AREA": "NZL",
        "CITIZENSHIP": ["AUS", "AUS", "FJI", "NZL", "AUS"],
        "SEX": ["F", "F", "M", "M", "F"],
        "BIRTH_DATE": [date(1990, 5, 2), date(1990, 5, 2), date(1980, 1, 1), date(2000, 2, 29), date(2001, 1, 1)],
        "COUNTRY_PREVIOUS": ["AUS", "_Z", "FJI", "_Z", "AUS"],
        "MIG_REASON": ["EMP", "RETN", "FAM", "EDUC", "EDUC"],
        "WEIGHT": [1.0, 1.0, 2.5, 1.0, 1.0],
    }
)


@pytest.fixture(scope="module")
def run():
    return ms.reside(SAMPLE, until=LAST)


def test_flows_by_all_kinds_of_people_are_weighted_and_valid(run):
    by = ["CITIZENSHIP", "SEX", "AGE", "COUNTRY_PREVIOUS", "MIG_REASON"]

    table = ms.flows(run, period="year", by=by)

    assert (3.5, 0, 3.5) == tuple(
        value(table, flow, TIME_PERIOD="2020", **dict.fromkeys(by, "_T")) for flow in ("IMM", "EMI", "NET")
    )
    ages = table.frame.filter(FLOW="IMM", TIME_PERIOD="2020", SEX="F", CITIZENSHIP="AUS", COUNTRY_PREVIOUS="_T",
                              MIG_REASON="_T")["AGE"].to_list()  # fmt: skip
    assert "Y25T29" in ages  # 29 on the day before the birthday
    verdicts = ms.validate(table.frame, structure="MIGRATION_FLOW")
    assert [] == [one.rule.id for one in verdicts.results if one.failed]


def test_flows_are_the_same_from_the_file_and_from_every_frame(run, tmp_path):
    SAMPLE.write_parquet(tmp_path / "x.parquet")
    ms.reside(tmp_path / "x.parquet", until=LAST, into=tmp_path)

    expected = ms.flows(run, period="year", by="CITIZENSHIP").frame
    made = ms.flows(tmp_path / "x.residence.parquet", period="year", by="CITIZENSHIP").frame

    assert expected.equals(made)
    text = pl.col(pl.Enum, pl.Categorical).cast(pl.String)
    for frame in (run.crossings.with_columns(text).to_pandas(), run.crossings.with_columns(text).to_arrow()):
        counted = ms.flows(frame, period="year", by="CITIZENSHIP").frame
        same = ["TIME_PERIOD", "FLOW", "CITIZENSHIP", "OBS_VALUE"]
        assert expected.select(same).equals(counted.select(same))


@pytest.mark.spark
def test_flows_on_spark(spark, run):
    frame = spark.createDataFrame(SAMPLE.to_pandas())

    judged = ms.reside(frame, until=LAST)
    table = ms.flows(judged, period="year", by="CITIZENSHIP").frame

    assert ms.flows(run, period="year", by="CITIZENSHIP").frame.equals(table)
    text = spark.createDataFrame([("a", "xyz", "ARR"), ("b", "2021-03-01", "ARR")], list(SAMPLE.columns[:3]))
    statuses = pl.DataFrame({"PERSON_ID": ["b"], "RESIDENT_BEFORE": ["Y"]})
    other = ms.reside(text, statuses=statuses)
    assert (date(2021, 3, 1), 1, 1) == (other.until, other.step("judged").rows, other.step("rejected").rows)
    assert ["Y"] == [row["WAS_RESIDENT"] for row in other.crossings.collect()]
    assert [("xyz", "date")] == [(row["_given"], row["_why"]) for row in other.rejects.collect()]


def test_a_period_that_was_not_over_is_provisional():
    run = ms.reside(SAMPLE.filter(pl.col("PERSON_ID") == "a"), until="2022-11-01")

    table = ms.flows(run, period="year").frame.filter(FLOW="IMM")

    assert [("2020", "A"), ("2022", "P")] == table.select("TIME_PERIOD", "OBS_STATUS").rows()


def test_the_definition_is_that_of_the_rule_and_is_told(run):
    other = ms.reside(SAMPLE, "9/12", until=LAST)

    first, second = ms.flows(run, period="year"), ms.flows(other, period="year")

    assert ({"NZ_12_16"}, {"V_IN_W"}) == (set(first.frame["DEFINITION"]), set(second.frame["DEFINITION"]))
    assert "Residence by 274/365 days, observed until 2023-12-31" in second.frame["STAT_CONC_DEF"][0]
    assert ("274/365 days", "2023-12-31") == (second.metadata["rule"], second.metadata["until"])


WRONG = [
    ({"period": "week"}, "the period 'week' is not known", "write year, quarter or month"),
    ({"definition": "FOREIGN_BORN"}, "FOREIGN_BORN does not tell moves from crossings",
     "one of NZ_12_16, AU_12_16, V_IN_W, UN_LONG_TERM_12M, UN_SHORT_TERM_3_12M, UN_VISITOR, EU_IMMIGRANT_862, "
     "EU_EMIGRANT_862"),
    ({"definition": "NZ_12_61"}, "there is no definition NZ_12_61", "write NZ_12_16"),
    ({"area": "NZ"}, "there is no area NZ", "write NZL"),
    ({"by": "SEXX"}, "MIGRATION_FLOW has no dimension SEXX", "write SEX"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "what", "mend"), WRONG)
def test_a_wrong_call_says_what_to_write(run, given, what, mend):
    with pytest.raises(Misuse) as raised:
        ms.flows(run, **given)

    assert [(what, mend)] == [(one.what, one.mend) for one in raised.value.findings]


def test_who_tabulates_by_a_definition_of_moves_is_told_where_they_are_counted():
    people = pl.DataFrame({"REF_AREA": ["NZL"], "TIME_PERIOD": "2021", "SOURCE_TYPE": "CENSUS", "SEX": "F"})

    with pytest.raises(Misuse) as raised:
        ms.tabulate(people, definition="UN_LONG_TERM_12M", by="SEX")

    mend = "count it from crossings: migstat reside, then migstat flows --definition UN_LONG_TERM_12M"
    assert [mend] == [one.mend for one in raised.value.findings]


def test_crossings_that_were_not_judged_are_refused(tmp_path):
    SAMPLE.write_parquet(tmp_path / "x.parquet")
    with pytest.raises(Misuse, match="the crossings have no FLOW, WAS_RESIDENT, STAY_CLASS, STAY_BASIS"):
        ms.flows(SAMPLE)
    with pytest.raises(Misuse, match=r"x\.parquet\n  is not a file of residence"):
        ms.flows(tmp_path / "x.parquet")
    with pytest.raises(Misuse, match="12 months in 16, and residence was judged by 183/365 days"):
        ms.flows(ms.reside(SAMPLE, "6/12", until=LAST), definition="NZ_12_16")
    with pytest.raises(Misuse, match="the crossings do not say whose border it is"):
        ms.flows(ms.reside(SAMPLE.drop("REF_AREA"), until=LAST))


def stock_of(run, **more):
    return ms.stock(100, ms.flows(run, period="year"), **more)


def test_a_stock_is_provisional_from_the_first_provisional_flow(run):
    table = stock_of(run, at="2019-12-31")

    assert [
        ("2019-12-31", 100.0, "A"), ("2020-12-31", 103.5, "A"), ("2021-12-31", 102.5, "A"), ("2022-12-31", 101.5, "A"),
        ("2023-12-31", 101.5, "P"),
    ] == table.frame.select("TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").rows()  # fmt: skip
    verdicts = ms.validate(table.frame, structure="MIGRANT_STOCK")
    assert [] == [one.rule.id for one in verdicts.results if one.failed]


def test_a_stock_goes_on_from_the_day_of_the_initial_one(run):
    initial = pl.DataFrame({"TIME_PERIOD": ["2020-12-31"], "OBS_VALUE": ["7"]})

    table = ms.stock(initial, ms.flows(run, period="year"))

    assert ["2020-12-31", "2021-12-31", "2022-12-31", "2023-12-31"] == table.frame["TIME_PERIOD"].to_list()
    assert [7, 6, 5, 5] == table.frame["OBS_VALUE"].to_list()


def test_a_stock_below_zero_is_a_finding(run):
    table = ms.stock(0, ms.flows(run, period="year"), at="2020-12-31")

    assert [("the stock is below zero: more people left than were there", 3)] == [
        (one.what, one.rows) for one in table.findings
    ]


def test_wrong_stocks_say_what_to_write(run):
    by_age, yearly = ms.flows(run, period="year", by="AGE"), ms.flows(run, period="year", by="CITIZENSHIP")
    wrong = [
        (
            lambda: ms.stock(1, by_age, at="2019-12-31"),
            "the flows are by AGE, and people grow older between two stocks",
        ),
        (lambda: ms.stock(1, yearly), "the day of the initial stock is not said"),
        (lambda: ms.stock(1, yearly, at="2020-06-30"), "the initial stock of 2020-06-30 lies within 2020, whose flow"),
        (lambda: ms.stock(pl.DataFrame({"OBS_VALUE": [1]}), yearly, at="2019-12-31"), "the initial stock has no CITIZ"),
        (
            lambda: ms.stock(pl.DataFrame({"OBS_VALUE": [1, 2], "CITIZENSHIP": "AUS"}), yearly, at="2019-12-31"),
            "the initial stock has several rows of the same people",
        ),
    ]
    for call, what in wrong:
        with pytest.raises(Misuse) as raised:
            call()

        assert what in str(raised.value)


def test_parents_are_followed_only_where_the_initial_stock_has_them(run):
    initial = pl.DataFrame({"CITIZENSHIP": ["AUS", "FJI", "NZL"], "OBS_VALUE": [10, 10, 10]})

    table = ms.stock(initial, ms.flows(run, period="year", by="CITIZENSHIP"), at="2019-12-31")

    assert {"AUS", "FJI", "NZL"} == set(table.frame["CITIZENSHIP"])
    assert {"AUS": 10.0, "FJI": 12.5, "NZL": 9.0} == dict(
        table.frame.filter(TIME_PERIOD="2023-12-31").select("CITIZENSHIP", "OBS_VALUE").rows()
    )


def migstat(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "migstat", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUTF8": "1"},
    )  # fmt: skip


def test_the_command_counts_compares_and_follows(tmp_path):
    SAMPLE.write_parquet(tmp_path / "x.parquet")
    migstat("reside", tmp_path / "x.parquet", "--until", LAST, "--into", tmp_path)
    resided = tmp_path / "x.residence.parquet"

    shown = migstat("flows", resided, "--period", "year")
    written = migstat("flows", resided, "--period", "year", "--by", "SEX", "--into", tmp_path / "flows.sdmx.csv")
    rules = migstat("flows", resided, "--period", "year", "--sensitivity", "12/16,6/12", "--json")
    days = migstat("flows", resided, "--vintages", "2021-12-31,2023-12-31", "--into", tmp_path / "revisions.csv")
    stock = migstat("flows", resided, "--period", "year", "--stock", "100", "--at", "2019-12-31", "--json")

    assert "Net migration (NET)" in shown.stdout
    assert "values are provisional (OBS_STATUS P)" in shown.stdout
    assert (0, True) == (written.returncode, (tmp_path / "flows.sdmx.csv").exists())
    assert {"365/487 days", "183/365 days"} == {row["RULE"] for row in json.loads(rules.stdout)["cells"]}
    assert (
        "VINTAGE,TIME_PERIOD,FLOW,OBS_VALUE,OBS_STATUS,REVISION"
        == ((tmp_path / "revisions.csv").read_text().splitlines()[0])
    )
    assert 0 == days.returncode
    assert [100.0, 103.5, 102.5, 101.5, 101.5] == [row["OBS_VALUE"] for row in json.loads(stock.stdout)["rows"]]


def test_the_command_refuses_two_results_and_later_vintages(tmp_path):
    SAMPLE.write_parquet(tmp_path / "x.parquet")
    ms.reside(tmp_path / "x.parquet", until=LAST, into=tmp_path)
    resided = tmp_path / "x.residence.parquet"

    two = migstat("flows", resided, "--sensitivity", "12/16", "--vintages", "2021-12-31")
    late = migstat("flows", resided, "--vintages", "2024-12-31")

    assert (2, "migstat\n  --sensitivity and --vintages are two results\n  Mend: run the command once for each\n") == (
        two.returncode,
        two.stderr,
    )
    assert "the crossings were judged until 2023-12-31, and 2024-12-31 is later" in late.stderr
