"""Estimates of samples against published software, against the formulas by hand, and their laws."""

import csv
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import migstat as ms

MARGINS = {"by": "stype", "totals": {"E": 4421, "H": 755, "M": 1018}}
RAKE = [MARGINS, {"by": "sch_wide", "totals": {"No": 1072, "Yes": 5122}}]
DESIGNS = {
    "srs_fpc": ("apisrs", {"fpc": "fpc"}),
    "strat_fpc": ("apistrat", {"strata": "stype", "fpc": "fpc"}),
    "clus1_fpc": ("apiclus1", {"psu": "dnum", "fpc": "fpc"}),
    "clus1_nofpc": ("apiclus1", {"psu": "dnum"}),
    "strat_JKn": ("apistrat", {"strata": "stype", "replicates": {"method": "JKN"}}),
    "clus1_JK1": ("apiclus1", {"psu": "dnum", "replicates": {"method": "JK1"}}),
    "clus1_poststrat": (
        "apiclus1",
        {"psu": "dnum", "fpc": "fpc", "calibration": {"method": "poststratify", "margins": [MARGINS]}},
    ),
    "clus1_rake": ("apiclus1", {"psu": "dnum", "fpc": "fpc", "calibration": {"method": "raking", "margins": RAKE}}),
    "lonely_adjust": ("apistrat_lonely", {"strata": "stype", "lonely": "adjust"}),
    "lonely_certainty": ("apistrat_lonely", {"strata": "stype", "lonely": "certainty"}),
}
GIVEN = {"est": "ESTIMATE", "se": "STD_ERROR", "lo": "CI_LOWER", "hi": "CI_UPPER", "df": "DF", "deff": "DEFF"}


def schools(shared, name):
    path = shared / "cases" / "survey_api" / f"{name}.csv"
    frame = pl.read_csv(path, infer_schema_length=None, null_values=["", "NA"])
    return frame.rename({column: column.replace(".", "_") for column in frame.columns})


def asked(stat, var, level):
    """The call that gives a line of the expected values, and which line of its result it is."""
    var = var.replace(".", "_")
    match stat:
        case "mean" | "total" | "ratio":
            return {"statistic": stat, "of": var}, None
        case "prop":
            return {"statistic": "proportion", "of": var}, ("LEVEL", level.removeprefix("stype"))
        case "total_cat":
            return {"statistic": "total", "of": var}, ("LEVEL", level.removeprefix("stype"))
        case "mean_by" | "total_by":
            of, by = var.split("|")
            return {"statistic": stat[:-3], "of": of, "by": by}, (by, level)
        case "mean_domain":
            return {"statistic": "mean", "of": "api00", "domain": "comp_imp = 'Yes'"}, None
        case "quantile_default":
            return {"statistic": "quantile", "of": var, "probabilities": [float(level)]}, None
    raise AssertionError(stat)


@pytest.mark.parametrize("design", DESIGNS)
def test_every_number_of_the_published_software(shared, design):
    name, keys = DESIGNS[design]
    frame, drawn = schools(shared, name), ms.design(weight="pw", **keys)
    with (shared / "cases" / "survey_api" / "expected.csv").open() as file:
        lines = [line for line in csv.DictReader(file) if line["design"] == design]
    tolerance = 1e-4 if design == "clus1_rake" else 1e-6
    wrong = []
    for line in lines:
        call, where = asked(line["stat"], line["var"], line["level"])
        found = ms.estimate(frame, **call, design=drawn).frame
        row = (found if where is None else found.filter(pl.col(where[0]) == where[1])).row(0, named=True)
        for key, column in GIVEN.items():
            expected = line[key]
            if expected not in ("", "NA") and not math.isclose(
                float(expected), row[column], rel_tol=tolerance, abs_tol=0.0
            ):
                wrong.append((line["stat"], line["var"], line["level"], column, expected, row[column]))

    assert lines
    assert [] == wrong


