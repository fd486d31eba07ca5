"""Rules as VTL 2.1: what each kind becomes, names and texts in quotes, and what is said where VTL has no words."""

import re

import pytest

from migstat.read.codelists import codelist
from migstat.read.rules import read_rules, shipped_rules
from migstat.read.rules.grammar import parse_condition
from migstat.read.structures import structure, structure_ids
from migstat.words.codelist import Code, Codelist
from migstat.words.finding import Place
from migstat.words.rule import RuleSet
from migstat.work.validate.structure_rules import structure_rules
from migstat.write.vtl import ruleset_as_vtl
from migstat.write.vtl_expression import Translator, UnsayableError, identifier

PERSON = structure("CENSUS_PERSON")


@pytest.fixture
def vtl(tmp_path):
    """Writes rules, given as YAML, as VTL."""

    def make(text: str, of=None, lists=None) -> str:
        (tmp_path / "rules.yaml").write_text(f"id: LABOUR\nversion: 1.0\nrules:\n{text}", encoding="utf-8")
        return ruleset_as_vtl(read_rules(tmp_path / "rules.yaml"), of, lists)

    return make


def test_rules_over_rows_are_one_ruleset(vtl):
    expected = """\
/* LABOUR, version 1.0. DS_1 is the data set that is checked. */

define datapoint ruleset LABOUR (variable HOURS, AGE, 'sex') is
   /* HOURS.RANGE: Usual hours
      From manual.
      VTL does not say: that 10 failures are borne. */
   'HOURS.RANGE' : when AGE >= 15 then nvl(between(HOURS, 1, 80), false) errorcode "HOURS.RANGE" errorlevel "Warning";
   /* CODE */
   CODE : 'sex' in {"F", "M"} errorcode "CODE" errorlevel "Error"
end datapoint ruleset;

LABOUR_RESULT <- check_datapoint(DS_1, LABOUR all);
"""
    found = vtl("""\
  - id: HOURS.RANGE
    label: Usual hours
    origin: manual
    check: HOURS between 1 and 80
    when: AGE >= 15
    missing: fail
    severity: warning
    threshold: 10 rows
  - {id: CODE, check: "sex in ('F', 'M')"}
""")

    assert expected == found


def test_kinds_of_missing_become_null_in_records(vtl):
    found = vtl("""  - {id: A, check: "if SEX = 'F' then text(MARITAL) <> '_Z'"}\n""", PERSON)

    assert '   SEX_KNOWN := if SEX in {"_Z", "_N", "_U", "_X"} then cast(null, string) else SEX];' in found
    assert "(variable SEX_KNOWN, MARITAL) is" in found
    assert 'A\' : not (SEX_KNOWN = "F") or MARITAL <> "_Z" errorcode' in found
    assert "check_datapoint(DS_KNOWN, LABOUR all)" in found


def test_a_table_has_no_kinds_of_missing(vtl):
    found = vtl("""  - {id: SEX_KNOWN, check: "SEX <> '_U'"}\n""", structure("MIGRANT_STOCK"))

    assert "DS_KNOWN" not in found
    assert 'SEX_KNOWN : SEX <> "_U"' in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AGE >= 15 and AGE < 20 or SEX = 'F'", 'AGE >= 15 and AGE < 20 or SEX = "F"'),
        ("AGE >= 15 and (AGE < 20 or SEX = 'F')", 'AGE >= 15 and (AGE < 20 or SEX = "F")'),
        ("not AGE = 3 and AGE <> 4", "not (AGE = 3) and AGE <> 4"),
        ("AGE in (1, 5..9, 'A')", 'AGE in {"A"} or AGE in {1} or between(AGE, 5, 9)'),
        ("AGE in (1, 5..9) and SEX = 'F'", '(AGE in {1} or between(AGE, 5, 9)) and SEX = "F"'),
        ("AGE not in (1, -2)", "not (AGE in {1, -2})"),
        ("AGE is not missing", "not isnull(AGE)"),
        ("(AGE + 1) * 2 - 3 > -4", "(AGE + 1) * 2 - 3 > -4"),
        ("AGE - (1 - 2) > 0", "AGE - (1 - 2) > 0"),
        ("matches(ISCO, '[0-9]{4}')", 'match_characters(ISCO, "[0-9]{4}")'),
        ("starts_with(ISCO, '21')", 'substr(ISCO, 1, 2) = "21"'),
        ("substring(ISCO, 1, 2) = 'A'", 'substr(ISCO, 1, 2) = "A"'),
        ("concat(ISCO, '-', AA) = '2-7'", 'ISCO || "-" || AA = "2-7"'),
        ("coalesce(AA, BB, 0) = 1", "nvl(AA, nvl(BB, 0)) = 1"),
        ("if(AA = 1, BB, CC) = 2", "(if AA = 1 then BB else CC) = 2"),
        ("year(BORN) = 1990", "getyear(BORN) = 1990"),
        ("same_area(AA, BB)", "AA = BB"),
        ("length(trim(lower(AA))) = abs(floor(BB))", "length(trim(lower(AA))) = abs(floor(BB))"),
        ("(AGE = 1) = (SEX = 'F')", '(AGE = 1) = (SEX = "F")'),
    ],
)
def test_conditions(text, expected):
    assert expected == Translator().text(parse_condition(text, Place("r.yaml", 1)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AGE = '5'", "AGE = 5"),
        ("number(REGION) > 3", "cast(REGION, number) > 3"),
        ("REGION = 3", "cast(REGION, number) = 3"),
        ("text(AGE) = '5'", 'cast(AGE, string) = "5"'),
        ("BIRTH_DATE <= TIME_PERIOD", "cast(BIRTH_DATE, string) <= TIME_PERIOD"),
        ("BIRTH_DATE <= ARRIVAL_DATE", "BIRTH_DATE <= ARRIVAL_DATE"),
        ("concat(AGE, REGION) = '7N'", 'cast(AGE, string) || REGION = "7N"'),
        ("substring(BIRTH_DATE, 1, 4) = '1990'", 'substr(cast(BIRTH_DATE, string), 1, 4) = "1990"'),
        ("year(TIME_PERIOD) = 1990", "getyear(cast(TIME_PERIOD, date)) = 1990"),
    ],
)
def test_types_of_a_structure(text, expected):
    assert expected == Translator(PERSON).text(parse_condition(text, Place("r.yaml", 1)))


