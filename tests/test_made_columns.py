"""Columns that a mapping makes first, and values that it works out: one answer everywhere, and nothing lost."""

from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.report.run_page import phrase
from migstat.work.harmonize import part as parts
from migstat.work.structure_maps.notes import bare

HEAD = """\
id: KEN_TEST
version: 1.0
into: CENSUS_PERSON
source: {kind: census, by: nobody, area: KEN, date: 2019-08-24, population: de facto, key: [LINE], weight: W}
"""
COLUMNS = """\
columns:
  MOVED: "NOW <> BEFORE"
  YEARS: "2019 - YEAR"
  PROVINCE: {from: BEFORE, recode: tables/provinces.csv, not_stated: [99]}
  WHERE:
    cases:
      - {when: "MOVED = 1 and PROVINCE = 'ABROAD'", give: FAR}
      - {when: "MOVED = 1 and YEARS <= 1", give: NEAR}
      - {else: HERE}
"""
RULES = """\
rules:
  SEX: {from: P12, recode: {1: M, 2: F}, not_stated: [9]}
  AGE: {compute: "YEARS + 20", not_stated: ["", 9999]}
  COUNTRY_BIRTH: {from: PROVINCE, recode: {INSIDE: KEN, ABROAD: UGA}, not_stated: [""]}
  CITIZENSHIP: {compute: "if(MOVED = 1, 'UGA', 'KEN')", unknown: [""]}
  RESID_1Y: {from: WHERE, universe: "YEARS < 60", recode: {FAR: ABROAD, NEAR: DOMESTIC, HERE: SAME_HOUSE}}
  REGION: {compute: "concat(pad(NOW, 3), '-', BEFORE)", not_stated: [""]}
  YEAR_ARRIVAL: {cases: [{when: "PROVINCE = 'ABROAD'", compute: "YEAR + 1", not_stated: [""]}, {else: _Z}]}
  RESID_5Y: {not_collected: not asked}
  MIG_REASON: {not_collected: not asked}
"""
PROVINCES = "from,to\n1..9,INSIDE\n10,ABROAD\n11,ABROAD\n"
ROWS = [
    {"LINE": "1", "W": "1.5", "P12": "1", "NOW": "1", "BEFORE": "10", "YEAR": "2018"},
    {"LINE": "2", "W": "1", "P12": "2", "NOW": "7", "BEFORE": "7", "YEAR": "1990"},
    {"LINE": "3", "W": "1", "P12": "9", "NOW": "7", "BEFORE": "8", "YEAR": "2019"},
    {"LINE": "4", "W": "2", "P12": "1", "NOW": "7", "BEFORE": None, "YEAR": "2001"},
    {"LINE": "5", "W": "2", "P12": "1", "NOW": "7", "BEFORE": "77", "YEAR": "2001"},
    {"LINE": "6", "W": "2", "P12": "1", "NOW": "5", "BEFORE": "99", "YEAR": None},
    {"LINE": "7", "W": "4", "P12": "1", "NOW": "5", "BEFORE": "5", "YEAR": "9999"},
    {"LINE": "8", "W": "1", "P12": "2", "NOW": "5", "BEFORE": "11", "YEAR": "1920"},
]
KEPT = [
    ("M", 21, "UGA", "UGA", "ABROAD", "001-10", 2019),
    ("F", 49, "KEN", "KEN", "SAME_HOUSE", "007-7", "_Z"),
    ("_N", 20, "KEN", "UGA", "DOMESTIC", "007-8", "_Z"),
    ("M", 38, "_N", "_U", "SAME_HOUSE", "_N", "_Z"),
    ("M", "_N", "_N", "UGA", "SAME_HOUSE", "005-99", "_Z"),
    ("M", -1, "KEN", "KEN", "SAME_HOUSE", "005-5", "_Z"),
    ("F", 119, "UGA", "UGA", "_Z", "005-11", 1921),
]
NAMES = ("SEX", "AGE", "COUNTRY_BIRTH", "CITIZENSHIP", "RESID_1Y", "REGION", "YEAR_ARRIVAL")


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "provinces.csv").write_text(PROVINCES, encoding="utf-8")
    return written(tmp_path, HEAD + COLUMNS + RULES)


