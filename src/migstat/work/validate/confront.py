"""Confront a file with rules: one pass for all counts, and a second, cut short, for samples of what failed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.expression import aggregates, names
from migstat.words.finding import Severity
from migstat.words.memory import Room
from migstat.words.rule import Determines, Exists, Group, Holds, LookUp, Parts, Rule, Unique
from migstat.words.rule import Sequence as InSequence
from migstat.words.structure import Structure
from migstat.words.validated import Judged
from migstat.work.coding import Rows
from migstat.work.conditions import Pairs
from migstat.work.validate.aggregates import Aggregate
from migstat.work.validate.groups import GroupJudge
from migstat.work.validate.hashes import as_text
from migstat.work.validate.judge import HoldsJudge, Judge
from migstat.work.validate.keys import DeterminesJudge, ExistsJudge, UniqueJudge
from migstat.work.validate.look_ups import SELF, Found, Reference, keys_of, prepare
from migstat.work.validate.part import FAIL, Part, Reading, kinds_of, plainly
from migstat.work.validate.parts import PartsJudge
from migstat.work.validate.passage import Seat, go_through
from migstat.work.validate.reads import columns_read, not_in_others
from migstat.work.validate.scanned import count_scanned, is_plain, is_plain_key, take_keys, weighing_of
from migstat.work.validate.sequence import SequenceJudge

Parcels = Iterable[tuple[pl.Series, Rows]]
"""Row numbers and rows, part after part."""
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be gone through more than once: the type of each column, and its parts with some columns."""

    schema: Mapping[str, Any]
    parts: Callable[[Sequence[str]], Parcels]
    scan: pl.LazyFrame | None = None
    """The same rows as a query that Polars can stream, where there is one."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rules are read with: the structure, other files by name, codelists, and areas that cannot be told apart."""

    codelists: Callable[[str], Codelist]
    structure: Structure | None = None
    references: Mapping[str, Reference] = field(default_factory=dict)
    pairs: Pairs = frozenset()


