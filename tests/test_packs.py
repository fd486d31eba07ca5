"""Packs: found by id, path, environment and entry point; begun, drawn, and tested without any code of theirs."""

import json
import re
import shlex
import shutil
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

import migstat as ms
from migstat.cli import main, parser
from migstat.read.packs import found
from migstat.words.finding import MigstatError, Misuse, Severity
from office import decide

EXAMPLES = Path(__file__).parent.parent / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/README.md"))


@pytest.fixture
def pack(tmp_path):
    """A new pack in which all is decided."""
    folder = ms.new_pack("KEN_CENSUS_2029", into=tmp_path)
    decide(folder)
    return folder


def said(folder):
    return [(str(one.place), one.what) for one in ms.check_pack(folder).findings if one.severity == Severity.ERROR]


def test_a_new_pack_lacks_only_what_a_person_must_decide(tmp_path):
    folder = ms.new_pack("KEN_CENSUS_2029", into=tmp_path)

    with pytest.raises(MigstatError) as caught:
        ms.check(folder)
    assert {True} == {"TODO" in one.what for one in caught.value.findings}
    assert {"is still TODO"} == {what for _, what in said(folder)}


@pytest.mark.parametrize(("id", "kind"), [("KEN_CENSUS_2029", "census"), ("KEN_SURVEY_2029", "survey")])
def test_what_is_decided_becomes_a_pack_that_holds(tmp_path, id, kind):
    folder = ms.new_pack(id, into=tmp_path)
    decide(folder)
    ms.check_pack(folder, update=True)
    test = ms.check_pack(folder)

    assert [] == said(folder)
    assert test.ok
    assert kind == ms.pack(folder).kind
    assert (folder / "golden" / f"{kind}.records.csv").is_file()


def test_an_administrative_pack_asks_for_every_rule(tmp_path):
    folder = ms.new_pack("KEN_PERMITS", into=tmp_path, kind="administrative", structure="RESIDENCE_PERMIT")
    mapping = (folder / "mapping.yaml").read_text(encoding="utf-8")

    assert "  PERMIT_REASON: {not_collected: TODO" in mapping
    assert "  area: KEN\n  date: TODO" in mapping


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"id": "ken"}, "ken is not an id: capitals, digits and _, a capital first"),
        ({"id": "KEN_X", "kind": "poll"}, "kind: poll is not known"),
        ({"id": "KEN_X", "area": "KEM"}, "CL_AREA has no code 'KEM'"),
        ({"id": "KEN_X", "structure": "MIGRANT_STOCK"}, "MIGRANT_STOCK describes tables, not records"),
    ],
)
def test_a_pack_that_cannot_be_begun(tmp_path, given, what):
    with pytest.raises(Misuse) as caught:
        ms.new_pack(**given, into=tmp_path)

    assert what == caught.value.findings[0].what


def test_nothing_is_written_over(pack):
    with pytest.raises(Misuse, match="is there already"):
        ms.new_pack("KEN_CENSUS_2029", into=pack.parent)


def spoil(pack, name, old, new):
    path = pack / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("mapping.yaml", "1: M, 2: F", "1: F, 2: M", ("mapping.yaml:30", "example: gives M, and the example says F")),
        ("mapping.yaml", "777", "776", None),
        ("generate.csv", "777,2", "776,2", ("extract/census_generated.csv", "is not what generate.csv makes")),
        ("README.md", "## What compares", "## What",
         ("README.md", "has no heading on what compares, and what does not")),
        ("golden/census.records.csv", "KEN,2029,CENSUS,1,", "KEN,2029,CENSUS,9,",
         ("golden/census.records.csv:2", "ROW is '1' and was '9'")),
        ("golden/cases.csv", "census_generated.csv", "../census.csv",
         ("golden/cases.csv:2", "extract: ../census.csv is not the name of a file")),
        ("generate.csv", "SEX,", "SEXO,", ("generate.csv:4", "layout.csv has no column SEXO")),
        ("generate.csv", "AGE >= 5", "CAME = 5",
         ("generate.csv:8", "the condition reads CAME, which is not drawn yet")),
        ("tables/country.csv", "2,UGA", "2,UGAN", ("tables/country.csv:3", "CL_COUNTRY_BIRTH has no code 'UGAN'")),
    ],
)  # fmt: skip
def test_the_test_of_a_pack_says_what_is_wrong(pack, name, old, new, expected):
    ms.check_pack(pack, update=True)
    spoil(pack, name, old, new)

    assert expected is None or expected in said(pack)


