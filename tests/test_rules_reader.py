"""Rule files as they are read: every kind of check, what may stand beside it, and files that include others."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migstat.read.expression import parse_expression, print_expression
from migstat.read.rules import read_rules, shipped_rules
from migstat.read.rules.grammar import parse_condition
from migstat.words.expression import (
    And,
    Between,
    Call,
    Compare,
    In,
    IsMissing,
    Name,
    Not,
    Number,
    Or,
    Text,
    aggregates,
    implies,
    names,
)
from migstat.words.finding import MigstatError, Place, Severity
from migstat.words.rule import Determines, Exists, Group, Holds, LookUp, Parts, Rule, RuleSet, Sequence, Unique

HEAD = "id: LABOUR\nversion: 1.2\nrules:\n"
HERE = Place("rules.yaml", 4)
ADULT = Compare(">=", Name("AGE"), Number(15, "15"))
HEADS = Call("count", (Compare("=", Name("REL"), Text("HEAD")),))


@pytest.fixture
def read(tmp_path):
    """Reads a rule file of this text, with others beside it."""

    def make(text: str, **others: str) -> RuleSet:
        for name, content in others.items():
            (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
        (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
        return read_rules(tmp_path / "rules.yaml")

    return make


@pytest.fixture
def rule(read):
    """Reads one rule."""

    def make(text: str) -> Rule:
        return read(HEAD + "  - " + "\n    ".join(text.splitlines()) + "\n").rules[0]

    return make


@pytest.mark.parametrize(
    ("text", "check", "says", "component"),
    [
        ("{id: A, check: AGE >= 15}", Holds(ADULT), "AGE >= 15", "AGE"),
        ("{id: A, unique: HH}", Unique(("HH",)), "unique: HH", "HH"),
        ("{id: A, unique: [HH, LINE]}", Unique(("HH", "LINE")), "unique: HH, LINE", "HH"),
        (
            "{id: A, determines: {by: [postcode], one: city}}",
            Determines(("postcode",), "city"),
            "postcode determines city",
            "city",
        ),
        (
            "{id: A, exists: {columns: [HH], in: homes}}",
            Exists(("HH",), "homes", ("HH",)),
            "HH exists in homes",
            "HH",
        ),
        (
            "{id: A, exists: {columns: [HH, DWELLING], in: homes, as: [hh, dw]}}",
            Exists(("HH", "DWELLING"), "homes", ("hh", "dw")),
            "HH, DWELLING exists in homes as hh, dw",
            "HH",
        ),
        (
            "{id: A, by: [HH], check: count(REL = 'HEAD') = 1}",
            Group(("HH",), Compare("=", HEADS, Number(1, "1"))),
            "for each HH: count(REL = 'HEAD') = 1",
            "REL",
        ),
        (
            "{id: A, by: HH, check: count() = 2, weighted: true}",
            Group(("HH",), Compare("=", Call("count", ()), Number(2, "2")), weighted=True),
            "for each HH: count() = 2",
            "HH",
        ),
        (
            "{id: A, check: mean(INCOME) < 9}",
            Group((), Compare("<", Call("mean", (Name("INCOME"),)), Number(9, "9"))),
            "mean(INCOME) < 9",
            "INCOME",
        ),
        (
            "{id: A, sequence: {by: [PERSON], sort: [DAY]}, check: WAY <> previous(WAY)}",
            Sequence(("PERSON",), ("DAY",), Compare("<>", Name("WAY"), Call("previous", (Name("WAY"),)))),
            "for each PERSON, in order of DAY: WAY <> previous(WAY)",
            "WAY",
        ),
        (
            "{id: A, parts: {of: N, code: AREA, tree: CL_AREA, within: [SEX], tolerance: 0.5, absent: zero}}",
            Parts("N", "AREA", "CL_AREA", ("SEX",), 0.5, "zero"),
            "N of each AREA equals the sum of its parts (CL_AREA), for each SEX",
            "AREA",
        ),
        (
            "{id: A, parts: {of: W, code: level, tree: dotted}}",
            Parts("W", "level", "dotted"),
            "W of each level equals the sum of its parts (dotted)",
            "level",
        ),
    ],
)
def test_each_kind_of_check(rule, text, check, says, component):
    assert (Rule("A", check, says, HERE, component=component)) == rule(text)


def test_everything_that_may_stand_beside_a_check(rule):
    found = rule(
        """id: HOURS
