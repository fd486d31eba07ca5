"""The cell-key method: tables of noise, keys that add up in any order, and the same noise for the same cell."""

import csv
from itertools import product
from math import fsum

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.read.perturbation_tables import perturbation_table_text, read_perturbation_table
from migstat.words.finding import MigstatError, Misuse
from migstat.words.perturbation import KEY_UNITS, Chances, PerturbationTable
from migstat.work.perturb import cell_keys, perturb, perturbation_table, record_keys, round_to_nearest, round_unbiased
from migstat.work.perturb.cell_key import noise_of
from migstat.work.perturb.keys import cell_key
from migstat.work.tabulate.cells import KEY, regroup
from migstat.work.tabulate.rollup import roll_up

SECRET = b"a secret of at least sixteen bytes"


def people(rows: int = 60) -> list[dict[str, str]]:
    return [
        {
            "SEX": "FM"[n % 2],
            "AGE": ("0-14", "15-64", "65+")[n % 3],
            "RECORD_KEY": f"{(37 * n * n + 11 * n + 5) % 1009 / 1009:.8f}",
            "WEIGHT": f"{1 + n % 7}.25",
        }
        for n in range(rows)
    ]


# Tables


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def cases(shared):
    folder = shared / "cases" / "cellkey_ptable"
    if not folder.is_dir():
        pytest.skip("needs ../shared/cases/cellkey_ptable, which is not part of the repository")
    return folder


def test_tables_made_are_those_of_the_field(shared):
    folder = cases(shared)
    off = {}
    for row in rows_of(folder / "params.csv"):
        lines = rows_of(folder / f"ptable_{row['name']}.csv")
        expected = {(int(line["i"]), int(line["j"])): float(line["p"]) for line in lines}
        made = perturbation_table(int(row["D"]), float(row["V"]), no_results_up_to=int(row["js"]))
        actual = {
            (chances.count, chances.count + noise): p
            for chances in made.rows
            for noise, p in zip(chances.noise, chances.probability, strict=True)
        }
        off[row["name"]] = max(abs(expected.get(at, 0) - actual.get(at, 0)) for at in expected | actual)

    assert 6 == len(off)
    assert {} == {name: largest for name, largest in off.items() if largest > 1e-4}


@settings(max_examples=40)
@given(st.integers(1, 12), st.floats(0.02, 0.95), st.integers(0, 4))
def test_laws_of_a_table(largest, share, none_up_to):
    largest = max(largest, none_up_to + 1, 2 * none_up_to)
    lowest = max([i * (none_up_to + 1 - i) for i in range(1, none_up_to + 1)], default=0)
    variance = lowest + share * (largest * (largest + 1) / 3 - lowest)
    if largest * (largest + 1) / 3 <= lowest:
        return
    table = perturbation_table(largest, variance, no_results_up_to=none_up_to)

    assert [] == list(table.faults())
    assert ((0,), (1.0,)) == (table.rows[0].noise, table.rows[0].probability)
    for row in table.rows:
        assert abs(fsum(row.probability) - 1) < 1e-12
        assert abs(row.mean) < 1e-12
        assert row.variance < variance + 1e-9
        assert max(map(abs, row.noise)) <= largest
        assert not {row.count + noise for noise in row.noise} & set(range(1, none_up_to + 1))
        assert min(row.count + noise for noise in row.noise) >= 0
    assert abs(table.variance - variance) < 1e-9


def test_a_table_is_made_the_same_again():
    assert perturbation_table(5, 3.0) == perturbation_table(5, 3.0)


