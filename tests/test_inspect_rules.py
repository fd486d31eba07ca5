"""Rules about rules: what is wrong with them is told before any data; what cannot be known is never claimed."""

import itertools

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.read.codelists import codelist
from migstat.read.expression import parse_expression
from migstat.read.structures import structure
from migstat.words.finding import Place, Severity
from migstat.words.rule import Group, Holds, LookUp, Rule, RuleSet, Unique
from migstat.work.conditions import compile_expression
from migstat.work.inspect_rules import inspect_rules

PERSON = structure("CENSUS_PERSON")
PLACE = Place("rules.yaml", 7)


def rule(id, check, when=None, **more):
    parsed = Holds(parse_expression(check, PLACE)) if isinstance(check, str) else check
    text = check if isinstance(check, str) else id
    return Rule(id, parsed, text, PLACE, when=parse_expression(when, PLACE) if when else None, **more)


def told(*rules, structure=PERSON, columns=()):
    return [finding.what for finding in inspect_rules(RuleSet("R", "1.0", rules), structure, codelist, columns)]


CONTRADICTORY = [
    ([("A", "AGE >= 18"), ("B", "AGE < 15")], "A contradicts B"),
    ([("A", "SEX in ('F')"), ("B", "SEX = 'M'")], "A contradicts B"),
    ([("A", "AGE < 10", "SEX = 'F'"), ("B", "AGE > 20", "SEX = 'F'")], "A contradicts B"),
    ([("A", "AGE < 10", "SEX = 'F'"), ("B", "AGE > 20")], "A contradicts B"),
    ([("A", "YEAR_ARRIVAL - YEAR_ACQUISITION > 3"), ("B", "YEAR_ACQUISITION >= YEAR_ARRIVAL - 2")], "A contradicts B"),
    ([("A", "BIRTH_DATE < ARRIVAL_DATE"), ("B", "ARRIVAL_DATE <= BIRTH_DATE")], "A contradicts B"),
    ([("A", "BIRTH_DATE >= '2000-01-01'"), ("B", "BIRTH_DATE < '1999-12-31'")], "A contradicts B"),
    ([("A", "AGE > 4 and AGE < 6"), ("B", "AGE <> 5")], "A contradicts B"),
    ([("A", "months_between(BIRTH_DATE, ARRIVAL_DATE) > 3"), ("B", "months_between(BIRTH_DATE, ARRIVAL_DATE) <= 3")],
     "A contradicts B"),
    ([("A", "ROW > 4 and ROW < 6"), ("B", "ROW <> 5")], "A contradicts B"),
    ([("A", "(text(RESID_5Y) = '_Z') = (AGE < 5)"), ("B", "RESID_5Y = 'ABROAD'", "AGE = 3")], "B contradicts A"),
    ([("A", "RESID_5Y is missing"), ("B", "RESID_5Y is not missing")], "A contradicts B"),
    ([("A", "AGE >= 20 or SEX = 'F'"), ("B", "AGE < 20"), ("C", "SEX <> 'F'")],
     "A contradicts B and C: no row can pass all 3"),
    ([("A", "REGION = 'north'"), ("B", "REGION in ('south', 'west')")], "A contradicts B"),
    ([("A", "SEX = 'F' and SEX = 'M'")], "A can be passed by no row"),
    ([("A", "AGE > 130")], "A can be passed by no row"),
    ([("A", "AGE = 2.5")], "A can be passed by no row"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "expected"), CONTRADICTORY)
def test_rules_that_no_row_can_pass_are_errors(rules, expected):
    findings = inspect_rules(RuleSet("R", "1", tuple(rule(*one) for one in rules)), PERSON, codelist)

    assert [Severity.ERROR] == [finding.severity for finding in findings]
    assert findings[0].what.startswith(expected)


NOT_CONTRADICTORY = [
    [("A", "MARITAL = 'SINGLE'", "AGE < 15"), ("B", "AGE >= 15", "MARITAL in ('MARRIED', 'WIDOWED')")],
    [("A", "AGE >= 15", "MARITAL = 'WIDOWED'"), ("B", "AGE <= 14", "EDUCATION is missing")],
    [("A", "RESID_5Y is missing", "AGE < 5"), ("B", "RESID_5Y in ('ABROAD', 'SAME_HOUSE')")],
    [("A", "AGE >= 18 or SEX = 'F'"), ("B", "AGE < 15 or SEX = 'M'")],
    [("A", "matches(REGION, '[a-z]+')"), ("B", "not starts_with(REGION, 'x')")],
    [("A", "REGION = '15'"), ("B", "number(REGION) >= 15")],
    [("A", "REGION <> '15'"), ("B", "number(REGION) = 15")],
    [("A", "number(REGION) = 15"), ("B", "REGION <> '15'"), ("C", "REGION <> '15.0'")],
    [("A", "BIRTH_DATE < ARRIVAL_DATE"), ("B", "ARRIVAL_DATE >= '1990-01-01'"), ("C", "BIRTH_DATE > '1980-01-01'")],
    [("A", "YEAR_ARRIVAL >= YEAR_ACQUISITION"), ("B", "YEAR_ACQUISITION >= YEAR_ARRIVAL")],
    [("A", "ROW > 4 and ROW < 7")],
    [("A", "AGE * 2 > 10"), ("B", "AGE / 2 < 10")],
    [("A", "text(RESID_5Y) = '_Z'", "AGE < 5"), ("B", "RESID_5Y is not missing", "AGE >= 5")],
]


