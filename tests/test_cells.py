"""Cells: a weight is read as the nearest number, and rows are put in order, whatever the numbers."""

from fractions import Fraction

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from migstat.work.tabulate.arrange import order
from migstat.work.tabulate.cells import PART, SCALE, WHOLE, total

wholes = st.one_of(st.integers(0, 1_000_000), st.integers(1 - 2**53, 2**53 - 1))
parts = st.integers(0, SCALE - 1)


@st.composite
def between(draw: st.DrawFn) -> tuple[int, int]:
    """Draw a weight beside the middle of two numbers that follow each other, where rounding twice goes wrong."""
    places = draw(st.integers(1, 33))
    whole = draw(st.integers(2 ** (52 - places), 2 ** (53 - places) - 1)) * draw(st.sampled_from([1, -1]))
    middle = (2 * draw(st.integers(0, 2**places - 1)) + 1) * SCALE // 2 ** (places + 1)
    return whole, min(SCALE - 1, max(0, middle + draw(st.integers(-1, 1))))


@given(st.lists(st.one_of(st.tuples(wholes, parts), between()), min_size=1, max_size=20))
@example([(900_719, 9_254_740_993), (900_720, 0), (1_009_549, 6_426_946_859)])
@example([(2**53 - 1, 5_000_000_000), (-(2**53) + 1, 5_000_000_001), (2**52, 5_000_000_000)])
def test_a_weight_is_read_as_the_number_nearest_to_it(weights: list[tuple[int, int]]) -> None:
    sums = pl.DataFrame(weights, schema={WHOLE: pl.Int64, PART: pl.Int64}, orient="row")
    expected = [float(whole + Fraction(part, SCALE)) for whole, part in weights]

    assert expected == sums.select(total()).to_series().to_list()
    for name in (WHOLE, PART):
        alike = sums.with_columns(pl.lit(7, pl.Int64).alias(name))
        expected = [float(whole + Fraction(part, SCALE)) for whole, part in alike.rows()]

        assert expected == alike.select(total()).to_series().to_list()
        assert expected[:1] == alike.head(1).select(total()).to_series().to_list()


@given(st.lists(st.tuples(*[st.sampled_from([0, 1, 2, 255, 2**16, 2**32 - 1])] * 3), min_size=1, max_size=9))
@example([(1, 2, 0), (0, 0, 1), (1, 2, 0)])
def test_rows_are_in_the_order_of_their_ranks_and_else_as_they_come(rows: list[tuple[int, int, int]]) -> None:
    many = rows * 1000
    ranks = pl.DataFrame(many, schema=dict.fromkeys("abc", pl.UInt32), orient="row")

    assert sorted(range(len(many)), key=many.__getitem__) == order(ranks).to_list()
