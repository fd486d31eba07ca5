"""The shipped mappings on the real national files: totals as published or counted, row by row where truth is known.

The files lie beside the project and are no part of it; without them these tests are skipped.
"""

import csv
import gzip
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import migstat as ms
from migstat.words.run import Harmonized

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
DATA = ROOT.parent / "shared" / "data"
ACS = "us_acs_pums_2018"
EPH = "argentina_eph"
CCHS = "canada_cchs"
GBR = "uk_census_2011"


def data(folder: str, name: str) -> Path:
    path = DATA / folder / name
    if not path.is_file():
        pytest.skip(f"needs ../shared/data/{folder}")
    return path


def counts_hold(run: Harmonized) -> None:
    read, excluded, rejected, records = (run.step(name) for name in ("read", "excluded", "rejected", "records"))

    assert read.rows == excluded.rows + rejected.rows + records.rows
    assert read.weight == pytest.approx(excluded.weight + rejected.weight + records.weight, rel=1e-12)
    assert records.rows == run.records.height


def totals(values: Iterable[str | None], weights: Iterable[float]) -> dict[str, float]:
    """Sum the weights of each value; rows without a value are left out."""
    sums: dict[str, float] = defaultdict(float)
    for value, weight in zip(values, weights, strict=True):
        if value is not None:
            sums[value] += weight
    return dict(sums)


# United States, American Community Survey 2018

STATES = {
    "wy": ("csv_pwy.zip", 5740, 577737),
    "vt": ("csv_pvt.zip", 6436, 626299),
    "ri": ("csv_pri.zip", 10489, 1057315),
}
MIG = {"SAME_HOUSE": "1", "ABROAD": "2", "DIFF_HOUSE": "3"}


@cache
def acs(state: str) -> Harmonized:
    return ms.harmonize(data(ACS, STATES[state][0]), EXAMPLES / "usa_acs_2018" / "mapping.yaml")


@cache
def acs_rows(state: str) -> pl.DataFrame:
    with zipfile.ZipFile(data(ACS, STATES[state][0])) as archive:
        member = next(name for name in archive.namelist() if name.endswith(".csv"))
        return pl.read_csv(archive.read(member), infer_schema=False)


@cache
def acs_derived(state: str) -> pl.DataFrame:
    """The records, with the Bureau's own variables got back from them."""
    records = ms.derive(ms.derive(acs(state).records, "US_NATIVITY"), "FOREIGN_BORN")
    with (EXAMPLES / "usa_acs_2018" / "tables" / "world_area.csv").open(encoding="utf-8", newline="") as file:
        world = {line["COUNTRY_BIRTH"]: line["WAOB"] for line in csv.DictReader(file)}
    born_a_citizen = pl.col("NATIONAL_AT_BIRTH") == "Y"
    own_citizen = pl.col("CITIZENSHIP") == "USA"
    at_home = pl.col("COUNTRY_BIRTH") == "USA"
    in_territory = pl.col("COUNTRY_BIRTH").is_in(["PRI", "GUM", "VIR", "MNP"])
    return records.with_columns(
        NATIVITY=pl.col("US_NATIVITY").replace_strict({"N": "1", "Y": "2"}),
        MIG=pl.col("RESID_1Y").replace_strict({**MIG, "_Z": None}),
        WAOB=pl.col("COUNTRY_BIRTH").replace_strict(world),
        CIT=pl.when(born_a_citizen & at_home).then(pl.lit("1"))
        .when(born_a_citizen & in_territory).then(pl.lit("2"))
        .when(born_a_citizen).then(pl.lit("3"))
        .when(own_citizen).then(pl.lit("4"))
        .otherwise(pl.lit("5")),
        SEXCODE=pl.col("SEX").replace_strict({"M": "1", "F": "2"}),
    ).with_columns(SEXxNATIVITY=pl.col("SEXCODE") + "_" + pl.col("NATIVITY"))  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_acs_every_row_is_a_record(state: str) -> None:
    run = acs(state)
    counts_hold(run)

    assert STATES[state][1:] == (run.records.height, run.records["WEIGHT"].sum())
    assert run.rejects.is_empty()
    assert run.ok


