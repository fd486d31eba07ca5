"""Measures, universes, populations, levels and groups: exact, and held against plain reckoning."""

import csv
from collections import Counter, defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.read.codelists import codelist
from migstat.read.expression import parse_expression
from migstat.read.measures import parse_measure, parse_measures
from migstat.read.structures import structure
from migstat.words.expression_text import print_expression
from migstat.words.finding import MigstatError, Misuse, Place
from migstat.words.measure import COUNT, Measure
from migstat.work.tabulate.universe import said_of_codes

PEOPLE = [
    {"COUNTRY_BIRTH": born, "SEX": sex, "AGE": age, "LABOUR": labour, "WEIGHT": weight}
    for born, sex, age, labour, weight in [
        ("KEN", "F", 10, "_Z", 10.5),
        ("KEN", "M", 30, "EMP", 10),
        ("UGA", "F", 20, "EMP", 2.25),
        ("UGA", "F", 40, "_N", 0.1),
        ("FRA", "M", 24, "UNE", 0.2),
        ("DEU", "M", 24, "OLF", 4),
        ("_N", "F", None, "EMP", 8),
        ("GBR", "F", 50, "EMP", 16),
    ]
]
SOURCE = {"REF_AREA": "KEN", "TIME_PERIOD": "2019", "SOURCE_TYPE": "CENSUS"}


def frame(rows: list[dict[str, Any]] = PEOPLE, **more: Any) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        *(pl.lit(value).alias(id) for id, value in {**SOURCE, **more}.items())
    )


def values(table: Any, *columns: str, **where: str) -> dict[Any, Any]:
    """The observations by the columns named, of the cells that are as ``where`` says."""
    found = table.frame.filter(*(pl.col(name) == code for name, code in where.items()))
    keys = [row[0] if len(columns) == 1 else row for row in found.select(columns).rows()]

    assert len(keys) == len(set(keys))
    return dict(zip(keys, found["OBS_VALUE"], strict=True))


# Measures from text.


@pytest.mark.parametrize(
    ("text", "printed", "code", "variable"),
    [
        ("count", "count", "COUNT", "_Z"),
        (" share( SEX ,AGE )", "share(SEX, AGE)", "SHARE", "SEX+AGE"),
        ("rate(100_000)", "rate(100000)", "RATE", "_Z"),
        ("mean(AGE)", "mean(AGE)", "MEAN", "AGE"),
        ("median(AGE)", "median(AGE)", "MEDIAN", "AGE"),
        ("quantile(AGE; 0.5)", "median(AGE)", "MEDIAN", "AGE"),
        ("quantile(AGE;1/4)", "quantile(AGE; 0.25)", "P25", "AGE"),
        ("quantile(INCOME/12; 0.05)", "quantile(INCOME / 12; 0.05)", "P05", "INCOME / 12"),
    ],
)
def test_a_measure_is_read_from_text_and_written_back(text: str, printed: str, code: str, variable: str) -> None:
    measure = parse_measure(text, Place("x"))

    assert (printed, code, variable) == (measure.text, measure.code, measure.variable)
    assert measure == parse_measure(measure.text, Place("x"))
    assert measure.code in codelist("CL_MEASURE")


@pytest.mark.parametrize(
    ("text", "what", "mend"),
    [
        ("counts", "there is no measure 'counts'", "write count"),
        ("medain(AGE)", "there is no measure 'medain(AGE)'", "write median"),
        (
            "?",
            "there is no measure '?'",
            "write count, share(SEX), rate(1000), mean(AGE), median(AGE) or quantile(AGE; 0.9)",
        ),
        ("count(AGE)", "'count(AGE)': a count is of nothing else", "write count"),
        ("share()", "a share is across dimensions, and none is named", "write share(SEX)"),
        (
            "rate(12)",
            "a rate per '12' has no unit of measure",
            "write rate(n) with one of 100, 1000, 10000, 100000, 1000000",
        ),
        ("mean()", "a mean is of a number, and none is named", "write mean(AGE)"),
        ("median(AGE; 0.9)", "a median takes no share", "write median(AGE)"),
        (
            "quantile(AGE; 0.33)",
            "'quantile(AGE; 0.33)' names no quantile that has a code",
            "write AGE; one of 0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99",
        ),
        (
            "mean(AGE ~ 3)",
            "in `AGE ~ 3`, character 5: '~' is not part of a condition",
            "",
        ),
    ],
)
def test_a_wrong_measure_says_what_to_write(text: str, what: str, mend: str) -> None:
    with pytest.raises(MigstatError) as error:
        parse_measures([text], Place("x"))

    [finding] = error.value.findings
    if mend:
        assert (what, mend) == (finding.what, finding.mend)
    else:
        assert finding.what.startswith(what.partition("'")[0])