def test_calibrated_weights_are_the_published_ones(shared):
    frame = schools(shared, "apiclus1").with_row_index("row")
    with (shared / "cases" / "survey_api" / "apiclus1_calibrated_weights.csv").open() as file:
        expected = list(csv.DictReader(file))
    for design, column, tolerance in (("clus1_poststrat", "post", 1e-6), ("clus1_rake", "rake", 1e-4)):
        drawn = ms.design(weight="pw", **DESIGNS[design][1])
        found = ms.estimate(frame, by="row", design=drawn).frame["ESTIMATE"]

        assert [float(line[column]) for line in expected] == pytest.approx(found.to_list(), rel=tolerance)


@pytest.fixture(scope="module", params=["wy", "vt", "ri"])
def state(request, root, shared, tmp_path_factory):
    """The records of a State, through the mapping that ships and the file that it writes, and its expected values."""
    folder = tmp_path_factory.mktemp(request.param)
    extract = shared / "data" / "us_acs_pums_2018" / f"csv_p{request.param}.zip"
    ms.harmonize(extract, root / "examples" / "usa_acs_2018" / "mapping.yaml", into=folder).require()
    with (shared / "data" / "us_acs_pums_2018" / "expected_survey_sdr.csv").open() as file:
        lines = [line for line in csv.DictReader(file) if line["state"] == request.param]
    return folder / "USA_ACS_2018.records.parquet", lines, root


def test_successive_differences_of_a_census_bureau_survey(state):
    path, lines, root = state
    area = pl.read_csv(root / "examples" / "usa_acs_2018" / "tables" / "world_area.csv", infer_schema=False)
    code, waob = area.columns[0], "WAOB" if "WAOB" in area.columns else area.columns[1]
    to_area = dict(area.select(code, waob).iter_rows())
    records, _ = ms.read_records(path)
    places = pl.col("COUNTRY_BIRTH").cast(pl.String).replace_strict(to_area, default=None)
    records = ms.derive(records.with_columns(WAOB=places), "US_NATIVITY")
    sex, nativity = {"M": "1", "F": "2"}, {"N": "1", "Y": "2"}
    born, born_a_citizen = pl.col("COUNTRY_BIRTH").cast(pl.String), pl.col("NATIONAL_AT_BIRTH").cast(pl.String) == "Y"
    records = records.with_columns(
        NATIVITY=pl.col("US_NATIVITY").replace_strict(nativity),
        MIG=pl.col("RESID_1Y")
        .cast(pl.String)
        .replace_strict({"SAME_HOUSE": "1", "ABROAD": "2", "DIFF_HOUSE": "3"}, default=None),
        SEXxNATIVITY=pl.col("SEX").cast(pl.String).replace_strict(sex)
        + "_"
        + pl.col("US_NATIVITY").replace_strict(nativity),
        CIT=pl.when(born_a_citizen & (born == "USA")).then(pl.lit("1"))
        .when(born_a_citizen & born.is_in(["PRI", "GUM", "VIR", "MNP"])).then(pl.lit("2"))
        .when(born_a_citizen).then(pl.lit("3"))
        .when(pl.col("CITIZENSHIP").cast(pl.String) == "USA").then(pl.lit("4"))
        .otherwise(pl.lit("5")),
    )  # fmt: skip
    drawn = ms.design(path)
    found = {}
    for name in ("NATIVITY", "WAOB", "MIG", "CIT", "SEXxNATIVITY"):
        for row in ms.estimate(records, of=name, design=drawn).frame.drop_nulls("LEVEL").iter_rows(named=True):
            found[name, row["LEVEL"]] = row["ESTIMATE"], row["STD_ERROR"]
    ages = ms.estimate(records, "mean", of="AGE", by="NATIVITY", design=drawn).frame
    for row in ages.iter_rows(named=True):
        found["mean_AGEP_by_NATIVITY", row["NATIVITY"]] = row["ESTIMATE"], row["STD_ERROR"]
    share = ms.estimate(path, "proportion", of="US_NATIVITY").frame.filter(LEVEL="Y").row(0, named=True)
    found["share_foreign_born", "TRUE"] = share["ESTIMATE"], share["STD_ERROR"]
    compared = 0
    for line in lines:
        value, error = found[line["var"], line["level"]]
        compared += 1
        total = float(line["total"])

        assert total == (value if total == round(total) else pytest.approx(value, rel=1e-9))
        assert float(line["se"]) == pytest.approx(error, rel=1e-9)

    assert 25 == compared


