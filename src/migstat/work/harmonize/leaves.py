"""Leaves as the account tells them: which of their source values are coverage, and which lines may take them."""

import datetime

from migstat.words.finding import Place
from migstat.words.mapping_rule import (
    Copy,
    Line,
    Patterns,
    Recode,
)
from migstat.work.harmonize.coding import lines_at
from migstat.work.harmonize.plan import Leaf


def shown(leaf: Leaf) -> tuple[str, ...] | None:
    """Return the columns whose values are coverage, or None: numbers, dates and texts are not shown value by value."""
    if isinstance(leaf.rule, Recode | Patterns):
        return leaf.rule.columns
    if isinstance(leaf.rule, Copy) and leaf.component.coded:
        return (leaf.rule.column,)
    return None


def lines_of(leaf: Leaf) -> tuple[Line, ...]:
    """Return the lines of a leaf whose values are coverage."""
    return leaf.rule.lines if isinstance(leaf.rule, Recode | Copy) and shown(leaf) else ()


def all_lines(leaf: Leaf, date: datetime.date | None) -> list[tuple[tuple[str, ...], str, Place]]:
    """Return values, code and place of every line that holds at a date."""
    if isinstance(leaf.rule, Patterns):
        patterns = lines_at(leaf.rule.lines, date)
        return [(tuple(value.text for value in line.values), line.code, line.place) for line in patterns]
    return [(line.values, line.code, line.place) for line in lines_at(lines_of(leaf), date)]


def is_dated(leaf: Leaf) -> bool:
    """Tell whether a line holds for a time only."""
    lines = leaf.rule.lines if isinstance(leaf.rule, Patterns) else lines_of(leaf)
    return any(line.valid_from or line.valid_to for line in lines)