class Confrontation:
    """One file and its rules: ``results`` when it has run, and the way to the rows that fail."""

    def __init__(
        self,
        rules: Sequence[Rule],
        source: Source,
        around: Surroundings,
        *,
        key: Sequence[str] = (),
        weight: str | None = None,
        sample: int = 10,
        progress: Progress | None = None,
        room: Room | None = None,
    ) -> None:
        self.source, self.around, self._room = source, around, room
        self.key = tuple(name for name in key if name in source.schema)
        self.weight = weight
        self.reading = Reading(kinds_of(source.schema, around.structure), around.pairs)
        self._rules, self._prepared = tuple(rules), dict[Any, Found]()
        self._aggregates: dict[Any, Aggregate] = {}
        self._units: float | None = None
        self.seats = [self._seat(rule) for rule in rules]
        self.rows, self.total = 0, 0.0
        self._run(progress)
        samples = self._samples(sample)
        self.results: tuple[Judged, ...] = tuple(
            seat.judge.judged(tuple(samples.get(number, ()))) for number, seat in enumerate(self.seats)
        )

    def failing(
        self, severities: Iterable[Severity] = tuple(Severity)
    ) -> Iterator[tuple[Part, list[tuple[Rule, Any]]]]:
        """Yield each part with the rules that fail in it, and which of its rows fail each.

        A rule over the whole file is left out: where it fails, no row is to blame more than another.
        """
        wanted = [
            seat
            for seat, result in zip(self.seats, self.results, strict=True)
            if result.failed and result.units != "file" and seat.judge.rule.severity in set(severities)
        ]
        for part in self._parts(self._columns(self.seats), every=True):
            found = []
            for seat in wanted:
                fails = seat.judge.verdicts(seat.part(part)) == FAIL
                if fails.any():
                    found.append((seat.judge.rule, fails))
            yield part, found

    def failures(self) -> Iterator[pl.DataFrame]:
        """Yield every failing row of every rule: ``_rule``, ``_row``, the key, and ``_values`` that the rule read."""
        columns = {seat.judge.rule.id: seat.judge.columns for seat in self.seats}
        for part, found in self.failing():
            frames = [self._failing_rows(part, rule, fails, columns[rule.id]) for rule, fails in found]
            yield pl.concat([self._no_failures(), *frames])

    def split(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Yield, part by part, the rows that fail no rule of severity error, and those that do, with ``_rules``."""
        for part, found in self.failing((Severity.ERROR,)):
            bad: np.ndarray = np.zeros(part.height, dtype=bool)
            texts = pl.Series("_rules", [""] * part.height, pl.String)
            for rule, fails in found:
                added = pl.Series(np.where(fails, f" {rule.id}", ""), dtype=pl.String)
                texts, bad = texts + added, bad | fails
            rules = texts.str.strip_chars_start().alias("_rules")
            mask = pl.Series(bad)
            frame = part.frame.with_columns(
                pl.col(name).cast(pl.String)
                for name, dtype in part.frame.schema.items()
                if dtype != pl.String and self.source.schema[name] == pl.String
            )
            yield frame.filter(~mask), frame.hstack([rules]).filter(mask)

    def _seat(self, rule: Rule) -> Seat:
        found = tuple(self._found(one) for one in rule.look_ups if self._can_look_up(one))
        kinds = dict(self.reading.kinds)
        for one in found:
            theirs = self._reference(one.look_up.file)
            assert theirs is not None
            for name in one.frame.columns:
                plain = name.removeprefix(f"{one.look_up.alias}.")
                kinds[name] = "number" if plain == "n" and plain not in theirs.kinds else theirs.kinds[plain]
        reading = Reading(kinds, self.reading.pairs) if found else self.reading
        judge = self._judge(rule, reading, found)
        lacking = {one.file for one in rule.look_ups} | ({rule.check.file} if isinstance(rule.check, Exists) else set())
        lacking = {file for file in lacking if self._reference(file) is None}
        if lacking and not judge.note:
            judge.note = f"the other file was not given: {', '.join(sorted(lacking))}"
        if not judge.note:
            judge.note = not_in_others(rule, {file: [*one.schema] for file, one in self.around.references.items()})
        if any(one.file == SELF for one in rule.look_ups) and not judge.note:
            judge.note = "looks rows up in the same file, whose columns were read first"
        return Seat(judge, found if not isinstance(judge, GroupJudge) or judge.after is None else ())

    def _judge(self, rule: Rule, reading: Reading, found: tuple[Found, ...]) -> Judge:
        match rule.check:
            case Holds():
                return HoldsJudge(rule, reading)
            case Unique():
                return UniqueJudge(rule, reading, self._room)
            case Determines():
                return DeterminesJudge(rule, reading, self._room)
            case Exists(_, file, other):
                reference = self._reference(file)
                if reference is None or not {*other} <= {*reference.schema}:
                    return ExistsJudge(rule, reading, None)
                return ExistsJudge(rule, reading, keys_of(reference, other))
            case Group(_, expression):
                inner = {name for call in aggregates(expression) for name in names(call)}
                by_row = any(name.partition(".")[0] in {one.look_up.alias for one in found} for name in inner)
                after = None if by_row or not found else _after(found)
                return GroupJudge(rule, reading, after, self._room, None if found else self._aggregates)
            case InSequence():
                return SequenceJudge(rule, reading, self._room)
            case Parts():
                return PartsJudge(rule, reading, self.around.codelists)

    def _reference(self, name: str) -> Reference | None:
        if name == SELF:
            return Reference(self.source.schema, self.reading.kinds, self._column_of_all)
        return self.around.references.get(name)

    def _column_of_all(self, columns: Sequence[str]) -> pl.DataFrame:
        parts = [plainly(Part(*parcel).coded.select(columns)) for parcel in self.source.parts(columns)]
        return pl.concat(parts, how="vertical_relaxed")

    def _can_look_up(self, look_up: LookUp) -> bool:
        reference = self._reference(look_up.file)
        there = reference is not None and {*look_up.where} <= {*reference.schema}
        return there and self.reading.has(*look_up.where.values())

    def _found(self, look_up: LookUp) -> Found:
        """Prepare a look-up once for all rules that have it."""
        same = (look_up.alias, look_up.file, tuple(look_up.where.items()))
        if same not in self._prepared:
            reference = self._reference(look_up.file)
            assert reference is not None
            prefix = f"{look_up.alias}."
            read = [
                name.removeprefix(prefix)
                for rule in self._rules
                if look_up in rule.look_ups
                for name in columns_read(rule)
                if name.startswith(prefix)
            ]
            self._prepared[same] = prepare(look_up, reference, list(dict.fromkeys(read)), self.reading.codes)
        return self._prepared[same]

    def _columns(self, seats: Iterable[Seat]) -> list[str]:
        """The columns of the file that some judges read, beside the key and the weight."""
        wanted = [name for seat in seats for name in seat.judge.wanted]
        wanted += [ours for seat in seats for one in seat.judge.rule.look_ups for ours in one.where.values()]
        wanted += [*self.key, *([self.weight] if self.weight else [])]
        found = [name for name in dict.fromkeys(wanted) if name in self.source.schema]
        return found or list(self.source.schema)[:1]

    def _parts(self, columns: Sequence[str], every: bool = False) -> Iterator[Part]:
        for numbers, frame in self.source.parts(list(self.source.schema) if every else columns):
            yield Part(numbers, frame, self.weight, self._units)

    def _run(self, progress: Progress | None) -> None:
        """Go through the file once. Plain rules on a file that can be scanned are counted in one query, beside that."""
        scan = self.source.scan
        if scan is None:
            self._go_through(self.seats, progress)
            return
        plain = [seat.judge for seat in self.seats if isinstance(seat.judge, HoldsJudge) and is_plain(seat.judge)]
        weighing = weighing_of(scan, self.weight)
        self.rows, self.total = count_scanned(scan, plain, weighing)
        if weighing is not None and weighing.units is not None:
            self._units = weighing.units
            for seat in self.seats:
                seat.judge.units_of_weight = weighing.units
        rest = [seat for seat in self.seats if seat.judge not in plain]
        keys = [seat.judge for seat in rest if isinstance(seat.judge, UniqueJudge) and is_plain_key(seat.judge, scan)]
        if len(keys) < len(rest):
            self._go_through(rest, progress)
        else:
            for judge in keys:
                take_keys(scan, judge, weighing)

    def _go_through(self, seats: Sequence[Seat], progress: Progress | None) -> None:
        rows, total = 0, 0.0

        def counted() -> Iterator[Part]:
            nonlocal rows, total
            for part in self._parts(self._columns(seats)):
                rows += part.height
                total += part.height if part.weights is None else float(part.weights.sum())
                yield part

        go_through(counted(), seats, progress)
        if self.source.scan is None:  # Where it is scanned, the weight was added up exactly.
            self.rows, self.total = rows, total

    def _samples(self, most: int) -> dict[int, list[dict[str, Any]]]:
        """Take the first failing rows of each rule; stop when there are enough, and no weight is wanting."""
        wanted = {
            number: seat
            for number, seat in enumerate(self.seats)
            if most and seat.judge.units != "file" and seat.judge.judged().failed
        }
        late = [seat.judge for seat in self.seats if isinstance(seat.judge, UniqueJudge) and seat.judge.late]
        samples: dict[int, list[dict[str, Any]]] = {number: [] for number in wanted}
        if not wanted and not late:
            return samples
        read = [*wanted.values(), *(seat for seat in self.seats if seat.judge in late)]
        for part in self._parts(self._columns(read)):
            for judge in late:
                judge.weigh(part)
            for number in list(wanted):
                seat, have = wanted[number], samples[number]
                fails = seat.judge.verdicts(seat.part(part)) == FAIL
                have += self._sampled(seat.part(part), fails, seat.judge, most - len(have))
                if len(have) >= min(most, self._failing_units(seat.judge)):
                    del wanted[number]
            if not wanted and not late:
                break
        return samples

    def _failing_units(self, judge: Judge) -> float:
        return judge.judged().failed if judge.units == "rows" else float("inf")

    def _sampled(self, part: Part, fails: np.ndarray, judge: Judge, most: int) -> list[dict[str, Any]]:
        rows = np.flatnonzero(fails)[:most]
        if not rows.size:
            return []
        frame = part.coded.select([*self.key, *judge.columns])
        frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)) if frame.width else frame
        listed = [frame.row(int(row), named=True) if frame.width else {} for row in rows]
        return [{"_row": int(part.numbers[int(row)]), **one} for row, one in zip(rows, listed, strict=True)]

    def _no_failures(self) -> pl.DataFrame:
        texts = dict.fromkeys(("_values",), pl.String)
        keys = dict.fromkeys(self.key, pl.String)
        return pl.DataFrame(schema={"_rule": pl.String, "_row": pl.Int64, **keys, **texts})

    def _failing_rows(self, part: Part, rule: Rule, fails: np.ndarray, columns: Sequence[str]) -> pl.DataFrame:
        seat = next(seat for seat in self.seats if seat.judge.rule is rule)
        mask = pl.Series(fails)
        frame = seat.part(part).coded.select([*self.key, *columns]).filter(mask)
        texts = {name: as_text(frame[name]).fill_null("") for name in dict.fromkeys([*self.key, *columns])}
        values = [pl.concat_str(pl.lit(f"{name}="), texts[name]) for name in columns]
        made = pl.select(pl.concat_str(values, separator="; ") if values else pl.lit("")).to_series()
        if made.len() != frame.height:
            made = pl.repeat("", frame.height, eager=True)
        return pl.DataFrame(
            {
                "_rule": pl.repeat(rule.id, frame.height, eager=True),
                "_row": part.numbers.filter(mask).cast(pl.Int64),
                **{name: texts[name] for name in self.key},
                "_values": made,
            }
        )


def _after(found: tuple[Found, ...]) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def after(groups: pl.DataFrame) -> pl.DataFrame:
        for one in found:
            groups = one.attach(groups)
        return groups

    return after
