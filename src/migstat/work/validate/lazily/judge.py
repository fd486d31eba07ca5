"""Judge rows that stay where they are: which rules the engine can count, and what is left open."""

from collections.abc import Sequence

import narwhals as nw

from migstat.words.rule import Determines, Group, Holds, Rule, Unique
from migstat.words.validated import Judged
from migstat.work.validate.cube import N, W
from migstat.work.validate.groups import GroupJudge
from migstat.work.validate.judge import HoldsJudge, Judge
from migstat.work.validate.lazily.groups import count_groups, reckons
from migstat.work.validate.lazily.keys import count_keys
from migstat.work.validate.lazily.records import count_records
from migstat.work.validate.lazily.rows import Frame, only_row, plain_rows
from migstat.work.validate.part import UNDECIDED, Reading, kinds_of
from migstat.work.validate.seating import Surroundings
from migstat.work.validate.weighing import units_of

OPEN = "cannot be judged on this engine: write the frame to Parquet, and validate the file"


def judge_lazily(
    frame: Frame, rules: Sequence[Rule], around: Surroundings, weight: str | None
) -> tuple[tuple[Judged, ...], int, float]:
    """Return the results, the rows and their weight.

    Record rules and rules of unique keys, dependencies and groups are counted by the engine; look-ups, sequences,
    sums of parts, other files, medians and counts of distinct values are left open, each with a note.
    """
    reading = Reading(kinds_of(frame.collect_schema(), around.structure), around.pairs)
    units = 1.0
    if weight is not None:
        units = units_of(float(*only_row(plain_rows(frame, reading, weight).select(nw.col(W).abs().sum()))), weight)
    plain = plain_rows(frame, reading, weight, units)
    rows, total = only_row(plain.select(nw.col(N).sum(), nw.col(W).sum()))
    judges = [_judge(rule, reading) for rule in rules]
    for judge in judges:
        judge.units_of_weight = units
        if judge.note == OPEN:
            judge.rows[UNDECIDED], judge.weight[UNDECIDED] = rows, total
        elif isinstance(judge, GroupJudge):
            count_groups(plain, judge)
        elif not isinstance(judge, HoldsJudge):
            count_keys(plain, judge)
    count_records(frame, [judge for judge in judges if isinstance(judge, HoldsJudge)], reading, weight, units)
    return tuple(judge.judged() for judge in judges), int(rows), float(total / units)


def _judge(rule: Rule, reading: Reading) -> Judge:
    match rule.check:
        case Holds() if not rule.look_ups:
            return HoldsJudge(rule, reading)
        case Unique(columns):
            return Judge(rule, reading, columns)
        case Determines(columns, target):
            return Judge(rule, reading, (*columns, target))
        case Group() if not rule.look_ups and reckons(groups := GroupJudge(rule, reading)):
            return groups
        case _:
            judge = Judge(rule, reading, ())
            judge.note = OPEN
            return judge
