"""Kinds of extracts: SDMX messages, dictionaries of REDATAM, the keys of each kind, and what is told of a wrong one."""

import gzip

import pandas as pd
import polars as pl
import pyreadstat
import pytest

import migstat as ms
from migstat.read.extracts import read_extract
from migstat.read.source_extracts import read_source
from migstat.words.codebook import ValueLabel
from migstat.words.finding import MigstatError
from migstat.words.source import Format

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
  key: [HH]
  format: FORMAT
rules:
  SEX: {from: P12, recode: {1: M, 2: F}}
  AGE: {not_collected: a test}
  COUNTRY_BIRTH: {not_collected: a test}
  CITIZENSHIP: {not_collected: a test}
  RESID_5Y: {not_collected: a test}
  YEAR_ARRIVAL: {not_collected: a test}
  MIG_REASON: {not_collected: a test}
"""
CSV = """\
STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,SEX,OBS_VALUE
dataflow,EX:STOCK(1.0),I,KEN,M,10
dataflow,EX:STOCK(1.0),I,UGA,F,
dataflow,EX:STOCK(1.0),D,UGA,M,4
"""
ML = """\
<?xml version="1.0" encoding="UTF-8"?>
<mes:StructureSpecificData xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
  xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific"
  xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
  <mes:Header><mes:ID>T</mes:ID><mes:Test>false</mes:Test><mes:Prepared>2020-01-01T00:00:00</mes:Prepared>
    <mes:Sender id="EX"/><mes:Structure structureID="S" dimensionAtObservation="TIME_PERIOD"><com:Structure>
    <Ref agencyID="EX" id="STOCK" version="1.0"/></com:Structure></mes:Structure></mes:Header>
  <mes:DataSet ss:structureRef="S" ss:dataScope="DataStructure" ss:action="Information">
    <Series REF_AREA="KEN" SEX="M"><Obs TIME_PERIOD="2019" OBS_VALUE="10"/>
      <Obs TIME_PERIOD="2020" OBS_VALUE="11"/></Series>
  </mes:DataSet>
</mes:StructureSpecificData>
"""
DICX = """\
<?xml version="1.0" encoding="UTF-8"?>
<redDictionary_XML>
 <root>
  <name>PAIS</name><label>Country</label>
  <entity><name>VIVIENDA</name><label>Dwelling</label>
   <variable><name>V01</name><label>Tipo</label><varType>INTEGER</varType>
    <range><rangeMin>1</rangeMin><rangeMax>8</rangeMax></range></variable>
   <entity><name>PERSONA</name><label>Person</label>
    <variable><name>P02</name><label>Sexo</label><varType>INTEGER</varType><missing>9</missing>
     <valueLabels><valueLabel><value>1</value><label>Hombre</label></valueLabel>
      <valueLabel><value>2</value><label>Mujer</label></valueLabel>
      <valueLabel><value>9</value><label>Ignorado</label></valueLabel></valueLabels></variable>
    <variable><name>INGRESO</name><label>Ingreso</label><varType>REAL</varType></variable>
   </entity>
  </entity>
 </root>
