"""The companions of a source: what is taken of them against what the mapping reads, makes and keeps out."""

from migstat.words.mapping_rule import columns
from migstat.work.lint.check import Check
from migstat.work.lint.source import laid_columns, nearest_column


def check_companions(check: Check) -> None:
    """Check that what is taken is read, is no identifier, and has a name of its own."""
    mapping, source = check.mapping, check.mapping.source
    made = {one.component for one in mapping.columns}
    dated = columns(source.date_rule) if source.date_rule is not None else ()
    read = {*check.rule_columns(), *source.key, source.weight, *source.design_columns, *dated}
    for one in source.companions:
        component = f"companion {one.name}"
        if check.structure.kind == "table":
            what = "companions go with records, and the mapping speaks of a published table"
            check.error(one.place, component, what, "take companions away, and join the files first")
        for name in one.columns:
            if name in source.identifiers:
                what = f"{name} is taken, and is an identifier"
                check.error(one.place, component, what, "take it out of columns: what is not taken is not read")
            elif name in made:
                what = f"{name} is taken, and is made under columns too"
                mend = f"give one of the two another name: columns: {{{name}_2: {one.columns[name]}}}"
                check.error(one.place, component, what, mend)
            elif name not in read:
                what = f"{name} is taken, and no rule reads it"
                check.warn(one.place, component, what, f"write the rule that reads {name}, or take it out of columns")
        there = laid_columns(one.format, one.format.codebook)
        for name in dict.fromkeys([*one.by.values(), *one.columns.values()] if there else []):
            if name not in there:
                what = f"the layout {one.format.layout} has no column {name}"
                check.error(one.place, component, what, nearest_column(name, there))
        for name in sorted({*one.by} & made):
            what = f"by: {name} is made under columns, and rows are joined before"
            check.error(one.place, component, what, "name a column of the extract")