def test_a_table_has_the_same_precision_as_the_estimates(state):
    path, lines, _ = state
    table = ms.tabulate(path, definition="US_NATIVITY", by="SEX", shares=True)
    rows = {(row["MIGRANT"], row["SEX"], row["UNIT_MEASURE"]): row for row in table.frame.iter_rows(named=True)}
    expected = {(line["var"], line["level"]): line for line in lines}

    assert float(expected["NATIVITY", "2"]["se"]) == pytest.approx(rows["Y", "_T", "PS"]["STD_ERROR"], rel=1e-9)
    assert float(expected["SEXxNATIVITY", "1_2"]["se"]) == pytest.approx(rows["Y", "M", "PS"]["STD_ERROR"], rel=1e-9)
    share = expected["share_foreign_born", "TRUE"]
    assert 100 * float(share["se"]) == pytest.approx(rows["Y", "_T", "PT"]["STD_ERROR"], rel=1e-9)
    assert 79 == rows["Y", "_T", "PS"]["DF"]
    assert "CV_BANDS" == table.metadata["precision"]["reliability"]["policy"]


def sample(rows=60, seed=3):
    dice = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "REF_AREA": "KEN",
            "TIME_PERIOD": "2019",
            "SOURCE_TYPE": "SURVEY",
            "H": [f"h{n % 3}" for n in range(rows)],
            "P": [f"p{n % 12}" for n in range(rows)],
            "Q": [f"q{n % 24}" for n in range(rows)],
            "NP": 20.0,
            "NQ": 9.0,
            "WEIGHT": np.round(dice.uniform(1, 9, rows), 2),
            "AGE": dice.integers(0, 90, rows),
            "INCOME": np.round(dice.normal(100, 30, rows), 3),
            "SEX": dice.choice(["F", "M"], rows),
            "COUNTRY_BIRTH": dice.choice(["KEN", "KEN", "UGA", "TZA"], rows),
        }
    )


def by_hand(frame, z):
    """Variance of a total over units in strata, as the textbook has it, without finite population."""
    total = 0.0
    for _, stratum in frame.with_columns(z=z).group_by("H"):
        units = stratum.group_by("P").agg(pl.col("z").sum())["z"].to_numpy()
        total += len(units) / (len(units) - 1) * float(((units - units.mean()) ** 2).sum())
    return total


def test_two_stages_are_the_formula_by_hand():
    frame = sample()
    drawn = ms.design(weight="WEIGHT", strata="H", psu="P", fpc="NP", stages=[{"unit": "Q", "fpc": "NQ"}])
    found = ms.estimate(frame, "total", of="INCOME", design=drawn).frame.row(0, named=True)
    z = frame.with_columns(z=pl.col("WEIGHT") * pl.col("INCOME"))
    expected = 0.0
    for _, stratum in z.group_by("H"):
        units = stratum.group_by("P").agg(pl.col("z").sum())["z"].to_numpy()
        n = len(units)
        expected += (1 - n / 20) * n / (n - 1) * ((units - units.mean()) ** 2).sum()
        for _, unit in stratum.group_by("P"):
            seconds = unit.group_by("Q").agg(pl.col("z").sum())["z"].to_numpy()
            m = len(seconds)
            expected += n / 20 * (1 - m / 9) * m / (m - 1) * ((seconds - seconds.mean()) ** 2).sum()

    assert math.sqrt(expected) == pytest.approx(found["STD_ERROR"], rel=1e-12)


def test_a_difference_is_that_of_the_linearised_variables():
    frame = sample()
    drawn = ms.design(weight="WEIGHT", strata="H", psu="P")
    found = ms.difference(frame, "mean", of="INCOME", by="SEX", groups=["F", "M"], design=drawn).frame.row(
        0, named=True
    )
    w, y = pl.col("WEIGHT"), pl.col("INCOME")
    z, means = pl.lit(0.0), []
    for sex, sign in (("F", 1), ("M", -1)):
        part = frame.filter(SEX=sex)
        people = part["WEIGHT"].sum()
        mean = (part["WEIGHT"] * part["INCOME"]).sum() / people
        means.append(mean)
        z = z + sign * pl.when(pl.col("SEX") == sex).then(w * (y - mean) / people).otherwise(0.0)

    assert means[0] - means[1] == pytest.approx(found["DIFFERENCE"], rel=1e-12)
    assert math.sqrt(by_hand(frame, z)) == pytest.approx(found["STD_ERROR"], rel=1e-10)
    assert 9 == found["DF"]


