"""Rules against the structure: components, codes, bands, and what each kind of rule can fill."""

import datetime
import re
from itertools import pairwise

from migstat.words import missing
from migstat.words.codelist import Codelist
from migstat.words.expression import names
from migstat.words.expression_text import print_expression
from migstat.words.mapping import COLUMN, Target
from migstat.words.mapping_rule import (
    Band,
    Cases,
    Compute,
    Copy,
    DateRule,
    Fixed,
    Line,
    NotCollected,
    Patterns,
    Pseudonym,
    Recode,
    Rule,
    columns,
    leaves,
)
from migstat.words.structure import Component
from migstat.work.lint.check import KINDS_OF_VALUE, Check, out_of_bounds
from migstat.work.lint.conditions import check_condition, check_names, check_reach, check_value
from migstat.work.lint.lines import check_lines
from migstat.work.lint.patterns import check_patterns

AREAS = ("CL_AREA", "CL_COUNTRY_BIRTH", "CL_CITIZENSHIP")
FORMER = {
    "SUHH": r"\bu\.?s\.?s\.?r\b|\bsoviet union\b",
    "SFRY_890": r"\byugoslavia\b",
    "CSHH": r"\bczechoslovakia\b",
    "CSXX": r"\bserbia (and|&) montenegro\b",
    "ANHH": r"\b(netherlands|dutch) antilles\b",
}
"""Former states of several successors, as sources name them."""


def check_targets(check: Check) -> None:
    """Check every rule, and that every required component has one."""
    mapping, structure = check.mapping, check.structure
    with_rule = {target.component for target in mapping.targets}
    for component in structure.components:
        derived = {other.id for other in structure.components if other.derived_from == component.id}
        free = component.filled_by or component.derived_from or not component.required
        if not free and component.id not in with_rule and not derived & with_rule:
            mend = f"write a rule, or {component.id}: {{not_collected: why}}"
            check.error(
                mapping.place, component.id, f"{structure.id} requires {component.id}, and no rule fills it", mend
            )
    check_columns(check)
    for target in mapping.targets:
        if target.component in structure:
            check_target(check, target, structure[target.component])
        else:
            what = f"{structure.id} has no component {target.component}"
            check.error(target.place, target.component, what, check.nearest(target.component, structure.ids))
    _claims(check)


def check_columns(check: Check) -> None:
    """Check every column that is made first, and that something reads it."""
    mapping = check.mapping
    read = {name for target in (*mapping.columns, *mapping.targets) for name in columns(target.rule)}
    read |= {name for target in mapping.targets if target.universe is not None for name in names(target.universe)}
    read |= {name for keep in mapping.keep for name in (names(keep.when) if keep.when is not None else (keep.column,))}
    for made, column in zip(mapping.made, mapping.columns, strict=True):
        check_target(check, made, Component(made.component, column.component, "attribute", "text"))
        if column.component not in read:
            check.warn(made.place, made.component, "no rule reads it", "remove it, or write the rule that reads it")


def check_target(check: Check, target: Target, component: Component) -> None:
    """Check the rule of one component."""
    if component.filled_by and not (component.filled_by == "source.area" and check.mapping.of_many_areas):
        what = f"{component.id} is filled from {component.filled_by}, and the rule takes its place"
        check.warn(target.place, component.id, what, "remove the rule")
    if target.universe is not None:
        check_condition(check, component.id, target.universe, target.place, "universe")
        check_names(check, component.id, target.universe, target.place)
    _cases(check, component.id, target.rule)
    for rule in leaves(target.rule):
        _rule(check, component, rule, target)


def _cases(check: Check, component: str, rule: Rule | None) -> None:
    if isinstance(rule, Cases):
        check_reach(check, component, rule)
        for arm in rule.arms:
            check_condition(check, component, arm.when, arm.place, "when")
            check_names(check, component, arm.when, arm.place)
            _cases(check, component, arm.rule)
        _cases(check, component, rule.otherwise)


