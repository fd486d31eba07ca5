"""Combine tables of several sources into one, and write it with its comparability page."""

import csv
import datetime
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from migstat.api.exchanging import write_table
from migstat.api.table_extracts import read_table
from migstat.read.codelists import codelist
from migstat.read.structures import read_structure, structure
from migstat.report.comparability_page import comparability_page
from migstat.words.combined import Combined
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.missing import TOTAL
from migstat.words.structure import Structure
from migstat.words.table import Table
from migstat.work.combine.cells import VALUE, key_of
from migstat.work.combine.combining import HOW
from migstat.work.combine.combining import combine as together
from migstat.work.combine.historic import POLICIES
from migstat.work.combine.levelling import SMALLEST, carried_unknown
from migstat.work.combine.sums import with_sum
from migstat.work.tabulate.arrange import arranged
from migstat.write.atomic import write_text

Tables = Mapping[str, Any] | Sequence[Any]


def combine(
    tables: Tables,
    *,
    into: str | os.PathLike[str] | Structure = "MIGRANT_STOCK",
    levels: str | Mapping[str, str | int] = "common",
    historic: str = "keep",
    date: str | datetime.date | None = None,
    absent: bool = False,
    add: str | None = None,
    unlike: bool = False,
) -> Combined:
    """Put tables of several sources and countries into one structure, with every loss of detail and difference named.

    ``tables`` are tables, or Parquet files that ``write_table`` wrote: a list, or ``{name: table}``. Each cell has its
    source in DATA_SOURCE, and what its source means by population, birthplace, borders, coverage and duration.
    ``levels`` says how detail is levelled: ``common`` (the finest codes that all can give), ``given`` (the finest that
    all can give that give any; the others have their total), ``finest`` (each its own), or a level of the codelist such
    as ``region`` or ``0``; for all, or ``{"AGE": "given", "": "common"}`` for one and the rest. ``historic`` is what
    becomes of former States: ``keep``, ``successor`` (its one successor at ``date``, with a mark; a split is refused)
    or ``region``. What the parts lack to a total is kept under ``_U``. ``absent`` adds the cells that a source has no
    row for: 0 where it was counted from records, else without a value (O), or L where the source does not ask. Sources
    are never added up, unless ``add`` names the area of the sum; unlike ones only with ``unlike``, and then every sum
    is marked.

    ``result.table`` is the table, ``sources``, ``levels``, ``losses`` and ``comparisons`` are its account. Raises
    Misuse where a table does not fit the structure, or a historic State would be split.
    """
    named = named_tables(tables)
    if len(named) < 2:
        raise misuse(f"{len(named)} table is given", "combine two tables or more", place="combine")
    if historic not in POLICIES:
        raise misuse(f"historic: {historic} is not known", f"write one of {', '.join(POLICIES)}", place="combine")
    to = _structure(into)
    asked = {"": levels} if isinstance(levels, str) else {id: str(level) for id, level in levels.items()}
    _known(asked, to)
    done = together(named, to, codelist, levels=asked, historic=historic, date=_day(date), absent=absent)
    if add is None:
        return done
    if add not in codelist("CL_AREA"):
        near = ", or ".join(codelist("CL_AREA").nearest(add)) or "M49_001"
        raise misuse(f"CL_AREA has no area '{add}'", f"write {near}", place="combine", component="add")
    frame = with_sum(done.table.frame, done.table.structure, add, done.comparisons, unlike=unlike)
    return replace(done, table=replace(done.table, frame=arranged(frame, done.table.structure, codelist)))


def write_combined(done: Combined, folder: str | os.PathLike[str], *, name: str = "combined") -> list[Path]:
    """Write a combined table into a folder: Parquet with provenance, SDMX-CSV, the losses as CSV, and its page."""
    into = Path(folder)
    files = [into / f"{name}{ending}" for ending in (".parquet", ".sdmx.csv", ".losses.csv", ".html")]
    write_table(done.table, files[0])
    write_table(done.table, files[1])
    write_text(files[2], _losses(done))
    write_text(files[3], comparability_page(done))
    return files


