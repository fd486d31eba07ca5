"""CSPro: dictionaries of both kinds as codebooks; text and data files as extracts, with the same columns and values."""

import json
import sqlite3

import polars as pl
import pytest

import migstat as ms
from migstat.read.cspro import open_csdb, parse_dictionary
from migstat.read.cspro.dictionary import plain_number
from migstat.read.extracts import read_extract
from migstat.words.codebook import ValueLabel
from migstat.words.finding import MigstatError
from migstat.words.source import Format

INI = """\
[Dictionary]
Version=CSPro 7.4
Label=Census|Recensement
Name=CENSUS_DICT
RecordTypeStart=1
RecordTypeLen=1
Positions=Relative
ZeroFill=No
DecimalChar=Yes

[Languages]
EN=English
FR=French

[Level]
Label=Questionnaire
Name=CENSUS_LEVEL

[IdItems]

[Item]
Label=Province
Name=PROVINCE
Start=2
Len=2
ZeroFill=Yes

[Item]
Label=Household
Name=HH
Start=4
Len=3
ZeroFill=Yes

[Record]
Label=Household
Name=HOUSE_REC
RecordTypeValue='1'
RecordLen=12

[Item]
Label=Rent
Name=RENT
Start=7
Len=6
Decimal=2
DecimalChar=Yes

[Record]
Label=Person|Personne
Name=PERSON_REC
RecordTypeValue='2'
Required=No
MaxRecords=30
RecordLen=19

[Item]
Label=Line
Name=LINE
Start=7
Len=2

[Item]
Label=Sex
Name=P12
Start=9
Len=1

[ValueSet]
Label=Sex
Name=P12_VS1
Value=1;Male|Homme
Value=2;Female
Value=9;Missing
Name=MISSING,Special
Value=' ';Not applicable
Name=NOTAPPL,Special

[ValueSet]
Label=Sex of some
Name=P12_VS2
Value=1;Other

[Item]
Label=Age
Name=P11
Start=10
Len=2
ZeroFill=Yes

[ValueSet]
Label=Age
Name=P11_VS1
Value=0:97
Value=98 99;Not known

[Item]
Label=Country
Name=P15
Start=12
Len=3
DataType=Alpha

[ValueSet]
Label=Country
Name=P15_VS1
Value='KEN';Kenya; east
Value='UGA';Uganda

[Item]
Label=Trips
Name=TRIPS
Start=15
Len=2
DataType=Alpha
Occurrences=2

[Item]
Label=Month
Name=MONTH
Start=15
Len=1
ItemType=SubItem
"""
TEXT = """\
101001 50.50
201001 1134KEN1a2b
20100102298UGA
102002000.00
202002 1907KEN 3
"""
PERSONS = {
    "PROVINCE": ["1", "1", "2"],
    "HH": ["1", "1", "2"],
    "LINE": ["1", "2", "1"],
    "P12": ["1", "2", "9"],
    "P11": ["34", "98", "7"],
    "P15": ["KEN", "UGA", "KEN"],
    "TRIPS(1)": ["1a", None, "3"],
    "TRIPS(2)": ["2b", None, None],
    "MONTH(1)": ["1", None, None],
    "MONTH(2)": ["2", None, None],
    "RENT": ["50.5", "50.5", "0"],
}
MAPPING = """\
id: KEN_TEST
version: 1.0
into: CENSUS_PERSON
source:
  kind: census
  by: nobody
  area: KEN
  date: 2019-08-24
  population: de facto
  birthplace: actual
  boundaries: census date
  key: [PROVINCE, HH, LINE]
  format: FORMAT
rules:
  SEX: {from: P12, recode: {1: M, 2: F}, not_stated: [9]}
  AGE: {from: P11, not_stated: [98, 99]}
  COUNTRY_BIRTH: {from: P15}
  CITIZENSHIP: {from: P15, match: broader, because: a test}
  RESID_5Y: {not_collected: a test}
  YEAR_ARRIVAL: {not_collected: a test}
  MIG_REASON: {not_collected: a test}
"""


