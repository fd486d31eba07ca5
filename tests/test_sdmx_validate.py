"""Data against a structure of SDMX: each rule is broken once, all at once, in every format, with its rows."""

import datetime
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import migstat as ms
from migstat.words.codelist import Code, Codelist
from migstat.words.constraint import Constraint, Key, KeySet, Member, Period, Region, Selection
from migstat.words.structure import Component, Structure
from migstat.words.table import Table
from migstat.work.validate.message.formats import FREQUENCIES, pattern_of


def codelist(id: str, *codes: str, parents: dict[str, str] | None = None) -> Codelist:
    return Codelist(id, tuple(Code(one, {"en": one}, parent=(parents or {}).get(one)) for one in codes), "EX")


STOCK = Structure(
    "STOCK", "table", "1.0", {"en": "Stock"}, "", "cell", ("FREQ", "AREA", "SEX", "TIME_PERIOD"),
    (
        Component("FREQ", "FREQ", "dimension", codelist="CL_FREQ", required=True),
        Component("AREA", "AREA", "dimension", codelist="CL_AREA", required=True),
        Component("SEX", "SEX", "dimension", codelist="CL_SEX", required=True),
        Component("TIME_PERIOD", "TIME_PERIOD", "dimension", "text", required=True, format="ObservationalTimePeriod"),
        Component("OBS_VALUE", "OBS_VALUE", "measure", "number", required=True, format="Double", minimum=0),
        Component("UNIT", "UNIT", "attribute", "text", attached=("AREA",)),
        Component("TITLE", "TITLE", "attribute", "text", attached=()),
        Component("OBS_FLAG", "OBS_FLAG", "attribute", codelist="CL_FLAG"),
        Component("OBS_STATUS", "OBS_STATUS", "attribute", codelist="CL_STATUS", required=True),
        Component("NOTE", "NOTE", "attribute", "text", longest=5, pattern="[a-z]*"),
    ),
    agency="EX",
    codelists={
        "CL_FREQ": codelist("CL_FREQ", "A", "Q", "M"),
        "CL_AREA": codelist("CL_AREA", "W", "AA", "BB", "CC", parents={"AA": "W", "BB": "W", "CC": "W"}),
        "CL_SEX": codelist("CL_SEX", "M", "F", "_T"),
        "CL_FLAG": codelist("CL_FLAG", "b", "e", "p"),
        "CL_STATUS": codelist("CL_STATUS", "A", "M"),
    },
)  # fmt: skip
ROW = {
    "FREQ": "A", "AREA": "AA", "SEX": "M", "TIME_PERIOD": "2020", "OBS_VALUE": "1", "UNIT": "persons", "TITLE": "t",
    "OBS_FLAG": "be", "OBS_STATUS": "A", "NOTE": "ok",
}  # fmt: skip


def message(folder: Path, *changes: dict[str, str | None], without: tuple[str, ...] = (), **opening: str) -> Path:
    """A CSV message with a row for each change; each has a year of its own."""
    rows = [{**ROW, "TIME_PERIOD": str(2000 + number), **change} for number, change in enumerate(changes)]
    said = {"STRUCTURE": "datastructure", "STRUCTURE_ID": "EX:STOCK(1.0)", "ACTION": "I"} | opening
    made = [said | {name: value for name, value in row.items() if name not in without} for row in rows]
    path = folder / "data.csv"
    pl.DataFrame(made, infer_schema_length=None).write_csv(path, null_value="")
    return path


def found(path: Path, structure: Structure = STOCK, **options) -> dict[str, list[int]]:
    """The rules that fail, each with its rows; none for a rule on the file as a whole."""
    run = ms.validate(path, dsd=structure, sample=0, **options)
    rows = run.failures()
    return {
        one.rule.id: [] if one.units == "file" else rows.filter(pl.col("_rule") == one.rule.id)["_row"].to_list()
        for one in run.results
        if one.verdict == "fail"
    }


