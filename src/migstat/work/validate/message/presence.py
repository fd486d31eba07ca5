"""Rules on what is there: columns that are no component, columns that lack, and blanks."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from migstat.words.expression import And, Call, Expression, In, IsMissing, Name, Not, Text
from migstat.words.message import OPENING
from migstat.words.rule import Holds, Rule
from migstat.words.structure import Component
from migstat.work.validate.message.about import Message, both, text_of

NO_VALUE = ("H", "K", "L", "M", "O", "Q")
"""Codes of CL_OBS_STATUS (SDMX, version 2.2) that say why there is no value."""
FREE = ("", "F")
"""Confidentiality that hides no value."""
MEASURE_MISSING = ("OBS_STATUS", "CONF_STATUS")


def unknown(about: Message) -> Iterator[Rule]:
    """Yield a rule that fails for each column that is no component."""
    ours = {*about.structure.ids, *OPENING, "DATAFLOW"}
    strange = [name for name in about.columns if name not in ours]
    for name in strange:
        near = _nearest(name, [one for one in about.structure.ids if one not in about.known])
        mend = f"did you mean {near}?" if near else "remove the column, or add the component to the structure"
        yield about.rule("XX01", name, about.whole(False), f"{name} is a component", mend, "XX01", {"en": name})
    if not strange:
        names = {"en": "Columns"}
        yield about.rule("XX01", "", about.whole(True), "each column is a component", "", "XX01", names)


def there(about: Message, component: Component) -> Iterator[Rule]:
    """Yield the rule on a column that must be there."""
    aspect = {"dimension": "SS01", "measure": "SS02", "attribute": "SS03"}.get(component.role)
    if aspect is None or (component.role == "attribute" and not component.required):
        return
    check = about.whole(component.id in about.known)
    mend = f"add the column {component.id}"
    yield about.rule(aspect, component.id, check, f"{component.id} has a column", mend, "COLUMN", component.names,
                     suffix="COLUMN" if aspect == "SS02" else "")  # fmt: skip


def given(about: Message, component: Component) -> Iterator[Rule]:
    """Yield the rule on blanks."""
    aspect = {"dimension": "SS05", "measure": "SS02", "attribute": "SS06"}.get(component.role)
    if aspect is None or not component.required:
        return
    check = Holds(Not(IsMissing(text_of(component.id))))
    mend = f"give {component.id} in every row"
    when = about.living(*(("D", "M") if component.role != "dimension" else ("D",)))
    if component.role == "measure":
        mend += ", or say in OBS_STATUS why there is none: " + ", ".join(NO_VALUE)
        when = both(when, _expected(about))
    yield about.rule(aspect, component.id, check, f"{component.id} is given", mend, "GIVEN", component.names, when)


def _expected(about: Message) -> Expression | None:
    """Return where a value is due: where no status says that there is none, and none is hidden."""
    status, hidden = (Call("coalesce", (Name(name), Text(""))) for name in MEASURE_MISSING)
    parts: list[Expression] = []
    if MEASURE_MISSING[0] in about.known:
        parts.append(Not(In(status, tuple(Text(code) for code in NO_VALUE))))
    if MEASURE_MISSING[1] in about.known:
        parts.append(In(hidden, tuple(Text(code) for code in FREE)))
    return And(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None


def _nearest(name: str, known: Sequence[str]) -> str:
    return next(iter(get_close_matches(name.upper(), known, n=1)), "")