def written(folder: Path, text: str) -> Path:
    (folder / "mapping.yaml").write_text(text, encoding="utf-8")
    return folder / "mapping.yaml"


def not_on_spark(constructor):
    if constructor.engine == "pyspark":
        pytest.skip("each run takes ten seconds there; two tests of this file do run")


def people(rows=None):
    rows = ROWS if rows is None else rows
    return pl.DataFrame(rows, schema=dict.fromkeys(ROWS[0], pl.String))


def told(rows):
    return [tuple(row[n] if row[n] is not None else row.get(f"{n}_MISSING") for n in NAMES) for row in rows]


def test_every_engine_gives_the_same_records_and_rejects(constructor, mapping):
    run = ms.harmonize(constructor(ROWS), mapping)

    expected = [one for one in KEPT if one[1] != -1]
    key = ["REGION", "AGE", "COUNTRY_BIRTH"]
    assert sorted(map(str, expected)) == sorted(map(str, told(constructor.rows(run.records, *key))))
    assert [("5", "column PROVINCE: no rule covers the value"), ("7", "AGE: no rule covers the value")] == [
        (row["LINE"], row["_why"]) for row in constructor.rows(run.rejects, "LINE")
    ]
    assert [(8, 14.5), (0, 0.0), (2, 6.0), (6, 8.5)] == [(one.rows, one.weight) for one in run.steps]


def test_a_file_gives_the_same(mapping, tmp_path):
    people().write_csv(tmp_path / "people.csv")
    frame, file = ms.harmonize(people(), mapping), ms.harmonize(tmp_path / "people.csv", mapping)

    assert told(frame.records.to_dicts()) == told(file.records.to_dicts())
    assert frame.coverage == file.coverage
    assert [str(one) for one in frame.findings] == [str(one) for one in file.findings]


@pytest.mark.parametrize("way", ["sorted out", "row by row"])
def test_the_ways_of_reading_agree(mapping, monkeypatch, way):
    many = people([ROWS[number % 8] | {"LINE": str(number)} for number in range(400)])
    expected = ms.harmonize(many, mapping)

    if way == "sorted out":
        monkeypatch.setattr(parts, "DENSE", 3)
    else:
        monkeypatch.setattr(parts.Part, "combinations", lambda *_: None)
    actual = ms.harmonize(many, mapping)

    assert expected.records.equals(actual.records)
    assert expected.rejects.equals(actual.rejects)
    assert (expected.steps, expected.coverage) == (actual.steps, actual.coverage)


def test_what_a_table_does_not_cover_is_said_once_and_a_blank_stays_blank(mapping):
    run = ms.harmonize(people(), mapping)

    assert [
        "mapping.yaml:8  column PROVINCE\n  no rule for BEFORE = '77'  (1 row, weight 2.0)\n"
        "  Mend: list '77' in tables/provinces.csv, or under not_stated, unknown or not_applicable",
    ] == [str(one) for one in run.findings if one.component == "column PROVINCE"]
    assert {"5": "INSIDE", "7": "INSIDE", "8": "INSIDE", "10": "ABROAD", "11": "ABROAD", "77": "", "99": "_N"} == {
        one.values[0]: one.code for one in run.coverage.covered if one.component == "column PROVINCE"
    }


def test_columns_may_stand_in_any_order(mapping):
    lines = COLUMNS.splitlines(keepends=True)
    turned = "".join([lines[0], *lines[4:], *lines[3:4], *lines[1:3]])
    expected = ms.harmonize(people(), mapping)

    actual = ms.harmonize(people(), written(mapping.parent, HEAD + turned + RULES))

    assert told(expected.records.to_dicts()) == told(actual.records.to_dicts())
    assert expected.rejects.equals(actual.rejects)