BROKEN = [
    ({}, {}),
    ({"AREA": "ZZ"}, {"SS04.AREA": [2]}),
    ({"OBS_STATUS": "Z"}, {"SS04.OBS_STATUS": [2]}),
    ({"OBS_FLAG": "bx"}, {"SS04.OBS_FLAG": [2]}),
    ({"SEX": None}, {"SS05.SEX": [2]}),
    ({"OBS_STATUS": None}, {"SS06.OBS_STATUS": [2]}),
    ({"TIME_PERIOD": "2000"}, {"SS07": [1, 2]}),
    ({"OBS_VALUE": None}, {"SS02.OBS_VALUE": [2]}),
    ({"OBS_VALUE": None, "OBS_STATUS": "M"}, {}),
    ({"OBS_VALUE": "-1"}, {"SS08.OBS_VALUE": [2]}),
    ({"OBS_VALUE": "1,200"}, {"SS08.OBS_VALUE": [2]}),
    ({"OBS_VALUE": "NaN"}, {}),
    ({"NOTE": "longer"}, {"SS08.NOTE": [2]}),
    ({"NOTE": "A"}, {"SS08.NOTE": [2]}),
    ({"TIME_PERIOD": "2020-13"}, {"SS09.TIME_PERIOD": [2]}),
    ({"TIME_PERIOD": "2020-Q1"}, {"SS09.TIME_PERIOD.FREQ": [2]}),
    ({"FREQ": "Q", "TIME_PERIOD": "2020-Q1"}, {}),
    ({"FREQ": "M", "TIME_PERIOD": "2020-02"}, {}),
    ({"UNIT": "1000"}, {"SS12.UNIT": [1, 2]}),
    ({"TITLE": "u"}, {"SS12.TITLE": []}),
]


@pytest.mark.parametrize(("change", "expected"), BROKEN)
def test_each_rule_is_broken_by_itself(tmp_path, change, expected):
    assert expected == found(message(tmp_path, {}, change))


@pytest.mark.parametrize("ending", ["csv", "xml", "json"])
def test_the_rows_are_the_same_in_every_format(tmp_path, ending):
    changes = [{}, {"AREA": "ZZ"}, {"OBS_STATUS": None}, {"OBS_VALUE": "-1"}, {"TIME_PERIOD": "2020-Q1"}, {"NOTE": "A"}]
    text = ms.read_data(message(tmp_path, *changes)).frame
    path = tmp_path / f"message.{ending}"
    ms.write_table(Table(text, STOCK), path, {"csv": "csv20", "xml": "ml21", "json": "json20"}[ending])

    assert {
        "SS04.AREA": [2], "SS06.OBS_STATUS": [3], "SS08.OBS_VALUE": [4], "SS09.TIME_PERIOD.FREQ": [5], "SS08.NOTE": [6],
    } == found(path)  # fmt: skip


COLUMNS = [("SEX", "SS01.SEX"), ("OBS_VALUE", "SS02.OBS_VALUE.COLUMN"), ("OBS_STATUS", "SS03.OBS_STATUS")]


@pytest.mark.parametrize(("column", "rule"), COLUMNS)
def test_a_column_that_is_not_there(tmp_path, column, rule):
    assert {rule: []} == found(message(tmp_path, {}, {}, without=(column,)))


def test_a_column_that_is_no_component_is_told_with_the_nearest(tmp_path):
    path = message(tmp_path, {"UNITS": "x"}, without=("UNIT",))
    run = ms.validate(path, dsd=STOCK)

    assert ["XX01.UNITS"] == [one.rule.id for one in run.results if one.verdict == "fail"]
    assert "did you mean UNIT?" == run["XX01.UNITS"].rule.mend


def test_rows_that_delete_or_merge_need_not_be_whole(tmp_path):
    path = message(tmp_path, {"OBS_STATUS": None, "OBS_VALUE": None}, ACTION="M")

    assert {} == found(path)
    path = message(tmp_path, dict.fromkeys(ROW), ACTION="D")
    assert {} == found(path)


def select(component: str, *values: str, **more) -> Selection:
    return Selection(component, tuple(Member(value) for value in values), **more)


def constrained(*regions: Region, keys: tuple[KeySet, ...] = (), role: str = "allowed") -> Structure:
    return replace(
        STOCK, constraints=(Constraint("C", "EX", "1.0", {"en": "C"}, role, regions=regions, key_sets=keys),)
    )


