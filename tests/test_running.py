"""Runs over extracts: every step, once; what has not changed is kept; one that fails ends no other."""

import gzip
import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import migstat as ms
from migstat.cli import main
from migstat.read.extracts import opened
from migstat.words.finding import Misuse
from office import BIRTHPLACES, NAME, furnished, held


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with a plan, a mapping and one extract."""
    return furnished(tmp_path / "office")


def standings(outcome: Any, name: str = NAME) -> list[str]:
    return [step.standing for step in outcome[name].steps]


# One extract.


def test_every_step_is_made_as_its_own_command_makes_it(office: Path, tmp_path: Path) -> None:
    outcome = ms.run(office / "plan.yaml", into=tmp_path / "out")
    folder = tmp_path / "out" / NAME
    alone = ms.harmonize(office / "data" / f"{NAME}.csv", office / "mapping.yaml", into=tmp_path / "alone")
    table = ms.tabulate(alone, definition="FOREIGN_BORN", by="COUNTRY_BIRTH,SEX", into="MIGRANT_CHARACTERISTICS")
    safe = ms.protect([table], policy="THRESHOLD_5")

    assert ["made"] * 4 == standings(outcome)
    assert outcome.ok
    for file in ("records.parquet", "rejects.parquet", "run.json", "coverage.csv"):
        name = f"KEN_TEST.{file}"
        assert (tmp_path / "alone" / name).read_bytes() == (folder / "records" / name).read_bytes()
    keys = ["DEFINITION", "MIGRANT", "COUNTRY_BIRTH", "SEX", "AGE"]
    counted = pl.read_parquet(folder / "inside" / "STOCK.parquet").sort(keys)
    assert table.frame.sort(keys).equals(counted.select(table.frame.columns))
    assert safe.frame["OBS_VALUE"].null_count() > 0
    published = pl.read_parquet(folder / "tables" / "STOCK.parquet")
    assert published["OBS_VALUE"].null_count() >= safe.frame["OBS_VALUE"].null_count()


def test_rows_in_are_records_rejects_and_excluded(office: Path, tmp_path: Path) -> None:
    facts = ms.run(office / "plan.yaml", into=tmp_path / "out")[NAME]["harmonize"].facts
    rows, weights = (
        [facts[name][what] for name in ("read", "records", "rejected", "excluded")] for what in ("rows", "weight")
    )

    assert rows[0] == sum(rows[1:])
    assert weights[0] == sum(weights[1:])


def test_the_extract_is_read_once(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, real = [], opened.read_delimited
    monkeypatch.setattr(opened, "read_delimited", lambda path, *given: read.append(path) or real(path, *given))
    ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert [office / "data" / f"{NAME}.csv"] == read


def test_a_second_run_makes_nothing_and_changes_nothing(office: Path, tmp_path: Path) -> None:
    ms.run(office / "plan.yaml", into=tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / NAME).rglob("*") if path.is_file()}
    bytes_before = held(tmp_path / "out")
    again = ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert ["kept"] * 4 == standings(again)
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert bytes_before == held(tmp_path / "out")


def test_two_runs_apart_leave_the_same_bytes(office: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        ms.run(office / "plan.yaml", into=tmp_path / name)
    states = [json.loads((tmp_path / name / NAME / "state.json").read_bytes()) for name in ("one", "two")]

    assert held(tmp_path / "one") == held(tmp_path / "two")
    assert states[0] == states[1]


def change_extract(office: Path) -> None:
    path = office / "data" / f"{NAME}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")


def touch_extract(office: Path) -> None:
    os.utime(office / "data" / f"{NAME}.csv", (1, 1))


def change_mapping(office: Path) -> None:
    path = office / "mapping.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("version: 1.0", "version: 1.1"), encoding="utf-8")


def change_plan(office: Path, old: str, new: str) -> None:
    path = office / "plan.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


CHANGES = {
    "another extract": (change_extract, ["made", "made", "made", "made"]),
    "the same extract, copied again": (touch_extract, ["kept", "kept", "kept", "kept"]),
    "another mapping": (change_mapping, ["made", "made", "made", "made"]),
    "another table": (
        lambda office: change_plan(office, "by: [AGE, SEX]", "by: [AGE]"),
        ["kept", "kept", "made", "made"],
    ),
    "another policy": (
        lambda office: change_plan(office, "THRESHOLD_5", "THRESHOLD_3"),
        ["kept", "kept", "made", "made"],
    ),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_has_changed_is_made_again(office: Path, tmp_path: Path, change: Any, expected: list[str]) -> None:
    ms.run(office / "plan.yaml", into=tmp_path / "out")
    change(office)
    again = ms.run(office / "plan.yaml", into=tmp_path / "out")
    ms.run(office / "plan.yaml", into=tmp_path / "fresh")

    assert expected == standings(again)
    assert held(tmp_path / "fresh") == held(tmp_path / "out")


def test_a_rule_file_that_another_includes_is_part_of_what_is_judged(office: Path, tmp_path: Path) -> None:
    rule = "id: INNER\nversion: 1.0\nlanguage: en\nrules:\n- {id: OLD, label: nobody is older, check: AGE <= 130}\n"
    (office / "INNER.yaml").write_text(rule, encoding="utf-8")
    (office / "OWN.yaml").write_text("id: OWN\nversion: 1.0\nlanguage: en\ninclude: [INNER.yaml]\n", encoding="utf-8")
    change_plan(office, "allow:", "rules: OWN.yaml\nallow:")
    ms.run(office / "plan.yaml", into=tmp_path / "out")
    (office / "INNER.yaml").write_text(rule.replace("130", "140"), encoding="utf-8")

    assert ["kept", "made", "kept", "kept"] == standings(ms.run(office / "plan.yaml", into=tmp_path / "out"))


def test_rules_look_into_the_files_that_the_plan_names(office: Path, tmp_path: Path) -> None:
    rule = "id: OWN\nversion: 1.0\nlanguage: en\nrules:\n- id: LISTED\n  label: the country of birth is listed\n"
    rule += "  exists: {columns: [COUNTRY_BIRTH], in: countries, as: [COUNTRY_BIRTH]}\n"
    (office / "OWN.yaml").write_text(rule, encoding="utf-8")
    (office / "listed.csv").write_text("COUNTRY_BIRTH\nKEN\nUGA\n", encoding="utf-8")
    change_plan(office, "allow:", "rules: OWN.yaml\nreferences: {countries: listed.csv}\nallow:")
    first = ms.run(office / "plan.yaml", into=tmp_path / "out")
    (office / "listed.csv").write_text("COUNTRY_BIRTH\nKEN\n", encoding="utf-8")
    second = ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert (["made"] * 4, ["kept", "stopped", "open", "open"]) == (standings(first), standings(second))
    assert [("LISTED", BIRTHPLACES.count("800") * 8)] == [
        (one.place.file, one.rows) for one in second[NAME]["validate"].findings if one.place.file == "LISTED"
    ]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("records/KEN_TEST.records.parquet", ["made", "made", "made", "made"]),
        ("validation/rules.csv", ["kept", "made", "kept", "kept"]),
        ("inside/AGES.parquet", ["kept", "kept", "made", "made"]),
        ("tables/STOCK.csv", ["kept", "kept", "kept", "made"]),
    ],
)
def test_a_file_that_is_gone_or_changed_is_made_again(
    office: Path, tmp_path: Path, file: str, expected: list[str]
) -> None:
    ms.run(office / "plan.yaml", into=tmp_path / "out")
    before = held(tmp_path / "out")
    (tmp_path / "out" / NAME / file).write_bytes(b"changed by somebody")
    again = ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert expected == standings(again)
    assert before == held(tmp_path / "out")


def test_a_table_that_the_plan_no_longer_has_is_gone(office: Path, tmp_path: Path) -> None:
    ms.run(office / "plan.yaml", into=tmp_path / "out")
    change_plan(office, "  AGES: {by: [AGE, SEX]}\n", "")
    ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert [] == list((tmp_path / "out").rglob("AGES*"))


@pytest.mark.spark
def test_on_spark_the_tables_are_the_same_and_a_second_run_keeps_them(office: Path, tmp_path: Path, spark: Any) -> None:
    ms.run(office / "plan.yaml", into=tmp_path / "here")
    outcome = ms.run(office / "plan.yaml", into=tmp_path / "spark", engine="spark")
    again = ms.run(office / "plan.yaml", into=tmp_path / "spark", engine="spark")
    for table in ("STOCK", "AGES"):
        here, there = (tmp_path / engine / NAME / "tables" / f"{table}.csv" for engine in ("here", "spark"))

        assert here.read_bytes() == there.read_bytes()
    assert outcome.ok
    assert ["kept"] * 4 == standings(again)


# What stops an extract.


def test_rejects_that_the_plan_does_not_bear_stop_the_extract(office: Path, tmp_path: Path) -> None:
    ms.run(office / "plan.yaml", into=tmp_path / "out")
    change_plan(office, "rejects: 5 %", "rejects: 0.1 %")
    outcome = ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert ["stopped", "open", "open", "open"] == standings(outcome)
    assert not outcome.ok
    # The tables of the run before are of records that are refused now: they do not stay.
    assert [] == [*(tmp_path / "out").rglob("STOCK*")]
    assert (tmp_path / "out" / NAME / "records" / "KEN_TEST.rejects.parquet").is_file()


def test_rules_that_fail_stop_the_extract_before_tables(office: Path, tmp_path: Path) -> None:
    (office / "own.yaml").write_text(
        "id: OWN\nversion: 1.0\nlanguage: en\nrules:\n- {id: NOBODY, label: nobody is older than 5, check: AGE <= 5}\n",
        encoding="utf-8",
    )
    change_plan(office, "allow: {rejects: 5 %}", "allow: {rejects: 5 %}\nrules: own.yaml")
    outcome = ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert ["made", "stopped", "open", "open"] == standings(outcome)
    assert "NOBODY" in [one.place.file for one in outcome[NAME]["validate"].findings]
    assert not (tmp_path / "out" / NAME / "tables").exists()


def test_without_a_policy_it_is_said_that_nothing_is_protected(office: Path, tmp_path: Path) -> None:
    change_plan(office, "protect: THRESHOLD_5\n", "")
    outcome = ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert ["the tables are not protected"] == [one.what for one in outcome[NAME]["protect"].findings]


def test_a_file_that_changes_while_it_is_read_is_refused(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migstat.api import harmonizing

    real = harmonizing.harmonize

    def harmonize(source: Path, *given: Any, **more: Any) -> Any:
        run = real(source, *given, **more)
        with source.open("a", encoding="utf-8") as file:
            file.write("one more line\n")
        return run

    monkeypatch.setattr(harmonizing, "harmonize", harmonize)
    outcome = ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert ["changed while it was read"] == [one.what for one in outcome[NAME].findings]
    assert [] == [*(tmp_path / "out" / NAME).rglob("*.parquet")]


# A folder of extracts.


@pytest.fixture
def several(office: Path) -> Path:
    data = office / "data"
    good = (data / f"{NAME}.csv").read_bytes()
    (data / f"{NAME}.csv").rename(data / "a.csv")
    (data / "b.csv.gz").write_bytes(gzip.compress(good)[:-300])
    (data / "c.csv").write_bytes(b"")
    (data / "d.csv.gz").write_bytes(gzip.compress(good))
    return office


def test_one_failure_does_not_end_the_rest(several: Path, tmp_path: Path) -> None:
    outcome = ms.run(several / "plan.yaml", into=tmp_path / "out", workers=2)

    assert ["a", "b", "c", "d"] == [one.name for one in outcome.extracts]
    assert [True, False, False, True] == [one.ok for one in outcome.extracts]
    assert ["failed", "open", "open", "open"] == standings(outcome, "b")
    assert [] == [*(tmp_path / "out" / "b").rglob("*.parquet")]
    same = [pl.read_parquet(tmp_path / "out" / name / "tables" / "STOCK.parquet") for name in "ad"]
    assert same[0].equals(same[1])
    told = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "2 of 4 extracts went through" in told
    assert outcome["b"].findings[0].what in told


@pytest.mark.slow
def test_only_what_is_mended_is_made_again(several: Path, tmp_path: Path) -> None:
    ms.run(several / "plan.yaml", into=tmp_path / "out", workers=1)
    shutil.copy(several / "data" / "d.csv.gz", several / "data" / "b.csv.gz")
    again = ms.run(several / "plan.yaml", into=tmp_path / "out", workers=1)

    assert ["kept", "made", "failed", "kept"] == [one.steps[0].standing for one in again.extracts]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the process of the extract under /proc")
def test_a_process_that_is_killed_takes_no_other_with_it(several: Path, tmp_path: Path) -> None:
    def kill(name: str, *_: Any) -> None:
        if name == "d":
            for child in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
                for number in child.read_text(encoding="ascii").split():
                    if b"run_worker" in Path(f"/proc/{number}/cmdline").read_bytes():
                        os.kill(int(number), signal.SIGKILL)

    outcome = ms.run(several / "plan.yaml", into=tmp_path / "out", workers=1, progress=kill)
    again = ms.run(several / "plan.yaml", into=tmp_path / "out", workers=1)

    assert (True, False) == (outcome["a"].ok, outcome["d"].ok)
    assert ["the process was ended from outside (SIGKILL)"] == [one.what for one in outcome["d"].findings]
    assert again["d"].ok


def test_extracts_named_by_hand_are_read_as_the_pattern_says_that_they_fit(office: Path, tmp_path: Path) -> None:
    change_plan(office, 'extracts: "data/*.csv*"', "extracts:\n- {files: '*.csv'}\n- {files: '*.dat', wave: none}")
    outcome = ms.run(office / "plan.yaml", office / "data" / f"{NAME}.csv", into=tmp_path / "out")

    assert [None] == [one.wave for one in outcome.plan.extracts if one.files == "*.csv"]
    assert outcome[NAME].ok


# The command.


def command(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


def test_the_command_tells_what_became_of_each(
    several: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = command("run", several / "plan.yaml", "--into", tmp_path / "out", "--workers", "2")
    out, err = capsys.readouterr()

    assert 1 == code
    assert "2 of 4 extracts went through; 4 tables" in out
    assert "Traceback" not in out + err
    assert "b.csv.gz" in err


def test_a_warning_of_several_extracts_is_told_once_with_their_number_and_the_page(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(office / "data" / f"{NAME}.csv", office / "data" / "others.csv")
    change_plan(office, "protect: THRESHOLD_5\n", "")
    into = tmp_path / "out"
    code = command("run", office / "plan.yaml", "--into", into, "--workers", "1")
    told = capsys.readouterr().err

    assert 0 == code
    assert (f"warning: plan.yaml:1  protect\n  the tables are not protected\n  in 2 extracts: others, {NAME}\n") in told
    assert "warning: mapping.yaml:16  SEX\n  no rule for P12 = '3'  (2 rows, weight 5.0)\n  in 2 extracts" in told
    assert told.endswith(f"4 warnings in all; each with what to do about it: {into / 'index.html'}\n")
    assert 0 == command("run", office / "plan.yaml", "--into", into, "--workers", "1", "--quiet")
    assert "" == capsys.readouterr().err


def test_the_command_is_silent_and_zero_where_all_is_well(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == command("run", office / "plan.yaml", "--into", tmp_path / "out", "--quiet")
    assert "" == capsys.readouterr().out
    assert 0 == command("run", office / "plan.yaml", "--into", tmp_path / "out", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (True, ["kept"] * 4) == (told["ok"], [step["standing"] for step in told["extracts"][0]["steps"]])


WRONG: dict[str, tuple[list[str], str]] = {
    "no plan": (["gone.yaml"], "gone.yaml\n  there is no such plan\n  Mend: name a YAML file"),
    "no extract": (
        ["plan.yaml", "gone.csv"],
        "gone.csv\n  there is no such file or folder\n  Mend: check the path",
    ),
    "no folder": (
        ["plan.yaml", "--from", "gone"],
        "gone\n  there is no such folder\n  Mend: name the folder of the extracts",
    ),
    "an empty folder": (
        ["plan.yaml", "--from", "data"],
        "plan.yaml:5  extracts\n  no file fits data/*.csv*\n  Mend: check the pattern and the folder: --from FOLDER",
    ),
    "twice the same": (
        ["plan.yaml", f"data/{NAME}.csv", f"data/../data/{NAME}.csv"],
        f"{NAME}\n  {NAME}.csv and {NAME}.csv would both be written into {NAME}\n"
        "  Mend: rename one of them, or run them into different folders",
    ),
}


@pytest.mark.parametrize(("words", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_says_what_to_write(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    monkeypatch.chdir(office)
    code = command("run", *words)

    assert 2 == code
    assert f"{told}\n" == capsys.readouterr().err
    assert not (office / "build").exists()


def test_two_runs_do_not_write_into_one_folder(office: Path, tmp_path: Path) -> None:
    from migstat.write.lock import locked

    with locked(tmp_path / "out"), pytest.raises(Misuse) as error:
        ms.run(office / "plan.yaml", into=tmp_path / "out")

    assert "another run writes into this folder" == error.value.findings[0].what
