"""The passage of a file past its judges: combinations are counted while the rows of the part before are judged."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from migstat.work.validate.cube import Cube, Take
from migstat.work.validate.gathered import Gathered
from migstat.work.validate.groups import GroupJudge, gather_together, judge_groups
from migstat.work.validate.hashes import row_hashes
from migstat.work.validate.judge import Judge
from migstat.work.validate.keys import UniqueJudge
from migstat.work.validate.look_ups import Found
from migstat.work.validate.part import Part


@dataclass(slots=True)
class Seat:
    """A judge, with what it looks up."""

    judge: Judge
    found: tuple[Found, ...] = ()

    def part(self, part: Part) -> Part:
        """Return the part with what the rule looks up in it."""
        if not self.found:
            return part
        frame = part.frame
        for one in self.found:
            frame = one.attach(frame)
        return part.with_rows(frame)


def go_through(parts: Iterable[Part], seats: Sequence[Seat], progress: Callable[[int], None] | None) -> None:
    """Give every part to every judge, in order, and let them finish.

    Rules over columns of few values are read on their combinations, those of the same groups gather them together.
    All judges are called in one other thread, so that what they come to hangs on the order of the parts alone.
    """
    passage: _Passage | None = None
    rows = 0
    with ThreadPoolExecutor(1) as thread:
        judged: Future[None] | None = None
        for part in parts:
            if passage is None:
                passage = _Passage(seats, part)
            left, ready = passage.cube.add(part.coded, part.weights)
            passage.hash(part)
            if judged is not None:
                judged.result()
            judged = thread.submit(passage.judge, part, left, ready)
            rows += part.height
            if progress is not None:
                progress(rows)
        if judged is not None:
            judged.result()
    if passage is not None:
        for take, combinations in passage.cube.finish():
            take(combinations)
    judge_groups(seat.judge for seat in seats if isinstance(seat.judge, GroupJudge))
    for seat in seats:
        if not isinstance(seat.judge, GroupJudge):
            seat.judge.finish()


class _Passage:
    """Who is given what: rows, rows gathered by group, or combinations. It hangs on what stands in the first part."""

    def __init__(self, seats: Sequence[Seat], first: Part) -> None:
        self.readers: dict[Take, Judge] = {
            seat.judge.take: seat.judge for seat in seats if seat.judge.counted and not seat.found
        }
        self.by_row = [seat for seat in seats if seat.judge.take not in self.readers]
        groups: list[GroupJudge] = []
        for take, judge in list(self.readers.items()):
            if isinstance(judge, GroupJudge) and not first.has_codes(judge.columns):
                groups.append(judge)
                del self.readers[take]
        self.gathered: list[Gathered] = gather_together(groups)
        self.cube = Cube([(judge.columns, take) for take, judge in self.readers.items()])

    def hash(self, part: Part) -> None:
        """Hash the groups and keys of a part, which its judges then find with it."""
        for gathered in self.gathered:
            gathered.hashes(part.coded)
        for seat in self.by_row:
            if isinstance(seat.judge, UniqueJudge) and not seat.judge.absent and not seat.found:
                row_hashes(part.coded, seat.judge.key, seat.judge.reading.codes)

    def judge(self, part: Part, left: Iterable[Take], ready: Iterable[tuple[Take, pl.DataFrame]]) -> None:
        """Give a part to those who are given rows, and combinations to those for whom enough have gathered."""
        for take in left:
            self.readers[take].add(part)
        for take, combinations in ready:
            take(combinations)
        for gathered in self.gathered:
            gathered.add(part)
        for seat in self.by_row:
            seat.judge.add(seat.part(part))
