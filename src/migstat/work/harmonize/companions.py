"""Companions in memory: rows look up their key, and take the columns of the row that has it."""

from collections.abc import Iterable
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from migstat.words.finding import Finding, MigstatError, Place, Severity
from migstat.words.source import Companion
from migstat.words.weight import tidy
from migstat.work.coding import taken
from migstat.work.harmonize.dates import as_number
from migstat.work.harmonize.plan import Plan
from migstat.work.harmonize.text import as_text

AT = "migstat-at"
FEW = 10
"""So many rows are named."""
REPEATING = 4_096
"""Values of a column that are held once, and not for each row."""


class CompanionTable:
    """What is held of a companion: its keys, and the columns that rows take.

    Raises MigstatError where a key stands twice: it could not be said which of its rows is meant.
    """

    def __init__(self, said: Companion, name: str, parts: Iterable[tuple[pl.Series, pl.DataFrame]]) -> None:
        self.said, self.name = said, name
        listed = [(rows, _held(part, said)) for rows, part in parts]
        whole = pl.concat([part for _, part in listed]) if listed else _held(_empty(said), said)
        rows = pl.concat([rows for rows, _ in listed]) if listed else pl.Series(dtype=pl.Int64)
        keys = whole.select(pl.col(list(said.by)).cast(pl.String))
        self.height = whole.height
        whole_keys = keys.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
        self.keyless = int((~whole_keys).sum())
        self._refuse_again(keys, whole_keys, rows)
        self._index = keys.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(AT)).filter(whole_keys)
        self._columns = [_compact(whole[column]) for column in said.columns]
        self.bytes = int(self._index.estimated_size() + sum(one.estimated_size() for one in self._columns))

    def _refuse_again(self, keys: pl.DataFrame, whole: pl.Series, rows: pl.Series) -> None:
        again = rows.filter(~keys.select(pl.struct(pl.all()).is_first_distinct()).to_series() & whole)
        if not again.len():
            return
        first = ", ".join(map(str, again.sort().head(FEW).to_list()))
        more = ", and more" if again.len() > FEW else ""
        what = f"the key {', '.join(self.said.by.values())} stands again in row {first}{more}: a row could take either"
        mend = f"remove the rows that stand twice, or name all columns of the key under companions.{self.said.name}.by"
        raise MigstatError([Finding(Place(self.name), self.said.name, what, mend, rule="duplicate", rows=again.len())])

    def find(self, keys: pl.DataFrame) -> pl.Series:
        """Return for each key, as text, in which row of the companion it stands; null where in none."""
        found = keys.join(self._index, on=list(self.said.by), how="left", maintain_order="left")
        return found[AT]

    def columns(self, at: pl.Series) -> list[pl.Series]:
        """Return the columns of these rows, blank where there is none."""
        places: np.ndarray = at.fill_null(self.height).to_numpy()
        return [taken(column, places) for column in self._columns]


class Joining:
    """Joins the parts of one passage through an extract to its companions, and counts what met nothing."""

    def __init__(self, plan: Plan, tables: Iterable[CompanionTable]) -> None:
        self._plan = plan
        self._tables = list(tables)
        self._met: list[np.ndarray] = [np.zeros(table.height + 1, dtype=bool) for table in self._tables]
        self._alone = [[0, 0.0] for _ in self._tables]

    def columns(self, part: pl.DataFrame) -> list[pl.Series]:
        """Return the columns that the rows of a part take; ``part`` has at least their keys, and the weight."""
        format = self._plan.mapping.source.format
        text = as_text(nw.from_native(part, eager_only=True), part.columns, format.missing, format.trim).to_native()
        made: list[pl.Series] = []
        for number, table in enumerate(self._tables):
            at = table.find(text.select(list(table.said.by)))
            alone = at.is_null()
            if alone.any():
                self._alone[number][0] += int(alone.sum())
                self._alone[number][1] += self._weight(text.filter(alone))
            self._met[number][at.fill_null(table.height).to_numpy()] = True
            made += table.columns(at)
        return made

    @property
    def read(self) -> tuple[str, ...]:
        """The columns of the extract that a part must have."""
        source = self._plan.mapping.source
        weight = self._plan.aliases.get(source.weight, source.weight)
        weighed = [weight] if weight and weight not in source.taken else []
        return tuple(dict.fromkeys([*source.joining, *weighed]))

    def _weight(self, rows: pl.DataFrame) -> float:
        source = self._plan.mapping.source
        weight = self._plan.aliases.get(source.weight, source.weight)
        if not weight or weight in source.taken:
            return 0.0 if weight else float(rows.height)
        number = as_number(nw.col(weight), source.format.decimal, source.weight_divide_by)
        found: Any = nw.from_native(rows, eager_only=True).select(number.fill_null(0.0).sum()).item()
        return float(found)

    def findings(self) -> list[Finding]:
        """Return what met nothing: rows without a companion, and rows of companions without one of the extract."""
        source = self._plan.mapping.source
        found: list[Finding] = []
        for table, met, (rows, weight) in zip(self._tables, self._met, self._alone, strict=True):
            said, key = table.said, ", ".join(table.said.by)
            if rows:
                weighed = (
                    None
                    if source.weight and self._plan.aliases.get(source.weight, source.weight) in source.taken
                    else tidy(weight)
                )
                what = f"rows whose {key} is not in {table.name}: {', '.join(said.columns)} are blank for them"
                mend = f"say in the rules that read them what a blank means, or ask for the missing {said.name}"
                found.append(
                    Finding(said.place, said.name, what, mend, Severity.WARNING, "companion", int(rows), weighed)
                )
            if table.keyless:
                what, mend = f"rows whose {', '.join(said.by.values())} is blank belong to no row of the extract", ""
                found.append(
                    Finding(Place(table.name), said.name, what, mend, Severity.NOTE, "companion", table.keyless)
                )
            if unmet := table.height - table.keyless - int(met[:-1].sum()):
                what = "rows that no row of the extract belongs to"
                found.append(Finding(Place(table.name), said.name, what, "", Severity.NOTE, "companion", unmet))
        return found


def _empty(said: Companion) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys([*said.by.values(), *said.columns.values()], pl.String))


def _held(part: pl.DataFrame, said: Companion) -> pl.DataFrame:
    """Return keys and columns of a part as text under our names, columns whose values may repeat as categories."""
    theirs = list(dict.fromkeys([*said.by.values(), *said.columns.values()]))
    format = said.format
    text = as_text(
        nw.from_native(part.select(theirs), eager_only=True), theirs, format.missing, format.trim
    ).to_native()
    columns = [pl.col(theirs).cast(pl.Categorical).alias(ours) for ours, theirs in said.columns.items()]
    return text.select(*(pl.col(theirs).alias(ours) for ours, theirs in said.by.items()), *columns)


def _compact(column: pl.Series) -> pl.Series:
    """Return a column with a blank behind its last row; values that repeat are held once."""
    values = column.drop_nulls().unique().cast(pl.String).sort()
    kind = pl.Enum(values) if values.len() <= REPEATING else pl.String()
    return column.cast(pl.String).cast(kind).append(pl.Series([None], dtype=kind))