@pytest.mark.parametrize("rules", NOT_CONTRADICTORY)
def test_rules_that_some_row_can_pass_raise_no_alarm(rules):
    findings = inspect_rules(RuleSet("R", "1", tuple(rule(*one) for one in rules)), PERSON, codelist)

    assert [] == [one.what for one in findings if one.severity != Severity.NOTE]


def test_a_rule_that_bears_failures_contradicts_nothing():
    women, men = rule("F", "SEX = 'F'", share_borne=0.6), rule("M", "SEX = 'M'", share_borne=0.6)

    assert [] == told(women, men)


def test_a_contradiction_accuses_no_bystander():
    found = told(rule("A", "AGE >= 18"), rule("B", "AGE < 15"), rule("C", "AGE <> 16", "SEX = 'F'"))

    assert ["A contradicts B: no row can pass both"] == found


def test_what_is_looked_up_is_possible_either_way():
    mother = LookUp("mother", "self", {"PERSON_ID": "HOUSEHOLD_ID"})
    check = parse_expression('"mother.AGE" >= 30', PLACE), parse_expression('"mother.AGE" < 30', PLACE)
    rules = [rule(id, Holds(one), look_ups=(mother,)) for id, one in zip("AB", check, strict=True)]

    assert [] == told(*rules)


NEVER = [
    (("A", "SEX = 'F'", "AGE > 130"), "A never applies"),
    (("A", "SEX = 'F'", "SEX = 'F' and SEX = 'M'"), "A never applies"),
    (("A", "AGE >= 0"), "A cannot fail"),
    (("A", "AGE >= 15 or AGE < 15"), "A cannot fail"),
    (("A", "SEX in ('F', 'M')", "SEX = 'M'"), "A cannot fail"),
    (("A", "AGE + 2 > 1"), "A cannot fail"),
    (("A", "YEAR_ARRIVAL - AGE > 1700"), "A cannot fail"),
]


@pytest.mark.parametrize(("one", "expected"), NEVER)
def test_rules_that_never_apply_or_fail(one, expected):
    (what,) = told(rule(*one))

    assert what.startswith(expected)


def test_a_rule_that_treats_the_missing_as_failing_can_fail():
    assert [] == told(rule("A", "AGE >= 0", missing="fail"))


def test_a_rule_for_rows_that_another_refuses():
    found = told(rule("A", "AGE >= 15"), rule("B", "MARITAL = 'SINGLE'", "AGE < 12"))

    assert ["B applies only to rows that fail A"] == found


REDUNDANT = [
    ([("A", "AGE < 100"), ("B", "AGE < 110")], ["B says nothing that A does not say"]),
    ([("A", "SEX = 'F'"), ("B", "SEX = 'F'", "AGE < 9")], ["B says nothing that A does not say"]),
    ([("A", "AGE >= 15", "MARITAL = 'MARRIED'"), ("B", "MARITAL <> 'MARRIED'", "AGE < 15")],
     ["B says nothing that A does not say"]),
    ([("A", "AGE < 100", "SEX = 'F'"), ("B", "AGE < 100", "SEX = 'M'"), ("C", "AGE < 120", "SEX in ('F', 'M')")],
     ["C says nothing that A and B do not say"]),
    ([("A", "AGE < 100"), ("B", "not AGE >= 100")], ["B says nothing that A does not say"]),
    ([("A", "AGE < 100"), ("B", "AGE < 100")], ["B says the same as A"]),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "expected"), REDUNDANT)
def test_rules_that_others_imply_are_notes(rules, expected):
    assert expected == told(*(rule(*one) for one in rules))


def test_a_note_does_not_make_an_error_idle():
    assert [] == told(rule("A", "AGE < 100", severity=Severity.NOTE), rule("B", "AGE < 110"))


def test_a_rule_that_bears_failures_implies_nothing():
    assert [] == told(rule("A", "AGE < 100", rows_borne=3), rule("B", "AGE < 110"))


def test_a_rule_that_lets_the_missing_pass_implies_less():
    assert [] == told(rule("A", "AGE < 100"), rule("B", "AGE < 110", missing="fail"))


def test_the_same_key_twice():
    assert ["K2 says the same as K1"] == told(rule("K1", Unique(("ROW",))), rule("K2", Unique(("ROW",))))


