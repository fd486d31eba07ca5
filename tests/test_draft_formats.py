"""Drafts of files whose first bytes do not tell how they are written: several records, several members, two headers."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

import migstat as ms
from migstat.words.draft import Draft
from migstat.words.finding import MigstatError, Misuse
from sheets import xlsx

LAYOUT = """name,start,width,record,type,decimals,label,values
TYPE,1,1,,record type,,Type of record,H=household; P=person<household by DWELLING
DWELLING,2,4,,,,Number of the household,
ROOMS,6,1,household,number,,Rooms,
WEIGHT,7,6,household,number,2,Weight of the household,
LINE,6,1,person,,,Person line number,
SEX,7,1,person,,,Sex,1=Male; 2=Female
AGE,8,3,person,number,,Age in years,
BORN,11,2,person,,,Country of birth,1=Kenya; 2=Uganda
"""
# All lines are of one length: read as one type of record, nothing of a line would betray it.
LINES = "".join(
    f"H{dwelling:04d}3{dwelling:04d}50\n"
    + "".join(f"P{dwelling:04d}{line}{line}{20 + dwelling:3d} 1\n" for line in (1, 2))
    for dwelling in range(1, 21)
)
DCF = """[Dictionary]
Version=CSPro 7.5
Label=Census
Name=CENSUS_DICT
RecordTypeStart=1
RecordTypeLen=1
Positions=Absolute
ZeroFill=Yes
DecimalChar=No

[Level]
Label=Questionnaire
Name=QUEST

[IdItems]

[Item]
Label=Household number
Name=HHNUM
Start=2
Len=4

[Record]
Label=Persons
Name=PERSON_REC
RecordTypeValue='P'
MaxRecords=30
RecordLen=12

[Item]
Label=Line number
Name=LINE
Start=6
Len=1

[Item]
Label=Sex
Name=SEX
Start=7
Len=1

[ValueSet]
Label=Sex
Name=SEX_VS1
Value=1;Male
Value=2;Female

[Record]
Label=Housing
Name=HOUSING_REC
RecordTypeValue='H'
RecordLen=12

