"""Folders and zips of files of one layout: nothing of them is lost in silence, and each fault has its place."""

import warnings
import zipfile

import polars as pl
import pyreadstat
import pytest

import migstat as ms
from migstat.words.finding import MigstatError, Severity

MAPPING = """\
id: KEN_TEST
version: 1.0
into: CENSUS_PERSON
source: {kind: census, by: nobody, area: KEN, date: 2019, format: FORMAT}
rules:
  SEX: {from: SEX, recode: {1: M, 2: F}}
  AGE: {not_collected: a test}
  COUNTRY_BIRTH: {not_collected: a test}
  CITIZENSHIP: {not_collected: a test}
  RESID_5Y: {not_collected: a test}
  YEAR_ARRIVAL: {not_collected: a test}
  MIG_REASON: {not_collected: a test}
"""
ROWS = "SEX,YEAR\n1,2019\n2,2018\n"


@pytest.fixture
def mapping(tmp_path):
    def write(format="{kind: csv}"):
        path = tmp_path / "mapping.yaml"
        path.write_text(MAPPING.replace("FORMAT", format), encoding="utf-8")
        return path

    return write


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "data"
    made.mkdir()
    return made


def warned(run):
    return [str(one) for one in run.findings if one.severity == Severity.WARNING]


def test_data_that_is_not_read_is_told(mapping, folder):
    (folder / "a.csv").write_text(ROWS, encoding="utf-8")
    (folder / "_b.csv").write_text(ROWS, encoding="utf-8")
    (folder / "_SUCCESS").write_text("x", encoding="utf-8")
    (folder / ".c.csv").write_text(ROWS, encoding="utf-8")
    (folder / "e.csv.zip").write_bytes(b"PK")
    pyreadstat.write_sav(pl.DataFrame({"SEX": ["1"]}).to_pandas(), str(folder / "d.sav"))

    run = ms.harmonize(folder, mapping())

    expected = (
        "data\n  not read, though they may hold rows: _b.csv, d.sav, e.csv.zip\n"
        '  Mend: take them out, or say what is read: source.format.member: "*.csv"'
    )
    assert [expected] == warned(run)
    assert 2 == run.step("read").rows


def test_what_the_format_names_is_read_and_the_rest_is_not_told(mapping, folder):
    (folder / "a.csv").write_text(ROWS, encoding="utf-8")
    (folder / "b.tsv").write_text(ROWS, encoding="utf-8")

    run = ms.harmonize(folder, mapping('{kind: csv, member: "*.csv"}'))

    assert [] == warned(run)
    assert 2 == run.step("read").rows


def test_a_folder_of_another_kind_says_how_it_is_read(mapping, folder):
    pyreadstat.write_sav(pl.DataFrame({"SEX": ["1"]}).to_pandas(), str(folder / "d.sav"))

    with pytest.raises(MigstatError) as raised:
        ms.harmonize(folder, mapping("{kind: spss}"))

    expected = (
        "data\n  the folder holds no data files: d.sav\n"
        '  Mend: name a file, or another folder, or say what is read: source.format.member: "*.sav"'
    )
    assert expected == str(raised.value)


def test_columns_in_another_order_are_read_by_name(mapping, folder):
    (folder / "a.csv").write_text(ROWS, encoding="utf-8")
    (folder / "b.csv").write_text("YEAR,SEX\n1,2\n", encoding="utf-8")

    run = ms.harmonize(folder, mapping())

    assert ["M", "F", "F"] == run.records["SEX"].cast(pl.String).to_list()


def test_a_fault_has_its_place_in_the_folder(mapping, folder):
    for year, text in (("2018", ROWS), ("2019", ""), ("2020", "SEKS\n1\n"), ("2021", "SEX\n1\n\0\0\n")):
        (folder / f"Y={year}").mkdir()
        (folder / f"Y={year}" / "part.csv").write_text(text, encoding="utf-8")

    with pytest.raises(MigstatError) as raised:
        ms.harmonize(folder, mapping())

    places = [str(one.place) for one in raised.value.findings]
    assert [f"data/Y={year}/part.csv" for year in ("2019", "2020", "2021")] == places


