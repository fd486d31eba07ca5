"""What a message is judged by, and the form of a rule on it."""

from collections.abc import Callable, Mapping, Sequence

from migstat.words.codelist import Codelist
from migstat.words.expression import And, Call, Compare, Expression, In, IsMissing, Name, Not, Number, Text
from migstat.words.finding import Place, Severity
from migstat.words.rule import Check, Group, LookUp, Rule
from migstat.words.structure import Component, Structure
from migstat.work.validate.message.names import names_of
from migstat.work.validate.structure_rules import allowed

ACTION = "ACTION"
FLAGS = "OBS_FLAG"
"""The attribute of Eurostat whose value is one letter after the other, each of them a code."""


class Message:
    """A message's columns, with the structure and the codelists that they are judged by."""

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
        """Return a rule on a component, with an id that says which."""
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

    def living(self, *dead: str) -> Expression | None:
        """Return which rows are judged, by what is done with them; None where all are."""
        met = tuple(Text(one) for one in dead if one in self.actions)
        return Not(In(Name(ACTION), met)) if met and ACTION in self.known else None

    def filled(self, component: Component) -> Expression:
        """Return where there is a value to judge."""
        there: Expression = Not(IsMissing(text_of(component.id)))
        return both(self.living("D"), there) or there

    def whole(self, holds: bool) -> Group:
        """Return a check of the file as a whole, whose verdict is known already."""
        return Group((), Compare(">=" if holds else "<", Call("count", ()), Number(0, "0")))

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

    def is_code(self, name: str) -> Expression:
        """Return whether the value of a component is there, and is one of its codes where it has a list."""
        component = next((one for one in self.structure.components if one.id == name), None)
        if component is not None and component.coded and not self.is_compound(component) and component.most == 1:
            found = In(text_of(name), tuple(Text(code) for code in self.codes(component)))
            return And((Not(IsMissing(text_of(name))), found))
        return Not(IsMissing(text_of(name)))


def text_of(name: str) -> Expression:
    """Return the value of a column as text."""
    return Call("text", (Name(name),))


def both(one: Expression | None, other: Expression | None) -> Expression | None:
    """Return a condition that asks for two, of which either may be none."""
    if one is None or other is None:
        return one or other
    return And((one, other))
