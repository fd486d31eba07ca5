"""Exact duplicates: the first of rows alike in every column is kept, and the others are counted as excluded."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.api import extract_parts
from migstat.read.source_extracts import read_source
from migstat.words.finding import Misuse
from migstat.words.run import Harmonized
from migstat.work.harmonize import duplicates
from migstat.work.harmonize.duplicates import Duplicates
from migstat.write.spill import spill

MAPPING = """\
id: CROSSINGS_2019
version: 1.0
into: CENSUS_PERSON
source:
  kind: administrative
  by: nobody
  area: KEN
  date: 2019-08-24
  population: de facto
  birthplace: actual
  boundaries: census date
  duplicates: drop exact
  weight: W
  identifiers: [NAME]
keep:
  - {column: P00, is: [1], because: usual residents}
rules:
  SEX: {from: P12, recode: {1: M, 2: F}}
  AGE: {not_collected: a test}
  COUNTRY_BIRTH: {not_collected: a test}
  CITIZENSHIP: {not_collected: a test}
  RESID_5Y: {not_collected: a test}
  YEAR_ARRIVAL: {not_collected: a test}
  MIG_REASON: {not_collected: a test}
"""
PLAIN = MAPPING.replace("drop exact", "keep")
HEAD = ["P00", "P12", "W", "NAME", "REST"]
ROW = st.tuples(
    st.sampled_from(["1", "2", ""]),
    st.sampled_from(["1", "2", "7"]),
    st.sampled_from(["1", "2.5", "x"]),
    st.sampled_from(["A", "B"]),
    st.sampled_from(["", "0"]),
)


def mapping(folder: Path, text: str = MAPPING) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def extract(folder: Path, rows: list[tuple[str, ...]]) -> Path:
    path = folder / "extract.csv"
    path.write_text("\n".join(",".join(row) for row in [tuple(HEAD), *rows]) + "\n", encoding="utf-8")
    return path


def account(run: Harmonized) -> dict[str, tuple[int, float]]:
    return {step.name: (step.rows, step.weight) for step in run.steps if not step.part}


def without_row(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return frame.select(pl.exclude("ROW", "_row")).rows()


@given(rows=st.lists(ROW, min_size=1, max_size=60), size=st.integers(1, 9))
@settings(max_examples=20, deadline=None)
def test_dropping_is_what_is_done_by_hand_however_large_the_parts_are(tmp_path_factory, rows, size):
    folder = tmp_path_factory.mktemp("law")
    first = list(dict.fromkeys(rows))
    frame = pl.DataFrame(rows, schema=HEAD, orient="row")
    plain = ms.harmonize(pl.DataFrame(first, schema=HEAD, orient="row"), mapping(folder, PLAIN))
    whole = ms.harmonize(frame, mapping(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extract_parts, "read_source", _in_parts(size))
        parted = ms.harmonize(extract(folder, rows), mapping(folder))
    again = len(rows) - len(first)
    weight = math.fsum(float(row[2]) for row in rows if row[2] != "x")

    for run in (whole, parted):
        assert without_row(plain.records) == without_row(run.records)
        assert without_row(plain.rejects) == without_row(run.rejects.drop("_line", strict=False))
        told = account(run)
        assert (len(rows), weight) == told["read"]
        assert told["read"][0] == sum(told[name][0] for name in ("records", "rejected", "excluded"))
        assert told["excluded"][0] == account(plain)["excluded"][0] + again
        step = next(one for one in run.steps if one.what == "alike in every column to a row before it")
        assert (again, weight - account(plain)["read"][1]) == (step.rows, step.weight)
        assert plain.coverage.covered == run.coverage.covered
    places = [number for number, row in enumerate(rows, 1) if rows.index(row) == number - 1]
    assert set(parted.records["ROW"]) | set(parted.rejects["_row"]) <= set(places)


def _in_parts(size):
    def cut(parts):
        for numbers, part in parts:
            for start in range(0, len(numbers), size):
                yield numbers.slice(start, size), part.slice(start, size)

    def read(*asked):
        made = read_source(*asked)
        made.parts = cut(made.parts)
        return made

    return read


def test_rows_alike_but_in_an_identifier_are_not_alike_and_it_leaves_with_nothing(tmp_path):
    rows = [("1", "1", "1", "SECRETA", ""), ("1", "1", "1", "SECRETB", ""), ("1", "7", "1", "SECRETA", "")]
    run = ms.harmonize(extract(tmp_path, rows), mapping(tmp_path), into=tmp_path / "out")
    ms.write_report(run, tmp_path / "out" / "page.html")

    assert {"read": (3, 3.0), "excluded": (0, 0.0), "rejected": (1, 1.0), "records": (2, 2.0)} == account(run)
    assert "NAME" not in run.rejects.collect_schema().names()
    assert "NAME" not in run.coverage.unread
    for path in (tmp_path / "out").iterdir():
        assert b"SECRET" not in path.read_bytes(), path.name


def test_the_page_and_the_provenance_say_how_many_were_left_out(tmp_path):
    run = ms.harmonize(extract(tmp_path, [("1", "1", "2.5", "A", "")] * 3), mapping(tmp_path))
    ms.write_report(run, tmp_path / "page.html")
    step = {
        "name": "excluded",
        "what": "alike in every column to a row before it",
        "rows": 2,
        "weight": 5.0,
        "part": True,
    }

    assert step in run.provenance["steps"]
    assert "drop exact" == run.provenance["source"]["duplicates"]
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "alike in every column to a row before it" in page
    assert "left out, where all columns are alike" in page


def test_blanks_however_written_and_white_space_that_is_cut_are_alike(tmp_path):
    text = MAPPING.replace("  weight: W", '  format: {trim: true, missing: ["", "-"]}\n  weight: W')
    rows = [("1", "1", "1", "A", ""), ("1", "1 ", "1", "A", "-"), ("1", "1", "1", "A", "x")]

    assert (1, 1.0) == account(ms.harmonize(extract(tmp_path, rows), mapping(tmp_path, text)))["excluded"]


def test_validating_an_extract_leaves_the_same_rows_out(tmp_path):
    rows = [("1", "1", "1", "A", ""), ("1", "2", "1", "A", ""), ("1", "1", "1", "A", "")]
    run = ms.validate(extract(tmp_path, rows), mapping=mapping(tmp_path))

    assert 2 == run.rows


def test_where_rows_have_no_order_it_is_refused(tmp_path):
    frame = pl.DataFrame([("1", "1", "1", "A", "")], schema=HEAD, orient="row").lazy()
    with pytest.raises(Misuse) as refused:
        ms.harmonize(frame, mapping(tmp_path))

    assert (
        "mapping.yaml:4  duplicates\n"
        "  duplicates: drop exact needs the rows one after the "
        "other, and a frame whose rows lie elsewhere has no order\n"
        "  Mend: hand in the path of a file, or a frame in memory; or, of a table of a database, name a folder, into="
    ) == str(refused.value)


def test_on_spark_it_is_refused_before_spark_is_asked_for(tmp_path):
    with pytest.raises(Misuse, match="what is read on Spark has no order"):
        ms.harmonize(tmp_path / "extract.csv", mapping(tmp_path), engine="spark")


@given(
    parts=st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12),
    kept=st.sampled_from([0, 64, 1 << 20]),
    chunk=st.sampled_from([1, 3, 1 << 20]),
)
@settings(max_examples=150, deadline=None)
def test_what_was_put_away_is_known_as_well(tmp_path_factory, parts, kept, chunk):
    seen: set[int] = set()
    with spill(kept, tmp_path_factory.getbasetemp()) as room, pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "CHUNK", chunk)
        known = Duplicates(room)
        for part in parts:
            found = known.again(pl.DataFrame({"a": pl.Series(part, dtype=pl.Int64).cast(pl.String)}))
            expected = []
            for one in part:
                expected.append(one in seen)
                seen.add(one)

            assert expected == found.tolist()
        known.forget()

    assert 0 == room.held


def test_few_runs_are_held_however_many_parts_there_are():
    known = Duplicates()
    for start in range(0, 40_000, 100):
        numbers = pl.Series(np.arange(start, start + 100)).cast(pl.String)
        assert not known.again(pl.DataFrame({"a": numbers})).any()

    assert len(known._runs) < 12
    assert 40_000 == sum(run.size for run in known._runs)


HOUSEHOLDS = "HH,URB\n1,1\n2,2\n"
PERSONS = "HH,LINE,NAME,SEX,W\n1,1,SECRETA,1,2\n1,1,SECRETA,1,2\n1,2,SECRETB,2,3\n2,1,SECRETC,1,4\n2,1,SECRETC,1,4\n"
JOINED = """\
id: KEN_JOINED
version: 1.0
into: CENSUS_PERSON
source:
  kind: census
  by: nobody
  area: KEN
  date: 2019-08-24
  population: de facto
  key: [HH, LINE]
  weight: W
  identifiers: [NAME]
  duplicates: drop exact
  companions:
    households: {by: [HH], columns: [URB]}
