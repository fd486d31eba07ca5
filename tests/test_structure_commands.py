"""The commands dsd and codes: what they write, print and refuse, and their exit codes."""

import json
import os
import subprocess
import sys

import pytest

from migstat.api import structure_bytes


def migstat(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "migstat", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUTF8": "1"},
    )  # fmt: skip


def test_what_is_printed_is_what_is_written(tmp_path):
    path = tmp_path / "permits.xml"
    printed = migstat("dsd", "PERMITS", "--format", "ml30", "--alone")
    done = migstat("dsd", "PERMITS", "--format", "ml30", "--alone", "--into", path, "--json")

    assert structure_bytes("PERMITS", "ml30", alone=True).decode() == printed.stdout
    assert printed.stdout == path.read_text(encoding="utf-8")
    assert {"ok": True, "written": str(path), "bytes": path.stat().st_size} == json.loads(done.stdout)


def test_a_structure_is_shown_as_a_program_reads_it(tmp_path):
    path = tmp_path / "permits.json"
    path.write_bytes(structure_bytes("PERMITS", "json20"))

    found = json.loads(migstat("dsd", path, "--json").stdout)

    assert ("PERMITS", "MIGSTAT", "table") == (found["id"], found["agency"], found["kind"])
    assert {
        "id": "SEX",
        "role": "dimension",
        "values": "CL_SEX",
        "required": True,
        "level": "",
        "name": "Sex",
    } in found["components"]


def test_codes_of_a_file_are_written_as_a_table_with_its_header(tmp_path):
    source = tmp_path / "lists.json"
    source.write_bytes(structure_bytes("PERMITS", "json20"))

    done = migstat("codes", source, "--id", "CL_SEX", "--format", "csv", "--into", tmp_path / "CL_SEX.csv")

    assert 0 == done.returncode, done.stderr
    assert "F,,Female,Féminin," in (tmp_path / "CL_SEX.csv").read_text(encoding="utf-8")
    assert 'id = "CL_SEX"\n' in (tmp_path / "CL_SEX.toml").read_text(encoding="utf-8")


REFUSED = {
    ("dsd", "--xsd"): "--xsd is for one structure, and none is named\n  Mend: migstat dsd MIGRANT_STOCK --xsd 21",
    ("dsd", "PERMITS", "--into", "x.xml"): (
        "--into says where, and nothing says what\n  Mend: add --format ml30, ml21 or json20, or --xsd"
    ),
    ("codes", "CL_SEX", "--into", "x.csv"): (
        "--into says where, and nothing says in which format\n  Mend: add --format ml30, ml21, json20 or csv"
    ),
    ("codes", "--format", "csv"): "only a codelist is written as CSV\n  Mend: write ml30, ml21 or json20",
    ("dsd", "PERMITS", "--alone", "--with-codelists"): "not allowed with argument",
    ("dsd", "nowhere/dsd.xml"): "there is no file or folder dsd.xml\n  Mend: check the name",
}


@pytest.mark.parametrize("arguments", REFUSED)
def test_what_is_refused(arguments, tmp_path):
    done = migstat(*arguments)

    assert 2 == done.returncode
    assert REFUSED[arguments] in done.stderr
    assert "Traceback" not in done.stderr
