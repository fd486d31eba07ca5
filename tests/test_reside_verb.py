"""The verb `reside` and its command: one result from every kind of source, and every crossing accounted for."""

import json
import subprocess
import sys
from datetime import date

import polars as pl
import pytest

import migstat as ms
from migstat.api import crossing_sources
from migstat.words.finding import Misuse
from migstat.words.resided import Resided

ROWS = [
    ("a", "2021-03-01", "ARR", "WORK", "24", None),
    ("b", "2021-03-01", "ARR", "HOLIDAY", "4", None),
    ("b", "2021-08-01", "DEP", None, None, None),
    ("c", "2021-03-01", "ARR", "WORK", "4", None),
    ("c", "2021-08-01", "ARR", "WORK", None, None),
    ("d", "xyz", "ARR", "WORK", None, None),
    ("d", "2022-01-01", "DEP", "WORK", None, None),
    ("e", "2023-10-01", "ARR", "WORK", "24", "N"),
    ("f", "2024-01-01", "ARR", "STUDY", None, None),
    ("a", "2024-02-01", "DEP", "RETURN", None, None),
    (None, "2021-01-01", "ARR", None, None, None),
]
COLUMNS = ("PERSON_ID", "CROSSING_DATE", "DIRECTION", "PURPOSE", "INTENDED_STAY", "RESIDENT_BEFORE")
TABLE = {name: [row[at] for row in ROWS] for at, name in enumerate(COLUMNS)}
JUDGED = [
    ("a", "IMM", "LONG", "ACTUAL", "LONG", "INFERRED"),
    ("b", "_Z", "VISIT", "ACTUAL", "VISIT", "INFERRED"),
    ("b", "_Z", "LONG", "ACTUAL", "_U", "INFERRED"),
    ("e", "_U", "LONG", "EXPECTED", "LONG", "GIVEN"),
]
STEPS = [("read", 11, 6), ("judged", 4, 3), ("rejected", 5, 2), ("later", 2, 1)]


def judged_rows(run):
    frame = pl.DataFrame(pl.from_arrow(to_arrow(run.crossings)))
    names = ["PERSON_ID", "FLOW", "STAY_CLASS", "STAY_BASIS", "EXPECTED_CLASS", "RESIDENT_BASIS"]
    return frame.sort("PERSON_ID", "CROSSING_DATE").select(pl.col(names).cast(pl.String)).rows()


def to_arrow(frame):
    import narwhals as nw

    return nw.from_native(frame).lazy().collect("pyarrow").to_native()