def test_a_trace_names_the_line_and_the_columns_of_the_source(mapping, tmp_path):
    ms.harmonize(people(), mapping, trace=tmp_path / "trace.parquet")

    trace = pl.read_parquet(tmp_path / "trace.parquet")
    first = trace.filter(pl.col("_row") == 1).select("component", "columns", "values", "line", "value")
    found = {row[0]: row[1:] for row in first.iter_rows()}
    assert ("BEFORE", "10", "tables/provinces.csv:3", "ABROAD") == found["column PROVINCE"]
    assert ("YEAR", "2018", "mapping.yaml:16", "21") == found["AGE"]
    assert ("NOW BEFORE YEAR", "1 10 2018", "mapping.yaml:19", "ABROAD") == found["RESID_1Y"]
    assert ("NOW BEFORE", "1 10", "mapping.yaml:20", "001-10") == found["REGION"]


def test_it_is_told_in_sentences(mapping):
    text = ms.explain(mapping)

    assert (
        "Made first, and then read by the rules like columns of the source: MOVED, YEARS, PROVINCE and WHERE.\n"
        "Where what they read is blank they are blank, and so they are for every kind of missing.\n\n"
        "MOVED (a column that is made first)\n  What NOW <> BEFORE gives.\n" in text
    )
    assert "AGE (Age)\n  What YEARS + 20 gives.\n  A blank and 9999 become not stated (_N).\n" in text
    assert "worked out: YEARS + 20" == phrase(ms.read_mapping(mapping).target("AGE").rule)


@pytest.mark.parametrize("format", ["ml30", "json20"])
def test_it_goes_out_as_a_structure_map_and_comes_back(mapping, tmp_path, format, official):
    path = tmp_path / f"map.{'json' if format == 'json20' else 'xml'}"
    unsaid = ms.write_structure_map(mapping, path, format)

    back, found = ms.map_as_mapping(path)

    assert [] == official.faults(path, format)
    assert bare(ms.read_mapping(mapping)) == bare(back)
    assert [] == [one for one in found if one.severity == "error"]
    told_of = {one.component: one.what for one in unsaid}
    assert "SDMX has no words for a column that is made first, which the rule reads" == told_of["AGE"]
    assert "SDMX has no words for a value that is worked out" == told_of["REGION"]
    mapped, run = ms.run_map(people(), path), ms.harmonize(people(), mapping)
    assert told(run.records.to_dicts()) == told(mapped.records.to_dicts())


@pytest.mark.parametrize(
    ("given", "wrong", "what"),
    [
        ("pad(NOW, 3)", "pad(NOW, 999999999)", "compute: pad was given 999999999 after the first argument"),
        ("2019 - YEAR", "YEARS - YEAR", "YEARS is made of itself"),
    ],
)
def test_a_structure_map_is_no_way_around_the_checks(mapping, tmp_path, given, wrong, what):
    text = HEAD + COLUMNS.replace("2019 - YEAR", "2019 - YEAR + length(pad(NOW, 3)) * 0") + RULES
    ms.write_structure_map(written(mapping.parent, text), tmp_path / "map.json", "json20")
    text = (tmp_path / "map.json").read_text(encoding="utf-8")
    assert given in text
    (tmp_path / "map.json").write_text(text.replace(given, wrong), encoding="utf-8")

    with pytest.raises(ms.MigstatError) as caught:
        ms.run_map(people(), tmp_path / "map.json")

    assert what in [one.what for one in caught.value.findings]


WAVES = """\
id: KEN_WAVES
version: 1.0
into: CENSUS_PERSON
source: {kind: census, by: nobody, area: KEN, population: de facto}
waves:
  a: {date: 2009, columns: {P: X1, Q: X2}}
  b: {date: 2019, columns: {P: Y1}, not_collected: [Q]}
columns:
  TWICE: "P * 2"
  SUM: "P + Q"
  EITHER: {cases: [{when: "Q = 1", give: q}, {when: "P = 1", give: p}, {else: none}]}
rules:
  SEX: {from: EITHER, recode: {p: M, q: F, none: _U}}
  AGE: {from: TWICE}
  COUNTRY_BIRTH: {cases: [{when: "SUM > 3", give: KEN}, {else: UGA}]}
  CITIZENSHIP: {cases: [{when: "Q = 1", give: KEN}, {else: UGA}]}
  RESID_5Y: {from: SUM, recode: {2: SAME_HOUSE}, else: DOMESTIC}
  YEAR_ARRIVAL: {not_collected: not asked}
  MIG_REASON: {not_collected: not asked}
"""


