"""Migration recodes of a hundred labour force surveys: each step said in our language, giving the same codes."""

import csv
import importlib.util
import json
import random
import shutil
import sys
from functools import cache
from pathlib import Path

import pytest

import migstat as ms

HERE = Path(__file__).parent / "gld_migration"
CASE = HERE.parent.parent.parent / "shared" / "cases" / "gld_migration"
ROWS = 400
CODED = {
    "migrated": {"0", "1"},
    "origin_urban": {"0", "1"},
    "origin_level": {*"1234567"},
    "reason": {*"12345"},
}
REFUSED = "no code of the component"
NUMBERS = {"years_since_move", "module_min_age", "reference_years"}
NEEDS = {
    "text_to_number": "number(x)",
    "number_to_text": "text(x)",
    "aggregate_or_concatenate": "concat(x, y)",
    "join_with_code_table": "a column made by a recode table",
    "value_label_as_text": "a recode table: from the value to its label",
    "expression_not_shown": "the case does not tell what the step is",
    "aggregate": "a code table that the program gathers from the data: made beforehand, as a file",
    "build_code_table": "a code table that the program gathers from the data: made beforehand, as a file",
}
"""How each step that the case does not show is said, or why it is not one of a mapping."""


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


reading, translate = loaded("reading"), loaded("translate")


@cache
def surveys():
    if not CASE.is_dir():
        return {}
    return {one["id"]: one for one in json.loads((CASE / "surveys.json").read_text(encoding="utf-8"))}


def translated(survey):
    return translate.Translation(survey, reading.types_of(survey)).text()


def literals(survey, types):
    """The values that each column is compared with; columns that are compared with each other share theirs."""
    found, alike = {}, {}
    for _, step in reading.steps_of(survey):
        if "recode" in step:
            raws = {end for codes in step["codes"].values() for raw in codes for end in raw.split("..")} - {"missing"}
            found.setdefault(step["recode"], set()).update(raws)
        for one in reading.parts([step.get("set"), step.get("when")]):
            columns = [part["column"] for part in reading.parts(one) if "column" in part]
            values = [str(given) for given in written(one)]
            compared = {*translate.ORDER, *translate.JUDGED[:4], "matches"}
            for column in columns if compared & {*one} else ():
                found.setdefault(column, set()).update(values)
                alike.setdefault(column, set()).update(columns)
        if set(step.get("set") if isinstance(step.get("set"), dict) else ()) == {"column"}:
            name = step.get("working_column", step["set"]["column"])
            alike.setdefault(name, set()).update({step["set"]["column"], name, _})
            alike.setdefault(_, set()).add(step["set"]["column"])
            alike.setdefault(step["set"]["column"], set()).update({name, _})
    for _ in range(3):
        for column, others in alike.items():
            for other in others:
                found.setdefault(column, set()).update(found.get(other, ()))
                found.setdefault(other, set()).update(found.get(column, ()))
    return {column: values for column, values in found.items() if values}


def written(expression):
    if isinstance(expression, dict):
        if "text" in expression:
            yield expression["text"]
        for name, given in expression.items():
            if name not in ("column", "text", "missing"):
                yield from written(given)
    elif isinstance(expression, list):
        for one in expression:
            yield from written(one)
    elif isinstance(expression, int | float | str) and not isinstance(expression, bool):
        yield expression


def rows_of(survey, types, count):
    """Made-up rows, most of them of people who moved, and what the steps make of them.

    Their values are those that the steps name, their neighbours, others, and blanks.
    """
    chance = random.Random(survey["id"])
    known = literals(survey, types)
    columns = [name for name in survey["raw_columns"] if not name.startswith("=")]
    pools = {}
    for name in columns:
        named = sorted(known.get(name, ()))
        if types.get(name) == "text":
            more = ["1", "12", "121", "1234", "21", "1 - Norte", "12 - Sur", "x", "Švajcarska", "07"]
            pools[name] = [*named, *named, *more, None]
        else:
            numbers = sorted({int(float(value)) for value in named if value.replace(".", "").isdigit()})
            beside = [value + step for value in numbers for step in (-1, 1) if value + step >= 0]
            pools[name] = [*map(str, numbers * 6), *map(str, beside), *"123", "17", "2016", None]
        if not named:
            pools[name] = [*"0123456789", "12", "30", "99", "1234", "2015", None]
    found = []
    for tried in range(8 * count):
        filled = chance.choice([0.7, 0.9, 1.0])
        row = {name: chance.choice(pools[name]) if chance.random() < filled else None for name in columns}
        expected = expected_of(survey, types, row)
        if expected["migrated"] == 1.0 or tried % 8 == 0:
            found.append((row, expected))
        if len(found) == count:
            break
    return found


