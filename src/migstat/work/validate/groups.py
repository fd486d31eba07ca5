"""Rules over groups, or over the whole file: counted part by part, judged at the end."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.expression import Call, Expression, Name, aggregates, names, walk
from migstat.words.memory import Room
from migstat.words.rule import Group, Rule
from migstat.work.buckets import COUNT, Buckets
from migstat.work.coding import Coded
from migstat.work.validate.cube import N, W
from migstat.work.validate.hashes import row_hashes
from migstat.work.validate.intervals import Bounds
from migstat.work.validate.judge import Judge
from migstat.work.validate.keys import verdicts_of
from migstat.work.validate.part import FAIL, NONE, PASS, UNDECIDED, Part, Reading, evaluated

G, MISSING = "migstat-g", "migstat-missing"


class Aggregate:
    """One aggregate function: what is kept of each group in each part, and the bounds that come of it at the end."""

    def __init__(self, number: int, call: Call, reading: Reading, weighted: bool, ignore: bool) -> None:
        self.function, self.ignore = call.function, ignore
        self.measure = W if weighted else N
        self.item = f"migstat-item{number}"
        self.low, self.high = f"migstat-low{number}", f"migstat-high{number}"
        self.sure, self.open, self.all = f"{self.item}-sure", f"{self.item}-open", f"{self.item}-all"
        if not call.arguments:
            self.value: nw.Expr | None = None
        elif self.function in ("count", "share"):
            self.value = reading.condition(call.arguments[0])
        elif self.function == "distinct":
            self.value = reading.condition(Call("text", call.arguments))
            if isinstance(call.arguments[0], Name) and reading.kinds.get(call.arguments[0].name) == "code":
                self.value = reading.condition(call.arguments[0])
        else:
            self.value = reading.condition(Call("number", call.arguments))

    @property
    def listed(self) -> bool:
        """True where the values themselves must be kept: a median and a count of distinct values cannot be added up."""
        return self.function in ("median", "distinct")

    def kept(self) -> list[pl.Expr]:
        """What is kept of each group of a part."""
        item, measure = pl.col(self.item), pl.col(self.measure)
        if self.value is None:
            return [measure.sum().alias(self.sure), pl.lit(0).alias(self.open), measure.sum().alias(self.all)]
        blank = item.is_null()
        match self.function:
            case "count" | "share":
                return [
                    measure.filter(item).sum().alias(self.sure),
                    measure.filter(blank).sum().alias(self.open),
                    measure.sum().alias(self.all),
                ]
            case "smallest" | "largest":
                found = item.min() if self.function == "smallest" else item.max()
                return [found.alias(self.sure), pl.col(N).filter(blank).sum().alias(self.open)]
            case "sum" | "mean":
                return [
                    (item * measure).sum().alias(self.sure),
                    pl.col(N).filter(blank).sum().alias(self.open),
                    measure.filter(~blank).sum().alias(self.all),
                ]
        return [pl.col(N).filter(blank).sum().alias(self.open)]

    def merged(self) -> list[pl.Expr]:
        """How what was kept is put together."""
        made = [pl.col(self.open).sum()]
        if self.function in ("smallest", "largest"):
            return [*made, pl.col(self.sure).min() if self.function == "smallest" else pl.col(self.sure).max()]
        return made if self.listed else [*made, pl.col(self.sure).sum(), pl.col(self.all).sum()]

    def bounds(self) -> list[pl.Expr]:
        """The least and the most the aggregate can be."""
        sure, open_, all_ = (pl.col(name).cast(pl.Float64) for name in (self.sure, self.open, self.all))
        none = pl.lit(None, pl.Float64)
        if self.ignore:
            all_, open_ = (all_ - open_ if self.function in ("count", "share") else all_), pl.lit(0.0)
        low, high = sure, sure
        match self.function:
            case "count":
                high = sure + open_
            case "share":
                low, high = sure / all_, (sure + open_) / all_
            case "smallest":
                low = pl.when(open_ == 0).then(sure)
            case "largest":
                high = pl.when(open_ == 0).then(sure)
            case "sum" | "median":
                low = high = pl.when(open_ == 0).then(sure).otherwise(none)
            case "mean":
                low = high = pl.when((open_ == 0) & (all_ > 0)).then(sure / all_).otherwise(none)
            case "distinct":
                high = sure + open_
                low = pl.when((sure == 0) & (open_ > 0)).then(1.0).otherwise(sure)
        return [low.fill_nan(None).alias(self.low), high.fill_nan(None).alias(self.high)]

    def values(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The values of each group, each once, with how often they stand."""
        found = frame.filter(pl.col(self.item).is_not_null())
        return found.group_by(G, MISSING, self.item).agg(pl.col(self.measure).sum().alias(self.all))

    def merged_values(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The values of each group from several parts, each once."""
        return frame.group_by(G, MISSING, self.item).agg(pl.col(self.all).sum())

    def of_values(self, values: pl.DataFrame) -> pl.DataFrame:
        """The aggregate of each group, from its values."""
        if self.function == "distinct":
            return values.group_by(G, MISSING).agg(pl.col(self.item).n_unique().cast(pl.Float64).alias(self.sure))
        ordered = values.group_by(G, MISSING, self.item).agg(pl.col(self.all).sum()).sort(G, MISSING, self.item)
        up_to, half = pl.col(self.all).cum_sum(), pl.col(self.all).sum() / 2
        upper = pl.col(self.item).filter(up_to > half).first()
        lower = pl.col(self.item).filter(up_to >= half).first()
        return ordered.group_by(G, MISSING).agg(((lower + upper) / 2).alias(self.sure))


class GroupJudge(Judge):
    """A condition over the rows of each group. The counts are of groups; each row of a group has its verdict."""

    counted = True

    def __init__(self, rule: Rule, reading: Reading, after: Any = None, room: Room | None = None) -> None:
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
        self.aggregates = {
            call: Aggregate(number, call, reading, check.weighted, ignore)
            for number, call in enumerate(aggregates(check.expression))
        }
        self.partial = Buckets(G, room, self._merged)
        self.listed = {one: Buckets(G, room, one.merged_values) for one in self.aggregates.values() if one.listed}
        self.groups = pl.DataFrame(schema={G: pl.UInt64, "v": pl.UInt8})
        """Those whose verdict is not to pass."""

    def add(self, part: Part) -> None:
        """Take the rows of a part."""
        self.take(part.counted(self.columns))

    def take(self, frame: pl.DataFrame) -> None:
        """Take combinations: what each group has of them is kept, and the rest forgotten."""
        wanted = {one.item: one.value for one in self.aggregates.values() if one.value is not None}
        if self.when is not None:
            wanted["migstat-when"] = self.when
        hashes, missing = self._hashes(Coded(frame))
        made = evaluated(frame.select(*self.columns, N, W), wanted)
        made = made.with_columns(pl.Series(G, hashes), pl.Series(MISSING, missing))
        if self.when is not None:
            made = made.filter(pl.col("migstat-when").fill_null(False))
        kept = [expr for one in self.aggregates.values() for expr in one.kept()]
        firsts = [pl.col(name).first() for name in self.kept if name in made.columns]
        self.partial.add(made.group_by(G, MISSING).agg(pl.col(N).sum(), pl.col(W).sum(), *kept, *firsts))
        for one, values in self.listed.items():
            values.add(one.values(made))

    def finish(self) -> None:
        """Judge the groups."""
        if self.partial.empty:
            if self.by:
                return
            self.partial.add(self._nothing())
        kept = [self.groups]
        for bucket in range(COUNT):
            merged = self.partial.bucket(bucket)
            if merged is None:
                continue
            for one, values in self.listed.items():
                merged = _with_values(merged, one, values.bucket(bucket))
            merged = merged.with_columns(expr for one in self.aggregates.values() for expr in one.bounds())
            verdicts = self._read(merged)
            self.count(verdicts, merged[W].to_numpy())
            groups = pl.DataFrame([merged[G], pl.Series("v", verdicts)])
            kept.append(groups.filter(~merged[MISSING] & pl.Series(verdicts != PASS)).sort(G))
        for held in (self.partial, *self.listed.values()):
            held.forget()
        self.groups = pl.concat(kept)

    def verdicts(self, part: Part) -> np.ndarray:
        """Return the verdict of each row: that of its group."""
        hashes, missing = self._hashes(part.coded)
        verdicts = verdicts_of(hashes, self.groups[G], self.groups["v"])
        verdicts[missing] = UNDECIDED
        applies = self.applies(part)
        if applies is not None:
            verdicts[~applies.fill_null(False).to_numpy()] = NONE
        return self.settled(verdicts)

    def _hashes(self, rows: Coded) -> tuple[np.ndarray, np.ndarray]:
        if not self.reading.has(*self.by):
            return np.zeros(rows.height, dtype=np.uint64), np.ones(rows.height, dtype=bool)
        return row_hashes(rows, self.by, self.reading.codes)

    def _merged(self, partial: pl.DataFrame) -> pl.DataFrame:
        sums = [expr for one in self.aggregates.values() for expr in one.merged()]
        firsts = [pl.col(name).first() for name in self.kept if name in partial.columns]
        merged = partial.group_by(G, MISSING).agg(pl.col(N).sum(), pl.col(W).sum(), *sums, *firsts)
        return merged.select(name for name in partial.columns if name in merged.columns)

    def _nothing(self) -> pl.DataFrame:
        empty = pl.DataFrame({G: [0], MISSING: [False], N: [0], W: [0.0]}, schema_overrides={G: pl.UInt64})
        zeros = {name: 0.0 for one in self.aggregates.values() for name in (one.open, one.all, one.sure)}
        none = {one.sure: None for one in self.aggregates.values() if one.function in ("smallest", "largest")}
        made = empty.with_columns(pl.lit(value, pl.Float64).alias(name) for name, value in (zeros | none).items())
        return made.drop([one.sure for one in self.aggregates.values() if one.listed])

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


def _with_values(groups: pl.DataFrame, one: Aggregate, values: pl.DataFrame | None) -> pl.DataFrame:
    """Return groups with an aggregate of their values."""
    empty = pl.DataFrame(schema={G: pl.UInt64, MISSING: pl.Boolean, one.sure: pl.Float64})
    found = empty if values is None else one.of_values(values)
    joined = groups.join(found, on=[G, MISSING], how="left")
    return joined.with_columns(pl.col(one.sure).fill_null(0.0)) if one.function == "distinct" else joined


def _outside(expression: Expression) -> Sequence[str]:
    """Return the columns that are read outside of the aggregates."""
    inside = {id(node) for call in aggregates(expression) for node in walk(call)}
    inside |= {id(node) for node in walk(expression) if isinstance(node, Call) and node in aggregates(expression)
               for node in walk(node)}  # fmt: skip
    return tuple(dict.fromkeys(n.name for n in walk(expression) if isinstance(n, Name) and id(n) not in inside))