@pytest.mark.parametrize("variable", ["NATIVITY", "CIT", "MIG", "WAOB", "SEXxNATIVITY"])
@pytest.mark.parametrize("state", STATES)
def test_acs_weighted_totals_are_those_expected(state: str, variable: str) -> None:
    with data(ACS, "expected_survey_sdr.csv").open(encoding="utf-8", newline="") as file:
        expected = {
            line["level"]: float(line["total"])
            for line in csv.DictReader(file)
            if line["state"] == state and line["var"] == variable
        }
    derived = acs_derived(state)
    actual = totals(derived[variable], derived["WEIGHT"])

    assert expected == {level: actual.get(level, 0.0) for level in expected}
    assert set(actual) <= set(expected)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("variable", ["NATIVITY", "CIT", "MIG", "WAOB"])
def test_acs_every_row_has_the_files_own_value(state: str, variable: str) -> None:
    expected = acs_rows(state)[variable].to_list()
    actual = acs_derived(state).sort("ROW")[variable].to_list()

    assert expected == actual


@pytest.mark.parametrize("state", STATES)
def test_acs_two_definitions_of_foreign_born_differ(state: str) -> None:
    derived = acs_derived(state)
    by_birthplace = derived.filter(pl.col("FOREIGN_BORN") == "Y")["WEIGHT"].sum()
    by_nativity = derived.filter(pl.col("US_NATIVITY") == "Y")["WEIGHT"].sum()
    elsewhere = acs_rows(state).filter(pl.col("POBP").cast(int) > 59)

    assert elsewhere["PWGTP"].cast(float).sum() == by_birthplace
    assert by_birthplace > by_nativity


def test_acs_tables_label_the_definition_they_count() -> None:
    frame = ms.tabulate(acs("wy"), definition=["FOREIGN_BORN", "US_NATIVITY"], by=["SEX"]).frame
    cells = frame.filter((pl.col("MIGRANT") == "Y") & (pl.col("SEX") == "_T"))
    counted = dict(cells.select("DEFINITION", "OBS_VALUE").iter_rows())

    assert {"FOREIGN_BORN", "US_NATIVITY"} == set(counted)
    assert counted["US_NATIVITY"] == 18005
    assert counted["FOREIGN_BORN"] > 18005


@pytest.mark.parametrize("state", STATES)
def test_acs_replicate_weights_come_along(state: str) -> None:
    columns = [f"REPWT_{number}" for number in range(1, 81)]
    expected = acs_rows(state).select(pl.col(f"PWGTP{number}").cast(float) for number in range(1, 81)).sum().row(0)
    actual = acs(state).records.select(columns).sum().row(0)

    assert expected == actual


# Argentina, Encuesta Permanente de Hogares

QUARTERS = {
    "eph_2010T1_migration.csv.gz": (58723, 24803755, 1266607, 1109973, 953989),
    "eph_2019T1_migration.csv.gz": (59369, 28260631, 1505555, 1278421, 1268147),
}
LATIN_AMERICA = [
    *range(201, 204), 205, 206, *range(208, 212), *range(213, 223), *range(224, 227), 232, 233, 236, 237, 239, 240
]  # fmt: skip
HERE = ["SAME_MIN", "DIFF_MIN", "DIFF_MAJ"]


@cache
def eph(name: str) -> Harmonized:
    return ms.harmonize(data(EPH, name), EXAMPLES / "arg_eph" / "mapping.yaml")


@cache
def eph_rows(name: str) -> pl.DataFrame:
    with gzip.open(data(EPH, name)) as file:
        return pl.read_csv(io.BytesIO(file.read()), infer_schema=False)


