"""The rules that come with structures and codelists: which there are, what each says of a value, and their names."""

from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest

from migstat.read.codelists import codelist
from migstat.read.expression import parse_expression
from migstat.read.structures import structure, structure_ids
from migstat.words.codelist import LANGUAGES, Code, Codelist
from migstat.words.finding import Place
from migstat.words.rule import Holds, Rule, Unique
from migstat.words.structure import Component, Structure
from migstat.work.conditions import compile_expression
from migstat.work.validate.structure_rules import allowed, structure_rules

SEX = Codelist("CL_SEX", (Code("F", {"en": "Female"}), Code("M", {"en": "Male"}), Code("_T", {"en": "Total"})))
LISTS = {"CL_SEX": SEX}.__getitem__


def component(id: str, type: str = "code", **rest: object) -> Component:
    names = {"en": id.title(), "fr": f"{id.title()} (fr)"}
    return Component(
        id, id, rest.pop("role", "dimension"), type, "CL_SEX" if type == "code" else "", names=names, **rest
    )


def of(*components: Component, kind: str = "record", key: tuple[str, ...] = ()) -> Structure:
    return Structure("PERSON", kind, "1.0", {}, "", "person", key, components)


def rules(*components: Component, columns: str, kind: str = "record", key: tuple[str, ...] = ()) -> dict[str, Rule]:
    made = structure_rules(of(*components, kind=kind, key=key), LISTS, columns.split())
    return {rule.id: rule for rule in made}