label: {en: Hours are possible, fr: Heures possibles}
description: Usual hours in a week.
component: HOURS_WORKED
check: hours between 1 and 80
when: AGE >= 15
missing: ignore
severity: warning
threshold: 0.5%
origin: ILO resolution I (2013)
standing: verified
mend: look at the questionnaire"""
    )
    expected = Rule(
        id="HOURS",
        check=Holds(Between(Name("hours"), Number(1, "1"), Number(80, "80"))),
        text="hours between 1 and 80",
        place=HERE,
        names={"en": "Hours are possible", "fr": "Heures possibles"},
        description="Usual hours in a week.",
        component="HOURS_WORKED",
        severity=Severity.WARNING,
        missing="ignore",
        when=ADULT,
        share_borne=0.005,
        origin="ILO resolution I (2013)",
        standing="verified",
        mend="look at the questionnaire",
    )

    assert expected == found


@pytest.mark.parametrize(
    ("threshold", "rows", "share"),
    [
        ("10 rows", 10, None),
        ("1 row", 1, None),
        ("1,000 rows", 1000, None),
        ("3 groups", 3, None),
        ("5%", None, 0.05),
        ("2.5 %", None, 0.025),
        ("0%", None, 0.0),
    ],
)
def test_thresholds(rule, threshold, rows, share):
    found = rule(f'{{id: A, check: AGE > 3, threshold: "{threshold}"}}')

    assert (rows, share) == (found.rows_borne, found.share_borne)


def test_a_label_without_a_language_is_in_that_of_the_file(read):
    found = read("id: R\nversion: 1\nlanguage: fr\nrules: [{id: A, check: AGE > 3, label: Âge}]")["A"]

    assert {"fr": "Âge"} == found.names
    assert ("Âge", "A") == (found.name("fr"), found.name("en"))


def test_values_looked_up_in_another_file_and_in_the_same(rule):
    found = rule(
        """id: A
look_up:
  grandparent: {in: self, where: {person_id: grandchild_of}}
  homes: {in: homes, where: {"house-id": HH}}
