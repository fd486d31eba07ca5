"""Formulas: rules as conditions over variables of few cells; what is not understood may be true, false or unknown."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from migstat.words.codelist import Codelist
from migstat.words.expression import (
    AGGREGATES,
    PREVIOUS,
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Expression,
    In,
    IsMissing,
    Name,
    Not,
    Number,
    Or,
    names,
    walk,
)
from migstat.words.expression_text import print_expression
from migstat.words.missing import KINDS, MISSING_SUFFIX, NOT_APPLICABLE, TOTAL
from migstat.words.rule import Holds, Rule
from migstat.words.structure import Component, Structure
from migstat.work.reason.candidates import Domain, domain_of, literal, simple
from migstat.work.reason.cells import ALWAYS, FALSE, TRUE, UNKNOWN, Domains, Formula, Gate, Variable, possible, reads

FREE = Domain("free")
TEXT, NUMBER = Domain("text"), Domain("number")
BEYOND = frozenset({*AGGREGATES, PREVIOUS})
"""Functions of other rows."""
_NUMERIC = frozenset({"number", "length", "floor", "round", "abs", "year", "months_between"})
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A rule as two formulas."""

    rule: Rule
    when: Formula
    check: Formula
    variables: frozenset[str]
    """The variables that its verdict hangs on."""

    def verdicts(self, domains: Domains, variables: Mapping[str, Variable]) -> int:
        """Return the verdicts that are possible: TRUE for pass or not applicable, FALSE for fail, UNKNOWN."""
        applies = possible(self.when, domains, variables)
        found = (TRUE if applies & FALSE else 0) | (UNKNOWN if applies & UNKNOWN else 0)
        if applies & TRUE:
            holds = possible(self.check, domains, variables)
            found |= holds & (TRUE | FALSE)
            if holds & UNKNOWN:
                found |= {"undecided": UNKNOWN, "fail": FALSE}.get(self.rule.missing, TRUE)
        return found


