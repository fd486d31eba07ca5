"""Rules on several values: keys, constraints, what an attribute is attached to, and totals of parts."""

from collections.abc import Iterator

from migstat.words.codelist import Codelist
from migstat.words.expression import And, Call, Compare, IsMissing, Name, Not, Number
from migstat.words.finding import Severity
from migstat.words.missing import TOTAL
from migstat.words.rule import Check, Determines, Group, Holds, Parts, Rule, Unique
from migstat.words.structure import Component
from migstat.work.validate.message.about import Message, both, text_of
from migstat.work.validate.message.constraints import Allowed
from migstat.work.validate.parts import TOTALS


def keys(about: Message) -> Iterator[Rule]:
    """Yield the rule that a key stands once."""
    key = tuple(one.id for one in about.dimensions)
    if key:
        mend = "keep one of the observations, or mend the dimension that tells them apart"
        text = f"unique: {', '.join(key)}"
        yield about.rule("SS07", "(key)", Unique(key), text, mend, "KEY", {}, about.living("D"), id="SS07")


def region(about: Message, one: Allowed) -> Rule:
    """Return the rule of a cube region; a value that is no code is told once, by SS04."""
    there = [about.is_code(name) for name in one.columns]
    when = both(about.living("D"), And(tuple(there)) if len(there) > 1 else there[0])
    names = about.structure[one.component].names if one.component in about.structure else {"en": one.component}
    mend = "leave the row out, or ask for another agreement"
    return about.rule("SS10", one.component, Holds(one.check), one.text, mend, "REGION",
                      names, when, id=f"SS10.{one.id}", constraint=one.id.partition(".")[0])  # fmt: skip


def series(about: Message, one: Allowed) -> Rule:
    """Return the rule of a set of keys."""
    there = tuple(Not(IsMissing(text_of(name))) for name in one.columns)
    when = both(about.living("D"), And(there) if len(there) > 1 else there[0])
    mend = "leave the series out, or ask for another agreement"
    return about.rule("SS11", "(series)", Holds(one.check), one.text, mend, "SERIES",
                      {}, when, id=f"SS11.{one.id}", severity=Severity.WARNING,
                      look_ups=one.look_ups, constraint=one.id.partition(".")[0])  # fmt: skip


def level(about: Message, component: Component) -> Iterator[Rule]:
    """Yield the rule that an attribute is the same in all that it is attached to."""
    if component.attached is None or component.id not in about.known:
        return
    within = tuple(name for name in component.attached if name in about.known)
    if len(within) < len(component.attached):
        return
    if within:
        check: Check = Determines(within, component.id)
        text = f"{component.id} has one value for each {', '.join(within)}"
    else:
        one = Compare("<=", Call("distinct", (Name(component.id),)), Number(1, "1"))
        check, text = Group((), one), f"{component.id} has one value in the whole message"
    mend = "give it one value there, or attach it to observations in the structure"
    yield about.rule("SS12", component.id, check, text, mend, "LEVEL", component.names, about.living("D"),
                     missing="ignore", within=", ".join(within) or "the message")  # fmt: skip


def totals(about: Message) -> Iterator[Rule]:
    """Yield the rules on totals: of each measure, over each coded dimension whose list is a tree or has a total."""
    if about.tolerance is None:
        return
    for measure in about.structure.with_role("measure"):
        for dimension in about.dimensions:
            if measure.id not in about.known or dimension.id not in about.known or not dimension.coded:
                continue
            codelist = about.codelists(dimension.codelist)
            if all(code.parent is None for code in codelist) and not _has_total(codelist):
                continue
            within = tuple(one.id for one in about.dimensions if one.id != dimension.id and one.id in about.known)
            check = Parts(measure.id, dimension.id, dimension.codelist, within, about.tolerance)
            text = f"{measure.id} of each total of {dimension.id} is the sum of its parts, within {about.tolerance:g}"
            mend = "mend the total or its parts, or raise the tolerance where figures are rounded"
            yield about.rule("SS13", dimension.id, check, text, mend, "TOTAL", dimension.names, about.living("D"),
                             id=f"SS13.{measure.id}.{dimension.id}")  # fmt: skip


def _has_total(codelist: Codelist) -> bool:
    """Tell whether a list has a code for the total of all others."""
    return TOTAL in codelist or any(one in codelist and "otal" in codelist.label(one) for one in TOTALS)
