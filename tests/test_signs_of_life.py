"""Signs of life: cases, bounds of what is unknown, a plain reading of the index, and wrong rules."""

import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.api.living import signs_of_life
from migstat.read.signs import read_signs_rule, signs_rule_ids
from migstat.words.finding import MigstatError

RULE = """\
id: TEST
version: 1.0
window: 12
memory: 0.8
gain: 0.2
threshold: 0.7
most: 1
registers:
  TAX: {weight: 0.6, date: DATE, at_least: 2, covers: {from: 2018-01-01, to: 2024-12-31}}
  SCHOOL: {weight: 0.7, from: VALID_FROM, to: VALID_TO}
"""
YEARS = [datetime.date(year, 12, 31) for year in range(2019, 2024)]


@pytest.fixture(scope="module")
def rule(tmp_path_factory):
    path = tmp_path_factory.mktemp("rule") / "rule.yaml"
    path.write_text(RULE, encoding="utf-8")
    return read_signs_rule(path)


def tax(*rows):
    return pl.DataFrame(rows, schema={"PERSON_ID": pl.String, "DATE": pl.Date}, orient="row")


def school(*rows):
    return pl.DataFrame(rows, schema={"PERSON_ID": pl.String, "VALID_FROM": pl.Date, "VALID_TO": pl.Date}, orient="row")


days = st.dates(datetime.date(2018, 6, 1), datetime.date(2024, 6, 1))


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from("AB"), days), max_size=12),
    st.lists(st.tuples(st.sampled_from("AB"), days, st.none() | days), max_size=4),
)
def test_the_index_is_what_a_plain_reading_says(rule, events, states):
    found = signs_of_life({"TAX": tax(*events), "SCHOOL": school(*states)}, rule=rule, at=YEARS,
                          population=pl.DataFrame({"PERSON_ID": ["A", "B"]})).persons  # fmt: skip
    expected = []
    for person in "AB":
        low, high = 0.0, 1.0
        for day in YEARS:
            start = datetime.date(day.year, 1, 1)
            paid = {date for who, date in events if who == person and start <= date <= day}
            taught = [1 for who, first, last in states
                      if who == person and first <= day and (last or datetime.date.max) >= start]  # fmt: skip
            gained = min(1.0, 0.6 * (len(paid) >= 2) + 0.7 * bool(taught))
            low, high = 0.8 * low + 0.2 * gained, 0.8 * high + 0.2 * gained
            answer = "Y" if low >= 0.7 - 1e-9 else "N" if high < 0.7 - 1e-9 else "_U"
            expected.append((person, day, pytest.approx(low), pytest.approx(high), answer))

    assert (
        expected
        == found.sort("PERSON_ID", "DAY").select("PERSON_ID", "DAY", "INDEX_LOW", "INDEX_HIGH", "RESIDENT").rows()
    )


def test_what_is_not_seen_leaves_the_answer_open_and_the_stock_between_bounds():
    found = signs_of_life({"TAX": tax(("A", YEARS[0]), ("B", YEARS[3]))}, rule="signs-12m", at=YEARS[0])

    assert [("A", "Y"), ("B", "_U")] == found.persons.select("PERSON_ID", "RESIDENT").rows()
    assert [(1, 0, 1, 1, 2)] == found.stock.drop("DAY").rows()
    assert ["HEALTH", "SCHOOL", "BENEFITS"] == [finding.component for finding in found.findings]


def test_with_every_register_given_nothing_is_unknown():
    none = school()
    found = signs_of_life(
        {"TAX": tax(("A", YEARS[0]), ("B", YEARS[3]), (None, YEARS[0])), "HEALTH": tax(),
         "SCHOOL": none, "BENEFITS": none},
        rule="signs-12m", at=YEARS[0],
    )  # fmt: skip

    assert [("A", "Y"), ("B", "N")] == found.persons.select("PERSON_ID", "RESIDENT").rows()
    assert [("TAX", 1)] == [(finding.component, finding.rows) for finding in found.findings]


def test_a_window_that_a_register_does_not_cover_is_not_known_to_be_empty(rule):
    found = signs_of_life({"TAX": tax(), "SCHOOL": school()}, rule=rule, at=datetime.date(2025, 6, 30),
                          population=pl.DataFrame({"PERSON_ID": ["A"]}))  # fmt: skip

    assert [(0.0, pytest.approx(0.8 + 0.2 * 0.6))] == found.persons.select("INDEX_LOW", "INDEX_HIGH").rows()


@pytest.mark.parametrize("id", signs_rule_ids())
def test_the_rules_that_ship_can_be_read_and_say_their_standing(id):
    assert read_signs_rule(id).standing


WRONG = [
    ("threshold: 0.7", "threshold: 1.2",
     "threshold: 1.2 cannot be reached: with a sign in every register the index is 1",
     "lower the threshold, or raise weights, gain or most"),
    ("memory: 0.8", "memory: 1", "memory: 1 forgets nothing", "write a share below 1, such as 0.8"),
    ("window: 12", "windows: 12", "the rule has no key 'windows'", "write window"),
    ("date: DATE, ", "", "the register has neither 'date' nor 'from'",
     "write date: DATE of an event, or from: and to: of a state"),
    ("weight: 0.6", "weight: -1", "weight: -1 is not a number above 0", "write a number such as 100"),
    ("2018-01-01", "1/1/2018", "from: 1/1/2018 is not a day", "write it as 2020-01-01"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "mend"), WRONG)
def test_wrong_rules(tmp_path, old, new, what, mend):
    path = tmp_path / "rule.yaml"
    path.write_text(RULE.replace(old, new), encoding="utf-8")
    with pytest.raises(MigstatError) as raised:
        read_signs_rule(path)

    assert (what, mend) in [(one.what, one.mend) for one in raised.value.findings]


CALLS = [
    ({"TAXES": tax()}, "2019-12-31", "TEST has no register TAXES", "write TAX"),
    ({"TAX": tax()}, "31/12/2019", "at: 31/12/2019 is not a day", "write it as 2023-12-31"),
    ({"TAX": tax()}, ["2019-12-31", "2020-06-30"], "at: the days do not lie 12 months apart",
     "name the days in order, one window apart"),
    ({"TAX": tax().rename({"DATE": "D"})}, "2019-12-31", "the register has no column DATE",
     "name its column in the rule, rule.yaml:9"),
]  # fmt: skip


@pytest.mark.parametrize(("registers", "at", "what", "mend"), CALLS)
def test_wrong_calls(rule, registers, at, what, mend):
    with pytest.raises(MigstatError) as raised:
        signs_of_life(registers, rule=rule, at=at)

    assert [(what, mend)] == [(one.what, one.mend) for one in raised.value.findings]
