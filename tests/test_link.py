"""Linking: components of records that share a key, against a plain union-find, and on the shared cases."""

from dataclasses import asdict
from importlib.util import find_spec

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migstat as ms
from migstat.read.secret_keys import new_key
from migstat.words.finding import Misuse
from migstat.work.link.counts import probable_count

value = st.none() | st.sampled_from(["a", "b", "c", "d", "e", "-"])


def plain(rows):
    """The person of each row, one row after another."""
    person = list(range(len(rows)))
    for column in range(2):
        seen = {}
        for at, row in enumerate(rows):
            key = row[column]
            if key in (None, "-"):
                continue
            if key in seen:
                old, new = person[at], person[seen[key]]
                person = [new if one == old else one for one in person]
            seen[key] = at
    return person


def groups(persons):
    return sorted([at for at, other in enumerate(persons) if other == one] for one in set(persons))


@given(st.lists(st.tuples(value, value), min_size=1, max_size=25))
def test_persons_are_those_of_a_plain_union_find(rows):
    frame = pl.DataFrame(
        {"P": [p for p, _ in rows], "N": [n for _, n in rows]}, schema={"P": pl.String, "N": pl.String}
    )
    found = ms.link(frame, on=["P", "N"])

    assert groups(plain(rows)) == groups(found.records["PERSON_ID"].to_list())
    assert found.facts["rows"] == len(rows)


def test_both_columns_of_one_key_must_agree_and_a_missing_one_matches_nothing():
    frame = pl.DataFrame({"NAME": ["Ann", "ann", "Ann", None, None], "BORN": ["1990", "1990", "1991", "1990", "1990"]})
    found = ms.link(frame, on=[["NAME", "BORN"]])

    assert [[0, 1], [2], [3], [4]] == groups(found.records["PERSON_ID"].to_list())
    assert ["no key: such a record is linked with no other"] == [finding.what for finding in found.findings]
    assert ["PERSON_ID"] == found.records.columns


def test_a_value_that_stands_for_nobody_is_told_and_can_be_named():
    frame = pl.DataFrame({"P": ["UNKNOWN"] * 60, "N": [f"N{number}" for number in range(60)]})
    found, named = ms.link(frame, on=["P", "N"]), ms.link(frame, on=["P", "N"], nobody=["unknown"])

    assert (1, 60) == (found.facts["persons"], named.facts["persons"])
    assert ["one person has 60 different values of N: a value that stands for nobody may link many"] == [
        finding.what for finding in found.findings
    ]


def test_with_a_key_persons_are_pseudonyms_that_two_files_share(tmp_path, monkeypatch):
    monkeypatch.setenv("LINK_KEY", new_key())
    frame = pl.DataFrame({"P": ["A1", "B2", None, "a-1"], "N": ["x", "y", None, None], "V": [1, 2, 3, 4]})
    frame.write_parquet(tmp_path / "in.parquet")
    whole = ms.link(tmp_path / "in.parquet", on=["P", "N"], key="LINK_KEY", into=tmp_path / "out.parquet")
    again = ms.link(frame.reverse(), on=["P", "N"], key="LINK_KEY").records.reverse()
    records = whole.records.collect()

    assert records.rows() == again.rows()
    assert ["V", "PERSON_ID", "PERSON_ID_MISSING"] == records.columns
    assert records["PERSON_ID"][0] == records["PERSON_ID"][3]
    assert [None, "_U"] == [records["PERSON_ID"][2], records["PERSON_ID_MISSING"][2]]


WRONG = [
    ({"on": []}, "no key is named", 'write on=[["PASSPORT"], ["NAME", "BIRTH_DATE"]]'),
    ({"on": ["PASPORT"]}, "the frame has no column PASPORT", "write PASSPORT"),
    ({"on": ["PASSPORT"], "person": "PASSPORT"}, "the person cannot take the place of a key",
     "name another column: person="),
]  # fmt: skip


@pytest.mark.parametrize(("call", "what", "mend"), WRONG)
def test_wrong_calls(call, what, mend):
    with pytest.raises(Misuse) as raised:
        ms.link(pl.DataFrame({"PASSPORT": ["A"]}), **call)

    assert [(what, mend)] == [(one.what, one.mend) for one in raised.value.findings]