def test_completed_months():
    found = Translator().text(parse_condition("months_between(BORN, DAY) >= 12", Place("r.yaml", 1)))

    assert (
        "(getyear(DAY) - getyear(BORN)) * 12 + getmonth(DAY) - getmonth(BORN) - "
        "(if dayofmonth(DAY) < dayofmonth(BORN) and not "
        '(dayofmonth(dateadd(DAY, 1, "D")) = 1) then 1 else 0) >= 12'
    ) == found


def test_names_that_could_be_words_of_the_language_are_quoted():
    assert ["AGE", "'age'", "'A'", "'AGE.RANGE'", "'_T'", "'1'"] == [
        identifier(name) for name in ("AGE", "age", "A", "AGE.RANGE", "_T", "1")
    ]
    with pytest.raises(UnsayableError, match="a name with a quote"):
        identifier("it's")


def test_a_rule_that_has_no_words_is_a_comment(vtl):
    found = vtl("""  - {id: QUOTE, check: "X = 'say \\"a\\"'", when: Y = 1}\n""")

    assert (
        """\
/* QUOTE
   Not said in VTL: where Y = 1: X = 'say "a"'
   There are no words for it: a text with a double quote: say "a". */
"""
        in found
    )
    assert "define" not in found


def test_a_comment_cannot_be_left(vtl):
    found = vtl("  - {id: AA, label: x */ drop, check: X = 1}\n")

    assert "/* AA: x * / drop */" in found


CHECKS = {
    "{id: KEY, unique: [HH, LINE]}": """\
KEY_RESULT <- check(DS_1
   [filter not isnull(HH) and not isnull(LINE)]
   [calc identifier HH := nvl(cast(HH, string), ""), identifier LINE := nvl(cast(LINE, string), "")]
   [aggr COUNTED := count() group by HH, LINE]
   [calc PASSED := COUNTED = 1]
   [keep PASSED]
   errorcode "KEY" errorlevel "Error" all);""",
    "{id: CITY, determines: {by: [PC], one: TOWN}}": """\
   [aggr LOWEST := min(TOWN), HIGHEST := max(TOWN) group by PC]
   [calc PASSED := LOWEST = HIGHEST]""",
    "{id: HOME, exists: {columns: [HH], in: homes, as: [hh]}}": """\
   [calc identifier HH := nvl(cast(HH, string), "")], 'homes' [rename 'hh' to HH], all) errorcode "HOME\"""",
    "{id: ONE, by: [HH], check: count(REL = 'HEAD') = 1}": """\
   [calc ITEM_1 := if REL = "HEAD" then 1 else 0]
   [aggr MADE_1 := sum(ITEM_1) group by HH]
   [calc PASSED := MADE_1 = 1]""",
    "{id: MEN, by: [HH], check: count() = MEMBERS}": """\
   [aggr MADE_1 := count(), MEMBERS := max(MEMBERS) group by HH]
   [calc PASSED := MADE_1 = MEMBERS]""",
    "{id: FEW, check: share(AGE > 99) < 0.1, missing: ignore, when: SEX = 1}": """\
FEW_RESULT <- check(DS_1
   [filter SEX = 1]
   [calc ITEM_1 := if AGE > 99 then 1 else 0, OF_1 := if isnull(AGE > 99) then 0 else 1]
   [aggr MADE_1 := sum(ITEM_1), WHOLE_1 := sum(OF_1)]
   [calc PASSED := (MADE_1 / WHOLE_1) < 0.1]""",
    "{id: AVG, by: [HH], check: mean(AGE) > smallest(AGE)}": """\
   [aggr MADE_1 := avg(ITEM_1), MADE_2 := min(ITEM_2) group by HH]""",
    "{id: WAY, sequence: {by: [PID], sort: [DAY]}, check: WAY <> previous(WAY), when: DAY > 1}": """\
   [calc BEFORE_1 := lag(WAY, 1 over (partition by PID order by DAY))]
   [calc PASSED := if DAY > 1 then WAY <> BEFORE_1 else true]""",
}


