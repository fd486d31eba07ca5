"""Each definition counts whom its source says, and unknown is never taken for native or for migrant."""

import narwhals as nw
import pytest

from migstat.read.codelists import codelist
from migstat.read.definitions import definition, definition_ids, read_definitions
from migstat.read.structures import structure, structure_ids
from migstat.words.codelist import LANGUAGES
from migstat.words.expression import In, Text, names, walk
from migstat.words.finding import MigstatError
from migstat.work.derive import derive

PERSON = structure("SURVEY_PERSON")
PAIRS = frozenset({("SUHH", "LVA"), ("M49_142", "IND")})
RULED = [id for id in definition_ids() if definition(id).rule is not None]


def family(area, born, mother="", father="", **more):
    """A person with the birthplace and the citizenship of the parents, as far as they were collected."""
    given = {"REF_AREA": area, "COUNTRY_BIRTH": born, **more}
    for parent, said in (("MOTHER", mother), ("FATHER", father)):
        if said:
            given[f"COUNTRY_BIRTH_{parent}"], given[f"CITIZENSHIP_{parent}"] = said.split()
    return given


CASES = {
    "FOREIGN_BORN": [
        ({"COUNTRY_BIRTH": "UGA"}, "Y"),
        ({"COUNTRY_BIRTH": "KEN"}, "N"),
        ({"COUNTRY_BIRTH": "_O"}, "Y"),
        ({"COUNTRY_BIRTH": "_U"}, "_U"),
        ({"COUNTRY_BIRTH": "_N"}, "_U"),
        ({"COUNTRY_BIRTH": "_X"}, "_U"),
        ({"COUNTRY_BIRTH": "SUHH", "REF_AREA": "LVA"}, "_U"),
        ({"COUNTRY_BIRTH": "SUHH", "REF_AREA": "KEN"}, "Y"),
        ({"COUNTRY_BIRTH": "M49_142", "REF_AREA": "IND"}, "_U"),
        ({"COUNTRY_BIRTH": "PRI", "REF_AREA": "USA"}, "Y"),
    ],
    "FOREIGN_CITIZEN": [
        ({"CITIZENSHIP": "UGA", "CITIZENSHIP_2": "_Z"}, "Y"),
        ({"CITIZENSHIP": "UGA"}, "Y"),
        ({"CITIZENSHIP": "UGA", "CITIZENSHIP_2": "_X"}, "Y"),
        ({"CITIZENSHIP": "UGA", "CITIZENSHIP_2": "KEN"}, "N"),
        ({"CITIZENSHIP": "KEN", "CITIZENSHIP_2": "UGA"}, "N"),
        ({"CITIZENSHIP": "UGA", "CITIZENSHIP_2": "_N"}, "_U"),
        ({"CITIZENSHIP": "KEN", "CITIZENSHIP_2": "_N"}, "N"),
        ({"CITIZENSHIP": "_U", "CITIZENSHIP_2": "KEN"}, "N"),
        ({"CITIZENSHIP": "_U"}, "_U"),
        ({"CITIZENSHIP": "STLS"}, "Y"),
        ({"CITIZENSHIP": "RNC", "REF_AREA": "LVA"}, "Y"),
        ({"CITIZENSHIP": "_O"}, "Y"),
    ],
    "FOREIGN_BORN_OR_CITIZEN": [
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "_U"}, "Y"),
        ({"COUNTRY_BIRTH": "KEN", "CITIZENSHIP": "_U"}, "_U"),
        ({"COUNTRY_BIRTH": "UGA"}, "Y"),
        ({"COUNTRY_BIRTH": "KEN", "CITIZENSHIP": "KEN"}, "N"),
    ],
    "FOREIGN_BORN_AND_CITIZEN": [
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "UGA"}, "Y"),
        ({"COUNTRY_BIRTH": "KEN", "CITIZENSHIP": "_U"}, "N"),
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "_U"}, "_U"),
    ],
    "NATURALISED": [
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "KEN"}, "Y"),
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "UGA", "CITIZENSHIP_2": "KEN"}, "Y"),
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "UGA"}, "N"),
        ({"COUNTRY_BIRTH": "KEN", "CITIZENSHIP": "KEN"}, "N"),
    ],
    "NATIVE_BORN_FOREIGN": [
        ({"COUNTRY_BIRTH": "KEN", "CITIZENSHIP": "UGA"}, "Y"),
        ({"COUNTRY_BIRTH": "KEN", "CITIZENSHIP": "KEN"}, "N"),
        ({"COUNTRY_BIRTH": "_N", "CITIZENSHIP": "UGA"}, "_U"),
    ],
    "LIVED_ABROAD_1Y": [
        ({"RESID_1Y": "ABROAD", "AGE": "30"}, "Y"),
        ({"RESID_1Y": "SAME_HOUSE", "AGE": "30"}, "N"),
        ({"RESID_1Y": "_Z", "AGE": "0"}, "_Z"),
        ({"RESID_1Y": "_U", "AGE": "1"}, "_U"),
    ],
    "LIVED_ABROAD_5Y": [
        ({"RESID_5Y": "_Z", "AGE": "4"}, "_Z"),
        ({"RESID_5Y": "ABROAD"}, "Y"),
        ({"RESID_5Y": "_Z"}, "_Z"),
        ({"RESID_5Y": "_Z", "AGE": "40"}, "_U"),
        ({"RESID_5Y": "_N"}, "_U"),
        ({"AGE": "40"}, "_U"),
        ({"AGE": "3"}, "_Z"),
    ],
    "REFUGEE_BACKGROUND": [
        ({"MIG_STATUS": "REF"}, "Y"),
        ({"MIG_STATUS": "REF_BG_NAT"}, "Y"),
        ({"MIG_STATUS": "NAT_CIT"}, "N"),
        ({"MIG_STATUS": "_N"}, "_U"),
    ],
    "ILO_MIGRANT_WORKER": [
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "KEN", "LABOUR": "EMP"}, "Y"),
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "UGA", "LABOUR": "OLF_RET"}, "N"),
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "UGA", "LABOUR": "_Z"}, "_Z"),
        ({"COUNTRY_BIRTH": "UGA", "CITIZENSHIP": "UGA"}, "_U"),
        ({"COUNTRY_BIRTH": "KEN", "CITIZENSHIP": "KEN"}, "N"),
    ],
    "ILO_FOR_WORK": [
        ({"COUNTRY_BIRTH": "UGA", "MIG_REASON": "EMP_F"}, "Y"),
        ({"COUNTRY_BIRTH": "UGA", "MIG_REASON": "FAM"}, "N"),
        ({"COUNTRY_BIRTH": "KEN", "MIG_REASON": "_Z"}, "N"),
    ],
    "ILO_RETURN_WORKER": [
        ({"EVER_ABROAD": "Y", "WORKED_ABROAD": "Y"}, "Y"),
        ({"EVER_ABROAD": "N", "WORKED_ABROAD": "_Z"}, "N"),
        ({"EVER_ABROAD": "Y"}, "_U"),
    ],
    "US_NATIVITY": [
        ({"NATIONAL_AT_BIRTH": "N"}, "Y"),
        ({"NATIONAL_AT_BIRTH": "Y"}, "N"),
        ({"NATIONAL_AT_BIRTH": "_U"}, "_U"),
        ({"COUNTRY_BIRTH": "MEX"}, "_U"),
    ],
    "CA_IMMIGRANT": [
        ({"IMMIGRANT_STATUS": "Y"}, "Y"),
        ({"IMMIGRANT_STATUS": "N"}, "N"),
        ({"IMMIGRANT_STATUS": "_N"}, "_U"),
    ],
    "DK_IMMIGRANT": [
        (family("DNK", "SWE", mother="SWE SWE", father="DNK SWE"), "Y"),
        (family("DNK", "SWE", mother="DNK DNK"), "N"),
        (family("DNK", "SWE", mother="_U _U", father="_N _U"), "Y"),
        (family("DNK", "SWE"), "_U"),
        (family("DNK", "DNK"), "N"),
        (family("DNK", "SWE", mother="SWE SWE", father="_U _U"), "_U"),
    ],
    "DK_DESCENDANT": [
        (family("DNK", "DNK", mother="SWE DNK", father="SWE SWE", CITIZENSHIP="DNK"), "Y"),
        (family("DNK", "DNK", mother="DNK DNK"), "N"),
        (family("DNK", "DNK", mother="_U _U", father="_U _U", CITIZENSHIP="SWE"), "Y"),
        (family("DNK", "DNK", mother="_U _U", father="_U _U", CITIZENSHIP="DNK"), "N"),
        (family("DNK", "SWE"), "N"),
    ],
    "NO_IMMIGRANT": [
        (family("NOR", "SWE", mother="SWE SWE", father="FIN FIN", GRANDPARENTS_ABROAD="4"), "Y"),
        (family("NOR", "SWE", mother="_U _U", GRANDPARENTS_ABROAD="3"), "N"),
        (family("NOR", "SWE", mother="SWE SWE", father="FIN FIN"), "_U"),
    ],
    "NO_NORWEGIAN_BORN": [
        (family("NOR", "NOR", mother="SWE SWE", father="FIN FIN", GRANDPARENTS_ABROAD="4"), "Y"),
        (family("NOR", "SWE"), "N"),
    ],
    "STATELESS": [
        ({"CITIZENSHIP": "STLS"}, "Y"),
        ({"CITIZENSHIP": "RNC"}, "N"),
        ({"CITIZENSHIP": "_U"}, "_U"),
    ],
}


