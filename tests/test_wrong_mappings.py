"""Wrong mappings and their messages: each file says at its end, after ``#>``, exactly what is told of it."""

from pathlib import Path

import pytest

from migstat.read.codelists import codelist
from migstat.read.mappings.document import read_mapping
from migstat.words.finding import Finding, MigstatError, Severity
from migstat.words.structure import Component, Structure
from migstat.work.lint import lint

FOLDER = Path(__file__).parent / "wrong_mappings"
FILES = sorted(FOLDER.glob("*.yaml"))

PERSON = Structure(
    id="PERSON",
    kind="record",
    version="1.0",
    names={"en": "Persons"},
    description="",
    unit="person",
    key=("ROW",),
    components=(
        Component("REF_AREA", "REF_AREA", "dimension", "code", "CL_AREA", filled_by="source.area"),
        Component("SEX", "SEX", "dimension", "code", "CL_SEX", required=True, names={"en": "Sex"}),
        Component("AGE", "AGE", "dimension", "integer", minimum=0, maximum=130, names={"en": "Age"}),
        Component("AGE_GROUP", "AGE", "dimension", "code", "CL_AGE", derived_from="AGE"),
        Component("BIRTH_DATE", "BIRTH_DATE", "attribute", "date"),
        Component("COUNTRY_BIRTH", "COUNTRY_BIRTH", "dimension", "code", "CL_COUNTRY_BIRTH"),
        Component("CITIZENSHIP", "CITIZENSHIP", "dimension", "code", "CL_CITIZENSHIP"),
        Component("YEAR_ARRIVAL", "YEAR_ARRIVAL", "attribute", "year", minimum=1880, maximum=2100),
        Component("RESID_1Y", "RESID_1Y", "dimension", "code", "CL_RESID_PRIOR"),
        Component("MIG_STATUS", "MIG_STATUS", "dimension", "code", "CL_MIG_STATUS"),
        Component("REGION", "REGION", "attribute", "text"),
    ),
)


def told(path: Path) -> str:
    """What a user reads of a mapping; a warning is marked."""
    try:
        findings = lint(read_mapping(path), PERSON, codelist)
    except MigstatError as error:
        findings = list(error.findings)
    return "\n".join(line(finding) for finding in findings)


def line(finding: Finding) -> str:
    return f"(warning) {finding}" if finding.severity == Severity.WARNING else str(finding)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_message_of_a_wrong_mapping(path):
    said = path.read_text(encoding="utf-8").splitlines()
    expected = "\n".join(line.removeprefix("#> ") for line in said if line.startswith("#>"))

    assert expected
    assert expected == told(path)


def test_there_is_a_wrong_mapping_for_each_habit():
    assert len(FILES) >= 45
