"""A table of wrong codelist files and what is said of each."""

from pathlib import Path

import pytest

from migstat.read.codelists import CodelistError, read_codelist

HEAD = "id,parent,name_en,name_fr,name_es,name_ar,name_ru,name_zh"
NAMES = "a,b,c,d,e,f"
TOML = """id = "CL_X"
agency = "MIGSTAT"
version = "1.0"
description = "A list"
source = "A book"
standing = "derived"
retrieved = 2024-01-31
licence = "Apache-2.0"
names = {en = "X", fr = "X", es = "X", ar = "X", ru = "X", zh = "X"}
"""

WRONG_TABLES = {
    "duplicate": (
        f"{HEAD}\nA,,{NAMES}\nA,,{NAMES}\n",
        "CL_X.csv:3  A\n  is given twice, first in line 2\n  Mend: keep one of the two",
    ),
    "unknown parent": (
        f"{HEAD}\nAB,,{NAMES}\nC,AX,{NAMES}\n",
        "CL_X.csv:3  C\n  the parent 'AX' is not a code of the list\n"
        "  Mend: add it as a code, or leave the parent empty",
    ),
    "near parent": (
        f"{HEAD}\nALPHA,,{NAMES}\nC,ALPA,{NAMES}\n",
        "CL_X.csv:3  C\n  the parent 'ALPA' is not a code of the list\n  Mend: write ALPHA",
    ),
    "circle": (
        f"{HEAD}\nA,B,{NAMES}\nB,A,{NAMES}\n",
        "CL_X.csv:2  A\n  is its own ancestor: A > B > A\n  Mend: cut the circle\n"
        "CL_X.csv:3  B\n  is its own ancestor: B > A > B\n  Mend: cut the circle",
    ),
    "own parent": (
        f"{HEAD}\nA,A,{NAMES}\n",
        "CL_X.csv:2  A\n  is its own ancestor: A > A\n  Mend: cut the circle",
    ),
    "bad date": (
        f"{HEAD},valid_from\nA,,{NAMES},31.12.1999\n",
        "CL_X.csv:2  A\n  valid_from '31.12.1999' is not a date\n  Mend: write it as 1991-12-26",
    ),
    "dates reversed": (
        f"{HEAD},valid_from,valid_to\nA,,{NAMES},2000-01-01,1999-01-01\n",
        "CL_X.csv:2  A\n  valid_to is not after valid_from\n"
        "  Mend: valid_to is the first day on which the code no longer holds",
    ),
    "bad bound": (
        f"{HEAD},lower\nA,,{NAMES},1.5\n",
        "CL_X.csv:2  A\n  lower '1.5' is not a whole number\n  Mend: write digits only, or leave it empty where open",
    ),
    "bounds reversed": (
        f"{HEAD},lower,upper\nA,,{NAMES},5,4\n",
        "CL_X.csv:2  A\n  lower 5 is above upper 4\n  Mend: both bounds are included",
    ),
    "missing header": (
        f"id,parent,name_en\nA,,{NAMES}\n",
        f"CL_X.csv:1  CL_X\n  the header lacks name_fr, name_es, name_ar, name_ru, name_zh\n  Mend: start with {HEAD}",
    ),
    "empty file": (
        "",
        "CL_X.csv:1  CL_X\n  the header lacks id, parent, name_en, name_fr, name_es, name_ar, name_ru, name_zh\n"
        f"  Mend: start with {HEAD}",
    ),
    "column twice": (
        f"{HEAD},id\nA,,{NAMES},A\n",
        f"CL_X.csv:1  CL_X\n  the header names a column twice\n  Mend: start with {HEAD}",
    ),
    "too few fields": (
        f"{HEAD}\nA,,a\n",
        "CL_X.csv:2  A\n  has 3 fields, the header 8\n  Mend: put quotes around a field that holds a comma",
    ),
    "no name": (
        f"{HEAD}\nA,,a,b,,d,e,f\n",
        "CL_X.csv:2  A\n  has no name_es\n  Mend: write the name in that language",
    ),
    "not an id": (
        f"{HEAD}\nA B,,{NAMES}\n",
        "CL_X.csv:2  A B\n  'A B' is not an id\n  Mend: use letters, digits, _ and - only",
    ),
    "open quote": (
        f'{HEAD}\nA,,"a,b,c,d,e,f\n',
        "CL_X.csv:2  CL_X\n  is not CSV: unexpected end of data\n  Mend: close the quote there",
    ),
}

