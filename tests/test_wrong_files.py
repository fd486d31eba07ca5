"""Wrong files and their messages: each is made here, and what is told of it is compared word by word."""

import errno
import gzip
import io
import os
import resource
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

import migstat as ms
from migstat.words.finding import MigstatError, Misuse, Severity

MAPPING = Path(__file__).with_name("small_census.yaml").read_text(encoding="utf-8")
HEAD = "HH,LINE,P12,P11,P15,W,NOTE\n"
ROW = "1,1,1,34,450,2.5,x\n"
GOOD = HEAD + ROW + "1,2,2,30,800,2.5,y\n"
NO_ROWS = "warning: a.csv\n  has columns and no rows\n  Mend: check that it is the right file, and whole"
BIG = HEAD + "".join(f"{number},1,1,34,450,1,{'x' * 40}\n" for number in range(30_000))
"""More than the first megabyte, in which encoding and separator are looked for."""
AGAIN = "Mend: ask the sender for the file again"
CUT = "ask the sender for the file again, or copy it again: its size or checksum will differ"


@dataclass(frozen=True)
class Wrong:
    name: str
    """The name of the file."""
    content: bytes | Callable[[Path], None] | None
    told: str
    format: str = "kind: csv"
    rows: tuple[int, int] | None = None
    """Records and rejects; None where the run cannot be made."""

    def __str__(self) -> str:
        what = self.told.splitlines()[1].strip() if self.told else f"nothing wrong {self.format}"
        return f"{self.name} {what[:50]}".replace(" ", "-")


def packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def zipped(*members: tuple[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return made.getvalue()


def marked(data: bytes, *, flag: int = 0, method: int | None = None) -> bytes:
    """A zip of one member with a flag or a method of packing set in its two headers."""
    made = bytearray(data)
    for start, offset in ((data.index(b"PK\x03\x04"), 6), (data.index(b"PK\x01\x02"), 8)):
        flags, packing = struct.unpack_from("<HH", made, start + offset)
        struct.pack_into("<HH", made, start + offset, flags | flag, packing if method is None else method)
    return bytes(made)


def damaged(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def parquet(text: str) -> bytes:
    made = io.BytesIO()
    pl.read_csv(io.StringIO(text), infer_schema=False).write_parquet(made)
    return made.getvalue()


def zip_bomb(path: Path) -> None:
    """A zip of 300 KB that holds one line of 300 MB below a header."""
    packed = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with packed as archive, archive.open("data.csv", "w") as member:
        member.write(HEAD.encode())
        for _ in range(300):
            member.write(b"0" * (1 << 20))


WRONG = [
    # No file, or nothing in it.
    Wrong("a.csv", None, "a.csv\n  there is no such file\n  Mend: check the path"),
    Wrong("a.csv", Path.mkdir,
          "a.csv\n  the folder holds no data files: nothing\n  Mend: name a file, or another folder"),
    Wrong("a.csv", b"", f"a.csv\n  the file is empty\n  {AGAIN}"),
    Wrong("a.csv", b" \n\n\t\n", f"a.csv\n  the file holds nothing but white space\n  {AGAIN}"),
    Wrong("a.csv", b"\xef\xbb\xbf", f"a.csv\n  the file holds nothing but white space\n  {AGAIN}"),
    # Not a text file.
    Wrong("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
          "a.xls\n  cannot be read as a workbook: CalamineError\n  Mend: save it anew as .xlsx, or as CSV"),
    Wrong("a.xlsx", zipped(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>")),
          "a.xlsx\n  cannot be read as a workbook: CalamineError\n  Mend: save it anew as .xlsx, or as CSV"),
    Wrong("a.ods", zipped(("mimetype", "application/vnd.oasis"), ("content.xml", "<office/>")),
          "a.ods\n  is an OpenDocument file\n  Mend: save the sheet as CSV UTF-8"),
    Wrong("a.sav", b"$FL2@(#) SPSS DATA FILE" + bytes(99),
          f"a.sav\n  is an SPSS file (.sav) that is damaged or was cut off (Unable to read from file)\n  Mend: {CUT}"),
    Wrong("a.csv", b"<!DOCTYPE html><html>", "a.csv\n  is a web page\n  Mend: download the file again"),
    Wrong("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(99), "a.7z\n  is a 7-Zip archive\n  Mend: unpack it"),
    Wrong("a.csv", HEAD.encode() + b"1,1,1,34,450,\0\0,x\n",
          "a.csv\n  line 2 holds NUL bytes: it is no text, or in another encoding\n"
          "  Mend: save it as CSV UTF-8, or write the true encoding, such as utf-16-le, under source.format"),
    # Encodings.
    Wrong("a.csv", b"\xef\xbb\xbf" + GOOD.encode(), "", rows=(2, 0)),
    Wrong("a.csv", (HEAD + "1,1,1,34,450,2,Lomé\n").encode("cp1252"),
          "warning: a.csv\n  read as cp1252: line 2 is not UTF-8\n"
          "  Mend: write encoding: cp1252, or the true one, under source.format", rows=(1, 0)),
    Wrong("a.csv", HEAD.encode() + ROW.encode() * 2 + b"1,3,1,34,450,2,\x81\n",
          "a.csv\n  is neither UTF-8 (see line 4) nor cp1252 (see line 4)\n"
          "  Mend: write the true encoding under source.format: latin-1, or cp850 or cp437 of old DOS files, say"),
    Wrong("a.csv", BIG.encode() + b"1,2,1,34,450,2,Lom\xe9\n",
          "a.csv\n  is not UTF-8 in row 30001\n"
          "  Mend: write the true encoding under source.format: cp1252, latin-1 or cp850, say"),
    Wrong("a.csv", BIG.encode() + b"1,2,1,34,450,2,\x81\n",
          "a.csv\n  the text is not cp1252\n  Mend: write the true encoding under source.format", "encoding: cp1252"),
    Wrong("a.csv", GOOD.encode("utf-16"),
          "warning: a.csv\n  read as UTF-16: the file begins with its mark\n"
          "  Mend: write encoding: utf-16 under source.format", rows=(2, 0)),
    Wrong("a.csv", GOOD.encode(),
          "warning: a.csv\n  read as UTF-8: the file has no mark of UTF-16\n"
          "  Mend: write encoding: utf-8 under source.format", "encoding: utf-16", rows=(2, 0)),
    Wrong("a.csv", GOOD.encode("utf-16-le"),
          "a.csv\n  line 1 holds NUL bytes: it is no text, or in another encoding\n"
          "  Mend: save it as CSV UTF-8, or write the true encoding, such as utf-16-le, under source.format"),
    Wrong("a.csv", BIG.encode("utf-16")[:-1],
          "a.csv\n  the text ends in the midst of a character of utf-16: it was cut off, or is not utf-16\n"
          "  Mend: write the true encoding under source.format", "encoding: utf-16"),
    # Headers and separators.
    Wrong("a.csv", GOOD.replace(",", ";").encode(),
          "warning: a.csv\n  read with ';' as separator: the header has no ','\n"
          '  Mend: write delimiter: ";" under source.format', rows=(2, 0)),
    Wrong("a.csv", GOOD.replace(",", "\t").encode(),
          "warning: a.csv\n  read with a tab as separator: the header has no ','\n"
          "  Mend: write delimiter: tab under source.format", rows=(2, 0)),
    Wrong("a.csv", GOOD.encode(),
          "warning: a.csv\n  read with ',' as separator: the header has no tab\n"
          '  Mend: write delimiter: "," under source.format', "delimiter: tab", rows=(2, 0)),
    Wrong("a.csv", GOOD.replace("LINE,P12", "Line,P12A").encode(),
          "a.csv  P12\n  the extract has no such column\n  Mend: did you mean P12A or P15 or P11?\n"
          "a.csv  LINE\n  the extract has no such column\n  Mend: did you mean Line?"),
    Wrong("a.csv", b"year,total\n2018,5\n",
          "a.csv\n  the extract has no columns P12, P11, P15, HH, LINE and 1 more\n"
          "  Mend: check that this is the right file, and that its line 1 holds the names of its columns"),
    Wrong("a.csv", b"7,Mary Example,7\n",
          "a.csv\n  the extract has no columns P12, P11, P15, HH, LINE and 1 more\n"
          "  Mend: check that this is the right file, and that its line 1 holds the names of its columns"),
    Wrong("a.csv", GOOD.replace("NOTE", "P12").encode(),
          "a.csv:1  P12\n  the header names this column twice\n  Mend: rename one of the two"),
    Wrong("a.csv", ("Census 2019\n\n" + GOOD).encode(), "", "header: 3", rows=(2, 0)),
    Wrong("a.csv", ("Census 2019\n\n" + GOOD).encode(),
          "a.csv\n  line 1 is not the header: line 3 is\n  Mend: write header: 3 under source.format"),
    Wrong("a.csv", GOOD.encode(),
          "a.csv\n  has 3 lines, and none that is line 9, its header\n"
          "  Mend: set source.format.header to the right line", "header: 9"),
    Wrong("a.csv", b"\n\n" + GOOD.encode(),
          "a.csv\n  line 1, which is to be the header, is blank\n  Mend: write header: 3 under source.format"),
    Wrong("a.csv", ROW.encode(), "", "header: 0, columns: [HH, LINE, P12, P11, P15, W, NOTE]", rows=(1, 0)),
    Wrong("a.csv", b'"HH,LINE\n' + GOOD.encode() * 9000,
          "a.csv\n  line 1 cannot be read as a header: a quote is opened and never closed\n"
          "  Mend: close the quote, or set source.format.quote to none"),
    Wrong("a.csv", HEAD.encode(), NO_ROWS, rows=(0, 0)),
    Wrong("a.csv", HEAD.strip().encode(), NO_ROWS, rows=(0, 0)),
    Wrong("a.csv", b"0" * (2 << 20),
          "a.csv\n  the first line is longer than 1 MB: the file is no CSV\n  Mend: check that this is the right file"),
    # Packed files.
    Wrong("a.csv.gz", packed(BIG)[:-300],
          f"a.csv.gz\n  the compressed file ends too early or is damaged: it was cut off\n  Mend: {CUT}"),
    Wrong("a.csv.gz", damaged(packed(GOOD), -6),
          f"a.csv.gz\n  the compressed file is damaged (CRC check failed 0xREAD != 0xSAID)\n  Mend: {CUT}"),
    Wrong("a.csv.gz", GOOD.encode(),
          "warning: a.csv.gz\n  read as it is: it is named .gz, and is not packed\n  Mend: call it a.csv", rows=(2, 0)),
    Wrong("a.zip", zipped(("a.csv", GOOD), ("b.csv", GOOD), ("readme.pdf", "x")),
          'a.zip\n  the zip holds 2 data files: a.csv, b.csv\n'
          '  Mend: name the one to read: source.format.member: "*.csv"'),
    Wrong("a.zip", zipped(("readme.pdf", "x")),
          "a.zip\n  the zip holds no data files: readme.pdf\n"
          '  Mend: name the one to read: source.format.member: "*.csv"'),
    Wrong("a.zip", zipped(),
          'a.zip\n  the zip holds no data files: nothing\n  Mend: name the one to read: source.format.member: "*.csv"'),
    Wrong("a.zip", zipped(("a.csv", GOOD)),
          "a.zip\n  the zip holds no data files like b*.csv: a.csv\n"
          '  Mend: name the one to read: source.format.member: "*.csv"', 'member: "b*.csv"'),
    Wrong("a.zip", zipped(("a.csv", GOOD), ("b.csv", GOOD)), "", "member: b.csv", rows=(2, 0)),
    Wrong("a.zip", zipped(("a.csv", BIG))[:-90],
          f"a.zip\n  the compressed file ends too early or is damaged: it was cut off\n  Mend: {CUT}"),
    Wrong("a.zip", damaged(zipped(("a.csv", GOOD)), 60),
          f"a.zip\n  the compressed file is damaged (Bad CRC-32 for file 'a.csv')\n  Mend: {CUT}"),
    Wrong("a.zip", marked(zipped(("a.csv", GOOD)), flag=1),
          "a.zip\n  the zip file is locked with a password\n  Mend: unlock it first; migstat asks for no passwords"),
    Wrong("a.zip", marked(zipped(("a.csv", GOOD)), method=9),
          "a.zip\n  the zip file is packed in a way that cannot be read here\n"
          "  Mend: unpack it, and name the file that is in it"),
    Wrong("a.zip", zip_bomb,
          "a.zip/data.csv\n  a line is longer than 4 MB: a quote is opened and never closed, or the file is no CSV\n"
          "  Mend: close the quote, or set source.format.quote to none"),
    # Parquet.
    Wrong("a.parquet", parquet(GOOD), "", rows=(2, 0)),
    Wrong("a.parquet", parquet(GOOD)[:-40], f"a.parquet\n  the Parquet file is damaged or was cut off\n  {AGAIN}"),
    Wrong("a.parquet", parquet(GOOD.replace("P15", "P_15")),
          "a.parquet  P15\n  the extract has no such column\n  Mend: did you mean P_15 or P12 or P11?"),
    Wrong("a.csv", GOOD.encode(),
          "a.csv\n  is not a Parquet file\n  Mend: set kind: csv under source.format, or convert the file",
          "kind: parquet"),
    # Lines that are no rows.
    Wrong("a.csv", (GOOD + "1,3,1\n" + "1,4,1,34,450,1,x,y\n" + "1,5,1,34,450,1,x\n").encode(),
          "a.csv\n  the line has 3 values, the header 7: such lines are no rows (row 3, 4)  (2 rows)\n"
          "  Mend: mend the lines, or check delimiter and quote under source.format", rows=(3, 2)),
    Wrong("a.csv", (GOOD + '1,3,1,34,450,1,"x\n' + "1,4,1,34,450,1,x\n" * 7).encode(),
          "a.csv\n  a quote is opened in row 3 and never closed: 8 lines are read as one value\n"
          "  Mend: close the quote, or set source.format.quote to none"),
    Wrong("a.csv", (GOOD + '1,3,"1,34,450,1,x\n' + "1,4,1,34,450,1,x\n" * 7).encode(),
          "a.csv\n  a quote is opened in row 3 and never closed: 8 lines are read as one value\n"
          "  Mend: close the quote, or set source.format.quote to none"),
    Wrong("a.csv", (GOOD + '1,3,1,34,450,1,"x\n' + "1,4,1,34,450,1,x\n" * 700_000).encode(),
          "a.csv\n  a line is longer than 4 MB: a quote is opened and never closed, or the file is no CSV\n"
          "  Mend: close the quote, or set source.format.quote to none"),
    Wrong("a.csv", (GOOD + '1,3,1,34,450,1,"two\nlines"\n' + "1,4,1,34,450,1,x\n").encode(),
          "warning: a.csv  NOTE\n  values run over several lines; the first is in row 3  (1 row)\n"
          "  Mend: look at these rows: a quote that is opened and not closed takes the lines below it into its value",
          rows=(4, 0)),
    Wrong("a.csv", (GOOD + '1,3,1,34,450,1,"x\n' + "1,4,1,34,450,1,x\n").encode(), "", "quote: none", rows=(4, 0)),
    # Values.
    Wrong("a.csv", (GOOD + "1,3,1,34,450,heavy,x\n" + "1,4,1,34,450,,x\n").encode(),
          "mapping.yaml:4  WEIGHT\n  W cannot be read: "
          "a blank, or a value that is not a number or date  (2 rows, weight 0.0)\n"
          "  Mend: mend the extract, or exclude these rows under keep", rows=(2, 2)),
    Wrong("a.csv", (GOOD + "1,3,1,34,450,-2.5,x\n").encode(), "", rows=(3, 0)),
    Wrong("a.csv", GOOD.replace(",", ";").replace("2.5", "2,5").encode(), "",
          'delimiter: ";", decimal: ","', rows=(2, 0)),
    Wrong("a.csv", (GOOD + ROW).encode(),
          "mapping.yaml:4  key\n  the key HH, LINE stands again in row 3  (1 row)\n"
          "  Mend: name all columns of the key under source.key, or remove the rows that stand twice", rows=(3, 0)),
    Wrong("a.csv", (GOOD + "1,3,1,34,45\x07,1,x\n").encode(),
          "mapping.yaml:18  COUNTRY_BIRTH\n  no rule for P15 = '45\x07'  (1 row, weight 1.0)\n"
          "  Mend: list '45\x07' in the recode, or under not_stated, unknown or not_applicable\n"
          "mapping.yaml:19  CITIZENSHIP\n  no rule for P15 = '45\x07'  (1 row, weight 1.0)\n"
          "  Mend: list '45\x07' in the recode, or under not_stated, unknown or not_applicable", rows=(2, 1)),
]  # fmt: skip


def mapping_in(folder: Path, format: str = "kind: csv", more: str = "") -> Path:
    path = folder / "mapping.yaml"
    path.write_text(MAPPING.replace("FORMAT", format) + more, encoding="utf-8")
    return path


def made(wrong: Wrong, folder: Path) -> Path:
    path = folder / wrong.name
    if callable(wrong.content):
        wrong.content(path)
    elif wrong.content is not None:
        path.write_bytes(wrong.content)
    return path


def told(findings: tuple[ms.Finding, ...]) -> str:
    shown = [f"{'' if one.severity == Severity.ERROR else f'{one.severity}: '}{one}" for one in findings]
    return "\n".join(shown)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_the_message_of_a_wrong_file(wrong, tmp_path):
    source, mapping = made(wrong, tmp_path), mapping_in(tmp_path, wrong.format)
    rows = None
    try:
        run = ms.harmonize(source, mapping, into=tmp_path / "build")
        found, rows = run.findings, (run.step("records").rows, run.step("rejected").rows)
    except MigstatError as error:
        found = error.findings
    actual = told(found)
    if "0x" in actual:
        actual = actual.replace(actual[actual.index("0x") : actual.index(")")], "0xREAD != 0xSAID")

    assert wrong.told == actual
    assert wrong.rows == rows
    expected = [] if rows is None else [f"KEN_TEST.{end}" for end in OUTPUT]
    assert expected == left(tmp_path / "build")


OUTPUT = ("coverage.csv", "records.parquet", "rejects.parquet", "run.json")


def test_there_is_a_wrong_file_for_each_accident():
    assert len([wrong for wrong in WRONG if wrong.told]) >= 45


def test_every_wrong_file_is_told_in_one_go(tmp_path):
    """A run says all that it assumed and all that it found, not only the first."""
    text = GOOD.replace(",", ";") + "1;2;7;34;450;1;Lomé\n1;4\n"
    (tmp_path / "a.csv").write_bytes(text.encode("cp1252"))

    run = ms.harmonize(tmp_path / "a.csv", mapping_in(tmp_path))

    assert ["assumed", "assumed", "malformed", "duplicate", "unmapped"] == [finding.rule for finding in run.findings]


def test_malformed_lines_are_rejects_with_their_row_and_their_text(tmp_path):
    (tmp_path / "a.csv").write_text("above\n" + GOOD + "1,3\n" + ROW.replace("1,1,1", "1,4,7") + "1,5,,,,,,,,\n")

    run = ms.harmonize(tmp_path / "a.csv", mapping_in(tmp_path, "header: 2"), into=tmp_path / "build")
    rejects = run.rejects.collect().sort("_row")

    assert [3, 4, 5] == rejects["_row"].to_list()
    assert ["1,3", None, "1,5,,,,,,,,"] == rejects["_line"].to_list()
    assert [None, "7", None] == rejects["P12"].to_list()
    assert (5, 3) == (run.step("read").rows, run.step("rejected").rows)


def test_the_names_of_identifiers_are_watched_for_open_quotes_and_go_nowhere(tmp_path):
    text = MAPPING.replace("FORMAT", "kind: csv").replace("  key:", "  identifiers: [NOTE]\n  key:")
    (tmp_path / "mapping.yaml").write_text(text)
    names = b'1,3,1,34,450,1,"Secret\nName"\n' + b"1,4,1,34,450,1,Secr\xe9t\n"
    (tmp_path / "a.csv").write_bytes(GOOD.encode() + names)

    run = ms.harmonize(tmp_path / "a.csv", tmp_path / "mapping.yaml", into=tmp_path / "build")

    assert ["assumed", "lines"] == [finding.rule for finding in run.findings]
    assert not [path.name for path in (tmp_path / "build").iterdir() if b"Secr" in path.read_bytes()]


def test_a_header_alone_gives_records_without_rows(tmp_path):
    (tmp_path / "a.csv").write_text(HEAD)
    (tmp_path / "b.csv").write_text(GOOD)
    mapping = mapping_in(tmp_path)

    empty, full = (ms.harmonize(tmp_path / name, mapping) for name in ("a.csv", "b.csv"))

    assert full.records.columns == empty.records.columns
    assert 0 == empty.records.height
    assert full.rejects.columns == empty.rejects.columns


def test_a_column_may_be_called_pk(tmp_path):
    (tmp_path / "a.csv").write_text("PK," + HEAD + "1," + ROW)

    assert ms.harmonize(tmp_path / "a.csv", mapping_in(tmp_path)).ok


def test_too_many_lines_that_are_no_rows_end_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr("migstat.read.extracts.delimited.MOST_MALFORMED", 1000)
    (tmp_path / "a.csv").write_text(GOOD + "1,3\n" * 2000)

    with pytest.raises(MigstatError) as caught:
        ms.harmonize(tmp_path / "a.csv", mapping_in(tmp_path), into=tmp_path / "build")

    expected = "more than 1,000 lines are no rows; the first: the line has 2 values, the header 7"
    assert expected == caught.value.findings[0].what
    assert [] == left(tmp_path / "build")


def test_a_file_that_unpacks_without_end_takes_no_memory(tmp_path):
    zip_bomb(tmp_path / "a.zip")
    mapping_in(tmp_path)
    code = (
        "import resource, sys, migstat as ms\n"
        "try: ms.harmonize('b.csv', 'mapping.yaml')\n"
        "except ms.MigstatError: pass\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: ms.harmonize('a.zip', 'mapping.yaml')\n"
        "except ms.MigstatError as error: print(error.findings[0].what[:25])\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    (tmp_path / "b.csv").write_bytes(BIG.encode() * 2)

    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    what, grown = done.stdout.splitlines()

    assert "a line is longer than 4 M" == what
    assert int(grown) < 200


# Places to write to.


def test_output_is_a_file(tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "build").write_text("mine")

    with pytest.raises(Misuse) as caught:
        ms.harmonize(tmp_path / "a.csv", mapping_in(tmp_path), into=tmp_path / "build")

    expected = f"{tmp_path}/build/KEN_TEST.records.parquet cannot be written: {os.strerror(errno.EEXIST)}"
    assert expected == caught.value.findings[0].what
    assert "mine" == (tmp_path / "build").read_text()


def test_output_is_a_folder(tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "build" / "KEN_TEST.records.parquet").mkdir(parents=True)

    with pytest.raises(Misuse) as caught:
        ms.harmonize(tmp_path / "a.csv", mapping_in(tmp_path), into=tmp_path / "build")

    assert caught.value.findings[0].what.endswith("KEN_TEST.records.parquet is not a file")
    assert ["KEN_TEST.records.parquet"] == left(tmp_path / "build")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write and read anywhere")
def test_rights_that_are_missing(tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "build").mkdir(mode=0o500)
    mapping = mapping_in(tmp_path)

    with pytest.raises(Misuse, match="cannot be written: Permission denied"):
        ms.harmonize(tmp_path / "a.csv", mapping, into=tmp_path / "build")
    (tmp_path / "a.csv").chmod(0)
    with pytest.raises(Misuse, match="may not be read"):
        ms.harmonize(tmp_path / "a.csv", mapping)


def test_a_full_disk_leaves_what_was_there(tmp_path):
    """The size of files is limited for the command: writing fails as on a full disk."""
    (tmp_path / "a.csv").write_text(BIG)
    mapping_in(tmp_path)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "KEN_TEST.records.parquet").write_text("older")

    done = subprocess.run(
        [sys.executable, "-m", "migstat", "harmonize", "mapping.yaml", "a.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000)),
    )

    assert 2 == done.returncode, done.stderr
    assert "build/KEN_TEST.records.parquet cannot be written: File too large" in done.stderr
    assert "Mend: name a folder with space left that you may write to" in done.stderr
    assert "Traceback" not in done.stderr
    assert ["KEN_TEST.records.parquet"] == left(tmp_path / "build")
    assert "older" == (tmp_path / "build" / "KEN_TEST.records.parquet").read_text()


# Mappings and files that do not go together.

WAVES = """\
waves:
  w2009: {date: 2009-08-24}
  w2019: {date: 2019-08-24}
"""


@pytest.mark.parametrize(
    ("wave", "expected"),
    [
        (None, "KEN_TEST has 2 waves and none is named"),
        ("w2010", "KEN_TEST has no wave 'w2010'"),
    ],
)
def test_waves(tmp_path, wave, expected):
    mapping = mapping_in(tmp_path, more=WAVES)
    mapping.write_text(mapping.read_text().replace("  date: 2019-08-24\n", ""))
    (tmp_path / "a.csv").write_text(GOOD)

    with pytest.raises(Misuse) as caught:
        ms.harmonize(tmp_path / "a.csv", mapping, wave=wave, into=tmp_path / "build")

    assert expected == caught.value.findings[0].what
    assert [] == left(tmp_path / "build")


def test_a_blank_in_keep_is_a_reject(tmp_path):
    keep = "keep:\n  - {column: P12, is: [1, 2], because: a test}\n"
    (tmp_path / "a.csv").write_text(GOOD + "1,3,,34,450,2,x\n1,4,7,34,450,2,x\n")

    run = ms.harmonize(tmp_path / "a.csv", mapping_in(tmp_path, more=keep))

    assert [
        "P12 is blank: it cannot be said whether the row is kept",
        "no rule for P12 blank",
    ] == [finding.what for finding in run.findings]
    assert [4, 1, 1, 2] == [run.step(name).rows for name in ("read", "excluded", "rejected", "records")]


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    (folder / "a.csv").write_text(GOOD)
    ms.harmonize(folder / "a.csv", mapping_in(folder), into=folder)
    return folder


@pytest.mark.parametrize(
    ("name", "wish", "expected"),
    [
        ("nowhere.parquet", {}, ["nowhere.parquet   / there is no such file"]),
        ("a.csv", {}, ["a.csv   / is not a file of harmonized records"]),
        ("KEN_TEST.rejects.parquet", {}, ["KEN_TEST.rejects.parquet   / is not a file of harmonized records"]),
        (
            "KEN_TEST.records.parquet",
            {"definition": "FOREIGN_BRN,X"},
            [
                "definitions  FOREIGN_BRN / there is no definition FOREIGN_BRN",
                "definitions  X / there is no definition X",
            ],
        ),
        (
            "KEN_TEST.records.parquet",
            {"by": "SECKS,AGE", "levels": {"AGE": "ages"}},
            ["tabulate  SECKS / MIGRANT_STOCK has no dimension SECKS", "tabulate  AGE / CL_AGE has no level 'ages'"],
        ),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_had(records, name, wish, expected):
    with pytest.raises(Misuse) as caught:
        ms.tabulate(records / name, **wish)

    assert expected == [f"{one.place}  {one.component} / {one.what}" for one in caught.value.findings]
    assert all(one.mend for one in caught.value.findings)
