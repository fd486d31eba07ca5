"""Two mappings beside each other: source, who is kept, the columns that are made, and every component."""

from collections.abc import Iterator
from collections.abc import Mapping as Dict

from migstat.words.difference import Difference
from migstat.words.expression import names
from migstat.words.expression_text import print_expression
from migstat.words.finding import Finding, Place, Severity
from migstat.words.mapping import COLUMN, Mapping
from migstat.words.mapping_rule import NotCollected, columns
from migstat.words.source import Source
from migstat.words.structure import Structure
from migstat.work.compare_mappings.targets import Found, kind_of, target_differences

CONCEPTS = ("population", "birthplace", "boundaries", "coverage")
HEAD = ("kind", "area", "key", "duplicates", "strata", "psu", "fpc", "replicates", "identifiers")
WRITTEN = ("missing", "decimal", "record")
"""What of the format says which values and rows there are, and not only how they are written."""


def differences(old: Mapping, new: Mapping, structure: Structure) -> Found:
    """Yield the changes, each finding of what they break after the change it comes from."""
    if old.into != new.into:
        yield Difference("structure", "into", None, old.into, new.into)
        what = f"fills {new.into}, and filled {old.into}"
        yield Finding(new.place, "into", what, "records of the two cannot be put together", rule="structure")
    versions = tuple(one.structure.version if one.structure else "" for one in (old, new))
    if versions[0] != versions[1]:
        # Structures that ship have one version; an office's own may have changed between the two.
        yield Difference("structure", "into version", None, *versions)
    if old.version != new.version:
        yield Difference("source", "version", None, old.version, new.version)
    yield from _source(old, new)
    yield from _columns(old, new)
    before = {one.component: one for one in old.targets}
    after = {one.component: one for one in new.targets}
    for id, target in before.items():
        if id not in after:
            yield Difference("removed", id, None, kind_of(target.rule))
            needed = id in structure and structure[id].required
            severity = Severity.ERROR if needed or not isinstance(target.rule, NotCollected) else Severity.WARNING
            yield Finding(
                new.place,
                id,
                "no rule fills it any more",
                f"write a rule, or {id}: {{not_collected: why}}",
                severity,
                rule="removed",
            )
    for id, target in after.items():
        if id not in before:
            yield Difference("added", id, None, after=kind_of(target.rule))
        else:
            yield from target_differences(before[id], target)


def _columns(old: Mapping, new: Mapping) -> Found:
    """Yield what changed in the columns that are made first, each with the rules that read it."""
    before, after = ({one.component: one for one in mapping.made} for mapping in (old, new))
    read = {name for _, _, names in _readers(old) for name in names}
    for id in dict.fromkeys([*before, *after]):
        name = next(one.component for one in (*old.columns, *new.columns) if COLUMN.format(one.component) == id)
        if id not in after:
            yield Difference("removed", id, None, kind_of(before[id].rule))
            what, mend = (
                f"reads {name}, which is not made any more",
                f"make {name} under columns, or read another column",
            )
            yield from _read_by(new, name, what, mend, Severity.ERROR, "column")
        elif id not in before:
            yield Difference("added", id, None, after=kind_of(after[id].rule))
            if name in read:
                what = f"reads {name}, which was a column of the source and is made now"
                yield from _read_by(new, name, what, "check that the two compare", Severity.WARNING, "comparability")
        else:
            found = list(target_differences(before[id], after[id]))
            yield from found
            if any(isinstance(one, Difference) and one.kind != "label" for one in found):
                what = f"reads {name}, which is not what it was"
                mend = f"see what changed in column {name}, and check that the two compare"
                yield from _read_by(new, name, what, mend, Severity.WARNING, "comparability")


