"""Wrong commands and wrong files: each is told as a person and a program meet it, and nothing is written."""

import json
from pathlib import Path

import polars as pl
import pytest

import migstat as ms
from migstat.cli import main, parser

LONG = "x" * 400
EXTRACT = Path("examples") / "usa_acs_2018" / "extract" / "csv_p00.zip"


@pytest.fixture(scope="module")
def files(root, tmp_path_factory) -> dict[str, str]:
    """The files of one run, and files that are damaged."""
    into = tmp_path_factory.mktemp("build")
    run = ms.harmonize(root / EXTRACT, "examples/usa_acs_2018/mapping.yaml", into=into)
    table = ms.tabulate(run, by=["COUNTRY_BIRTH", "SEX"])
    for ending in ("stock.parquet", "stock.sdmx.csv"):
        ms.write_table(table, into / f"USA_ACS_2018.{ending}")
    whole = (into / "USA_ACS_2018.stock.parquet").read_bytes()
    (into / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    (into / "empty.csv").write_bytes(b"")
    (into / "latin.csv").write_bytes("REF_AREA,OBS_VALUE\nCôte d'Ivoire,5\n".encode("latin-1"))
    (into / "words.csv").write_text("STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,OBS_VALUE\n"
                                    "datastructure,MIGSTAT:MIGRANT_STOCK(1.0),I,KEN,many\n")  # fmt: skip
    (into / "words.json").write_text("a,b\n")
    (into / "key.bin").write_bytes(b"\xff\xfe\x00\xff")
    stem = into / "USA_ACS_2018"
    return {
        "records": f"{stem}.records.parquet", "rejects": f"{stem}.rejects.parquet",
        "stock": f"{stem}.stock.parquet", "sdmx": f"{stem}.stock.sdmx.csv", "folder": str(into),
        "key": str(into / "key.bin"), "words": str(into / "words.csv"),
        "json": str(into / "words.json"),
        "cut": str(into / "cut.parquet"), "empty": str(into / "empty.csv"), "latin": str(into / "latin.csv"),
    }  # fmt: skip


@pytest.fixture
def run(files, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(command: str, *more: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([word.format(**files) for word in command.split()] + list(more))
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return run


WRONG = {
    "tabulate {stock}": "holds a table of MIGRANT_STOCK, not records\n"
    "  Mend: name the .records.parquet file that it was counted from",
    "tabulate {rejects}": "is not a file of harmonized records",
    "tabulate {records} {records}": "is named twice\n  Mend: name each file once",
    "tabulate {folder}": "is a folder\n  Mend: name a .records.parquet file in it",
    "tabulate {records} --by SEX --by AGE": "argument --by: given twice",
    "tabulate {records} --defin US_NATIVITY": "unrecognized arguments: --defin US_NATIVITY\n"
    "  Mend: write --definition; see migstat tabulate --help",
    "tabluate {records}": "invalid choice: 'tabluate'\n  Mend: write tabulate; see migstat --help",
    "codes CL_SEX --language de": "invalid choice: 'de'\n  Mend: one of en, fr, es, ar, ru, zh; see",
    "validate {rejects}": "holds what was rejected, not records\n  Mend: name the .records.parquet file beside it",
    "validate {records} --wave x": "a wave x, and no mapping",
    "validate {records} --tolerance 1": "tolerance is of SDMX data",
    "validate {sdmx} --dsd MIGRANT_STOKC": "there is no structure MIGRANT_STOKC\n  Mend: write MIGRANT_STOCK",
    "validate {sdmx} --dsd MIGRANT_STOCK --tolerance nan": "a tolerance of nan",
    "validate {sdmx} --dsd MIGRANT_STOCK --compound XX": "the structure has no attribute XX",
    "convert {rejects} --into x.csv": "holds what was rejected, not records",
    "convert {sdmx} --into x.xml --encoding utf-99": "there is no encoding utf-99",
    "convert {sdmx} --into x.xml --prepared now": "prepared 'now' is no time",
    "dsd MIGRANT_STOCK --xsd --format ml21": "--xsd and --format are two results",
    "codes diff CL_SEX CL_SEX --mapping no.yaml": "there is no such mapping",
    "read-table {folder} x.csv --into x.parquet": "the folder has no mapping.yaml",
    "profile {stock} --population nan": "a population of nan",
    "profile {stock} --population -1": "a population of -1",
    "profile {words}": "words.csv  OBS_VALUE\n  is no number  (1 row)\n  Mend: write a number, or leave it empty",
    "audit {stock} --width nan": "nan is not 0 or more",
    "audit {stock} --value OBS": "the table has no OBS\n  Mend: its numbers are OBS_VALUE",
    "audit {stock} --value SEX": "SEX is no number",
    "audit {stock} --dims SXE": "the frame has no SXE",
    "protect {stock} --policy THRESHOLD_5 --into x --why why.txt": "the ending of why.txt is not known",
    "protect {stock} --policy THRESHOLD_5 --into x --why {folder}/key.bin/why.csv": "cannot be written",
    "protect {stock} --policy THRESHOLD_5 --into x --records no.parquet": "there is no such file",
    "anonymize {records} --policy PUBLIC_USE_PERSON --into x --key-file {key}": "the key is no text",
    "map gbr_census_2011_teaching --agency KE:NBS --into x.xml": "'KE:NBS' is no id of an agency",
    "codes {json}": "is not JSON\n  Mend: name an SDMX-JSON file, whose first sign is {",
    "validate {records} --failures x.csv": "the ending of x.csv is not known\n  Mend: let the name end with .parquet",
    "validate {records} --reference a=x.csv --reference a=y.csv": "the reference a is named twice",
    "link {latin} --on OBS_VALUE --into x.csv": "the ending of x.csv is not known",
    "link {records} --on PERSON_ID --into {records}": "would be written over while it is read",
    "signs TAX={latin} TAX={empty} --rule signs-12m --at 2023-12-31": "the register TAX is named twice",
    "signs TAX={latin} --rule signs-12m --at 2023-12-31": "latin.csv  TAX\n  is not UTF-8\n  Mend: save the file as",
    "fetch http://127.0.0.1:9/x CL_GEO --agency A --timeout -1": "a timeout of -1 seconds",
    f"check {LONG}": "cannot be the name of a file\n  Mend: check the name",
    f"validate {LONG}": "cannot be the name of a file\n  Mend: check the name",
    f"codebook {LONG}": "cannot be the name of a file\n  Mend: check the name",
    f"run {LONG} --from a --into b": "cannot be the name of a file\n  Mend: check the name",
    "flows no.parquet --at 2020-01-01": "--at is the day of a stock, and none is named",
}


@pytest.mark.parametrize("command", WRONG)
def test_a_wrong_command_is_told_with_its_mend_and_writes_nothing(run, tmp_path, command):
    shown = run(command)
    as_json = run(command, "--json")
    findings = json.loads(as_json[1])["findings"]

    assert (2, "", True) == (shown[0], shown[1], WRONG[command] in shown[2]), shown[2]
    assert "\n  Mend: " in shown[2]
    assert (2, "") == (as_json[0], as_json[2])
    assert any(finding["what"] in shown[2] for finding in findings)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("command", "condition", "place"),
    [
        ("tabulate {records} --by SEX --universe", "SEX = 'female'", "universe\n  nobody is in it"),
        ("estimate {records} --statistic mean --of AGE --domain", "SEX > 3", "domain\n  nobody of the sample is in it"),
    ],
)
def test_a_condition_that_leaves_nobody_is_a_finding(run, command, condition, place):
    shown = run(command, condition)
    as_json = run(command, condition, "--json")

    assert (1, True) == (shown[0], place in shown[2])
    assert "Mend: look at its codes and numbers" in shown[2]
    assert (1, "") == (as_json[0], as_json[2])
    assert json.loads(as_json[1])


TABLES = (
    "protect {%} --policy THRESHOLD_5 --into x",
    "protect {stock} --policy THRESHOLD_5 --published {%} --into x",
    "audit {%}",
    "audit {%} --dims REF_AREA",
    "combine {stock} {%} --into x",
    "profile {%}",
    "mirror {%} {stock}",
    "flows-from-stocks {%} {stock}",
    "net-migration {%}",
    "tabulate {records} --by SEX --measures rate(1000) --population {%}",
)


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("cut", "cut.parquet\n  the Parquet file is damaged or was cut off\n  Mend: ask for the file again"),
        ("empty", "empty.csv\n  the file is empty\n  Mend: ask for the file again"),
        ("latin", "latin.csv\n  is not UTF-8\n  Mend: save the file as CSV in UTF-8"),
        ("folder", "is a folder\n  Mend: name a file in it"),
    ],
)
@pytest.mark.parametrize("command", TABLES)
def test_a_table_that_cannot_be_read_is_told_with_its_cause(run, tmp_path, command, file, what):
    code, out, err = run(command.replace("%", file))

    assert (2, "", True) == (code, out, what in err), err
    assert "Ivoire" not in err
    assert [] == list(tmp_path.iterdir())


