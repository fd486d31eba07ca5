"""Tables: counted once, exact in any order, and every total the sum of its parts."""

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migstat.words.codelist import Code, Codelist
from migstat.words.definition import Definition
from migstat.words.expression import Call, Compare, Name, Not, Number
from migstat.words.finding import Misuse
from migstat.words.structure import Component, Structure
from migstat.words.table import Table
from migstat.work.tabulate import tabulate


def codes(id: str, tree: str, **bounds: tuple[int | None, int | None]) -> Codelist:
    """A codelist from text such as ``A A/B``: parent before child."""
    made = []
    for path in tree.split():
        parent, _, code = path.rpartition("/")
        low, high = bounds.get(code, (None, None))
        attributes = {"kind": "region" if code.startswith("W") else "country"} if id == "CL_PLACE" else {}
        made.append(Code(code, {"en": code}, parent or None, lower=low, upper=high, attributes=attributes))
    return Codelist(id, tuple(made))


AGES = {f"Y{n}": (n, n) for n in range(4)} | {"Y0T1": (0, 1), "Y2T3": (2, 3), "Y_GE4": (4, None), "Y0T3": (0, 3)}
LISTS = {
    "CL_PLACE": codes("CL_PLACE", "W1 W1/W11 W11/KEN W11/UGA W1/EGY FRA _O _N _U _Z _X _T"),
    "CL_SEX": codes("CL_SEX", "F M _O _N _U _T"),
    "CL_AGE": codes("CL_AGE", "Y0T3 Y0T3/Y0T1 Y0T1/Y0 Y0T1/Y1 Y0T3/Y2T3 Y2T3/Y2 Y2T3/Y3 Y_GE4 _N _U _Z _T", **AGES),
    "CL_MIG_DEF": codes("CL_MIG_DEF", "FOREIGN_BORN OLD _Z"),
    "CL_MIGRANT": codes("CL_MIGRANT", "Y N _U _Z _T"),
    "CL_FREQ": codes("CL_FREQ", "A Q M I"),
    "CL_UNIT_MEASURE": codes("CL_UNIT_MEASURE", "PS PT"),
}


def component(id: str, role: Any = "dimension", codelist: str = "", type: Any = "code", **more: Any) -> Component:
    return Component(id, id, role, type if not codelist else "code", codelist, **more)


PERSON = Structure(
    "PERSON",
    "record",
    "1.0",
    {"en": "Person"},
    "",
    "person",
    (),
    (
        component("REF_AREA", codelist="CL_PLACE", filled_by="source.area"),
        component("SOURCE_TYPE", "attribute", type="text", filled_by="source.kind"),
        component("TIME_PERIOD", type="text", filled_by="source.date"),
        component("WEIGHT", "design", type="number", filled_by="source.weight"),
        component("SEX", codelist="CL_SEX"),
        component("AGE", type="integer"),
        component("AGE_GROUP", codelist="CL_AGE", derived_from="AGE"),
        component("COUNTRY_BIRTH", codelist="CL_PLACE"),
    ),
)
STOCK = Structure(
    "MIGRANT_STOCK",
    "table",
    "1.0",
    {"en": "Stock"},
    "",
    "cell",
    (),
    (
        component("FREQ", codelist="CL_FREQ"),
        component("REF_AREA", codelist="CL_PLACE"),
        component("TIME_PERIOD", type="text"),
        component("DEFINITION", codelist="CL_MIG_DEF"),
        component("MIGRANT", codelist="CL_MIGRANT"),
        component("COUNTRY_BIRTH", codelist="CL_PLACE"),
        component("SEX", codelist="CL_SEX"),
        component("AGE", codelist="CL_AGE"),
        component("UNIT_MEASURE", codelist="CL_UNIT_MEASURE"),
        component("OBS_VALUE", "measure", type="number"),
        component("OBS_STATUS", "attribute", type="text"),
        component("N_UNWEIGHTED", "attribute", type="integer"),
    ),
)


def defined(id: str, rule: Any, reads: tuple[str, ...], **more: Any) -> Definition:
    return Definition(id, {"en": id}, rule, "who is counted", reads, "a source", "for tests", **more)


FOREIGN_BORN = defined(
    "FOREIGN_BORN",
    Not(Call("same_area", (Name("COUNTRY_BIRTH"), Name("REF_AREA")))),
    ("COUNTRY_BIRTH", "REF_AREA"),
)
OLD = defined("OLD", Compare(">=", Name("AGE"), Number(2, "2")), ("AGE",))

