"""Rows: source rows filled beside their columns, each with its state, and the frames that come of it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw

from migstat.words.mapping_rule import columns as columns_of
from migstat.words.missing import MISSING_SUFFIX
from migstat.work.harmonize.dates import source_date
from migstat.work.harmonize.plan import (
    BESIDE,
    DATE,
    KEEP,
    MADE_KIND,
    MADE_NUMBER,
    ROW,
    STATE,
    WEIGHT,
    Made,
    Plan,
    Share,
)

Frame = Any
"""A narwhals DataFrame or LazyFrame."""
STATES = ("record", "rejected", "excluded")


def fill_beside(frame: Frame, plan: Plan) -> Frame:
    """Add every target beside the source columns, and the state of each row: record, rejected or excluded."""
    aliases = [nw.col(real).alias(alias) for alias, real in plan.aliases.items() if alias != real]
    if aliases:
        frame = frame.with_columns(*aliases)
    everything = Share(
        tuple(frame.collect_schema().names()), tuple(plan.filled), tuple(range(len(plan.keeps))), tuple(plan.constants)
    )
    return with_state(fill_share(weighed(frame, plan), everything, plan), plan)


def weighed(frame: Frame, plan: Plan) -> Frame:
    """Add the weight of each row: 1 where the source has none, null where it is no number."""
    if not plan.mapping.source.weight:
        return frame.with_columns(nw.lit(1.0).alias(WEIGHT))
    frame = frame.with_columns(*_numbers(plan, (plan.mapping.source.weight,)))
    return frame.with_columns(plan.weight.alias(WEIGHT))


def fill_share(frame: Frame, share: Share, plan: Plan) -> Frame:
    """Add the targets, keeps and constants of one share of the plan; the frame has the columns that the share reads."""
    date_rule = plan.mapping.source.date_rule
    if date_rule is not None and plan.context.row_date is not None and {*columns_of(date_rule)} <= {*share.columns}:
        frame = frame.with_columns(source_date(date_rule).alias(DATE))
    numbers = _numbers(plan, share.columns)
    if numbers:
        frame = frame.with_columns(*numbers)
    frame = _with_made(frame, share, plan)
    made = []
    for id in share.targets:
        filled = plan.filled[id]
        made.append(filled.value.alias(BESIDE + id))
        if filled.kind is not None:
            made.append(filled.kind.alias(BESIDE + id + MISSING_SUFFIX))
    made += [plan.constants[id].value.alias(BESIDE + id) for id in share.constants]
    made += [plan.keeps[number][1].alias(KEEP.format(number)) for number in share.keeps]
    if made:
        frame = frame.with_columns(*made)
    derived = {id: one.value for id, one in plan.derived.items() if one.origin in share.targets}
    return frame.with_columns(*(value.alias(BESIDE + id) for id, value in derived.items())) if derived else frame


def _with_made(frame: Frame, share: Share, plan: Plan) -> Frame:
    """Add the columns that are made first for a share of the plan."""
    have = {*share.columns}
    wanted = (one for one in plan.made if share.made is None or one.name in share.made)
    ready = [one for one in wanted if have.issuperset(one.sources)]
    for level in sorted({one.level for one in ready}):
        made = [one for one in ready if one.level == level]
        frame = frame.with_columns(*(expression for one in made for expression in _expressions(one)))
        numbers = _numbers(plan, [one.name for one in made])
        frame = frame.with_columns(*numbers) if numbers else frame
    return frame


def _expressions(made: Made) -> Iterator[nw.Expr]:
    yield made.value.value.alias(made.name)
    if made.value.kind is not None:
        yield made.value.kind.alias(MADE_KIND.format(made.name))
    if made.number is not None:
        yield made.number.alias(MADE_NUMBER.format(made.name))


def _numbers(plan: Plan, columns: Iterable[str]) -> list[nw.Expr]:
    read = {*columns}
    return [number.alias(name) for name, (column, number) in plan.context.numbers.items() if column in read]


def with_state(frame: Frame, plan: Plan, states: Sequence[Any] = STATES) -> Frame:
    """Add the state of each row, as one of three given values, when everything else is filled."""
    return frame.with_columns(_state(plan, frame.collect_schema().names(), states).alias(STATE))


def _state(plan: Plan, have: Collection[str], states: Sequence[Any]) -> nw.Expr:
    """Return the state of a row so far as the filled columns that are there tell."""
    record, rejected, excluded = (nw.lit(state) for state in states)
    keeps = [nw.col(name) for number in range(len(plan.keeps)) if (name := KEEP.format(number)) in have]
    bad = [absent for _, column, absent in faults(plan) if column in have]
    bad += [keep.is_null() for keep in keeps]
    state = record
    if bad:
        state = nw.when(reduce(or_, bad)).then(rejected).otherwise(state)
    if keeps:
        out = reduce(or_, [nw.when(keep.is_null()).then(nw.lit(False)).otherwise(~keep) for keep in keeps])
        state = nw.when(out).then(excluded).otherwise(state)
    return state


def faults(plan: Plan) -> list[tuple[str, str, nw.Expr]]:
    """Each component with where it stands, and the condition, over filled columns, under which no rule covers it."""
    found = []
    for id, filled in plan.filled.items():
        absent = nw.col(BESIDE + id).is_null()
        absent = absent if filled.kind is None else absent & nw.col(BESIDE + id + MISSING_SUFFIX).is_null()
        if id in plan.may_be_blank:
            absent = absent & reduce(or_, (~nw.col(column).is_null() for column in plan.may_be_blank[id]))
        found.append((id, BESIDE + id, absent))
    found += [(id, BESIDE + id, nw.col(BESIDE + id).is_null()) for id in plan.constants]
    if plan.mapping.source.weight and "WEIGHT" not in plan.constants:
        found.append((plan.mapping.source.weight, WEIGHT, nw.col(WEIGHT).is_null()))
    return found


def records_of(filled: Frame, plan: Plan) -> Frame:
    """Return the records: target columns alone, in the structure's order, under their own names."""
    have = set(filled.collect_schema().names())
    out = [nw.col(out.beside).alias(out.name) for out in plan.out if out.beside in have]
    return filled.filter(nw.col(STATE) == "record").select(*out)


def rejects_of(filled: Frame, plan: Plan, columns: Iterable[str]) -> Frame:
    """Return the rejected rows as they were, with the row number where there is one, and why."""
    have = set(filled.collect_schema().names())
    reasons = [
        nw.when(absent).then(nw.lit(f"{id}: no rule covers the value")).otherwise(nw.lit(None, nw.String))
        for id, _, absent in faults(plan)
    ]
    reasons += [
        nw.when(nw.col(KEEP.format(number)).is_null())
        .then(nw.lit(f"keep: blank in {keep.column or 'a column of the condition'}"))
        .otherwise(nw.lit(None, nw.String))
        for number, (keep, _) in enumerate(plan.keeps)
    ]
    why = nw.concat_str(reasons, separator="; ", ignore_nulls=True) if reasons else nw.lit("")
    row = [nw.col(ROW).alias("_row")] if ROW in have else []
    return filled.filter(nw.col(STATE) == "rejected").select(*row, *columns, why.alias("_why"))
