"""Files of fixed width, and of households and persons in one: what is read, what is told, and that nothing is lost."""

import gzip
import io
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.read.codebooks import read_codebook
from migstat.read.extracts import fixed_width, read_extract
from migstat.words.codebook import Codebook, RecordType, Variable
from migstat.words.finding import MigstatError, Severity
from migstat.words.run import Harmonized
from migstat.words.source import Format

MAPPING = Path(__file__).with_name("small_census.yaml").read_text(encoding="utf-8")
LAYOUT = """\
name,start,width,decimals
HH,1,3,
LINE,4,2,
P12,6,1,
P11,7,2,
P15,9,3,
W,12,5,2
NOTE,17,4,
"""
ROWS = ["0010113445000250José", "001022 9800  100    ", "00201134450   50Zoë "]
RECORDS = """\
name,start,width,decimals,record,type,values
RT,1,1,,,record type,H=household; P=person<household by HH
HH,2,3,,,,
W,5,5,2,household,,
NOTE,10,4,,household,,
LINE,5,2,,person,,
P12,7,1,,person,,
P11,8,2,,person,,
P15,10,3,,person,,
"""
FIXED = "kind: fixed, layout: layout.csv"
PERSONS = "kind: fixed, layout: layout.csv, record: person"
MEND = "mend the lines, or check layout, encoding and count under source.format"
SIX = "Mend: check that layout.csv is of this file, or write pad: yes where blanks at line ends were cut off"


def folder_of(folder: Path, format: str = FIXED, layout: str = LAYOUT) -> Path:
    (folder / "layout.csv").write_text(layout, encoding="utf-8")
    (folder / "mapping.yaml").write_text(MAPPING.replace("FORMAT", format), encoding="utf-8")
    return folder / "mapping.yaml"


def run_of(folder: Path, data: bytes, format: str = FIXED, layout: str = LAYOUT, name: str = "a.dat") -> Harmonized:
    mapping = folder_of(folder, format, layout)
    (folder / name).write_bytes(data)
    return ms.harmonize(folder / name, mapping)


def lines(rows: Sequence[str] = ROWS, end: str = "\n") -> str:
    return "".join(f"{row}{end}" for row in rows)


def zipped(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, data)
    return made.getvalue()


def told(findings: Sequence[ms.Finding]) -> str:
    return "\n".join(f"{'' if one.severity == Severity.ERROR else f'{one.severity}: '}{one}" for one in findings)


def values(run: Harmonized) -> list[tuple[object, ...]]:
    return run.records.select("SEX", "AGE", "COUNTRY_BIRTH", "WEIGHT").rows()


EXPECTED = [("M", 34, "KEN", 2.5), ("F", 9, "UGA", 1.0), ("M", 34, "KEN", 0.5)]


@pytest.mark.parametrize(
    ("name", "pack", "format"),
    [
        ("a.dat", lambda text: text.encode(), FIXED + ", count: characters"),
        ("a.dat", lambda text: b"\xef\xbb\xbf" + text.encode(), FIXED + ", count: characters"),
        ("a.dat", lambda text: text.encode("latin-1"), FIXED + ", encoding: latin-1"),
        ("a.dat", lambda text: text.replace("\n", "\r\n").encode("cp1252"), FIXED + ", encoding: cp1252"),
        ("a.dat", lambda text: text.replace("\n", "\r").encode("cp1252"), FIXED + ", encoding: cp1252"),
        ("a.dat", lambda text: text.encode("utf-16"), FIXED + ", encoding: utf-16"),
        ("a.dat", lambda text: text.encode("gb18030"), FIXED + ", encoding: gb18030, count: characters"),
        ("a.dat", lambda text: text.replace("é", "ع").replace("ë", "م").encode("cp1256"), FIXED + ", encoding: cp1256"),
        ("a.dat", lambda text: text.replace("\n", "").encode("latin-1"), FIXED + ", encoding: latin-1, length: 20"),
        ("a.dat", lambda text: text.replace("\n", "").encode("cp500"), FIXED + ", encoding: cp500, length: 20"),
        ("a.dat", lambda text: text.encode("cp500"), FIXED + ", encoding: cp500"),
        ("a.dat", lambda text: f"made on Monday\n\n{text}\n\x1a".encode("latin-1"),
         FIXED + ", encoding: latin-1, header: 2"),
        ("a.dat", lambda text: "\n".join(row.rstrip() for row in text.split("\n")).encode(),
         FIXED + ", pad: yes, count: characters"),
        ("a.dat.gz", lambda text: gzip.compress(text.encode("latin-1")), FIXED + ", encoding: latin-1"),
        ("a.zip", lambda text: zipped("a.dat", text.encode("latin-1")), FIXED + ", encoding: latin-1"),
    ],
)  # fmt: skip
def test_the_same_rows_in_every_form(name: str, pack: Callable[[str], bytes], format: str, tmp_path: Path) -> None:
    run = run_of(tmp_path, pack(lines()), format, name=name)

    assert EXPECTED == values(run)
    assert "" == told(run.findings)


