"""Workbooks as extracts: cells as text, the header found, notes told apart, and all that was assumed said."""

import datetime
import gzip
import importlib.util
from pathlib import Path

import polars as pl
import pytest

import migstat as ms
from migstat.read.extracts import read_extract
from migstat.words.finding import MigstatError
from migstat.words.source import AUTO, Format

MAPPING = Path(__file__).with_name("small_census.yaml").read_text(encoding="utf-8")
SPEC = importlib.util.spec_from_file_location("sheets", Path(__file__).with_name("sheets.py"))
SHEETS = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(SHEETS)
DAY = datetime.date(2019, 8, 24)
HEAD = ["HH", "LINE", "P12", "P11", "P15", "W"]
ROWS = [["001", 1, 1, 34, 450, 2.5], ["001", 2, 2, 98, 800, 2.5]]
TEXT = {"HH": ["001", "001"], "LINE": ["1", "2"], "P12": ["1", "2"], "P11": ["34", "98"], "P15": ["450", "800"],
        "W": ["2.5", "2.5"]}  # fmt: skip
MAKERS = {"xlsx": SHEETS.xlsx, "xlsb": SHEETS.xlsb, "ods": SHEETS.ods}


def made(folder, sheets, kind="xlsx"):
    path = folder / f"persons.{kind}"
    path.write_bytes(MAKERS[kind](sheets))
    return path


def read(path, needed=(), **format):
    return read_extract(path, Format(**{"kind": "excel", "header": AUTO, **format}), needed)


def rows(extract):
    parts = [part for _, part in extract.parts]
    return pl.concat(parts).to_dict(as_series=False) if parts else {}


def told(extract):
    return [one.what for one in extract.findings]


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods"])
def test_a_plain_sheet_is_read_as_text(tmp_path, kind):
    extract = read(made(tmp_path, {"Persons": [HEAD, *ROWS]}, kind), HEAD)

    assert TEXT == rows(extract)
    assert [] == extract.findings
    assert f"persons.{kind}" == extract.name


def test_an_old_workbook_is_read(root, tmp_path):
    path = tmp_path / "persons.xls"
    path.write_bytes(gzip.decompress((root / "tests" / "files" / "persons.xls.gz").read_bytes()))
    extract = read(path, ["HH", "P15"])

    assert {"HH": ["001", "001"], "ARRIVED": ["2019-08-24", "2001-02-03"]} == {
        key: value for key, value in rows(extract).items() if key in ("HH", "ARRIVED")
    }
    assert [
        "read from the sheet 'Persons': the workbook has 2",
        "row 2 is read as the header, and the rows above it as notes",
        "rows 5 to 6 are read as notes below the table, and not as rows",
    ] == told(extract)


def test_cells_are_what_the_sheet_shows_of_codes(tmp_path):
    cells = [
        ["A", "B", "C"],
        ["007", 7, 7.0],
        ["x", 0.1, -1e16],
        [DAY, True, "#DIV/0!"],
        ["NA", None, 12345678901],
    ]
    extract = read(made(tmp_path, {"S": cells}))

    assert {
        "A": ["007", "x", "2019-08-24", "NA"],
        "B": ["7", "0.1", "true", None],
        "C": ["7", "-10000000000000000", "#DIV/0!", "12345678901"],
    } == rows(extract)


def test_notes_above_and_below_are_told_apart_and_empty_rows_left_out(tmp_path):
    cells = [["Table 1. Persons"], [], HEAD, ROWS[0], [], ROWS[1], [], ["Source: none"], ["Note: invented"]]
    extract = read(made(tmp_path, {"S": cells}), HEAD)
    numbers = [number for numbers, _ in extract.parts for number in numbers]

    assert [1, 3] == numbers
    assert TEXT == rows(read(made(tmp_path, {"S": cells}), HEAD))
    assert [
        "row 3 is read as the header, and the rows above it as notes",
        "rows 7 to 9 are read as notes below the table, and not as rows",
    ] == told(extract)


def test_a_record_at_the_end_is_no_note(tmp_path):
    extract = read(made(tmp_path, {"S": [HEAD, *ROWS, ["002", None, None, None, None, None]]}), HEAD)

    assert ["001", "001", "002"] == rows(extract)["HH"]
    assert [] == extract.findings