def test_a_fault_met_while_reading_has_its_place_and_leaves_nothing(mapping, folder, tmp_path):
    for year in ("2018", "2019"):
        (folder / f"Y={year}").mkdir()
        (folder / f"Y={year}" / "part.csv").write_text("SEX\n" + "1\n" * 1_000_000, encoding="utf-8")
    with (folder / "Y=2019" / "part.csv").open("ab") as file:
        file.write(b"\xff\xff\n")

    with pytest.raises(MigstatError) as raised:
        ms.harmonize(folder, mapping(), into=tmp_path / "out")

    assert ["data/Y=2019/part.csv"] == [str(one.place) for one in raised.value.findings]
    assert [] == list((tmp_path / "out").glob("*"))


def test_folders_that_say_another_value_than_their_files_are_told(mapping, folder):
    (folder / "YEAR=2019").mkdir()
    (folder / "YEAR=2019" / "a.csv").write_text(ROWS, encoding="utf-8")

    run = ms.harmonize(folder, mapping())

    expected = (
        "data  YEAR\n"
        "  the names of the folders say another YEAR than the files in them, and the folders are believed  (1 row)\n"
        "  Mend: rename the folders, or take the column out of the files"
    )
    assert [expected] == warned(run)


def packed(path, members):
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "w") as archive:
        for name, text in members:
            archive.writestr(name, text)
    return path


def test_a_zip_with_one_name_twice_is_refused(mapping, tmp_path):
    path = packed(tmp_path / "data.zip", [("a.csv", ROWS), ("a.csv", "SEX,YEAR\n2,1\n")])

    with pytest.raises(MigstatError) as raised:
        ms.harmonize(path, mapping('{kind: csv, member: "*.csv"}'))

    expected = (
        "data.zip\n  the zip holds a.csv twice, and one hides the other\n"
        "  Mend: unpack it, give them names of their own, and name the folder"
    )
    assert expected == str(raised.value)


def test_a_member_that_is_not_read_is_told(mapping, tmp_path):
    path = packed(tmp_path / "data.zip", [("a.csv", ROWS), ("b.sav", "$FL2"), ("notes.pdf", "%PDF")])

    run = ms.harmonize(path, mapping())

    expected = (
        "data.zip\n  not read, though they may hold rows: b.sav\n"
        '  Mend: take them out, or say what is read: source.format.member: "*.csv"'
    )
    assert [expected] == warned(run)


@pytest.mark.parametrize("name", ["data.csv", "data.parquet", "data.xlsx", "data.sav", "data"])
def test_a_file_without_rows_is_told(mapping, tmp_path, name):
    frame = pl.DataFrame(schema={"SEX": pl.String, "YEAR": pl.String})
    path = tmp_path / name
    match path.suffix:
        case ".parquet":
            frame.write_parquet(path)
        case ".xlsx":
            frame.write_excel(path)
        case ".sav":
            pyreadstat.write_sav(frame.to_pandas(), str(path))
        case ".csv":
            frame.write_csv(path)
        case _:
            path.mkdir()
            frame.write_csv(path / "a.csv")
            frame.write_csv(path / "b.csv")

    run = ms.harmonize(path, mapping(), into=tmp_path / "out")

    said = f"{name}\n  has columns and no rows\n  Mend: check that it is the right file, and whole"
    assert said in warned(run)
    assert run.ok
    assert 0 == run.step("read").rows


@pytest.mark.parametrize("given", ["into", "trace"])
def test_nothing_is_written_over_what_is_read(mapping, tmp_path, given):
    source = tmp_path / "KEN_TEST.records.parquet"
    pl.DataFrame({"SEX": ["1"]}).write_parquet(source)
    before = source.read_bytes()

    with pytest.raises(MigstatError) as raised:
        ms.harmonize(source, mapping(), **{given: tmp_path if given == "into" else source})

    expected = "KEN_TEST.records.parquet\n  would be written over while it is read\n  Mend: name another file or folder"
    assert expected == str(raised.value)
    assert before == source.read_bytes()


@pytest.mark.parametrize("into", ["data", "data/out"])
def test_nothing_is_written_among_the_files_that_are_read(mapping, folder, tmp_path, into):
    (folder / "a.csv").write_text(ROWS, encoding="utf-8")

    with pytest.raises(MigstatError) as raised:
        ms.harmonize(folder, mapping(), into=tmp_path / into)

    expected = (
        "data\n  records would be written among the files that are read, and be read with them next time\n"
        "  Mend: name a folder outside of it"
    )
    assert expected == str(raised.value)
    assert ["a.csv"] == [path.name for path in folder.iterdir()]
