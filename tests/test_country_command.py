"""The command country: texts, a column of a file, and its exit codes."""

import csv
import json
from dataclasses import dataclass

import pytest

import migstat as ms
from migstat.cli import main
from migstat.words.finding import MigstatError

NAMES = 'name,n\nPerú,1\n"Korea, Rep. of",2\nPerú,3\n,4\nNew Jersey,5\n'


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["country", *words])
        shown = capsys.readouterr()
        return Done(ended.value.code, shown.out, shown.err)

    return run


def test_texts_and_what_became_of_them(run):
    done = run("Moldova, Rep. of", "Burma", "New Jersey")

    assert 1 == done.returncode
    assert ["MDA", "MMR"] == [line.split("  ")[1].strip() for line in _squeezed(done.stdout)[1:3]]
    assert "a place or group in USA, not a country" in done.stdout


def _squeezed(text):
    return ["  ".join(part.strip() for part in line.split("  ") if part.strip()) for line in text.splitlines()]


def test_json_for_programs(run):
    done = run("CH", "--system", "FIPS", "--json")
    [found] = json.loads(done.stdout)

    assert (0, "CHN", "code", 1.0) == (done.returncode, found["code"], found["how"], found["confidence"])


def test_the_day_and_the_threshold(run):
    assert 0 == run("Yugoslavia", "--at", "1995-03-01").returncode
    assert 1 == run("Yugoslavia").returncode
    assert 1 == run("England", "--least", "0.95").returncode


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_column_of_a_file_is_written_as_a_table(run, tmp_path, encoding):
    (tmp_path / "names.csv").write_text(NAMES.replace(",", ";").replace("Korea; Rep", "Korea, Rep"), encoding=encoding)
    done = run("--file", "names.csv", "--column", "name", "--into", "codes.csv")
    with (tmp_path / "codes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert 1 == done.returncode
    assert [("Perú", "2", "PER"), ("Korea, Rep. of", "1", "KOR"), ("New Jersey", "1", "")] == [
        (row["text"], row["rows"], row["code"]) for row in rows
    ]
    assert "name: 3 different texts, 4 rows; without a code 1 and 1" in done.stdout


def test_a_file_of_names_that_all_have_codes_ends_well(run, tmp_path):
    (tmp_path / "names.csv").write_text("name\nPeru\nChile\n", encoding="utf-8")
    done = run("--file", "names.csv", "--json")
    found = json.loads(done.stdout)

    assert 0 == done.returncode
    assert [("PER", 1), ("CHL", 1)] == [(one["code"], one["rows"]) for one in found["countries"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            (),
            "migstat\n  country takes texts, or a file with a column of them\n"
            '  Mend: write migstat country "Viet Nam"\n',
        ),
        (
            ("Peru", "--at", "1990"),
            "migstat\n  --at 1990: is not a date\n  Mend: write it as 1990-07-01\n",
        ),
        (
            ("Peru", "--system", "FIPZ"),
            "migstat  system\n  there is no system of codes FIPZ\n  Mend: write FIPS\n",
        ),
        (("Peru", "--column", "name"), "migstat\n  --column goes with --file\n  Mend: name the file too\n"),
        (
            ("--file", "none.csv"),
            "none.csv\n  there is no such file\n  Mend: name a CSV file with a column of names\n",
        ),
        (
            ("--file", "names.csv"),
            "names.csv\n  has 2 columns: name, n\n  Mend: say which one holds the names: column, or --column NAME\n",
        ),
    ],
)
def test_wrong_commands(run, tmp_path, words, message):
    (tmp_path / "names.csv").write_text(NAMES, encoding="utf-8")
    done = run(*words)

    assert (2, message) == (done.returncode, done.stderr)


def test_a_column_that_is_not_there_is_told_with_the_nearest(run, tmp_path):
    (tmp_path / "names.csv").write_text(NAMES, encoding="utf-8")
    done = run("--file", "names.csv", "--column", "nmae")

    assert 1 == done.returncode
    assert "name" in done.stderr


def test_a_line_that_is_no_row_is_told(run, tmp_path):
    (tmp_path / "names.csv").write_text("name,n\nPeru,1\nChile,2,3\n", encoding="utf-8")
    done = run("--file", "names.csv", "--column", "name")

    assert 0 == done.returncode
    assert "1 line with too few or too many values left out" in done.stderr


def test_a_recode_table_is_one_of_a_mapping(run, tmp_path):
    mapping = (
        "id: KEN_TEST\nversion: 1.0\ninto: CENSUS_PERSON\n"
        "source: {kind: census, by: nobody, area: KEN, date: 2019, format: {kind: csv}}\nrules:\n"
        '  COUNTRY_BIRTH: {from: name, recode: codes.csv, not_stated: [""]}\n'
    )
    absent = ("SEX", "AGE", "CITIZENSHIP", "RESID_5Y", "YEAR_ARRIVAL", "MIG_REASON")
    mapping += "".join(f"  {one}: {{not_collected: a test}}\n" for one in absent)
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "names.csv").write_text('name\nPerú\n"Korea, Rep. of"\nEngland\n""\nAfganistn\n', encoding="utf-8")

    done = run("--file", "names.csv", "--column", "name", "--recode", "codes.csv")
    written = (tmp_path / "codes.csv").read_text(encoding="utf-8")

    assert (1, "written: codes.csv") == (done.returncode, done.stdout.splitlines()[-1])
    assert [
        "from,to,match,because,label",
        "Perú,PER,exact,,Peru",
        '"Korea, Rep. of",KOR,exact,,Republic of Korea',
    ] == written.splitlines()[:3]
    assert written.splitlines()[3].startswith("England,GBR,broader,")
    assert ["Afganistn,TODO,exact,1: AFG,"] == written.splitlines()[4:]
    with pytest.raises(MigstatError) as raised:
        ms.check(tmp_path / "mapping.yaml")
    assert ["codes.csv:5"] == [str(one.place) for one in raised.value.findings]

    (tmp_path / "codes.csv").write_text(written.replace("TODO", "AFG"), encoding="utf-8")
    made = ms.harmonize(tmp_path / "names.csv", tmp_path / "mapping.yaml").require()
    assert ["PER", "KOR", "GBR", "_N", "AFG"] == made.records["COUNTRY_BIRTH"].cast(str).to_list()


@pytest.mark.parametrize("option", ["--into", "--recode"])
def test_the_file_that_is_read_is_not_written_over(run, tmp_path, option):
    (tmp_path / "names.csv").write_text(NAMES, encoding="utf-8")

    done = run("--file", "names.csv", "--column", "name", option, "./names.csv")

    expected = "names.csv\n  would be written over while it is read\n  Mend: name another file\n"
    assert (2, expected) == (done.returncode, done.stderr)
    assert NAMES == (tmp_path / "names.csv").read_text(encoding="utf-8")
