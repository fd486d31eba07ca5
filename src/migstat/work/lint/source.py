"""The source, its rounds, and what is kept of it."""

from difflib import get_close_matches
from itertools import combinations

from migstat.words.codebook import Codebook
from migstat.words.codelist import Codelist
from migstat.words.expression import names
from migstat.words.mapping import Keep
from migstat.words.mapping_rule import Pseudonym, columns
from migstat.words.row_columns import columns_of
from migstat.words.sampled import component_of, sampling_columns, size_columns
from migstat.words.source import Format
from migstat.work.lint.check import Check
from migstat.work.lint.conditions import check_condition, check_names
from migstat.work.lint.values import Values, taken, values

MOST_NAMED = 12
"""Columns of a layout that are listed where none has a name that is near."""


def check_source(check: Check) -> None:
    """Check the area, the weight, the identifiers, the rounds, and the lines of keep."""
    source = check.mapping.source
    _area(check, check.codelists("CL_AREA"))
    if source.kind == "survey" and not source.weight:
        what = "a survey without a weight: each row would count as one person"
        check.warn(source.place, "source", what, "write weight: COLUMN, or say in notes that there is none")
    _design(check)
    _identifiers(check)
    _waves(check)
    _layout(check)
    _keeps(check)


def _area(check: Check, areas: Codelist) -> None:
    area = check.mapping.source.area
    many = check.structure.kind == "table" or check.mapping.of_many_areas
    known = {"country", "region"} if many else {"country"}
    if area in areas and areas[area].attributes.get("kind") in known:
        return
    near = [id for id in areas.nearest(area) if areas[id].attributes.get("kind") == "country"]
    mend = "write " + ", or ".join(f"{id} ({areas.label(id)})" for id in near) if near else "see migstat codes CL_AREA"
    what = f"{area} ({areas.label(area)}) is not a country" if area in areas else f"CL_AREA has no area '{area}'"
    check.error(check.mapping.source.place, "source", f"area: {what}", mend)


def _design(check: Check) -> None:
    """Find what the records cannot carry, and margins that are not of the records."""
    source, structure = check.mapping.source, check.structure
    named = [*sampling_columns(source), *size_columns(source), *(["REPWT_1"] if source.replicates else [])]
    lost = sorted({id for id in map(component_of, named) if id not in structure})
    if lost:
        what = f"{structure.id} has no {', '.join(lost)}: the sample design does not come along"
        check.warn(source.place, "source", what, "write into: SURVEY_PERSON, or estimate with a design of your own")
    for margin in source.calibration.margins if source.calibration else ():
        for name in (*margin.by, *([margin.of] if margin.of else [])):
            if name not in structure:
                what = f"a margin is of {name}, which is no component of {structure.id}"
                check.error(source.place, "source", what, check.nearest(name, structure.ids))
        for at, name in enumerate(margin.by):
            if name in structure and structure[name].coded:
                codelist = check.codelists(structure[name].codelist)
                for code in sorted({codes[at] for codes in margin.totals} - set(codelist.ids)):
                    near = codelist.nearest(code, 1)
                    mend = (
                        f"write {near[0]} ({codelist.label(near[0])})" if near else f"see migstat codes {codelist.id}"
                    )
                    check.error(
                        source.place,
                        "source",
                        f"a margin of {name} has the code {code}, which {codelist.id} has not",
                        mend,
                    )


def _identifiers(check: Check) -> None:
    mapping, source = check.mapping, check.mapping.source
    secret = set(source.identifiers)
    for target in (*mapping.made, *mapping.targets):
        plain = () if isinstance(target.rule, Pseudonym) else columns(target.rule)
        read = {*plain, *(names(target.universe) if target.universe else ())}
        for name in sorted(secret & read):
            what = f"the rule reads {name}, an identifier, which is dropped on reading"
            check.error(target.place, target.component, what, _mend(check, target.component, name))
    for name in sorted(secret & set(source.key)):
        what = f"key: {name} is an identifier, and the key is written beside every reject"
        check.error(source.place, "source", what, "name rows by a number that tells nothing of the person")
    design = [(key, getattr(source, key)) for key in ("strata", "psu")]
    later = [name for stage in source.stages for name in (*stage.strata, *stage.unit)]
    for key, used in (("weight", (source.weight,)), *design, ("stages", later)):
        for name in sorted(secret & set(used)):
            check.error(source.place, "source", f"{key}: {name} is an identifier", "take it out of one of the two")
    for keep in mapping.keep:
        for name in sorted(secret & set(names(keep.when) if keep.when else (keep.column,))):
            what = f"keep reads {name}, an identifier, which is dropped on reading"
            check.error(keep.place, "keep", what, f"remove {name} from identifiers")


