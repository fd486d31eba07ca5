"""Naming: whether the components and codes that a rule names exist, and whether it compares like with like."""

import difflib
from collections.abc import Callable, Iterator, Sequence

from migstat.words.codelist import Codelist
from migstat.words.expression import (
    Arithmetic,
    Between,
    Call,
    Compare,
    Expression,
    In,
    Name,
    Number,
    Text,
    walk,
)
from migstat.words.expression_text import print_expression
from migstat.words.finding import Finding
from migstat.words.missing import KINDS, MISSING_SUFFIX, OTHER, TOTAL
from migstat.words.rule import Group, Holds, Rule
from migstat.words.rule import Sequence as InOrder
from migstat.words.structure import Component, Structure
from migstat.work.reason.candidates import literal, written
from migstat.work.reason.formulas import codes_of
from migstat.work.validate.reads import columns_read


def own_rule(rule: Rule, structure: Structure) -> bool:
    """Say whether a rule is one of those that come with the structure: the structure is their place."""
    return rule.place.file == structure.id


def expressions(rule: Rule) -> tuple[Expression, ...]:
    """Return the conditions of a rule."""
    check = (rule.check.expression,) if isinstance(rule.check, Holds | Group | InOrder) else ()
    return check if rule.when is None else (*check, rule.when)


def check_naming(
    rule: Rule, structure: Structure | None, codelists: Callable[[str], Codelist], columns: Sequence[str]
) -> Iterator[Finding]:
    """Yield what a rule names that is not there, and what it compares that cannot be compared."""
    if structure is None:
        return
    yield from _unknown_columns(rule, structure, columns)
    for expression in expressions(rule):
        for node in walk(expression):
            match node:
                case Compare(_, left, right):
                    yield from _compared(rule, node, (left, right), structure, codelists)
                case Between(item, low, high):
                    yield from _compared(rule, node, (item, low, high), structure, codelists)
                case In(item):
                    yield from _compared(rule, node, (item, *written(node)), structure, codelists)
                case Arithmetic(op, left, right):
                    for side in (left, right):
                        component = _component(side, structure)
                        if component is not None and component.type in ("code", "date"):
                            yield _clash(rule, node, component, f"{op} needs numbers")


def _unknown_columns(rule: Rule, structure: Structure, columns: Sequence[str]) -> Iterator[Finding]:
    own = {*structure.ids, *(id + MISSING_SUFFIX for id in structure.ids), *columns}
    repeated = [component.id for component in structure.components if component.repeats]
    aliases = {one.alias: one for one in rule.look_ups}
    looked = [theirs for one in rule.look_ups if one.file == "self" for theirs in one.where]
    for name in (*columns_read(rule), *looked):
        alias, _, theirs = name.partition(".")
        if alias in aliases:
            if aliases[alias].file != "self" or theirs in ("n", ""):
                continue
            wanted = theirs
        else:
            wanted = name
        if wanted in own or any(wanted.startswith(f"{id}_") and wanted[len(id) + 1 :].isdigit() for id in repeated):
            continue
        upper = {id.upper(): id for id in own}
        near = [upper[one] for one in difflib.get_close_matches(wanted.upper(), upper, 3)]
        mend = f"write {' or '.join(near)}" if near else "name a component of the structure, or bring the column along"
        yield Finding(rule.place, rule.component, f"{structure.id} has no component {wanted}", mend, rule=rule.id)


def _compared(
    rule: Rule,
    node: Expression,
    sides: Sequence[Expression],
    structure: Structure,
    codelists: Callable[[str], Codelist],
) -> Iterator[Finding]:
    for side in sides:
        component = _component(side, structure)
        if component is None:
            continue
        whole = isinstance(side, Call)
        for value in sides:
            if value is side or not literal(value):
                continue
            if component.coded:
                yield from _code(rule, node, component, value, structure, codelists, whole)
            elif not whole:
                yield from _typed(rule, node, component, value)


def _component(side: Expression, structure: Structure) -> Component | None:
    """Return the component that a side is, bare or inside ``text``."""
    if isinstance(side, Call) and side.function == "text":
        side = side.arguments[0]
    return structure[side.name] if isinstance(side, Name) and side.name in structure else None


def _code(
    rule: Rule,
    node: Expression,
    component: Component,
    value: Expression,
    structure: Structure,
    codelists: Callable[[str], Codelist],
    whole: bool,
) -> Iterator[Finding]:
    codes = codes_of(component, structure, codelists)
    if isinstance(value, Number):
        if value.text in codes:
            yield _clash(rule, node, component, "codes are text", f"write '{value.text}'")
        elif not any(_numeric(code) for code in codes):
            yield _clash(rule, node, component, "no code of it is a number")
        return
    assert isinstance(value, Text)
    if value.value in KINDS and structure.kind == "record" and not whole:
        mend = f"write {component.id} is missing, or text({component.id}) = '{value.value}' for this kind alone"
        what = f"{value.value} counts as missing, so that the comparison can never be judged"
        yield _clash(rule, node, component, what, mend)
    elif value.value not in codes and value.value not in (OTHER, TOTAL):
        codelist = codelists(component.codelist)
        near = codelist.nearest(value.value)
        mend = f"write {' or '.join(near)}" if near else f"write a code of {codelist.id}"
        what = f"in `{print_expression(node)}`: {codelist.id} has no code {value.value!r}"
        yield Finding(rule.place, component.id, what, mend, rule=rule.id)


def _typed(rule: Rule, node: Expression, component: Component, value: Expression) -> Iterator[Finding]:
    if component.type == "date" and isinstance(value, Number):
        yield _clash(rule, node, component, "a date is no number", f"write year({component.id})")
    elif component.type in ("integer", "year", "number") and isinstance(value, Text) and not _numeric(value.value):
        yield _clash(rule, node, component, f"its values are numbers, and '{value.value}' is text")


def _clash(rule: Rule, node: Expression, component: Component, what: str, mend: str = "") -> Finding:
    text = f"in `{print_expression(node)}`: {component.id} is of type {component.type}; {what}"
    return Finding(rule.place, component.id, text, mend or "compare like with like", rule=rule.id)


def _numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
