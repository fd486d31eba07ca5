"""Rules over groups, or over the whole file: counted part by part, judged at the end."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from migstat.words.expression import Call, Expression, Name, aggregates, names, walk
from migstat.words.memory import Room
from migstat.words.rule import Group, Rule
from migstat.work.validate.aggregates import MISSING, UNITS, Aggregate, G
from migstat.work.validate.cube import W
from migstat.work.validate.gathered import Gathered
from migstat.work.validate.intervals import Bounds
from migstat.work.validate.judge import Judge
from migstat.work.validate.keys import verdicts_of
from migstat.work.validate.part import FAIL, NONE, PASS, UNDECIDED, Part, Reading, evaluated

GROUPS = "migstat-groups"
"""How many groups are alike, where they were added up elsewhere."""


class GroupJudge(Judge):
    """A condition over the rows of each group. The counts are of groups; each row of a group has its verdict."""

    counted = True

    def __init__(
        self,
        rule: Rule,
        reading: Reading,
        after: Any = None,
        room: Room | None = None,
        known: dict[Any, Aggregate] | None = None,
    ) -> None:
        assert isinstance(rule.check, Group)
        check = rule.check
        self.by, self.expression, self.after = check.by, check.expression, after
        self.units = "groups" if self.by else "file"
        aliases = {look_up.alias for look_up in rule.look_ups} if after is not None else set()
        inner = [
            name for call in aggregates(check.expression) for argument in call.arguments for name in names(argument)
        ]
        outer = [name for name in _outside(check.expression) if name.partition(".")[0] not in aliases]
        theirs = [ours for one in rule.look_ups for ours in one.where.values()] if after is not None else []
        self.kept = tuple(dict.fromkeys([*outer, *theirs]))
        super().__init__(rule, reading, (*self.by, *inner, *self.kept))
        ignore = rule.missing == "ignore"
        known = {} if known is None else known
        self.aggregates = {
            call: known.setdefault(
                (call, check.weighted, ignore), Aggregate(len(known), call, reading, check.weighted, ignore)
            )
            for call in aggregates(check.expression)
        }
        self.gathered = Gathered(self.by, reading, self.when, room)
        read = [*inner, *self.kept, *(names(rule.when) if rule.when is not None else ())]
        firsts = [name for name in self.kept if reading.has(name)]
        self.gathered.also(self.aggregates.values(), [name for name in read if reading.has(name)], firsts)
        self.groups = pl.DataFrame(schema={G: pl.UInt64, "v": pl.UInt8})
        """Those whose verdict is not to pass."""

    def add(self, part: Part) -> None:
        """Take the rows of a part."""
        self.gathered.add(part)

    def take(self, frame: pl.DataFrame) -> None:
        """Take combinations."""
        self.gathered.take(frame)

    def finish(self) -> None:
        """Judge the groups."""
        judge_groups([self])

    def judge(self, groups: pl.DataFrame) -> None:
        """Judge groups of which all rows were gathered; their hashes are in order, and higher than those before."""
        groups = self._bounded(groups)
        verdicts = self._read(groups)
        self.count(verdicts, groups[W].to_numpy())
        found = pl.DataFrame([groups[G], pl.Series("v", verdicts)])
        found = found.filter(~groups[MISSING] & pl.Series(verdicts != PASS))
        self.groups = self.groups.vstack(found)

    def take_alike(self, groups: pl.DataFrame) -> None:
        """Judge groups that were added up elsewhere; a row stands for as many as are alike."""
        if groups.is_empty() and not self.by:
            groups = self.gathered.nothing().with_columns(pl.lit(1, pl.Int64).alias(GROUPS))
        made = self._bounded(groups)
        verdicts = self._read(made)
        self.rows += np.bincount(verdicts, made[GROUPS].to_numpy(), 4).astype(np.int64)
        self.weight += np.bincount(verdicts, made[W].cast(pl.Float64).to_numpy(), 4)

    def _bounded(self, groups: pl.DataFrame) -> pl.DataFrame:
        units = pl.Series(UNITS, np.full(groups.height, self.units_of_weight))
        return groups.with_columns(units).with_columns(
            expr for one in self.aggregates.values() for expr in one.bounds()
        )

    def verdicts(self, part: Part) -> np.ndarray:
        """Return the verdict of each row: that of its group."""
        hashes, missing = self.gathered.hashes(part.coded)
        verdicts = verdicts_of(hashes, self.groups[G], self.groups["v"])
        verdicts[missing] = UNDECIDED
        applies = self.applies(part)
        if applies is not None:
            verdicts[~applies.fill_null(False).to_numpy()] = NONE
        return self.settled(verdicts)

    def _read(self, merged: pl.DataFrame) -> np.ndarray:
        if self.after is not None:
            merged = self.after(merged)
        kinds = {name: kind for name, kind in self.reading.kinds.items() if name in merged.columns}
        bounds = Bounds(
            {call: (one.low, one.high) for call, one in self.aggregates.items()},
            Reading(kinds, self.reading.pairs).condition,
        )
        ok = evaluated(merged, {"migstat-ok": bounds.truth(self.expression)})["migstat-ok"]
        verdicts = np.where(ok.is_null().to_numpy(), UNDECIDED, np.where(ok.fill_null(False).to_numpy(), PASS, FAIL))
        verdicts = np.where(merged[MISSING].to_numpy(), UNDECIDED, verdicts)
        return verdicts.astype(np.uint8)


def gather_together(judges: Iterable[GroupJudge]) -> list[Gathered]:
    """Let rules of the same groups and condition gather together."""
    homes: dict[Any, GroupJudge] = {}
    for judge in judges:
        # A rule that looks something up reads columns that others do not have.
        same = judge if judge.rule.look_ups else (judge.by, judge.rule.when)
        home, own = homes.setdefault(same, judge).gathered, judge.gathered
        if home is not own:
            home.also(own.aggregates, own.columns, own.firsts)
            judge.gathered = home
    return [judge.gathered for judge in homes.values()]


def judge_groups(judges: Iterable[GroupJudge]) -> None:
    """Judge all groups; those that rules gathered together are gone through once."""
    together: dict[Gathered, list[GroupJudge]] = {}
    for judge in judges:
        together.setdefault(judge.gathered, []).append(judge)
    for gathered, theirs in together.items():
        for groups in gathered:
            for judge in theirs:
                judge.judge(groups)


def _outside(expression: Expression) -> Sequence[str]:
    """Return the columns that are read outside of the aggregates."""
    inside = {id(node) for call in aggregates(expression) for node in walk(call)}
    inside |= {id(node) for node in walk(expression) if isinstance(node, Call) and node in aggregates(expression)
               for node in walk(node)}  # fmt: skip
    return tuple(dict.fromkeys(n.name for n in walk(expression) if isinstance(n, Name) and id(n) not in inside))
