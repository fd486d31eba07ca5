"""What people are shown of a table, and the demo that runs the bundled examples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from migstat.api.checking import read_mapping
from migstat.api.harmonizing import harmonize
from migstat.api.tabulating import tabulate, write_table
from migstat.read.codelists import codelist, data_folder
from migstat.report.run_page import run_page
from migstat.words.finding import misuse
from migstat.words.mapping import Mapping
from migstat.words.run import Harmonized
from migstat.words.table import Table
from migstat.write.atomic import write_text

MEASURES = ("OBS_VALUE", "N_UNWEIGHTED")


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


def write_report(run: Harmonized, path: Path) -> None:
    """Write the page of a run: one HTML file that needs no network."""
    write_text(path, run_page(run))


def example_folder(name: str) -> Path | None:
    """Return the folder of a bundled example, or None."""
    if not name.replace("_", "").isalnum():
        return None
    folder = data_folder("examples") / name
    return folder if folder.is_dir() else None


def demo(into: Path) -> Iterator[str]:
    """Run the bundled examples into a folder, and say what was done, step by step."""
    found = sorted(data_folder("examples").glob("*/mapping*.yaml"))
    if not found:
        raise misuse("no examples are bundled with this installation", "install migstat again")
    for path in found:
        mapping = read_mapping(path)
        for extract, wave in extracts(mapping, path.parent):
            run = harmonize(extract, mapping, into=into, wave=wave)
            name = run.name
            write_report(run, into / f"{name}.html")
            counts = ", ".join(f"{step.rows:,} {step.name}" for step in run.steps if not step.part)
            yield f"{name}: {counts}\n  {into / name}.records.parquet, .coverage.csv, .html"
            table = tabulate(into / f"{name}.records.parquet", by=["COUNTRY_BIRTH", "SEX"], shares=True)
            write_table(table, into / f"{name}.stock.parquet")
            write_table(table, into / f"{name}.stock.sdmx.csv")
            yield f"  {table.frame.height:,} cells: {into / name}.stock.parquet, .stock.sdmx.csv"


def extracts(mapping: Mapping, folder: Path) -> list[tuple[Path, str | None]]:
    """Return the extracts of an example in its folder ``extract``, each with its wave where the mapping has waves."""
    waves = {wave.id for wave in mapping.waves}
    files = [(path, path.name.partition(".")[0]) for path in sorted((folder / "extract").iterdir())]
    return [(path, name) for path, name in files if name in waves] if waves else [(path, None) for path, _ in files]
