"""Tabulate: records, from files or as a frame, into a table of cells; and the table to a file."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from migstat.api.area_groups import area_groups
from migstat.api.engines import Engine, engine_faults, records_on_spark, refuse_unknown
from migstat.api.naming import unknown_pairs
from migstat.api.plain_columns import check_kind, check_plain, plain_frame, plain_records
from migstat.api.plain_files import frame_of_file
from migstat.read.damage import undamaged
from migstat.read.definitions import definition as read_definition
from migstat.read.expression import parse_expression
from migstat.read.footer import is_folder_of_ours, read_provenance, scan_parquet, scan_records
from migstat.read.measures import parse_measures, split_measures
from migstat.read.reliability import policy
from migstat.read.structure_paths import codelists_of, is_path, structure_at
from migstat.read.structures import structure, structure_ids
from migstat.words.definition import Definition
from migstat.words.design import Design
from migstat.words.expression import Expression
from migstat.words.finding import Finding, Misuse, Place, misuse
from migstat.words.measure import COUNT, OF_POPULATION, Measure
from migstat.words.run import Harmonized
from migstat.words.structure import Structure
from migstat.words.table import Table
from migstat.words.table_set import Level
from migstat.work import tabulate as tabulating
from migstat.work.tabulate.columns import CONTEXT

OF_RECORDS = {
    "BORDER_CROSSING": "CROSSINGS",
    "RESIDENCE": "CROSSINGS",
    "RESIDENCE_PERMIT": "PERMITS",
    "VISA": "VISAS",
}
"""The table that ships for records that are not of persons."""
MADE = ("JK1", "JKN", "BRR", "FAY", "BOOTSTRAP")
"""Methods whose replicates are made of strata and units."""
PLAIN = "SURVEY_PERSON"
"""The structure of records that do not say which they have."""


def read_records(paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> tuple[Any, dict[str, Any]]:
    """Return the records of Parquet files that ``harmonize`` wrote, as one lazy frame, and their provenance.

    Columns that a file does not have are null in its rows. Raises Misuse where a file is not there or is not ours.
    """
    listed = [Path(path) for path in ([paths] if isinstance(paths, str | os.PathLike) else paths)]
    frames, provenance = [], []
    places = [path.resolve() for path in listed]
    for path in listed:
        if places.count(path.resolve()) > 1:
            raise misuse("is named twice", "name each file once: its people would be counted twice", place=path.name)
        if path.is_dir() and not is_folder_of_ours(path):
            raise misuse("is a folder", "name a .records.parquet file in it", place=path.name)
        if not path.exists():
            raise misuse("there is no such file", "name a Parquet file that harmonize wrote", place=path.name)
        facts = read_provenance(path)
        schema = scan_parquet(path).collect_schema() if facts else pl.Schema()
        if not facts or "_why" in schema:
            mend = "name a .records.parquet file that harmonize wrote"
            raise misuse("is not a file of harmonized records", mend, place=path.name)
        if not facts.get("structure"):
            mend = "link or validate the records that harmonize wrote, and not its source"
            raise misuse("does not say which structure its records have", mend, place=path.name)
        id = facts["structure"].partition(":")[2].partition("(")[0]
        if id in structure_ids() and structure(id).kind == "table":
            mend = "name the .records.parquet file that it was counted from"
            raise misuse(f"holds a table of {id}, not records", mend, place=path.name)
        check_plain(schema, schema, path.name)
        check_kind(schema, ["WEIGHT"], "numbers", path.name)
        frames.append(scan_records(path, CONTEXT))
        provenance.append(facts)
    structures = {facts["structure"] for facts in provenance}
    if len(structures) > 1:
        names = " and ".join(sorted(structures))
        raise misuse(f"the records are of several structures: {names}", "tabulate them one by one")
    joined = pl.concat(frames, how="diagonal_relaxed") if len(frames) > 1 else frames[0]
    return joined, provenance[0] if len(provenance) == 1 else {"structure": structures.pop(), "parts": provenance}


def tabulate(
    records: Any,
    *,
    definition: str | Definition | Sequence[str | Definition] | None = None,
    by: str | Sequence[str] = (),
    levels: Mapping[str, int | str | Sequence[int | str]] | None = None,
    totals: bool = True,
    parents: bool = True,
    shares: bool = False,
    measures: str | Sequence[str | Measure] = "count",
    universe: str | Expression | None = None,
    population: Any = None,
    groups: Mapping[str, str | Sequence[str]] | None = None,
    precision: bool | None = None,
    design: Design | None = None,
    reliability: str = "CV_BANDS",
    into: str | os.PathLike[str] | Structure | None = None,
    structure_id: str | os.PathLike[str] | Structure | None = None,
    engine: Engine = "polars",
) -> Table:
    """Count records by definition and dimensions, as a table whose totals add up.

    ``records`` is a run of ``harmonize``, the path of its records (or several), or a frame of records. ``by`` names
    dimensions of the table structure, such as ``["COUNTRY_BIRTH", "SEX", "AGE"]`` or ``"COUNTRY_BIRTH,SEX,AGE"``.
    Weighted where the records have a weight. ``result.frame`` is a Polars frame with a row a cell.

    ``measures`` are texts such as ``count``, ``share(SEX)``, ``rate(1000)``, ``mean(AGE)``, ``median(AGE)`` or
    ``quantile(AGE; 0.9)``. ``universe`` is a condition, such as ``"AGE >= 15"``: people outside it are not counted, and
    how many stands in ``metadata["universe"]``. ``population`` has the denominators of rates: a table, the path of a
    CSV or Parquet file, or a frame with OBS_VALUE; what it lacks is in ``result.findings``. ``levels`` are the finest
    levels; of several, such as ``["region", "country"]``, each has its rows and nothing between them. ``groups`` adds
    groups of areas, such as ``{"COUNTRY_BIRTH": "EU27_2020"}``, beside the tree of the codelist.

    Where the records carry the design of their sample, or ``design`` is handed in, each cell has STD_ERROR, CV (per
    cent), CI_LOWER, CI_UPPER, DF, DEFF and RELIABILITY, by the policy ``reliability`` (an id, or a YAML file of your
    own); ``precision=False`` leaves them out.

    ``into`` is a table structure, its id, or the file of one that an office wrote itself; where it is not named, the
    one that ships and has the dimensions and measures asked for. Without ``definition`` it is FOREIGN_BORN where the
    table has a place for definitions; ``definition=[]`` counts everyone.

    With ``engine="spark"`` the paths may be of any file system that Spark knows: records are counted there, and only
    cells come back.
    Raises Misuse where a dimension, level, measure or definition cannot be had from these records.

    >>> import polars as pl
    >>> people = {"REF_AREA": "KEN", "TIME_PERIOD": "2019", "COUNTRY_BIRTH": ["KEN", "UGA"], "AGE": [7, 34]}
    >>> table = tabulate(pl.DataFrame(people), measures="median(AGE)", universe="AGE >= 15")
    >>> table.frame.filter(MIGRANT="Y")["OBS_VALUE"].to_list(), table.metadata["universe"]["outside"]["rows"]
    ([34.0], 1)
    """
    refuse_unknown(engine)
    frame, provenance, read = prepared(records, structure_id, engine)
    columns = nw.from_native(frame).collect_schema().names()
    asked = _measures(measures)
    table = _structure(into) if into is not None else _able(read, _listed(by), asked)
    if definition is None:
        definition = "FOREIGN_BORN" if {"DEFINITION", "MIGRANT"} <= set(table.ids) else ()
    grouped = {id: _listed(names) for id, names in (groups or {}).items()}
    drawn = chosen_design(provenance, design, precision)
    if drawn is not None:
        check_design(drawn, columns, "tabulate")
    with engine_faults(frame, "the records"), undamaged(records):
        counted = tabulating.tabulate(
            frame,
            structure=read,
            table=table,
            definitions=_definitions([definition] if isinstance(definition, Definition) else _listed(definition)),
            by=_listed(by),
            codelists=codelists_of(table),
            weight="WEIGHT" if "WEIGHT" in columns else None,
            levels={id: _level(level) for id, level in (levels or {}).items()},
            totals=totals,
            parents=parents,
            shares=shares,
            measures=asked,
            universe=parse_expression(universe, Place("universe")) if isinstance(universe, str) else universe,
            population=None if population is None else _population(population),
            groups=area_groups(grouped, table, _listed(by), frame) if grouped else None,
            unknown_pairs=unknown_pairs(),
            provenance=provenance,
            design=drawn,
            policy=policy(reliability),
        )
    return _somebody(counted)


def _somebody(table: Table) -> Table:
    """Return the table, with a finding where the universe leaves nobody to be counted."""
    if "universe" not in table.metadata or table.frame.height:
        return table
    mend = "look at its codes and numbers: SEX = F, AGE >= 15"
    return replace(table, findings=(*table.findings, Finding(Place("universe"), "", "nobody is in it", mend)))


def chosen_design(provenance: Mapping[str, Any], design: Design | None, precision: bool | None) -> Design | None:
    """Return the design to reckon precision from, or None for a table without it."""
    if precision is False:
        return None
    try:
        found = design if design is not None else design_of(provenance)
    except Misuse:
        if precision:
            raise
        return None
    if precision and found is None:
        mend = "write strata, psu or replicates under source in the mapping, or hand in design=ms.design(weight=...)"
        raise misuse("nothing is known of how these records were drawn", mend, place="tabulate")
    return found


def check_design(design: Design, columns: Sequence[str], place: str) -> None:
    """Raise Misuse where a design reads what the records do not have, or names replicates that cannot be made."""
    mend = "name a column of the records, or leave precision out: precision=False"
    faults = [
        Finding(Place(place), name, f"the design reads {name}, which the records do not have", mend)
        for name in design.columns
        if name not in columns
    ]
    made = design.replicates is not None and not design.replicates.columns and not design.stages
    if made and design.replicates is not None and design.replicates.method not in MADE:
        what = f"replicates of {design.replicates.method} cannot be made, and no columns of them are named"
        faults.append(Finding(Place(place), "replicates", what, f"name their columns, or one of {', '.join(MADE)}"))
    if faults:
        raise Misuse(faults)


def design_of(facts: Mapping[str, Any]) -> Design | None:
    """Return the design in the provenance of records; of several files, the one that they share."""
    parts = facts.get("parts")
    if parts is None:
        return Design.of_facts(facts["design"]) if facts.get("design") else None
    designs = [part.get("design") for part in parts]
    if not all(designs):
        return None
    found = Design.of_facts(designs[0])
    if any(one != designs[0] for one in designs) or not (found.replicates and found.replicates.columns):
        what = "these files were drawn apart: their strata and units bear the same names and are not the same"
        raise misuse(what, "estimate from one file at a time, and compare them with difference", place="estimate")
    return found


def prepared(
    records: Any, structure_id: str | os.PathLike[str] | Structure | None = None, engine: Engine = "polars"
) -> tuple[Any, dict[str, Any], Structure]:
    """Return records as a frame, with their provenance and their structure."""
    frame, provenance = _records(records, engine)
    if structure_id is not None:
        found = _structure(structure_id)
    elif isinstance(records, Harmonized):
        found = records.structure
    else:
        # What a file names is an id, and never a path: nothing else is opened on its word.
        id = provenance.get("structure", "").partition(":")[2].partition("(")[0]
        found = structure(id or PLAIN)
    # What a file or a run holds was looked at already.
    return plain_records(frame, found) if frame is records else frame, provenance, found


def compare_definitions(table: Table, first: str | None = None, *, migrant: str = "Y") -> pl.DataFrame:
    """Return the cells of a table of several definitions with a column for each, and their differences.

    ``NAME_DIFFERENCE`` is what a definition counts less what the first one counts, ``NAME_PERCENT`` that in per cent
    of the first. ``first`` is the definition to compare with, if not the first of the table; ``migrant`` the answer to
    compare: Y who is counted, _U of whom it is unknown. Raises Misuse for a table of one definition.
    """
    return tabulating.side_by_side(table, first, migrant)


def _records(records: Any, engine: Engine = "polars") -> tuple[Any, dict[str, Any]]:
    if isinstance(records, Harmonized):
        return records.records, records.provenance
    if isinstance(records, str | os.PathLike) or (isinstance(records, Sequence) and not hasattr(records, "schema")):
        return records_on_spark(records) if engine == "spark" else read_records(records)
    return records, {}


def _structure(named: str | os.PathLike[str] | Structure) -> Structure:
    """Return a structure itself, of one's own file, or one that ships."""
    if isinstance(named, Structure):
        return named
    if isinstance(named, os.PathLike) or is_path(named):
        path = Path(named)
        if not path.exists():
            mend = "name a file of SDMX or YAML, or a structure that ships"
            raise misuse("there is no such structure file", mend, place=path.name)
        return structure_at(path)
    return structure(named or PLAIN)


