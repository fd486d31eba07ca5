"""Codebooks made to exhaust whoever reads them: each is read or refused at once, in plain words."""

import time
from pathlib import Path

import pytest

import migstat as ms
from migstat.words.finding import MigstatError

CSPRO = (
    "[Dictionary]\nVersion=CSPro 7.0\nName=D\nRecordTypeStart=1\nRecordTypeLen=1\n[Level]\nName=L\n[IdItems]\n"
    "[Item]\nName=ID\nStart=2\nLen=3\n[Record]\nName=R\nRecordTypeValue='1'\n"
)
INFINITE = (
    '{"software":"CSPro","fileType":"dictionary","name":"D","levels":[{"name":"L","ids":{"items":'
    '[{"name":"I","contentType":"numeric","start":Infinity}]},"records":[]}]}'
)
AGAIN = "Mend: ask the office for the dictionary again, or open and save it in CSPro"
DIGITS = "holds a number of 5,000 digits: it is no codebook\n  Mend: fetch the file again"
MANY = "9" * 5000
REFUSED = [
    ("a.dcf", f"{CSPRO}[Item]\nName=A\nStart=5\nLen=10\nOccurrences=10000\n"
              "[Item]\nName=B\nStart=5\nLen=1\nItemType=SubItem\nOccurrences=10000\n",
     f"a.dcf\n  the items stand 100,010,001 times in all, more than 100,000\n  {AGAIN}"),
    ("a.dcf", f"{CSPRO}[Item]\nName=A\nStart=5\nLen=10\nDecimal=-5\n",
     f"a.dcf:16  A\n  the item has -5 decimals\n  {AGAIN}"),
    ("a.dcf", INFINITE,
     f"a.dcf\n  the dictionary lacks what CSPro writes: cannot convert float infinity to integer\n  {AGAIN}"),
    ("a.sps", f"DATA LIST FILE='a' / V1 TO V{MANY} 1-10.\n", f"a.sps\n  {DIGITS}"),
    ("a.sas", f"data x; input A 1-2 @3 B ${MANY}.; run;\n", f"a.sas\n  {DIGITS}"),
    ("a.csv", f"name,positions\nA,1-{MANY}\n", f"a.csv\n  {DIGITS}"),
    ("a.csv", "name,start,width,repeats\nA,1,1,999999999\n",
     "a.csv:2  A\n  with its 999,999,999 repeats the columns are more than 100,000\n"
     "  Mend: check the number of repeats"),
    ("a.csv", "name,start,width,decimals\nA,1,1,99999\n",
     "a.csv:2  A\n  column A has 99,999 decimals\n  Mend: check the number"),
    ("a.sps", "DATA LIST FILE='a' / " + " ".join(f"A{n}_1 TO A{n}_9999 {1 + n * 9999}-{(n + 1) * 9999}"
                                                 for n in range(30)) + ".\n",
     "a.sps:1\n  describes more than 100,000 columns\n  Mend: name the codebook of one file"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "told"), REFUSED)
def test_what_no_file_can_have_is_refused(name: str, text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MigstatError) as raised:
        ms.codebook(path)

    assert told == str(raised.value)


SLOW = [
    ("a.do", "infix byte A 1-2 using x.dat\n" + 'label define l 1 `"x\n' * 50_000),
    ("a.do", "infix byte A 1-2 using x.dat\n" + '`"' * 100_000),
    ("a.do", "infix byte A 1-2 using x.dat\n" + '`"\n' * 30_000 + '"x\n' * 30_000),
    ("a.sas", "data x; infile 'y'; input A 1-2;\n" + "datalines;\n" * 50_000),
    ("a.sas", "data x; infile 'y'; input A 1-2;\n" + "\n" * 100_000 + "x"),
    ("a.sps", "* Encoding: punycode.\nDATA LIST FILE='a' / A 1-2.\n-" + "a" * 1_000_000),
    ("a.sps", "* Encoding: undefined.\nDATA LIST FILE='a' / A 1-2.\n"),
]


@pytest.mark.parametrize(("name", "text"), SLOW)
def test_what_is_not_understood_takes_no_time(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    began = time.process_time()
    book = ms.codebook(path)

    assert ["A"] == [one.name for one in book.variables]
    assert time.process_time() - began < 10


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_lines_without_end_are_no_program(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("x;" + "\n" * 60_000 + "x", encoding="utf-8")
    began = time.process_time()
    with pytest.raises(MigstatError):
        ms.codebook(path)

    assert time.process_time() - began < 5


def test_a_compound_quote_that_is_open_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.do"
    path.write_text('infix byte A 1-2 using x.dat\nlabel variable A `"age\n', encoding="utf-8")

    assert ["a.do:2\n  a compound quote is opened and not closed\n  Mend: close it with \"'"] == [
        str(one) for one in ms.codebook(path).findings
    ]


@pytest.mark.parametrize(
    ("text", "label", "after"),
    [
        ('label variable A `"age\n   of the "person"\n"\'\nlabel variable B "b"\n', 'age of the "person"', "b"),
        ('#delimit ;\nlabel variable A `"age, in\nyears"\';\nlabel variable B `"b"\';\n', "age, in years", "b"),
        ('label variable A `"age\nlabel variable B `"b"\'\n', "age", "b"),
        ('label variable A `"age' + "\n" + "x" * 32_000 + '"\'\nlabel variable B "b"\n', "age", "b"),
    ],
)
def test_a_compound_quote_runs_over_lines_within_bounds(tmp_path: Path, text: str, label: str, after: str) -> None:
    path = tmp_path / "a.do"
    path.write_text(f"infix byte A 1-2 byte B 3 using x.dat\n{text}", encoding="utf-8")
    book = ms.codebook(path)

    assert (label, after) == (book.variable("A").label, book.variable("B").label)
    assert [] == [one for one in book.findings if "person" in text or "years" in text]


def test_a_label_of_a_dictionary_runs_over_lines_and_what_follows_keeps_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.dct"
    text = 'dictionary {\n _column(1) int a %2f `"Age\n of the person"\'\n _column(3) int b %1f "Sex"\n _newline\n}\n'
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MigstatError) as raised:
        ms.codebook(path)
    path.write_text(text.replace(" _newline\n", ""), encoding="utf-8")

    assert ["a.dct:5"] == [str(one.place) for one in raised.value.findings]
    assert [("a", "Age of the person"), ("b", "Sex")] == [(one.name, one.label) for one in ms.codebook(path).variables]


@pytest.mark.parametrize("name", ["a.xml", "a.dicx"])
def test_a_document_type_is_refused_in_words_that_fit_a_codebook(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('<?xml version="1.0"?><!DOCTYPE codeBook SYSTEM "codebook.dtd"><codeBook/>', encoding="utf-8")
    with pytest.raises(MigstatError) as raised:
        ms.codebook(path)

    assert str(raised.value) == (
        f"{name}\n  declares a document type (DOCTYPE), by which a file can swell, or fetch other files\n"
        "  Mend: remove the line <!DOCTYPE ...> and the entities it declares"
    )