def test_positions_are_counted_in_bytes_where_it_is_said(tmp_path: Path) -> None:
    rows = ["0010113445000250Jos", "001022 9800  100Zo\u00eb"]
    data = "\n".join(row.replace("Jos", "José").replace("José", "Jos ") for row in rows).encode()
    run = run_of(tmp_path, data, FIXED + ", count: bytes")

    assert EXPECTED[:2] == values(run)
    assert "" == told(run.findings)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "shift_jis", "euc-kr"])
@pytest.mark.parametrize("end", ["\n", ""])
def test_columns_behind_characters_of_several_bytes(encoding: str, end: str, tmp_path: Path) -> None:
    names = ["中", "ab", ""]
    width = max(len(name.encode(encoding)) for name in names) + 1
    book = Codebook("b", (Variable("NAME", start=1, width=width), Variable("N", start=width + 1, width=2)))
    rows = [name.encode(encoding).ljust(width) + b"%2d" % at for at, name in enumerate(names)]
    path = tmp_path / "a.dat"
    path.write_bytes(end.encode().join(rows))
    format = Format(kind="fixed", header=0, encoding=encoding, codebook=book, count="bytes", length=width + 2)
    part = pl.concat(part for _, part in read_extract(path, format, ()).parts)

    assert [("中", "0"), ("ab", "1"), (None, "2")] == part.rows()


@dataclass(frozen=True)
class Wrong:
    data: str | bytes
    told: str
    format: str = FIXED
    layout: str = LAYOUT
    rows: tuple[int, int] | None = None

    def __str__(self) -> str:
        return self.told.splitlines()[1].strip()[:60].replace(" ", "-")


