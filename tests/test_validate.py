"""Validate: each kind of rule, three verdicts, policies on missing values, samples, failing rows, and the split."""

from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.words.structure import Component, Structure
from migstat.work.validate.hashes import combined, combined_in_engine


@pytest.fixture
def judge(tmp_path):
    """Judge rows by the rules of a file, written as the lines under `rules:`."""

    def judge(rows, *rules, **more):
        frame = pl.DataFrame(rows) if isinstance(rows, dict) else rows
        return ms.validate(frame, rules=rule_file(tmp_path, *rules), **more)

    return judge


def rule_file(folder: Path, *rules: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text("id: R\nversion: 1.0\nlanguage: en\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules), "utf-8")
    return path


def counts(one):
    return one.passed, one.failed, one.undecided


def rows_of(run, id):
    return sorted(run.failures().filter(pl.col("_rule") == id)["_row"].to_list())


# Rules over rows.


def test_a_row_passes_fails_or_cannot_be_judged(judge):
    run = judge({"H": ["32", "86", None, "x"]}, "{id: A, label: Hours, check: H between 1 and 80}")

    assert (1, 1, 2) == counts(run["A"])
    assert ({"_row": 2, "H": "86"},) == run["A"].sample
    assert "fail" == run["A"].verdict
    assert not run.ok


@pytest.mark.parametrize(
    ("policy", "expected"), [("undecided", (1, 1, 1)), ("fail", (1, 2, 0)), ("pass", (2, 1, 0)), ("ignore", (1, 1, 0))]
)
def test_a_rule_says_what_a_missing_value_means(judge, policy, expected):
    run = judge({"A": [1, 99, None]}, f"{{id: A, label: A, check: A < 50, missing: {policy}}}")

    assert expected == counts(run["A"])
    assert expected[1] == run.failures().height


def test_a_rule_is_judged_only_where_it_applies(judge):
    rows = {"AGE": [10, 20, None, 40], "WORK": ["Y", "N", "Y", None]}

    run = judge(rows, "{id: A, label: A, check: WORK = 'Y', when: AGE >= 15}")

    assert (0, 1, 1) == counts(run["A"])
    assert [2] == rows_of(run, "A")


def test_a_threshold_bears_some_failures(judge):
    rows = {"A": [1] * 98 + [9] * 2}

    run = judge(
        rows,
        "{id: SHARE, label: A, check: A < 5, threshold: 2%}",
        "{id: ROWS, label: A, check: A < 5, threshold: 1 row}",
    )

    assert {"SHARE": "pass", "ROWS": "fail"} == {one.rule.id: one.verdict for one in run.results}


def test_a_warning_that_fails_leaves_the_run_in_order(judge):
    run = judge({"A": [9]}, "{id: A, label: A, check: A < 5, severity: warning}")

    assert ("fail", True) == (run["A"].verdict, run.ok)


def test_weights_are_counted_beside_rows(judge):
    run = judge({"A": [1, 9, None], "W": [2.5, 10.0, 100.0]}, "{id: A, label: A, check: A < 5}", weight="W")

    one = run["A"]
    assert (2.5, 10.0, 100.0) == (one.passed_weight, one.failed_weight, one.undecided_weight)
    assert 112.5 == run.weight


def test_kinds_of_missing_count_as_missing_in_codes_of_records(judge, tmp_path):
    rows = pl.DataFrame({"SEX": ["F", "_N", "M"], "NOTE": ["_N", "a", "b"]})
    rules = rule_file(
        tmp_path,
        "{id: CODE, label: A, check: SEX = 'F'}",
        "{id: KIND, label: A, check: text(SEX) <> '_N'}",
        "{id: TEXT, label: A, check: NOTE <> '_N'}",
    )

    run = ms.validate(rows, structure="CENSUS_PERSON", rules=rules)

    assert {"CODE": (1, 1, 1), "KIND": (2, 1, 0), "TEXT": (2, 1, 0)} == {
        id: counts(run[id]) for id in ("CODE", "KIND", "TEXT")
    }


# Rules over keys.


def test_every_row_of_a_key_that_stands_twice_fails(judge):
    rows = {"A": ["x", "y", "x", None, "x"], "B": [1, 1, 1, 1, 2]}

    run = judge(rows, "{id: K, label: A, unique: [A, B]}")

    assert (2, 2, 1) == counts(run["K"])
    assert [1, 3] == rows_of(run, "K")


def test_the_weight_of_repeated_keys_is_known_at_the_end(judge):
    run = judge({"A": ["x", "y", "x"], "W": [1.0, 2.0, 4.0]}, "{id: K, label: A, unique: [A]}", weight="W", sample=0)

    assert (2.0, 5.0) == (run["K"].passed_weight, run["K"].failed_weight)


def test_a_key_is_unique_among_the_rows_to_which_the_rule_applies(judge):
    rows = {"H": [1, 1, 1, 2], "REL": ["HEAD", "CHILD", "HEAD", "HEAD"]}

    run = judge(rows, "{id: K, label: A, unique: [H], when: REL = 'HEAD'}")

    assert (1, 2, 0) == counts(run["K"])
    assert [1, 3] == rows_of(run, "K")


def test_rows_alike_in_one_thing_are_alike_in_another(judge):
    rows = {"P": ["1", "1", "2", "2", None, "3", "3", "4"], "C": ["a", "a", "b", "c", "c", "d", None, None]}

    run = judge(rows, "{id: D, label: A, determines: {by: [P], one: C}}")

    assert (3, 2, 3) == counts(run["D"])
    assert [3, 4] == rows_of(run, "D")


def test_a_key_stands_in_another_file(judge):
    rows = {"HH": ["1", "2", "9", None]}
    households = pl.DataFrame({"ID": [1, 2, 3]})
    rule = "{id: E, label: A, exists: {columns: [HH], in: households, as: [ID]}}"

    given_ = judge(rows, rule, references={"households": households})
    absent = judge(rows, rule)

    assert (2, 1, 1) == counts(given_["E"])
    assert (0, 0, 4) == counts(absent["E"])
    assert "undecided" == absent["E"].verdict
    assert "households" in absent["E"].note


@pytest.mark.parametrize(
    ("columns", "listed", "sized"),
    [
        (["HOGAR", "N"], "not in households: HOUSEHOLD_ID", "not in households: HOUSEHOLD_ID, PERSONS"),
        (["HOUSEHOLD_ID", "N"], "", "not in households: PERSONS"),
    ],
)
def test_what_another_file_does_not_have_is_told_of_rules_that_ship(columns, listed, sized):
    people = pl.DataFrame({"HOUSEHOLD_ID": ["1", "2"], "AGE": [7, 8]})
    households = pl.DataFrame({name: ["1", "2"] for name in columns})
    run = ms.validate(people, structure="CENSUS_PERSON", references={"households": households})

    assert [listed, sized] == [run["HOUSEHOLD_LISTED"].note, run["HOUSEHOLD_SIZE"].note]


# Rules over groups, sequences, look-ups and trees.


def test_a_rule_over_groups_counts_groups_and_names_rows(judge):
    rows = {"H": [1, 1, 2, 2, 3, None], "REL": ["HEAD", "X", "HEAD", "HEAD", None, "HEAD"]}

    run = judge(rows, "{id: G, label: A, by: [H], check: count(REL = 'HEAD') = 1}")

    assert (1, 1, 2) == counts(run["G"])
    assert "groups" == run["G"].units
    assert [3, 4] == rows_of(run, "G")


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("count() = 4", "pass"),
        ("count(X > 2) >= 1", "pass"),
        ("count(X > 2) = 1", "undecided"),
        ("count(X > 2) <= 2", "pass"),
        ("count(X > 2) > 2", "fail"),
        ("share(X > 2) <= 0.5", "pass"),
        ("share(X > 2) < 0.3", "undecided"),
        ("sum(X) = 6", "undecided"),
        ("sum(coalesce(X, 0)) = 6", "pass"),
        ("mean(coalesce(X, 2)) = 2", "pass"),
        ("median(coalesce(X, 9)) = 2.5", "pass"),
        ("smallest(X) <= 1", "pass"),
        ("smallest(X) = 1", "undecided"),
        ("largest(X) < 3", "fail"),
        ("distinct(X) >= 3", "pass"),
        ("distinct(X) = 4", "undecided"),
        ("distinct(X) > 4", "fail"),
        ("sum(Y) / count() between 2 and 3", "pass"),
        ("abs(sum(Y) - 11) < 2 and count() in (1..5)", "pass"),
        ("not count(X > 2) > 2", "pass"),
    ],
)
def test_aggregates_are_decided_where_the_missing_value_cannot_change_the_answer(judge, check, expected):
    run = judge({"X": [1, 2, 3, None], "Y": [1, 2, 3, 4]}, f"{{id: G, label: A, check: '{check}'}}")

    assert expected == run["G"].verdict