</redDictionary_XML>
"""


def rows(extract):
    return pl.concat([part for _, part in extract.parts]).to_dict(as_series=False)


def test_sdmx_csv_is_an_extract_and_deleted_rows_are_told(tmp_path):
    (tmp_path / "a.csv").write_text(CSV)
    extract = read_source(tmp_path / "a.csv", Format(kind="sdmx"), ["REF_AREA"])

    assert {"REF_AREA": ["KEN", "UGA"], "SEX": ["M", "F"], "OBS_VALUE": ["10", None]} == rows(extract)
    assert ["rows whose action is to delete are not read: they are no observations"] == [
        one.what for one in extract.findings
    ]
    assert 1 == extract.findings[0].rows


@pytest.mark.parametrize("kind", ["sdmx", "csv"])
def test_sdmx_ml_is_an_extract_also_where_the_mapping_says_csv(tmp_path, kind):
    (tmp_path / "a.xml").write_text(ML)
    extract = read_source(tmp_path / "a.xml", Format(kind=kind), ["REF_AREA"], ["SEX"])
    found = rows(extract)

    assert {"REF_AREA": ["KEN", "KEN"], "TIME_PERIOD": ["2019", "2020"], "OBS_VALUE": ["10", "11"]} == found
    assert (kind == "csv") == bool(extract.findings)


def test_a_message_is_harmonized_end_to_end(tmp_path):
    text = CSV.replace("REF_AREA,SEX", "HH,P12").replace("KEN,M", "1,1").replace("UGA,F", "2,2")
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("FORMAT", "{kind: sdmx}"))
    run = ms.harmonize(tmp_path / "a.csv", tmp_path / "mapping.yaml").require()

    assert ["M", "F"] == run.records["SEX"].cast(pl.String).to_list()


def test_plain_csv_is_no_message(tmp_path):
    (tmp_path / "a.csv").write_text("HH,P12\n1,2\n")
    with pytest.raises(MigstatError) as error:
        read_source(tmp_path / "a.csv", Format(kind="sdmx"), [])

    assert "a.csv\n  is CSV, and no SDMX message\n  Mend: write kind: csv under source.format" == str(error.value)


def test_a_dictionary_of_redatam_is_a_codebook(tmp_path):
    (tmp_path / "a.dicx").write_text(DICX)
    book = ms.codebook(tmp_path / "a.dicx")

    assert [("PAIS", ""), ("VIVIENDA", "PAIS"), ("PERSONA", "VIVIENDA")] == [(r.name, r.parent) for r in book.records]
    assert [("V01", "Tipo", "VIVIENDA"), ("P02", "Sexo", "PERSONA"), ("INGRESO", "Ingreso", "PERSONA")] == [
        (one.name, one.label, one.record) for one in book.variables
    ]
    assert (ValueLabel("1", "Hombre"), ValueLabel("2", "Mujer"), ValueLabel("9", "Ignorado", True)) == (
        book.variable("P02").values
    )
    assert (ValueLabel("1..8", ""),) == book.variable("V01").values
    assert "number" == book.variable("INGRESO").kind


WRONG_DICTIONARIES = [
    ("a.dicx", b"<redDictionary_XML><root><name>A</name></root></redDictionary_XML>",
     "a.dicx\n  the dictionary has no variable\n  Mend: check that this is the right file"),
    ("a.dicx", DICX.replace("<name>P02</name>", "").encode(),
     "a.dicx:9\n  a variable of PERSONA has no name\n  Mend: ask the office for the dictionary again"),
    ("a.dicx", DICX[:700].encode(), "ends too early: it was cut off"),
    ("a.dicx", b'<!DOCTYPE x [<!ENTITY a "b">]><redDictionary_XML/>', "declares a document type"),
    ("a.dic", b"RDTM\0\0\1\2" * 40, "a.dic\n  is an old dictionary of REDATAM (.dic), which cannot be read\n"
     "  Mend: save it as .dicx in REDATAM 7, or export its labels as CSV or SPSS"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "expected"), WRONG_DICTIONARIES)
def test_a_wrong_dictionary_of_redatam_is_told(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MigstatError) as error:
        ms.codebook(tmp_path / name)

    assert expected in str(error.value)


SAV = "the file again, or copy it again: its size or checksum will differ"
WRONG_FILES = [
    # The mapping says one kind, the file is another that cannot be read.
    ("a.sav", b"HH,P12\n1,2\n", "spss", "a.sav\n  is not an SPSS file\n"
     "  Mend: set kind: to what it is under source.format, such as csv"),
    ("a.dta", b"HH,P12\n1,2\n", "stata", "a.dta\n  is not a Stata file\n"
     "  Mend: set kind: to what it is under source.format, such as csv"),
    ("a.csv", b"HH,P12\n1,2\n", "table", "a.csv\n  is a file, and the mapping reads a table of a database\n"
     "  Mend: name the database after the mapping: duckdb:///file.duckdb, or postgresql://server/database"),
    ("a.db", b"SQLite format 3\0" + bytes(200), "csv", "a.db\n  is a SQLite database, and no data file of CSPro\n"
     "  Mend: export the table as CSV or Parquet"),
    ("a.sas7bdat", b"%PDF-1.4", "sas", "a.sas7bdat\n  is a PDF file\n  Mend: save the data as CSV UTF-8"),
    # Damaged files of packages.
    ("a.sav", b"$FL2@(#) SPSS DATA FILE" + bytes(99), "spss",
     "a.sav\n  is an SPSS file (.sav) that is damaged or was cut off (Unable to read from file)\n"
     f"  Mend: ask the sender for {SAV}"),
    ("a.dta", b"<stata_dta><header>", "stata", "a.dta\n  is a Stata file (.dta) that is damaged or was cut off"),
    ("a.xpt", b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + b"0" * 30, "sas",
     f"a.xpt\n  is not whole: a SAS transport file has a multiple of 80 bytes\n  Mend: ask the sender for {SAV}"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "kind", "expected"), WRONG_FILES)
def test_a_wrong_file_is_told(tmp_path, name, content, kind, expected):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MigstatError) as error:
        rows(read_source(tmp_path / name, Format(kind=kind), []))

    assert expected in str(error.value)


def test_a_file_that_was_cut_off_is_told_and_never_short(tmp_path):
    frame = pd.DataFrame({"A": [float(at) for at in range(500)]})
    for name, write in (("a.sav", pyreadstat.write_sav), ("a.dta", pyreadstat.write_dta)):
        write(frame, tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) * 2 // 3])
        with pytest.raises(MigstatError) as error:
            rows(read_extract(tmp_path / name, Format(), []))

        assert "cut off" in str(error.value)


def test_a_catalog_is_no_table_and_a_table_no_catalog(root, tmp_path):
    for name in ("people.sas7bdat", "formats.sas7bcat"):
        (tmp_path / name).write_bytes(gzip.decompress((root / "tests" / "files" / f"{name}.gz").read_bytes()))
    with pytest.raises(MigstatError) as error:
        read_extract(tmp_path / "formats.sas7bcat", Format(kind="sas"), [])

    assert (
        "formats.sas7bcat\n  is a SAS catalog (.sas7bcat): it holds labels, and no rows\n"
        "  Mend: name the table, and write layout: with the name of the catalog, under source.format"
    ) == str(error.value)


def test_the_catalog_beside_the_mapping_gives_labels(root, tmp_path):
    for name in ("people.sas7bdat", "formats.sas7bcat"):
        (tmp_path / name).write_bytes(gzip.decompress((root / "tests" / "files" / f"{name}.gz").read_bytes()))
    text = MAPPING.replace("FORMAT", "{kind: sas, layout: formats.sas7bcat}").replace("[HH]", "[DISTRICT]")
    (tmp_path / "mapping.yaml").write_text(text.replace("from: P12", "from: SEX"))
    found = [str(one) for one in ms.harmonize(tmp_path / "people.sas7bdat", tmp_path / "mapping.yaml").findings]

    assert any("no rule for SEX = '.r' (Refused)  (1 row" in one for one in found)
    assert any("no rule for SEX = '9'  (1 row" in one for one in found)


KEYS = [
    ("{kind: exel}", "kind: exel is not known\n  Mend: write excel"),
    ("{kind: csv, sheet: A}", "sheet: says nothing of a file of the kind csv\n"
     "  Mend: write kind: excel, or take sheet away"),
    ("{kind: spss, table: A}", "table: says nothing of a file of the kind spss\n"
     "  Mend: write kind: table, or take table away"),
    ("{kind: excel, record: A, sheet: B}", "record: says nothing of a file of the kind excel\n"
     "  Mend: write kind: cspro, or take record away"),
    ("{kind: excel, header: first}", "header: first is not a whole number it can take\n"
     "  Mend: write a whole number, 1 or more"),
    ("{kind: excel, header: 0}", "header: 0 is not a whole number it can take\n"
     "  Mend: write a whole number, 1 or more"),
    ("{kind: cspro, layout: none.dcf}", "there is no file none.dcf"),
    ("{kind: cspro, layout: ../x.dcf}", "../x.dcf lies outside the folder of the mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "expected"), KEYS)
def test_a_wrong_key_is_told(tmp_path, format, expected):
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("FORMAT", format))
    with pytest.raises(MigstatError) as error:
        ms.read_mapping(tmp_path / "mapping.yaml")

    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("format", "header"), [("{kind: excel}", -1), ("{kind: excel, header: auto}", -1), ("{kind: excel, header: 3}", 3)]
)
def test_the_header_of_a_sheet_is_looked_for_where_it_is_not_said(tmp_path, format, header):
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("FORMAT", format))

    assert header == ms.read_mapping(tmp_path / "mapping.yaml").source.format.header


@pytest.mark.parametrize("ending", [".sav", ".dta", ".xpt"])
def test_a_statistical_file_is_its_own_codebook(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    frame = pd.DataFrame({"SEX": [1.0, 2.0]})
    write = {".sav": pyreadstat.write_sav, ".dta": pyreadstat.write_dta, ".xpt": pyreadstat.write_xport}[ending]
    write(frame, path, column_labels={"SEX": "Sex"})

    assert "Sex" == ms.codebook(path).variable("sex").label