def as_json(text: str) -> str:
    """The same dictionary as CSPro writes it since 7.7, positions of items left out as it leaves them out."""
    read = parse_dictionary(text, "a.dcf")

    def labelled(one):
        return {"name": one.name, "labels": [{"text": one.label}]}

    def item(one, parent=None, placed=False):
        made = labelled(one) | {"contentType": "numeric" if one.numeric else "alpha", "length": one.width}
        if placed:
            made["start"] = one.start
        if one.within:
            made |= {"subitem": True, "subitemOffset": one.start - parent.start}
        if one.decimals:
            made |= {"decimals": one.decimals, "decimalMark": one.mark}
        if one.occurs > 1:
            made["occurrences"] = {"maximum": one.occurs}
        if one.values:
            made["valueSets"] = [{"name": "VS", "values": [value(entry) for entry in one.values]}]
        return made

    def value(entry):
        low, sign, high = entry.value.partition("..")
        pair = {"range": [low, high]} if sign else {"value": entry.value}
        special = {"special": "MISSING"} if entry.missing else {}
        return {"labels": [{"text": entry.label}], "pairs": [pair], **special}

    def items(record):
        made, parent = [], None
        for one in record.items:
            made.append(item(one, parent))
            parent = parent if one.within else one
        return made

    levels = [
        labelled(level)
        | {
            "ids": {"items": [item(one, placed=True) for one in level.ids]},
            "records": [
                labelled(record)
                | {"recordType": record.value, "occurrences": {"maximum": record.most}, "items": items(record)}
                for record in level.records
            ],
        }
        for level in read.levels
    ]
    kind = {"start": read.start, "length": read.length}
    top = {"software": "CSPro", "version": 8.0, "fileType": "dictionary", "name": read.name}
    return json.dumps(top | {"labels": [{"text": read.label}], "recordType": kind, "levels": levels}, indent=1)