def pairs(frame, *by):
    return int(frame.group_by(by).len().select((pl.col("len").cast(pl.Int64) * (pl.col("len") - 1) // 2).sum()).item())


def test_invented_people_are_linked_precisely_before_they_are_linked_completely(shared):
    people = pl.read_csv(shared / "cases" / "splink_fake" / "people.csv", infer_schema=False)
    on = [["first_name", "dob"], ["surname", "dob"], ["first_name", "surname"], ["email"]]
    found = ms.link(people.drop("cluster"), on=on).records
    both = people.with_columns(found["PERSON_ID"])
    right = pairs(both, "cluster", "PERSON_ID")
    precision, recall = right / pairs(both, "PERSON_ID"), right / pairs(both, "cluster")

    assert precision >= 0.95
    assert recall >= 0.9


def test_crossings_are_linked_by_name_or_passport_transitively(shared):
    crossings = pl.read_csv(shared / "data" / "statsnz_12_16_rule" / "vignette_border_crossings.csv")
    records = ms.link(crossings, on=["name", "passport_no"], keep=True).records
    found = records.group_by("PERSON_ID").agg(pl.col("name").unique().sort(), pl.col("passport_no").unique().sort())

    assert 6 == records["PERSON_ID"].n_unique()
    assert (["Eisha", "Esha"], ["E105"]) in found.drop("PERSON_ID").rows()
    assert (["Cai"], ["C103", "X200"]) in found.drop("PERSON_ID").rows()


# Probable links


def test_sure_links_leave_no_interval():
    persons, count = probable_count(4, np.array([0, 1]), np.array([1, 2]), np.array([1.0, 1.0]), 0.95)

    assert [0, 0, 0, 1] == persons.tolist()
    assert (2, 2, 0.0, 0.0, 2, 2) == tuple(asdict(count).values())


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1)), max_size=12))
def test_the_interval_lies_between_all_links_and_none(links):
    left, right, probability = (np.array([link[at] for link in links]) for at in range(3))
    left, right = left.astype(int), right.astype(int)
    none, every = 10, probable_count(10, left, right, np.ones(len(links)), 0.5)[1].persons
    _, count = probable_count(10, left, right, probability.astype(float), 0.5)

    assert every <= count.low <= count.high <= none
    assert every <= count.persons <= none
    assert 0 <= count.expected_false_links <= count.links / 2


PROBABLE = [
    ({"compare": {"NAM": "name"}, "block": ["NAME"]}, "the records have no column NAM", "one of NAME"),
    ({"compare": {"NAME": "word"}, "block": ["NAME"]}, "compare: word is not known", "one of name, email, date, exact"),
    ({"compare": {"NAME": "name"}, "block": []}, "no pairs are named to compare",
     'write compare={"surname": "name"}, block=["dob"]'),
    ({"compare": {"NAME": "name"}, "block": ["NAME"], "threshold": 95}, "threshold: 95 is no probability",
     "write one such as 0.95"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "what", "mend"), PROBABLE)
def test_wrong_calls_of_probable_linking(call, what, mend):
    with pytest.raises(Misuse) as raised:
        ms.link_probably(pl.DataFrame({"NAME": ["A"]}), **call)

    assert [(what, mend)] == [(one.what, one.mend) for one in raised.value.findings]


@pytest.mark.skipif(find_spec("splink") is not None, reason="splink is installed")
def test_without_splink_it_says_what_to_install():
    with pytest.raises(Misuse, match=r"pip install 'migstat\[link\]'"):
        ms.link_probably(pl.DataFrame({"NAME": ["A"]}), compare={"NAME": "name"}, block=["NAME"])


@pytest.mark.skipif(find_spec("splink") is None, reason="needs splink")
def test_probable_links_are_precise_and_their_error_is_told(shared):
    people = pl.read_csv(shared / "cases" / "splink_fake" / "people.csv", infer_schema=False)
    compare = {"first_name": "name", "surname": "name", "dob": "date", "email": "email", "city": "exact"}
    found = ms.link_probably(people.drop("cluster"), compare=compare, block=["first_name", "surname", "dob", "email"])
    both = people.with_columns(found.records["PERSON_ID"])
    right = pairs(both, "cluster", "PERSON_ID")
    low, high = found.facts["persons_interval"]

    assert right / pairs(both, "PERSON_ID") >= 0.95
    assert right / pairs(both, "cluster") >= 0.9
    assert ["unique_id", "PERSON_ID"] == found.records.columns
    assert low <= high <= found.facts["persons"]