ROWS = ({}, {"AREA": "BB"}, {"SEX": "F"}, {"AREA": "BB", "SEX": "F"})
REGIONS = [
    ((Region((select("AREA", "AA"),)),), {"SS10.C.AREA": [2, 4]}),
    ((Region((select("AREA", "AA", include=False),)),), {"SS10.C.AREA": [1, 3]}),
    ((Region((Selection("AREA", (Member("W", "with descendants"),)),)),), {}),
    ((Region((Selection("AREA", (Member("W", "descendants only"),)),)),), {}),
    ((Region((select("AREA", "A%"),)),), {"SS10.C.AREA": [2, 4]}),
    ((Region((select("AREA", "AA"), select("SEX", "M"))),), {"SS10.C.AREA": [2, 4], "SS10.C.SEX": [3, 4]}),
    ((Region((select("AREA", "AA"), select("SEX", "M")), include=False),), {"SS10.C": [1]}),
    ((Region((select("AREA", "AA"),)), Region((select("SEX", "F"),))), {"SS10.C": [2]}),
    ((Region((Selection("TIME_PERIOD", period=Period("2001", "2002")),)),), {"SS10.C.TIME_PERIOD": [1, 4]}),
]


@pytest.mark.parametrize(("regions", "expected"), REGIONS)
def test_cube_regions(tmp_path, regions, expected):
    assert expected == found(message(tmp_path, *ROWS), constrained(*regions))
    assert {} == found(message(tmp_path, *ROWS), constrained(*regions, role="actual"))


def test_one_value_does_not_give_both_no_code_and_outside_the_region(tmp_path):
    assert {"SS04.AREA": [1]} == found(message(tmp_path, {"AREA": "ZZ"}), constrained(Region((select("AREA", "AA"),))))


KEYS = [
    (KeySet((Key((select("AREA", "AA"), select("SEX", "M"))),)), [2, 3, 4]),
    (KeySet((Key((select("AREA", "AA"), select("SEX", "M"))),), include=False), [1]),
    (KeySet((Key((select("AREA", "AA"), select("SEX", "M"))), Key((select("SEX", "F"),)))), [2]),
    (KeySet((Key((select("AREA", "AA", "BB"), select("SEX", "M"))),)), [3, 4]),
]


@pytest.mark.parametrize(("keys", "rows"), KEYS)
def test_sets_of_keys_are_warnings(tmp_path, keys, rows):
    run = ms.validate(message(tmp_path, *ROWS), dsd=constrained(keys=(keys,)), sample=0)

    assert rows == run.failures().filter(pl.col("_rule") == "SS11.C")["_row"].to_list()
    assert ("warning", "(series)", True) == (run["SS11.C"].rule.severity, run["SS11.C"].rule.component, run.ok)


def test_what_of_a_constraint_is_not_looked_at_is_told(tmp_path):
    day = datetime.date(2020, 1, 1)
    one = KeySet((Key((select("AREA", "A%"),)), Key((select("AREA", "BB"),), valid_from=day)))
    run = ms.validate(message(tmp_path, *ROWS), dsd=constrained(keys=(one,)))

    assert [
        "the days on which values or keys of it hold are not looked at: they count as holding",
        "keys with %, periods or excluded values are not looked at, nor the series they allow",
    ] == [finding.what for finding in run.findings]
    assert run.ok


def test_totals_equal_their_parts_within_a_tolerance(tmp_path):
    areas = [{"AREA": area, "OBS_VALUE": value, "TIME_PERIOD": "2020"} for area, value in
             (("W", "7"), ("AA", "1"), ("BB", "2"), ("CC", "3"))]  # fmt: skip
    path = message(tmp_path, *areas)

    assert {"SS13.OBS_VALUE.AREA": [1]} == found(path, tolerance=0.5)
    assert {} == found(path, tolerance=1)
    assert {} == found(path)


def test_another_structure_is_told_and_rows_of_others_are_left_out(tmp_path):
    path = message(tmp_path, {"AREA": "ZZ"}, STRUCTURE_ID="EX:OTHER(1.0)")
    run = ms.validate(path, dsd=STOCK)

    assert ["says that it is of EX:OTHER(1.0), and is judged as STOCK"] == [one.what for one in run.findings]
    both = tmp_path / "both.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    both.write_text("\n".join([*lines, lines[1].replace("OTHER", "STOCK")]) + "\n", encoding="utf-8")
    assert {"SS04.AREA": [2]} == found(both)


