"""The structures that ship are whole, and a structure that is wrong says where and what to write."""

import re

import pytest

from migstat.read.codelists import codelist
from migstat.read.structures import read_structure, structure, structure_ids
from migstat.words.codelist import LANGUAGES
from migstat.words.finding import MigstatError
from migstat.words.missing import KINDS

RECORDS = ["BORDER_CROSSING", "CENSUS_PERSON", "RESIDENCE_PERMIT", "SURVEY_PERSON", "VISA"]
TABLES = ["CROSSINGS", "MIGRANT_CHARACTERISTICS", "MIGRANT_STOCK", "MIGRATION_FLOW", "PERMITS", "VISAS"]
COMPONENTS = [(id, component) for id in structure_ids() for component in structure(id).components]


def test_all_structures_ship():
    kinds = {id: structure(id).kind for id in structure_ids()}

    assert {**dict.fromkeys(RECORDS, "record"), **dict.fromkeys(TABLES, "table")} == kinds


def test_a_survey_person_is_a_census_person_and_more():
    census, survey = structure("CENSUS_PERSON"), structure("SURVEY_PERSON")

    assert census.ids == survey.ids[: len(census.ids)]
    assert ("WEIGHT", "STRATA", "PSU", "FPC", "STAGE_STRATA", "STAGE_UNIT", "REPWT") == tuple(
        component.id for component in survey.with_role("design")
    )
    assert survey["REPWT"].repeats


def test_the_five_census_questions_are_required_and_say_so():
    person = structure("CENSUS_PERSON")
    asked = [component.id for component in person.components if "Objective 1(e)" in component.description]

    assert ["COUNTRY_BIRTH", "CITIZENSHIP", "RESID_5Y", "YEAR_ARRIVAL", "MIG_REASON"] == asked
    assert {"SEX", "AGE", *asked} == {c.id for c in person.components if c.required and not c.filled_by}


@pytest.mark.parametrize(("id", "component"), COMPONENTS, ids=lambda value: getattr(value, "id", value))
def test_each_component_is_named_described_and_sourced(id, component):
    assert set(LANGUAGES) == {language for language in LANGUAGES if component.names.get(language)}
    assert component.description.endswith(".")
    assert component.source
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", component.id)


@pytest.mark.parametrize("id", RECORDS)
def test_the_codelists_of_records_have_every_kind_of_missing(id):
    filled = {component.id for component in structure(id).components if component.filled_by}
    coded = [component for component in structure(id).components if component.coded and component.id not in filled]

    lacking = {c.codelist: sorted(set(KINDS) - set(codelist(c.codelist).ids)) for c in coded}

    assert {} == {name: codes for name, codes in lacking.items() if codes}


@pytest.mark.parametrize("id", TABLES)
def test_the_key_of_a_table_is_its_dimensions(id):
    table = structure(id)

    assert tuple(component.id for component in table.with_role("dimension")) == table.key