# Universe.


def test_people_outside_the_universe_are_counted_beside_the_table() -> None:
    table = ms.tabulate(frame(), by="SEX", universe="AGE >= 15 and LABOUR <> '_Z'", definition=[])
    universe = table.metadata["universe"]

    assert {"_T": 32.55, "F": 18.35, "M": 14.2} == pytest.approx(values(table, "SEX"))
    assert {"rows": 6, "weight": 32.55} == universe["inside"]
    assert {"rows": 1, "weight": 10.5} == universe["outside"]
    assert {"rows": 1, "weight": 8.0} == universe["unknown"]
    assert (
        "Only people of whom AGE >= 15 and LABOUR <> '_Z' holds are in the cells: 1 record (weight 10.5) is outside, "
        "and of 1 record (weight 8.0) it cannot be known." in table.metadata["notes"]
    )


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("LABOUR <> '_Z'", "text(LABOUR) <> '_Z'"),
        ("AGE >= 15 and not LABOUR in ('_N', 'EMP')", "AGE >= 15 and text(LABOUR) not in ('_N', 'EMP')"),
        ("LABOUR = 'EMP' or AGE < 3", "LABOUR = 'EMP' or AGE < 3"),
    ],
)
def test_a_kind_of_missing_is_compared_with_the_code_itself(text: str, read: str) -> None:
    found = said_of_codes(parse_expression(text, Place("x")), structure("CENSUS_PERSON"))

    assert read == print_expression(found)


# Shares and rates.


def test_shares_across_a_dimension_are_of_its_total() -> None:
    table = ms.tabulate(
        frame(), by="SEX,COUNTRY_BIRTH", measures="count, share(SEX), share(SEX, MIGRANT)", parents=False
    )
    across_sex = values(table, "SEX", "MIGRANT", VARIABLE="SEX", COUNTRY_BIRTH="_T")
    across_both = values(table, "SEX", "MIGRANT", VARIABLE="SEX+MIGRANT", COUNTRY_BIRTH="_T")

    assert across_sex["F", "Y"] == pytest.approx(100 * 18.35 / 22.55)
    assert across_sex["F", "Y"] + across_sex["M", "Y"] == pytest.approx(100)
    assert ("_T", "Y") not in across_sex
    assert across_both["_T", "Y"] == pytest.approx(100 * 22.55 / 51.05)
    assert sum(value for (sex, migrant), value in across_both.items() if "_T" not in (sex, migrant)) == pytest.approx(
        100
    )
    assert {"PS", "PT"} == set(table.frame["UNIT_MEASURE"])


def test_a_rate_is_of_the_population_that_the_definition_divides() -> None:
    table = ms.tabulate(frame(), by="SEX", measures="rate(1000)")

    assert values(table, "MIGRANT", SEX="M") == pytest.approx({"Y": 4200 / 14.2, "N": 10000 / 14.2})
    assert {"10P3PS"} == set(table.frame["UNIT_MEASURE"])