def answer(given, id):
    """What the definition says of one record that has only these components."""
    import polars as pl

    frame = nw.from_native(pl.DataFrame([{"REF_AREA": "KEN", **given}]))
    return derive(frame, definition(id), PERSON, PAIRS)[id].item()


@pytest.mark.parametrize(("id", "given", "expected"), [(id, *case) for id, cases in CASES.items() for case in cases])
def test_whom_a_definition_counts(id, given, expected):
    counted = answer(given, id)

    assert expected == counted


def test_each_rule_has_cases():
    assert sorted(RULED) == sorted(CASES)


def test_every_code_of_the_list_has_a_definition_and_the_rest_say_what_they_need():
    assert codelist("CL_MIG_DEF").ids == (*definition_ids(), "_Z")
    assert {} == {id: definition(id).needs for id in RULED if definition(id).needs}
    assert set(definition_ids()) - set(RULED) == {id for id in definition_ids() if definition(id).needs}


@pytest.mark.parametrize("id", definition_ids())
def test_each_definition_is_named_sourced_and_reads_components_that_exist(id):
    said = definition(id)
    known = {component.id for one in structure_ids() for component in structure(one).components}

    assert set(LANGUAGES) == {language for language in LANGUAGES if said.names.get(language)}
    assert said.source
    assert said.standing
    assert said.text
    assert said.edge_cases
    assert set() == {*said.reads, *(names(said.rule) if said.rule else ())} - known