def test_a_file_that_is_no_part_of_a_pack_is_told(pack):
    ms.check_pack(pack, update=True)
    (pack / "persons.sav").write_bytes(b"$FL2")
    (pack / "extract" / "true.csv").write_text("HHID\n1\n", encoding="utf-8")
    expected = [("persons.sav", "is no part of a pack"), ("extract/true.csv", "is an extract that no case runs")]

    assert expected == said(pack)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("name", ["layout.csv", "tables/more.csv", "extract/census_generated.csv"])
def test_nothing_is_read_through_a_link_that_leads_out(pack, tmp_path, name):
    (tmp_path / "secret.csv").write_text("password\nhunter2\n", encoding="utf-8")
    (pack / name).unlink(missing_ok=True)
    (pack / name).symlink_to(tmp_path / "secret.csv")

    assert [(name, "is a link that leads out of the pack")] == said(pack)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (f"SEX,,{'1' * 300}", "a value of 300 signs is longer than 200"),
        ("SEX,,1,999999999", "rows: 999999999 is not a whole number up to 100,000"),
        ("SEX,AGE >,1", "in `AGE >`, character 6: found the end where a column or value should stand"),
        ("SEX,SEX = 1,1", "the condition reads SEX, which is not drawn yet"),
        ("SEX,1 = 2,1", "the condition reads no column"),
        ("SEX,AGE = 1,1,2", "a line that spoils rows has a condition"),
        ("SEX,,{AGE}", "{AGE} names a column that is not drawn yet"),
        ("SEX,,{row + x}", "{x} names a column that is not drawn yet"),
        ("CAME,,recode of AGE", "the mapping has no line for CAME that 'recode' could take"),
    ],
)
def test_the_message_of_a_wrong_generator(pack, line, what):
    write_draws(pack, line)
    with pytest.raises(MigstatError) as caught:
        ms.make_extract(pack)

    assert what in [one.what for one in caught.value.findings]
    assert {"generate.csv:2"} == {str(one.place) for one in caught.value.findings}


def test_more_rows_than_a_machine_holds_are_refused(pack):
    with pytest.raises(Misuse, match="is the most"):
        ms.make_extract(pack, rows=10**9)


def test_counters_are_not_filled_without_end(pack):
    write_draws(pack, "HHID,,{row:99999999999}", "LINE,,{row:500}")

    assert ("1", 100) == (drawn(pack)["HHID"][0], len(drawn(pack)["LINE"][0]))


def test_a_line_that_meets_no_row_is_a_warning(pack):
    spoil(pack, "generate.csv", "BORN,,1*20 | recode*10", "BORN,,1")
    ms.check_pack(pack, update=True)
    warned = [one.what for one in ms.check_pack(pack).findings if one.severity == Severity.WARNING]

    assert "no row of any extract goes through the line of 2 to UGA" in warned


def test_junit_is_red_where_the_test_is(pack, tmp_path):
    ms.check_pack(pack, update=True, junit=tmp_path / "good.xml")
    spoil(pack, "generate.csv", "777,2", "776,2")
    ms.check_pack(pack, junit=tmp_path / "bad.xml")
    good, bad = (ElementTree.parse(tmp_path / name).getroot() for name in ("good.xml", "bad.xml"))

    assert "0" == good.get("failures")
    assert "1" == bad.get("failures")
    assert ["extract census_generated.csv"] == [one.get("name") for one in bad.iter("testcase") if len(one)
                                                and one[0].tag == "failure"]  # fmt: skip


def drawn(pack, **options):
    (file,) = ms.make_extract(pack, into=pack.parent / "made", **options)
    return pl.read_csv(file, infer_schema=False)


def test_the_same_seed_gives_the_same_rows_and_another_gives_others(pack):
    first, same, other = drawn(pack), drawn(pack), drawn(pack, seed=2)

    assert first.equals(same)
    assert not first.equals(other)
    assert 502 == drawn(pack, rows=500).height