WRONG_REQUESTS = [
    (
        (0, 1.0, 0),
        "perturbation_table  largest_noise\n  noise up to 0\n  Mend: write a whole number from 1 to 100",
    ),
    (
        (2, 2.5, 0),
        "perturbation_table  variance\n  no noise up to 2 has variance 2.5\n"
        "  Mend: write a number above 0, and below 2",
    ),
    (
        (5, 2.0, 2),
        "perturbation_table  variance\n  no noise up to 5 has variance 2 and no results from 1 to 2\n"
        "  Mend: write a number above 2, and below 10",
    ),
    (
        (3, 3.0, 3),
        "perturbation_table  variance\n  no noise up to 3 has variance 3 and no results from 1 to 3\n"
        "  Mend: allow larger noise, or more small results",
    ),
    (
        (5, 3.0, -1),
        "perturbation_table  no_results_up_to\n  no results from 1 to -1 cannot be had\n"
        "  Mend: write 0, or a number below 100",
    ),
]


@pytest.mark.parametrize(("request_", "message"), WRONG_REQUESTS)
def test_requests_that_no_table_can_meet(request_, message):
    largest, variance, none_up_to = request_
    with pytest.raises(Misuse) as error:
        perturbation_table(largest, variance, no_results_up_to=none_up_to)

    assert message == str(error.value)


def test_reading_a_table_written_is_the_identity(tmp_path):
    table = perturbation_table(5, 3.0, no_results_up_to=2)
    path = tmp_path / f"{table.name}.csv"
    path.write_text(perturbation_table_text(table), encoding="utf-8")

    assert table == read_perturbation_table(path)


def test_an_interval_holds_its_lower_bound_and_not_its_upper():
    row = Chances(1, (-1, 0, 3), (0.25, 0.5, 0.25))

    keys = [0, 249_999_999, 250_000_000, 749_999_999, 750_000_000, KEY_UNITS - 1]
    assert [-1, -1, 0, 0, 3, 3] == [row.noise_at(key) for key in keys]
    table = PerturbationTable((Chances(0, (0,), (1.0,)), row))
    assert [-1, -1, 0, 0, 3, 3] == noise_of(np.full(6, 9), np.array(keys), table).tolist()


# Keys and cells


def expected_cells():
    cells: dict[tuple[str, str], int] = {}
    for row in people():
        at = (row["SEX"], row["AGE"])
        cells[at] = cells.get(at, 0) + round(float(row["RECORD_KEY"]) * KEY_UNITS)
    return cells


def test_cell_keys_are_the_same_on_every_engine_and_in_any_order(constructor):
    for data in (people(), people()[::-1]):
        cells = cell_keys(constructor(data), ["SEX", "AGE"], weight="WEIGHT")

        assert expected_cells() == {(row["SEX"], row["AGE"]): row[KEY] for row in cells.to_dicts()}
        assert 60 == cells["_rows"].sum()


def test_keys_roll_up_as_the_records_would(constructor):
    finest = cell_keys(constructor(people()), ["SEX", "AGE"])
    pairs = {
        id: pl.DataFrame([(c, t) for c in codes for t in (c, "_T")], schema=["code", "target"], orient="row")
        for id, codes in {"SEX": ["F", "M"], "AGE": ["0-14", "15-64", "65+"]}.items()
    }
    rolled = roll_up(finest, ["SEX", "AGE"], pairs)
    direct = cell_keys(constructor(people()), ["SEX"])

    of_sex = rolled.filter(pl.col("AGE") == "_T", pl.col("SEX") != "_T").sort("SEX")
    assert direct.sort("SEX")[KEY].to_list() == of_sex[KEY].to_list()
    whole = rolled.filter(pl.col("AGE") == "_T", pl.col("SEX") == "_T")
    assert [sum(expected_cells().values()) % KEY_UNITS] == whole.select(cell_key())[KEY].to_list()


def test_the_same_cell_has_the_same_noise_in_every_table():
    records = pl.DataFrame(people())
    table = perturbation_table(5, 3.0)
    by_both = perturb(cell_keys(records.filter(pl.col("SEX") == "F"), ["SEX", "AGE"]), table)
    by_age = perturb(cell_keys(records.filter(pl.col("SEX") == "F"), ["AGE"]), table)

    assert by_age.sort("AGE")["NOISE"].to_list() == by_both.sort("AGE")["NOISE"].to_list()