def test_a_difference_between_samples_adds_the_variances():
    drawn = ms.design(weight="WEIGHT", strata="H", psu="P")
    first, second = sample(seed=3), sample(seed=4)
    one, two = (ms.estimate(f, "mean", of="AGE", design=drawn).frame.row(0, named=True) for f in (first, second))
    found = ms.difference(first, "mean", of="AGE", other=second, design=drawn).frame.row(0, named=True)

    assert math.hypot(one["STD_ERROR"], two["STD_ERROR"]) == pytest.approx(found["STD_ERROR"])
    assert one["ESTIMATE"] - two["ESTIMATE"] == pytest.approx(found["DIFFERENCE"])
    assert 0 <= found["P_VALUE"] <= 1


def test_cells_of_a_table_by_linearisation_are_the_estimates():
    frame = sample()
    for keys in ({"strata": "H", "psu": "P"}, {"strata": "H"}, {"psu": "P", "replicates": {"method": "JK1"}}):
        drawn = ms.design(weight="WEIGHT", **keys)
        table = ms.tabulate(frame, definition="FOREIGN_BORN", by="SEX", shares=True, design=drawn).frame
        born = ms.derive(frame, "FOREIGN_BORN")
        found = ms.estimate(born, of="FOREIGN_BORN", domain="SEX = 'F'", design=drawn).frame.filter(LEVEL="Y")
        share = ms.estimate(born, "proportion", of="FOREIGN_BORN", domain="SEX = 'F'", design=drawn).frame
        cell = table.filter(MIGRANT="Y", SEX="F", UNIT_MEASURE="PS").row(0, named=True)
        part = table.filter(MIGRANT="Y", SEX="F", UNIT_MEASURE="PT").row(0, named=True)

        assert found["STD_ERROR"][0] == pytest.approx(cell["STD_ERROR"], rel=1e-9)
        assert found["ESTIMATE"][0] == pytest.approx(cell["OBS_VALUE"])
        assert 100 * share.filter(LEVEL="Y")["STD_ERROR"][0] == pytest.approx(part["STD_ERROR"], rel=1e-9)
        assert 0 < part["CI_LOWER"] < part["OBS_VALUE"] < part["CI_UPPER"] < 100


def test_a_calibrated_table_has_the_margins_without_error():
    frame = sample()
    drawn = ms.design(
        weight="WEIGHT",
        psu="P",
        calibration={"method": "poststratify", "margins": [{"by": "SEX", "totals": {"F": 700, "M": 500}}]},
    )
    table = ms.tabulate(frame, definition="FOREIGN_BORN", by="SEX", design=drawn).frame
    women = table.filter(MIGRANT="_T", SEX="F").row(0, named=True)

    assert (700.0, 0.0) == pytest.approx((women["OBS_VALUE"], women["STD_ERROR"]), abs=1e-9)
    counted = ms.estimate(ms.derive(frame, "FOREIGN_BORN"), of="FOREIGN_BORN", design=drawn).frame.filter(LEVEL="Y")
    cell = table.filter(MIGRANT="Y", SEX="_T").row(0, named=True)
    assert counted["STD_ERROR"][0] == pytest.approx(cell["STD_ERROR"], rel=1e-9)


def test_means_in_a_table_have_the_error_of_the_estimates():
    frame = sample()
    drawn = ms.design(weight="WEIGHT", strata="H", psu="P")
    table = ms.tabulate(frame, definition=[], by="SEX", measures="mean(AGE)", design=drawn).frame
    found = ms.estimate(frame, "mean", of="AGE", by="SEX", design=drawn).frame

    assert found["STD_ERROR"].to_list() == pytest.approx(
        [table.filter(SEX=sex)["STD_ERROR"][0] for sex in found["SEX"]], rel=1e-9
    )


