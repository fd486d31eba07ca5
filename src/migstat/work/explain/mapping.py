"""The sentences: the source, what is kept of it, and each component in turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import assert_never

from migstat.words.codelist import Codelist
from migstat.words.confidence import CONFIDENCES
from migstat.words.expression_text import print_expression
from migstat.words.mapping import Mapping, Target
from migstat.words.mapping_rule import (
    ANY,
    BLANK,
    Band,
    Cases,
    Compute,
    Copy,
    DateRule,
    Fixed,
    Line,
    NotCollected,
    Patterns,
    PatternValue,
    Pseudonym,
    Recode,
    Rule,
    bounds,
)
from migstat.words.missing import KINDS
from migstat.words.source import Source
from migstat.words.structure import Component, Structure
from migstat.work.explain.conditions import in_words, series

SURE = {
    "verified": "Verified in the source's own documents is",
    "secondary source": "Taken from a secondary source is",
    "general knowledge, to be confirmed": "General knowledge, to be confirmed, is",
}
MOST = 12
"""Lines of a recode that are told one by one; the rest is counted and its table named."""


def explain(mapping: Mapping, structure: Structure, codelists: Callable[[str], Codelist], language: str = "en") -> str:
    """Return the mapping as plain English sentences, one paragraph for each component.

    Names of codes and components are given in ``language``. Every rule is told, and so is every required component
    without one; of a long recode table the first lines are told and the rest is counted.
    """
    teller = _Teller(structure, codelists, language)
    return "\n".join(teller.all(mapping)) + "\n"


@dataclass(frozen=True, slots=True)
class _Teller:
    structure: Structure
    codelists: Callable[[str], Codelist]
    language: str

    def all(self, mapping: Mapping) -> Iterator[str]:
        name = self.structure.names.get(self.language) or self.structure.id
        yield f"{mapping.id}, version {mapping.version}: makes records of {self.structure.id} ({name})."
        yield ""
        yield from self.source(mapping)
        yield ""
        yield from self.keep(mapping)
        yield from self.made(mapping)
        for component in self.structure.components:
            target = mapping.target(component.id)
            if target is not None:
                yield ""
                yield f"{component.id} ({component.names.get(self.language) or component.concept})"
                yield from (f"  {sentence}" for sentence in self.target(component, target))
        silent = [c.id for c in self.structure.components if self.is_silent(c, mapping)]
        if silent:
            yield ""
            yield f"No rule speaks of {series(silent, 'and')}: the records do not have these columns."
        if mapping.notes:
            yield ""
            yield f"On comparability: {mapping.notes.strip()}"

    def is_silent(self, component: Component, mapping: Mapping) -> bool:
        given = mapping.target(component.id) or mapping.target(component.derived_from)
        design = component.role == "design"
        return given is None and not component.filled_by and not design

    def source(self, mapping: Mapping) -> Iterator[str]:
        source = mapping.source
        area = self.label("CL_AREA", source.area)
        kind = {"census": "a census", "survey": "a survey", "administrative": "administrative data"}.get(source.kind)
        when = f", {source.period}" if source.period else ""
        yield f"The source is {kind or source.kind} of {area} by {source.by}{when}."
        if source.date_rule is not None:
            yield f"The date of each row comes from {self.date(source.date_rule)}."
        if source.population:
            yield f"It counts the {source.population} population."
        if source.birthplace or source.boundaries:
            place = {"actual": "the actual one", "mother's residence": "the residence of the mother"}
            said = place.get(source.birthplace, "as the source has it")
            borders = {"census date": ", in the boundaries of the census date", "at birth": ", in those at birth"}
            yield f"The place of birth is {said}{borders.get(source.boundaries, '')}."
        if source.confidence:
            yield f"{SURE[source.confidence]} what the rules say of it, where they do not say otherwise."
        yield from self.design(source)
        if source.identifiers:
            yield f"{series(source.identifiers, 'and')} would identify people, and is dropped on reading."
        for one in source.companions:
            like = f" ({one.file})" if one.file else ""
            taken = series(list(one.columns), "and")
            yield f"Each row takes {taken} from {one.name}, another file{like}, by {series(list(one.by), 'and')}."
        if mapping.waves:
            rounds = series([f"{wave.id} ({wave.period})" for wave in mapping.waves], "and")
            yield f"It was repeated: {rounds}. Each round has its own names for the columns below."
            for wave in mapping.waves:
                if wave.not_collected:
                    yield f"{wave.id} has no {series(wave.not_collected)}: what reads it is not collected (_X)."

    def design(self, source: Source) -> Iterator[str]:
        if source.key:
            yield f"A row is named by {series(source.key, 'and')}."
        if source.weight:
            divided = f", divided by {source.weight_divide_by:g}" if source.weight_divide_by else ""
            yield f"Each row counts as many times as {source.weight} says{divided}."
        elif source.kind != "census":
            yield "There is no weight: each row counts once."
        if source.replicates:
            fay = f", Fay factor {source.replicate_fay:g}" if source.replicate_fay else ""
            yield f"Precision comes from {len(source.replicates)} replicate weights ({source.replicate_method}{fay})."
        if source.strata or source.psu:
            strata = f"in the strata that {series(source.strata, 'and')} tells " if source.strata else ""
            units = f"units that {series(source.psu, 'and')} names" if source.psu else "the records themselves"
            yield f"The sample was drawn {strata}of {units}{f', out of {source.fpc}' if source.fpc else ''}."
        for number, stage in enumerate(source.stages, 2):
            units = f"units that {series(stage.unit, 'and')} names" if stage.unit else "the records themselves"
            yield f"Stage {number} drew {units}{f', out of {stage.fpc}' if stage.fpc else ''}."
        if source.calibration is not None:
            margins = [" by ".join(one.by) or one.of for one in source.calibration.margins]
            yield f"Weights are brought to known totals of {series(margins, 'and')} ({source.calibration.method})."

    def keep(self, mapping: Mapping) -> Iterator[str]:
        if not mapping.keep:
            yield "Every row is kept."
        for keep in mapping.keep:
            if keep.when is not None:
                yield f"Only rows where {in_words(keep.when)} are kept: {keep.because}."
            else:
                yield f"Only rows whose {keep.column} is {series(_said(keep.values))} are kept: {keep.because}."

    def made(self, mapping: Mapping) -> Iterator[str]:
        """Tell the columns that are made before the rules."""
        if mapping.columns:
            yield ""
            names = series([made.component for made in mapping.columns], "and")
            yield f"Made first, and then read by the rules like columns of the source: {names}."
            yield "Where what they read is blank they are blank, and so they are for every kind of missing."
        for made in mapping.columns:
            yield ""
            yield f"{made.component} (a column that is made first)"
            component = Component(made.component, made.component, "attribute", "text")
            yield from (f"  {sentence}" for sentence in self.target(component, made))

    def target(self, component: Component, target: Target) -> Iterator[str]:
        if target.universe is not None:
            yield f"Asked only where {in_words(target.universe)}; elsewhere it is not applicable (_Z)."
        yield from self.rule(component, target.rule)
        if target.match != "exact":
            how = {"broader": "broader than", "narrower": "narrower than", "residual": "a remainder of"}[target.match]
            because = f": {target.because}" if target.because else ""
            yield f"What the source says is {how} what the component means{because}."
        elif target.because:
            yield f"Because: {target.because}."
        if target.confidence:
            yield f"{SURE[target.confidence]} all of this."

    def rule(self, component: Component, rule: Rule) -> Iterator[str]:
        match rule:
            case Fixed(value):
                yield f"Always {self.code(component, value)}."
            case NotCollected(because):
                yield f"Not collected (_X): {because}."
            case Copy():
                divided = f", divided by {rule.divide_by:g}" if rule.divide_by else ""
                yield f"The value of {rule.column}{divided}."
                if rule.top is not None:
                    yield f"{rule.top} stands for {rule.top} and above."
                yield from self.lines(component, rule.lines)
            case Recode():
                yield from self.recode(component, rule)
            case Patterns():
                yield f"From {series(rule.columns, 'and')}, by {len(rule.lines)} patterns; the first that fits:"
                for line in rule.lines[:MOST]:
                    said = " with ".join(_pattern(value) for value in line.values)
                    yield f"  {said} becomes {self.code(component, line.code)}."
                if len(rule.lines) > MOST:
                    yield f"  And {len(rule.lines) - MOST} more."
            case Band():
                codes = series([self.code(component, code) for code in rule.codes])
                yield f"The class that holds the number in {rule.column}: {codes}."
                yield from self.lines(component, rule.lines)
            case DateRule():
                yield f"The date from {self.date(rule)}."
                yield from self.lines(component, rule.lines)
            case Pseudonym():
                chain = series(rule.keys, "and then")
                yield f"A pseudonym of {series(rule.columns, 'and')}, made under the key {chain}."
                yield from self.lines(component, rule.lines)
            case Compute():
                yield f"What {print_expression(rule.expression)} gives."
                yield from self.lines(component, rule.lines)
            case Cases():
                yield from self.cases(component, rule)
            case _:
                assert_never(rule)

    def recode(self, component: Component, rule: Recode) -> Iterator[str]:
        table = f", by {len(rule.lines)} lines of {rule.table}" if rule.table else ""
        yield f"From {series(rule.columns, 'and')}{table}."
        yield from self.lines(component, rule.lines)
        if len(rule.lines) > MOST:
            where = f"; see {rule.table}" if rule.table else ""
            yield f"And {len(rule.lines) - MOST} more lines{where}."
            for match in ("broader", "narrower", "residual"):
                count = sum(line.match == match for line in rule.lines)
                if count:
                    yield f"{count} of all lines {'is' if count == 1 else 'are'} {match}."
            for sure in CONFIDENCES:
                count = sum(line.confidence == sure for line in rule.lines)
                if count:
                    yield f"{count} of all lines {'is' if count == 1 else 'are'} marked: {sure}."
        if rule.otherwise is not None:
            yield f"Any other value becomes {self.code(component, rule.otherwise.code)}."
        else:
            yield "Any other value makes the row a reject."

    def lines(self, component: Component, lines: tuple[Line, ...]) -> Iterator[str]:
        """Tell up to MOST lines, those of one code, time and reason in one sentence."""
        groups: dict[tuple[str, str], list[str]] = {}
        for line in lines[:MOST]:
            because = f", because {line.because}" if line.because else ""
            match = f" ({line.match}{because})" if line.match != "exact" else because
            start = f" from {line.valid_from}" if line.valid_from else ""
            end = f" until before {line.valid_to}" if line.valid_to else ""
            sure = f" [{line.confidence}]" if line.confidence else ""
            groups.setdefault((line.code, match + start + end + sure), []).append(" with ".join(_said(line.values)))
        for (code, rest), values in groups.items():
            verb = "become" if len(values) > 1 else "becomes"
            said = series(values, "and")
            if said.startswith(("a blank", "any value")):  # Values themselves are told as they stand.
                said = said[0].upper() + said[1:]
            yield f"{said} {verb} {self.code(component, code)}{rest}."

    def cases(self, component: Component, rule: Cases) -> Iterator[str]:
        for number, arm in enumerate(rule.arms):
            first = "Where" if number == 0 else "Else where"
            sure = f" [{arm.confidence}]" if arm.confidence else ""
            if isinstance(arm.rule, Fixed):
                yield f"{first} {in_words(arm.when)}: {self.code(component, arm.rule.value)}{sure}."
            else:
                yield f"{first} {in_words(arm.when)}{sure}:"
                yield from (f"  {sentence}" for sentence in self.rule(component, arm.rule))
        if rule.otherwise is None:
            yield "A row that none of these takes is a reject."
        elif isinstance(rule.otherwise, Fixed):
            yield f"In all other rows: {self.code(component, rule.otherwise.value)}."
        else:
            yield "In all other rows:"
            yield from (f"  {sentence}" for sentence in self.rule(component, rule.otherwise))

    def date(self, rule: DateRule) -> str:
        if rule.column:
            how = "as days since 1960" if rule.format in {"sas", "stata"} else f"as {rule.format}"
            clock = f", by the clock of {rule.zone}" if rule.zone else ""
            return f"{rule.column}, written {how}{clock}"
        return series([f"{column} (the {part})" for part, column in rule.parts.items()], "and")

    def code(self, component: Component, code: str) -> str:
        if code in KINDS:
            return f"{KINDS[code]} ({code})"
        return self.label(component.codelist, code) if component.coded else code

    def label(self, codelist: str, code: str) -> str:
        known = self.codelists(codelist)
        return f"{known.label(code, self.language)} ({code})" if code in known else code


def _pattern(value: PatternValue) -> str:
    ends = f" in characters {value.start or 1} to {value.end or 'the last'}" if value.start or value.end else ""
    return (f"what fits /{value.text}/" if value.is_regex else value.text or "a blank") + ends


def _said(values: tuple[str, ...]) -> list[str]:
    said = {BLANK: "a blank", ANY: "any value"}
    return [value.replace("..", " to ") if bounds(value) else said.get(value, value) for value in values]
