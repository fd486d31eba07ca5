"""Patterns in a mapping: read, told when wrong, and run."""

import polars as pl
import pytest

import migstat as ms
from migstat.words.finding import MigstatError

MAPPING = """id: EX
version: 1.0
into: CENSUS_PERSON
source: {{kind: census, by: An office, area: KEN, date: 2019}}
rules:
  SEX: {{from: SEX, recode: {{M: M, F: F}}}}
  AGE: {{not_collected: made up}}
  COUNTRY_BIRTH: {rule}
  CITIZENSHIP: {{fixed: KEN}}
  RESID_5Y: {{not_collected: made up}}
  YEAR_ARRIVAL: {{not_collected: made up}}
  MIG_REASON: {{not_collected: made up}}
"""


def written(folder, rule):
    path = folder / "mapping.yaml"
    path.write_text(MAPPING.format(rule=rule), encoding="utf-8")
    return path


def test_texts_parts_and_expressions_are_run_in_their_order(tmp_path):
    rule = (
        "{from: BPL, patterns: [{regex: '([A-Z]{3})-.*', to: '\\1'}, {value: FR, start: 1, end: 2, to: FRA}, "
        "{value: UK, to: GBR}, {value: '', to: _N}, {regex: '9+', to: _U, because: no answer}]}"
    )
    path = written(tmp_path, rule)
    values = ["KEN-1", "FR75", "UK", None, "999", "XXX-1", "?"]
    run = ms.harmonize(pl.DataFrame({"SEX": ["M"] * 7, "BPL": values}), path)
    (no_code, strange) = run.coverage.unmapped

    assert () == ms.check(path)
    assert ["KEN", "FRA", "GBR", "_N", "_U"] == run.records["COUNTRY_BIRTH"].to_list()
    assert ["XXX-1", "?"] == run.rejects["BPL"].to_list()
    assert {("XXX-1",), ("?",)} == {no_code.values, strange.values}
    assert "what fits /9+/ becomes unknown (_U)" in ms.explain(path)


def test_of_several_columns_each_line_has_a_value_for_every_one(tmp_path):
    rule = (
        "{from: [A, B], patterns: [{A: 'x', B: {regex: '1.'}, to: KEN}, {A: {regex: '.*'}, B: {regex: '.*'}, to: _U}]}"
    )
    run = ms.harmonize(
        pl.DataFrame({"SEX": ["M"] * 3, "A": ["x", "x", None], "B": ["12", "2", "12"]}), written(tmp_path, rule)
    )

    assert ["KEN", "_U", "_U"] == run.records["COUNTRY_BIRTH"].to_list()


WRONG = [
    ("{from: A, patterns: X}", "patterns is 'X', not a list of lines", "write it as a list: "),
    ("{from: A, patterns: [{to: KEN}]}", "the line has neither a value nor a regex, or both", "write value: EL"),
    (
        "{from: A, patterns: [{value: x, regex: y, to: KEN}]}",
        "the line has neither a value nor a regex, or both",
        "write",
    ),
    ("{from: A, patterns: [{value: x}]}", "'a pattern' has no code", "write the code"),
    ("{from: A, patterns: [{value: x, start: 0, to: KEN}]}", "start: 0 is not a whole number it can take", "write"),
    ("{from: A, patterns: [{value: x, start: 3, end: 2, to: KEN}]}", "end: 2 comes before start: 3", "count from 1"),
    ("{from: [A, B], patterns: [{A: x, to: KEN}]}", "the line has no value for B", "write B: {regex: '.*'}"),
    ("{from: A, patterns: [{value: x, to: KENYA}]}", "CL_COUNTRY_BIRTH has no code 'KENYA'", "write KEN (Kenya)"),
    ("{from: A, patterns: [{regex: '(', to: KEN}]}", "the expression '(' cannot be used: unclosed group", "write it"),
]


@pytest.mark.parametrize(("rule", "what", "mend"), WRONG, ids=[what for _, what, _ in WRONG])
def test_what_is_wrong_is_told(tmp_path, rule, what, mend):
    path = written(tmp_path, rule)
    try:
        found = ms.check(path)
    except MigstatError as error:
        found = error.findings

    assert (what, True) in [(one.what, one.mend.startswith(mend)) for one in found]
