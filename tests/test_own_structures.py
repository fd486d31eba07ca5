"""An office's own structures and codelists, dropped into a folder: validated, harmonized into and tabulated."""

import json
import subprocess
import sys

import polars as pl
import pytest

import migstat as ms

HEADER = """\
id = "{id}"
agency = "NSO"
version = "1.0"
description = "Provinces of the country"
source = "The office's own list"
standing = "standard"
retrieved = 2026-01-31
licence = "CC-BY-4.0"

[names]
fr = "Provinces"
"""
PERSON = """\
id: NSO_PERSON
kind: record
version: 1.0
agency: NSO
names: {en: Person, fr: Personne, es: Persona, ar: شخص, ru: Лицо, zh: 个人}
description: A person of the office's own register.
unit: person
key: [REF_AREA, TIME_PERIOD, ROW]
components:
  REF_AREA: {role: attribute, codelist: CL_AREA, required: true, filled_by: source.area}
  TIME_PERIOD: {role: attribute, type: text, required: true, filled_by: source.date}
  ROW: {role: identifier, type: integer, minimum: 1, filled_by: row}
  SEX: {codelist: CL_SEX, required: true}
  REGION: {codelist: CL_PROVINCE, required: true}
  COUNTRY_BIRTH: {codelist: CL_COUNTRY_BIRTH, required: true}
"""
STOCK = """\
id: NSO_STOCK
kind: table
version: 1.0
agency: NSO
names: {en: Stock, fr: Stock, es: Stock, ar: رصيد, ru: Запас, zh: 存量}
description: People by province.
unit: cell
key: [REF_AREA, TIME_PERIOD, DEFINITION, MIGRANT, REGION, SEX, UNIT_MEASURE]
components:
  REF_AREA: {codelist: CL_AREA, required: true}
  TIME_PERIOD: {type: text, required: true}
  DEFINITION: {codelist: CL_MIG_DEF, required: true}
  MIGRANT: {codelist: CL_MIGRANT, required: true}
  REGION: {codelist: CL_PROVINCE, required: true}
  SEX: {codelist: CL_SEX, required: true}
  UNIT_MEASURE: {codelist: CL_UNIT_MEASURE, required: true}
  OBS_VALUE: {role: measure, type: number, minimum: 0, required: true}
"""
MAPPING = """\
id: NSO_REGISTER_2024
version: 1.0
into: structures/NSO_PERSON.yaml
source: {kind: administrative, by: The office, area: KEN, date: 2024, key: [ID], format: {kind: csv}}
rules:
  SEX: {from: SEX, recode: {1: M, 2: F}}
  REGION: {from: PROV, recode: {1: P01, 2: P02}}
  COUNTRY_BIRTH: {from: BORN, recode: {1: KEN, 2: UGA}}
"""


@pytest.fixture
def office(tmp_path):
    """A folder with a mapping, two structures, and a codelist of provinces with names in one language."""
    folder = tmp_path / "structures"
    folder.mkdir()
    (folder / "NSO_PERSON.yaml").write_text(PERSON, encoding="utf-8")
    (folder / "NSO_STOCK.yaml").write_text(STOCK, encoding="utf-8")
    table = "id,parent,name_fr,chief\nP01,,Nord,Kano\nP02,,Sud,Lira\n_T,,Total,\n_N,,Non déclaré,\n"
    (folder / "CL_PROVINCE.csv").write_text(table, encoding="utf-8")
    (folder / "CL_PROVINCE.toml").write_text(HEADER.format(id="CL_PROVINCE"), encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "people.csv").write_text("ID,SEX,PROV,BORN\n1,1,1,1\n2,2,1,2\n3,2,2,2\n", encoding="utf-8")
    return tmp_path


def test_its_structure_brings_its_codelists(office):
    found = ms.structure(str(office / "structures" / "NSO_PERSON.yaml"))

    assert ["CL_PROVINCE"] == list(found.codelists)
    assert "Nord" == found.codelists["CL_PROVINCE"].label("P01", "en")
    assert found == ms.read_structure(office / "structures", "NSO_PERSON")