[Item]
Label=Rooms
Name=ROOMS
Start=6
Len=1
"""
OTHER = (
    "warning: census.dat\n  each {0} makes a row; the file holds records of {1} too\n"
    '  Mend: check that {0} is what you count, or say another with --format "record: {1}"'
)


def format_of(made: Draft) -> str:
    line = next(one for one in made.files["mapping.yaml"].splitlines() if one.startswith("  format:"))
    return line.removeprefix("  format: ")


@pytest.fixture
def census(tmp_path: Path) -> Path:
    (tmp_path / "census.dat").write_text(LINES, encoding="ascii")
    (tmp_path / "layout.csv").write_text(LAYOUT, encoding="utf-8")
    (tmp_path / "census.dcf").write_text(DCF, encoding="utf-8")
    return tmp_path


def test_persons_make_the_rows_of_a_file_with_households(census: Path) -> None:
    made = ms.draft(census / "census.dat", census / "layout.csv", area="KEN", date="2019", into=census / "draft")

    assert format_of(made) == "{kind: fixed, layout: layout.csv, record: person, encoding: utf-8}"
    assert [f"{one.severity.value}: {one}" for one in made.findings] == [OTHER.format("person", "household")]
    assert [(one.component, one.column) for one in made.rules if one.column] == [
        ("HOUSEHOLD_ID", "DWELLING"), ("PERSON_ID", "LINE"), ("SEX", "SEX"), ("AGE", "AGE"), ("COUNTRY_BIRTH", "BORN"),
    ]  # fmt: skip


def test_the_finished_draft_weighs_persons_by_their_household(census: Path) -> None:
    made = ms.draft(census / "census.dat", census / "layout.csv", area="KEN", date="2019", into=census / "draft")
    text = (
        made.files["mapping.yaml"]
        .replace("by: TODO", "by: The office")
        .replace("not_collected: TODO", "not_collected: no")
    )
    if "weight:" not in text:
        text = text.replace("  format:", "  weight: WEIGHT\n  format:")
    (census / "draft" / "mapping.yaml").write_text(text, encoding="utf-8")

    run = ms.harmonize(census / "census.dat", census / "draft" / "mapping.yaml")

    assert (run.step("read").rows, run.step("records").rows) == (40, 40)
    assert run.step("records").weight == sum(2 * (dwelling + 0.5) for dwelling in range(1, 21))


def test_another_record_can_be_said(census: Path) -> None:
    made = ms.draft(census / "census.dat", census / "layout.csv", format={"record": "household"})

    assert format_of(made) == "{kind: fixed, layout: layout.csv, record: household, encoding: utf-8}"
    assert "DWELLING" in {one.column for one in made.rules}
    assert "SEX" not in {one.column for one in made.rules}


def test_a_text_file_of_cspro_is_read_by_its_dictionary(census: Path) -> None:
    made = ms.draft(census / "census.dat", census / "census.dcf", area="KEN", into=census / "draft")

    assert format_of(made) == "{kind: cspro, layout: census.dcf, record: PERSON_REC, encoding: utf-8}"
    assert (made.rule("SEX").column, len(made.rule("SEX").all_lines)) == ("SEX", 2)


def test_records_with_separators_are_read_by_their_layout(census: Path) -> None:
    (census / "layout.csv").write_text(
        "name,record,type,label,values\n"
        "TYPE,,record type,,H=household; P=person<household by DWELLING\n"
        "DWELLING,,,Number of the household,\nROOMS,household,number,Rooms,\n"
        "LINE,person,,Person line number,\nSEX,person,,Sex,1=Male; 2=Female\n",
        encoding="utf-8",
    )
    lines = "".join(f"H;{at};3\nP;{at};1;1\nP;{at};2;2\n" for at in range(1, 21))
    (census / "census.csv").write_text(lines, encoding="utf-8")

    made = ms.draft(census / "census.csv", census / "layout.csv", area="KEN", into=census / "draft")

    told = '{kind: csv, delimiter: ";", layout: layout.csv, record: person, encoding: utf-8, missing: [""]}'
    assert format_of(made) == told
    assert [(one.component, one.column) for one in made.rules if one.column] == [
        ("HOUSEHOLD_ID", "DWELLING"), ("PERSON_ID", "LINE"), ("SEX", "SEX"),
    ]  # fmt: skip


DDI = (
    '<codeBook xmlns="ddi:codebook:2_5"><fileDscr ID="F1"><fileTxt><fileName>homes.csv</fileName></fileTxt></fileDscr>'
    '<fileDscr ID="F2"><fileTxt><fileName>people.csv</fileName></fileTxt></fileDscr><dataDscr>'
    '<var name="HH" files="F1"><labl>Household number</labl></var><var name="P1" files="F1"><labl>Rooms</labl></var>'
    '<var name="HH" files="F2"><labl>Household number</labl></var><var name="P1" files="F2"><labl>Sex</labl>'
    "<catgry><catValu>1</catValu><labl>Male</labl></catgry><catgry><catValu>2</catValu><labl>Female</labl></catgry>"
    "</var></dataDscr></codeBook>"
)


def test_of_a_codebook_of_several_files_only_what_is_of_this_one_counts(tmp_path: Path) -> None:
    (tmp_path / "ddi.xml").write_text(DDI, encoding="utf-8")
    for name in ("people.csv", "other.csv"):
        (tmp_path / name).write_text("HH,P1\n" + "".join(f"{at},{at % 2 + 1}\n" for at in range(30)), encoding="utf-8")

    sex = ms.draft(tmp_path / "people.csv", tmp_path / "ddi.xml").rule("SEX")

    assert (sex.column, sex.why) == ("P1", 'label "Sex"; 2 of 2 answers are of CL_SEX')
    with pytest.raises(Misuse) as told:
        ms.draft(tmp_path / "other.csv", tmp_path / "ddi.xml")
    assert str(told.value) == (
        'ddi.xml\n  describes several files: homes.csv, people.csv\n  Mend: say which: --format "record: homes.csv"'
    )
    assert (
        ms.draft(tmp_path / "other.csv", tmp_path / "ddi.xml", format="record: people.csv").rule("SEX").column == "P1"
    )


ROWS = [[at, at % 3, 1 + at % 2, 20 + at] for at in range(30)]


def test_the_line_of_codes_below_the_titles_is_the_header_of_a_sheet(tmp_path: Path) -> None:
    titles = ["Household number", "Person line number", "Sex", "Age in years"]
    sheet = [["Survey of 2023"], [None, None, "Person", None], titles, ["H1", "H2", "P1", "P2"], *ROWS]
    (tmp_path / "book.xlsx").write_bytes(xlsx({"Notes": [["made up"]], "Persons": sheet}))

    made = ms.draft(tmp_path / "book.xlsx")

    assert format_of(made) == "{kind: excel, sheet: Persons}"
    assert (made.rule("SEX").column, made.rule("AGE").column) == ("P1", "P2")
    assert made.rule("AGE").why.startswith('label "Age in years"')


def test_titles_above_rows_that_begin_with_a_text_are_the_header(tmp_path: Path) -> None:
    sheet = [["Household", "Sex", "Age"], ["A1", "Male", "not stated"], ["A2", "Female", 30], ["A3", "Male", 31]]
    (tmp_path / "book.xlsx").write_bytes(xlsx({"Persons": [*sheet, *[["A9", "Male", 30 + at] for at in range(20)]]}))

    made = ms.draft(tmp_path / "book.xlsx")

    assert made.rule("SEX").column == "Sex"


@pytest.mark.parametrize("first", [["Amina Odhiambo", "unknown", "n/a"], ["Amina", "K", "unknown"]])
def test_a_record_of_texts_is_not_taken_for_names_of_columns(first: list[str], tmp_path: Path) -> None:
    rows = [[f"Person {'ABCDEFGHIJKLMNOPQRST'[at]}", "LM"[at % 2], 30 + at] for at in range(20)]
    (tmp_path / "book.xlsx").write_bytes(xlsx({"Persons": [["Name", "Sex", "Age"], first, *rows]}))

    made = ms.draft(tmp_path / "book.xlsx")

    assert (made.rule("AGE").column, made.findings) == ("Age", ())
    assert "Amina" not in made.files["mapping.yaml"]


def persons(first: int) -> str:
    return "hh_no,sex,age\n" + "".join(f"{at},{'MF'[at % 2]},{at}\n" for at in range(first, first + 20))


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "persons.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/div_1.csv", persons(1))
        archive.writestr("data/div_2.csv", persons(21))
        archive.writestr("data/homes.csv", "hh_no,rooms\n1,2\n")
    return path


def test_members_of_a_zip_are_said(packed: Path) -> None:
    with pytest.raises(MigstatError) as told:
        ms.draft(packed)

    assert str(told.value) == (
        "persons.zip\n  the zip holds 3 data files: data/div_1.csv, data/div_2.csv, data/homes.csv\n"
        '  Mend: name the one to read: source.format.member: "*.csv"; of a draft, with --format'
    )
    made = ms.draft(packed, format="member: 'div_*.csv'")
    assert format_of(made) == '{kind: csv, delimiter: ",", encoding: utf-8, missing: [""], member: "div_*.csv"}'
    assert (made.rule("HOUSEHOLD_ID").column, made.rule("SEX").column) == ("hh_no", "sex")


def test_rows_of_what_is_open_are_counted_in_the_members(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("data/div_3.csv", "hh_no,sex,age\n" + "".join(f"{at},X,30\n" for at in range(50, 57)))
    ms.draft(packed, format="member: 'div_*.csv'", into=tmp_path / "made")

    asked = [one for one in ms.open_in_draft(tmp_path / "made", packed) if one.component == "SEX"]

    assert [(one.subject, one.rows) for one in asked] == [("SEX: the value 'X'", 7)]


def test_rows_of_what_is_open_are_counted_as_the_draft_says_the_file_is_written(tmp_path: Path) -> None:
    text = "Notes;a;b\nmore;x;y\nNom;Sexe;Âge\n" + "".join(f"N{at};{'HFX'[at % 3]};{at}\n" for at in range(60))
    (tmp_path / "a.csv").write_text(text, encoding="cp850")
    ms.draft(tmp_path / "a.csv", format={"encoding": "cp850", "header": 3}, into=tmp_path / "made")

    asked = [one for one in ms.open_in_draft(tmp_path / "made", tmp_path / "a.csv") if one.component == "SEX"]

    assert [(one.subject, one.rows) for one in asked] == [("SEX: the value 'X'", 20)]


def test_a_folder_is_drafted_as_it_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "persons"
    folder.mkdir()
    for at in (1, 2):
        (folder / f"part{at}.csv").write_text(persons(20 * at), encoding="utf-8")

    made = ms.draft(folder)

    assert (made.rule("HOUSEHOLD_ID").column, made.rule("SEX").column) == ("hh_no", "sex")


def test_what_is_said_goes_before_what_it_looks_like(tmp_path: Path) -> None:
    text = "Notes\n\nName;Sexe;Âge\n" + "".join(f"N{at};M;{at}\n" for at in range(20))
    (tmp_path / "a.csv").write_text(text, encoding="cp850")

    made = ms.draft(tmp_path / "a.csv", format={"encoding": "cp850", "header": 3, "missing": ["", "."]})

    assert format_of(made) == '{kind: csv, delimiter: ";", encoding: cp850, missing: ["", "."], header: 3}'
    assert made.rule("SEX").column == "Sexe"


def test_notes_above_the_header_are_passed_over(tmp_path: Path) -> None:
    text = "Notes\n\nName;Sexe;Age\n" + "".join(f"N{at};M;{at}\n" for at in range(20))
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")

    made = ms.draft(tmp_path / "a.csv")

    assert format_of(made) == '{kind: csv, delimiter: ";", encoding: utf-8, missing: [""], header: 3}'
    assert made.rule("SEX").column == "Sexe"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("encodng: x", "format\n  format has no key 'encodng'\n  Mend: write encoding"),
        ("layout: x.csv", "format\n  the layout of a draft is its codebook\n  Mend: name it as codebook"),
        ("encoding: klingon", "format\n  there is no encoding klingon\n"
         "  Mend: one of utf-8, latin-1, cp1252, utf-16, cp437, cp850"),
        ("header: x", "format\n  header: x is not a whole number it can take\n  Mend: write a whole number, 0 or more"),
        ("[a", "format\n  is not YAML: while parsing a flow sequence did not find expected ',' or ']'\n"
         "  Mend: mend the indentation, colon or quote there"),
        ("cp1256", "format\n  format has no key 'cp1256'\n  Mend: put a text that holds a comma or a colon in quotes"),
        ({"kind": "exel"}, "format\n  kind: exel is not known\n  Mend: write excel"),
        (["cp1256"], "format\n  a format is a text or a dict\n  Mend: write {\"encoding\": \"cp1256\"}, say"),
        ("record: person", "persons.csv\n  record: person, and there is no codebook that names the types of record\n"
         "  Mend: name it as codebook"),
        ("sheet: X", "format\n  sheet: says nothing of a file of the kind csv\n"
         "  Mend: write kind: excel, or take sheet away"),
        ("pad: yes", "format\n  pad: goes with kind: fixed\n  Mend: take it away, or write kind: fixed"),
    ],
)  # fmt: skip
def test_what_is_said_wrong_is_told(said: Any, told: str, tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text(persons(1), encoding="utf-8")

    with pytest.raises(Misuse) as error:
        ms.draft(tmp_path / "persons.csv", format=said)

    assert str(error.value) == told


@pytest.mark.parametrize(
    ("said", "header", "told"),
    [
        ("header: 1", False, "persons.csv\n  header: 1, and it is said that there is none\n  Mend: say it once"),
        ("header: 0, columns: [A, B, C]", True,
         "persons.csv\n  header: 0, and it is said that there is one\n  Mend: say it once"),
    ],
)  # fmt: skip
def test_a_header_is_said_once(said: str, header: bool, told: str, tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text(persons(1), encoding="utf-8")

    with pytest.raises(Misuse) as error:
        ms.draft(tmp_path / "persons.csv", format=said, header=header)

    assert str(error.value) == told


def test_a_workbook_is_not_said_to_have_no_header(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(xlsx({"Persons": [["Sex", "Age"], *[["Male", 30 + at] for at in range(9)]]}))

    with pytest.raises(Misuse) as error:
        ms.draft(tmp_path / "book.xlsx", header=False)

    what = "that there is no header says nothing of a file of the kind excel"
    assert str(error.value) == f"book.xlsx\n  {what}\n  Mend: say nothing of its header"


def test_a_data_file_of_cspro_is_drafted_by_its_persons(tmp_path: Path) -> None:
    from test_cspro import database

    made = ms.draft(database(tmp_path / "a.csdb"), area="KEN")

    assert format_of(made) == "{kind: cspro, record: PERSON_REC}"
    assert made.rule("SEX").column == "P12"