HEAD = """id: T
kind: record
version: 1.0
names: {en: t, fr: t, es: t, ar: t, ru: t, zh: t}
description: A test.
"""
CONCEPTS = "SEX: {names: {en: s, fr: s, es: s, ar: s, ru: s, zh: s}, description: S., source: test}\n"
CONCEPTS += CONCEPTS.replace("SEX", "AGE")
WRONG = [
    ("components: {SEX: {codelist: CL_SEXE}}", 6, "SEX", "there is no codelist CL_SEXE", "write CL_SEX"),
    ("components: {SEX: {codelist: CL_SEX, rol: measure}}", 6, "SEX", "the component has no key 'rol'", "write role"),
    ("components: {SEX: {codelist: CL_SEX, role: dim}}", 6, "SEX", "role: dim is not known",
     "one of dimension, measure, attribute, identifier, design"),
    ("components: {SEX: {}}", 6, "SEX", "a code needs a codelist",
     "give either a codelist, or a type: text | integer | number | year | date"),
    ("components: {SEX: {codelist: CL_SEX, type: text}}", 6, "SEX", "a text has no codelist",
     "give either a codelist, or a type: text | integer | number | year | date"),
    ("components: {SEXX: {codelist: CL_SEX}}", 6, "SEXX", "there is no concept SEXX",
     "add it to concepts.yaml, or write SEX"),
    ("components: {AGE: {type: integer, minimum: old}}", 6, "AGE", "minimum: 'old' is not a number",
     "write a number such as 130"),
    ("components: {AGE: {type: integer, minimum: 9, maximum: 1}}", 6, "AGE", "the minimum 9 is above the maximum 1",
     "swap them"),
    ("components: {AGE: {type: text, minimum: 9}}", 6, "AGE", "a text has no minimum or maximum", "remove them"),
    ("components: {AGE: {type: integer, required: yes}}", 6, "AGE", "required: yes is not known",
     "one of true, false"),
    ("components: {SEX: {codelist: CL_SEX, derived_from: AG}}", 6, "SEX", "derived from AG, which is no component",
     "one of SEX"),
    ("components: {AGE: {type: integer, universe: AGEP > 3}}", 6, "AGE",
     "the universe reads AGEP, which is no component", "write AGE"),
    ("key: [ROW]\ncomponents: {AGE: {type: integer}}", 6, "", "the key ROW is no component", "one of AGE"),
    ("extends: CENSUS\ncomponents: {AGE: {type: integer}}", 6, "", "there is no structure CENSUS to extend",
     "put it into the same folder, or remove the line"),
    ("extends: T\ncomponents: {AGE: {type: integer}}", 6, "", "T extends itself: T > T", "cut the circle"),
    ("components: {age: {type: integer, concept: AGE}}", 6, "age",
     "'age' is not an id: capitals, digits and _, a capital first", "write it as SEX"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "component", "what", "mend"), WRONG, ids=[case[3] for case in WRONG])
def test_a_wrong_structure_says_where_and_what_to_write(tmp_path, text, line, component, what, mend):
    (tmp_path / "T.yaml").write_text(HEAD + text, encoding="utf-8")
    (tmp_path / "concepts.yaml").write_text(CONCEPTS, encoding="utf-8")

    with pytest.raises(MigstatError) as error:
        read_structure(tmp_path / "T.yaml")

    found = [(f.place.line, f.component, f.what, f.mend) for f in error.value.findings]
    assert [(line, component, what, mend)] == found


def test_everything_wrong_is_told_at_once(tmp_path):
    (tmp_path / "T.yaml").write_text(
        "id: X\nkind: recrod\ncomponents:\n  SEX: {codelist: CL_SEXE}\n  AGE: {type: whole}\n", encoding="utf-8"
    )

    with pytest.raises(MigstatError) as error:
        read_structure(tmp_path / "T.yaml")

    lines = [finding.place.line for finding in error.value.findings]
    assert {1, 2, 4, 5} <= set(lines)
    assert lines == sorted(lines)


def test_an_extended_component_is_replaced_in_its_place(tmp_path):
    (tmp_path / "concepts.yaml").write_text(CONCEPTS, encoding="utf-8")
    (tmp_path / "P.yaml").write_text(
        HEAD.replace("id: T", "id: P") + "components: {SEX: {codelist: CL_SEX}, AGE: {type: integer}}", encoding="utf-8"
    )
    (tmp_path / "T.yaml").write_text(
        HEAD + "extends: P\ncomponents: {SEX: {codelist: CL_SEX, required: true}}", encoding="utf-8"
    )

    found = read_structure(tmp_path / "T.yaml")

    assert ("SEX", "AGE") == found.ids
    assert found["SEX"].required


def test_an_unknown_structure_is_answered_with_the_nearest():
    with pytest.raises(MigstatError, match="write CENSUS_PERSON"):
        structure("CENSUS_PERSONS")