def test_a_mapping_goes_into_it_and_tables_come_out_of_it(office):
    run = ms.harmonize(office / "people.csv", office / "mapping.yaml")

    assert run.ok, run.findings
    assert ["P01", "P01", "P02"] == run.records["REGION"].cast(pl.String).to_list()
    assert "NSO:NSO_PERSON(1.0)" == run.provenance["structure"]

    table = ms.tabulate(run, by="REGION,SEX", into=str(office / "structures" / "NSO_STOCK.yaml"))

    counts = table.frame.filter(MIGRANT="Y", SEX="_T").select("REGION", "OBS_VALUE")
    assert {"_T": 2.0, "P01": 1.0, "P02": 1.0} == dict(counts.iter_rows())


@pytest.mark.parametrize("format", ["ml30", "json20"])
def test_it_goes_out_and_comes_back(office, format, official):
    found = ms.read_structure(office / "structures", "NSO_PERSON")
    path = office / f"sent.{'json' if format == 'json20' else 'xml'}"
    ms.write_structure(found, path, format)

    read = ms.read_structure(path)

    assert [] == official.faults(path, format)
    assert found.ids == read.ids
    assert found.key == read.key
    assert found.codelists["CL_PROVINCE"] == read.codelists["CL_PROVINCE"]
    assert {one.id for one in ms.read_artefacts(path).agencies} == {"NSO", "MIGSTAT"} | (
        {"SDMX"} if any(one.agency == "SDMX" for one in read.codelists.values()) else set()
    )


@pytest.mark.parametrize("ending", ["xml", "json"])
def test_a_codelist_of_its_own_may_be_sdmx(office, ending):
    folder = office / "structures"
    ms.write_structure(ms.read_codelist(folder / "CL_PROVINCE.csv"), folder / f"CL_PROVINCE.{ending}")
    (folder / "CL_PROVINCE.csv").unlink()
    (folder / "CL_PROVINCE.toml").unlink()

    assert ("P01", "P02", "_T", "_N") == ms.read_structure(folder, "NSO_STOCK").codelists["CL_PROVINCE"].ids


def test_data_are_validated_against_a_dsd_that_was_dropped_in(office, shared):
    dsd = shared / "cases" / "sdmx" / "structure_ml21.xml"
    data = office / "data.csv"
    data.write_text(
        "FREQ,REF_AREA,SEX,AGE,C_BIRTH,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
        "A,AA,M,_T,AA,2020,900,A\nA,AA,X,_T,AA,2020,-5,A\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "migstat", "validate", str(data), "--structure", str(dsd), "--json"],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip

    failed = {one["id"] for one in json.loads(done.stdout)["rules"] if one["verdict"] == "fail"}
    assert 1 == done.returncode
    assert {"SEX.CODE", "OBS_VALUE.RANGE"} == failed


WRONG = {
    "outside": ("into: ../NSO_PERSON.yaml", "../NSO_PERSON.yaml lies outside the folder of the mapping",
                "copy the structure into the folder"),
    "missing": ("into: structures/OTHER.yaml", "there is no file structures/OTHER.yaml",
                "name a structure that ships, or a file of the folder"),
    "of tables": ("into: structures/NSO_STOCK.yaml", "NSO_STOCK describes tables, not records",
                  "name a record structure, such as CENSUS_PERSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_said_of_a_mapping_into_a_wrong_structure(office, name):
    line, what, mend = WRONG[name]
    (office.parent / "NSO_PERSON.yaml").write_text(PERSON, encoding="utf-8")
    text = MAPPING.replace("into: structures/NSO_PERSON.yaml", line)
    (office / "mapping.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ms.MigstatError) as caught:
        ms.check(office / "mapping.yaml")

    (found,) = caught.value.findings
    assert ("into", what, mend) == (found.component, found.what, found.mend)


def test_what_is_said_of_an_own_codelist_that_is_wrong(office):
    (office / "structures" / "CL_PROVINCE.csv").write_text("id,parent\nP01,\n", encoding="utf-8")
    (office / "structures" / "CL_PROVINCE.toml").unlink()

    with pytest.raises(ms.MigstatError) as caught:
        ms.read_structure(office / "structures", "NSO_STOCK")

    assert {"the header has no column of names", "cannot be read: No such file or directory"} == {
        one.what for one in caught.value.findings
    }