def _read_by(mapping: Mapping, name: str, what: str, mend: str, severity: Severity, rule: str) -> Iterator[Finding]:
    """Yield what is to be said of each rule that reads a column, itself or through other columns that are made."""
    through = {name: ""}
    for place, component, read in _readers(mapping):
        met = next((one for one in read if one in through), None)
        if met is not None:
            yield Finding(place, component, what + through[met], mend, severity, rule=rule)
            made = component.removeprefix(COLUMN.format(""))
            if made != component:
                through.setdefault(made, f", through {made}")


def _readers(mapping: Mapping) -> Iterator[tuple[Place, str, tuple[str, ...]]]:
    """Yield place and name of all that reads columns, with those that it reads: columns before what they serve."""
    for target in (*mapping.made, *mapping.targets):
        asked = names(target.universe) if target.universe is not None else ()
        yield target.place, target.component, (*columns(target.rule), *asked)
    for keep in mapping.keep:
        yield keep.place, "keep", names(keep.when) if keep.when is not None else (keep.column,)


def _source(old: Mapping, new: Mapping) -> Found:
    before, after = _head(old.source), _head(new.source)
    for key, was in before.items():
        now = after[key]
        if was == now:
            continue
        yield Difference("source", key, None, was, now)
        if key in ("population", "birthplace", "kind"):
            what = f"{key} is {now or 'not said'}, and was {was or 'not said'}"
            yield Finding(new.source.place, "source", what, "the two count different people", rule="comparability")
        elif key == "record":
            what = f"a row is a {now or 'line'}, and was a {was or 'line'}"
            yield Finding(new.source.place, "source", what, "the two count different units", rule="comparability")
        elif key in ("boundaries", "coverage", "weight", "missing", "decimal", "duplicates"):
            what = f"{key} is {now or 'not said'}, and was {was or 'not said'}"
            yield Finding(
                new.source.place,
                "source",
                what,
                "say so where they are compared",
                Severity.WARNING,
                rule="comparability",
            )
    was, now = _joined(old), _joined(new)
    if was != now:
        yield Difference("source", "companions", None, was, now)
        what = f"takes columns from {now or 'no other file'}, and took them from {was or 'no other file'}"
        mend = "check that the columns compare, and that the file comes with the extract"
        yield Finding(new.source.place, "source", what, mend, Severity.WARNING, rule="comparability")
    was, now = _keeps(old), _keeps(new)
    if was != now:
        yield Difference("keep", "keep", None, was, now)
        place = new.keep[0].place if new.keep else new.place
        yield Finding(
            place,
            "keep",
            f"keeps {now or 'every row'}, and kept {was or 'every row'}",
            "the two count different people",
            rule="comparability",
        )


def _head(source: Source) -> dict[str, str]:
    """Return what a source says that is compared, in the order in which it is told."""
    by = "" if source.weight_divide_by is None else f" / {source.weight_divide_by:g}"
    said = {"date": source.period, **{key: _said(getattr(source, key)) for key in (*CONCEPTS, *HEAD)}}
    said |= {"weight": f"{source.weight}{by}", "replicates": _said(_numbered(source.replicates))}
    return said | {key: _said(getattr(source.format, key)) for key in WRITTEN}


def _numbered(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Name the first and the last of many columns."""
    return columns if len(columns) < 3 else (f"{columns[0]} to {columns[-1]} ({len(columns)})",)


def _said(value: object) -> str:
    return ", ".join(one or "a blank" for one in value) if isinstance(value, tuple) else str(value or "")


def _joined(mapping: Mapping) -> str:
    """Return in words what is taken from which companion."""

    def said(columns: Dict[str, str]) -> str:
        return ", ".join(ours if ours == theirs else f"{ours} ({theirs})" for ours, theirs in columns.items())

    return "; ".join(f"{one.name}: {said(one.columns)} by {said(one.by)}" for one in mapping.source.companions)


def _keeps(mapping: Mapping) -> str:
    return "; ".join(
        print_expression(one.when) if one.when is not None else f"{one.column} in ({', '.join(one.values)})"
        for one in mapping.keep
    )
