"""Areas, former areas, groups, birthplaces and citizenships: against the standards and against pycountry."""

import csv
import datetime
from collections import Counter
from pathlib import Path

import pycountry
import pytest

from migstat.read.codelists import codelist, groups, members
from migstat.words.codelist import UnknownCode


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


# Areas


def test_areas_agree_with_pycountry():
    ours = {
        code.id: (code.attributes["iso2"], code.attributes["numeric"])
        for code in codelist("CL_AREA")
        if code.attributes["kind"] == "country"
    }
    theirs = {country.alpha_3: (country.alpha_2, country.numeric) for country in pycountry.countries}

    assert theirs == {id: codes for id, codes in ours.items() if id != "XKX"}
    assert ours["XKX"] == ("XK", ""), "Kosovo has user-assigned letters and no ISO number"


def test_names_of_areas_differ_from_pycountry_only_where_the_united_nations_write_another_form():
    form = {"BOL", "FSM", "IRN", "KOR", "MDA", "PRK", "PSE", "TZA", "VEN", "COD"}  # the same name, other word order
    longer = {"GBR", "USA", "NLD", "HKG", "MAC", "SJM", "WLF", "VGB", "VIR"}  # the UN use a longer form
    shorter = {"SHN", "VAT"}  # ISO adds the other islands, and the Vatican City State
    typography = {"CIV", "MAF"}  # an apostrophe, a capital
    ours = codelist("CL_AREA")
    differ = {c.alpha_3 for c in pycountry.countries if ours.label(c.alpha_3) not in (c.name, _common(c))}

    assert form | longer | shorter | typography == differ


def _common(country: object) -> str:
    return country.common_name if "common_name" in dir(country) else ""


def test_former_areas_agree_with_pycountry():
    without_number = {"BQAQ": "080", "PZPA": "592", "SKIN": "698", "VDVN": "866"}  # pycountry has no number for these
    ours = codelist("CL_AREA_HIST")
    for theirs in pycountry.historic_countries:
        attributes = ours[theirs.alpha_4].attributes
        numeric = theirs.numeric if "numeric" in dir(theirs) else without_number.get(theirs.alpha_4, "")

        assert (theirs.alpha_2, theirs.alpha_3, numeric) == tuple(attributes[k] for k in ("iso2", "iso3", "m49"))


def test_codes_keep_their_leading_zeros_and_namibia():
    areas = codelist("CL_AREA")

    assert areas["AUS"].attributes["m49"] == "036"
    assert areas["AFG"].attributes["m49"] == "004"
    assert areas["NAM"].attributes["iso2"] == "NA"


def test_every_area_stands_in_a_region_but_antarctica():
    births = codelist("CL_COUNTRY_BIRTH")
    lone = [code.id for code in births if code.attributes["kind"] == "country" and code.parent is None]

    assert lone == ["ATA"]
    assert codelist("CL_AREA").ancestors("KEN") == ("M49_014", "M49_202", "M49_002", "M49_001")
    assert codelist("CL_AREA").parent("ATA") == "M49_001"
    assert births.ancestors("TWN") == ("M49_030", "M49_142")
    assert births.ancestors("XKX") == ("M49_039", "M49_150")


def test_the_soviet_union_is_never_russia():
    births, former = codelist("CL_COUNTRY_BIRTH"), codelist("CL_AREA_HIST")
    ussr, russia = births["SUHH"], births["RUS"]

    assert not set(ussr.names.values()) & set(russia.names.values())
    assert not {ussr.attributes[k] for k in ("iso2", "m49")} & {russia.attributes[k] for k in ("iso2", "m49")}
    assert "RUS" not in births.descendants("SUHH")
    assert births.ancestors("SUHH") == (), "its successors lie in two regions"
    assert len(former["SUHH"].attributes["successors"].split("|")) == 15
    assert "EST@1991-09-06" in former["SUHH"].attributes["successors"].split("|")


