"""The benchmark compares like with like: contestants come to equal results, and a difference is found."""

import json
import os
import subprocess
import sys

import polars as pl
import pytest

ROWS = 20_000


@pytest.fixture
def checkout(root, monkeypatch):
    """The repository, where it has its benchmarks."""
    if not (root / "benchmarks" / "run.py").exists():
        pytest.skip("benchmarks/ is not part of this copy")
    monkeypatch.syspath_prepend(root)
    return root


def run(root, *arguments):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    command = [sys.executable, "-W", "ignore", "-m", *map(str, arguments)]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_all_contestants_of_the_chain_come_to_equal_results(checkout, tmp_path):
    done = run(checkout, "benchmarks", "--job", "chain-csv", "--rows", ROWS, "--runs", 1, "--results", tmp_path)

    assert done.returncode == 0, done.stderr
    kept = json.loads(next(tmp_path.glob("*-chain-csv-20000.json")).read_text(encoding="utf-8"))
    assert {"Polars by hand", "migstat", "Polars by hand, and the key", "migstat, and the key"} <= {*kept["figures"]}
    assert kept["agreement"]["rules"] == 25
    assert 0 < kept["agreement"]["failed"] < kept["agreement"]["records"] < ROWS
    assert {"pandas and pandera", "pandas and pandera, plain"} <= {*kept["figures"]}
    assert "The jobs agree" in done.stdout
    assert str(checkout) not in next(tmp_path.iterdir()).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("job", ["chain-parquet", "chain-fixed", "tabulate"])
def test_both_ways_of_pandas_read_every_kind_of_file(checkout, tmp_path, job):
    out = ["--leave-out", "DuckDB", "migstat", "migstat run"]
    done = run(checkout, "benchmarks", "--job", job, "--rows", 3_000, "--runs", 2, *out, "--results", tmp_path)

    assert done.returncode == 0, done.stderr
    kept = json.loads(next(tmp_path.iterdir()).read_text(encoding="utf-8"))
    assert (1 if job == "chain-fixed" else 2) == len(kept["figures"]["pandas and pandera, plain"])
    assert ("medians; only one run of *pandas and pandera, plain*; " in done.stdout) == (job == "chain-fixed")
    assert "The jobs agree" in done.stdout


@pytest.mark.slow
def test_readers_of_statistical_files_come_to_the_same_sums(checkout, tmp_path):
    jobs = ["statistical-sav", "statistical-dta"]
    done = run(checkout, "benchmarks", "--job", *jobs, "--rows", 3_000, "--runs", 2, "--results", tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("The jobs agree: the same 32 sums and counts.") == 2


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        (["pandas"], []),
        (["pandas and pandera"], []),
        (["pandas and pandera, plain"], ["pandas and pandera"]),
        (["DuckDB"], ["pandas and pandera", "pandas and pandera, plain"]),
    ],
)
def test_contestants_are_left_out_by_the_beginning_of_their_names(checkout, tmp_path, left_out, expected):
    from benchmarks.jobs import JOBS, KEYED
    from benchmarks.run import unknown, wanted

    job = next(one for one in JOBS if one.name == "chain-csv")
    names = wanted(job, job.commands(tmp_path / "census.csv", tmp_path), left_out)

    assert [] == unknown(left_out)
    assert [*expected, *(name + KEYED for name in expected)] == [name for name in names if name.startswith("pandas")]


