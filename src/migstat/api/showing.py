"""What people are shown of a table, and the demo that runs the bundled examples."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from migstat.api.checking import read_mapping
from migstat.api.engines import is_spark, text_to
from migstat.api.exchanging import write_table
from migstat.api.harmonizing import harmonize
from migstat.api.tabulating import tabulate
from migstat.read.codelists import codelist, data_folder
from migstat.read.packs.document import read_cases
from migstat.report.run_page import run_page
from migstat.words.finding import misuse
from migstat.words.how_many import how_many
from migstat.words.mapping import Mapping
from migstat.words.run import Harmonized
from migstat.words.table import Table
from migstat.write.atomic import write_text

MEASURES = ("OBS_VALUE", "STD_ERROR", "N_UNWEIGHTED")


def table_for_people(table: Table, most: int) -> tuple[list[str], list[list[Any]], list[int]]:
    """Return column heads, the first rows with names for codes, and which columns are numbers."""
    frame = table.frame
    varying = [id for id in table.dimensions if id in frame.columns and frame[id].n_unique() > 1]
    columns = [*varying, *(id for id in MEASURES if id in frame.columns)]
    rows = [
        [_named(table, id, value) for id, value in zip(columns, row, strict=True)]
        for row in frame.select(columns).head(most).iter_rows()
    ]
    return columns, rows, [index for index, id in enumerate(columns) if id in MEASURES]


def _named(table: Table, id: str, value: Any) -> Any:
    component = table.structure[id]
    if not component.coded or value is None:
        return value
    label = codelist(component.codelist).label(value)
    return label if label.lower() == str(value).lower() else f"{label} ({value})"


def write_report(run: Harmonized, path: str | os.PathLike[str]) -> None:
    """Write the page of a run, one HTML file that needs no network; of a run on Spark, to any of its file systems."""
    if is_spark(run.records):
        return text_to(run.records, os.fspath(path), run_page(run))
    write_text(path, run_page(run))


PEOPLE = ("CENSUS_PERSON", "SURVEY_PERSON")
"""The records of which a stock can be counted."""


def is_shown(mapping: Mapping) -> bool:
    """Tell whether the demo runs a mapping: one of persons that needs no key of pseudonyms."""
    return mapping.into in PEOPLE and not mapping.keys


def demo(into: Path) -> Iterator[str]:
    """Run the bundled examples into a folder: one line a source, and at the end what to open.

    A source of several rounds has a folder of its own for them, and one table over all of them.
    """
    paths = sorted(data_folder("examples").glob("*/mapping*.yaml"))
    found = [path for path in paths if is_shown(read_mapping(path))]
    if not found:
        raise misuse("no examples are bundled with this installation", "install migstat again")
    for path in found:
        yield _source(path, into)
    yield (
        f"\nOpen {into / 'USA_ACS_2018.html'} for what became of every value. Each source has .records.parquet,\n"
        ".stock.parquet, .stock.sdmx.csv (foreign-born by country of birth and sex) and a page .html;\n"
        "those with rounds keep records and pages in a folder. All records are invented: no figure is a country's."
    )


def _source(path: Path, into: Path) -> str:
    """Harmonize all extracts of an example and make its table; return the line that tells of it."""
    mapping = read_mapping(path)
    folder = into / mapping.id if mapping.waves else into
    runs = []
    for extract, wave in extracts(mapping, path.parent):
        run = harmonize(extract, mapping, into=folder, wave=wave)
        write_report(run, folder / f"{run.name}.html")
        runs.append(run)
    records = [folder / f"{run.name}.records.parquet" for run in runs]
    table = tabulate(records, by=["COUNTRY_BIRTH", "SEX"], shares=True)
    for ending in ("parquet", "sdmx.csv"):
        write_table(table, into / f"{mapping.id}.stock.{ending}")
    read, excluded, rejected, kept = (
        sum(run.step(name).rows for run in runs) for name in ("read", "excluded", "rejected", "records")
    )
    told = [
        f"{how_many(read, 'row')} of {len(runs)} rounds" if mapping.waves else f"{how_many(read, 'row')}",
        how_many(kept, "record"),
    ]
    told += [f"{excluded:,} excluded"] if excluded else []
    told += [f"{rejected:,} rejected on purpose, to show it"] if rejected else []
    return f"{mapping.id + ':':<26}{', '.join(told)}; {how_many(table.frame.height, 'cell')}"


def extracts(mapping: Mapping, folder: Path) -> list[tuple[Path, str | None]]:
    """Return the extracts of an example that this mapping reads, each with its wave where the mapping has waves."""
    file = Path(mapping.place.file).name
    cases = [case for case in read_cases(folder) if case.mapping == file]
    return [(folder / "extract" / case.extract, case.wave or None) for case in cases]
