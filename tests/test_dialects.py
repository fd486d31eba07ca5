"""CSV as offices write it: the same rows come out of every dialect, and what was assumed is said."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.read import packed
from migstat.read.extracts import Extract, delimited, read_extract
from migstat.words.finding import MigstatError
from migstat.words.source import Format

TEXT = "ID;NAME;W\n1;José;2,5\n2;;3\n3;Ana;1\n"
ROWS = [("1", "José", "2,5"), ("2", None, "3"), ("3", "Ana", "1")]
ARABIC = TEXT.replace("José", "علي")


def rows_of(extract: Extract) -> list[tuple[object, ...]]:
    parts = list(extract.parts)
    return pl.concat([part for _, part in parts]).rows() if parts else []


def numbers_of(extract: Extract) -> list[int]:
    return [number for numbers, _ in extract.parts for number in numbers.to_list()]


def zipped(*members: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()


def mangled(text: str) -> bytes:
    """Written as UTF-8, and the first lines above the header are of another kind."""
    return f"Statistical office\nExtract of 2019\n{text}".encode()


DIALECTS: dict[str, tuple[str, Callable[[str], bytes], Format, list[str]]] = {
    "utf-8": ("a.csv", str.encode, Format(delimiter=";"), []),
    "utf-8 with its mark": ("a.csv", lambda text: text.encode("utf-8-sig"), Format(delimiter=";"), []),
    "utf-8 as utf-8-sig": ("a.csv", str.encode, Format(delimiter=";", encoding="utf-8-sig"), []),
    "latin-1": ("a.csv", lambda text: text.encode("latin-1"), Format(delimiter=";", encoding="latin-1"), []),
    "cp1252": ("a.csv", lambda text: text.encode("cp1252"), Format(delimiter=";", encoding="windows-1252"), []),
    "cp850": ("a.csv", lambda text: text.encode("cp850"), Format(delimiter=";", encoding="cp850"), []),
    "utf-16": ("a.csv", lambda text: text.encode("utf-16"), Format(delimiter=";", encoding="utf-16"), []),
    "utf-16-be": ("a.csv", lambda text: text.encode("utf-16-be"), Format(delimiter=";", encoding="utf-16-be"), []),
    "utf-16-le, marked": ("a.csv", lambda text: ("\ufeff" + text).encode("utf-16-le"),
                          Format(delimiter=";", encoding="utf-16-le"), []),
    "utf-32": ("a.csv", lambda text: text.encode("utf-32"), Format(delimiter=";", encoding="utf-32"), []),
    "gb18030": ("a.csv", lambda text: text.encode("gb18030"), Format(delimiter=";", encoding="gb18030"), []),
    "ebcdic": ("a.csv", lambda text: text.encode("cp500"), Format(delimiter=";", encoding="cp500"), []),
    "not said: cp1252": ("a.csv", lambda text: text.encode("cp1252"), Format(delimiter=";"),
                         ["read as cp1252: line 2 is not UTF-8"]),
    "not said: utf-16": ("a.csv", lambda text: text.encode("utf-16"), Format(delimiter=";"),
                         ["read as UTF-16: the file begins with its mark"]),
    "not said: separator": ("a.csv", str.encode, Format(), ["read with ';' as separator: the header has no ','"]),
    "tab": ("a.tsv", lambda text: text.replace(";", "\t").encode(), Format(delimiter="\t"), []),
    "not said: tab": ("a.tsv", lambda text: text.replace(";", "\t").encode(), Format(),
                      ["read with a tab as separator: the header has no ','"]),
    "pipe": ("a.txt", lambda text: text.replace(";", "|").encode(), Format(delimiter="|"), []),
    "said by Excel": ("a.csv", lambda text: f"sep=;\r\n{text}".encode(), Format(),
                      ["line 1 says that ; is the separator: the header is line 2"]),
    "CRLF": ("a.csv", lambda text: text.replace("\n", "\r\n").encode("cp1252"),
             Format(delimiter=";", encoding="cp1252"), []),
    "CR": ("a.csv", lambda text: text.replace("\n", "\r").encode(), Format(delimiter=";"), []),
    "no last line end": ("a.csv", lambda text: text.rstrip().encode("latin-1"),
                         Format(delimiter=";", encoding="latin-1"), []),
    "all quoted": ("a.csv", lambda text: "\n".join(
        ";".join(f'"{cell}"' for cell in line.split(";")) for line in text.splitlines()).encode(),
        Format(delimiter=";"), []),
    "single quotes": ("a.csv", lambda text: text.replace("José", "'José'").encode(), Format(delimiter=";", quote="'"),
                      []),
    "header in line 3": ("a.csv", mangled, Format(delimiter=";", header=3), []),
    "no header": ("a.csv", lambda text: text.partition("\n")[2].encode(),
                  Format(delimiter=";", header=0, columns=("ID", "NAME", "W")), []),
    "gzip": ("a.csv.gz", lambda text: gzip.compress(text.encode("latin-1")),
             Format(delimiter=";", encoding="latin-1"), []),
    "gzip in two": ("a.csv.gz", lambda text: gzip.compress(text[:20].encode()) + gzip.compress(text[20:].encode()),
                    Format(delimiter=";"), []),
    "zip": ("a.zip", lambda text: zipped(("notes.pdf", b"x"), ("x/a.csv", text.encode("utf-16"))),
            Format(delimiter=";", encoding="utf-16"), []),
    "blanks said": ("a.csv", lambda text: text.replace(";;", ";-;").encode(), Format(delimiter=";", missing=("-",)),
                    []),
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_rows_in_every_dialect(dialect: str, tmp_path: Path) -> None:
    name, pack, format, assumed = DIALECTS[dialect]
    (tmp_path / name).write_bytes(pack(TEXT))
    extract = read_extract(tmp_path / name, format, ["ID", "W"])

    assert ROWS == rows_of(extract)
    assert ("ID", "NAME", "W") == extract.columns
    assert assumed == [finding.what for finding in extract.findings]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1256", "علي"), ("iso8859-6", "علي"), ("gb18030", "李小龙𠮷"), ("big5", "李小龍"), ("shift_jis", "ソ表"),
     ("euc-kr", "이영애"), ("cp1251", "Жук"), ("koi8-r", "Жук"), ("cp1253", "Ωμέγα"), ("cp1258", "Đông"),
     ("iso8859-9", "Şık"), ("mac-roman", "Zoë")],
)  # fmt: skip
def test_every_alphabet(encoding: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK", 1 << 10)
    count = 2000
    text = "ID,NAME\n" + "".join(f"{at},{name}\n" for at in range(count))
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    rows = rows_of(read_extract(tmp_path / "a.csv", Format(encoding=encoding), ["ID"]))

    assert [(str(at), name) for at in range(count)] == rows


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("gb18030", "the text ends in the midst of a character of gb18030: it was cut off, or is not gb18030"),
     ("utf-16", "the text ends in the midst of a character of utf-16: it was cut off, or is not utf-16")],
)  # fmt: skip
def test_a_file_that_was_cut_off_in_a_character(encoding: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("ID,NAME\n1,李".encode(encoding)[:-1])

    with pytest.raises(MigstatError) as raised:
        rows_of(read_extract(tmp_path / "a.csv", Format(encoding=encoding), ["ID"]))

    assert told == raised.value.findings[0].what


# Pieces.

A, B = b"ID,NAME\n1,a\n2,b\n", b"ID,NAME\n3,c\n4,d,e\n5,f\n"


def pieces(folder: Path, **files: bytes) -> Path:
    for name, data in files.items():
        path = folder / "x" / name.replace("__", "/").replace("_dot_", ".").replace("_is_", "=")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder / "x"


def test_members_of_a_zip_are_read_one_after_another(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(("psam_b.csv", B), ("psam_a.csv", A), ("readme.csv", b"x"), ("c.pdf", b"")))
    extract = read_extract(tmp_path / "a.zip", Format(member="psam_*.csv"), ["ID"])
    numbers = numbers_of(extract)

    assert [1, 2, 3, 5] == numbers
    assert [(4, "the line has 3 values, the header 2", "4,d,e")] == extract.malformed
    assert ["read one after another, with their rows: psam_a.csv (2), psam_b.csv (3)"] == [
        finding.what for finding in extract.findings
    ]
    assert packed.file_hash(tmp_path / "a.zip") == extract.sha256()


def test_a_folder_of_files_is_read_as_one(tmp_path: Path) -> None:
    folder = pieces(tmp_path, a_dot_csv=A, b_dot_csv=B, _SUCCESS=b"", notes_dot_pdf=b"x")
    extract = read_extract(folder, Format(), ["ID"])
    rows = rows_of(extract)

    assert [("1", "a"), ("2", "b"), ("3", "c"), ("5", "f")] == rows
    assert len(A + B) == extract.size == extract.at()
    assert 64 == len(extract.sha256())


def test_a_folder_of_parquet_whose_folders_say_the_year(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    for year in ("2018", "2019", "__HIVE_DEFAULT_PARTITION__"):
        (folder / f"YEAR={year}").mkdir(parents=True)
        pl.DataFrame({"ID": [1, 2]}).write_parquet(folder / f"YEAR={year}" / "part-0.parquet")
    extract = read_extract(folder, Format(kind="parquet"), ["ID", "YEAR"])

    assert [(1, "2018"), (2, "2018"), (1, "2019"), (2, "2019"), (1, None), (2, None)] == rows_of(extract)
    assert ("ID", "YEAR") == extract.columns
    assert extract.raw


WRONG = {
    "none": ({"notes_dot_pdf": b"x"}, Format(), "x\n  the folder holds no data files: notes.pdf\n"
             "  Mend: name a file, or another folder"),
    "none like it": ({"a_dot_csv": A}, Format(member="b*"), "x\n  the folder holds no data files like b*: a.csv\n"
                     "  Mend: name a file, or another folder"),
    "several kinds": ({"a_dot_csv": A, "b_dot_txt": A}, Format(),
                      "x\n  the folder holds files of several kinds: .csv, .txt\n"
                      '  Mend: say which: source.format.member: "*.csv"'),
    "other columns": ({"a_dot_csv": A, "b_dot_csv": b"ID,NOM\n1,a\n"}, Format(),
                      "x/b.csv\n  its columns are not those of x/a.csv: it has not NAME, NOM\n"
                      "  Mend: read files of one layout together"),
    "column lacking": ({"a_dot_csv": A, "b_dot_csv": b"NR,NAME\n1,a\n", "c_dot_csv": b""}, Format(),
                       "x/b.csv  ID\n  the extract has no such column\n  Mend: check that this is the right file\n"
                       "x/c.csv\n  the file is empty\n  Mend: ask the sender for the file again"),
    "parted otherwise": ({"Y_is_1__a_dot_csv": A, "b_dot_csv": A}, Format(),
                         "x/b.csv\n  its columns are not those of x/Y=1/a.csv: it has is parted by nothing\n"
                         "  Mend: read files of one layout together"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_told_of_wrong_pieces(case: str, tmp_path: Path) -> None:
    files, format, told = WRONG[case]
    folder = pieces(tmp_path, **files)

    with pytest.raises(MigstatError) as raised:
        read_extract(folder, format, ["ID"])

    assert told == str(raised.value)


def test_nothing_is_told_of_a_piece_that_may_have_no_header(tmp_path: Path) -> None:
    folder = pieces(tmp_path, a_dot_csv=A, b_dot_csv=b"2,Mary Example\n3,x\n")

    with pytest.raises(MigstatError) as raised:
        read_extract(folder, Format(), [])

    told = "x/b.csv\n  has none of the columns of x/a.csv\n  Mend: check that it begins with the names of its columns"
    assert told == str(raised.value)


def test_a_folder_reads_nothing_outside_itself(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_bytes(B)
    folder = pieces(tmp_path, a_dot_csv=A)
    (folder / "b.csv").symlink_to(tmp_path / "secret.csv")

    assert [("1", "a"), ("2", "b")] == rows_of(read_extract(folder, Format(), ["ID"]))


# Laws.


@settings(max_examples=200)
@given(
    rows=st.lists(st.tuples(*[st.text(alphabet="ab1 é;,'\"\n\t|", max_size=5)] * 3), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "gb18030", "cp500"]),
    end=st.sampled_from(["\n", "\r\n"]),
    pack=st.sampled_from([bytes, gzip.compress]),
)
def test_what_is_written_is_read(rows, delimiter, encoding, end, pack, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    made = io.StringIO(newline="")
    writer = csv.writer(made, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("A", "B", "C"), *rows])
    path = tmp_path_factory.getbasetemp() / "law.csv"
    path.write_bytes(pack(made.getvalue().encode(encoding)))
    format = Format(delimiter=delimiter, encoding=encoding)

    assert [tuple(cell or None for cell in row) for row in rows] == rows_of(read_extract(path, format, ["A"]))


@settings(max_examples=200)
@given(
    data=st.one_of(st.binary(min_size=1, max_size=300), st.text(alphabet='ab1é;,"\n\r', max_size=200).map(str.encode)),
    format=st.sampled_from([Format(), Format(delimiter=";"), Format(quote=""), Format(encoding="latin-1"),
                            Format(encoding="gb18030"), Format(encoding="utf-16"), Format(header=0, columns=("A", "B")),
                            Format(header=2)]),
)  # fmt: skip
def test_any_bytes_are_rows_or_told(data: bytes, format: Format, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(data)
    try:
        extract = read_extract(path, format, ())
        numbers = numbers_of(extract)
    except MigstatError as error:
        numbers = []
        assert_told(error)
    else:
        lost = [number for number, *_ in extract.malformed]
        numbers = sorted([*numbers, *lost])

    assert list(range(1, len(numbers) + 1)) == numbers


def assert_told(error: MigstatError) -> None:
    for finding in error.findings:
        assert finding.what
        assert finding.mend


def test_decimal_commas_are_numbers(tmp_path: Path) -> None:
    text = (Path(__file__).parent / "small_census.yaml").read_text(encoding="utf-8")
    format = '{kind: csv, delimiter: ";", decimal: ",", encoding: latin-1}'
    (tmp_path / "mapping.yaml").write_text(text.replace("{FORMAT}", format))
    (tmp_path / "a.csv").write_bytes("HH;LINE;P12;P11;P15;W;NOTE\n1;1;1;34;450;2,5;é\n".encode("latin-1"))
    run = ms.harmonize(tmp_path / "a.csv", tmp_path / "mapping.yaml")

    assert 2.5 == run.records["WEIGHT"].sum()


THOUSANDS = [("1.234", 1), ("12,5", 0), ("01.01.2019", 0), ("2.5", 0), ('"1.234.567"', 1), ("-1.234 ", 1)]


@pytest.mark.parametrize(("written", "told"), THOUSANDS)
def test_points_that_may_part_thousands_are_told(written: str, told: int, tmp_path: Path) -> None:
    text = (Path(__file__).parent / "small_census.yaml").read_text(encoding="utf-8")
    text = text.replace("{FORMAT}", '{kind: csv, delimiter: ";", decimal: ","}')
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    rows = f'HH;LINE;NOTE;P12;P11;P15;W\n1;1;"x;y";1;34;450;2,5\n1;2;{written};1;34;450;{written}\n'
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    run = ms.harmonize(tmp_path / "a.csv", tmp_path / "mapping.yaml")
    expected = (
        "a.csv:3  W\n  a number such as 1.234 is read as a fraction, though the decimal sign is a comma\n"
        "  Mend: where the point parts thousands, ask for the file without such points"
    )

    assert [expected] * told == [str(one) for one in run.findings if one.rule == "thousands"]
