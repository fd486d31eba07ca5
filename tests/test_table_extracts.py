"""Published tables: wide and long, CSV and workbooks, suppressed and missing; UN DESA's sums against its totals."""

import zipfile
from pathlib import Path

import polars as pl
import pytest

import migstat as ms

HEAD = """\
id: T
version: 1.0
into: MIGRANT_STOCK
source: {kind: administrative, by: An office, area: IRL, date: 2019}
"""
WIDE = (
    HEAD
    + """\
table:
  unpivot: {columns: 2018..2020, into: YEAR, value: N}
  suppressed: ["*"]
  missing: [".."]
  thousands: ","
rules:
  TIME_PERIOD: {from: YEAR}
  CITIZENSHIP: {from: Nationality, codes: iso3, besides: {Kenyan: KEN}}
  DEFINITION: {fixed: FOREIGN_CITIZEN}
"""
)
CELLS = 'Nationality,2018,2019,2020\nKenyan,"1,200",*,3\nuga,..,0,4\n'


def read(tmp_path, mapping, cells, name="table.csv"):
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / name).write_text(cells, encoding="utf-8")
    return ms.read_table(tmp_path / name, tmp_path / "mapping.yaml")


def test_a_wide_table(tmp_path):
    table = read(tmp_path, WIDE, CELLS)
    rows = table.frame.select("CITIZENSHIP", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").rows()

    assert sorted(rows) == [
        ("KEN", "2018", 1200.0, "A"),
        ("KEN", "2019", None, "Q"),
        ("KEN", "2020", 3.0, "A"),
        ("UGA", "2018", None, "O"),
        ("UGA", "2019", 0.0, "A"),
        ("UGA", "2020", 4.0, "A"),
    ]
    assert {("IRL", "_T", "FOREIGN_CITIZEN", "ADMINISTRATIVE")} == set(
        table.frame.select("REF_AREA", "COUNTRY_BIRTH", "DEFINITION", "SOURCE_TYPE").rows()
    )
    assert () == table.findings


def test_points_that_part_thousands_are_no_fractions_where_the_mapping_says_so(tmp_path):
    mapping = WIDE.replace("date: 2019}", 'date: 2019, format: {delimiter: ";", decimal: ","}}')
    cells = "Nationality;2018;2019;2020\nKenyan;1.200;2;3\n"
    said = read(tmp_path, mapping.replace('thousands: ","', 'thousands: "."'), cells)
    unsaid = read(tmp_path, mapping.replace('  thousands: ","\n', ""), cells)

    assert ([1200.0, 2.0, 3.0], ()) == (said.frame.sort("TIME_PERIOD")["OBS_VALUE"].to_list(), said.findings)
    assert [("2018", "thousands")] == [(one.component, one.rule) for one in unsaid.findings]


def test_a_written_table_is_read_back(tmp_path):
    table = read(tmp_path, WIDE, CELLS)
    ms.write_table(table, tmp_path / "t.parquet")
    back = ms.read_table(tmp_path / "t.parquet")

    assert table.frame.equals(back.frame)
    assert "MIGRANT_STOCK" == back.structure.id


def test_check_tells_of_a_published_table_too(tmp_path):
    (tmp_path / "mapping.yaml").write_text(WIDE.replace("FOREIGN_CITIZEN", "FOREIGN_CITIZENS"), encoding="utf-8")
    found = ms.check(tmp_path / "mapping.yaml")

    assert ["CL_MIG_DEF has no code 'FOREIGN_CITIZENS'"] == [one.what for one in found]


def test_a_value_without_a_rule_is_an_error_with_its_rows(tmp_path):
    found = read(tmp_path, WIDE, CELLS + "Atlantis,1,2,3\n").findings

    assert [("no rule for Nationality = 'Atlantis'", 3)] == [(one.what, one.rows) for one in found]


def test_cells_that_stand_twice(tmp_path):
    same = read(tmp_path, WIDE, CELLS + "uga,..,0,4\n").findings
    other = read(tmp_path, WIDE, CELLS + "uga,..,1,4\n").findings

    assert [("cells stand again with the same value, and are kept once", 3)] == [(one.what, one.rows) for one in same]
    assert other[-1].what == (
        "cells stand more than once with different values, such as FREQ A, REF_AREA IRL, TIME_PERIOD 2019, "
        "DEFINITION FOREIGN_CITIZEN, MIGRANT Y, CITIZENSHIP UGA, UNIT_MEASURE PS"
    )


def test_rows_that_end_in_one_cell_are_added_where_the_mapping_says_so(tmp_path):
    mapping = WIDE.replace("  thousands", "  add: true\n  thousands").replace(
        "{Kenyan: KEN}", "{Kenyan: KEN, Masai: KEN}"
    )
    table = read(tmp_path, mapping, CELLS + "Masai,5,1,2\n")
    kenyans = table.frame.filter(CITIZENSHIP="KEN").select("TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").rows()

    assert [("2018", 1205.0, "A"), ("2019", None, "Q"), ("2020", 5.0, "A")] == sorted(kenyans)
    assert () == table.findings


WRONG = {
    "table does not say which column holds its figures": ("unpivot: {columns: 2018..2020, into: YEAR, value: N}", ""),
    "unpivot has no 'into'": ("into: YEAR, ", ""),
    "into: CENSUS_PERSON is a record structure, and the mapping speaks of a published table": (
        "MIGRANT_STOCK",
        "CENSUS_PERSON",
    ),
    "codes: iso4 is not known": ("codes: iso3", "codes: iso4"),
    "codes is for areas and citizenships of a published table": (
        "DEFINITION: {fixed: FOREIGN_CITIZEN}",
        "SEX: {from: YEAR, codes: iso3}",
    ),
    "table has no key 'suppresed'": ("suppressed:", "suppresed:"),
    "the extract has no such column": ("2018..2020", "2017..2020"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_mappings(tmp_path, what):
    before, after = WRONG[what]
    assert before in WIDE
    with pytest.raises(ms.MigstatError) as error:
        read(tmp_path, WIDE.replace(before, after), CELLS)

    assert any(what in one.what for one in error.value.findings), str(error.value)


def test_a_mapping_of_records_reads_no_table(root):
    with pytest.raises(ms.MigstatError, match="the mapping does not speak of a published table"):
        ms.read_table("x.csv", root / "examples" / "usa_acs_2018" / "mapping.yaml")


def test_a_mapping_of_a_table_makes_no_records(tmp_path):
    read(tmp_path, WIDE, CELLS)
    with pytest.raises(ms.MigstatError, match="the mapping speaks of a published table, not of records"):
        ms.harmonize(tmp_path / "table.csv", tmp_path / "mapping.yaml")


def workbook(path, lines):
    """The least workbook there can be: one sheet, ``Table 1``, of texts."""
    spread = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    rows = [
        f'<row r="{number}">'
        + "".join(
            f'<c r="{"ABCDEFGH"[at]}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for at, cell in enumerate(line)
            if cell != ""
        )
        + "</row>"
        for number, line in enumerate(lines, 1)
    ]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{spread}" xmlns:r="{office}"><sheets>'
        '<sheet name="Table 1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{spread}"><sheetData>{"".join(rows)}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in parts.items():
            packed.writestr(name, text)


def test_a_workbook(tmp_path):
    pytest.importorskip("fastexcel", reason="needs fastexcel, of the extra excel")
    lines = [["A title"], [], ["", "Code", "Men", "", "Women", ""], ["", "", 1990, 2000, 1990, 2000]]
    workbook(tmp_path / "table.xlsx", [*lines, ["Kenya", 404, 5, 6, 7, "*"]])
    mapping = WIDE.replace("columns: 2018..2020", 'columns: ["1990 (2)", "2000 (2)"]').replace(
        "unpivot:", "sheet: Table 1\n  header: Code\n  header_rows: 2\n  unpivot:"
    )
    mapping = mapping.replace("{from: YEAR}", '{from: YEAR, recode: {"1990 (2)": 1990, "2000 (2)": 2000}}')
    mapping = mapping.replace("Nationality, codes: iso3, besides: {Kenyan: KEN}", "Code, codes: m49")
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    table = ms.read_table(tmp_path / "table.xlsx", tmp_path / "mapping.yaml")
    rows = table.frame.select("CITIZENSHIP", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS").rows()

    assert [("KEN", "1990", 7.0, "A"), ("KEN", "2000", None, "Q")] == rows
    (tmp_path / "other.yaml").write_text(mapping.replace("Table 1", "Table 2"), encoding="utf-8")
    with pytest.raises(ms.MigstatError, match="has no sheet 'Table 2'"):
        ms.read_table(tmp_path / "table.xlsx", tmp_path / "other.yaml")


def test_what_is_no_workbook_is_said_to_be_none(tmp_path):
    pytest.importorskip("fastexcel", reason="needs fastexcel, of the extra excel")
    with pytest.raises(ms.MigstatError, match="cannot be read as a workbook"):
        read(tmp_path, WIDE, "not a workbook", name="table.xlsx")


# UN DESA, beside the repository

UN = """\
id: UNDESA_{id}
version: 1.0
into: MIGRANT_STOCK
source: {{kind: estimate, name: International Migrant Stock, by: UN DESA, area: M49_001}}
table: {table}
{keep}
rules:
  REF_AREA: {area}
  {more}
  TIME_PERIOD: {{from: {year}}}
  DEFINITION: {{fixed: FOREIGN_BORN}}
"""
BESIDES = "besides: {gbm: IMN, nld_curacao: CUW, hos: VAT}"


def un_mapping(folder, id, **parts) -> Path:
    path = folder / f"{id}.yaml"
    path.write_text(UN.format(id=id, **{"keep": "", "more": "", **parts}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def undesa(shared, tmp_path_factory):
    """The 2019 revision with its unknown origins, and the totals of the 2020 revision."""
    data, folder = shared / "data", tmp_path_factory.mktemp("un")
    ddf = data / "undesa_ims_2019_ddf"
    no_code = "because: there is no code for the Channel Islands together"
    bilateral = un_mapping(
        folder,
        "B2019",
        table="{value: migrant_stock, vintage: 2019 revision}",
        keep=f"keep: [{{when: \"destination <> 'chanisl' and origin <> 'chanisl'\", {no_code}}}]",
        area=f"{{from: destination, codes: iso3, {BESIDES}}}",
        more=f"COUNTRY_BIRTH: {{from: origin, codes: iso3, {BESIDES}}}",
        year="year",
    )
    totals = un_mapping(
        folder,
        "T2019",
        table="{value: immigrant_stock, vintage: 2019 revision}",
        keep=f"keep: [{{when: \"geo <> 'chanisl'\", {no_code}}}]",
        area=f"{{from: geo, codes: iso3, {BESIDES}}}",
        year="year",
    )
    files = (
        "ddf--datapoints--migrant_stock--by--destination--origin--year.csv.gz",
        ("ddf--datapoints--immigrant_stock--by--geo--year.csv"),
    )
    return ms.read_table(ddf / files[0], bilateral), ms.read_table(ddf / files[1], totals)


def test_undesa_origins_against_totals_and_the_unknown_carried(undesa):
    parts, totals = undesa
    whole = ms.add_totals(parts, totals)
    sums = (
        whole.frame.filter(pl.col("COUNTRY_BIRTH") != "_T")
        .group_by("REF_AREA", "TIME_PERIOD")
        .agg(pl.col("OBS_VALUE").sum().alias("sum"))
    )
    both = sums.join(whole.frame.filter(COUNTRY_BIRTH="_T"), on=["REF_AREA", "TIME_PERIOD"])
    unknown = whole.frame.filter(COUNTRY_BIRTH="_U")
    published = parts.frame.group_by("REF_AREA", "TIME_PERIOD").agg(pl.col("OBS_VALUE").sum().alias("sum"))
    gaps = published.join(totals.frame, on=["REF_AREA", "TIME_PERIOD"]).filter(pl.col("OBS_VALUE") > pl.col("sum"))

    assert (both["sum"] == both["OBS_VALUE"]).all()
    assert gaps.height == unknown.height
    assert (gaps["OBS_VALUE"] - gaps["sum"]).sum() == unknown["OBS_VALUE"].sum() == whole.metadata["unknown"]
    # Nowhere is the sum of origins above the total, but where the Channel Islands, which are left out, are an origin.
    assert () == whole.findings


def test_undesa_workbook_and_vintages(shared, tmp_path, undesa):
    pytest.importorskip("fastexcel", reason="needs fastexcel, of the extra excel")
    mapping = un_mapping(
        tmp_path,
        "W2020",
        table='{sheet: Table 1, header: Location code, vintage: 2020 revision, missing: [".."], unpivot: '
        "{columns: [1990, 1995, 2000, 2005, 2010, 2015, 2020], into: YEAR, value: STOCK}}",
        keep="keep: [{column: Location code, is: [900, 1..829, 831..895], because: the world and its countries}]",
        area="{from: Location code, codes: m49, besides: {900: M49_001}}",
        year="YEAR",
    )
    new = ms.read_table(
        shared / "data" / "undesa_ims_2020_totals" / "undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx", mapping
    )
    world = new.frame.filter(REF_AREA="M49_001").sort("TIME_PERIOD")["OBS_VALUE"].to_list()
    of_2020 = dict(new.frame.filter(TIME_PERIOD="2020").select("REF_AREA", "OBS_VALUE").iter_rows())
    done = ms.combine({"OLD": undesa[1], "NEW": new})
    one = done.comparisons[0]

    assert () == new.findings
    assert [152986157, 161289976, 173230585, 191446828, 220983187, 247958644, 280598105] == world
    assert (50632836, 15762457, 2281728, 1381724) == tuple(of_2020[area] for area in ("USA", "DEU", "ARG", "NZL"))
    assert "NAM" in of_2020
    assert "vintage" in {reason.concept for reason in one.reasons}
    assert 0 < one.equal < one.shared


def test_four_sources_in_one_table(shared, root, tmp_path, undesa):
    """ACS of three States, EPH, CCHS and UN DESA: everybody of each source is there, and every loss is named."""
    data, examples = shared / "data", root / "examples"
    runs = {
        "ACS": [(data / "us_acs_pums_2018" / f"csv_p{state}.zip", None) for state in ("wy", "vt", "ri")],
        "EPH": [(data / "argentina_eph" / "eph_2019T1_migration.csv.gz", None)],
        "CCHS": [(data / "canada_cchs" / "raw_cchs2017_2018_p.csv", "cchs2017_2018_p")],
    }
    folders = {"ACS": "usa_acs_2018", "EPH": "arg_eph", "CCHS": "can_cchs"}
    tables = {}
    for id, extracts in runs.items():
        records = []
        for number, (extract, wave) in enumerate(extracts):
            into = tmp_path / id / str(number)
            run = ms.harmonize(extract, examples / folders[id] / "mapping.yaml", wave=wave, into=into)
            records.append(into / f"{run.name}.records.parquet")
        tables[id] = ms.tabulate(records, by=["COUNTRY_BIRTH", "SEX"])
    tables["UN_DESA"] = ms.add_totals(*undesa)
    done = ms.combine(tables, levels="given")
    frame = done.table.frame
    foreign = frame.filter(
        pl.col("DATA_SOURCE").is_in(["ACS", "EPH", "CCHS"]), COUNTRY_BIRTH="_T", SEX="_T", MIGRANT="Y"
    )
    counted = dict(foreign.select("DATA_SOURCE", "OBS_VALUE").iter_rows())
    key = ["DATA_SOURCE", "MIGRANT", "REF_AREA", "TIME_PERIOD"]
    parts = frame.filter(pl.col("COUNTRY_BIRTH") != "_T", SEX="_T").group_by(key)
    sums = parts.agg(pl.col("OBS_VALUE").sum().alias("sum"))
    totals = frame.filter(COUNTRY_BIRTH="_T", SEX="_T").join(sums, on=key)
    page = (ms.write_combined(done, tmp_path / "out"))[3].read_text(encoding="utf-8")

    assert 1505555 == counted["EPH"]
    assert {"ACS", "EPH", "CCHS", "UN_DESA"} == set(frame["DATA_SOURCE"])
    assert ((totals["OBS_VALUE"] - totals["sum"]).abs() < 1e-6 * totals["OBS_VALUE"] + 1e-6).all()
    assert ("CCHS",) == done.levels[0].without
    for loss in done.losses:
        assert loss.what.replace("&", "&amp;").replace("'", "&#39;") in page
    assert "not the whole country" in page