def write_draws(pack, *lines):
    text = "column,when,values,rows,wave,because\n" + "".join(f"{line}\n" for line in lines)
    (pack / "generate.csv").write_text(text, encoding="utf-8")


def test_what_a_line_of_generate_csv_can_say(pack):
    write_draws(
        pack,
        "HHID,,2029HU{household:5}",
        "LINE,,{person:2}",
        "_year,,1990..1992",
        "AGE,,{2029 - _year}",
        "SEX,AGE >= 38,1",
        "SEX,,2",
        'BORN,,"001..003 | """"*0.5"',
        "CITIZEN,,2019-01-30..2019-02-02",
        "LIVED,,0.25..0.75",
        "CAME,,{BORN}-{row}",
    )
    rows = drawn(pack, rows=300)

    assert ["2029HU00001"] * 3 + ["2029HU00002"] == rows["HHID"].to_list()[:4]
    assert ["01", "02", "03", "01"] == rows["LINE"].to_list()[:4]
    assert {"37", "38", "39"} == set(rows["AGE"])
    assert {("37", "2"), ("38", "1"), ("39", "1")} == set(rows.select("AGE", "SEX").iter_rows())
    assert {"001", "002", "003", None} == set(rows["BORN"])
    assert {"2019-01-30", "2019-01-31", "2019-02-01", "2019-02-02"} == set(rows["CITIZEN"])
    assert {True} == {0.25 <= float(value) <= 0.75 and len(value) == 4 for value in rows["LIVED"]}
    begins = (rows["BORN"].fill_null("") + "-").to_list()
    assert begins == [came[: -len(str(at))] for at, came in enumerate(rows["CAME"], 1)]
    assert "_year" not in rows.columns


def test_recode_draws_every_line_of_the_mapping_once_and_leaves_out_what_it_is_told(pack):
    table = "from,to\n" + "".join(f"{code},{iso}\n" for code, iso in enumerate(["KEN", "UGA", "TZA", "ETH", "SOM"], 1))
    (pack / "tables" / "country.csv").write_text(table, encoding="utf-8")
    write_draws(pack, "BORN,,1*1000 | recode", "CITIZEN,,recode of CITIZENSHIP but KEN", "SEX,,recode to M")
    rows = drawn(pack, rows=40)

    assert {"1", "2", "3", "4", "5", "999"} == set(rows["BORN"])
    assert {"2", "3", "4", "5", "999"} == set(rows["CITIZEN"])
    assert {"1"} == set(rows["SEX"])


def test_lines_of_a_round_or_of_a_case_are_drawn_for_it_alone(pack):
    spoil(pack, "golden/cases.csv", "200,1", "200,1\nlater,mapping.yaml,,later.csv,200,1")
    layout = "wave,column\n,HHID\ncensus,SEX\nlater,SEXO\n"
    (pack / "layout.csv").write_text(layout, encoding="utf-8")
    write_draws(pack, "HHID,,{row}", "SEX,,1,,census,", "SEXO,,2,,later,")
    census, later = (pl.read_csv(file, infer_schema=False) for file in ms.make_extract(pack, into=pack.parent / "made"))

    assert {"HHID": "1", "SEX": "1"} == census.row(0, named=True)
    assert {"HHID": "1", "SEXO": "2"} == later.row(0, named=True)


def test_columns_are_drawn_together_where_a_recode_reads_them_together(pack):
    spoil(pack, "mapping.yaml", "{from: SEX, recode: {1: M, 2: F}, not_stated: [9]}",
          "{from: [SEX, AGE], recode: [{SEX: 1, AGE: '*', to: M}, {SEX: 2, AGE: 0..9, to: F}]}")  # fmt: skip
    write_draws(pack, "SEX+AGE,,recode")
    rows = drawn(pack, rows=50)

    assert {"1", "2"} == set(rows["SEX"])
    assert {True} == {0 <= int(age) <= 9 for age in rows["AGE"]}


def test_an_extract_of_fixed_widths_is_written_where_the_layout_has_them(pack):
    (pack / "layout.csv").write_text("column,start,width\nHHID,1,4\nSEX,5,1\nBORN,7,3\n", encoding="utf-8")
    write_draws(pack, "HHID,,{row}", "SEX,,1", "BORN,,KEN | UG")
    (file,) = ms.make_extract(pack, rows=30, into=pack.parent / "made")
    lines = file.read_text(encoding="utf-8").splitlines()

    assert "   11 " == lines[0][:6]
    assert {"KEN", "UG "} == {line[6:] for line in lines}


