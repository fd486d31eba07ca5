"""Levels: which attribute stands where in a message, and its value where it holds for more than one observation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from migstat.words.finding import Finding, MigstatError, Place
from migstat.words.structure import TIME_PERIOD, Component, Structure
from migstat.words.table import Table

At = Literal["dataset", "group", "series", "observation"]


@dataclass(frozen=True, slots=True)
class Levels:
    """The columns of a table by where they stand: the key, measures, and attributes of each level."""

    structure: Structure
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    dataset: tuple[Component, ...]
    groups: dict[str, tuple[Component, ...]]
    series: tuple[Component, ...]
    observation: tuple[Component, ...]

    @property
    def time(self) -> str:
        """The time dimension, where there is one."""
        return TIME_PERIOD if TIME_PERIOD in self.dimensions else ""


def levels_of(structure: Structure, columns: Sequence[str]) -> Levels:
    """Sort the columns that a table has by where they stand in a message."""
    there = frozenset(columns)
    found: dict[At, list[Component]] = {"dataset": [], "series": [], "observation": []}
    groups: dict[str, list[Component]] = {}
    for component in structure.with_role("attribute"):
        if component.id not in there:
            continue
        group = group_of(component, structure)
        if group:
            groups.setdefault(group, []).append(component)
        else:
            found[level_of(component)].append(component)
    return Levels(
        structure,
        tuple(one.id for one in structure.with_role("dimension") if one.id in there),
        tuple(one.id for one in structure.with_role("measure") if one.id in there),
        tuple(found["dataset"]),
        {group: tuple(components) for group, components in groups.items()},
        tuple(found["series"]),
        tuple(found["observation"]),
    )


def level_of(component: Component) -> At:
    """Return where an attribute stands that is of no group with a name."""
    if component.attached is None or TIME_PERIOD in component.attached:
        return "observation"
    return "series" if component.attached else "dataset"


def group_of(component: Component, structure: Structure) -> str:
    """Return the group of the structure that has just the dimensions to which an attribute is attached."""
    if not component.attached:
        return ""
    wanted = frozenset(component.attached)
    return next((name for name, dimensions in structure.groups.items() if frozenset(dimensions) == wanted), "")


def whole_values(table: Table, text: pl.LazyFrame, components: Sequence[Component]) -> dict[str, str]:
    """Return the one value that each attribute of the dataset has. Raises MigstatError where it has more than one."""
    ids = [one.id for one in components]
    if not ids:
        return {}
    wanted = [filled(id).drop_nulls().unique(maintain_order=True).head(2).implode().alias(id) for id in ids]
    row = text.select(wanted).collect(engine="streaming").row(0, named=True)
    faults = [
        _varies(table, id, "the dataset", f"{row[id][0]!r} and {row[id][1]!r}") for id in ids if len(row[id] or ()) > 1
    ]
    if faults:
        raise MigstatError(faults)
    return {id: row[id][0] for id in ids if row[id]}


def group_values(
    table: Table, text: pl.LazyFrame, dimensions: Sequence[str], components: Sequence[Component]
) -> pl.DataFrame:
    """Return a row for each group with the value of its attributes. Raises MigstatError where one has several."""
    ids = [one.id for one in components]
    counts = [filled(id).drop_nulls().n_unique().alias(f"{id}-n") for id in ids]
    firsts = [filled(id).drop_nulls().first().alias(id) for id in ids]
    found = text.group_by(dimensions).agg(*firsts, *counts).collect(engine="streaming").sort(dimensions)
    faults = []
    for id in ids:
        several = found.filter(pl.col(f"{id}-n") > 1)
        if several.height:
            key = ".".join(str(several[0, one]) for one in dimensions)
            faults.append(
                _varies(table, id, f"the group {key}", f"groups with more than one value: {several.height:,}")
            )
    if faults:
        raise MigstatError(faults)
    return found.filter(pl.any_horizontal(pl.col(id).is_not_null() for id in ids)).select(*dimensions, *ids)


def filled(id: str) -> pl.Expr:
    """Return a column as text in which a blank is null."""
    text = pl.col(id).cast(pl.String)
    return pl.when(text != "").then(text)


def _varies(table: Table, id: str, within: str, how: str) -> Finding:
    what = f"the attribute varies within {within}, to which the structure attaches it: {how}"
    mend = "give it one value there, or attach it to observations in the structure; migstat validate says where"
    return Finding(Place(table.reference), id, what, mend)
