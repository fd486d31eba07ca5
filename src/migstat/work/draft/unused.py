"""Columns that a draft does not use, each with why, so that a person sees what was left."""

from collections.abc import Iterator, Mapping, Sequence

from migstat.words.draft import DraftRule, Part, Unused
from migstat.work.draft.columns import Column
from migstat.work.draft.weights import ACCEPT


def unused_of(
    columns: Sequence[Column],
    parts: Sequence[Part],
    rules: Sequence[DraftRule],
    left_out: Sequence[DraftRule],
    near: Mapping[str, DraftRule],
    structure: str,
) -> tuple[Unused, ...]:
    """Return the columns that no part and no rule reads, in their order.

    ``near`` has for a column the rule by which it would have filled a component best.
    """
    used = {name for part in parts for name in part.columns} | {name for rule in rules for name in rule.columns}
    filled = {rule.component: rule for rule in rules}
    given_up = {name: rule for rule in left_out for name in rule.columns}
    asked = {guess.answer: part.key for part in parts for guess in part.guesses}
    return tuple(
        Unused(
            column.name,
            column.label,
            f"a candidate for {asked[column.name]}, which is left open"
            if column.name in asked
            else "; ".join(_why(column, filled, given_up, near, structure)),
        )
        for column in columns
        if column.name not in used
    )


def _why(
    column: Column,
    filled: Mapping[str, DraftRule],
    given_up: Mapping[str, DraftRule],
    near: Mapping[str, DraftRule],
    structure: str,
) -> Iterator[str]:
    if not column.facts.filled:
        yield "it is blank in every row"
        return
    rule = given_up.get(column.name) or near.get(column.name)
    if column.facts.distinct == 1 and not column.facts.blanks:
        yield "every row has the same value"
    if rule is None:
        yield f"nothing in {structure} is like it"
        return
    said = f"{rule.component} perhaps ({rule.confidence:.2f})"
    other = filled.get(rule.component)
    if column.name in given_up:
        yield f"{said}, left out since it is not sure enough"
    elif other is None and rule.confidence >= ACCEPT:
        yield f"{said}, and another column is as likely"
    elif other is None:
        yield f"{said}, not sure enough"
    elif other.kind == "open":
        yield f"{said}, which is left open"
    elif other.column:
        yield f"{said}, and {other.column} is surer"
    else:
        yield f"{said}, not sure enough"
