"""What the head of a mapping says, as a structure map: what fills every row, and what SDMX has no words for."""

from migstat.words.expression_text import print_expression
from migstat.words.finding import Severity
from migstat.words.how_many import how_many
from migstat.words.structure_map import Annotation, ComponentMap, FixedValueMap
from migstat.work.harmonize.plan import SOURCE_TYPES
from migstat.work.structure_maps.making import Export
from migstat.work.structure_maps.notes import FILLED


def export_filled(made: Export) -> None:
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


def export_head(made: Export) -> None:
    """Note what a structure map leaves out of what the head says."""
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
    if mapping.source.drops_duplicates:
        what = "rows that stand already are left out, which SDMX has no words for"
        made.lose(mapping.source.place, "duplicates", what, "leave them out before")
    if mapping.source.date_rule is not None:
        made.lose(mapping.source.place, "date", "the date of each row stands in columns", "run the map here")
    if mapping.source.replicates:
        count = len(mapping.source.replicates)
        made.lose(
            mapping.source.place,
            "replicates",
            f"{how_many(count, 'replicate weight is', 'replicate weights are')} not mapped",
            "run the map here",
        )
    if mapping.examples:
        made.lose(
            place,
            "example",
            f"{how_many(len(mapping.examples), 'example is', 'examples are')} kept as a note",
            "run migstat check",
        )