@cache
def eph_derived(name: str) -> pl.DataFrame:
    """The records, with what the Inter-American Development Bank's rules ask got back from them."""
    with (EXAMPLES / "arg_eph" / "tables" / "country.csv").open(encoding="utf-8", newline="") as file:
        near = [line["to"] for line in csv.DictReader(file) if int(line["from"]) in LATIN_AMERICA]
    records = ms.derive(eph(name).records, "FOREIGN_BORN").sort("ROW")
    source = eph_rows(name)
    foreign = pl.col("FOREIGN_BORN").replace_strict({"Y": "1", "N": "0", "_U": None})
    bordering_not_stated = (source["CH15"] == "4") & (source["CH15_COD"] == "999").fill_null(False)
    other_not_stated = (source["CH15"] != "4") & (source["CH15_COD"] == "999").fill_null(False)
    return records.with_columns(foreign=foreign).with_columns(
        five=pl.when(pl.col("foreign").is_null() | pl.col("RESID_5Y").is_in(["_Z", "_N"]))
        .then(None)
        .when((pl.col("foreign") == "1") & pl.col("RESID_5Y").is_in(HERE))
        .then(pl.lit("1"))
        .otherwise(pl.lit("0")),
        latin=pl.when(pl.col("foreign").is_null() | other_not_stated)
        .then(None)
        .when((pl.col("foreign") == "1") & (pl.col("COUNTRY_BIRTH").is_in(near) | bordering_not_stated))
        .then(pl.lit("1"))
        .otherwise(pl.lit("0")),
    )


@pytest.mark.parametrize("name", QUARTERS)
def test_eph_every_row_is_a_record(name: str) -> None:
    run = eph(name)
    counts_hold(run)

    assert QUARTERS[name][:2] == (run.records.height, run.records["WEIGHT"].sum())
    assert run.rejects.is_empty()
    assert run.ok


@pytest.mark.parametrize(
    ("derived", "expected"),
    [("foreign", "exp_migrante_ci"), ("five", "exp_migantiguo5_ci"), ("latin", "exp_migrantelac_ci")],
)
@pytest.mark.parametrize("name", QUARTERS)
def test_eph_every_row_agrees_with_the_expected_recode(name: str, derived: str, expected: str) -> None:
    wanted = eph_rows(name)[expected].to_list()
    actual = eph_derived(name)[derived].to_list()

    assert wanted == actual


@pytest.mark.parametrize("name", QUARTERS)
def test_eph_weighted_totals(name: str) -> None:
    derived = eph_derived(name)
    expected = QUARTERS[name][2:]
    actual = tuple(derived.filter(pl.col(column) == "1")["WEIGHT"].sum() for column in ("foreign", "five", "latin"))

    assert expected == actual


@pytest.mark.parametrize(("name", "period"), list(zip(QUARTERS, ("2010-Q1", "2019-Q1"), strict=True)))
def test_eph_period_comes_from_the_row(name: str, period: str) -> None:
    assert [period] == eph(name).records["TIME_PERIOD"].unique().to_list()


def test_eph_dwelling_keeps_its_leading_blanks() -> None:
    name = "eph_2010T1_migration.csv.gz"
    expected = eph_rows(name)["CODUSU"].to_list()
    actual = eph(name).records.sort("ROW")["HOUSEHOLD_ID"].to_list()

    assert expected == actual


# Canada, Canadian Community Health Survey

PUBLIC = [
    "cchs2001", "cchs2003", "cchs2005", "cchs2007_2008", "cchs2009_2010", "cchs2010",
    "cchs2011_2012", "cchs2012", "cchs2013_2014", "cchs2014", "cchs2015_2016", "cchs2017_2018",
]  # fmt: skip
SHARE = ["cchs2009", "cchs2010", "cchs2012"]
CYCLES = [(wave, "p") for wave in PUBLIC] + [(wave, "s") for wave in SHARE]
KINDS = {"_Z": "NA(a)", "_N": "NA(b)", "_U": "NA(b)"}
MIDDLE = {"Y12T14": "13", "Y15T17": "16", "Y15T19": "17", "Y18T19": "18.5", "Y_GE80": "85"} | {
    f"Y{age}T{age + 4}": str(age + 2) for age in range(20, 80, 5)
}
OLDER_GROUPS = ["Y12T14", *(f"Y{age}T{age + 4}" for age in range(15, 80, 5)), "Y_GE80"]
REGIONS = {
    "CAN": "1", "_O": "2", "M49_419": "3", "M49_150": "4", "M49_002": "5", "M49_142": "6", "M49_009": "7",
}  # fmt: skip
RULES = {
    "DHH_SEX": ("SEX", {"M": "1", "F": "2"}),
    "SDCFIMM": ("IMMIGRANT_STATUS", {"Y": "1", "N": "2"}),
    "SDCGCBG": ("COUNTRY_BIRTH", {code: "1" if code == "CAN" else "2" for code in REGIONS}),
    "SDCGRES": ("DURATION", {"Y0T9": "1", "Y_LT1": "1", "Y1T4": "1", "Y5T9": "1", "Y_GE10": "2"}),
}