# What programs read is there, and whole.


def test_json_says_what_was_written(run, files, tmp_path):
    (tmp_path / "cohorts.csv").write_text("FIRST,SECOND,SURVIVAL\n100,99,0.9\n")
    net = run("net-migration cohorts.csv --into net.csv --json")
    profile = run("profile {stock} --into profile.csv --json")
    rules = run("rules CENSUS_PERSON --vtl --json")

    assert {"cohorts": 1, "into": "net.csv"} == json.loads(net[1])
    assert {"area": "USA", "period": "2018", "into": "profile.csv"} == json.loads(profile[1])
    assert json.loads(rules[1])["vtl"].startswith("/* CENSUS_PERSON, version 1.0.")
    assert ["cohorts.csv", "net.csv", "profile.csv"] == sorted(one.name for one in tmp_path.iterdir())


def test_why_is_written_into_a_new_folder(run, tmp_path):
    code, _, err = run("protect {stock} --policy THRESHOLD_5 --into out --why for/us/why.csv")

    assert (0, "") == (code, err)
    assert pl.read_csv(tmp_path / "for" / "us" / "why.csv").height > 0


def test_a_shipped_structure_is_a_dsd_too(run):
    code, out, _ = run("validate {sdmx} --dsd MIGRANT_STOCK")

    assert 0 == code
    assert "rows, " in out


def test_an_option_that_may_be_repeated_still_may():
    found = parser().parse_args(["validate", "x.csv", "--rules", "a.yaml", "--rules", "b.yaml"])

    assert ["a.yaml", "b.yaml"] == found.rules
