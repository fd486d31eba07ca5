"""Anonymization as a whole: what leaves, what may not, what is refused, and that the risk told is the risk there is."""

import os
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.read.microdata_policies import microdata_policy, microdata_policy_ids
from migstat.words.finding import MigstatError, Misuse
from migstat.words.missing import KINDS
from migstat.words.run import Harmonized

KEY = "a secret for the tests only"
FORMATS = ("parquet", "csv", "sav", "dta")
PUBLIC = microdata_policy("PUBLIC_USE_PERSON")
POLICY = """\
id: OURS
version: 1.0
use: scientific
for: [SURVEY_PERSON]
keys:
  one: [SEX, AGE_GROUP, COUNTRY_BIRTH, REGION]
  other: [SEX, REGION, LABOUR, AGE_GROUP]
sensitive: [MIG_REASON, INCOME]
missing: {MISSING}
drop: [AGE]
steps:
  - {recode: AGE_GROUP, level: 0}
  - {recode: COUNTRY_BIRTH, level: 0, home: true}
  - {cap: INCOME, top: 95%}
  - {sample: 80%, by: household}
  - {swap: REGION, match: [SEX], rate: 4%}
  - {pram: LABOUR, keep: 90%, invariant: true}
  - {microaggregate: HOURS_WORKED, size: 3}
  - {noise: INCOME, share: 5%}
  - {suppress: [SEX, REGION]}
limits: {k: 3}
"""


