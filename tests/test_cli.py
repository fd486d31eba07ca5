"""The command line as people and programs meet it: help, exit codes, JSON, terminals, and stopping in the midst."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

EXTRACT = Path("examples") / "usa_acs_2018" / "extract" / "csv_p00.zip"
WRONG_MAPPING = "id: KEN_TEST\nversion: 1.0\ninto: CENSUS_PERSN\nsource: {kind: census, by: x, area: KEN, date: 2019}\n"


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUTF8": "1", **more}


def migstat(*arguments: str, folder: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "migstat", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", env=environment(**more), check=False
    )


@pytest.fixture(scope="module")
def build(root, tmp_path_factory) -> Path:
    """The files of one run over the bundled extract."""
    into = tmp_path_factory.mktemp("build")
    done = migstat("harmonize", "usa_acs_2018", str(root / EXTRACT), "--into", str(into))
    assert 0 == done.returncode, done.stderr
    return into


# Help.


@pytest.mark.parametrize("verb", ["codes", "check", "harmonize", "tabulate", "demo"])
def test_the_help_of_a_command_has_examples_that_can_be_read(verb):
    from migstat.cli import parser

    done = migstat(verb, "--help")
    examples = [line.strip() for line in done.stdout.splitlines() if line.startswith("  migstat ")]

    assert 0 == done.returncode
    assert examples
    for example in examples:
        assert verb == parser().parse_args(shlex.split(example)[1:]).command


def test_the_help_says_what_this_is_and_what_the_exit_codes_mean():
    done = migstat("--help")

    assert "migstat turns national census, survey and administrative files on migration into one" in done.stdout
    assert "exit codes: 0 done" in done.stdout


def test_version():
    import migstat as ms

    assert f"migstat {ms.__version__}\n" == migstat("--version").stdout


# Codes and mappings.


def test_codes_are_listed_with_their_standing():
    lines = migstat("codes").stdout.splitlines()

    assert ["codelist", "codes", "name", "standing"] == lines[0].split()
    assert "CL_SEX                     8  Sex" in "\n".join(lines)


def test_codes_in_a_language():
    assert re.search(r"^F +Femenino$", migstat("codes", "CL_SEX", "--language", "es").stdout, re.MULTILINE)


def test_codes_search_finds_a_country_by_a_name_that_is_nearly_right():
    found = json.loads(migstat("codes", "CL_COUNTRY_BIRTH", "--search", "moldavia", "--json").stdout)

    assert "MDA" == found[0]["id"]
    nothing = migstat("codes", "CL_SEX", "--search", "qqqqqq")
    assert (0, "nothing in CL_SEX is like 'qqqqqq'\n") == (nothing.returncode, nothing.stdout)


def test_check_says_that_a_mapping_holds():
    done = migstat("check", "usa_acs_2018")

    assert (0, "USA_ACS_2018 1.0: 17 rules into SURVEY_PERSON, 5 examples hold\n") == (done.returncode, done.stdout)


def test_check_explains_a_mapping_in_sentences():
    done = migstat("check", "usa_acs_2018", "--explain")

    assert 0 == done.returncode
    assert done.stdout.startswith("USA_ACS_2018, version 1.0: makes records of SURVEY_PERSON")
    as_json = json.loads(migstat("check", "usa_acs_2018", "--explain", "--json").stdout)
    assert as_json == {"ok": True, "findings": [], "text": done.stdout.removesuffix("\n")}


# Errors.


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        ([], 2, "the following arguments are required: COMMAND"),
        (["tabluate"], 2, "argument COMMAND: invalid choice: 'tabluate'"),
        (["codes", "CL_SX"], 2, "there is no such codelist"),
        (["codes", "CL_SEX", "--language", "xx"], 2, "argument --language: invalid choice: 'xx'"),
        (["codes", "--search", "x"], 2, "--search looks through one codelist, and none is named"),
        (["check"], 2, "the following arguments are required: MAPPING"),
        (["check", "nowhere.yaml"], 2, "there is no such mapping"),
        (["check", "."], 2, "the folder has no mapping.yaml"),
        (["check", "wrong.yaml"], 1, "the mapping has no rules"),
        (["harmonize", "usa_acs_2018", "nowhere.csv"], 2, "there is no such file"),
        (["harmonize", "usa_acs_2018", "wrong.yaml"], 1, "the extract has no columns"),
        (["harmonize", "can_cchs", "wrong.yaml"], 2, "waves and none is named"),
        (["tabulate", "nowhere.parquet"], 2, "there is no such file"),
        (["tabulate", "wrong.yaml"], 2, "is not a file of harmonized records"),
        (["tabulate", "{records}", "--by", "SECKS"], 2, "MIGRANT_STOCK has no dimension SECKS"),
        (["tabulate", "{records}", "--definition", "FOREIGN"], 2, "there is no definition FOREIGN"),
        (["tabulate", "{records}", "--by", "AGE", "--levels", "AGE"], 2, "--levels AGE: no level"),
        (["tabulate", "{records}", "--into", "stock.xyz"], 2, "the ending of stock.xyz is not known"),
        (["demo", "--into", "wrong.yaml"], 2, "cannot be written"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_error_is_told_without_a_traceback_and_as_json(build, tmp_path, arguments, code, what):
    (tmp_path / "wrong.yaml").write_text(WRONG_MAPPING)
    arguments = [one.format(records=build / "USA_ACS_2018.records.parquet") for one in arguments]
    shown = migstat(*arguments, folder=tmp_path)
    as_json = migstat(*arguments, "--json", folder=tmp_path)
    document = json.loads(as_json.stdout)

    assert (code, "") == (shown.returncode, shown.stdout)
    assert what in shown.stderr
    assert "\n  Mend: " in shown.stderr
    assert "Traceback" not in shown.stderr
    assert (code, "") == (as_json.returncode, as_json.stderr)
    assert document["ok"] is False
    assert any(what in finding["what"] for finding in document["findings"])
    assert ["wrong.yaml"] == [path.name for path in tmp_path.iterdir() if path.name != "build"]


def test_findings_go_to_the_error_stream_and_results_to_the_output(root, tmp_path):
    extract = next((root / "examples" / "arg_eph" / "extract").iterdir())
    arguments = ["harmonize", "arg_eph", str(extract), "--into", str(tmp_path)]
    shown, quiet, allowed = (migstat(*arguments, *more) for more in ([], ["--quiet"], ["--allow-rejects"]))
    document = json.loads(migstat(*arguments, "--json").stdout)

    assert [1, 1, 0] == [shown.returncode, quiet.returncode, allowed.returncode]
    assert "no rule for CH15_COD = '777'" in shown.stderr
    assert shown.stderr.endswith("\n2 findings to mend\n")
    assert shown.stderr == quiet.stderr
    assert "" == quiet.stdout
    assert document["ok"] is False
    assert 2 == len(document["findings"])


@pytest.mark.parametrize(
    "arguments",
    [["codes"], ["codes", "CL_SEX"], ["check", "usa_acs_2018"], ["check", "usa_acs_2018", "--explain"]],
    ids=" ".join,
)
def test_quiet_says_nothing_where_nothing_is_found(arguments):
    done = migstat(*arguments, "--quiet")

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


# A fault of migstat itself.

BROKEN = """\
import sys
from migstat import api
def check(mapping):
    raise KeyError("secret of the data")
