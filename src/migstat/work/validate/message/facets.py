"""Facets: what the representation of a component asks of each value, as one condition and in words."""

from migstat.words.expression import And, Call, Compare, Expression, Name, Number, Text
from migstat.words.how_many import how_many
from migstat.words.structure import Component
from migstat.work.validate.message.formats import BOUNDS, pattern_of

FORMATS = {"integer": "BigInteger", "number": "Double", "year": "GregorianYear", "date": "GregorianDay"}
"""The text type of SDMX that is each type of ours."""


def format_of(component: Component) -> str:
    """Return the text type of a component that has no codelist."""
    return component.format or FORMATS.get(component.type, "String")


def facets(component: Component) -> tuple[Expression, str] | None:
    """Return what a value must fulfil, and the same in words; None where any text will do."""
    format = format_of(component)
    value: Expression = Call("text", (Name(component.id),))
    asked: list[Expression] = []
    words: list[str] = []
    pattern = pattern_of(format)
    if pattern:
        asked.append(Call("matches", (value, Text(pattern))))
        words.append(f"a {format}")
    low, high = component.minimum, component.maximum
    least, most = BOUNDS.get(format, (None, None))
    number: Expression = Call("number", (Name(component.id),))
    for op, bound in (
        (">=", low if low is not None else least),
        ("<=", high if high is not None else most),
        (">", component.above),
        ("<", component.below),
    ):
        if bound is not None:
            asked.append(Compare(op, number, Number(bound, f"{bound:g}")))
            words.append(f"{op} {bound:g}")
    length = Call("length", (value,))
    for op, count, said in ((">=", component.shortest, "at least"), ("<=", component.longest, "at most")):
        if count is not None:
            asked.append(Compare(op, length, Number(float(count), str(count))))
            words.append(f"{said} {how_many(count, 'letter')}")
    if component.decimals is not None:
        asked.append(Call("matches", (value, Text(rf"[^.]*(\.[0-9]{{0,{component.decimals}}})?([eE].*)?"))))
        words.append(f"at most {how_many(component.decimals, 'decimal')}")
    if component.pattern:
        asked.append(Call("matches", (value, Text(component.pattern))))
        words.append(f"like {component.pattern}")
    if not asked:
        return None
    return asked[0] if len(asked) == 1 else And(tuple(asked)), ", ".join(words)