def test_a_share_of_the_non_missing_leaves_missing_values_out(judge):
    rows = {"L": ["high", "low", "low", None, None]}

    run = judge(rows, "{id: G, label: A, check: share(L = 'high') < 0.3, missing: ignore}")

    assert "fail" == run["G"].verdict


def test_a_rule_over_a_file_without_rows_is_judged(judge):
    empty = pl.DataFrame(schema={"X": pl.Int64})

    run = judge(
        empty,
        "{id: SOME, label: A, check: count() >= 1}",
        "{id: EACH, label: A, check: X > 1}",
        "{id: K, label: A, unique: [X]}",
        "{id: SHARE, label: A, check: share(X > 1) < 1}",
    )

    assert {"SOME": (0, 1, 0), "EACH": (0, 0, 0), "K": (0, 0, 0), "SHARE": (0, 0, 1)} == {
        one.rule.id: counts(one) for one in run.results
    }


def test_a_row_is_judged_with_the_one_before_it(judge):
    rows = {
        "P": ["a", "b", "a", "a", "b", None],
        "DAY": ["2020-01-03", "2020-01-01", "2020-01-01", "2020-01-02", "2020-01-05", "2020-01-01"],
        "WAY": ["IN", "IN", "IN", "OUT", "IN", "IN"],
    }

    run = judge(rows, "{id: S, label: A, sequence: {by: [P], sort: [DAY]}, check: WAY <> previous(WAY)}")

    assert (2, 1, 1) == counts(run["S"])
    assert [5] == rows_of(run, "S")