NAMING = [
    (("A", "SEXE = 'F'"), "CENSUS_PERSON has no component SEXE", "write SEX"),
    (("A", "SEX = 'f'"), "in `SEX = 'f'`: CL_SEX has no code 'f'", "write F"),
    (("A", "COUNTRY_BIRTH in ('KEN', 'Namibia')"), "CL_COUNTRY_BIRTH has no code 'Namibia'", "write NAM"),
    (("A", "text(SEX) = 'female'"), "CL_SEX has no code 'female'", "write F"),
    (("A", "SEX = 1"), "SEX is of type code; no code of it is a number", "compare like with like"),
    (("A", "AGE >= 'old'"), "its values are numbers, and 'old' is text", "compare like with like"),
    (("A", "BIRTH_DATE >= 2000"), "a date is no number", "write year(BIRTH_DATE)"),
    (("A", "SEX + 1 = 2"), "SEX is of type code; + needs numbers", "compare like with like"),
    (("A", "RESID_5Y = '_Z'", "AGE < 5"), "_Z counts as missing", "or text(RESID_5Y) = '_Z'"),
    (("A", Unique(("ROWS",))), "CENSUS_PERSON has no component ROWS", "write ROW"),
    (("A", Group(("HOUSHOLD_ID",), parse_expression("AGE > 1", PLACE))), "no component HOUSHOLD_ID", "HOUSEHOLD_ID"),
]


@pytest.mark.parametrize(("one", "what", "mend"), NAMING)
def test_what_is_not_there_is_named_with_its_mend(one, what, mend):
    findings = inspect_rules(RuleSet("R", "1", (rule(*one),)), PERSON, codelist)
    found = [one for one in findings if what in one.what]

    assert [("rules.yaml:7", Severity.ERROR)] == [(str(one.place), one.severity) for one in found]
    assert mend in found[0].mend


def test_columns_that_stand_beside_are_known():
    assert [] == told(rule("A", "INTERVIEWER <> 'x' or AGE_MISSING = '_N'"), columns=["INTERVIEWER"])


def test_without_a_structure_names_are_what_they_are():
    assert ["A contradicts B: no row can pass both"] == told(
        rule("A", "hours > 3"), rule("B", "hours < 2"), rule("C", "city = 'x'"), structure=None
    )


ATOMS = ["AGE < 3", "AGE >= 2", "AGE = 4", "SEX = 'F'", "SEX <> 'F'", "AGE is missing", "RESID_1Y = 'ABROAD'"]


def conditions():
    joined = st.tuples(st.sampled_from(["and", "or"]), st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3))
    return st.tuples(st.booleans(), joined).map(
        lambda made: ("not (" if made[0] else "(") + f" {made[1][0]} ".join(made[1][1]) + ")"
    )


RECORDS = pl.DataFrame(
    list(itertools.product([None, 0, 1, 2, 3, 4, 5, 130], ["F", "M", "_U", None], ["ABROAD", "SAME_HOUSE", "_Z"])),
    schema={"AGE": pl.Int64, "SEX": pl.String, "RESID_1Y": pl.String},
    orient="row",
)
KINDS = {"AGE": "number", "SEX": "code", "RESID_1Y": "code"}


def verdicts(one):
    frame = nw.from_native(RECORDS)
    wanted = [compile_expression(one.check.expression, KINDS).alias("check")]
    wanted += [compile_expression(one.when, KINDS).alias("when")] if one.when else []
    made = frame.select(*wanted).to_native()
    when = made["when"].to_list() if one.when else [True] * RECORDS.height
    check = made["check"].to_list()
    return [(applies is True, holds) for applies, holds in zip(when, check, strict=True)]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(conditions(), st.one_of(st.none(), conditions())), min_size=1, max_size=4))
def test_what_is_claimed_is_true_of_every_record(made):
    """These records stand for all: no other value differs in any atom."""
    rules = [rule(f"R{at}", check, when) for at, (check, when) in enumerate(made)]
    judged = {one.id: verdicts(one) for one in rules}
    rows = range(RECORDS.height)

    def fails(id, row):
        applies, holds = judged[id][row]
        return applies and holds is False

    for finding in inspect_rules(RuleSet("R", "1", tuple(rules)), PERSON, codelist):
        mine, what = judged[finding.rule], finding.what
        others = [id for id in judged if id != finding.rule and id in what]
        if "never applies" in what:
            assert not any(applies for applies, _ in mine)
        elif "can be passed by no row" in what:
            assert not any(applies and holds for applies, holds in mine)
        elif "cannot fail" in what:
            assert not any(fails(finding.rule, row) for row in rows)
        elif "applies only to rows that fail" in what:
            assert all(any(fails(id, row) for id in others) for row in rows if mine[row][0])
        elif "contradicts" in what:
            assert all(any(fails(id, row) for id in others) for row in rows if mine[row] == (True, True))
        elif "says nothing" in what:
            assert all(any(fails(id, row) for id in others) for row in rows if fails(finding.rule, row))


@settings(max_examples=150, deadline=None)
@given(conditions(), conditions())
def test_two_rules_that_no_record_passes_are_told(one, other):
    rules = [rule("A", one), rule("B", other)]
    judged = [verdicts(one) for one in rules]
    passable = [any(holds for _, holds in mine) for mine in judged]
    together = any(a[1] is not False and b[1] for a, b in zip(*judged, strict=True))
    findings = inspect_rules(RuleSet("R", "1", tuple(rules)), PERSON, codelist)
    errors = [finding for finding in findings if finding.severity == Severity.ERROR]

    if not all(passable):
        assert errors
    elif not together:
        assert findings
