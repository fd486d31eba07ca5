"""What validating needs whatever holds the rows: the structure, the weight, other files, and the page."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from migstat.api.ceiling import Ceiling
from migstat.api.messages import coded_columns
from migstat.api.plain_columns import check_plain
from migstat.api.sources import open_file, open_frame
from migstat.read.footer import read_provenance
from migstat.read.structures import structure as read_structure
from migstat.read.structures import structure_ids
from migstat.words.finding import misuse
from migstat.words.run import Harmonized
from migstat.words.structure import Structure
from migstat.words.validated import Validated
from migstat.work.coding import Coded
from migstat.work.validate.look_ups import Reference
from migstat.work.validate.part import kinds_of, plainly


def known_structure(reference: str) -> Structure | None:
    """Return the structure that a file of ours names, where it ships."""
    id = reference.partition(":")[2].partition("(")[0]
    return read_structure(id) if id in structure_ids() else None


def weight_of(weight: str | None, columns: Sequence[str], structure: Structure | None) -> str | None:
    """Return the column of weights: as told, or WEIGHT of records that have it."""
    if weight is not None and weight not in columns:
        raise misuse(f"the weight {weight} is no column", f"one of {', '.join(columns)}")
    record = structure is not None and structure.kind == "record"
    return weight or ("WEIGHT" if record and "WEIGHT" in columns else None)


def reference_of(given: Any, structure: Structure | None, ceiling: Ceiling) -> Reference:
    """Return another file that rules look into."""
    if isinstance(given, Harmonized):
        given = given.records
    if isinstance(given, str | os.PathLike):
        facts = read_provenance(given) if Path(given).is_file() else {}
        found = known_structure(facts.get("structure", "")) or structure
        source, name = open_file(Path(given), coded_columns(found), ceiling.bytes).source, Path(given).name
    else:
        found = structure
        source, name = open_frame(given, coded_columns(found), ceiling.bytes).source, "the frame"

    def rows(columns: Sequence[str]) -> pl.DataFrame:
        check_plain(source.schema, columns, name)
        parts = ceiling.watched(iter(source.parts(columns)))
        return pl.concat([plainly(Coded(part).select(columns)) for _, part in parts], how="vertical_relaxed")

    return Reference(source.schema, kinds_of(source.schema, found), rows)


def with_page(run: Validated) -> Validated:
    """Give the run its page, which is made only when a notebook asks for it."""

    def page() -> str:
        from migstat.report.validation_page import inline_page

        return inline_page(run)

    return replace(run, page=page)