def _rule(check: Check, component: Component, rule: Rule, target: Target) -> None:
    id = component.id
    lines: tuple[Line, ...] = ()
    match rule:
        case Fixed(missing.NOT_COLLECTED, place) if target.rule is rule:
            check.error(place, id, "fixed: _X hides why there is no value", f"write {id}: {{not_collected: why}}")
        case Fixed(value, place):
            check.code(component, value, place)
        case Copy():
            lines = rule.lines
            _copy(check, component, rule)
        case Recode():
            lines = rule.lines
            if rule.otherwise is not None:
                check.code(component, rule.otherwise.code, rule.otherwise.place, of="else: ")
        case Patterns():
            check_patterns(check, component, rule)
        case Band():
            lines = rule.lines
            _band(check, component, rule)
        case DateRule():
            lines = rule.lines
            if component.type not in {"date", "text"}:
                what = f"a date cannot fill {id}, which is {KINDS_OF_VALUE[component.type]}"
                mend = "copy the column of the year" if component.type == "year" else "write a recode"
                check.error(rule.place, id, what, mend)
        case Compute():
            _compute(check, component, rule)
        case Pseudonym():
            lines = rule.lines
            if component.type != "text":
                what = f"a pseudonym is a text, and {id} is {KINDS_OF_VALUE[component.type]}"
                check.error(rule.place, id, what, "write PERSON_ID: {pseudonym: [PASSPORT], key: PERSON_KEY}")
        case NotCollected() | Cases():
            pass
    told: set[tuple[str, str]] = set()
    for line in lines:
        fault = check.code_fault(component, line.code)
        if fault[0] and (line.code, line.place.file) not in told:
            told.add((line.code, line.place.file))
            check.error(line.place, id, *fault)
    check_lines(check, id, lines, _dates(check))
    if component.codelist in AREAS:
        _former(check, id, lines)
    if component.codelist in AREAS and check.structure.kind == "record":
        _regions(check, component, lines, target)


def _compute(check: Check, component: Component, rule: Compute) -> None:
    """Check that an expression gives what the component holds; a column made first may hold a condition too."""
    kind = check_value(check, component.id, rule.expression, rule.place)
    check_names(check, component.id, rule.expression, rule.place)
    is_column = component.id.startswith(COLUMN.format(""))
    held = {"code": "text", "text": "text", "integer": "number", "number": "number", "year": "number"}
    wanted = held.get(component.type)
    if wanted is None:
        what = f"an expression gives no date, and {component.id} is one"
        check.error(rule.place, component.id, what, "make a column of the parts first, and read it with date")
    elif kind == "truth" and not is_column:
        text = print_expression(rule.expression)
        mend = "write cases: [{when: ..., give: CODE}, {else: CODE}]"
        check.error(rule.place, component.id, f"compute gives a condition, {text}, and no value", mend)
    elif kind not in {"any", "truth", wanted} and not (kind == "number" and component.type == "text"):
        what = f"compute gives {KINDS_OF_VALUE[kind]}, and {component.id} is {KINDS_OF_VALUE[component.type]}"
        check.error(rule.place, component.id, what, f"write an expression that gives {KINDS_OF_VALUE[wanted]}")
    for line in rule.lines:
        what, mend = check.code_fault(component, line.code)
        if what:
            check.error(line.place, component.id, what, mend)


def _dates(check: Check) -> tuple[datetime.date, ...]:
    source = check.mapping.source
    dates = [wave.date for wave in check.mapping.waves] or [source.date]
    return () if source.date_rule is not None else tuple(date for date in dates if date)


def _copy(check: Check, component: Component, rule: Copy) -> None:
    id = component.id
    if component.type == "date":
        mend = f"write {{from: {rule.column}, date: yyyy-mm-dd}}"
        check.error(rule.place, id, f"{id} is a date, and the rule does not say how {rule.column} writes it", mend)
    for key, value in (("top", rule.top), ("divide_by", rule.divide_by)):
        if value is not None and component.type not in {"integer", "number", "year"}:
            check.error(
                rule.place, id, f"{key} is for numbers, and {id} is {KINDS_OF_VALUE[component.type]}", f"remove {key}"
            )
    if rule.top is None:
        return
    what, mend = out_of_bounds(component, rule.top)
    if what:
        check.error(rule.place, id, f"top: {what}", mend)
    for derived in check.structure.components:
        if derived.derived_from == id and derived.coded and check.mapping.target(derived.id) is None:
            codelist = check.codelists(derived.codelist)
            code = f"Y_GE{rule.top}"
            if not what and code not in codelist:
                mend = f"write a rule for {derived.id}: {{from: {rule.column}, band: [...]}}"
                check.error(rule.place, id, f"top: {codelist.id} has no class {code} for {derived.id}", mend)


