"""The shipped examples: every folder is checked, made again from its generator, and run against its golden result.

A new source is a new folder. Run with UPDATE_GOLDEN=1 in the environment to write the golden files anew, then read
the difference before it is committed.
"""

import csv
import io
import os
import runpy
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import migstat as ms
from migstat.api.showing import PEOPLE, demo
from migstat.words.finding import Severity
from migstat.words.run import Harmonized
from migstat.words.unverified import NOT_VERIFIED
from migstat.write.pack_test import summary_csv

EXAMPLES = Path(__file__).parent.parent / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/README.md"))
MAPPINGS = sorted(EXAMPLES.glob("*/mapping*.yaml"))
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))
KEY = "5e1f0b7a94c2d8e36f10a7b5c4d29e8871fa3cb65d04e2918c7ab3f6d5e09142"
"""The key of the pseudonyms in the golden files: their persons are invented."""


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGSTAT_EXAMPLE_KEY", KEY)


@dataclass(frozen=True)
class Golden:
    folder: Path
    case: str
    mapping: str
    wave: str | None
    extract: str

    def __str__(self) -> str:
        return f"{self.folder.name}-{self.case}"


def goldens() -> list[Golden]:
    found = []
    for folder in FOLDERS:
        with (folder / "golden" / "cases.csv").open(encoding="utf-8", newline="") as file:
            found += [
                Golden(folder, line["case"], line["mapping"], line["wave"] or None, line["extract"])
                for line in csv.DictReader(file)
            ]
    return found


def harmonized(golden: Golden) -> Harmonized:
    return ms.harmonize(golden.folder / "extract" / golden.extract, golden.folder / golden.mapping, wave=golden.wave)


def compare(path: Path, actual: str) -> None:
    if UPDATE:
        path.write_text(actual, encoding="utf-8", newline="")
    expected = path.read_text(encoding="utf-8")

    assert expected == actual


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder; members of a zip by name, since packed bytes differ between versions of zlib."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found |= {f"{path.name}/{name}": archive.read(name) for name in archive.namelist()}
        else:
            found[path.name] = path.read_bytes()
    return found


def test_there_are_examples_of_a_census_of_surveys_and_of_registers() -> None:
    expected = {"arg_eph", "can_cchs", "gbr_census_2011_teaching", "usa_acs_2018"}
    expected |= {"usa_i94_2016", "template_visas", "template_permits"}
    actual = {folder.name for folder in FOLDERS}

    assert expected <= actual


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_mapping_is_right_and_its_examples_hold(mapping: Path) -> None:
    actual = [str(finding) for finding in ms.check(mapping) if finding.rule != NOT_VERIFIED]

    assert [] == actual


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_extract_is_what_its_generator_makes(folder: Path, tmp_path: Path) -> None:
    if (folder / "generate.py").exists():
        main: Any = runpy.run_path(str(folder / "generate.py"))["main"]
        main(tmp_path / "extract")
    else:
        ms.make_extract(folder, into=tmp_path / "extract")
    expected = contents(folder / "extract")
    actual = contents(tmp_path / "extract")

    assert expected == actual


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_golden(golden: Golden) -> None:
    run = harmonized(golden)
    records = run.records.select(name for name in run.records.columns if not name.startswith("REPWT_"))
    folder = golden.folder / "golden"

    compare(folder / f"{golden.case}.summary.csv", summary_csv(run))
    compare(folder / f"{golden.case}.records.csv", records.write_csv(line_terminator="\n"))


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_every_row_and_its_weight_is_accounted_for(golden: Golden) -> None:
    run = harmonized(golden)
    read, excluded, rejected, records = (run.step(name) for name in ("read", "excluded", "rejected", "records"))

    assert read.rows == excluded.rows + rejected.rows + records.rows
    assert read.weight == pytest.approx(excluded.weight + rejected.weight + records.weight, rel=1e-12)
    assert records.rows == run.records.height
    assert rejected.rows == run.rejects.height


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_row_order_is_irrelevant(golden: Golden) -> None:
    run = harmonized(golden)
    key = [name for name in run.records.columns if name != "ROW" and not name.startswith("REPWT_")]
    backwards = ms.harmonize(rows_of(golden).reverse(), golden.folder / golden.mapping, wave=golden.wave)

    assert run.records.select(key).sort(key).equals(backwards.records.select(key).sort(key))


def rows_of(golden: Golden) -> pl.DataFrame:
    """The extract as a frame of text, read by other means than the library's."""
    path = golden.folder / "extract" / golden.extract
    format = ms.read_mapping(golden.folder / golden.mapping).source.format
    raw = next(iter(contents_of(path).values())).decode(format.encoding)
    if format.kind == "fixed":
        with (golden.folder / "layout.csv").open(encoding="utf-8", newline="") as file:
            layout = [(line["column"], int(line["start"]) - 1, int(line["width"])) for line in csv.DictReader(file)]
        rows = raw.splitlines()
        return pl.DataFrame({name: [row[at : at + width].strip() for row in rows] for name, at, width in layout})
    separator = max(",;", key=raw.splitlines()[0].count)
    return pl.read_csv(io.BytesIO(raw.encode()), separator=separator, infer_schema=False)


def contents_of(path: Path) -> dict[str, bytes]:
    if path.suffix != ".zip":
        return {path.name: path.read_bytes()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_a_run_has_errors_only_where_rows_are_rejected(golden: Golden) -> None:
    run = harmonized(golden)
    expected = run.step("rejected").rows > 0
    actual = any(finding.severity == Severity.ERROR for finding in run.findings)

    assert expected == actual


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_round_has_an_extract_of_its_name(mapping: Path) -> None:
    expected = {wave.id for wave in ms.read_mapping(mapping).waves}
    actual = {path.stem for path in (mapping.parent / "extract").iterdir()}

    assert expected <= actual


def test_demo_leaves_records_a_table_and_a_page_for_each_source(tmp_path: Path) -> None:
    lines = list(demo(tmp_path))
    people = [ms.read_mapping(mapping) for mapping in MAPPINGS]
    names = [mapping.id for mapping in people if mapping.into in PEOPLE]
    stacked = pl.concat([pl.read_parquet(tmp_path / f"{name}.stock.parquet") for name in names], how="diagonal")
    pages = {path.name.partition(".")[0] for path in tmp_path.rglob("*.html")}

    assert names == [line.partition(":")[0] for line in lines[:-1]]
    assert {"ARG", "CAN", "GBR", "USA"} <= set(stacked["REF_AREA"])
    assert set(names) == pages
    assert len(names) == len(list(tmp_path.glob("*.stock.sdmx.csv")))
