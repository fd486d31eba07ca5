"""Confront a file with rules: one pass for all counts, and another, cut short, for samples of what failed.

Where weights have many decimal places, the first pass of a file that cannot be scanned only tells what they add up to.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from migstat.words.finding import Severity
from migstat.words.memory import Room
from migstat.words.rule import Rule
from migstat.words.validated import Judged
from migstat.work.coding import Rows
from migstat.work.validate.failing import lines_of, no_lines, sampled
from migstat.work.validate.judge import HoldsJudge, Judge
from migstat.work.validate.keys import UniqueJudge
from migstat.work.validate.part import FAIL, Part, plainly
from migstat.work.validate.passage import Seat, go_through
from migstat.work.validate.scanned import count_scanned, is_plain, is_plain_key, take_keys
from migstat.work.validate.seating import Seating, Surroundings
from migstat.work.validate.weighing import Trial, in_units, units_of, weighing_of

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
        self.source, self.weight = source, weight
        self.key = tuple(name for name in key if name in source.schema)
        self._units = 1.0
        self._seating = Seating(rules, source.schema, around, self._whole, room)
        self.seats = self._seating.seats()
        self.rows, self.total = 0, 0.0
        self._run(progress)
        samples = self._samples(sample)
        self.results: tuple[Judged, ...] = tuple(
            seat.judge.judged(tuple(samples.get(number, ()))) for number, seat in enumerate(self.seats)
        )

    def failing(
        self, severities: Iterable[Severity] = tuple(Severity)
    ) -> Iterator[tuple[Part, list[tuple[Seat, np.ndarray]]]]:
        """Yield each part with the seats of the rules that fail in it, and which of its rows fail each.

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
                    found.append((seat, fails))
            yield part, found

    def failures(self) -> Iterator[pl.DataFrame]:
        """Yield every failing row of every rule: ``_rule``, ``_row``, the key, and ``_values`` that the rule read."""
        for part, found in self.failing():
            yield pl.concat([no_lines(self.key), *(lines_of(part, seat, fails, self.key) for seat, fails in found)])

    def split(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Yield, part by part, the rows that fail no rule of severity error, and those that do, with ``_rules``."""
        for part, found in self.failing((Severity.ERROR,)):
            bad: np.ndarray = np.zeros(part.height, dtype=bool)
            texts = pl.Series("_rules", [""] * part.height, pl.String)
            for seat, fails in found:
                added = pl.Series(np.where(fails, f" {seat.judge.rule.id}", ""), dtype=pl.String)
                texts, bad = texts + added, bad | fails
            rules = texts.str.strip_chars_start().alias("_rules")
            mask = pl.Series(bad)
            frame = part.frame.with_columns(
                pl.col(name).cast(pl.String)
                for name, dtype in part.frame.schema.items()
                if dtype != pl.String and self.source.schema[name] == pl.String
            )
            yield frame.filter(~mask), frame.hstack([rules]).filter(mask)

    def _columns(self, seats: Iterable[Seat]) -> list[str]:
        """The columns of the file that some judges read, beside the key and the weight."""
        wanted = [name for seat in seats for name in seat.judge.wanted]
        wanted += [ours for seat in seats for one in seat.judge.rule.look_ups for ours in one.where.values()]
        wanted += [*self.key, *([self.weight] if self.weight else [])]
        found = [name for name in dict.fromkeys(wanted) if name in self.source.schema]
        return found or list(self.source.schema)[:1]

    def _parts(self, columns: Sequence[str], every: bool = False) -> Iterator[Part]:
        for numbers, rows in self.source.parts(list(self.source.schema) if every else columns):
            part = Part(numbers, rows)
            if self.weight is not None:
                part.weights = in_units(part.given(self.weight), self._units)
            yield part

    def _whole(self, columns: Sequence[str]) -> pl.DataFrame:
        parts = [plainly(Part(*parcel).coded.select(columns)) for parcel in self.source.parts(columns)]
        return pl.concat(parts, how="vertical_relaxed")

    def _run(self, progress: Progress | None) -> None:
        """Go through the file once. Plain rules on a file that can be scanned are counted in one query, beside that."""
        scan = self.source.scan
        if scan is None:
            self._weigh_and_go_through(progress)
            return
        plain = [seat.judge for seat in self.seats if isinstance(seat.judge, HoldsJudge) and is_plain(seat.judge)]
        weighing = weighing_of(scan, self.weight)
        self._count_in(1.0 if weighing is None else weighing.units)
        self.rows, self.total = count_scanned(scan, plain, weighing)
        rest = [seat for seat in self.seats if seat.judge not in plain]
        keys = [seat.judge for seat in rest if isinstance(seat.judge, UniqueJudge) and is_plain_key(seat.judge, scan)]
        if len(keys) < len(rest):
            go_through(self._parts(self._columns(rest)), rest, progress)
        else:
            for judge in keys:
                take_keys(scan, judge, weighing)

    def _weigh_and_go_through(self, progress: Progress | None) -> None:
        """Go through the file with units that suit the first weights, and again where they do not suit all."""
        trial = Trial()
        go_through(self._added_up(self._tried(trial)), self.seats, progress)
        if not trial.holds and self.weight is not None:
            self.seats = self._seating.seats()
            self._count_in(units_of(trial.bound, self.weight))
            go_through(self._added_up(self._parts(self._columns(self.seats))), self.seats, progress)

    def _tried(self, trial: Trial) -> Iterator[Part]:
        """Yield parts while the units suit; go on to the end, since sources tell at the end what they met."""
        for numbers, rows in self.source.parts(self._columns(self.seats)):
            part = Part(numbers, rows)
            if self.weight is not None:
                given = part.given(self.weight)
                if not trial.take(given):
                    continue
                self._count_in(trial.units)
                part.weights = in_units(given, self._units)
            yield part

    def _added_up(self, parts: Iterable[Part]) -> Iterator[Part]:
        self.rows, weighed = 0, 0.0
        for part in parts:
            self.rows += part.height
            weighed += part.height if part.weights is None else float(part.weights.sum())
            yield part
        self.total = weighed / self._units

    def _count_in(self, units: float) -> None:
        """Count weights in units of which so many make one."""
        self._units = units
        for seat in self.seats:
            seat.judge.units_of_weight = units

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
                have += sampled(seat.part(part), seat, fails, self.key, most - len(have))
                if len(have) >= min(most, self._failing_units(seat.judge)):
                    del wanted[number]
            if not wanted and not late:
                break
        return samples

    def _failing_units(self, judge: Judge) -> float:
        return judge.judged().failed if judge.units == "rows" else float("inf")