def _band(check: Check, component: Component, rule: Band) -> None:
    if not component.coded:
        what = f"band gives classes of a codelist, and {component.id} is {KINDS_OF_VALUE[component.type]}"
        check.error(rule.place, component.id, what, f"write {{from: {rule.column}}}")
        return
    codelist = check.codelists(component.codelist)
    classes: list[tuple[float, float, str]] = []
    for code in rule.codes:
        what, mend = check.code_fault(component, code)
        bounds = codelist.bounds(code) if code in codelist else None
        if what:
            check.error(rule.place, component.id, f"band: {what}", mend)
        elif bounds is None:
            what = f"band: {code} has no bounds in {codelist.id}"
            mend = "list classes of numbers; a kind of missing goes under not_stated or unknown"
            check.error(rule.place, component.id, what, mend)
        else:
            low, high = bounds
            classes.append((float("-inf") if low is None else low, float("inf") if high is None else high, code))
    classes.sort()
    for (_, end, first), (start, _, second) in pairwise(classes):
        if start <= end:
            check.error(rule.place, component.id, f"band: {first} and {second} overlap", "keep one of the two")
        elif start > end + 1:
            what = f"band: no class holds {end + 1:g} to {start - 1:g}, between {first} and {second}"
            check.warn(rule.place, component.id, what, f"list the class of {end + 1:g}; rows without one are rejects")


def _former(check: Check, component: str, lines: tuple[Line, ...]) -> None:
    """Warn where a former state of several successors is given to one of them."""
    named = [line for line in lines if line.label]
    historic = _codelist(check, "CL_AREA_HIST") if named else None
    if historic is None:
        return
    split = {code.id: after for code in historic if len(after := _successors(code.attributes)) > 1}
    names = {name.casefold(): id for id in split for name in historic[id].names.values()}
    for line in named:
        label = line.label.casefold()
        spelt = next((id for id, pattern in FORMER.items() if id in split and re.search(pattern, label)), "")
        former = names.get(label, spelt)
        if former and line.code in split[former]:
            what = f"'{line.values[0]}' ({line.label}) is {former}, which had {len(split[former])} successors; "
            mend = f"write {former}, or say in the label why it is {line.code} alone"
            check.warn(line.place, component, f"{what}{line.code} is one of them", mend)


def _successors(attributes: object) -> frozenset[str]:
    said = dict(attributes)  # type: ignore[call-overload]
    text = said.get("terminal_successors") or said.get("successors") or ""
    return frozenset(part.split("@")[0] for part in re.split(r"[|\s]+", text) if part)


def _regions(check: Check, component: Component, lines: tuple[Line, ...], target: Target) -> None:
    """Warn where a whole region is said to be an exact match."""
    codelist = check.codelists(component.codelist)
    for line in lines:
        if line.match == target.match == "exact" and line.code in codelist:
            kind = codelist[line.code].attributes.get("kind", "")
            if kind == "region":
                what = f"{line.code} ({codelist.label(line.code)}) is a region, and the line says that it is exact"
                check.warn(line.place, component.id, what, "write match: broader with because")


def _codelist(check: Check, id: str) -> Codelist | None:
    try:
        return check.codelists(id)
    except (KeyError, ValueError):
        return None


def _claims(check: Check) -> None:
    """Warn where one value of a column is absent for two different reasons in two rules."""
    said: dict[tuple[str, str], tuple[str, Line, str]] = {}
    for target in check.mapping.targets:
        for rule in leaves(target.rule):
            lines = rule.lines if isinstance(rule, Copy | Recode | Band | DateRule) else ()
            reads = columns(rule)
            for line in lines if len(reads) == 1 else ():
                if line.code not in missing.KINDS or line.valid_from or line.valid_to:
                    continue
                key = (reads[0], line.values[0])
                code, first, other = said.setdefault(key, (line.code, line, target.component))
                if code != line.code and other != target.component:
                    value = f"'{line.values[0]}'" if line.values[0] else "a blank"
                    what = f"{value} of {reads[0]} is {line.code} here, and {code} for {other} in {first.place}"
                    mend = "write the same kind of missing in both, unless the source says otherwise"
                    check.warn(line.place, target.component, what, mend)
