"""Conditions of a mapping: an expression, or a dict of columns that must all match."""

from migstat.read.expression import parse_expression
from migstat.read.mappings.faults import Faults, shape
from migstat.read.placed import Placed
from migstat.words.expression import And, Between, Compare, Expression, In, IsMissing, Name, Number, Or, Range, Text
from migstat.words.finding import MigstatError
from migstat.words.mapping_rule import ANY, BLANK, bounds


def condition(placed: Placed, faults: Faults) -> Expression | None:
    """Read a condition, or return None after noting what is wrong with it."""
    if placed.is_text:
        try:
            return parse_expression(placed.text, placed.place, faults.component)
        except MigstatError as error:
            faults.take(error)
            return None
    if not placed.items:
        mend = 'write "P16 = 2", or {P16: 2}'
        faults.add(placed.place, f"the condition is {shape(placed)}, not an expression or columns with values", mend)
        return None
    parts = [_column(name, values, faults) for name, values in placed.items.items()]
    right = tuple(part for part in parts if part is not None)
    if len(right) < len(parts):
        return None
    return right[0] if len(right) == 1 else And(right)


def _column(name: str, placed: Placed, faults: Faults) -> Expression | None:
    values = faults.texts(placed, f"the condition on {name}")
    if not values:
        faults.add(
            placed.place, f"the condition on {name} lists no value", f"write {{{name}: 1}}, or {{{name}: [1, 2]}}"
        )
        return None
    if ANY in values:
        faults.add(placed.place, f"'*' for {name} is true for every row", f"leave {name} out of the condition")
        return None
    members: list[Text | Number | Range] = []
    for value in values:
        ends = bounds(value)
        if ends is not None:
            low, high = value.split("..")
            if ends[0] > ends[1]:
                faults.add(placed.place, f"the range {value} runs backwards", f"write {high}..{low}")
                return None
            members.append(Range(Number(ends[0], low), Number(ends[1], high)))
        elif value != BLANK:
            members.append(Text(value))
    blank = IsMissing(Name(name))
    if not members:
        return blank
    named = _among(Name(name), tuple(members))
    return Or((named, blank)) if BLANK in values else named


def _among(name: Name, members: tuple[Text | Number | Range, ...]) -> Expression:
    match members:
        case (Text() as value,):
            return Compare("=", name, value)
        case (Range(low, high),):
            return Between(name, low, high)
    return In(name, members)
