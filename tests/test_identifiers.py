"""Identifiers stay behind whatever the kind of the file: in records, rejects, and all that is told."""

import json
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from migstat.cli import main

MAPPING = (Path(__file__).parent / "named_persons.yaml").read_text(encoding="utf-8")
PERSONS = pl.DataFrame(
    {
        "HH": ["001", "001", "002"],
        "LINE": ["1", "2", "1"],
        "NAME": ["SECRETA", "SECRETB", "SECRETC"],
        "P12": ["1", "2", "9"],
    }
)
LAYOUT = "name,start,width\nHH,1,3\nLINE,4,1\nNAME,5,7\nP12,12,1\n"


def write_table(path):
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.register("given", PERSONS.to_arrow())
        connection.execute("create table persons as select * from given")


KINDS = {
    "csv": ("{kind: csv}", "data.csv", lambda path: path.write_text(PERSONS.write_csv() + "003,SECRETD\n")),
    "fixed": (
        "{kind: fixed, layout: layout.csv}",
        "data.txt",
        lambda path: path.write_text("".join("".join(row) + "\n" for row in PERSONS.rows()) + "0031SECRETD\n"),
    ),
    "parquet": ("{kind: parquet}", "data.parquet", PERSONS.write_parquet),
    "spss": ("{kind: spss}", "data.sav", lambda path: pyreadstat.write_sav(PERSONS.to_pandas(), str(path))),
    "stata": ("{kind: stata}", "data.dta", lambda path: pyreadstat.write_dta(PERSONS.to_pandas(), str(path))),
    "excel": ("{kind: excel, sheet: P}", "data.xlsx", lambda path: PERSONS.write_excel(path, worksheet="P")),
    "table": ("{kind: table, table: persons}", "data.duckdb", write_table),
}


@pytest.mark.parametrize("kind", KINDS)
def test_identifiers_go_no_further_than_the_file(kind, tmp_path, capsys):
    format, name, write = KINDS[kind]
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("FORMAT", format), encoding="utf-8")
    (tmp_path / "layout.csv").write_text(LAYOUT, encoding="utf-8")
    write(tmp_path / name)
    given = f"duckdb:///{tmp_path / name}" if kind == "table" else str(tmp_path / name)
    into = tmp_path / "out"

    with pytest.raises(SystemExit) as ended:
        main(["harmonize", str(tmp_path / "mapping.yaml"), given, "--into", str(into)])

    malformed = kind in ("csv", "fixed")
    told = "".join(capsys.readouterr())
    frames = {path.name: pl.read_parquet(path) for path in into.glob("*.parquet")}
    steps = {one["name"]: one["rows"] for one in json.loads((into / "KEN_TEST.run.json").read_text())["steps"]}
    assert ended.value.code == 1
    assert {"read": 3 + malformed, "rejected": 1 + malformed, "records": 2} == {
        name: steps[name] for name in ("read", "rejected", "records")
    }
    assert 1 + malformed == frames["KEN_TEST.rejects.parquet"].height
    assert "SECRET" not in told
    for path in into.iterdir():
        assert b"SECRET" not in path.read_bytes()
    for frame in frames.values():
        assert "SECRET" not in frame.write_json()