def test_rows_of_the_same_file_are_looked_up(judge):
    rows = {"ID": ["1", "2", "3"], "AGE": [12, 30, 45], "MOTHER": ["2", None, "9"]}

    run = judge(
        rows, "{id: L, label: A, look_up: {mother: {in: self, where: {ID: MOTHER}}}, check: mother.AGE - AGE >= 20}"
    )

    assert (0, 1, 2) == counts(run["L"])
    assert [1] == rows_of(run, "L")
    assert "AGE=12" in run.failures()["_values"][0]


def test_what_is_looked_up_and_differs_is_unknown_and_its_rows_are_counted(judge):
    people = pl.DataFrame({"HH": ["1", "1", "2"], "AREA": ["A", "B", "A"]})
    look_up = "look_up: {p: {in: people, where: {HH: HH}}}"

    run = judge(
        {"HH": ["1", "2", "3", None], "N": [2, 2, 0, 1], "AREA": ["A", "A", "A", "A"]},
        f"{{id: N, label: A, {look_up}, check: N = p.n}}",
        f"{{id: AREA, label: A, {look_up}, check: AREA = p.AREA}}",
        references={"people": people},
    )

    assert {"N": (2, 1, 1), "AREA": (1, 0, 3)} == {one.rule.id: counts(one) for one in run.results}


def test_a_parent_equals_the_sum_of_its_direct_children(judge):
    rows = {
        "AREA": ["A"] * 5 + ["B"] * 3,
        "C": ["1", "1.1", "1.2", "1.2.1", "1.2.2", "1", "1.1", "1.2"],
        "N": [10, 4, 6, 5, 2, 10, 4, None],
    }

    run = judge(rows, "{id: P, label: A, parts: {of: N, code: C, tree: dotted, within: [AREA], tolerance: 0.5}}")

    assert (1, 1, 1) == counts(run["P"])
    assert [3] == rows_of(run, "P")


