"""What a rule reads: columns of the file, and columns of other files; and which of them are not there."""

import difflib
from collections.abc import Iterator, Mapping, Sequence

from migstat.words.expression import names
from migstat.words.finding import Finding
from migstat.words.rule import Determines, Exists, Group, Parts, Rule, Unique
from migstat.words.rule import Sequence as InSequence


def columns_read(rule: Rule) -> tuple[str, ...]:
    """Return the names a rule reads, in order; what it looks up as ``alias.COLUMN``."""
    found: list[str] = []
    match rule.check:
        case Unique(columns) | Exists(columns):
            found += columns
        case Determines(columns, target):
            found += [*columns, target]
        case Group(by):
            found += by
        case InSequence(by, sort):
            found += [*by, *sort]
        case Parts(value, code, _, within):
            found += [value, code, *within]
    for expression in (getattr(rule.check, "expression", None), rule.when):
        found += names(expression) if expression is not None else ()
    found += [ours for one in rule.look_ups for ours in one.where.values()]
    return tuple(dict.fromkeys(found))


def not_in_others(rule: Rule, others: Mapping[str, Sequence[str]]) -> str:
    """Return what the other files that a rule looks into do not have, in words; an empty text where they have all."""
    wanted: dict[str, list[str]] = {}
    for one in rule.look_ups:
        read = [name.removeprefix(f"{one.alias}.") for name in columns_read(rule) if name.startswith(f"{one.alias}.")]
        wanted.setdefault(one.file, []).extend([*one.where, *(name for name in read if name != "n")])
    if isinstance(rule.check, Exists):
        wanted.setdefault(rule.check.file, []).extend(rule.check.other)
    lacking = {
        file: [name for name in dict.fromkeys(names) if name not in others[file]]
        for file, names in wanted.items()
        if file in others
    }
    return "; ".join(f"not in {file}: {', '.join(names)}" for file, names in lacking.items() if names)


def unknown_columns(rule: Rule, known: Sequence[str], others: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Find the columns that a rule reads and no file has, each with the nearest name there is."""
    files = {one.alias: one.file for one in rule.look_ups}
    tables = {"self": known, **others}
    for name in columns_read(rule):
        alias, dot, column = name.partition(".")
        if dot and alias in files and name not in known:
            table = tables.get(files[alias])
            if table is not None and column != "n" and column not in table:
                yield _unknown(rule, column, f"the file {files[alias]}", table)
        elif name not in known:
            yield _unknown(rule, name, "the data", known)
    for file, theirs in [(one.file, tuple(one.where)) for one in rule.look_ups]:
        yield from (_unknown(rule, name, f"the file {file}", tables[file]) for name in theirs
                    if file in tables and name not in tables[file])  # fmt: skip
    if isinstance(rule.check, Exists) and rule.check.file in tables:
        table = tables[rule.check.file]
        for name in rule.check.other:
            if name not in table:
                yield _unknown(rule, name, f"the file {rule.check.file}", table)


def _unknown(rule: Rule, name: str, where: str, known: Sequence[str]) -> Finding:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    mend = f"write {near[0]}" if near else f"one of {', '.join(list(known)[:12])}"
    return Finding(
        rule.place, rule.component, f"{rule.id} reads {name}, which is no column of {where}", mend, rule=rule.id
    )