def test_former_states_hold_for_their_time_and_name_who_shares_their_letters():
    former = codelist("CL_AREA_HIST")

    assert former.valid_at("SUHH", day("1991-12-25"))
    assert not former.valid_at("SUHH", day("1991-12-26"))
    assert not former.valid_at("SUHH", day("1922-12-29"))
    assert former["CSHH"].attributes["shares_letters"] == "CSXX"
    assert former["SFRY_890"].attributes["shares_letters"] == "YUCS"
    assert former["GEHH"].attributes["shares_letters"] == "GEO"


def test_successors_are_codes():
    births = codelist("CL_COUNTRY_BIRTH")
    for code in codelist("CL_AREA_HIST"):
        for successor in code.attributes["successors"].split("|"):
            id, _, date = successor.partition("@")
            assert id in births
            assert not date or day(date)
        assert all(births.is_leaf(id) for id in code.attributes["terminal_successors"].split())


def test_birthplaces_and_citizenships_are_two_lists():
    births, citizenships = codelist("CL_COUNTRY_BIRTH"), codelist("CL_CITIZENSHIP")
    territories = {c.id for c in births if c.attributes["kind"] == "country" and c.attributes["citizenship"] != c.id}

    assert {"STLS", "RNC"} <= set(citizenships.ids)
    assert not {"STLS", "RNC"} & set(births.ids)
    assert len(territories) == 52
    assert not territories & set(citizenships.ids)
    assert all(births[id].attributes["citizenship"] in citizenships for id in territories - {"ATA"})
    assert births["BMU"].attributes["citizenship"] == "GBR"
    assert "undetermined" in citizenships.label("_U")
    assert citizenships.nearest("BMU")[0] == "GBR"


# Groups


@pytest.mark.parametrize(
    ("date", "size", "inside"),
    [("1957-12-31", 0, False), ("1994-12-31", 12, True), ("2004-05-01", 25, True), ("2019-12-31", 28, True)],
)
def test_the_union_at_a_date(date: str, size: int, inside: bool):
    assert size == len(members("EU", day(date)))
    assert ("GBR" in members("EU", day(date))) is inside


def test_the_united_kingdom_leaves():
    assert "GBR" in members("EU", day("2020-01-31"))
    assert "GBR" not in members("EU", day("2020-02-01"))
    assert members("EU27_2020") == members("EU", day("2020-02-01"))
    assert members("EU28", day("2024-01-01")) == members("EU", day("2019-12-31"))
    assert "EU15" in groups(day("2024-01-01"))
    assert "EFTA" not in groups(day("1950-01-01"))


def test_every_group_and_member_is_a_code():
    areas = codelist("CL_AREA")

    assert set(groups()) == set(codelist("CL_AREA_GROUP").ids)
    assert all(area in areas for group in groups() for area in members(group))


def test_an_unknown_group_is_named():
    with pytest.raises(UnknownCode, match="CL_AREA_GROUP has no code 'EU29'; nearest: EU25"):
        members("EU29")


# Against the standards beside the repository


def test_areas_and_groups_are_those_of_the_standards(shared: Path):
    def rows(name: str) -> list[dict[str, str]]:
        with (shared / "standards" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    areas = {c.id for c in codelist("CL_AREA") if c.attributes["kind"] == "country"}
    ever = Counter((row["group"], row["iso3"]) for row in rows("group_membership.csv"))

    assert {row["iso3"] for row in rows("areas.csv")} == areas
    assert [row["id"] for row in rows("areas_historic.csv")] == list(codelist("CL_AREA_HIST").ids)
    assert set(ever) == {(group, area) for group in groups() for area in members(group)}
    for id in ("CL_OBS_STATUS", "CL_CONF_STATUS", "CL_FREQ", "CL_UNIT_MULT"):
        theirs = {row["code"]: row["name"] for row in rows("sdmx_cross_domain.csv") if row["codelist"] == id}
        assert theirs == {code.id: code.names["en"] for code in codelist(id)}
