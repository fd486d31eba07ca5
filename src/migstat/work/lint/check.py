"""One check of a mapping: what it is held against, what it found, and whether a code is right."""

import datetime
import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from migstat.words.codelist import Codelist
from migstat.words.expression import names
from migstat.words.finding import Finding, Place, Severity
from migstat.words.mapping import Mapping
from migstat.words.mapping_rule import columns
from migstat.words.missing import KINDS, OTHER, TOTAL
from migstat.words.structure import Component, Structure


@dataclass(slots=True)
class Check:
    """The mapping with its structure and codelists, and the findings so far."""

    mapping: Mapping
    structure: Structure
    codelists: Callable[[str], Codelist]
    findings: list[Finding] = field(default_factory=list)

    def error(self, place: Place, component: str, what: str, mend: str) -> None:
        """Note what would make wrong records."""
        self.findings.append(Finding(place, component, what, mend))

    def warn(self, place: Place, component: str, what: str, mend: str) -> None:
        """Note what asks for a look."""
        self.findings.append(Finding(place, component, what, mend, Severity.WARNING))

    def rule_columns(self) -> tuple[str, ...]:
        """Return every column of the source that a rule, its universe or a keep reads, or a column is made of."""
        found = [name for made in self.mapping.columns for name in columns(made.rule)]
        found += [name for target in self.mapping.targets for name in columns(target.rule)]
        found += [name for target in self.mapping.targets if target.universe for name in names(target.universe)]
        found += [name for keep in self.mapping.keep for name in (names(keep.when) if keep.when else (keep.column,))]
        return self.mapping.sources(found)

    def code(self, component: Component, code: str, place: Place, *, of: str = "") -> None:
        """Note a code that the component cannot have; ``of`` says what it was given for."""
        what, mend = self.code_fault(component, code)
        if what:
            self.error(place, component.id, f"{of}{what}", mend)

    def code_fault(self, component: Component, code: str) -> tuple[str, str]:
        """Return what is wrong with a code and what to write instead; empty texts where nothing is."""
        if code == TOTAL and self.structure.kind == "record":
            return f"{TOTAL} is a total, which only tables have", "write the code of the value, or _U for unknown"
        if code in KINDS:
            return "", ""
        if component.coded:
            codelist = self.codelists(component.codelist)
            return (
                ("", "") if code in codelist else (f"{codelist.id} has no code '{code}'", _nearest_code(codelist, code))
            )
        if code == OTHER:
            what = f"{OTHER} is a residual code, and {component.id} is {KINDS_OF_VALUE[component.type]}"
            return what, "write _U where the value is unknown, _Z where none can be"
        return _typed_fault(component, code)

    def nearest(self, wrong: str, known: Iterable[str]) -> str:
        """Return the mend for a name out of a closed list."""
        known = tuple(known)
        near = difflib.get_close_matches(wrong.upper(), known, 1)
        return f"write {near[0]}" if near else "one of " + ", ".join(known)


KINDS_OF_VALUE = {
    "code": "a code",
    "text": "a text",
    "integer": "a whole number",
    "number": "a number",
    "year": "a year",
    "date": "a date",
}


def _nearest_code(codelist: Codelist, code: str) -> str:
    near = codelist.nearest(code) if len(code) < 200 else ()
    if near and codelist.label(near[0]).casefold() == code.casefold():
        near = near[:1]
    if near:
        return "write " + ", or ".join(f"{id} ({codelist.label(id)})" for id in near)
    if len(codelist) <= 12:
        return "one of " + ", ".join(id for id in codelist.ids if id != TOTAL)
    return f"see migstat codes {codelist.id}"


def _typed_fault(component: Component, text: str) -> tuple[str, str]:
    mend = f"write {KINDS_OF_VALUE[component.type]}, or a kind of missing such as _U"
    what = f"'{text}' is not {KINDS_OF_VALUE[component.type]}"
    if component.type == "text":
        return "", ""
    if component.type == "date":
        try:
            datetime.date.fromisoformat(text if len(text) == 10 else "")
        except ValueError:
            return what, "write it as 2019-08-24, or a kind of missing such as _U"
        return "", ""
    try:
        value = int(text) if component.type in {"integer", "year"} else float(text)
    except ValueError:
        return what, mend
    return out_of_bounds(component, value)


def out_of_bounds(component: Component, value: float) -> tuple[str, str]:
    """Return what is wrong with a number against the bounds of the component; empty texts where nothing is."""
    low, high = component.minimum, component.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        ends = " to ".join("any" if end is None else f"{end:g}" for end in (low, high))
        return f"{value:g} is outside {component.id}, which runs from {ends}", "write a number within"
    return "", ""