PEOPLE = [
    {"REF_AREA": "KEN", "TIME_PERIOD": "2019", "COUNTRY_BIRTH": born, "SEX": sex, "AGE_GROUP": age, "WEIGHT": weight}
    for born, sex, age, weight in [
        ("KEN", "F", "Y0", 10.5),
        ("KEN", "M", "Y3", 10),
        ("UGA", "F", "Y1", 2.25),
        ("UGA", "F", "Y_GE4", 0.1),
        ("EGY", "M", "Y2", 0.2),
        ("W11", "M", "Y2", 4),
        ("_N", "F", "_N", 8),
        ("FRA", "F", "Y1", 16),
    ]
]


def stock(records: Any, **options: Any) -> Table:
    asked = {"definitions": [FOREIGN_BORN], "by": ["COUNTRY_BIRTH"], "weight": "WEIGHT"} | options
    return tabulate(records, structure=PERSON, table=STOCK, codelists=LISTS.__getitem__, **asked)


def values(table: Table, *columns: str, **where: str) -> dict[Any, float]:
    """The observations by the columns named, of the cells that are as ``where`` says and persons."""
    wanted = {"UNIT_MEASURE": "PS"} | where
    frame = table.frame.filter(*(pl.col(name) == code for name, code in wanted.items()))
    keys = [row[0] if len(columns) == 1 else row for row in frame.select(columns).rows()]

    assert len(keys) == len(set(keys))
    return dict(zip(keys, frame["OBS_VALUE"], strict=True))


def test_each_person_counts_once_in_every_parent_and_in_the_total() -> None:
    expected = {
        "_T": 51.05,
        "W1": 27.05,
        "W11": 26.85,
        "KEN": 20.5,
        "UGA": 2.35,
        "EGY": 0.2,
        "FRA": 16.0,
        "_N": 8.0,
    }

    actual = values(stock(pl.DataFrame(PEOPLE)), "COUNTRY_BIRTH", MIGRANT="_T")

    assert expected == actual
    assert list(expected) == ["_T", "W1", "W11", "KEN", "UGA", "EGY", "FRA", "_N"]


def test_the_answers_of_a_definition_add_up_to_the_population() -> None:
    expected = {"_T": 51.05, "Y": 22.55, "N": 20.5, "_U": 8.0}

    table = stock(pl.DataFrame(PEOPLE), by=["SEX"])

    assert expected == pytest.approx(values(table, "MIGRANT", SEX="_T"))


def test_dimensions_not_asked_for_are_totals_and_columns_stand_in_the_order_of_the_structure() -> None:
    table = stock(pl.DataFrame(PEOPLE), by=["SEX"])

    assert list(STOCK.ids) == table.frame.columns
    assert {"_T"} == set(table.frame["AGE"]) == set(table.frame["COUNTRY_BIRTH"])
    assert ("A", "KEN", "2019", "FOREIGN_BORN", "_T", "_T", "_T", "_T", "PS", 51.05, "A", 8) == table.frame.row(0)


def test_rows_stand_in_the_order_of_the_codelists_with_totals_first() -> None:
    table = stock(pl.DataFrame(PEOPLE), by=["AGE"])
    listed = ["_T", "Y0T3", "Y0T1", "Y0", "Y1", "Y2T3", "Y2", "Y3", "Y_GE4", "_N"]

    assert listed == list(values(table, "AGE", MIGRANT="_T"))


def test_without_totals_and_parents_only_the_finest_cells_are_listed() -> None:
    table = stock(pl.DataFrame(PEOPLE), totals=False, parents=False)

    assert ["W11", "KEN", "UGA", "EGY", "FRA", "_N"] == list(values(table, "COUNTRY_BIRTH", MIGRANT="_T"))


@pytest.mark.parametrize(
    ("level", "listed"),
    [
        (0, ["_T", "W1", "FRA", "_N"]),
        ("0", ["_T", "W1", "FRA", "_N"]),
        (1, ["_T", "W1", "W11", "EGY", "FRA", "_N"]),
        ("region", ["_T", "W1", "W11", "FRA", "_N"]),
    ],
)
def test_a_level_lifts_the_codes_before_they_are_listed(level: int | str, listed: list[str]) -> None:
    table = stock(pl.DataFrame(PEOPLE), levels={"COUNTRY_BIRTH": level})

    assert listed == list(values(table, "COUNTRY_BIRTH", MIGRANT="_T"))
    assert 51.05 == values(table, "COUNTRY_BIRTH", MIGRANT="_T")["_T"]