@pytest.mark.parametrize("id", RULED)
def test_each_code_that_a_rule_names_is_in_its_codelist(id):
    rules = [rule for rule in (definition(id).rule, definition(id).universe) if rule is not None]
    compared = [node for rule in rules for node in walk(rule) if type(node).__name__ in ("Compare", "In")]

    unknown = []
    for node in compared:
        read = names(node)
        texts = node.members if isinstance(node, In) else (node.left, node.right)
        codes = {text.value for text in texts if isinstance(text, Text)}
        if read and PERSON[read[0]].coded:
            unknown += sorted(codes - set(codelist(PERSON[read[0]].codelist).ids))

    assert [] == unknown


def test_the_groups_of_refuge_are_a_whole_branch():
    rule = definition("REFUGEE_BACKGROUND").rule
    statuses = codelist("CL_MIG_STATUS")

    assert {"REFREL", *statuses.descendants("REFREL")} == {member.value for member in rule.members}


def test_every_engine_gives_the_same_answers(constructor):
    rows = [{"ID": n, "REF_AREA": "KEN", **given} for n, (given, _) in enumerate(CASES["FOREIGN_CITIZEN"])]
    expected = [said for _, said in CASES["FOREIGN_CITIZEN"]]
    columns = {name: [row.get(name, "_X") for row in rows] for name in ("REF_AREA", "CITIZENSHIP", "CITIZENSHIP_2")}
    columns["ID"] = [f"{row['ID']:02}" for row in rows]

    made = derive(nw.from_native(constructor(columns)), definition("FOREIGN_CITIZEN"), PERSON, PAIRS)

    found = constructor.rows(made.to_native(), "ID")
    assert expected == [row["FOREIGN_CITIZEN"] for row in found]


