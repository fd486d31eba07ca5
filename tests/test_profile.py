"""The migration profile: each indicator against a plain count of the records, and every gap named."""

import polars as pl
import pytest

import migstat as ms
from migstat.words.table import Table

PEOPLE = pl.DataFrame(
    [
        {"COUNTRY_BIRTH": birth, "CITIZENSHIP": citizen, "SEX": sex, "AGE": age, "LABOUR": labour}
        for birth, citizen, sex, age, labour in [
            ("KEN", "KEN", "F", 30, "EMP"),
            ("KEN", "KEN", "M", 40, "UNE"),
            ("KEN", "UGA", "F", 5, "_Z"),
            ("KEN", "KEN", "M", 70, "OLF"),
            ("UGA", "UGA", "F", 20, "EMP"),
            ("UGA", "KEN", "F", 66, "OLF"),
            ("TZA", "TZA", "M", 50, "EMP"),
            ("_U", "KEN", "F", 33, "EMP"),
        ]
    ]
).with_columns(REF_AREA=pl.lit("KEN"), TIME_PERIOD=pl.lit("2019"), SOURCE_TYPE=pl.lit("CENSUS"))


def stock(*by, definition="FOREIGN_BORN"):
    return ms.tabulate(PEOPLE, definition=definition, by=by, structure_id="CENSUS_PERSON")


def flow(**values):
    into = ms.structure("MIGRATION_FLOW")
    rest = {one.id: "_T" for one in into.with_role("dimension")} | {"FREQ": "A", "UNIT_MEASURE": "PS"}
    rest |= {"REF_AREA": "KEN", "TIME_PERIOD": "2019", "DEFINITION": "UN_LONG_TERM_12M"}
    return Table(pl.DataFrame([rest | {"FLOW": flow, "OBS_VALUE": value} for flow, value in values.items()]), into)


@pytest.fixture(scope="module")
def made():
    people = stock("COUNTRY_BIRTH", "SEX")
    work, citizens = stock("AGE", "LABOUR"), stock("SEX", definition="FOREIGN_CITIZEN")
    return ms.profile({"PEOPLE": people, "WORK": work, "CITIZENS": citizens, "MOVES": flow(IMM=50.0, EMI=30.0)})


EXPECTED = {
    "STOCK_BIRTH": 3,
    "SHARE_BIRTH": 37.5,
    "STOCK_CITIZENSHIP": 3,
    "SHARE_WOMEN": 100 * 2 / 3,
    "SHARE_AGE_0_14": 0,  # the table has the class, and no foreign-born in it
    "SHARE_AGE_15_64": 100 * 2 / 3,
    "SHARE_AGE_65": 100 / 3,
    "ORIGIN_1": 2,
    "ORIGIN_2": 1,
    "ARRIVALS": 50,
    "DEPARTURES": 30,
    "NET": 20,
    "NET_RATE": 2500,
    "EMPLOYED_FOREIGN_BORN": 100,
    "EMPLOYED_NATIVE_BORN": 50,
}


@pytest.mark.parametrize("id", EXPECTED)
def test_indicators(made, id):
    assert EXPECTED[id] == pytest.approx(made[id].value)
    assert made[id].gap == ""
    assert made[id].table


def test_what_is_not_in_the_data_is_named(made):
    gaps = {one.id: one.gap for one in made.gaps}

    assert gaps["REFUGEES"] == "not in your data: no table has MIG_STATUS REF, MIGRANT _T"
    assert gaps["NATURALISED"] == "not in your data: no table has DEFINITION NATURALISED, MIGRANT Y"
    assert gaps["ORIGIN_3"] == "not in your data: 2 countries of birth are given"
    assert gaps.keys() == {
        *("ORIGIN_3", "ORIGIN_4", "ORIGIN_5", "NATURALISED"),
        *("REFUGEES", "ASYLUM_SEEKERS", "STUDENTS"),
    }


def test_several_areas_need_a_name():
    other = stock("SEX")
    other = Table(other.frame.with_columns(REF_AREA=pl.lit("UGA")), other.structure, other.metadata)
    with pytest.raises(ms.MigstatError, match="the tables have 2 areas"):
        ms.profile({"A": stock("SEX"), "B": other})
    with pytest.raises(ms.MigstatError, match="no table has the area FRA"):
        ms.profile({"A": stock("SEX"), "B": other}, area="FRA")

    assert "UGA" == ms.profile({"A": stock("SEX"), "B": other}, area="UGA").area