A, B = "0010113445000250 ab ", "001022 9800  100    "
H1, P1, P2 = "H00100250note", "P00101134450", "P001022 9800"
WRONG = [
    Wrong("", "a.dat\n  the file is empty\n  Mend: ask the sender for the file again"),
    Wrong("  \n \n", "a.dat\n  the file holds nothing but white space\n  Mend: ask the sender for the file again"),
    Wrong(b"%PDF-1.4", "a.dat\n  is a PDF file\n  Mend: save the data as CSV UTF-8"),
    Wrong(f"{A}\n{A[:-3]}\n{B}xyz\n\n{B}\n",
          "a.dat\n  the line has 17 characters, the layout 20: such lines are no rows (row 2, 3)  (2 rows)\n"
          f"  Mend: {MEND}\n"
          "a.dat\n  the line is empty: such lines are no rows (row 4)  (1 row)\n"
          f"  Mend: {MEND}", rows=(2, 3)),
    Wrong(f"{A[:-3]}\n{B[:-2]}\n",
          "a.dat\n  the lines have at most 18 characters, and the layout ends at 20, with NOTE\n  "
          "Mend: check that layout.csv is of this file, or write pad: yes where blanks at line ends were cut off"),
    Wrong(f"{A}xx\n{B}xx\n{B}\n",
          "note: a.dat\n  the lines have 22 characters: positions 21 to 22 are in no column of the layout\n"
          "a.dat\n  the line has 20 characters, the others 22: such lines are no rows (row 3)  (1 row)\n"
          f"  Mend: {MEND}", rows=(2, 1)),
    Wrong(f"{A}\n{B.rstrip()}\n{B}x\n",
          "a.dat\n  the line has 21 characters, the layout 20: such lines are no rows (row 3)  (1 row)\n"
          f"  Mend: {MEND}", FIXED + ", pad: yes", rows=(2, 1)),
    Wrong(f"{A}\n{B}\n",
          "a.dat\n  the line has 20 characters, the others 24: such lines are no rows (row 1, 2)  (2 rows)\n"
          f"  Mend: {MEND}", FIXED + ", length: 24", rows=(0, 2)),
    Wrong(f"{A}\n{B}\n", "a.dat\n  length: 19 is less than the layout, which ends at 20\n"
          "  Mend: write length: 20 or more under source.format, or mend the layout", FIXED + ", length: 19"),
    Wrong(f"{A}{B}",
          "warning: a.dat\n  read as records of 20 bytes, the length of the layout: the file has no line ends\n"
          "  Mend: write length: 20 under source.format", rows=(2, 0)),
    Wrong(f"{A}{B}x",
          "a.dat\n  has no line ends, and 41 bytes are no whole number of records of 20\n"
          "  Mend: write length: 120, the bytes of a record, under source.format"),
    Wrong(f"{A}{B}".replace("ab", "é "),
          "a.dat\n  has no line ends, so that its records are counted in bytes, and a character may be several\n"
          "  Mend: write count: bytes under source.format"),
    Wrong(f"{A}{B[:-4]}",
          "a.dat\n  the line has 16 bytes, the layout 20: such lines are no rows (row 2)  (1 row)\n"
          f"  Mend: {MEND}", FIXED + ", length: 20", rows=(1, 1)),
    Wrong(f"{A}\n{B}\n".replace("ab", "éb").encode("latin-1"),
          "warning: a.dat\n  read as cp1252: line 1 is not UTF-8\n"
          "  Mend: write encoding: cp1252, or the true one, under source.format", rows=(2, 0)),
    Wrong(f"{A}\n{B}\n".replace("ab", "éb").encode(),
          "warning: a.dat\n  positions are counted in characters, and the file has some that are several bytes\n"
          "  Mend: write count: characters, or count: bytes, under source.format", rows=(2, 0)),
    Wrong(f"{A}\n{A}\n".replace("ab", "éà").encode() + f"{B}\n".encode()[:-3] + b"\xe9 \n",
          "a.dat\n  the line is not utf-8: see its byte 19: such lines are no rows (row 3)  (1 row)\n"
          f"  Mend: {MEND}\n"
          "mapping.yaml:4  key\n  the key HH, LINE stands again in row 2  (1 row)\n"
          "  Mend: name all columns of the key under source.key, or remove the rows that stand twice",
          FIXED + ", count: characters", rows=(2, 1)),
    Wrong(f"{A}\n".replace("ab ", "中 ").encode("gb18030") + f"{B}\n".encode()[:-2] + b"\xff\n",
          "a.dat\n  the line is not gb18030: see its byte 20: such lines are no rows (row 2)  (1 row)\n"
          f"  Mend: {MEND}", FIXED + ", encoding: gb18030, count: bytes", rows=(1, 1)),
    Wrong(f"{A}\n{B}\n".replace("ab", "\0b").encode("latin-1"),
          "a.dat\n  the line holds NUL bytes: such lines are no rows (row 1)  (1 row)\n"
          f"  Mend: {MEND}", FIXED + ", encoding: latin-1", rows=(1, 1)),
    Wrong(f"{A}\n{B}\n".encode("utf-16"),
          "warning: a.dat\n  read as UTF-16: the file begins with its mark\n"
          "  Mend: write encoding: utf-16 under source.format", rows=(2, 0)),
    Wrong(f"{A}\n{B}\n".encode("utf-16"), "a.dat\n  the positions are counted in bytes, and the encoding is utf-16\n"
          "  Mend: write count: characters under source.format", FIXED + ", encoding: utf-16, count: bytes"),
    Wrong(f"{A}\n", "mapping.yaml:4  source\n  the layout layout.csv has no column P15\n  Mend: write P51",
          layout=LAYOUT.replace("P15", "P51")),
    # What the mapping says wrongly.
    Wrong(A, "mapping.yaml:14  source\n  a file of fixed width needs a layout\n"
          "  Mend: write layout: layout.csv, a codebook in the folder of the mapping", "kind: fixed"),
    Wrong(A, "mapping.yaml:14  source\n  there is no file lay.csv\n  Mend: write layout.csv",
          "kind: fixed, layout: lay.csv"),
    Wrong(A, "mapping.yaml:14  source\n  ../layout.csv lies outside the folder of the mapping\n"
          "  Mend: copy the codebook into the folder, and name it as tables/name.csv",
          "kind: fixed, layout: ../layout.csv"),
    Wrong(A, "layout.csv:3  LINE\n  column LINE begins at position 0\n  Mend: count from 1",
          layout=LAYOUT.replace("LINE,4", "LINE,0")),
    Wrong(A, "mapping.yaml:14  source\n  layout.csv does not say where the columns stand\n"
          "  Mend: name a layout with start and width, or write kind: csv", layout="name,label\nHH,x\n"),
    Wrong(A, "mapping.yaml:14  source\n  record: person, and the layout has one type only\n  Mend: take it away",
          FIXED + ", record: person"),
    Wrong(A, "mapping.yaml:14  source\n  record: goes with a layout, and there is none\n"
          "  Mend: write layout: layout.csv, a codebook that names the types", "kind: csv, record: person"),
    Wrong(A, "mapping.yaml:14  source\n  count: letters is not known\n  Mend: one of bytes, characters",
          FIXED + ", count: letters"),
    Wrong(A, "mapping.yaml:14  source\n  length: 0 is not a whole number it can take\n"
          "  Mend: write a whole number, 1 or more",
          FIXED + ", length: 0"),
    Wrong(A, "mapping.yaml:14  source\n  quote: goes with kind: csv\n  Mend: take it away, or write kind: csv",
          FIXED + ", quote: none"),
    Wrong(A, "mapping.yaml:14  source\n  pad: goes with kind: fixed\n  Mend: take it away, or write kind: fixed",
          "kind: csv, pad: yes"),
    Wrong(A, "mapping.yaml:14  source\n  columns: the columns of a file of fixed width are named by its layout\n"
          "  Mend: take it away", FIXED + ", columns: [HH]"),
    Wrong(A, "mapping.yaml:14  source\n  there is no encoding utf-9\n  Mend: write utf-8", FIXED + ", encoding: utf-9"),
    # Several types of record.
    Wrong(H1, "mapping.yaml:14  source\n"
          "  the layout has several types of record, and the format does not say which makes a row\n"
          "  Mend: write record: person; one of household, person", FIXED, RECORDS),
    Wrong(H1, "mapping.yaml:14  source\n  the layout has no record persons\n  Mend: write person",
          PERSONS + "s", RECORDS),
    Wrong(H1, "layout.csv\n  NR, the key of person, is not a column of both it and household\n"
          "  Mend: name a column that both have", PERSONS, RECORDS.replace("by HH", "by NR")),
    Wrong(f"{H1}\n{P1}\n{P2}\nX001\nH00200100    \n{P1}\n",
          "note: a.dat\n  records of the type household without a person below them make no row  (1 row)\n"
          "a.dat\n  the type of the record is not one of the layout: such lines are no rows (row 4)  (1 row)\n"
          f"  Mend: {MEND}\n"
          "a.dat\n  HH is not that of the household above the record: such lines are no rows (row 6)  (1 row)\n"
          f"  Mend: {MEND}", PERSONS, RECORDS, rows=(2, 2)),
    Wrong(f"{P1}\n{H1}\n{P1}\nH002001\nP00201134450\n",
          "a.dat\n  the record has no household above it: such lines are no rows (row 1, 5)  (2 rows)\n"
          f"  Mend: {MEND}\n"
          "a.dat\n  the line has 7 characters, the layout 13: such lines are no rows (row 4)  (1 row)\n"
          f"  Mend: {MEND}", PERSONS, RECORDS, rows=(1, 3)),
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_told_of_a_wrong_file(wrong: Wrong, tmp_path: Path) -> None:
    data = wrong.data if isinstance(wrong.data, bytes) else wrong.data.encode()
    rows = None
    try:
        run = run_of(tmp_path, data, wrong.format, wrong.layout)
        found, rows = run.findings, (run.step("records").rows, run.step("rejected").rows)
    except MigstatError as error:
        found = error.findings

    assert wrong.told == told(found)
    assert wrong.rows == rows


def test_a_line_that_is_no_row_is_kept_among_the_rejects_unless_it_may_name_a_person(tmp_path: Path) -> None:
    run = run_of(tmp_path, f"{A}\n{B[:-1]}\n".encode())
    secret = tmp_path / "secret"
    secret.mkdir()
    mapping = folder_of(secret)
    mapping.write_text(mapping.read_text().replace("  weight: W", "  weight: W\n  identifiers: [NOTE]"))
    (secret / "a.dat").write_bytes(f"{A}\n{B[:-1]}\n".encode())
    hidden = ms.harmonize(secret / "a.dat", mapping)

    assert [B[:-1]] == run.rejects["_line"].to_list()
    assert [None] == hidden.rejects["_line"].to_list()
    assert "NOTE" not in hidden.rejects.columns


def test_pieces_of_a_zip_and_of_a_folder_are_read_as_one(tmp_path: Path) -> None:
    mapping = folder_of(tmp_path, FIXED + ', encoding: latin-1, member: "p*.dat"')
    first, second = (lines(rows).encode("latin-1") for rows in (ROWS[:2], ROWS[2:]))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in (("p1.dat", first), ("p2.dat", second), ("readme.dat", b"x")):
            archive.writestr(name, data)
    (tmp_path / "a.zip").write_bytes(made.getvalue())
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "p1.dat").write_bytes(first)
    (tmp_path / "x" / "p2.dat").write_bytes(second)

    for name in ("a.zip", "x"):
        run = ms.harmonize(tmp_path / name, mapping, into=tmp_path / "build")

        assert EXPECTED == run.records.collect().select("SEX", "AGE", "COUNTRY_BIRTH", "WEIGHT").rows()
        assert "read one after another" in told(run.findings)


