"""Encodings before Unicode: what is plainly Arabic, Cyrillic, Chinese or Korean is read so, and nothing else is."""

from pathlib import Path

import pytest

from migstat.read.codebooks import read_codebook
from migstat.read.extracts import read_extract
from migstat.read.legacy import otherwise, plainly
from migstat.words.codebook import Codebook, Variable
from migstat.words.finding import MigstatError
from migstat.words.source import Format

TEXTS = {
    "cp1256": "رقم الشخص;الجنس;تاريخ الميلاد\nذكر;أنثى;مصر;الهند;باكستان\n",
    "gb18030": "许可证号;人员编号;性别;出生日期\n男;女;韩国;日本;美国\n",
    "cp1251": "Страна рождения;Пол;Возраст\nРоссия;мужской;Узбекистан\n",
    "cp949": "출생국가;성별;나이;국적\n한국;남자;중국;여자\n",
}
OTHERS = {
    "cp1252": "Région;À l'étranger;Côte d'Ivoire;Études;à;é;é;à;MIGRAÇÃO;NAÇÃO;EDUCAÇÃO;n°;ÉLÈVE",
    "cp1250": "Země narození;Pohlaví;Věk;Česko;Ukrajina;žena;muž;průměrný",
    "cp1253": "Χώρα γέννησης;Φύλο;Ηλικία;Ελλάδα;Αλβανία;Βουλγαρία",
    "cp1254": "Doğum ülkesi;Cinsiyet;Yaş;Türkiye;Gürcistan;Kırgızistan",
    "cp1255": "ארץ לידה;מין;גיל;ישראל;רוסיה;אתיופיה",
    "cp874": "ประเทศที่เกิด;เพศ;อายุ;สัญชาติ;ไทย;พม่า;ลาว",
    "koi8-r": "Страна рождения;Пол;Возраст;Россия;Узбекистан",
}
GREEK = "ΧΩΡΑ ΓΕΝΝΗΣΗΣ;ΦΥΛΟ;ΗΛΙΚΙΑ;ΕΛΛΑΔΑ;ΑΛΒΑΝΙΑ;ΒΟΥΛΓΑΡΙΑ;ΡΟΥΜΑΝΙΑ"


@pytest.mark.parametrize("encoding", TEXTS)
def test_what_is_plain_is_known(encoding: str) -> None:
    found, _ = plainly(TEXTS[encoding].encode(encoding))

    assert found == encoding


def test_capitals_alone_are_cyrillic() -> None:
    found = plainly(TEXTS["cp1251"].upper().encode("cp1251"))

    assert found == ("cp1251", "Cyrillic")


def test_greek_capitals_are_neither_cyrillic_nor_arabic() -> None:
    found = [plainly(text.encode("cp1253")) for text in (GREEK, GREEK.replace("Χ", "Γ"))]

    assert [("", "")] * 2 == found


