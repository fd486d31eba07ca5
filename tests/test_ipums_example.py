"""The pack of IPUMS International: its codebook, and the same rows as IPUMS writes them in CSV."""

import csv
import runpy
from pathlib import Path

import polars as pl
import pytest

import migstat as ms

FOLDER = Path(__file__).parent.parent / "examples" / "ipums_international"
EXTRACT = FOLDER / "extract" / "ipumsi_00001.dat"
IDS = ("ROW", "HOUSEHOLD_ID", "PERSON_ID", "REGION")


def layout() -> list[dict[str, str]]:
    with (FOLDER / "layout.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_codebook_is_what_the_generator_makes() -> None:
    expected = (FOLDER / "IPUMSI_00001.xml").read_text(encoding="utf-8")
    actual = runpy.run_path(str(FOLDER / "generate.py"))["codebook"]()

    assert expected == actual


def test_the_codebook_says_where_the_columns_stand() -> None:
    book = ms.codebook(FOLDER / "IPUMSI_00001.xml")
    expected = [(line["column"], int(line["start"]), int(line["width"]), int(line["decimals"])) for line in layout()]
    actual = [(one.name, one.start, one.width, one.decimals) for one in book.variables]

    assert expected == actual


def test_a_csv_extract_has_no_zeros_in_front_and_gives_the_same_records() -> None:
    fixed = ms.harmonize(EXTRACT, FOLDER / "mapping.yaml").records
    rows = EXTRACT.read_text(encoding="utf-8").splitlines()
    columns = {}
    for line in layout():
        at, width, decimals = int(line["start"]) - 1, int(line["width"]), int(line["decimals"])
        cut = [row[at : at + width].strip() for row in rows]
        numbers = [str(int(value)) if value.isdecimal() else value for value in cut]
        columns[line["column"]] = [str(int(value) / 100) for value in numbers] if decimals else numbers
    written = ms.harmonize(pl.DataFrame(columns), FOLDER / "mapping.yaml").records
    kept = [name for name in fixed.columns if name not in IDS]

    assert fixed.select(kept).equals(written.select(kept))


def test_persons_are_foreign_born_in_the_country_of_their_row() -> None:
    records = ms.derive(ms.harmonize(EXTRACT, FOLDER / "mapping.yaml").records, "FOREIGN_BORN", "CENSUS_PERSON")
    kenyans = records.filter(COUNTRY_BIRTH="KEN")
    told = dict(kenyans.group_by(pl.col("REF_AREA") == "KEN").agg(pl.col("FOREIGN_BORN").unique().sort()).iter_rows())

    assert ["N"] == told[True]
    assert pytest.approx(20.0) == kenyans.filter(REF_AREA="KEN")["WEIGHT"].mean()