@dataclass(slots=True)
class Space:
    """The variables of some rules. ``domains`` are those of columns; a column without one holds text."""

    domains: Mapping[str, Domain]
    variables: dict[str, Variable] = field(default_factory=dict)

    def rule(self, rule: Rule) -> Reasoned:
        """Return a rule as formulas; what is looked up, counted or put in order is given up."""
        when = self.formula(rule.when, rule) if rule.when is not None else ALWAYS
        check = self.formula(rule.check.expression, rule) if isinstance(rule.check, Holds) else self.free(rule.id)
        return Reasoned(rule, when, check, reads(when) | reads(check))

    def formula(self, expression: Expression, rule: Rule) -> Formula:
        """Return a condition as a formula."""
        read = names(expression)
        if any(name.partition(".")[0] in {one.alias for one in rule.look_ups} for name in read):
            return self.parted(expression, rule) or self.free(f"{rule.id}: {print_expression(expression)}", expression)
        if len(read) == 1 and self.domain(read[0]).values is not None and not _reaches_out(expression):
            return self.variable(read[0], read, self.domain(read[0])).ask(expression, expression)
        return self.parted(expression, rule) or self.atom(expression)

    def parted(self, expression: Expression, rule: Rule) -> Formula | None:
        """Return the formula of what joins conditions, or None for other things."""
        match expression:
            case And(items):
                return Gate("all", tuple(self.formula(item, rule) for item in items))
            case Or(items):
                return Gate("any", tuple(self.formula(item, rule) for item in items))
            case Not(item):
                return Gate("no", (self.formula(item, rule),))
            case Between(item, low, high):
                ends = (Compare(">=", item, low), Compare("<=", item, high))
                return Gate("all", tuple(self.formula(end, rule) for end in ends))
            case Compare("=" | "<>" as op, left, right) if _condition(left) and _condition(right):
                one, other = self.formula(left, rule), self.formula(right, rule)
                both = Gate("all", (one, other)), Gate("all", (Gate("no", (one,)), Gate("no", (other,))))
                return Gate("any", both) if op == "=" else Gate("no", (Gate("any", both),))
        return None

    def atom(self, expression: Expression) -> Formula:
        """Return a comparison as an atom over its column, or over the term it compares."""
        read = names(expression)
        if simple(expression):
            return self.variable(read[0], read, self.domain(read[0])).ask(expression, expression)
        if not read or _reaches_out(expression):
            return self.free(print_expression(expression), expression)
        match expression:
            case Compare(op, left, right):
                terms = self.line(left), self.line(right)
                both = isinstance(left, Name) and isinstance(right, Name)
                numeric = any(isinstance(side, Arithmetic | Number) for side in (left, right)) or all(
                    self.domain(name).kind == "number" for name in read
                )
                if terms[0] is not None and terms[1] is not None and (numeric or both):
                    return self.linear(expression, op, _minus(terms[0], terms[1]), numeric)
                if literal(left) or literal(right):
                    term = self.term(right if literal(left) else left)
                    name = Name(term.key)
                    sides = (left, name) if literal(left) else (name, right)
                    return term.ask(expression, Compare(op, *sides))
            case In(item, members):
                term = self.term(item)
                return term.ask(expression, In(Name(term.key), members))
            case IsMissing(item):
                term = self.term(item)
                return term.ask(expression, IsMissing(Name(term.key)))
        return self.free(print_expression(expression), expression)

    def term(self, expression: Expression) -> Variable:
        """Return the variable that stands for a sum or function as a whole."""
        numeric = isinstance(expression, Arithmetic) or (
            isinstance(expression, Call) and expression.function in _NUMERIC
        )
        strict = not any(isinstance(node, Call) and node.function in ("if", "coalesce") for node in walk(expression))
        domain = NUMBER if numeric else TEXT
        return self.variable(print_expression(expression), names(expression), domain, strict=strict)

    def linear(self, written: Expression, op: str, line: "_Line", numeric: bool) -> Formula:
        """Return ``line op 0`` as an atom over the sum of its columns, each sum under one name."""
        if not line.parts:
            return self.free(print_expression(written), written)
        first = min(line.parts)
        scale = line.parts[first]
        op = op if scale > 0 else _TURNED[op]
        parts = {name: factor / scale for name, factor in sorted(line.parts.items())}
        bound = Number(float(-line.constant / scale), str(float(-line.constant / scale)))
        if len(parts) == 1 and numeric:
            # A text column that is compared as a number alone is the column itself.
            asked: Expression = Compare(op, Name(first), bound)
            return self.variable(first, (first,), self.domain(first)).ask(asked, asked)
        sign = "number" if numeric else "order"
        key = f"{sign}: " + " + ".join(f"{factor} {name}" for name, factor in parts.items())
        domain = self.reach(parts) if numeric else Domain("number", (-1.0, 0.0, 1.0))
        return self.variable(key, tuple(parts), domain).ask(written, Compare(op, Name(key), bound))

    def reach(self, parts: Mapping[str, Fraction]) -> Domain:
        """Return what a sum can be, from the bounds of its columns."""
        low: float | None = 0.0
        high: float | None = 0.0
        whole = True
        for name, factor in parts.items():
            one = self.domain(name)
            ends = (min(one.values), max(one.values)) if one.kind == "number" and one.values else (one.low, one.high)
            least, most = ends if factor > 0 else ends[::-1]
            low = None if low is None or least is None else low + float(least) * float(factor)
            high = None if high is None or most is None else high + float(most) * float(factor)
            whole = whole and factor.denominator == 1 and (one.whole or _whole(one))
        return Domain("number", None, low, high, whole)

    def line(self, expression: Expression) -> "_Line | None":
        """Return an expression as a sum of columns, each by a factor, or None where it is none."""
        match expression:
            case Number(_, text):
                return _Line({}, Fraction(text))
            case Name(name):
                return _Line({name: Fraction(1)}, Fraction(0))
            case Call("number", (inner,)) if isinstance(inner, Name) and self.domain(inner.name).kind == "number":
                return self.line(inner)
            case Arithmetic(op, left, right):
                one, other = self.line(left), self.line(right)
                if one is None or other is None:
                    return None
                if op in "+-":
                    return _minus(one, other if op == "-" else _times(other, Fraction(-1)))
                if op == "*" and (not one.parts or not other.parts):
                    return _times(other, one.constant) if not one.parts else _times(one, other.constant)
                if op == "/" and not other.parts and other.constant:
                    return _times(one, 1 / other.constant)
        return None

    def free(self, key: str, written: Expression | None = None) -> Formula:
        """Return an atom of which nothing is known."""
        key = f"free: {key}"
        columns = names(written) if written is not None else ()
        return self.variable(key, columns, FREE, strict=False).ask(written or Name(key), Name(key))

    def variable(self, key: str, columns: tuple[str, ...], domain: Domain, *, strict: bool = True) -> Variable:
        """Return the variable of a name, made where it is new."""
        if key not in self.variables:
            self.variables[key] = Variable(key, columns, domain, strict)
        return self.variables[key]

    def domain(self, name: str) -> Domain:
        """Return what a column may hold."""
        return self.domains.get(name, TEXT)

    def cut(self) -> dict[str, tuple[int, ...]]:
        """Cut every variable into cells, and return the domains in which each may be in any of them."""
        for variable in self.variables.values():
            variable.cut()
        return {key: tuple(range(len(one.cells))) for key, one in self.variables.items()}