def _mend(check: Check, component: str, name: str) -> str:
    """Say what to write instead of a rule that reads an identifier."""
    if component in check.structure and check.structure[component].role == "identifier":
        return f"write {component}: {{pseudonym: [{name}], key: PERSON_KEY}}"
    return f"remove {name} from the rule, or from identifiers"


def _waves(check: Check) -> None:
    mapping, source = check.mapping, check.mapping.source
    aliases = dict.fromkeys(alias for wave in mapping.waves for alias in wave.columns)
    used = check.rule_columns()
    known = {*used, *source.key, source.weight, *source.design_columns, *source.joining, *source.taken}
    for wave in mapping.waves:
        for alias in aliases:
            if alias not in wave.columns and alias not in wave.not_collected:
                mend = f"write {alias}: COLUMN under columns, or list it under not_collected"
                check.error(wave.place, "waves", f"wave {wave.id} does not say which column {alias} is", mend)
        for name in (*wave.columns, *wave.not_collected):
            if name not in known:
                known.add(name)
                near = check.nearest(name, used)
                mend = near if near.startswith("write") else f"write the rule that reads {name}, or remove it"
                check.warn(wave.place, "waves", f"wave {wave.id} names {name}, which no rule reads", mend)
        for name in wave.not_collected:
            if name in {*source.key, source.weight, *source.joining, *(keep.column for keep in mapping.keep)}:
                what = f"wave {wave.id} has no {name}, and the key, the weight, a companion or keep needs it"
                check.error(wave.place, "waves", what, f"name its column: {name}: COLUMN")


def _layout(check: Check) -> None:
    """Find columns that the layout of the file does not have; without one, only the file itself can tell."""
    mapping, source = check.mapping, check.mapping.source
    format = source.format
    wanted = [*check.rule_columns(), *source.key, source.weight, *source.design_columns, *source.identifiers]
    wanted = [name for name in [*wanted, *source.joining] if name not in source.taken]
    rounds = [(wave.columns, wave.not_collected, wave.codebook, wave.layout) for wave in mapping.waves]
    told: set[tuple[str, str]] = set()
    for aliases, absent, codebook, layout in rounds or [({}, (), None, "")]:
        name_of = layout or format.layout
        there = laid_columns(format, codebook or format.codebook)
        for name in dict.fromkeys(aliases.get(name, name) for name in wanted if name and name not in absent):
            if there and name not in there and (name, name_of) not in told:
                told.add((name, name_of))
                what = f"the layout {name_of} has no column {name}"
                check.error(source.place, "source", what, nearest_column(name, there))


def laid_columns(format: Format, book: Codebook | None) -> list[str]:
    """Return the columns that a layout says a file has; none where only the file itself can tell."""
    laid = format.kind in {"cspro", "fixed"} or (format.kind == "csv" and (format.record or not format.header))
    if book is None or not laid:
        return []
    return [column.name for column in columns_of(book, format.record)] + ["occ"] * (format.kind == "cspro")


def nearest_column(wrong: str, known: list[str]) -> str:
    """Return the mend for a column that a layout does not have."""
    near = get_close_matches(wrong.casefold(), [name.casefold() for name in known], 1)
    if near:
        return f"write {next(name for name in known if name.casefold() == near[0])}"
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return f"one of {', '.join(known[:MOST_NAMED])}{more}"


def _keeps(check: Check) -> None:
    sets: list[tuple[Keep, dict[str, Values]]] = []
    for keep in check.mapping.keep:
        if keep.when is not None:
            check_condition(check, "keep", keep.when, keep.place, "when")
            check_names(check, "keep", keep.when, keep.place)
            sets.append((keep, dict(taken(keep.when) or {})))
        else:
            if "" in keep.values:
                what = f"keep holds rows in which {keep.column} is blank"
                check.warn(keep.place, "keep", what, "remove the blank, unless such rows do belong")
            if len(set(keep.values)) < len(keep.values):
                check.warn(keep.place, "keep", f"keep lists a value of {keep.column} twice", "list each once")
            sets.append((keep, {keep.column: values(keep.values)}))
    for (first, theirs), (second, mine) in combinations(sets, 2):
        for name in theirs.keys() & mine.keys():
            if not theirs[name].meets(mine[name]):
                what = f"no row can pass: line {first.place.line} keeps other values of {name}"
                check.error(second.place, "keep", what, "keep both lists of values in one line")