rules:
  SEX: {from: SEX, recode: {1: M, 2: F}}
  URBAN: {from: URB, recode: {1: URBAN, 2: RURAL}}
  AGE: {not_collected: a test}
  COUNTRY_BIRTH: {not_collected: a test}
  CITIZENSHIP: {not_collected: a test}
  RESID_5Y: {not_collected: a test}
  YEAR_ARRIVAL: {not_collected: a test}
  MIG_REASON: {not_collected: a test}
"""


@pytest.mark.parametrize("kind", ["file", "folder", "frame"])
def test_rows_that_have_a_companion_are_left_out_too(kind, tmp_path):
    for name, text in {"persons.csv": PERSONS, "households.csv": HOUSEHOLDS, "mapping.yaml": JOINED}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = pl.read_csv(tmp_path / "persons.csv") if kind == "frame" else tmp_path / "persons.csv"
    run = ms.harmonize(
        source, tmp_path / "mapping.yaml", companions={"households": tmp_path / "households.csv"},
        into=tmp_path / "out" if kind == "folder" else None,
    )  # fmt: skip
    records = run.records.lazy().collect().with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))

    assert {"read": (5, 15.0), "excluded": (2, 6.0), "rejected": (0, 0.0), "records": (3, 9.0)} == account(run)
    assert [("M", "URBAN"), ("F", "URBAN"), ("M", "RURAL")] == records.select("SEX", "URBAN").rows()
    assert "NAME" not in run.coverage.unread
    assert not [one for one in run.findings if one.severity == "error"]
    for path in (tmp_path / "out").glob("*"):
        assert b"SECRET" not in path.read_bytes(), path.name