WRONG_HEADERS = {
    "no source": (
        TOML.replace('source = "A book"\n', ""),
        "CL_X.toml  CL_X\n  has no 'source'\n  Mend: add a line source = ...",
    ),
    "other id": (
        TOML.replace("CL_X", "CL_Y"),
        "CL_X.toml:1  CL_X\n  the id 'CL_Y' is not the name of the file\n  Mend: write id = \"CL_X\"",
    ),
    "unknown key": (
        TOML + 'licens = "x"\n',
        "CL_X.toml:10  CL_X\n  'licens' is not a key of a header\n  Mend: write licence",
    ),
    "standing": (
        TOML.replace('"derived"', '"official"'),
        "CL_X.toml:6  CL_X\n  'official' is not a standing\n"
        "  Mend: write standard | derived | general knowledge, to be confirmed",
    ),
    "language": (
        TOML.replace(', zh = "X"', ""),
        "CL_X.toml:9  CL_X\n  has no name in 'zh'\n  Mend: add zh to the names",
    ),
    "names as text": (
        TOML.replace(TOML.splitlines()[-1], 'names = "X"'),
        "CL_X.toml:9  CL_X\n  the names are not a table\n  Mend: write a line [names], and under it en = ...",
    ),
    "date as text": (
        TOML.replace("2024-01-31", '"2024-01-31"'),
        "CL_X.toml:7  CL_X\n  '2024-01-31' is not a date\n  Mend: write it without quotes, as 2024-01-31",
    ),
}


def read(folder: Path, table: str | bytes, header: str = TOML) -> str:
    csv_path, toml_path = folder / "CL_X.csv", folder / "CL_X.toml"
    csv_path.write_bytes(table.encode() if isinstance(table, str) else table)
    toml_path.write_text(header, encoding="utf-8")
    with pytest.raises(CodelistError) as error:
        read_codelist(csv_path, toml_path)
    return str(error.value)


@pytest.mark.parametrize(("table", "expected"), WRONG_TABLES.values(), ids=WRONG_TABLES)
def test_a_wrong_table(tmp_path: Path, table: str, expected: str):
    assert expected == read(tmp_path, table)


@pytest.mark.parametrize(("header", "expected"), WRONG_HEADERS.values(), ids=WRONG_HEADERS)
def test_a_wrong_header(tmp_path: Path, header: str, expected: str):
    assert expected == read(tmp_path, f"{HEAD}\nA,,{NAMES}\n", header)


def test_broken_toml_names_the_line(tmp_path: Path):
    said = read(tmp_path, f"{HEAD}\nA,,{NAMES}\n", 'id = "CL_X"\nagency = "MIG\n')

    assert said.startswith("CL_X.toml:2  CL_X\n  is not TOML: ")


def test_another_encoding_names_the_line(tmp_path: Path):
    said = read(tmp_path, f"{HEAD}\nA,,{NAMES}\nB,,é,b,c,d,e,f\n".encode("latin-1"))

    assert said == "CL_X.csv:3  CL_X\n  is not UTF-8\n  Mend: save the file as UTF-8"


def test_a_missing_file_is_named(tmp_path: Path):
    (tmp_path / "CL_X.csv").write_text(f"{HEAD}\nA,,{NAMES}\n", encoding="utf-8")
    with pytest.raises(CodelistError) as error:
        read_codelist(tmp_path / "CL_X.csv", tmp_path / "CL_X.toml")

    assert str(error.value).startswith("CL_X.toml  CL_X\n  cannot be read: No such file")


def test_all_faults_of_both_files_are_said_at_once(tmp_path: Path):
    said = read(tmp_path, f"{HEAD},lower\nA,B,{NAMES},x\nA,,{NAMES},\n", TOML.replace('source = "A book"\n', ""))

    assert [line for line in said.splitlines() if not line.startswith("  ")] == [
        "CL_X.csv:2  A",
        "CL_X.csv:2  A",
        "CL_X.csv:3  A",
        "CL_X.toml  CL_X",
    ]


def test_what_a_spreadsheet_saves_is_read(tmp_path: Path):
    (tmp_path / "CL_X.csv").write_bytes(f"\ufeff{HEAD}\r\nNA,,{NAMES}\r\n036,NA,{NAMES}\r\n".encode())
    (tmp_path / "CL_X.toml").write_text(TOML, encoding="utf-8")

    assert read_codelist(tmp_path / "CL_X.csv", tmp_path / "CL_X.toml").ids == ("NA", "036")
