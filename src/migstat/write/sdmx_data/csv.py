"""SDMX-CSV, versions 1.0 and 2.0: one observation a row, written in batches."""

import os
from typing import Literal

import polars as pl

from migstat.words.finding import misuse
from migstat.words.structure import Role
from migstat.words.table import Table
from migstat.write.atomic import beside
from migstat.write.tables import as_text

Version = Literal["1.0", "2.0"]


def write_sdmx_csv(
    table: Table,
    path: str | os.PathLike[str],
    *,
    version: Version = "2.0",
    action: Literal["I", "A", "M", "R", "D"] = "I",
) -> None:
    """Write a table as SDMX-CSV, dimensions first, then measures, then attributes.

    Version 1.0 opens each row with DATAFLOW, version 2.0 with STRUCTURE, STRUCTURE_ID and ACTION. The frame may be
    lazy: rows are written in batches, so that memory does not grow with them. Numbers are exact and the shortest that
    read back equal. The file appears whole or not at all, and equal tables give equal bytes.
    Raises Misuse for another version.
    """
    match version:
        case "1.0":
            opening = {"DATAFLOW": table.reference}
        case "2.0":
            opening = {"STRUCTURE": "dataflow", "STRUCTURE_ID": table.reference, "ACTION": action}
        case _:
            raise misuse(f"SDMX-CSV has no version {version} here", "write 1.0 or 2.0", component="version")
    text = as_text(table.frame)
    there = text.collect_schema().names()
    roles: tuple[Role, ...] = ("dimension", "measure", "attribute")
    ids = [component.id for role in roles for component in table.structure.with_role(role) if component.id in there]
    with beside(path) as part:
        text.select(*(pl.lit(value).alias(name) for name, value in opening.items()), *ids).sink_csv(
            part, line_terminator="\n", null_value="", maintain_order=True
        )
