"""Codebooks of every kind: what is read of each sample, what wrong ones are told, and that none ends in a crash.

The samples in codebooks/ are written by us, in the dialects that offices and archives write. Run with UPDATE_GOLDEN=1
to write what is read of them anew, then read it.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.cli import main
from migstat.words.codebook import Codebook
from migstat.words.finding import MigstatError, Misuse

SAMPLES = Path(__file__).parent / "codebooks"
NAMES = sorted(path.name for path in SAMPLES.iterdir() if path.suffix != ".told")


def told(book: Codebook) -> str:
    """All that a codebook says, a line a thing."""
    lines = [f"{book.label or 'no title'}"]
    for record in book.records:
        lines.append(
            f"record {record.name}, marked {record.value}, below {record.parent or 'none'}, by {record.key or '-'}"
        )
    if book.records:
        lines.append(f"marked in {book.record_column or '-'} at {book.record_start}, {book.record_width} wide")
    for one in book.variables:
        place = f"{one.start}+{one.width}" if one.start else "nowhere"
        more = [one.kind, f"{one.decimals} decimals" if one.decimals else "", one.record and f"of {one.record}"]
        more += [f"{one.repeats} times" if one.repeats > 1 else "", one.question, one.universe]
        more += [f"missing {' '.join(one.missing)}" if one.missing else ""]
        lines.append(f"{one.name} at {place}: {one.label or '-'} ({', '.join(filter(None, more))})")
        lines += [f"    {value.value} = {value.label}{' (missing)' if value.missing else ''}" for value in one.values]
    lines += [f"{finding.severity}: {finding}" for finding in book.findings]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_of_a_sample(name: str) -> None:
    golden = SAMPLES / f"{name}.told"
    actual = told(ms.codebook(SAMPLES / name))
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(actual, encoding="utf-8")

    assert golden.read_text(encoding="utf-8") == actual


@dataclass(frozen=True)
class Wrong:
    name: str
    text: str
    told: str

    def __str__(self) -> str:
        return f"{self.name}-{self.told.splitlines()[1].strip()[:50]}".replace(" ", "-")


JOIN = "join the lines of a record into one, and add the lengths of the lines before to the positions"
WRONG = [
    Wrong("a.csv", "some,table\n1,2\n",
          "a.csv\n  is no codebook that can be read\n"
          "  Mend: name a layout or a data dictionary as CSV; DDI Codebook XML; Stata .dct, .do or .dta; "
          "SPSS .sps, .sav, .zsav or .por; SAS .sas, .sas7bdat, .sas7bcat or .xpt; CSPro .dcf or .csdb; REDATAM .dicx"),
    Wrong("a.pdf", "%PDF-1.4 x", "a.pdf\n  is a PDF file\n  Mend: save the data as CSV UTF-8"),
    Wrong("a.csv", "", "a.csv\n  the file is empty\n  Mend: ask the sender for the file again"),
    # Layouts.
    Wrong("a.csv", "name,start,start,label\nA,1,1,x\n",
          "a.csv:1\n  two headings say 'start'\n  Mend: keep one of them"),
    Wrong("a.csv", "name,start,width\nA,1,2\nB,x,2\n",
          "a.csv:3  B\n  start 'x' is not a whole number\n  Mend: write a number, 0 or more\n"
          "a.csv:3  B\n  column B has no position, and others have\n  Mend: write where it begins, and its width"),
    Wrong("a.csv", "name,start,width\nA,1,2\na,3,2\n",
          "a.csv:3  a\n  names a again; it stands in line 2\n  Mend: rename one"),
    Wrong("a.csv", "name,start,width,record\nA,1,2,\nA,3,2,person\n",
          "a.csv:3  A\n  names A again; it stands in line 2\n  Mend: rename one"),
    Wrong("a.csv", "name,start,width,record,type,values\nT,1,1,,record type,H=house; H=person\nA,2,1,hause,,\n",
          "a.csv\n  two types of record have the sign H\n  Mend: give each its own\n"
          "a.csv:3  A\n  A is of the record hause, which is none\n  Mend: write house"),
    Wrong("a.csv", "name,start,width\nA,0,2\n",
          "a.csv:2  A\n  column A begins at position 0\n  Mend: count from 1"),
    Wrong("a.csv", "name,start,width\nA,1,\n",
          "a.csv:2  A\n  column A has no width\n  Mend: write its width, or its last position"),
    Wrong("a.csv", "name,start,end,width\nA,1,4,3\nB,9,5,\n",
          "a.csv:2  A\n  begins at 1, ends at 4, and has the width 3, which is not what lies between\n"
          "  Mend: write the width 4, or the end 3\n"
          "a.csv:3  B\n  ends at 5, before it begins, at 9\n  Mend: exchange the two"),
    Wrong("a.csv", "name,positions\nA,one to four\n",
          "a.csv:2  A\n  positions 'one to four' cannot be read\n  Mend: write them as 1-4"),
    Wrong("a.csv", "name,start,width\n,1,2\n",
          "a.csv:2\n  the line names no column\n  Mend: write its name in the column 'name'"),
    Wrong("a.csv", "name,start,width\nA,1,2,3\n",
          "a.csv:2\n  the line has 4 cells, the head 3\n"
          "  Mend: put a text that holds the separator in double quotes"),
    Wrong("a.csv", 'name,start,width\nA,1,"2\n',
          "a.csv:2\n  is not CSV: unexpected end of data\n  Mend: mend the double quotes of this line"),
    Wrong("a.csv", "name,start,width,value,value_label\nA,1,2,1,x\n,,,1,y\n,,,,z\n",
          "a.csv:3  A\n  the value 1 of A stands twice\n  Mend: remove one\n"
          "a.csv:4\n  the line names neither a column nor a value\n  Mend: write its name in the column 'name'"),
    Wrong("a.csv", "name,start,width,type,values\nT,1,1,record type,H=h; P=p; C=c<x; Q\nU,2,1,record type,H=h\n",
          "a.csv:2  T\n  the record p does not say what it belongs to\n  Mend: write P=p<h\n"
          "a.csv:2  T\n  the record c belongs to x, which is none\n  Mend: one of h, p, c, \n"
          "a.csv:2  T\n  'Q=' names no record\n  Mend: write values as H=household; P=person<household\n"
          "a.csv:3  U\n  U is a second column that marks the records\n"
          "  Mend: leave type: record type with one column"),
    # Stata.
    Wrong("a.do", "infix int age sex 3 str name 4-9 using x.dat\n",
          "a.do:1  age\n  'age' has no positions that can be read\n  Mend: write name 1-4"),
    Wrong("a.dct", "infix dictionary {\n 2 lines\n 1: a 1-4\n 2: b 1-4\n}\n",
          f"a.dct:2\n  a record has 2 lines, and cannot be read\n  Mend: {JOIN}\n"
          f"a.dct:4\n  line 2 of a record: a record of several lines cannot be read\n  Mend: {JOIN}"),
    Wrong("a.dct", "dictionary {\n _column(1) int a %2f\n _newline\n _column(x) b %2f\n int c\n}\n",
          f"a.dct:3\n  _newline: a record of several lines cannot be read\n  Mend: {JOIN}\n"
          "a.dct:4\n  _column( ) without a whole number\n  Mend: write _column(1)\n"
          "a.dct:5  c\n  c has no format, so that its width is not known\n  Mend: write c %2f"),
    Wrong("a.do", "use x.dta\nsave y.dta\n",
          "a.do\n  describes no column\n  Mend: check that this is the codebook of the file"),
    # SPSS.
    Wrong("a.sps", "DATA LIST FILE='x' RECORDS=2 /1 A 1-2 B /2 C 1.\n",
          f"a.sps:1\n  a record has 2 lines, and cannot be read\n  Mend: {JOIN}\n"
          "a.sps:1  B\n  B has no positions\n  Mend: write B 1-4\n"
          f"a.sps:1\n  line 2 of a record: a record of several lines cannot be read\n  Mend: {JOIN}"),
    Wrong("a.sps", "DATA LIST / A TO B 1-2 C1 TO C3 3-6 D 7-8 (PIB).\n",
          "a.sps:1\n  A TO B cannot be counted through\n"
          "  Mend: write names that end in numbers, the lower first, as V1 TO V9\n"
          "a.sps:1  C1\n  4 positions cannot be shared by 3 columns, C1 to C3\n  Mend: mend the positions\n"
          "a.sps:1\n  the format PIB is of bytes that are no text, and cannot be read\n"
          "  Mend: ask for the file as text"),
    Wrong("a.sps", "FILE TYPE MIXED /FILE='x'.\nRECORD TYPE.\nDATA LIST / A 1.\n",
          "a.sps:1\n  FILE TYPE does not say where the type of a record stands\n  Mend: write /RECORD = RECTYPE 1-1\n"
          "a.sps:2\n  RECORD TYPE does not say what marks the record\n  Mend: write RECORD TYPE 'P'"),
    # SAS.
    Wrong("a.sas", "data x; input @'AGE=' age 2. #2 b $3. (c1-c2) d ib4. e f5;",
          "a.sas:1\n  the place @AGE= is only known when the program runs\n  Mend: write @ and a number\n"
          f"a.sas:1\n  line 2 of a record: a record of several lines cannot be read\n  Mend: {JOIN}\n"
          "a.sas:1\n  the columns in brackets have no informats\n  Mend: write (A1-A3) ($1.)\n"
          "a.sas:1\n  ib4. is of bytes that are no text, and cannot be read\n  Mend: ask for the file as text\n"
          "a.sas:1  e\n  column e has no position, and others have\n  Mend: write where it begins, and its width\n"
          "a.sas:1  f5\n  column f5 has no position, and others have\n  Mend: write where it begins, and its width"),
    # DDI.
    Wrong("a.xml", '<codeBook><dataDscr><var name="A"><location StartPos="2" EndPos="4" width="2"/></var>\n'
          '<var name="B"><location StartPos="x" width="1" RecSegNo="2"/></var></dataDscr></codeBook>',
          "a.xml:1  A\n  A begins at 2, ends at 4, and has the width 2, which is not what lies between\n"
          '  Mend: write width="3"\n'
          "a.xml:2  B\n  StartPos 'x' of B is not a whole number\n  Mend: write a number\n"
          "a.xml:2  B\n  B stands in line 2 of a record, which cannot be read\n"
          "  Mend: join the lines of a record into one\n"
          "a.xml:2  B\n  column B has no position, and others have\n  Mend: write where it begins, and its width"),
    Wrong("a.xml", "<codeBook><dataDscr>", "a.xml:1\n  ends too early: it was cut off\n"
          "  Mend: fetch the file again: its size or checksum will differ"),
    Wrong("a.xml", "<codeBook><dataDscr/></codeBook>",
          "a.xml\n  describes no column\n  Mend: check that this is the codebook of the file"),
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_told_of_a_wrong_codebook(wrong: Wrong, tmp_path: Path) -> None:
    path = tmp_path / wrong.name
    path.write_text(wrong.text, encoding="utf-8")

    with pytest.raises(MigstatError) as raised:
        ms.codebook(path)

    assert wrong.told == str(raised.value)


def test_a_codebook_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(Misuse) as raised:
        ms.codebook(tmp_path / "a.do")

    assert str(raised.value) == "a.do\n  there is no such file\n  Mend: check the path"


@pytest.mark.parametrize(
    ("encoding", "read_as"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("cp1252", "read as cp1252: it is not utf-8")],
)
def test_a_codebook_in_another_encoding(encoding: str, read_as: str, tmp_path: Path) -> None:
    path = tmp_path / "a.do"
    path.write_bytes('infix sex 1 using "x"\nlabel var sex "Género €"\n'.encode(encoding))
    book = ms.codebook(path)

    assert book.variables[0].label == "Género €"
    assert [finding.what for finding in book.findings] == ([read_as] if read_as else [])


def test_nothing_is_run_or_read_beside_it(tmp_path: Path) -> None:
    (tmp_path / "secret.sas").write_text("data x; input SECRET 1-4;")
    path = tmp_path / "a.sas"
    path.write_text("%include 'secret.sas'; x 'rm -rf /'; data y; input A 1-4;")
    book = ms.codebook(path)

    assert [one.name for one in book.variables] == ["A"]
    assert [re.sub(r" is not read.*", "", one.what) for one in book.findings] == ["'%include'", "'x'"]


def read_or_told(path: Path) -> Codebook | None:
    """Read a codebook; None where the error is one that tells something."""
    try:
        return ms.codebook(path)
    except MigstatError as error:
        if not error.findings:
            raise
        return None


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "repeat", "insert"]),
        st.integers(0, 3000),
        st.integers(1, 40),
        st.text(alphabet="\"'`;.,/*@#$%(){}<>=-+0123456789 \n\tabé\0", max_size=6),
    ),
    max_size=6,
)


@settings(max_examples=400)
@given(name=st.sampled_from(NAMES), edits=EDITS)
def test_a_broken_codebook_never_ends_in_a_crash(
    name: str, edits: list[tuple[str, int, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8")
    for kind, at, length, put in edits:
        at %= len(text) + 1
        middle = {"cut": "", "repeat": text[at : at + length] * 2, "insert": put + text[at : at + length]}[kind]
        text = text[:at] + middle + text[at + length :]
    path = tmp_path_factory.getbasetemp() / name
    path.write_text(text, encoding="utf-8")
    book = read_or_told(path)

    assert book is None or book.variables
    assert book is None or all(one.start is None or (one.start > 0 and one.width) for one in book.variables)


@settings(max_examples=150)
@given(ending=st.sampled_from([".csv", ".do", ".dct", ".sps", ".sas", ".xml", ".txt"]), data=st.binary(max_size=300))
def test_any_bytes_are_a_codebook_or_an_error(
    ending: str, data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{ending}"
    path.write_bytes(data)
    read_or_told(path)


def test_the_command_shows_a_codebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["codebook", str(SAMPLES / "infix.do")])
    shown = capsys.readouterr()

    assert 0 == ended.value.code
    assert ["year", "1-4", "Census", "year", "1850=1850;", "1860=1860", '"quoted"'] == shown.out.splitlines()[1].split()
    assert "warning: infix.do:20  nosuch\n  a label of nosuch, which is no column\n" in shown.err


def test_the_command_gives_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["codebook", str(SAMPLES / "hierarchical.xml"), "--json"])
    shown = json.loads(capsys.readouterr().out)

    assert 0 == ended.value.code
    assert ["RECTYPE", "SERIAL", "SEX"] == [one["name"] for one in shown["codebook"]["variables"]]
    assert shown["ok"]
