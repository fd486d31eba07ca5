"""Files of dBASE: every type, code pages, rows that are deleted, damage, and the laws of an extract."""

import gzip
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migstat as ms
from migstat.read.extracts import read_extract
from migstat.words.finding import MigstatError
from migstat.words.source import Format

DBASE = Format(kind="dbase")
FIELDS = (("NAME", "C", 12, 0), ("COD", "C", 3, 0), ("AGE", "N", 3, 0), ("W", "N", 9, 4), ("BORN", "D", 8, 0))
ROWS = (
    ("Jos\xe9", "01", " 34", "   1.2500", "19850301"),
    ("", "NA", "   ", "*********", "        "),
    ("Zo\xeb", "9", "101", "-0.5", "00000000"),
)


def dbf(
    fields: Sequence[tuple[str, str, int, int]] = FIELDS,
    rows: Sequence[Sequence[str | bytes]] = ROWS,
    *,
    version: int = 3,
    language: int = 0x03,
    encoding: str = "cp1252",
    fill: bytes = b" ",
    deleted: Sequence[int] = (),
) -> bytes:
    """Write a file as dBASE does."""
    length = 1 + sum(width for _, _, width, _ in fields)
    head = struct.pack("<4BIHH17xBxx", version, 124, 8, 24, len(rows), 32 + 32 * len(fields) + 1, length, language)
    for name, type, width, decimals in fields:
        wide = (width % 256, width // 256) if type == "C" else (width, decimals)
        head += struct.pack("<11sc4xBB14x", name.encode(encoding), type.encode(), *wide)
    head += b"\r"
    for number, row in enumerate(rows):
        head += b"*" if number in deleted else b" "
        for value, (_, _, width, _) in zip(row, fields, strict=True):
            raw = value if isinstance(value, bytes) else value.encode(encoding)
            head += raw.ljust(width, fill)
    return head + b"\x1a"


def frame(path: Path, format: Format = DBASE) -> tuple[list[int], list[tuple[str | None, ...]]]:
    parts = list(read_extract(path, format, ()).parts)
    return [n for numbers, _ in parts for n in numbers.to_list()], [row for _, part in parts for row in part.rows()]


READ = [
    ("Jos\xe9", "01", "34", "1.2500", "1985-03-01"),
    (None, "NA", None, "*********", None),
    ("Zo\xeb", "9", "101", "-0.5", "00000000"),
]


@pytest.mark.parametrize("fill", [b" ", b"\0"], ids=["blanks", "NUL"])
@pytest.mark.parametrize("pack", ["", "gz", "zip"])
def test_values_are_the_text_that_stands_there(fill, pack, tmp_path):
    path, data = tmp_path / "a.dbf", dbf(fill=fill)
    if pack == "gz":
        data = gzip.compress(data)
    path.write_bytes(data)
    if pack == "zip":
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("A.DBF", data)
        path = tmp_path / "a.zip"

    assert ([1, 2, 3], READ) == frame(path)


def test_numbers_of_foxpro(tmp_path):
    fields = (("I", "I", 4, 0), ("B", "B", 8, 4), ("M", "M", 4, 0), ("L", "L", 1, 0))
    rows = [(struct.pack("<i", n), struct.pack("<d", n / 4), b"\1\0\0\0", b"T") for n in (-7, 0, 2**31 - 1)]
    (tmp_path / "a.dbf").write_bytes(dbf(fields, rows, version=0x30))
    extract = read_extract(tmp_path / "a.dbf", DBASE, ())

    assert [("-7", "-1.75", "T"), ("0", "0", "T"), ("2147483647", "536870911.75", "T")] == [
        row for _, part in extract.parts for row in part.rows()
    ]
    assert ["M cannot be read: memos, pictures and packed values stand in no text"] == [
        finding.what for finding in extract.findings
    ]


def test_a_file_of_memos_only_is_told(tmp_path):
    (tmp_path / "a.dbf").write_bytes(dbf((("M", "M", 10, 0),), [("1",)]))
    with pytest.raises(MigstatError, match="has no column that may leave the file"):
        frame(tmp_path / "a.dbf")


def test_a_b_of_dbase_is_a_memo(tmp_path):
    (tmp_path / "a.dbf").write_bytes(dbf((("A", "C", 1, 0), ("B", "B", 10, 0)), [("x", "1")]))

    assert ("A",) == read_extract(tmp_path / "a.dbf", DBASE, ()).columns


def test_rows_that_are_deleted_are_left_out_and_told(tmp_path):
    (tmp_path / "a.dbf").write_bytes(dbf(deleted=[1]))
    extract = read_extract(tmp_path / "a.dbf", DBASE, ())

    assert [(1, "Jos\xe9"), (3, "Zo\xeb")] == [
        pair for numbers, part in extract.parts for pair in zip(numbers.to_list(), part["NAME"].to_list(), strict=True)
    ]
    assert [("1 row is marked as deleted, and left out", 1)] == [(one.what, one.rows) for one in extract.findings]


@pytest.mark.parametrize(
    ("language", "beside", "written", "asked", "read", "said"),
    [
        (0x02, "", "cp850", "utf-8", "Jos\xe9", ""),
        (0xC9, "", "cp1251", "utf-8", "\u041c\u0430", ""),
        (0x4D, "", "gb18030", "utf-8", "\u4e2d\u56fd", ""),
        (0x00, "UTF-8", "utf-8", "utf-8", "Jos\xe9", ""),
        (0x00, "1256\n", "cp1256", "utf-8", "\u0645\u0635\u0631", ""),
        (0x00, "88591", "latin-1", "utf-8", "Jos\xe9", ""),
        (0x02, "", "latin-1", "latin-1", "Jos\xe9", ""),
        (0x00, "", "cp1252", "utf-8", "Jos\xe9", "read as cp1252"),
        (0x00, "nonsense", "cp1252", "utf-8", "Jos\xe9", "read as cp1252"),
        (0x00, "", "cp1252", "utf-8", "Jose", ""),
    ],
)
def test_the_encoding(language, beside, written, asked, read, said, tmp_path):
    rows = [(read, "01", "1", "1", "20000101")]
    (tmp_path / "a.dbf").write_bytes(dbf(rows=rows, language=language, encoding=written))
    if beside:
        (tmp_path / "a.cpg").write_text(beside, encoding="ascii")
    extract = read_extract(tmp_path / "a.dbf", Format(kind="dbase", encoding=asked), ())

    assert [read] == [value for _, part in extract.parts for value in part["NAME"].to_list()]
    assert bool(said) == bool(extract.findings)
    assert all(said in finding.what for finding in extract.findings)


def test_a_row_that_is_not_of_the_encoding_is_no_row(tmp_path):
    (tmp_path / "a.dbf").write_bytes(dbf())
    extract = read_extract(tmp_path / "a.dbf", Format(kind="dbase", encoding="ascii"), ())
    numbers = [number for rows, _ in extract.parts for number in rows.to_list()]

    assert [2] == numbers
    assert [(1, "NAME is not ascii"), (3, "NAME is not ascii")] == [(at, why) for at, why, _ in extract.malformed]


def test_a_row_without_a_mark_is_no_row(tmp_path):
    data = bytearray(dbf())
    data[32 + 32 * len(FIELDS) + 1] = ord("x")
    (tmp_path / "a.dbf").write_bytes(data)
    extract = read_extract(tmp_path / "a.dbf", DBASE, ())

    assert [2, 3] == [number for rows, _ in extract.parts for number in rows.to_list()]
    assert [(1, "the row begins with no blank, and with no * either")] == [row[:2] for row in extract.malformed]


WHOLE = dbf()
CUT = "copy it again"
WRONG = {
    "cut off within a row": (WHOLE[:-20], "ends after 2 of its 3 rows: it was cut off"),
    "cut off within its header": (WHOLE[:100], "is a dBASE file (.dbf) that ends within its header: it was cut off"),
    "more rows": (WHOLE[:-1] + WHOLE[-37:], "its header says 3 rows, and more follow"),
    "wrong lengths": (
        WHOLE[:32 + 16] + b"\x05" + WHOLE[32 + 17:],
        "is a dBASE file (.dbf) that is damaged: its columns do not fill its rows",
    ),
    "no name": (
        WHOLE[:32] + b"\0" + WHOLE[33:], "is a dBASE file (.dbf) that is damaged: its columns do not fill its rows"
    ),
    "a name twice": (WHOLE.replace(b"COD\0", b"AGE\0"), "the header names this column twice"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "what"), WRONG.values(), ids=WRONG)
def test_damaged_files_are_told(data: bytes, what: str, tmp_path):
    (tmp_path / "a.dbf").write_bytes(data)
    with pytest.raises(MigstatError) as raised:
        frame(tmp_path / "a.dbf")

    assert [what] == [finding.what for finding in raised.value.findings]


def test_text_that_begins_like_it_is_none(tmp_path):
    (tmp_path / "a.csv").write_text("0\t\n\n" + "1,2\n" * 40, encoding="utf-8")
    with pytest.raises(MigstatError, match="is not a dBASE file"):
        frame(tmp_path / "a.csv")


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=300),
            st.integers(-99_999, 999_999).map(str),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_what_is_written_is_read(tmp_path_factory, rows):
    fields = (("A", "C", 300, 0), ("B", "N", 6, 0))
    gone = [number for number, (_, _, deleted) in enumerate(rows) if deleted]
    path = tmp_path_factory.mktemp("dbf") / "a.dbf"
    path.write_bytes(dbf(fields, [row[:2] for row in rows], deleted=gone))

    kept = [(n, a.strip() or None, b) for n, (a, b, deleted) in enumerate(rows, 1) if not deleted]
    numbers, found = frame(path)
    assert ([n for n, _, _ in kept], [(a, b) for _, a, b in kept]) == (numbers, found)