def test_several_definitions_have_rows_of_their_own_and_are_described() -> None:
    people = pl.DataFrame(PEOPLE).with_columns(AGE=pl.Series([0, 3, 1, 40, 2, 2, None, 1]))

    table = stock(people, definitions=[FOREIGN_BORN, OLD], by=["SEX"])

    assert {"FOREIGN_BORN": 22.55, "OLD": 14.3} == pytest.approx(values(table, "DEFINITION", MIGRANT="Y", SEX="_T"))
    assert {"FOREIGN_BORN": 51.05, "OLD": 51.05} == values(table, "DEFINITION", MIGRANT="_T", SEX="_T")
    assert ["FOREIGN_BORN", "OLD"] == [one["id"] for one in table.metadata["definitions"]]
    assert {"who is counted"} == {one["text"] for one in table.metadata["definitions"]}


def test_ages_without_classes_are_classed_by_the_bounds_of_the_codelist() -> None:
    people = pl.DataFrame(PEOPLE).drop("AGE_GROUP")
    people = people.with_columns(
        AGE=pl.Series([0, 3, 1, 40, 2, 2, None, 1]), AGE_MISSING=pl.Series([None] * 6 + ["_N", None], dtype=pl.String)
    )

    assert stock(pl.DataFrame(PEOPLE), by=["AGE"]).frame.equals(stock(people, by=["AGE"]).frame)


def test_shares_are_percent_of_the_population_of_the_same_cell() -> None:
    table = stock(pl.DataFrame(PEOPLE), by=["SEX"], shares=True)
    shares = values(table, "SEX", "MIGRANT", UNIT_MEASURE="PT")

    assert shares["F", "Y"] == pytest.approx(100 * 18.35 / 36.85)
    assert sum(share for (sex, _), share in shares.items() if sex == "F") == pytest.approx(100)
    assert any("unknown status included" in note for note in table.metadata["notes"])


def test_without_definitions_everyone_is_counted_under_none() -> None:
    table = stock(pl.DataFrame(PEOPLE), definitions=[], by=["SEX"], weight=None)

    assert {"_T": 8, "F": 5, "M": 3} == values(table, "SEX", DEFINITION="_Z", MIGRANT="_T")


def test_records_without_a_weight_are_counted_and_said() -> None:
    people = pl.DataFrame(PEOPLE).with_columns(WEIGHT=pl.Series([10.5, None, float("nan"), 1, 1, 1, 1, 1]))

    table = stock(people, by=["SEX"])

    assert (15.5, 8) == table.frame.select("OBS_VALUE", "N_UNWEIGHTED").row(0)
    assert (
        "2 records have no WEIGHT: counted in N_UNWEIGHTED, and adding nothing to OBS_VALUE." in table.metadata["notes"]
    )


def test_an_absent_code_is_unknown() -> None:
    people = pl.DataFrame(PEOPLE).with_columns(SEX=pl.Series(["F", "M", None, "F", "M", "M", "F", "F"]))

    assert {"_T": 8, "F": 4, "M": 3, "_U": 1} == values(stock(people, by=["SEX"], weight=None), "SEX", MIGRANT="_T")


def test_no_records_give_a_table_without_rows() -> None:
    table = stock(pl.DataFrame(PEOPLE).clear(), by=["SEX", "AGE"], shares=True)

    assert (0, list(STOCK.ids)) == (table.frame.height, table.frame.columns)


@pytest.mark.parametrize(
    ("options", "what", "mend"),
    [
        ({"by": ["SEXE"]}, "MIGRANT_STOCK has no dimension SEXE", "write SEX"),
        ({"by": ["RELIGION"]}, "MIGRANT_STOCK has no dimension RELIGION", "write one of COUNTRY_BIRTH, SEX, AGE"),
        ({"by": ["AGE"]}, "the records have no AGE", "they can be counted by COUNTRY_BIRTH, SEX"),
        ({"weight": "PWGTP"}, "the records have no weight PWGTP", "name one of WEIGHT"),
        (
            {"definitions": [defined("UN_12M", None, (), needs="crossings")]},
            "UN_12M cannot be told from one record: it needs crossings",
            "choose a definition that has a rule; migstat codes CL_MIG_DEF lists them",
        ),
        (
            {"definitions": [], "shares": True},
            "shares are of the people a definition counts, and none is named",
            "name a definition, such as FOREIGN_BORN",
        ),
        ({"levels": {"AGE": 1}}, "a level for AGE, which the table is not by", "count by AGE too, or drop the level"),
        (
            {"levels": {"COUNTRY_BIRTH": "continent"}},
            "CL_PLACE has no level 'continent'",
            "write a depth (0 is the top), or region, country",
        ),
    ],
)
def test_a_wrong_request_says_what_to_write(options: dict[str, Any], what: str, mend: str) -> None:
    with pytest.raises(Misuse) as error:
        stock(pl.DataFrame(PEOPLE).drop("AGE_GROUP"), **options)

    assert [(what, mend)] == [(finding.what, finding.mend) for finding in error.value.findings]


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(Misuse) as error:
        stock(pl.DataFrame(PEOPLE).drop("TIME_PERIOD"), by=["AGES"], weight="W")

    assert ["AGES", "TIME_PERIOD", "W"] == [finding.component for finding in error.value.findings]