def verdicts(rule: Rule, kinds: dict[str, str], **columns: list[object]) -> list[str]:
    """Judge rows of one small frame: pass, fail, open, or a point where the rule does not apply."""
    assert isinstance(rule.check, Holds)
    frame = nw.from_native(pl.DataFrame(columns, strict=False))
    ok = frame.select(ok=compile_expression(rule.check.expression, kinds))["ok"].to_list()
    ok = ok * (len(frame) // len(ok)) if len(ok) < len(frame) else ok
    when = [True] * len(frame)
    if rule.when is not None:
        when = frame.select(when=compile_expression(rule.when, kinds))["when"].to_list()
    unknown = {"fail": "fail"}.get(rule.missing, "open")
    said = {True: "pass", False: "fail", None: unknown}
    return [said[one] if applies else "." for one, applies in zip(ok, when, strict=True)]


def test_the_rules_of_a_record():
    made = rules(
        component("SEX", required=True),
        component("MARITAL"),
        component("AGE", "integer", minimum=0, maximum=130, required=True),
        component("BORN", "date"),
        component("REGION", "text"),
        component("REPWT", "number", repeats=True),
        columns="SEX MARITAL AGE AGE_MISSING BORN REGION REPWT_1 REPWT_2 REPWT_1B ROW",
        key=("ROW",),
    )
    expected = [
        *("SEX.CODE", "SEX.REQUIRED", "MARITAL.CODE", "MARITAL.MISSING", "AGE.TYPE", "AGE.RANGE", "AGE.KIND"),
        *("AGE.MISSING", "BORN.TYPE", "REPWT_1.TYPE", "REPWT_2.TYPE", "KEY.UNIQUE"),
    ]

    assert expected == list(made)
    assert Unique(("ROW",)) == made["KEY.UNIQUE"].check
    assert "REPWT" == made["REPWT_2.TYPE"].component


def test_the_rules_of_a_table():
    made = rules(
        component("SEX", required=True),
        component("STATUS", role="attribute"),
        component("OBS_VALUE", "number", minimum=0, required=True),
        columns="SEX STATUS OBS_VALUE OBS_VALUE_MISSING",
        kind="table",
        key=("SEX",),
    )
    expected = [
        *("SEX.CODE", "SEX.REQUIRED", "STATUS.CODE", "OBS_VALUE.TYPE", "OBS_VALUE.RANGE", "OBS_VALUE.REQUIRED"),
        "KEY.UNIQUE",
    ]

    assert expected == list(made)


def test_a_component_that_has_no_column_is_told_only_where_it_is_required():
    made = rules(component("SEX", required=True), component("MARITAL"), component("AGE", "integer"), columns="ROW")

    assert ["SEX.REQUIRED"] == list(made)
    assert ["fail", "fail"] == verdicts(made["SEX.REQUIRED"], {"SEX": "absent"}, ROW=[1, 2])


def test_no_key_rule_where_a_part_of_the_key_has_no_column():
    assert "KEY.UNIQUE" not in rules(component("SEX"), columns="SEX", key=("SEX", "AREA"))


@pytest.mark.parametrize(
    ("kind", "role", "codes"),
    [
        ("record", "dimension", ("F", "M", "_Z", "_N", "_U", "_X")),
        ("table", "dimension", ("F", "M", "_Z", "_T")),
        ("table", "attribute", ("F", "M")),
    ],
)
def test_the_codes_that_may_stand(kind, role, codes):
    sex = component("SEX", role=role)

    assert codes == allowed(sex, of(sex, kind=kind), LISTS)


def test_codes():
    made = rules(component("SEX"), columns="SEX")
    sex = ["F", "f", "_N", "_T", "", None]
    blank = [None if one == "" else one for one in sex]

    assert ["pass", "fail", "pass", "fail", ".", "."] == verdicts(made["SEX.CODE"], {"SEX": "code"}, SEX=blank)
    assert ["pass"] * 4 + ["fail"] * 2 == verdicts(made["SEX.MISSING"], {"SEX": "code"}, SEX=blank)


@pytest.mark.parametrize(
    ("type", "values", "expected"),
    [
        ("integer", ["7", "7.0", "7.5", "seven", "-1", None], ["pass", "pass", "fail", "fail", "pass", "."]),
        ("number", ["7", "7.5", "1e5", "x", None], ["pass", "pass", "fail", "fail", "."]),
        ("year", ["1990", "1990-01", "90.5"], ["pass", "fail", "fail"]),
        (
            "date",
            ["2019-02-28", "2019-02-29", "2020-02-29", "1900-02-29", "2000-02-29", "2019-04-31", "2019-13-01", "2019"],
            ["pass", "fail", "pass", "fail", "pass", "fail", "fail", "fail"],
        ),
        ("date", ["9999-12-31", "2019-1-1", "31/12/2019", None], ["pass", "fail", "fail", "."]),
    ],
)
def test_types_of_text(type, values, expected):
    made = rules(component("X", type), columns="X")

    assert expected == verdicts(made["X.TYPE"], {"X": "text"}, X=values)


def test_types_of_typed_columns_hold():
    made = rules(component("X", "integer"), component("Y", "number"), columns="X Y")

    assert ["pass", "."] == verdicts(made["X.TYPE"], {"X": "number"}, X=[3, None])
    assert ["pass", "."] == verdicts(made["Y.TYPE"], {"Y": "number"}, Y=[3.5, None])


@pytest.mark.parametrize(
    ("bounds", "expected", "text"),
    [
        ({"minimum": 0, "maximum": 130}, ["fail", "pass", "pass", "fail", ".", "."], "X between 0 and 130"),
        ({"minimum": 0}, ["fail", "pass", "pass", "pass", ".", "."], "X >= 0"),
        ({"maximum": 130}, ["pass", "pass", "pass", "fail", ".", "."], "X <= 130"),
    ],
)
def test_bounds(bounds, expected, text):
    made = rules(component("X", "integer", **bounds), columns="X")["X.RANGE"]

    assert text == made.text
    assert expected == verdicts(made, {"X": "text"}, X=["-1", "0", "130", "131", "old", None])


def test_a_number_is_absent_exactly_where_its_kind_says_why():
    made = rules(component("AGE", "integer"), columns="AGE AGE_MISSING")
    kinds = {"AGE": "number", "AGE_MISSING": "text"}
    columns = {"AGE": [3, None, 3, None, None], "AGE_MISSING": [None, "_N", "_N", None, "refused"]}

    assert ["pass", "pass", "fail", "fail", "pass"] == verdicts(made["AGE.MISSING"], kinds, **columns)
    assert [".", "pass", "pass", ".", "fail"] == verdicts(made["AGE.KIND"], kinds, **columns)


FIVE = parse_expression("AGE >= 5", Place("x"))


def test_not_applicable_stands_exactly_outside_the_universe():
    asked = component("RESID_5Y", universe="AGE >= 5", applies=FIVE)
    made = rules(component("AGE", "integer"), asked, columns="AGE RESID_5Y")["RESID_5Y.UNIVERSE"]
    kinds = {"AGE": "number", "RESID_5Y": "code"}
    found = verdicts(
        made,
        kinds,
        AGE=[4, 4, 4, 4, 5, 5, 5, 5, None, None],
        RESID_5Y=["_Z", "F", "_N", "_X", "_Z", "F", "_N", None, "_Z", "F"],
    )

    assert ["pass", "fail", "fail", ".", "fail", "pass", "pass", ".", "open", "open"] == found


def test_the_universe_of_a_number_is_told_by_its_column_of_kinds():
    asked = component("HOURS", "integer", universe="AGE >= 5", applies=FIVE)
    age = component("AGE", "integer")
    made = rules(age, asked, columns="AGE HOURS HOURS_MISSING")["HOURS.UNIVERSE"]
    kinds = {"AGE": "number", "HOURS_MISSING": "text"}
    found = verdicts(made, kinds, AGE=[4, 4, 5, 5, 5], HOURS_MISSING=["_Z", None, "_Z", None, "_N"])

    assert ["pass", "fail", "fail", "pass", "pass"] == found
    assert "HOURS.UNIVERSE" not in rules(age, asked, columns="AGE HOURS")


def test_names_in_all_languages():
    for id in structure_ids():
        one = structure(id)
        columns = [*one.ids, *(f"{name}_MISSING" for name in one.ids), "REPWT_1"]
        for rule in structure_rules(one, codelist, columns):
            assert set(LANGUAGES) == set(rule.names)
            assert len({rule.names[language] for language in ("en", "ar", "ru", "zh")}) == 4, rule.id
            assert rule.mend
            assert rule.text
            assert rule.origin


def test_names():
    made = rules(component("AGE", "integer", minimum=0, maximum=130), columns="AGE")

    assert "Age: from 0 to 130" == made["AGE.RANGE"].name()
    assert "Age (fr) : de 0 à 130" == made["AGE.RANGE"].name("fr")
    assert (
        "Repwt 12: a number"
        == rules(component("REPWT", "number", repeats=True), columns="REPWT_12")["REPWT_12.TYPE"].name()
    )


def test_ids_are_one_each():
    for id in structure_ids():
        one = structure(id)
        ids = [rule.id for rule in structure_rules(one, codelist, one.ids)]

        assert len(set(ids)) == len(ids)


def test_a_codelist_tells_its_source_and_standing():
    sex = replace(SEX, source="SDMX", standing="official")
    made = structure_rules(of(component("SEX")), {"CL_SEX": sex}.__getitem__, ["SEX"])

    assert ("SDMX", "official") == (made[0].origin, made[0].standing)