def test_84_perturbed_cells_of_the_field(shared):
    folder = cases(shared)
    people = pl.read_csv(folder / "microdata_4580.csv")
    rich = people.filter(pl.col("income") >= 9000)
    codes = {id: people[id].unique().sort().to_list() for id in ("sex", "age")}
    pairs = {
        id: pl.DataFrame([(c, t) for c in known for t in (c, "Total")], schema=["code", "target"], orient="row")
        for id, known in codes.items()
    }
    expected, actual = {}, {}
    for name in ("D2V1", "D5V3"):
        table = read_perturbation_table(folder / f"ptable_{name}.csv")
        for row in rows_of(folder / f"perturbed_{name}_lookup.csv"):
            expected[name, row["countvar"], row["sex"], row["age"]] = [int(row["pert"]), float(row["ckey"])]
        for row in rows_of(folder / f"perturbed_{name}_freqtab.csv"):
            expected[name, row["vname"], row["sex"], row["age"]] += [int(row["puwc"]), float(row["pwc"])]
        for vname, records in {"total": people, "cnt_hi": rich}.items():
            finest = cell_keys(records, ["sex", "age"], key="rec_key", weight="sampling_weight")
            rolled = roll_up(finest, ["sex", "age"], pairs).with_columns(cell_key(), pl.col("_whole").cast(float))
            grid = pl.DataFrame(list(product([*codes["sex"], "Total"], [*codes["age"], "Total"])), orient="row",
                                schema=["sex", "age"])  # fmt: skip
            full = grid.join(rolled, on=["sex", "age"], how="left").fill_null(0)
            for row in perturb(full, table, values=["_whole"]).to_dicts():
                at = (name, vname, row["sex"], row["age"])
                actual[at] = [row["NOISE"], row[KEY] / KEY_UNITS, row["_rows"], row["_whole"]]

    assert 84 == len(expected) == len(actual)
    assert {at: (row[0], row[2]) for at, row in expected.items()} == {at: (r[0], r[2]) for at, r in actual.items()}
    assert {at: row[1::2] for at, row in actual.items()} == {
        at: pytest.approx(row[1::2], rel=1e-6, abs=1e-8) for at, row in expected.items()
    }


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, KEY_UNITS - 1)), min_size=1, max_size=30))
def test_noise_stays_within_its_bound_and_zeros_stay(drawn):
    table = perturbation_table(4, 2.0, no_results_up_to=1)
    counts, keys = zip(*drawn, strict=True)
    cells = perturb(pl.DataFrame({"n": counts, "k": keys, "w": [2.5 * n for n in counts]}), table, count="n", key="k",
                    values=["w"])  # fmt: skip

    for true, row in zip(counts, cells.to_dicts(), strict=True):
        assert abs(row["NOISE"]) <= 4
        assert true + row["NOISE"] == row["n"] != 1
        assert (true > 0) or (0, 0.0) == (row["n"], row["w"])
        assert 2.5 * row["n"] == pytest.approx(row["w"])
    by_hand = [table.row(n).noise_at(k) for n, k in drawn]
    assert by_hand == cells["NOISE"].to_list()


def test_record_keys_are_told_by_identity_and_secret_alone(constructor):
    data = [{"ID": f"p{n % 50}", "HH": f"h{n % 7}"} for n in range(60)]
    keyed = record_keys(constructor(data), ["ID", "HH"], SECRET)
    again = record_keys(pl.DataFrame(data[::-1]), ["ID", "HH"], SECRET)
    rows = {(row["ID"], row["HH"]): row["RECORD_KEY"] for row in constructor.rows(keyed, "ID")}

    assert rows == {(row["ID"], row["HH"]): row["RECORD_KEY"] for row in again.to_dicts()}
    assert all(0 <= key < 1 for key in rows.values())
    assert set(rows.values()).isdisjoint(record_keys(pl.DataFrame(data), ["ID", "HH"], SECRET[::-1])["RECORD_KEY"])


def test_keys_are_even():
    keys = record_keys(pl.DataFrame({"ID": range(20_000)}), ["ID"], SECRET)["RECORD_KEY"]
    tenths = (keys * 10).cast(int).value_counts()["count"]

    assert 10 == len(tenths)
    assert 1_800 < tenths.min() <= tenths.max() < 2_200


