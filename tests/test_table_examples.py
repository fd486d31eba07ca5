"""The shipped examples that are published tables: read through their mapping, and held against golden cells."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

import migstat as ms
from migstat.words.table import Table
from migstat.write.pack_test import cells_csv, table_summary_csv

EXAMPLES = Path(__file__).parent.parent / "examples"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))


@dataclass(frozen=True)
class Golden:
    folder: Path
    case: str
    mapping: Path
    extract: Path

    def __str__(self) -> str:
        return f"{self.folder.name}-{self.case}"


def goldens() -> list[Golden]:
    found = []
    for path in sorted(EXAMPLES.glob("*/golden/cases.csv")):
        folder = path.parent.parent
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                extract = folder / "extract" / line["extract"]
                found.append(Golden(folder, line["case"], folder / line["mapping"], extract))
    return [golden for golden in found if ms.read_mapping(golden.mapping).table is not None]


TABLES = goldens()


def table(golden: Golden) -> Table:
    return ms.read_table(golden.extract, golden.mapping)


def compare(path: Path, actual: str) -> None:
    if UPDATE:
        path.write_text(actual, encoding="utf-8", newline="")
    expected = path.read_text(encoding="utf-8")

    assert expected == actual


@pytest.mark.parametrize("golden", TABLES, ids=str)
def test_golden(golden: Golden) -> None:
    read = table(golden)

    compare(golden.folder / "golden" / f"{golden.case}.summary.csv", table_summary_csv(read))
    compare(golden.folder / "golden" / f"{golden.case}.cells.csv", cells_csv(read))


@pytest.mark.parametrize("golden", TABLES, ids=str)
def test_every_line_of_a_recode_is_met(golden: Golden) -> None:
    """A line without a row proves nothing; correspondences that ship have tests of their own."""
    read = table(golden)
    mapping = ms.read_mapping(golden.mapping)
    for path in sorted((golden.folder / "tables").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            wanted = {line["to"] for line in csv.DictReader(file)}
        found = set().union(*(read.frame[target.component].to_list() for target in mapping.targets))

        assert wanted <= found


def test_every_figure_of_irish_applications_is_kept(shared: Path) -> None:
    path = shared / "data" / "ireland_permits" / "domestic_residence_permissions.csv"
    read = ms.read_table(path, EXAMPLES / "irl_permits" / "mapping.yaml")
    raw = pl.read_csv(path, encoding="latin-1", infer_schema=False)
    long = raw.unpivot([str(year) for year in range(2017, 2025)], index="Status", value_name="CASES")
    figures = long.group_by("Status").agg(pl.col("CASES").cast(pl.Float64, strict=False).sum())
    words = {"Received": "APPLICATION", "Granted": "ISSUE", "Refused": "REFUSAL"}
    expected = {words[status]: total for status, total in figures.iter_rows()}
    actual = dict(read.frame.group_by("PERMIT_EVENT").agg(pl.col("OBS_VALUE").sum()).iter_rows())

    assert () == read.findings
    assert expected == actual
    assert 870 == long.filter(CASES="*").height == read.frame.filter(OBS_STATUS="Q").height
    assert read.frame.filter(OBS_STATUS="Q")["OBS_VALUE"].null_count() == 870


def test_reasons_of_first_permits_add_up_to_the_total() -> None:
    golden = next(one for one in TABLES if one.folder.name == "eurostat_first_permits")
    frame = table(golden).frame
    rest = ["REF_AREA", "TIME_PERIOD", "CITIZENSHIP", "DURATION"]
    parts = frame.filter(pl.col("PERMIT_REASON") != "_T").group_by(rest)
    whole = parts.agg(pl.col("OBS_VALUE").sum().alias("PARTS"), pl.col("OBS_VALUE").null_count().alias("HIDDEN"))
    both = frame.filter(PERMIT_REASON="_T").join(whole, on=rest).filter(pl.col("HIDDEN") == 0)

    assert both.height > 250
    assert both["OBS_VALUE"].equals(both["PARTS"])
    assert {"EU_FIRST_PERMIT"} == set(frame["DEFINITION"])
    assert {"DEU", "GRC"} == set(frame["REF_AREA"])
