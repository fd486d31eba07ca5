"""Fitting: the cells of a table that a structure can hold, and what had to be left out, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.combined import Loss
from migstat.words.finding import Finding, Place
from migstat.words.how_many import how_many
from migstat.words.missing import TOTAL
from migstat.words.structure import Structure
from migstat.words.table import Table
from migstat.work.combine.cells import STATUS, VALUE
from migstat.work.combine.facts import CONTEXT

CALL = Place("combine")


@dataclass(slots=True)
class Work:
    """What is noted on the way."""

    losses: list[Loss] = field(default_factory=list)
    historic: list[Loss] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def fitting(id: str, table: Table, into: Structure, work: Work) -> pl.DataFrame:
    """Return the cells of a table that the structure can hold; a dimension that it lacks must be a total."""
    frame: pl.DataFrame = table.frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    if "MEASURE" in frame.columns and "MEASURE" not in into:
        others = frame.filter(pl.col("MEASURE") != "COUNT").height
        frame = frame.filter(pl.col("MEASURE") == "COUNT").drop("MEASURE", "VARIABLE", strict=False)
        if others:
            work.losses.append(
                Loss(
                    id,
                    "MEASURE",
                    f"{how_many(others, 'cell that is no count is', 'cells that are no counts are')} left out",
                )
            )
    if "UNIT_MEASURE" in frame.columns and (shares := frame.filter(pl.col("UNIT_MEASURE") == "PT").height):
        frame = frame.filter(pl.col("UNIT_MEASURE") != "PT")
        what = (
            f"{how_many(shares, 'percentage is', 'percentages are')} left "
            f"out: shares cannot be added up; reckon them anew from the counts"
        )
        work.losses.append(Loss(id, "UNIT_MEASURE", what))
    for one in table.structure.with_role("dimension"):
        if one.id in into or one.id not in frame.columns:
            continue
        if TOTAL not in frame[one.id].unique():
            what = f"{id} has the dimension {one.id}, which {into.id} has not, and no total in it"
            work.findings.append(Finding(CALL, one.id, what, f"tabulate it with totals, or into {table.structure.id}"))
            continue
        if finer := frame.filter(pl.col(one.id) != TOTAL).height:
            what = (
                f"{how_many(finer, f'cell by {one.id} is', f'cells by {one.id} are')} "
                f"left out: {into.id} has no place for it"
            )
            work.losses.append(Loss(id, one.id, what))
        frame = frame.filter(pl.col(one.id) == TOTAL)
    frame = frame.select(one for one in frame.columns if one in into)
    lacking = [one.id for one in into.components if one.required and one.id not in frame.columns]
    for name in lacking:
        if name in CONTEXT or name == VALUE:
            what = f"{id} has no {name}, which every cell of {into.id} has"
            mend = "tabulate it, or read it through a mapping with a part table:"
            work.findings.append(Finding(CALL, name, what, mend))
    totals = [pl.lit(TOTAL).alias(name) for name in lacking if name not in CONTEXT and name != VALUE]
    status = pl.when(pl.col(VALUE).is_null()).then(pl.lit("O")).otherwise(pl.lit("A")).alias(STATUS)
    return frame.with_columns(*totals, *([] if STATUS in frame.columns else [status]))


def without_groups(
    frames: Mapping[str, pl.DataFrame], into: Structure, codelists: Callable[[str], Codelist], work: Work
) -> dict[str, pl.DataFrame]:
    """Leave out rows of groups such as the EU: their members have rows of their own, and would be counted twice."""
    made = dict(frames)
    for component in into.with_role("dimension"):
        if not component.coded:
            continue
        groups = [code.id for code in codelists(component.codelist) if code.attributes.get("kind") == "group"]
        for id, frame in made.items():
            if met := sorted(set(groups) & set(frame[component.id].unique())):
                what = f"groups of areas are left out, since their members have rows: {', '.join(met)}"
                work.losses.append(Loss(id, component.id, what, tuple(met)))
                made[id] = frame.filter(~pl.col(component.id).is_in(met))
    return made