def test_a_total_equals_the_tops_of_its_codelist(judge):
    rows = {"SEX": ["_T", "F", "M", "_T", "F"], "AREA": ["A", "A", "A", "B", "B"], "N": [3, 1, 1, 5, 5]}
    parts = "parts: {of: N, code: SEX, tree: CL_SEX, within: [AREA], absent: "

    run = judge(rows, f"{{id: ZERO, label: A, {parts}zero}}}}", f"{{id: OPEN, label: A, {parts}undecided}}}}")

    assert {"ZERO": (1, 1, 0), "OPEN": (0, 1, 1)} == {one.rule.id: counts(one) for one in run.results}


# Results.


def test_records_and_failures_are_both_results(judge):
    rows = pl.DataFrame({"A": [1, 9, 3], "B": ["x", "y", "x"]})

    run = judge(
        rows,
        "{id: SMALL, label: A, check: A < 5}",
        "{id: K, label: A, unique: [B]}",
        "{id: HINT, label: A, check: A < 1, severity: warning}",
    )
    records, failures = run.split()

    assert 0 == records.height
    assert rows.columns == records.columns
    assert ["K", "SMALL", "K"] == failures["_rules"].to_list()
    assert rows.schema == records.schema


def test_failing_rows_go_to_a_file(judge, tmp_path):
    run = judge({"ID": ["a", "b", "c"], "A": [1, 9, 8]}, "{id: A, label: A, check: A < 5}", key=["ID"], sample=1)

    written = run.failures(into=tmp_path / "failures.parquet")
    found = pl.read_parquet(tmp_path / "failures.parquet")

    assert 2 == written
    assert [("A", 2, "b", "A=9"), ("A", 3, "c", "A=8")] == found.rows()
    assert ["_rule", "_row", "ID", "_values"] == found.columns
    assert run["A"].truncated


def test_a_sample_of_none_is_none(judge):
    run = judge({"A": [9]}, "{id: A, label: A, check: A < 5}", sample=0)

    assert (1, ()) == (run["A"].failed, run["A"].sample)


def test_rows_are_the_same_however_the_file_is_cut(judge, monkeypatch):
    rows = {"H": [n // 3 for n in range(60)], "A": [n % 7 for n in range(60)], "C": [str(n % 5) for n in range(60)]}
    rules = [
        "{id: A, label: A, check: A < 6}",
        "{id: G, label: A, by: [H], check: count(A > 3) <= 2}",
        "{id: D, label: A, determines: {by: [H], one: A}}",
        "{id: K, label: A, unique: [A, C]}",
        "{id: S, label: A, sequence: {by: [C], sort: [H]}, check: A >= previous(A)}",
        "{id: M, label: A, by: [C], check: median(A) > 2 and distinct(H) > 1}",
    ]
    whole = [counts(one) for one in judge(rows, *rules).results]
    failing = judge(rows, *rules).failures().sort("_rule", "_row")

    monkeypatch.setattr("migstat.api.sources.PART_ROWS", 7)
    cut = judge(rows, *rules)

    assert whole == [counts(one) for one in cut.results]
    assert failing.equals(cut.failures().sort("_rule", "_row"))


VALUES = st.sampled_from([None, 0, 1, 2, 50, 5_000])


TOGETHER = (
    "by: [H], check: count() <= 3",
    "by: [H], check: 'count(A > 1) <= 1 and share(A > 1) < 0.9', weighted: true",
    "by: [H], check: count(A > 1) <= 1",
    "by: [H], check: sum(A) < 60 and mean(A) < 40",
    "by: [H], check: mean(A) < 40, missing: ignore",
    "by: [H], check: smallest(A) < 2 and largest(A) > 0 and C = 'x'",
    "by: [H], check: median(A) < 50 and distinct(C) < 2",
    "by: [H], check: median(A) < 50, weighted: true",
    "by: [H], check: count() <= 1, when: A > 0",
    "by: [H], check: largest(A) < 50, when: A > 0",
    "by: [H, C], check: sum(A) <= 50, weighted: true",
    "check: share(A > 1) < 0.5",
)
"""Rules over groups, some of which gather the same groups."""
MEMBERS = st.tuples(
    st.sampled_from(["h1", "h2", "h3", "", None]),
    VALUES,
    st.sampled_from(["x", "y", None]),
    st.sampled_from([1.0, 0.1, 2.5]),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(MEMBERS, max_size=30), st.booleans(), st.integers(3, 12))
@example([("h1", None, "x", 1.0), ("h1", 50, "y", 1.0)], False, 3)
def test_rules_that_gather_groups_together_say_what_each_says_alone(tmp_path_factory, rows, ordered, cut):
    folder = tmp_path_factory.mktemp("together")
    schema = {"H": pl.String, "A": pl.Int64, "C": pl.String, "W": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    frame = frame.sort("H", maintain_order=True) if ordered else frame
    frame.write_parquet(folder / "a.parquet", row_group_size=cut)
    written = [f"{{id: R{number}, label: A, {rule}}}" for number, rule in enumerate(TOGETHER)]

    def said(source, *rules):
        run = ms.validate(source, rules=rule_file(folder, *rules), weight="W")
        failing = run.failures().sort("_rule", "_row").rows()
        return {one.rule.id: (*_told(one), [row for row in failing if row[0] == one.rule.id]) for one in run.results}

    together = said(folder / "a.parquet", *written)
    of_frame = said(frame, *written)

    assert together == {id: found for rule in written for id, found in said(folder / "a.parquet", rule).items()}
    for id, (_, counted, weights, sample, failing) in of_frame.items():
        assert (counted, sample, failing) == (together[id][1], *together[id][3:])
        assert weights == pytest.approx(together[id][2])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), max_size=20), st.integers(1, 7))
