"""Rules on the values of a component: its codes, its type and facets, and periods of their frequency."""

import re
from collections.abc import Iterator

from migstat.words.expression import And, Call, Expression, In, IsMissing, Not, Text, implies
from migstat.words.rule import Holds, Rule
from migstat.words.structure import TIME_PERIOD, Component
from migstat.work.validate.message.about import Message, both, text_of
from migstat.work.validate.message.facets import facets, format_of
from migstat.work.validate.message.formats import FREQUENCIES, TIMES

FREQ = "FREQ"


def coded(about: Message, component: Component) -> Rule:
    """Return the rule on the codes of a component."""
    codelist = about.codelists(component.codelist)
    codes = about.codes(component)
    value = text_of(component.id)
    if about.is_compound(component) or component.most != 1:
        alternatives = "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
        between = "[;,| ]?" if component.most != 1 else ""
        check: Expression = Call("matches", (value, Text(f"({alternatives})({between}({alternatives}))*")))
        text = f"{component.id} is one or more codes of {component.codelist}"
    else:
        check = In(value, tuple(Text(code) for code in codes))
        text = f"{component.id} is a code of {component.codelist}"
    mend = f"write a code of {component.codelist}"
    return about.rule("SS04", component.id, Holds(check), text, mend, "CODE", component.names,
                      about.filled(component), list=component.codelist, standing=codelist.standing)  # fmt: skip


def formed(about: Message, component: Component) -> Iterator[Rule]:
    """Yield the rules on type and facets; those of the time dimension are on time."""
    timely = component.id == TIME_PERIOD and component.role == "dimension"
    format = format_of(component)
    if timely and format not in TIMES:
        pattern = TIMES["ObservationalTimePeriod"]
        found: tuple[Expression, str] | None = (
            Call("matches", (text_of(component.id), Text(pattern))), "an ObservationalTimePeriod",
        )  # fmt: skip
    else:
        found = facets(component)
    if found is None:
        return
    check, words = found
    aspect = "SS09" if timely else "SS08"
    mend = "write it as 2020, 2020-Q1, 2020-03 or 2020-03-31, as the structure asks" if timely else "mend the value"
    text = f"{component.id} is {words}"
    yield about.rule(aspect, component.id, Holds(check), text, mend, "FORMAT", component.names,
                     about.filled(component), facets=words)  # fmt: skip
    if timely and FREQ in about.known:
        yield _of_frequency(about, component, check)


def _of_frequency(about: Message, component: Component, formed: Expression) -> Rule:
    """Return the rule that a period is one of the frequency, judged where it is a period at all."""
    asked = tuple(
        implies(
            Call("matches", (text_of(FREQ), Text(f"{code}[0-9_]*"))),
            Call("matches", (text_of(component.id), Text(pattern))),
        )
        for code, pattern in FREQUENCIES.items()
    )
    when = And((Not(IsMissing(text_of(FREQ))), Not(IsMissing(text_of(component.id))), formed))
    text = f"{component.id} is a period of {FREQ}"
    mend = f"write a period of the frequency, or mend {FREQ}"
    return about.rule("SS09", component.id, Holds(And(asked)), text, mend, "FREQUENCY", component.names,
                      both(about.living("D"), when), suffix=FREQ)  # fmt: skip
