"""What is not verified: the nearest word counts, and every account of a mapping or a run says it."""

import json
from dataclasses import replace

import polars as pl
import pytest

import migstat as ms
from migstat.report.run_page import run_page
from migstat.words.finding import Severity
from migstat.words.run import NotVerified
from migstat.words.unverified import NOT_VERIFIED
from migstat.write.run import coverage_csv

MAPPING = """
id: KEN_2019
version: 1.0
into: CENSUS_PERSON
source: {kind: census, by: KNBS, area: KEN, date: 2019, key: [LINE], weight: W, confidence: verified}
rules:
  SEX: {from: P12, recode: {1: M, 2: F}}
  AGE: {from: P11, confidence: general knowledge}
  COUNTRY_BIRTH: {from: P15, recode: tables/p15.csv, not_stated: [9], confidence: secondary source}
  CITIZENSHIP:
    cases:
      - {when: {P16: 1}, give: KEN}
      - when: {P16: 2}
        confidence: general knowledge
        from: P17
        recode: {1: UGA, 2: {to: TZA, confidence: secondary source}}
  RESID_5Y: {not_collected: not asked}
  RESID_1Y: {not_collected: not asked}
  YEAR_ARRIVAL: {not_collected: not asked}
  MIG_REASON: {not_collected: not asked}
"""
TABLE = "from,to,confidence\n1,KEN,verified\n2,UGA,\n3,TZA,general knowledge\n"
ROWS = pl.DataFrame(
    {
        "LINE": ["1", "2", "3", "4"],
        "W": ["10", "20", "30", "40"],
        "P12": ["1", "2", "1", "2"],
        "P11": ["1", "2", "3", "4"],
        "P15": ["1", "2", "3", "9"],
        "P16": ["1", "2", "2", "2"],
        "P17": [None, "1", "1", "2"],
    }
)
GENERAL, SECOND = "general knowledge, to be confirmed", "secondary source"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "tables" / "p15.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def test_a_run_counts_what_went_through_lines_that_are_not_verified(folder):
    run = ms.harmonize(ROWS, folder)
    expected = (
        NotVerified("AGE", GENERAL, 0, None, None),
        NotVerified("COUNTRY_BIRTH", SECOND, 2, 2, 60.0),
        NotVerified("COUNTRY_BIRTH", GENERAL, 1, 1, 30.0),
        NotVerified("CITIZENSHIP", SECOND, 1, 1, 40.0),
        NotVerified("CITIZENSHIP", GENERAL, 1, 2, 50.0),
    )

    assert expected == run.not_verified
    assert [one.component for one in expected] == [one["component"] for one in run.provenance["not_verified"]]
    assert "_N,mapped,exact,mapping.yaml:9,1,40.0,secondary source\n" in coverage_csv(run.coverage)


def test_check_sums_it_up_in_one_note(folder):
    (note,) = [one for one in ms.check(folder) if one.rule == NOT_VERIFIED]

    assert Severity.NOTE == note.severity
    assert f"not verified, of 14 lines and rules: 3 {GENERAL} · 3 {SECOND}" == note.what


def test_a_mapping_that_says_nothing_of_it_has_no_note(folder):
    marked = (", confidence: verified", ", confidence: secondary source", ", confidence: general knowledge")
    text = MAPPING.replace("        confidence: general knowledge\n", "")
    for words in marked:
        text = text.replace(words, "")
    (folder / "mapping.yaml").write_text(text, encoding="utf-8")
    (folder / "tables" / "p15.csv").write_text("from,to\n1,KEN\n2,UGA\n3,TZA\n", encoding="utf-8")

    assert [] == [one for one in ms.check(folder) if one.rule == NOT_VERIFIED]
    assert () == ms.harmonize(ROWS, folder).not_verified


@pytest.mark.parametrize(
    "said",
    [
        "Verified in the source's own documents is what the rules say of it, where they do not say otherwise.",
        "General knowledge, to be confirmed, is all of this.",
        "3 becomes Tanzania (TZA) [general knowledge, to be confirmed].",
        "Taken from a secondary source is all of this.",
        "Else where P16 is 2 [general knowledge, to be confirmed]:",
    ],
)
def test_explain_says_it_beside_each_rule(folder, said):
    text = ms.explain(folder)

    assert said in text.replace("United Republic of Tanzania", "Tanzania")


def test_the_report_has_a_section_of_it(folder):
    run = ms.harmonize(ROWS, folder)
    page = run_page(run, show_values=True)
    mapping = replace(run.mapping, source=replace(run.mapping.source, confidence=None), targets=run.mapping.targets[:1])
    silent = run_page(replace(run, mapping=mapping, coverage=replace(run.coverage, covered=())))

    assert '<section id="unverified"' in page
    assert f'<td>{SECOND}</td><td>2 source values</td><td class="n">2</td><td class="n">50.0 %</td>' in page
    assert 'id="unverified"' not in silent
    assert "&lt;10" in run_page(run)


@pytest.mark.parametrize(("format", "ending"), [("ml30", "xml"), ("json20", "json")])
def test_a_structure_map_keeps_it_in_its_notes(folder, tmp_path, format, ending):
    into = tmp_path / f"map.{ending}"
    ms.write_structure_map(ms.read_mapping(folder), into, format)
    back, _ = ms.map_as_mapping(into)
    targets = {target.component: target for target in back.targets}

    assert "verified" == back.source.confidence
    assert SECOND == targets["COUNTRY_BIRTH"].confidence
    assert ["verified", None, GENERAL, None] == [line.confidence for line in targets["COUNTRY_BIRTH"].rule.lines]
    assert GENERAL == targets["CITIZENSHIP"].rule.arms[1].confidence


def test_the_lines_of_a_correspondence_bring_their_own_word(folder):
    text = MAPPING.replace("tables/p15.csv, not_stated: [9]", "map:ESTAT_C_BIRTH")
    (folder / "mapping.yaml").write_text(text, encoding="utf-8")
    target = ms.read_mapping(folder).target("COUNTRY_BIRTH")

    assert {SECOND} <= {line.confidence for line in target.rule.lines}


def test_run_json_holds_it(folder, tmp_path):
    ROWS.write_csv(tmp_path / "rows.csv")
    ms.harmonize(tmp_path / "rows.csv", folder, into=tmp_path / "out")
    facts = json.loads((tmp_path / "out" / "KEN_2019.run.json").read_text(encoding="utf-8"))
    expected = {"component": "COUNTRY_BIRTH", "confidence": SECOND, "values": 2, "rows": 2, "weight": 60.0}

    assert expected in facts["not_verified"]
