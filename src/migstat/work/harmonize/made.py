"""Columns made first: each compiled after those that it reads, so that every rule may read them like the source's."""

from collections.abc import Iterable, Iterator

import narwhals as nw

from migstat.words.mapping import Target
from migstat.words.mapping_rule import Cases, Compute, Copy, Fixed, Rule, columns, leaves
from migstat.work.harmonize.context import Context
from migstat.work.harmonize.fill import Filled, fill_column, value_of
from migstat.work.harmonize.plan import MADE_KIND, MADE_NUMBER, Made


def made_of(targets: Iterable[Target], context: Context, date_columns: tuple[str, ...]) -> Iterator[Made]:
    """Compile the columns that are made first, each after those that it reads."""
    before: dict[str, Made] = {}
    for target in targets:
        read = columns(target.rule)
        sources = [name for one in read for name in (before[one].sources if one in before else (one,))]
        if any(is_dated(rule) for rule in leaves(target.rule)):
            sources += date_columns
        level = 1 + max((before[one].level for one in read if one in before), default=0)
        number = None
        if isinstance(target.rule, Compute) and not target.rule.lines:
            value = value_of(target.rule.expression, context)
            number = value.number if value.kind == "number" else None
        sources = list(dict.fromkeys(sources))
        made = Made(target.component, read, tuple(sources), level, fill_column(target, context), number)
        if number is not None:
            context.typed[target.component] = MADE_NUMBER.format(target.component)
        before[target.component] = made
        yield made


def filled_of(made: Made) -> Filled:
    """Return a column that was made as what fills a component, so that rows it does not cover are rejects."""
    return Filled(nw.col(made.name), nw.col(MADE_KIND.format(made.name)))


def may_fail(rule: Rule) -> bool:
    """Tell whether a column that is made so may leave a row uncovered, or has lines to account for."""
    match rule:
        case Fixed() | Copy() | Compute():
            return False
        case Cases():
            inside = [arm.rule for arm in rule.arms] + ([rule.otherwise] if rule.otherwise is not None else [])
            return rule.otherwise is None or any(may_fail(one) for one in inside)
    return True


def is_dated(rule: Rule) -> bool:
    """Tell whether a rule has lines that hold for a time."""
    return any(line.valid_from or line.valid_to for line in getattr(rule, "lines", ()))
