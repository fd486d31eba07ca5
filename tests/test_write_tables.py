"""Tables in files: whole or not at all, exact, and the same bytes each time."""

import csv
import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migstat.words.finding import Misuse
from migstat.words.structure import Component, Structure
from migstat.words.table import Table
from migstat.write.atomic import beside, write_text
from migstat.write.numbers import plain
from migstat.write.sdmx_data.csv import write_sdmx_csv
from migstat.write.tables import write_csv, write_parquet

STRUCTURE = Structure(
    "MIGRANT_STOCK",
    "table",
    "1.0",
    {"en": "Stock"},
    "",
    "cell",
    (),
    (
        Component("REF_AREA", "REF_AREA", "dimension", codelist="CL_AREA"),
        Component("OBS_STATUS", "OBS_STATUS", "attribute", codelist="CL_OBS_STATUS"),
        Component("SEX", "SEX", "dimension", codelist="CL_SEX"),
        Component("OBS_VALUE", "OBS_VALUE", "measure", type="number"),
        Component("STD_ERROR", "STD_ERROR", "attribute", type="number"),
        Component("COVERAGE", "COVERAGE", "attribute", type="text"),
    ),
)
FRAME = pl.DataFrame(
    {
        "REF_AREA": ["KEN", "KEN", "NAM"],
        "OBS_STATUS": ["A", "A", None],
        "SEX": ["F", "_T", "M"],
        "OBS_VALUE": [1234567.0, 0.1, None],
        "COVERAGE": ["usual residents, present", 'said "de facto"', "a\nb"],
    }
)
TABLE = Table(FRAME, STRUCTURE, {"notes": ["hecho en 2019, en español"], "provenance": {"rows": 3}})


def test_sdmx_csv_1_opens_with_the_dataflow(tmp_path: Path) -> None:
    write_sdmx_csv(TABLE, tmp_path / "stock.csv", version="1.0")

    assert (tmp_path / "stock.csv").read_bytes().decode() == (
        "DATAFLOW,REF_AREA,SEX,OBS_VALUE,OBS_STATUS,COVERAGE\n"
        'MIGSTAT:MIGRANT_STOCK(1.0),KEN,F,1234567,A,"usual residents, present"\n'
        'MIGSTAT:MIGRANT_STOCK(1.0),KEN,_T,0.1,A,"said ""de facto"""\n'
        'MIGSTAT:MIGRANT_STOCK(1.0),NAM,M,,,"a\nb"\n'
    )


def test_sdmx_csv_2_opens_with_structure_and_action(tmp_path: Path) -> None:
    write_sdmx_csv(TABLE, tmp_path / "stock.csv", action="R")

    lines = (tmp_path / "stock.csv").read_text(encoding="utf-8").splitlines()

    assert lines[0] == "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,SEX,OBS_VALUE,OBS_STATUS,COVERAGE"
    assert lines[1] == 'dataflow,MIGSTAT:MIGRANT_STOCK(1.0),R,KEN,F,1234567,A,"usual residents, present"'


def test_another_version_of_sdmx_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"SDMX-CSV has no version 3\.0 here\n  Mend: write 1\.0 or 2\.0"):
        write_sdmx_csv(TABLE, tmp_path / "stock.csv", version="3.0")  # type: ignore[arg-type]

    assert [] == list(tmp_path.iterdir())


def test_a_table_of_no_rows_has_its_header(tmp_path: Path) -> None:
    write_sdmx_csv(replace(TABLE, frame=FRAME.clear()), tmp_path / "stock.csv")

    assert ["STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,SEX,OBS_VALUE,OBS_STATUS,COVERAGE"] == (
        (tmp_path / "stock.csv").read_text().splitlines()
    )


@pytest.mark.parametrize("write", [write_parquet, write_csv, write_sdmx_csv])
@pytest.mark.parametrize("lazy", [False, True])
def test_the_same_table_gives_the_same_bytes(tmp_path: Path, write: Any, lazy: bool) -> None:
    many = pl.concat([FRAME] * 5000).with_columns(OBS_VALUE=pl.int_range(pl.len()) / 7)
    write(replace(TABLE, frame=many), tmp_path / "one")
    write(replace(TABLE, frame=many.lazy() if lazy else many), tmp_path / "two")

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_parquet_carries_the_metadata_in_its_footer_and_codes_as_dictionaries(tmp_path: Path) -> None:
    write_parquet(TABLE, tmp_path / "stock.parquet")

    footer = parquet.read_metadata(tmp_path / "stock.parquet")

    assert {"structure": "MIGSTAT:MIGRANT_STOCK(1.0)"} | TABLE.metadata == json.loads(footer.metadata[b"migstat"])
    assert "RLE_DICTIONARY" in footer.row_group(0).column(0).encodings
    assert FRAME.equals(pl.read_parquet(tmp_path / "stock.parquet"))


def test_csv_has_its_metadata_beside_it(tmp_path: Path) -> None:
    write_csv(TABLE, tmp_path / "stock.csv")

    with (tmp_path / "stock.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert [None if value is None else str(value) for value in FRAME["COVERAGE"]] == [row["COVERAGE"] for row in rows]
    assert "hecho en 2019, en español" in (tmp_path / "stock.csv-metadata.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (12.0, "12"),
        (-3.5, "-3.5"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e15, "1000000000000000"),
        (1e22, "10000000000000000000000"),
        (1e-7, "0.0000001"),
        (123456789.125, "123456789.125"),
    ],
)
def test_numbers_are_written_exactly_and_without_exponent(number: float, text: str) -> None:
    assert [text] == pl.DataFrame({"x": [number]}).select(plain("x"))["x"].to_list()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_and_read_is_the_same_number(number: float) -> None:
    (text,) = pl.DataFrame({"x": [number]}, schema={"x": pl.Float64}).select(plain("x"))["x"]

    assert number == float(text)
    assert "e" not in text
    assert not math.isnan(float(text))


def test_what_fails_leaves_the_older_file_and_nothing_beside_it(tmp_path: Path) -> None:
    write_text(tmp_path / "names.txt", "Amina")

    def interrupted() -> None:
        with beside(tmp_path / "names.txt") as part:
            part.write_text("Bar")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert ["names.txt"] == [file.name for file in tmp_path.iterdir()]
    assert (tmp_path / "names.txt").read_text() == "Amina"


def test_a_table_that_cannot_be_written_whole_is_not_written(tmp_path: Path) -> None:
    broken = replace(TABLE, frame=FRAME.lazy().with_columns(pl.col("SEX").cast(pl.Int64).alias("SEX")))

    with pytest.raises(pl.exceptions.PolarsError):
        write_sdmx_csv(broken, tmp_path / "stock.csv")

    assert [] == list(tmp_path.iterdir())


def test_a_link_is_followed_and_rights_are_those_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    (tmp_path / "plain.txt").write_text("by hand")

    write_text(tmp_path / "link.txt", "new")

    assert (tmp_path / "link.txt").is_symlink()
    assert "new" == (tmp_path / "real.txt").read_text()
    assert (tmp_path / "plain.txt").stat().st_mode == (tmp_path / "real.txt").stat().st_mode


def test_a_place_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="is not a file\n  Mend: name a file to write"):
        write_text(tmp_path, "text")
    with pytest.raises(Misuse, match="is not a file"):
        write_text(os.devnull, "text")


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "text")

    with pytest.raises(Misuse, match=r"file/stock.csv cannot be written: .*\n  Mend: name a folder with space left"):
        write_text(tmp_path / "file" / "stock.csv", "text")