def test_every_engine_gives_the_same(constructor):
    frame = sample(48).with_columns(R1=pl.col("WEIGHT") * 1.5, R2=pl.col("WEIGHT") * 0.5)
    native = constructor(frame.to_dict(as_series=False))
    given = ms.design(weight="WEIGHT", replicates={"columns": "R1..R2", "method": "SDR"})
    for drawn in (given, ms.design(weight="WEIGHT", strata="H", psu="P"), ms.design(weight="WEIGHT", strata="H")):
        expected = ms.estimate(frame, by="SEX", domain="COUNTRY_BIRTH = 'KEN'", design=drawn).frame
        actual = ms.estimate(native, by="SEX", domain="COUNTRY_BIRTH = 'KEN'", design=drawn).frame

        assert expected["SEX"].to_list() == actual["SEX"].to_list()
        for name in ("ESTIMATE", "STD_ERROR", "DF"):
            assert expected[name].to_list() == pytest.approx(actual[name].to_list())


@given(st.integers(0, 1000), st.floats(0.1, 50))
def test_a_domain_is_not_a_filter_and_scale_does_not_matter(seed, scale):
    frame = sample(36, seed)
    drawn = ms.design(weight="WEIGHT", strata="H", psu="P")
    inside = ms.estimate(frame, of="INCOME", domain="SEX = 'F'", design=drawn).frame.row(0, named=True)
    zeros = frame.with_columns(Z=pl.when(pl.col("SEX") == "F").then(pl.col("INCOME")).otherwise(0.0))
    same = ms.estimate(zeros, of="Z", design=drawn).frame.row(0, named=True)
    larger = ms.estimate(
        frame.with_columns(pl.col("WEIGHT") * scale), of="INCOME", domain="SEX = 'F'", design=drawn
    ).frame

    assert same["STD_ERROR"] == pytest.approx(inside["STD_ERROR"], rel=1e-9)
    assert inside["STD_ERROR"] * scale == pytest.approx(larger["STD_ERROR"][0], rel=1e-9)


@given(st.integers(0, 1000))
def test_the_jackknife_of_a_total_is_its_linearisation(seed):
    frame = sample(36, seed)
    linear = ms.estimate(frame, of="INCOME", design=ms.design(weight="WEIGHT", strata="H", psu="P")).frame
    made = ms.design(weight="WEIGHT", strata="H", psu="P", replicates={"method": "JKN"})

    assert linear["STD_ERROR"][0] == pytest.approx(ms.estimate(frame, of="INCOME", design=made).frame["STD_ERROR"][0])


def test_balanced_halves_of_a_total_are_its_linearisation():
    frame = sample().with_columns(H=pl.col("P").str.replace("p", "").cast(pl.Int64) // 2, WEIGHT=pl.lit(2.0))
    frame = frame.with_columns(pl.col("H").cast(pl.String))
    linear = ms.estimate(frame, of="INCOME", design=ms.design(weight="WEIGHT", strata="H", psu="P")).frame
    for replicates in ({"method": "BRR"}, {"method": "FAY", "fay": 0.3}):
        made = ms.design(weight="WEIGHT", strata="H", psu="P", replicates=replicates)
        found = ms.estimate(frame, of="INCOME", design=made).frame

        assert linear["STD_ERROR"][0] == pytest.approx(found["STD_ERROR"][0])


def test_the_bootstrap_comes_near_to_the_linearisation():
    frame = sample(120)
    linear = ms.estimate(frame, of="INCOME", design=ms.design(weight="WEIGHT", strata="H", psu="P")).frame
    made = ms.design(weight="WEIGHT", strata="H", psu="P", replicates={"method": "BOOTSTRAP", "number": 2000})

    assert linear["STD_ERROR"][0] == pytest.approx(
        ms.estimate(frame, of="INCOME", design=made).frame["STD_ERROR"][0], rel=0.06
    )


WRONG = [
    (
        {"design": {"strata": "LONE"}},
        "estimate  strata\n"
        "  a stratum has a single sampling unit, whose variance cannot be told: one\n"
        "  Mend: join strata that were alike, or choose lonely: adjust (cautious), average, or certainty (where it was "
        "certain)",
    ),
    (
        {"design": {"psu": "PSX"}},
        "estimate  PSX\n"
        "  the records have no PSX\n"
        "  Mend: the design names it; write SEX, or estimate from records that have it",
    ),
    (
        {"design": {"psu": "P", "fpc": "SMALL"}},
        "estimate  SMALL\n"
        "  SMALL says that fewer units are in the population than were drawn: stratum the only stratum\n"
        "  Mend: give the units of the whole stratum",
    ),
    (
        {"design": {"psu": "P", "calibration": {"method": "raking", "margins": [{"by": "SEX", "totals": {"F": 9}}]}}},
        "estimate  SEX\n  the margin SEX has no total for M\n  Mend: add the total, or leave those records out",
    ),
    (
        {"statistic": "mean", "of": "SEX"},
        "estimate  SEX\n  a mean is of numbers, and SEX holds codes\n  Mend: ask for its proportion",
    ),
    (
        {"design": {"psu": "P", "replicates": {"method": "BRR"}}},
        "estimate  replicates\n"
        "  BRR needs two units in every stratum\n"
        "  Mend: choose JKN, or name the columns of the weights",
    ),
    (
        {"design": None},
        "estimate  \n"
        "  nothing is known of how these records were drawn\n"
        "  Mend: write strata, psu or replicates under source in the mapping, or hand in design=ms.design(weight=...)",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message.split("\n")[1].strip()[:40] for _, message in WRONG])
def test_what_cannot_be_reckoned_is_explained(call, message):
    frame = sample().with_columns(
        LONE=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("one")).otherwise(pl.lit("rest")), SMALL=pl.lit(4.0)
    )
    keys = call.get("design", {"psu": "P"})
    drawn = None if keys is None else ms.design(weight="WEIGHT", **keys)
    with pytest.raises(ms.MigstatError) as error:
        ms.estimate(frame, call.get("statistic", "total"), of=call.get("of", ""), design=drawn)

    assert message.replace("estimate  \n", "estimate\n") == str(error.value)


