"""What tools/fuzz.py found: inputs that once broke a reader, and the error that they get."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import migstat as ms
from migstat.read.extracts import read_extract
from migstat.words.finding import MigstatError
from migstat.words.source import Format


def drain(path: Path) -> None:
    for _ in read_extract(path, Format(), ()).parts:
        pass


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
]


def test_a_zip_with_a_file_of_no_name_holds_nothing(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"a,b\n1,2\n")
    central = path.read_bytes().index(b"PK\x01\x02")
    whole = bytearray(path.read_bytes())
    whole[central + 46] = 0
    path.write_bytes(whole)

    with pytest.raises(MigstatError) as raised:
        drain(path)

    assert [finding.what for finding in raised.value.findings] == ["the zip holds no data files: nothing"]


@pytest.mark.parametrize(("name", "given", "read", "what"), FOUND, ids=[name for name, *_ in FOUND])
def test_what_once_broke_a_reader_is_told(name: str, given: bytes, read: Callable[[Path], object], what: str, tmp_path):
    path = tmp_path / name
    path.write_bytes(given)

    with pytest.raises(MigstatError) as raised:
        read(path)

    assert what in [finding.what for finding in raised.value.findings]
