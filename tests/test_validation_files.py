"""A validation as files for other programs: ESS report, SARIF, JUnit, CSV; none names a row unless it is asked to."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema

from migstat.words.expression import Compare, Name, Number
from migstat.words.finding import Finding, Place, Severity
from migstat.words.rule import Determines, Exists, Group, Holds, LookUp, Parts, Rule, RuleSet, Sequence, Unique
from migstat.words.validated import Judged, Validated
from migstat.write.validation import csv_text, ess_json, junit, sarif

TIME = "20260301T101500+0000"
OLD = Compare(">", Name("AGE"), Number(100, "100"))


def rule(id: str, component: str = "AGE", line: int | None = 4, **more: Any) -> Rule:
    place = Place("rules/person.yaml" if line else "CENSUS_PERSON", line)
    return Rule(id, more.pop("check", Holds(OLD)), "AGE > 100", place, component=component, **more)


SAMPLE = ({"_row": 17, "PERSON_ID": "P17", "AGE": "131"}, {"_row": 40, "PERSON_ID": "P40", "AGE": None})
RESULTS = (
    Judged(
        rule("OLD", names={"en": "So old", "fr": "Si âgé"}, mend="look at the form", origin="a handbook", when=OLD),
        900_000,
        1_234,
        5_000,
        sample=SAMPLE,
    ),
    Judged(rule("FEW", severity=Severity.WARNING), 999_993, 7, 0, 999_993.0, 7.5, 0.0, sample=SAMPLE),
    Judged(rule("OPEN", "SEX", None, severity=Severity.NOTE), 0, 0, 1_000_000, note="no column SEX"),
    Judged(rule("FINE\x07", "", check=Unique(("HH", "PERSON_ID"))), 1_000_000, 0, 0),
    Judged(rule("ALL", "", check=Group((), OLD)), 1, 0, 0, units="files"),
)
RUN = Validated(
    "KEN_2019",
    RuleSet("PERSON", "1.0", tuple(one.rule for one in RESULTS)),
    RESULTS,
    1_000_000,
    1_000_000.0,
    (Finding(Place("rules/a b.yaml", 9), "SEX", "SEX.A can never fail", "remove it", Severity.WARNING, rows=3),),
    ("PERSON_ID",),
    provenance={"migstat": "0.1.0", "source": {"period": "2019-08-24"}},
)


@pytest.fixture(scope="module")
def schema(shared: Path) -> Draft4Validator:
    file = shared / "cases/ess_report/ess_json_schema_1.0.1.json"
    return Draft4Validator(json.loads(file.read_text(encoding="utf-8")))


def test_the_schema_takes_the_valid_report_and_none_of_the_invalid_ones(shared, schema) -> None:
    folder = shared / "cases/ess_report"
    valid = json.loads((folder / "valid_report.json").read_text(encoding="utf-8"))
    invalid = json.loads((folder / "invalid_reports.json").read_text(encoding="utf-8"))

    assert schema.is_valid(valid)
    assert [] == [one["why"] for one in invalid if schema.is_valid(one["report"])]


CHECKS = [
    Holds(OLD),
    Unique(("HH", "PERSON_ID")),
    Determines(("POSTCODE",), "CITY"),
    Exists(("HH",), "households", ("ID",)),
    Group(("HH",), OLD),
    Sequence(("PERSON_ID",), ("DATE",), OLD),
    Parts("N", "LEVEL", "dotted", ("AREA",)),
]


@pytest.mark.parametrize("show_values", [False, True])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: type(check).__name__)
def test_every_ess_report_is_valid(schema, check, show_values) -> None:
    judged = [replace(one, rule=replace(one.rule, check=check)) for one in RESULTS]
    report = json.loads(ess_json(replace(RUN, results=tuple(judged)), show_values=show_values, time=TIME))

    assert [] == list(schema.iter_errors(report))


def test_an_ess_report_of_no_rules_is_valid(schema) -> None:
    assert schema.is_valid(json.loads(ess_json(replace(RUN, results=()))))


def ess(**options: Any) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in json.loads(ess_json(RUN, time=TIME, **options))}


def test_an_ess_report_gives_each_rule_its_verdict_as_text() -> None:
    entries = ess(actor="National office", language="fr")

    assert {"OLD": "0", "FEW": "0", "OPEN": "NA", "FINE\x07": "1", "ALL": "1"} == {
        id: entry["value"] for id, entry in entries.items() if entry["type"] == "validation"
    }
    assert {
        "id": "OLD",
        "type": "validation",
        "event": {"time": TIME, "actor": "National office", "agent": "migstat 0.1.0", "trigger": "migstat validate"},
        "rule": {
            "language": "migstat",
            "expression": "if AGE > 100 then AGE > 100",
            "severity": "error",
            "description": "Si âgé",
            "explanation": "look at the form",
        },
        "data": {
            "source": [["KEN_2019", "2019-08-24", "*", "AGE"]],
            "target": [["KEN_2019", "2019-08-24", "*", "AGE"]],
        },
        "value": "0",
    } == entries["OLD"]
    assert "information" == entries["OPEN"]["rule"]["severity"]


def test_an_ess_report_counts_all_three_verdicts() -> None:
    entries = ess()

    assert ["900000", "1234", "5000"] == [
        entries[f"OLD/{verdict}"]["value"] for verdict in ("pass", "fail", "undecided")
    ]
    assert ["OLD"] == entries["OLD/fail"]["data"]["source"][0]


def test_an_ess_report_names_a_unit_only_when_asked_to() -> None:
    hidden, asked = ess_json(RUN, time=TIME), ess(show_values=True)

    assert not any(said in hidden for said in ("P17", "P40", "131", '"7"', "999993"))
    assert ["KEN_2019", "2019-08-24", "P17", "AGE"] == asked["OLD/17"]["data"]["source"][0]
    assert "2 failing rows are listed; the count is of all rows" == asked["OLD/fail"]["data"]["description"]
    assert "7" == asked["FEW/fail"]["value"]


def test_an_ess_report_names_the_columns_of_its_own_file_only() -> None:
    old = replace(RESULTS[0].rule, check=Holds(Compare(">", Name("mother.AGE"), Name("AGE"))), when=None)
    looked = replace(old, look_ups=(LookUp("mother", "self", {"PERSON_ID": "MOTHER"}),))
    report = json.loads(ess_json(replace(RUN, results=(replace(RESULTS[0], rule=looked),))))

    assert ["AGE"] == [one[-1] for one in report[0]["data"]["source"]]


@pytest.mark.parametrize("write", [ess_json, sarif, junit, csv_text])
def test_equal_runs_give_equal_files(write) -> None:
    assert write(RUN) == write(replace(RUN))


def test_sarif_has_a_result_for_what_fails_or_is_open_at_the_line_of_the_rule() -> None:
    log = json.loads(sarif(RUN))["runs"][0]
    old, few, open, found = log["results"]

    assert ["OLD", "FEW", "OPEN", "FINE\x07", "ALL"] == [one["id"] for one in log["tool"]["driver"]["rules"]]
    assert [("OLD", "fail", "error"), ("FEW", "fail", "warning"), ("OPEN", "open", "none")] == [
        (one["ruleId"], one["kind"], one["level"]) for one in (old, few, open)
    ]
    assert all(log["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"] for one in (old, few, open))
    assert {"artifactLocation": {"uri": "rules/person.yaml"}, "region": {"startLine": 4}} == old["locations"][0][
        "physicalLocation"
    ]
    assert "physicalLocation" not in open["locations"][0]
    assert "1,234 failed, 5,000 not judged, 900,000 passed (rows). Mend: look at the form" in old["message"]["text"]
    assert "Note: no column SEX." in open["message"]["text"]
    assert "SEX.A can never fail (fewer than 10 rows). Mend: remove it" == found["message"]["text"]
    assert "rules/a%20b.yaml" == found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_sarif_is_what_its_schema_describes() -> None:
    """A strict model of SARIF 2.1.0, made from its schema: a property that SARIF does not know is refused too."""
    log = json.loads(sarif(RUN))

    assert "2.1.0" == StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(log).version.value
    with pytest.raises(ValidationError):
        StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(log | {"findings": []})


def test_junit_is_red_exactly_where_the_run_is_not_ok() -> None:
    root = ElementTree.fromstring(junit(RUN, language="fr"))
    cases = {case.get("name", ""): [part.tag for part in case] for case in root.iter("testcase")}
    warned = replace(RUN, results=RESULTS[1:])

    assert {"tests": "5", "failures": "1", "errors": "0", "skipped": "1"} == {
        key: root.get(key) for key in ("tests", "failures", "errors", "skipped")
    }
    assert {
        "OLD Si âgé": ["failure"],
        "FEW FEW": ["system-out"],
        "OPEN OPEN": ["skipped"],
        "FINE\ufffd FINE\ufffd": [],
        "ALL ALL": [],
    } == cases
    assert ["AGE", "SEX", "KEN_2019"] == [suite.get("name") for suite in root]
    assert warned.ok is ("<failure" not in junit(warned)) is True


def test_csv_has_a_line_for_each_rule() -> None:
    lines = list(csv.DictReader(csv_text(RUN, language="fr").splitlines()))
    asked = list(csv.DictReader(csv_text(RUN, show_values=True).splitlines()))

    assert ["OLD", "FEW", "OPEN", "FINE\x07", "ALL"] == [line["rule"] for line in lines]
    assert ("Si âgé", "fail", "1234", "AGE > 100") == tuple(
        lines[0][key] for key in ("name", "verdict", "failed", "when")
    )
    assert [("<10", ">999990", "", ""), ("7", "999993", "7.5", "7e-06")] == [
        (line["failed"], line["passed"], line["failed_weight"], line["share"]) for line in (lines[1], asked[1])
    ]


@pytest.mark.parametrize("write", [sarif, junit, csv_text])
def test_no_file_holds_a_value_or_a_small_count_unless_asked_for(write) -> None:
    text = write(RUN)

    assert not any(said in text for said in ("P17", "P40", "131", "999,993", "999993", "7.5", " 7 failed", ",7,"))