def test_check_finds_columns_that_the_layout_has_not(tmp_path: Path) -> None:
    found = ms.check(ms.read_mapping(folder_of(tmp_path, PERSONS, RECORDS.replace("P11,", "AGE,"))))

    assert ["mapping.yaml:4  source\n  the layout layout.csv has no column P11\n  Mend: write P15"] == [
        str(finding) for finding in found if finding.severity == Severity.ERROR
    ]


OLD = "name,width,decimals\nHH,3,\nLINE,3,\nP12,1,\nP11,2,\nP15,3,\nW,5,2\nNOTE,4,\n"
WAVES = """\
waves:
  w2001: {date: 2001, layout: old.csv}
  w2011: {date: 2011, layout: layout.csv}
"""


def test_each_round_has_a_layout_of_its_own(tmp_path: Path) -> None:
    mapping = folder_of(tmp_path, "kind: fixed")
    text = mapping.read_text().replace("  date: 2019-08-24\n", "").replace("rules:", f"{WAVES}rules:")
    mapping.write_text(text)
    (tmp_path / "old.csv").write_text(OLD)
    (tmp_path / "new.dat").write_text(lines())
    (tmp_path / "old.dat").write_text(lines([f"{row[:3]}0{row[3:]}" for row in ROWS]))
    new, old = (
        ms.harmonize(tmp_path / f"{name}.dat", mapping, wave=wave)
        for name, wave in (("new", "w2011"), ("old", "w2001"))
    )

    assert EXPECTED == values(new) == values(old)
    assert [] == [finding for finding in ms.check(ms.read_mapping(mapping)) if finding.severity == Severity.ERROR]
    (tmp_path / "old.csv").write_text(LAYOUT.replace("P12", "P_12"))
    assert ["mapping.yaml:4  source\n  the layout old.csv has no column P12\n  Mend: write P_12"] == [
        str(finding) for finding in ms.check(ms.read_mapping(mapping)) if finding.severity == Severity.ERROR
    ]


