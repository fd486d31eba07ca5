"""The recode tables of packs against the lists of codes that were gathered from the sources, code by code.

The lists lie beside the project and are no part of it; without them these tests are skipped.
"""

import csv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STANDARDS = ROOT.parent / "shared" / "standards"

REST = {"M49_002", "M49_009", "M49_019", "M49_142"}
"""The rest of a continent: a list says _O, a pack the continent, which is more."""
SUBJECTS = {"COK": "NZL", "GIB": "GBR", "HKG": "CHN", "MAC": "CHN", "MNP": "USA"}
"""Places whose people are citizens of another country."""
ELSEWHERE = {"996", "998", "999", "910"}
"""Codes of the German key that the rule itself takes as unknown or not stated, and one for internal use."""
NO_BIRTHPLACE = {"108", "555", "997"}
"""Spain, which has its provinces, and stateless: no country abroad."""


def lines(path: Path, key: str, value: str) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {line[key]: line[value] for line in csv.DictReader(file)}


def known(source: str, variable: str) -> dict[str, str]:
    path = STANDARDS / "national_sources.csv"
    if not path.is_file():
        pytest.skip("needs ../shared/standards")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["source"], row["variable"]) == (source, variable)]
    return {row["code"]: row["target"] for row in rows}


def table(name: str) -> dict[str, str]:
    return {code.zfill(3): target for code, target in lines(ROOT / "examples" / name, "from", "to").items()}


@pytest.mark.parametrize(
    ("name", "source", "variable"),
    [
        ("esp_padron_2016/tables/nacionalidad.csv", "ES_PADRON", "NACI"),
        ("esp_evr_2016/tables/nacionalidad.csv", "ES_PADRON", "NACI"),
        ("deu_register/tables/staatsangehoerigkeit.csv", "DE_DESTATIS", "Staatsangehoerigkeit"),
    ],
)
def test_every_citizenship_is_the_known_one(name: str, source: str, variable: str) -> None:
    pack = table(name)
    expected = {code: SUBJECTS.get(to, to) for code, to in known(source, variable).items() if code not in ELSEWHERE}
    actual = {code: "_O" if pack.get(code) in REST else pack.get(code) for code in expected}

    assert expected == actual


@pytest.mark.parametrize(
    ("name", "source", "variable"),
    [
        ("esp_padron_2016/tables/pais_nacimiento.csv", "ES_PADRON", "NACI"),
        ("esp_evr_2016/tables/pais.csv", "ES_PADRON", "NACI"),
        ("deu_register/tables/staat.csv", "DE_DESTATIS", "Staatsangehoerigkeit"),
    ],
)
def test_every_country_of_birth_is_the_known_one(name: str, source: str, variable: str) -> None:
    pack = table(name)
    codes = known(source, variable)
    expected = {code: to for code, to in codes.items() if code not in ELSEWHERE | NO_BIRTHPLACE}
    actual = {code: "_O" if pack.get(code) in REST else pack.get(code) for code in expected}

    assert expected == actual


@pytest.mark.parametrize(
    ("name", "offset"),
    [
        ("bra_censo_2010/tables/pais.csv", 8_000_000),
        ("col_cnpv_2018/tables/pais.csv", 0),
        ("chl_censo_2017/tables/pais.csv", 0),
    ],
)
def test_numbers_of_countries_are_those_of_iso(name: str, offset: int) -> None:
    path = STANDARDS / "areas.csv"
    if not path.is_file():
        pytest.skip("needs ../shared/standards")
    areas = {int(number): iso3 for number, iso3 in lines(path, "iso_numeric", "iso3").items() if number}
    pack = {int(code) - offset: target for code, target in lines(ROOT / "examples" / name, "from", "to").items()}
    actual = {number: target for number, target in pack.items() if number in areas}

    assert {number: areas[number] for number in actual} == actual
    assert len(actual) > 190
