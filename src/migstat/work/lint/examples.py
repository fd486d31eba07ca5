"""Examples of a mapping: that they name what is there. The run of them is the engine's."""

from migstat.words.mapping_rule import columns as columns_of
from migstat.words.missing import MISSING_SUFFIX
from migstat.work.lint.check import Check


def check_examples(check: Check) -> None:
    """Check the components, codes, columns and waves that examples name."""
    mapping, structure, source = check.mapping, check.structure, check.mapping.source
    columns = {*check.rule_columns(), *source.key, source.weight, *source.design_columns, *source.joining}
    columns |= set(columns_of(source.date_rule)) if source.date_rule else set()
    columns |= {column for wave in mapping.waves for column in wave.columns.values()}
    waves = [wave.id for wave in mapping.waves]
    for example in mapping.examples:
        if example.wave and example.wave not in waves:
            mend = check.nearest(example.wave, waves) if waves else "remove wave: the mapping has no waves"
            check.error(example.place, "example", f"there is no wave '{example.wave}'", mend)
        for name in sorted(set(example.given) - columns):
            what = f"the example gives {name}, which nothing reads"
            check.warn(example.place, "example", what, check.nearest(name, sorted(columns - {""})))
        for id, code in (example.gives or {}).items():
            name = id.removesuffix(MISSING_SUFFIX)
            if name not in structure:
                what = f"the example names {id}, and {structure.id} has no such component"
                check.error(example.place, "example", what, check.nearest(id, structure.ids))
            else:
                check.code(structure[name], code, example.place, of="example: ")
