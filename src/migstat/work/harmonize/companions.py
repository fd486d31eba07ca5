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

SEED = 20181219
"""Of the hashes by which keys are looked up."""
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
        whole = pl.concat([part for _, part in listed], how="vertical_relaxed") if listed else _held(_empty(said), said)
        rows = pl.concat([rows for rows, _ in listed]) if listed else pl.Series(dtype=pl.Int64)
        keys = whole.select(pl.col(list(said.by)).cast(pl.String))
        self.height = whole.height
        whole_keys = keys.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
        self.keyless = int((~whole_keys).sum())
        self._refuse_again(keys, whole_keys, rows)
        self._keys = keys
        hashes = keys.hash_rows(seed=SEED).to_numpy()
        there = np.flatnonzero(whole_keys.to_numpy())
        self._order = there[np.argsort(hashes[there], kind="stable")].astype(np.uint32)
        self._hashes = hashes[self._order]
        self._columns = [_compact(whole[column]) for column in said.columns]
        held = self._keys.estimated_size() + sum(one.estimated_size() for one in self._columns)
        self.bytes = int(held + self._order.nbytes + self._hashes.nbytes)

    def _refuse_again(self, keys: pl.DataFrame, whole: pl.Series, rows: pl.Series) -> None:
        again = rows.filter(~keys.select(pl.struct(pl.all()).is_first_distinct()).to_series() & whole)
        if not again.len():
            return
        first = ", ".join(map(str, again.sort().head(FEW).to_list()))
        more = ", and more" if again.len() > FEW else ""
        what = f"the key {', '.join(self.said.by.values())} stands again in row {first}{more}: a row could take either"
        mend = f"remove the rows that stand twice, or name all columns of the key under companions.{self.said.name}.by"
        raise MigstatError([Finding(Place(self.name), self.said.name, what, mend, rule="duplicate", rows=again.len())])

    def find(self, keys: pl.DataFrame) -> np.ndarray:
        """Return for each key, as text, in which row of the companion it stands; ``height`` where in none.

        A key that stands below the same one is looked for once: persons of a household mostly stand together.
        """
        hashes = keys.hash_rows(seed=SEED).to_numpy()
        first = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1])[: hashes.size])
        if not self._hashes.size or not first.size:
            return np.full(hashes.size, self.height, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._hashes, hashes[first]), self._hashes.size - 1)
        rows = self._order[at].astype(np.int64)
        # That two keys have one hash is not enough: they must be the same.
        alike = [(keys[name][first] == self._keys[name][rows]).fill_null(False) for name in self.said.by]
        same = np.logical_and.reduce([self._hashes[at] == hashes[first], *(one.to_numpy() for one in alike)])
        return np.repeat(np.where(same, rows, self.height), np.diff(first, append=hashes.size))

    def columns(self, at: np.ndarray) -> list[pl.Series]:
        """Return the columns of these rows, blank where there is none."""
        return [taken(column, at) for column in self._columns]


class Joining:
    """Joins the parts of one passage through an extract to its companions, and counts what met nothing."""

    def __init__(self, plan: Plan, tables: Iterable[CompanionTable]) -> None:
        self._plan = plan
        self._tables = list(tables)
        source = plan.mapping.source
        weight = plan.aliases.get(source.weight, source.weight)
        self._weight = "" if weight in source.taken else weight
        self._met: list[np.ndarray] = [np.zeros(table.height + 1, dtype=bool) for table in self._tables]
        self._alone = [[0, 0.0] for _ in self._tables]

    def columns(self, part: pl.DataFrame) -> list[pl.Series]:
        """Return the columns that the rows of a part take; ``part`` has at least their keys, and the weight."""
        format = self._plan.mapping.source.format
        text = as_text(nw.from_native(part, eager_only=True), part.columns, format.missing, format.trim).to_native()
        made: list[pl.Series] = []
        for number, table in enumerate(self._tables):
            at = table.find(text.select(list(table.said.by)))
            alone = np.flatnonzero(at == table.height)
            if alone.size:
                self._alone[number][0] += alone.size
                self._alone[number][1] += self._weighed(text[alone])
            self._met[number][at] = True
            made += table.columns(at)
        return made

    @property
    def read(self) -> tuple[str, ...]:
        """The columns of the extract that a part must have."""
        return tuple(dict.fromkeys([*self._plan.mapping.source.joining, *([self._weight] if self._weight else [])]))

    def _weighed(self, rows: pl.DataFrame) -> float:
        """Return what rows weigh together; without a weight each counts once."""
        if not self._weight:
            return float(rows.height)
        source = self._plan.mapping.source
        number = as_number(nw.col(self._weight), source.format.decimal, source.weight_divide_by)
        return float(nw.from_native(rows, eager_only=True).select(number.fill_null(0.0).sum()).item())

    def findings(self) -> list[Finding]:
        """Return what met nothing: rows without a companion, and rows of companions without one of the extract."""
        found: list[Finding] = []

        def tell(place: Place, severity: Severity, rows: int, what: str, mend: str = "", weight: Any = None) -> None:
            if rows:
                found.append(Finding(place, said.name, what, mend, severity, "companion", rows, weight))

        for table, met, (rows, weight) in zip(self._tables, self._met, self._alone, strict=True):
            said, file, taken = table.said, Place(table.name), ", ".join(table.said.columns)
            what = f"rows whose {', '.join(said.by)} is not in {table.name}: {taken} are blank for them"
            mend = f"say in the rules that read them what a blank means, or ask for the missing {said.name}"
            tell(said.place, Severity.WARNING, int(rows), what, mend, tidy(weight) if self._weight else None)
            what = f"rows whose {', '.join(said.by.values())} is blank: no row of the extract belongs to them"
            tell(file, Severity.NOTE, table.keyless, what)
            what = "rows to which no row of the extract belongs"
            tell(file, Severity.NOTE, table.height - table.keyless - int(met[:-1].sum()), what)
        return found


def _empty(said: Companion) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys([*said.by.values(), *said.columns.values()], pl.String))


def _held(part: pl.DataFrame, said: Companion) -> pl.DataFrame:
    """Return keys and columns of a part as text under our names, columns whose values repeat as categories."""
    theirs = list(dict.fromkeys([*said.by.values(), *said.columns.values()]))
    format = said.format
    frame = nw.from_native(part.select(theirs), eager_only=True)
    text = as_text(frame, theirs, format.missing, format.trim).to_native()
    keys = [text[theirs].alias(ours) for ours, theirs in said.by.items()]
    return pl.DataFrame([*keys, *(_coded(text[theirs].alias(ours)) for ours, theirs in said.columns.items())])


def _coded(column: pl.Series) -> pl.Series:
    """Return a column as categories where its values repeat; those of a wide one would stay for good."""
    return column.cast(pl.Categorical) if column.n_unique() <= REPEATING else column


def _compact(column: pl.Series) -> pl.Series:
    """Return a column with a blank behind its last row; values that repeat are held once."""
    values = column.drop_nulls().unique().cast(pl.String).sort()
    kind = pl.Enum(values) if values.len() <= REPEATING else pl.String()
    return column.cast(pl.String).cast(kind).append(pl.Series([None], dtype=kind))