check: if homes.n = 1 then grandparent.age - age >= 28 and homes."floor area" > 9"""
    )

    assert (
        LookUp("grandparent", "self", {"person_id": "grandchild_of"}),
        LookUp("homes", "homes", {"house-id": "HH"}),
    ) == found.look_ups
    assert ("homes.n", "grandparent.age", "age", "homes.floor area") == names(found.check.expression)
    assert "age" == found.component


def test_included_rules_come_first_and_once(read):
    common = "id: COMMON\nversion: 3\ninclude: [base.yaml]\nrules: [{id: C, check: AGE > 3}]"
    base = "id: BASE\nversion: 1\nlanguage: es\nrules: [{id: B, check: AGE > 2, label: Edad}]"
    main = "id: MAIN\nversion: 2\ninclude: [common.yaml, base.yaml]\nrules: [{id: M, check: AGE > 4}]"
    found = read(main, common=common, base=base)

    assert ("MAIN", "2") == (found.id, found.version)
    assert ["B", "C", "M"] == [rule.id for rule in found.rules]
    assert Place("base.yaml", 4) == found["B"].place
    assert "Edad" == found["B"].name("es")
    assert hashlib.sha256(base.encode()).hexdigest() == found.files["base.yaml"]
    assert ["base.yaml", "common.yaml", "rules.yaml"] == list(found.files)


def test_a_file_may_only_include(read):
    found = read("id: ALL\nversion: 1\ninclude: one.yaml", one="id: O\nversion: 1\nrules: [{id: A, check: AGE > 3}]")

    assert ["A"] == [rule.id for rule in found.rules]


def test_a_rule_in_two_files_is_told_with_both_places(read):
    with pytest.raises(MigstatError, match=r"rules\.yaml:4  A\n  the rule A is given twice, first at one\.yaml:3"):
        read(
            "id: ALL\nversion: 1\ninclude: one.yaml\nrules: [{id: A, check: AGE > 4}]",
            one="id: O\nversion: 1\nrules: [{id: A, check: AGE > 3}]",
        )


def test_the_rules_that_ship_are_read_once_or_are_none():
    assert shipped_rules("NO_SUCH_STRUCTURE") is None
    assert shipped_rules("../../etc/passwd") is None
    assert shipped_rules("CENSUS_PERSON") is shipped_rules("CENSUS_PERSON")


def condition(text: str, *aliases: str):
    return parse_condition(text, Place("r.yaml", 1), aliases=aliases)


A, B, C = (Compare("=", Name(name), Number(1, "1")) for name in "ABC")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("if A = 1 then B = 1", implies(A, B)),
        ("if A = 1 then B = 1 and C = 1", implies(A, And((B, C)))),
        ("if A = 1 or B = 1 then C = 1", implies(Or((A, B)), C)),
        ("if (A = 1) then B = 1", implies(A, B)),
        ("if (A = 1 or B = 1) and C = 1 then B = 1", implies(And((Or((A, B)), C)), B)),
        ("if A = 1 then if B = 1 then C = 1", implies(A, implies(B, C))),
        ("A = 1 and (if B = 1 then C = 1)", And((A, implies(B, C)))),
        ("IF A = 1 THEN B = 1", implies(A, B)),
        ("if(A = 1, B, C) = 1", Compare("=", Call("if", (A, Name("B"), Name("C"))), Number(1, "1"))),
        (
            "if if(A = 1, B, C) = 1 then B = 1",
            implies(Compare("=", Call("if", (A, Name("B"), Name("C"))), Number(1, "1")), B),
        ),
        ("home.n = 1", Compare("=", Name("home.n"), Number(1, "1"))),
        ('home."a b" = 1', Compare("=", Name("home.a b"), Number(1, "1"))),
        ('"person-id" = 1', Compare("=", Name("person-id"), Number(1, "1"))),
        ("count() = 1", Compare("=", Call("count", ()), Number(1, "1"))),
        ("not A = 1 in_", None),
    ],
)
def test_the_grammar_of_rules(text, tree):
    if tree is None:
        with pytest.raises(MigstatError, match="found 'in_' where the condition should end"):
            condition(text)
        return

    assert tree == condition(text, "home")


def test_mappings_know_nothing_of_groups_and_look_ups():
    for text in ("count(A = 1) = 1", "previous(A) = 1", "home.n = 1", "if A = 1 then B = 1"):
        with pytest.raises(MigstatError):
            parse_expression(text, Place("m.yaml", 1))


def test_if_and_then_are_columns_in_double_quotes():
    tree = Compare("=", Name("then"), Name("if"))

    assert '"then" = "if"' == print_expression(tree)
    assert tree == parse_expression('"then" = "if"', Place("m.yaml", 1)) == condition('"then" = "if"')


def test_aggregates_are_named_once():
    tree = condition("count(A = 1) > 2 and count(A = 1) < 5 and sum(B) > 0")

    assert (Call("count", (A,)), Call("sum", (Name("B"),))) == aggregates(tree)


LEAVES = st.one_of(
    st.builds(lambda name: Compare("=", Name(name), Text("x")), st.sampled_from(["A", "then", "if", "a b", "h.n"])),
    st.just(IsMissing(Name("A"))),
    st.just(Compare(">", Call("count", (A,)), Number(1, "1"))),
    st.just(In(Call("distinct", (Name("B"),)), (Number(1, "1"),))),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(implies, inner, inner),
        st.builds(Not, inner),
        st.builds(lambda one, two: And((one, two)), inner, inner),
    ),
    max_leaves=8,
)


@given(TREES)
def test_a_printed_condition_is_read_back_as_the_same_tree(tree):
    assert tree == parse_condition(print_expression(tree), Place("r.yaml", 1), aliases=["h"])


def test_the_reference_page_is_read_as_it_stands(root, tmp_path):
    page = (root / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "common.yaml").write_text("id: COMMON\nversion: 1.0\nrules: [{id: COMMON_AGE, check: AGE >= 0}]")
    for number, block in enumerate(blocks):
        whole = block if block.startswith("id:") else "id: PAGE\nversion: 1.0\nrules:\n" + block
        (tmp_path / f"page{number}.yaml").write_text(whole, encoding="utf-8")

        assert read_rules(tmp_path / f"page{number}.yaml").rules
    assert 7 == len(blocks)
