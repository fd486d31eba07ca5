"""Tally: the running account of a run, and what it says at the end: steps and coverage."""

import datetime
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import narwhals as nw
import polars as pl

from migstat.words.finding import Place
from migstat.words.mapping import COLUMN
from migstat.words.mapping_rule import (
    Copy,
    DateRule,
    Line,
    PatternLine,
    Patterns,
    Recode,
)
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.run import NOT_SHOWN, Coverage, Covered, Step, Unused
from migstat.words.weight import tidy
from migstat.work.harmonize.coding import is_exact, lines_at, takes
from migstat.work.harmonize.dates import doubts
from migstat.work.harmonize.exact import ONE, PLACES, units, weight_of, with_places
from migstat.work.harmonize.filled_part import FilledPart
from migstat.work.harmonize.leaves import all_lines, is_dated, lines_of, shown
from migstat.work.harmonize.own_words import untold
from migstat.work.harmonize.patterns import lines_met
from migstat.work.harmonize.plan import BESIDE, COUNT, DATE, KEEP, STATE, WEIGHT, Leaf, Plan
from migstat.work.harmonize.rows import faults, weighed

Values = tuple[str, ...]
Frame = Any
"""A narwhals DataFrame or LazyFrame."""
Asked = tuple[Frame, Callable[[Any], None]]
"""A query, and what takes its answer."""
MOST_VALUES = 100_000
"""Distinct values of one rule that are told apart; a column with more is not a coded one."""
FAULT, OUT, ROWS, SUM = "migstat-fault{}", "migstat-out{}", "migstat-rows", "migstat-sum"


@dataclass(slots=True)
class _Merged:
    """The rows and weight of one source value with the line that takes it, or of several that are not shown."""

    line: Line | PatternLine | None
    rows: float = 0
    weight: float = 0.0
    hidden: int = 0