def expected_of(survey, types, row):
    found = reading.Reading(survey, types, row).vars
    return {name: found[f"={name}"] for name in survey["variables"]}


def told(name, value):
    """A value of the reading as a record has it; None where it is missing, and REFUSED where it is no code."""
    if value is None:
        return None
    if name in NUMBERS:
        return reading.number(value)
    text = reading.text(value)
    if name == "origin_country":
        text = translate.GROUPS.get(text, text)
        return text if text in ms.codelist("CL_COUNTRY_BIRTH") else REFUSED
    return text if name not in CODED or text in CODED[name] else REFUSED


def had(record, name):
    value = record[name.upper()]
    return None if value is None or ((isinstance(value, str) and value.startswith("_")) and value != "_O") else value


def same(one, other):
    numbers = isinstance(one, float) and isinstance(other, float | int)
    return abs(one - other) <= 1e-9 if numbers else one == other


def run(survey, folder, rows, constructor=None):
    shutil.copytree(HERE / "structures", folder / "structures", dirs_exist_ok=True)
    path = folder / "mapping.yaml"
    path.write_text(translated(survey), encoding="utf-8")
    import polars as pl

    columns = {"row": [str(number) for number in range(len(rows))]}
    columns |= {name: [row[name] for row in rows] for name in rows[0]}
    frame = constructor(columns) if constructor else pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return ms.harmonize(frame, path)


@pytest.mark.parametrize("id", surveys())
def test_a_survey_said_in_our_language_gives_the_same_codes(id, tmp_path):
    survey = surveys()[id]
    types = reading.types_of(survey)
    rows, expected = zip(*rows_of(survey, types, ROWS), strict=True)
    found = run(survey, tmp_path, rows)
    said = [{name: told(name, value) for name, value in one.items()} for one in expected]
    refused = {number for number, one in enumerate(said) if REFUSED in one.values()}

    kept = [number for number in range(len(rows)) if number not in refused]
    assert refused == {int(row) for row in found.rejects["row"]}
    records = found.records.to_dicts()
    actual = [{name: had(record, name) for name in survey["variables"]} for record in records]
    for number, one in zip(kept, actual, strict=True):
        different = {name: (said[number][name], one[name]) for name in one if not same(said[number][name], one[name])}
        assert {} == different, (number, rows[number])


@pytest.mark.parametrize("id", ["ETH_2021_LFS", "GEO_2017_LFS"])
def test_every_engine_gives_the_same_codes(id, tmp_path, constructor):
    if id not in surveys():
        pytest.skip("needs ../shared/cases")
    if constructor.engine == "pyspark":
        pytest.skip("takes half a minute there; columns made first are tried on Spark in test_made_columns.py")
    survey = surveys()[id]
    rows, expected = zip(*rows_of(survey, reading.types_of(survey), 40), strict=True)
    said = [{name: told(name, value) for name, value in one.items()} for one in expected]

    found = run(survey, tmp_path, rows, constructor)

    columns = [name for name in survey["variables"] if name.upper() in constructor.rows(found.records)[0]]
    kept = [one for one in said if REFUSED not in one.values()]
    actual = [{name: had(record, name) for name in columns} for record in constructor.rows(found.records)]
    assert told_in_order(kept, columns) == told_in_order(actual, columns)


def told_in_order(rows, columns):
    """Rows as text, in an order of their own: not every engine keeps that of the source."""
    return sorted(str([f"{one:.9g}" if isinstance(one := row[name], float | int) else one for name in columns])
                  for row in rows)  # fmt: skip


def test_no_step_is_left_unsaid(shared):
    with (shared / "cases" / "gld_migration" / "index.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    needed = {need for row in rows for need in row["needs"].split()}

    assert set(NEEDS) == needed
    assert (101, 54) == (len(rows), sum(not row["needs"] for row in rows))
    assert sorted(row["id"] for row in rows) == sorted(surveys())