def test_what_a_round_did_not_collect_is_so_through_a_column(tmp_path):
    mapping = written(tmp_path, WAVES)
    names = ["SEX", "AGE", "COUNTRY_BIRTH", "CITIZENSHIP", "RESID_5Y"]

    first = ms.harmonize(pl.DataFrame({"X1": ["1", "3"], "X2": ["1", "2"]}), mapping, wave="a")
    second = ms.harmonize(pl.DataFrame({"Y1": ["1", "3"]}), mapping, wave="b")

    assert [("F", 2, "UGA", "KEN", "SAME_HOUSE"), ("_U", 6, "KEN", "UGA", "DOMESTIC")] == first.records[names].rows()
    assert [("M", 2, "_X", "_X", "_X"), ("_U", 6, "_X", "_X", "_X")] == second.records[names].rows()


def test_lines_of_a_column_hold_for_a_time(tmp_path):
    table = "from,to,valid_from,valid_to\n1,OLD,,2010-01-01\n1,NEW,2010-01-01,\n"
    (tmp_path / "places.csv").write_text(table, encoding="utf-8")
    head = HEAD.replace("date: 2019-08-24", "date: {from: DAY, date: yyyy-mm-dd}")
    rules = RULES.replace("RESID_1Y: {from: WHERE", "RESID_1Y: {from: PLACE").replace(
        "{FAR: ABROAD, NEAR: DOMESTIC, HERE: SAME_HOUSE}", "{OLD: ABROAD, NEW: DOMESTIC}"
    )
    columns = COLUMNS.split("  WHERE:")[0].replace("tables/", "") + "  PLACE: {from: SPOT, recode: places.csv}\n"
    (tmp_path / "provinces.csv").write_text(PROVINCES, encoding="utf-8")
    rows = people(ROWS[:2]).with_columns(SPOT=pl.lit("1"), DAY=pl.Series(["2009-12-31", "2010-01-01"]))

    run = ms.harmonize(rows, written(tmp_path, head + columns + rules))

    assert ["ABROAD", "DOMESTIC"] == run.records["RESID_1Y"].to_list()


@pytest.mark.parametrize("name", ["MOVED", "moved"])
def test_an_extract_with_a_column_of_that_name_is_refused(mapping, tmp_path, name):
    given = people().with_columns(pl.lit("1").alias(name))
    given.write_csv(tmp_path / "people.csv")

    runs = [partial(ms.harmonize, source, mapping) for source in (given, given.lazy(), tmp_path / "people.csv")]
    for run in (*runs, partial(ms.validate, tmp_path / "people.csv", mapping=mapping)):
        with pytest.raises(ms.MigstatError) as caught:
            run()

        assert [
            "mapping.yaml:6  column MOVED\n  the extract has a column MOVED of its own\n"
            "  Mend: give the column under columns another name, such as MOVED_MADE"
        ] == [str(one) for one in caught.value.findings]


def test_steps_are_not_endless_and_not_read_again_and_again(tmp_path):
    def chain(depth):
        lines = ["  A0: {from: NOW}\n", "  B0: {from: BEFORE}\n"]
        for n in range(depth):
            lines += [f'  A{n + 1}: "A{n} + B{n}"\n', f'  B{n + 1}: "A{n} - B{n}"\n']
        rules = f"rules:\n  SEX: {{from: A{depth}, recode: {{1: M, 2: F}}, else: _U, unknown: ['']}}\n"
        return HEAD + "columns:\n" + "".join(lines) + rules + RULES.split("\n", 2)[2].replace("RESID_1Y", "#RESID_1Y")

    found = [one for one in ms.check(written(tmp_path, chain(24))) if one.component.startswith("column")]
    with pytest.raises(ms.MigstatError) as caught:
        ms.check(written(tmp_path, chain(40)))

    assert ["no rule reads it"] == [one.what for one in found]
    assert "it stands on more than 30 columns, one made of the other" in str(caught.value)