@pytest.mark.parametrize("text", CHECKS)
def test_checks_over_several_rows(vtl, text):
    assert CHECKS[text] in vtl(f"  - {text}\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{id: AA, by: [HH], check: distinct(AGE) = 1}", "the number of distinct values of a group"),
        ("{id: AA, by: [HH], check: count() = 1, weighted: true}", "count with weights"),
        ("{id: AA, parts: {of: W, code: C, tree: dotted}}", "the tree is made of the codes that stand in the data"),
        ("{id: AA, parts: {of: W, code: C, tree: CL_AREA}}", "no codelist given"),
    ],
)
def test_what_vtl_cannot_say(vtl, text, reason):
    found = vtl(f"  - {text}\n")

    assert f"There are no words for it: {reason}." in found


def test_weights_of_a_structure(vtl):
    found = vtl("  - {id: HALF, check: share(AGE < 15) < 0.5, weighted: true}\n", PERSON)

    assert "[calc ITEM_1 := if AGE < 15 then WEIGHT else 0, OF_1 := WEIGHT]" in found


def test_values_looked_up_are_joined_first(vtl):
    found = vtl("  - {id: HOME, look_up: {home: {in: homes, where: {hh: HH}}}, check: AGE < home.n}\n")

    assert (
        "/* DS_JOINED is DS_1 with what its rules look up. 'home.X' is the variable X of homes where hh = HH;" in found
    )
    assert "define datapoint ruleset LABOUR_JOINED (variable AGE, 'home.n') is" in found
    assert "check_datapoint(DS_JOINED, LABOUR_JOINED all)" in found


def test_totals_over_a_codelist_are_a_hierarchical_ruleset(vtl):
    codes = [Code("_T", {"en": "All"}), *(Code(id, {"en": id}, parent) for id, parent in
             (("Y0T9", "_T"), ("Y_GE10", "_T"), ("Y0T4", "Y0T9"), ("Y5T9", "Y0T9")))]  # fmt: skip
    ages = Codelist("CL_AGE", tuple(codes))
    found = vtl(
        "  - {id: AGES, parts: {of: N, code: AGE, tree: CL_AGE, tolerance: 0.5, absent: zero}}\n",
        lists={"CL_AGE": ages}.__getitem__,
    )

    assert (
        """\
/* AGES
   VTL does not say: a tolerance of 0.5. */
define hierarchical ruleset HR_AGES (variable rule AGE) is
   '_T' = Y0T9 + Y_GE10 errorcode "AGES" errorlevel "Error";
   Y0T9 = Y0T4 + Y5T9 errorcode "AGES" errorlevel "Error"
end hierarchical ruleset;

HR_AGES_RESULT <- check_hierarchy(DS_1 [keep 'N'], HR_AGES rule AGE partial_zero all);
"""
        in found
    )


def test_results_have_names_of_their_own(vtl):
    found = vtl("  - {id: K.1, unique: [AA]}\n  - {id: K_1, unique: [BB]}\n")

    assert ["K_1_RESULT", "K_1_2_RESULT"] == re.findall(r"^(\w+_RESULT) <-", found, re.MULTILINE)


@pytest.mark.parametrize("id", structure_ids())
def test_no_rule_that_ships_is_left_out(id):
    one = structure(id)
    shipped = shipped_rules(id)
    rules = [*structure_rules(one, codelist, one.ids), *(shipped.rules if shipped else ())]
    found = ruleset_as_vtl(RuleSet(id, "1.0", tuple(rules)), one, codelist)

    for rule in rules:
        assert re.search(rf"/\* {re.escape(rule.id)}(:|\n| \*/)", found), rule.id
    assert found.count("/*") == found.count("*/")
    assert 0 == found.count('"') % 2
