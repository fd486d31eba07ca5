"""Files of several countries: each row is counted against the country it was counted in."""

from pathlib import Path

import pytest

import migstat as ms
from migstat.words.finding import MigstatError

MAPPING = """\
id: MANY
version: 1.0
into: CENSUS_PERSON
source: {kind: census, by: Offices, area: M49_001, date: {year: YEAR}}
rules:
  REF_AREA: {from: COUNTRY, recode: {404: KEN, 800: UGA}}
  SEX: {from: SEX, recode: {1: M, 2: F}}
  AGE: {from: AGE}
  COUNTRY_BIRTH: {from: BIRTH, recode: {404: KEN, 800: UGA}}
  CITIZENSHIP: {not_collected: not asked}
  RESID_5Y: {not_collected: not asked}
  YEAR_ARRIVAL: {not_collected: not asked}
  MIG_REASON: {not_collected: not asked}
"""
ROWS = """\
COUNTRY,YEAR,SEX,AGE,BIRTH
404,1999,1,30,800
404,1999,2,30,404
800,2002,2,30,800
800,2002,1,30,404
840,2000,1,30,404
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "many.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path / "mapping.yaml"


def test_each_row_is_of_its_own_country(mapping: Path) -> None:
    run = ms.harmonize(mapping.parent / "many.csv", mapping)
    told = ms.derive(run.records, "FOREIGN_BORN", "CENSUS_PERSON")
    rows = told.select("REF_AREA", "TIME_PERIOD", "COUNTRY_BIRTH", "FOREIGN_BORN").rows()

    assert () == ms.check(mapping)
    assert sorted(rows) == [
        ("KEN", "1999", "KEN", "N"),
        ("KEN", "1999", "UGA", "Y"),
        ("UGA", "2002", "KEN", "Y"),
        ("UGA", "2002", "UGA", "N"),
    ]
    assert ["no rule for COUNTRY = '840'"] == [finding.what for finding in run.findings]


def test_a_table_has_cells_for_each_country(mapping: Path) -> None:
    table = ms.tabulate(ms.harmonize(mapping.parent / "many.csv", mapping), by="SEX", totals=False)
    cells = table.frame.filter(MIGRANT="Y").select("REF_AREA", "SEX", "OBS_VALUE").rows()

    assert [("KEN", "M", 1.0), ("UGA", "M", 1.0)] == sorted(cells)


def test_a_region_needs_a_column_of_countries(mapping: Path) -> None:
    mapping.write_text(
        MAPPING.replace("  REF_AREA: {from: COUNTRY, recode: {404: KEN, 800: UGA}}\n", ""), encoding="utf-8"
    )
    with pytest.raises(MigstatError) as error:
        ms.harmonize(mapping.parent / "many.csv", mapping)

    assert ["area: M49_001 (World) is not a country"] == [finding.what for finding in error.value.findings]