@cache
def cchs(wave: str, kind: str) -> Harmonized:
    name = "mapping.yaml" if kind == "p" else "mapping_share.yaml"
    return ms.harmonize(data(CCHS, f"raw_{wave}_{kind}.csv"), EXAMPLES / "can_cchs" / name, wave=f"{wave}_{kind}")


def cchs_expected(wave: str, kind: str) -> dict[str, list[str]]:
    with data(CCHS, f"expected_{wave}_{kind}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


@pytest.mark.parametrize(("wave", "kind"), CYCLES)
def test_cchs_every_row_is_a_record(wave: str, kind: str) -> None:
    run = cchs(wave, kind)
    counts_hold(run)

    assert run.records.height == 200
    assert run.ok


@pytest.mark.parametrize("variable", RULES)
@pytest.mark.parametrize(("wave", "kind"), CYCLES)
def test_cchs_every_row_agrees_with_the_expected_value(wave: str, kind: str, variable: str) -> None:
    component, codes = RULES[variable]
    expected = cchs_expected(wave, kind)[variable]
    actual = [(codes | KINDS)[code] for code in cchs(wave, kind).records.sort("ROW")[component]]

    assert expected == actual


@pytest.mark.parametrize("wave", PUBLIC)
def test_cchs_age_group_agrees(wave: str) -> None:
    expected = cchs_expected(wave, "p")
    groups = cchs(wave, "p").records.sort("ROW")["AGE_GROUP"].to_list()

    assert expected["DHHGAGE_cont"] == [MIDDLE[group] for group in groups]
    if wave in ("cchs2001", "cchs2003"):
        assert expected["DHHGAGE_A"] == [str(OLDER_GROUPS.index(group) + 1) for group in groups]


@pytest.mark.parametrize("wave", PUBLIC)
def test_cchs_weight_agrees(wave: str) -> None:
    expected = [float(weight) for weight in cchs_expected(wave, "p")["WTS_M"]]
    actual = cchs(wave, "p").records.sort("ROW")["WEIGHT"].to_list()

    assert expected == actual


@pytest.mark.parametrize("wave", SHARE)
def test_cchs_region_of_birth_agrees(wave: str) -> None:
    expected = cchs_expected(wave, "s")["SDCGCBG_A"]
    actual = [(REGIONS | KINDS)[code] for code in cchs(wave, "s").records.sort("ROW")["COUNTRY_BIRTH"]]

    assert expected == actual


def test_cchs_canadians_by_descent_are_foreign_born_and_no_immigrants() -> None:
    records = pl.concat(
        [ms.derive(ms.derive(cchs(*cycle).records, "FOREIGN_BORN"), "CA_IMMIGRANT") for cycle in CYCLES],
        how="diagonal_relaxed",
    )
    descent = records.filter((pl.col("FOREIGN_BORN") == "Y") & (pl.col("CA_IMMIGRANT") == "N"))

    assert descent.height > 0


# United Kingdom, teaching file of the 2011 census


@cache
def teaching() -> Harmonized:
    return ms.harmonize(data(GBR, "nanodata_10k.csv"), EXAMPLES / "gbr_census_2011_teaching" / "mapping.yaml")


def test_gbr_usual_residents_with_a_stated_birthplace() -> None:
    run = teaching()
    counts_hold(run)
    counts = dict(run.records["COUNTRY_BIRTH"].value_counts().iter_rows())

    assert (9835, 165, 0) == (run.step("records").rows, run.step("excluded").rows, run.step("rejected").rows)
    assert counts == {"GBR": 8489, "_O": 1345, "_Z": 1}


def test_gbr_no_code_required_is_neither_native_nor_foreign_born() -> None:
    derived = ms.derive(teaching().records, "FOREIGN_BORN", "CENSUS_PERSON")
    counts = dict(derived["FOREIGN_BORN"].value_counts().iter_rows())

    assert (8489, 1345) == (counts["N"], counts["Y"])
    assert 1 == sum(rows for code, rows in counts.items() if code.startswith("_"))
