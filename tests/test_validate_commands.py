"""The commands validate and rules: what they print, write and hide, and their exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

RULES = """\
id: MINE
version: 1.0
language: en
rules:
  - {id: TALL, label: Nobody is 200 years old, check: AGE < 120, mend: look for a year of birth}
  - {id: HINT, label: Few are seven, check: AGE <> 7, severity: warning}
  - {id: OTHER, label: The household is listed, exists: {columns: [HH], in: households, as: [ID]}}
"""


def migstat(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "migstat", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUTF8": "1"},
    )  # fmt: skip


@pytest.fixture
def files(tmp_path) -> tuple[Path, Path]:
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    pl.DataFrame({"HH": ["a", "b", "c"], "AGE": [7, 200, None]}).write_csv(tmp_path / "people.csv")
    return tmp_path / "people.csv", tmp_path / "rules.yaml"


def test_the_summary_tells_what_fails_and_what_was_left_open(files):
    people, rules = files

    done = migstat("validate", people, "--rules", rules)

    assert 1 == done.returncode, done.stderr
    assert (
        "error: TALL  Nobody is 200 years old\n"
        "  1 row fails, 50.00% of those judged; 1 could not be judged\n"
        "  Mend: look for a year of birth\n"
        "warning: HINT  Few are seven\n"
        "  1 row fails, 50.00% of those judged; 1 could not be judged\n"
        "could not be judged: 1 rule\n"
        "  OTHER: the other file was not given: households\n"
        "hold: 0 rules\n"
        "3 rows, 3 rules, 2 fail\n"
    ) == done.stdout


def test_quiet_tells_which_errors_fail_and_nothing_else(files):
    people, rules = files

    done = migstat("validate", people, "--rules", rules, "--quiet")

    assert (1, "") == (done.returncode, done.stdout)
    assert (
        "error: TALL  Nobody is 200 years old\n"
        "  1 row fails, 50.00% of those judged; 1 could not be judged\n"
        "  Mend: look for a year of birth\n"
    ) == done.stderr


def test_values_are_shown_only_where_they_are_asked_for(files):
    people, rules = files

    hidden = migstat("validate", people, "--rules", rules).stdout
    shown = migstat("validate", people, "--rules", rules, "--show-values").stdout

    assert "_row 2, AGE 200" in shown
    assert "AGE 200" not in hidden
    assert "200" not in json.dumps(
        json.loads(migstat("validate", people, "--rules", rules, "--json").stdout)["rules"][0]
    )


def test_warnings_alone_end_with_0(files, tmp_path):
    people, rules = files
    pl.DataFrame({"ID": ["a", "b", "c"]}).write_csv(tmp_path / "hh.csv")
    pl.DataFrame({"HH": ["a"], "AGE": [7]}).write_csv(people)

    done = migstat("validate", people, "--rules", rules, "--reference", f"households={tmp_path / 'hh.csv'}")

    assert 0 == done.returncode, done.stdout
    assert "warning: HINT" in done.stdout


def test_reports_and_failing_rows_are_written(files, tmp_path):
    people, rules = files

    done = migstat(
        "validate", people, "--rules", rules, "--into", tmp_path / "out", "--failures", tmp_path / "f.parquet"
    )

    assert {"people.ess.json", "people.sarif", "people.junit.xml", "people.rules.csv", "people.validation.html"} == {
        path.name for path in (tmp_path / "out").iterdir()
    }, done.stderr
    assert [("TALL", 2), ("HINT", 1)] == pl.read_parquet(tmp_path / "f.parquet").select("_rule", "_row").rows()
    assert "f.parquet (2 failing rows)" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--reference", "households"], "--reference households: no name or no file"),
        (["--structure", "CENSUS_PERSN"], "there is no structure CENSUS_PERSN"),
        (["--rules", "none.yaml"], "there is no such rule file"),
        ([], "there is nothing to judge by"),
        (["--structure", "CENSUS_PERSON", "--weight", "W"], "the weight W is no column"),
        (["--structure", "CENSUS_PERSON", "--key", "ID"], "the key names ID, which is no column"),
    ],
)
def test_a_wrong_command_is_told_and_ends_with_2(files, arguments, told):
    done = migstat("validate", files[0], *arguments)

    assert 2 == done.returncode, done.stdout
    assert told in done.stderr


def test_the_rules_of_a_structure_are_listed():
    done = migstat("rules", "BORDER_CROSSING")
    listed = json.loads(migstat("rules", "BORDER_CROSSING", "--json").stdout)

    assert 0 == done.returncode, done.stderr
    assert "DIRECTION.CODE" in done.stdout
    assert {"id", "component", "severity", "missing", "name", "rule", "origin", "place"} == set(listed[0])


def test_rules_are_printed_as_vtl(files):
    done = migstat("rules", files[1], "--vtl")

    assert 0 == done.returncode, done.stderr
    assert "define datapoint ruleset" in done.stdout