def test_a_delimited_file_without_a_header_is_named_by_its_layout(tmp_path: Path) -> None:
    layout = "name,label\nHH,\nLINE,\nP12,Sex\nP11,\nP15,\nW,\n"
    run = run_of(tmp_path, b"1,1,1,34,450,2.5\n", "kind: csv, header: 0, layout: layout.csv", layout)
    extract = read_extract(tmp_path / "a.dat", run.mapping.source.format, ())

    assert [("M", 34, "KEN", 2.5)] == values(run)
    assert extract.codebook is not None
    assert "Sex" == extract.codebook.variables[2].label


def test_as_a_structure_map_it_runs_on_frames(tmp_path: Path) -> None:
    mapping = ms.read_mapping(folder_of(tmp_path))
    ms.write_structure_map(mapping, tmp_path / "map.xml")
    again, found = ms.map_as_mapping(tmp_path / "map.xml")
    (tmp_path / "a.dat").write_text(lines())

    assert [] == [finding for finding in found if finding.severity == Severity.ERROR]
    assert ("fixed", "layout.csv", None) == (
        again.source.format.kind,
        again.source.format.layout,
        again.source.format.codebook,
    )
    with pytest.raises(MigstatError) as raised:
        ms.harmonize(tmp_path / "a.dat", again)
    assert str(raised.value) == (
        "a.dat\n  is of fixed width, and its layout is not at hand\n"
        "  Mend: run the mapping file itself: its folder holds the layout"
    )


@pytest.mark.parametrize(
    ("written", "decimals", "told"),
    [("12345", 2, "123.45"), ("    5", 2, "0.05"), ("-  12", 1, "-  12"), ("  -12", 1, "-1.2"), ("12.34", 1, "12.34"),
     ("     ", 2, None), ("00000", 2, "0.00"), (" +123", 3, "0.123"), ("  1e5", 2, "1e5"), ("99999", 0, "99999")],
)  # fmt: skip
def test_decimals_whose_sign_is_not_written(written: str, decimals: int, told: str | None, tmp_path: Path) -> None:
    book = Codebook("b", (Variable("A", start=1, width=5, decimals=decimals),))
    (tmp_path / "a.dat").write_text(f"{written}\n12345\n")
    (_, part), *_ = read_extract(tmp_path / "a.dat", Format(kind="fixed", header=0, codebook=book), ()).parts

    assert told == part["A"][0]


def test_columns_that_repeat_and_names_of_two_records(tmp_path: Path) -> None:
    layout = (
        "name,start,width,record,type,values,repeats\nRT,1,1,,record type,H=household; P=person,\n"
        "W,2,2,household,,,\nW,2,1,person,,,\nLANG,3,1,person,,,2\n"
    )
    (tmp_path / "layout.csv").write_text(layout)
    (tmp_path / "a.dat").write_text("H77\nP1ab\n")
    book = read_codebook(tmp_path / "layout.csv")
    extract = read_extract(tmp_path / "a.dat", Format(kind="fixed", header=0, codebook=book, record="person"), ())
    (_, part), *_ = extract.parts

    assert ("RT", "household.W", "W", "LANG(1)", "LANG(2)") == extract.columns
    assert [("P", "77", "1", "a", "b")] == part.rows()