@pytest.mark.slow
def test_a_check_of_a_column_counts_what_a_check_of_the_frame_does(checkout):
    import numpy as np
    import pandera.pandas as pandera
    from benchmarks.chain import hand_pandas, plain_pandas
    from benchmarks.inputs import census

    records = plain_pandas.filled(next(plain_pandas.chunks(census(ROWS)))).head(5_000)
    random = np.random.default_rng(1)
    wrong = {
        "SEX": ["?"], "AGE": [120, 3, None], "AGE_MISSING": ["_N"], "CITIZENSHIP": ["UGA"], "WEIGHT": [-1],
        "RESID_1Y": ["?", "_Z", "ABROAD"], "RESID_5Y": ["?", "_Z", "ABROAD"], "COUNTRY_RESID_5Y": ["UGA", "KEN"],
        "YEAR_ARRIVAL": [1800, None], "DURATION": ["?", "Y_LT1", "Y1T4", "Y_GE10"], "MIG_REASON": ["RETM", "EMP_F"],
    }  # fmt: skip
    for name, value in ((name, value) for name, values in wrong.items() for value in values):
        records.loc[random.random(len(records)) < 0.1, name] = value
    checks = [pandera.Check(plain_pandas.check(*rule), error=id) for id, rule in plain_pandas.RULES.items()]
    frame, columns = ({id: [None, 0, None, None] for id in plain_pandas.RULES} for _ in range(2))

    hand_pandas.judge(pandera.DataFrameSchema(checks=checks), records, frame)
    hand_pandas.judge(plain_pandas.SCHEMA, records, columns)

    assert frame == columns
    assert [] == [id for id, counts in frame.items() if counts[1] == 0]


@pytest.mark.slow
def test_a_census_of_any_size_is_made_run_under_a_ceiling_and_deleted(checkout, tmp_path):
    rows = 21_000
    done = run(checkout, "benchmarks.large", "--rows", rows, "--memory", "2G", "--results", tmp_path)

    assert done.returncode == 0, done.stderr
    assert "the cube holds every record" in done.stdout
    assert not list((checkout / "benchmarks" / "data").glob(f"*_{rows}.*"))


@pytest.mark.slow
def test_each_difference_between_two_chains_is_found(checkout, tmp_path):
    from benchmarks.inputs import census

    extract = census(ROWS)
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        assert run(checkout, "benchmarks.chain.hand_polars", extract, folder).returncode == 0
    assert run(checkout, "benchmarks.chain.agree", one, other).returncode == 0
    cube, records = pl.read_parquet(other / "cube.parquet"), pl.read_parquet(other / "records.parquet")
    cube.with_columns(pl.col("N_UNWEIGHTED") + (pl.int_range(pl.len()) == 7)).head(-1).write_parquet(
        other / "cube.parquet"
    )
    first = pl.int_range(pl.len()) == 0
    changed = pl.when(first).then(pl.lit("XXX")).otherwise("HOUSEHOLD_ID").alias("HOUSEHOLD_ID")
    heavier = (pl.col("WEIGHT") * pl.when(first).then(1 + 1e-12).otherwise(1)).alias("WEIGHT")
    records.with_columns(changed, heavier).write_parquet(other / "records.parquet")
    rules = json.loads((other / "rules.json").read_text(encoding="utf-8"))
    rules["R05"][1] += 1
    (other / "rules.json").write_text(json.dumps(rules), encoding="utf-8")

    done = run(checkout, "benchmarks.chain.agree", one, other)

    assert done.returncode == 1
    assert [
        "other: 1 cells only of the first",
        "other: 1 cells differ in people",
        "other: R05: ",
        "other: HOUSEHOLD_ID: 1 values differ",
        "other: WEIGHT: 1 values differ",
    ] == [line[: line.index("R05: ") + 5] if "R05" in line else line for line in done.stderr.splitlines()]


def test_a_census_is_the_same_in_every_kind_of_file_and_begins_a_larger_one(checkout, tmp_path):
    from benchmarks.by_hand_polars import scanned
    from benchmarks.generate import write_census

    for kind in ("csv", "parquet", "dat"):
        write_census(tmp_path / f"census.{kind}", 1_000)
    write_census(tmp_path / "larger.csv", 1_500)
    csv = scanned(tmp_path / "census.csv").collect()

    assert csv.height == 1_000
    assert csv.equals(scanned(tmp_path / "census.parquet").collect().cast({"ROW": csv["ROW"].dtype}))
    assert csv.equals(scanned(tmp_path / "census.dat").collect())
    assert csv.equals(scanned(tmp_path / "larger.csv").head(1_000).collect())


def test_each_job_has_its_place_on_the_page(checkout):
    from benchmarks.jobs import JOBS
    from benchmarks.telling import PAGE, marks

    page = PAGE.read_text(encoding="utf-8")

    assert [] == [
        name for name in [*(job.name for job in JOBS), "large"] if [page.count(one) for one in marks(name)] != [1, 1]
    ]
