"""Defects that are known of other tools, each a test that we pass."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import migstat as ms

RULES = """\
id: R
version: 1.0
language: en
rules:
  - {id: RANGE, label: A, check: AGE between 0 and 120, missing: undecided}
  - {id: SUM, label: A, check: A + B = C}
  - {id: DEPENDS, label: A, determines: {by: [CODE], one: CITY}}
  - {id: K, label: A, unique: [ID]}
  - {id: HOUSE, label: A, by: [HH], check: count(AGE >= 0) >= 1}
"""
GOOD = {"ID": 1, "HH": 1, "AGE": 30, "A": 1, "B": 2, "C": 3, "CODE": "1", "CITY": "x"}


@pytest.fixture
def rules(tmp_path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, "utf-8")
    return path


def people(*changes):
    return pl.DataFrame([{**GOOD, "ID": number, "HH": number, "CODE": str(number), **change}
                         for number, change in enumerate(changes, 1)])  # fmt: skip


def test_every_failure_is_told_at_once_with_its_row(rules):
    """Elsewhere the first value that cannot be cast ends the run, without its row."""
    rows = people({"AGE": 200}, {"AGE": 150, "C": 9}, {}, {"C": 0})

    run = ms.validate(rows, rules=rules)

    assert {("RANGE", 1), ("RANGE", 2), ("SUM", 2), ("SUM", 4)} == set(run.failures().select("_rule", "_row").rows())


def test_missing_values_are_counted_apart(rules):
    run = ms.validate(people({"AGE": None}, {"AGE": 200}, {}), rules=rules)

    assert (1, 1, 1) == (run["RANGE"].passed, run["RANGE"].failed, run["RANGE"].undecided)


def test_nothing_is_capped_in_silence(rules):
    """Elsewhere a report stops at 500 or 1,000 errors, or gives 0 rows."""
    rows = people(*[{"AGE": 999}] * 10_000)

    run = ms.validate(rows, rules=rules)

    assert 10_000 == run["RANGE"].failed
    assert 10 == len(run["RANGE"].sample)
    assert run["RANGE"].truncated
    assert 10_000 == run.failures().filter(pl.col("_rule") == "RANGE").height


def test_lazy_input_gives_the_findings_of_eager_input(rules):
    """Elsewhere only the schema of a lazy frame is looked at."""
    rows = people({"AGE": 200}, {"C": 9}, {"CODE": "1", "CITY": "y"}, {"ID": 1})

    eager, lazy = ms.validate(rows, rules=rules), ms.validate(rows.lazy(), rules=rules)

    assert [(one.failed, one.sample) for one in eager.results] == [(one.failed, one.sample) for one in lazy.results]
    assert eager.failures().equals(lazy.failures())


def test_every_kind_of_rule_gives_its_failing_rows(rules):
    """Elsewhere custom rules and expressions give none."""
    rows = people({"AGE": 200}, {"C": 9}, {"CODE": "1", "CITY": "y"}, {"ID": 1}, {"AGE": -5})

    run = ms.validate(rows, rules=rules)

    assert {"RANGE": [1, 5], "SUM": [2], "DEPENDS": [1, 3], "K": [1, 4], "HOUSE": [5]} == {
        id: found["_row"].to_list() for (id,), found in run.failures().group_by("_rule", maintain_order=True)
    }


def test_a_dependency_blames_both_rows_and_leaves_the_undecided_one_open(rules):
    """Elsewhere only the second row is flagged, and a missing value passes."""
    rows = people({"CODE": "7", "CITY": "x"}, {"CODE": "7", "CITY": "y"}, {"CODE": None}, {"CODE": "8"})

    one = ms.validate(rows, rules=rules)["DEPENDS"]

    assert (1, 2, 1) == (one.passed, one.failed, one.undecided)
    assert [1, 2] == [row["_row"] for row in one.sample]


def test_an_unknown_code_and_a_key_that_stands_twice_are_told_and_end_with_1(tmp_path):
    """Elsewhere both are written in silence."""
    rows = {"FREQ": ["A", "A"], "REF_AREA": ["KEN", "KEN"], "SEX": ["F", "Q"], "OBS_VALUE": [1.0, 2.0]}
    pl.DataFrame(rows).write_csv(tmp_path / "stock.csv")
    (tmp_path / "rules.yaml").write_text(
        "id: R\nversion: 1.0\nlanguage: en\nrules:\n  - {id: CELL, label: A, unique: [FREQ, REF_AREA]}\n", "utf-8"
    )

    done = subprocess.run(
        [sys.executable, "-m", "migstat", "validate", str(tmp_path / "stock.csv"), "--structure", "MIGRANT_STOCK",
         "--rules", str(tmp_path / "rules.yaml")],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip

    assert 1 == done.returncode, done.stderr
    assert "error: SEX.CODE" in done.stdout
    assert "error: CELL" in done.stdout
    assert "2 rows fail" in done.stdout
    assert "'Q'" not in done.stdout


def test_the_code_of_namibia_is_a_code(tmp_path):
    """Elsewhere NA is read as missing."""
    (tmp_path / "a.csv").write_text("AREA\nNA\n", "utf-8")
    (tmp_path / "rules.yaml").write_text(
        "id: R\nversion: 1.0\nlanguage: en\nrules:\n  - {id: A, label: A, check: AREA = 'NA'}\n", "utf-8"
    )

    run = ms.validate(tmp_path / "a.csv", rules=tmp_path / "rules.yaml")

    assert 1 == run["A"].passed


def test_a_code_must_not_only_look_like_one():
    """Elsewhere a former State is folded into its successor, and its code into the list."""
    run = ms.validate(pl.DataFrame({"COUNTRY_BIRTH": ["SUHH", "CSK", "RUS", "usa"]}), structure="CENSUS_PERSON")

    assert ["CSK", "usa"] == [row["COUNTRY_BIRTH"] for row in run["COUNTRY_BIRTH.CODE"].sample]