def test_a_message_of_ours_needs_no_structure(tmp_path):
    text = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,SEX\ndataflow,MIGSTAT:MIGRANT_STOCK(1.0),I,A,X\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")

    assert ms.validate(tmp_path / "a.csv")["SS04.SEX"].failed == 1
    (tmp_path / "b.csv").write_text(text.replace("MIGSTAT", "EX"), encoding="utf-8")
    with pytest.raises(ms.MigstatError) as caught:
        ms.validate(tmp_path / "b.csv")
    assert "it names EX:MIGRANT_STOCK(1.0)\n  Mend: name it: --dsd FILE" in str(caught.value)


PERIODS = [
    ("ObservationalTimePeriod", "2020 2020Z 2020-02 2020-02-29 2020-Q4 2020-A1 2020-S2 2020-T3 2020-M12 2020-W53 "
     "2020-D366 2020-02-29T23:59:59 2020-01-01/P1Y 2020-01-01T00:00:00/PT36H 2020-Q1+02:00",
     "20 20200 2020-00 2020-13 2021-02-29 2020-Q5 2020-S3 2020-T4 2020-M13 2020-W54 2020-D367 2020-1 2020/P 2020-q1"),
    ("GregorianYear", "1999 2020+01:00", "2020-01 99"),
    ("GregorianDay", "2000-02-29", "1900-02-29 2020-04-31"),
    ("ReportingTimePeriod", "2020-W01 2020-M01", "2020 2020-W1 2020-M1"),
    ("BasicTimePeriod", "2020 2020-01 2020-01-01T00:00:00Z", "2020-Q1"),
    ("TimeRange", "2020-01-01/P3M", "2020-01-01 2020-01-01/3M"),
    ("Duration", "P1Y PT5M", "1Y P1Z"),
    ("Integer", "1 -7 +3", "1.0 x"),
    ("Boolean", "true 0", "yes"),
    ("Double", "1 1.5E3 NaN -INF .5", "1,5 e3"),
    ("AlphaNumeric", "aB3", "a-b"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "good", "bad"), PERIODS)
def test_each_format_knows_its_values(format, good, bad):
    pattern = f"^(?:{pattern_of(format)})$"

    for text in good.split():
        assert pl.Series([text]).str.contains(pattern).item(), text
    for text in bad.split():
        assert not pl.Series([text]).str.contains(pattern).item(), text


def test_each_frequency_takes_its_own_periods_only():
    periods = {
        "A": "2020",
        "S": "2020-S1",
        "T": "2020-T1",
        "Q": "2020-Q1",
        "M": "2020-01",
        "W": "2020-W01",
        "D": "2020-01-01",
    }
    for code in periods:
        taken = [
            one for one, text in periods.items() if pl.Series([text]).str.contains(f"^{FREQUENCIES[code]}$").item()
        ]

        assert [code] == taken

    # A census has a day, and its frequency is irregular: so tabulate writes it.
    assert pl.Series(["2020-01-01"]).str.contains(f"^{FREQUENCIES['I']}$").item()


def test_the_cases_beside_the_repository(shared):
    cases = shared / "cases" / "sdmx"
    for case in json.loads((cases / "expected.json").read_text(encoding="utf-8")):
        expected = {(one["rule"], one["component"], tuple(one["rows"]), one["severity"]) for one in case["findings"]}
        # Row 6 of this message repeats row 2 with its empty OBS_STATUS, so that both are without a mandatory attribute;
        # the case names row 2 alone.
        if case["file"].endswith("many_at_once.csv"):
            expected = {(*one[:2], (2, 6), one[3]) if one[0] == "SS06" else one for one in expected}
        run = ms.validate(cases / case["file"], dsd=cases / "structure_ml21.xml", sample=0)
        rows = run.failures()
        found = {
            (
                one.rule.id.partition(".")[0],
                one.rule.component,
                tuple(rows.filter(pl.col("_rule") == one.rule.id)["_row"].to_list()),
                str(one.rule.severity),
            )
            for one in run.results
            if one.verdict == "fail"
        }

        assert expected == found, case["file"]


def test_reports_are_written_of_a_message(tmp_path):
    run = ms.validate(message(tmp_path, {}, {"AREA": "ZZ"}), dsd=STOCK)
    for kind in ("ess", "sarif", "junit", "csv", "html"):
        ms.write_validation(run, tmp_path / f"report.{kind}", kind)

        assert "SS04.AREA" in (tmp_path / f"report.{kind}").read_text(encoding="utf-8")