def test_there_are_not_too_many(tmp_path):
    lines = "".join(f"  A{n}: {{from: NOW}}\n" for n in range(201))

    with pytest.raises(ms.MigstatError) as caught:
        ms.check(written(tmp_path, HEAD + "columns:\n" + lines + RULES))

    assert ("columns makes 201 columns", "make at most 200") == (
        caught.value.findings[0].what,
        caught.value.findings[0].mend,
    )


def test_what_is_kept_may_hang_on_one(constructor, mapping):
    not_on_spark(constructor)
    keep = 'keep:\n  - {when: "MOVED = 1 and YEARS < 60", because: who moved of late}\n'

    run = ms.harmonize(constructor(ROWS), written(mapping.parent, HEAD + COLUMNS + keep + RULES))

    assert [20, 21] == sorted(row["AGE"] for row in constructor.rows(run.records))
    assert ["4", "5", "6"] == [row["LINE"] for row in constructor.rows(run.rejects, "LINE")]
    assert [(8, 14.5), (3, 6.0), (3, 6.0), (3, 6.0), (2, 2.5)] == [(one.rows, one.weight) for one in run.steps]


COMPUTED = """\
rules:
  SEX: {compute: "substring(S, 1, 1)", not_stated: [""]}
  AGE: {compute: "A / B", not_stated: [""], unknown: [-1]}
  COUNTRY_BIRTH: {fixed: KEN}
  CITIZENSHIP: {fixed: KEN}
  YEAR_ARRIVAL: {compute: "Y", unknown: [""]}
  RESID_5Y: {not_collected: not asked}
  MIG_REASON: {not_collected: not asked}
"""
CASES = {
    "a whole number": (("F", "40", "2", "2001"), ("F", 20, 2001)),
    "a code by its first letter": (("Male", "40", "2", "2001"), ("M", 20, 2001)),
    "no code": (("x", "40", "2", "2001"), "SEX: no rule covers the value"),
    "a fraction": (("F", "41", "2", "2001"), "AGE: no rule covers the value"),
    "below the bounds": (("F", "-4", "2", "2001"), "AGE: no rule covers the value"),
    "above the bounds": (("F", "400", "2", "2001"), "AGE: no rule covers the value"),
    "divided by nothing": (("F", "40", "0", "2001"), "AGE: no rule covers the value"),
    "no number": (("F", "forty", "2", "2001"), "AGE: no rule covers the value"),
    "a blank": (("F", None, "2", "2001"), ("F", "_N", 2001)),
    "a blank before a sign": (("F", None, "-1", "2001"), ("F", "_N", 2001)),
    "a sign in either column": (("F", "40", "-1", "2001"), ("F", "_U", 2001)),
    "a column alone": (("F", "40", "2", "1899"), ("F", 20, 1899)),
    "a year out of bounds": (("F", "40", "2", "18"), "YEAR_ARRIVAL: no rule covers the value"),
    "a blank text": ((None, "40", "2", None), ("_N", 20, "_U")),
}


def test_what_is_worked_out_fits_the_component_or_makes_a_reject(constructor, tmp_path):
    head = HEAD.replace(", key: [LINE], weight: W", ", key: [N]")
    mapping = written(tmp_path, head + COMPUTED)
    rows = [dict(zip("NSABY", (f"{number:02}", *row), strict=True)) for number, (row, _) in enumerate(CASES.values())]

    run = ms.harmonize(constructor(rows), mapping)

    names = ("SEX", "AGE", "YEAR_ARRIVAL")
    records = [tuple(row[n] if row[n] is not None else row[f"{n}_MISSING"] for n in names)
               for row in constructor.rows(run.records)]  # fmt: skip
    expected = [one for _, one in CASES.values()]
    assert sorted(str(one) for one in expected if isinstance(one, tuple)) == sorted(map(str, records))
    assert [one for one in expected if isinstance(one, str)] == [
        row["_why"] for row in constructor.rows(run.rejects, "N")
    ]