@pytest.mark.parametrize("form", ["frame", "table", "file"])
def test_a_rate_of_another_population_says_where_there_is_none(form: str, tmp_path: Any) -> None:
    population: Any = pl.DataFrame({"REF_AREA": ["KEN"] * 2, "SEX": ["F", "_T"], "OBS_VALUE": [200.0, 500.0]})
    if form == "file":
        population.write_csv(tmp_path / "population.csv")
        population = tmp_path / "population.csv"
    if form == "table":
        others = frame([{"SEX": "F", "WEIGHT": 200.0, "COUNTRY_BIRTH": "KEN"}] * 2)
        population = ms.tabulate(others, by="SEX", definition=[])

    table = ms.tabulate(frame(), by="SEX", measures="rate(100000)", population=population)
    per = {"F": 400.0, "_T": 400.0} if form == "table" else {"F": 200.0, "_T": 500.0}
    missing = "REF_AREA KEN, TIME_PERIOD 2019, SEX M" if form == "table" else "REF_AREA KEN, SEX M"

    found = values(table, "SEX", MIGRANT="Y")
    assert found == pytest.approx({"_T": 22.55 * 100_000 / per["_T"], "F": 18.35 * 100_000 / per["F"]})
    assert [
        (f"there is no population for {missing}: its cells have no rate", "add the row to the population", "warning")
    ] == [(one.what, one.mend, one.severity) for one in table.findings]


@pytest.mark.parametrize(
    ("columns", "what", "mend"),
    [
        ({"SEX": ["F"]}, "the population has no OBS_VALUE", "call the column of its numbers OBS_VALUE"),
        (
            {"SEX": ["F", "F"], "OBS_VALUE": [1, 2]},
            "the population has 1 combination of SEX more than once",
            "keep one row for each",
        ),
        (
            {"SEX": ["F", "F"], "AGE": ["Y1", "Y2"], "OBS_VALUE": [1, 2]},
            "the population is by AGE, and the table is not",
            "count by AGE too, or add the population up over it",
        ),
        (
            {"SEX": ["F"], "POP": [1], "OBS_VALUE": [1]},
            "the population has a column POP, which MIGRANT_CHARACTERISTICS does not have",
            "name columns as the dimensions of the table, or leave it out",
        ),
        (
            {"OBS_VALUE": [1]},
            "the population has no dimension of the table",
            "one of REF_AREA, TIME_PERIOD, SOURCE_TYPE, SEX",
        ),
        ({"SEX": ["F"], "OBS_VALUE": ["x"]}, "OBS_VALUE is no number but String", "read it as numbers"),
    ],
)
def test_a_population_that_cannot_be_one_says_why(columns: dict[str, Any], what: str, mend: str) -> None:
    with pytest.raises(Misuse) as error:
        ms.tabulate(frame(), by="SEX", measures="rate(1000)", population=pl.DataFrame(columns))

    assert [(what, mend)] == [(finding.what, finding.mend) for finding in error.value.findings]


# Means, medians, quantiles.


def test_a_median_is_the_smallest_number_that_half_the_weight_reaches() -> None:
    table = ms.tabulate(frame(), by="SEX", measures="median(AGE), mean(AGE)", definition=[])
    median, mean = (values(table, "SEX", MEASURE=measure) for measure in ("MEDIAN", "MEAN"))

    assert {"_T": 30.0, "F": 50.0, "M": 30.0} == median
    assert mean["M"] == pytest.approx((30 * 10 + 24 * 4.2) / 14.2)
    assert {"YR"} == set(table.frame["UNIT_MEASURE"])
    assert 7 == table.frame["N_UNWEIGHTED"][0]
    assert [(1, 8.0)] * 2 == [
        (one["rows_without_number"], one["weight_without_number"]) for one in table.metadata["measures"]
    ]


def test_a_median_in_a_class_without_an_end_is_not_given() -> None:
    people = [
        {"COUNTRY_BIRTH": "KEN", "SEX": sex, "AGE": age, "AGE_GROUP": group}
        for sex, age, group in [("F", 90, "Y_GE90"), ("F", 90, "Y_GE90"), ("F", 20, "Y20"), ("M", 20, "Y20")]
    ]

    table = ms.tabulate(frame(people), by="SEX", measures="median(AGE), mean(AGE)", definition=[])
    cells = table.frame.filter(MEASURE="MEDIAN").select("SEX", "OBS_VALUE", "OBS_STATUS").rows()

    assert [("_T", 20.0, "A"), ("F", None, "O"), ("M", 20.0, "A")] == cells
    assert "median(AGE) of 1 cell lies in a class without an end, and is not given." in table.metadata["notes"]
    assert "mean(AGE) takes 2 numbers that stand for a class without an end as they are." in table.metadata["notes"]


