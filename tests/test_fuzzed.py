"""What tools/fuzz.py found: inputs that once broke a reader, and the error that they get."""

import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

import migstat as ms
from migstat.read.answers import read_answers
from migstat.read.area_names import read_area_names
from migstat.read.codelists import data_folder
from migstat.read.extracts import read_extract
from migstat.read.heads import check_columns
from migstat.read.packed import explained
from migstat.read.packs.document import read_cases, read_layout
from migstat.read.perturbation_tables import read_perturbation_table
from migstat.read.run_plans import read_run_plan
from migstat.read.sdmx_data import open_data
from migstat.read.statistical_files.declared import Declared
from migstat.read.statistical_files.labels import variable_of
from migstat.read.workbooks import open_workbook
from migstat.words.finding import MigstatError
from migstat.words.source import Format

HERE = Path(__file__).parent
WORDINGS = b"codelist,code,language,match,text\n"
MAPPING = (
    "id: A\nversion: 1.0\ninto: CENSUS_PERSON\n"
    "source: {kind: census, name: a, by: b, area: KEN, date: 2019, format: {kind: csv}}\n"
)
AREAS = b"areas,kind,languages,name\n"
NO_ITEM = b"[Dictionary]\nName=A\n[Level]\nName=L\n[Record]\nName=R\nRecordTypeValue='1'\n"


def drain(path: Path, **format) -> None:
    for _ in read_extract(path, Format(**format), ()).parts:
        pass


def nameless_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"a,b\n1,2\n")
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"PK\x01\x02") + 46] = 0
    path.write_bytes(whole)


FOUND: list[tuple[str, bytes, Callable[[Path], object], str]] = [
    ("blank-header.csv", b"\r,b\n1,2\n", drain, "line 1, which is to be the header, is blank"),
    ("no-names.csv", b"\n3", drain, "line 1, which is to be the header, is blank"),
    ("a-mark-alone.csv", b"\xff\xfe", drain, "the file holds nothing but white space"),
    ("two-marks.csv", b"\xff\xfe\xff\xfe", drain, "the file holds nothing but white space"),
    ("blank-first.csv", b"\n`\n", ms.read_data, "line 1 is blank, and is no header"),
    ("a-name-of-a-colon.xml", b"<_:/>", ms.read_structure, "is no structure message of SDMX: its first element is _:"),
    ("components.yaml", b"id: A\ncomponents: text\n", ms.read_structure, "components is 'text', not keys with values"),
    ("CL_A.csv", b'"id,name_en\nA,B\n', ms.read_codelist, "is not CSV: unexpected end of data"),
    (
        "pseudonym.yaml",
        b"id: A\nversion: 1.0\ninto: CENSUS_PERSON\nrules:\n  PERSON_ID: {pseudonym: [{from: A}], key: K}\n",
        ms.read_mapping,
        "a column with keys is one that holds dates, and has no 'date'",
    ),
    ("nul.yaml", b'id: A\nversion: 1.0\ninto: "a\\0b"\n', ms.read_mapping, "a NUL character stands in a text"),
    ("nul-key.yaml", b'id: A\n"a\\0b": c\n', ms.read_mapping, "a NUL character stands in a key"),
    ("twice.csv", b"A, B, B\n1,2,3\n", open_data, "the header names this column twice"),
    ("no-id.csv", b"STRUCTURE,STRUCTURE_ID,ACTION,[A],OBS_VALUE\ndataflow,A:B(1.0),I,x,1\n", open_data,
     "a column has no name"),
    ("no-item.dcf", NO_ITEM, ms.codebook, "the dictionary has no item"),
    ("long-name.yaml", b"id: A\nversion: 1.0\nmapping: " + b"x" * 400, read_run_plan, f"there is no file {'x' * 80}"),
    ("long-include.yaml", b"id: A\nversion: 1.0\ninclude: [" + b"x" * 400 + b"]\n", ms.read_rules,
     f"there is no file {'x' * 80} to include"),
    ("long-table.yaml", b"id: A\nversion: 1\nmethod: cell_key\ntable: " + b"x" * 400, ms.read_policy,
     f"table: there is no file {'x' * 80}"),
    ("long-extends.yaml", b"id: A\nextends: " + b"X" * 400, ms.read_structure,
     f"there is no structure {'X' * 80} to extend"),
    ("zip-at-its-end.xlsb", b"x" * 80 + b"PK\5\6" + b"\xff" * 7 + b"\6" * 11, open_workbook,
     "the compressed file is damaged (Bad offset for central directory)"),
    ("nul.csv", WORDINGS + b"CL_SEX,M,en,whole,a\0b\n", read_answers, "a NUL character stands in the text"),
    ("long.csv", WORDINGS + b'CL_SEX,M,en,whole,"' + b"x" * 200_000 + b'"\n', read_answers,
     "is not CSV: field larger than field limit (131072)"),
    ("latin.csv", AREAS + b"CIV,name,fr,C\xf4te\n", read_area_names, "is not UTF-8"),
    ("more.csv", AREAS + b"KEN,name,en,Kenya, Republic of\n", read_area_names, "has 5 fields, the header 4"),
    ("huge.csv", b"i,j,p\n0,0,1\n1,1e300,1\n", read_perturbation_table, "j is '1e300', no whole number"),
]  # fmt: skip