def test_lonely_average_takes_the_mean_of_the_others():
    frame = sample().filter((pl.col("H") != "h2") | (pl.col("P") == "p2"))
    with pytest.raises(ms.MigstatError, match="a single sampling unit"):
        ms.estimate(frame, design=ms.design(weight="WEIGHT", strata="H", psu="P"))
    variances = [
        ms.estimate(frame, design=ms.design(weight="WEIGHT", strata="H", psu="P", lonely=way)).frame["STD_ERROR"][0]
        ** 2
        for way in ("certainty", "average")
    ]

    assert variances[0] * 3 / 2 == pytest.approx(variances[1])


def test_given_replicates_count_as_their_method_says():
    frame = sample()
    units = sorted(frame["P"].unique())
    n = len(units)
    left = frame.with_columns(
        pl.when(pl.col("P") == unit).then(0.0).otherwise(pl.col("WEIGHT") * n / (n - 1)).alias(f"R{number}")
        for number, unit in enumerate(units, 1)
    )
    made = ms.design(weight="WEIGHT", psu="P", replicates={"method": "JK1"})
    expected = ms.estimate(frame, "mean", of="INCOME", design=made).frame["STD_ERROR"][0]
    columns = f"R1..R{n}"
    for keys in (
        {"method": "JK1"},
        {"method": "JKN", "rscales": [(n - 1) / n] * n},
        {"method": "JK2", "scale": (n - 1) / n, "centre": "mean"},
        {"method": "BRR", "scale": (n - 1) / n, "centre": "mean"},
    ):
        given = ms.design(weight="WEIGHT", replicates={"columns": columns, **keys})

        assert expected == pytest.approx(ms.estimate(left, "mean", of="INCOME", design=given).frame["STD_ERROR"][0])
    factors = left.with_columns(pl.col(f"R{number}") / pl.col("WEIGHT") for number in range(1, n + 1))
    apart = ms.design(weight="WEIGHT", replicates={"columns": columns, "method": "JK1", "combined": False})

    assert expected == pytest.approx(ms.estimate(factors, "mean", of="INCOME", design=apart).frame["STD_ERROR"][0])


