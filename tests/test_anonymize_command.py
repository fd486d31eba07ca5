"""The command: what it says, what it writes, and with which code it ends."""

import json
import os
import subprocess
import sys

import pytest

KEY = "a secret for the tests only"


def migstat(*words, key=KEY):
    environment = {name: value for name, value in os.environ.items() if name != "MIGSTAT_KEY"}
    environment |= {"MIGSTAT_KEY": key} if key else {}
    return subprocess.run(
        [sys.executable, "-m", "migstat", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
    )


@pytest.fixture(scope="module")
def records(tmp_path_factory, root):
    into = tmp_path_factory.mktemp("build")
    migstat("harmonize", "arg_eph", root / "examples/arg_eph/extract/usu_individual_generated.txt", "--into", into)
    return into / "ARG_EPH.records.parquet"


def test_a_file_is_written_with_its_codebook_and_page(records, tmp_path):
    (tmp_path / "key").write_text(KEY + "\n")
    done = migstat(
        "anonymize", records, "--policy", "PUBLIC_USE_PERSON", "--into", tmp_path / "out", "--format", "csv,dta",
        "--language", "fr", "--key-file", tmp_path / "key", key="",
    )  # fmt: skip

    assert 0 == done.returncode, done.stderr
    names = ["public.codebook.xml", "public.csv", "public.dta", "public.risk.html"]
    assert [f"ARG_EPH.{name}" for name in names] == sorted(one.name for one in (tmp_path / "out").iterdir())
    assert "individual_risk" in done.stdout
    assert KEY not in done.stdout + done.stderr


def test_a_risk_over_the_limit_ends_with_one_and_leaves_only_the_page(records, tmp_path, root):
    shipped = (root / "schemas/policies/microdata/PUBLIC_USE_PERSON.yaml").read_text(encoding="utf-8")
    (tmp_path / "strict.yaml").write_text(
        shipped.replace("individual_risk: 10%", "individual_risk: 0.001%"), encoding="utf-8"
    )
    done = migstat("anonymize", records, "--policy", tmp_path / "strict.yaml", "--into", tmp_path / "out")

    assert 1 == done.returncode
    assert "individual_risk is" in done.stderr
    assert "Mend: recode more" in done.stderr
    assert ["ARG_EPH.public.risk.html"] == [one.name for one in (tmp_path / "out").iterdir()]
    assert "Not to be released" in (tmp_path / "out" / "ARG_EPH.public.risk.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("strict", [False, True])
def test_programs_get_json(records, tmp_path, root, strict):
    shipped = (root / "schemas/policies/microdata/PUBLIC_USE_PERSON.yaml").read_text(encoding="utf-8")
    limit = "0.001%" if strict else "10%"
    (tmp_path / "p.yaml").write_text(
        shipped.replace("individual_risk: 10%", f"individual_risk: {limit}"), encoding="utf-8"
    )
    done = migstat("anonymize", records, "--policy", tmp_path / "p.yaml", "--into", tmp_path / "out", "--json")
    facts = json.loads(done.stdout)

    assert int(strict) == done.returncode
    assert (not strict) == facts["ok"]
    assert {"holds", "over", ""} >= {one["verdict"] for one in facts["measures"]}
    assert (1 if strict else 4) == len(facts["written"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--policy", "PUBLIC"], "there is no microdata policy PUBLIC"),
        (["--policy", "PUBLIC_USE_PERSON", "--key-file", "no"], "there is no such key file"),
        (["--policy", "PUBLIC_USE_PERSON", "--format", "xls"], "there is no format xls"),
    ],
)
def test_a_wrong_command_ends_with_two(records, tmp_path, words, said):
    done = migstat("anonymize", records, "--into", tmp_path, *words)

    assert 2 == done.returncode
    assert said in done.stderr


def test_without_a_key_nothing_is_done(records, tmp_path):
    done = migstat("anonymize", records, "--policy", "PUBLIC_USE_PERSON", "--into", tmp_path / "out", key="")

    assert 2 == done.returncode
    assert "there is no key to draw chance from" in done.stderr
    assert not (tmp_path / "out").exists()