def test_records_of_two_kinds_of_source_are_not_added_up() -> None:
    people = pl.DataFrame(PEOPLE).with_columns(SOURCE_TYPE=pl.Series(["C"] * 4 + ["S"] * 4))
    table = replace(STOCK, components=(*STOCK.components, component("SOURCE_TYPE", "attribute", type="text")))

    with pytest.raises(Misuse, match="KEN 2019 has records of several sources: C, S\n  Mend: tabulate them one by one"):
        tabulate(
            people, structure=PERSON, table=table, definitions=[FOREIGN_BORN], by=["SEX"], codelists=LISTS.__getitem__
        )


def test_every_engine_gives_the_same_table(constructor: Any) -> None:
    expected = stock(pl.DataFrame(PEOPLE), by=["COUNTRY_BIRTH", "SEX", "AGE"])

    actual = stock(constructor(PEOPLE), by=["COUNTRY_BIRTH", "SEX", "AGE"])

    assert expected.frame.equals(actual.frame)
    assert expected.metadata == actual.metadata


person = st.fixed_dictionaries(
    {
        "REF_AREA": st.just("KEN"),
        "TIME_PERIOD": st.sampled_from(["2019", "2020"]),
        "COUNTRY_BIRTH": st.sampled_from(LISTS["CL_PLACE"].ids[:-1]),
        "SEX": st.sampled_from(["F", "M", "_N"]),
        "AGE_GROUP": st.sampled_from(["Y0", "Y1", "Y2", "Y3", "Y2T3", "Y_GE4", "_U"]),
        "WEIGHT": st.decimals(0, 1000, places=3).map(float),
    }
)
people = st.lists(person, min_size=1, max_size=40)


@given(people)
def test_a_parent_is_the_sum_of_its_children_and_what_is_coded_as_itself(records: list[dict[str, Any]]) -> None:
    table = stock(pl.DataFrame(records), by=["COUNTRY_BIRTH", "AGE"])
    cells = values(table, "TIME_PERIOD", "MIGRANT", "AGE", "COUNTRY_BIRTH")
    own: Counter[Any] = Counter()
    for record in records:
        for age in (record["AGE_GROUP"], *LISTS["CL_AGE"].ancestors(record["AGE_GROUP"]), "_T"):
            own[record["TIME_PERIOD"], age, record["COUNTRY_BIRTH"]] += Fraction(str(record["WEIGHT"]))
    for (period, migrant, age, born), value in cells.items():
        below = [code for code in LISTS["CL_PLACE"].children(None if born == "_T" else born) if code != "_T"]
        children = sum(cells.get((period, migrant, age, child), 0.0) for child in below)
        itself = own[period, age, born] if migrant == "_T" else 0

        assert migrant != "_T" or value == pytest.approx(children + float(itself))


@given(people)
def test_a_cell_is_the_exact_sum_of_its_weights(records: list[dict[str, Any]]) -> None:
    expected: Counter[Any] = Counter()
    for record in records:
        expected[record["TIME_PERIOD"], record["SEX"]] += Fraction(str(record["WEIGHT"]))
        expected[record["TIME_PERIOD"], "_T"] += Fraction(str(record["WEIGHT"]))

    actual = values(stock(pl.DataFrame(records), by=["SEX"]), "TIME_PERIOD", "SEX", MIGRANT="_T")

    assert {key: float(value) for key, value in expected.items()} == actual


@given(people, st.randoms(use_true_random=False))
def test_the_order_of_the_records_is_irrelevant(records: list[dict[str, Any]], chance: random.Random) -> None:
    shuffled = chance.sample(records, len(records))

    expected = stock(pl.DataFrame(records), by=["SEX", "AGE"], shares=True)
    actual = stock(pl.DataFrame(shuffled).lazy(), by=["SEX", "AGE"], shares=True)

    assert expected.frame.equals(actual.frame)
