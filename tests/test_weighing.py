"""Weights are added up exactly: the same sums whatever holds the rows, however they are cut, in whatever order."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import migstat as ms
from migstat.work.validate.confront import Confrontation, Source
from migstat.work.validate.seating import Surroundings

LINES = st.sampled_from(["01", "02", "03", "10"])
AGES = st.one_of(st.none(), st.integers(0, 30))
SEXES = st.sampled_from([None, "F", "M"])
WEIGHED = (
    "{id: OLD, label: old, check: AGE >= 18, missing: pass}",
    "{id: KEY, label: key, unique: [LINE]}",
    "{id: ONE, label: one, determines: {by: [LINE], one: SEX}}",
    "{id: FEW, label: few, by: [LINE], check: count(AGE > 10) <= 2, weighted: true}",
    "{id: ALL, label: all, check: share(AGE > 10) < 0.5, weighted: true}",
    "{id: MID, label: mid, by: [SEX], check: median(AGE) > 10, weighted: true}",
    "{id: SEQ, label: sequence, sequence: {by: [SEX], sort: [LINE]}, check: LINE = previous(LINE)}",
)
WEIGHTS = {
    "hundredths": st.integers(0, 100_000).map(lambda one: one / 100),
    "hundredths, reckoned": st.integers(0, 100_000).map(lambda one: one * 0.01),
    "six places": st.integers(0, 10**9).map(lambda one: one / 10**6),
    "many places": st.floats(0, 1e4),
    "of all sizes": st.floats(-1e12, 1e15),
    "whole, and one late": st.sampled_from([1.0, 2.0, 1 / 3, None, float("nan")]),
}


@settings(max_examples=6)
@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
@given(st.data())
def test_sums_of_weights_are_the_same_whatever_holds_the_rows_and_however_they_are_cut(tmp_path_factory, weights, data):
    """The last bit too: weights are counted in whole units, so that no order of adding them up shows."""
    person = st.tuples(
        st.sampled_from(["01", "02", "03", "10"]), st.one_of(st.none(), st.integers(0, 30)), SEXES, weights
    )
    rows = data.draw(st.lists(person, min_size=1, max_size=40))
    folder = tmp_path_factory.mktemp("weighed")
    rules = ms.read_rules(rule_file(folder, *WEIGHED))
    schema = {"LINE": pl.String, "AGE": pl.Int64, "SEX": pl.String, "W": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    frame.write_parquet(folder / "a.parquet", row_group_size=data.draw(st.integers(1, 40)))
    frame.with_columns(pl.col("W").fill_nan(None)).write_csv(folder / "a.csv")
    pandas = pl.from_pandas(frame.to_pandas())

    def told(frame, size):
        cut = [frame.slice(at, size) for at in range(0, frame.height, size)]
        source = Source(frame.schema, lambda columns: _numbered(cut, columns))
        run = Confrontation(rules.rules, source, Surroundings(ms.codelist), weight="W", sample=0)
        return run.total, [_told(one) for one in run.results]

    def told_of(source):
        run = ms.validate(source, rules=rules, only=True, weight="W", sample=0)
        return run.weight, [_told(one) for one in run.results]

    expected = told_of(folder / "a.parquet")

    assert all(expected == told_of(one) for one in (folder / "a.csv", frame, frame.lazy(), frame.to_pandas()))
    assert all(expected == told(one, size) for size in (1, 3, 7, 40) for one in (frame, pandas))
    assert expected[0] == told(frame[::-1], 3)[0]


def _told(one):
    return one.rule.id, one.passed, one.failed, one.passed_weight, one.failed_weight, one.undecided_weight


def _numbered(parts, columns):
    at = 1
    for part in parts:
        yield pl.int_range(at, at + part.height, eager=True), part.select(columns)
        at += part.height


def test_a_weight_without_end_is_told(tmp_path):
    frame = pl.DataFrame({"AGE": [1, 2], "W": [1.0, float("inf")]})
    frame.write_parquet(tmp_path / "a.parquet")
    rules = rule_file(tmp_path, "{id: OLD, label: old, check: AGE >= 18}")
    told = []
    for source in (frame, frame.lazy(), tmp_path / "a.parquet"):
        with pytest.raises(ms.MigstatError) as error:
            ms.validate(source, rules=rules, weight="W")
        told.append(str(error.value))

    expected = "validate  W\n  holds a weight that is infinite\n  Mend: write the weight of each row as a number"
    assert [expected] * 3 == told


def rule_file(folder: Path, *rules: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text("id: R\nversion: 1.0\nlanguage: en\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules), "utf-8")
    return path
