"""The commands over tables, as a shell would run them."""

import json

import pytest

from migstat.cli import main

STOCKS = {
    "first.csv": "COUNTRY_BIRTH,REF_AREA,OBS_VALUE\nKEN,KEN,90\nKEN,UGA,10\nUGA,UGA,50\n",
    "second.csv": "COUNTRY_BIRTH,REF_AREA,OBS_VALUE\nKEN,KEN,80\nKEN,UGA,20\nUGA,UGA,50\n",
    "births.csv": "REF_AREA,OBS_VALUE\nUGA,60\n",
    "sent.csv": "orig,dest,year,OBS_VALUE\nKEN,UGA,2019,8\n",
    "received.csv": "orig,dest,year,OBS_VALUE\nKEN,UGA,2019,10\nTZA,UGA,2019,3\n",
    "cohorts.csv": "AGE,FIRST,SECOND,SURVIVAL\n0-4,100,99,0.9\n",
    "ken.csv": "place,people\nUGA,5\nTZA,7\n",
    "uga.csv": "place,people\nKEN,*\n",
}
MAPPING = """\
id: {id}
version: 1.0
into: MIGRANT_STOCK
source: {{kind: census, by: An office, area: {id}, date: 2019, population: {population}}}
table: {{value: people, suppressed: ["*"]}}
rules:
  COUNTRY_BIRTH: {{from: place, codes: iso3}}
  DEFINITION: {{fixed: FOREIGN_BORN}}
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, text in STOCKS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for id, population in (("KEN", "de jure"), ("UGA", "de facto")):
        (tmp_path / f"{id}.yaml").write_text(MAPPING.format(id=id, population=population), encoding="utf-8")

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(words)
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return run


def test_from_published_tables_to_one(run, tmp_path):
    first = run("read-table", "KEN.yaml", "ken.csv", "--into", "ken.parquet")
    second = run("read-table", "UGA.yaml", "uga.csv", "--into", "uga.parquet")
    code, out, _ = run("combine", "ken.parquet", "uga.parquet", "--into", "one", "--json")
    facts = json.loads(out)

    assert (0, "2 cells written: ken.parquet\n", "") == first
    assert (0, "1 cell written: uga.parquet\n", "") == second
    assert 0 == code
    assert [{"first": "ken", "second": "uga", "verdict": "with care", "differ": 1, "not_stated": 4}] == (
        facts["comparisons"]
    )
    assert ["combined.html", "combined.losses.csv", "combined.parquet", "combined.sdmx.csv"] == sorted(
        file.name for file in (tmp_path / "one").iterdir()
    )


def test_the_units_of_a_profile_are_told_in_words(run):
    run("read-table", "KEN.yaml", "ken.csv", "--into", "ken.parquet")
    code, out, _ = run("profile", "ken.parquet", "--population", "1000")

    assert 0 == code
    assert "Persons" in out
    assert "Percent" in out
    assert " PT " not in out


def test_mirror(run, tmp_path):
    code, out, _ = run("mirror", "sent.csv", "received.csv", "--method", "larger", "--into", "both.csv")

    assert 0 == code
    assert (
        "2 corridors: both 1, sender 0, receiver 1, none 0\nsent to received, where both are known: median 0.800" in out
    )
    assert "KEN,UGA,2019,8,10,-2,0.8," in (tmp_path / "both.csv").read_text(encoding="utf-8")


def test_flows_from_stocks(run):
    code, out, _ = run("flows-from-stocks", "first.csv", "second.csv")
    wrong = run("flows-from-stocks", "first.csv", "second.csv", "--births", "births.csv")

    assert 0 == code
    assert "10 moves between 2 areas; Abel and Cohen (2019)" in out
    assert 1 == wrong[0]
    assert "UGA: 60 births are more than the 50 native-born of the second stock, 10 too many" in wrong[2]


def test_net_migration(run):
    code, out, _ = run("net-migration", "cohorts.csv", "--json")

    assert 0 == code
    assert 9.5 == json.loads(out)["rows"][0]["NET_AVERAGE"]


WRONG = {
    "there is no such table": ("combine", "none.parquet", "x.parquet", "--into", "one"),
    "does not say which structure it has": ("combine", "ken.csv", "uga.csv", "--into", "one"),
    "there is no such file for the sending side": ("mirror", "none.csv", "received.csv"),
    "the cohorts has no column FIRST": ("net-migration", "ken.csv"),
    "the ending of both.txt is not known": ("mirror", "sent.csv", "received.csv", "--into", "both.txt"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_use(run, what):
    code, _, err = run(*WRONG[what])

    assert (2, True) == (code, what in err)
    assert "Mend:" in err
