"""The rules of a mapping in SDMX's words, where it has them."""

from collections.abc import Iterable

from migstat.words.date_signs import DATE_SIGNS, SERIALS, signs
from migstat.words.epoch import STEPS, epoch_of
from migstat.words.expression_text import print_expression
from migstat.words.finding import Severity
from migstat.words.mapping import Target
from migstat.words.mapping_document import target_document
from migstat.words.mapping_rule import (
    Band,
    Cases,
    Compute,
    Copy,
    DateRule,
    Fixed,
    NotCollected,
    Patterns,
    PatternValue,
    Pseudonym,
    Recode,
    Rule,
    bounds,
)
from migstat.words.mapping_rule import columns as columns_of
from migstat.words.reference import reference
from migstat.words.structure import Component
from migstat.words.structure_map import (
    Annotation,
    ComponentMap,
    DateMap,
    FixedValueMap,
    Period,
    RepresentationMap,
    ValueMapping,
)
from migstat.work.structure_maps.export_lines import (
    ANYTHING,
    SOMETHING,
    case_columns,
    case_lines,
    exact_lines,
    last_day,
    line_note,
)
from migstat.work.structure_maps.making import Export
from migstat.work.structure_maps.notes import LINE, RULE, TARGET, VALUES, note
from migstat.work.structure_maps.numbers import between

PERIODS: tuple[Period, ...] = ("day", "second", "millisecond", "microsecond")


def export_target(made: Export, target: Target, component: Component) -> None:
    """Add what SDMX can say of a rule, with what it cannot in annotations."""
    around: dict[str, object] = {"match": target.match} if target.match != "exact" else {}
    around |= {"because": target.because} if target.because else {}
    around |= {"confidence": target.confidence} if target.confidence else {}
    if target.universe is not None:
        condition = print_expression(target.universe)
        around["universe"] = condition
        what = f"outside the universe ({condition}) the component is _Z, which a reader of SDMX alone will not know"
        made.lose(target.place, component.id, what, "run the map here, or leave those rows out", Severity.WARNING)
    _rule(made, target, component, around)


def _rule(made: Export, target: Target, component: Component, around: dict[str, object]) -> None:
    rule, id = target.rule, component.id
    if made.mapping.sources(columns_of(rule)) != columns_of(rule):
        made.rules[id] = target_document(target)
        what = "SDMX has no words for a column that is made first, which the rule reads"
        made.lose(target.place, id, what, "run the map here", Severity.WARNING)
        return
    match rule:
        case Fixed():
            made.fixed.append(FixedValueMap(id, (rule.value,), rule.place, annotations=_noted(around)))
        case NotCollected():
            around["not_collected"] = rule.because
            made.fixed.append(FixedValueMap(id, ("_X",), rule.place, annotations=_noted(around)))
        case Copy() if _can_copy(rule, component):
            _copy(made, rule, component, around)
        case Recode() if (lines := _recode(made, rule, component)) is not None:
            said: dict[str, object] = {"kind": "recode"}
            said |= {"pad": str(rule.pad)} if rule.pad is not None else {}
            _values(made, target, component, rule.columns, lines, said, around)
        case Patterns():
            lines = [
                ValueMapping(one.values, (one.code,), one.place, one.valid_from, last_day(one.valid_to), line_note(one))
                for one in rule.lines
            ]
            _values(made, target, component, rule.columns, lines, {"kind": "patterns"}, around)
        case Band() if (lines := _band(made, rule, component)) is not None:
            _values(made, target, component, (rule.column,), lines, {"kind": "band", "codes": list(rule.codes)}, around)
        case DateRule() if rule.column and not rule.lines and rule.pivot is None and _sayable(rule.format):
            _date(made, rule, component, around)
        case Cases() if (lines := case_lines(rule)) is not None:
            columns = case_columns(rule)
            rest = note(RULE, target_document(target))
            _values(made, target, component, columns, lines, {"kind": "cases"}, around, (rest,))
        case _:
            made.rules[id] = target_document(target)
            made.lose(target.place, id, f"SDMX has no words for {_why(rule)}", "run the map here", Severity.WARNING)


def _sayable(format: str) -> bool:
    """Tell whether SDMX has words for the format of a date: a day counted from another, or a plain pattern."""
    plain = {"yyyy", "yy", "mm", "dd"}
    named = format in SERIALS or format == "period" or bool(({*DATE_SIGNS} - plain) & {*signs(format)})
    return epoch_of(format) is not None or not named


