"""Error localisation finds the smallest sets of fields, as trying every set and every value does."""

import itertools
import math
from datetime import date

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.read.codelists import codelist
from migstat.read.expression import parse_expression
from migstat.read.structures import structure
from migstat.words.codelist import Code, Codelist
from migstat.words.expression import Compare, names
from migstat.words.finding import MigstatError, Place, Severity
from migstat.words.rule import Holds, Rule, RuleSet, Unique
from migstat.words.structure import Component, Structure
from migstat.work.conditions import compile_expression
from migstat.work.localise import localise

PERSON = structure("CENSUS_PERSON")
PLACE = Place("rules.yaml", 7)


def rule(id, check, when=None, **more):
    parsed = Holds(parse_expression(check, PLACE)) if isinstance(check, str) else check
    return Rule(id, parsed, str(check), PLACE, when=parse_expression(when, PLACE) if when else None, **more)


def sets(record, *rules, structure=PERSON, weights=None):
    return localise(record, RuleSet("R", "1", rules), structure, codelist, weights)


MARRIED = rule("MARRIED", "AGE >= 15", "MARITAL in ('MARRIED', 'WIDOWED', 'DIVORCED')")
WORKS = rule("WORKS", "AGE >= 10", "LABOUR is not missing")
YOUNG = rule("YOUNG", "RESID_5Y is missing", "AGE < 5")
OLD = rule("OLD", "RESID_5Y is not missing", "AGE >= 5")


def test_a_record_that_fails_nothing_has_nothing_to_change():
    assert ((),) == sets({"AGE": 30, "MARITAL": "MARRIED"}, MARRIED)


def test_one_field_that_mends_two_rules_is_found_before_two():
    record = {"AGE": 3, "MARITAL": "MARRIED", "LABOUR": "EMP", "RESID_5Y": "ABROAD"}

    assert (("AGE",),) == sets(record, MARRIED, WORKS, YOUNG, OLD)
    record["RESID_5Y"] = "_Z"

    assert (("AGE", "RESID_5Y"), ("MARITAL", "LABOUR")) == sets(record, MARRIED, WORKS, YOUNG, OLD)


def test_all_sets_that_are_equally_small_are_told_in_the_order_of_the_record():
    assert (("AGE",), ("MARITAL",)) == sets({"AGE": 3, "MARITAL": "MARRIED"}, MARRIED)


def test_weights_say_which_field_is_trusted():
    record = {"AGE": 3, "MARITAL": "MARRIED"}

    assert (("MARITAL",),) == sets(record, MARRIED, weights={"AGE": 2})
    assert (("AGE",),) == sets(record, MARRIED, weights={"MARITAL": math.inf})
    assert () == sets(record, MARRIED, weights={"MARITAL": math.inf, "AGE": math.inf})
    with pytest.raises(MigstatError, match="above 0"):
        sets(record, MARRIED, weights={"AGE": 0})


def test_a_value_that_is_no_value_is_always_to_be_changed():
    assert (("AGE",),) == sets({"AGE": 200, "MARITAL": "MARRIED"}, MARRIED)
    assert (("SEX", "AGE"),) == sets({"SEX": "2", "AGE": "old", "MARITAL": "MARRIED"}, MARRIED)
    assert ((),) == sets({"SEX": "_N", "AGE": "34", "MARITAL": "MARRIED"}, MARRIED)


def test_a_field_is_made_missing_only_where_a_rule_asks_for_it():
    assert (("AGE",), ("RESID_5Y",)) == sets({"AGE": 3, "RESID_5Y": "ABROAD"}, YOUNG, OLD)
    assert (("AGE",),) == sets({"AGE": 3, "MARITAL": "MARRIED"}, rule("M", "AGE >= 15", "MARITAL = 'MARRIED'"),
                               rule("ALL", "MARITAL = 'MARRIED'"))  # fmt: skip


def test_only_implied_rules_show_that_one_field_does_not_suffice():
    """The classic case: A and B together imply a rule over two fields that neither says."""
    rules = [
        rule("A", "MARITAL = 'MARRIED'", "RELATIONSHIP = 'SPOUSE'"),
        rule("B", "AGE >= 15", "MARITAL = 'MARRIED'"),
    ]
    record = {"AGE": 3, "MARITAL": "SINGLE", "RELATIONSHIP": "SPOUSE"}

    assert (("RELATIONSHIP",),) == sets(record, *rules)
    assert (("AGE", "MARITAL"),) == sets(record, *rules, weights={"RELATIONSHIP": 5})


def test_a_comparison_of_two_columns_is_mended_by_either():
    rules = [rule("ORDER", "BIRTH_DATE <= ARRIVAL_DATE"), rule("RECENT", "ARRIVAL_DATE <= '2019-08-24'")]
    record = {"BIRTH_DATE": date(2000, 1, 1), "ARRIVAL_DATE": date(1990, 1, 1)}

    assert (("BIRTH_DATE",), ("ARRIVAL_DATE",)) == sets(record, *rules)
    assert ((),) == sets({**record, "BIRTH_DATE": date(1980, 1, 1)}, *rules)


def test_rules_over_files_are_left_out():
    assert ((),) == sets({"ROW": 1, "AGE": 3}, rule("KEY", Unique(("ROW",))))