def test_a_median_of_classes_lies_within_its_class() -> None:
    people = [
        {"COUNTRY_BIRTH": "KEN", "SEX": sex, "AGE_GROUP": group, "WEIGHT": weight}
        for sex, group, weight in [
            ("F", "Y15T19", 2.0), ("F", "Y20T24", 4.0), ("F", "Y25T29", 3.0), ("F", "_N", 50.0),
            ("M", "Y15T19", 1.0), ("M", "Y_GE85", 5.0),
        ]
    ]  # fmt: skip

    table = ms.tabulate(frame(people), by="SEX", measures="median(AGE_GROUP), quantile(AGE_GROUP; 0.1)", definition=[])
    cells = {
        row[0]: row[1:] for row in table.frame.filter(MEASURE="MEDIAN").select("SEX", "OBS_VALUE", "OBS_STATUS").rows()
    }

    assert {"F": (20 + 5 * (4.5 - 2) / 4, "A"), "M": (None, "O"), "_T": (25 + 5 * (7.5 - 7) / 3, "A")} == cells
    assert values(table, "SEX", MEASURE="P10")["F"] == pytest.approx(15 + 5 * 0.9 / 2)
    assert {"YR"} == set(table.frame["UNIT_MEASURE"])
    assert table.metadata["measures"][0]["rule"].startswith("In the class in which")
    assert 50.0 == table.metadata["measures"][0]["weight_without_number"]


def test_classes_of_months_are_reckoned_in_years() -> None:
    people = [{"COUNTRY_BIRTH": "KEN", "DURATION": code} for code in ("LT3M", "3T5M", "6T11M", "6T11M", "Y1T4")]

    table = ms.tabulate(frame(people), measures="median(DURATION)", definition=[])

    assert [(0.5 + 0.5 * 0.25, "YR")] == table.frame.select("OBS_VALUE", "UNIT_MEASURE").rows()


@pytest.mark.parametrize(
    ("component", "codes", "measure", "what"),
    [
        ("AGE_GROUP", ("Y15T19", "Y15T64"), "median", "AGE_GROUP has classes that overlap: Y15T19 and Y15T64"),
        ("DURATION", ("LT3M", "Y_LT1"), "median", "DURATION has classes that overlap: LT3M and Y_LT1"),
        ("AGE_GROUP", ("Y15T19",), "mean", "mean(AGE_GROUP): AGE_GROUP has classes, whose mean is not known"),
    ],
)
def test_classes_that_have_no_order_have_no_median(
    component: str, codes: tuple[str, ...], measure: str, what: str
) -> None:
    people = [{"COUNTRY_BIRTH": "KEN", component: code} for code in codes]

    with pytest.raises(Misuse) as error:
        ms.tabulate(frame(people), measures=f"{measure}({component})", definition=[])

    assert [what] == [finding.what for finding in error.value.findings]


def test_a_number_may_be_reckoned_from_components() -> None:
    people = [{"COUNTRY_BIRTH": "UGA", "YEAR_ARRIVAL": year} for year in (2001, 2010, 2018, None)]

    table = ms.tabulate(frame(people), measures="median(number(TIME_PERIOD) - YEAR_ARRIVAL)")

    assert {"Y": 9.0, "_T": 9.0} == values(table, "MIGRANT")
    assert ("number(TIME_PERIOD) - YEAR_ARRIVAL", "YR") == table.frame.select("VARIABLE", "UNIT_MEASURE").row(0)


