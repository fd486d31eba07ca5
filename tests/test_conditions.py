"""Conditions mean the same on every engine, and unknown is never taken for false."""

from datetime import date

import narwhals as nw
import pytest

from migstat.read.expression import parse_expression
from migstat.words.finding import MigstatError, Place
from migstat.work.conditions import compile_expression

PLACE = Place("test")
ROWS = [
    {"ID": "1", "P": "1", "Q": "2", "A": "KEN", "B": "KEN", "D": "2022-11-30", "E": "2023-02-28"},
    {"ID": "2", "P": "05", "Q": "x", "A": "UGA", "B": "KEN", "D": "2022-03-01", "E": "2023-03-01"},
    {"ID": "3", "P": None, "Q": "0", "A": "SUHH", "B": "RUS", "D": "2023-03-01", "E": "2024-02-29"},
    {"ID": "4", "P": "abc", "Q": None, "A": "_N", "B": "KEN", "D": "2024-02-29", "E": "2025-02-28"},
    {"ID": "5", "P": "-1.5", "Q": "7", "A": "_O", "B": "KEN", "D": "no date", "E": "2023-03-01"},
]
CODES = {"A": "code", "B": "code"}
PAIRS = frozenset({("SUHH", "RUS")})
Y, N, U = True, False, None


def judge(constructor, text, kinds=None):
    """What the condition says of each row, in the order of ID; pandas goes through Polars, as everywhere."""
    frame = nw.from_native(constructor(ROWS))
    if frame.implementation.is_pandas():
        frame = nw.from_native(frame.to_polars())
    kinds = {**dict.fromkeys(ROWS[0], "text"), **(kinds or CODES)}
    made = compile_expression(parse_expression(text, PLACE), kinds, PAIRS)
    rows = constructor.rows(frame.select("ID", made.alias("said")).to_native(), "ID")
    return [row["said"] for row in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P = 1", [Y, N, U, U, N]),
        ("P = '05'", [N, Y, U, N, N]),
        ("P = 5", [N, Y, U, U, N]),
        ("P <> 5", [Y, N, U, U, Y]),
        ("P < 0", [N, N, U, U, Y]),
        ("P in (1, 5..9)", [Y, Y, U, U, N]),
        ("P in (1, 'abc')", [Y, N, U, Y, N]),
        ("P not in (1, 5..9)", [N, N, U, U, Y]),
        ("P between 1 and 5", [Y, Y, U, U, N]),
        ("P is missing", [N, N, Y, N, N]),
        ("P is not missing", [Y, Y, N, Y, Y]),
        ("P = 1 or Q = 2", [Y, U, U, U, N]),
        ("P = 1 and Q = 2", [Y, N, N, U, N]),
        ("not (P = 1 and Q = 2)", [N, Y, Y, U, Y]),
        ("P + 1 = 2", [Y, N, U, U, N]),
        ("P / Q = 0.5", [Y, U, U, U, N]),
        ("10 / Q > 0", [Y, U, U, U, Y]),
        ("P - -1.5 = 0", [N, N, U, U, Y]),
        ("A = 'KEN'", [Y, N, N, U, N]),
        ("A is missing", [N, N, N, Y, N]),
        ("text(A) = '_N'", [N, N, N, Y, N]),
        ("A in ('KEN', '_O')", [Y, N, N, U, Y]),
        ("same_area(A, B)", [Y, N, U, U, N]),
        ("not same_area(B, A)", [N, Y, U, U, Y]),
        ("A = 'UGA' or A is missing", [N, Y, N, Y, N]),
        ("months_between(D, E)", [3, 12, 11, 12, U]),
        ("year(E) - year(D)", [1, 1, 1, 1, U]),
        ("E >= '2023-03-01'", [N, Y, Y, Y, Y]),
        ("if(P = 1, 'a', 'b')", ["a", "b", U, U, "b"]),
        ("if(P = 1, 10, Q)", [10, U, U, U, 7]),
        ("coalesce(P, Q)", ["1", "05", "0", "abc", "-1.5"]),
        ("round(number(P) * 3)", [3, 15, U, U, -5]),
        ("floor(P)", [1, 5, U, U, -2]),
        ("abs(P)", [1, 5, U, U, 1.5]),
        ("length(P)", [1, 2, U, 3, 4]),
        ("substring(A, 2, 1)", ["E", "G", "U", U, "O"]),
        ("lower(trim(A))", ["ken", "uga", "suhh", U, "_o"]),
        ("matches(P, '[a-z]+')", [N, N, U, Y, N]),
        ("starts_with(P, '0')", [N, Y, U, N, N]),
        ("text(number(P))", ["1", "5", U, U, "-1.5"]),
        ("concat(A, '-', number(P))", ["KEN-1", "UGA-5", U, U, "_O--1.5"]),
        ("concat(coalesce(P, ''), Q)", ["12", "05x", "0", U, "-1.57"]),
        ("pad(P, 3)", ["001", "005", U, "abc", "-1.5"]),
        ("pad(number(P), 4)", ["0001", "0005", U, U, "-1.5"]),
        ("number(P = 1)", [1, 0, U, U, 0]),
        ("text(P = 1 or Q = 2)", ["1", U, U, U, "0"]),
    ],
)
def test_conditions_over_text(constructor, text, expected):
    said = judge(constructor, text)

    assert expected == said


