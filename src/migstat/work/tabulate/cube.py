"""The cube: the finest cells with their totals and parents, and every measure of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

import polars as pl

from migstat.words.expression import Expression
from migstat.words.finding import Finding
from migstat.words.measure import Measure
from migstat.words.missing import NOT_APPLICABLE, TOTAL, UNKNOWN
from migstat.work.tabulate.cells import ROWS, SUMS, total
from migstat.work.tabulate.columns import DEFINITION, MEASURE, MIGRANT, UNIT, VALUE, VARIABLE
from migstat.work.tabulate.notes import of_measure
from migstat.work.tabulate.numbers import of_number
from migstat.work.tabulate.people import People
from migstat.work.tabulate.rollup import roll_up
from migstat.work.tabulate.shares import denominators, rate, rate_of, share
from migstat.work.tabulate.spread import spread

UNITS = {
    "person": "PS",
    "household": "HH",
    "permit": "PERMIT",
    "visa": "VISA",
    "case": "CASE",
    "crossing": "CROSSING",
    "event": "EVENT",
}
"""What a record of a structure counts as."""

_CODES = ("Y", "N", UNKNOWN, NOT_APPLICABLE)
ANSWER = pl.Enum(sorted((*_CODES, TOTAL)))
ANSWERS = pl.DataFrame({"code": _CODES * 2, "target": (*_CODES, *(TOTAL for _ in _CODES))}).cast(ANSWER)
"""Each answer of a definition with itself and with the population."""
EVERYONE = (pl.lit(TOTAL).alias(MIGRANT), pl.lit(NOT_APPLICABLE).alias(DEFINITION))


@dataclass(slots=True)
class Cube:
    """The finest cells, and what becomes of them.

    Codes are Enums here: they are joined, grouped and put in order as numbers, faster than as texts.
    """

    people: People
    cells: pl.DataFrame
    closures: Mapping[str, pl.DataFrame]
    population: pl.DataFrame | None
    told: list[dict[str, Any]] = field(default_factory=list)
    kinds: pl.Schema = field(init=False)

    def __post_init__(self) -> None:
        context = {id: self.cells[id].drop_nulls() for id in self.people.request.context}
        asked = {id: pl.concat([pairs["code"], pairs["target"]]) for id, pairs in self.closures.items()}
        self.kinds = pl.Schema({id: pl.Enum(codes.unique().sort()) for id, codes in (context | asked).items()})
        self.closures = {id: pairs.cast(self.kinds[id]) for id, pairs in self.closures.items()}
        self.cells = self._typed(self.cells)

    @property
    def dimensions(self) -> list[str]:
        return [*self.people.request.context, *self.people.request.sources]

    def measured(self) -> tuple[pl.DataFrame, list[Finding]]:
        """Return the rows of all measures, and what could not be given."""
        keys = [*self.dimensions, MIGRANT, DEFINITION]
        counts = self.rolled(self.cells).with_columns(
            total().alias(VALUE),
            pl.lit(UNITS.get(self.people.structure.unit, "_O")).alias(UNIT),
            pl.lit("A").alias("OBS_STATUS"),
        )
        parts: list[pl.DataFrame] = []
        findings: list[Finding] = []
        numbers: dict[Expression, pl.DataFrame] = {}
        for measure in self.people.request.measures:
            of: pl.DataFrame | None = None
            match measure.kind:
                case "count":
                    made = counts
                case "share":
                    made = share(counts, measure, keys)
                case "rate":
                    made, lacking = self._rate(counts, measure, keys)
                    findings += lacking
                case "mean" | "quantile":
                    assert measure.of is not None
                    if measure.of not in numbers:
                        counted = self.people.counted(measure.of)
                        numbers[measure.of] = self._typed(self.people.coded(counted, measure.of))
                    of = numbers[measure.of]
                    made = self._of_numbers(of, measure).select(counts.columns)
                case _:
                    assert_never(measure.kind)
            self.told.append(of_measure(measure, made, of, self.population is not None))
            parts.append(
                made.with_columns(pl.lit(measure.code).alias(MEASURE), pl.lit(measure.variable).alias(VARIABLE))
            )
        return pl.concat(parts).with_columns(pl.col(ROWS).alias("N_UNWEIGHTED")), list(dict.fromkeys(findings))

    def _typed(self, cells: pl.DataFrame) -> pl.DataFrame:
        answers = dict.fromkeys((one.id for one in self.people.request.definitions), ANSWER)
        return cells.cast(pl.Schema({**self.kinds, **answers}))

    def _rate(self, counts: pl.DataFrame, measure: Measure, keys: Sequence[str]) -> tuple[pl.DataFrame, list[Finding]]:
        if self.population is None:
            return rate(counts, measure, keys), []
        below = denominators(self.population, self.people.table, self.dimensions)
        # A code that no cell has is null, and is joined to none.
        kinds = pl.Schema({id: kind for id, kind in self.kinds.items() if id in below.columns})
        return rate_of(counts, measure, below.cast(kinds, strict=False))

    def _of_numbers(self, cells: pl.DataFrame, measure: Measure) -> pl.DataFrame:
        """Return a mean or quantile of each cell, of each definition or of everyone."""
        parts = []
        for definition in self.people.request.definitions:
            keys, answered = [*self.dimensions, MIGRANT], {**self.closures, MIGRANT: ANSWERS}
            spread_out = spread(cells.rename({definition.id: MIGRANT}), keys, answered)
            made = of_number(spread_out, measure, self.people.structure)
            parts.append(made.with_columns(pl.lit(definition.id).alias(DEFINITION)))
        if not parts:
            keys = [*self.dimensions, MIGRANT, DEFINITION]
            spread_out = spread(cells.with_columns(EVERYONE), keys, self.closures)
            parts = [of_number(spread_out, measure, self.people.structure)]
        return pl.concat(parts)

    def rolled(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Give totals and parents to cells: of each definition, or of everyone where there is none."""
        parts = [self._of_definition(cells, one.id) for one in self.people.request.definitions]
        return pl.concat(parts or [self._of_everyone(cells)])

    def _of_definition(self, cells: pl.DataFrame, definition: str) -> pl.DataFrame:
        keys = [*self.dimensions, MIGRANT]
        answered = cells.select(*self.dimensions, pl.col(definition).alias(MIGRANT), pl.col(SUMS))
        rolled = roll_up(answered, keys, {**self.closures, MIGRANT: ANSWERS})
        return rolled.select(*keys, pl.lit(definition).alias(DEFINITION), pl.col(SUMS))

    def _of_everyone(self, cells: pl.DataFrame) -> pl.DataFrame:
        rolled = roll_up(cells.select(*self.dimensions, pl.col(SUMS)), self.dimensions, self.closures)
        return rolled.select(*self.dimensions, *EVERYONE, pl.col(SUMS))