api.check = check
from migstat.cli import main
main(["check", "usa_acs_2018", *sys.argv[1:]])
"""


def test_a_fault_of_migstat_is_told_in_one_line_without_data():
    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", BROKEN, *arguments]
        outside = {name: value for name, value in environment(**more).items() if name != "MIGSTAT_DEBUG" or more}
        return subprocess.run(command, capture_output=True, text=True, env=outside, check=False)

    shown, as_json, traced = run(), run("--json"), run(MIGSTAT_DEBUG="1")

    assert 70 == shown.returncode
    told = r"migstat failed: KeyError in .*; this is a fault of migstat, please report it.*\n"
    assert re.fullmatch(told, shown.stderr)
    assert "secret" not in shown.stderr + as_json.stdout
    assert 70 == as_json.returncode
    assert "migstat failed: KeyError" in json.loads(as_json.stdout)["findings"][0]["what"]
    assert "Traceback" in traced.stderr


# What people see.


def test_steps_say_nothing_of_exclusions_where_the_mapping_keeps_every_row(root, tmp_path):
    done = migstat("harmonize", "usa_acs_2018", str(root / EXTRACT), "--into", str(tmp_path / "build") + "/")
    names = [line.split()[0] for line in done.stdout.splitlines()[1:4]]

    assert ["read", "rejected", "records"] == names
    assert done.stdout.rstrip().endswith(f"written: {tmp_path}/build/USA_ACS_2018.*")


def test_steps_say_what_the_mapping_excludes_and_why(root, tmp_path):
    folder = root / "examples" / "gbr_census_2011_teaching"
    extract = next((folder / "extract").iterdir())
    done = migstat("harmonize", str(folder), str(extract), "--into", str(tmp_path))

    assert re.search(r"^excluded +[\d,]+ .*outside what the mapping keeps$", done.stdout, re.MULTILINE)
    assert re.search(r"^  excluded +[\d,]+ ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_the_terminal_and_nothing_is_cut(build, width):
    records = str(build / "USA_ACS_2018.records.parquet")
    lines = in_terminal(["tabulate", records, "--by", "COUNTRY_BIRTH,SEX"], width)[0].splitlines()
    head, total = lines[0], lines[1]

    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    assert re.search(r"OBS_VALUE +STD_ERROR +N_UNWEIGHTED$", head)
    assert re.search(r" 54,564 +[\d,.]+ +644$", total)
    assert len(head) == len(total)


def test_a_number_is_whole_on_a_terminal_that_is_too_narrow_for_it(tmp_path):
    (tmp_path / "cohorts.csv").write_text("FIRST,SECOND,SURVIVAL\n1234567,1200000,0.95\n", encoding="utf-8")
    head, row = in_terminal(["net-migration", str(tmp_path / "cohorts.csv")], 40)[0].splitlines()

    assert "FIRST SECOND SURVIVAL EXPECTED_SECOND EXPECTED_FIRST NET_FORWARD NET_REVERSE NET_AVERAGE" == " ".join(
        head.split()
    )
    assert ["1,234,567", "1,200,000"] == row.split()[:2]


def test_the_progress_of_a_packed_file_is_shown_and_taken_away(root, tmp_path):
    shown, code = in_terminal(["harmonize", "usa_acs_2018", str(root / EXTRACT), "--into", str(tmp_path)], 100)

    assert 0 == code, shown
    assert "records    644  54,564  harmonized records" in shown


def test_protecting_shows_how_much_of_its_time_is_spent_on_a_terminal_alone(build, tmp_path):
    made = migstat("tabulate", str(build / "USA_ACS_2018.records.parquet"), "--by", "SEX,AGE", "--into", "s.csv",
                   folder=tmp_path)  # fmt: skip
    protect = ["protect", str(tmp_path / "s.csv"), "--policy", "THRESHOLD_3", "--into", str(tmp_path / "public")]
    shown, code = in_terminal(protect, 100)

    assert 0 == made.returncode, made.stderr
    assert 0 == code, shown
    assert "suppress s.csv: of the time it may take" in shown
    assert "" == migstat(*protect).stderr
    assert "suppress" not in in_terminal([*protect, "--quiet"], 100)[0]


def test_control_characters_of_a_file_do_not_reach_the_terminal():
    from migstat.cli.show import printable

    assert r"no rule for P15 = '\x1b[31m\x07é'" == printable("no rule for P15 = '\x1b[31m\x07é'")


def in_terminal(arguments: list[str], width: int) -> tuple[str, int]:
    """What a command shows on a terminal of so many columns, and its exit code."""
    pty, termios, fcntl = (pytest.importorskip(name) for name in ("pty", "termios", "fcntl"))
    import struct

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    outside = {name: value for name, value in environment(TERM="xterm").items() if name not in {"COLUMNS", "LINES"}}
    command = [sys.executable, "-m", "migstat", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=outside) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).replace("\r\n", "\n"), process.returncode


# The result as JSON, as files, and down a pipe.


def test_a_table_as_json_has_its_cells(build):
    done = migstat("tabulate", str(build / "USA_ACS_2018.records.parquet"), "--by", "SEX", "--json")
    table = json.loads(done.stdout)
    everyone = next(row for row in table["rows"] if {row["SEX"], row["MIGRANT"]} == {"_T"})

    assert (54564.0, 644) == (everyone["OBS_VALUE"], everyone["N_UNWEIGHTED"])
    assert "FOREIGN_BORN" == table["metadata"]["definitions"][0]["id"]


def test_a_table_is_written(build, tmp_path):
    done = migstat("tabulate", str(build / "USA_ACS_2018.records.parquet"), "--by", "SEX", "--into", "s.csv",
                   folder=tmp_path)  # fmt: skip

    assert "9 cells written: s.csv\n" == done.stdout
    assert 9 == pl.read_csv(tmp_path / "s.csv").height


@pytest.mark.skipif(os.name == "nt", reason="needs a shell with head")
def test_a_reader_that_goes_away_is_no_fault():
    command = f'"{sys.executable}" -m migstat codes CL_AREA | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment(), check=False)

    assert (0, "") == (done.returncode, done.stderr)


# Stopping.


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has another signal")
def test_an_interrupt_ends_the_run_in_one_line_and_leaves_nothing(root, tmp_path):
    (tmp_path / "mapping.yaml").write_text(
        "id: KEN_TEST\nversion: 1.0\ninto: CENSUS_PERSON\n"
        "source: {kind: census, by: nobody, area: KEN, date: 2019, population: de facto, birthplace: actual,"
        " boundaries: census date, key: [ID]}\n"
        "rules:\n  SEX: {from: SEX, recode: {1: M, 2: F}}\n  AGE: {from: AGE}\n"
        + "".join(
            f"  {id}: {{not_collected: a test}}\n"
            for id in ("COUNTRY_BIRTH", "CITIZENSHIP", "RESID_5Y", "YEAR_ARRIVAL", "MIG_REASON")
        )
    )
    block = "".join(f"KEY,{1 + number % 2},{number % 90}\n" for number in range(1000))
    with (tmp_path / "big.csv").open("w") as file:
        file.write("ID,SEX,AGE\n")
        for number in range(8_000):
            file.write(block.replace("KEY", str(number)))
    command = [sys.executable, "-m", "migstat", "harmonize", "mapping.yaml", "big.csv"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    until = time.monotonic() + 60
    while not list(tmp_path.glob("build/.*.part")) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    shown, told = process.communicate(timeout=60)

    assert (130, b"") == (process.returncode, shown)
    assert b"\nstopped; no file is left half-written\n" == told
    assert [] == list((tmp_path / "build").iterdir())
