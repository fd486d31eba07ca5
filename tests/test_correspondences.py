"""The codes of others: each of ours exists, none is given twice, and the known traps are not walked into."""

import importlib.util

import polars as pl
import pytest

import migstat as ms
from migstat import api
from migstat.words.finding import MigstatError

IDS = api.correspondence_ids()
FORMER = {code.id for code in ms.codelist("CL_AREA_HIST")}


@pytest.mark.parametrize("id", IDS)
def test_every_code_is_in_our_list_and_no_value_stands_twice(id):
    found = ms.correspondence(id)
    codes = ms.codelist(found.target)
    values = [pair.value for pair in found.pairs]

    assert [] == [pair.value for pair in found.pairs if pair.code and pair.code not in codes]
    assert [] == [pair.value for pair in found.pairs if not pair.code and pair.match not in {"aggregate", "relative"}]
    assert [] == sorted({value for value in values if values.count(value) > 1})
    assert id == found.id
    assert all((found.source, found.standing, found.licence))


@pytest.mark.parametrize("id", IDS)
def test_a_region_is_never_called_exact_and_every_broader_line_says_why(id):
    found = ms.correspondence(id)
    codes = ms.codelist(found.target)
    regions = [
        pair for pair in found.pairs if pair.code in codes and codes[pair.code].attributes.get("kind") == "region"
    ]

    assert [] == [pair.value for pair in regions if pair.match == "exact"]
    assert [] == [pair.value for pair in found.pairs if pair.match in {"broader", "aggregate"} and not pair.because]


TRAPS = [
    ("ESTAT_GEO", "EL", "GRC"),
    ("ESTAT_GEO", "UK", "GBR"),
    ("ESTAT_GEO", "XK", "XKX"),
    ("ESTAT_GEO", "NA", "NAM"),
    ("ESTAT_CITIZEN", "STLS", "STLS"),
    ("ESTAT_CITIZEN", "UNK", "_U"),
    ("ESTAT_CITIZEN", "NRP", "_N"),
    ("ESTAT_AGE", "Y15-19", "Y15T19"),
    ("ESTAT_AGE", "Y_GE85", "Y_GE85"),
    ("ESTAT_FLAG_STATUS", "bep", "B"),
    ("ESTAT_FLAG_STATUS", "p", "P"),
    ("ESTAT_FLAG_STATUS", "", "A"),
    ("ESTAT_FLAG_CONF", "bep", "F"),
    ("ESTAT_FLAG_CONF", "c", "C"),
    ("OECD_BIRTH", "XKV", "XKX"),
    ("OECD_BIRTH", "SUN_F", "SUHH"),
    ("OECD_BIRTH", "YUG_F", "SFRY_890"),
    ("OECD_CITIZENSHIP", "CSK_F", "CSHH"),
    ("UNHCR_ORIGIN", "AUS", "AUT"),
    ("UNHCR_ORIGIN", "AUL", "AUS"),
    ("UNHCR_ORIGIN", "ARE", "EGY"),
    ("UNHCR_ORIGIN", "UAE", "ARE"),
    ("UNHCR_ASYLUM", "MAR", "MTQ"),
    ("UNHCR_ORIGIN", "STA", "STLS"),
    ("UNDESA_M49", "036", "AUS"),
    ("UNDESA_M49", "36", "AUS"),
    ("UNDESA_M49", "516", "NAM"),
    ("UNDESA_NAME", "Côte d’Ivoire", "CIV"),
    ("WB_AREA", "XKX", "XKX"),
    ("WB_AREA", "ZAR", "COD"),
    ("IPUMSI_BPL", "00000", "_Z"),
    ("IPUMSI_BPL", "99999", "_U"),
    ("IPUMSI_BPL", "41080", "_O"),
    ("IPUMSI_BPL", "41030", "M49_151"),
    ("IPUMSI_BPL", "13011", "M49_015"),
]


@pytest.mark.parametrize(("id", "value", "code"), TRAPS, ids=lambda one: str(one) or "blank")
def test_known_traps(id, value, code):
    assert code == ms.correspondence(id)[value].code


