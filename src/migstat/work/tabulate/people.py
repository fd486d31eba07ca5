"""People: the records as the finest cells: who is inside the universe, by the dimensions asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.expression import Expression, Name, names
from migstat.words.missing import MISSING_SUFFIX, UNKNOWN
from migstat.words.structure import Structure
from migstat.work.conditions import Pairs
from migstat.work.derive import derive
from migstat.work.tabulate.bands import narrowest
from migstat.work.tabulate.cells import SUMS, count
from migstat.work.tabulate.classes import classed, with_class
from migstat.work.tabulate.request import Request
from migstat.work.tabulate.spread import OPEN, WIDTH
from migstat.work.tabulate.universe import INSIDE, NUMBER, with_number, with_universe


@dataclass(frozen=True, slots=True)
class People:
    """The records, and how they become the finest cells."""

    records: Any
    request: Request
    structure: Structure
    table: Structure
    codelists: Callable[[str], Codelist]
    unknown_pairs: Pairs

    def counted(self, of: Expression | None = None) -> pl.DataFrame:
        """Group the records by all that the request reads, and by a number and its class where one is named."""
        frame, keys = self.framed(of)
        if of is not None and not classed(of, self.structure):
            keys += [NUMBER, *(one for one in self._classes(of) if one not in keys)]
        return count(frame, keys, self.request.weight)

    def framed(self, of: Expression | None = None, more: Sequence[str] = ()) -> tuple[Any, list[str]]:
        """Return the records, and the columns that tell the finest cells apart; ``more`` are needed beside them."""
        request, universe = self.request, self.request.universe
        frame = nw.from_native(self.records)
        keys = list(request.keys)
        if universe is not None or of is not None:
            read = [*request.keys, *([request.weight] if request.weight else []), *more]
            for one in (universe, of):
                read += names(one) if one is not None else ()
            read += self._classes(of)
            frame = frame.select(list(dict.fromkeys(read)))
            if isinstance(frame, nw.DataFrame) and frame.implementation.is_pandas_like():
                # pandas takes an unknown condition for false.
                frame = nw.from_native(frame.to_polars())
        if universe is not None:
            frame = with_universe(frame, universe, self.structure, self.unknown_pairs)
            keys.append(INSIDE)
        if column := classed(of, self.structure):
            keys += [column] if column not in keys else []
        elif of is not None:
            frame = with_number(frame, of, self.structure)
        return frame, keys

    def coded(self, counted: pl.DataFrame, of: Expression | None = None, keep: Sequence[str] = SUMS) -> pl.DataFrame:
        """Leave the people inside the universe, by the dimensions asked for, with what each definition says of them."""
        request = self.request
        if request.universe is not None:
            counted = counted.filter(pl.col(INSIDE) == "Y")
        for definition in request.definitions:
            counted = derive(nw.from_native(counted), definition, self.structure, self.unknown_pairs).to_native()
        answers = [definition.id for definition in request.definitions]
        number: list[pl.Expr] = []
        if column := classed(of, self.structure):
            number = with_class(counted, column, self.codelists(self.structure[column].codelist))
        elif of is not None:
            number = [pl.col(NUMBER), pl.lit(0.0).alias(WIDTH), self._open(counted, of)]
        return counted.select(
            pl.col(request.context).cast(pl.String),
            *(
                self._code(counted, id, column).cast(pl.String).fill_null(UNKNOWN).alias(id)
                for id, column in request.sources.items()
            ),
            pl.col(answers).cast(pl.String),
            *number,
            pl.col(keep),
        )

    def _code(self, counted: pl.DataFrame, id: str, column: str) -> pl.Expr:
        if self.structure[column].coded:
            return pl.col(column)
        if self.table[id].coded:
            return narrowest(counted, column, self.codelists(self.table[id].codelist))
        plain = pl.col(column).cast(pl.String)
        kind = column + MISSING_SUFFIX
        return pl.coalesce(plain, pl.col(kind).cast(pl.String)) if kind in counted.columns else plain

    def _classes(self, of: Expression | None) -> list[str]:
        """Name the column that classes a number, which knows whether the number stands for an open class."""
        if not isinstance(of, Name):
            return []
        columns = nw.from_native(self.records).collect_schema().names()
        return [c.id for c in self.structure.components if c.derived_from == of.name and c.id in columns]

    def _open(self, counted: pl.DataFrame, of: Expression | None) -> pl.Expr:
        ends = [pl.lit(False)]
        for column in self._classes(of):
            codelist = self.codelists(self.structure[column].codelist)
            bounds = {code.id: codelist.bounds(code.id) for code in codelist}
            ends.append(
                pl.col(column).cast(pl.String).is_in([id for id, ends in bounds.items() if ends and None in ends])
            )
        return pl.any_horizontal(ends).fill_null(False).alias(OPEN)