def test_quantiles_are_those_of_the_published_samples(shared: Any) -> None:
    folder = shared / "cases" / "survey_api"
    expected = {}
    for row in csv.DictReader((folder / "expected.csv").read_text(encoding="utf-8").splitlines()):
        if row["stat"] == "quantile_default" and row["design"] in ("srs_fpc", "strat_fpc", "clus1_fpc"):
            expected[row["design"], float(row["level"])] = float(row["est"])
    actual = {}
    for design, name in (("srs_fpc", "apisrs"), ("strat_fpc", "apistrat"), ("clus1_fpc", "apiclus1")):
        schools = pl.read_csv(folder / f"{name}.csv", infer_schema_length=None)
        records = schools.select(pl.col("api00").alias("INCOME"), pl.col("pw").alias("WEIGHT"), **{
            id: pl.lit(value) for id, value in SOURCE.items()
        })  # fmt: skip
        asked = [f"quantile(INCOME; {share})" for one, share in expected if one == design]
        table = ms.tabulate(records, measures=asked, definition=[])
        for code, value in values(table, "MEASURE").items():
            actual[design, 0.5 if code == "MEDIAN" else int(code[1:]) / 100] = value

    assert 9 == len(expected)
    assert expected == actual


person = st.fixed_dictionaries(
    {
        "COUNTRY_BIRTH": st.sampled_from(["KEN", "UGA", "FRA", "M49_014", "_N"]),
        "SEX": st.sampled_from(["F", "M", "_N"]),
        "AGE": st.one_of(st.none(), st.integers(0, 12)),
        "WEIGHT": st.decimals(0, 100, places=2).map(float),
    }
)
people = st.lists(person, min_size=1, max_size=30)


def targets(born: str) -> list[str]:
    return [born, *codelist("CL_COUNTRY_BIRTH").ancestors(born), "_T"]


@settings(max_examples=40)
@given(people, st.sampled_from([Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(9, 10)]))
def test_quantiles_and_means_are_those_of_the_records_in_every_cell(
    records: list[dict[str, Any]], share: Fraction
) -> None:
    groups = defaultdict(list)
    for one in records:
        for born in targets(one["COUNTRY_BIRTH"]):
            for sex in (one["SEX"], "_T"):
                if one["AGE"] is not None:
                    groups[born, sex].append((one["AGE"], Fraction(str(one["WEIGHT"]))))
    expected, means = {}, {}
    for cell, numbers in groups.items():
        everyone, reached = sum(weight for _, weight in numbers), Fraction(0)
        for age, weight in sorted(numbers):
            reached += weight
            if everyone > 0 and reached >= share * everyone:
                expected[cell] = float(age)
                means[cell] = float(sum(age * weight for age, weight in numbers) / everyone)
                break

    data = frame(records).with_columns(pl.col("AGE").cast(pl.Int64))
    table = ms.tabulate(
        data, by="COUNTRY_BIRTH,SEX", measures=[f"quantile(AGE; {float(share)})", "mean(AGE)"], definition=[]
    )
    is_mean = pl.col("MEASURE") == "MEAN"
    quantiles = table.frame.filter(~is_mean).select("COUNTRY_BIRTH", "SEX", "OBS_VALUE").rows()

    assert expected == {(born, sex): value for born, sex, value in quantiles}
    assert means == pytest.approx(values(table, "COUNTRY_BIRTH", "SEX", MEASURE="MEAN"))