@pytest.mark.parametrize("member", ["", "*"])
def test_a_zip_with_a_file_of_no_name_holds_nothing(tmp_path, member):
    path = tmp_path / "a.zip"
    nameless_zip(path)

    with pytest.raises(MigstatError) as raised:
        drain(path, member=member)

    like = f" like {member}" if member else ""
    assert [finding.what for finding in raised.value.findings] == [f"the zip holds no data files{like}: nothing"]


def test_beside_a_file_that_is_read_a_zip_may_hold_one_of_no_name(tmp_path):
    path = tmp_path / "a.zip"
    nameless_zip(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("persons.csv", b"a,b\n1,2\n")

    assert 1 == sum(part.height for _, part in read_extract(path, Format(), ()).parts)


@pytest.mark.parametrize(("name", "given", "read", "what"), FOUND, ids=[name for name, *_ in FOUND])
def test_what_once_broke_a_reader_is_told(name: str, given: bytes, read: Callable[[Path], object], what: str, tmp_path):
    path = tmp_path / name
    path.write_bytes(given)

    with pytest.raises(MigstatError) as raised:
        read(path)

    assert what in [finding.what for finding in raised.value.findings]


def test_a_damaged_statistical_file_may_label_numbers_of_a_text():
    ranges = [("LO", 9.0), (8.0, "HI")]
    declared = Declared(
        kind="dta", name="", label="", rows=1, encoding=None, columns=("A",), formats={"A": "%3s"},
        types={"A": "string"}, labels={}, values={"A": [(1, "one"), ("b", "two")]}, missing={"A": ranges}, widths={},
    )  # fmt: skip
    found = variable_of("A", declared, declared.forms()["A"], {})

    assert [("1", "one", False), ("b", "two", False)] == [(one.value, one.label, one.missing) for one in found.values]


def test_a_catalog_of_sas_that_holds_no_labels_is_told(tmp_path):
    path = tmp_path / "a.sas7bcat"
    whole = gzip.decompress((HERE / "files" / "formats.sas7bcat.gz").read_bytes())
    path.write_bytes(whole[:20_480] + bytes(len(whole) - 20_480))
    with pytest.raises(MigstatError) as raised:
        ms.codebook(path)

    assert ["is a SAS catalog (.sas7bcat) that holds no labels, or is damaged"] == [
        finding.what for finding in raised.value.findings
    ]


def test_a_zip_of_more_files_than_can_be_looked_up_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}.csv", b"")
    with pytest.raises(MigstatError) as raised:
        drain(path, member="*.csv")

    assert (
        "a.zip\n  1,001 of the 1,001 files of the zip are like *.csv: they are too many\n"
        "  Mend: unpack the zip, and name the folder"
    ) == str(raised.value)


def test_names_that_repeat_are_found_in_one_pass():
    names = [str(number) for number in range(300_000)]
    with pytest.raises(MigstatError) as raised:
        check_columns([*names, "7"], [], "a.csv", 1)

    assert [("7", "the header names this column twice")] == [
        (finding.component, finding.what) for finding in raised.value.findings
    ]


