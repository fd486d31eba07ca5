"""Rules that come by themselves: codes, types, bounds, what must be given, what does not apply, and the key."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from migstat.words.codelist import LANGUAGES, Codelist
from migstat.words.expression import (
    Between,
    Call,
    Compare,
    Expression,
    In,
    IsMissing,
    Name,
    Not,
    Number,
    Text,
    names,
)
from migstat.words.finding import Place
from migstat.words.missing import KINDS, MISSING_SUFFIX, NOT_APPLICABLE, NOT_COLLECTED, TOTAL
from migstat.words.rule import Check, Holds, MissingPolicy, Rule, Unique
from migstat.words.structure import Component, Structure
from migstat.work.validate.rule_names import label

DATE = (
    "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29"
)
"""The days of the Gregorian calendar, written as 2019-03-31."""


def structure_rules(
    structure: Structure, codelists: Callable[[str], Codelist], columns: Sequence[str]
) -> tuple[Rule, ...]:
    """Return the rules that a structure and its codelists bring, for data that have these columns.

    ``X.CODE`` the value is of the codelist; ``X.TYPE`` and ``X.RANGE`` the number or date is one, and within bounds;
    ``X.REQUIRED`` and ``X.MISSING`` nothing is blank, in records not without a kind of missing; ``X.KIND`` the reason
    of absence is a kind of missing; ``X.UNIVERSE`` not applicable is said exactly where it does not apply;
    ``KEY.UNIQUE`` the key names a row once. A required component that has no column fails in every row. Each rule is
    judged only where there is a value to judge, so that a blank fails one rule and no more.

    >>> from migstat.words.codelist import Code
    >>> sex = Codelist("CL_SEX", (Code("F", {"en": "Female"}), Code("M", {"en": "Male"})))
    >>> asked = Component("SEX", "SEX", "dimension", "code", "CL_SEX", required=True, names={"en": "Sex"})
    >>> person = Structure("P", "record", "1.0", {}, "", "person", ("ROW",), (asked,))
    >>> for rule in structure_rules(person, {"CL_SEX": sex}.__getitem__, ["SEX", "ROW"]):
    ...     print(rule.id, rule.name())
    SEX.CODE Sex: a code of CL_SEX
    SEX.REQUIRED Sex: must be given
    KEY.UNIQUE The key names each row once: ROW
    """
    known = frozenset(columns)
    found = [
        rule
        for component in structure.components
        for rule in _Maker(component, structure, codelists, known).rules(columns)
    ]
    key = structure.key
    if key and known.issuperset(key):
        made = Rule(
            id="KEY.UNIQUE",
            check=Unique(key),
            text=f"unique: {', '.join(key)}",
            place=Place(structure.id),
            names={language: label("UNIQUE", language, key=", ".join(key)) for language in LANGUAGES},
            component=key[-1],
            origin=_reference(structure),
            mend="keep one of the rows, or mend the columns that tell them apart",
        )
        found.append(made)
    return tuple(found)


def allowed(component: Component, structure: Structure, codelists: Callable[[str], Codelist]) -> tuple[str, ...]:
    """Return the codes that may stand in a column: totals are of tables only, kinds of missing of every record."""
    codes = [code for code in codelists(component.codelist).ids if code != TOTAL]
    if structure.kind == "record":
        return tuple(dict.fromkeys([*codes, *KINDS]))
    return tuple(dict.fromkeys([*codes, NOT_APPLICABLE, TOTAL])) if component.role == "dimension" else tuple(codes)


class _Maker:
    """Makes the rules of one component."""

    def __init__(
        self,
        component: Component,
        structure: Structure,
        codelists: Callable[[str], Codelist],
        known: frozenset[str],
    ) -> None:
        self.component, self.structure, self.codelists, self.known = component, structure, codelists, known
        self.of_records = structure.kind == "record"
        self.kind_column = component.id + MISSING_SUFFIX

    def rules(self, columns: Sequence[str]) -> Iterator[Rule]:
        """Yield the rules of the component, or of each column where it repeats."""
        component = self.component
        if component.repeats:
            for name in columns:
                if name.removeprefix(f"{component.id}_").isdecimal():
                    yield from self.typed(name)
            return
        id = component.id
        if id in self.known:
            if component.coded:
                yield self.coded()
            else:
                yield from self.typed(id)
        yield from self.given()
        if component.applies is not None:
            yield from self.universe(component.applies)

    def coded(self) -> Rule:
        id, codelist = self.component.id, self.component.codelist
        codes = allowed(self.component, self.structure, self.codelists)
        check = In(Call("text", (Name(id),)), tuple(Text(code) for code in codes))
        list = self.codelists(codelist)
        return self.rule(
            "CODE",
            check,
            f"{id} is a code of {codelist}",
            f"write a code of {codelist}, or mend the rule for {id} in the mapping",
            when=Not(IsMissing(Call("text", (Name(id),)))),
            origin=list.source,
            standing=list.standing,
            list=codelist,
        )

    def typed(self, name: str) -> Iterator[Rule]:
        """Yield the rules on type and bounds; what is no number is not judged by its bounds too."""
        component = self.component
        column, there = Name(name), Not(IsMissing(Name(name)))
        type = component.type
        if type == "date":
            check: Expression = Call("matches", (Call("text", (column,)), Text(DATE)))
            yield self.rule(
                "TYPE", check, f"{name} is a date", "write it as 2019-03-31", when=there, named="date", of=name
            )
        elif type == "number":
            check, mend = Not(IsMissing(Call("number", (column,)))), "write digits and a point"
            yield self.rule("TYPE", check, f"{name} is a number", mend, when=there, named="number", of=name)
        elif type in ("integer", "year"):
            check, mend = Compare("=", Call("floor", (column,)), Call("number", (column,))), "write digits only"
            yield self.rule(
                "TYPE", check, f"{name} is a whole number", mend, when=there, named=type, of=name, missing="fail"
            )
        bounds = _within(name, component.minimum, component.maximum)
        if bounds is not None:
            numeric = Not(IsMissing(Call("number", (column,))))
            low, high = (f"{one:g}" if one is not None else "" for one in (component.minimum, component.maximum))
            text = (
                f"{name} between {low} and {high}"
                if low and high
                else f"{name} >= {low}"
                if low
                else f"{name} <= {high}"
            )
            mend = f"look the value up in the source, and mend it there; the bounds are those of {self.structure.id}"
            named = "both" if low and high else "low" if low else "high"
            yield self.rule("RANGE", bounds, text, mend, when=numeric, named=named, of=name, low=low, high=high)

    def given(self) -> Iterator[Rule]:
        """Yield the rules on blanks."""
        component, id = self.component, self.component.id
        kinds = self.of_records and not component.coded
        if kinds and self.kind_column in self.known:
            kind = Name(self.kind_column)
            check: Expression = In(kind, tuple(Text(code) for code in KINDS))
            mend = f"write one of {', '.join(KINDS)}"
            yield self.rule("KIND", check, f"{kind.name} is a kind of missing", mend, when=Not(IsMissing(kind)))
            if id in self.known:
                check = Compare("=", IsMissing(Name(id)), Not(IsMissing(kind)))
                mend = f"give {id}, or say in {kind.name} why there is none, and not both"
                yield self.rule("MISSING", check, f"{id} is absent exactly where {kind.name} says why", mend)
                return
        if component.required:
            mend = f"give {id} in every row"
            mend += ", or a kind of missing such as _N" if self.of_records and component.coded else ""
            yield self.rule("REQUIRED", self.present(), f"{id} is given", mend)
        elif self.of_records and component.coded and id in self.known:
            mend = f"write a kind of missing: one of {', '.join(KINDS)}"
            yield self.rule("MISSING", self.present(), f"{id} is not blank", mend)

    def present(self) -> Expression:
        column = Name(self.component.id)
        if self.component.coded and self.component.id in self.known:
            return Not(IsMissing(Call("text", (column,))))
        return Not(IsMissing(column))

    def universe(self, applies: Expression) -> Iterator[Rule]:
        """Yield the rule that says where not applicable must stand: nowhere in its universe, everywhere else."""
        component = self.component
        name = component.id if component.coded else self.kind_column
        if not self.of_records or not self.known.issuperset((name, *names(applies))):
            return
        column = Name(name)
        reason = Call("text", (column,)) if component.coded else Call("coalesce", (column, Text("")))
        when = Compare("<>", reason, Text(NOT_COLLECTED))
        check = Compare("=", Compare("=", reason, Text(NOT_APPLICABLE)), Not(applies))
        text = f"{component.id} is {NOT_APPLICABLE} exactly where not ({component.universe})"
        mend = f"write {NOT_APPLICABLE} where it does not hold that {component.universe}, and only there"
        yield self.rule("UNIVERSE", check, text, mend, when=when, universe=component.universe)

    def rule(
        self,
        aspect: str,
        check: Expression,
        text: str,
        mend: str,
        *,
        when: Expression | None = None,
        named: str = "",
        of: str = "",
        missing: MissingPolicy = "undecided",
        origin: str = "",
        standing: str = "",
        **words: str,
    ) -> Rule:
        component = self.component
        holds: Check = Holds(check)
        return Rule(
            id=f"{of or component.id}.{aspect}",
            check=holds,
            text=text,
            place=Place(self.structure.id),
            names=_labels(component, of, f"{aspect}.{named}" if named else aspect, words),
            description=component.description,
            component=component.id,
            missing=missing,
            when=when,
            origin=origin or _reference(self.structure),
            standing=standing,
            mend=mend,
        )


def _labels(component: Component, of: str, aspect: str, words: Mapping[str, str]) -> dict[str, str]:
    number = of.removeprefix(component.id).replace("_", " ")
    english = component.names.get("en", component.id)
    return {
        language: label(aspect, language, name=component.names.get(language, english) + number, **words)
        for language in LANGUAGES
    }


def _within(name: str, low: float | None, high: float | None) -> Expression | None:
    ends = [Number(end, f"{end:g}") if end is not None else None for end in (low, high)]
    match ends:
        case [Number() as least, Number() as most]:
            return Between(Name(name), least, most)
        case [Number() as least, _]:
            return Compare(">=", Name(name), least)
        case [_, Number() as most]:
            return Compare("<=", Name(name), most)
    return None


def _reference(structure: Structure) -> str:
    return f"{structure.agency}:{structure.id}({structure.version})"
