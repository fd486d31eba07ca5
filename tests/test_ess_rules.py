"""The rule types of the ESSnet handbook, written as data: each verdict is the one that the handbook's case expects."""

import csv
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

import migstat as ms
from migstat.read.rules import read_rules

FOLDER = Path(__file__).parent / "ess_rules"
REFERENCE = "persons"
VERDICTS = {"pass": "valid", "fail": "invalid", "undecided": "undecided"}


@pytest.fixture(scope="module")
def cases(shared):
    folder = shared / "cases" / "ess_validat_rules"
    if not folder.is_dir():
        pytest.skip("needs ../shared/cases/ess_validat_rules, which lies beside the repository and is not part of it")
    return folder


@pytest.fixture(scope="module")
def expected(cases):
    found = defaultdict(dict)
    with (cases / "expected.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["rule"], row["data"], row["reference"]][row["record"]] = row["verdict"]
    return found


def confront(rules, folder, data, reference, missing=None):
    """Judge one file; with ``missing``, as if the rule had another policy."""
    if missing is not None:
        rules = replace(rules, rules=tuple(replace(rule, missing=missing) for rule in rules.rules))
    references = {REFERENCE: folder / "data" / reference} if reference else {}
    return ms.validate(folder / "data" / data, rules=rules, references=references, sample=10_000).results[0]


def verdicts(rules, folder, data, reference, records):
    """Say of each record, or of the file, what the verdict is; a record is undecided if it fails only by policy."""
    judged = confront(rules, folder, data, reference)
    if "dataset" in records:
        return {"dataset": VERDICTS[judged.verdict]}
    failing = {row["_row"] for row in judged.sample}
    open_or_failing = {row["_row"] for row in confront(rules, folder, data, reference, "fail").sample}
    assert judged.failed == len(failing)
    assert judged.undecided == len(open_or_failing - failing)
    return {
        record: "invalid" if int(record) in failing else "undecided" if int(record) in open_or_failing else "valid"
        for record in records
    }


def test_every_case_has_a_rule_file(expected):
    assert {f"rule_{rule}" for rule, _, _ in expected} == {path.stem for path in FOLDER.glob("*.yaml")}
    assert 48 == sum(map(len, expected.values()))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_verdict_is_that_of_the_handbook(cases, expected, path):
    rules = read_rules(path)
    wanted = {case: records for case, records in expected.items() if case[0] == path.stem.removeprefix("rule_")}

    found = {case: verdicts(rules, cases, case[1], case[2], records) for case, records in wanted.items()}

    assert wanted
    assert wanted == found


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_rule_of_the_handbook_is_data(path):
    (rule,) = read_rules(path).rules

    assert rule.names["en"]
    assert "Type" in rule.description
