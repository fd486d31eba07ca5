"""Files and folders that may not be read: told with their place by every command, and never left out in silence."""

import os
import shutil
import subprocess
import sys

import polars as pl
import pyreadstat
import pytest

MAPPING = """\
id: KEN_TEST
version: 1.0
into: CENSUS_PERSON
source: {kind: census, by: nobody, area: KEN, date: 2019, format: {kind: csv}}
rules:
  SEX: {from: SEX, recode: {1: M, 2: F}}
  AGE: {not_collected: a test}
  COUNTRY_BIRTH: {not_collected: a test}
  CITIZENSHIP: {not_collected: a test}
  RESID_5Y: {not_collected: a test}
  YEAR_ARRIVAL: {not_collected: a test}
  MIG_REASON: {not_collected: a test}
"""
ROWS = pl.DataFrame({"SEX": ["1", "2"]})
RIGHTS = "-dac_override,-dac_read_search"
AS_OTHERS = ["setpriv", f"--inh-caps={RIGHTS}", f"--bounding-set={RIGHTS}"]
"""The superuser may read everything: it gives up that right first."""

if not hasattr(os, "geteuid") or (os.geteuid() == 0 and not shutil.which("setpriv")):
    pytest.skip("whoever runs this may read everything", allow_module_level=True)


def run(folder, *words):
    before = AS_OTHERS if os.geteuid() == 0 else []
    return subprocess.run(
        [*before, sys.executable, "-m", "migstat", *words], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path):
    """A folder with a mapping, files, a folder and a part of a folder, of which none may be read but the mapping."""
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    ROWS.write_csv(tmp_path / "a.csv")
    ROWS.write_parquet(tmp_path / "a.parquet")
    ROWS.write_excel(tmp_path / "a.xlsx")
    (tmp_path / "a.duckdb").write_bytes(b"x")
    pyreadstat.write_sav(ROWS.to_pandas(), str(tmp_path / "a.sav"))
    for name in ("shut", "parts/shut"):
        (tmp_path / name).mkdir(parents=True)
        ROWS.write_csv(tmp_path / name / "b.csv")
    ROWS.write_csv(tmp_path / "parts" / "a.csv")
    closed = [*tmp_path.glob("a.*"), tmp_path / "shut", tmp_path / "parts" / "shut"]
    for path in closed:
        path.chmod(0)
    yield tmp_path
    for path in closed:
        path.chmod(0o700)


READ = "  may not be read\n  Mend: ask for the right to read it\n"
ANY = "  may not be read or written\n  Mend: ask for the right to it, or name another file\n"
LOOKED = "  the folder may not be looked into\n  Mend: ask for the right to read it, and what is in it\n"


@pytest.mark.parametrize(
    ("words", "expected", "code"),
    [
        ("harmonize mapping.yaml a.csv --into out", "a.csv\n" + READ, 2),
        ("harmonize mapping.yaml a.parquet --into out", "a.parquet\n" + READ, 2),
        ("harmonize mapping.yaml a.xlsx --into out", "a.xlsx\n" + READ, 2),
        ("harmonize mapping.yaml a.sav --into out", "a.sav\n" + READ, 2),
        ("harmonize mapping.yaml duckdb:///a.duckdb?table=x --into out", "duckdb:///a.duckdb\n" + READ, 1),
        ("harmonize mapping.yaml shut --into out", "shut\n" + LOOKED, 2),
        ("harmonize mapping.yaml parts --into out", "parts/shut\n" + LOOKED, 2),
        ("tabulate a.parquet", "a.parquet\n" + READ, 2),
        ("diff a.csv a.csv --mapping mapping.yaml", "a.csv\n" + ANY, 2),
        ("convert a.csv --into b.csv", "a.csv\n" + ANY, 2),
        ("check shut", "mapping.yaml\n" + ANY, 2),
    ],
)
def test_what_may_not_be_read_is_told(folder, words, expected, code):
    ended = run(folder, *words.split())

    assert expected == ended.stderr
    assert code == ended.returncode
    assert not (folder / "out").exists()