def database(path, gone=False, partial=False):
    """A data file as CSPro makes it, of the same cases as the text."""
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE meta (schema_version INTEGER, cspro_version TEXT, dictionary TEXT);
        CREATE TABLE cases (id TEXT, key TEXT, deleted INTEGER, file_order REAL, partial_save_mode TEXT);
        CREATE TABLE "level-1" ("level-1-id" INTEGER PRIMARY KEY, "case-id" TEXT, province INTEGER, hh INTEGER);
        CREATE TABLE house_rec ("house_rec-id" INTEGER PRIMARY KEY, "level-1-id" INTEGER, rent REAL);
        CREATE TABLE person_rec ("person_rec-id" INTEGER PRIMARY KEY, "level-1-id" INTEGER, occ INTEGER, line INTEGER,
          p12 INTEGER, p11 INTEGER, p15 TEXT, "trips(1)" TEXT, "trips(2)" TEXT, "month(1)" INTEGER, "month(2)" INTEGER);
        INSERT INTO cases VALUES ('b', '02002', 0, 2.0, NULL), ('a', '01001', 0, 1.0, NULL),
          ('c', '03003', 1, 3.0, NULL);
        INSERT INTO "level-1" VALUES (1, 'b', 2, 2), (2, 'a', 1, 1), (3, 'c', 3, 3);
        INSERT INTO house_rec VALUES (1, 1, 0), (2, 2, 50.5), (3, 3, 1);
        INSERT INTO person_rec VALUES (1, 1, 1, 1, 9, 7, 'KEN', '3 ', '  ', NULL, NULL),
          (2, 2, 2, 2, 2, 98, 'UGA', '  ', '  ', NULL, NULL), (3, 2, 1, 1, 1, 34, 'KEN', '1a', '2b', 1, 2),
          (4, 3, 1, 1, 1, 1, 'KEN', '  ', '  ', NULL, NULL);
        """
    )
    connection.execute("INSERT INTO meta VALUES (3, '7.4.0', ?)", ["\ufeff" + INI.replace("\n", "\r\n")])
    if partial:
        connection.execute("UPDATE cases SET partial_save_mode = 'add' WHERE id = 'a'")
    connection.commit()
    connection.close()
    return path


def rows(extract):
    return pl.concat([part for _, part in extract.parts]).to_dict(as_series=False)


@pytest.fixture(params=["ini", "json"])
def dictionary(request, tmp_path):
    path = tmp_path / "census.dcf"
    path.write_text(INI if request.param == "ini" else as_json(INI), encoding="utf-8-sig")
    return path


def test_a_dictionary_is_a_codebook(dictionary):
    book = ms.codebook(dictionary)
    sex, age, country = (book.variable(name) for name in ("P12", "P11", "P15"))

    assert "Census" == book.label
    assert [("HOUSE_REC", "1", "", ""), ("PERSON_REC", "2", "HOUSE_REC", "case-key")] == [
        (one.name, one.value, one.parent, one.key) for one in book.records
    ]
    assert (1, 1) == (book.record_start, book.record_width)
    assert [("Sex", 9, 1, "PERSON_REC", "number")] == [(sex.label, sex.start, sex.width, sex.record, sex.kind)]
    assert (
        ValueLabel("1", "Male"), ValueLabel("2", "Female"), ValueLabel("9", "Missing", True),
        ValueLabel("", "Not applicable", True),
    ) == sex.values  # fmt: skip
    assert (ValueLabel("0..97", ""), ValueLabel("98", "Not known"), ValueLabel("99", "Not known")) == age.values
    assert (ValueLabel("KEN", "Kenya; east"), ValueLabel("UGA", "Uganda")) == country.values
    assert [("MONTH(1)", 15), ("MONTH(2)", 17)] == [(v.name, v.start) for v in book.variables if "MONTH" in v.name]
    assert 2 == book.variable("TRIPS").repeats


def test_text_is_read_by_its_dictionary(dictionary, tmp_path):
    path = tmp_path / "census.dat"
    path.write_text(TEXT)
    extract = read_extract(path, Format(kind="cspro", codebook=ms.codebook(dictionary), record="person"), ["P12"])
    found = rows(extract)

    assert PERSONS == {key: found[key] for key in PERSONS}
    assert ["01001", "01001", "02002"] == found["case-key"]


def test_a_person_without_its_household_is_no_row(tmp_path):
    (tmp_path / "census.dcf").write_text(INI)
    path = tmp_path / "census.dat"
    path.write_text(TEXT + "203003 1107KEN\n")
    extract = read_extract(
        path, Format(kind="cspro", codebook=ms.codebook(tmp_path / "census.dcf"), record="person"), []
    )

    assert 3 == len(rows(extract)["P12"])
    assert [(6, "case-key is not that of the HOUSE_REC above the record")] == [one[:2] for one in extract.malformed]


def test_a_data_file_has_the_same_columns_and_values_as_the_text(tmp_path):
    extract = read_extract(database(tmp_path / "a.csdb"), Format(kind="cspro", record="Person"), ["P12"])
    found = rows(extract)

    assert PERSONS == {key: found[key] for key in PERSONS}
    assert ["01001", "01001", "02002"] == found["case-key"]
    assert ["1", "2", "1"] == found["occ"]
    assert ["cases that were deleted in CSPro are not read"] == [one.what for one in extract.findings][1:]
    assert 1 == extract.findings[1].rows
    assert "Male" == extract.codebook.variable("p12").values[0].label


def test_cases_that_are_not_complete_are_told(tmp_path):
    opened = open_csdb(database(tmp_path / "a.csdb", partial=True))

    assert "cases that were saved before they were complete are read as they are" == opened.findings[-1].what


STRAY = "INSERT INTO person_rec VALUES (9, {}, 1, 1, 9, 7, 'KEN', '3 ', '  ', NULL, NULL)"


@pytest.mark.parametrize(
    "sql",
    [STRAY.format(77), STRAY.format("NULL"), "INSERT INTO \"level-1\" VALUES (9, 'gone', 1, 1);" + STRAY.format(9)],
    ids=["no level", "no key", "no case"],
)
def test_records_of_no_case_are_told(tmp_path, sql):
    path = database(tmp_path / "a.csdb")
    _changed(sql)(path)
    extract = read_extract(path, Format(kind="cspro", record="person"), [])

    assert [1] == [one.rows for one in extract.findings if "belong to no case" in one.what]
    assert 3 == len(rows(extract)["P12"])


def test_a_case_that_is_not_said_to_be_deleted_is_read(tmp_path):
    path = database(tmp_path / "a.csdb")
    _changed("UPDATE cases SET deleted = NULL")(path)

    assert 4 == len(rows(read_extract(path, Format(kind="cspro", record="person"), []))["P12"])


def test_a_table_whose_name_is_no_text_is_none(tmp_path):
    path = database(tmp_path / "a.csdb")
    _changed("CREATE TABLE other (id)")(path)
    _changed("PRAGMA writable_schema = ON; UPDATE sqlite_master SET name = CAST(name AS BLOB) WHERE name = 'other'")(
        path
    )

    assert 3 == len(rows(read_extract(path, Format(kind="cspro", record="person"), []))["P12"])
    _changed(
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET name = CAST(name AS BLOB) WHERE name = 'person_rec'"
    )(path)
    with pytest.raises(MigstatError, match="has no tables for"):
        open_csdb(path)


@pytest.mark.parametrize("kind", ["dat", "csdb"])
def test_both_are_harmonized_by_one_mapping(tmp_path, kind):
    (tmp_path / "census.dcf").write_text(INI)
    path = database(tmp_path / "a.csdb") if kind == "csdb" else tmp_path / "a.dat"
    if kind == "dat":
        path.write_text(TEXT)
    (tmp_path / "mapping.yaml").write_text(
        MAPPING.replace("FORMAT", "{kind: cspro, layout: census.dcf, record: person}")
    )
    run = ms.harmonize(path, tmp_path / "mapping.yaml").require()

    assert ["M", "F", "_N"] == run.records["SEX"].cast(pl.String).to_list()
    assert [34, None, 7] == run.records["AGE"].to_list()


def test_the_case_is_equal(shared):
    folder = shared / "cases" / "cspro"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    opened = open_csdb(folder / "ThreeLevelTest.csdb")

    assert expected["tables"] == opened.tables
    assert expected["meta"]["cspro_version"] == opened.version
    for table, wanted in expected["records"].items():
        trimmed = [{key: v.rstrip() if isinstance(v, str) else v for key, v in row.items()} for row in wanted]
        assert trimmed == list(opened.rows(table))
    assert ["COMPOUND_LEVEL", "HOUSING_UNIT_LEVEL", "HOUSEHOLD_LEVEL"] == [one.name for one in opened.dictionary.levels]


def test_the_records_of_the_case_are_rows_with_those_above_them(shared):
    path = shared / "cases" / "cspro" / "ThreeLevelTest.csdb"
    expected = json.loads(path.with_name("expected.json").read_text(encoding="utf-8"))["records"]
    found = rows(read_extract(path, Format(kind="cspro", record="PERSON_REC"), []))

    for table in (
        "level-1",
        "level-2",
        "level-3",
        "compound_info_rec",
        "housing_unit_rec",
        "household_rec",
        "person_rec",
    ):
        for key, value in expected[table][0].items():
            if key.endswith("-id") or (key == "occ" and table != "person_rec"):
                continue
            text = found[key if key == "occ" else key.upper()][0]
            if isinstance(value, str):
                assert (value.rstrip() or None) == text
            elif isinstance(value, float) and value > 1e50:
                assert "*" == text
            else:
                assert value == (None if text is None else float(text)), key


def test_the_dictionary_of_the_case_is_read(shared):
    book = ms.codebook(shared / "cases" / "cspro" / "TestDict.dcf")

    assert [("TESTDICT_ID", 2, 1), ("TEST_ITEM", 3, 30), ("TEST_IMAGE", 33, 1)] == [
        (one.name, one.start, one.width) for one in book.variables
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("01", "1"), ("000", "0"), ("-05.50", "-5.5"), (" 7 ", "7"), (".5", "0.5"), ("-0", "0"), ("10", "10"), ("*", "*")],
)
def test_a_number_is_what_cspro_shows(text, expected):
    assert expected == plain_number(text)


WRONG_DICTIONARIES = [
    (INI.replace("Start=9", "Start=x"), "a.dcf:66  P12\n  start=x is no number\n"),
    (INI.replace("Name=P11\n", "Name=P12\n"), "a.dcf:84  P12\n  the dictionary has two items of this name\n"),
    (INI.replace("Len=3\nDataType", "Len=0\nDataType"), "the item has no position or width\n"),
    (INI[: INI.index("[Record]")], "a.dcf\n  the dictionary has no record\n"),
    (INI.replace("Label=Rent", "Rent"), "a.dcf:42\n  the line is no key with a value\n"),
    (as_json(INI)[:-40], "is no JSON that can be read\n"),
    (
        as_json(INI).replace('"contentType"', '"content"'),
        "a.dcf\n  the dictionary lacks what CSPro writes: 'contentType'\n",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WRONG_DICTIONARIES)
def test_a_wrong_dictionary_is_told(tmp_path, text, expected):
    (tmp_path / "a.dcf").write_text(text)
    with pytest.raises(MigstatError) as error:
        ms.codebook(tmp_path / "a.dcf")

    assert expected in str(error.value)


def _cut(path):
    path.write_bytes(path.read_bytes()[:9000])


def _wal(path):
    path.with_name("a.csdb-wal").write_bytes(b"x")


def _without(table):
    def change(path):
        connection = sqlite3.connect(path)
        connection.execute(f"DROP TABLE {table}")
        connection.commit()
        connection.close()

    return change


def _evil(path):
    connection = sqlite3.connect(path)
    connection.executescript(
        "ALTER TABLE person_rec RENAME TO hidden; CREATE VIEW person_rec AS SELECT *, load_extension('x') FROM hidden;"
    )
    connection.close()


def _changed(sql):
    def change(path):
        connection = sqlite3.connect(path)
        connection.executescript(sql)
        connection.close()

    return change


CALCULATED = """\
DROP TABLE house_rec;
CREATE TABLE house_rec ("house_rec-id" INTEGER PRIMARY KEY, "level-1-id" INTEGER, a TEXT, rent AS (a || a));
INSERT INTO house_rec ("house_rec-id", "level-1-id", a) VALUES (1, 1, '1');
"""
TWICE = "a.csdb\n  has 3 records of PERSON_REC, which belong to more rows: a case, or a record above them, stands twice"
WRONG_FILES = [
    (_changed("INSERT INTO house_rec VALUES (9, 1, 5)"), "person", TWICE),
    (_changed("INSERT INTO cases SELECT * FROM cases"), "person", TWICE),
    (_changed(CALCULATED), "person", "a.csdb\n  does not hold house_rec.rent, which its dictionary names\n"),
    (_changed("UPDATE person_rec SET p15 = zeroblob(2000000)"), "person", "string or blob too big"),
    (_cut, "person", "a.csdb\n  the data file of CSPro ends too early: it was cut off\n"),
    (_wal, "person", "a.csdb\n  has changes in a.csdb-wal that are not yet in the file\n"
     "  Mend: open the file in CSPro and close it, then read it"),
    (_without("person_rec"), "person", "a.csdb\n  has no tables for PERSON_REC, which its dictionary names\n"),
    (_without("cases"), "person", "a.csdb\n  is a SQLite database, and no data file of CSPro\n"),
    (_evil, "person", "a.csdb\n  has no tables for PERSON_REC, which its dictionary names\n"),
    (lambda path: None, "", "a.csdb\n  has 2 types of record, and the format does not say which\n"
     "  Mend: write record: one of HOUSE_REC, PERSON_REC, under source.format"),
    (lambda path: None, "dog", "a.csdb\n  has no record 'dog'\n"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "record", "expected"), WRONG_FILES)
def test_a_wrong_data_file_is_told(tmp_path, change, record, expected):
    path = database(tmp_path / "a.csdb")
    change(path)
    with pytest.raises(MigstatError) as error:
        rows(read_extract(path, Format(kind="cspro", record=record), []))

    assert expected in str(error.value)


def test_text_without_a_dictionary_is_told(tmp_path):
    (tmp_path / "a.dat").write_text(TEXT)
    with pytest.raises(MigstatError) as error:
        read_extract(tmp_path / "a.dat", Format(kind="cspro", record="person"), [])

    assert (
        "a.dat\n  is no data file (.csdb): a text file of CSPro needs its dictionary\n"
        "  Mend: write layout: with the name of the dictionary (.dcf) beside the mapping, under source.format"
    ) == str(error.value)