def test_warnings_and_rules_that_bear_failures_blame_no_field():
    record = {"AGE": 3, "MARITAL": "MARRIED"}

    assert ((),) == sets(record, rule("W", "AGE >= 15", severity=Severity.WARNING), rule("B", "AGE > 9", rows_borne=2))


def test_a_universe_is_a_condition_equal_to_another():
    """As the rules of a structure have it: not applicable exactly where the age says so."""
    universe = Compare("=", parse_expression("text(RESID_5Y) = '_Z'", PLACE), parse_expression("not AGE >= 5", PLACE))
    rules = [rule("UNIVERSE", Holds(universe)), MARRIED]

    assert (("RESID_5Y",),) == sets({"AGE": 30, "RESID_5Y": "_Z", "MARITAL": "MARRIED"}, *rules)
    assert (("AGE",), ("RESID_5Y",)) == sets({"AGE": 30, "RESID_5Y": "_Z", "MARITAL": "SINGLE"}, *rules)


def test_records_without_a_structure():
    rules = [rule("H", "hours between 1 and 80", "job = 'yes'"), rule("J", "job in ('yes', 'no')")]

    assert (("hours",), ("job",)) == sets({"hours": "99", "job": "yes"}, *rules, structure=None)
    assert (("job",),) == sets({"hours": 99, "job": "maybe"}, *rules, structure=None)
    assert ((),) == sets({"hours": None, "job": "yes"}, *rules, structure=None)


COLOURS = Codelist("CL", tuple(Code(id, {"en": id}) for id in ("x", "y", "z")))
SMALL = Structure(
    "SMALL", "record", "1.0", {}, "", "row", (),
    (
        Component("A", "A", "measure", "integer", minimum=0, maximum=4),
        Component("B", "B", "dimension", "code", "CL"),
        Component("C", "C", "measure", "integer", minimum=0, maximum=3),
        Component("D", "D", "dimension", "code", "CL"),
    ),
)  # fmt: skip
VALUES = {
    "A": [None, 0, 1, 2, 3, 4],
    "B": [None, "_N", "x", "y", "z"],
    "C": [None, 0, 1, 2, 3],
    "D": [None, "_N", "x", "y", "z"],
}
KINDS = {"A": "number", "B": "code", "C": "number", "D": "code"}
ATOMS = ["A < 2", "A >= 3", "A between 1 and 3", "A is missing", "B = 'x'", "B in ('x', 'y')", "C > 1", "C = 0",
         "D <> 'z'", "D = 'y'", "D is missing", "text(D) in ('x', 'z')", "length(B) = 1"]  # fmt: skip


def conditions():
    joined = st.tuples(st.sampled_from(["and", "or"]), st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3))
    return st.tuples(st.booleans(), joined).map(
        lambda made: ("not (" if made[0] else "(") + f" {made[1][0]} ".join(made[1][1]) + ")"
    )


EVERY = pl.DataFrame(
    list(itertools.product(*VALUES.values())),
    schema={"A": pl.Int64, "B": pl.String, "C": pl.Int64, "D": pl.String},
    orient="row",
)


def brute(record, rules, weights):
    """Try every set of fields with every value."""
    asked = {}
    for at, one in enumerate(rules):
        asked[f"check{at}"] = compile_expression(one.check.expression, KINDS)
        if one.when is not None:
            asked[f"when{at}"] = compile_expression(one.when, KINDS)
    made = nw.from_native(EVERY).with_columns(**asked).to_native()
    best, found = math.inf, []
    for size in range(5):
        for changed in itertools.combinations(VALUES, size):
            weight = sum(weights.get(name, 1.0) for name in changed)
            same = [pl.col(name).eq_missing(pl.lit(record[name])) for name in VALUES if name not in changed]
            candidates = made.filter(*same) if same else made
            if weight <= best and any(suffices(row, rules, changed) for row in candidates.iter_rows(named=True)):
                found = [one for one in found if sum(weights.get(name, 1.0) for name in one) <= weight]
                best = weight
                found.append(changed)
    return sorted(found)


def suffices(row, rules, changed):
    for at, one in enumerate(rules):
        applies = row[f"when{at}"] if one.when is not None else True
        holds = row[f"check{at}"]
        if applies is False:
            continue
        if applies is None:
            verdict = None
        elif holds is None:
            verdict = {"undecided": None, "fail": False}.get(one.missing, True)
        else:
            verdict = holds
        read = {*names(one.check.expression), *(names(one.when) if one.when is not None else ())}
        blanked = len(read) > 1 and any(row[name] in (None, "_N") for name in read & set(changed))
        if verdict is False or (verdict is None and blanked):
            return False
    return True


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}),
    st.lists(
        st.tuples(
            conditions(), st.one_of(st.none(), conditions()), st.sampled_from(["undecided", "fail", "pass", "ignore"])
        ),
        min_size=1,
        max_size=6,
    ),
    st.dictionaries(st.sampled_from("ABCD"), st.sampled_from([1.0, 2.0, 3.0])),
)
def test_the_search_finds_what_trying_everything_finds(record, made, weights):
    rules = [rule(f"R{at}", check, when, missing=missing) for at, (check, when, missing) in enumerate(made)]
    found = localise(record, rules, SMALL, {"CL": COLOURS}.__getitem__, weights)

    assert brute(record, rules, weights) == sorted(tuple(sorted(one)) for one in found)