def test_numbers_that_are_text_or_absent_are_read_alike(constructor):
    rows = [{"ID": "1", "AGE": "0", "RESID_1Y": "_Z"}, {"ID": "2", "AGE": "30", "RESID_1Y": "ABROAD"},
            {"ID": "3", "AGE": None, "RESID_1Y": "_Z"}, {"ID": "4", "AGE": "x", "RESID_1Y": "_N"}]  # fmt: skip

    made = derive(nw.from_native(constructor(rows)), definition("LIVED_ABROAD_1Y"), PERSON)

    assert ["_Z", "Y", "_Z", "_U"] == [row["LIVED_ABROAD_1Y"] for row in constructor.rows(made.to_native(), "ID")]


def test_a_pandas_frame_keeps_its_index():
    import pandas as pd

    frame = pd.DataFrame({"CITIZENSHIP": ["STLS", "KEN"]}, index=[7, 9])

    made = derive(nw.from_native(frame), definition("STATELESS"), PERSON).to_native()

    assert {7: "Y", 9: "N"} == made["STATELESS"].to_dict()


def test_dictionary_encoded_codes_are_codes():
    import polars as pl

    frame = pl.DataFrame({"CITIZENSHIP": ["STLS", "_U"], "AGE": [3, None]}).cast({"CITIZENSHIP": pl.Categorical})

    assert ["Y", "_U"] == derive(nw.from_native(frame), definition("STATELESS"), PERSON)["STATELESS"].to_list()


def test_a_definition_over_several_records_is_refused():
    import polars as pl

    with pytest.raises(MigstatError, match="NZ_12_16 cannot be told from one record: it needs all border crossings"):
        derive(nw.from_native(pl.DataFrame({"PERSON_ID": ["a"]})), definition("NZ_12_16"), PERSON)


def test_an_unknown_definition_is_answered_with_the_nearest():
    with pytest.raises(MigstatError, match="write FOREIGN_BORN"):
        definition("FOREIGNBORN")


WRONG = [
    ("A: {text: t, source: s, reads: [X]}", "there is neither a rule nor what it needs"),
    ("A: {text: t, source: s, reads: [X], rule: X = 1, needs: more}", "there is both a rule and what it needs"),
    ("A: {text: t, source: s, reads: [Y], rule: X = 1}", "reads Y, which the rule does not"),
    ("A: {text: t, source: s, rule: X = 1}", "there are no 'reads'"),
    ("A: {text: t, reads: [X], rule: X = 1}", "the definition has no 'source'"),
    ("A: {text: t, source: s, reads: [X], rule: X = = 1}", "found '=' where a column or value should stand"),
    ("A: {text: t, source: s, reads: [X], rle: X = 1, rule: X = 1}", "the definition has no key 'rle'"),
    ("B: {text: t, source: s, reads: [X], rule: X = 1}", "L has no code B"),
]


@pytest.mark.parametrize(("text", "what"), WRONG)
def test_a_wrong_definition_says_what(tmp_path, text, what):
    from migstat.words.codelist import Code, Codelist

    path = tmp_path / "definitions.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(MigstatError) as error:
        read_definitions(path, Codelist("L", (Code("A", {"en": "a"}),)))

    assert what in str(error.value)
    assert {1} == {finding.place.line for finding in error.value.findings}
