"""Rules between a row and the one before it, in an order that the rule gives."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import polars as pl

from migstat.words.expression import PREVIOUS, Call, Expression, Name, names
from migstat.words.memory import Room
from migstat.words.rule import Rule, Sequence
from migstat.work.buckets import Buckets
from migstat.work.validate.hashes import row_hashes
from migstat.work.validate.judge import Judge
from migstat.work.validate.part import FAIL, NONE, PASS, UNDECIDED, Part, Reading, coded_verdicts, evaluated, plainly

G, ROW, WEIGHT = "migstat-g", "migstat-row", "migstat-w"
BEFORE = "previous({})"


class SequenceJudge(Judge):
    """Keeps the columns that the rule reads, of every row, and sorts them at the end, some groups at a time."""

    def __init__(self, rule: Rule, reading: Reading, room: Room | None = None) -> None:
        assert isinstance(rule.check, Sequence)
        self.check = rule.check
        self.expression = before(rule.check.expression)
        super().__init__(rule, reading, (*self.check.by, *self.check.sort, *names(rule.check.expression)))
        self.kept = Buckets(G, room)
        self.failing: np.ndarray = np.zeros(0, dtype=np.int64)
        """The numbers of the rows that fail."""

    def add(self, part: Part) -> None:
        """Keep what the rule reads."""
        if self.absent:
            hashes, missing = np.zeros(part.height, dtype=np.uint64), np.ones(part.height, dtype=bool)
        else:
            hashes, missing = row_hashes(part.coded, self.check.by, self.reading.codes)
        weights = np.ones(part.height) if part.weights is None else part.weights
        frame = plainly(part.coded.select(self.columns)).with_columns(
            pl.Series(G, hashes).set(pl.Series(missing), None), part.numbers.alias(ROW), pl.Series(WEIGHT, weights)
        )
        self.kept.add(frame)

    def finish(self) -> None:
        """Sort the rows, and judge each with the one before it."""
        found = [self.failing]
        for frame in self.kept:
            if self.absent:
                verdicts = np.full(frame.height, UNDECIDED, dtype=np.uint8)
            else:
                frame = frame.sort([G, *self.check.sort, ROW], nulls_last=False)
                verdicts = self._read(frame)
            self.count(verdicts, frame[WEIGHT].to_numpy())
            found.append(frame[ROW].to_numpy()[self.settled(verdicts) == FAIL])
        self.failing = np.sort(np.concatenate(found))

    def verdicts(self, part: Part) -> np.ndarray:
        """Return which rows fail; what the verdict of the others is was counted, and is not kept."""
        return np.where(np.isin(part.numbers.to_numpy(), self.failing), FAIL, PASS).astype(np.uint8)

    def _read(self, frame: pl.DataFrame) -> np.ndarray:
        named = [name.removeprefix("previous(").removesuffix(")") for name in names(self.expression) if "(" in name]
        shifted = [pl.col(name).shift(1).alias(BEFORE.format(name)) for name in named]
        kinds = dict(self.reading.kinds) | {BEFORE.format(name): self.reading.kinds[name] for name in named}
        wanted: dict[str, Any] = {"migstat-ok": Reading(kinds, self.reading.pairs).condition(self.expression)}
        if self.when is not None:
            wanted["migstat-when"] = self.when
        made = evaluated(frame.with_columns(shifted), wanted)
        verdicts = coded_verdicts(made["migstat-when"] if self.when is not None else None, made["migstat-ok"])
        unknown = made.select(pl.any_horizontal(pl.col(G, *self.check.sort).is_null())).to_series()
        first = made.select((pl.col(G) != pl.col(G).shift(1)).fill_null(True)).to_series()
        # Rows that cannot be put in order stand first in their group: what follows the last of them is open too.
        after_unknown = unknown.shift(1, fill_value=False) & ~first
        applied = verdicts != NONE
        verdicts[first.to_numpy() & applied] = NONE
        verdicts[(unknown | after_unknown).to_numpy() & applied] = UNDECIDED
        return verdicts


def before(expression: Expression) -> Expression:
    """Return the expression with ``previous(X)`` as a name of its own."""
    if isinstance(expression, Call) and expression.function == PREVIOUS:
        (inner,) = expression.arguments
        assert isinstance(inner, Name)
        return Name(BEFORE.format(inner.name))
    changed: dict[str, Any] = {}
    for field in fields(expression):
        value = getattr(expression, field.name)
        if isinstance(value, tuple):
            changed[field.name] = tuple(before(one) if isinstance(one, Expression) else one for one in value)
        elif isinstance(value, Expression):
            changed[field.name] = before(value)
    return replace(expression, **changed) if changed else expression
