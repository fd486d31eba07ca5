"""The design of a source as its records have it: which components hold strata, units, sizes and replicate weights."""

from collections.abc import Collection
from typing import Any

from migstat.words.design import Design, Replicates, Stage
from migstat.words.source import Source

FIRST = ("STRATA", "PSU")


def sampling_columns(source: Source) -> dict[str, tuple[str, ...]]:
    """Return the columns of the records that name strata and units, and the source columns that make each."""
    made = {"STRATA": source.strata, "PSU": source.psu}
    for number, stage in enumerate(source.stages, 2):
        made |= {f"STAGE_STRATA_{number}": stage.strata, f"STAGE_UNIT_{number}": stage.unit}
    return {id: columns for id, columns in made.items() if columns}


def size_columns(source: Source) -> dict[str, str]:
    """Return the columns of the records that hold the units of a stratum, and the source column of each."""
    sizes = {f"FPC_{number}": fpc for number, fpc in enumerate((source.fpc, *(s.fpc for s in source.stages)), 1)}
    return {id: column for id, column in sizes.items() if column}


def component_of(column: str) -> str:
    """Return the component that a column of records belongs to: ``FPC_1`` to FPC, which repeats.

    >>> component_of("STAGE_UNIT_2"), component_of("PSU")
    ('STAGE_UNIT', 'PSU')
    """
    stem, _, number = column.rpartition("_")
    return stem if number.isdigit() else column


def record_design(source: Source, columns: Collection[str]) -> Design | None:
    """Return the design of the records of a source, or None where nothing but a weight is known of it."""

    def there(name: str) -> str:
        return name if name in columns else ""

    stages = [Stage(there("PSU"), there("STRATA"), there("FPC_1"))]
    for number, _ in enumerate(source.stages, 2):
        stages.append(Stage(there(f"STAGE_UNIT_{number}"), there(f"STAGE_STRATA_{number}"), there(f"FPC_{number}")))
    named = tuple(stages) if any(stage != Stage() for stage in stages) else ()
    weights = tuple(f"REPWT_{number}" for number in range(1, len(source.replicates) + 1))
    replicates = None
    if weights and set(weights) <= set(columns):
        method: Any = source.replicate_method
        replicates = Replicates(
            weights,
            method,
            source.replicate_fay or 0.0,
            source.replicate_scale,
            source.replicate_rscales,
            source.replicate_combined,
            source.replicate_centre,
        )
    if not named and replicates is None and source.calibration is None:
        return None
    return Design(there("WEIGHT"), named, source.lonely, replicates, source.calibration, source.df)
