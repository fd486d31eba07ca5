"""Packs and workbooks made to exhaust whoever reads them: each is refused at once, in plain words."""

import importlib.util
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from migstat import read_mapping
from migstat.read.packs.document import read_cases
from migstat.read.workbooks import is_workbook, open_workbook
from migstat.words.finding import MigstatError


def _loaded(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SHEETS = _loaded("sheets")


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


CELL = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("cell", "folder"),
    [
        (CELL.replace(b"XFD", b"xfd"), "worksheets"),
        (CELL.replace(b"c r=", b"c r = "), "worksheets"),
        (CELL, "other"),
    ],
    ids=["small letters", "blanks", "a sheet elsewhere"],
)
def test_a_cell_far_away_is_found_however_it_is_written(cell: bytes, folder: str, tmp_path: Path) -> None:
    far = tmp_path / "far.xlsx"
    rewritten(far, "xlsx", lambda name, data: _moved(data.replace(b"</sheetData>", cell + b"</sheetData>"), folder))
    with pytest.raises(MigstatError) as raised:
        open_workbook(far)

    assert "a sheet reaches to row 1,048,576 and column 16,384" in str(raised.value)


def _moved(data: bytes, folder: str) -> bytes:
    return data.replace(b"worksheets/sheet", folder.encode() + b"/sheet")


def rewritten(path: Path, kind: str, change: Callable[[str, bytes], bytes]) -> None:
    """Write a small workbook with its files changed; what they name is where its name says."""
    whole = getattr(SHEETS, kind)({"S": [["HH", "P12"], ["01", 1]]})
    with zipfile.ZipFile(io.BytesIO(whole)) as packed, zipfile.ZipFile(path, "w") as made:
        for name in packed.namelist():
            data = packed.read(name)
            made.writestr(change(name, name.encode()).decode(), change(name, data))


def test_a_cell_without_a_place_far_away_ends_the_reader_and_not_us(tmp_path: Path) -> None:
    far = tmp_path / "far.xlsx"
    rows = b'<row r="1048576"><c><v>1</v></c></row><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>'
    rewritten(far, "xlsx", lambda _, data: data.replace(b"</sheetData>", rows))
    with pytest.raises(MigstatError) as raised:
        open_workbook(far).cells("S")

    assert (
        "far.xlsx\n  the sheet 'S' cannot be read: reading it came to no end, or took more memory than there is\n"
        "  Mend: save it anew as .xlsx, or as CSV"
    ) == str(raised.value)
    rewritten(far, "xlsx", lambda _, data: data)
    assert (2, 2) == open_workbook(far).cells("S").shape


def test_a_binary_sheet_with_a_cell_far_away_is_told(tmp_path: Path) -> None:
    far = tmp_path / "far.xlsb"
    row = SHEETS._record(0x00, struct.pack("<I", 1_048_575) + bytes(21)) + SHEETS._xlsb("A", 16_383)
    end = SHEETS._record(0x92)
    rewritten(far, "xlsb", lambda name, data: data.replace(end, row + end) if name.endswith("sheet1.bin") else data)
    with pytest.raises(MigstatError) as raised:
        open_workbook(far).cells("S")

    assert "reading it came to no end, or took more memory than there is" in str(raised.value)


def test_a_sheet_of_opendocument_that_is_cut_off_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    rewritten(path, "ods", lambda name, data: data[:-90] if name == "content.xml" and data[:1] == b"<" else data)
    with pytest.raises(MigstatError) as raised:
        open_workbook(path)

    assert str(raised.value).startswith("a.ods:1\n  content.xml, which holds the sheets, is no XML: ")


@pytest.mark.parametrize("head", ['<?xml version="1.0" encoding="UTF-4"?>', '<!DOCTYPE a [<!ENTITY b "c">]>'])
def test_a_sheet_of_opendocument_in_no_known_encoding_is_told(head: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    rewritten(path, "ods", lambda name, data: head.encode() + data.split(b"?>", 1)[-1] if data[:1] == b"<" else data)
    with pytest.raises(MigstatError) as raised:
        open_workbook(path)

    assert str(raised.value).startswith(
        "a.ods:1\n  content.xml, which holds the sheets, declares entities, or an encoding that is not known"
    )