@pytest.mark.parametrize(
    ("method", "keys", "factor"),
    [("SDR", {}, 4), ("BRR", {}, 1), ("FAY", {"fay": 0.5}, 4), ("BOOTSTRAP", {}, 1), ("JK2", {}, 2)],
)
def test_the_usual_coefficient_of_a_method(method, keys, factor):
    frame = sample().with_columns(R1=pl.col("WEIGHT") * 1.1, R2=pl.col("WEIGHT") * 0.9)
    given = ms.design(weight="WEIGHT", replicates={"columns": "R1,R2", "method": method, **keys})
    found = ms.estimate(frame, design=given).frame.row(0, named=True)

    assert math.sqrt(factor * 0.01) * found["ESTIMATE"] == pytest.approx(found["STD_ERROR"])


def test_a_table_of_every_engine_has_the_same_precision(constructor):
    frame = sample(48)
    native = constructor(frame.to_dict(as_series=False))
    drawn = ms.design(weight="WEIGHT", strata="H", psu="P")
    keys = {"definition": "FOREIGN_BORN", "by": "SEX", "universe": "AGE >= 15", "design": drawn}
    expected, actual = ms.tabulate(frame, **keys).frame, ms.tabulate(native, **keys).frame

    assert expected["RELIABILITY"].to_list() == actual["RELIABILITY"].to_list()
    assert expected["STD_ERROR"].to_list() == pytest.approx(actual["STD_ERROR"].to_list())


def test_what_is_not_known_has_no_error_of_zero():
    """A group of weight 0 has no mean, and a quantile of one unit has no interval."""
    frame = pl.DataFrame({"U": list("abc"), "W": [1.0, 2.0, 0.0], "G": ["p", "p", "q"], "X": [1.0, 5.0, 9.0]})
    design = ms.design(weight="W", psu="U")
    mean = ms.estimate(frame, "mean", of="X", by="G", design=design).frame.filter(G="q").row(0, named=True)
    one = ms.estimate(frame.filter(G="p"), "quantile", of="X", by="U", design=design).frame

    assert [None, None, None] == [mean[name] for name in ("ESTIMATE", "STD_ERROR", "CI_LOWER")]
    assert 0 == one["CI_LOWER"].count() == one["CI_UPPER"].count() == one["STD_ERROR"].count()


@pytest.mark.parametrize("missing", [None, math.nan])
@pytest.mark.parametrize("statistic", ["mean", "quantile"])
def test_records_without_a_weight_are_told(missing, statistic):
    frame = pl.DataFrame({"W": [1.0, 3.0, missing], "X": [1.0, 5.0, 9.0]})
    found = ms.estimate(frame, statistic, of="X", design=ms.design(weight="W"))

    assert ("1 record has no weight: counted in N_UNWEIGHTED, and adding nothing to the estimates.",) == found.notes
    assert {"mean": 4.0, "quantile": 1.0}[statistic] == found.frame["ESTIMATE"][0]


def test_no_records_and_one_unit_are_no_crash():
    frame = pl.DataFrame({"U": ["a"], "W": [1.0], "X": [1.0]})
    jackknife = ms.design(weight="W", psu="U", lonely="adjust", replicates={"method": "JK1"})

    assert ms.estimate(frame.clear(), "mean", of="X", design=ms.design(weight="W")).frame["ESTIMATE"].to_list() == [
        None
    ]
    with pytest.raises(ms.MigstatError) as refused:
        ms.estimate(frame, "mean", of="X", design=jackknife)
    assert "JK1 leaves out one unit at a time, and there are fewer than two" in str(refused.value)


def test_a_difference_from_a_sample_whose_error_is_not_known_has_none():
    """Nor has one sample's group that the other lacks a line, and that is said."""
    first = pl.DataFrame({"G": list("aaabbb"), "X": [1.0, 2.0, 3.0, 4.0, 5.0, 7.0], "W": [1.0] * 6})
    second = first.with_columns(X=pl.col("X") + 1).filter(pl.col("G") == "a")[:2]
    lone = second.with_columns(S=pl.Series(["s", "t"]))
    own, design = ms.design(weight="W"), ms.design(weight="W", strata="S", lonely="average")
    plain = ms.difference(first, of="X", by="G", other=second, design=own, other_design=own)
    unknown = ms.difference(first, of="X", by="G", other=lone, design=own, other_design=design)

    assert 1 == plain.frame.height
    assert "1 group of one sample is without an estimate in the other: no line is made." in plain.notes
    assert [None, None] == [unknown.frame[name][0] for name in ("STD_ERROR", "P_VALUE")]