def test_a_text_of_which_nothing_is_left_is_a_blank(constructor, mapping):
    not_on_spark(constructor)
    columns = COLUMNS + '  REST: "substring(BEFORE, 2)"\n'
    region = 'concat(pad(NOW, 3), \'-\', BEFORE)", not_stated: [""]'
    assert region in RULES
    named = RULES.replace(region, "if(REST is missing, 'none', REST)\"")
    cut = RULES.replace(region, 'substring(BEFORE, 2)", not_stated: [""]')

    run = ms.harmonize(constructor(ROWS), written(mapping.parent, HEAD + columns + named))
    other = ms.harmonize(constructor(ROWS), written(mapping.parent, HEAD + COLUMNS + cut))

    assert ["0", "1", "9", "none", "none", "none"] == sorted(row["REGION"] for row in constructor.rows(run.records))
    assert {"REGION: no rule covers the value"} == {
        row["_why"] for row in constructor.rows(other.rejects) if row["LINE"] in "23"
    }


def test_a_number_that_is_small_or_has_a_comma_is_that_number(constructor, tmp_path):
    not_on_spark(constructor)
    head = HEAD.replace(", key: [LINE], weight: W", ", format: {kind: csv, decimal: ','}")
    columns = 'columns:\n  SMALL: "A / 1000000"\n  SIGN: "SMALL < B"\n'
    rules = 'rules:\n  SEX: {cases: [{when: "SMALL * 1000000 = 2.5 and SIGN = 1", give: M}, {else: F}]}\n'
    mapping = written(tmp_path, head + columns + rules + RULES.split("\n", 2)[2].replace(
        "YEARS", "NOW").replace("MOVED = 1", "NOW = 1").replace("from: PROVINCE", "from: NOW").replace(
        "PROVINCE", "NOW").replace("from: WHERE", "from: NOW").replace("INSIDE", "1").replace("FAR", "1"))  # fmt: skip

    run = ms.harmonize(constructor([{"A": "2,5", "B": "10", "NOW": "1", "BEFORE": "1", "YEAR": "1"}]), mapping)

    assert ["M"] == [row["SEX"] for row in constructor.rows(run.records)]


@settings(max_examples=20)
@given(st.lists(st.tuples(*[st.integers(-5, 140) | st.none()] * 2), min_size=1, max_size=20))
def test_the_law_of_a_sum(pairs):
    text = HEAD.replace(", key: [LINE], weight: W", "")
    text += RULES.split("  COUNTRY_BIRTH")[0].replace("YEARS + 20", "A - B")
    rest = "  COUNTRY_BIRTH: {fixed: KEN}\n  CITIZENSHIP: {fixed: KEN}\n  RESID_5Y: {not_collected: no}\n"
    rest += "  YEAR_ARRIVAL: {not_collected: no}\n  MIG_REASON: {not_collected: no}\n"
    from migstat.read.mappings.document import parse_mapping

    frame = pl.DataFrame(
        {"P12": ["1"] * len(pairs), **{name: [None if pair[at] is None else str(pair[at]) for pair in pairs]
                                       for at, name in enumerate("AB")}},
        schema=dict.fromkeys(("P12", "A", "B"), pl.String),
    )  # fmt: skip
    run = ms.harmonize(frame, parse_mapping(text + rest, "mapping.yaml"))

    expected = [None if None in pair else pair[0] - pair[1] for pair in pairs]
    kept = [one for one in expected if one is None or 0 <= one <= 130]
    assert kept == run.records["AGE"].to_list()
    assert len(pairs) == run.records.height + run.rejects.height