def test_a_record_above_may_have_no_column_of_its_own(tmp_path: Path) -> None:
    layout = (
        "name,start,width,record,type,values\nRT,1,1,,record type,H=household; P=person\nHH,2,2,,,\nAGE,4,2,person,,\n"
    )
    (tmp_path / "layout.csv").write_text(layout)
    (tmp_path / "a.dat").write_text("H01\nP0112\nP0113\nH02\n")
    book = read_codebook(tmp_path / "layout.csv")
    (rows, part), *_ = read_extract(
        tmp_path / "a.dat", Format(kind="fixed", header=0, codebook=book, record="person"), ()
    ).parts

    assert [("P", "01", "12"), ("P", "01", "13")] == part.rows()
    assert [2, 3] == rows.to_list()


def test_blanks_of_a_household_are_seen_from_another_block(tmp_path: Path) -> None:
    layout = (
        "name,start,width,record,type,values\nRT,1,1,,record type,H=household; P=person\n"
        "ROOMS,2,2,household,,\nAGE,2,2,person,,\n"
    )
    (tmp_path / "layout.csv").write_text(layout)
    (tmp_path / "a.dat").write_text("H 7\nP12\nP13\nH  \nP14\n")
    book = read_codebook(tmp_path / "layout.csv")
    format = Format(kind="fixed", header=0, codebook=book, record="person")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed_width, "LARGEST", 4)
        parts = [part for _, part in read_extract(tmp_path / "a.dat", format, ()).parts]

    assert [("P", "7", "12"), ("P", "7", "13"), ("P", None, "14")] == pl.concat(parts).rows()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("count", ["bytes", "characters"])
def test_a_household_with_accents_goes_on_into_the_next_block(encoding: str, count: str, tmp_path: Path) -> None:
    wide = 3 if encoding == "utf-8" and count == "bytes" else 2 if count == "bytes" else 1
    layout = (
        "name,start,width,record,type,values\nRT,1,1,,record type,H=household; P=person\n"
        f"NAME,2,{wide},household,,\nROOMS,{2 + wide},2,household,,\nAGE,2,2,person,,\n"
    )
    (tmp_path / "layout.csv").write_text(layout)
    (tmp_path / "a.dat").write_bytes(("H中07\n" + "P12\n" * 9 + "P13\n").encode(encoding))
    book = read_codebook(tmp_path / "layout.csv")
    format = Format(kind="fixed", header=0, codebook=book, record="person", encoding=encoding, count=count)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed_width, "LARGEST", 12)
        parts = [part for _, part in read_extract(tmp_path / "a.dat", format, ()).parts]

    assert len(parts) > 2
    assert [("P", "中", "07", "12")] * 9 + [("P", "中", "07", "13")] == pl.concat(parts).rows()


# Laws.

LETTERS = {
    "utf-8": "abé中\U0001f600 1",
    "latin-1": "abé\xa71 ",
    "cp1252": "ab€ 1",
    "cp1256": "abعم 1",
    "gb18030": "ab中é 1",
    "shift_jis": "ab中ソ 1",
    "utf-16": "abé中 1",
    "cp500": "abé 1",
}


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, list[int], list[list[str]], dict[int, str], int]:
    """An encoding, a line end, widths, rows, lines that are none by their place, and the size of a block."""
    encoding = draw(st.sampled_from(sorted(LETTERS)))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    widths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    cell = [st.text(alphabet=LETTERS[encoding], min_size=width, max_size=width) for width in widths]
    rows = [list(row) for row in draw(st.lists(st.tuples(*cell), min_size=2, max_size=12))]
    places = draw(st.sets(st.integers(0, len(rows)), max_size=2))
    bad = {at: draw(st.sampled_from(["a", "1" * (sum(widths) + 1), "b" * (sum(widths) + 5)])) for at in places}
    bad = {at: line for at, line in bad.items() if len(line) != sum(widths)}
    return encoding, end, widths, rows, bad, draw(st.sampled_from([16, 40, 1 << 20]))