@pytest.mark.parametrize("name", ["census.csv.gz", "census.zip", "census.parquet"])
def test_an_extract_is_packed_as_its_name_says(pack, name):
    spoil(pack, "golden/cases.csv", "census_generated.csv", name)
    ms.check_pack(pack, update=True)

    assert [] == said(pack)
    assert 202 == ms.harmonize(pack / "extract" / name, pack).step("read").rows


def test_packs_are_found_by_environment_and_by_path(pack, monkeypatch):
    monkeypatch.setenv("MIGSTAT_PACKS", str(pack.parent))
    ids = {one.id: one.origin for one in ms.packs()}

    assert "MIGSTAT_PACKS" == ids["KEN_CENSUS_2029"]
    assert "shipped" == ids["USA_ACS_2018"]
    assert pack == ms.pack("KEN_CENSUS_2029").folder
    assert pack == ms.pack("ken_census_2029").folder
    assert ["KEN_CENSUS_2029"] == [one.id for one in ms.packs(pack.parent)]
    assert "KEN_CENSUS_2029" == ms.read_mapping("KEN_CENSUS_2029").id


def test_packs_of_an_installed_package_are_found_without_running_its_code(pack, tmp_path, monkeypatch):
    package = tmp_path / "site" / "kenya_statistics"
    shutil.copytree(pack, package / "packs" / "ken_census_2029")
    (package / "__init__.py").write_text("raise SystemExit('run')", encoding="utf-8")
    (package / "packs" / "__init__.py").write_text("raise SystemExit('run')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    entry = EntryPoint("kenya", "kenya_statistics.packs", found.GROUP)
    monkeypatch.setattr(found, "entry_points", lambda group: [entry])

    assert "entry point kenya" == ms.pack("KEN_CENSUS_2029").origin
    assert "kenya_statistics" not in sys.modules


def test_a_pack_that_cannot_be_read_does_not_hide_the_others(pack, monkeypatch):
    monkeypatch.setenv("MIGSTAT_PACKS", str(pack.parent))
    spoil(pack, "mapping.yaml", "version: 0.1", "version: TODO")
    found = {one.id: one for one in ms.packs()}

    assert [True] == ["TODO" in one.what for one in found["KEN_CENSUS_2029"].findings]
    assert len(found) > 5


def test_there_is_no_such_pack():
    with pytest.raises(Misuse) as caught:
        ms.pack("USA_ACS_2081")

    assert "there is no pack USA_ACS_2081" == caught.value.findings[0].what
    assert "write USA_ACS_2018" in caught.value.findings[0].mend


def test_an_id_goes_wherever_a_mapping_does(pack, monkeypatch, tmp_path):
    monkeypatch.setenv("MIGSTAT_PACKS", str(pack.parent))
    ms.check_pack(pack, update=True)
    run = ms.harmonize(pack / "extract" / "census_generated.csv", "KEN_CENSUS_2029")

    assert 200 == run.records.height
    assert "CAN_CCHS_SHARE" == ms.read_mapping("CAN_CCHS_SHARE").id


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_shipped_pack_holds(folder):
    assert [] == said(folder)


def test_the_summary_counts_what_is_not_verified(pack):
    assert {"general knowledge, to be confirmed": 18} == dict(ms.pack(pack).claims)


def test_json_of_the_list_is_whole(capsys):
    from migstat.cli import main

    with pytest.raises(SystemExit):
        main(["pack", "list", "--json"])
    told = json.loads(capsys.readouterr().out)

    assert {"id", "name", "kind", "area", "period", "claims", "folder"} <= set(told[0])


def run_command(*words):
    from migstat.cli import main

    with pytest.raises(SystemExit) as done:
        main(words)
    return done.value.code


def test_a_path_goes_before_an_id_and_the_command_says_so(pack, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(pack, tmp_path / "USA_ACS_2018")

    assert 0 == run_command("check", "USA_ACS_2018")
    told = capsys.readouterr()
    assert "KEN_CENSUS_2029 0.1" in told.out
    assert "USA_ACS_2018 is a path here and the id of a pack (shipped): the path is taken" in told.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("list",), 0, "USA_CPS_ASEC_2025"),
        (("list", "."), 0, "KEN_CENSUS_2029"),
        (("extract", "ken_census_2029", "--rows", "9", "--into", "made"), 0, "every record is invented"),
        (("test", "./ken_census_2029", "--update"), 0, "KEN_CENSUS_2029: 8 checks, all hold"),
        (("test", "ken_census_2029"), 1, "checks fail"),
        (("test", "usa_acs_2081"), 2, "there is no pack usa_acs_2081"),
        (("new", "KEN_CENSUS_2029"), 2, "is there already"),
        (
            ("make", "x"),
            2,
            "invalid choice: 'make'\n  Mend: one of list, new, extract, test; see",
        ),
        (("list", "--rows", "9"), 2, "unrecognized arguments: --rows"),
        (("test", "ken_census_2029", "--into", "made"), 2, "unrecognized arguments: --into"),
        (("extract", "USA_ACS_2018"), 2, "has no generate.csv"),
    ],
)
def test_the_command(pack, monkeypatch, capsys, words, code, said):
    monkeypatch.chdir(pack.parent)

    assert code == run_command("pack", *words)
    told = capsys.readouterr()
    assert said in told.out + told.err


