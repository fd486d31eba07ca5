"""Packs and workbooks made to exhaust whoever reads them: each is refused at once, in plain words."""

import tracemalloc
import zipfile
from pathlib import Path

import polars as pl
import pytest

from migstat import read_mapping
from migstat.read.packs.document import read_cases
from migstat.read.workbooks import is_workbook, open_workbook
from migstat.words.finding import MigstatError


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "c,m.yaml,e.csv," + "9" * 5000,
            "golden/cases.csv:2\n  rows: 999999999 is not a whole number up to 100,000\n  Mend: write rows as 200",
        ),
        (
            "c,m.yaml," + "e" * 200_000 + ",2",
            "golden/cases.csv:2\n  is not CSV: field larger than field limit (131072)\n"
            "  Mend: mend the double quotes of this line",
        ),
    ],
)
def test_cases_of_a_pack_that_cannot_be(line: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "cases.csv").write_text(f"case,mapping,extract,rows\n{line}\n", encoding="utf-8")
    with pytest.raises(MigstatError) as raised:
        read_cases(tmp_path)

    assert str(raised.value).startswith(told)


def test_only_the_start_of_a_kind_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "0" * (64 << 20))
    tracemalloc.start()
    found = is_workbook(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert not found
    assert most < 8 << 20


def test_a_cell_far_from_all_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    pl.DataFrame({"A": [1]}).write_excel(path)
    far = tmp_path / "far.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(far, "w") as made:
        for name in whole.namelist():
            data = whole.read(name)
            if name.startswith("xl/worksheets/sheet"):
                row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                data = data.replace(b"</sheetData>", row)
            made.writestr(name, data)
    with pytest.raises(MigstatError) as raised:
        open_workbook(far)

    assert str(raised.value).startswith(
        "far.xlsx\n  a sheet reaches to row 1,048,576 and column 16,384: 17,179,869,184 cells, more than 60,000,000"
    )
    assert open_workbook(path).sheets


def test_an_encoding_of_python_alone_is_none_of_files(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    source = "{kind: census, by: N, area: KEN, date: 2019, format: {encoding: punycode}}"
    path.write_text(f"id: A\nversion: 1.0\ninto: CENSUS_PERSON\nsource: {source}\n", encoding="utf-8")
    with pytest.raises(MigstatError) as raised:
        read_mapping(path)

    assert "there is no encoding punycode" in [finding.what for finding in raised.value.findings]
