"""The rules of a structure for a data message: columns, codes, formats, keys, constraints, levels and totals."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from migstat.words.codelist import Codelist
from migstat.words.expression import And, Call, Compare, Expression, In, IsMissing, Name, Not, Number, Text, implies
from migstat.words.finding import Finding, Place, Severity
from migstat.words.message import OPENING
from migstat.words.missing import TOTAL
from migstat.words.rule import Check, Determines, Group, Holds, LookUp, Parts, Rule, Unique
from migstat.words.structure import TIME_PERIOD, Component, Structure
from migstat.work.validate.message.constraints import Allowed, Rows, regions, series, unread
from migstat.work.validate.message.facets import facets, format_of
from migstat.work.validate.message.formats import FREQUENCIES, TIMES
from migstat.work.validate.message.names import names_of
from migstat.work.validate.parts import TOTALS
from migstat.work.validate.structure_rules import allowed

FREQ, ACTION = "FREQ", "ACTION"
FLAGS = "OBS_FLAG"
"""The attribute of Eurostat whose value is one letter after the other, each of them a code."""
NO_VALUE = ("H", "K", "L", "M", "O", "Q")
"""Codes of CL_OBS_STATUS (SDMX, version 2.2) that say why there is no value."""
FREE = ("", "F")
"""Confidentiality that hides no value."""
MEASURE_MISSING = ("OBS_STATUS", "CONF_STATUS")


@dataclass(slots=True)
class MessageRules:
    """The rules, the keys that some of them look up, and what of the structure they leave out."""

    rules: list[Rule] = field(default_factory=list)
    keys: dict[str, Rows] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def message_rules(
    structure: Structure,
    codelists: Callable[[str], Codelist],
    columns: Sequence[str],
    *,
    actions: Collection[str] = ("I",),
    compound: Collection[str] = (),
    tolerance: float | None = None,
) -> MessageRules:
    """Return the rules for a message with these columns. Their ids are the number of the rule, and the component.

    ``XX01`` is a column that is no component; ``SS01`` a dimension, ``SS02`` a measure, ``SS03`` a mandatory attribute
    that has no column, SS02 also one that is empty; ``SS04`` a value that is not in the codelist; ``SS05`` an empty
    dimension; ``SS06`` an empty mandatory attribute; ``SS07`` a key that stands twice; ``SS08`` a value against its
    type or facets; ``SS09`` a time period not in the format, or not of the frequency; ``SS10`` outside the cube
    regions; ``SS11`` a series outside the key sets (a warning); ``SS12`` an attribute that varies within what it is
    attached to; ``SS13``, with a ``tolerance``, a total that differs from the sum of its parts by more.

    Rows that delete are not judged by what they leave out, nor rows that merge by values they do not change. In
    attributes of ``compound`` several codes may be joined.
    """
    return _Maker(structure, codelists, columns, frozenset(actions), frozenset(compound), tolerance).all()


class _Maker:
    def __init__(
        self,
        structure: Structure,
        codelists: Callable[[str], Codelist],
        columns: Sequence[str],
        actions: frozenset[str],
        compound: frozenset[str],
        tolerance: float | None,
    ) -> None:
        self.structure, self.codelists, self.columns = structure, codelists, columns
        self.known = frozenset(columns)
        self.actions, self.compound, self.tolerance = actions, compound, tolerance
        self.dimensions = structure.with_role("dimension")
        self.found = MessageRules()

    def all(self) -> MessageRules:
        """Make the rules, in the order of their ids within each component."""
        add = self.found.rules.extend
        add(self.unknown())
        for component in self.structure.components:
            add(self.there(component))
            if component.id in self.known:
                add(self.given(component))
                add([self.coded(component)] if component.coded else self.formed(component))
        add(self.keys())
        for constraint in self.structure.constraints:
            if constraint.role == "allowed":
                add(self.region(one) for one in regions(constraint, self.structure, self.codelists, self.known))
                add(self.series(one) for one in series(constraint, self.structure, self.codelists, self.known))
        for component in self.structure.with_role("attribute"):
            add(self.level(component))
        add(self.totals())
        for id, what in unread([one for one in self.structure.constraints if one.role == "allowed"]):
            place = Place(self.structure.id)
            self.found.findings.append(Finding(place, id, what, "", Severity.NOTE, rule="SS10"))
        return self.found

    def unknown(self) -> Iterator[Rule]:
        """Yield a rule that fails for each column that is no component."""
        ours = {*self.structure.ids, *OPENING, "DATAFLOW"}
        strange = [name for name in self.columns if name not in ours]
        for name in strange:
            near = _nearest(name, [one for one in self.structure.ids if one not in self.known])
            mend = f"did you mean {near}?" if near else "remove the column, or add the component to the structure"
            yield self.rule("XX01", name, self.whole(False), f"{name} is a component", mend, "XX01", {"en": name})
        if not strange:
            names = {"en": "Columns"}
            yield self.rule("XX01", "", self.whole(True), "each column is a component", "", "XX01", names)

    def there(self, component: Component) -> Iterator[Rule]:
        """Yield the rule on a column that must be there."""
        aspect = {"dimension": "SS01", "measure": "SS02", "attribute": "SS03"}.get(component.role)
        if aspect is None or (component.role == "attribute" and not component.required):
            return
        check = self.whole(component.id in self.known)
        mend = f"add the column {component.id}"
        yield self.rule(aspect, component.id, check, f"{component.id} has a column", mend, "COLUMN", component.names,
                        suffix="COLUMN" if aspect == "SS02" else "")  # fmt: skip

    def given(self, component: Component) -> Iterator[Rule]:
        """Yield the rule on blanks."""
        aspect = {"dimension": "SS05", "measure": "SS02", "attribute": "SS06"}.get(component.role)
        if aspect is None or not component.required:
            return
        check = Holds(Not(IsMissing(_text(component.id))))
        mend = f"give {component.id} in every row"
        when = self.living(*(("D", "M") if component.role != "dimension" else ("D",)))
        if component.role == "measure":
            mend += ", or say in OBS_STATUS why there is none: " + ", ".join(NO_VALUE)
            when = _both(when, self.expected())
        yield self.rule(aspect, component.id, check, f"{component.id} is given", mend, "GIVEN", component.names, when)

    def expected(self) -> Expression | None:
        """Return where a value is due: where no status says that there is none, and none is hidden."""
        status, hidden = (Call("coalesce", (Name(name), Text(""))) for name in MEASURE_MISSING)
        parts: list[Expression] = []
        if MEASURE_MISSING[0] in self.known:
            parts.append(Not(In(status, tuple(Text(code) for code in NO_VALUE))))
        if MEASURE_MISSING[1] in self.known:
            parts.append(In(hidden, tuple(Text(code) for code in FREE)))
        return And(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None

    def coded(self, component: Component) -> Rule:
        """Return the rule on the codes of a component."""
        codelist = self.codelists(component.codelist)
        codes = self.codes(component)
        value = _text(component.id)
        if self.is_compound(component) or component.most != 1:
            alternatives = "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
            between = "[;,| ]?" if component.most != 1 else ""
            check: Expression = Call("matches", (value, Text(f"({alternatives})({between}({alternatives}))*")))
            text = f"{component.id} is one or more codes of {component.codelist}"
        else:
            check = In(value, tuple(Text(code) for code in codes))
            text = f"{component.id} is a code of {component.codelist}"
        mend = f"write a code of {component.codelist}"
        return self.rule("SS04", component.id, Holds(check), text, mend, "CODE", component.names,
                         self.filled(component), list=component.codelist, standing=codelist.standing)  # fmt: skip

    def codes(self, component: Component) -> tuple[str, ...]:
        """Return the codes that may stand; in tables of ours a dimension may be a total."""
        if component.codelist in self.structure.codelists:
            return self.codelists(component.codelist).ids
        return tuple(dict.fromkeys([*self.codelists(component.codelist).ids,
                                    *allowed(component, self.structure, self.codelists)]))  # fmt: skip

    def is_compound(self, component: Component) -> bool:
        """Tell whether the codes of a component may be joined: Eurostat's flags are, all of one letter."""
        if component.id in self.compound:
            return True
        return component.id == FLAGS and all(len(code) == 1 for code in self.codelists(component.codelist).ids)

    def formed(self, component: Component) -> Iterator[Rule]:
        """Yield the rules on type and facets; those of the time dimension are on time."""
        timely = component.id == TIME_PERIOD and component.role == "dimension"
        format = format_of(component)
        if timely and format not in TIMES:
            pattern = TIMES["ObservationalTimePeriod"]
            found: tuple[Expression, str] | None = (
                Call("matches", (_text(component.id), Text(pattern))), "an ObservationalTimePeriod",
            )  # fmt: skip
        else:
            found = facets(component)
        if found is None:
            return
        check, words = found
        aspect = "SS09" if timely else "SS08"
        mend = "write it as 2020, 2020-Q1, 2020-03 or 2020-03-31, as the structure asks" if timely else "mend the value"
        text = f"{component.id} is {words}"
        yield self.rule(aspect, component.id, Holds(check), text, mend, "FORMAT", component.names,
                        self.filled(component), facets=words)  # fmt: skip
        if timely and FREQ in self.known:
            yield self.of_frequency(component, check)

    def of_frequency(self, component: Component, formed: Expression) -> Rule:
        """Return the rule that a period is one of the frequency, judged where it is a period at all."""
        asked = tuple(
            implies(
                Call("matches", (_text(FREQ), Text(f"{code}[0-9_]*"))),
                Call("matches", (_text(component.id), Text(pattern))),
            )
            for code, pattern in FREQUENCIES.items()
        )
        when = And((Not(IsMissing(_text(FREQ))), Not(IsMissing(_text(component.id))), formed))
        text = f"{component.id} is a period of {FREQ}"
        mend = f"write a period of the frequency, or mend {FREQ}"
        return self.rule("SS09", component.id, Holds(And(asked)), text, mend, "FREQUENCY", component.names,
                         _both(self.living("D"), when), suffix=FREQ)  # fmt: skip

    def keys(self) -> Iterator[Rule]:
        """Yield the rule that a key stands once."""
        key = tuple(one.id for one in self.dimensions)
        if key:
            mend = "keep one of the observations, or mend the dimension that tells them apart"
            text = f"unique: {', '.join(key)}"
            yield self.rule("SS07", "(key)", Unique(key), text, mend, "KEY", {}, self.living("D"), id="SS07")

    def region(self, one: Allowed) -> Rule:
        """Return the rule of a cube region; a value that is no code is told once, by SS04."""
        there = [self.is_code(name) for name in one.columns]
        when = _both(self.living("D"), And(tuple(there)) if len(there) > 1 else there[0])
        names = self.structure[one.component].names if one.component in self.structure else {"en": one.component}
        mend = "leave the row out, or ask for another agreement"
        return self.rule("SS10", one.component, Holds(one.check), one.text, mend, "REGION",
                         names, when, id=f"SS10.{one.id}", constraint=one.id.partition(".")[0])  # fmt: skip

    def is_code(self, name: str) -> Expression:
        """Return whether the value of a component is there, and is one of its codes where it has a list."""
        component = next((one for one in self.structure.components if one.id == name), None)
        if component is not None and component.coded and not self.is_compound(component) and component.most == 1:
            found = In(_text(name), tuple(Text(code) for code in self.codes(component)))
            return And((Not(IsMissing(_text(name))), found))
        return Not(IsMissing(_text(name)))

    def series(self, one: Allowed) -> Rule:
        """Return the rule of a set of keys."""
        self.found.keys |= one.keys
        there = tuple(Not(IsMissing(_text(name))) for name in one.columns)
        when = _both(self.living("D"), And(there) if len(there) > 1 else there[0])
        mend = "leave the series out, or ask for another agreement"
        return self.rule("SS11", "(series)", Holds(one.check), one.text, mend, "SERIES",
                         {}, when, id=f"SS11.{one.id}", severity=Severity.WARNING,
                         look_ups=one.look_ups, constraint=one.id.partition(".")[0])  # fmt: skip

    def level(self, component: Component) -> Iterator[Rule]:
        """Yield the rule that an attribute is the same in all that it is attached to."""
        if component.attached is None or component.id not in self.known:
            return
        within = tuple(name for name in component.attached if name in self.known)
        if len(within) < len(component.attached):
            return
        if within:
            check: Check = Determines(within, component.id)
            text = f"{component.id} has one value for each {', '.join(within)}"
        else:
            one = Compare("<=", Call("distinct", (Name(component.id),)), Number(1, "1"))
            check, text = Group((), one), f"{component.id} has one value in the whole message"
        mend = "give it one value there, or attach it to observations in the structure"
        yield self.rule("SS12", component.id, check, text, mend, "LEVEL", component.names, self.living("D"),
                        missing="ignore", within=", ".join(within) or "the message")  # fmt: skip

    def totals(self) -> Iterator[Rule]:
        """Yield the rules on totals: of each measure, over each coded dimension whose list is a tree or has a total."""
        if self.tolerance is None:
            return
        for measure in self.structure.with_role("measure"):
            for dimension in self.dimensions:
                if measure.id not in self.known or dimension.id not in self.known or not dimension.coded:
                    continue
                codelist = self.codelists(dimension.codelist)
                if all(code.parent is None for code in codelist) and not has_total(codelist):
                    continue
                within = tuple(one.id for one in self.dimensions if one.id != dimension.id and one.id in self.known)
                check = Parts(measure.id, dimension.id, dimension.codelist, within, self.tolerance)
                text = (
                    f"{measure.id} of each total of {dimension.id} is the sum of its parts, within {self.tolerance:g}"
                )
                mend = "mend the total or its parts, or raise the tolerance where figures are rounded"
                yield self.rule("SS13", dimension.id, check, text, mend, "TOTAL", dimension.names, self.living("D"),
                                id=f"SS13.{measure.id}.{dimension.id}")  # fmt: skip

    def filled(self, component: Component) -> Expression:
        """Return where there is a value to judge."""
        there: Expression = Not(IsMissing(_text(component.id)))
        return _both(self.living("D"), there) or there

    def living(self, *dead: str) -> Expression | None:
        """Return which rows are judged, by what is done with them; None where all are."""
        met = tuple(Text(one) for one in dead if one in self.actions)
        return Not(In(Name(ACTION), met)) if met and ACTION in self.known else None

    def whole(self, holds: bool) -> Group:
        """Return a check of the file as a whole, whose verdict is known already."""
        return Group((), Compare(">=" if holds else "<", Call("count", ()), Number(0, "0")))

    def rule(
        self,
        aspect: str,
        component: str,
        check: Check,
        text: str,
        mend: str,
        name: str,
        names: Mapping[str, str],
        when: Expression | None = None,
        *,
        id: str = "",
        suffix: str = "",
        severity: Severity = Severity.ERROR,
        look_ups: tuple[LookUp, ...] = (),
        missing: str = "undecided",
        standing: str = "",
        **words: str,
    ) -> Rule:
        structure = self.structure
        parts = [aspect, component, suffix]
        return Rule(
            id=id or ".".join(part for part in parts if part),
            check=check,
            text=text,
            place=Place(structure.id),
            names=names_of(name, dict(names) or {"en": component}, **words),
            component=component,
            severity=severity,
            missing=missing,  # type: ignore[arg-type]
            when=when,
            look_ups=look_ups,
            origin=f"{structure.agency}:{structure.id}({structure.version})",
            standing=standing,
            mend=mend,
        )


def has_total(codelist: Codelist) -> bool:
    """Tell whether a list has a code for the total of all others."""
    return TOTAL in codelist or any(one in codelist and "otal" in codelist.label(one) for one in TOTALS)


def _text(name: str) -> Expression:
    return Call("text", (Name(name),))


def _both(one: Expression | None, other: Expression | None) -> Expression | None:
    if one is None or other is None:
        return one or other
    return And((one, other))


def _nearest(name: str, known: Sequence[str]) -> str:
    return next(iter(get_close_matches(name.upper(), known, n=1)), "")
