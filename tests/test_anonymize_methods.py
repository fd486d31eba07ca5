"""The methods of protection: what each may change, and what it must leave as it is."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.read.codelists import codelist
from migstat.read.structures import structure
from migstat.words.finding import Misuse, Place
from migstat.words.microdata_policy import Cap, KeySet, Microaggregate, Noise, Pram, Recode, Round, Sample, Swap
from migstat.work.anonymize.frequencies import SAMPLE, combinations, frequencies
from migstat.work.anonymize.identifiers import MEMBER, UNIT, renumber, with_units
from migstat.work.anonymize.microaggregation import groups, microaggregate
from migstat.work.anonymize.noise import noise
from migstat.work.anonymize.pram import pram, transition
from migstat.work.anonymize.recoding import cap, recode, rounded
from migstat.work.anonymize.sampling import sample
from migstat.work.anonymize.secret import Secret
from migstat.work.anonymize.suppression import Demand, suppress
from migstat.work.anonymize.swapping import swap

HERE = Place("policy.yaml", 1)
SECRET = Secret(b"a secret for the tests only")
PERSON = structure("SURVEY_PERSON")


def households(n=400, seed=1):
    chance = np.random.default_rng(seed)
    homes = np.sort(chance.integers(0, n // 3, n))
    places = chance.integers(1, 6, n // 3)
    return with_units(
        pl.DataFrame(
            {
                "HOUSEHOLD_ID": [f"H{one}" for one in homes],
                "PERSON_ID": [f"P{at}" for at in range(n)],
                "WEIGHT": chance.integers(10, 90, n) / 1.0,
                "SEX": chance.choice(["F", "M"], n),
                "REGION": [f"R{places[one]}" for one in homes],
                "LABOUR": chance.choice(["EMP", "UNE", "OLF", "_Z", "_N"], n, p=[0.5, 0.1, 0.2, 0.1, 0.1]),
                "AGE": chance.integers(0, 95, n),
                "INCOME": chance.lognormal(8, 1, n),
                "HOURS_WORKED": chance.integers(0, 60, n) / 1.0,
            }
        )
    )


def recoding(**more):
    return Recode(
        **({"level": None, "least": 1, "keep": (), "home": False, "groups": {}, "open": ""} | more), place=HERE
    )


def test_codes_become_their_ancestors_and_home_stays():
    frame = pl.DataFrame({"COUNTRY_BIRTH": ["KEN", "DZA", "ARG", "BRA", "_N", None], "REF_AREA": ["ARG"] * 6})
    step = recoding(component="COUNTRY_BIRTH", level=0, home=True)
    made, become = recode(frame, step, codelist("CL_COUNTRY_BIRTH"))

    assert ["M49_002", "M49_002", "ARG", "M49_019", "_N", None] == made["COUNTRY_BIRTH"].to_list()
    assert {"KEN": "M49_002", "DZA": "M49_002", "BRA": "M49_019"} == become


def test_small_codes_go_up_until_there_are_enough():
    frame = pl.DataFrame({"COUNTRY_BIRTH": ["BOL"] * 5 + ["PRY"] * 2 + ["MEX"] + ["KEN"]})
    step = recoding(component="COUNTRY_BIRTH", least=3)
    made, _ = recode(frame, step, codelist("CL_COUNTRY_BIRTH"))
    counts = dict(made["COUNTRY_BIRTH"].value_counts().rows())

    assert {"BOL": 5, "M49_419": 3, "_O": 1} == counts


def test_ages_become_classes_with_an_open_one_at_the_top():
    frame = pl.DataFrame({"AGE_GROUP": ["Y3", "Y17", "Y74", "Y75", "Y99", "_N"]})
    made, _ = recode(frame, recoding(component="AGE_GROUP", level=1, open="Y_GE75"), codelist("CL_AGE"))

    assert ["Y0T4", "Y15T19", "Y70T74", "Y_GE75", "Y_GE75", "_N"] == made["AGE_GROUP"].to_list()


def test_groups_are_for_what_has_no_codelist():
    frame = pl.DataFrame({"REGION": ["1", "2", "3", None]})
    made, _ = recode(frame, recoding(component="REGION", groups={"NORTH": ("1", "2")}), None)

    assert ["NORTH", "NORTH", "3", None] == made["REGION"].to_list()


def test_numbers_are_cut_off_at_a_value_or_a_weighted_quantile():
    frame = pl.DataFrame({"INCOME": [1.0, 2.0, 3.0, 100.0, None], "WEIGHT": [1.0, 1.0, 1.0, 97.0, 5.0]})

    assert [2.0, 2.0, 3.0, 50.0, None] == cap(frame, Cap("INCOME", 2, 50, False, False, HERE), "WEIGHT")[0][
        "INCOME"
    ].to_list()
    assert (2.0, None) == cap(frame, Cap("INCOME", 2, None, True, False, HERE), "WEIGHT")[1:]
    assert (None, 3.0) == cap(frame, Cap("INCOME", None, 75, False, True, HERE), None)[1:]
    assert [0.0, 0.0, 5.0, 100.0, None] == rounded(frame, Round("INCOME", 5, HERE))["INCOME"].to_list()


@given(st.integers(1, 60), st.integers(2, 5), st.integers(1, 3), st.integers(0, 9))
def test_groups_of_microaggregation_are_neither_too_small_nor_too_large(count, size, width, seed):
    points = np.random.default_rng(seed).normal(size=(count, width))
    found = groups(points, size)

    assert list(range(count)) == sorted(at for group in found for at in group)
    assert all(min(size, count) <= len(group) < max(2 * size, size + 1) or len(found) == 1 for group in found)


def test_microaggregation_keeps_means_and_lets_nobody_be_alone():
    frame = households()
    step = Microaggregate(("INCOME", "HOURS_WORKED"), 4, ("SEX",), HERE)
    made = microaggregate(frame, step)

    assert frame["INCOME"].mean() == pytest.approx(made["INCOME"].mean())
    assert made.group_by("SEX", "INCOME", "HOURS_WORKED").len()["len"].min() >= 4
    assert made["INCOME"].std() < frame["INCOME"].std()


def test_a_class_of_too_few_loses_its_values_and_a_number_without_its_neighbour_is_grouped_too():
    frame = pl.DataFrame({"SEX": ["F"] * 9 + ["M"], "INCOME": [*map(float, range(9)), 7.0], "HOURS_WORKED": [1.0] * 10})
    frame = frame.with_columns(pl.when(pl.int_range(pl.len()) > 4).then("HOURS_WORKED").alias("HOURS_WORKED"))
    made = microaggregate(frame, Microaggregate(("INCOME", "HOURS_WORKED"), 3, ("SEX",), HERE))

    assert [2.0] * 5 + [6.5] * 4 + [None] == made["INCOME"].to_list()
    assert [None] * 9 + ["_U"] == made["INCOME_MISSING"].to_list()


@given(st.lists(st.floats(0.1, 1000), min_size=2, max_size=8), st.floats(0.05, 1.0))
def test_invariant_pram_keeps_expected_totals(totals, keep):
    codes = tuple(str(at) for at in range(len(totals)))
    made = transition(codes, np.array(totals), keep, invariant=True).matrix

    assert made.sum(axis=1) == pytest.approx(np.ones(len(totals)))
    assert np.array(totals) @ made == pytest.approx(np.array(totals), rel=1e-9)


def test_pram_changes_codes_and_no_kind_of_missing():
    frame = households(4000)
    made, used = pram(frame, Pram("LABOUR", 0.7, False, HERE), "WEIGHT", SECRET)
    stayed = (frame["LABOUR"] == made["LABOUR"]).filter(~frame["LABOUR"].is_in(["_Z", "_N"])).mean()

    assert ("EMP", "OLF", "UNE") == used.codes
    assert stayed == pytest.approx(0.7, abs=0.03)
    assert frame["LABOUR"].is_in(["_Z"]).to_list() == made["LABOUR"].is_in(["_Z"]).to_list()


def test_noise_keeps_correlation_bounds_and_missing_values():
    frame = households(5000).with_columns(INCOME=pl.Series(np.random.default_rng(2).normal(5000, 500, 5000)))
    frame = frame.with_columns((pl.col("INCOME") * 0.01).alias("HOURS_WORKED"))
    frame = frame.with_columns(pl.when(pl.col("AGE") >= 15).then("INCOME").alias("INCOME"))
    made = noise(frame, Noise(("INCOME", "HOURS_WORKED"), 0.5, True, HERE), PERSON, SECRET)
    alone = noise(frame, Noise(("AGE",), 0.5, False, HERE), PERSON, SECRET)

    assert made.select(pl.corr("INCOME", "HOURS_WORKED")).item() > 0.99
    assert frame["INCOME"].is_null().to_list() == made["INCOME"].is_null().to_list()
    assert (frame["HOURS_WORKED"] != made["HOURS_WORKED"]).all()
    assert frame["INCOME"].std() * 1.25**0.5 == pytest.approx(made["INCOME"].std(), rel=0.03)
    assert pl.Int64 == alone["AGE"].dtype
    assert 0 == alone["AGE"].min()
    assert alone["AGE"].max() <= 130


@pytest.mark.parametrize("by", ["household", "record"])
def test_a_sample_keeps_the_expected_weight_and_whole_households(by):
    frame = households(3000)
    made = sample(frame, Sample(0.4, by, HERE), SECRET, ["WEIGHT"])
    units = frame[UNIT].n_unique() if by == "household" else frame.height

    assert round(units * 0.4) == (made[UNIT].n_unique() if by == "household" else made.height)
    assert frame["WEIGHT"].sum() == pytest.approx(made["WEIGHT"].sum(), rel=0.06)
    if by == "household":
        whole = frame.group_by(UNIT).len().join(made.group_by(UNIT).len(), on=UNIT)
        assert (whole["len"] == whole["len_right"]).all()


def test_swapping_exchanges_places_of_like_households_the_riskiest_first():
    frame = households(3000)
    risk = np.where(frame[UNIT] % 7 == 0, 0.9, 0.01)
    made, told = swap(frame, Swap("REGION", (), ("SEX",), 0.1, HERE), risk, SECRET)
    moved = made.filter(made["REGION"] != frame["REGION"])
    sizes = [
        one.group_by(UNIT)
        .agg(pl.len().alias("n"), pl.col("REGION").first())
        .group_by("REGION", "n")
        .len()
        .sort("REGION", "n")
        for one in (frame, made)
    ]

    assert told.alike + told.size == moved[UNIT].n_unique()
    assert round(frame[UNIT].n_unique() * 0.1) == pytest.approx(moved[UNIT].n_unique(), abs=2)
    assert sizes[0].equals(sizes[1])
    assert (moved[UNIT] % 7 == 0).mean() >= 0.5
    assert (made.group_by(UNIT).agg(pl.col("REGION").n_unique())["REGION"] == 1).all()


def test_numbers_are_new_and_nothing_is_left_of_the_order():
    frame = households(600)
    made = renumber(frame, SECRET)
    before = frame.group_by("HOUSEHOLD_ID").len()["len"].sort()

    assert [str(one) for one in range(1, before.len() + 1)] == made["HOUSEHOLD_ID"].unique(
        maintain_order=True
    ).to_list()
    assert before.equals(made.group_by("HOUSEHOLD_ID").len()["len"].sort())
    assert made.select("HOUSEHOLD_ID", "PERSON_ID").is_unique().all()
    assert made["AGE"].to_list() != frame["AGE"].to_list()
    assert {UNIT, MEMBER}.isdisjoint(made.columns)


def test_without_household_numbers_members_do_not_stand_together():
    frame = households(600)
    made = renumber(frame.drop("HOUSEHOLD_ID"), SECRET)
    neighbours = (made["REGION"] == made["REGION"].shift(1)).mean()

    assert [str(one) for one in range(1, 601)] == made["PERSON_ID"].to_list()
    assert neighbours < 0.35


def test_households_of_two_years_are_two():
    frame = pl.DataFrame({"TIME_PERIOD": ["2010", "2011"] * 2, "HOUSEHOLD_ID": ["7", "7", "7", None]})

    assert 3 == with_units(frame)[UNIT].n_unique()


def test_the_key_is_long_enough_and_not_printed():
    with pytest.raises(Misuse, match="shorter than 16"):
        Secret(b"short")

    assert "tests" not in repr(SECRET)
    assert SECRET.stream("a", "b").random() == SECRET.stream("a", "b").random()
    assert SECRET.stream("a", "b").random() != SECRET.stream("ab").random()


# Local suppression: k holds on every key set, whatever the file, under both readings of a missing key.

VALUE = st.sampled_from(["1", "2", "3", "4", None])
TWO = (KeySet("one", ("A", "B", "C"), HERE), KeySet("other", ("B", "D"), HERE))


def rows_of(rows, missing):
    made = pl.DataFrame(rows, schema=dict.fromkeys("ABCD", pl.String), orient="row").with_columns(
        pl.lit(2.0).alias("_w")
    )
    return made.with_columns(pl.col("A", "B", "C", "D").fill_null("_U")) if missing == "category" else made


def taken(rows, gone, missing):
    mark = "_U" if missing == "category" else None
    return rows.with_columns(
        pl.when(gone[id]).then(pl.lit(mark, pl.String)).otherwise(pl.col(id)).alias(id) for id in gone.columns
    )


@settings(max_examples=60)
@given(
    st.lists(st.tuples(VALUE, VALUE, VALUE, VALUE), min_size=6, max_size=40),
    st.integers(2, 4),
    st.sampled_from([("wildcard", 1.0), ("wildcard", 0.5), ("wildcard", 0.0), ("category", 1.0)]),
    st.sampled_from([("B", "A"), ("D", "A", "C"), ()]),
)
def test_k_holds_on_every_key_set_after_the_last_pass(rows, k, policy, importance):
    missing, alpha = policy
    people = rows_of(rows, missing)
    gone = suppress(people, TWO, Demand(k, missing, alpha, importance, ()))
    after = taken(people, gone, missing)
    least = [frequencies(combinations(after, one.ids), one.ids, alpha)[SAMPLE].min() for one in TWO]

    assert all(found >= k for found in least)


def test_a_key_set_that_another_one_breaks_is_served_again():
    people = rows_of([tuple(row) for row in ("2122", "2122", "1211", "2121", "2111")], "category")
    after = taken(people, suppress(people, TWO, Demand(2, "category", 1.0, ("D",), ())), "category")

    assert [2.0, 2.0] == [frequencies(combinations(after, one.ids), one.ids)[SAMPLE].min() for one in TWO]


@settings(max_examples=30)
@given(st.lists(st.tuples(VALUE, VALUE, VALUE, VALUE), min_size=6, max_size=40))
def test_what_is_alike_enough_is_left_alone(rows):
    people = rows_of(rows * 3, "wildcard")

    assert (
        0 == suppress(people, TWO, Demand(3, "wildcard", 1.0, (), ())).select(pl.sum_horizontal(pl.all().sum())).item()
    )


def test_the_least_important_key_goes_and_no_more_values_than_serve():
    people = rows_of([("1", "1", "1", "1")] * 9 + [("2", "1", "1", "1")], "wildcard")
    gone = suppress(people, TWO[:1], Demand(3, "wildcard", 1.0, ("A", "B"), ("C",)))

    assert {"A": 1, "B": 0, "C": 0} == {id: int(gone[id].sum()) for id in gone.columns}
    five = rows_of([(str(at), "1", "1", "1") for at in range(5)], "wildcard")
    assert 2 == suppress(five, TWO[:1], Demand(3, "wildcard", 1.0, ("B", "C"), ()))["A"].sum()


def test_a_key_that_is_never_taken_out_stays():
    people = rows_of([(str(at), "1", "1", "1") for at in range(5)], "wildcard")
    gone = suppress(people, TWO[:1], Demand(3, "wildcard", 1.0, (), ("A",)))

    assert 0 == gone["A"].sum()
