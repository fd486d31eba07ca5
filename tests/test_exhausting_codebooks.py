"""Codebooks that are made to exhaust a machine, by numbers or by the ways a text can be read, are told or read at once."""

import time

import pytest

import migstat as ms
from migstat.words.finding import MigstatError

LONG = 200_000
"""Signs; what takes a time that grows with their square would take minutes."""
SECONDS = 10


def said(path):
    with pytest.raises(MigstatError) as raised:
        ms.codebook(path)
    return [finding.what for finding in raised.value.findings]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("open.do", 'label define x 1 `"' * (LONG // 20)),
        ("blank.sps", "\n" * LONG + "x"),
        ("cards.sas", "cards;\n" * (LONG // 7)),
        ("lines.txt", "data list \n" + "\n" * LONG),
        ("input.txt", "input a\n" * (LONG // 8) + ";"),
    ],
)
def test_a_text_is_read_in_a_time_that_its_length_explains(name, text, tmp_path):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    begun = time.monotonic()

    try:
        ms.codebook(path)
    except MigstatError as error:
        assert error.findings

    assert time.monotonic() - begun < SECONDS


def test_a_number_of_more_digits_than_any_file_has_is_told(tmp_path):
    path = tmp_path / "a.do"
    path.write_text("infix a 1-" + "9" * 5000, encoding="utf-8")

    assert ["holds a number of 5,000 digits: it is no codebook"] == said(path)


def test_decimals_and_repeats_without_end_are_told(tmp_path):
    path = tmp_path / "layout.csv"
    path.write_text("name,start,width,decimals\nA,1,3,99999\n", encoding="utf-8")

    assert ["column A has 99,999 decimals"] == said(path)


def test_an_encoding_of_python_alone_is_none_of_files(tmp_path):
    path = tmp_path / "mapping.yaml"
    source = "{kind: census, by: N, area: KEN, date: 2019, format: {encoding: punycode}}"
    path.write_text(f"id: A\nversion: 1.0\ninto: CENSUS_PERSON\nsource: {source}\n", encoding="utf-8")

    with pytest.raises(MigstatError) as raised:
        ms.read_mapping(path)

    assert "there is no encoding punycode" in [finding.what for finding in raised.value.findings]
