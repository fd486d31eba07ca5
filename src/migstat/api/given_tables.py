"""What may be given to be protected: tables, their files, or frames of any engine, made tables of one kind."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.frames import frame_of
from migstat.api.plain_columns import WIDE, figures, plain_frame
from migstat.api.plain_files import frame_of_file
from migstat.api.table_files import table_of_file
from migstat.read.codelists import codelist
from migstat.words.finding import misuse
from migstat.words.how_many import how_many
from migstat.words.protected import Protected
from migstat.words.structure import Component, Structure
from migstat.words.table import Table
from migstat.work.protect import contributions as contributing
from migstat.work.protect.cells import Tree
from migstat.work.protect.tables import additive_rows, codelist_trees
from migstat.work.protect.trees import plain_trees, trees_of

COUNT, VALUE = "N_UNWEIGHTED", "OBS_VALUE"

Given = Any
"""A table, a frame of any engine, the path of a table; or a list of these, which are published together."""


def count_column(tables: Sequence[Table], value: str, count: str | None) -> str | None:
    """Name the column that counts records: as told, or N_UNWEIGHTED, or the value where it is whole numbers."""
    if count is not None:
        lacking = [place for place, table in enumerate(tables, 1) if count not in table.frame.columns]
        if lacking:
            raise misuse(f"table {lacking[0]} has no column {count}", "name the column of counts", component=count)
        return count
    if all(COUNT in table.frame.columns for table in tables):
        return COUNT
    values = [table.frame.filter(additive_rows(table.frame))[value].drop_nulls() for table in tables]
    whole = all((one % 1 == 0).all() for one in values)
    return value if whole else None


def trees_for(
    tables: Sequence[Table], hierarchies: Mapping[str, Any] | None, total: str
) -> Callable[[str, Sequence[str]], Sequence[Tree]]:
    """Return the trees of each dimension: as told, or by its codelist."""
    by_codelist = codelist_trees(tables, codelist, total)
    told = dict(hierarchies or {})

    def trees(id: str, present: Sequence[str]) -> Sequence[Tree]:
        given = told.get(id)
        if isinstance(given, str):
            return trees_of(codelist(given), present, total)
        return plain_trees(given, present, total) if given is not None else by_codelist(id, present)

    return trees


def opened(
    given: Given,
    dimensions: Sequence[str],
    value: str,
    hierarchies: Mapping[str, Any] | None,
    total: str,
    count: str | None,
    margins: bool = True,
) -> list[Table]:
    """Open everything that is given as tables; frames get a structure of their own."""
    listed = list(given) if isinstance(given, list | tuple) else [given]
    if not listed:
        raise misuse("there are no tables", "name at least one")
    return [_one(one, dimensions, value, hierarchies, total, count, margins) for one in listed]


def _one(
    given: Any,
    dimensions: Sequence[str],
    value: str,
    hierarchies: Mapping[str, Any] | None,
    total: str,
    count: str | None,
    margins: bool,
) -> Table:
    if isinstance(given, str | os.PathLike) and not dimensions:
        return _with_value(table_of_file(given), value, Path(given).name)
    if isinstance(given, Protected):
        raise misuse("this is the result of protect", "pass run.tables")
    if isinstance(given, Table):
        if value not in given.frame.columns:
            mend = f"name the column of its values: value=..., one of {', '.join(given.frame.columns)}"
            raise misuse(f"the table has no {value}", mend, component=value)
        return given
    if isinstance(given, str | os.PathLike):
        given = _numbers(frame_of_file(Path(given), "there is no such table", "name a CSV file"), dimensions)
    # Codes that are wide numbers or decimals are texts before they could become numbers with a fraction.
    codes = [nw.col(id).cast(nw.String) for id, kind in frame_of(given).collect_schema().items()
             if id in dimensions and kind in WIDE]  # fmt: skip
    given = frame_of(given).with_columns(*codes).to_native() if codes else given
    given = plain_frame(given, "the frame", [*dimensions, value, count or value])
    frame: pl.DataFrame = nw.from_native(given).lazy().collect("polars").to_native()
    if not dimensions:
        raise misuse("a frame does not say which columns are dimensions", 'pass dimensions=["SEX", "AGE"]')
    there = [id for id in dimensions if id in frame.columns]
    lacking = [value] * (value not in frame.columns) + ([] if there else list(dimensions))
    if lacking:
        raise misuse(
            f"the frame has no {', '.join(lacking)}", f"it has {', '.join(frame.columns)}", component=lacking[0]
        )
    if not frame[value].dtype.is_numeric():
        raise misuse(f"{value} is no number but {frame[value].dtype}", "read it as numbers", component=value)
    behind = [value, count] if count is not None and count in frame.columns else [value]
    frame = figures(frame, [name for name in behind if not frame[name].dtype.is_integer()], "the frame")
    table = plain_table(frame.with_columns(pl.col(there).cast(pl.String)), there, value)
    coded = {id: told for id, told in (hierarchies or {}).items() if isinstance(told, str)}
    inner = not any((table.frame[id] == total).any() for id in there)
    return _with_margins(table, there, value, hierarchies, total, count) if inner and margins and not coded else table


def _with_value(table: Table, value: str, name: str) -> Table:
    """Return the table, or raise Misuse where it has no such column of numbers."""
    numbers = [id for id in table.frame.columns if table.frame[id].dtype.is_numeric()]
    if value not in numbers:
        what = f"{value} is no number" if value in table.frame.columns else f"the table has no {value}"
        raise misuse(what, f"its numbers are {', '.join(numbers) or 'none'}", place=name, component=value)
    return table


def _numbers(frame: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    """Make numbers of the texts of a plain file, in columns where every value is one; codes stay texts."""
    texts = [name for name in frame.columns if frame[name].dtype == pl.String and name not in dimensions]
    numbers = frame.select(pl.col(texts).cast(pl.Float64, strict=False))
    whole = [name for name in texts if numbers[name].null_count() == frame[name].null_count()]
    return frame.with_columns(numbers.select(whole))


def plain_table(frame: pl.DataFrame, dimensions: Sequence[str], value: str) -> Table:
    """Give a plain frame a structure of its own: what is no dimension may give a hidden value back, so it goes too."""
    components = tuple(
        Component(
            name, name, "dimension" if name in dimensions else "measure" if name == value else "attribute", "text"
        )
        for name in frame.columns
    )
    return Table(frame, Structure("FRAME", "table", "1.0", {"en": "Frame"}, "", "cell", tuple(dimensions), components))


def _with_margins(
    table: Table,
    dimensions: Sequence[str],
    value: str,
    hierarchies: Mapping[str, Any] | None,
    total: str,
    count: str | None,
) -> Table:
    """Add the totals of a frame of inner cells, so that they are totals of what is published, not of something else."""
    for id in dimensions:
        if empty := table.frame[id].null_count():
            what = f"{how_many(empty, 'cell has', 'cells have')} no code, and would be in no total"
            raise misuse(what, "write a code for what is unknown, such as _U", component=id)
    sums = [name for name in dict.fromkeys([value, count]) if name is not None and name in table.frame.columns]
    for name in sums:
        if empty := table.frame[name].null_count():
            one = "cell has no figure, and its totals would lack it"
            what = how_many(empty, one, "cells have no figure, and their totals would lack them")
            raise misuse(what, "write the figure, 0 where there is nobody, or give the totals too", component=name)
    trees = trees_for([table], hierarchies, total)
    known = {id: trees(id, table.frame[id].unique().sort().to_list()) for id in dimensions}
    lifted = contributing.lifted(table.frame.select(*dimensions, *sums), dimensions, known)
    frame = lifted.group_by(dimensions).agg(pl.col(sums).sum()).sort(dimensions)
    return replace(table, frame=frame)
