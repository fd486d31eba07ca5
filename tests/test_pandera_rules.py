"""Rules travel in the pandera schema: the rows that fail there are the rows that fail in a validation."""

import warnings

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.read.codelists import codelist
from migstat.read.expression import parse_expression
from migstat.words.expression import Call, Compare, Name, Number
from migstat.words.finding import Place, Severity
from migstat.words.rule import Determines, Exists, Group, Holds, LookUp, Rule, RuleSet, Unique
from migstat.words.structure import Component, Structure
from migstat.work.pandera_schema import structure_schema

PLACE = Place("rules.yaml", 3)
PERSON = Structure(
    "PERSON", "record", "1.0", {}, "", "person", (),
    (
        Component("ROW", "ROW", "identifier", "integer"),
        Component("HOUSEHOLD_ID", "HOUSEHOLD_ID", "identifier", "text"),
        Component("SEX", "SEX", "dimension", "code", "CL_SEX"),
        Component("RESID_5Y", "RESID_5Y", "dimension", "code", "CL_RESID_PRIOR"),
        Component("AGE", "AGE", "measure", "integer", minimum=0, maximum=130),
    ),
)  # fmt: skip


def rule(id, check, when=None, **more):
    parsed = Holds(parse_expression(check, PLACE)) if isinstance(check, str) else check
    return Rule(id, parsed, str(check), PLACE, when=parse_expression(when, PLACE) if when else None, **more)


RULES = RuleSet(
    "R",
    "1",
    (
        rule("R1", "AGE between 3 and 60"),
        rule("R2", "RESID_5Y is missing", "AGE < 5"),
        rule("R3", "RESID_5Y = 'ABROAD' or SEX = 'F'"),
        rule("R4", "AGE >= 15", "SEX = 'M'", missing="fail"),
        rule("R5", "text(SEX) <> '_N'"),
        rule("R6", "AGE * 2 < 100", missing="pass"),
        rule("K1", Unique(("HOUSEHOLD_ID", "AGE"))),
        rule("K2", Unique(("HOUSEHOLD_ID",)), "SEX = 'F'"),
        rule("D1", Determines(("HOUSEHOLD_ID",), "RESID_5Y")),
        rule("B1", "AGE < 50", rows_borne=2),
        rule("B2", "SEX = 'M'", share_borne=0.5),
        rule("G1", Group(("HOUSEHOLD_ID",), Compare(">=", Call("count", ()), Number(2, "2")))),
    ),
)
SCHEMA = {"HOUSEHOLD_ID": pl.String, "SEX": pl.String, "RESID_5Y": pl.String, "AGE": pl.Int64}
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from(["F", "M", "_U", "_N"]),
        st.sampled_from(["ABROAD", "SAME_HOUSE", "_Z", "_X"]),
        st.sampled_from([None, 0, 3, 4, 5, 14, 15, 49, 50, 60, 61, 130]),
    ),
    min_size=1,
    max_size=12,
)


def by_pandera(frame, backend, rules=RULES):
    import pandera.errors

    schema = structure_schema(PERSON, backend, codelist, rules)
    native = frame.to_pandas() if backend == "pandas" else frame
    ids = {one.id for one in rules.rules}
    try:
        schema.validate(native, lazy=True)
    except pandera.errors.SchemaErrors as failure:
        cases = failure.failure_cases
        return {(str(check), int(row) + 1) for check, row in zip(cases["check"], cases["index"], strict=True)
                if check in ids and row is not None}  # fmt: skip
    return set()


def by_migstat(frame, rules=RULES):
    run = ms.validate(frame, structure=PERSON, rules=rules)
    failing = {one.rule.id for one in run.results if one.verdict == "fail"}
    rows = run.failures().select("_rule", "_row").rows()
    return {(id, row) for id, row in rows if id in failing and id in {one.id for one in rules.rules}}


@pytest.fixture(params=["polars", "pandas"])
def backend(request):
    return request.param


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_the_rows_that_fail_are_the_same_on_polars(rows):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").with_row_index("ROW", 1).cast({"ROW": pl.Int64})

    assert by_migstat(frame) == by_pandera(frame, "polars")


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_the_rows_that_fail_are_the_same_on_pandas(rows):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").with_row_index("ROW", 1).cast({"ROW": pl.Int64})

    assert by_migstat(frame) == by_pandera(frame, "pandas")


def people(**columns):
    height = len(next(iter(columns.values())))
    whole = {"ROW": list(range(1, height + 1)), "HOUSEHOLD_ID": ["a"] * height, "SEX": ["F"] * height,
             "RESID_5Y": ["ABROAD"] * height, "AGE": [30] * height} | columns  # fmt: skip
    return pl.DataFrame(whole, schema={"ROW": pl.Int64, **SCHEMA})


def test_a_row_that_cannot_be_judged_passes(backend):
    rules = RuleSet("R", "1", (rule("R1", "AGE > 40"),))
    frame = people(AGE=[None, 41, 3])

    assert {("R1", 3)} == by_pandera(frame, backend, rules)
    assert 1 == ms.validate(frame, structure=PERSON, rules=rules)["R1"].undecided


def test_rules_of_less_than_an_error_warn(backend):
    rules = RuleSet("R", "1", (rule("OLD", "AGE < 100", severity=Severity.WARNING),))
    schema = structure_schema(PERSON, backend, codelist, rules)
    frame = people(AGE=[101, 3])

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        schema.validate(frame.to_pandas() if backend == "pandas" else frame, lazy=True)
    assert any("OLD" in str(one.message) for one in caught)


def test_rules_that_look_into_the_frame_itself_travel(backend):
    mother = LookUp("mother", "self", {"ROW": "AGE"})
    younger = Compare("<=", Name("AGE"), Name("mother.AGE"))
    frame = people(AGE=[2, 1, 1])

    assert {("M", 1)} == by_pandera(frame, backend, RuleSet("R", "1", (rule("M", Holds(younger), look_ups=(mother,)),)))


def test_rules_over_other_files_are_named_as_left_out(backend):
    elsewhere = rule("E", Exists(("HOUSEHOLD_ID",), "households", ("HOUSEHOLD_ID",)))
    schema = structure_schema(PERSON, backend, codelist, RuleSet("R", "1", (elsewhere, *RULES.rules)))

    assert ["E"] == schema.metadata["rules_left_out"]


def test_a_column_that_is_not_there_is_missing_in_every_row(backend):
    rules = RuleSet("R", "1", (rule("R1", "WEALTH > 3"), rule("R2", "WEALTH > 3", missing="fail")))

    assert {("R2", 1)} == by_pandera(people(AGE=[3]), backend, rules)