def add_totals(parts: Any, totals: Any, dimension: str = "COUNTRY_BIRTH") -> Table:
    """Return a table with the totals that another gives, and what the parts lack to them as unknown (``_U``).

    ``parts`` has the cells by ``dimension``, ``totals`` the same cells with ``_T`` in it. Where the parts have a value
    missing, the difference cannot be known and no ``_U`` is made. Parts above their total are errors in ``findings``.
    """
    some, whole = read_table(parts), read_table(totals)
    if dimension not in some.frame.columns:
        raise misuse(f"the parts have no {dimension}", f"name one of {', '.join(some.dimensions)}", component=dimension)
    key = key_of(some.frame, some.structure)
    rest = [id for id in key if id != dimension]
    if lacking := [id for id in rest if id not in whole.frame.columns]:
        what = f"the totals have no {', '.join(lacking)}, which the parts have"
        raise misuse(what, "count both by the same dimensions", place="add_totals", component=lacking[0])
    kept = some.frame.filter(pl.col(dimension) != TOTAL)
    sums = whole.frame.filter(pl.col(dimension) == TOTAL) if dimension in whole.frame.columns else whole.frame
    sums = sums.with_columns(pl.lit(TOTAL).alias(dimension)).join(kept.select(rest).unique(), on=rest, how="semi")
    joined = pl.concat([kept, sums.select(one for one in kept.columns if one in sums.columns)], how="diagonal_relaxed")
    above = (
        kept.group_by(rest)
        .agg(pl.col(VALUE).sum().alias("_sum"))
        .join(sums.select(*rest, VALUE), on=rest)
        .filter(pl.col("_sum") - pl.col(VALUE) > SMALLEST)
        .sort(rest)
    )
    findings = []
    if above.height:
        row = above.row(0, named=True)
        first = ", ".join(f"{id} {row[id]}" for id in ("REF_AREA", "TIME_PERIOD") if id in row)
        what = f"the parts are above their total, first in {first}: {row['_sum']:,.0f} against {row[VALUE]:,.0f}"
        mend = "check that both are of one vintage and definition"
        where = Place("add_totals")
        findings.append(Finding(where, dimension, what, mend, rule="parts_above_total", rows=above.height))
    frame, carried = carried_unknown(joined, dimension, key)
    several = ", ".join(id for id in rest if kept[id].n_unique() > 1)
    more = f": added up over every {several}, where one person may stand more than once" if several else ""
    note = f"The totals count {carried:,.0f} above their parts, who are of unknown {dimension} (_U){more}."
    notes = [*some.metadata.get("notes", ()), note]
    metadata = {**some.metadata, "notes": notes, "unknown": carried}
    made = arranged(frame, some.structure, codelist)
    return Table(made, some.structure, metadata, (*some.findings, *findings))


def named_tables(tables: Tables) -> dict[str, Table]:
    """Return tables by their names: those given, of their files, or of the mappings they come from."""
    if isinstance(tables, Mapping):
        return {str(id): read_table(one) for id, one in tables.items()}
    found: dict[str, Table] = {}
    for number, one in enumerate(tables, 1):
        table = read_table(one)
        if isinstance(one, str | os.PathLike):
            id = Path(one).name.partition(".")[0]
        else:
            id = str(table.metadata.get("published") or _mapping_id(table) or f"table {number}")
        if id in found:
            id = f"{id} ({number})"
        found[id] = table
    return found


def _mapping_id(table: Table) -> str:
    provenance = table.metadata.get("provenance") or {}
    parts = provenance.get("parts") or [provenance]
    return str((parts[0].get("mapping") or {}).get("id") or "")


def _structure(into: str | os.PathLike[str] | Structure) -> Structure:
    if isinstance(into, Structure):
        return into
    own = isinstance(into, os.PathLike) or into.endswith((".yaml", ".yml"))
    found = read_structure(Path(into)) if own else structure(str(into))
    if found.kind != "table":
        raise misuse(f"{found.id} describes records, not tables", "write into='MIGRANT_STOCK'", component="into")
    return found


def _day(date: str | datetime.date | None) -> datetime.date | None:
    if not isinstance(date, str):
        return date
    try:
        return datetime.date.fromisoformat(date)
    except ValueError:
        raise misuse(f"date: {date} is not a day", "write it as 2019-01-01", place="combine") from None


def _known(asked: Mapping[str, str], into: Structure) -> None:
    faults = []
    for id, level in asked.items():
        if id and id not in into:
            have = ", ".join(one.id for one in into.with_role("dimension"))
            faults.append(Finding(Place("combine"), id, f"{into.id} has no dimension {id}", f"name one of {have}"))
        if level not in HOW and not level.isdigit() and level not in {"region", "country"}:
            mend = f"write one of {', '.join(HOW)}, region, country, or a depth such as 0"
            faults.append(Finding(Place("combine"), id or "levels", f"there is no level '{level}'", mend))
    if faults:
        raise Misuse(faults)


def _losses(done: Combined) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("source", "component", "loss", "codes"))
    for one in (*done.losses, *done.historic):
        writer.writerow((one.source, one.component, one.what, " ".join(one.codes)))
    return text.getvalue()
