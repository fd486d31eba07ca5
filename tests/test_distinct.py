"""Rules read on distinct values, on combinations sorted out, or row by row: one answer."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import migstat as ms
from migstat.api import ceiling
from migstat.read.extracts import delimited
from migstat.work.harmonize import distinct
from migstat.work.harmonize import part as parts

VALUES = {
    "P00": ["1", "2", "3", None],
    "P12": ["1", "2", "9", "7"],
    "P11": [str(age) for age in range(0, 100)],
    "P15": ["450", "800", "1", None, "999"],
    "P16": ["1", "2", None],
    "W": ["1", "2.5", "0"],
}
MAPPING = """\
id: KEN_TEST
version: 1.0
into: CENSUS_PERSON
source: {kind: census, by: nobody, area: KEN, date: 2019-08-24, population: de facto, key: [LINE], weight: W}
keep:
  - {column: P00, is: [1, 2], because: usual residents}
rules:
  SEX: {from: P12, recode: {1: M, 2: F}, not_stated: [9]}
  AGE: {from: P11, not_stated: [98, 99], top: 95}
  COUNTRY_BIRTH: {from: P15, recode: {450: KEN, 800: UGA}, not_stated: [999, ""]}
  CITIZENSHIP:
    cases:
      - {when: {P16: 1}, give: KEN}
      - {when: "P16 = 2 and P11 >= 18 and P15 = 800", give: UGA}
      - {else: _U}
  RESID_5Y: {not_collected: not asked}
  YEAR_ARRIVAL: {not_collected: not asked}
  MIG_REASON: {not_collected: not asked}
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path / "mapping.yaml"


@pytest.fixture
def people() -> pl.DataFrame:
    chance = np.random.default_rng(5)
    columns: dict[str, Any] = {
        name: [values[i] for i in chance.integers(0, len(values), 3000)] for name, values in VALUES.items()
    }
    return pl.DataFrame({"LINE": [str(line) for line in range(3000)], **columns})


@pytest.mark.parametrize("way", ["sorted out", "row by row"])
def test_the_ways_agree(people: pl.DataFrame, mapping: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    expected = ms.harmonize(people, mapping)

    if way == "sorted out":
        monkeypatch.setattr(parts, "DENSE", 3)
    else:
        monkeypatch.setattr(parts.Part, "combinations", lambda *_: None)
    actual = ms.harmonize(people, mapping)

    assert expected.records.equals(actual.records)
    assert expected.rejects.equals(actual.rejects)
    assert (expected.steps, expected.coverage) == (actual.steps, actual.coverage)
    assert [str(finding) for finding in expected.findings] == [str(finding) for finding in actual.findings]
    assert expected.step("rejected").rows > 0


@pytest.mark.parametrize("most", [50_000, 300, 3])
def test_parts_remember_what_parts_before_them_met(
    people: pl.DataFrame, mapping: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    expected = ms.harmonize(people, mapping)
    people.write_csv(tmp_path / "people.csv")

    monkeypatch.setattr(distinct, "MOST_REMEMBERED", most)
    monkeypatch.setattr(delimited, "BLOCK", 8_000)
    monkeypatch.setattr(ceiling, "part_rows", lambda *_: 500)
    actual = ms.harmonize(tmp_path / "people.csv", mapping, into=tmp_path)

    records = expected.records.drop("ROW")
    assert records.equals(actual.records.drop("ROW").collect().cast(records.schema))
    assert (expected.steps, expected.coverage) == (actual.steps, actual.coverage)


def test_no_rows_at_all(people: pl.DataFrame, mapping: Path) -> None:
    run = ms.harmonize(people.clear(), mapping)

    assert (0, ["M"]) == (run.records.height, [line.code for line in run.coverage.unused if line.values == ("1",)][:1])
    assert run.records.columns == ms.harmonize(people, mapping).records.columns


def test_a_part_reads_back_as_it_was() -> None:
    frame = pl.DataFrame({"a": ["x", None, "y", "x"], "b": ["1", "1", None, "1"]}, schema_overrides={})
    part = parts.Part(frame.cast(pl.Categorical), pl.Series([1, 2, 3, 4]))

    found = part.combinations(["b", "a"], {})

    assert found is not None
    assert found.frame.height == 3
    assert [found.frame.row(at, named=True) for at in found.position] == frame.to_dicts()
