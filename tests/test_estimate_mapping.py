"""A design in a mapping travels with the records, through the file, to estimates, tables and commands."""

import json
import math
import subprocess
import sys

import polars as pl
import pytest

import migstat as ms

MAPPING = """\
id: KEN_LFS_2019
version: 1.0
into: SURVEY_PERSON
source:
  kind: survey
  by: KNBS
  area: KEN
  date: 2019
  weight: W
  strata: [PROV, URB]
  psu: EA
  fpc: N_EA
  stages: [{unit: [EA, HH], fpc: N_HH}]
  lonely: average
  calibration: {method: raking, margins: [{by: SEX, totals: {F: 900, M: 800}}, {by: SEX, totals: tables/sex.csv}]}
rules:
  SEX: {from: SEX, recode: {1: M, 2: F}}
  AGE: {from: AGE}
  COUNTRY_BIRTH: {from: COB, recode: {1: KEN, 2: UGA}}
  CITIZENSHIP: {not_collected: not asked}
  RESID_1Y: {not_collected: not asked}
  RESID_5Y: {not_collected: not asked}
  YEAR_ARRIVAL: {not_collected: not asked}
  MIG_REASON: {not_collected: not asked}
"""


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lfs")
    (folder / "tables").mkdir()
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "tables" / "sex.csv").write_text("SEX,TOTAL\nM,800\nF,900\n", encoding="utf-8")
    rows = [
        [n % 2, n % 3, f"e{n % 12}", n // 24, 40, 9, 1 + n % 2, 20 + n % 50, 1 + (n % 5 == 0), 10 + n % 7]
        for n in range(120)
    ]
    names = ["PROV", "URB", "EA", "HH", "N_EA", "N_HH", "SEX", "AGE", "COB", "W"]
    pl.DataFrame(rows, schema=names, orient="row").write_csv(folder / "lfs.csv")
    ms.harmonize(folder / "lfs.csv", folder / "mapping.yaml", into=folder).require()
    return folder / "KEN_LFS_2019.records.parquet"


def test_the_records_carry_the_design(records):
    design = ms.design(records)
    columns = pl.read_parquet_schema(records)

    assert {"STRATA", "PSU", "FPC_1", "STAGE_UNIT_2", "FPC_2"} <= set(columns)
    assert ("WEIGHT", "average", "raking") == (design.weight, design.lonely, design.calibration.method)
    assert ["PSU", "STAGE_UNIT_2"] == [stage.unit for stage in design.stages]
    assert ["FPC_1", "FPC_2"] == [stage.fpc for stage in design.stages]
    assert {("F",): 900.0, ("M",): 800.0} == dict(design.calibration.margins[1].totals)


def test_the_command_and_the_verb_say_the_same(records):
    found = ms.estimate(records, "mean", of="AGE", by="SEX").frame
    command = [sys.executable, "-m", "migstat", "estimate", str(records), "--statistic", "mean", "--of", "AGE"]
    done = subprocess.run([*command, "--by", "SEX", "--json"], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)

    assert found.to_dicts() == said["rows"]
    assert said["method"].startswith("Taylor linearisation, calibrated (raking)")


def test_margins_are_met_in_estimates_and_tables(records):
    people = ms.estimate(records, by="SEX").frame
    table = ms.tabulate(records, definition="FOREIGN_BORN", by="SEX").frame
    cell = table.filter(MIGRANT="Y", SEX="_T").row(0, named=True)
    born = ms.estimate(records, of="FOREIGN_BORN").frame.filter(LEVEL="Y").row(0, named=True)

    assert [900.0, 800.0] == pytest.approx(people["ESTIMATE"].to_list())
    assert [0.0, 0.0] == pytest.approx(people["STD_ERROR"].to_list(), abs=1e-6)
    assert born["ESTIMATE"] == pytest.approx(cell["OBS_VALUE"])
    assert born["STD_ERROR"] == pytest.approx(cell["STD_ERROR"])
    assert math.isclose(100 * cell["STD_ERROR"] / cell["OBS_VALUE"], cell["CV"])