def people(n=500, seed=0):
    chance = np.random.default_rng(seed)
    home = chance.integers(0, n // 2, n)
    place = chance.integers(0, 4, n // 2)
    age = chance.integers(0, 95, n)
    born = chance.choice(["ARG", "BOL", "PRY", "KEN", "DZA", "_N"], n, p=[0.6, 0.15, 0.1, 0.06, 0.05, 0.04])
    return pl.DataFrame(
        {
            "REF_AREA": ["ARG"] * n,
            "TIME_PERIOD": ["2019"] * n,
            "ROW": range(1, n + 1),
            "HOUSEHOLD_ID": [f"HOUSE-{one:05}-ZQ" for one in home],
            "PERSON_ID": [f"PERSON-{at:05}-ZQ" for at in range(n)],
            "WEIGHT": chance.integers(5, 60, n) / 1.0,
            "SEX": chance.choice(["F", "M"], n),
            "AGE": age,
            "AGE_GROUP": [f"Y{one}" for one in age],
            "BIRTH_DATE": [f"19{at % 90 + 10}-07-19" for at in range(n)],
            "REGION": [f"R{place[one]}" for one in home],
            "OCCUPATION": [f"keeper of lighthouse {at}" for at in range(n)],
            "COUNTRY_BIRTH": born,
            "LABOUR": chance.choice(["EMP", "UNE", "OLF", "_Z"], n),
            "MIG_REASON": chance.choice(["EMP", "FAM", "_Z", "_N"], n),
            "INCOME": chance.lognormal(8, 1, n),
            "HOURS_WORKED": chance.integers(0, 60, n) / 1.0,
            "NAME": [f"NAME-{at:05}-ZQ" for at in range(n)],
        }
    ).with_columns(pl.col("BIRTH_DATE").str.to_date())


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    path = tmp_path_factory.mktemp("policy") / "ours.yaml"
    path.write_text(POLICY.replace("{MISSING}", "{as: wildcard}"))
    return path


@pytest.fixture(scope="module")
def run(policy):
    return ms.anonymize(people(), policy=policy, key=KEY, name="PEOPLE")


@pytest.fixture(scope="module")
def eph(root) -> Harmonized:
    folder = root / "examples" / "arg_eph"
    return ms.harmonize(folder / "extract" / "usu_individual_generated.txt", folder / "mapping.yaml")


def test_records_are_gone_through_once_and_only_what_stays_is_looked_at(policy):
    asked = []

    def counted(weights):
        asked.append(len(weights))
        return weights

    lazy = people().lazy().with_columns(pl.col("WEIGHT").map_batches(counted, pl.Float64), LONGITUDE=pl.lit(np.inf))
    made = ms.anonymize(lazy, policy=policy, key=KEY)

    assert [500] == asked
    assert "LONGITUDE" not in made.records.columns


def least_alike(frame, ids, missing):
    """The fewest records alike, by comparing all with all."""
    rows = [
        [None if missing == "wildcard" and v in (None, "_N", "_U") else v for v in row]
        for row in frame.select(ids).rows()
    ]
    distinct = {tuple(row) for row in rows}
    return min(
        sum(all(a is None or b is None or a == b for a, b in zip(one, row, strict=True)) for row in rows)
        for one in distinct
    )


@pytest.mark.parametrize(("missing", "seed"), [*product(["wildcard", "category"], range(3))])
def test_k_holds_on_every_key_set_of_the_records_that_leave(tmp_path, missing, seed):
    (tmp_path / "ours.yaml").write_text(POLICY.replace("{MISSING}", f"{{as: {missing}}}"))
    made = ms.anonymize(people(160, seed), policy=tmp_path / "ours.yaml", key=KEY)
    frame = made.records.with_columns(
        pl.coalesce("REGION", *[c for c in made.records.columns if c == "REGION_MISSING"])
    )

    for one in made.policy.keys:
        assert least_alike(frame, list(one.ids), missing) >= 3
        told = next(m for m in made.measures if m.measure == "k" and m.keys == one.name)
        assert least_alike(frame, list(one.ids), missing) == told.after
    assert made.ok


@pytest.mark.parametrize("missing", ["wildcard", "category"])
def test_numbers_can_be_keys_and_dates_stay_with_a_warning(tmp_path, missing):
    text = (
        POLICY.partition("keys:")[0]
        + f"""\
keys: {{one: [SEX, AGE], two: [AGE, REGION]}}
missing: {{as: {missing}}}
drop: [AGE_GROUP]
keep: [BIRTH_DATE]
steps: [{{cap: AGE, top: 80, bottom: 5}}, {{suppress: [SEX]}}]
limits: {{k: 3}}
"""
    )
    (tmp_path / "p.yaml").write_text(text)
    some = pl.int_range(pl.len()) % 7 == 0
    frame = people(300).with_columns(pl.when(some).then(None).otherwise("BIRTH_DATE").alias("BIRTH_DATE"))
    made = ms.anonymize(frame, policy=tmp_path / "p.yaml", key=KEY)
    columns = made.records.columns
    kinds = [
        pl.coalesce(pl.col(id).cast(pl.String), f"{id}_MISSING")
        for id in ("AGE", "REGION")
        if f"{id}_MISSING" in columns
    ]
    paths = ms.write_anonymized(made, tmp_path / "out", formats="sav,dta")
    sav = pyreadstat.read_sav(paths[0], user_missing=True)[0]

    assert all(least_alike(made.records.with_columns(kinds), list(one.ids), missing) >= 3 for one in made.policy.keys)
    assert made.records["AGE"].null_count() == (sav["AGE"] == -3).sum() > 0
    assert ["BIRTH_DATE"] == [one.component for one in made.findings if one.severity == "warning"]
    assert made.records["BIRTH_DATE"].to_list() == [None if value != value else value for value in sav["BIRTH_DATE"]]


def test_no_identifier_of_the_input_is_in_any_file(run, tmp_path):
    paths = ms.write_anonymized(run, tmp_path, formats=FORMATS)
    given = people()
    names = [
        value.encode() for id in ("HOUSEHOLD_ID", "PERSON_ID", "NAME", "OCCUPATION") for value in given[id].unique()
    ]
    frame = pl.read_parquet(paths[0])

    assert 6 == len(paths)
    for path in paths:
        data = path.read_bytes()
        assert not [name for name in names if name in data], path.name
        assert KEY.encode() not in data
    assert {"ROW", "NAME", "OCCUPATION", "BIRTH_DATE", "AGE"}.isdisjoint(frame.columns)
    assert not {value for id in frame.columns for value in frame[id].cast(pl.String)} & {one.decode() for one in names}


def test_rows_and_weight_are_accounted_for(run):
    out = next(step for step in run.steps if step.name == "sample")
    given = people()

    assert given.height == run.records.height + out.records
    assert given["WEIGHT"].sum() - out.weight == pytest.approx(run.records["WEIGHT"].sum() * 0.8, rel=0.01)
    assert given["HOUSEHOLD_ID"].n_unique() * 0.8 == pytest.approx(run.records["HOUSEHOLD_ID"].n_unique(), abs=1)


def test_without_a_sample_every_row_and_weight_is_kept(eph):
    made = ms.anonymize(eph, policy="PUBLIC_USE_PERSON", key=KEY)

    assert eph.records.height == made.records.height
    assert sorted(eph.records["WEIGHT"]) == sorted(made.records["WEIGHT"])


def test_the_same_key_gives_the_same_bytes_and_another_key_others(policy, tmp_path):
    written = {}
    for name, key in (("a", KEY), ("b", KEY), ("c", "another secret for the tests")):
        made = ms.anonymize(people(), policy=policy, key=key, name="PEOPLE")
        paths = ms.write_anonymized(made, tmp_path / name, formats=FORMATS)
        written[name] = [path.read_bytes() for path in paths]

    assert written["a"] == written["b"]
    assert written["a"][1] != written["c"][1]


def test_the_key_comes_from_the_environment_and_is_needed(eph, monkeypatch):
    monkeypatch.setenv("MIGSTAT_KEY", KEY)
    made = ms.anonymize(eph, policy="PUBLIC_USE_PERSON")
    monkeypatch.delenv("MIGSTAT_KEY")

    assert made.records.equals(ms.anonymize(eph, policy="PUBLIC_USE_PERSON", key=KEY).records)
    with pytest.raises(Misuse, match="there is no key to draw chance from"):
        ms.anonymize(eph, policy="PUBLIC_USE_PERSON")


def test_a_risk_over_the_limit_is_refused_with_measure_value_limit_and_mend(policy, tmp_path):
    text = POLICY.replace("{MISSING}", "{as: wildcard}").replace(
        "limits: {k: 3}", "limits: {k: 3, individual_risk: 0.01%}"
    )
    (tmp_path / "strict.yaml").write_text(text)
    made = ms.anonymize(people(), policy=tmp_path / "strict.yaml", key=KEY)

    assert not made.ok
    with pytest.raises(MigstatError) as error:
        ms.write_anonymized(made, tmp_path / "out", formats=FORMATS)
    assert not (tmp_path / "out").exists()
    first = str(error.value).split("\n")
    risk = next(one for one in made.measures if one.measure == "individual_risk" and one.keys == "one").after
    assert "strict.yaml:21  one" == first[0]
    assert (
        f"  individual_risk is {100 * risk:.4g} % on the keys SEX, AGE_GROUP, COUNTRY_BIRTH, REGION; "
        "the limit is at most 0.01 %" == first[1]
    )
    mend = "recode more, suppress to a larger k, or sample; or accept it in the policy, with up_to and because"
    assert f"  Mend: {mend}" == first[2]


def test_a_risk_that_the_policy_bears_is_written_with_its_reason(tmp_path):
    text = POLICY.replace("{MISSING}", "{as: wildcard}").replace(
        "limits: {k: 3}", "limits: {k: 3, individual_risk: 0.01%}"
    )
    borne = "accept: [{measure: individual_risk, up_to: 50%, because: only in our own rooms}]\n"
    (tmp_path / "borne.yaml").write_text(text + borne)
    (tmp_path / "less.yaml").write_text(text + borne.replace("50%", "0.02%"))
    made = ms.anonymize(people(), policy=tmp_path / "borne.yaml", key=KEY)
    paths = ms.write_anonymized(made, tmp_path / "out")

    assert "only in our own rooms" in paths[-1].read_text()
    assert not ms.anonymize(people(), policy=tmp_path / "less.yaml", key=KEY).ok


def test_what_gives_another_component_away_may_not_stay_beside_it(tmp_path):
    (tmp_path / "p.yaml").write_text(POLICY.replace("{MISSING}", "{as: wildcard}").replace("drop: [AGE]\n", ""))
    with pytest.raises(MigstatError, match="AGE_GROUP is made from AGE, and both would stay"):
        ms.anonymize(people(), policy=tmp_path / "p.yaml", key=KEY)


def test_a_policy_for_other_records_is_refused(policy):
    with pytest.raises(Misuse, match=r"the policy OURS is for SURVEY_PERSON, not for VISA"):
        ms.anonymize(people(), policy=policy, key=KEY, structure="VISA")


def test_text_where_numbers_belong_is_refused(policy):
    wrong = people().with_columns(pl.lit("much").alias("INCOME"))
    with pytest.raises(Misuse, match="a column of numbers holds other text"):
        ms.anonymize(wrong, policy=policy, key=KEY)


def test_a_sample_of_a_census_has_weights(policy):
    made = ms.anonymize(people().drop("WEIGHT"), policy=policy, key=KEY)

    assert made.records["WEIGHT"].unique().to_list() == [pytest.approx(1.25, rel=0.01)]
    assert made.records["WEIGHT"].sum() == pytest.approx(500, rel=0.05)


@pytest.mark.parametrize("keep", [False, True])
def test_replicate_weights_stay_only_where_the_policy_says_so(tmp_path, keep):
    text = POLICY.replace("{MISSING}", "{as: wildcard}") + ("keep: [REPWT, OCCUPATION]\n" if keep else "")
    (tmp_path / "p.yaml").write_text(text)
    frame = people().with_columns(*((pl.col("WEIGHT") * at).alias(f"REPWT_{at}") for at in (1, 2, 3)))
    made = ms.anonymize(frame, policy=tmp_path / "p.yaml", key=KEY)
    told = [one.what for one in made.findings if "does not say so" in one.what]

    assert keep == ("REPWT_3" in made.records.columns) == ("OCCUPATION" in made.records.columns)
    assert keep or "REPWT_1 to REPWT_3: replicate weights tell who was sampled together" in told[0]
    if keep:
        assert (made.records["WEIGHT"] * 3).to_list() == pytest.approx(made.records["REPWT_3"].to_list())
        assert 6 == len(ms.write_anonymized(made, tmp_path / "out", formats=FORMATS))


def test_records_of_one_person_are_not_taken_for_those_of_many(policy, tmp_path):
    twice = people().with_columns(pl.lit("H").alias("HOUSEHOLD_ID"), pl.lit("P").alias("PERSON_ID"))
    made = ms.anonymize(twice.with_columns(pl.lit("R1").alias("REGION")), policy=policy, key=KEY)
    text = POLICY.replace("{MISSING}", "{as: wildcard}").replace("SURVEY_PERSON", "VISA").partition("keys:")[0]
    (tmp_path / "visa.yaml").write_text(text + "keys: {one: [SEX]}\nlimits: {k: 3}\n")

    assert ["PERSON_ID"] == [one.component for one in made.findings if one.severity == "warning"]
    with pytest.raises(MigstatError, match="some persons have several records"):
        ms.anonymize(twice.drop("HOUSEHOLD_ID"), policy=tmp_path / "visa.yaml", key=KEY)


def test_nothing_in_gives_an_error_and_not_an_empty_file(policy):
    with pytest.raises(Misuse, match="there are no records"):
        ms.anonymize(people().head(0), policy=policy, key=KEY)


def test_a_policy_that_does_not_ship():
    with pytest.raises(Misuse, match="write PUBLIC_USE_PERSON"):
        ms.read_microdata_policy("PUBLIC_USE_PERSONS")
    with pytest.raises(Misuse, match="there is no such policy file"):
        ms.read_microdata_policy("ours/policy.yaml")


@pytest.mark.parametrize("kind", ["pandas", "pyarrow", "polars", "polars-lazy", "duckdb"])
def test_every_engine_gives_the_same_records(policy, run, kind):
    frame = people()
    if kind == "duckdb":
        duckdb = pytest.importorskip("duckdb")
        source = duckdb.from_arrow(frame.to_arrow())
    else:
        source = {
            "pandas": frame.to_pandas,
            "pyarrow": frame.to_arrow,
            "polars": frame.clone,
            "polars-lazy": frame.lazy,
        }[kind]()
    made = ms.anonymize(source, policy=policy, key=KEY)
    back = (
        made.records
        if isinstance(made.records, pl.DataFrame)
        else pl.DataFrame(pl.from_dataframe(made.records) if kind == "pandas" else pl.from_arrow(made.records))
    )

    assert (type(source) is type(made.records)) == (kind in ("pandas", "pyarrow", "polars"))
    assert run.records.select("SEX", "REGION", "INCOME").rows() == back.select("SEX", "REGION", "INCOME").rows()


def test_the_public_file_tells_no_more_of_swapping_and_pram_than_that_they_were(run, tmp_path):
    paths = ms.write_anonymized(run, tmp_path, formats=["parquet"])
    page, book = paths[-1].read_text(), paths[-2].read_text()

    assert {"LABOUR"} == set(run.transitions)
    assert "0.9" not in page
    assert page.count("not told") == 6
    assert "pram: some values were changed at random" in book
    assert "swap: some values were changed at random" in book


def test_small_counts_are_on_no_page(run):
    from migstat.report.anonymization_page import anonymization_page

    few = replace(run.risk_before["one"], uniques=7, below_k=9)
    page = anonymization_page(replace(run, risk_before=run.risk_before | {"one": few}))

    assert ">7<" not in page
    assert ">9<" not in page
    assert "&lt;10" in page


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_spss_and_stata_have_labels_and_kinds_of_missing(run, tmp_path, language):
    paths = ms.write_anonymized(run, tmp_path, formats=FORMATS, language=language)
    frame = pl.read_parquet(paths[0])
    sav, about = pyreadstat.read_sav(paths[2], user_missing=True)
    dta, other = pyreadstat.read_dta(paths[3], user_missing=True)
    areas = ms.codelist("CL_COUNTRY_BIRTH")
    labels = about.variable_value_labels["COUNTRY_BIRTH"]
    codes = [labels[value].rpartition("[")[2].rstrip("]") for value in sav["COUNTRY_BIRTH"]]

    assert frame["COUNTRY_BIRTH"].to_list() == codes
    assert f"{areas.label('ARG', language)} [ARG]" in labels.values()
    assert ms.structure("SURVEY_PERSON")["SEX"].names[language] == about.column_names_to_labels["SEX"]
    assert other.column_names_to_labels["SEX"] == about.column_names_to_labels["SEX"]
    assert set(sav["MIG_REASON"]) & {-1.0, -2.0}
    assert [{"lo": -2.0, "hi": -1.0}] == about.missing_ranges["MIG_REASON"]
    assert {"a", "b"} <= set(dta["MIG_REASON"])
    assert pyreadstat.read_sav(paths[2])[0]["MIG_REASON"].isna().sum() == frame["MIG_REASON"].is_in(list(KINDS)).sum()
    assert pyreadstat.read_dta(paths[3])[0]["MIG_REASON"].isna().sum() == frame["MIG_REASON"].is_in(list(KINDS)).sum()
    assert frame["INCOME"].to_list() == pytest.approx(sav["INCOME"].to_list())


def test_a_number_that_was_taken_out_is_a_user_missing_value(policy, tmp_path):
    frame = people().with_columns(pl.lit(None, pl.String).alias("INCOME_MISSING"))
    some = pl.int_range(pl.len()) < 100
    frame = frame.with_columns(
        pl.when(some).then(None).otherwise(pl.col("INCOME") - 5000).alias("INCOME"),
        pl.when(some).then(pl.lit("_N")).alias("INCOME_MISSING"),
    )
    made = ms.anonymize(frame, policy=policy, key=KEY)
    paths = ms.write_anonymized(made, tmp_path, formats=["sav", "dta"])
    marked, about = pyreadstat.read_sav(paths[0], user_missing=True)

    assert [{"lo": -9_000_002.0, "hi": -9_000_002.0}] == about.missing_ranges["INCOME"]
    assert made.records["INCOME"].null_count() == (marked["INCOME"] == -9_000_002).sum()
    assert made.records["INCOME"].null_count() == pyreadstat.read_dta(paths[1])[0]["INCOME"].isna().sum()


def test_all_files_or_none(run, tmp_path, monkeypatch):
    import migstat.write.statistical_files as door

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(door, "write_dta", full)
    with pytest.raises(Misuse, match="cannot be written"):
        ms.write_anonymized(run, tmp_path / "out", formats=FORMATS)

    assert [] == list((tmp_path / "out").iterdir())


def test_a_format_or_language_that_does_not_exist(run, tmp_path):
    with pytest.raises(Misuse, match="there is no format xls"):
        ms.write_anonymized(run, tmp_path, formats="csv,xls")
    with pytest.raises(Misuse, match="no labels in the language 'de'"):
        ms.write_anonymized(run, tmp_path, language="de")


@pytest.mark.parametrize("id", microdata_policy_ids())
def test_policies_that_ship_are_honest_about_their_standing(id):
    found = microdata_policy(id)

    assert "to be confirmed" in found.standing
    assert "library's own" in found.source
    assert found.notes
    assert {"en", "fr", "es", "ar", "ru", "zh"} == set(found.names)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.integers(30, 90))
def test_the_public_policy_holds_for_any_file(seed, n):
    made = ms.anonymize(people(n, seed), policy=PUBLIC, key=KEY)
    for one in made.measures:
        if one.measure == "k":
            assert least_alike(made.records, list(one.ids), "wildcard") == one.after >= 3


GOLDEN = Path(__file__).parent / "anonymized" / "arg_eph.csv"


def test_the_golden_file_of_the_argentine_survey(eph):
    made = ms.anonymize(eph, policy="PUBLIC_USE_PERSON", key=KEY)
    lines = ["part,name,of,before,after"]
    lines += [f"step,{one.name},{one.what.replace(',', ';')},{one.records},{one.values}" for one in made.steps]
    lines += [f"{one.measure},{one.keys},{one.component},{one.before:.9g},{one.after:.9g}" for one in made.measures]
    lines += [
        f"kept,{one.component},,{one.total_variation:.9g},{one.hellinger:.9g}"
        for one in made.utility
        if one.total_variation is not None and one.hellinger is not None
    ]
    lines += [",".join("" if v is None else str(v) for v in row) for row in made.records.head(20).rows()]
    text = "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")

    assert GOLDEN.read_text(encoding="utf-8") == text