def test_every_row_has_one_verdict_and_they_are_those_of_plain_python(tmp_path_factory, rows, cut):
    path = rule_file(
        tmp_path_factory.mktemp("rules"),
        "{id: A, label: A, check: A + B < 52 or A = 50}",
        "{id: K, label: A, unique: [A, B]}",
        "{id: G, label: A, by: [A], check: count(B > 1) <= 1}",
    )
    frame = pl.DataFrame(rows, schema={"A": pl.Int64, "B": pl.Int64}, orient="row")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("migstat.api.sources.PART_ROWS", cut)
        run = ms.validate(frame, rules=path)

    known = [row for row in rows if None not in row]
    twice = sum(known.count(row) > 1 for row in known)
    assert (len(known) - twice, twice, len(rows) - len(known)) == counts(run["K"])
    assert [_holds(*row) for row in rows].count(False) == run["A"].failed
    assert [_holds(*row) for row in rows].count(None) == run["A"].undecided
    groups = [[b for a, b in rows if a == value] for value in dict.fromkeys(a for a, _ in rows) if value is not None]
    surely = [sum(b is not None and b > 1 for b in group) for group in groups]
    perhaps = [sure + group.count(None) for sure, group in zip(surely, groups, strict=True)]
    assert sum(sure > 1 for sure in surely) == run["G"].failed
    assert sum(most <= 1 for most in perhaps) == run["G"].passed


def _holds(a, b):
    small = None if a is None or b is None else a + b < 52
    fifty = None if a is None else a == 50
    return True if small or fifty else None if small is None or fifty is None else False


# Sources.


def test_an_extract_is_judged_through_its_mapping(tmp_path):
    (tmp_path / "mapping.yaml").write_text(
        "id: KEN_TEST\nversion: 1.0\ninto: CENSUS_PERSON\n"
        "source: {kind: census, by: nobody, area: KEN, date: 2019-08-24, population: de facto, birthplace: actual,\n"
        "         boundaries: census date, key: [ID]}\n"
        "rules:\n"
        "  SEX: {from: S, recode: {1: M, 2: F}}\n"
        "  AGE: {from: A, not_stated: [99]}\n"
        "  COUNTRY_BIRTH: {from: B, recode: {1: KEN, 2: UGA}}\n"
        "  CITIZENSHIP: {not_collected: it is made up}\n"
        "  RESID_5Y: {not_collected: it is made up}\n"
        "  YEAR_ARRIVAL: {from: Y, not_applicable: ['']}\n"
        "  MIG_REASON: {not_collected: it is made up}\n",
        "utf-8",
    )
    (tmp_path / "extract.csv").write_text("ID,S,A,B,Y\n1,1,30,1,\n2,7,30,1,\n3,2,20,2,1980\n4,2,99,2,1999\n", "utf-8")
    rules = rule_file(tmp_path, "{id: OLD, label: A, check: AGE >= 25}")

    run = ms.validate(tmp_path / "extract.csv", mapping=tmp_path / "mapping.yaml", rules=rules)

    assert (1, 1, 1) == counts(run["OLD"])
    assert 3 == run["OLD"].sample[0]["_row"]
    assert ["no rule for S = '7'"] == [finding.what for finding in run.findings]
    assert [2] == run.rejects()["_row"].to_list()
    assert 3 == run.rows
    assert [3] == run.failures().filter(pl.col("_rule") == "OLD")["_row"].to_list()