def structure_domains(structure: Structure | None, codelists: Callable[[str], Codelist]) -> dict[str, Domain]:
    """Return what each column of a structure may hold; columns that repeat are left out."""
    domains: dict[str, Domain] = {}
    for component in structure.components if structure is not None else ():
        if component.repeats or structure is None:
            continue
        domains[component.id] = domain_of(component, structure, codes_of(component, structure, codelists))
        if structure.kind == "record" and not component.coded:
            domains[component.id + MISSING_SUFFIX] = Domain("text", tuple(KINDS))
    return domains


def codes_of(component: Component, structure: Structure, codelists: Callable[[str], Codelist]) -> tuple[str, ...]:
    """Return the codes that may stand in a component, kinds of missing among them."""
    if not component.coded:
        return ()
    codes: Iterable[str] = codelists(component.codelist).ids
    if structure.kind == "record":
        return tuple(dict.fromkeys([*(code for code in codes if code != TOTAL), *KINDS]))
    return tuple(dict.fromkeys([*codes, NOT_APPLICABLE, TOTAL]))


@dataclass(frozen=True, slots=True)
class _Line:
    parts: dict[str, Fraction]
    constant: Fraction


def _minus(one: _Line, other: _Line) -> _Line:
    parts = {name: one.parts.get(name, Fraction(0)) - other.parts.get(name, Fraction(0))
             for name in {*one.parts, *other.parts}}  # fmt: skip
    return _Line({name: factor for name, factor in parts.items() if factor}, one.constant - other.constant)


def _times(one: _Line, factor: Fraction) -> _Line:
    return _Line({name: part * factor for name, part in one.parts.items() if factor}, one.constant * factor)


def _condition(expression: Expression) -> bool:
    """Say whether an expression is true or false, and not a value."""
    if isinstance(expression, Call):
        return expression.function in ("matches", "starts_with", "same_area")
    return isinstance(expression, Compare | In | Between | IsMissing | Not | And | Or)


def _whole(domain: Domain) -> bool:
    return domain.kind == "number" and domain.values is not None


def _reaches_out(expression: Expression) -> bool:
    """Say whether an expression reads more than its own row."""
    return any(isinstance(node, Call) and node.function in BEYOND for node in walk(expression))
