"""Aggregates over the rows of a group: what is kept of each part, and the least and the most that comes of it."""

import narwhals as nw
import polars as pl

from migstat.words.expression import Call, Name
from migstat.work.validate.cube import N, W
from migstat.work.validate.part import Reading

G, MISSING = "migstat-g", "migstat-missing"
UNITS = "migstat-units"


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

    def measured(self) -> list[pl.Expr]:
        """What each row brings to its group. To filter inside of groups would take the engine three times as long."""
        item, measure = pl.col(self.item), pl.col(self.measure)
        if self.value is None:
            return [measure.alias(self.sure), pl.lit(0).alias(self.open), measure.alias(self.all)]
        blank = item.is_null()
        unknown = pl.when(blank).then(pl.col(N)).otherwise(0).alias(self.open)
        match self.function:
            case "count" | "share":
                return [
                    pl.when(item).then(measure).otherwise(0).alias(self.sure),
                    pl.when(blank).then(measure).otherwise(0).alias(self.open),
                    measure.alias(self.all),
                ]
            case "smallest" | "largest":
                return [item.alias(self.sure), unknown]
            case "sum" | "mean":
                known = pl.when(blank).then(0).otherwise(measure)
                return [(item * measure).alias(self.sure), unknown, known.alias(self.all)]
        return [unknown]

    def merged(self) -> dict[str, str]:
        """How what rows brought, or parts, is put together: ``sum``, ``min`` or ``max``."""
        match self.function:
            case "smallest" | "largest":
                return {self.open: "sum", self.sure: "min" if self.function == "smallest" else "max"}
            case "median" | "distinct":
                return {self.open: "sum"}
        return dict.fromkeys((self.open, self.sure, self.all), "sum")

    def bounds(self) -> list[pl.Expr]:
        """The least and the most the aggregate can be; the column ``UNITS`` says how many of the measure make one."""
        sure, open_, all_ = (pl.col(name).cast(pl.Float64) for name in (self.sure, self.open, self.all))
        none = pl.lit(None, pl.Float64)
        if self.ignore:
            all_, open_ = (all_ - open_ if self.function in ("count", "share") else all_), pl.lit(0.0)
        low, high = sure, sure
        # A column: to divide by a number the engine multiplies by its reciprocal, and 50 is more than 50.
        per = pl.col(UNITS) if self.measure == W else pl.lit(1.0)
        match self.function:
            case "count":
                low, high = sure / per, (sure + open_) / per
            case "share":
                low, high = sure / all_, (sure + open_) / all_
            case "smallest":
                low = pl.when(open_ == 0).then(sure)
            case "largest":
                high = pl.when(open_ == 0).then(sure)
            case "sum" | "median":
                value = sure / per if self.function == "sum" else sure
                low = high = pl.when(open_ == 0).then(value).otherwise(none)
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
