"""Frequencies, risks and diversity of the eight-record textbook file, as the reference prints them."""

import csv
import json

import numpy as np
import polars as pl
import pytest

from migstat.work.anonymize.diversity import diversity
from migstat.work.anonymize.frequencies import POPULATION, SAMPLE, combinations, frequencies
from migstat.work.anonymize.risk import individual_risk

FOUR, THREE = ["Key1", "Key2", "Key3", "Key4"], ["Key1", "Key2", "Key3"]


@pytest.fixture(scope="module")
def case(shared):
    return shared / "cases" / "sdcmicro"


def rows_of(path):
    frame = pl.read_csv(path, infer_schema=False)
    return frame.with_columns(pl.col("w").cast(pl.Float64).alias("_w"))


def counted(rows, keys, alpha=1.0):
    table = frequencies(combinations(rows, keys), keys, alpha)
    return rows.join(table, on=keys, how="left", nulls_equal=True, maintain_order="left")


def expected(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: float(value) for name, value in line.items()} for line in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("file", "keys"), [("francdat_freq_risk.csv", FOUR), ("francdat_3keys_freq_risk.csv", THREE)], ids=["four", "three"]
)
def test_frequencies_are_equal_and_risks_to_1e_9(case, file, keys):
    wanted = expected(case / file)
    met = counted(rows_of(case / "francdat.csv"), keys)

    assert [line["fk"] for line in wanted] == met[SAMPLE].to_list()
    assert [line["Fk"] for line in wanted] == met[POPULATION].to_list()
    risk = individual_risk(met[SAMPLE].to_numpy(), met[POPULATION].to_numpy())
    assert np.allclose([line["risk"] for line in wanted], risk, rtol=1e-9, atol=0)


@pytest.mark.parametrize("alpha", ["0", "0.5", "1"])
def test_a_missing_key_is_a_wildcard_that_counts_alpha(case, alpha):
    wanted = expected(case / f"francdat_NA_alpha{alpha}.csv")
    met = counted(rows_of(case / "francdat_NA.csv"), FOUR, float(alpha))

    assert [(line["fk"], line["Fk"]) for line in wanted] == met.select(SAMPLE, POPULATION).rows()


def test_a_missing_key_as_a_category_is_another_policy(case):
    rows = rows_of(case / "francdat_NA.csv").with_columns(pl.col(FOUR).fill_null("_U"))

    assert [1, 2, 2, 1, 1, 1, 1, 1] == counted(rows, FOUR)[SAMPLE].to_list()


def test_diversity_of_the_fourth_key(case):
    wanted = expected(case / "francdat_3keys_ldiversity_Key4.csv")
    rows = rows_of(case / "francdat.csv")
    classes = combinations(rows, THREE).select(THREE).with_row_index("_class")
    met = classes.join(diversity(rows, THREE, "Key4").classes, on="_class").join(rows, on=THREE, how="right")

    assert [line["Key4_Distinct_Ldiversity"] for line in wanted] == met["distinct"].to_list()
    entropy = [line["Key4_Entropy_Ldiversity"] for line in wanted]
    assert np.allclose(entropy, met["entropy"], rtol=1e-9, atol=0)
    assert [line["Key4_Recursive_Ldiversity"] for line in wanted] == met["recursive"].to_list()


def test_records_below_k(case):
    wanted = json.loads((case / "francdat_kanonymity.json").read_text())
    rows = rows_of(case / "francdat.csv")
    met = {
        names: {k: int((counted(rows, names.split(","))[SAMPLE] < int(k)).sum()) for k in by_k}
        for names, by_k in wanted.items()
    }

    assert wanted == met