def test_every_kind_of_frame_comes_back_as_its_own_with_the_same_result(constructor):
    frame = constructor(TABLE)

    run = ms.reside(frame, until="2023-12-31")

    assert JUDGED == judged_rows(run)
    assert STEPS == [(step.name, step.rows, step.persons) for step in run.steps]
    if constructor.engine != "polars-lazy":
        assert type(frame).__module__.split(".")[0] == type(run.crossings).__module__.split(".")[0]
    whys = sorted(row["_why"] for row in to_arrow(run.rejects).to_pylist())
    assert ["date", "direction-again", "direction-again", "person", "person-set-aside"] == whys
    assert {
        ("date", 1, "error"),
        ("direction-again", 2, "error"),
        ("person", 1, "error"),
        ("person-set-aside", 1, "note"),
        ("unknown", 1, "note"),
    } == {(one.rule, one.rows, str(one.severity)) for one in run.findings}
    assert not run.ok


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "crossings.csv"
    pl.DataFrame(TABLE).write_csv(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_becomes_files(csv, kind, tmp_path):
    path = csv
    if kind == "parquet":
        path = tmp_path / "crossings.records.parquet"
        pl.DataFrame(TABLE).write_parquet(path)

    run = ms.reside(path, until=date(2023, 12, 31), into=tmp_path / "build")

    names = ["crossings.residence.json", "crossings.residence.parquet", "crossings.residence.rejects.parquet"]
    assert names == sorted(one.name for one in (tmp_path / "build").iterdir())
    assert JUDGED == judged_rows(run)
    assert "xyz" in run.rejects.collect()["CROSSING_DATE"].to_list()
    told = json.loads((tmp_path / "build" / names[0]).read_text())
    assert ("MIGSTAT:RESIDENCE(1.0)", "365/487 days", "2023-12-31") == (told["structure"], told["rule"], told["until"])


def test_the_same_input_gives_the_same_bytes(csv, tmp_path):
    for folder in ("one", "two"):
        ms.reside(csv, until="2023-12-31", into=tmp_path / folder)

    one, two = (sorted((tmp_path / folder).iterdir()) for folder in ("one", "two"))

    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_parts_give_what_the_whole_gives(monkeypatch, csv, tmp_path):
    whole = ms.reside(csv, until="2023-12-31")
    monkeypatch.setattr(crossing_sources, "PART_ROWS", 2)

    parts = ms.reside(csv, until="2023-12-31", into=tmp_path / "build")

    order = ["PERSON_ID", "CROSSING_DATE"]
    text = pl.all().cast(pl.String)
    assert whole.crossings.sort(order).select(text).equals(parts.crossings.collect().sort(order).select(text))
    assert whole.rejects.sort(order).select(text).equals(parts.rejects.collect().sort(order).select(text))
    assert (whole.steps, whole.findings) == (parts.steps, parts.findings)
    assert not [one for one in (tmp_path / "build").iterdir() if one.name.startswith(".")]


def test_no_person_stands_in_what_is_said(csv, tmp_path):
    people = [f"person-{name}" if name else None for name in TABLE["PERSON_ID"]]
    path = tmp_path / "x.csv"
    pl.DataFrame({**TABLE, "PERSON_ID": people}).write_csv(path)

    done = command("reside", str(path), "--until", "2023-12-31", "--into", str(tmp_path / "b"))

    assert 1 == done.returncode
    assert "person-" not in done.stdout + done.stderr + (tmp_path / "b" / "x.residence.json").read_text().replace(
        "person-set-aside", ""
    )


def test_observation_ends_with_the_last_crossing_and_that_is_said():
    run = ms.reside(pl.DataFrame(TABLE))

    said = [one for one in run.findings if one.rule == "until"]

    assert date(2024, 2, 1) == run.until
    assert ["observation is taken to end on 2024-02-01, the day of the last crossing"] == [one.what for one in said]
    assert 0 == run.step("later").rows


def test_open_takes_a_last_stay_to_last():
    run = ms.reside(pl.DataFrame(TABLE), until="open")

    flows = dict(run.crossings.filter(pl.col("PERSON_ID").is_in(["e", "f"])).select("PERSON_ID", "FLOW").rows())

    assert run.until is None
    assert {"e": "IMM", "f": "IMM"} == flows


def test_statuses_go_before_those_of_rows_and_before_what_is_inferred():
    statuses = {"PERSON_ID": ["a", "b", "e", "z"], "RESIDENT_BEFORE": ["Y", "_U", "Y", "N"]}

    run = ms.reside(pl.DataFrame(TABLE), until="2023-12-31", statuses=pl.DataFrame(statuses))

    found = run.crossings.select(pl.col("PERSON_ID", "WAS_RESIDENT", "FLOW", "RESIDENT_BASIS").cast(pl.String)).rows()
    assert [
        ("a", "Y", "_Z", "GIVEN"),
        ("b", "_U", "_U", "_U"),
        ("b", "_U", "_U", "_U"),
        ("e", "Y", "_Z", "GIVEN"),
    ] == found
    assert ["1 person of the statuses has no crossing"] == [one.what for one in run.findings if one.rule == "unmet"]


def test_a_status_of_a_later_day_takes_over_and_that_is_said():
    crossings = pl.DataFrame(
        {
            "PERSON_ID": ["a", "a"],
            "CROSSING_DATE": [date(2021, 1, 1), date(2021, 1, 8)],
            "DIRECTION": ["ARR", "DEP"],
            "RESIDENT_BEFORE": ["Y", "Y"],
            "RESIDENT_BEFORE_DATE": [date(2021, 1, 5), date(2021, 1, 5)],
        }
    )

    run = ms.reside(crossings, until="2023-12-31")

    assert [("taken-over", 1)] == [(one.rule, one.rows) for one in run.findings]


WRONG = [
    ({"until": "2023-13-01"}, "until '2023-13-01' is no day", "write it as 2023-12-31, or open"),
    ({"initial": "guessed"}, "initial is 'guessed'", "write inferred or unknown"),
    (
        {"rule": "12 of 16"},
        "'12 of 16' is no rule of residence",
        "write it as 12/16, 9/12 or 6/12, as 365/487 days, or as 12/16 months for calendar months",
    ),
    (
        {"statuses": pl.DataFrame({"PERSON_ID": ["a", "a"], "RESIDENT_BEFORE": ["Y", "N"]})},
        "a person stands more than once",
        "leave one row a person",
    ),
    (
        {"statuses": pl.DataFrame({"PERSON_ID": ["a"], "RESIDENT_BEFORE": ["1"]})},
        "the status is not Y or N",
        "write Y for a resident, N for none, _U where it is not known",
    ),
    (
        {"statuses": pl.DataFrame({"PERSON_ID": ["a"], "RESIDENT": ["Y"]})},
        "there is no such column, and residence cannot be judged without it",
        "name it so; the file has: write RESIDENT",
    ),
    (
        {"statuses": pl.DataFrame({"PERSON_ID": ["a"], "RESIDENT_BEFORE": ["Y"], "RESIDENT_BEFORE_DATE": ["1/2/20"]})},
        "is no day",
        "write it as 2023-12-31",
    ),
]


@pytest.mark.parametrize(("given", "what", "mend"), WRONG)
def test_a_wrong_call_says_what_to_write(given, what, mend):
    with pytest.raises(Misuse) as raised:
        ms.reside(pl.DataFrame(TABLE), **given)

    assert [(what, mend)] == [(one.what, one.mend) for one in raised.value.findings]


def test_all_columns_that_are_not_there_are_named():
    with pytest.raises(Misuse) as raised:
        ms.reside(pl.DataFrame({"PERSON": ["a"], "DATE": ["2021-01-01"]}))

    assert ["PERSON_ID", "CROSSING_DATE", "DIRECTION"] == [one.component for one in raised.value.findings]


def test_what_is_neither_a_file_nor_a_frame_is_refused():
    with pytest.raises(Misuse, match="neither a path nor a frame"):
        ms.reside(7)


def test_no_crossings_at_all():
    run = ms.reside(pl.DataFrame(TABLE).clear(), until="2023-12-31")

    assert (0, 0, ()) == (run.crossings.height, run.step("read").rows, run.findings)
    assert "<Resided 365/487 days, until 2023-12-31: read 0, judged 0, rejected 0, later 0; 0 findings>" == repr(run)
    assert isinstance(run.require(), Resided)


def test_what_we_write_validates_as_residence(csv, tmp_path):
    run = ms.reside(csv, until="2023-12-31", into=tmp_path / "build")

    verdicts = ms.validate(tmp_path / "build" / "crossings.residence.parquet")

    added = {"WAS_RESIDENT", "IS_RESIDENT", "FLOW", "STAY_CLASS", "STAY_BASIS", "EXPECTED_CLASS", "RESIDENT_BASIS"}
    assert run.step("judged").rows == verdicts.rows
    assert added <= {one.rule.component for one in verdicts.results}
    assert [] == [one.rule.id for one in verdicts.results if one.failed and one.rule.component in added]


@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_dates_times_and_numbers_of_persons_may_be_typed(engine):
    import pandas as pd

    frame = pd.DataFrame(
        {
            "PERSON_ID": [7, 7],
            "CROSSING_DATE": pd.to_datetime(["2021-03-01 09:00", "2021-03-01 07:30"]),
            "DIRECTION": ["DEP", "ARR"],
            "WEIGHT": [1.5, 2.0],
        }
    )
    run = ms.reside(frame if engine == "pandas" else pl.from_pandas(frame), until="2023-12-31")

    rows = pl.DataFrame(pl.from_arrow(to_arrow(run.crossings)))
    assert ["ARR", "DEP"] == rows["DIRECTION"].to_list()
    assert (3.5, 1) == (run.step("judged").weight, run.step("judged").persons)


MAPPING = """
id: ZZZ_BORDER_2021
version: 1.0
into: BORDER_CROSSING
source:
  {kind: administrative, name: made up, by: made up, area: NZL, date: 2021-12-31, key: [ID, N]}
rules:
  PERSON_ID: {from: ID}
  SEQUENCE: {from: N}
  CROSSING_DATE: {from: D, date: dd/mm/yyyy}
  DIRECTION: {from: IO, recode: {1: ARR, 0: DEP}}
  RESIDENT_BEFORE: {from: R, recode: {1: Y, 0: N}, not_stated: [""], unknown: [9]}
  SEX: {from: S, recode: {1: M, 2: F}}
  CITIZENSHIP: {from: C, recode: {36: AUS, 554: NZL}}
"""
EXTRACT = """ID,N,D,IO,R,S,C
a,1,01/03/2020,1,0,1,36
b,1,01/03/2020,0,,2,554
b,2,10/03/2020,1,,2,554
c,1,01/03/2020,1,9,2,554
"""


def test_an_extract_is_harmonized_judged_and_counted(tmp_path):
    (tmp_path / "mapping.yaml").write_text(MAPPING.lstrip(), "utf-8")
    (tmp_path / "x.csv").write_text(EXTRACT, "utf-8")
    harmonized = ms.harmonize(tmp_path / "x.csv", tmp_path / "mapping.yaml", into=tmp_path).require()

    from_file = ms.reside(tmp_path / "ZZZ_BORDER_2021.records.parquet", until="2021-12-31", into=tmp_path)
    from_run = ms.reside(harmonized, until="2021-12-31")

    names = pl.col("PERSON_ID", "WAS_RESIDENT", "FLOW", "RESIDENT_BASIS").cast(pl.String)
    expected = [("a", "N", "IMM", "GIVEN"), ("b", "Y", "_Z", "INFERRED"), ("b", "Y", "_Z", "INFERRED"),
                ("c", "_U", "_U", "_U")]  # fmt: skip
    assert expected == from_run.crossings.select(names).rows() == from_file.crossings.select(names).collect().rows()
    table = ms.flows(tmp_path / "ZZZ_BORDER_2021.residence.parquet", period="year", by="CITIZENSHIP", parents=False)
    assert table.frame.equals(ms.flows(from_run, period="year", by="CITIZENSHIP", parents=False).frame)
    assert {"NZL"} == set(table.frame["REF_AREA"])
    assert ms.validate(tmp_path / "ZZZ_BORDER_2021.residence.parquet").ok
    crossings = ms.tabulate(tmp_path / "ZZZ_BORDER_2021.residence.parquet", definition=(), by="DIRECTION")
    assert "CROSSINGS" == crossings.structure.id


def command(*words):
    return subprocess.run([sys.executable, "-m", "migstat", *words], capture_output=True, text=True, check=False)


def test_the_command_judges_and_counts(csv, tmp_path):
    done = command("reside", str(csv), "--rule", "9/12", "--until", "2023-12-31", "--into", str(tmp_path / "b"))

    assert 1 == done.returncode
    assert "rule 274/365 days, observed until 2023-12-31" in done.stdout
    assert "3 findings to mend" in done.stderr
    allowed = command("reside", str(csv), "--until", "2023-12-31", "--into", str(tmp_path / "b"), "--allow-rejects")
    assert 0 == allowed.returncode


def test_the_command_speaks_json_and_says_what_is_wrong(csv, tmp_path):
    told = command("reside", str(csv), "--until", "2023-12-31", "--into", str(tmp_path / "b"), "--json")
    wrong = command("reside", str(csv), "--until", "soon", "--into", str(tmp_path / "b"))

    assert ["read", "judged", "rejected", "later"] == [step["name"] for step in json.loads(told.stdout)["steps"]]
    assert (2, "migstat\n  until 'soon' is no day\n  Mend: write it as 2023-12-31, or open\n") == (
        wrong.returncode,
        wrong.stderr,
    )