@settings(max_examples=150)
@given(file=files())
def test_every_line_is_a_row_or_is_told(file, tmp_path_factory: pytest.TempPathFactory) -> None:  # type: ignore[no-untyped-def]
    encoding, end, widths, rows, bad, size = file
    starts = [1 + sum(widths[:at]) for at in range(len(widths))]
    book = Codebook("b", tuple(Variable(f"V{at}", start=start, width=width)
                               for at, (start, width) in enumerate(zip(starts, widths, strict=True))))  # fmt: skip
    text, expected, lost = [], [], []
    for at in range(len(rows) + 1):
        if at in bad:
            text.append(bad[at])
            lost.append(len(text))
        if at < len(rows):
            text.append("".join(rows[at]))
            expected.append((len(text), *(cell.strip() or None for cell in rows[at])))
    path = tmp_path_factory.getbasetemp() / "law.dat"
    path.write_bytes("".join(line + end for line in text).encode(encoding))
    if not "".join(text).strip():
        return
    format = Format(kind="fixed", header=0, encoding=encoding, codebook=book, length=sum(widths))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed_width, "LARGEST", size)
        extract = read_extract(path, format, ())
        parts = list(extract.parts)

    actual = [(number, *row) for numbers, part in parts for number, row in zip(numbers, part.rows(), strict=True)]
    assert expected == actual
    assert lost == [number for number, *_ in extract.malformed]


@settings(max_examples=150)
@given(data=st.binary(min_size=1, max_size=400), encoding=st.sampled_from(sorted(LETTERS)), bytes_=st.booleans(),
       pad=st.booleans(), record=st.booleans(), size=st.sampled_from([16, 1 << 20]))  # fmt: skip
def test_any_bytes_are_rows_or_told(data: bytes, encoding: str, bytes_: bool, pad: bool, record: bool, size: int,
                                    tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    columns = (Variable("RT", start=1, width=1), Variable("V", start=2, width=2, decimals=1))
    book = Codebook("b", columns)
    if record:
        types = (RecordType("h", "a"), RecordType("p", "b", "h"))
        book = replace(book, records=types, record_start=1, record_width=1, record_column="RT")
    format = Format(kind="fixed", header=0, encoding=encoding, codebook=book, pad=pad, record="p" if record else "",
                    count="bytes" if bytes_ else "")  # fmt: skip
    path = tmp_path_factory.getbasetemp() / "any.dat"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed_width, "LARGEST", size)
        try:
            extract = read_extract(path, format, ())
            numbers = [number for rows, part in extract.parts for number in rows.to_list()]
        except MigstatError as error:
            told(error.findings)
            return
    lost = [number for number, *_ in extract.malformed]

    assert sorted({*numbers, *lost}) == sorted([*numbers, *lost])
    if not record and numbers:
        assert list(range(1, max([*numbers, *lost]) + 1)) == sorted([*numbers, *lost])


# Households and persons, against a plain reading of the rules, line by line.

KINDS = st.sampled_from(["H", "P", "C", "D", "X", "h", "p", "?"])
"""Good records of three levels and one beside them, an unknown one, and records that are broken."""


def by_hand(kinds: Sequence[tuple[str, int]]) -> tuple[list[tuple[int, str | None, str | None, str | None]], list[int]]:
    """Rows of children: their line, and the numbers of household, person and child; and the lines that are lost."""
    household = person = None
    rows, lost = [], []
    for at, (kind, number) in enumerate(kinds, 1):
        if kind == "H":
            household, person = number, None
        elif kind == "P":
            person = number if household is not None else None
        elif kind == "C" and person is not None:
            rows.append((at, str(household), str(person), str(number)))
        elif kind != "D":
            lost.append(at)
            if kind in "X?h":
                household = person = None
            elif kind == "p":
                person = None
    return rows, lost


def three_levels(delimited: bool) -> Codebook:
    places = {} if delimited else {"start": 2, "width": 1}
    mark = Variable("RT") if delimited else Variable("RT", start=1, width=1)
    columns = (mark, Variable("H", record="house", **places), Variable("P", record="person", **places),
               Variable("C", record="child", **places), Variable("D", record="death", **places))  # fmt: skip
    types = (RecordType("house", "H"), RecordType("person", "P", "house"), RecordType("child", "C", "person"),
             RecordType("death", "D", "house"))  # fmt: skip
    start = None if delimited else 1
    return Codebook("b", columns, records=types, record_start=start, record_width=start, record_column="RT")


@settings(max_examples=200)
@given(kinds=st.lists(st.tuples(KINDS, st.integers(0, 9)), min_size=1, max_size=25),
       size=st.sampled_from([5, 16, 1 << 20]), delimited=st.booleans())  # fmt: skip