@pytest.mark.parametrize("encoding", OTHERS)
def test_what_is_not_plain_is_left(encoding: str) -> None:
    found = plainly(OTHERS[encoding].encode(encoding))

    assert found == ("", "")


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_file_is_read_as_it_is_and_that_is_said(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_bytes(TEXTS[encoding].encode(encoding))
    names = tuple(TEXTS[encoding].split("\n")[0].split(";"))

    extract = read_extract(path, Format(delimiter=";"), names)

    assert extract.columns == names
    said = [finding for finding in extract.findings if finding.rule == "assumed"]
    assert [finding.what.partition(":")[0] for finding in said] == [f"read as {encoding}"]
    assert said[0].mend == f"write encoding: {encoding}, or the true one, under source.format"


SAID = [
    ("cp1252", "utf-8", OTHERS["cp1252"], "utf-8"),
    ("latin-1", "utf-8-sig", OTHERS["cp1252"], "utf-8"),
    ("cp1256", "utf-8", TEXTS["cp1256"], "utf-8"),
    ("gb18030", "utf-8", TEXTS["gb18030"], "utf-8"),
    ("cp1252", "cp1256", TEXTS["cp1256"], "cp1256"),
    ("latin-1", "gb18030", TEXTS["gb18030"], "gb18030"),
    ("cp1252", "cp1252", OTHERS["cp1252"], ""),
    ("cp1253", "cp1253", OTHERS["cp1253"], ""),
    ("cp1256", "cp1256", TEXTS["cp1256"], ""),
    ("gb18030", "gb18030", TEXTS["gb18030"], ""),
    ("cp1256", "cp1252", OTHERS["cp1252"], ""),
    ("cp1252", "cp1252", "Â° is what UTF-8 calls °", ""),
]


@pytest.mark.parametrize(("said", "written", "text", "read"), SAID)
def test_what_is_said_yields_to_what_is_plain(said: str, written: str, text: str, read: str) -> None:
    found, _ = otherwise(text.encode(written), said, cut=False)

    assert found == read


def test_a_character_may_be_torn_where_the_text_is_cut() -> None:
    data = OTHERS["cp1252"].encode()[:-3]  # ÉLÈVE ends in VE: a tear is made behind È

    assert otherwise(data + b"\xc3", "cp1252", cut=True)[0] == "utf-8"
    assert otherwise(data + b"\xc3", "cp1252", cut=False)[0] == ""


@pytest.mark.parametrize("kind", ["csv", "fixed"])
def test_a_file_saved_again_in_utf_8_is_read_so(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "persons.txt"
    path.write_text("Née;N\nSénégal ;1\nGuinée  ;2\nBénin   ;3\n", encoding="utf-8")
    book = Codebook("layout.csv", (Variable("Née", start=1, width=8), Variable("N", start=10, width=1)))
    fixed = Format(kind="fixed", header=1, encoding="cp1252", codebook=book)
    format = Format(delimiter=";", encoding="cp1252", trim=True) if kind == "csv" else fixed

    extract = read_extract(path, format, ("Née", "N"))
    rows = [row for _, part in extract.parts for row in part.rows()]

    assert [row[0].strip() for row in rows] == ["Sénégal", "Guinée", "Bénin"]
    told = ("read as UTF-8: it is that throughout, and not cp1252", "write encoding: utf-8 under source.format")
    assert (extract.findings[0].what, extract.findings[0].mend) == told


@pytest.mark.parametrize("encoding", ["cp1256", "gb18030", "cp1251", "utf-16", "cp1252"])
def test_a_data_dictionary_is_read_as_it_is_and_that_is_said(encoding: str, tmp_path: Path) -> None:
    text = {**TEXTS, "utf-16": TEXTS["gb18030"], "cp1252": "Né à l'étranger;é"}[encoding].replace("\n", ";")
    lines = ["variable;value;label", *(f"V1;{at};{label}" for at, label in enumerate(text.strip(";").split(";")))]
    path = tmp_path / "dictionary.csv"
    path.write_bytes("\n".join(lines).encode(encoding))

    book = read_codebook(path)

    assert [one.label for one in book.variables[0].values] == text.strip(";").split(";")
    told = [] if encoding == "utf-16" else [f"read as {encoding}: it is not utf-8"]
    assert [finding.what for finding in book.findings] == told


def test_a_file_that_goes_on_in_another_encoding_can_be_mended(tmp_path: Path) -> None:
    rows = [f"{number},España\n".encode() for number in range(90_000)]
    path = tmp_path / "persons.csv"
    path.write_bytes(b"ID,PLACE\n" + b"".join(rows) + "90000,España\n".encode("latin-1"))
    with pytest.raises(MigstatError) as caught:
        list(read_extract(path, Format(encoding="latin-1"), ("ID",)).parts)

    assert (
        "persons.csv\n  is not UTF-8 in row 90001\n"
        "  Mend: save all of it in one encoding: it begins in UTF-8, and not in latin-1 as the mapping says"
    ) == str(caught.value)
