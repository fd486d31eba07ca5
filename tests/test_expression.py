"""Conditions: what is printed is read back as the same tree, and what is wrong is told at its character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migstat.read.expression import parse_expression, print_expression
from migstat.words.expression import (
    FUNCTIONS,
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Expression,
    In,
    IsMissing,
    Name,
    Not,
    Number,
    Or,
    Range,
    Text,
    names,
)
from migstat.words.finding import MigstatError, Place

PLACE = Place("mapping.yaml", 7)


def parse(text: str) -> Expression:
    return parse_expression(text, PLACE)


def fault(text: str) -> str:
    with pytest.raises(MigstatError) as caught:
        parse(text)
    return str(caught.value)


def number(text: str) -> Number:
    return Number(float(text), text)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("P16 = 2", Compare("=", Name("P16"), number("2"))),
        ("P16 = '02'", Compare("=", Name("P16"), Text("02"))),
        ("P16 <> -9", Compare("<>", Name("P16"), number("-9"))),
        ('"born-in" is missing', IsMissing(Name("born-in"))),
        ("a is not missing", Not(IsMissing(Name("a")))),
        ("not a = 1", Not(Compare("=", Name("a"), number("1")))),
        (
            "a = 1 or b = 2 and c = 3",
            Or(
                (
                    Compare("=", Name("a"), number("1")),
                    And((Compare("=", Name("b"), number("2")), Compare("=", Name("c"), number("3")))),
                )
            ),
        ),
        ("x in (1, 5..9, 'A')", In(Name("x"), (number("1"), Range(number("5"), number("9")), Text("A")))),
        ("x not in (-1..1.5)", Not(In(Name("x"), (Range(number("-1"), number("1.5")),)))),
        ("x between 1 and y - 1", Between(Name("x"), number("1"), Arithmetic("-", Name("y"), number("1")))),
        ("a - b - c", Arithmetic("-", Arithmetic("-", Name("a"), Name("b")), Name("c"))),
        ("a - b * -c", Arithmetic("-", Name("a"), Arithmetic("*", Name("b"), Arithmetic("-", number("0"), Name("c"))))),
        ("year(CH05) >= 1990", Compare(">=", Call("year", (Name("CH05"),)), number("1990"))),
        ("name = 'Côte d''Ivoire'", Compare("=", Name("name"), Text("Côte d'Ivoire"))),
        (
            "AÑO = 2018 AND x = 1",
            And((Compare("=", Name("AÑO"), number("2018")), Compare("=", Name("x"), number("1")))),
        ),
    ],
)
def test_a_condition_is_read(text, tree):
    assert tree == parse(text)


@pytest.mark.parametrize(
    ("text", "character", "what", "mend"),
    [
        ("AGE >", 6, "found the end where a column or value should stand", "complete the condition there"),
        ("AGE >= 15)", 10, "found ')' where the condition should end", "remove it, or open a parenthesis before it"),
        ("AGE => 15", 6, "found '>' where a column or value should stand", "complete the condition there"),
        ("a != 1", 3, "'!=' is not in the grammar", "write <>"),
        ("a = 1 && b = 2", 7, "'&&' is not in the grammar", "write and"),
        ("a = 'x", 5, "the quote ' is never closed", "close it with '"),
        ("a # 1", 3, "'#' has no meaning here", "a column with such a sign is written in double quotes"),
        (
            "1st = 2",
            1,
            "'1st' is neither a number nor a name",
            "text is written '1st', a column that begins with a digit \"1st\"",
        ),
        ("a in 1", 6, "found '1' where '(' should stand", "write ( after in"),
        (
            "a in ()",
            7,
            "found ')' where a value should stand",
            "list numbers, texts and ranges, such as in (1, 5..9, 'A')",
        ),
        ("a in (9..1)", 7, "9..1 runs backwards", "write 1..9"),
        ("a between 1, 2", 12, "found ',' where 'and' should stand", "write and after the lower end of between"),
        ("a not 1", 7, "found '1' after 'not'", "write not in (...), or not between a and b"),
        ("Round(a) = 1", 1, "there is no function Round", "write round"),
        ("coalesce(a) = 1", 1, "coalesce was given 1 argument", "give it 2 to 9"),
        ("__import__('os')", 1, "there is no function __import__", "one of " + ", ".join(FUNCTIONS)),
        ("a.b = 1", 2, "'.' has no meaning here", "a column with such a sign is written in double quotes"),
        ('"" = 1', 1, "a column without a name", "a blank is tested with is missing"),
    ],
)
def test_a_fault_is_told_at_its_character(text, character, what, mend):
    expected = f"mapping.yaml:7\n  in `{text}`, character {character}: {what}\n  Mend: {mend}"

    assert expected == fault(text)


def test_an_empty_condition_is_refused():
    assert "mapping.yaml:7\n  the condition is empty\n  Mend: write one, such as AGE >= 15" == fault("")


@pytest.mark.parametrize(
    "text", ["(" * 5000, "not " * 1000 + "a", "-" * 4000 + "1", "abs(" * 1000, "(" * 200 + "a = 1" + ")" * 200]
)
def test_what_is_nested_deeply_is_refused_and_not_fallen_over(text):
    assert "nested deeper than 30 levels" in fault(text)


def test_a_condition_without_end_is_refused():
    assert "longer than 5,000 characters" in fault("a = 1 or " * 1000 + "a = 1")


def test_the_columns_of_a_condition_stand_in_order():
    assert ("b", "a") == names(parse("b = 1 and (a = 2 or b = 3)"))


columns = st.builds(
    Name, st.text(min_size=1, max_size=8) | st.sampled_from(["P16", "and", "in", "is", "ANO4", "missing"])
)
texts = st.builds(Text, st.text(max_size=8))
numerals = st.builds(number, st.integers(-999, 999).map(str) | st.decimals(0, 99, places=2).map(str))
numerals = numerals.filter(lambda n: n.text != "-0")
ranges = st.tuples(numerals, numerals).filter(lambda p: p[0].value <= p[1].value).map(lambda p: Range(*p))


def pairs(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[tuple[Expression, ...]]:
    return st.lists(inner, min_size=2, max_size=3).map(tuple)


def grown(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(Compare, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), inner, inner),
        st.builds(In, inner, st.lists(texts | numerals | ranges, min_size=1, max_size=4).map(tuple)),
        st.builds(Between, inner, inner, inner),
        st.builds(IsMissing, inner),
        st.builds(Not, inner),
        st.builds(And, pairs(inner)),
        st.builds(Or, pairs(inner)),
        st.builds(Arithmetic, st.sampled_from("+-*/"), inner, inner),
        st.sampled_from(sorted(FUNCTIONS)).flatmap(
            lambda name: st.builds(Call, st.just(name), st.tuples(*[inner] * FUNCTIONS[name][0]))
        ),
    )


@given(st.recursive(columns | texts | numerals, grown, max_leaves=12))
def test_what_is_printed_is_read_back_as_the_same_tree(tree):
    assert tree == parse(print_expression(tree))


@given(st.text(max_size=40) | st.text("ab1 ()'\".,<>=+-*/andornoti", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        parse(text)
    except MigstatError as error:
        findings = error.findings
    else:
        return

    assert findings[0].mend