def _able(read: Structure, by: Sequence[str], measures: Sequence[Measure]) -> Structure:
    """Return the table that ships for the records, and has the dimensions and measures asked for."""
    if (special := OF_RECORDS.get(read.id)) is not None:
        return structure(special)
    stock, wide = structure("MIGRANT_STOCK"), structure("MIGRANT_CHARACTERISTICS")
    plain = all(measure in (COUNT, OF_POPULATION) for measure in measures)
    return wide if not plain or any(id not in stock and id in wide for id in by) else stock


def _measures(measures: str | Sequence[str | Measure]) -> tuple[Measure, ...]:
    listed = split_measures(measures) if isinstance(measures, str) else measures
    texts = [one.text if isinstance(one, Measure) else one for one in listed]
    return parse_measures(texts, Place("tabulate"))


def _population(population: Any) -> pl.DataFrame:
    """Return the dimensions and values of a population: everyone of a table of ours, a file, or a frame."""
    if isinstance(population, Table):
        frame: pl.DataFrame = population.frame
        everyone = {"MIGRANT": "_T", "MEASURE": "COUNT"}
        for id, code in everyone.items():
            if id in frame.columns:
                frame = frame.filter(pl.col(id) == code)
        on = [id for id in ("REF_AREA", "TIME_PERIOD", *population.metadata.get("by", ())) if id in frame.columns]
        if "UNIT_MEASURE" in frame.columns:
            frame = frame.filter(pl.col("UNIT_MEASURE") != "PT")
        return frame.select(*on, "OBS_VALUE").unique(maintain_order=True)
    if isinstance(population, str | os.PathLike):
        path = Path(population)
        read = frame_of_file(path, "there is no such population file", "name a CSV or Parquet file")
        if path.suffix == ".parquet" or "OBS_VALUE" not in read.columns:
            return read
        return read.with_columns(pl.col("OBS_VALUE").cast(pl.Float64, strict=False))
    given = plain_frame(population, "population", numbers=["OBS_VALUE"])
    frame = nw.from_native(given).lazy().collect("polars").to_native()
    return frame


def _level(level: int | str | Sequence[int | str]) -> Level:
    if isinstance(level, int):
        return level
    several = level.split("+") if isinstance(level, str) else list(level)
    return several[0] if len(several) == 1 else tuple(several)


def _listed(text: str | Sequence[Any]) -> list[Any]:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else list(text)


def _definitions(wanted: Sequence[str | Definition]) -> list[Definition]:
    found: list[Definition] = []
    faults: list[Finding] = []
    for one in wanted:
        try:
            found.append(one if isinstance(one, Definition) else read_definition(one))
        except Misuse as error:
            faults += error.findings
    if faults:
        raise Misuse(faults)
    return found
