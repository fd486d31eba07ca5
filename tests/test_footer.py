"""The footer of a file of records: what all records say is known without reading them."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from migstat.read.footer import scan_records

LONG = "long enough that the statistics of a file do not hold the whole of it, but only how it begins: "


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
@pytest.mark.parametrize(
    ("values", "known"),
    [
        (["KEN"] * 9, True),
        ([None] * 9, True),
        ([LONG] * 9, True),
        (["KEN"] * 8 + ["UGA"], False),
        (["KEN"] * 4 + ["AGO"] + ["KEN"] * 4, False),
        (["KEN"] * 8 + [None], False),
        ([None] + ["KEN"] * 8, False),
        ([LONG + "a"] * 6 + [LONG + "b"] * 3, False),
        ([], False),
    ],
)
@pytest.mark.parametrize("statistics", [True, False])
def test_a_column_is_read_unless_it_says_the_same_of_all_records(
    tmp_path: Path, values: list[Any], known: bool, dtype: Any, statistics: bool
) -> None:
    path = tmp_path / "people.records.parquet"
    records = pl.DataFrame({"ROW": range(len(values)), "REF_AREA": pl.Series(values, dtype=dtype), "SEX": "F"})
    records.write_parquet(path, row_group_size=3, statistics=statistics)
    scanned = scan_records(path, ["REF_AREA", "TIME_PERIOD"])

    assert records.equals(scanned.collect())
    assert records.schema == scanned.collect_schema()
    assert len(values) == scanned.select("REF_AREA").collect(engine="streaming").height
    assert known == ("PROJECT 2/3 COLUMNS" in scanned.explain())
