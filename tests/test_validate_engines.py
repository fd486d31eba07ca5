"""Validate on every engine: one body of rules, the same verdicts, and what an engine cannot judge is said."""

import polars as pl
import pytest

import migstat as ms

ROWS = [
    {"ID": "1", "HH": "a", "SEX": "F", "AGE": "34", "RESID_5Y": "ABROAD", "YEAR_ARRIVAL": "2015"},
    {"ID": "2", "HH": "a", "SEX": "M", "AGE": "3", "RESID_5Y": "ABROAD", "YEAR_ARRIVAL": None},
    {"ID": "3", "HH": "b", "SEX": "X", "AGE": "140", "RESID_5Y": "_Z", "YEAR_ARRIVAL": "1990"},
    {"ID": "3", "HH": "b", "SEX": "_N", "AGE": None, "RESID_5Y": "_N", "YEAR_ARRIVAL": "1850"},
    {"ID": None, "HH": None, "SEX": "F", "AGE": "x", "RESID_5Y": "_Z", "YEAR_ARRIVAL": "2019"},
]
RULES = """\
id: ENGINES
version: 1.0
language: en
rules:
  - {id: ADULT, label: A, check: AGE >= 15}
  - {id: ADULT_FAIL, label: A, check: AGE >= 15, missing: fail}
  - {id: WHEN, label: A, check: YEAR_ARRIVAL > 2000, when: RESID_5Y = 'ABROAD'}
  - {id: EITHER, label: A, check: SEX = 'F' or AGE > 100}
  - {id: K, label: A, unique: [ID]}
  - {id: D, label: A, determines: {by: [HH], one: SEX}}
  - {id: G, label: A, by: [HH], check: count(AGE >= 18) >= 1}
  - {id: T, label: A, check: share(SEX = 'F') between 0.3 and 0.7}
  - {id: SUM, label: A, by: [HH], check: sum(AGE) <= 40 or largest(AGE) >= 120}
  - {id: S, label: A, sequence: {by: [HH], sort: [ID]}, check: AGE > previous(AGE)}
  - {id: L, label: A, look_up: {same: {in: self, where: {HH: HH}}}, check: same.n = 2}
"""
OPEN_ON_SPARK = {"S", "L"}
CHOSEN = ["ADULT", "ADULT_FAIL", "WHEN", "EITHER", "K", "D", "G", "T", "SUM", "SEX.CODE", "AGE.RANGE", "S", "L"]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "engines.yaml"
    path.write_text(RULES, "utf-8")
    return path


def verdicts(run):
    return {one.rule.id: (one.passed, one.failed, one.undecided) for one in run.results if one.rule.id in CHOSEN}


@pytest.fixture(scope="module")
def expected(rules):
    import polars as pl

    return verdicts(ms.validate(pl.DataFrame(ROWS), structure="CENSUS_PERSON", rules=rules))


def test_the_verdicts_are_these(expected):
    assert {
        "ADULT": (2, 1, 2),
        "ADULT_FAIL": (2, 3, 0),
        "WHEN": (1, 0, 1),
        "EITHER": (3, 1, 1),
        "K": (2, 2, 1),
        "D": (0, 2, 3),
        "G": (2, 0, 1),
        "T": (1, 0, 0),
        "SUM": (2, 0, 1),
        "S": (0, 1, 2),
        "L": (4, 0, 1),
        "SEX.CODE": (4, 1, 0),
        "AGE.RANGE": (2, 1, 0),
    } == expected


def test_every_engine_gives_the_same_verdicts(constructor, rules, expected):
    run = ms.validate(constructor(ROWS), structure="CENSUS_PERSON", rules=rules)

    found = verdicts(run)
    if constructor.engine == "pyspark":
        assert OPEN_ON_SPARK == {id for id in found if found[id] == (0, 0, 5)}
        assert all(id in run.findings[0].what for id in OPEN_ON_SPARK)
        found |= {id: expected[id] for id in OPEN_ON_SPARK}
    assert expected == found


def test_rows_that_stay_in_their_database_are_counted_there(constructor, rules, expected):
    if constructor.engine not in ("duckdb", "polars-lazy"):
        pytest.skip("the engines that can be asked either way")
    import narwhals as nw

    from migstat.api.naming import codelist, structure
    from migstat.api.rule_sets import rules_for
    from migstat.work.validate.lazily.judge import judge_lazily
    from migstat.work.validate.seating import Surroundings

    frame = nw.from_native(constructor(ROWS))
    census = structure("CENSUS_PERSON")
    ruleset = rules_for(census, list(ROWS[0]), [ms.read_rules(rules)])
    results, rows, weight = judge_lazily(frame, ruleset.rules, Surroundings(codelist, census), None)

    found = {one.rule.id: (one.passed, one.failed, one.undecided) for one in results if one.rule.id in CHOSEN}
    assert (5, 5.0) == (rows, weight)
    assert expected | dict.fromkeys(OPEN_ON_SPARK, (0, 0, 5)) == found
    assert all("cannot be judged on this engine" in one.note for one in results if one.rule.id in OPEN_ON_SPARK)


def test_good_rows_and_bad_come_back_as_their_own_kind(constructor, tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(
        "id: R\nversion: 1.0\nlanguage: en\nrules:\n"
        "  - {id: A, label: A, check: AGE >= 15}\n  - {id: K, label: A, unique: [ID]}\n",
        "utf-8",
    )
    frame = constructor(ROWS)

    run = ms.validate(frame, rules=path)
    records, failures = run.split()

    kept, left = constructor.rows(records, "HH"), constructor.rows(failures, "HH", "ID", "AGE")
    assert [ROWS[4], ROWS[0]] == kept
    assert ["A", "K", "K"] == [row["_rules"] for row in left]
    if constructor.engine in ("pandas", "pyarrow", "polars", "pyspark"):
        assert type(frame) is type(records) is type(failures)


FEW_RULES = {
    "of a key": "unique: [SEX, AGE]",
    "of groups": "check: mean(AGE) < 20, by: [SEX]",
    "of constants": "check: 1 = 2",
    "of rows": "check: AGE > 40",
}


@pytest.mark.parametrize("rule", FEW_RULES.values(), ids=list(FEW_RULES))
@pytest.mark.parametrize("source", ["file", "scan", "frame"])
def test_rows_are_counted_whatever_the_rules_read(rule, source, tmp_path):
    people = pl.DataFrame({"SEX": ["F", "M"] * 3, "AGE": [30] * 6})
    people.write_parquet(tmp_path / "people.parquet")
    sources = {
        "file": tmp_path / "people.parquet",
        "scan": pl.scan_parquet(tmp_path / "people.parquet"),
        "frame": people,
    }
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"id: FEW\nversion: 1.0\nrules:\n  - {{id: ONE, {rule}, label: {{en: one}}}}\n", encoding="utf-8")
    run = ms.validate(sources[source], rules=rules, only=True)

    assert (6, 6.0) == (run.rows, run.weight)
    assert run["ONE"].failed == (2 if "mean" in rule else 6)
