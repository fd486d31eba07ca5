"""A structure map as a mapping: each of its maps becomes a rule that the engine runs, its lines keep their places."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from migstat.words.codelist import Codelist
from migstat.words.confidence import confidence_of
from migstat.words.expression import Expression
from migstat.words.finding import Finding, Place, Severity
from migstat.words.how_many import how_many
from migstat.words.mapping import Mapping, Target
from migstat.words.mapping_rule import (
    ANY,
    Band,
    Copy,
    DateRule,
    Fixed,
    Line,
    NotCollected,
    PatternLine,
    Patterns,
    PatternValue,
    Recode,
    Rule,
    bounds,
)
from migstat.words.missing import NOT_COLLECTED
from migstat.words.source import Source
from migstat.words.structure import Component, Structure
from migstat.words.structure_map import ComponentMap, RepresentationMap, StructureMap, ValueMapping, annotated
from migstat.work.structure_maps.dates import date_rules, plain_format
from migstat.work.structure_maps.notes import FILLED, HEAD, LINE, RULE, TARGET, VALUES, at, noted

TIME = "TIME_PERIOD"
WHATEVER = PatternValue(".*", True)


@dataclass(slots=True)
class Adoption:
    """A mapping in the making."""

    map: StructureMap
    structure: Structure
    codelists: Callable[[str], Codelist]
    head: Mapping | None
    expression: Callable[[str, Place], Expression]
    targets: dict[str, Target] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def fault(self, place: Place, component: str, what: str, mend: str, severity: Severity = Severity.ERROR) -> None:
        """Note what cannot be run, or asks for a look."""
        self.findings.append(Finding(place, component, what, mend, severity))

    def column(self, id: str) -> str:
        """Return the source column of a source component."""
        return self.map.columns.get(id, id)

    def component(self, id: str) -> Component:
        """Return a target component; one of texts where the structure has none of that id."""
        return self.structure[id] if id in self.structure else Component(id, id, "attribute", "text")

    def add(self, id: str, rule: Rule, place: Place, around: Any) -> None:
        """Add the rule of one component; two for one is a fault."""
        if id in self.targets:
            what = f"{id} is filled already, in {self.targets[id].place}"
            self.fault(place, id, what, "keep one of the two maps")
            return
        universe = around.get("universe")
        condition = self.expression(str(universe), place) if universe else None
        component = self.component(id)
        blank = self.structure.kind == "table" and not component.required and not isinstance(rule, Recode | Patterns)
        match, because = around.get("match", "exact"), str(around.get("because", ""))
        sure = confidence_of(str(around.get("confidence", "")))
        self.targets[id] = Target(id, rule, place, condition, match, because, blank, sure)


def adopted(
    map: StructureMap,
    structure: Structure,
    codelists: Callable[[str], Codelist],
    head: Mapping | None,
    expression: Callable[[str, Place], Expression],
    weight: str = "",
    key: tuple[str, ...] = (),
) -> tuple[Mapping, tuple[Finding, ...]]:
    """Return a structure map as a mapping into ``structure``, and what of it cannot be run.

    ``head`` is the mapping that the map's own notes hold, if it was made of one: its head, and the rules that SDMX has
    no words for. Without it rows have no key, and their ``weight`` is the column named, or 1.
    """
    made = Adoption(map, structure, codelists, head, expression)
    for component_map in map.component_maps:
        _component_map(made, component_map)
    for fixed in map.fixed:
        _fixed(made, fixed)
    for dates in map.dates:
        for id, rule, place in date_rules(dates, made.map, made.component, made.column, made.fault):
            made.add(id, rule, place, noted(annotated(dates.annotations, TARGET)))
    for target in head.targets if head is not None else ():
        if target.component not in made.targets and target.component in noted(annotated(map.annotations, RULE)):
            made.targets[target.component] = at(target, map.place)
    order = noted(annotated(map.annotations, HEAD)).get("rules") or list(structure.ids)
    ranks = {id: rank for rank, id in enumerate(order)}
    targets = sorted(made.targets.values(), key=lambda one: ranks.get(one.component, len(ranks)))
    if head is not None:
        return replace(head, into=structure.id, targets=tuple(targets), files={}), tuple(made.findings)
    source = Source("administrative", map.agency, "", map.place, name=map.names.get("en", ""), weight=weight, key=key)
    if any(_dated(target.rule) for target in targets):
        source = _dated_source(made, source)
    found = Mapping(map.id, map.version, structure.id, source, tuple(targets), map.place, notes=map.description)
    return found, tuple(made.findings)


def _dated(rule: Rule) -> bool:
    lines = getattr(rule, "lines", ())
    return any(line.valid_from or line.valid_to for line in lines)


def _dated_source(made: Adoption, source: Source) -> Source:
    """Say which column dates each row, where lines of the map hold for a time."""
    pairs = [pair for one in made.map.component_maps for pair in zip(one.sources, one.targets, strict=False)]
    column = next((made.column(source) for source, target in pairs if target == TIME), "")
    if column:
        return replace(source, date_rule=DateRule(made.map.place, column, "period"))
    for dates in made.map.dates:
        read = next((made.column(source) for source, target in dates.pairs if target == TIME), "")
        format = plain_format(dates)
        if read and format:
            return replace(source, date_rule=DateRule(dates.place, read, format))
    what = f"lines hold for a time, and no source component is mapped to {TIME} in a way that gives a day"
    made.fault(made.map.place, TIME, what, f"add a ComponentMap of the source's period to {TIME}")
    return source


def _component_map(made: Adoption, maps: ComponentMap) -> None:
    filled = annotated(maps.annotations, FILLED) is not None
    if filled and made.head is not None:
        return
    around = noted(annotated(maps.annotations, TARGET))
    kept = annotated(maps.annotations, RULE) is not None and made.head is not None
    if kept and (target := made.head.target(maps.targets[0]) if made.head else None) is not None:
        made.add(target.component, at(target.rule, maps.place), maps.place, around)
        return
    if not maps.representation:
        _implicit(made, maps, around)
        return
    values = made.map.representation(maps.representation)
    if values is None:
        what = f"the representation map {maps.representation.rpartition('=')[2]} is not at hand"
        made.fault(maps.place, " ".join(maps.targets), what, "put it into the same message, or fetch it with the map")
        return
    if len(values.sources) != len(maps.sources) or len(values.targets) != len(maps.targets):
        what = (
            f"{values.id} maps {len(values.sources)} to "
            f"{how_many(len(values.targets), 'value')}, and here it stands between "
            f"{len(maps.sources)} and {how_many(len(maps.targets), 'component')}"
        )
        made.fault(maps.place, " ".join(maps.targets), what, "name as many components as the map has values")
        return
    for number, id in enumerate(maps.targets):
        rule = _values(made, maps, values, number)
        if rule is not None:
            made.add(id, rule, maps.place, around)


def _implicit(made: Adoption, maps: ComponentMap, around: Any) -> None:
    if len(maps.sources) != len(maps.targets):
        what = f"{how_many(len(maps.sources), 'component is', 'components are')} copied to {len(maps.targets)}"
        made.fault(maps.place, " ".join(maps.targets), what, "name a representation map, or copy one to one")
        return
    for source, id in zip(maps.sources, maps.targets, strict=True):
        component = made.component(id)
        top = int(around["top"]) if str(around.get("top", "")).isdecimal() else None
        lines: tuple[Line, ...] = ()
        if made.structure.kind == "table" and component.coded:
            codes = [code for code in made.codelists(component.codelist).ids if code.startswith("_")]
            lines = tuple(Line((code,), code, maps.place) for code in codes)
        rule: Rule = Copy(made.column(source), maps.place, lines, top=top)
        if component.type == "date":
            rule = DateRule(maps.place, made.column(source), "period")
        made.add(id, rule, maps.place, around)


def _fixed(made: Adoption, fixed: Any) -> None:
    if annotated(fixed.annotations, FILLED) is not None and made.head is not None:
        return
    if fixed.in_source:
        what = "fixes a component of the source, which only a map in the other direction needs"
        made.fault(fixed.place, fixed.component, what, "nothing: it is left out", Severity.NOTE)
        return
    around = noted(annotated(fixed.annotations, TARGET))
    if len(fixed.values) != 1:
        what = f"{len(fixed.values)} fixed values, and a component here holds one"
        made.fault(fixed.place, fixed.component, what, "write one Value")
        return
    value = fixed.values[0]
    why = around.get("not_collected") or "so says the structure map"
    rule: Rule = Fixed(value, fixed.place)
    if value == NOT_COLLECTED and (made.structure.kind == "record" or "not_collected" in around):
        rule = NotCollected(str(why), fixed.place)
    made.add(fixed.component, rule, fixed.place, around)


def _values(made: Adoption, maps: ComponentMap, values: RepresentationMap, number: int) -> Rule | None:
    """Return the rule that a representation map is for one of its targets."""
    columns = tuple(made.column(id) for id in maps.sources)
    kind = noted(annotated(values.annotations, VALUES))
    lines = list(_whole_lines(made, maps, values, number))
    match kind.get("kind"):
        case "recode":
            pad = int(kind["pad"]) if str(kind.get("pad", "")).isdecimal() else None
            rest = next((one for one in lines if noted(annotated(one.annotations, LINE)).get("else")), None)
            otherwise = Line((ANY,) * len(columns), rest.targets[0], rest.place) if rest else None
            taken = [one for one in lines if not noted(annotated(one.annotations, LINE)).get("else")]
            if found := _recoded(taken):
                return Recode(columns, found, maps.place, otherwise, pad)
        case "copy" if found := _recoded([one for one in lines if one.targets[0] != r"\1"]):
            around = noted(annotated(maps.annotations, TARGET))
            top = int(around["top"]) if str(around.get("top", "")).isdecimal() else None
            return Copy(columns[0], maps.place, found, top=top)
        case "band":
            codes = tuple(str(code) for code in kind.get("codes", ()))
            found = _recoded([one for one in lines if one.targets[0] not in codes]) or ()
            return Band(columns[0], codes, maps.place, found)
        case "patterns":
            return Patterns(columns, tuple(_pattern(one, number) for one in lines), maps.place)
    simple = _recoded(lines) if all(_is_literal(value) for one in lines for value in one.sources) else None
    if simple and number == 0 and all(one.targets[0] for one in lines):
        return Recode(columns, simple, maps.place)
    return Patterns(columns, tuple(_pattern(one, number) for one in lines), maps.place)


def _whole_lines(made: Adoption, maps: ComponentMap, values: RepresentationMap, number: int) -> Iterator[ValueMapping]:
    """Yield the lines that give a value; one that gives none leaves its values unmapped."""
    for line in values.mappings:
        if len(line.sources) != len(values.sources):
            what = f"the line has {len(line.sources)} source values, the map {len(values.sources)}"
            made.fault(line.place, maps.targets[number], what, "write a SourceValue for each source")
        elif number >= len(line.targets) or not line.targets[number]:
            what = f"'{' '.join(value.text for value in line.sources)}' gives no value: its rows are not mapped"
            made.fault(line.place, maps.targets[number], what, "write a TargetValue", Severity.WARNING)
        else:
            yield line


def _is_literal(value: PatternValue) -> bool:
    special = value.text == ANY or bounds(value.text) is not None
    return not (value.is_regex or value.start or value.end or special)


def _recoded(lines: list[ValueMapping]) -> tuple[Line, ...] | None:
    """Return lines as those of a recode; None where a value is neither a text nor what the notes say it was."""
    found = []
    for line in lines:
        said = noted(annotated(line.annotations, LINE))
        values = said.get("values") or [ANY if value == WHATEVER else value.text for value in line.sources]
        if not said.get("values") and any(not _is_literal(value) and value != WHATEVER for value in line.sources):
            return None
        if len(values) != len(line.sources):
            return None
        found.append(
            Line(
                tuple(str(value) for value in values),
                line.targets[0],
                line.place,
                said.get("match", "exact"),
                str(said.get("because", "")),
                str(said.get("label", "")),
                line.valid_from,
                _after(line.valid_to),
                confidence_of(str(said.get("confidence", ""))),
            )
        )
    return tuple(found)


def _pattern(line: ValueMapping, number: int) -> PatternLine:
    said = noted(annotated(line.annotations, LINE))
    return PatternLine(
        line.sources,
        line.targets[number],
        line.place,
        said.get("match", "exact"),
        str(said.get("because", "")),
        str(said.get("label", "")),
        line.valid_from,
        _after(line.valid_to),
        confidence_of(str(said.get("confidence", ""))),
    )


def _after(day: datetime.date | None) -> datetime.date | None:
    """Return the first day on which a line no longer holds, of the last on which it does."""
    return None if day is None or day == datetime.date.max else day + datetime.timedelta(days=1)
