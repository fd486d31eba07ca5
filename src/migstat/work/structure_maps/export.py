"""A mapping as a structure map: each rule in SDMX's words where it has them, and a list of what it has not."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from migstat.words.codelist import Codelist
from migstat.words.date_signs import DATE_SIGNS, SERIALS, signs
from migstat.words.epoch import STEPS, epoch_of
from migstat.words.expression_text import print_expression
from migstat.words.finding import Finding, Place, Severity
from migstat.words.mapping import Mapping, Target
from migstat.words.mapping_document import head_document, target_document
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
from migstat.words.reference import Reference, reference
from migstat.words.structure import Component, Structure
from migstat.words.structure_map import (
    Annotation,
    ComponentMap,
    DateMap,
    FixedValueMap,
    Period,
    RepresentationMap,
    StructureMap,
    ValueMapping,
)
from migstat.work.harmonize.plan import SOURCE_TYPES
from migstat.work.structure_maps.export_lines import (
    ANYTHING,
    SOMETHING,
    case_columns,
    case_lines,
    exact_lines,
    last_day,
    line_note,
)
from migstat.work.structure_maps.notes import FILLED, HEAD, LINE, RULE, TARGET, UNSAID, VALUES, note
from migstat.work.structure_maps.numbers import between

AGENCY = "MIGSTAT"
PERIODS: tuple[Period, ...] = ("day", "second", "millisecond", "microsecond")


@dataclass(slots=True)
class Export:
    """A structure map in the making."""

    mapping: Mapping
    structure: Structure
    codelists: Callable[[str], Codelist]
    agency: str = AGENCY
    ids: dict[str, str] = field(default_factory=dict)
    components: list[ComponentMap] = field(default_factory=list)
    fixed: list[FixedValueMap] = field(default_factory=list)
    dates: list[DateMap] = field(default_factory=list)
    values: list[RepresentationMap] = field(default_factory=list)
    rules: dict[str, object] = field(default_factory=dict)
    unsaid: list[Finding] = field(default_factory=list)

    def lose(self, place: Place, component: str, what: str, mend: str, severity: Severity = Severity.NOTE) -> None:
        """Note what SDMX cannot say."""
        self.unsaid.append(Finding(place, component, what, mend, severity, rule="unsaid"))

    def id(self, column: str) -> str:
        """Return the id of a source column: its name, or what an id can hold of it."""
        if column not in self.ids:
            made = re.sub(r"[^A-Za-z0-9_-]", "_", column)
            made = made if re.match(r"[A-Za-z]", made) else f"C_{made}"
            while made in self.ids.values():
                made += "_"
            self.ids[column] = made
        return self.ids[column]


def structure_map(
    mapping: Mapping, structure: Structure, codelists: Callable[[str], Codelist], agency: str = AGENCY
) -> tuple[StructureMap, tuple[Finding, ...]]:
    """Return a mapping as a structure map, and what SDMX cannot say of it; that is kept in annotations."""
    made = Export(mapping, structure, codelists, agency)
    for target in mapping.targets:
        _target(made, target, structure[target.component])
    _filled(made)
    _head(made)
    head = head_document(mapping) | {"rules": [target.component for target in mapping.targets]}
    if "columns" in head:
        head["columns"] = list(head["columns"].items())
    annotations = [note(HEAD, head), *([note(RULE, made.rules)] if made.rules else [])]
    annotations += [Annotation(UNSAID, text=f"{one.component}: {one.what}".removeprefix(": ")) for one in made.unsaid]
    found = StructureMap(
        id=mapping.id,
        agency=agency,
        version=_version(mapping),
        names={"en": mapping.source.name or f"{mapping.id} into {mapping.into}"},
        source=Reference("DataStructure", agency, mapping.id, _version(mapping)).urn,
        target=reference(structure, "DataStructure").urn,
        place=mapping.place,
        component_maps=tuple(made.components),
        fixed=tuple(made.fixed),
        dates=tuple(made.dates),
        representations=tuple(made.values),
        description=mapping.notes,
        annotations=tuple(annotations),
        columns={id: column for column, id in made.ids.items() if id != column},
    )
    return found, tuple(made.unsaid)


def _version(mapping: Mapping) -> str:
    return mapping.version if "." in mapping.version else f"{mapping.version}.0"


def _target(made: Export, target: Target, component: Component) -> None:
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
        version=_version(made.mapping),
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


def _filled(made: Export) -> None:
    """Add what the head of the mapping says of every row."""
    source = made.mapping.source
    for component in made.structure.components:
        if made.mapping.target(component.id) is not None:
            continue
        value = ""
        match component.filled_by:
            case "source.area":
                value = source.area
            case "source.kind":
                value = SOURCE_TYPES.get(source.kind, "")
            case "source.date":
                value = source.period
            case "source.weight" if source.weight and source.weight_divide_by is None:
                ids = (made.id(source.weight),)
                made.components.append(
                    ComponentMap(ids, (component.id,), source.place, annotations=(Annotation(FILLED, "weight"),))
                )
        if value:
            filled = (Annotation(FILLED, component.filled_by),)
            made.fixed.append(FixedValueMap(component.id, (value,), source.place, annotations=filled))


def _head(made: Export) -> None:
    mapping, place = made.mapping, made.mapping.place
    for keep in mapping.keep:
        said = print_expression(keep.when) if keep.when is not None else f"{keep.column} is {', '.join(keep.values)}"
        what = f"only rows where {said} are kept; a structure map takes every row"
        made.lose(keep.place, "keep", what, "leave the other rows out before a run elsewhere", Severity.WARNING)
    if mapping.waves:
        named = ", ".join(wave.id for wave in mapping.waves)
        made.lose(place, "waves", f"columns have other names by round ({named})", "rename them before a run elsewhere")
    for one in mapping.source.companions:
        what = f"columns {', '.join(one.columns)} come from another file, {one.name}, by {', '.join(one.by)}"
        made.lose(one.place, "companions", what, "join the files before a run elsewhere", Severity.WARNING)
    if mapping.source.weight_divide_by:
        made.lose(
            mapping.source.place, "weight", "the weight is divided, which SDMX has no words for", "divide it first"
        )
    if mapping.source.date_rule is not None:
        made.lose(mapping.source.place, "date", "the date of each row stands in columns", "run the map here")
    if mapping.source.replicates:
        count = len(mapping.source.replicates)
        made.lose(mapping.source.place, "replicates", f"{count} replicate weights are not mapped", "run the map here")
    if mapping.examples:
        made.lose(place, "example", f"{len(mapping.examples)} examples are kept as a note", "run migstat check")