def test_a_header_over_two_rows_is_joined_where_names_repeat(tmp_path):
    cells = [
        ["", "Citizens", None, "Foreigners", None],
        ["Area", "Male", "Female", "Male", "Female"],
        ["N", 1, 2, 3, 4],
    ]
    alone = read(made(tmp_path, {"S": cells}))
    asked = read(made(tmp_path, {"S": cells}), ["Area", "Foreigners Male"])

    assert ("Area", "Citizens Male", "Citizens Female", "Foreigners Male", "Foreigners Female") == alone.columns
    assert alone.columns == asked.columns
    assert ["rows 1 to 2 are read as one header, their texts joined"] == told(asked)
    assert {"Foreigners Male": ["3"]} == {"Foreigners Male": rows(asked)["Foreigners Male"]}


def test_the_header_may_be_said(tmp_path):
    cells = [HEAD, ["1", "2", "3", "4", "5", "6"], *ROWS]
    extract = read(made(tmp_path, {"S": cells}), header=2)

    assert ("1", "2", "3", "4", "5", "6") == extract.columns


def test_the_sheet_is_found_or_named(tmp_path):
    path = made(tmp_path, {"About": [["nothing"]], "Persons": [HEAD, *ROWS]})

    assert TEXT == rows(read(path, HEAD))
    assert "persons.xlsx/About" == read(path, sheet="About").name
    assert [] == told(read(path, HEAD, sheet="Persons"))


WRONG = [
    ({"sheet": "Person"}, HEAD, "persons.xlsx\n  has no sheet 'Person'\n  Mend: did you mean Persons?"),
    ({"sheet": "X"}, HEAD, "persons.xlsx\n  has no sheet 'X'\n  Mend: write sheet: one of About, Persons, Empty"),
    ({"sheet": "Empty"}, [], "persons.xlsx/Empty\n  the sheet is empty\n"
     "  Mend: write sheet: one of About, Persons, Empty, under source.format"),
    ({"sheet": "Persons"}, ["P12", "p11"], "persons.xlsx/Persons  p11\n  the extract has no such column\n"
     "  Mend: did you mean P11?"),
    ({"sheet": "Persons", "header": 9}, ["P12"], "persons.xlsx/Persons  P12\n  the extract has no such column\n"
     "  Mend: check that this is the right file"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "needed", "expected"), WRONG)
def test_a_wrong_sheet_is_told(tmp_path, format, needed, expected):
    path = made(tmp_path, {"About": [["nothing"]], "Persons": [HEAD, *ROWS], "Empty": []})
    with pytest.raises(MigstatError) as error:
        read(path, needed, **format)

    assert expected == str(error.value)


LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(99)
DAMAGED = [
    ("a.xlsx", LOCKED, "a.xlsx\n  is locked with a password\n"
     "  Mend: save it without one: migstat asks for no passwords"),
    ("a.xls", LOCKED[:600], "a.xls\n  cannot be read as a workbook: CalamineError\n"
     "  Mend: save it anew as .xlsx, or as CSV"),
    ("a.xlsx", b"HH,LINE\n1,2\n", "a.xlsx\n  is not an Excel or OpenDocument file\n"
     "  Mend: set kind: to what it is under source.format, such as csv"),
    ("a.xlsx", SHEETS.xlsx({"S": [HEAD]})[:-60], "a.xlsx\n"
     "  the compressed file ends too early or is damaged: it was cut off\n"
     "  Mend: ask the sender for the file again, or copy it again: its size or checksum will differ"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "expected"), DAMAGED)
def test_a_damaged_workbook_is_told(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MigstatError) as error:
        read(tmp_path / name)

    assert expected == str(error.value)


def test_a_sheet_is_harmonized_end_to_end(tmp_path):
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("FORMAT", "kind: excel, sheet: Persons, header: auto"))
    path = made(tmp_path, {"About": [["x"]], "Persons": [["Table"], HEAD, *ROWS]})
    run = ms.harmonize(path, tmp_path / "mapping.yaml").require()

    assert ["M", "F"] == run.records["SEX"].cast(pl.String).to_list()
    assert [34, None] == run.records["AGE"].to_list()