def test_an_absent_column_is_unknown(constructor):
    said = judge(constructor, "Z = 'a' or P = 1", {"Z": "absent"})

    assert [Y, U, U, U, U] == said


def test_typed_columns(constructor):
    columns = [
        nw.when(nw.col("ID") != "3").then(nw.col("ID")).cast(nw.Int64).alias("N"),
        nw.when(nw.col("ID") != "3").then(nw.lit(date(2020, 5, 31))).cast(nw.Date).alias("D"),
    ]
    frame = nw.from_native(constructor(ROWS))
    frame = nw.from_native(frame.to_polars()) if frame.implementation.is_pandas() else frame
    said = parse_expression("N >= 4 and year(D) = 2020 and D = '2020-05-31'", PLACE)

    made = frame.select("ID", *columns).select("ID", x=compile_expression(said, {"N": "number", "D": "date"}))

    assert [N, N, U, Y, Y] == [row["x"] for row in constructor.rows(made.to_native(), "ID")]


def test_odd_digits_and_long_numbers_are_no_error(constructor):
    odd = ["٣", "1e5", "9" * 400, "1.", ".5", " 7 ", "+2", "-", "", "1\n"]
    frame = nw.from_native(constructor({"ID": [str(i) for i in range(len(odd))], "P": odd}))
    frame = nw.from_native(frame.to_polars()) if frame.implementation.is_pandas() else frame

    made = frame.select("ID", x=compile_expression(parse_expression("number(P)", PLACE), {"P": "text"}))

    rows = constructor.rows(made.to_native(), "ID")
    assert [None, None, None, 1.0, 0.5, 7.0, 2.0, None, None] == [row["x"] for row in rows][:-1]


def test_a_number_that_no_whole_number_can_hold_is_no_error(constructor):
    large = ["9" * 18, "9" * 30, "-" + "9" * 30, "1234567890123456"]
    frame = nw.from_native(constructor({"ID": [str(i) for i in range(len(large))], "P": large}))
    frame = nw.from_native(frame.to_polars()) if frame.implementation.is_pandas() else frame

    made = frame.select(
        "ID", x=compile_expression(parse_expression("text(number(P) * number(P))", PLACE), {"P": "text"})
    )

    assert [float(one) ** 2 for one in large] == [float(row["x"]) for row in constructor.rows(made.to_native(), "ID")]


def test_an_unknown_column_is_named():
    with pytest.raises(MigstatError, match="the condition reads ALTER, which is no column here"):
        compile_expression(parse_expression("ALTER > 3", PLACE), {"AGE": "text"})