HELP = {
    "list": ["--quiet", "--json"],
    "new": ["--quiet", "--json", "--into", "--kind", "--area", "--structure"],
    "extract": ["--quiet", "--json", "--rows", "--seed", "--into"],
    "test": ["--quiet", "--json", "--update", "--junit"],
}


@pytest.mark.parametrize("action", HELP)
def test_each_action_has_a_help_of_its_own(action, capsys):
    assert 0 == run_command("pack", action, "--help")
    told = capsys.readouterr().out
    examples = [line.strip() for line in told.splitlines() if line.startswith("  migstat ")]

    assert told.startswith(f"usage: migstat pack {action} ")
    assert HELP[action] == re.findall(r"^  (--\w+)", told, re.MULTILINE)
    assert examples
    assert {action} == {parser().parse_args(shlex.split(example)[1:]).action for example in examples}


@pytest.mark.parametrize("name", ["generate.csv", "golden/cases.csv", "tables/country.csv"])
def test_rows_of_separators_that_a_spreadsheet_leaves_are_no_lines(pack, name):
    ms.check_pack(pack, update=True)
    path = pack / name
    path.write_text(path.read_text(encoding="utf-8") + ",,,,,\n,,,,,\n", encoding="utf-8")

    assert [] == said(pack)


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (
            "golden/cases.csv",
            ",mapping.yaml,",
            ",../mapping.yaml,",
            "golden/cases.csv:2\n  mapping: ../mapping.yaml is not the name of a file\n  Mend: write it as name.yaml",
        ),
        (
            "mapping.yaml",
            "  kind: census",
            "\tkind: census",
            "mapping.yaml:8\n  a tab stands where YAML has blanks\n  Mend: write blanks in place of the tab",
        ),
    ],
)
def test_what_an_editor_writes_wrongly_is_told_with_its_mend(pack, name, old, new, expected):
    path = pack / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    assert expected in {str(one) for one in ms.check_pack(pack).findings}


def test_where_nothing_was_run_nothing_is_said_of_rejects(pack):
    ms.check_pack(pack, update=True)
    (pack / "tables" / "country.csv").write_text("from,to\n1,XXX\n", encoding="utf-8")

    assert [] == [one for one in ms.check_pack(pack).findings if "rejected" in one.what]


def test_a_folder_of_packs_that_is_none_is_told(pack, monkeypatch, capsys):
    monkeypatch.setenv("MIGSTAT_PACKS", f"{pack.parent / 'nowhere'}:{pack.parent}")

    with pytest.raises(SystemExit) as ended:
        main(["pack", "list"])
    with pytest.raises(Misuse) as raised:
        ms.pack("ZZZ_ZZZ")

    expected = (
        "warning: nowhere\n  MIGSTAT_PACKS names it, and no pack is there\n"
        "  Mend: mend the path, or put a folder with mapping.yaml there\n"
    )
    assert 0 == ended.value.code
    assert expected == capsys.readouterr().err
    assert str(raised.value).endswith("; MIGSTAT_PACKS names nowhere, where no pack is")