def test_records_stand_beside_those_above_them(kinds: list[tuple[str, int]], size: int, delimited: bool,
                                               tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    comma = "," if delimited else ""
    written = {"?": "?,,,," if delimited else "????"}
    text = "".join(
        f"{written.get(kind, f'{kind.upper()}{comma}{number}' + (',,' if delimited else 'xx') * kind.islower())}\n"
        for kind, number in kinds
    )
    path = tmp_path_factory.getbasetemp() / "levels.dat"
    path.write_text(text)
    format = Format(kind="csv" if delimited else "fixed", codebook=three_levels(delimited), record="child", header=0,
                    length=0 if delimited else 2)  # fmt: skip
    expected, lost = by_hand(kinds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed_width, "LARGEST", size)
        patch.setattr("migstat.read.extracts.delimited_records.BLOCK", size)
        extract = read_extract(path, format, ())
        parts = list(extract.parts)
    columns = ["H", "P", "C"]
    actual = [
        (number, *row)
        for numbers, part in parts
        for number, row in zip(numbers, part.select(columns).rows(), strict=True)
    ]

    assert expected == actual
    assert lost == [number for number, *_ in extract.malformed]
    without = {finding.what.split()[4]: finding.rows for finding in extract.findings if "without" in finding.what}
    total = {"house": sum(kind == "H" for kind, _ in kinds), "person": sum(kind == "P" for kind, _ in kinds)}
    with_child = {"house": 0, "person": 0}
    seen: set[tuple[str, int]] = set()
    house = person = 0
    by_line = {row[0] for row in expected}
    for at, (kind, _) in enumerate(kinds, 1):
        house, person = (at if kind == "H" else house), (at if kind == "P" else person)
        if at in by_line:
            seen |= {("house", house), ("person", person)}
    for name, _ in seen:
        with_child[name] += 1
    assert {name: total[name] - with_child[name] for name in total if total[name] > with_child[name]} == without
    assert sum(kind == "D" for kind, _ in kinds) == sum(
        finding.rows or 0 for finding in extract.findings if "death" in finding.what
    )


def test_parts_are_small_and_polars_frames_of_text(tmp_path: Path) -> None:
    book = Codebook("b", (Variable("A", start=1, width=4),))
    (tmp_path / "a.dat").write_text("0001\n" * 600_000)
    parts = list(read_extract(tmp_path / "a.dat", Format(kind="fixed", header=0, codebook=book), ()).parts)

    assert 600_000 == sum(part.height for _, part in parts)
    assert len(parts) > 1
    assert {pl.String} == {dtype for _, part in parts for dtype in part.dtypes}


SIGNS = ["7 ", " 7", "  ", "é1", "07", "ab", "中 "]


@settings(max_examples=150)
@given(draw=st.randoms(use_true_random=False), keyed=st.booleans(), size=st.sampled_from([9, 14, 30, 1 << 20]),
       written=st.sampled_from([("utf-8", "characters"), ("utf-8", "bytes"), ("gb18030", "bytes"),
                                ("latin-1", "bytes"), ("utf-16", "characters")]))  # fmt: skip
def test_households_in_several_encodings(draw: random.Random, keyed: bool, size: int, written: tuple[str, str],
                                         tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    encoding, count = written
    wide = count == "bytes" and encoding != "latin-1"
    width = 5 if wide else 2
    types = (RecordType("h", "H"), RecordType("p", "P", "h", key="K" if keyed else ""))
    names = ["RT", "K", "ROOMS", "AGE"]
    places = [(1, 1, ""), (2, 1, ""), (3, width, "h"), (3, width, "p")]
    columns = tuple(
        Variable(name, start=start, width=wide, record=record)
        for name, (start, wide, record) in zip(names, places, strict=True)
    )
    book = Codebook("b", columns, records=types, record_start=1, record_width=1, record_column="RT")
    text, expected, lost = "", [], []
    house: tuple[str, str] | None = None
    for line in range(1, draw.randint(2, 14)):
        kind, key = draw.choice("HPPPPXhp"), draw.choice("11112")
        value = draw.choice(SIGNS[: 6 if encoding == "latin-1" else 7])
        blanks = " " * (width - len(value.encode(encoding))) if wide else ""
        text += f"{kind.upper()}{key}{value}{blanks}{'zz' * kind.islower()}\n"
        if kind == "H":
            house = key, value
        elif kind == "P" and house is not None and (not keyed or house[0] == key):
            expected.append((line, "P", key, house[1].strip() or None, value.strip() or None))
        else:
            lost.append(line)
            if kind == "h" or (kind == "X" and not keyed):
                house = None
    path = tmp_path_factory.getbasetemp() / "households.dat"
    path.write_bytes(text.encode(encoding))
    format = Format(kind="fixed", header=0, codebook=book, record="p", encoding=encoding, count=count, length=2 + width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed_width, "LARGEST", size)
        extract = read_extract(path, format, ())
        parts = list(extract.parts)
    actual = [
        (number, *row)
        for numbers, part in parts
        for number, row in zip(numbers.to_list(), part.select(names).rows(), strict=True)
    ]

    assert expected == actual
    assert lost == [number for number, *_ in extract.malformed]