MAPPING = """\
id: MEX_2000
version: 1.0
into: CENSUS_PERSON
source:
  kind: census
  by: B
  area: MEX
  date: 2000
  key: [NAME]
  identifiers: [NAME]
  format: {kind: dbase}
rules:
  SEX: {from: COD, recode: {"01": M, 9: F}}
  AGE: {from: AGE}
"""


def test_a_mapping_reads_it(tmp_path):
    rows = [("a", "01", "34", "1", "20000101"), ("b", "9", "5", "1", ""), ("c", "8", "5", "1", "")]
    (tmp_path / "a.dbf").write_bytes(dbf(rows=rows))
    gaps = "".join(
        f"  {id}: {{not_collected: not asked}}\n"
        for id in ("COUNTRY_BIRTH", "CITIZENSHIP", "RESID_5Y", "YEAR_ARRIVAL", "MIG_REASON")
    )
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("  key: [NAME]\n", "") + gaps, encoding="utf-8")
    run = ms.harmonize(tmp_path / "a.dbf", tmp_path / "mapping.yaml")

    assert [("M", 34), ("F", 5)] == run.records.select("SEX", "AGE").rows()
    assert 1 == run.rejects.height
    assert isinstance(run.records, pl.DataFrame)
    assert "NAME" not in run.rejects.columns


def test_a_draft_reads_it(tmp_path):
    rows = [("M", "404", str(20 + n), "1", "20000101") for n in range(30)]
    fields = (("SEXO", "C", 1, 0), ("PAIS_NAC", "C", 3, 0), ("EDAD", "N", 3, 0), ("W", "N", 9, 4), ("BORN", "D", 8, 0))
    (tmp_path / "a.dbf").write_bytes(dbf(fields, rows))
    made = ms.draft(tmp_path / "a.dbf", area="MEX", date="2000")

    assert "kind: dbase" in made.files["mapping.yaml"]