def test_two_letters_of_greece_and_britain_are_not_those_of_iso_in_eurostat():
    values = {pair.value for pair in ms.correspondence("ESTAT_GEO").pairs}

    assert not {"GR", "GB"} & values


def test_former_states_are_never_folded_into_one_of_their_successors():
    historic = ms.codelist("CL_AREA_HIST")
    names = {code.names["en"].casefold(): code.id for code in historic}
    folded = [
        (id, pair.value)
        for id in IDS
        for pair in ms.correspondence(id).pairs
        if (former := names.get(pair.label.casefold()))
        and pair.code not in {"", *FORMER}
        and pair.code in historic[former].attributes["successors"]
        and len(historic[former].attributes["terminal_successors"].split()) > 1
    ]

    assert [] == folded


def test_aggregates_and_the_reporting_country_are_no_lines_of_a_mapping():
    found = ms.correspondence("ESTAT_CITIZEN")
    taken = {line.values[0] for line in found.lines}

    assert {"TOTAL", "FOR", "FOR_STLS", "EU27_2020_FOR", "EU28", "AFR"} <= set(found.aggregates)
    assert not taken & {*found.aggregates, "NAT"}


def test_what_was_not_read_in_a_source_says_so():
    for id in IDS:
        found = ms.correspondence(id)
        sure = {pair.confidence for pair in found.pairs}

        assert ("general knowledge, to be confirmed" in sure) == (
            found.standing == "general knowledge, to be confirmed"
        )


MAPPING = """
id: EX
version: 1.0
into: CENSUS_PERSON
source: {{kind: census, by: An office, area: KEN, date: 2019}}
rules:
  SEX: {{from: SEX, recode: {{M: M, F: F}}}}
  AGE: {{not_collected: made up}}
  COUNTRY_BIRTH: {{from: C_BIRTH, recode: {recode}}}
  CITIZENSHIP: {{from: CITIZEN, recode: map:ESTAT_CITIZEN}}
  RESID_5Y: {{not_collected: made up}}
  YEAR_ARRIVAL: {{not_collected: made up}}
  MIG_REASON: {{not_collected: made up}}
"""


def test_a_mapping_names_a_correspondence(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.format(recode="map:ESTAT_C_BIRTH"), encoding="utf-8")
    frame = pl.DataFrame(
        {"SEX": ["M"] * 4, "C_BIRTH": ["EL", "NA", "UK", "EU28"], "CITIZEN": ["EL", "STLS", "UNK", "EL"]}
    )
    run = ms.harmonize(frame, path)

    assert [] == [one for one in ms.check(path) if one.severity == "error"]
    assert ["GRC", "NAM", "GBR"] == run.records["COUNTRY_BIRTH"].to_list()
    assert ["GRC", "STLS", "_U"] == run.records["CITIZENSHIP"].to_list()
    assert ["EU28"] == run.rejects["C_BIRTH"].to_list()
    assert "map:ESTAT_C_BIRTH" in run.provenance["mapping"]["files"]
    assert "maps/ESTAT_C_BIRTH.csv:2" == str(next(one.place for one in run.coverage if one.values == ("EL",)))


@pytest.mark.parametrize(
    ("recode", "what", "mend"),
    [
        ("map:ESTAT_GEOO", "there is no correspondence ESTAT_GEOO", "write ESTAT_GEO"),
        ("'map:'", "there is no correspondence without a name", "one of ESTAT_AGE, "),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(tmp_path, recode, what, mend):
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.format(recode=recode), encoding="utf-8")
    with pytest.raises(MigstatError) as caught:
        ms.read_mapping(path)
    (finding,) = caught.value.findings

    assert (what, True) == (finding.what, finding.mend.startswith(mend))


def test_the_files_are_what_the_tool_makes_of_the_facts(root, shared, tmp_path, monkeypatch, capsys):
    path = root / "tools" / "correspondences.py"
    if not path.exists():
        pytest.skip("tools/ is not part of the source archive")
    spec = importlib.util.spec_from_file_location("correspondences", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    monkeypatch.setattr(tool, "INTO", tmp_path)
    tool.main(shared / "standards")
    written = {one.name: one.read_bytes() for one in (root / "codelists" / "maps").iterdir()}

    assert written == {one.name: one.read_bytes() for one in tmp_path.iterdir()}
