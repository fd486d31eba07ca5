"""A part of a file in hand: row numbers, columns, weights; and how a condition is read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.expression import Expression, names
from migstat.words.structure import Structure
from migstat.work.coding import Coded, Rows
from migstat.work.conditions import Pairs, compile_expression
from migstat.work.validate.cube import N, W

NONE, PASS, FAIL, UNDECIDED = 0, 1, 2, 3
"""The verdicts of a row as numbers; NONE where the rule does not apply."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the columns of a file are read: the kind of each, and the areas that cannot be told apart."""

    kinds: Mapping[str, str]
    pairs: Pairs = frozenset()

    def condition(self, expression: Expression) -> nw.Expr:
        """Compile a condition; a column that the file does not have is missing in every row."""
        absent = dict.fromkeys(names(expression), "absent")
        return compile_expression(expression, absent | dict(self.kinds), self.pairs)

    def has(self, *columns: str) -> bool:
        """Tell whether all of the columns are there."""
        return all(name in self.kinds for name in columns)

    @property
    def codes(self) -> frozenset[str]:
        """The columns in which the kinds of missing are values."""
        return frozenset(name for name, kind in self.kinds.items() if kind == "code")


def kinds_of(schema: Mapping[str, Any], structure: Structure | None) -> dict[str, str]:
    """Return the kind of each column: codes of a record structure, numbers, dates, or text."""
    record = structure is not None and structure.kind == "record"
    kinds = {}
    for name, dtype in schema.items():
        component = structure[name] if structure is not None and name in structure else None
        if dtype.is_numeric():
            kinds[name] = "number"
        elif dtype.is_temporal():
            kinds[name] = "date"
        else:
            kinds[name] = "code" if record and component is not None and component.coded else "text"
    return kinds


class Part:
    """Some rows of a file, with their weights where they have any, in whole numbers of units."""

    def __init__(self, numbers: pl.Series, rows: Rows, weights: np.ndarray | None = None) -> None:
        self.numbers = numbers
        self.coded = Coded(rows)
        self.weights = weights

    def given(self, weight: str) -> np.ndarray:
        """Return a column as the weights that were given; none is no weight."""
        column = self.coded.column(weight).cast(pl.Float64, strict=False)
        return column.fill_nan(None).fill_null(0.0).to_numpy()

    def with_rows(self, rows: Rows) -> "Part":
        """Return the same rows with more columns."""
        return Part(self.numbers, rows, self.weights)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self.coded.height

    @property
    def frame(self) -> pl.DataFrame:
        """All columns."""
        return self.coded.frame

    def has_codes(self, columns: Sequence[str]) -> bool:
        """Tell whether the values of all these columns are few."""
        return all(self.coded[name] is not None for name in columns)

    def counted(self, columns: Sequence[str]) -> pl.DataFrame:
        """The rows as lines of a cube: each stands for itself."""
        weight = pl.Series(np.ones(self.height) if self.weights is None else self.weights)
        one = pl.Series(N, np.ones(self.height, dtype=np.int64))
        return self.coded.select(columns).with_columns(one, weight.alias(W))


def truth(frame: pl.DataFrame, condition: nw.Expr) -> pl.Series:
    """Return a condition for each row of a frame."""
    return evaluated(frame, {"migstat-truth": condition})["migstat-truth"]


def evaluated(frame: pl.DataFrame, wanted: Mapping[str, nw.Expr]) -> pl.DataFrame:
    """Return the frame with more columns; categories are read as text, and blank text is missing."""
    plain = plainly(frame)
    if not wanted:
        return plain
    lazy: Any = nw.from_native(plain.lazy()).with_columns(*(expr.alias(name) for name, expr in wanted.items()))
    made: pl.DataFrame = lazy.collect().to_native()
    return made


def plainly(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with categories as text, blanks and NaN as null."""
    made: list[pl.Expr] = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum):
            text = column.cast(pl.String)
            made.append(pl.when(text != "").then(text).alias(name))
        elif dtype in (pl.Boolean, pl.Null):
            made.append(column.cast(pl.String))
        elif dtype.is_float():
            made.append(column.fill_nan(None))
    return frame.with_columns(made) if made else frame


def coded_verdicts(applies: pl.Series | None, ok: pl.Series) -> np.ndarray:
    """Return verdicts as numbers from a condition, where the rule applies."""
    verdicts = np.where(ok.is_null().to_numpy(), UNDECIDED, np.where(ok.fill_null(False).to_numpy(), PASS, FAIL))
    if applies is not None:
        verdicts = np.where(applies.fill_null(False).to_numpy(), verdicts, NONE)
    return verdicts.astype(np.uint8)
