"""Make a plan: a mapping compiled once, against its structure and codelists, for one wave."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import reduce
from operator import and_

import narwhals as nw

from migstat.words import mapping_rule as words
from migstat.words.codelist import Codelist
from migstat.words.confidence import Confidence
from migstat.words.expression import names
from migstat.words.mapping import COLUMN, Keep, Mapping, Target
from migstat.words.mapping_rule import (
    BLANK,
    Cases,
    Copy,
    Match,
    Pseudonym,
    Rule,
    leaves,
)
from migstat.words.missing import MISSING_SUFFIX
from migstat.words.sampled import component_of, sampling_columns, size_columns
from migstat.words.source import Wave
from migstat.words.structure import Component, Structure
from migstat.work.harmonize.context import Context
from migstat.work.harmonize.dates import as_number, source_period
from migstat.work.harmonize.fill import Filled, condition, fill
from migstat.work.harmonize.made import filled_of, is_dated, made_of, may_fail
from migstat.work.harmonize.plan import (
    BESIDE,
    DATE,
    PSEUDONYM,
    ROW,
    SOURCE_TYPES,
    WEIGHT,
    Constant,
    Derived,
    Leaf,
    Made,
    Out,
    Plan,
    Share,
    behind,
    made_for,
)
from migstat.work.harmonize.rounds import laid_out, present_columns, round_of, without


def make_plan(
    mapping: Mapping,
    structure: Structure,
    codelists: Callable[[str], Codelist],
    wave: str | None = None,
    *,
    in_database: bool = False,
) -> Plan:
    """Compile a mapping; ``in_database``, to plain SQL. Raise Misuse where it has waves and none of them is named."""
    chosen = round_of(mapping, wave)
    mapping = laid_out(mapping, chosen)
    source = mapping.source
    aliases = dict(chosen.columns) if chosen else {}
    absent = frozenset(chosen.not_collected) if chosen else frozenset()
    date = chosen.date if chosen and chosen.date else source.date
    row_date = nw.col(DATE) if source.date_rule is not None and date is None else None
    context = Context(date, row_date, source.format.decimal, in_database=in_database)
    columns, absent = present_columns(mapping.columns, absent)
    date_columns = words.columns(source.date_rule) if source.date_rule is not None and row_date is not None else ()
    made = tuple(made_of(columns, context, date_columns))
    present = [without(target, absent) for target in mapping.targets]
    pseudonyms = {target.component: target.rule for target in present if isinstance(target.rule, Pseudonym)}
    targets = [copied(target) for target in present]
    components = {target.component: structure[target.component] for target in targets}
    lists = {c.codelist: codelists(c.codelist) for c in structure.components if c.codelist}
    filled = {
        target.component: fill(target, component, lists.get(component.codelist), context)
        for target, component in zip(targets, components.values(), strict=True)
    }
    for column, one in zip(columns, made, strict=True):
        if may_fail(column.rule):
            id = COLUMN.format(one.name)
            targets.append(replace(column, component=id))
            components[id] = Component(id, one.name, "attribute", "text")
            filled[id] = filled_of(one)
    keeps = tuple((keep, _keep(keep, context)) for keep in mapping.keep)
    constants = _constants(mapping, structure, chosen, context)
    derived = _derived(targets, structure, filled)
    return Plan(
        mapping=mapping,
        structure=structure,
        wave=chosen,
        context=context,
        weight=context.number(source.weight, source.weight_divide_by) if source.weight else nw.lit(1.0),
        columns=_needed(mapping, present, aliases, made),
        aliases=aliases,
        filled=filled,
        components=components,
        constants=constants,
        derived=derived,
        keeps=keeps,
        leaves=tuple(
            leaf
            for target in targets
            for leaf in _leaves(target, components[target.component], context, source.confidence)
        ),
        out=tuple(_out(mapping, structure, filled, constants, derived)),
        shares=tuple(_shares(mapping, targets, constants, date_columns, made)),
        codelists=lists,
        pseudonyms=pseudonyms,
        may_be_blank={
            target.component: read
            for target in targets
            if target.blank and (read := behind(words.columns(target.rule), made))
        },
        targets={target.component: target for target in targets},
        made=made,
    )


def copied(target: Target) -> Target:
    """Let a pseudonym be copied from where it will stand."""
    if not isinstance(target.rule, Pseudonym):
        return target
    column = PSEUDONYM.format(target.component)
    return replace(target, rule=Copy(column, target.rule.place, target.rule.lines))


def _needed(
    mapping: Mapping, targets: list[Target], aliases: dict[str, str], made: tuple[Made, ...]
) -> tuple[str, ...]:
    """Return the real names of all source columns that the run reads, each once."""
    source = mapping.source
    wanted = [name for target in targets for name in words.columns(target.rule)]
    wanted += [name for target in targets if target.universe is not None for name in names(target.universe)]
    for keep in mapping.keep:
        wanted += [keep.column] if keep.column else names(keep.when) if keep.when is not None else []
    wanted = [*behind(wanted, made)]
    wanted += [*source.key, *([source.weight] if source.weight else []), *source.design_columns]
    if source.date_rule is not None:
        wanted += words.columns(source.date_rule)
    return tuple(dict.fromkeys(aliases.get(name, name) for name in wanted))


def _constants(mapping: Mapping, structure: Structure, wave: Wave | None, context: Context) -> dict[str, Constant]:
    source = mapping.source
    period = (wave.period if wave else "") or source.period
    made: dict[str, Constant] = {}
    for component in structure.components:
        if mapping.target(component.id) is not None:
            continue
        match component.filled_by:
            case "source.area":
                made[component.id] = Constant(nw.lit(source.area))
            case "source.kind":
                made[component.id] = Constant(nw.lit(SOURCE_TYPES[source.kind]))
            case "source.date" if period or source.date_rule is None:
                made[component.id] = Constant(nw.lit(period))
            case "source.date" if source.date_rule is not None:
                made[component.id] = Constant(source_period(source.date_rule), words.columns(source.date_rule))
            case "source.weight" if source.weight:
                made[component.id] = Constant(nw.col(WEIGHT), (source.weight,))
    for id, columns in sampling_columns(source).items():
        if component_of(id) in structure and mapping.target(id) is None:
            made[id] = Constant(nw.concat_str([nw.col(name) for name in columns], separator="-"), columns)
    for id, column in size_columns(source).items():
        if component_of(id) in structure:
            made[id] = Constant(as_number(nw.col(column), source.format.decimal), (column,))
    if source.replicates and "REPWT" in structure:
        divisor = source.weight_divide_by if source.replicate_combined else None
        for number, name in enumerate(source.replicates, 1):
            made[f"REPWT_{number}"] = Constant(as_number(nw.col(name), source.format.decimal, divisor), (name,))
    return made


def _derived(targets: list[Target], structure: Structure, filled: dict[str, Filled]) -> dict[str, Derived]:
    """Classes that follow from a number: AGE_GROUP from AGE, open from where the source is top-coded."""
    by_component = {target.component: target for target in targets}
    made: dict[str, Derived] = {}
    for component in structure.components:
        origin = component.derived_from
        if origin in by_component and component.id not in filled:
            tops = [rule.top for rule in leaves(by_component[origin].rule) if isinstance(rule, Copy) and rule.top]
            made[component.id] = Derived(origin, _age_code(origin, min(tops) if tops else None))
    return made


def _age_code(origin: str, top: int | None) -> nw.Expr:
    value = nw.col(BESIDE + origin)
    code = nw.concat_str([nw.lit("Y"), value.cast(nw.String)])
    if top is not None:
        code = nw.when(value >= top).then(nw.lit(f"Y_GE{top}")).otherwise(code)
    return nw.when(value.is_null()).then(nw.col(BESIDE + origin + MISSING_SUFFIX)).otherwise(code)


def _keep(keep: Keep, context: Context) -> nw.Expr:
    """Return true, false, or null where it cannot be said; a null is never taken for false."""
    if keep.when is not None:
        return condition(keep.when, context)
    column = nw.col(keep.column)
    exact = [value for value in keep.values if value != BLANK and ".." not in value]
    inside = column.is_in(exact)
    for value in keep.values:
        if ".." in value:
            low, high = value.split("..")
            number = context.number(keep.column)
            within = (number >= float(low)) & (number <= float(high))
            inside = nw.when(within).then(nw.lit(True)).otherwise(inside)
    blank = nw.lit(True) if BLANK in keep.values else nw.lit(None, nw.Boolean)
    return nw.when(column.is_null()).then(blank).otherwise(inside)


def _leaves(target: Target, component: Component, context: Context, sure: Confidence | None) -> Iterator[Leaf]:
    outside = None
    if target.universe is not None:
        inside = condition(target.universe, context)
        outside = nw.when(inside.is_null()).then(nw.lit(True)).otherwise(inside)
    yield from _guarded(target.rule, component, outside, context, (target.match, target.confidence or sure))


def _guarded(
    rule: Rule, component: Component, guard: nw.Expr | None, context: Context, said: tuple[Match, Confidence | None]
) -> Iterator[Leaf]:
    if not isinstance(rule, Cases):
        yield Leaf(component, rule, guard, *said)
        return
    before = [] if guard is None else [guard]
    for arm in rule.arms:
        nearer = (said[0] if arm.match == "exact" else arm.match, arm.confidence or said[1])
        when = condition(arm.when, context)
        taken = nw.when(when.is_null()).then(nw.lit(False)).otherwise(when)
        yield from _guarded(arm.rule, component, reduce(and_, [*before, taken]), context, nearer)
        before.append(~taken)
    if rule.otherwise is not None:
        yield from _guarded(rule.otherwise, component, reduce(and_, before), context, said)


def _shares(
    mapping: Mapping,
    targets: list[Target],
    constants: dict[str, Constant],
    date_columns: tuple[str, ...],
    made: tuple[Made, ...],
) -> Iterator[Share]:
    """Gather what reads the same columns. Where lines hold for a time, the columns of the date are read too."""
    together: dict[frozenset[str], Share] = {}

    def join(columns: Iterable[str], **more: tuple[object, ...]) -> None:
        read = tuple(columns)
        listed = behind(read, made)
        old = together.get(frozenset(listed), Share(listed, made=frozenset()))
        joined = {name: getattr(old, name) + things for name, things in more.items()}
        needed = (old.made or frozenset()) | made_for(read, made)
        together[frozenset(listed)] = replace(
            old, **joined, made=needed, dated=bool(date_columns) and {*date_columns} <= {*listed}
        )

    for target in targets:
        universe = names(target.universe) if target.universe is not None else ()
        dated = date_columns if any(is_dated(rule) for rule in leaves(target.rule)) else ()
        own = [one.name for one in made if COLUMN.format(one.name) == target.component]
        join((*own, *words.columns(target.rule), *universe, *dated), targets=(target.component,))
    for number, keep in enumerate(mapping.keep):
        join(names(keep.when) if keep.when is not None else (keep.column,), keeps=(number,))
    for id, constant in constants.items():
        join(constant.columns, constants=(id,))
    yield from together.values()


def _out(
    mapping: Mapping,
    structure: Structure,
    filled: dict[str, Filled],
    constants: dict[str, Constant],
    derived: dict[str, Derived],
) -> Iterator[Out]:
    for component in structure.components:
        id = component.id
        if component.repeats:
            for name in constants:
                if component_of(name) == id:
                    yield Out(name, BESIDE + name, component)
        elif component.filled_by == "row" and mapping.target(id) is None:
            yield Out(id, ROW, component)
        elif id in filled or id in constants or id in derived:
            yield Out(id, BESIDE + id, component)
            if id in filled and filled[id].kind is not None and structure.kind == "record":
                yield Out(id + MISSING_SUFFIX, BESIDE + id + MISSING_SUFFIX, None, is_kind=True)