def test_a_folder_of_parquet_may_hold_more_files_than_may_be_open(tmp_path):
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for number in range(80):
        pl.DataFrame({"A": [str(number)]}).write_parquet(tmp_path / f"{number:02}.parquet")
    open_now = sum(1 for _ in Path("/dev/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + 40, hard))
    try:
        extract = read_extract(tmp_path, Format(kind="parquet"), ())
        rows = sum(part.height for _, part in extract.parts)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert 80 == rows


def test_blanks_around_the_names_of_columns_lose_no_column(tmp_path):
    (tmp_path / "a.csv").write_text("REF_AREA, SEX ,OBS_VALUE\nKEN,F,1\n", encoding="utf-8")

    assert ["REF_AREA", "SEX", "OBS_VALUE"] == ms.read_data(tmp_path / "a.csv").frame.collect_schema().names()


HEADERS = {
    "a number of thousands of digits": ('version = "1.0"', "version = " + "9" * 5000, "is not TOML"),
    "lists in lists": ('version = "1.0"', "version = " + "[" * 5000 + "]" * 5000, "is not TOML"),
    "no text": ('version = "1.0"', "version = [1]", "version is no text"),
    "a name that is no text": ("[names]", "[names]\nxx = 5", "the name in 'xx' is no text"),
}


@pytest.mark.parametrize(("before", "after", "what"), HEADERS.values(), ids=HEADERS)
def test_headers_of_codelists(before: str, after: str, what: str, tmp_path):
    table = data_folder("codelists") / "CL_SEX.csv"
    header = table.with_suffix(".toml").read_text(encoding="utf-8")
    assert before in header
    (tmp_path / "CL_SEX.csv").write_bytes(table.read_bytes())
    (tmp_path / "CL_SEX.toml").write_text(header.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(MigstatError) as raised:
        ms.read_codelist(tmp_path / "CL_SEX.csv")

    assert what in str(raised.value)


def test_a_bound_of_thousands_of_digits(tmp_path):
    header = (data_folder("codelists") / "CL_SEX.toml").read_text(encoding="utf-8")
    (tmp_path / "CL_SEX.csv").write_text(f"id,parent,name_en,lower\nA,,A,{'9' * 5000}\n", encoding="utf-8")
    (tmp_path / "CL_SEX.toml").write_text(header, encoding="utf-8")
    with pytest.raises(MigstatError, match="is not a whole number"):
        ms.read_codelist(tmp_path / "CL_SEX.csv")


OPEN = b"from;to;match;because;label\n1;TODO;exact;1: M -- 0.50;Man\x0bor boy\x85\n2;F;exact;;\n"


@pytest.mark.parametrize(
    ("name", "table", "answered"),
    [
        ("a.csv", OPEN.decode("latin-1").encode(), OPEN.replace(b"TODO", b"M").replace(b"1: M -- 0.50", b"")),
        ("a.csv", b'from,to\n"1\n2",TODO\n', b'from,to\n"1\n2",M\n'),
        ("a.csv", b"from,to\n1,TODO\xff\n", None),
        ("a.csv", b'from,to\n1,TODO,"\n', None),
        ("x" * 400 + ".csv", b"", None),
    ],
    ids=["semicolons", "two lines", "not UTF-8", "an open quote", "no name"],
)
def test_tables_of_drafts(name: str, table: bytes, answered: bytes | None, tmp_path):
    mapping = f"id: A\nversion: 1.0\ninto: CENSUS_PERSON\nrules:\n  SEX: {{from: P05, recode: {name}}}\n"
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    if table:
        (tmp_path / "a.csv").write_bytes(table)
    questions = ms.open_in_draft(tmp_path)
    for question in questions:
        ms.answer_draft(tmp_path, question, "M")

    assert (answered is not None) == bool(questions)
    if answered is not None:
        assert answered.decode("latin-1") == (tmp_path / "a.csv").read_text(encoding="utf-8")


SAID = "Man\x0bor\x85boy\u2028x"
"""A label with characters at which Python parts lines, and CSV does not."""


def test_characters_that_part_no_lines_of_csv(tmp_path):
    for name, text in {
        "dictionary.csv": f"variable;label;value;value label\nSEX;{SAID};1;{SAID}\n",
        "layout.csv": f"name,start,width,label\nSEX,1,1,{SAID}\n",
        "a.csv": f"from,to,label\n1,M,{SAID}\n2,F,\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    mapping = MAPPING + "rules:\n  SEX: {from: P05, recode: a.csv}\n"
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")

    books = [ms.codebook(tmp_path / name) for name in ("dictionary.csv", "layout.csv")]
    assert [[("SEX", SAID)]] * 2 == [[(one.name, one.label) for one in book.variables] for book in books]
    assert [(("1",), "M"), (("2",), "F")] == [
        (line.values, line.code) for line in ms.read_mapping(tmp_path / "mapping.yaml").targets[0].rule.lines
    ]


def test_a_nul_in_the_list_of_cases_is_told(tmp_path):
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "cases.csv").write_bytes(b"name,mapping,wave,extract,rows\nA,mapp\0ing.yaml,,made.csv,5\n")
    with pytest.raises(MigstatError) as raised:
        read_cases(tmp_path)

    assert [("golden/cases.csv:2", "a NUL character stands in the text")] == [
        (str(finding.place), finding.what) for finding in raised.value.findings if "NUL" in finding.what
    ]


def test_quoted_signs_are_no_signs(tmp_path):
    (tmp_path / "a.sps").write_text(
        "DATA LIST / A 1 B 2 (A).\n"
        "VALUE LABELS A 1 '/' 2 'yes' / B '/' 'slash' ',' 'comma' '+' 'plus' '-' 'minus'.\n"
        "VALUE LABELS / '/' .\n",
        encoding="utf-8",
    )

    book = ms.codebook(tmp_path / "a.sps")
    assert {
        "A": [("1", "/"), ("2", "yes")],
        "B": [("/", "slash"), (",", "comma"), ("+", "plus"), ("-", "minus")],
    } == {one.name: [(line.value, line.label) for line in one.values] for one in book.variables}


def test_a_note_in_parquet_that_is_no_text(tmp_path):
    table = pa.table({"A": ["1", "2"]}).replace_schema_metadata({b"AR\xcf\xffW:schema": b"\xff"})
    noted = table.cast(pa.schema([table.schema.field("A").with_metadata({b"\xff": b"\xfe"})], table.schema.metadata))
    parquet.write_table(noted, tmp_path / "a.parquet")

    extract = read_extract(tmp_path / "a.parquet", Format(kind="parquet"), ())

    assert ["1", "2"] == [value for _, part in extract.parts for value in part["A"].to_list()]


def test_a_library_that_panics_is_a_damaged_file():
    class PanicException(BaseException):
        pass

    with pytest.raises(MigstatError) as raised, explained("a.parquet"):
        raise PanicException("called `Result::unwrap()` on an `Err` value")

    assert ["the file is damaged, and cannot be read"] == [finding.what for finding in raised.value.findings]


@pytest.fixture
def pipe(tmp_path):
    """A named pipe, which nobody ever writes to, as the mapping of a pack beside a good one."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    for name in ("good", "pipe"):
        (tmp_path / name).mkdir()
    (tmp_path / "good" / "mapping.yaml").write_text("id: GOOD\n")
    os.mkfifo(tmp_path / "good" / "mapping_b.yaml")
    os.mkfifo(tmp_path / "good" / "layout.csv")
    os.mkfifo(tmp_path / "pipe" / "mapping.yaml")
    return tmp_path


def test_a_pipe_is_no_pack_and_no_mapping(pipe, monkeypatch):
    monkeypatch.setenv("MIGSTAT_PACKS", str(pipe))

    assert ["GOOD"] == [pack.id for pack in ms.packs(pipe)]
    assert "GOOD" == ms.pack("GOOD").id


@pytest.mark.parametrize("read", [ms.read_mapping, ms.read_rules, ms.read_structure, ms.read_policy, ms.codebook])
def test_a_pipe_is_no_file(pipe, read):
    with pytest.raises(MigstatError):
        read(pipe / "pipe" / "mapping.yaml")


def test_a_pipe_is_no_layout(pipe):
    with pytest.raises(MigstatError) as raised:
        read_layout(pipe / "good")

    assert "layout.csv\n  is no file\n  Mend: put the file itself there" == str(raised.value)


@pytest.mark.parametrize("place", ["a" * 5000, "/nowhere", ":::", "."])
def test_places_of_packs_that_are_none_hide_no_packs(monkeypatch, tmp_path, place):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIGSTAT_PACKS", place)

    assert "USA_ACS_2018" == ms.pack("USA_ACS_2018").id