def test_the_structure_of_our_own_files_is_known(root, tmp_path):
    extract = root / "examples" / "usa_acs_2018" / "extract" / "csv_p00.zip"
    made = ms.harmonize(extract, root / "examples" / "usa_acs_2018" / "mapping.yaml", into=tmp_path)

    from_file = ms.validate(tmp_path / f"{made.name}.records.parquet")
    from_run = ms.validate(made)
    from_extract = ms.validate(extract, mapping=root / "examples" / "usa_acs_2018" / "mapping.yaml")

    assert "MIGSTAT:SURVEY_PERSON(1.0)" == from_file.provenance["structure"]
    told = [(one.rule.id, *counts(one), round(one.failed_weight, 6)) for one in from_file.results]
    assert told == [(one.rule.id, *counts(one), round(one.failed_weight, 6)) for one in from_run.results]
    assert told == [(one.rule.id, *counts(one), round(one.failed_weight, 6)) for one in from_extract.results]


def test_a_csv_file_without_a_structure_is_judged_by_rules_alone(tmp_path):
    (tmp_path / "a.csv").write_text("person-id;N\n1;07\n2;x\n", "utf-8")
    rules = rule_file(tmp_path, "{id: A, label: A, check: 'N < 8 and \"person-id\" >= 1'}")

    run = ms.validate(tmp_path / "a.csv", rules=rules)

    assert (1, 0, 1) == counts(run["A"])


def test_columns_that_are_not_there_are_told_all_at_once(tmp_path):
    rules = rule_file(tmp_path, "{id: A, label: A, check: AGEE > 1}", "{id: B, label: A, unique: [IDD]}")

    with pytest.raises(ms.MigstatError) as error:
        ms.validate(pl.DataFrame({"AGE": [1], "ID": [1]}), rules=rules)

    found = [(finding.what, finding.mend) for finding in error.value.findings]
    assert [
        ("A reads AGEE, which is no column of the data", "write AGE"),
        ("B reads IDD, which is no column of the data", "write ID"),
    ] == found


def test_a_rule_of_ones_own_takes_the_place_of_another_of_its_id(tmp_path):
    rules = rule_file(tmp_path, "{id: AGE.RANGE, label: Only adults, check: AGE >= 18}")

    run = ms.validate(pl.DataFrame({"AGE": [7, 40]}), structure="CENSUS_PERSON", rules=rules)

    assert (1, 1, 0) == counts(run["AGE.RANGE"])


def test_nothing_to_judge_by_is_a_misuse():
    with pytest.raises(ms.MigstatError, match="nothing to judge by"):
        ms.validate(pl.DataFrame({"A": [1]}))