@dataclass(slots=True)
class Tally:
    """The running account of a run: rows and weight by state, by keep, by fault, and by source value."""

    plan: Plan
    states: dict[str, list[int]] = field(default_factory=dict)
    """Rows by state, and their weight in the units of ``exact``, as of ``keeps``."""
    keeps: dict[int, list[int]] = field(default_factory=dict)
    faults: dict[str, list[float]] = field(default_factory=dict)
    values: dict[int, dict[tuple[str, ...], list[float]]] = field(default_factory=dict)
    overflow: set[int] = field(default_factory=set)
    doubts: dict[tuple[int, str], list[float]] = field(default_factory=dict)
    again: list[int] = field(default_factory=lambda: [0, 0])
    """Rows that stood already, and their weight in the units of ``exact``."""

    def add(self, filled: Frame) -> None:
        """Count one filled frame."""
        frame = filled.lazy()
        scope = frame.filter(nw.col(STATE) != "excluded").with_columns(nw.lit(1).alias(COUNT))
        every = dict.fromkeys(self.plan.filled, scope)
        _run([*self._states(frame), *self._faults(frame), *self._values(every)])

    def add_part(self, part: FilledPart) -> None:
        """Count one part; of distinct values only those that are not added up over all parts."""
        if part.weighing is None:
            _run(list(self._states(part.states())))
        else:
            for of, rows, weight in part.account(part.weighing):
                _add(self.keeps if isinstance(of, int) else self.states, of, rows, weight)
        self._leave_out(part.part.left_out)
        rejected = part.rejected()
        _run([*(() if rejected is None else self._faults(rejected)), *self._values(part.values)])

    def _leave_out(self, rows: pl.DataFrame) -> None:
        """Count rows that stood already: they are excluded."""
        if rows.is_empty():
            return
        weight = rows.height * ONE
        if self.plan.mapping.source.weight:
            places = with_places(weighed(nw.from_native(rows.lazy()), self.plan))
            weight = units(places.select(*(nw.col(name).sum() for name in PLACES)).collect().row(0))
        _add(self.states, "excluded", rows.height, weight)
        self.again = [self.again[0] + rows.height, self.again[1] + weight]

    def add_values(self, values: Mapping[str, Frame]) -> None:
        """Count, by component, source values in scope that were added up before, with their rows and weight."""
        _run(list(self._values(values)))

    def reject(self, rows: int) -> None:
        """Count lines that are no rows at all; they have no weight."""
        _add(self.states, "rejected", rows, 0)

    def _states(self, frame: Frame) -> Iterator[Asked]:
        """Ask for rows and weight by state, and of those that are not kept by keep."""
        out = [OUT.format(number) for number in range(len(self.plan.keeps))]
        left = [nw.when(~nw.col(KEEP.format(number))).then(nw.lit(1)).otherwise(nw.lit(0)).alias(name)
                for number, name in enumerate(out)]  # fmt: skip
        frame = frame.with_columns(nw.lit(1).alias(COUNT), *left)
        # Where each row weighs 1, rows are weight enough.
        exact = bool(self.plan.mapping.source.weight)
        asked = _grouped(with_places(frame) if exact else frame, [STATE, *out], PLACES if exact else ())
        yield asked, partial(self._add_states, len(out))

    def _faults(self, frame: Frame) -> Iterator[Asked]:
        """Ask for rows and weight of each fault that a row may have."""
        rejected = nw.col(STATE) == "rejected"
        flags = {f"keep{number}": nw.col(KEEP.format(number)).is_null() for number in range(len(self.plan.keeps))}
        flags |= {id: absent for id, _, absent in faults(self.plan)}
        if flags:
            asked = [flag & rejected for flag in flags.values()]
            yield _summed(frame, asked), partial(_add_sums, self.faults, list(flags))

    def _values(self, values: Mapping[str, Frame]) -> Iterator[Asked]:
        """Ask for rows and weight of source values, and of dates that are doubtful."""
        for number, leaf in enumerate(self.plan.leaves):
            frame = values.get(leaf.component.id)
            if frame is None:
                continue
            if shown(leaf) is not None and number not in self.overflow:
                yield self._values_query(leaf, frame), partial(self._add_values, number)
            if isinstance(leaf.rule, DateRule):
                kinds = doubts(leaf.rule, _iso(leaf))
                keys = [(number, kind) for kind in kinds]
                yield self._doubts_query(leaf, kinds, frame), partial(_add_sums, self.doubts, keys)

    def _values_query(self, leaf: Leaf, frame: Frame) -> Frame:
        columns = list(shown(leaf) or ())
        scope = frame if leaf.guard is None else frame.filter(leaf.guard)
        return _grouped(
            scope, [*columns, DATE] if self.plan.context.row_date is not None and is_dated(leaf) else columns
        )

    def _doubts_query(self, leaf: Leaf, flags: Mapping[str, nw.Expr], frame: Frame) -> Frame:
        """Ask in how many rows a date is doubtful: of those that no line of the rule takes."""
        kind = nw.col(BESIDE + leaf.component.id + MISSING_SUFFIX)
        frame = (frame if leaf.guard is None else frame.filter(leaf.guard)).filter(kind.is_null())
        made = frame.with_columns(*(flag.alias(FAULT.format(index)) for index, flag in enumerate(flags.values())))
        sums: list[nw.Expr] = []
        for index in range(len(flags)):
            when = nw.when(nw.col(FAULT.format(index)))
            sums.append(when.then(nw.col(COUNT)).otherwise(nw.lit(0)).sum().alias(f"{ROWS}{index}"))
            sums.append(when.then(nw.col(WEIGHT)).otherwise(nw.lit(0.0)).sum().alias(f"{SUM}{index}"))
        return made.select(*sums)

    def _add_states(self, keeps: int, found: Any) -> None:
        for state, *counted in found.iter_rows():
            out, rows, sums = counted[:keeps], int(counted[keeps]), counted[keeps + 1 :]
            weight = units(sums or (0, rows))
            _add(self.states, state, rows, weight)
            for number, is_out in enumerate(out):
                if is_out:
                    _add(self.keeps, number, rows, weight)

    def _add_values(self, number: int, found: Any) -> None:
        values = self.values.setdefault(number, {})
        for *met, rows, weight in found.iter_rows():
            _add(values, tuple("" if value is None else str(value) for value in met), rows, weight)
        if len(values) > MOST_VALUES:
            self.overflow.add(number)
            values.clear()

    def steps(self) -> tuple[Step, ...]:
        """Return rows and weight in and out of each step."""

        def step(name: str, what: str, count: Sequence[int], part: bool = False) -> Step:
            return Step(name, what, count[0], weight_of(count[1]), part)

        nothing = (0, 0)
        excluded = [
            step("excluded", keep.because or "not kept", self.keeps.get(number, nothing), part=True)
            for number, (keep, _) in enumerate(self.plan.keeps)
        ]
        if self.plan.mapping.source.drops_duplicates:
            excluded.insert(0, step("excluded", "alike in every column to a row before it", self.again, part=True))
        whole = step("excluded", "outside what the mapping keeps", self.states.get("excluded", nothing))
        rejected = step("rejected", "a value that no rule covers", self.states.get("rejected", nothing))
        records = step("records", "harmonized records", self.states.get("record", nothing))
        parts = (whole, rejected, records)
        weight = math.fsum(one.weight for one in parts)
        read = Step("read", "rows of the extract", sum(one.rows for one in parts), weight)
        return read, whole, *excluded, rejected, records

    def coverage(self, unread: Iterable[str] = ()) -> Coverage:
        """Return every source value met with its line, and every line that met none."""
        covered: list[Covered] = []
        used: set[tuple[str, Place, tuple[str, ...]]] = set()
        for number, leaf in enumerate(self.plan.leaves):
            for line, one in self._covered(number, leaf):
                covered.append(one)
                if isinstance(line, PatternLine):
                    used.add((leaf.component.id, line.place, tuple(value.text for value in line.values)))
                elif line is not None:
                    used.add((leaf.component.id, line.place, line.values))
        unused = {
            Unused(leaf.component.id, values, code, place): None
            for number, leaf in enumerate(self.plan.leaves)
            for values, code, place in all_lines(leaf, self.plan.context.date)
            if number not in self.overflow and (leaf.component.id, place, values) not in used
        }
        return Coverage(tuple(covered), tuple(unused), tuple(unread))

    def _covered(self, number: int, leaf: Leaf) -> Iterator[tuple[Line | PatternLine | None, Covered]]:
        columns = shown(leaf)
        if columns is None:
            return
        pad = leaf.rule.pad if isinstance(leaf.rule, Recode | Copy) else None
        merged: dict[tuple[tuple[str, ...], str, Place | None], _Merged] = {}
        met_values = self.values.get(number, {})
        by_pattern = self._by_pattern(leaf, leaf.rule, list(met_values)) if isinstance(leaf.rule, Patterns) else {}
        for met, (rows, weight) in met_values.items():
            values, date = met[: len(columns)], met[len(columns) :]
            line, code = by_pattern.get(met) or self._line(leaf, values, date[0] if date else "", pad)
            if line is None and not any(values) and leaf.component.id.startswith(COLUMN.format("")):
                continue
            key = (values, code, line.place if line else None)
            total = merged.setdefault(key, _Merged(line))
            total.rows += rows
            total.weight += weight
        merged = self._without_own_words(merged)
        for (values, code, place), total in sorted(merged.items(), key=lambda item: item[0][:2]):
            line, rows, weight = total.line, total.rows, total.weight
            match = (line.match if line and line.match != "exact" else leaf.match) if code else ""
            sure = ((line.confidence if line else None) or leaf.confidence or "") if code else ""
            yield line, Covered(leaf.component.id, columns, values, code, place, match, int(rows), tidy(weight), sure,
                                total.hidden)  # fmt: skip

    def _without_own_words(self, merged: dict[tuple[Values, str, Place | None], "_Merged"]) -> Any:
        """Put values together that look like names or words of people's own; a published table has none of persons."""
        if self.plan.mapping.table is not None or self.plan.structure.kind == "table":
            return merged
        met: dict[Values, int] = {}
        unnamed: set[Values] = set()
        for (values, code, _), one in merged.items():
            met[values] = met.get(values, 0) + int(one.rows)
            if not (code if one.line is None else _names(one.line)):
                unnamed.add(values)
        gone = untold(met, unnamed)
        told: dict[tuple[Values, str, Place | None], _Merged] = {}
        for (values, code, place), one in merged.items():
            hide = values in gone
            total = told.setdefault(((NOT_SHOWN,) * len(values) if hide else values, code, place), _Merged(one.line))
            total.rows += one.rows
            total.weight += one.weight
            total.hidden += hide
        return told

    def _by_pattern(
        self, leaf: Leaf, rule: Patterns, met: list[tuple[str, ...]]
    ) -> dict[tuple[str, ...], tuple[PatternLine | None, str]]:
        """Return for each combination of values, with its date where it has one, the line that takes it.

        What a group took may be no code of the list; then no line takes it.
        """
        codes = self.plan.codelists.get(leaf.component.codelist)
        wide = len(rule.columns)
        found: dict[tuple[str, ...], tuple[PatternLine | None, str]] = {}
        for date in dict.fromkeys(one[wide:] for one in met):
            at = datetime.date.fromisoformat(date[0]) if date and date[0] else self.plan.context.date
            lines = lines_at(rule.lines, at)
            rows = [one for one in met if one[wide:] == date]
            numbers = lines_met(rule, lines, [one[:wide] for one in rows])
            for row, (number, code) in zip(rows, numbers, strict=True):
                taken = number >= 0 and (codes is None or code in codes)
                found[row] = (lines[number], code) if taken else (None, "")
        return found

    def _line(
        self, leaf: Leaf, values: tuple[str, ...], date: str, pad: int | None
    ) -> tuple[Line | PatternLine | None, str]:
        at = datetime.date.fromisoformat(date) if date else self.plan.context.date
        for line in lines_at(lines_of(leaf), at):
            if takes(line, values, pad):
                return line, line.code
        if isinstance(leaf.rule, Recode) and leaf.rule.otherwise is not None and any(values):
            return leaf.rule.otherwise, leaf.rule.otherwise.code
        if isinstance(leaf.rule, Copy) and values[0] in self.plan.codelists[leaf.component.codelist]:
            return None, values[0]
        return None, ""