def test_columns_of_an_identity_do_not_run_together():
    frame = pl.DataFrame({"A": ["ab", "a"], "B": ["c", "bc"]})

    assert 2 == record_keys(frame, ["A", "B"], SECRET)["RECORD_KEY"].n_unique()


WRONG_KEYS = [
    (
        lambda: record_keys(pl.DataFrame({"ID": ["a"]}), ["ID"], b"short"),
        "record_keys\n  the secret has 5 bytes\n  Mend: give at least 16, made at random and kept",
    ),
    (
        lambda: record_keys(pl.DataFrame({"ID": ["a"]}), ["NR"], SECRET),
        "record_keys\n  the records have no NR\n  Mend: name the columns that tell one record from another",
    ),
    (
        lambda: record_keys(pl.DataFrame({"ID": ["a", None]}), ["ID"], SECRET),
        "record_keys  ID\n  the identity of a record is missing  (1 row)\n"
        "  Mend: each record needs one, or its key cannot be told again",
    ),
    (
        lambda: cell_keys(record_keys(pl.LazyFrame({"ID": ["a", None]}), ["ID"], SECRET), ["ID"]),
        "cell_keys  RECORD_KEY\n  records without a record key from 0 up to 1  (1 row)\n"
        "  Mend: give each one, or make them with record_keys",
    ),
    (
        lambda: cell_keys(pl.DataFrame({"SEX": ["F"], "K": [0.5]}), ["SEX"]),
        "cell_keys\n  the records have no RECORD_KEY\n  Mend: the records have SEX, K",
    ),
    (
        lambda: cell_keys(pl.DataFrame({"SEX": ["F"] * 4, "K": [0.5, 1.0, -0.1, None]}), ["SEX"], key="K"),
        "cell_keys  K\n  records without a record key from 0 up to 1  (3 rows)\n"
        "  Mend: give each one, or make them with record_keys",
    ),
    (
        lambda: perturb(pl.DataFrame({"n": [1]}), perturbation_table(2, 1.0), count="n"),
        "perturb\n  the cells have no _key\n  Mend: they have n",
    ),
    (
        lambda: round_to_nearest(pl.DataFrame({"n": [1]}), 1, count="n"),
        "round  base\n  base 1 rounds nothing\n  Mend: write a whole number from 2",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG_KEYS)
def test_wrong_use(call, message):
    with pytest.raises(MigstatError) as error:
        call()

    assert message == str(error.value)


# Simple rounding


@settings(max_examples=50)
@given(st.integers(2, 20), st.lists(st.integers(0, 1000), min_size=1, max_size=30))
def test_simple_rounding_stays_within_its_base(base, counts):
    keys = [(n * 7919 + k * 104729) % KEY_UNITS for k, n in enumerate(counts)]
    cells = pl.DataFrame({"n": counts, "k": keys})
    nearest = round_to_nearest(cells, base, count="n")["n"].to_list()
    unbiased = round_unbiased(cells, base, count="n", key="k")["n"].to_list()

    assert {0} == {n % base for n in nearest + unbiased}
    assert all(2 * abs(n - true) <= base for n, true in zip(nearest, counts, strict=True))
    assert all(abs(n - true) < base for n, true in zip(unbiased, counts, strict=True))


def test_rounding_by_key_has_no_bias():
    keys = pl.DataFrame({"k": range(0, KEY_UNITS, KEY_UNITS // 1000)}).with_columns(n=pl.lit(7))

    assert 7.0 == round_unbiased(keys, 5, count="n", key="k")["n"].mean()


def test_regrouping_without_keys_is_as_before():
    cells = pl.DataFrame({"A": ["x", "x"], "_rows": [1, 2], "_whole": [1, 2], "_part": [0, 0], "_unweighted": [0, 0]})

    assert [("x", 3, 3, 0, 0)] == regroup(cells, ["A"]).rows()