SEXES = st.sampled_from([None, "F", "M", "_N", "_Z", "Q", ""])
AGES = st.sampled_from([None, 0, 4, 5, 34, 140])
PERSON = Structure(
    "PERSON", "record", "1.0", {}, "", "person", (), (Component("SEX", "SEX", "dimension", "code", "CL_SEX"),)
)
RELATIONS = st.sampled_from([None, "a", "b", ""])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(SEXES, AGES, RELATIONS, st.sampled_from([1.0, 2.5, None])), max_size=25), st.booleans())
def test_a_parquet_file_is_judged_as_a_frame_is(tmp_path_factory, rows, coded):
    folder = tmp_path_factory.mktemp("files")
    path = rule_file(
        folder,
        "{id: A, label: A, check: SEX = 'F' and AGE >= 5}",
        "{id: B, label: A, check: AGE between 0 and 100, when: 'SEX in (''F'', ''_N'')'}",
        "{id: C, label: A, check: 'text(SEX) in (''F'', ''_N'') or AGE is missing'}",
        "{id: D, label: A, check: not SEX <> 'F', missing: fail}",
        "{id: E, label: A, check: REGION is not missing and REGION <> 'b'}",
        "{id: F, label: A, check: AGE + 1 < 35 or SEX is missing, missing: ignore}",
        "{id: G, label: A, check: length(REGION) = 1}",
        "{id: K, label: A, unique: [SEX, AGE]}",
        "{id: L, label: A, unique: [REGION, AGE], missing: fail}",
    )
    schema = {"SEX": pl.String, "AGE": pl.Int64, "REGION": pl.String, "WEIGHT": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    frame.with_columns(pl.col("SEX").cast(pl.Categorical) if coded else pl.col("SEX")).write_parquet(
        folder / "a.parquet"
    )

    of_frame = ms.validate(frame, structure=PERSON, weight="WEIGHT", rules=path)
    of_file = ms.validate(folder / "a.parquet", structure=PERSON, weight="WEIGHT", rules=path)

    assert [_told(one) for one in of_frame.results] == [_told(one) for one in of_file.results]
    assert of_frame.failures().equals(of_file.failures())
    assert (of_frame.rows, of_frame.weight) == (of_file.rows, of_file.weight)


def _told(one):
    weights = (one.passed_weight, one.failed_weight, one.undecided_weight)
    return one.rule.id, counts(one), weights, one.sample


@given(st.lists(st.tuples(*[st.integers(0, 2**64 - 1)] * 3), min_size=1), st.integers(1, 3))
def test_the_engine_makes_the_same_hash_of_several_columns(rows, width):
    columns = [np.array(column, dtype=np.uint64) for column in zip(*rows, strict=True)][:width]
    frame = pl.DataFrame({str(number): column for number, column in enumerate(columns)})
    made = frame.lazy().select(combined_in_engine([pl.col(name) for name in frame.columns])).collect()

    assert combined(columns, len(rows)).tolist() == made.to_series().to_list()


def test_decimal_weights_of_a_file_add_up_to_what_they_should_be(tmp_path):
    frame = pl.DataFrame({"LINE": [f"{row // 2}" for row in range(3000)], "AGE": [7] * 3000, "WEIGHT": [0.1] * 3000})
    frame.write_parquet(tmp_path / "a.parquet")
    rules = rule_file(
        tmp_path,
        "{id: OLD, label: old, check: AGE >= 18}",
        "{id: KEY, label: key, unique: [LINE]}",
        "{id: FEW, label: few, by: [LINE], check: count() <= 9}",
        "{id: ALL, label: all, check: count() = 300, weighted: true}",
        "{id: SUM, label: sum, check: sum(AGE) = 2100, weighted: true}",
    )

    run = ms.validate(tmp_path / "a.parquet", rules=rules, only=True, sample=0, weight="WEIGHT")

    assert reduce(add, [0.1] * 3000) != 300.0
    assert (300.0, [300.0, 300.0]) == (run.weight, [run[id].failed_weight for id in ("OLD", "KEY")])
    assert 300.0 == run["FEW"].passed_weight
    assert ("pass", "pass") == (run["ALL"].verdict, run["SUM"].verdict)


@pytest.mark.parametrize("weight", [None, "W"])
def test_keys_of_a_file_are_counted_as_those_of_a_frame(tmp_path, weight):
    people = pl.DataFrame(
        {"A": ["1", "1", "2", "", None, "1"], "B": [7, 7, 7, 7, 7, 8], "W": [1.5, 2.0, 4.0, 8.0, 16.0, 32.0]}
    )
    path = tmp_path / "people.parquet"
    people.write_parquet(path)
    (tmp_path / "r.yaml").write_text("id: R\nversion: 1.0\nrules: [{id: KEY, unique: [A, B]}]\n", encoding="utf-8")
    made = [ms.validate(one, rules=tmp_path / "r.yaml", weight=weight)["KEY"] for one in (people, path)]
    told = [(one.passed, one.failed, one.undecided) for one in made]
    weighed = [(one.passed_weight, one.failed_weight, one.undecided_weight) for one in made]

    assert [(2, 2, 2)] * 2 == told
    assert [(36.0, 3.5, 24.0) if weight else (2.0, 2.0, 2.0)] * 2 == weighed
    assert made[0].sample == made[1].sample