def _names(line: Line | PatternLine) -> bool:
    """Say whether a line names the very values that it takes."""
    return isinstance(line, Line) and bool(line.values) and all(map(is_exact, line.values))


def _iso(leaf: Leaf) -> nw.Expr:
    """Return the date that was read, as text."""
    value = nw.col(BESIDE + leaf.component.id)
    return value.dt.to_string("%Y-%m-%d") if leaf.component.type == "date" else value


def _grouped(frame: Frame, columns: list[str], weights: Sequence[str] = (WEIGHT,)) -> Frame:
    """Ask for rows and weights of each combination of values; a null is a value."""
    sums = {f"{SUM}{place}": nw.col(name).sum() for place, name in enumerate(weights)}
    grouped = frame.group_by(*columns).agg(
        nw.col(COUNT).sum().alias(ROWS), *(sum.alias(name) for name, sum in sums.items())
    )
    return grouped.select(*columns, ROWS, *sums)


def _summed(frame: Frame, flags: list[nw.Expr]) -> Frame:
    """Ask for rows and weight where each flag is true, all in one row."""
    frame = frame.with_columns(*(flag.alias(FAULT.format(index)) for index, flag in enumerate(flags)))
    sums: list[nw.Expr] = []
    for index in range(len(flags)):
        flag = nw.col(FAULT.format(index))
        sums.append(nw.when(flag).then(nw.lit(1)).otherwise(nw.lit(0)).sum().alias(f"{ROWS}{index}"))
        sums.append(nw.when(flag).then(nw.col(WEIGHT)).otherwise(nw.lit(0.0)).sum().alias(f"{SUM}{index}"))
    return frame.select(*sums)


def _run(asked: Sequence[Asked]) -> None:
    """Run the queries, together where the engine can share their work, and hand on what each found."""
    if all(query.implementation.is_polars() for query, _ in asked):
        found = pl.collect_all([query.to_native() for query, _ in asked])
        for (_, take), one in zip(asked, found, strict=True):
            take(nw.from_native(one))
    else:
        for query, take in asked:
            take(query.collect())


def _add_sums(counts: dict[Any, list[float]], keys: Sequence[Any], found: Any) -> None:
    """Add rows and weight, which alternate in the one row that was found, where there are rows."""
    sums = found.row(0)
    for index, key in enumerate(keys):
        if sums[2 * index]:
            _add(counts, key, sums[2 * index], sums[2 * index + 1])


def _add(counts: dict[Any, list[Any]], key: Any, rows: float, weight: float | None) -> None:
    total = counts.setdefault(key, [0, 0])
    total[0] += rows
    total[1] += weight or 0
