"""SDMX-CSV, versions 1.0 and 2.0: one observation a row, with labels and keys where they are asked for, in batches."""

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Literal

import polars as pl

from migstat.words.codelist import Codelist
from migstat.words.finding import misuse
from migstat.words.message import Action
from migstat.words.structure import TIME_PERIOD, Component, Role
from migstat.words.table import Table
from migstat.write.atomic import beside
from migstat.write.batches import batches
from migstat.write.tables import as_text

Version = Literal["1.0", "2.0"]
Labels = Literal["id", "name", "both"]
Keys = Literal["none", "obs", "series", "both"]
Kind = Literal["dataflow", "datastructure", "dataprovision"]
BATCH = 100_000
KEYS: dict[str, tuple[str, ...]] = {
    "none": (),
    "obs": ("OBS_KEY",),
    "series": ("SERIES_KEY",),
    "both": ("SERIES_KEY", "OBS_KEY"),
}
Column = tuple[str, pl.Expr]
"""The name in the header, and what stands below it."""


def write_sdmx_csv(
    table: Table | Sequence[Table],
    path: str | os.PathLike[str],
    *,
    version: Version = "2.0",
    action: Action = "I",
    kind: Kind = "dataflow",
    labels: Labels = "id",
    keys: Keys = "none",
    order: Literal["structure", "frame"] = "structure",
    codelists: Callable[[str], Codelist] | None = None,
    language: str = "en",
) -> None:
    """Write a table as SDMX-CSV, dimensions first, then measures, then attributes; or in the ``order`` of the frame.

    Version 1.0 opens each row with DATAFLOW, version 2.0 with STRUCTURE, STRUCTURE_ID and ACTION, and takes several
    tables into one file. ``labels`` writes names beside ids: ``both`` in one cell, as ``F: Female``, ``name`` in a
    column of their own; a value without a codelist has no name. ``keys`` adds SERIES_KEY (the dimensions but time) and
    OBS_KEY (all of them). The frame may be lazy: rows are written in batches, so that memory does not grow with them.
    Numbers are exact and the shortest that read back equal. The file appears whole or not at all, and equal tables give
    equal bytes. Raises Misuse for what the version does not have.
    """
    tables = [table] if isinstance(table, Table) else list(table)
    _check(tables, version, labels, keys)
    ids = _ids(tables, order)
    with beside(path) as part, part.open("wb") as file:
        for number, one in enumerate(tables):
            opening = {"DATAFLOW": one.reference}
            if version == "2.0":
                opening = {"STRUCTURE": kind, "STRUCTURE_ID": one.reference, "ACTION": action}
            writer = _Writer(one, opening, labels, keys, codelists, language)
            columns = list(writer.columns(ids))
            if number == 0:
                file.write(_header([name for name, _ in columns]))
            _write(as_text(one.frame), [expr for _, expr in columns], file)


def _check(tables: Sequence[Table], version: str, labels: str, keys: str) -> None:
    if version not in ("1.0", "2.0"):
        raise misuse(f"SDMX-CSV has no version {version} here", "write 1.0 or 2.0", component="version")
    if version == "1.0" and len(tables) > 1:
        raise misuse("SDMX-CSV 1.0 holds one table", "write version 2.0, or a file for each", component="version")
    if not tables:
        raise misuse("there is no table to write", "give one table at least")
    if labels not in ("id", "name", "both"):
        raise misuse(f"there are no labels {labels!r}", "write id, name or both", component="labels")
    if version == "1.0" and (labels == "name" or keys != "none"):
        raise misuse("SDMX-CSV 1.0 has neither columns of names nor of keys", "write version 2.0", component="labels")
    if keys not in KEYS:
        raise misuse(f"there are no keys {keys!r}", f"write one of {', '.join(KEYS)}", component="keys")


def _ids(tables: Sequence[Table], order: str) -> list[str]:
    """Return the components of all tables, those of one role together."""
    roles: tuple[Role, ...] = ("dimension", "measure", "attribute")
    found: dict[str, None] = {}
    for role in roles:
        for table in tables:
            there = table.frame.lazy().collect_schema().names()
            found |= dict.fromkeys(one.id for one in table.structure.with_role(role) if one.id in there)
    if order == "frame":
        found = {id: None for table in tables for id in table.frame.lazy().collect_schema().names() if id in found}
    return list(found)


class _Writer:
    """Makes the columns of one table."""

    def __init__(
        self,
        table: Table,
        opening: dict[str, str],
        labels: Labels,
        keys: Keys,
        codelists: Callable[[str], Codelist] | None,
        language: str,
    ) -> None:
        self.table, self.opening, self.labels, self.keys = table, opening, labels, keys
        self.codelists, self.language = codelists, language
        self.there = frozenset(table.frame.lazy().collect_schema().names())

    def columns(self, ids: Sequence[str]) -> Iterator[Column]:
        """Yield all columns of the file, in order."""
        structure = self.table.structure
        name = structure.names.get(self.language) or structure.names.get("en", structure.id)
        for key, value in self.opening.items():
            labelled = self.labels == "both" and key in ("STRUCTURE_ID", "DATAFLOW")
            yield key, pl.lit(f"{value}: {name}" if labelled else value)
            if self.labels == "name" and key == "STRUCTURE_ID":
                yield "STRUCTURE_NAME", pl.lit(name)
        dimensions = [one.id for one in structure.with_role("dimension") if one.id in self.there]
        for key in KEYS[self.keys]:
            parts = [one for one in dimensions if key == "OBS_KEY" or one != TIME_PERIOD]
            yield key, pl.concat_str([pl.col(one).cast(pl.String).fill_null("") for one in parts], separator=".")
        for id in ids:
            yield from self.component(id)

    def component(self, id: str) -> Iterator[Column]:
        """Yield the column of a component, and that of its names."""
        structure = self.table.structure
        component = next((one for one in structure.components if one.id == id), None)
        value = pl.col(id).cast(pl.String) if id in self.there else pl.lit(None, pl.String)
        names = component.names if component is not None else {}
        name = names.get(self.language) or names.get("en", id)
        match self.labels:
            case "id":
                yield id, value
            case "both":
                label = self.label(component, value)
                cell = value if label is None else pl.concat_str([value, label], separator=": ")
                yield f"{id}: {name}", cell
            case "name":
                label = self.label(component, value)
                yield id, value
                yield name, pl.lit(None, pl.String) if label is None else label

    def label(self, component: Component | None, value: pl.Expr) -> pl.Expr | None:
        """Return the names of codes; a code that the list does not have is its own name."""
        if component is None or not component.coded or self.codelists is None or component.id not in self.there:
            return None
        codelist = self.codelists(component.codelist)
        named = {id: codelist.label(id, self.language) for id in codelist.ids}
        return value.replace_strict(list(named), list(named.values()), default=value, return_dtype=pl.String)


def _header(names: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().encode()


def _write(text: pl.LazyFrame, columns: Sequence[pl.Expr], file: IO[bytes]) -> None:
    lazy = text.select(expr.alias(f"c{number}") for number, expr in enumerate(columns))
    for batch in batches(lazy, BATCH):
        batch.write_csv(file, include_header=False, line_terminator="\n", null_value="")
