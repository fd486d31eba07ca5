"""Trail: from each row, by which line of the mapping, to the value of each component."""

from collections.abc import Iterator
from dataclasses import replace

import narwhals as nw
import polars as pl

from migstat.words.expression import names
from migstat.words.finding import Place
from migstat.words.mapping import Target
from migstat.words.mapping_rule import (
    ANY,
    Band,
    Cases,
    Compute,
    Copy,
    DateRule,
    Fixed,
    Line,
    NotCollected,
    Patterns,
    Pseudonym,
    Recode,
    Rule,
    columns,
)
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.structure import Component
from migstat.work.harmonize.fill import Filled, fill
from migstat.work.harmonize.plan import BESIDE, ROW, STATE, Plan, Share
from migstat.work.harmonize.rows import fill_share

TAG = "migstat-tag"
SCHEMA = {
    "_row": pl.Int64,
    "component": pl.String,
    "columns": pl.String,
    "values": pl.String,
    "line": pl.String,
    "value": pl.String,
    "state": pl.String,
}


class Trail:
    """Says of each row and component which line gave its value.

    Each rule is compiled a second time, with the number of the line in the place of its code, and run on the distinct
    combinations of source values.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._places: dict[str, str] = {}
        self._rules = [(target, self._filled(target)) for target in plan.targets.values()]

    def parts(self, filled: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield one frame a component, of the rows that are in scope: row, source values, line, value, state."""
        scope = filled.filter(pl.col(STATE) != "excluded")
        if ROW not in scope.columns:
            scope = scope.with_row_index(ROW, 1)
        for target, rule in self._rules:
            yield self._part(scope, target, rule)

    def _part(self, scope: pl.DataFrame, target: Target, rule: Filled) -> pl.DataFrame:
        behind = self._plan.sources(columns(target.rule))
        read = [self._plan.aliases.get(name, name) for name in behind]
        wanted = self._read(target)
        text = scope.select(
            pl.col(ROW).cast(pl.Int64).alias("_row"),
            *(pl.col(self._plan.aliases.get(name, name)).cast(pl.String).alias(name) for name in wanted),
            self._value(scope, target.component).alias("value"),
            pl.col(STATE).cast(pl.String).alias("state"),
        )
        met = text.select(wanted).unique() if wanted else pl.DataFrame({"migstat-one": [0]})
        told = fill_share(nw.from_native(met.lazy()), Share(tuple(wanted)), self._plan)
        tag = rule.value if rule.kind is None else nw.coalesce(rule.value, rule.kind)
        tagged = told.with_columns(tag.alias(TAG)).collect().to_native().select(*wanted, TAG)
        joined = (
            text.join(tagged, on=wanted, how="left", nulls_equal=True, maintain_order="left")
            if wanted
            else text.with_columns(pl.lit(tagged[TAG][0]).alias(TAG))
        )
        values = pl.concat_str([pl.col(name).fill_null("") for name in behind], separator=" ")
        return joined.select(
            "_row",
            pl.lit(target.component).alias("component"),
            pl.lit(" ".join(read)).alias("columns"),
            (values if read else pl.lit("")).alias("values"),
            pl.col(TAG).replace_strict(self._places, default=None, return_dtype=pl.String).alias("line"),
            "value",
            "state",
        ).cast(SCHEMA)  # type: ignore[arg-type]

    def _value(self, scope: pl.DataFrame, id: str) -> pl.Expr:
        value = pl.col(BESIDE + id).cast(pl.String)
        kind = BESIDE + id + MISSING_SUFFIX
        return pl.coalesce(value, pl.col(kind).cast(pl.String)) if kind in scope.columns else value

    def _read(self, target: Target) -> list[str]:
        read = [*columns(target.rule), *(names(target.universe) if target.universe is not None else ())]
        dates = self._plan.mapping.source.date_rule
        if dates is not None and self._plan.context.row_date is not None:
            read += columns(dates)
        return list(self._plan.sources(read))

    def _filled(self, target: Target) -> Filled:
        self._places["_Z"] = f"{target.place} universe"
        tagged = replace(target, rule=self._tagged(target.rule))
        return fill(tagged, _text(target.component), None, self._plan.context)

    def _tag(self, place: Place) -> str:
        tag = str(len(self._places))
        self._places[tag] = str(place)
        return tag

    def _tagged(self, rule: Rule) -> Rule:
        match rule:
            case Fixed() | NotCollected():
                return Fixed(self._tag(rule.place), rule.place)
            case Recode():
                rest = rule.otherwise and replace(rule.otherwise, code=self._tag(rule.otherwise.place))
                return replace(rule, lines=self._lines(rule.lines), otherwise=rest)
            case Patterns():
                return replace(rule, lines=tuple(replace(line, code=self._tag(line.place)) for line in rule.lines))
            case Copy() | Band() | DateRule() | Pseudonym() | Compute():
                read = columns(rule)
                if not read:
                    return Fixed(self._tag(rule.place), rule.place)
                more = (ANY,) * (len(read) - 1)
                if isinstance(rule, Compute):
                    lines = self._lines(rule.wide_lines)
                else:
                    lines = tuple(replace(line, values=(*line.values, *more)) for line in self._lines(rule.lines))
                rest = Line((ANY,) * len(read), self._tag(rule.place), rule.place)
                return Recode(read, lines, rule.place, rest, rule.pad if isinstance(rule, Copy) else None)
            case Cases():
                arms = tuple(replace(arm, rule=self._tagged(arm.rule)) for arm in rule.arms)
                return replace(rule, arms=arms, otherwise=rule.otherwise and self._tagged(rule.otherwise))

    def _lines(self, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(replace(line, code=self._tag(line.place)) for line in lines)


def _text(id: str) -> Component:
    return Component(id, id, "attribute", "text")