def _why(rule: Rule) -> str:
    match rule:
        case Pseudonym():
            return "a pseudonym"
        case Compute():
            return "a value that is worked out"
        case Copy():
            return (
                "a number that is divided, or a code that is filled with zeros"
                if rule.pad or rule.divide_by
                else ("a date that is copied")
            )
        case DateRule():
            return "a date of several columns, of two-digit years, with names or times, or beside kinds of missing"
        case Cases():
            return "cases whose arms hold rules of their own, or whose order decides"
    return "ranges of numbers that are not whole, or begin below zero"


def _noted(around: dict[str, object]) -> tuple[Annotation, ...]:
    return (note(TARGET, around),) if around else ()


def _copy(made: Export, rule: Copy, component: Component, around: dict[str, object]) -> None:
    if rule.top is not None:
        around["top"] = str(rule.top)
        made.lose(rule.place, component.id, f"{rule.top} stands for {rule.top} and above", "keep it in the notes")
    if not rule.lines:
        maps = ComponentMap((made.id(rule.column),), (component.id,), rule.place, annotations=_noted(around))
        made.components.append(maps)
        return
    lines = exact_lines(rule.lines) or []
    lines.append(ValueMapping((PatternValue("(.+)", True),), (r"\1",), rule.place))
    target = Target(component.id, rule, rule.place)
    _values(made, target, component, (rule.column,), lines, {"kind": "copy"}, around)


def _can_copy(rule: Copy, component: Component) -> bool:
    plain = rule.pad is None and rule.divide_by is None and component.type != "date"
    return plain and exact_lines(rule.lines) is not None


def _recode(made: Export, rule: Recode, component: Component) -> list[ValueMapping] | None:
    lines = exact_lines(rule.lines, rule.pad)
    if lines is None:
        return None
    if any(bounds(value) for line in rule.lines for value in line.values):
        what = "a range takes 1.5 as well as 1 and 2; as an expression it takes whole numbers"
        made.lose(rule.place, component.id, what, "round the column before")
    if rule.otherwise is not None:
        rest = rule.otherwise
        for index in range(len(rule.columns)):
            values = tuple(SOMETHING if index == at else ANYTHING for at in range(len(rule.columns)))
            lines.append(ValueMapping(values, (rest.code,), rest.place, annotations=(note(LINE, {"else": True}),)))
    return lines


def _values(
    made: Export,
    target: Target,
    component: Component,
    columns: tuple[str, ...],
    lines: Iterable[ValueMapping],
    said: dict[str, object],
    around: dict[str, object],
    notes: tuple[Annotation, ...] = (),
) -> None:
    """Add a component map with the representation map that it names."""
    codelist = made.codelists(component.codelist) if component.codelist else None
    wanted = reference(codelist, "Codelist").urn if codelist else "String"
    found = RepresentationMap(
        id=f"RM_{made.mapping.id}_{component.id}",
        agency=made.agency,
        version=made.version,
        names={"en": f"{', '.join(columns)} to {component.id}"},
        sources=("String",) * len(columns),
        targets=(wanted,),
        mappings=tuple(lines),
        place=target.place,
        annotations=(note(VALUES, said),),
    )
    made.values.append(found)
    ids = tuple(made.id(column) for column in columns)
    made.components.append(ComponentMap(ids, (component.id,), target.place, found.urn, (*_noted(around), *notes)))


def _band(made: Export, rule: Band, component: Component) -> list[ValueMapping] | None:
    lines = exact_lines(rule.lines)
    if lines is None:
        return None
    codelist = made.codelists(component.codelist)
    for code in rule.codes:
        low, high = codelist.bounds(code) or (None, None)
        if low is None or low < 0:
            return None
        value = PatternValue(between(low, high, "0-9"), True)
        lines.append(ValueMapping((value,), (code,), rule.place))
    return lines


def _date(made: Export, rule: DateRule, component: Component, around: dict[str, object]) -> None:
    id, pair = f"DATE_{component.id}", ((made.id(rule.column), component.id),)
    if epoch := epoch_of(rule.format):
        period = next(one for one in PERIODS if STEPS[f"{one}s"] == epoch[1])
        base = epoch[0].date().isoformat()
        made.dates.append(
            DateMap(id, pair, rule.place, base=base, period=period, frequency="D", annotations=_noted(around))
        )
        return
    pattern = rule.format.replace("mm", "MM")
    frequency = "D" if "dd" in pattern else "M" if "MM" in pattern else "A"
    if frequency != "D" and component.type == "date":
        what = f"{rule.format} gives the first day; a reader of SDMX alone may leave it a {frequency} period"
        made.lose(rule.place, component.id, what, "check the dates after a run elsewhere")
        frequency = "D"
    made.dates.append(DateMap(id, pair, rule.place, pattern=pattern, frequency=frequency, annotations=_noted(around)))
