"""A judge: takes the parts of a file for one rule, and at the end knows the counts and the verdict of each row."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.expression import Expression, names
from migstat.words.rule import Holds, Rule
from migstat.words.validated import Judged
from migstat.work.validate.cube import N, W
from migstat.work.validate.part import FAIL, NONE, PASS, UNDECIDED, Part, Reading, coded_verdicts, evaluated, truth

_POLICIES = {"undecided": UNDECIDED, "fail": FAIL, "pass": PASS, "ignore": NONE}


class Judge:
    """What all judges share: the rule, the columns it reads, the counts, and what a missing value then means."""

    units = "rows"
    counted = False
    """True where the judge takes combinations with their counts, and not only rows."""

    def __init__(self, rule: Rule, reading: Reading, columns: Sequence[str]) -> None:
        self.rule, self.reading = rule, reading
        wanted = [*columns, *(names(rule.when) if rule.when is not None else ())]
        self.wanted = tuple(dict.fromkeys(wanted))
        self.columns = tuple(name for name in self.wanted if reading.has(name))
        self.absent = tuple(name for name in self.wanted if not reading.has(name))
        self.when = reading.condition(rule.when) if rule.when is not None else None
        self.rows = np.zeros(4, dtype=np.int64)
        self.weight = np.zeros(4, dtype=np.float64)
        self.units_of_weight = 1.0
        """How many of the units in which weights are counted make one."""
        aliases = {one.alias for one in rule.look_ups}
        ours = [name for one in rule.look_ups for name in one.where.values() if not reading.has(name)]
        lacking = [name for name in self.absent if name.partition(".")[0] not in aliases]
        lacking = list(dict.fromkeys([*lacking, *ours]))
        self.note = f"not in these data: {', '.join(lacking)}" if lacking else ""

    def add(self, part: Part) -> None:
        """Take a part."""
        raise NotImplementedError

    def take(self, frame: pl.DataFrame) -> None:
        """Take combinations of the columns, with their rows and weight."""
        raise NotImplementedError

    def finish(self) -> None:
        """Reckon what can only be known when all parts were taken."""

    def verdicts(self, part: Part) -> np.ndarray:
        """Return the verdict of each row of a part, when the judge has finished."""
        raise NotImplementedError

    def settled(self, verdicts: np.ndarray) -> np.ndarray:
        """Return verdicts as the rule's policy on missing values has them."""
        table = np.array([NONE, PASS, FAIL, _POLICIES[self.rule.missing]], dtype=np.uint8)
        return table.take(verdicts)

    def count(self, verdicts: np.ndarray, weights: np.ndarray | None) -> None:
        """Add the verdicts of some rows to the counts."""
        rows = np.bincount(verdicts, minlength=4)
        self.rows += rows
        self.weight += rows if weights is None else np.bincount(verdicts, weights=weights, minlength=4)

    def applies(self, part: Part) -> pl.Series | None:
        """Return for each row whether the rule is to be judged of it; None where it is of all."""
        if self.when is None or self.rule.when is None:
            return None
        columns = [name for name in names(self.rule.when) if self.reading.has(name)]
        return truth(part.counted(columns), self.when)

    def judged(self, sample: tuple[dict[str, Any], ...] = ()) -> Judged:
        """Return the result."""
        rows, counted = (np.bincount(self.settled(np.arange(4)), counts, 4) for counts in (self.rows, self.weight))
        weight = np.divide(counted, self.units_of_weight)
        return Judged(
            rule=self.rule,
            passed=int(rows[PASS]),
            failed=int(rows[FAIL]),
            undecided=int(rows[UNDECIDED]),
            passed_weight=float(weight[PASS]),
            failed_weight=float(weight[FAIL]),
            undecided_weight=float(weight[UNDECIDED]),
            units=self.units,
            sample=sample,
            note=self.note,
        )


class HoldsJudge(Judge):
    """A condition over one row."""

    counted = True

    def __init__(self, rule: Rule, reading: Reading) -> None:
        assert isinstance(rule.check, Holds)
        self.expression: Expression = rule.check.expression
        super().__init__(rule, reading, names(self.expression))
        self.ok = reading.condition(self.expression)

    def add(self, part: Part) -> None:
        """Count a part row by row."""
        self.take(part.counted(self.columns))

    def take(self, frame: pl.DataFrame) -> None:
        """Count combinations."""
        verdicts = self._read(frame)
        self.rows += np.bincount(verdicts, frame[N].to_numpy(), 4).astype(np.int64)
        self.weight += np.bincount(verdicts, frame[W].to_numpy(), 4)

    def verdicts(self, part: Part) -> np.ndarray:
        """Return the verdict of each row."""
        return self.settled(self._read(part.counted(self.columns)))

    def _read(self, frame: pl.DataFrame) -> np.ndarray:
        wanted: dict[str, nw.Expr] = {"migstat-ok": self.ok}
        if self.when is not None:
            wanted["migstat-when"] = self.when
        columns = [name for name in frame.columns if name in self.columns or name == N]
        made = evaluated(frame.select(columns), wanted)
        return coded_verdicts(made["migstat-when"] if self.when is not None else None, made["migstat-ok"])