@given(people)
def test_cells_reckoned_a_few_at_a_time_are_the_same(records: list[dict[str, Any]]) -> None:
    data = frame(records).with_columns(pl.col("AGE").cast(pl.Int64))
    asked: dict[str, Any] = {"by": "COUNTRY_BIRTH,SEX", "measures": "median(AGE), mean(AGE)"}

    expected = ms.tabulate(data, **asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("migstat.work.tabulate.spread.MOST_ROWS", 3)
        actual = ms.tabulate(data, **asked)

    assert expected.frame.equals(actual.frame)


@given(people)
def test_rows_in_are_counted_or_outside_or_unknown(records: list[dict[str, Any]]) -> None:
    data = frame(records).with_columns(pl.col("AGE").cast(pl.Int64))
    table = ms.tabulate(data, by="SEX", universe="AGE >= 5 and SEX <> '_N'")
    parts = [table.metadata["universe"][name] for name in ("inside", "outside", "unknown")]
    weights = Counter()
    for one in records:
        known = True if one["SEX"] == "_N" or one["AGE"] is not None else None
        inside = known and one["SEX"] != "_N" and one["AGE"] >= 5
        weights["unknown" if inside is None else "inside" if inside else "outside"] += Fraction(str(one["WEIGHT"]))
    counted = table.frame.filter(SEX="_T", MIGRANT="_T")

    assert len(records) == sum(part["rows"] for part in parts)
    assert [float(weights[name]) for name in ("inside", "outside", "unknown")] == [part["weight"] for part in parts]
    assert (parts[0]["rows"], parts[0]["weight"]) == (sum(counted["N_UNWEIGHTED"]), sum(counted["OBS_VALUE"]))


@given(people)
def test_shares_add_up_to_a_hundred(records: list[dict[str, Any]]) -> None:
    data = frame(records).with_columns(pl.col("AGE").cast(pl.Int64))
    table = ms.tabulate(data, by="SEX", measures="share(SEX)")
    sums = table.frame.group_by("MIGRANT").agg(pl.col("OBS_VALUE").sum())

    assert all(value == pytest.approx(100) for value in sums["OBS_VALUE"])


def test_every_engine_gives_the_same_measures_within_the_universe(constructor: Any) -> None:
    asked = {
        "by": "SEX,COUNTRY_BIRTH",
        "measures": "count, share(SEX), rate(1000), median(AGE), mean(AGE)",
        "universe": "AGE >= 15 or LABOUR = 'EMP'",
    }
    expected = ms.tabulate(frame(), **asked)

    rows = [{**one, **SOURCE} for one in PEOPLE]
    actual = ms.tabulate(constructor(rows), **asked)

    assert expected.frame.equals(actual.frame)
    assert expected.metadata == actual.metadata


# Levels and groups.


def test_several_levels_have_rows_and_nothing_between_them() -> None:
    table = ms.tabulate(frame(), by="COUNTRY_BIRTH", levels={"COUNTRY_BIRTH": [0, "country"]}, definition=[])

    assert ["_T", "M49_002", "KEN", "UGA", "M49_150", "GBR", "DEU", "FRA", "_N"] == list(values(table, "COUNTRY_BIRTH"))
    assert 22.85 == values(table, "COUNTRY_BIRTH")["M49_002"]


@pytest.mark.parametrize(("period", "union"), [("2019", 20.2), ("2020-02-01", 4.2), ("1950", None)])
def test_a_group_has_the_members_of_its_day(period: str, union: float | None) -> None:
    table = ms.tabulate(
        frame(TIME_PERIOD=period), by="COUNTRY_BIRTH", groups={"COUNTRY_BIRTH": "EU,EU27_2020"}, definition=[]
    )
    found = values(table, "COUNTRY_BIRTH")

    assert (union, 4.2) == (found.get("EU"), found["EU27_2020"])
    assert 51.05 == found["_T"]
    assert any("known only by a region" in note for note in table.metadata["notes"])


@pytest.mark.parametrize(
    ("groups", "what", "mend"),
    [
        ({"COUNTRY_BIRTH": "EU29"}, "there is no group EU29", "write EU28"),
        ({"SEX": "EFTA"}, "CL_SEX has no code EFTA, so the group has no row",
         "group a dimension of areas, such as COUNTRY_BIRTH"),
        ({"CITIZENSHIP": "EFTA"}, "groups of CITIZENSHIP, which the table is not by", "count by CITIZENSHIP too"),
    ],
)  # fmt: skip
def test_a_wrong_group_says_what_to_write(groups: dict[str, str], what: str, mend: str) -> None:
    with pytest.raises(Misuse) as error:
        ms.tabulate(frame(), by="COUNTRY_BIRTH,SEX", groups=groups)

    assert [(what, mend)] == [(finding.what, finding.mend) for finding in error.value.findings]


def test_a_changing_group_needs_one_period() -> None:
    both = pl.concat([frame(), frame(TIME_PERIOD="2020")])

    with pytest.raises(Misuse, match="the members of EU change, and the records are of 2 periods"):
        ms.tabulate(both, by="COUNTRY_BIRTH", groups={"COUNTRY_BIRTH": "EU"})


# Requests that cannot be had.


@pytest.mark.parametrize(
    ("options", "what", "mend"),
    [
        ({"universe": "LABUOR = 'EMP'"}, "the universe reads LABUOR, which the records do not have", "write LABOUR"),
        (
            {"measures": "median(AGE)", "into": "MIGRANT_STOCK"},
            "MIGRANT_STOCK has no dimensions MEASURE and VARIABLE, in which median(AGE) would stand",
            "make a table of MIGRANT_CHARACTERISTICS, or add the two dimensions",
        ),
        ({"measures": "median(INCOME)"}, "median(INCOME) reads INCOME, which the records do not have",
         "the numbers of these records are AGE"),
        ({"measures": "median(LABOUR)"}, "median(LABOUR): LABOUR is no number but a code",
         "the numbers of these records are AGE"),
        ({"measures": "share(AGE)"}, "share(AGE) is across AGE, which the table is not by",
         "count by AGE too, or take one of MIGRANT, SEX"),
        ({"measures": "share(SEX)", "totals": False}, "share(SEX) is of the total of SEX, and totals are left out",
         "leave totals in"),
        ({"measures": "rate(1000)", "definition": []},
         "rate(1000) needs a population, and neither it nor a definition is named",
         "hand in a population, or name a definition"),
        ({"population": pl.DataFrame({"OBS_VALUE": [1]})}, "a population is given, and no rate is asked for",
         "add rate(1000)"),
        ({"measures": []}, "no measure is named", "write count"),
        ({"into": "CENSUS_PERSON", "definition": []}, "CENSUS_PERSON is a structure of records",
         "name one of tables, as MIGRANT_STOCK"),
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_had_says_what_to_write(options: dict[str, Any], what: str, mend: str) -> None:
    with pytest.raises(Misuse) as error:
        ms.tabulate(frame(), by="SEX", **options)

    assert (what, mend) in [(finding.what, finding.mend) for finding in error.value.findings]


# Other structures.

OWN = """\
id: REGION_PEOPLE
kind: table
version: 2.1
agency: KNBS
names: {en: People, fr: P, es: P, ar: ع, ru: Л, zh: 人}
description: A table of an office's own.
unit: cell
key: [REF_AREA, SEX, REGION, LABOUR]
components:
  REF_AREA: {codelist: CL_AREA}
  SEX: {codelist: CL_SEX}
  REGION: {type: text}
  LABOUR: {codelist: CL_LABOUR}
  OBS_VALUE: {role: measure, type: number}
"""


def test_an_office_may_hand_in_a_table_structure_of_its_own(tmp_path: Any) -> None:
    (tmp_path / "REGION_PEOPLE.yaml").write_text(OWN, encoding="utf-8")
    data = frame().with_columns(REGION=pl.Series(["A", "A", "B", "B", None, "B", "A", "A"]))

    table = ms.tabulate(data, by="REGION,LABOUR", into=tmp_path / "REGION_PEOPLE.yaml", levels={"LABOUR": 0})

    assert "KNBS:REGION_PEOPLE(2.1)" == table.reference
    assert ["REF_AREA", "SEX", "REGION", "LABOUR", "OBS_VALUE"] == table.frame.columns
    assert {"_T": 51.05, "A": 44.5, "B": 6.35, "_U": 0.2} == pytest.approx(values(table, "REGION", LABOUR="_T"))
    assert 36.25 == pytest.approx(values(table, "LABOUR", REGION="_T")["LF"] - 0.2)


def test_records_coded_by_another_list_are_refused(tmp_path: Any) -> None:
    (tmp_path / "REGION_PEOPLE.yaml").write_text(OWN.replace("CL_LABOUR", "CL_MARITAL"), encoding="utf-8")

    with pytest.raises(Misuse) as error:
        ms.tabulate(frame(), by="LABOUR", into=str(tmp_path / "REGION_PEOPLE.yaml"))

    assert [
        "the records have codes of CL_LABOUR in LABOUR, and REGION_PEOPLE has codes of CL_MARITAL in LABOUR",
    ] == [finding.what for finding in error.value.findings]


def test_crossings_are_counted_as_crossings() -> None:
    crossings = pl.DataFrame(
        {
            "DIRECTION": ["ARR", "ARR", "DEP"],
            "MODE": ["AIR", "ROAD", "ROAD"],
            "AGE": [30, 4, 61],
            **{id: [value] * 3 for id, value in SOURCE.items()},
        }
    )

    table = ms.tabulate(crossings, by="DIRECTION,MODE", structure_id="BORDER_CROSSING", measures="count,median(AGE)")

    assert {"_T": 3, "ARR": 2, "DEP": 1} == values(table, "DIRECTION", MODE="_T", MEASURE="COUNT")
    assert 1 == values(table, "DIRECTION", MODE="LAND", MEASURE="COUNT")["ARR"]
    assert {"CROSSING", "YR"} == set(table.frame["UNIT_MEASURE"])


@pytest.mark.parametrize(
    ("records", "table", "by", "unit"),
    [
        ("RESIDENCE_PERMIT", "PERMITS", "PERMIT_REASON", "PERMIT"),
        ("VISA", "VISAS", "VISA_TYPE", "VISA"),
        ("BORDER_CROSSING", "CROSSINGS", "DIRECTION", "CROSSING"),
    ],
)
def test_records_that_are_not_of_people_have_a_table_of_their_own(records: str, table: str, by: str, unit: str) -> None:
    code = codelist(structure(records)[by].codelist).ids[0]
    data = frame([{by: code, "SEX": "F"}, {by: code, "SEX": "M"}])

    made = ms.tabulate(data, by=[by, "SEX"], structure_id=records)

    assert table == made.structure.id
    assert {unit} == set(made.frame["UNIT_MEASURE"])
    assert {"_T": 2, "F": 1, "M": 1} == values(made, "SEX", **{by: code})


# Definitions beside one another.


def test_definitions_stand_side_by_side_with_their_differences() -> None:
    data = frame().with_columns(CITIZENSHIP=pl.Series(["KEN", "UGA", "UGA", "KEN", "FRA", "KEN", "KEN", "GBR"]))
    table = ms.tabulate(data, by="SEX", definition="FOREIGN_BORN,FOREIGN_CITIZEN")

    beside = ms.compare_definitions(table)

    assert [18.35, 4.2] == pytest.approx(beside.filter(pl.col("SEX") != "_T")["FOREIGN_BORN"].to_list())
    assert [18.25, 10.2] == pytest.approx(beside.filter(pl.col("SEX") != "_T")["FOREIGN_CITIZEN"].to_list())
    assert [5.9, -0.1, 6.0] == pytest.approx(beside["FOREIGN_CITIZEN_DIFFERENCE"].to_list())
    assert beside["FOREIGN_CITIZEN_PERCENT"][2] == pytest.approx(100 * 6 / 4.2)
    swapped = ms.compare_definitions(table, "FOREIGN_CITIZEN")
    assert [-5.9, 0.1, -6.0] == pytest.approx(swapped["FOREIGN_BORN_DIFFERENCE"].to_list())


def test_a_suppressed_cell_is_not_nobody_beside_another_definition() -> None:
    hidden = (pl.col("SEX") == "F") & (pl.col("DEFINITION") == "FOREIGN_CITIZEN")
    data = frame().with_columns(CITIZENSHIP=pl.Series(["KEN", "UGA", "UGA", "KEN", "FRA", "KEN", "KEN", "GBR"]))
    table = ms.tabulate(data, by="SEX", definition="FOREIGN_BORN,FOREIGN_CITIZEN")
    known = table.frame.with_columns(pl.when(~hidden).then("OBS_VALUE").alias("OBS_VALUE"))

    beside = ms.compare_definitions(replace(table, frame=known)).filter(SEX="F")

    assert [None] == beside["FOREIGN_CITIZEN"].to_list() == beside["FOREIGN_CITIZEN_DIFFERENCE"].to_list()


def test_one_definition_has_nothing_beside_it() -> None:
    table = ms.tabulate(frame(), by="SEX")

    with pytest.raises(Misuse, match="fewer than two definitions"):
        ms.compare_definitions(table)


def test_a_measure_handed_in_is_the_text_it_bears() -> None:
    assert COUNT == parse_measure("count", Place("x"))
    assert isinstance(parse_measure("mean(AGE)", Place("x")), Measure)
